"""The arguments of a crawl (`-a since=… until=… limit=… recheck=…`), checked before anything is opened."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo

from crawler.errors import ArgumentError


@dataclass(frozen=True, slots=True)
class CrawlArguments:
    """The arguments of one run. Days are whole days in the source's zone, inclusive; null: not given."""

    since: date | None = None
    until: date | None = None
    limit: int | None = None
    """The most articles that the run stores."""
    recheck: date | None = None
    """Known articles published since then are asked for again, conditionally."""

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> CrawlArguments:
        """Parse the arguments of the command line; `ArgumentError` names the first wrong one."""
        for name in given:
            if name not in cls.__slots__:
                near = get_close_matches(name, cls.__slots__, n=1, cutoff=0.4)
                hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(cls.__slots__)}"
                raise ArgumentError(f"-a {name}: no such argument{hint}")
        parsed = cls(
            since=parse_day(given.get("since"), "-a since="),
            until=parse_day(given.get("until"), "-a until="),
            limit=_count("limit", given.get("limit")),
            recheck=parse_day(given.get("recheck"), "-a recheck="),
        )
        if parsed.since and parsed.until and parsed.since > parsed.until:
            raise ArgumentError(f"-a since={parsed.since} is after until={parsed.until}")
        return parsed


def parse_day(text: str | None, option: str) -> date | None:
    """A day of the command line; null: none is given. `ArgumentError` names it behind its option: `--since `, `-a since=`."""
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise ArgumentError(f"{option}{text}: not a day such as 2024-11-17") from None


EARLIEST_ZONE: Final = ZoneInfo("Asia/Jayapura")
"""Where each day begins first, of all outlets."""


def parse_past_day(text: str | None, option: str, now: datetime) -> date | None:
    """The same of a day that has begun somewhere: in Jayapura it is nine hours older than in UTC."""
    day = parse_day(text, option)
    if day is not None and day > now.astimezone(EARLIEST_ZONE).date():
        raise ArgumentError(f"{option}{text}: a day to come")
    return day


def _count(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", text):
        raise ArgumentError(f"-a {name}={text}: not a number from 1 up")
    return int(text)
