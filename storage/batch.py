"""What a merge is given, and what it did: articles, answers and sightings of one segment, and how many of them were new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Literal

from pipelines.article import Article, Rejected
from pipelines.dedupe import spoken
from storage.archive.quiet import Span
from storage.ingested import Reached
from storage.keys import Discredited
from storage.removals import Absence, key_of

FetchOutcome = Literal["article", "rejected", "discovery", "unchanged", "gone", "failed", "excluded"]


@dataclass(frozen=True, slots=True)
class Fetch:
    """One answer, or its absence. `status` and `size_bytes` are null where no answer came."""

    url: str
    source: str
    fetched_at: datetime
    status: int | None
    size_bytes: int | None
    outcome: FetchOutcome
    asked: str | None = None
    """The address that was asked for, where the server led elsewhere. Null: `url`."""
    missing: str | None = None
    """Why there was no article where one may have been: soft_404 or listing_page. Null: by its status, or there was."""

    @property
    def absence(self) -> Absence | None:
        """The look that found nothing at the address asked for; null: it found something, or does not say."""
        reason = self.missing or (str(self.status) if self.outcome == "gone" else None)
        if reason is None:
            return None
        return Absence(self.source, key_of(self.asked or self.url), self.url, self.fetched_at, reason)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A known article was there, unchanged, without being read again."""

    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """What reading one segment found. `segment` is null for articles that no segment holds."""

    segment: str | None = None
    articles: tuple[Article, ...] = ()
    rejections: tuple[Rejected, ...] = ()
    fetches: tuple[Fetch, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    reached: tuple[Reached, ...] = ()
    """How far files of others are ingested once this batch and those before it are merged."""
    again: tuple[Article, ...] = ()
    """Archived pages of known articles that other rules read last, read by today's, under the ids that they have."""
    span: Span | None = None
    """The part of a quiet segment that this is. Null: the whole segment."""
    bands: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Fingerprint of a text → what `signature_bands` makes of it, where that was made already; of others the merge makes it."""

    @property
    def is_quiet(self) -> bool:
        """Whether it tells of looks alone: rows of `fetches`, and known articles that were there, unchanged."""
        brought = (self.articles, self.rejections, self.reached, self.again)
        return not any(brought) and not any(fetch.absence for fetch in self.fetches)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the user's list of actors was not taken."""

    line: str
    is_new: bool
    """Whether the merge before did not find the same."""


@dataclass(slots=True)
class Merged:
    """What a merge did, in articles. `known`: seen again, unchanged."""

    new: int = 0
    edited: int = 0
    reread: int = 0
    known: int = 0
    churning: int = 0
    rejected: int = 0
    removed: int = 0
    """Known articles that are gone from their outlet since this merge."""
    discredited: tuple[Discredited, ...] = ()
    """Witnesses that are believed no more from now on."""

    doubts: tuple[Doubt, ...] = ()
    """Why the user's changed list of actors was not taken, each time. Empty: it was, or did not change."""

    @property
    def fault(self) -> str | None:
        """A line for the marks that an outlet prints on many articles, or for a doubtful list; null: neither."""
        return self.mark or next((each.line for each in self.doubts), None)

    @property
    def mark(self) -> str | None:
        """A line for the marks that an outlet prints on many articles; null: it prints none."""
        if not self.discredited:
            return None
        first = max(self.discredited, key=lambda each: each.articles)
        more = len(self.discredited) - 1
        return (
            f"{first.source}: {first.articles} articles of unlike texts give {spoken(first.key)} for their own"
            f"{f', and so with {more} more' if more else ''}; that joins no articles any more, "
            "each is known by the address that serves it"
        )

    def __add__(self, other: Merged) -> Merged:
        return Merged(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))
