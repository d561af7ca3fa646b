"""A control month with Lebaran in it: outlets as they are, nothing broken. By seed."""

from __future__ import annotations

import random
from datetime import date, timedelta

from crawler.report.judge import Machine, judge
from tests.kit.outlets import DAY, NOON, SOURCE, days, drawn, health

MONTH = date(2024, 4, 1)
DAYS_BEFORE = 84
QUIET = {MONTH + number * DAY: "Idul Fitri" for number in range(6, 17)} | {
    date(2024, 2, 8): "Isra Mikraj",
    date(2024, 2, 9): "Cuti Bersama Tahun Baru Imlek",
    date(2024, 3, 11): "Hari Suci Nyepi",
    date(2024, 3, 12): "Cuti Bersama Hari Suci Nyepi",
    date(2024, 3, 29): "Wafat Yesus Kristus",
}
"""Quiet days of these weeks: an outlet brings a fifth of its articles, or none."""


def raised(seed: int, outlets: int) -> list[str]:
    """What a month of daily reports opens, of so many outlets from one article in three days to sixty a day."""
    chance, found = random.Random(seed), []
    number, first = DAYS_BEFORE + 30, MONTH - DAYS_BEFORE * DAY
    for outlet in range(outlets):
        mean, spread = chance.choice((0.3, 1, 2, 4, 8, 14, 20, 35, 60)), chance.choice((1, 1, 1.5, 2.5))
        counts = drawn(chance, number, mean, spread, first)
        for day in QUIET:
            counts[(day - first).days] //= 5
        past = days(counts, MONTH + 29 * DAY, holidays=QUIET)
        before = False
        for passed in range(DAYS_BEFORE, number):
            now = NOON.replace(2024, 4, 1) + timedelta(days=passed - DAYS_BEFORE + 1)
            known = health(days=past[max(0, passed - 76) : passed + 1])
            verdict = judge(known, Machine(), now.date() - 7 * DAY, now, (SOURCE,), ())
            if verdict.opened and not before:
                found.append(f"outlet {outlet} ({mean}, {spread}): {verdict.opened[0].detail}")
            before = bool(verdict.opened)
    return found
