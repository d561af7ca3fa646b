"""What a figure says, however it is written: `1.250` and `1250`, `09.00` and `9:00`, `12` and `dua belas`, `ke-5` and `kelima`.

Points stand between thousands, a comma before decimals, as Indonesia writes. Fractions in words, and numbers that are no
more than about (`puluhan`), have no value here: nothing else is the same as they.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

_DIGITS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
_UNITS = {word: Decimal(number) for number, word in enumerate(_DIGITS)}
_TENS = {"puluh": 10, "ratus": 100}
_THOUSANDS = {"ribu": 10**3, "juta": 10**6, "miliar": 10**9, "milyar": 10**9, "triliun": 10**12}
_SCALES = {"belas", *_TENS, *_THOUSANDS}
_CLOCK = re.compile(r"0?(\d|1\d|2[0-3])[.:]([0-5]\d)")
_AMOUNT = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d+)(,\d+)?")
_LONGEST = 24
"""Signs of a figure; Decimal rounds after 28, and what is longer is no amount."""
_ORDINAL = re.compile(r"ke(?: - | )?(\S.*)")


def value_of(words: Sequence[str]) -> str | None:
    """One spelling of a time of day, a position in a row, or an amount; null where the words, in lower case, are none.

    A clock's `1.25` is taken for a time, which is told apart from other times and from amounts alike.
    """
    if len(words) == 1 and (clock := _CLOCK.fullmatch(words[0])):
        return f"{clock[1]}:{clock[2]}"
    told = "ke satu" if list(words) == ["pertama"] else " ".join(words)
    ordinal = _ORDINAL.fullmatch(told)
    amount = _amount((ordinal[1] if ordinal else told).split())
    if amount is None:
        return None
    return f"{'ke-' if ordinal else ''}{amount.normalize():f}"


def _amount(words: Sequence[str]) -> Decimal | None:
    """The amount that digits, words, or both say: `12`, `dua belas`, `1,2 juta`."""
    total = hundreds = Decimal(0)
    number: Decimal | None = None
    for word in _apart(words):
        if (digits := _UNITS.get(word, _digits(word))) is not None:
            if number is not None:
                return None  # "dua tiga" are two figures
            number = digits
        elif word == "belas":
            number = Decimal(10) + (number or 1)
        elif word in _TENS:
            hundreds, number = hundreds + (1 if number is None else number) * _TENS[word], None
        elif word in _THOUSANDS:
            total += (hundreds + (number or 0) or 1) * _THOUSANDS[word]
            hundreds, number = Decimal(0), None
        else:
            return None
    return total + hundreds + (number or 0) if words else None


def _apart(words: Sequence[str]) -> Iterator[str]:
    """The words, those with *se-* in two: sebelas is one and *belas*."""
    for word in words:
        scale = word.removeprefix("se")
        if scale != word and scale in _SCALES:
            yield "satu"
            yield scale
        else:
            yield word


def _digits(text: str) -> Decimal | None:
    found = _AMOUNT.fullmatch(text) if len(text) <= _LONGEST else None
    return Decimal(found[1].replace(".", "") + (found[2] or "").replace(",", ".")) if found else None
