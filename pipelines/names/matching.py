"""Names in texts: as whole words, in all their spellings, the longest where several overlap.

One pass of ahocorasick-rs over a text finds every name, however many there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

_SIGNS = {
    **dict.fromkeys("’‘ʼ`´′＇‛ʻ", "'"),
    **dict.fromkeys("‐‑", "-"),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
    **dict.fromkeys(
        "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
        " ",
    ),
}
"""Every apostrophe is one, every hyphen, every space; what no reader sees goes."""
_SIGN = re.compile(f"[{re.escape(''.join(_SIGNS))}]")
_SPACES = re.compile(r"[ \t\r\f\v]+")


def even(text: str) -> str:
    """A text with one kind of apostrophe, hyphen and space, in which names are spelled alike; lines stay lines."""
    if not text.isascii():
        text = _SIGN.sub(lambda found: _SIGNS[found[0]], text)
    # Few texts have one; to look for it costs less than to replace nothing.
    return _SPACES.sub(" ", text) if "  " in text or any(sign in text for sign in "\t\r\f\v") else text


def even_places(text: str) -> list[int]:
    """For every sign of `even(text)`, and for the end behind it, its place in the text."""
    places: list[int] = []
    was_space = False
    for at, sign in enumerate(text):
        plain = _SIGNS.get(sign, sign)
        is_space = _SPACES.fullmatch(plain) is not None
        if plain and not (is_space and was_space):
            places.append(at)
        was_space = is_space if plain else was_space
    return [*places, len(text)]


def lowered(text: str) -> str:
    """A text in lower case that has as many signs as before."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)


def is_word(text: str, start: int, end: int) -> bool:
    """Whether what stands there is no part of a longer word; an apostrophe between letters joins them."""
    return not (_joins(text, start - 1, -1) or _joins(text, end, 1))


def _joins(text: str, at: int, step: int) -> bool:
    if not 0 <= at < len(text):
        return False
    if text[at] == "'":
        at += step
        return 0 <= at < len(text) and text[at].isalpha()
    return text[at].isalnum() or text[at] == "_"


@dataclass(frozen=True, slots=True)
class Found:
    """A name at a place of an even text: its first sign, the one behind its last, and its number in the finder."""

    start: int
    end: int
    name: int


class Finder:
    """Finds names, given as `even` has them. `keeps_case`: as they are written; else in lower case."""

    def __init__(self, names: Iterable[str], keeps_case: bool = False) -> None:
        self.names = list(names)
        self._keeps_case = keeps_case
        self._automaton = AhoCorasick(self.names, matchkind=MatchKind.Standard) if self.names else None

    def find(self, text: str) -> list[Found]:
        """All places of whole words that are names in an even text, overlapping ones included."""
        if self._automaton is None:
            return []
        searched = text if self._keeps_case else lowered(text)
        return [
            Found(start, end, name)
            for name, start, end in self._automaton.find_matches_as_indexes(searched, overlapping=True)
            if is_word(text, start, end)
        ]


def longest(found: Iterable[Found]) -> list[Found]:
    """Of names that overlap the one that begins first, and of those the longest: a place has one name."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def lines_of(title: str | None, text: str) -> str:
    """Title and text as lines: the first is the title's, empty where there is none."""
    return f"{' '.join((title or '').split())}\n{text}"
