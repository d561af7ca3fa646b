"""Two texts side by side: which paragraphs differ, and in them which words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_PIECE = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
MOST_PIECES = 1_000
"""Of a paragraph whose words are compared; the time grows with the cube. Of a longer one all words count as changed."""
MOST_PARAGRAPHS = 3_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words of one text. `is_own`: the other text has others there."""

    text: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A paragraph of each text that stand side by side. Null: the text has none there."""

    before: Sequence[Piece] | None
    after: Sequence[Piece] | None


@dataclass(frozen=True, slots=True)
class Same:
    """So many paragraphs that both have."""

    number: int


def side_by_side(before: str, after: str) -> list[Pair | Same]:
    """The paragraphs of two texts, in order; those that both have are only counted."""
    left, right = before.split("\n"), after.split("\n")
    if max(len(left), len(right)) > MOST_PARAGRAPHS:
        left, right = [before], [after]
    return list(_rows(left, right))


def _rows(left: Sequence[str], right: Sequence[str]) -> Iterator[Pair | Same]:
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Same(b - a)
            continue
        for at in range(max(b - a, d - c)):
            one = left[a + at] if a + at < b else None
            other = right[c + at] if c + at < d else None
            yield _pair(one, other)


def _pair(before: str | None, after: str | None) -> Pair:
    if before is None or after is None:
        return Pair(_own(before), _own(after))
    left, right = _PIECE.findall(before), _PIECE.findall(after)
    if max(len(left), len(right)) > MOST_PIECES:
        return Pair(_own(before), _own(after))
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return Pair(
        [Piece("".join(left[a:b]), tag != "equal") for tag, a, b, _, _ in codes if a < b],
        [Piece("".join(right[c:d]), tag != "equal") for tag, _, _, c, d in codes if c < d],
    )


def _own(text: str | None) -> Sequence[Piece] | None:
    return None if text is None else [Piece(text, True)]
