"""What every command makes of errors that a user can cause."""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import threading
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from crawler.command import LEAST_MEMORY, check_memory, check_options, checked, refuse_in_one_line
from crawler.commands.query import Command
from crawler.errors import ArgumentError


def test_output_that_finds_no_room_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`scrapy query … > answer.csv` on a full disk; /dev/full is one."""
    command = Command()
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with checked(command):
            print("title")
    assert command.exitcode == 1
    assert capsys.readouterr().err == "kabar: the output could not be written: No space left on device\n"


def test_ctrl_c_in_the_middle_of_sql_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A merge or a check of the store runs SQL in the main thread; what DuckDB raises then is no KeyboardInterrupt."""
    command = Command()
    main = threading.main_thread().ident or 0
    # Between two statements what is seen is the same. Each is short: DuckDB may be deaf to a signal until one ends.
    beside = threading.Timer(0.5, signal.pthread_kill, (main, signal.SIGINT))
    with closing(duckdb.connect()) as connection, checked(command):
        beside.start()
        while True:
            connection.execute(
                "CREATE OR REPLACE TABLE sums AS SELECT sum(hash(range) % 7) AS n FROM range(20000000)"
            )
    beside.join()
    assert command.exitcode == 130
    assert capsys.readouterr().err == (
        "kabar: interrupted; what was done is kept, and the same command goes on\n"
    )


def test_an_option_that_does_not_exist_is_named_with_the_nearest() -> None:
    """Scrapy hands it on as an argument: a folder `--incremental` would be made, a source `--al` looked for."""
    known = argparse.Namespace(dry_run=False, limit=None)
    with pytest.raises(ArgumentError, match=r"^--dryrun: no such option; did you mean '--dry-run'\?$"):
        check_options(["/mnt/cadangan", "--dryrun"], known)
    with pytest.raises(ArgumentError, match=r"^-x: no such option$"):
        check_options(["-x"], known)
    with pytest.raises(ArgumentError, match=r"^--limt: no such option; did you mean '--limit'\?$"):
        check_options(["banjir", "-pasar", "--limt=5"], known, dashes=True)
    check_options(["-", "./--dryrun", "-- komentar\nselect 1", "expresi"], known)
    check_options(["banjir", "-pasar"], known, dashes=True)
    check_options(["--", "--dryrun"], known)


def test_a_word_that_names_nothing_is_refused() -> None:
    """A script's variable is not set: all would be read instead of a part, removed instead of moved, a folder instead of a file."""
    with pytest.raises(ArgumentError, match=r"^--keep-bytes: an empty word names nothing$"):
        check_options([], argparse.Namespace(dry_run=False, to=None, keep_bytes=""))
    with pytest.raises(ArgumentError, match=r"^an empty word names nothing$"):
        check_options(["a.warc.gz", ""], argparse.Namespace(dry_run=False))


def test_what_is_wrong_with_an_option_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The usage would hide it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int)
    refuse_in_one_line(parser)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--limit", "banyak"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == "kabar: --limit: invalid int value: 'banyak'\n"


def test_another_runtime_error_stays_one() -> None:
    """It is a fault of ours."""
    with pytest.raises(RuntimeError, match="ours"), checked(Command()):
        raise RuntimeError("ours")


def test_a_path_that_the_system_refuses_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Too long a name here; a folder without permission for those who are not root."""
    command, long = Command(), tmp_path / ("k" * 300)
    with checked(command):
        long.exists()
    assert command.exitcode == 2
    assert capsys.readouterr().err == f"kabar: {long}: File name too long\n"


def test_a_bound_on_memory_that_is_too_low_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Under `ulimit -v` the C library would end the process without a word."""
    command, (soft, hard) = Command(), resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (LEAST_MEMORY - 1, hard))
    try:
        with checked(command):
            check_memory()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    assert command.exitcode == 1
    assert "ulimit -v leaves" in capsys.readouterr().err
