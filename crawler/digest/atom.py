"""A digest as an Atom feed (RFC 4287), of all topics or of one: for any reader, with the digests before it.

An entry has the id of its article wherever and whenever it stands, so a reader shows it once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

from crawler.console.text import printable
from crawler.digest.address import address
from crawler.digest.model import Change, Digest, Item, Topic, Uncorrected
from crawler.digest.words import Speech, Words

_ATOM: Final = "http://www.w3.org/2005/Atom"
_TAG: Final = "tag:kabar.invalid,2024:"
"""Of ids (RFC 4151). A name below .invalid is nobody's, so no id of ours can be another's."""
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_IN_XML: Final = re.compile("[\ufffe\uffff]")


@dataclass(slots=True)
class _Entry:
    """An entry while it is gathered: of several topics it has several categories."""

    tag: str
    title: str
    url: str | None
    outlet: str
    updated: datetime
    published: datetime | None
    text: str
    topics: list[tuple[str, str]]


def as_atom(digests: Sequence[Digest], words: Words, key: str, topic_id: str | None = None) -> str:
    """The feed of a list's digests, the last one first. `key`: of the list; `topic_id`: of one topic alone."""
    newest = Speech(digests[0], words)
    only = next((each for each in digests[0].topics if each.topic_id == topic_id), None)
    name = newest.topic_name(only) if only else words.title
    feed = ET.Element("feed", {"xmlns": _ATOM, _LANG: words.language})
    _text(feed, "id", f"{_TAG}digest/{key}" + (f"/{topic_id}" if topic_id else ""))
    _text(feed, "title", f"{words.title}: {name}" if only else words.title)
    _text(feed, "subtitle", _subtitle(newest))
    _text(feed, "updated", _instant(digests[0].until))
    _text(ET.SubElement(feed, "author"), "name", "Kabar")
    _text(feed, "generator", "Kabar")
    for entry in _entries(digests, words, topic_id):
        _add(feed, entry)
    ET.indent(feed)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(feed, encoding="unicode")}\n'


def _subtitle(speech: Speech) -> str:
    """Span, counts, and what was not collected: a reader that shows no more shows the hole, too."""
    holes = (f"{kind}: {', '.join(outlets)}." for kind, outlets in speech.holes())
    return " ".join([f"{speech.span}.", speech.counts, f"{speech.completeness}.", *holes])


def _entries(digests: Iterable[Digest], words: Words, topic_id: str | None) -> Iterator[_Entry]:
    found: dict[str, _Entry] = {}
    for digest in digests:
        speech = Speech(digest, words)
        for topic in digest.topics:
            if topic_id is None or topic.topic_id == topic_id:
                for entry in _of_topic(speech, topic):
                    known = found.setdefault(entry.tag, entry)
                    known.topics += [each for each in entry.topics if each not in known.topics]
    yield from sorted(found.values(), key=lambda each: (-each.updated.timestamp(), each.tag))


def _of_topic(speech: Speech, topic: Topic) -> Iterator[_Entry]:
    category = [(topic.topic_id, speech.topic_name(topic))]
    yield from (_new(speech, each, list(category)) for each in topic.items)
    yield from (_changed(speech, each, list(category)) for each in topic.changes)
    yield from (_uncorrected(speech, each, list(category)) for each in topic.uncorrected)


def _new(speech: Speech, item: Item, topics: list[tuple[str, str]]) -> _Entry:
    parts = [" | ".join([speech.when(item), *speech.marks(item)]), item.excerpt.text, speech.spread(item)]
    return _Entry(
        f"article/{item.article_id}",
        speech.headline(item.title),
        item.url,
        speech.outlet(item.source),
        item.found_at,
        item.published_at if item.has_time else None,
        "\n".join(filter(None, parts)),
        topics,
    )


def _changed(speech: Speech, change: Change, topics: list[tuple[str, str]]) -> _Entry:
    words = speech.words
    mark = {"edit": words.mark_edit, "gone": words.mark_gone, "back": words.mark_back}[change.kind]
    which = f"version/{change.version}" if change.kind == "edit" else f"{change.kind}/{_instant(change.at)}"
    parts = [speech.deed(change), *(piece.marked for piece in change.pieces), speech.more(change)]
    return _Entry(
        f"article/{change.article_id}/{which}",
        mark + speech.headline(change.title),
        change.url,
        speech.outlet(change.source),
        change.at,
        None,
        "\n".join(filter(None, parts)),
        topics,
    )


def _uncorrected(speech: Speech, copy: Uncorrected, topics: list[tuple[str, str]]) -> _Entry:
    return _Entry(
        f"article/{copy.article_id}/uncorrected/{copy.original_id}",
        speech.words.mark_uncorrected + speech.headline(copy.title),
        copy.url,
        speech.outlet(copy.source),
        copy.corrected_at,
        None,
        speech.deed_of(copy),
        topics,
    )


def _add(feed: ET.Element, entry: _Entry) -> None:
    element = ET.SubElement(feed, "entry")
    _text(element, "id", f"{_TAG}{entry.tag}")
    _text(element, "title", entry.title)
    if url := address(entry.url):
        ET.SubElement(element, "link", {"rel": "alternate", "href": url})
    _text(ET.SubElement(element, "author"), "name", entry.outlet)
    _text(element, "updated", _instant(entry.updated))
    if entry.published:
        _text(element, "published", _instant(entry.published))
    for term, label in entry.topics:
        ET.SubElement(element, "category", {"term": term, "label": _plain(label)})
    content = ET.SubElement(element, "content", {"type": "text"})
    content.text = "\n".join(map(_plain, entry.text.split("\n"))) or _plain(entry.title)


def _text(above: ET.Element, name: str, words: str) -> None:
    ET.SubElement(above, name).text = _plain(words)


def _plain(words: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", printable(words))


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
