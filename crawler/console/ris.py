"""References in RIS, as reference managers import them: one tag a line, lines ended by CR LF.

What strangers wrote may begin no line, nor end a reference: every value stands on one line, hidden signs left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from crawler.console.text import HIDDEN


@dataclass(frozen=True, slots=True)
class Reference:
    """A newspaper article. Null, or an empty list: not known."""

    id: str
    title: str | None
    outlet: str
    authors: Sequence[str]
    published_on: date | None
    url: str | None
    abstract: str | None
    keywords: Sequence[str]
    language: str | None
    place: str | None
    seen_on: date


def print_ris(references: Iterable[Reference]) -> None:
    """Print references on stdout. A stream that writes its own line ends is asked to leave ours."""
    for reference in references:
        for line in lines_of(reference):
            sys.stdout.write(line + "\r\n")


def lines_of(reference: Reference) -> Iterator[str]:
    """The lines of a reference, an empty one after it."""
    on = reference.published_on
    pairs: list[tuple[str, str | None]] = [
        ("TY", "NEWS"),
        ("TI", reference.title),
        *(("AU", author) for author in reference.authors),
        ("T2", reference.outlet),
        ("PY", f"{on.year:04}" if on else None),
        ("DA", f"{on:%Y/%m/%d}/" if on else None),
        ("AB", reference.abstract),
        *(("KW", keyword) for keyword in reference.keywords),
        ("LA", reference.language),
        ("CY", reference.place),
        ("UR", reference.url),
        ("Y2", f"{reference.seen_on:%Y/%m/%d}/"),
        ("DB", "Kabar"),
        ("AN", reference.id),
    ]
    for tag, value in pairs:
        if plain := _plain(value):
            yield f"{tag}  - {plain}"
    yield "ER  - "
    yield ""


def _plain(value: str | None) -> str:
    return " ".join(HIDDEN.sub(" ", value or "").split())
