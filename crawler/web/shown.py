"""How values are written on a page, in its language: numbers, days, instants, spans, shares."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler.web.chart_words import CHART_WORDS
from crawler.web.language import Language

DASH = "–"
_UNITS: Final = {"id": ("hari", "jam", "menit"), "en": ("days", "h", "min")}


class Shown:
    """Writes values in one language."""

    def __init__(self, lang: Language) -> None:
        self._lang = lang
        self._words = CHART_WORDS[lang]

    def number(self, value: float | None) -> str:
        """`12.345` in Indonesian, `12,345` in English; – for null."""
        if value is None:
            return DASH
        text = f"{value:,.0f}"
        return text.replace(",", ".") if self._lang == "id" else text

    def decimal(self, value: float) -> str:
        """`2,5` in Indonesian, `2.5` in English."""
        text = f"{value:.1f}"
        return text.replace(".", ",") if self._lang == "id" else text

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
        return DASH if value is None else self._words.day(value)

    def instant(self, at: datetime | None, zone: str | None = None) -> str:
        """`20 Nov 2024 16.48 WITA`, in a zone, else in that of the value; – for null."""
        if at is None:
            return DASH
        there = at.astimezone(_zone(zone)) if zone else at
        clock = there.strftime("%H.%M" if self._lang == "id" else "%H:%M")
        return f"{self._words.day(there.date())} {clock} {there:%Z}"

    def duration(self, time: timedelta | float | None) -> str:
        """`3,0 hari`, `2,5 jam`, `90 menit`, of a span or of seconds; – for null. A unit begins at two of it."""
        if time is None:
            return DASH
        span = time if isinstance(time, timedelta) else timedelta(seconds=time)
        sign = "−" if span < timedelta() else ""
        span = abs(span)
        days, hours, minutes = _UNITS[self._lang]
        for name, unit in ((days, timedelta(days=1)), (hours, timedelta(hours=1))):
            if span >= 2 * unit:
                return f"{sign}{self.decimal(span / unit)} {name}"
        return f"{sign}{span / timedelta(minutes=1):.0f} {minutes}"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
