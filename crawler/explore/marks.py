"""Parts of a text that stand out: the words that were looked for, and the actors and places that an article names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipelines.names.matching import Finder, even, longest, lowered
from storage.search.question import folded

_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
BEFORE, LENGTH = 60, 240
"""Characters of an extract: so many before the word that it shows, so many in all."""
SCANNED = 200_000
"""Characters of a text that are searched for a word to show; no article's are more."""
Kind = Literal["", "word", "actor", "place"]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text. `kind`: why it stands out; empty: it does not."""

    text: str
    kind: Kind = ""
    id: str = ""
    """Of the actor or the place."""


def words_marked(text: str, words: Collection[str]) -> list[Part]:
    """The text, with the words (folded) that were looked for standing out."""
    parts, end = [], 0
    for found in _WORD.finditer(text) if words else ():
        if _folded(found[0]) in words:
            parts += [Part(text[end : found.start()]), Part(found[0], "word")]
            end = found.end()
    return [part for part in (*parts, Part(text[end:])) if part.text]


def _folded(word: str) -> str:
    return word.lower() if word.isascii() else folded(word)


def extract(text: str, words: Collection[str]) -> str:
    """What stands around the first of these words; the beginning where there is none."""
    text = " ".join(text[:SCANNED].split())
    first = next((each.start() for each in _WORD.finditer(text) if _folded(each[0]) in words), 0)
    begin = text.rfind(" ", 0, first - BEFORE) + 1 if first > BEFORE else 0
    begin = max(begin, first - 2 * BEFORE)  # in a word of a hundred thousand letters there is no space
    end = begin + LENGTH
    if end < len(text):
        end = max(text.rfind(" ", begin, end), begin + LENGTH // 2)
    return ("… " if begin else "") + text[begin:end] + (" …" if end < len(text) else "")


class Names:
    """The actors and places that an article is known to name, to be found in its lines.

    As where they were counted: a spelling of one word counts as it is written, a longer one in any case, a place as it is
    written.
    """

    def __init__(self, actors: Iterable[Mapping[str, Any]], places: Iterable[Mapping[str, Any]]) -> None:
        exact: dict[str, Part] = {each["name"]: Part("", "place", each["place_id"]) for each in places}
        loose: dict[str, Part] = {}
        for actor in actors:
            for spelling in (actor["name"], *actor["spellings"]):
                name = even(spelling).strip()
                if " " in name:
                    loose[lowered(name)] = Part("", "actor", actor["actor_id"])
                elif name:
                    exact[name] = Part("", "actor", actor["actor_id"])
        self._finders = [
            (Finder(exact, keeps_case=True), list(exact.values())),
            (Finder(loose), list(loose.values())),
        ]

    def marked(self, line: str) -> list[Part]:
        """The line, with the names in it standing out."""
        told = even(line)
        shown = line if len(told) == len(line) else told
        found = [
            (each, meanings[each.name]) for finder, meanings in self._finders for each in finder.find(told)
        ]
        meaning = {(each.start, each.end): what for each, what in found}
        parts, end = [], 0
        for each in longest(each for each, _ in found):
            what = meaning[each.start, each.end]
            parts += [
                Part(shown[end : each.start]),
                Part(shown[each.start : each.end], what.kind, what.id),
            ]
            end = each.end
        return [part for part in (*parts, Part(shown[end:])) if part.text]


def paragraphs(text: str, names: Names) -> Iterator[Sequence[Part]]:
    """The paragraphs of a text, with the names in them standing out."""
    return (names.marked(line) for line in text.split("\n"))
