"""What stands at the foot of a terminal: how far a long command is, and when it will be done.

`Bar` is one line, `Board` a line for each of several crawls at once, and one for the whole.

It asks for the figures itself, four times a second, so that nobody has to feed it. What is logged meanwhile
stands above it, each line whole. Off a terminal there is nothing of it.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TextIO

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column, Table
from rich.text import Text

REFRESHED_PER_S = 4
PACE_S = 180.0
"""The expected end follows from the pace of so long a time: outlets slow down, and archives have their deserts."""
SOONEST_S = 2.0
"""Before that nothing is expected."""
BAR_WIDTH = 8
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a piece of work is."""

    name: str
    done: float
    total: float
    """In the unit of `done`; what is known of it so far."""
    said: tuple[str, ...]
    """The figures, in words."""
    pages: int
    """Dealt with so far: what the pace is told in."""
    is_all: bool = True
    """Nothing more will be found: the total stays, and an end can be expected."""


class Tally(NamedTuple):
    """What a crawl has done so far, in articles."""

    found: int = 0
    fetched: int = 0
    new: int = 0
    edited: int = 0
    rejected: int = 0


def total_of(tallies: Iterable[Tally]) -> Tally:
    """The sum of several."""
    return Tally(*map(sum, zip(Tally(), *tallies, strict=True)))


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A line of the board: one crawl, or the whole."""

    standing: Standing
    tally: Tally
    waits_s: float = 0.0
    """So long its site asked for no further request."""
    label: str | None = None
    """What the line is called. Null: by the name of its work."""


@dataclass(slots=True)
class Pace:
    """How fast it went lately. Instants are in seconds of any clock that does not jump."""

    samples: deque[tuple[float, float, int]] = field(default_factory=deque)

    def note(self, at_s: float, standing: Standing) -> None:
        """Take a look into account; what is older than PACE_S is forgotten."""
        self.samples.append((at_s, standing.done, standing.pages))
        while at_s - self.samples[0][0] > PACE_S:
            self.samples.popleft()

    @property
    def seconds(self) -> float:
        """How long a time it is measured over."""
        return self.samples[-1][0] - self.samples[0][0] if self.samples else 0.0

    @property
    def pages_per_s(self) -> float:
        """0 before anything is known."""
        return (self.samples[-1][2] - self.samples[0][2]) / self.seconds if self.seconds else 0.0

    def left_s(self, standing: Standing) -> float | None:
        """Seconds to the end; null where nothing can be expected yet, or nothing moves."""
        if not standing.is_all or self.seconds < SOONEST_S:
            return None
        done = self.samples[-1][1] - self.samples[0][1]
        return (standing.total - standing.done) * self.seconds / done if done > 0 else None


def words(standing: Standing, pace: Pace, now: datetime) -> str:
    """The line beside the bar."""
    said = list(standing.said)
    left_s = pace.left_s(standing)
    if left_s is not None:
        said.append(f"ends {_end(now, timedelta(seconds=left_s))}")
    elif not standing.is_all:
        said.append("looking for more")
    if pace.seconds >= SOONEST_S and pace.pages_per_s > 0:
        said.append(_rate(pace.pages_per_s))
    return ", ".join(said)


def _rate(pages_per_s: float) -> str:
    return f"{pages_per_s:,.0f} a second" if pages_per_s >= 2 else f"{pages_per_s * 60:,.0f} a minute"


def _end(now: datetime, left: timedelta) -> str:
    end = now + left
    if left < timedelta(hours=1):
        return f"{end:%H:%M:%S}"
    return f"{end:%H:%M}" if left < DAY else f"{end:%d %b, %H:%M}"


class Bar(Progress):
    """The line, while the block runs. `look` gives the figures, or null while there are none.

    rich draws it; the expected end is ours, because rich forgets the pace whenever more is found.
    """

    def __init__(self, look: Callable[[], Standing | None] = lambda: None) -> None:
        self._look = look
        self._pace = Pace()
        self._is_shown = False
        self._ending = ExitStack()
        self._terminal = sys.stderr
        super().__init__(
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
            BarColumn(BAR_WIDTH),
            # A narrow terminal cuts it here.
            TextColumn("{task.fields[words]}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
            console=Console(file=self._terminal, force_terminal=True),
            refresh_per_second=REFRESHED_PER_S,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            expand=True,
            disable=not self._terminal.isatty() or os.environ.get("TERM", "dumb") == "dumb",
        )

    def start(self) -> None:
        """Show the line, and have whatever is logged stand above it; on a terminal only."""
        if self.disable:
            return
        above = _Above(self.console)
        self._ending.callback(_lead, above, self._terminal)
        self._ending.callback(super().stop)
        self._is_shown = True
        super().start()
        self.console.show_cursor(True)  # a kill would leave it hidden
        _lead(self._terminal, above)

    def stop(self) -> None:
        """Take the line away, and leave the streams as they were."""
        self._ending.close()

    def get_renderables(self) -> Iterable[RenderableType]:
        """The line as it is now: asked for by rich's own thread."""
        standing = self._look() if self._is_shown else None
        if standing is not None:
            self._pace.note(time.monotonic(), standing)
            for task in self.task_ids or [self.add_task(standing.name)]:
                said = words(standing, self._pace, datetime.now())
                self.update(task, completed=standing.done, total=max(standing.total, 1), words=said)
        return super().get_renderables()


class Board(Bar):
    """A line for each crawl that runs, the last for the whole. `look` gives them; none while nothing runs."""

    HEADS = ("outlet", *Tally._fields, "a minute", "waits", "ends")

    def __init__(self, look: Callable[[], Sequence[BoardLine]]) -> None:
        super().__init__()
        self._look_at_all = look
        self._paces: dict[str, Pace] = {}

    def get_renderables(self) -> Iterable[RenderableType]:
        """The lines as they are now: asked for by rich's own thread."""
        lines = self._look_at_all() if self._is_shown else ()
        if lines:
            yield self._drawn(lines, time.monotonic(), datetime.now())

    def _drawn(self, lines: Sequence[BoardLine], at_s: float, now: datetime) -> Table:
        table = Table.grid(padding=(0, 1, 0, 0))
        for number, head in enumerate(self.HEADS):
            table.add_column(head, justify="right" if number else "left", no_wrap=True)
        table.add_row(*(Text(head, "dim") for head in self.HEADS))
        for line in lines:
            table.add_row(*map(Text, self._cells(line, at_s, now)))
        return table

    def _cells(self, line: BoardLine, at_s: float, now: datetime) -> list[str]:
        pace = self._paces.setdefault(line.standing.name, Pace())
        pace.note(at_s, line.standing)
        left_s = pace.left_s(line.standing)
        return [
            line.label or line.standing.name,
            *(f"{number:,}" for number in line.tally),
            f"{pace.pages_per_s * 60:,.0f}",
            f"{line.waits_s:,.0f} s" if line.waits_s >= 1 else "",
            _end(now, timedelta(seconds=left_s)) if left_s is not None else "",
        ]


class _Above(io.StringIO):
    """A stream whose lines are printed above the bar, as they are."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        if lines:
            self._console.print("\n".join(lines), markup=False, highlight=False, emoji=False, soft_wrap=True)
        return len(text)

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._console.file.fileno()


def _lead(old: TextIO, new: TextIO) -> None:
    """Lead what is written to stderr, by us or by a log, from one stream to the other."""
    sys.stderr = new
    for handler in logging.root.handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is old:
            handler.setStream(new)
