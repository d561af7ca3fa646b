"""The dateline: where a story was filed, and by whom, before its first sentence begins.

"EXPRESI.co, BONTANG – ", "Samarinda (ANTARA) - ", "BONTANG- ", "Jakarta, Some Outlet --". The place is
kept as a fact and removed from the text. When in doubt the words stay: a wrong cut takes a sentence's subject.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pipelines.lines import places
from pipelines.page.tree import fold


@dataclass(frozen=True, slots=True)
class Opening:
    """A first paragraph, parted from its dateline."""

    text: str
    place: str | None = None
    """In title case, e.g. `Samarinda`."""
    agency: str | None = None
    """The agency that the dateline names, e.g. `ANTARA`."""


_BRAND_SHAPE = (
    r"[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*\.(?:com|co|id|net|news|org|info|tv|asia|media)(?:\.id)?"
    r"|detikcom|(?-i:detik[A-Z]\w+|(?:KBRN|RRI)(?=[\s,]+[A-Z]))|VIVA|JPNN|GATRA"
)
_DASH = r"\s*(?P<dash>-{1,2}|\|{1,2}|[\u2012\u2013\u2014\u2015:])\s*"
_PLACE = r"(?P<place>[A-Z][\w.'\u2019/]*(?:[ -](?:[A-Z]|\([A-Z])[\w.'\u2019/)]*){0,4})"
_DAY = r"(?:\s*,?\s*(?:(?i:senin|selasa|rabu|kamis|jum.?at|sabtu|minggu|ahad)\s*,?\s*)?\(?\d{1,2}[ /]\w+[ /]?\d{0,4}\)?)?"
_AGENCY = r"(?:\s*,?\s*[(\[](?P<agency>ANTARA(?:\s?News)?(?:[ /][^()]{0,30})?|Antara)[)\]])"
_IS_AGENCY = re.compile(r"ANTARA(?: News)?", re.IGNORECASE)
_LONE = re.compile(r"[A-Z].{2,50}[-\u2013\u2014]")


def is_lone(line: str) -> bool:
    """Whether a line may be a dateline that stands above its paragraph: "Jakarta, Some Outlet --"."""
    return _LONE.fullmatch(line) is not None


def part(paragraph: str, brands: tuple[str, ...] = ()) -> Opening:
    """The first paragraph without its dateline. `brands` are the outlet's own names."""
    signed, bare, by_outlet = _forms(brands)
    for form in signed:
        match = form.match(paragraph)
        if match is None:
            continue
        parts = match.groupdict()
        rest = paragraph[match.end() :]
        is_word = parts["dash"] == "-" and not match[0][-1].isspace() and not parts.get("place")
        if rest and (not is_word or parts.get("agency")):
            return Opening(rest, _title_case(parts.get("place")), _agency(parts.get("agency")))
    match = by_outlet.match(paragraph)
    if match and (opening := _of_two(match["place"], match["outlet"], paragraph[match.end() :])):
        return opening
    match = bare.match(paragraph)
    if match is None:
        return Opening(paragraph)
    place, rest = match["place"], paragraph[match.end() :]
    if (
        _OPENS_SENTENCE.match(rest)
        and place.isupper()
        and _OUTLET.match(place)
        and not places.is_place(place)
    ):
        return Opening(rest)  # "RADAR SAMPIT – ": who reports, and not from where
    if match["dash"] == "-" and not match[0][-1].isspace() and not place.isupper():
        return Opening(paragraph)  # "Kukar-Bontang": a compound
    if rest and _IS_AGENCY.fullmatch(place):
        return Opening(rest, agency="ANTARA")
    if rest and _is_place(place, match["dash"], rest):
        return Opening(rest, _title_case(place))
    return Opening(paragraph)


@lru_cache(maxsize=256)
def _forms(brands: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], ...], re.Pattern[str], re.Pattern[str]]:
    """The forms with a name in them; the form with a place alone; the form with an unknown outlet."""
    own = "|".join([*(re.escape(brand) for brand in sorted(brands, key=len, reverse=True)), _BRAND_SHAPE])
    brand = rf"(?i:{own})"
    signed = (
        rf"\W{{0,2}}{brand}(?:\s*[,|\u2013-]?\s*{_PLACE}{_DAY})?{_AGENCY}?{_DASH}",  # BRAND, PLACE - | BRAND -
        rf"{_PLACE}(?:\s*[,|]\s*|\s+|\s*\(){brand}\)?{_DASH}",  # PLACE, BRAND - | PLACE (BRAND) -
        rf"{_PLACE}?{_DAY}{_AGENCY}{_DASH}",  # PLACE (ANTARA) -
    )
    outlet = rf"{_PLACE},\s*(?P<outlet>[A-Z]\w+(?: [A-Z]\w+){{0,2}})\s*(?:-{{1,2}}|[\u2012-\u2015])\s+"
    return (
        tuple(re.compile(form) for form in signed),
        re.compile(rf"{_PLACE}{_DAY}{_DASH}"),
        re.compile(outlet),
    )


# How outlets and press offices are called, and places are not.
_OUTLET = re.compile(
    r"(?:media|radar|kabar|suara|tribun|koran|warta|berita|info|nomor|kantor berita|humas)\b(?= \w)"
    r"|(?:(?:media|radar|kabar|suara|tribun|koran|warta|berita|info|nomor)\w+|.*\w(?:news|pos|post|times|today|tv)|.* (?:news|pos|post|times|today|tv))$",
    re.IGNORECASE,
)


_OPENS_SENTENCE = re.compile(r"[\"'\u201c\u2018(]?[A-Z\d]")


def _of_two(first: str, second: str, rest: str) -> Opening | None:
    """The opening of two names and a dash: PLACE, REGION | PLACE, OUTLET | OUTLET, PLACE; null for others."""
    if not _OPENS_SENTENCE.match(rest):
        return None  # "Samarinda, Balikpapan - dua kota itu - …": what stands between dashes explains
    if places.is_place(first):
        agency = "ANTARA" if _IS_AGENCY.fullmatch(second) else None
        return Opening(rest, _title_case(first), agency)
    if not places.is_place(second):
        return None
    if _IS_AGENCY.fullmatch(first):
        return Opening(rest, _title_case(second), "ANTARA")
    return Opening(rest, _title_case(second)) if _OUTLET.match(first) else None


def _is_place(place: str, dash: str, rest: str) -> bool:
    """Whether words before a dash are the place of the story, and not the beginning of its first sentence."""
    known = places.is_place(_ABBREVIATED.sub("", place)) or _region_of(place) is not None
    if dash in (":", "|", "||"):
        return known and (place.isupper() or dash != ":")
    if places.is_place(re.split(r"[\s,.]", rest, maxsplit=1)[0]) and not place.isupper():
        return False  # "Balikpapan - Samarinda": a road
    if known:
        return True
    if not rest[:1].isupper() and rest[:1] not in "\u201c\"'\u2018":
        return False
    # An unknown name in capitals is a place where it reads like one: "DPRD" and "BUMN" do not.
    return (
        place.isupper()
        and len(place.split()) <= 3
        and len(place) > 4
        and len(re.findall("[AEIOU]", place)) > 1
        and not _OFFICE.search(place)
    )


_ABBREVIATED = re.compile(r"\s*\([A-Z]{2,6}\)$")
_OFFICE = re.compile(
    r"\b(?:POLRES|POLDA|POLSEK|POLRI|TNI|KODIM|DINAS|DPRD|PEMKAB|PEMKOT|PEMPROV|KPU|KANTOR|BUPATI|WALI)\w*"
)


def _region_of(place: str) -> str | None:
    """The place before its region: "Samarinda/Kaltim"; null where a slash means something else."""
    first, slash, second = place.partition("/")
    return first if slash and places.is_place(first) and places.is_place(second) else None


def _agency(text: str | None) -> str | None:
    return None if text is None else "ANTARA" if text.lower().startswith("antara") else fold(text)


_UPPER_PLACES = frozenset({"DKI", "DIY", "IKN", "NTT", "NTB", "PPU", "OKU", "OKI"})


def _title_case(place: str | None) -> str | None:
    """The place as one writes it: `Bontang`, `Tanjung Redeb`, `IKN`; null where there is none."""
    if not place:
        return None
    return " ".join(
        word
        if word in _UPPER_PLACES
        else "-".join(piece[:1].upper() + piece[1:].lower() for piece in word.split("-"))
        for word in fold(_ABBREVIATED.sub("", _region_of(place) or place)).strip(" ,.-").split()
    )
