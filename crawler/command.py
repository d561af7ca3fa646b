"""What Kabar's `scrapy …` commands have in common: errors of one line, exit codes, the DATA_DIR."""

from __future__ import annotations

import argparse
import errno
import os
import re
import resource
import sys
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, NoReturn

from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings
from scrapy.utils.log import configure_logging

from crawler.catalogue.model import Catalogue
from crawler.catalogue.strict_toml import SourceError, nearest
from crawler.config import catalogue_of, data_dir_of, read_limits, store_options
from crawler.console.text import complain, make_logs_printable
from crawler.errors import ATTENTION, BUSY, WRONG_USE, ArgumentError
from crawler.interruption import LINE, Interruption
from crawler.user_settings import take_user_settings
from storage.data_dir import (
    AlreadyRunning,
    DatabaseBusy,
    DataDir,
    DataDirError,
    DiskFull,
    FileDamaged,
    NoMemory,
    damaged,
    database_errors,
    unwritable,
)

if TYPE_CHECKING:
    import duckdb

    from crawler.processing.merger import Merger
    from crawler.processing.workers import Readers

LEAST_MEMORY = 2 << 30
"""Bytes of address space: the parsers and DuckDB's threads reserve much more than they fill."""
LONG_PUBLISH_EVERY_S = 300
"""A long command publishes at most so often, because a copy of a large store costs seconds."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_NO_WAY = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP)
"""Errors of the system for a path of the user's that cannot be opened."""


_CODES: dict[type[Exception], int] = {
    ArgumentError: WRONG_USE,
    SourceError: WRONG_USE,
    DataDirError: WRONG_USE,
    AlreadyRunning: ATTENTION,
    DiskFull: ATTENTION,
    FileDamaged: ATTENTION,
    NoMemory: ATTENTION,
    DatabaseBusy: BUSY,
}


def _further_codes() -> dict[type[Exception], int]:
    """The codes of errors whose modules a command loads where it works. Asked when an error came that is none of the others."""
    from crawler.downloader.recording import RecordingError
    from crawler.ledger.connection import LedgerDamaged
    from crawler.shards.spread import EngineFailed
    from storage.export.folder import ExportBusy, ExportRefused
    from storage.parts import PartBusy, PartsRefused
    from storage.schema import SchemaError
    from storage.store import StoreDamaged

    return {
        RecordingError: WRONG_USE,
        SchemaError: WRONG_USE,
        ExportRefused: WRONG_USE,
        PartsRefused: WRONG_USE,
        ExportBusy: ATTENTION,
        PartBusy: ATTENTION,
        EngineFailed: ATTENTION,
        LedgerDamaged: ATTENTION,
        StoreDamaged: ATTENTION,
    }


def code_of(error: Exception) -> int:
    """The exit code of an error that a user can cause."""
    return (_CODES if type(error) in _CODES else _further_codes()).get(type(error), ATTENTION)


@contextmanager
def checked(command: ScrapyCommand) -> Iterator[None]:
    """Turn the errors that a user can cause, and his interruption, into one line on stderr and the exit code."""
    interruption = Interruption()
    try:
        with interruption.raised():
            yield
            sys.stdout.flush()
    except BrokenPipeError:  # `| head` has seen enough
        _drop_unwritten_output()
    except OSError as error:
        if error.errno in _NO_ROOM:
            command.exitcode = ATTENTION
            _drop_unwritten_output()
            complain(f"the output could not be written: {error.strerror}")
        elif error.errno in _NO_WAY and error.filename:
            command.exitcode = WRONG_USE
            complain(f"{os.fsdecode(error.filename)}: {error.strerror}")
        else:
            raise
    except tuple(_CODES) as error:
        command.exitcode = code_of(error)
        complain(str(error), error.more if isinstance(error, ArgumentError) else ())
    except (KeyboardInterrupt, RuntimeError) as error:
        if isinstance(error, RuntimeError) and interruption.signal is None:
            raise  # DuckDB makes one of an interruption
        command.exitcode = interruption.code
        complain(LINE)
    except tuple(_further_codes()) as error:
        command.exitcode = code_of(error)
        complain(str(error))


def refuse_in_one_line(parser: argparse.ArgumentParser) -> None:
    """Have a parser refuse as our commands do: in one line, without its usage."""

    def refuse(message: str) -> NoReturn:
        complain(message.removeprefix("argument "))
        raise SystemExit(WRONG_USE)

    parser.error = refuse  # type: ignore[method-assign]


def check_options(args: Sequence[str], opts: argparse.Namespace, *, dashes: bool = False) -> None:
    """Refuse a misspelt option, which Scrapy hands on as an argument, and an empty word, as an argument and of an option.

    An empty word is a variable of a script that is not set: `--shard "$PART"` would read all, `--to "$DIR"` move nothing,
    `scrapy ingest "$FILE"` take in the folder that it is started in. `dashes`: one dash may begin a word. What stands
    behind `--` is no option.
    """
    for name, value in vars(opts).items():
        if value == "":
            raise ArgumentError(f"--{name.replace('_', '-')}: an empty word names nothing")
    if "" in args:
        raise ArgumentError("an empty word names nothing")
    for arg in takewhile(lambda each: each != "--", args):
        if len(arg) > 1 and arg.startswith("--" if dashes else "-") and not re.search(r"\s", arg):
            name = arg.partition("=")[0]
            known = [f"--{each.replace('_', '-')}" for each in vars(opts)]
            raise ArgumentError(f"{name}: no such option{nearest(name, known)}")


def check_memory() -> None:
    """Refuse a bound under which threads cannot begin: the C library ends the process then, and says nothing."""
    bound, _ = resource.getrlimit(resource.RLIMIT_AS)
    if bound != resource.RLIM_INFINITY and bound < LEAST_MEMORY:
        raise NoMemory(
            f"ulimit -v leaves {bound >> 20} MB of address space; "
            f"Kabar needs {LEAST_MEMORY >> 20} MB, most of which stays empty"
        )


def _drop_unwritten_output() -> None:
    """Keep the interpreter from writing it once more at its end, which would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def wrong_use_if_unpublished() -> Iterator[None]:
    """Turn a missing published copy into wrong use: nothing can be asked before the first publish."""
    try:
        yield
    except FileNotFoundError as error:
        raise ArgumentError(f"{error}: nothing is published yet; scrapy crawl SOURCE begins") from error


class OneLineFaults(ScrapyCommand):
    """What the commands of ours and those of Scrapy's have in common: a wrong option is told in one line."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The command's options."""
        super().add_options(parser)
        refuse_in_one_line(parser)


class KabarCommand(OneLineFaults):
    """A command that crawls nothing: it reads, merges or answers. Its logs go to stderr, from WARNING up."""

    requires_project = True
    requires_crawler_process = False
    takes_dashes = False
    """Whether an argument may begin with a dash; else it is a misspelt option."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Logs from WARNING up, unless the command line says otherwise."""
        super().process_options(args, opts)
        # `default_settings` would do, if the project's own LOG_LEVEL were not stronger than it.
        self._settings.set("LOG_LEVEL", "WARNING", priority="project")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do the work; errors that a user can cause end it with one line."""
        with checked(self):
            check_memory()
            check_options(args, opts, dashes=self.takes_dashes)
            make_logs_printable()
            take_user_settings(self._settings)
            self.configure_logs()
            self.check_data_dir(opts)
            try:
                self.work(args, opts)
            except database_errors(MemoryError) as error:
                root = self.data_dir().root
                if told := unwritable(root, error) or damaged(root, error):
                    raise told from error
                raise

    def check_data_dir(self, opts: argparse.Namespace) -> None:
        """Refuse a DATA_DIR that no command may work on: one that is restored in part."""
        self.data_dir().check_restored()

    def configure_logs(self) -> None:
        """Where logs go: to stderr, unless a command has another place for them."""
        configure_logging(self._settings)

    @abstractmethod
    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """What the command does. May raise every error of `checked`."""

    @property
    def _settings(self) -> Settings:
        assert self.settings is not None
        return self.settings

    def data_dir(self) -> DataDir:
        """The DATA_DIR of the settings; nothing is created."""
        return data_dir_of(self._settings)

    def catalogue(self) -> Catalogue:
        """All sources, the user's own included, read once."""
        return self._catalogue

    @cached_property
    def _catalogue(self) -> Catalogue:
        return catalogue_of(self._settings)

    def publish_seldom(self) -> None:
        """Have a long command publish every LONG_PUBLISH_EVERY_S while it works, unless its user says otherwise."""
        self._settings.set("PUBLISH_EVERY_S", LONG_PUBLISH_EVERY_S, priority="project")

    def readers(self) -> Readers:
        """A pool of reading processes; none is started before the first page."""
        from crawler.processing.workers import Readers

        return Readers(self._settings.getint("READ_WORKERS"), read_limits(self._settings))

    def merger(self, catalogue: Catalogue, readers: Readers) -> Merger:
        """The merger for the store of the DATA_DIR."""
        from crawler.processing.merger import Merger

        return Merger(
            self.data_dir(),
            catalogue,
            readers,
            store_options(self._settings),
        )

    def published(self) -> duckdb.DuckDBPyConnection:
        """The published copy, read-only; `ArgumentError` before the first publish."""
        from storage.publish import open_published

        with wrong_use_if_unpublished():
            return open_published(self.data_dir())

    def settle(self, *, looks_too: bool = False) -> None:
        """First repair what a kill left in the DATA_DIR. `looks_too`: publish times of looking that would wait, too."""
        with closing(self.readers()) as readers:
            merger = self.merger(self.catalogue(), readers).publishing_every(0)
            settled = (merger.publishing_looks() if looks_too else merger).settle()
        if settled.fault:
            complain(settled.fault)

    def settle_if_possible(self, *, looks_too: bool = False) -> None:
        """The same for a command that only asks: where the repair is impossible now, the last published copy answers."""
        from storage.store import StoreDamaged

        try:
            self.settle(looks_too=looks_too)
        except (DatabaseBusy, DataDirError, DiskFull, NoMemory, StoreDamaged) as error:
            complain(f"{error}; the answer is from the last published copy")
