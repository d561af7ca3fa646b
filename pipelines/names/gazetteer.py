"""The places of Indonesia that texts are searched for: what they are called, and which of their names are words.

Data and look-ups. README.md beside this file says where the
data come from. The names of datelines stand apart, in `pipelines.lines.places`: they include places abroad.
"""

from __future__ import annotations

import csv
import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Level = Literal["province", "capital", "city", "regency", "district"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""From the widest. `capital` is Ibu Kota Nusantara alone, which neither office has numbered."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the map. `place_id` is the Kemendagri code, 64.72.01 a district of 64.72, which is a city of 64."""

    place_id: str
    level: Level
    parent_id: str | None
    """Null: a province."""
    name: str
    """Without its level: `Samarinda`, `Kutai Timur`, `Sungai Kunjang`."""
    bps_code: str | None
    """Of the statistics office, whose numbers are others: 6403 is Kutai Kartanegara. Null: not known for certain."""
    kemendagri_code: str | None
    """Of the ministry of home affairs, with its dots. Null: it has none."""
    spellings: tuple[str, ...] = ()
    """What else it is called: other spellings, abbreviations, a seat of government that is no district."""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.spellings)


@cache
def places() -> tuple[Place, ...]:
    """All places, parents before what lies in them."""
    more = _by_hand()["spellings"]
    with Path(__file__).with_name("places.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_place(row, more.get(row["place_id"], [])) for row in csv.DictReader(file))


def _place(row: dict[str, str], more: list[str]) -> Place:
    [level] = (each for each in LEVELS if each == row["level"])
    return Place(
        row["place_id"],
        level,
        row["parent_id"] or None,
        row["name"],
        row["bps_code"] or None,
        row["kemendagri_code"] or None,
        (*filter(None, row["spellings"].split("|")), *more),
    )


@cache
def _by_hand() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("spellings.toml").read_text(encoding="utf-8"))


def folded(name: str) -> str:
    """A name as names are compared: lower case, hyphens as spaces, every apostrophe the same."""
    return name.lower().translate(_FOLDED)


_FOLDED = str.maketrans({"-": " ", "‐": " ", "‑": " ", "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})


@cache
def by_name() -> dict[str, tuple[Place, ...]]:
    """Folded name or spelling → the places that are called so, the widest first."""
    found: dict[str, list[Place]] = {}
    for place in sorted(places(), key=lambda each: LEVELS.index(each.level)):
        for name in dict.fromkeys(map(folded, place.names)):
            found.setdefault(name, []).append(place)
    return {name: tuple(called) for name, called in found.items()}


@cache
def _by_code() -> dict[str, Place]:
    """The statistics office's number (6403), the ministry's with its dots (64.02) → the place; of a province that of the former."""
    codes = {place.kemendagri_code: place for place in places() if "." in (place.kemendagri_code or "")}
    codes |= {place.bps_code: place for place in places()}
    return {code: place for code, place in codes.items() if code is not None}


def meant(text: str) -> tuple[Place, ...]:
    """The places that somebody means by a name, with or without its level (`Kota Bontang`), an abbreviation or a code."""
    name = " ".join(folded(text).split())
    if called := by_name().get(name):
        return called
    if place := _by_code().get(name):
        return (place,)
    level, _, rest = name.partition(" ")
    return tuple(
        place for place in by_name().get(rest, ()) if place.level == _LEVEL_WORDS.get(level.rstrip("."))
    )


_LEVEL_WORDS: dict[str, Level] = {
    "provinsi": "province",
    "kabupaten": "regency",
    "kab": "regency",
    "kota": "city",
    "kecamatan": "district",
    "kec": "district",
}


@cache
def digest() -> str:
    """Of the data: another where a place or a spelling is."""
    files = (Path(__file__).with_name(name) for name in ("places.csv", "spellings.toml"))
    return hashlib.sha256(b"\n".join(path.read_bytes() for path in files)).hexdigest()[:12]


@cache
def words() -> frozenset[str]:
    """Folded names that are words, too, or names of people: alone they say nothing of a place."""
    return frozenset(_by_hand()["words"]["names"])


@cache
def name_words() -> frozenset[str]:
    """The words that names of places are made of, in lower case, less those that are words of the language.

    They are nobody's derived forms: Bekasi is not of `bekas`, Penajam not of `tajam`.
    """
    plain = frozenset(_by_hand()["words"]["parts"])
    parts = {part for name in by_name() if name not in words() for part in re.findall(r"\w+", name)}
    return frozenset(part for part in parts if len(part) > 2 and part not in words() and part not in plain)
