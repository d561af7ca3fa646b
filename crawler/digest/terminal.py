"""A digest as it is printed: 80 columns, plain lines off a terminal, headings and names brought out on one."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal, TextIO

from rich.console import Console
from rich.text import Text

from crawler.console.text import printable, say
from crawler.digest.model import Change, Item, Topic
from crawler.digest.words import Speech

WIDTH: Final = 80
WIDEST: Final = 100
"""On a terminal that is wider: longer lines are hard to read."""
Look = Literal["head", "topic", "outlet", "title", "text", "quiet"]
_STYLES: Final[dict[Look, str]] = {
    "head": "bold",
    "topic": "bold reverse",
    "outlet": "bold",
    "title": "bold",
    "text": "",
    "quiet": "dim",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph that is not wrapped yet. An empty text is an empty line."""

    text: str
    look: Look = "text"
    indent: int = 0
    hanging: str = ""
    """What its first line begins with; the others are set in by as many signs."""


def show(speech: Speech, to: TextIO | None = None) -> None:
    """Print it."""
    out = to or sys.stdout
    if not out.isatty():
        for part in wrapped(lines_of(speech), WIDTH):
            say(part, out)
        return
    console = Console(file=out, highlight=False)
    width = min(console.width, WIDEST)
    for line in lines_of(speech):
        for part in wrapped([line], width):
            console.print(Text(printable(part), style=_STYLES[line.look]), soft_wrap=True)


def wrapped(lines: Iterable[Line], width: int) -> Iterator[str]:
    """The lines as they are printed. A word that is longer than a line, an address mostly, stays whole."""
    for line in lines:
        if not line.text:
            yield ""
            continue
        first = " " * line.indent + line.hanging
        yield from textwrap.wrap(
            printable(line.text),
            width,
            initial_indent=first,
            subsequent_indent=" " * len(first),
            break_long_words=False,
            break_on_hyphens=False,
        ) or [first]


def lines_of(speech: Speech) -> Iterator[Line]:
    """Everything that is printed, in its order."""
    digest, words = speech.digest, speech.words
    yield Line(speech.title, "head")
    yield Line(speech.span)
    yield Line(speech.counts)
    yield Line(f"{speech.completeness}.")
    for note in speech.notes:
        yield Line(note, "quiet")
    told = [topic for topic in digest.topics if not topic.is_empty]
    for topic in told:
        yield Line("")
        yield from _topic(speech, topic)
    if not told:
        yield Line("")
        yield Line(words.nothing)
    silent = [speech.topic_name(topic) for topic in digest.topics if topic.is_empty and topic.kind != "all"]
    if silent and told:
        yield Line("")
        yield Line(f"{words.nothing_on}: {', '.join(silent)}.", "quiet")
    if speech.standing:
        yield Line("")
        yield Line(speech.standing)
    yield Line("")
    yield Line(words.heading_holes, "head")
    holes = speech.holes()
    for kind, outlets in holes:
        yield Line(f"{kind}: {', '.join(outlets)}.", indent=2)
    if not holes:
        yield Line(words.all_collected, indent=2)


def _topic(speech: Speech, topic: Topic) -> Iterator[Line]:
    kind = f" ({speech.topic_kind(topic)})" if speech.topic_kind(topic) else ""
    yield Line(f"{speech.topic_name(topic)}{kind}", "topic")
    for source, items in groupby(topic.items, key=lambda each: each.source):
        yield Line(speech.outlet(source), "outlet", 2)
        for item in items:
            yield from _item(speech, topic, item)
    if topic.changes:
        yield Line(speech.words.heading_changed, "outlet", 2)
        for change in topic.changes:
            yield from _change(speech, change)
    if topic.uncorrected:
        yield Line(speech.words.heading_uncorrected, "outlet", 2)
        for copy in topic.uncorrected:
            yield Line(speech.headline(copy.title), "title", 2, "- ")
            yield Line(f"{speech.outlet(copy.source)}: {speech.deed_of(copy)}", "text", 4)
            yield from (Line(url, "quiet", 4) for url in (copy.url, copy.original_url) if url)


def _item(speech: Speech, topic: Topic, item: Item) -> Iterator[Line]:
    yield Line(speech.headline(item.title), "title", 2, "- ")
    yield Line(" | ".join([speech.when(item), *speech.marks(item)]), "quiet", 4)
    if before := speech.said_before(topic, item):
        yield Line(before, "quiet", 4)
    elif item.excerpt.text:
        yield Line(item.excerpt.text, "text", 4)
    if spread := speech.spread(item):
        yield Line(spread, "text", 4)
    if item.url:
        yield Line(item.url, "quiet", 4)


def _change(speech: Speech, change: Change) -> Iterator[Line]:
    yield Line(speech.headline(change.title), "title", 2, "- ")
    yield Line(f"{speech.outlet(change.source)}: {speech.deed(change)}", "text", 4)
    for piece in change.pieces:
        yield Line(piece.marked, "text", 4)
    if more := speech.more(change):
        yield Line(more, "quiet", 4)
    if change.url:
        yield Line(change.url, "quiet", 4)
