"""What a report says: values that the terminal, the page, the gauges and the notices all show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

Kind = Literal[
    "silent",
    "fewer_articles",
    "field_gone",
    "layout_changed",
    "refused",
    "certificate",
    "moved_host",
    "clock",
    "disk_filling",
    "no_network",
    "store_stuck",
    "failed",
]
KINDS: Final = get_args(Kind)
"""The kinds of incidents, the worst for a record first."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that is, or was, broken. Opened once, closed once, kept."""

    source: str | None
    """Null: the machine, not one outlet."""
    kind: Kind
    opened_at: datetime
    closed_at: datetime | None
    """Null: it is still open."""
    detail: str
    """One line of plain text: what was found beside what was expected. Never markup of a site."""
    told_at: datetime | None = None
    """When there was something to tell of it. Null: it came back soon after it had closed, and has not lasted since."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an outlet, in its own zone."""

    day: date
    looks: int
    """Runs that reached that day; 0: nobody looked, and nothing is known of it."""
    published: int | None
    """Articles that the outlet itself names; null: no list was read that can know."""
    stored: int | None
    """Articles here; null: nobody looked."""
    expected: tuple[float, float] | None
    """Least and most articles of a normal such day; null: nothing is known of the outlet yet."""
    holiday: str | None
    """Name of the holiday or joint leave that it is in Indonesia."""
    is_backfilled: bool
    """Whether it was only looked at days later."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Days of an outlet, one after the other, that brought too little, and that are over."""

    source: str
    first: date
    last: date
    detail: str
    """What was found beside what was expected, on the last of them."""


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How one outlet fares, over the days of the report."""

    source: str
    title: str
    days: tuple[Day, ...]
    """Ascending, without gaps."""
    articles: int
    """Stored, of those days."""
    share_with_date: float | None
    """0 to 1, of those articles; likewise author, dateline; null: there are none."""
    share_with_author: float | None
    share_with_dateline: float | None
    share_rejected: float | None
    """0 to 1, of the pages read in those days; null: none."""
    share_failed: float | None
    """0 to 1, of the requests in those days; null: none."""
    words: float | None
    """Median words of an article; null: there is none."""
    latency: timedelta | None
    """Median time from publication to its row here, of what is not backfilled; null: none with an instant."""
    latency_90: timedelta | None
    """The time that 90% kept below; null when `latency` is."""
    last_success: datetime | None
    """End of the last crawl that looked at it; null: none did."""
    open_incidents: tuple[Incident, ...]

    @property
    def is_breached(self) -> bool:
        """Whether anything is open."""
        return bool(self.open_incidents)

    @property
    def of_listed(self) -> tuple[int, int] | None:
        """Articles stored, and those that the outlet lists, of the days looked at whose number it tells; null: it tells none."""
        told = [(each.stored or 0, each.published) for each in self.days if each.looks]
        counted = [(stored, published) for stored, published in told if published is not None]
        if not counted:
            return None
        return sum(stored for stored, _ in counted), sum(published for _, published in counted)

    @property
    def coverage(self) -> float | None:
        """0 to 1: the one of the other; null: it tells none, or lists nothing."""
        stored, listed = self.of_listed or (0, 0)
        return min(stored / listed, 1.0) if listed else None


@dataclass(frozen=True, slots=True)
class Report:
    """The watch's word on a span of days."""

    first_day: date
    last_day: date
    made_at: datetime
    """UTC."""
    sources: tuple[SourceHealth, ...]
    """Worst first."""
    machine: tuple[Incident, ...]
    """Open incidents that are of no one outlet."""
    opened: tuple[Incident, ...]
    """What there is to tell of what is open: new since the report before, or back, and for so long that it is no flapping."""
    closed: tuple[Incident, ...]
    """Closed since the report before."""
    dropped: tuple[Incident, ...] = ()
    """Closed since the report before, for nobody follows their outlet any more: not mended."""
    is_news: bool = False
    """Whether anything opened since the report before, told or not."""
    shortfalls: tuple[Shortfall, ...] = ()
    """Of the days of the report, those that are over; whatever is open has them not."""
    is_of_days: bool = False
    """Whether those days were asked for: then a shortfall among them is a breach, too."""
    unwritten: Exception | None = None
    """Why what changed is not written down yet; null: it is."""

    @property
    def mended(self) -> tuple[Incident, ...]:
        """What there is to tell of what closed: of what was told when it broke."""
        return tuple(each for each in self.closed if each.told_at is not None)

    @property
    def is_breached(self) -> bool:
        """Whether anything is open, or a day that was asked for fell short: exit code 1."""
        is_open = bool(self.machine) or any(each.is_breached for each in self.sources)
        return is_open or (self.is_of_days and bool(self.shortfalls))
