"""Which links fall into the days a crawl is for, as far as discovery's hints tell.

Judges only what it can be sure of: a link whose hints leave it open is fetched and judged by its page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pipelines.article import Link
from pipelines.lines import dates

_DAY = timedelta(days=1)
# "3 jam lalu" means something only with the moment it was read: read at this one, it is not believed.
_FAR = datetime(3000, 1, 1, tzinfo=UTC)
_ISO_MONTH = re.compile(r"\d{4}-\d\d")
_URL_DATE = re.compile(r"/(20\d\d)/(0[1-9]|1[0-2])(?:/(0[1-9]|[12]\d|3[01]))?(?=/|$)")


@dataclass(frozen=True, slots=True)
class Window:
    """The days a crawl is for, in the outlet's zone, both inclusive. Null: open on that side."""

    since: date | None
    until: date | None
    timezone: str
    clock: str | None = None
    """IANA zone of hints without one. Null: `timezone`."""

    def holds(self, link: Link) -> bool | None:
        """Whether the link was published within the window; null when its hints do not tell."""
        if self.since is None and self.until is None:
            return True
        span = self.days(link)
        if span is None:
            # Nothing is published after it was last changed.
            return False if self._ends_before(link.modified) else None
        first, last = span
        if self.is_before(link) or (self.until is not None and first > self.until):
            return False
        inside = (self.since is None or first >= self.since) and (self.until is None or last <= self.until)
        return True if inside else None

    def is_before(self, link: Link) -> bool:
        """Whether the link is surely older than the window: nothing older still is worth a request."""
        span = self.days(link)
        if span is None:
            return self._ends_before(link.modified)
        return self.since is not None and span[1] < self.since

    def is_past(self, modified: str | None) -> bool:
        """Whether what was last changed then (a child sitemap) can hold nothing of the window."""
        return self._ends_before(modified)

    def days(self, link: Link) -> tuple[date, date] | None:
        """The first and the last day on which the link may have been published; null when unknown."""
        return self.span(link.published) or _days_in_address(link.url)

    def day(self, link: Link) -> date | None:
        """The day on which the link was published; null when its hints do not tell it exactly."""
        span = self.span(link.published)
        return span[0] if span is not None and span[0] == span[1] else None

    def likely_day(self, link: Link) -> date | None:
        """The day that the link is counted by while its article was not read: its own or its address's."""
        if (day := self.day(link)) is not None:
            return day
        span = _days_in_address(link.url)
        return span[0] + _DAY if span is not None and span[1] - span[0] == 2 * _DAY else None

    def span(self, text: str | None) -> tuple[date, date] | None:
        """The first and last day, in the outlet's zone, that a date text may mean; null when none."""
        text = (text or "").strip()
        if _ISO_MONTH.fullmatch(text):
            return _calendar_span(*map(int, text.split("-")))
        found = dates.parse(text, self.clock or self.timezone, _FAR)
        if found is None or found.at.year > _FAR.year - 100:
            return None
        day = found.at.date()
        if found.precision != "day":
            day = found.at.astimezone(ZoneInfo(self.timezone)).date()
        return day, day

    def _ends_before(self, text: str | None) -> bool:
        span = self.span(text)
        return span is not None and self.since is not None and span[1] < self.since


def _calendar_span(year: int, month: int, day: int | None = None) -> tuple[date, date] | None:
    try:
        first = date(year, month, day or 1)
        if day is not None:
            return first, first
        return first, (first + 31 * _DAY).replace(day=1) - _DAY
    except (ValueError, OverflowError):
        return None


def _days_in_address(url: str) -> tuple[date, date] | None:
    """The days that a date in an address allows, one more on either side: its clock is unknown."""
    match = _URL_DATE.search(url)
    if match is None:
        return None
    span = _calendar_span(int(match[1]), int(match[2]), int(match[3]) if match[3] else None)
    return (span[0] - _DAY, span[1] + _DAY) if span is not None else None
