"""Whether the machine's clock may be trusted; what was noted while it was wrong is put right, and said once."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.ledger.ledger import Ledger
from crawler.processing.merger import Merger
from storage.clock import Standing

MADE_AT = datetime(2025, 1, 1, tzinfo=UTC)
"""Kabar is younger: a clock that says less is one that was never set."""


def put_right(merger: Merger, ledger: Ledger, source: str, now: datetime, first_day: str | None) -> Standing:
    """Put right what store and ledger noted ahead of now, unless the clock is behind; says which it was.

    `first_day`: the first day that a first run brings today; null: everything.
    """
    stored = merger.put_clock_right(now) if now >= MADE_AT else "behind"
    if stored == "behind" or ledger.clock.is_behind(source, now):
        return "behind"
    is_put_right = ledger.clock.put_right(source, now, first_day)
    return "was ahead" if is_put_right else stored


def line_of(standing: Standing, now: datetime) -> str:
    """What is said of a clock that is not right, or was not."""
    if standing == "behind":
        return f"the clock says {now:%Y-%m-%d %H:%M} UTC, and is behind: set it; nothing was asked for"
    return "the clock was ahead once: what was noted then is put right, and the site looked through anew"
