"""Months in the languages of the world's pages, by Babel's tables: Kabar's own know Indonesian and English.

A day with such a month is spelled in English for `pipelines.lines.dates`; all else of the line stays.
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cache

_LANGUAGES = """
    de nl fr es pt it ca gl eu ro pl cs sk sl hr sr_Latn hu sv da nb nn is fi et lv lt tr az sq el ru uk be bg mk ms vi
    sw af cy ga fil ka hy kk uz_Latn hi bn ta th fa ar he
"""
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WORD = r"(?P<month>[^\W\d_][^\W\d_.]{1,14}(?:[\u0300-\u036f\u0900-\u0e7f][^\W\d_.]*)*)"
# "26. Januar 2022", "23 de mayo de 2019", "1er mars 2024", "15 августа 2016 г."; "mayo 23, 2019"
_SPELLED = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})(?:\.|er|\u00ba|\u00aa|-?(?:e|an|en|ga))?[\s/-]*(?:(?:de|d['\u2019]|di)\s*)?"
    rf"{_WORD}\.?[\s,/-]*(?:del?\s+)?(?P<year>\d{{4}})(?!\d)"
    rf"|\b{_WORD.replace('month', 'first')}\.?\s+(?P<behind>\d{{1,2}})\.?,?\s+(?P<after>\d{{4}})(?!\d)"
)
# 2016年8月15日, 2016년 8월 15일
_SIGNS = re.compile(r"(?P<year>\d{4})\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]\s*")


def in_english(line: str, known: Set[str]) -> str:
    """The line with its days spelled in English where their month is none of the `known` names."""

    def spelled(match: re.Match[str]) -> str:
        day, year = match["day"] or match["behind"], match["year"] or match["after"]
        name = (match["month"] or match["first"]).lower()
        number = None if name in known else _months().get(name)
        return match[0] if number is None else f"{day} {_ENGLISH[number - 1]} {year}"

    if not _YEAR.search(line) or not _NAME.search(line):
        return line
    return _SIGNS.sub(r"\g<year>-\g<month>-\g<day> ", _SPELLED.sub(spelled, line))


_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_NAME = re.compile(r"[^\W\d_]{2}|[年년]")
"""What no date has that a machine writes."""


@cache
def _months() -> dict[str, int]:
    """Month by its name or abbreviation in any of the languages; names that two languages give to two months are none."""
    from babel.dates import get_month_names  # half a second, for pages in other languages only

    found: dict[str, set[int]] = {}
    for language in _LANGUAGES.split():
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, language).items():
                    found.setdefault(str(name).lower().strip("."), set()).add(number)
    return {
        name: min(numbers) for name, numbers in found.items() if len(numbers) == 1 and not name.isdecimal()
    }
