"""What a figure says, however it is written."""

from __future__ import annotations

import pytest

from pipelines.figures import value_of


@pytest.mark.parametrize(
    ("value", "spellings"),
    [
        ("12", ["12", "012", "12,0", "dua belas"]),
        ("11", ["11", "sebelas"]),
        ("1250", ["1250", "1.250", "1.250,00", "seribu dua ratus lima puluh"]),
        ("1200000", ["1.200.000", "1,2 juta", "sejuta dua ratus ribu"]),
        ("500000", ["500 ribu", "lima ratus ribu"]),
        ("1000000000", ["1 miliar", "1 milyar", "miliar"]),
        ("1.2", ["1,2", "1,20"]),
        ("9:00", ["9.00", "09.00", "09:00"]),
        ("ke-1", ["pertama", "ke - 1", "kesatu"]),
        ("ke-12", ["ke 12", "kedua belas"]),
    ],
)
def test_a_figure_is_one_however_it_is_written(value: str, spellings: list[str]) -> None:
    """In digits and in words, with points and commas as Indonesia sets them."""
    assert {value_of(each.split()) for each in spellings} == {value}


@pytest.mark.parametrize(
    "words",
    [
        "",
        "dua tiga",
        "12 13",
        "puluhan",
        "setengah",
        "ke",
        "kepala",
        "se",
        "rp",
        "12 orang",
        "25.30",
        "9" * 30,
    ],
)
def test_what_is_no_single_figure_has_no_value(words: str) -> None:
    """Two figures, about how many, a fraction in words, and any other word."""
    assert value_of(words.split()) is None
