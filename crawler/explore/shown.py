"""How values are written on a page, in its language: numbers, days, instants, spans, shares, texts of several lines."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup, escape

from crawler.console.text import printable_lines
from crawler.explore.words import Words

DASH = "–"
MOST_OF_TITLE = 300
"""Characters of a title in a list; its article shows it whole."""


class Shown:
    """Writes values in one language."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def number(self, value: float | None) -> str:
        """`12.345` in Indonesian, `12,345` in English; – for null."""
        if value is None:
            return DASH
        text = f"{value:,.0f}"
        return text.replace(",", ".") if self._words.lang == "id" else text

    def decimal(self, value: float) -> str:
        """`2,5` in Indonesian, `2.5` in English."""
        text = f"{value:.1f}"
        return text.replace(".", ",") if self._words.lang == "id" else text

    def share(self, value: float | None) -> str:
        """`97%`; – for null. What is not all is never shown as all, nor something as nothing."""
        if value is None:
            return DASH
        percent = round(100 * value)
        if percent == 100 and value < 1:
            return "> 99%"
        return "< 1%" if percent == 0 and value > 0 else f"{percent}%"

    def day(self, value: date | None) -> str:
        """`20 Nov 2024`; – for null."""
        return DASH if value is None else self._words.charts.day(value)

    def instant(self, at: datetime | None, zone: str | None = None) -> str:
        """`20 Nov 2024 16.48 WITA`, in a zone, else in that of the value; – for null."""
        if at is None:
            return DASH
        there = at.astimezone(_zone(zone)) if zone else at
        clock = there.strftime("%H.%M" if self._words.lang == "id" else "%H:%M")
        return f"{self._words.charts.day(there.date())} {clock} {there:%Z}"

    def published(self, row: dict[str, object]) -> str:
        """When an article was published, as exactly as is known."""
        at, on = row["published_at"], row["published_on"]
        if isinstance(at, datetime) and row.get("published_precision") != "day":
            zone = row.get("timezone")
            return self.instant(at, str(zone) if zone else None)
        return self.day(on if isinstance(on, date) else None)

    def duration(self, time: timedelta | float | None) -> str:
        """`3,0 hari`, `2,5 jam`, `90 menit`, of a span or of seconds; – for null. A unit begins at two of it."""
        if time is None:
            return DASH
        span = time if isinstance(time, timedelta) else timedelta(seconds=time)
        sign = "−" if span < timedelta() else ""
        span = abs(span)
        for key, unit in (("unit_days", timedelta(days=1)), ("unit_h", timedelta(hours=1))):
            if span >= 2 * unit:
                return sign + self._words(key, n=self.decimal(span / unit))
        return sign + self._words("unit_min", n=f"{span / timedelta(minutes=1):.0f}")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def lines(text: str) -> Markup:
    """A text of several lines, which stay, without hidden signs."""
    return Markup(escape(printable_lines(text)))


def cut(text: str | None, most: int = MOST_OF_TITLE) -> str | None:
    """The beginning of what is too long for a list."""
    return text if text is None or len(text) <= most else f"{text[: most - 1].rstrip()}…"


def outward(url: str | None) -> str | None:
    """An address that a link may lead to; null for one of another kind than http and https."""
    return url if url is not None and url.lower().startswith(("http://", "https://")) else None
