"""What there is to tell: plain text and plain values, whatever a site has put into them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from crawler.console.text import printable
from crawler.report.model import Incident, Report

DETAIL_CHARS: Final = 300
MOST: Final = 200
"""Incidents of a notice of each sort; of more the latest."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a report has to tell of what opened and closed. One that has neither is told to nobody."""

    opened: tuple[Incident, ...] = ()
    closed: tuple[Incident, ...] = ()

    @classmethod
    def of(cls, report: Report) -> Self:
        """What that report has to tell."""
        return cls(report.opened, report.mended)

    def __bool__(self) -> bool:
        return bool(self.opened or self.closed)

    def after(self, earlier: Notice) -> Notice:
        """Both as one: what broke earlier and works again by now is told as working again only."""
        closed = _once(*earlier.closed, *self.closed)
        over = {_key(each) for each in closed}
        opened = [each for each in _once(*earlier.opened, *self.opened) if _key(each) not in over]
        return Notice(tuple(opened[-MOST:]), tuple(closed[-MOST:]))

    @property
    def subject(self) -> str:
        """`Kabar: 2 broken, 1 works again`."""
        parts = [f"{len(self.opened)} broken"] if self.opened else []
        if self.closed:
            parts.append(f"{len(self.closed)} {'works' if len(self.closed) == 1 else 'work'} again")
        return f"Kabar: {', '.join(parts)}"

    @property
    def text(self) -> str:
        """A line for each incident; no line ends but those between them."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for head, incidents in (("Broken:", self.opened), ("Works again:", self.closed)):
            if incidents:
                yield head
                yield from (f"- {_line(each)}" for each in incidents)

    def as_json(self) -> dict[str, Any]:
        """The same for a program: `subject`, `text`, and the incidents `opened` and `closed`."""
        incidents = {"opened": list(map(as_json, self.opened)), "closed": list(map(as_json, self.closed))}
        return {"subject": self.subject, "text": self.text, **incidents}


def _key(incident: Incident) -> tuple[str | None, str, datetime]:
    """What tells an incident from others."""
    return incident.source, incident.kind, incident.opened_at


def _once(*incidents: Incident) -> Sequence[Incident]:
    """Each once, as it was told last."""
    return list({_key(each): each for each in incidents}.values())


def _detail(incident: Incident) -> str:
    line = printable(incident.detail)
    return line if len(line) <= DETAIL_CHARS else f"{line[: DETAIL_CHARS - 1]}…"


def _line(incident: Incident) -> str:
    where = printable(incident.source or "this machine")
    when = f"since {_minute(incident.opened_at)} UTC"
    if incident.closed_at:
        when = f"from {_minute(incident.opened_at)} to {_minute(incident.closed_at)} UTC"
    return f"{where}: {incident.kind.replace('_', ' ')} {when}: {_detail(incident)}"


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def as_json(incident: Incident) -> dict[str, str | None]:
    """An incident by its fields; instants in ISO 8601, UTC."""
    return {
        "source": incident.source,
        "kind": incident.kind,
        "opened_at": incident.opened_at.astimezone(UTC).isoformat(),
        "closed_at": incident.closed_at.astimezone(UTC).isoformat() if incident.closed_at else None,
        "detail": _detail(incident),
    }


def from_json(value: Mapping[str, Any]) -> Incident:
    """The incident of those fields. `KeyError`, `TypeError` or `ValueError` for anything else."""
    closed_at = value["closed_at"]
    return Incident(
        value["source"],
        value["kind"],
        datetime.fromisoformat(value["opened_at"]),
        datetime.fromisoformat(closed_at) if closed_at else None,
        str(value["detail"]),
    )


def spelt(notice: Notice) -> bytes:
    """The JSON, in UTF-8."""
    return json.dumps(notice.as_json(), ensure_ascii=False).encode()
