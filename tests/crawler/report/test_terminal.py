"""A report as it is printed: what it says, and that it fits."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from crawler.report.model import Day, Incident, Kind, Report, SourceHealth
from crawler.report.terminal import delay, show, sparkline, state
from tests.kit.outlets import DAY, NOON, TODAY

NAME = "nusantara_terkini_kalimantan_timur"


class Terminal(io.StringIO):
    """A terminal that keeps what it is sent."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def day(number: int, stored: int | None) -> Day:
    return Day(TODAY - 8 * DAY + number * DAY, 1, None, stored, (114.0, 2160.0), None, False)


def incident(kind: Kind, source: str | None = NAME) -> Incident:
    return Incident(
        source, kind, datetime(2024, 11, 19, 4, tzinfo=UTC), None, "no article on 2024-11-19 " * 8
    )


def outlet(name: str, counts: Sequence[int | None], *broken: Kind) -> SourceHealth:
    return SourceHealth(
        name,
        name.title(),
        tuple(day(number, stored) for number, stored in enumerate(counts)),
        sum(each or 0 for each in counts),
        1.0, 1.0, 1.0, 0.1, 0.0, 250.0,
        timedelta(minutes=95), timedelta(hours=9), NOON,
        tuple(incident(kind, name) for kind in broken),
    )  # fmt: skip


REPORT = Report(
    TODAY - 8 * DAY,
    TODAY,
    NOON,
    (outlet(NAME, [12345] * 13 + [0], "silent", "field_gone"), outlet("expresi", [3, 0, None, 6])),
    (incident("disk_filling", None),),
    (),
    (Incident("expresi", "refused", NOON - DAY, NOON, "HTTP 403"),),
)


def test_it_fits_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table, of whatever names and numbers, and the sentences below it."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    show(REPORT)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()).splitlines()
    assert max(map(cell_len, lines)) <= 80
    shown = "\n".join(lines)
    assert "nusantara_terki…" in shown and "fewer" not in shown
    assert f"{NAME}: silent since" in shown
    assert "this machine: disk filling since" in shown
    assert "expresi: works again (refused" in shown
    assert all(shown.index(worse) < shown.index("expresi") for worse in ("silent", "nusantara"))


def test_off_a_terminal_it_is_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """A line an outlet, parted by tabs, with its numbers and its whole name."""
    show(REPORT)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("\t")[:2] == ["outlet", "days"]
    assert lines[2].split("\t") == ["expresi", "3 0 - 6", "9", "114-2160", "2 h", "ok"]
    assert len(lines) == 7


def test_a_sparkline_has_a_sign_for_each_day() -> None:
    """None at all is the lowest, the most the highest, and what nobody looked at is a dot."""
    assert sparkline([day(0, 0), day(1, 1), day(2, 20), day(3, None)]) == "▁▂█·"
    assert sparkline([day(0, 0), day(1, None)]) == "▁·"
    assert sparkline([]) == ""


def test_a_sparkline_of_many_days_shows_them_all() -> None:
    """A sign stands for a stretch of them, by the days that somebody looked at: whoever asks for a year sees a year."""
    year = [day(n, 20 if n < 50 else None if n < 350 else 5) for n in range(400)]
    assert sparkline(year) == "█······▃"


def test_the_worst_is_named_first() -> None:
    """And how many there are besides."""
    assert state(outlet("a", [1], "silent", "field_gone")) == "silent +1"
    assert state(outlet("a", [0])) == "ok"
    unseen = replace(outlet("a", []), days=(Day(TODAY, 0, None, None, None, None, False),))
    assert state(unseen) == "not looked at"  # of what nobody saw nobody says that it is well
    assert [delay(each) for each in (None, timedelta(0), timedelta(hours=9), timedelta(days=3))] == [
        None,
        "0 min",
        "9 h",
        "3 d",
    ]
