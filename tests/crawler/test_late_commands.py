"""What a small command loads: names of commands and sources need neither the store nor what reads a page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.cmdline import _get_commands_dict
from scrapy.settings import Settings

from crawler import settings
from tests.kit.running import CHECKOUT, clean_environment

WEIGHT = {
    "aiohttp",
    "babel",
    "duckdb",
    "fastwarc",
    "jinja2",
    "langdetect",
    "pebble",
    "rensa",
    "rich.console",
    "Sastrawi",
    "sqlite3",
    "trafilatura",
    "twisted.internet.reactor",
    "crawler.spiders.source",
}
"""What a crawl, a merge, a page of `explore` or a terminal's table works with."""
OUR_MODULES = 32
"""Modules of ours that such a command loads at most."""


def loaded_by(*words: str, data_dir: Path) -> set[str]:
    """The modules that Scrapy's command line has loaded by the end of a command, in a process of its own."""
    program = (
        "import sys\n"
        "from scrapy.cmdline import execute\n"
        "try: execute()\n"
        "finally: print('loaded', *sys.modules)"
    )
    environment = clean_environment() | {"PYTHONPATH": str(CHECKOUT), "KABAR_DATA_DIR": str(data_dir)}
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    last = done.stdout.splitlines()[-1]
    assert last.startswith("loaded ")
    return set(last.split()[1:])


@pytest.mark.parametrize("words", [("list",), ("crawl", "--help"), ("sources",)])
def test_a_small_command_loads_little(words: tuple[str, ...], tmp_path: Path) -> None:
    """So it is about as quick as Scrapy's own."""
    loaded = loaded_by(*words, data_dir=tmp_path / "data")
    assert loaded & WEIGHT == set()
    ours = {name for name in loaded if name.partition(".")[0] in ("crawler", "pipelines", "storage")}
    assert 0 < len(ours - {name for name in ours if name.startswith("crawler.late_commands.")}) <= OUR_MODULES


def test_what_weighs_is_there_to_be_loaded(tmp_path: Path) -> None:
    """Under the names that the test above knows: the store, and what a crawl works with."""
    loaded = loaded_by("query", "--help", data_dir=tmp_path / "data")
    assert "duckdb" in loaded


def test_a_stand_in_becomes_its_command() -> None:
    """Scrapy sees names and has one import done: that of the command it asks for a word."""
    commands = _get_commands_dict(Settings({"COMMANDS_MODULE": settings.COMMANDS_MODULE}), inproject=True)
    prune = commands["prune"]
    prune.settings = Settings()
    assert prune.short_desc()
    assert type(prune).__module__ == "crawler.commands.prune"
    assert prune.exitcode == 0
