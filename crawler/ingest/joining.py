"""Articles in several parts, put together from pages of another crawler, which keeps every part as a page of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from crawler.processing.merger import Merger
from pipelines.address import address_key
from pipelines.article import OK, Page
from pipelines.page.parts import MAX_PARTS, numbered
from storage.archive.record import Record


def joined(merger: Merger, chunk: list[tuple[Path, Record]]) -> list[tuple[Path, Record]]:
    """The chunk with further parts joined to their article's first page; which of them are its parts, the first says."""
    places: dict[str, list[int]] = {}
    for at, (_, record) in enumerate(chunk):
        if record.page.url and record.page.document == "page" and record.page.status == OK:
            places.setdefault(address_key(record.page.url), []).append(at)
    spelt = [numbered(record.page.url) for _, record in chunk if record.page.url]
    parts: dict[int, list[int]] = {}
    for article in {address_key(each[1]) for each in spelt if each}:
        for at in places.get(article, ()):
            parts[at] = _parts_at(merger, chunk[at][1].page, chunk, places)
    further = {place for found in parts.values() for place in found}
    return [
        (file, _with_parts(record, [chunk[place][1].page for place in parts.get(at, ())]))
        for at, (file, record) in enumerate(chunk)
        if at not in further
    ]


def _parts_at(
    merger: Merger, page: Page, chunk: list[tuple[Path, Record]], places: dict[str, list[int]]
) -> list[int]:
    """Where in the chunk the further parts of an article stand, in order, as far as there are any."""
    if page.parts:
        return []
    rules = merger.rules_of(page)
    found: list[int] = []
    left = list(merger.readers.further(page, rules).rest)
    while len(found) < min(len(left), MAX_PARTS - 1):
        here = places.get(address_key(left[len(found)]))
        if not here:
            break
        # Of several the one that was fetched with it.
        found.append(min(here, key=lambda at: abs(chunk[at][1].page.fetched_at - page.fetched_at)))
        part = chunk[found[-1]][1].page
        left += merger.readers.further(part, rules, page.url, len(found) + 1).rest[len(left) :]
    return found


def _with_parts(record: Record, parts: list[Page]) -> Record:
    return replace(record, page=replace(record.page, parts=tuple(parts))) if parts else record
