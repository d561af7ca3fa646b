"""What a harvest makes of several crawls: the lines of its log and of its board, and of sources that others crawl."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawler.console.progress import Board, BoardLine, Standing, Tally, total_of
from crawler.console.text import key_values
from storage.data_dir import DataDir
from tests.kit.running import SITES, Done, command, scrapy
from tests.kit.terminal import on_terminal


def test_a_line_of_the_log_is_read_by_programs() -> None:
    """Words are quoted, what is not known is left out, and no password of an address is kept."""
    line = key_values(source="expresi", new=4, entry=None, why='https://ani:rahasia@x.example/a said "no"\n')
    assert line == r'source=expresi new=4 why="https://x.example/a said \"no\"\\n"'


def test_tallies_add_up() -> None:
    assert total_of([Tally(3, 2, 1), Tally(1, 1, 0, 1, 1)]) == Tally(4, 3, 1, 1, 1)
    assert total_of([]) == Tally()


def harvest(folder: Path, *names: str) -> Done:
    return scrapy("harvest", *names, REPLAY=SITES, DATA_DIR=folder, READ_WORKERS=1)


def test_an_overlap_is_no_failure(tmp_path: Path) -> None:
    """A source that another process crawls is left alone: nothing is printed, now or when it is free again."""
    data_dir = DataDir(tmp_path / "data")
    data_dir.claim("replay")
    with data_dir.source_lock("expresi"):
        first = harvest(data_dir.root, "expresi", "chanetujuh")
        alone = scrapy("crawl", "expresi", REPLAY=SITES, DATA_DIR=data_dir.root, READ_WORKERS=1)
    second = harvest(data_dir.root, "expresi")
    assert [(done.code, done.out, done.err) for done in (first, second)] == [(0, "", "")] * 2
    alone.refused(1, "expresi", "already being crawled")
    log = (data_dir.root / "logs" / "harvest.log").read_text("utf-8")
    assert re.findall(r"source=(\w+) outcome=(\w+) code=\d found=(\d+)", log) == [
        ("expresi", "overlap", "0"),
        ("chanetujuh", "done", "9"),
        ("expresi", "done", "10"),
    ]
    assert "Overridden settings" not in log


@pytest.mark.heavy
def test_a_harvest_on_a_terminal_has_a_line_an_outlet(tmp_path: Path) -> None:
    """Found, fetched, new, edited, rejected; the whole below them, in 80 columns; and one line at the end."""
    given = command("harvest", "expresi", "chanetujuh", REPLAY=SITES, DATA_DIR=tmp_path / "d", READ_WORKERS=1)
    shown = on_terminal(given, columns=80)
    assert shown.done.code == 0
    lines = [" ".join(line.split()) for line in shown.frames]
    assert "outlet found fetched new edited rejected a minute waits ends" in lines
    assert any(re.match(r"expresi \d+ \d+ \d+ 0 0 ", line) for line in lines)
    assert any(re.match(r"0 of 2 done \d+ ", line) for line in lines)
    assert shown.done.out.startswith("2 sources: 19 new, 0 edited, 0 removed, 0 rejected; open ")
    assert "Overridden settings" not in shown.raw


def test_a_board_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """With the longest name and large figures."""
    from datetime import datetime
    from io import StringIO

    from rich.console import Console

    line = BoardLine(Standing("antara_gorontalo", 1, 9, (), 1), Tally(12_345, 5_000, 4_321, 123, 456), 118.0)
    board = Board(lambda: [line])
    drawn = Console(file=StringIO(), width=80)
    drawn.print(board._drawn([line, line], 0.0, datetime(2024, 11, 20, 12)))
    text = drawn.file.getvalue()  # type: ignore[attr-defined]
    assert "antara_gorontalo" in text
    assert "118 s" in text
    assert "…" not in text
    assert len(text.splitlines()) == 3
