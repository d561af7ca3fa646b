"""What a harvest makes of several crawls: the lines of its log and of its board, and of sources that others crawl."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.console.progress import Board, BoardLine, Standing, Tally, total_of
from crawler.console.text import key_values
from crawler.downloader.rate_limit import network_of
from crawler.errors import ArgumentError
from crawler.harvest import chosen
from storage.data_dir import DataDir
from tests.conftest import Crawled
from tests.kit.running import SITES, Done, command, crawl_replayed, rows, scrapy
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


def test_a_doubtful_list_of_actors_is_told_once_and_breaks_no_outlet(tmp_path: Path) -> None:
    """The run is done, with its line in the log; no incident opens, however often it comes."""
    data_dir = DataDir(tmp_path / "data")
    harvest(data_dir.root, "expresi").succeeded()
    (data_dir.root / "actors.csv").write_text("actor_id,name,kind\nx,Budi,persn\n")
    first, second, third = (harvest(data_dir.root, "expresi") for _ in range(3))
    first.refused(1, "actors.csv:2", "persn")
    assert [(done.code, done.out, done.err) for done in (second, third)] == [(0, "", "")] * 2
    log = (data_dir.root / "logs" / "harvest.log").read_text("utf-8")
    assert re.findall(r"source=expresi outcome=(\w+) code=(\d)", log) == [("done", "0"), *[("done", "1")] * 3]
    assert rows(data_dir.root, "FROM incidents") == []


def test_a_damaged_store_is_told_once(tmp_path: Path) -> None:
    """As an incident of the machine, though nothing can be written down; cron mails it no second time."""
    data_dir = DataDir(tmp_path / "data")
    harvest(data_dir.root, "expresi").succeeded()
    data_dir.store.write_bytes(b"x" * 5000)
    first, second = harvest(data_dir.root, "expresi"), harvest(data_dir.root, "expresi")
    assert first.out.startswith("this machine: store stuck since")
    assert "not a valid DuckDB database" in first.out
    assert [(done.code, done.out.count("\n"), done.err) for done in (first, second)] == [
        (1, 1, ""),
        (1, 0, ""),
    ]
    reported = scrapy("report", DATA_DIR=data_dir.root)
    assert (reported.code, "works again" in reported.out) == (1, False)
    assert "this machine: store stuck since" in reported.out


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


# --- several machines ---------------------------------------------------------------------------------


@pytest.mark.parametrize("of", [2, 5])
def test_a_network_is_in_one_shard(of: int) -> None:
    """Machines do not know of each other's turns; together they have every source once."""
    catalogue = load_catalogue()
    shards = [chosen(catalogue, [], f"{number}/{of}") for number in range(1, of + 1)]
    assert sorted(each.name for shard in shards for each in shard) == [
        each.name for each in catalogue.followed
    ]
    for shard in shards:
        others = [each for other in shards if other is not shard for each in other]
        networks = {network_of(each.home, each) for each in shard}
        assert networks.isdisjoint({network_of(each.home, each) for each in others})
    assert len([each for each in catalogue.followed if each.network == "ANTARA"]) > 5


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2"])
def test_a_shard_of_none_is_refused(shard: str) -> None:
    """With the words that were given."""
    with pytest.raises(ArgumentError, match=f"--shard {shard}: not I/N with I from 1 to N"):
        chosen(load_catalogue(), [], shard)


@pytest.mark.heavy
def test_a_source_moves_to_another_shard_with_its_segments(recorded: Crawled, tmp_path: Path) -> None:
    """When N changes: its ledger is made again from them there, and nothing that is known is fetched again."""
    before, after = recorded.copy(tmp_path / "before"), tmp_path / "after"
    crawl_replayed("chanetujuh", after, SITES).run().succeeded()
    facts = (
        "SELECT * EXCLUDE (segment, record_offset, story_id, duplicate_of, last_seen_at) FROM articles"
        " WHERE source IN ('expresi', 'chanetujuh') ORDER BY ALL"
    )
    expected = rows(before, facts)
    shutil.move(before / "segments" / "expresi", after / "segments" / "expresi")
    scrapy("ingest", DATA_DIR=after, READ_WORKERS=1).succeeded()
    scrapy("doctor", "--rebuild-ledger", DATA_DIR=after).succeeded()
    crawl_replayed("expresi", after, SITES).run().succeeded()
    assert len(expected) > 15
    assert rows(after, facts) == expected
    fetched = "SELECT fetched FROM crawls WHERE source = 'expresi' AND started_at = (SELECT max(started_at) FROM crawls)"
    assert rows(after, fetched) == [(0,)]
