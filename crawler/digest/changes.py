"""What an edit did to the words: which gave way to which, with a few that stand around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from crawler.digest.model import Piece

MOST = 5
"""Pieces of one edit that are shown."""
AROUND = 4
"""Words before and after."""
MOST_WORDS = 60
"""Of one side of a piece; what is longer is cut in its middle."""
MOST_PAIRS = 3_000_000
"""Pairs of equal words that are compared: a second's work. Of a text with more, all that differs is one piece."""


def pieces(
    title_before: str | None, text_before: str | None, title: str | None, text: str
) -> tuple[tuple[Piece, ...], int]:
    """The first MOST pieces, the title's first, and how many are left out. A null text before: nothing is known of it."""
    if text_before is None:
        return (), 0
    found = []
    if (title_before or "") != (title or ""):
        found.append(Piece("", _cut((title_before or "").split()), _cut((title or "").split()), ""))
    found += _changed(text_before.split(), text.split())
    return tuple(found[:MOST]), max(0, len(found) - MOST)


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    begin = 0
    while begin < min(len(old), len(new)) and old[begin] == new[begin]:
        begin += 1
    end = 0
    while end < min(len(old), len(new)) - begin and old[-1 - end] == new[-1 - end]:
        end += 1
    inner_old, inner_new = old[begin : len(old) - end], new[begin : len(new) - end]
    in_new = Counter(inner_new)
    if sum(number * in_new[word] for word, number in Counter(inner_old).items()) > MOST_PAIRS:
        inner: list[tuple[int, int, int, int]] = [(0, len(inner_old), 0, len(inner_new))]
    else:
        matcher = SequenceMatcher(None, inner_old, inner_new, autojunk=False)
        inner = [(a, b, c, d) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
    for a, b, c, d in _joined(inner):
        removed, added = inner_old[a:b], inner_new[c:d]
        if removed or added:
            before = new[max(0, begin + c - AROUND) : begin + c]
            after = new[begin + d : begin + d + AROUND]
            yield Piece(_flat(before), _cut(removed), _cut(added), _flat(after))


def _joined(parts: Sequence[tuple[int, int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Changes that lie one or two words apart are read as one."""
    waiting: tuple[int, int, int, int] | None = None
    for part in parts:
        if waiting is not None and part[0] - waiting[1] <= 2:
            waiting = (waiting[0], part[1], waiting[2], part[3])
            continue
        if waiting is not None:
            yield waiting
        waiting = part
    if waiting is not None:
        yield waiting


def _cut(words: Sequence[str]) -> str:
    if len(words) <= MOST_WORDS:
        return _flat(words)
    half = MOST_WORDS // 2
    return f"{_flat(words[:half])} … {_flat(words[-half:])}"


def _flat(words: Sequence[str]) -> str:
    return " ".join(words)
