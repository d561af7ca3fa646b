"""Incidents that the store could not take: they are kept in a file, so that each is told once while the store is stuck.

What stands in the file counts as written. The next report that gets the store writes it there, and the file goes.
"""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.disk import put_text
from storage.health import Health, IncidentRow

logger = logging.getLogger(__name__)
_INSTANTS = ("opened_at", "closed_at", "told_at")


def read(file: Path) -> tuple[IncidentRow, ...]:
    """The incidents of the file, each as it is now; none where there is no file, or one that nobody can read."""
    try:
        return tuple(map(_row, json.loads(file.read_text(encoding="utf-8"))))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        logger.warning("%s cannot be read, and is left out: %s", file, type(error).__name__)
        return ()


def keep(file: Path, incidents: Iterable[IncidentRow], gives_way: Path) -> None:
    """Have the file hold these incidents; of one that is given twice, the later. Nobody's work ends where it cannot.

    `gives_way`: a file of less worth, which is removed where the disk has not even room for these lines.
    """
    latest = {_key(row): row for row in incidents}
    text = json.dumps([_spelt(row) for row in latest.values()], indent=1)
    try:
        try:
            put_text(file, text)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            gives_way.unlink(missing_ok=True)
            put_text(file, text)
    except OSError as error:
        logger.warning(
            "%s cannot be written: %s; what broke is told by the next run again", file, error.strerror
        )


def forget(file: Path) -> None:
    """Remove the file: the store has what stood in it."""
    with suppress(OSError):
        file.unlink(missing_ok=True)


def with_unnoted(health: Health, incidents: Sequence[IncidentRow]) -> Health:
    """What is known, as though these incidents were in the store."""
    there = {_key(row): row for row in (*health.open_incidents, *incidents)}
    closed = [row for row in incidents if row.closed_at]
    return replace(
        health,
        open_incidents=tuple(row for row in there.values() if not row.closed_at),
        closed_incidents=(*health.closed_incidents, *closed),
    )


def _key(row: IncidentRow) -> tuple[str | None, str, datetime]:
    return row.source, row.kind, row.opened_at


def _spelt(row: IncidentRow) -> dict[str, Any]:
    return asdict(row) | {
        name: at.isoformat() for name in _INSTANTS if (at := getattr(row, name)) is not None
    }


def _row(value: dict[str, Any]) -> IncidentRow:
    instants = {name: datetime.fromisoformat(value[name]) for name in _INSTANTS if value[name] is not None}
    return IncidentRow(**(value | instants))
