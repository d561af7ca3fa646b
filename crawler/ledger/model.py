"""The values that the ledger takes and gives. All times are zone-aware."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from pipelines.article import Document, Link
from storage.crawls import Fault

State = Literal["pending", "fetched", "failed", "gone", "excluded", "rejected"]

RETRY_AFTER = tuple(timedelta(hours=hours) for hours in (0, 1, 6, 24, 72))
"""How long after each failed attempt a link is tried again in a later run; after the last, never."""
ROBOTS = "robots.txt"
"""Why a link is excluded that robots.txt forbids: for now, as one put up by mistake is taken down again."""
RECHECK_AFTER = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72, 720))
"""How long after its publication an article is looked at again, where the settings do not say."""
ANSWERED = frozenset({"fetched", "rejected", "gone"})
"""States of links that are asked for again only if there is a reason."""

Closed = Literal["entry", "look"]
"""What an entry is not asked for: anything, or only when known articles were changed."""

Days = tuple[date | None, date | None]
"""First and last day, both inclusive. Null: open on that side."""


class Plan(Protocol):
    """What the ledger asks of a run's plan."""

    @property
    def began(self) -> datetime:
        """When the walk began: links discovered since then do not count as known."""

    def is_outside(self, link: Link) -> bool:
        """Whether the run's window excludes the link."""

    def days(self, link: Link) -> Days | None:
        """What a later run is to judge the link by; null: its own window."""

    def day_of(self, link: Link, now: datetime) -> date:
        """The outlet's day that the link is counted by: its own as far as is known, else that of `now`."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request sends back. Null: the server gave none."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """The request headers that ask for the document only if it changed."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of one link. `reason` says why it is failed, excluded or rejected."""

    url: str
    state: State
    at: datetime
    reason: str | None = None
    validators: Validators = Validators()
    document: Document | None = None
    published_at: datetime | None = None
    led_to: str | None = None
    """Address of the article that it led to. Null: none, or its own."""
    segment: str | None = None
    """The segment that holds the page which says so. Null: none does."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a discovery document's links are to the ledger."""

    new: tuple[Link, ...]
    """Met for the first time."""
    due: tuple[Link, ...]
    """To be fetched now: the new ones within the window, and those left pending."""
    changed: tuple[Link, ...]
    """Known, and changed since as the document states: to be looked at again (see `Ledger.revisits`)."""
    known: tuple[Link, ...]
    """Met before the walk that is under way began, whatever became of them."""
    again: int
    """Met since that walk began: by an earlier run that did not finish it, or twice in this one."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A link left to fetch."""

    link: Link
    days: Days | None
    """Those of the backfill that discovered it without a date. Null: dated, or an ordinary run did."""


@dataclass(frozen=True, slots=True)
class Revisit:
    """A known link to be looked at again."""

    link: Link
    document: Document | None
    validators: Validators
    """Of the article it led to; unknown where it was rejected or gone."""


@dataclass(frozen=True, slots=True)
class WalkStart:
    """How a run stands to the walks of its source before it."""

    floor: str | None
    """First day that ordinary runs bring. Null: everything."""
    at: datetime
    """When the walk under way began: now, or with a run that was cut short."""
    is_first: bool
    """The source was never walked before."""
    is_fresh: bool
    """No run was cut short: the walk begins now."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A source that is left alone until an instant."""

    kind: Literal["restricted", "waiting"]
    """It refused us, or asked for patience."""
    url: str
    """What it refused; the address of the one request that it is asked again with."""
    reason: str
    since: datetime
    asked: int
    """How often it was asked again in vain."""
    until: datetime


@dataclass(frozen=True, slots=True)
class ClosedEntry:
    """An entry that is not asked for until an instant."""

    url: str
    what: Closed
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class LookResult:
    """What the last look at a source's site found."""

    at: datetime
    works: bool
    """An article could be read."""
    differences: tuple[str, ...]
    """From the source file, a sentence each."""
    theme: str | None = None
    """The theme of its pages. Null: they name none, or none was looked at."""


@dataclass(frozen=True, slots=True)
class Run:
    """A crawl whose row the database does not have."""

    crawl_id: str
    source: str
    started_at: datetime
    finished_at: datetime | None = None
    """Null: it is under way, or was killed."""
    message: str | None = None
    """Why it ended without a row. Null when `finished_at` is."""
    fault: Fault | None = None
    """What of this machine kept it from the store. Null: nothing of it, or not known."""
