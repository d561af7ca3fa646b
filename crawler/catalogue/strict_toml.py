"""TOML read strictly: every value has the type that is asked for, every fault is one line with file and key.

`crawler.catalogue.load` decides which keys there are and what they mean.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from lxml.cssselect import CSSSelector, SelectorError
from lxml.etree import XPathError
from lxml.html import Element

Hint = Callable[[str, Sequence[str]], str]

_NO_PAGE = Element("html")
"""Selectors are tried on this element: an unknown name space fails only in a search."""
_ZONES = "WIB is Asia/Jakarta, WITA Asia/Makassar, WIT Asia/Jayapura"


class SourceError(Exception):
    """A source or platform file, or the name of a source, is wrong. The message is one line."""


class Table:
    """One table of a TOML file: hands out its values by type, null where a key is missing.

    Knows its name in error messages. `hint` gets an unknown key and the known keys of this table, and says
    which key was probably meant.
    """

    def __init__(
        self, path: Path, place: str, data: Mapping[str, Any], known: Sequence[str], hint: Hint
    ) -> None:
        self._path, self._place, self._data, self._hint = path, place, data, hint
        for key in data:
            if key not in known:
                raise SourceError(f"{path}: unknown key {key!r}{self._where()}; {hint(key, known)}")

    def _where(self) -> str:
        return f" in {self._place}" if self._place else ""

    def fault(self, key: str, what: str) -> NoReturn:
        """The one line that says what is wrong with a key."""
        raise SourceError(f"{self._path}: {key!r}{self._where()} {without_login(what)}")

    def text(self, key: str, form: re.Pattern[str] | None = None, otherwise: str = "") -> str | None:
        value = self._data.get(key)
        if value is None:
            return None
        return self._text(key, value, form, otherwise)

    def _text(self, key: str, value: Any, form: re.Pattern[str] | None, otherwise: str) -> str:
        if not isinstance(value, str):
            self.fault(key, f"must be a text, not {_kind(value)}")
        if not value.strip():
            self.fault(key, "is empty")
        if form is not None and not form.fullmatch(value):
            self.fault(key, f"{otherwise}, not {value!r}")
        return value

    def texts(self, key: str, form: re.Pattern[str] | None = None, otherwise: str = "") -> tuple[str, ...]:
        value = self._data.get(key, [])
        if not isinstance(value, list):
            self.fault(key, f"must be a list of texts, not {_kind(value)}")
        return tuple(self._text(key, each, form, otherwise) for each in value)

    def choice(self, key: str, allowed: Sequence[str]) -> str | None:
        value = self.text(key)
        if value is not None and value not in allowed:
            self.fault(key, f"is {value!r}{nearest(value, allowed)}; known are {', '.join(allowed)}")
        return value

    def boolean(self, key: str) -> bool | None:
        value = self._data.get(key)
        if value is not None and not isinstance(value, bool):
            self.fault(key, f"must be true or false, not {_kind(value)}")
        return value

    def integer(self, key: str, least: int) -> int | None:
        value = self._data.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.fault(key, f"must be a whole number from {least}, not {value!r}")
        return value

    def number(self, key: str, least: float, most: float) -> float | None:
        value = self._data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.fault(key, f"must be a number from {least:g} to {most:g}, not {value!r}")
        return float(value)

    def span(self, key: str) -> tuple[int, int] | None:
        value = self._data.get(key)
        if value is None:
            return None
        if (
            not isinstance(value, list)
            or [type(each) for each in value] != [int, int]
            or not 0 <= value[0] <= value[1]
        ):
            self.fault(key, f"must be two whole numbers, least and most, not {value!r}")
        return value[0], value[1]

    def day(self, key: str) -> date | None:
        value = self._data.get(key)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self.fault(key, f"must be a day like 2025-03-01 (without quotes), not {_kind(value)}")
        return value

    def zone(self, key: str) -> str | None:
        value = self.text(key)
        if value is None:
            return None
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):  # unknown, "../etc", a folder such as "Asia"
            self.fault(key, f"is no IANA time zone: {value!r}; {_ZONES}")
        return value

    def selector(self, key: str) -> str | None:
        value = self.text(key)
        return self.checked_css(key, value) if value is not None else None

    def checked_css(self, key: str, value: str) -> str:
        try:
            CSSSelector(value, translator="html")(_NO_PAGE)
        except (SelectorError, XPathError, RecursionError) as error:
            self.fault(key, f"is no CSS selector: {value!r} ({error})")
        return value

    def pattern(self, key: str) -> str | None:
        value = self.text(key)
        return self.checked_pattern(key, value) if value is not None else None

    def checked_pattern(self, key: str, value: str) -> str:
        try:
            re.compile(value)
        except (re.error, OverflowError, RecursionError) as error:
            self.fault(key, f"is no Python pattern: {value!r} ({error})")
        return value

    def table(self, key: str, known: Sequence[str]) -> Table:
        value = self._data.get(key, {})
        if not isinstance(value, dict):
            self.fault(key, f"must be a table [{key}], not {_kind(value)}")
        return Table(self._path, f"[{key}]", value, known, self._hint)

    def tables(self, key: str, known: Sequence[str]) -> list[Table]:
        value = self._data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.fault(key, f"must be tables [[{key}]], with two brackets")
        many = len(value) > 1
        return [
            Table(self._path, f"[[{key}]] {n}" if many else f"[[{key}]]", each, known, self._hint)
            for n, each in enumerate(value, start=1)
        ]


def toml_files(folder: Path) -> list[Path]:
    """The TOML files of a folder, by name; `SourceError` where it cannot be looked into."""
    if not folder.is_dir():
        raise SourceError(f"{folder}: no such folder of source files")
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".toml" and path.is_file())
    except OSError as error:
        raise SourceError(f"{folder}: cannot be read: {error.strerror}") from None


def parse_file(path: Path) -> dict[str, Any]:
    """What a TOML file says; `SourceError` where it cannot be read, is empty or is none."""
    text = read_text(path)
    if not text.strip():
        raise SourceError(f"{path}: is empty")
    return parse_text(path, text)


def read_text(path: Path) -> str:
    """The text of a file; `SourceError` where it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: is not UTF-8 (byte {error.start + 1})") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from None


def parse_text(path: Path, text: str) -> dict[str, Any]:
    """What a TOML text says; `path` is what an error calls it."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise SourceError(f"{path}: is no TOML: a list in a list without end") from None
    except ValueError as error:  # TOMLDecodeError is one, and what a number of thousands of digits gives
        message = str(error).replace("at end of document", f"at line {len(text.splitlines())}")
        raise SourceError(f"{path}: is no TOML: {message}") from None


LOGIN = re.compile(r"(?<=//)[^/?#\s\"']*@")
"""Name and password in an address, which nothing prints, stores or publishes."""


def without_login(text: str) -> str:
    """An address, or a text with addresses in it, without the names and passwords in front of the hosts."""
    return LOGIN.sub("", text)


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a line about an unknown name: the known one that was probably meant."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def _kind(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list"}
    return names.get(type(value), "a table" if isinstance(value, dict) else "a date or time")
