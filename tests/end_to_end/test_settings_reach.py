"""What the settings say of store and ledger reaches every command that works on one."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.config import StoreOptions
from storage.data_dir import DataDir
from storage.store import open_store
from tests.conftest import Crawled
from tests.kit.running import CHECKOUT, SITES, clean_environment, scrapy

NO_PARTS = tempfile.mkdtemp()
ACTORS = CHECKOUT / "docs" / "examples" / "actors.csv"
SETTINGS: dict[str, tuple[str, str, Any]] = {
    "wait_s": ("LOCK_WAIT_S", "47.5", 47.5),
    "publish_every_s": ("PUBLISH_EVERY_S", "1234", 1234.0),
    "publish_looks_every_s": ("PUBLISH_LOOKS_EVERY_S", "4321", 4321.0),
    "copy_window": ("COPY_WINDOW_DAYS", "77", timedelta(days=77)),
    "actors": ("ACTORS", str(ACTORS), ACTORS),
    "recheck_after": ("RECHECK_HOURS", "87600,99999", (timedelta(hours=87600), timedelta(hours=99999))),
}
"""Option → its setting, a value that is nobody's default, and what becomes of it."""

COMMANDS: dict[str, list[list[str]]] = {
    "actors": [["actors"]],
    "crawl": [["crawl", "expresi", "-s", f"REPLAY={SITES}"]],
    "harvest": [["harvest", "expresi", "-s", f"REPLAY={SITES}"]],
    "doctor": [["doctor", "--mend"], ["doctor", "--rebuild-ledger"]],
    "forget": [["forget", "--list"]],
    "ingest": [["ingest"]],
    "lines": [["lines", "expresi"]],
    "merge": [["merge", NO_PARTS]],
    "query": [["query", "SELECT 1"]],
    "report": [["report"]],
    "reprocess": [["reprocess"]],
    "search": [["search", "kota"]],
}
"""Command → ways to run it. By its settings it opens store or ledger to write."""
WRITES_NOTHING_READ = {
    "backup", "digest", "explore", "export", "genspider", "probe", "prove", "prune", "raw", "settings", "sources"
}  # fmt: skip
"""Commands that neither merge nor tell the ledger of an article; `export` settles as `search` does, and writes a folder."""

WATCH = """
import inspect, sys
from crawler.ledger.ledger import Ledger
from crawler.processing.merger import Merger

def watch(kind, name, tell):
    inner = getattr(kind, name)
    def outer(self, *args, **more):
        result = inner(self, *args, **more)
        tell(self, inspect.signature(inner).bind(self, *args, **more).arguments)
        return result
    setattr(kind, name, outer)

def say(*words):
    print("seen", *map(repr, words), sep="\\t", file=sys.stderr, flush=True)

given = {}
def opened(ledger, arguments):
    given[id(ledger)] = arguments.get("recheck_after")

watch(Merger, "__init__", lambda merger, arguments: say("options", arguments["options"]))
watch(Ledger, "__init__", opened)
watch(Ledger, "mark", lambda ledger, _: say("ledger", given[id(ledger)]))
from scrapy.cmdline import execute
execute(["scrapy", *sys.argv[1:]])
"""


def test_every_command_and_every_option_stands_here() -> None:
    """A new one is looked at below, or said to need nothing."""
    names = {path.stem for path in (CHECKOUT / "crawler/commands").glob("[!_]*.py")}
    assert names == COMMANDS.keys() | WRITES_NOTHING_READ
    assert SETTINGS.keys() == {field.name for field in fields(StoreOptions)}


def forget_what_is_merged(data_dir: DataDir) -> None:
    """Have the next command read and merge every segment, and tell the ledger of each page."""
    with open_store(data_dir, 5) as store, store.transaction() as connection:
        connection.execute("DELETE FROM kept.segments")


@pytest.mark.heavy
def test_a_ledger_made_again_looks_at_articles_when_the_settings_say(
    recorded: Crawled, tmp_path: Path
) -> None:
    """After ten years here, and not a month after they appeared."""
    data_dir = recorded.copy(tmp_path / "data")
    scrapy("doctor", "--rebuild-ledger", DATA_DIR=data_dir, RECHECK_HOURS=87600).succeeded()
    with closing(sqlite3.connect(data_dir / "ledger.sqlite")) as db:
        visits = db.execute("SELECT DISTINCT substr(next_visit, 1, 4) FROM links WHERE state = 'fetched'")
        assert visits.fetchall() == [("2034",)]


@pytest.mark.heavy
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(way, marks=() if way[0] == "crawl" else pytest.mark.soak)
        for ways in COMMANDS.values()
        for way in ways
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_every_option_reaches_every_command(words: list[str], recorded: Crawled, tmp_path: Path) -> None:
    """The same options in each merger, but for how often it publishes; and in each ledger that hears of an article."""
    data_dir = recorded.copy(tmp_path / "data")
    forget_what_is_merged(DataDir(data_dir))
    settings = [word for name, text, _ in SETTINGS.values() for word in ("-s", f"{name}={text}")]
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            WATCH,
            *words,
            *settings,
            "-s",
            f"DATA_DIR={data_dir}",
            "-s",
            "READ_WORKERS=1",
        ],
        cwd=CHECKOUT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    seen = [line.split("\t")[1:] for line in done.stderr.splitlines() if line.startswith("seen\t")]
    options = [value for kind, value in seen if kind == "'options'"]
    ledgers = {value for kind, value in seen if kind == "'ledger'"}
    wanted = StoreOptions(**{name: value for name, (_, _, value) in SETTINGS.items()})
    assert options[0] == repr(wanted), done.stderr
    assert {re.sub("publish_every_s=(0|inf)", "publish_every_s=1234.0", each) for each in options} == {
        repr(wanted)
    }
    assert ledgers == {repr(wanted.recheck_after)}
