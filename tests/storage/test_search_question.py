"""The language of `scrapy search`, as a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search.question import MalformedQuestion, cases_of


def spelt(text: str) -> list[str]:
    """Each case in short: slots, alternatives by |, phrases in quotes, what is left out after a dash."""
    shown = {"word": "{}", "prefix": "{}*", "phrase": '"{}"'}
    return [
        " ".join(
            [
                *("|".join(shown[term.kind].format(*term.words) for term in slot) for slot in case.slots),
                *("=" + "_".join(term.words) for term in case.phrases),
                *("-" + "_".join(term.words) for term in case.without),
            ]
        )
        for case in cases_of(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dukungan  PARTAI buruh", ["dukungan partai buruh"]),
        ("a OR b c", ["a|b c"]),
        ("a b OR c OR d", ["a b|c|d"]),
        ("a or b", ["a or b"]),
        ('"partai buruh" a', ['"partai" "buruh" a =partai_buruh']),
        ("“partai buruh”", ['"partai" "buruh" =partai_buruh']),
        ('"a b" OR c', ['"a" "b" =a_b', "c"]),
        ("a -b", ["a -b"]),
        ('a -"b c"', ["a -b_c"]),
        ("a -be*", ["a -be"]),
        ("dukung*", ["dukung*"]),
        ("anti-duk*", ["anti duk*"]),
        ("Soekarno-Hatta", ["soekarno hatta"]),
        ("Rp1.000", ["rp 1.000"]),
        ("Café (Samarinda), 2024!", ["cafe samarinda 2024"]),
        ("a -", ["a"]),
        ("'a' OR 'b'", ["a|b"]),
        ("and not", ["and not"]),
        ('"LOVE AND PEACE"', ['"love" "and" "peace" =love_and_peace']),
    ],
)
def test_a_question_is_read(text: str, expected: list[str]) -> None:
    """Words are slots that all have to be filled."""
    assert spelt(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "needs a word"),
        ("  ?! ", "needs a word"),
        ('""', "needs a word"),
        ("-partai", "only words to leave out"),
        ('-"partai buruh"', "only words to leave out"),
        ('"partai', "not closed"),
        ('a "b" c"', "not closed"),
        ("OR a", "OR needs a word"),
        ("a OR", "OR needs a word"),
        ("a OR OR b", "OR needs a word"),
        ("a OR -b", "OR cannot"),
        ("a AND b", "AND is no sign of a search"),
        ("NOT a", "NOT is no sign of a search"),
        ("*", "a star stands"),
        ("a*", "a star stands"),
        ("du*kung", "a star stands"),
        ('"partai bur*"', "a phrase is of whole words"),
        ('dukungan -"partai bur*"', "a phrase is of whole words"),
        (" ".join(f'"a {n}" OR "b {n}"' for n in range(7)), "combinations"),
    ],
)
def test_what_says_nothing_clear_is_refused_in_one_line(text: str, words: str) -> None:
    """With what is wrong."""
    with pytest.raises(MalformedQuestion, match=words) as refused:
        cases_of(text)
    assert "\n" not in str(refused.value)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever somebody types."""
    try:
        cases = cases_of(text)
    except MalformedQuestion:
        return
    assert cases and all(case.slots for case in cases)
