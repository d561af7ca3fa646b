"""How a terminal's table is drawn. `crawler.console.tables` loads this where there is a terminal: rich takes its time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text


def draw(columns: Sequence[str], rows: Iterable[Sequence[str]], to: TextIO) -> None:
    """Draw printable texts as one table."""
    table = Table(
        *(Column(Text(name), overflow="fold") for name in columns)
    )  # an address is of use whole only
    for row in rows:
        table.add_row(*map(Text, row))  # a selector's brackets are no markup
    Console(file=to, highlight=False).print(table)


def width_of(terminal: TextIO) -> int:
    """The columns of a terminal."""
    return Console(file=terminal).width
