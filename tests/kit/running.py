"""Real `scrapy …` commands, as a user types them, and what stands in the database afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from tests.kit import prepared

CHECKOUT = Path(__file__).parents[2]
FIXTURES = CHECKOUT / "tests" / "fixtures"
SITES = FIXTURES / "sites"
LATER = FIXTURES / "sites-later"
SEEDS = FIXTURES / "seeds"
SCRAPY = (sys.executable, "-m", "scrapy")
KABAR = (sys.executable, "-m", "crawler")
Key = TypeVar("Key")
RECORDED = ("expresi", "suarakaltim", "portalborneo", "chanetujuh", "antara_kaltim", "klikkaltim")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """The lines that are for the user: `kabar: …`."""
        return [line for line in self.err.splitlines() if line.startswith("kabar: ")]

    @property
    def is_traceback_free(self) -> bool:
        return "Traceback" not in self.err + self.out

    def refused(self, code: int, *words: str) -> None:
        """Assert that it ended with this code and one line that has these words."""
        assert self.is_traceback_free, self.err
        assert self.code == code, self.err
        assert len(self.complaints) == 1, self.err
        for word in words:
            assert word in self.complaints[0]

    def succeeded(self) -> Done:
        """Assert that it ended well, with nothing for the user to see to."""
        assert self.is_traceback_free, self.err
        assert (self.code, self.complaints) == (0, []), self.err
        return self


@dataclass(frozen=True)
class Command:
    """`scrapy` with these arguments, or another program. `env` is laid over a clean environment."""

    arguments: tuple[str, ...]
    cwd: Path = CHECKOUT
    env: tuple[tuple[str, str], ...] = ()
    timeout_s: float = 180
    program: tuple[str, ...] = SCRAPY

    def run(self) -> Done:
        environment = clean_environment() | dict(self.env)
        if "PYTHONPATH" not in environment:
            if self.program == SCRAPY and self.cwd == CHECKOUT:
                return Done(*prepared.run(self.arguments, self.cwd, environment, self.timeout_s))
            if self.program == KABAR:
                given = (self.arguments, self.cwd, environment, self.timeout_s, prepared.kabar)
                return Done(*prepared.run(*given))
        found = subprocess.run(
            [*self.program, *self.arguments],
            cwd=self.cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=self.timeout_s,
            check=False,
        )
        return Done(found.returncode, found.stdout, found.stderr)


def clean_environment() -> dict[str, str]:
    """The environment less everything that steers Kabar, Scrapy or Python.

    A Python that may write no bytecode would compile anew for every command; one that buffers nothing hides
    outputs that are never flushed.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("KABAR_", "SCRAPY_", "PYTHON"))
    } | {"TZ": "UTC"}


def command(
    *arguments: str | Path, cwd: Path = CHECKOUT, env: Mapping[str, str] | None = None, **settings: Any
) -> Command:
    """A command line; keyword arguments are settings (`-s NAME=VALUE`)."""
    given = [text for name, value in settings.items() for text in ("-s", f"{name}={value}")]
    return Command((*map(str, arguments), *given), cwd, tuple((env or {}).items()))


def scrapy(
    *arguments: str | Path, cwd: Path = CHECKOUT, env: Mapping[str, str] | None = None, **settings: Any
) -> Done:
    """Run one command."""
    return command(*arguments, cwd=cwd, env=env, **settings).run()


def printed_by(program: str, *arguments: object) -> str:
    """What a Python program of a few lines prints, in a process of its own, whose limits are its own too."""
    words = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def together(commands: Mapping[Key, Command]) -> dict[Key, Done]:
    """Run independent commands, as many at once as the machine has processors, at least two."""
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        return dict(zip(commands, pool.map(Command.run, commands.values()), strict=True))


def rows(data_dir: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """The answer of the published database."""
    with duckdb.connect(str(data_dir / "news.duckdb"), read_only=True) as connection:
        return connection.execute(sql, values).fetchall()


def column(data_dir: Path, sql: str, *values: object) -> list[Any]:
    """The first column of the answer."""
    return [row[0] for row in rows(data_dir, sql, *values)]


def crawl_replayed(source: str, data_dir: Path, recording: Path, *more: str | Path) -> Command:
    """A crawl by replay, with one reading process: the tests run two crawls at a time. Looks are published at once."""
    return command(
        "crawl",
        source,
        *more,
        REPLAY=recording,
        DATA_DIR=data_dir,
        READ_WORKERS=1,
        STATS_DUMP=1,
        PUBLISH_LOOKS_EVERY_S=0,
    )
