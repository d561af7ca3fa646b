"""How the ledger writes instants: ISO 8601 in UTC to the microsecond, so that they compare as texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def written(moment: datetime) -> str:
    """An instant as the ledger keeps it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def comparable(modified: str | None) -> str | None:
    """A modification date as an instant in UTC, or as a day; as it is where it is neither."""
    if modified is None or _DAY.fullmatch(modified):
        return modified
    try:
        moment = datetime.fromisoformat(modified)
    except ValueError:
        return modified
    return written(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def is_later(one: str, other: str) -> bool:
    """Whether one comparable date is later than another; a day is compared as a day."""
    length = 10 if _DAY.fullmatch(one) or _DAY.fullmatch(other) else None
    return one[:length] > other[:length]
