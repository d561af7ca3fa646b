"""`scrapy search`: what it prints, and what it refuses."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from storage.batch import Batch
from storage.data_dir import DataDir
from storage.merge import merge
from storage.store import open_store
from tests.kit.factories import MORNING, article
from tests.kit.running import Done, command, together

TITLE = "Nelayan Dukung\r\nER  - \r\nTY  - BOOK \x1b[31mmerah, =1+1"
STORY = "Nelayan Bontang mendukung pembangunan dermaga kayu di muara, kata Hamzah pada rapat kemarin."


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two articles, one with a title that wants to be more."""
    found = DataDir(tmp_path_factory.mktemp("search") / "data")
    hostile = replace(
        article("https://expresi.co/satu/", STORY, source="expresi", title=TITLE, published=MORNING),
        authors=("Ani", "Budi\nCitra"),
        dateline="Bontang",
        tags=("dermaga",),
        language="id",
    )
    other = article(
        "https://lain.example/dua/", "Dukungan warga untuk pasar.", source="lain", title=None, at=MORNING
    )
    with open_store(found, 5) as store:
        merge(store, Batch(None, (hostile, other)))
    return found.root


@pytest.fixture(scope="module")
def answers(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """Every question of these tests, asked once."""
    empty = DataDir(tmp_path_factory.mktemp("empty") / "data")
    with open_store(empty, 5):
        pass
    asked = {
        "table": ["dukungan"],
        "csv": ["dukungan", "--format", "csv", "--source", "expresi"],
        "json": ["dukungan nelayan", "--format", "json"],
        "ris": ["dermaga", "--format", "ris", "--place", "bontang"],
        "limit": ["dukungan", "--limit", "1", "--format", "csv"],
        "nothing": ["gubernur"],
        "no words": [],
        "quote": ['"dermaga'],
        "exclusions": ["--", "-dermaga"],
        "source": ["dermaga", "--source", "ekspresi"],
        "place": ["dermaga", "--place", "Atlantis"],
        "day": ["dermaga", "--since", "kemarin"],
        "days": ["dermaga", "--since", "2024-12-01", "--until", "2024-11-01"],
        "number": ["dermaga", "--limit", "0"],
    }
    commands = {
        name: command("search", "-s", f"DATA_DIR={data_dir}", *words) for name, words in asked.items()
    }
    commands["empty"] = command("search", "dermaga", DATA_DIR=empty.root)
    commands["unpublished"] = command("search", "dermaga", DATA_DIR=empty.root.parent / "none")
    return together(commands)


def test_off_a_terminal_an_article_is_a_line(answers: dict[str, Done]) -> None:
    """Whatever its title holds."""
    lines = answers["table"].succeeded().out.splitlines()
    assert lines[0].split("\t") == [
        "article_id",
        "source",
        "published_at",
        "title",
        "url",
        "score",
        "snippet",
    ]
    assert len(lines) == 3 and "\x1b" not in answers["table"].out


def test_machine_formats_have_the_columns_of_the_macro(answers: dict[str, Done]) -> None:
    """CSV and JSON of one question agree."""
    [row] = csv.DictReader(StringIO(answers["csv"].succeeded().out))
    [found] = json.loads(answers["json"].succeeded().out)
    assert row["url"] == found["url"] == "https://expresi.co/satu/"
    assert found["title"] == TITLE and "mendukung" in found["snippet"]
    assert len(answers["limit"].succeeded().out.splitlines()) == 2


def test_a_reference_is_one_whatever_its_title_says(answers: dict[str, Done]) -> None:
    """Every value on its line, CR LF at the end, and one end of record."""
    out = answers["ris"].succeeded().out
    lines = out.split("\r\n")
    assert "\n" not in out.replace("\r\n", "") and "\x1b" not in out
    assert lines[0] == "TY  - NEWS" and [line for line in lines if line.startswith(("TY", "ER"))] == [
        "TY  - NEWS",
        "ER  - ",
    ]
    assert {"AU  - Ani", "AU  - Budi Citra", "DA  - 2024/11/20/", "PY  - 2024", "UR  - https://expresi.co/satu/",
            "CY  - Bontang", "KW  - dermaga", "LA  - id", "DB  - Kabar"} <= set(lines)  # fmt: skip


def test_nothing_found_is_said(answers: dict[str, Done]) -> None:
    """On stderr; stdout has the head of an empty table."""
    assert answers["nothing"].code == 0
    assert "no article has that" in answers["nothing"].err


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no words", "takes words"),
        ("quote", "not closed"),
        ("exclusions", "only words to leave out"),
        ("source", "expresi"),
        ("place", "Atlantis"),
        ("day", "not a day such as"),
        ("days", "is after"),
        ("number", "at least 1"),
        ("empty", "no article yet"),
        ("unpublished", "nothing is published yet"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(answers: dict[str, Done], name: str, words: str) -> None:
    """With what is wrong."""
    answers[name].refused(2, words)
