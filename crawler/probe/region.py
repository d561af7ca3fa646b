"""Where a site is and which clock it prints: the evidence on its pages, in the order of its weight.

The zone of the place decides the outlet's day; the clock is the zone of bare times. A site's own words
about its place weigh most. WordPress is often left at WIB, so its zone is believed before pages only where
it is another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crawler.catalogue.model import Catalogue

WIB, WITA, WIT, PONTIANAK = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Asia/Pontianak"
ZONES = {"wib": WIB, "wita": WITA, "wit": WIT}
_BY_OFFSET_H = {7: WIB, 8: WITA, 9: WIT}

# Name and abbreviations | BPS code | zone. The codes of Papua's provinces changed: none is better than a wrong one.
_TABLE = f"""
aceh|11|{WIB}
sumatera utara,sumut|12|{WIB}
sumatera barat,sumbar|13|{WIB}
riau|14|{WIB}
jambi|15|{WIB}
sumatera selatan,sumsel|16|{WIB}
bengkulu|17|{WIB}
lampung|18|{WIB}
bangka belitung,babel|19|{WIB}
kepulauan riau,kepri|21|{WIB}
jawa barat,jabar|32|{WIB}
jawa tengah,jateng|33|{WIB}
yogyakarta,jogja|34|{WIB}
jawa timur,jatim|35|{WIB}
banten|36|{WIB}
bali|51|{WITA}
nusa tenggara barat,ntb|52|{WITA}
nusa tenggara timur,ntt|53|{WITA}
kalimantan barat,kalbar|61|{PONTIANAK}
kalimantan tengah,kalteng|62|{WIB}
kalimantan selatan,kalsel|63|{WITA}
kalimantan timur,kaltim|64|{WITA}
kalimantan utara,kaltara|65|{WITA}
sulawesi utara,sulut|71|{WITA}
sulawesi tengah,sulteng|72|{WITA}
sulawesi selatan,sulsel|73|{WITA}
sulawesi tenggara,sultra|74|{WITA}
gorontalo|75|{WITA}
sulawesi barat,sulbar|76|{WITA}
maluku utara,malut|82|{WIT}
maluku|81|{WIT}
papua barat daya||{WIT}
papua barat||{WIT}
papua selatan||{WIT}
papua tengah||{WIT}
papua pegunungan||{WIT}
papua||{WIT}
"""
LEAST_DATELINES = 2
"""A single article may be filed from anywhere."""
MIN_IN_HOST = 5
"""Letters that a name needs to be looked for inside a host: `bali` is a part of `balikpapan`."""


@dataclass(frozen=True, slots=True)
class Region:
    """A province or a town of one."""

    name: str
    province: str | None
    """BPS code. Null: not known for certain."""
    timezone: str


def _regions() -> Iterator[tuple[str, Region]]:
    for line in _TABLE.strip().splitlines():
        names, code, zone = line.split("|")
        first, *_ = names.split(",")
        yield from ((name, Region(first.title(), code or None, zone)) for name in names.split(","))


PROVINCES: Mapping[str, Region] = dict(_regions())
"""Every name and abbreviation, lower case, with its province."""


def towns(catalogue: Catalogue) -> Mapping[str, Region]:
    """The places that sources of the catalogue cover, lower case, less the provinces."""
    return {
        source.region.lower(): Region(source.region, source.province, source.timezone)
        for source in catalogue.values()
        if source.region and source.region.lower() not in PROVINCES
    }


def of_site(texts: Iterable[str], host: str, places: Mapping[str, Region]) -> tuple[Region, str] | None:
    """The one place that a site's own words, else its host, name, with the evidence; null for none or several."""
    text = " | ".join(texts)
    if found := dict(_named(text.lower(), {**places, **PROVINCES})):
        one = _one(set(found.values()))
        return (one, f"its own words name {', '.join(found)}") if one is not None else None
    labels = re.split(r"[.:-]", host)
    hits = {
        region: name
        for name, region in {**places, **PROVINCES}.items()
        for label in labels
        if len(name) >= MIN_IN_HOST and " " not in name and (label.startswith(name) or label.endswith(name))
    }
    if len(hits) != 1:
        return None
    ((region, name),) = hits.items()
    return region, f"{name} in its host"


def of_datelines(filed: Sequence[Region], zone: Zone | None) -> tuple[Region, str] | None:
    """The one place that several articles are filed from; null for one article, several provinces, or another zone's."""
    one = _one(set(filed)) if len(filed) >= LEAST_DATELINES else None
    if one is None or (zone is not None and zone.name != one.timezone):
        return None
    return one, f"datelines: {', '.join(sorted({each.name for each in filed}))}"


def _one(regions: set[Region]) -> Region | None:
    """The one place that these names mean: a town with its province the town, several towns their province."""
    if len(regions) == 1:
        return next(iter(regions))
    codes = {region.province for region in regions}
    if len(codes) > 1 or None in codes:
        return None
    inner = [region for region in regions if region not in PROVINCES.values()]
    if len(inner) == 1:
        return inner[0]
    return next((region for region in PROVINCES.values() if region.province in codes), None)


def _named(text: str, regions: Mapping[str, Region]) -> Iterator[tuple[str, Region]]:
    """The names in a text, the longest first, each taken out: "papua barat" does not name Papua."""
    for name in sorted(regions, key=len, reverse=True):
        pattern = rf"\b{re.escape(name)}\b"
        if re.search(pattern, text):
            yield name, regions[name]
            text = re.sub(pattern, " ", text)


@dataclass(frozen=True, slots=True)
class Clocks:
    """What was seen of zones. Null or empty: nothing."""

    region: tuple[Region, str] | None = None
    """The site's place, and what says so."""
    wordpress: str | None = None
    """The zone that WordPress was set to, an IANA name."""
    datelines: tuple[Region, ...] = ()
    printed: tuple[str, ...] = ()
    """WIB, WITA, WIT beside the dates of articles, lower case."""
    in_texts: tuple[str, ...] = ()
    """The same words in the articles' texts."""
    offsets_h: tuple[float, ...] = ()
    """Offsets of the articles' dates, in hours."""


@dataclass(frozen=True, slots=True)
class Zone:
    """An IANA zone and the evidence for it."""

    name: str
    evidence: str


def timezone_of(seen: Clocks) -> Zone | None:
    """The zone of the place, by the weightiest evidence; null where nothing speaks for one."""
    if seen.region is not None:
        region, evidence = seen.region
        return Zone(region.timezone, f"{region.name}: {evidence}")
    if seen.wordpress in (WITA, WIT, PONTIANAK):
        return Zone(seen.wordpress, "WordPress is set to it")
    filed = {region.timezone for region in seen.datelines}
    if len(filed) == 1:
        return Zone(filed.pop(), f"datelines: {', '.join(sorted({each.name for each in seen.datelines}))}")
    for words, where in (
        (seen.printed, "beside the dates of articles"),
        (seen.in_texts, "in the texts of articles"),
    ):
        if len(set(words)) == 1:
            return Zone(ZONES[words[0]], f"{words[0].upper()} {where}")
    if seen.wordpress == WIB:
        return Zone(WIB, "WordPress is set to it")
    zones = {_BY_OFFSET_H.get(int(hours)) if hours == int(hours) else None for hours in seen.offsets_h}
    (one,) = zones if len(zones) == 1 else (None,)
    return Zone(one, f"dates of articles carry +{int(seen.offsets_h[0]):02d}:00") if one else None


def clock_of(seen: Clocks) -> Zone | None:
    """The zone of bare times on its pages; null where nothing speaks for one."""
    if len(set(seen.printed)) == 1:
        return Zone(ZONES[seen.printed[0]], f"{seen.printed[0].upper()} beside the dates of articles")
    return Zone(seen.wordpress, "WordPress prints in the zone that it is set to") if seen.wordpress else None


def wordpress_zone(root: Mapping[str, object]) -> str | None:
    """The zone that WordPress's REST root states; null where it is none of Indonesia's and not UTC."""
    name = root.get("timezone_string")
    if isinstance(name, str) and name in (WIB, WITA, WIT, PONTIANAK, "UTC"):
        return name
    if name:
        return None
    try:
        hours = float(str(root["gmt_offset"]))
    except (KeyError, ValueError):
        return None
    return "UTC" if hours == 0 else _BY_OFFSET_H.get(int(hours)) if hours == int(hours) else None
