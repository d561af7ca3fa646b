"""The calendar of the election, as `calendar.csv` beside this module has it: its stages, their days and their legal source.

The file is the data, and the view `calendar` shows it: who mends it mends both. A stage that no regulation is known for
does not stand in it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("calendar.csv")
QUIET_DAYS = "quiet days"
"""The days before a vote on which nobody may campaign, and no poll may be published."""
VOTE = "vote"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the election. Both days are inclusive, and of each outlet's own zone."""

    stage: str
    first_day: date
    last_day: date
    legal_source: str


@cache
def stages() -> tuple[Stage, ...]:
    """All stages, in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Stage(
                row["stage"],
                date.fromisoformat(row["first_day"]),
                date.fromisoformat(row["last_day"]),
                row["legal_source"],
            )
            for row in csv.DictReader(file)
        )


def as_values() -> str:
    """The stages as rows of SQL, for the text of the view."""
    return ",\n    ".join(
        f"({_quoted(each.stage)}, DATE '{each.first_day}', DATE '{each.last_day}', {_quoted(each.legal_source)})"
        for each in stages()
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
