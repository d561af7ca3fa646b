"""A user's list of actors: read strictly from CSV or TOML, and taken into the store where it changed.

`pipelines.names.actors` says what is doubtful between two actors, `storage.actors` puts a list in force.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from crawler.csv_lists import NoCsv, rows_of
from pipelines.names.actors import ACTOR_ID, KINDS, Actor, ActorKind, Fault, doubts, spelled
from storage import actors
from storage.batch import Doubt
from storage.connection import Store
from storage.data_dir import DataDir

REQUIRED = ("actor_id", "name", "kind")
TEXTS = ("party", "office", "candidacy", "gender", "note")
LISTS = ("spellings", "context")
DAYS = ("valid_from", "valid_until")
KEYS = (*REQUIRED, *LISTS, *TEXTS, *DAYS)
"""The columns of the CSV file, the keys of an [[actor]]; the first three must be there."""
_HEAD = re.compile(r"^\s*\[\[\s*actor\s*\]\]", re.MULTILINE)
_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class DoubtfulList(Exception):
    """A list that is not taken. The message is the first fault; `faults` are all, a line each."""

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        self.faults = [
            f"{path}:{each.line}: {each.message}" if each.line else f"{path}: {each.message}"
            for each in faults
        ]
        more = f" (and {len(faults) - 1} more; scrapy actors --check has them)" if len(faults) > 1 else ""
        super().__init__(f"{self.faults[0]}{more}")


def configured(data_dir: DataDir, named: Path | None) -> Path | None:
    """The file that holds the user's list: what ACTORS names, else DATA_DIR/actors.csv or .toml; null: none is there."""
    if named is not None:
        return named
    paths = (data_dir.root / name for name in ("actors.csv", "actors.toml"))
    return next((path for path in paths if path.exists()), None)


def digest_of(path: Path | None) -> str | None:
    """Of what a file holds; null where it cannot be read, or is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path else None
    except OSError:
        return None


def take_changed(store: Store, path: Path | None) -> Doubt | None:
    """Put the user's list in force where it changed since it was last taken; a doubt where it is doubtful.

    Then the list in force stays, and the doubt comes again with every merge until the file is mended.
    """
    if path is None:
        return None
    digest = digest_of(path)
    if digest is not None and digest == actors.last_digest(store.connection):
        actors.note_doubt(store, None)
        return None
    try:
        listed = read_list(path)
    except DoubtfulList as error:
        line = f"{error}; the list of actors that is in force stays"
        return Doubt(line, is_new=actors.note_doubt(store, line))
    actors.put(store, listed, digest)
    return None


def read_list(path: Path) -> list[Actor]:
    """The actors of a file, in its order; `DoubtfulList` where anything in it is wrong or doubtful."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DoubtfulList(path, [Fault(0, (error.strerror or "cannot be read").lower())]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DoubtfulList(path, [Fault(line, "is no UTF-8 text; save it as CSV UTF-8")]) from error
    if "\0" in text:
        raise DoubtfulList(path, [Fault(0, "is no text")])
    reading = _Reading()
    rows = _toml_rows(text, reading) if path.suffix == ".toml" else _csv_rows(text, reading)
    listed = [actor for line, row in rows if (actor := reading.actor(line, row)) is not None]
    reading.check_ids(listed)
    faults = sorted([*reading.faults, *doubts(listed)], key=lambda fault: fault.line)
    if faults:
        raise DoubtfulList(path, faults)
    return listed


@dataclass(slots=True)
class _Reading:
    """A file while it is read, with what was found wrong."""

    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, message: str) -> None:
        self.faults.append(Fault(line, message))

    def actor(self, line: int, row: Mapping[str, Any]) -> Actor | None:
        """One actor; null where a value of it is wrong."""
        before = len(self.faults)
        for key in row:
            if key not in KEYS:
                self.fault(line, f"unknown key {key!r}{_nearest(key, KEYS)}")
        texts = {key: self._text(line, key, row.get(key)) for key in (*REQUIRED, *TEXTS)}
        for key in REQUIRED:
            if texts[key] is None and (row.get(key) is None or not str(row[key]).strip()):
                self.fault(line, f"{key} is missing")
        lists = {key: self._list(line, key, row.get(key)) for key in LISTS}
        days = {key: self._day(line, key, row.get(key)) for key in DAYS}
        if days["valid_from"] and days["valid_until"] and days["valid_from"] > days["valid_until"]:
            self.fault(line, "valid_from is later than valid_until")
        if texts["actor_id"] and not ACTOR_ID.fullmatch(texts["actor_id"]):
            self.fault(line, f"actor_id {texts['actor_id']!r}: only letters A to Z, digits and _")
        kind = self._kind(line, texts["kind"])
        for name in (texts["name"], *lists["spellings"]):
            if name and sum(sign.isalnum() for sign in name) < 2:
                self.fault(line, f"the spelling {name!r} is too short to be found")
        if len(self.faults) > before or kind is None:
            return None
        facts: dict[str, Any] = {**texts, **lists, **days, "kind": kind}
        return Actor(**facts, line=line)

    def check_ids(self, listed: Sequence[Actor]) -> None:
        """An actor_id stands in the list once."""
        first: dict[str, int] = {}
        for actor in listed:
            at = first.setdefault(actor.actor_id, actor.line)
            if at != actor.line:
                self.fault(actor.line, f"actor_id {actor.actor_id!r} stands in line {at}, too")

    def _kind(self, line: int, kind: str | None) -> ActorKind | None:
        known = next((each for each in KINDS if each == kind), None)
        if kind is not None and known is None:
            self.fault(line, f"kind is {kind!r}{_nearest(kind, KINDS)}; known are {', '.join(KINDS)}")
        return known

    def _text(self, line: int, key: str, value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(line, f"{key} must be a text")
            return None
        value = " ".join(value.split())
        if not value.isprintable():
            self.fault(line, f"{key} holds a sign that cannot be printed")
        return value or None

    def _list(self, line: int, key: str, value: Any) -> tuple[str, ...]:
        parts = value.split("|") if isinstance(value, str) else value
        if parts is None:
            return ()
        if not isinstance(parts, list) or not all(isinstance(each, str) for each in parts):
            self.fault(line, f"{key} must be texts, separated by |")
            return ()
        texts = [self._text(line, key, each) for each in parts]
        once: dict[str, str] = {}
        for text in filter(None, texts):
            once.setdefault(spelled(text), text)
        return tuple(once.values())

    def _day(self, line: int, key: str, value: Any) -> date | None:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        text = value.strip() if isinstance(value, str) else value
        if text is None or text == "":
            return None
        try:
            return date.fromisoformat(text)
        except (TypeError, ValueError):
            self.fault(line, f"{key} must be a day like 2024-11-27, not {text!r}")
            return None


def _nearest(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def _csv_rows(text: str, reading: _Reading) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Line and cells of every row, by the names of their columns."""
    columns: list[str] = []
    try:
        for line, cells in rows_of(text):
            if not columns:
                columns = [cell.strip() for cell in cells]
                if not _are_columns(line, columns, reading):
                    return
            elif any(cell.strip() for cell in cells[len(columns) :]):
                reading.fault(line, f"{len(cells)} cells under {len(columns)} columns")
            else:
                yield line, dict(zip(columns, cells, strict=False))
    except NoCsv as error:
        reading.fault(error.line, str(error))
        return
    if not columns:
        reading.fault(0, f"is empty; its first line names the columns: {','.join(KEYS)}")


def _are_columns(line: int, columns: list[str], reading: _Reading) -> bool:
    """Whether the first line names columns that are known, each once, and those that must be there."""
    before = len(reading.faults)
    for name in dict.fromkeys(columns):
        if name not in KEYS:
            reading.fault(line, f"unknown column {name!r}{_nearest(name, KEYS)}; known are {', '.join(KEYS)}")
        elif columns.count(name) > 1:
            reading.fault(line, f"the column {name!r} stands there twice")
    for name in REQUIRED:
        if name not in columns:
            reading.fault(line, f"the column {name!r} is missing")
    return len(reading.faults) == before


def _toml_rows(text: str, reading: _Reading) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Line and values of every [[actor]]."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        line = int(at[1]) if at and at[1] else text.count("\n") + 1
        reading.fault(line, f"is no TOML: {_AT_LINE.sub('', str(error)).lower()}")
        return
    tables = data.pop("actor", [])
    for key in data:
        reading.fault(1, f"unknown key {key!r}; actors stand in tables [[actor]]")
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        reading.fault(1, "actors must stand in tables [[actor]], with two brackets")
        return
    lines = [text.count("\n", 0, found.end()) + 1 for found in _HEAD.finditer(text)]
    if len(lines) != len(tables):  # written as one array, or a text that looks like a head
        lines = [1] * len(tables)
    yield from zip(lines, tables, strict=True)
