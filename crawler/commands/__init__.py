"""Kabar's `scrapy …` commands, and what they have in common: errors of one line, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from scrapy.commands import ScrapyCommand

from crawler.arguments import ArgumentError
from crawler.catalogue import SourceError
from crawler.ledger import LedgerDamaged
from crawler.replay import RecordingError
from crawler.session import ATTENTION, BUSY, WRONG_USE
from storage.data_dir import AlreadyRunning, DatabaseBusy, DataDirError
from storage.database import SchemaError, StoreDamaged

_CODES: dict[type[Exception], int] = {
    ArgumentError: WRONG_USE,
    SourceError: WRONG_USE,
    RecordingError: WRONG_USE,
    DataDirError: WRONG_USE,
    SchemaError: WRONG_USE,
    AlreadyRunning: ATTENTION,
    LedgerDamaged: ATTENTION,
    StoreDamaged: ATTENTION,
    DatabaseBusy: BUSY,
}


@contextmanager
def checked(command: ScrapyCommand) -> Iterator[None]:
    """Turn the errors that a user can cause into one line on stderr and the command's exit code."""
    try:
        yield
    except tuple(_CODES) as error:
        command.exitcode = _CODES[type(error)]
        complain(str(error))


def complain(line: str) -> None:
    """One line on stderr, under our name."""
    print(f"kabar: {line}", file=sys.stderr)
