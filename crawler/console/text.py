"""What is printed and logged: words of strangers stand in it, so none may steer a terminal or begin a line.

Titles, addresses, headers and reasons come from sites. Signs that no reader sees are shown by their
number here, in one place for each way out: `say` and `complain` for lines, `crawler.console.tables` for rows,
`Record` for every log, Scrapy's own included.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TextIO

HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0 and C1: escapes, bells, carriage returns, line ends
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the direction of what follows
    "\u2028\u2029\ufff9-\ufffb\ud800-\udfff]"  # lines and notes of other kinds, halves of characters
)
"""Signs that steer what shows a text, or that it cannot show. Joiners stay: emoji are made with them."""

_LOGIN = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@]*@", re.IGNORECASE)
_PLAIN_VALUE = re.compile(r"[\w.:+-]+", re.ASCII)
_LAST_STREAM = 2
"""The number of stderr."""
SET_IN = "    "
"""What a log's further lines begin with, so that none can be taken for a record."""


def printable(text: str) -> str:
    r"""The text on one line, hidden signs as `\x1b` or `\u202e`."""
    return HIDDEN.sub(lambda sign: _spelt(sign[0]), text)


def printable_lines(text: str) -> str:
    """The same for a text of several lines, which stay."""
    return "\n".join(map(printable, text.split("\n")))


def _spelt(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")


def ready_streams() -> None:
    """Make stdin, stdout and stderr fit for use, whatever the process was started with. Twice is as once.

    A closed one leads nowhere: else the next file opened, a database perhaps, has its number, and gets
    what a library prints. What the character set of stdout lacks is shown by its number.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= _LAST_STREAM:  # the lowest that is free
        os.set_inheritable(number, True)
    os.close(number)
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w"))  # noqa: SIM115 - for good
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


STDOUT: Final = "-"
"""As a file's name: what would be written is printed."""


def say(line: str = "", to: TextIO | None = None) -> None:
    """One line on `to`, by default stdout."""
    print(printable(line), file=to)


def complain(line: str, more: Sequence[str] = ()) -> None:
    """One line on stderr, under our name; further ones are set in."""
    say(f"kabar: {line}", sys.stderr)
    for each in more:
        say(f"{SET_IN}{each}", sys.stderr)


def short(path: Path) -> str:
    """A path relative to the current folder, where it is below it: as users type it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def counted(number: int, what: str) -> str:
    """`1 feed`, `3 feeds`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def size_words(size_bytes: int) -> str:
    """A size in its largest unit, of 1024 the one below: `3.2 GB`, `12 KB`."""
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}"
    return f"{size_bytes / 1024:.0f} KB"


def key_values(**values: str | float | None) -> str:
    """`name=value` for a log that programs read: null is left out, a value with other signs is a JSON string."""
    return " ".join(
        f"{name}={_value(without_logins(str(value)))}" for name, value in values.items() if value is not None
    )


def without_logins(text: str) -> str:
    """The text less names and passwords in addresses."""
    return _LOGIN.sub(r"\1", text)


def _value(text: str) -> str:
    return text if _PLAIN_VALUE.fullmatch(text) else json.dumps(printable(text), ensure_ascii=False)


class Record(logging.LogRecord):
    """A log record that is read as it stands: its further lines, a traceback's included, are set in."""

    def getMessage(self) -> str:  # noqa: N802
        """The message with its arguments."""
        return _set_in(super().getMessage())

    def __setattr__(self, name: str, value: Any) -> None:
        # A formatter puts the traceback here, which ends with an exception's words.
        super().__setattr__(name, SET_IN + _set_in(value) if name == "exc_text" and value else value)


def _set_in(text: str) -> str:
    return printable_lines(text).replace("\n", f"\n{SET_IN}")


def make_logs_printable() -> None:
    """Have every log of this process made of such records, whoever writes and wherever it goes."""
    logging.setLogRecordFactory(Record)
