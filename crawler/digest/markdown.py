"""A digest as Markdown. Whatever an outlet wrote is text there: no sign of it is a link, a heading or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from crawler.console.text import printable
from crawler.digest.address import address
from crawler.digest.model import Change, Item, Piece, Topic
from crawler.digest.words import Speech

_SIGN: Final = re.compile(r"[\\`*_\[\]~|]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What means something wherever it stands: an address without a link's brackets is one for some readers, too."""
_OPENING: Final = re.compile(r"(\d{0,9})([.)#+=-])")
"""What makes a heading, a list or a rule of the line that it begins."""


def text(words: str) -> str:
    """Words within a line, as Markdown shows them: every sign that means something is escaped."""
    shown = " ".join(printable(words).split())
    shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SIGN.sub(lambda sign: f"\\{sign[0]}", shown)


def opening(words: str) -> str:
    """The same for words that begin a line."""
    shown = text(words)
    begun = _OPENING.match(shown)
    return f"{begun[1]}\\{shown[begun.start(2) :]}" if begun else shown


def link(words: str, url: str | None) -> str:
    """Words that lead to an address; without one, or where that is none of the web, the words alone."""
    to = address(url)
    return f"[{text(words)}](<{to}>)" if to else text(words)


def as_markdown(speech: Speech) -> str:
    """The whole file."""
    return "\n".join(_lines(speech)) + "\n"


def _lines(speech: Speech) -> Iterator[str]:
    digest, words = speech.digest, speech.words
    yield f"# {text(speech.title)}"
    yield ""
    yield opening(speech.span)
    yield ""
    yield opening(f"{speech.counts} {speech.completeness}.")
    for note in speech.notes:
        yield ""
        yield f"*{text(note)}*"
    told = [topic for topic in digest.topics if not topic.is_empty]
    for topic in told:
        yield from _topic(speech, topic)
    if not told:
        yield ""
        yield text(words.nothing)
    silent = [speech.topic_name(topic) for topic in digest.topics if topic.is_empty and topic.kind != "all"]
    if silent and told:
        yield ""
        yield f"{text(words.nothing_on)}: {', '.join(map(text, silent))}."
    if speech.standing:
        yield ""
        yield opening(speech.standing)
    yield ""
    yield f"## {text(words.heading_holes)}"
    yield ""
    holes = speech.holes()
    for kind, outlets in holes:
        yield f"- **{text(kind)}**: {', '.join(map(text, outlets))}"
    if not holes:
        yield text(words.all_collected)


def _topic(speech: Speech, topic: Topic) -> Iterator[str]:
    kind = f" ({text(speech.topic_kind(topic))})" if speech.topic_kind(topic) else ""
    yield ""
    yield f"## {text(speech.topic_name(topic))}{kind}"
    for source, items in groupby(topic.items, key=lambda each: each.source):
        yield ""
        yield f"### {text(speech.outlet(source))}"
        yield ""
        for item in items:
            yield from _item(speech, topic, item)
    if topic.changes:
        yield ""
        yield f"### {text(speech.words.heading_changed)}"
        yield ""
        for change in topic.changes:
            yield from _change(speech, change)
    if topic.uncorrected:
        yield ""
        yield f"### {text(speech.words.heading_uncorrected)}"
        yield ""
        for copy in topic.uncorrected:
            yield f"- **{link(speech.headline(copy.title), copy.url)}**  "
            yield f"  {opening(speech.outlet(copy.source))}: {link(speech.deed_of(copy), copy.original_url)}"


def _item(speech: Speech, topic: Topic, item: Item) -> Iterator[str]:
    lines = [f"**{link(speech.headline(item.title), item.url)}**"]
    lines.append(" · ".join([opening(speech.when(item)), *map(text, speech.marks(item))]))
    if before := speech.said_before(topic, item):
        lines.append(f"*{text(before)}*")
    elif item.excerpt.text:
        lines.append(_with_names(item))
    if spread := speech.spread(item):
        lines.append(opening(spread))
    yield from _listed(lines)


def _with_names(item: Item) -> str:
    parts: list[str] = []
    for words, is_name in item.excerpt.parts():
        shown = text(words) if parts or is_name else opening(words)
        if is_name and shown:
            shown = f"**{shown}**"
        before = " " if words[:1].isspace() and parts else ""
        after = " " if words[-1:].isspace() else ""
        parts.append(f"{before}{shown}{after}")
    return "".join(parts).strip()


def _change(speech: Speech, change: Change) -> Iterator[str]:
    lines = [f"**{link(speech.headline(change.title), change.url)}**"]
    lines.append(f"{opening(speech.outlet(change.source))}: {text(speech.deed(change))}")
    lines += [_piece(speech, piece) for piece in change.pieces]
    if more := speech.more(change):
        lines.append(text(more))
    yield from _listed(lines)


def _piece(speech: Speech, piece: Piece) -> str:
    middle = [f"~~{text(piece.removed)}~~"] if piece.removed else []
    middle += [f"**{text(piece.added)}**"] if piece.added else []
    return " ".join(filter(None, [opening(piece.before), *middle, text(piece.after)]))


def _listed(lines: list[str]) -> Iterator[str]:
    """A point of a list; each line but the last ends with a break."""
    for number, line in enumerate(lines):
        yield f"{'  ' if number else '- '}{line}{'  ' if number + 1 < len(lines) else ''}"
