"""What the watch finds of an outlet that falls to three articles a day, and what it raises where nothing is broken.

    python -m benchmarks.watch [--outlets N] [--months N]

Everything is drawn, by seed: outlets of twenty articles a day whose last day has three, and control months of 72 outlets
with Lebaran in them (`tests/kit/control.py`). No store, no network.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence

from benchmarks.tables import show
from crawler.report.judge import Machine, judge
from storage.health import OutletDay
from tests.kit.control import raised
from tests.kit.outlets import DAY, NOON, SOURCE, TODAY, days, drawn, health

PAST = 90
SPREADS = (1, 1.5, 2, 2.5)
OUTLETS = 72


def main() -> None:
    """Draw, judge, and print both."""
    parser = argparse.ArgumentParser(description="What the watch finds, and what it raises by chance.")
    parser.add_argument(
        "--outlets", type=int, default=700, help="outlets that fall, each spread (default: 700)"
    )
    parser.add_argument("--months", type=int, default=300, help="control months (default: 300)")
    given = parser.parse_args()
    show(
        ("variance / mean", "Monday to Friday", "Saturday, Sunday", "on the second day"),
        [(str(spread), *found(given.outlets, spread)) for spread in SPREADS],
    )
    false = sum(len(raised(10_000 + seed, OUTLETS)) for seed in range(given.months))
    print(f"{given.months} control months of {OUTLETS} outlets: {false} incidents")


def found(outlets: int, spread: float) -> tuple[str, str, str]:
    """Shares of outlets whose fall is said after its first day, by weekday, and of all after its second."""
    chance = random.Random(17)
    said: dict[bool, list[bool]] = {True: [], False: []}
    later: list[bool] = []
    for outlet in range(outlets):
        last = TODAY - (1 + outlet % 7) * DAY
        counts = [*drawn(chance, PAST, 20, spread, last - PAST * DAY), 3, 3]
        known = days(counts, last + DAY)
        first, second = (_is_said(known[: len(known) - left]) for left in (1, 0))
        said[last.weekday() < 5].append(first)
        later.append(first or second)
    return share(said[True]), share(said[False]), share(later)


def _is_said(known: Sequence[OutletDay]) -> bool:
    now = NOON.replace(year=known[-1].day.year, month=known[-1].day.month, day=known[-1].day.day) + DAY
    return bool(
        judge(health(days=tuple(known[-77:])), Machine(), now.date() - 7 * DAY, now, (SOURCE,), ()).opened
    )


def share(said: list[bool]) -> str:
    """`86%`."""
    return f"{sum(said) / len(said):.0%}"


if __name__ == "__main__":
    main()
