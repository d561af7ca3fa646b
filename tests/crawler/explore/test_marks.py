"""What stands out in a text, what of two texts differs, and how values are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.explore.differences import MOST_PIECES, Pair, Same, side_by_side
from crawler.explore.marks import LENGTH, Names, Part, extract, words_marked
from crawler.explore.shown import cut, lines, outward
from crawler.web.shown import Shown


def test_words_stand_out_in_any_case_and_with_accents() -> None:
    """As they were found."""
    assert words_marked("Kafé di Bontang", {"kafe", "bontang"}) == [
        Part("Kafé", "word"),
        Part(" di "),
        Part("Bontang", "word"),
    ]
    assert words_marked("Tidak ada", set()) == [Part("Tidak ada")]


def test_an_extract_shows_the_word() -> None:
    """Wherever it stands, also in an endless word; without it, the beginning."""
    text = "kata " * 200 + "dermaga " + "lain " * 200
    shown = extract(text, {"dermaga"})
    assert "dermaga" in shown and shown.startswith("… ") and shown.endswith(" …")
    assert len(shown) <= LENGTH + 4 and extract(text, set()).startswith("kata kata")
    assert len(extract("x" * 100_000 + " dermaga", {"dermaga"})) < 2 * LENGTH


NAMES = Names(
    [
        {"actor_id": "rudy", "name": "Rudy Mas'ud", "spellings": ["Rudy"]},
        {"actor_id": "pan", "name": "PAN", "spellings": []},
    ],
    [{"place_id": "64.74", "name": "Bontang"}],
)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("rudy mas’ud tiba di Bontang", [("rudy mas’ud", "rudy"), ("Bontang", "64.74")]),
        ("Rudy Mas'ud dan Rudy", [("Rudy Mas'ud", "rudy"), ("Rudy", "rudy")]),
        ("PAN, bukan pan", [("PAN", "pan")]),
        ("bontang dan Bontangan", []),
        ("", []),
    ],
)
def test_names_stand_out_as_they_are_counted(line: str, named: list[tuple[str, str]]) -> None:
    """Of overlapping ones the longest; one word as it is written; the line itself stays as it is."""
    parts = NAMES.marked(line)
    assert [(part.text, part.id) for part in parts if part.kind] == named
    assert "".join(part.text for part in parts) == line


@given(st.text(alphabet="ab c\n", max_size=60), st.text(alphabet="ab c\n", max_size=60))
def test_nothing_of_two_texts_is_lost(before: str, after: str) -> None:
    """Their own paragraphs are shown whole, the others counted, and what only one has is marked."""
    rows = side_by_side(before, after)
    same = sum(row.number for row in rows if isinstance(row, Same))
    pairs = [row for row in rows if isinstance(row, Pair)]
    for text, own in ((before, [row.before for row in pairs]), (after, [row.after for row in pairs])):
        shown = ["".join(piece.text for piece in each) for each in own if each is not None]
        paragraphs = text.split("\n")
        assert len(shown) + same == len(paragraphs) and all(each in paragraphs for each in shown)
    assert not pairs or before != after


def test_endless_paragraphs_are_not_compared_word_by_word() -> None:
    """All of them counts as changed."""
    long = "kata " * MOST_PIECES
    (row,) = side_by_side(long, f"{long}lagi")
    assert isinstance(row, Pair) and row.before is not None and [each.is_own for each in row.before] == [True]


AT = datetime(2024, 11, 20, 8, 48, tzinfo=UTC)


def test_values_are_written_in_each_language() -> None:
    """Numbers, instants in the outlet's zone, spans and shares."""
    indonesian, english = Shown("id"), Shown("en")
    assert (indonesian.number(12345), english.number(12345), english.number(None)) == (
        "12.345",
        "12,345",
        "–",
    )
    assert indonesian.instant(AT, "Asia/Makassar") == "20 Nov 2024 16.48 WITA"
    assert english.instant(AT, "Mars/Phobos") == "20 Nov 2024 08:48 UTC"
    assert indonesian.day(date(2024, 8, 20)) == "20 Agu 2024" and english.day(None) == "–"
    assert indonesian.duration(timedelta(days=3)) == "3,0 hari" and english.duration(-5400.0) == "−90 min"
    assert english.duration(timedelta(hours=2.5)) == "2.5 h" and english.duration(None) == "–"
    assert [english.share(value) for value in (None, 0, 0.001, 0.5, 0.999, 1)] == ["–", "0%", "< 1%", "50%", "> 99%", "100%"]  # fmt: skip


def test_only_the_web_is_linked_to() -> None:
    """No script, no file, no address of another kind."""
    assert outward("HTTPS://a.example/") == "HTTPS://a.example/"
    assert [outward(url) for url in (None, "javascript:alert(1)", "data:text/html,x", "//a.example")] == [
        None
    ] * 4


def test_what_is_long_is_cut_and_hidden_signs_are_shown() -> None:
    """Lines stay lines."""
    assert cut("x" * 400, 10) == "x" * 9 + "…" and cut(None) is None and cut("kata") == "kata"
    assert str(lines("<a>\n\u202eb")) == "&lt;a&gt;\n\\u202eb"
