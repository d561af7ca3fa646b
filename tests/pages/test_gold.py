"""The scores of a folder of others' pages, on two pages of ours."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from benchmarks.extraction import f1, main
from benchmarks.extraction_gold import (
    Phrases,
    _is_day,
    golds,
    harmonic,
    interval,
    is_held_back,
    precision,
    recall,
    tables,
)

PARAGRAPHS = [
    "Warga Muara Pantai menanam dua ribu bibit bakau di tepi teluk sejak Senin pagi bersama para pelajar.",
    "Ketua kelompok mengatakan bibit itu tumbuh dari buah yang dikumpulkan nelayan selama tiga bulan.",
    "Penanaman berikutnya dijadwalkan pada awal tahun depan setelah air pasang tertinggi lewat.",
]
PAGE = (
    "<html><head><title>Warga Muara Pantai Menanam Dua Ribu Bakau</title>"
    "<meta property='og:type' content='article'>"
    "<meta property='article:published_time' content='2024-11-18T09:12:40+08:00'></head>"
    "<body><nav><a href='/'>Beranda Kabar Teluk</a></nav><article><h1>Warga Muara Pantai Menanam Dua Ribu Bakau</h1>"
    + "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    + "</article></body></html>"
)
URL = "https://kabarteluk.example/bakau"
SEGMENTS: dict[str, Any] = {
    "with": ["dua ribu bibit bakau", "tidak ada di sini"],
    "without": ["Beranda Kabar Teluk"],
    "date": "2024-11-18",
}
ARTICLE: dict[str, Any] = {
    "golds": [
        {"standfirst": [], "body": ["Versi lain yang sama sekali berbeda dari cerita itu."], "title": "Lain"},
        {
            "standfirst": [],
            "body": PARAGRAPHS,
            "title": "Warga Muara Pantai Menanam Dua Ribu Bakau",
            "published": "2024-11-18T01:12:40Z",
        },
    ]
}


def _names(*, held_back: bool) -> list[str]:
    return [name for name in map("halaman-{}".format, range(40)) if is_held_back(name) == held_back][:2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pages of each part, one of each set."""
    lines: list[dict[str, Any]] = []
    for names in (_names(held_back=False), _names(held_back=True)):
        for name, kind, right in zip(names, ("segments", "articles"), (SEGMENTS, ARTICLE), strict=True):
            (tmp_path / f"{name}.html.gz").write_bytes(gzip.compress(PAGE.encode()))
            lines.append({"id": name, "set": kind, "url": URL, **right})
    (tmp_path / "gold.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("held_back", [False, True])
def test_a_folder_of_gold_is_scored_reader_by_reader(folder: Path, held_back: bool) -> None:
    """Phrases over all pages, texts page by page, each with its interval; the part is named."""
    rows = tables(folder, f1, held_back=held_back).splitlines()
    assert ("held back" in rows[0]) is held_back
    ours = [row for row in rows if row.startswith("| Kabar, without rules |")]
    assert ours[0].split(" | ")[1:] == [
        *("1.0000 (1.000 to 1.000)", "0.5000 (0.500 to 0.500)", "0.6667 (0.667 to 0.667)"),
        *("1 of 1", "0 |"),
    ]
    assert ours[1].split(" | ")[1:] == [*["1.0000 (1.000 to 1.000)"] * 2, "1 of 1", "1 of 1", "0 |"]
    assert sum(row.startswith("| trafilatura |") for row in rows) == 2


def test_the_held_back_fifth_and_the_rest_share_no_page(folder: Path) -> None:
    """By the id, so that a page that is added moves no other."""
    parts = [{gold["id"] for gold in golds(folder, held_back=part)} for part in (False, True)]
    assert parts == [set(_names(held_back=False)), set(_names(held_back=True))]


def test_phrases_are_counted_over_all_pages_together() -> None:
    """A page with many phrases weighs more; a text without any has no precision."""
    pages = [Phrases(3, 1, 1), Phrases(0, 4, 0)]
    assert (precision(pages), recall(pages)) == (0.75, 0.375)
    assert harmonic(pages) == 0.5
    assert harmonic([Phrases(0, 1, 0)]) == 0.0


def test_an_interval_holds_its_figure_and_is_the_same_every_time() -> None:
    """The seed is fixed."""
    pages = [Phrases(3, at % 3, at % 2) for at in range(30)]
    low, high = interval(pages, harmonic)
    assert low < harmonic(pages) < high
    assert interval(pages, harmonic) == (low, high)


def test_a_folder_without_gold_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is measured."""
    assert main(["--gold", str(tmp_path)]) == 2
    assert "gold.jsonl" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("written", "is_day"),
    [
        ("2024-11-01", True),
        ("2024-11-1", True),
        ("2024-1-11", False),
        ("2024-31-11", False),
        ("kemarin", False),
    ],
)
def test_a_day_of_gold_is_read_as_others_write_it(written: str, is_day: bool) -> None:
    """A day that there is not is nobody's."""
    assert _is_day(written, date(2024, 11, 1)) is is_day
    assert not _is_day(written, None)
