"""What the line at the foot of a terminal says: figures, pace, and when the end can be expected."""

from __future__ import annotations

import io
import logging
import sys
from datetime import datetime

import pytest

from crawler.console.progress import PACE_S, Bar, Pace, Standing, words

NOON = datetime(2024, 11, 20, 12)


def at(done: float, total: float = 1000, is_all: bool = True) -> Standing:
    return Standing("warta", done, total, (f"{done:.0f} fetched",), int(done), is_all)


def paced(*looks: tuple[float, float]) -> Pace:
    """The pace of these looks: (second, done)."""
    pace = Pace()
    for second, done in looks:
        pace.note(second, at(done))
    return pace


@pytest.mark.parametrize(
    ("looks", "standing", "said"),
    [
        ([], at(0), "0 fetched"),
        ([(0, 0), (1, 50)], at(50), "50 fetched"),
        ([(0, 0), (10, 100)], at(100), "100 fetched, ends 12:01:30, 10 a second"),
        ([(0, 0), (60, 30)], at(30), "30 fetched, ends 12:32:20, 30 a minute"),
        ([(0, 0), (100, 10)], at(10), "10 fetched, ends 14:45, 6 a minute"),
        ([(0, 0), (180, 1)], at(1), "1 fetched, ends 22 Nov, 13:57, 0 a minute"),
        ([(0, 7), (60, 7)], at(7), "7 fetched"),
        ([(0, 0), (10, 100)], at(100, is_all=False), "100 fetched, looking for more, 10 a second"),
    ],
)
def test_what_is_said(looks: list[tuple[float, float]], standing: Standing, said: str) -> None:
    """An end is expected once the pace is known, all is found, and something moves."""
    assert words(standing, paced(*looks), NOON) == said


def test_the_pace_is_that_of_the_last_minutes() -> None:
    """A fast beginning does not promise an early end for ever."""
    pace = paced((0, 0), (10, 900), (10 + PACE_S, 900 + PACE_S / 10))
    assert pace.pages_per_s == pytest.approx(0.1, rel=0.01)


def test_off_a_terminal_nothing_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures are not even asked for."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)

    def asked() -> Standing:
        raise AssertionError

    with Bar(asked):
        assert sys.stderr is stream
        print("sebaris", file=sys.stderr)
    assert stream.getvalue() == "sebaris\n"


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


def test_logs_are_led_above_the_line_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handlers that write to stderr write above the bar while it is there, and as before afterwards."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    handler = logging.StreamHandler(terminal)
    logging.root.addHandler(handler)
    try:
        with Bar(lambda: at(5)):
            assert handler.stream is sys.stderr is not terminal
            logging.getLogger("kabar").warning("a line with [brackets] and :smile:")
        assert handler.stream is sys.stderr is terminal
    finally:
        logging.root.removeHandler(handler)
    assert "a line with [brackets] and :smile:\n" in terminal.getvalue()
    assert "5 fetched" in terminal.getvalue()
