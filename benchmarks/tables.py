"""What a benchmark prints: Markdown, as it stands in docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def show(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table; every column but the first is of figures, and stands right. An empty or null cell was not measured."""
    print(_line(columns))
    print("|---|" + "---:|" * (len(columns) - 1))
    for row in rows:
        print(_line("" if cell is None else cell for cell in row))
    print()


def _line(cells: Iterable[Any]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
