"""Freezing: a case made of an archived page holds the page as it was and reads the same again."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks import extraction
from crawler.testing.case import load, reading
from crawler.testing.freeze import CannotFreeze, freeze
from pipelines.article import Article, Link, Page
from pipelines.read import read
from storage.archive import SegmentWriter
from tests.kit.running import CHECKOUT
from tests.pages.cases import PAGES
from tests.pages.freeze import archived, main

FETCHED_AT = datetime(2024, 11, 20, 2, tzinfo=UTC)
ADDRESS = "https://expresi.co/simulasi-di-berbas-pantai-kursi-roda-kini-muat-di-bilik-suara/"
RECORDED = (
    PAGES.parent
    / "fixtures/sites/expresi.co/simulasi-di-berbas-pantai-kursi-roda-kini-muat-di-bilik-suara/index.html"
)


def page(body: bytes = b"", **more: object) -> Page:
    values = {
        "url": ADDRESS,
        "source": "expresi",
        "fetched_at": FETCHED_AT,
        "status": 200,
        "headers": (("Content-Type", "text/html; charset=UTF-8"),),
        "body": body or RECORDED.read_bytes(),
        "link": Link(url=ADDRESS, source="expresi", entry="rss", published="Mon, 18 Nov 2024 01:00:00 +0000"),
    }
    return Page(**{**values, **more})  # type: ignore[arg-type]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data dir whose archive holds the page twice, the later time with a further part, and another page."""
    writer = SegmentWriter(tmp_path / "data" / "segments", "expresi", FETCHED_AT)
    writer.append(page(fetched_at=datetime(2024, 11, 19, 2, tzinfo=UTC)))
    writer.append(page(parts=(page(b"<html><p>Bagian dua.</p></html>", url=f"{ADDRESS}2/", link=None),)))
    writer.append(page(b"<html><p>Lain.</p></html>", url="https://expresi.co/lain/"))
    writer.close()
    return tmp_path / "data"


def test_the_newest_archived_page_of_an_address_is_frozen_with_all_that_reading_needs(
    data_dir: Path, tmp_path: Path
) -> None:
    """Body, clock, source, hint of discovery and further parts come back out of the case as they went in."""
    kept = archived(data_dir, ADDRESS + "?utm_source=feed")
    freeze(kept, "expresi/simulasi", tmp_path)
    again = load("expresi/simulasi", tmp_path).page
    assert (again.body, again.fetched_at, again.source) == (kept.body, FETCHED_AT, "expresi")
    assert again.link == kept.link
    assert [(part.url, part.body) for part in again.parts] == [(p.url, p.body) for p in kept.parts]


def test_the_expectation_is_todays_reading(tmp_path: Path) -> None:
    """A case just frozen passes: every field is what the chain reads in the page."""
    freeze(page(), "expresi/simulasi", tmp_path)
    case = load("expresi/simulasi", tmp_path)
    (found,) = read(page(), case.rules)
    assert isinstance(found, Article)
    assert reading("expresi/simulasi", tmp_path) == found
    assert case.wanted("title") == found.title
    assert case.wanted("text") == tuple(found.text.split("\n"))
    assert case.wanted("published_at") == found.published_at


def test_a_refusal_is_frozen_by_its_reason(tmp_path: Path) -> None:
    """A page that is no article becomes a case too, and states nothing else."""
    freeze(page(b"<html><body><p>Kosong.</p></body></html>"), "expresi/kosong", tmp_path)
    assert load("expresi/kosong", tmp_path).expected == {"rejected": "not_an_article"}


def test_a_case_is_never_overwritten(tmp_path: Path) -> None:
    """What a hand has corrected stays until somebody says `--again`."""
    freeze(page(), "expresi/simulasi", tmp_path)
    with pytest.raises(CannotFreeze, match="exists"):
        freeze(page(), "expresi/simulasi", tmp_path)


def posts(*names: str) -> bytes:
    """A REST answer with these posts."""
    text = f"<p>{'Nelayan di Kampung Baru melaut lagi setelah gelombang reda sejak pagi. ' * 4}</p>"
    return json.dumps(
        [
            {
                "id": number,
                "link": f"https://expresi.co/{name}/",
                "date_gmt": "2024-11-18T01:00:00",
                "title": {"rendered": name},
                "content": {"rendered": text},
            }
            for number, name in enumerate(names, 1)
        ]
    ).encode()


def test_of_a_rest_answer_the_case_holds_the_one_post(tmp_path: Path) -> None:
    """The answer is the page of a hundred articles; the case is one of them, and reads."""
    collection = "https://expresi.co/wp-json/wp/v2/posts?per_page=100"
    kinds = (("Content-Type", "application/json"),)
    answer = page(posts("satu", "dua", "tiga"), url=collection, document="rest", headers=kinds, link=None)
    writer = SegmentWriter(tmp_path / "data" / "segments", "expresi", FETCHED_AT)
    writer.append(replace(answer, take=("1", "2")))
    writer.close()
    command = ["--segment", str(tmp_path / "data"), "https://expresi.co/dua/", "expresi/dua"]
    assert main(["--pages", str(tmp_path / "kasus"), *command]) == 0
    found = reading("expresi/dua", tmp_path / "kasus")
    assert isinstance(found, Article)
    assert (found.title, found.url, found.source) == ("dua", "https://expresi.co/dua/", "expresi")
    assert [post["id"] for post in json.loads(load("expresi/dua", tmp_path / "kasus").page.body)] == [2]


def test_what_holds_several_articles_leaves_no_folder_behind(tmp_path: Path) -> None:
    """A case is one article; a failure leaves nothing half made."""
    with pytest.raises(CannotFreeze, match="one article"):
        freeze(page(posts("satu", "dua"), document="rest"), "expresi/dua", tmp_path)
    assert not (tmp_path / "expresi" / "dua").exists()


def test_a_page_of_a_users_own_source_is_read_by_its_rules(tmp_path: Path) -> None:
    """The source file comes along into the folder of cases, and the benchmark scores it there."""
    own, cases = tmp_path / "sources", tmp_path / "kasus"
    own.mkdir()
    (own / "warta_kita.toml").write_text(
        "title = 'Warta Kita'\nhome = 'https://warta.example/'\ntimezone = 'Asia/Makassar'\nplatform = 'generic'\n"
        "[[entry]]\nkind = 'rss'\nurl = '/feed/'\n[[rules]]\nbody = '.kisah'\n",
        "utf-8",
    )
    saved = tmp_path / "halaman.html"
    story = "Nelayan di Kampung Baru melaut lagi setelah gelombang reda sejak Senin pagi, kata ketua mereka."
    saved.write_text(
        "<html><head><meta property='og:type' content='article'></head><body><h1>Nelayan Melaut Lagi</h1>"
        f"<p>{'Ini bukan isi berita sama sekali, melainkan tempelan. ' * 9}</p><div class='kisah'>{story}</div></body></html>",
        "utf-8",
    )
    how = [
        "--pages",
        str(cases),
        "--sources",
        str(own),
        "--page",
        str(saved),
        "https://warta.example/nelayan",
    ]
    assert main([*how, "warta_kita/nelayan"]) == 0
    case = load("warta_kita/nelayan", cases)
    assert case.rules.body == ".kisah"
    assert case.wanted("text") == (story,)
    assert "1 articles" in extraction.table(cases)


@pytest.mark.parametrize("folder", ["", "tidak-ada"])
def test_a_folder_without_cases_is_named_in_one_line(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what a case is."""
    assert extraction.main(["--pages", str(tmp_path / folder)]) == 2
    (line,) = capsys.readouterr().out.splitlines()
    assert "SOURCE/CASE" in line


def test_a_users_folder_of_cases_is_checked_by_the_rules_of_today(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole folders or one case; what differs is told by its field, and the user's own file is read anew."""
    own, cases = tmp_path / "sources", tmp_path / "kasus"
    own.mkdir()
    file = own / "expresi.toml"
    told = (PAGES.parents[1] / "crawler/sources/expresi.toml").read_text("utf-8")
    file.write_text(told, "utf-8")
    freeze(page(), "expresi/simulasi", cases, [own])
    arguments = ["--check", "--pages", str(cases), "--sources", str(own)]
    assert main(arguments) == 0
    assert capsys.readouterr().out == "1 cases, 0 differences\n"
    file.write_text(f"{told}\n[[rules]]\nremove = ['p:first-of-type']\n", "utf-8")
    assert main([*arguments, "expresi/simulasi"]) == 1
    assert "expresi/simulasi: text\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--check", "--pages", "/nowhere"],
        ["--check", "expresi/tidak-ada"],
        ["--again", "expresi/tidak-ada"],
        ["--segment", "/nowhere", "https://expresi.co/x/", "expresi/x"],
        ["--page", "/nowhere.html", "https://expresi.co/x/", "expresi/x"],
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, one line, nothing written."""
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (PAGES / arguments[-1]).exists()


@pytest.mark.parametrize(
    "article",
    [
        "https://expresi.co/a?b=$(touch was-here)",
        "https://expresi.co/$(shell touch was-here)",
        "https://expresi.co/`touch was-here`",
        "https://expresi.co/';touch was-here;'",
        'https://expresi.co/";touch was-here;"',
        "https://expresi.co/a&&touch was-here",
        "https://expresi.co/a,b)(c #d $$HOME %s {0}",
    ],
)
def test_what_is_given_to_make_reaches_the_command_as_it_is(tmp_path: Path, article: str) -> None:
    """An address is a word, neither the shell's nor make's."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    python.chmod(0o755)
    for done in ("installed", "installed-dev"):
        (tmp_path / done).touch()
    given = {"DATA_DIR": "o'brien; --", "ARTICLE": article, "CASE": "expresi/$(id)"}
    found = subprocess.run(
        [
            "make",
            "-s",
            "freeze",
            f"VENV={tmp_path}",
            f"BIN={tmp_path}",
            *(f"{k}={v}" for k, v in given.items()),
        ],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout.splitlines() == ["-m", "tests.pages.freeze", "--segment", *given.values()], (
        found.stderr
    )
    assert not (CHECKOUT / "was-here").exists()
