"""A user's terms: a CSV file with the columns `term` and `spellings`, read strictly.

Terms are found as the spellings of actors are (`pipelines.names.actors`): as whole words, one of a single word as it is
written, a longer one in any case.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.csv_lists import NoCsv, rows_of
from crawler.errors import ArgumentError
from pipelines.names.actors import Actor, spelled

COLUMNS = ("term", "spellings")


@dataclass(frozen=True, slots=True)
class Term:
    """A term, and what else it is spelled as."""

    term: str
    spellings: tuple[str, ...]
    line: int

    @property
    def topic_id(self) -> str:
        """Letters, digits and - alone, and another one for each term."""
        plain = re.sub(r"[^a-z0-9]+", "-", self.term.lower()).strip("-")[:40]
        return f"{plain or 'term'}-{hashlib.sha256(self.term.encode()).hexdigest()[:6]}"

    @property
    def as_actor(self) -> Actor:
        """As the finder of names takes it."""
        return Actor(self.topic_id, self.term, "organisation", self.spellings, line=self.line)


def read_terms(path: Path) -> list[Term]:
    """The terms of a file, in its order; `ArgumentError` names every fault with its line, the first one first."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ArgumentError(f"--terms {path}: {(error.strerror or 'cannot be read').lower()}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ArgumentError(f"{path}:{line}: is no UTF-8 text; save it as CSV UTF-8") from error
    if "\0" in text:
        raise ArgumentError(f"{path}: is no text")
    faults: list[str] = []
    terms = list(_terms(path, text, faults))
    faults += _shared(path, terms)
    if faults:
        raise ArgumentError(faults[0], faults[1:])
    if not terms:
        raise ArgumentError(f"{path}: has no term in it")
    return terms


def _terms(path: Path, text: str, faults: list[str]) -> Iterator[Term]:
    for line, row in _rows(path, text, faults):
        term = " ".join(row.get("term", "").split())
        parts = (" ".join(part.split()) for part in row.get("spellings", "").split("|"))
        spellings = tuple(dict.fromkeys(part for part in parts if part))
        before = len(faults)
        if not term:
            faults.append(f"{path}:{line}: the term is missing")
        for name in (term, *spellings):
            if name and sum(sign.isalnum() for sign in name) < 2:
                faults.append(f"{path}:{line}: the spelling {name!r} is too short to be found")
            elif not name.isprintable():
                faults.append(f"{path}:{line}: the spelling {name!r} holds a sign that cannot be printed")
        if len(faults) == before:
            yield Term(term, spellings, line)


def _shared(path: Path, terms: list[Term]) -> Iterator[str]:
    """A spelling that two terms have: nobody could say whose it is."""
    owners: dict[str, Term] = {}
    for term in terms:
        for name in dict.fromkeys(map(spelled, (term.term, *term.spellings))):
            owner = owners.setdefault(name, term)
            if owner is not term:
                yield f"{path}:{term.line}: the spelling {name!r} of {term.term!r} is also that of {owner.term!r} (line {owner.line})"


def _rows(path: Path, text: str, faults: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and cells of every row, by the names of their columns."""
    columns: list[str] = []
    try:
        for line, cells in rows_of(text):
            if not columns:
                columns = [cell.strip() for cell in cells]
                if fault := _fault_of(columns):
                    faults.append(f"{path}:{line}: {fault}")
                    return
            elif any(cell.strip() for cell in cells[len(columns) :]):
                faults.append(
                    f"{path}:{line}: {len(cells)} cells under {len(columns)} columns; spellings are separated by |"
                )
            else:
                yield line, dict(zip(columns, cells, strict=False))
    except NoCsv as error:
        faults.append(f"{path}:{error.line}: {error}")


def _fault_of(columns: list[str]) -> str | None:
    for name in columns:
        if name not in COLUMNS:
            return f"unknown column {name!r}; the columns are {','.join(COLUMNS)}"
        if columns.count(name) > 1:
            return f"the column {name!r} stands there twice"
    return None if "term" in columns else f"the column 'term' is missing; the columns are {','.join(COLUMNS)}"
