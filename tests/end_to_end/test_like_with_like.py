"""The outlet edits, and our rules change, between two crawls: each is said for what it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.end_to_end.test_loopback_crawl import write_source
from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import article_page, edited, feed, now, posts, serve_pages
from tests.kit.running import CHECKOUT, Done, rows, scrapy

JUNK = "Ikuti terus kabar pesisir lewat saluran Warta Teluk."
CORRECTION = "Redaksi meralat jumlah peserta yang disebut sebelumnya."


def crawl(server: Loopback, folder: Path, *more: str, code: Path = CHECKOUT) -> Done:
    return scrapy(
        "crawl",
        "warta_teluk",
        *more,
        cwd=code,
        SOURCE_DIRS=folder / "sources",
        DATA_DIR=folder / "data",
        ALLOW_PRIVATE_HOSTS=server.host,
        DOWNLOAD_DELAY=0,
        AUTOTHROTTLE_ENABLED=False,
        READ_WORKERS=1,
        CONTACT="redaksi@contoh.example",
    )


def another_rule(server: Loopback, folder: Path) -> Path:
    """The same code; the source file has a line that leaves."""
    write_source(server, folder, ["rss"], more="")
    with (folder / "sources" / "warta_teluk.toml").open("a", encoding="utf-8") as file:
        file.write('[[rules]]\ndrop_lines = ["^Ikuti terus kabar"]\n')
    return CHECKOUT


def better_code(server: Loopback, folder: Path) -> Path:
    """The code of a Kabar to come, which knows one junk line more."""
    code = folder / "code"
    for name in ("crawler", "pipelines", "storage"):
        shutil.copytree(CHECKOUT / name, code / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "scrapy.cfg", code)
    rules = code / "pipelines" / "rules.py"
    with rules.open("a", encoding="utf-8") as file:
        file.write('\nCODE_VERSION += "+1"\n')
    junk = code / "pipelines" / "lines" / "junk.py"
    with junk.open("a", encoding="utf-8") as file:
        file.write(
            "\n_is_junk = is_junk\n\n\ndef is_junk(line: str) -> bool:\n"
            '    return line.startswith("Ikuti terus kabar") or _is_junk(line)\n'
        )
    return code


@pytest.mark.heavy
@pytest.mark.parametrize("change", [another_rule, pytest.param(better_code, marks=pytest.mark.soak)])
def test_an_edit_and_our_better_rules_are_told_apart(
    server: Loopback, tmp_path: Path, change: Callable[[Loopback, Path], Path]
) -> None:
    """Of four articles one stays, one is edited, one reads better, and one does both."""
    stays, is_edited, reads_better, both = posts(now(), step=timedelta(minutes=7), count=4)
    reads_better, both = (edited(post, JUNK, post.published) for post in (reads_better, both))
    shown = (stays, is_edited, reads_better, both)
    serve_pages(server, shown)
    server.pages["/feed/"] = Answer(feed(shown, server), content_type="application/rss+xml")
    write_source(server, tmp_path, ["rss"])
    crawl(server, tmp_path).succeeded()
    code = change(server, tmp_path)
    for post in (is_edited, both):
        server.pages[post.path] = Answer(article_page(edited(post, CORRECTION, now())))
    since = f"recheck={(now() - timedelta(days=2)).date()}"
    crawl(server, tmp_path, "-a", since, code=code).succeeded()
    found: dict[str, list[tuple[str, bool, bool]]] = {}
    for title, reason, has_junk, is_corrected in rows(
        tmp_path / "data",
        "SELECT title, version_reason, contains(text, ?), contains(text, ?)"
        " FROM article_versions ORDER BY title, version",
        JUNK,
        CORRECTION,
    ):
        found.setdefault(title, []).append((reason, has_junk, is_corrected))
    assert found == {
        stays.title: [("published", False, False)],
        is_edited.title: [("published", False, False), ("edited", False, True)],
        reads_better.title: [("published", True, False), ("reprocessed", False, False)],
        both.title: [("published", True, False), ("reprocessed", False, False), ("edited", False, True)],
    }
    crawl(server, tmp_path, "-a", since, code=code).succeeded()
    assert rows(tmp_path / "data", "SELECT count(*) FROM article_versions") == [(8,)], "and once is enough"


@pytest.mark.heavy
def test_where_the_archived_page_is_lost_no_edit_is_claimed(server: Loopback, tmp_path: Path) -> None:
    """The text is kept as one that was read by other rules, and the log says why."""
    (post,) = (edited(each, JUNK, each.published) for each in posts(now(), count=1))
    serve_pages(server, [post])
    server.pages["/feed/"] = Answer(feed([post], server), content_type="application/rss+xml")
    write_source(server, tmp_path, ["rss"])
    crawl(server, tmp_path).succeeded()
    another_rule(server, tmp_path)
    for path in (tmp_path / "data" / "segments" / "warta_teluk").glob("*.warc.gz"):
        path.unlink()
    server.pages[post.path] = Answer(article_page(edited(post, CORRECTION, now())))
    done = crawl(server, tmp_path, "-a", f"recheck={(now() - timedelta(days=2)).date()}").succeeded()
    assert "nobody can say whether the outlet has edited" in done.err
    sql = "SELECT version_reason, contains(text, ?), contains(text, ?) FROM article_versions ORDER BY version"
    assert rows(tmp_path / "data", sql, JUNK, CORRECTION) == [
        ("published", True, False),
        ("reprocessed", False, True),
    ]
