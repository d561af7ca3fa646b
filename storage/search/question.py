"""What `scrapy search` is asked: words, "exact phrases", OR, -not and prefix*, as a value.

All words have to occur. OR binds two neighbours, before all else; what a sign parts (Soekarno-Hatta) are words of their own.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

MAX_CASES = 64
"""Ways to read a question whose alternatives are phrases; more is not a question of a person."""
LEAST_PREFIX = 2
"""Letters that stand before a star."""
_QUOTES = str.maketrans("“”„«»″", '""""""')
_PIECE = re.compile(r'-?"[^"]*"|\S+')
_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_STAR_INSIDE = re.compile(r"\w\*")
_OPERATORS_OF_OTHERS = frozenset({"AND", "NOT"})
"""What other searches have: no article of ours has such a word, and who writes it means something else."""
_QUOTES_INSIDE = "'’‘ʼ`´"
_BREAK = r"[^\p{L}\p{N}]"
_BEGIN, _END = f"(^|{_BREAK})", f"($|{_BREAK})"
"""The edges of a phrase."""


FAULTS: Final = {
    "wordless": "a search needs a word to look for",
    "exclusions": "a search needs a word to look for, not only words to leave out",
    "combinations": "a search with {number} combinations of phrases is too much; ask in parts",
    "quote": 'a quote (") is not closed',
    "or": "OR needs a word before and after it",
    "or_not": "OR cannot be followed by what is to be left out",
    "operator": "{piece} is no sign of a search: all words must occur, -word leaves one out, OR stands between two of which one suffices",
    "star": "{piece}: a star stands at the end of a word's first letters, at least {least}",
    "star_in_phrase": "{piece}: a phrase is of whole words; a star stands outside of quotes",
}
"""What can be wrong with a search, by name."""


class MalformedQuestion(ValueError):
    """A search says nothing, or not clearly what; the message is one line.

    `fault`: one of FAULTS, `values` what stands in it, for whoever says it in another language.
    """

    def __init__(self, fault: str, **values: object) -> None:
        super().__init__(FAULTS[fault].format(**values))
        self.fault = fault
        self.values = values


@dataclass(frozen=True, slots=True)
class Term:
    """One or several words, folded: of any form, exactly so and side by side, or the beginning of a word."""

    words: tuple[str, ...]
    kind: Literal["word", "phrase", "prefix"]
    pattern: str = ""
    """Of a phrase, in text without accents and of any case, as RE2 has patterns."""


@dataclass(frozen=True, slots=True)
class Case:
    """What one article has to have: of each slot any term, all phrases, and none of the others."""

    slots: tuple[tuple[Term, ...], ...]
    phrases: tuple[Term, ...]
    without: tuple[Term, ...]


def folded(text: str) -> str:
    """Lower case, without accents: as the index has words."""
    plain = unicodedata.normalize("NFD", text)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).lower()


def cases_of(text: str) -> list[Case]:
    """The ways to read a question, of which an article has to fulfil one. Raises `MalformedQuestion`."""
    groups, without = _groups(text)
    if not groups:
        raise MalformedQuestion("exclusions" if without else "wordless")
    # Alternatives of single words share a slot; of those with phrases each makes a case of its own.
    ways = [
        [(group,)] if all(term.kind != "phrase" for term in group) else [((term,),) for term in group]
        for group in groups
    ]
    if (number := _product(map(len, ways))) > MAX_CASES:
        raise MalformedQuestion("combinations", number=number)
    return [_case([group for (group,) in chosen], without) for chosen in itertools.product(*ways)]


def _case(groups: Sequence[tuple[Term, ...]], without: tuple[Term, ...]) -> Case:
    slots: list[tuple[Term, ...]] = []
    phrases: list[Term] = []
    for group in groups:
        if group[0].kind == "phrase":
            slots += [(Term((word,), "phrase"),) for word in group[0].words]
            phrases.append(group[0])
        else:
            slots.append(group)
    return Case(tuple(slots), tuple(phrases), without)


def _product(numbers: Iterator[int]) -> int:
    product = 1
    for number in numbers:
        product *= number
    return product


def _groups(text: str) -> tuple[list[tuple[Term, ...]], tuple[Term, ...]]:
    """Groups of alternatives, and what is to be left out."""
    text = text.translate(_QUOTES)
    if text.count('"') % 2:
        raise MalformedQuestion("quote")
    groups: list[tuple[Term, ...]] = []
    without: list[Term] = []
    is_joined = False
    pieces = _PIECE.findall(text)
    for piece, following in zip(pieces, [*pieces[1:], ""], strict=False):
        if piece == "OR":
            if is_joined or not groups:
                raise MalformedQuestion("or")
            is_joined = True
            continue
        if piece in _OPERATORS_OF_OTHERS:
            raise MalformedQuestion("operator", piece=piece)
        terms = list(_terms(piece))
        if not terms:
            continue
        if piece.startswith("-"):
            if is_joined:
                raise MalformedQuestion("or_not")
            without.append(terms[0] if len(terms) == 1 else _phrase(piece))
        elif is_joined:
            groups[-1] = (*groups[-1], terms[0] if len(terms) == 1 else _phrase(piece))
            is_joined = False
        elif following == "OR" and len(terms) > 1:
            groups.append((_phrase(piece),))
        else:
            groups += [(term,) for term in terms]
    if is_joined:
        raise MalformedQuestion("or")
    return groups, tuple(without)


def _terms(piece: str) -> Iterator[Term]:
    """The terms of a piece; none where it has no letter and no figure."""
    plain = folded(piece)
    found = _WORD.findall(plain)
    if '"' in piece:
        if _STAR_INSIDE.search(plain):
            raise MalformedQuestion("star_in_phrase", piece=piece)
        if found:
            yield _phrase(piece)
    elif "*" in plain:
        if not plain.endswith("*") or plain.count("*") > 1 or not found or len(found[-1]) < LEAST_PREFIX:
            raise MalformedQuestion("star", piece=piece, least=LEAST_PREFIX)
        yield from (Term((word,), "word") for word in found[:-1])
        yield Term((found[-1],), "prefix")
    else:
        yield from (Term((word,), "word") for word in found)


def _phrase(piece: str) -> Term:
    """The words of a piece side by side. A quote inside a word may be missing on either side, and a space before a figure (Rp1.000)."""
    plain = folded(piece)
    found = list(_WORD.finditer(plain))
    pattern = f"(?i){_BEGIN}"
    for before, after in zip([None, *found], found, strict=False):
        if before is not None:
            gap = plain[before.end() : after.start()]
            is_loose = gap in ("", *_QUOTES_INSIDE) or before[0][0].isdigit() != after[0][0].isdigit()
            pattern += f"{_BREAK}*" if is_loose else f"{_BREAK}+"
        pattern += re.escape(after[0]) if after[0][0].isdigit() else f"[{_QUOTES_INSIDE}]?".join(after[0])
    return Term(tuple(word[0] for word in found), "phrase", f"{pattern}{_END}")
