"""A layout that changed: the last page that read well, the first that did not, and what to do."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from storage.archive import SegmentWriter
from storage.data_dir import DataDir
from tests.kit.factories import MORNING, STORY, page, prose
from tests.kit.running import Done, scrapy

DAY = timedelta(days=1)
FILE = """title = "Warta Pesisir"
home = "https://wartapesisir.example/"
region = "Bontang"
province = "64"
timezone = "Asia/Makassar"
platform = "generic"
[[entry]]
kind = "rss"
url = "https://wartapesisir.example/feed/"
[[rules]]
body = "div.isi-berita"
"""


def url(number: int) -> str:
    return f"https://wartapesisir.example/berita-tentang-dermaga-nomor-{number}/"


def body(number: int, container: str, dated: bool) -> bytes:
    at = (MORNING + number * DAY).isoformat()
    date = f'<meta property="article:published_time" content="{at}">' if dated else ""
    text = "".join(f"<p>{STORY} {prose(number * 10 + n)}.</p>" for n in range(2))
    return (
        f"<html><head><title>Berita nomor {number}</title><meta property='og:type' content='article'>{date}</head>"
        f"<body><article><h1>Berita nomor {number}</h1><div class='{container}'>{text}</div></article></body></html>"
    ).encode()


def post(number: int, *, is_signed: bool) -> dict[str, object]:
    """A post as a REST interface has it, with its author or with the error that a plugin puts there."""
    author = {"name": "Siti Aminah"} if is_signed else {"code": "rest_user_cannot_view"}
    text = "".join(f"<p>{STORY} {prose(number * 10 + n)}.</p>" for n in range(2))
    return {
        "id": number,
        "date_gmt": f"2024-11-18T01:{number:02}:40",
        "link": url(number),
        "title": {"rendered": f"Berita nomor {number}"},
        "content": {"rendered": text},
        "_embedded": {"author": [author]},
    }


def doctor(folder: Path, pages: list[tuple[str, bool]]) -> Done:
    """What the doctor says of pages with these containers, dated or not, a day apart."""
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / "warta_pesisir.toml").write_text(FILE, encoding="utf-8")
    kept = DataDir(folder / "data")
    kept.create()
    for number, (container, dated) in enumerate(pages, 1):
        writer = SegmentWriter(kept.segments, "warta_pesisir", MORNING + number * DAY)
        writer.append(page(url(number), body(number, container, dated), at=MORNING + number * DAY))
        writer.close()
    return scrapy(
        "doctor", "warta_pesisir", DATA_DIR=kept.root, SOURCE_DIRS=folder / "sources", READ_WORKERS=1
    )


def test_a_container_that_stops_matching_is_shown_between_two_pages(tmp_path: Path) -> None:
    """The rule is named, and the lines that freeze the page and keep the old rules for old pages."""
    done = doctor(tmp_path, [("isi-berita", True)] * 4 + [("konten-baru", True)] * 3)
    assert done.code == 1, done.err
    assert "warta_pesisir: 7 pages read again" in done.out
    assert "container: missing in the newest 3 pages" in done.out
    assert "body = 'div.isi-berita'" in done.out
    worked, broke = done.out.index(url(4)), done.out.index(url(5))
    assert worked < broke
    assert f"ARTICLE={url(5)}" in done.out
    assert f"valid_until = {(MORNING + 4 * DAY).date()}" in done.out
    own = [line for line in done.out.splitlines() if "/" not in line]
    assert max(map(len, own)) <= 80


def test_posts_of_a_rest_interface_are_looked_at(tmp_path: Path) -> None:
    """A site whose plugin hides its authors since: the first post without one is shown, and no selector is blamed."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "warta_pesisir.toml").write_text(FILE, encoding="utf-8")
    kept = DataDir(tmp_path / "data")
    kept.create()
    for number in range(3):
        posts = [post(10 * number + each, is_signed=number == 0) for each in (3, 2, 1)]
        answer = page(
            "https://wartapesisir.example/wp-json/wp/v2/posts",
            json.dumps(posts).encode(),
            document="rest",
            at=MORNING + number * DAY,
        )
        writer = SegmentWriter(kept.segments, "warta_pesisir", MORNING + number * DAY)
        writer.append(answer)
        writer.close()
    done = scrapy(
        "doctor", "warta_pesisir", DATA_DIR=kept.root, SOURCE_DIRS=tmp_path / "sources", READ_WORKERS=1
    )
    assert done.code == 1, done.err
    assert "9 pages read again" in done.out
    assert "authors: missing in the newest 6 pages" in done.out
    assert "the posts of its REST interface" in done.out
    assert done.out.index(url(3)) < done.out.index(url(11))


def test_a_fact_that_falls_out_is_named(tmp_path: Path) -> None:
    """The text is read as ever, and no page has a date any more."""
    done = doctor(tmp_path, [("isi-berita", True)] * 4 + [("isi-berita", False)] * 3)
    assert done.code == 1
    assert "published_at: missing in the newest 3 pages" in done.out
    assert "container" not in done.out and "valid_until" not in done.out


@pytest.mark.parametrize("odd", [0, 1, 2])
def test_an_odd_page_is_no_layout(tmp_path: Path, odd: int) -> None:
    """Fewer than three pages in a row may be a gallery or a live report."""
    done = doctor(tmp_path, [("isi-berita", True)] * 4 + [("konten-baru", True)] * odd)
    assert (done.code, done.out.splitlines()[-1]) == (0, "nothing fell out")


def test_wrong_use_is_one_line(tmp_path: Path) -> None:
    """An unknown source, two of them, and a repair of one are refused."""
    data = tmp_path / "data"
    scrapy("doctor", "expresy", DATA_DIR=data).refused(2, "expresy")
    scrapy("doctor", "expresi", "chanetujuh", DATA_DIR=data).refused(2, "one SOURCE")
    scrapy("doctor", "expresi", "--mend", DATA_DIR=data).refused(2, "one SOURCE")
    assert "no page of an article" in scrapy("doctor", "expresi", DATA_DIR=data).succeeded().out
    assert not data.exists()
