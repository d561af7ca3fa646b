"""People, parties, offices and organisations: a list of them, what is doubtful in it, and where a text names them.

A spelling of one word is found as it is written (PAN is no *pan*), a longer one in any case. Of spellings that overlap
the longest counts, whosever it is: "Golkar" inside "DPD Golkar Kaltim" is that office's, not the party's. So a place of
the text counts once, and an actor whose name and title stand there is named once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from pipelines.names.matching import Finder, Found, even, even_places, is_word, lines_of, longest, lowered

ActorKind = Literal["person", "party", "office", "organisation"]
KINDS: tuple[ActorKind, ...] = get_args(ActorKind)
ACTOR_ID = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Actor:
    """One actor of a list. Null: the list does not say."""

    actor_id: str
    name: str
    kind: ActorKind
    spellings: tuple[str, ...] = ()
    """Beside the name."""
    context: tuple[str, ...] = ()
    """Words of which one must stand in the article: for the spellings that others share, else for all."""
    party: str | None = None
    office: str | None = None
    candidacy: str | None = None
    gender: str | None = None
    valid_from: date | None = None
    """First day of publication that counts. Null: from the beginning."""
    valid_until: date | None = None
    """Last day that counts. Null: to this day."""
    note: str | None = None
    line: int = field(default=0, compare=False)
    """Where it stands in its file."""

    @property
    def names(self) -> tuple[str, ...]:
        """Name and spellings, each once."""
        return tuple(dict.fromkeys(map(spelled, (self.name, *self.spellings))))

    def is_valid_on(self, day: date | None) -> bool:
        """Whether an article of that day counts; one whose day nobody knows does."""
        if day is None:
            return True
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong or doubtful in a list, and the line that says it."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class ActorMention:
    """That an article names an actor, and how much of it."""

    actor_id: str
    in_title: bool
    in_lead: bool
    """In the first paragraph."""
    mentions: int
    """Places of title and text."""
    paragraphs: int
    """Of the text, that name the actor."""
    words: int
    """Of those paragraphs."""
    share: float
    """`words` as a share of the text's words, 0 to 1; the title counts in neither."""


def spelled(name: str) -> str:
    """A spelling as it is compared: one of a single word as it is written, a longer one in lower case."""
    name = even(name).strip()
    return lowered(name) if " " in name else name


def doubts(actors: Sequence[Actor]) -> list[Fault]:
    """Spellings that two actors share without a context, in the order of the list."""
    found = []
    for name, owners in _owners(actors).items():
        first, *others = owners
        for other in others:
            if first.actor_id != other.actor_id and not (first.context and other.context):
                without = " and ".join(each.actor_id for each in (first, other) if not each.context)
                found.append(
                    Fault(
                        other.line,
                        f"{other.actor_id}: the spelling {name!r} is also that of {first.actor_id} (line {first.line}); "
                        f"give a context to {without}",
                    )
                )
    return sorted(found, key=lambda fault: fault.line)


def _owners(actors: Iterable[Actor]) -> dict[str, list[Actor]]:
    found: dict[str, list[Actor]] = {}
    for actor in actors:
        for name in actor.names:
            found.setdefault(name, []).append(actor)
    return found


class Roll:
    """A list of actors, ready to be looked for in many articles."""

    def __init__(self, actors: Sequence[Actor]) -> None:
        owners = _owners(actors)
        shared = {name for name, actors_of in owners.items() if len(actors_of) > 1}
        sharing = {actor.actor_id for name in shared for actor in owners[name]}
        self._owners = owners
        self._shared = shared
        self._sharing = sharing
        short, long = [name for name in owners if " " not in name], [name for name in owners if " " in name]
        self._names = short + long
        self._short, self._long, self._first_long = Finder(short, keeps_case=True), Finder(long), len(short)

    def find(self, title: str | None, text: str, day: date | None = None) -> list[ActorMention]:
        """What an article says of the actors, in the order of their first mention. `day`: of publication."""
        whole = even(lines_of(title, text))
        return list(self._counted(whole, self._named(whole, day)))

    def places(
        self, title: str | None, text: str, day: date | None = None
    ) -> dict[str, list[tuple[int, int]]]:
        """Where an article names the actors: `actor_id` → places of `lines_of(title, text)`, as that is written."""
        lines = lines_of(title, text)
        named = self._named(even(lines), day)
        if not named:
            return {}
        at = even_places(lines)
        return {
            actor_id: [(at[each.start], at[each.end - 1] + 1) for each in found]
            for actor_id, (_, found) in named.items()
        }

    def _named(self, whole: str, day: date | None) -> dict[str, tuple[Actor, list[Found]]]:
        """The actors that an even text names, in the order of their first mention."""
        found = self._long.find(whole)
        found = [Found(each.start, each.end, each.name + self._first_long) for each in found]
        places = longest([*self._short.find(whole), *found])
        named: dict[str, tuple[Actor, list[Found]]] = {}
        lower = lowered(whole) if places else ""
        for place in places:
            name = self._names[place.name]
            for actor in self._owners[name]:
                if actor.is_valid_on(day) and self._has_context(actor, name, lower):
                    named.setdefault(actor.actor_id, (actor, []))[1].append(place)
        return named

    def _counted(self, whole: str, named: dict[str, tuple[Actor, list[Found]]]) -> Iterator[ActorMention]:
        if not named:
            return
        paragraphs = list(_paragraphs(whole))
        all_words = sum(words for _, _, words in paragraphs[1:])
        for actor, found in named.values():
            starts = [each.start for each in found]
            inside = {
                number
                for start in starts
                for number, (first, behind, _) in enumerate(paragraphs)
                if first <= start < behind
            }
            of_text = sorted(inside - {0})
            words = sum(paragraphs[number][2] for number in of_text)
            yield ActorMention(
                actor.actor_id,
                in_title=0 in inside,
                in_lead=1 in inside,
                mentions=len(starts),
                paragraphs=len(of_text),
                words=words,
                share=words / all_words if all_words else 0.0,
            )

    def _has_context(self, actor: Actor, name: str, lower: str) -> bool:
        """Whether the article has a word of the actor's context, where this spelling asks for one."""
        if not actor.context or (name not in self._shared and actor.actor_id in self._sharing):
            return True
        return any(stands_in(lowered(even(word)).strip(), lower) for word in actor.context)


def stands_in(words: str, lower: str) -> bool:
    """Whether words in lower case stand in a text in lower case, as whole words."""
    at = lower.find(words)
    while at >= 0:
        if is_word(lower, at, at + len(words)):
            return True
        at = lower.find(words, at + 1)
    return False


def _paragraphs(whole: str) -> Iterator[tuple[int, int, int]]:
    """Of the title's line and every paragraph: its first sign, the one behind it, its words."""
    start = 0
    for line in whole.split("\n"):
        yield start, start + len(line) + 1, len(line.split())
        start += len(line) + 1
