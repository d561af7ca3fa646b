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
    is_signed: bool = False
    """The dateline names the outlet or an agency: no sentence of a story begins so."""


_BRAND_SHAPE = (
    r"[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*\.(?:com|co|id|net|news|org|info|tv|asia|media)(?:\.id)?"
    r"|detikcom|(?-i:detik[A-Z]\w+|(?:KBRN|RRI)(?=[\s,]+[A-Z]))|VIVA|JPNN|GATRA"
)
_DASH = r"\s*(?:,\s*(?=[-\u2012-\u2015\u2212]))?(?P<dash>-{1,2}|\|{1,2}|//|>{1,2}|[\u2012-\u2015\u2212]{1,2}|[:~=_\u2022\u00b7\u00bb])\s*"
_PLACE = r"(?P<place>[A-Z][\w.'\u2019/]*(?:[ -](?:[A-Z]|\([A-Z])[\w.'\u2019/)]*){0,4})"
_DAY = r"(?:\s*,?\s*(?:(?i:senin|selasa|rabu|kamis|jum.?at|sabtu|minggu|ahad)\s*,?\s*)?\(?\d{1,2}[ /]\w+[ /]?\d{0,4}\)?)?"
_AGENCY = r"(?:\s*,?\s*[(\[](?P<agency>ANTARA(?:\s?News)?(?:[ /][^()]{0,30})?|Antara)[)\]])"
_IS_AGENCY = re.compile(r"ANTARA(?: News)?", re.IGNORECASE)
_LONE = re.compile(r"[A-Z].{2,50}[-\u2013\u2014]")


def is_lone(line: str) -> bool:
    """Whether a line may be a dateline that stands above its paragraph: "Jakarta, Some Outlet --"."""
    return _LONE.fullmatch(line) is not None


@lru_cache(maxsize=8)  # each of the first lines of a story is asked about more than once
def part(paragraph: str, brands: tuple[str, ...] = ()) -> Opening:
    """The first paragraph without its dateline. `brands` are the outlet's own names."""
    if opening := _of_parts(paragraph, brands):
        return opening
    signed, bare, by_outlet = _forms(brands)
    for form in signed:
        match = form.match(paragraph)
        if match is None:
            continue
        parts = match.groupdict()
        rest = paragraph[match.end() :]
        place = parts.get("place")
        if place and parts["dash"] in (":", ".") and not (place.isupper() or places.is_place(place)):
            continue  # "KABARKU.CO - Polisi: …": who speaks
        is_word = parts["dash"] == "-" and not match[0][-1].isspace() and not parts.get("place")
        if rest and (not is_word or parts.get("agency")):
            return Opening(rest, _title_case(parts.get("place")), _agency(parts.get("agency")), True)
    match = by_outlet.match(paragraph)
    if match and (opening := _of_two(match["place"], match["outlet"], paragraph[match.end() :])):
        return opening
    stopped = _STOPPED.match(paragraph)
    if stopped and places.is_place(stopped["place"]):
        return Opening(paragraph[stopped.end() :], _title_case(stopped["place"]))
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


# "SAMARINDA. Warga …": a place in capitals that is all of the first sentence.
_STOPPED = re.compile(
    r"(?P<place>[A-Z][A-Z'\u2019]{3,}(?: [A-Z'\u2019]{3,}){0,2})\.\s+(?=[\"'\u201c\u2018]?[A-Z][a-z])"
)

# --- datelines of several parts -------------------------------------------------------------------

MAX_DATELINE_CHARS = 90
_DAYS = re.compile(
    r"\b(?:(?:senin|selasa|rabu|kamis|jum.?at|sabtu|minggu|ahad)\b[\s,]*)?[(\[]?\b\d{1,2}[ /.-](?:\d{1,2}|[a-z]{3,9})"
    r"(?:[ /.-]\d{2,4})?\b[)\]]?(?:[\s,|]*(?:(?:pukul|jam)\s*)?\b\d{1,2}[.:]\d\d\b(?:\s*wi(?:b|ta|t)\b)?)?"
    r"|\b(?:senin|selasa|rabu|kamis|jum.?at|sabtu|minggu|ahad)\b",
    re.IGNORECASE,
)
_END = re.compile(
    r"\s*(?:-{1,2}(?=[\s\"'\u201c\u2018A-Z])|[\u2012-\u2015\u2212]{1,2}|\|{1,2}|//|>{1,2}|[~=_\u2022\u00b7\u00bb:]|,(?=\s)|[\])](?=\s))\s*"
)
_BETWEEN = re.compile(r"((?:\s-{1,2}|-{1,2}(?=\s)|\s*[,|()\[\]/\u2012-\u2015:])\s*)")
_NAME = re.compile(rf"[A-Z][\w.'\u2019-]*(?: [A-Z][\w.'\u2019-]*){{0,3}}|{_BRAND_SHAPE}")


def _of_parts(paragraph: str, brands: tuple[str, ...]) -> Opening | None:
    """The opening whose dateline is several names with signs between them: place, region, outlet, agency, day.

    "Mataram, NTB (ANTARA) - ", "SAMARINDA//KABARKU - ", "KABARKU.CO – SAMARINDA – ". Of several ends the last is
    taken; null where a name is none of these, or where there is one name only.
    """
    for end in reversed(list(_END.finditer(paragraph, 0, MAX_DATELINE_CHARS))):
        head, rest = paragraph[: end.start()], paragraph[end.end() :]
        sign = end[0].strip()
        if not _OPENS_SENTENCE.match(rest) or (sign in (")", "]") and paragraph[0] not in "(["):
            continue
        names = _names_in(head)
        if names and (found := _sorted_names(names, sign, brands)):
            place, agency, is_signed = found
            return Opening(rest, _title_case(place), agency, is_signed)
    return None


def _names_in(head: str) -> list[tuple[str, str]]:
    """The names in a dateline, each with the sign before it; empty where a piece is no name. Days are left out."""
    pieces = _BETWEEN.split(_DAYS.sub("", head))
    found: list[tuple[str, str]] = []
    sign = ""
    for at, piece in enumerate(pieces):
        if at % 2:
            sign += piece.strip()
        elif name := piece.strip(" .*"):
            if not _NAME.fullmatch(name):
                return []
            found.append((sign, name))
            sign = ""
    return found


def _sorted_names(
    names: list[tuple[str, str]], end: str, brands: tuple[str, ...]
) -> tuple[str | None, str | None, bool] | None:
    """(Place, agency, whether outlet or agency sign) of a dateline's names; null where they make none."""
    found: list[str] = []
    unknown: list[tuple[str, str]] = []
    agency: str | None = None
    outlets = 0
    for sign, name in names:
        if _AGENCY_NAME.fullmatch(name):
            agency = "ANTARA"
        elif places.is_place(name):
            if found and "," not in sign and "/" not in sign:
                return None  # "Samarinda - Balikpapan": a road
            found.append(name)
        elif _is_brand(name, brands):
            outlets += 1
        else:
            unknown.append((sign, name))
    if len(names) < 2 and (end not in (")", "]") and names[0][0] not in ("(", "[")):
        return None
    if not (found or agency or (outlets and unknown)) or len(found) > MAX_PLACES:
        return None
    if len(unknown) > (2 if agency else 1):
        return None
    is_own = any(name.lower() == brand.lower() for _, name in names for brand in brands)
    if end == "," and not (outlets and found and (is_own or found[-1].isupper())):
        return None
    for sign, name in unknown:
        is_first = not sign.strip("([,/") and not _OFFICE.search(name)
        is_outlet = bool(found) and sign[-1:] in ("(", "[", "/", "|") and end not in (":", ",")
        is_place = bool(agency or outlets) and not found and (is_first or _is_capitals(name)) and end != ":"
        is_place = is_place and sign != "/"  # "KABARKU.CO/BUDI SANTOSO - Warga …": who took the picture
        if not (is_outlet or is_place or (agency and is_first)):
            return None
        if is_outlet:
            outlets += 1
        else:
            found = [name, *found] if name == names[0][1] else [*found, name]
    return next(iter(found), None), agency, bool(agency or outlets)


MAX_PLACES = 2
"""The place and its region; more are a list."""


_AGENCY_NAME = re.compile(r"(?:ANTARA|Antara|Ant)(?: ?[A-Z]\w+){0,2}")


def _is_brand(name: str, brands: tuple[str, ...]) -> bool:
    """Whether a name is the outlet's own, or shaped like an outlet's."""
    own = {brand.lower() for brand in brands}
    return (
        name.lower() in own or re.fullmatch(_BRAND_SHAPE, name, re.IGNORECASE) is not None or _is_outlet(name)
    )


def _is_outlet(name: str) -> bool:
    return _OUTLET.fullmatch(f"{name}") is not None or _OUTLET.match(f"{name} x") is not None


@lru_cache(maxsize=256)
def _forms(brands: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], ...], re.Pattern[str], re.Pattern[str]]:
    """The forms with a name in them; the form with a place alone; the form with an unknown outlet."""
    own = "|".join([*(re.escape(brand) for brand in sorted(brands, key=len, reverse=True)), _BRAND_SHAPE])
    brand = rf"(?i:{own})"
    signed = (
        rf"\W{{0,2}}{brand}(?:\s*[,|\u2013-]?\s*{_PLACE}{_DAY})?{_AGENCY}?{_DASH}",  # BRAND, PLACE - | BRAND -
        rf"{_PLACE}(?:\s*[,|]\s*|\s+|\s*\(){brand}\)?{_DASH}",  # PLACE, BRAND - | PLACE (BRAND) -
        rf"{_PLACE}?{_DAY}{_AGENCY}{_DASH}",  # PLACE (ANTARA) -
        rf"{_PLACE}{_DASH}{brand}[.:]\s+",  # PLACE - BRAND.
        rf"{_PLACE},\s*(?i:{_BRAND_SHAPE})(?P<dash>\.)\s+(?=[\"'\u201c\u2018A-Z])",  # PLACE, BRAND.
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


_SEPARATORS = frozenset(":|_\u00b7\u00bb") | {"||", "//"}
"""They part many things, so only a place that is known stands before one."""


def _is_place(place: str, dash: str, rest: str) -> bool:
    """Whether words before a dash are the place of the story, and not the beginning of its first sentence."""
    known = places.is_place(_ABBREVIATED.sub("", place)) or _region_of(place) is not None
    if dash in _SEPARATORS:
        return known and (place.isupper() or dash not in (":", "_"))
    if places.is_place(re.split(r"[\s,.]", rest, maxsplit=1)[0]) and not place.isupper():
        return False  # "Balikpapan - Samarinda": a road
    if known:
        return True
    if not rest[:1].isupper() and rest[:1] not in "\u201c\"'\u2018":
        return False
    return _is_capitals(place)


def _is_capitals(name: str) -> bool:
    """Whether an unknown name in capitals reads like a place: "DPRD" and "BUMN" do not."""
    return (
        name.isupper()
        and "/" not in name
        and len(name.split()) <= 3
        and len(name) > 4
        and len(re.findall("[AEIOU]", name)) > 1
        and not _OFFICE.search(name)
    )


_ABBREVIATED = re.compile(r"\s*\([A-Z][A-Za-z]{1,7}\)$")
_OFFICE = re.compile(
    r"\b(?:POLRES|POLDA|POLSEK|POLRI|TNI|KODIM|DINAS|DPRD|PEMKAB|PEMKOT|PEMPROV|KPU|KANTOR|BUPATI|WALI)\w*"
)


def may_be_person(name: str) -> bool:
    """Whether a name in capitals is a person's as far as one can see: no place, no office, no outlet."""
    return not (places.is_place(name) or _OFFICE.search(name) or _is_outlet(name) or _NO_PERSON.search(name))


_NO_PERSON = re.compile(
    r"\b(?:BERSAMBUNG|SELESAI|HABIS|TAMAT|TIM|REDAKSI|RED|ADV|ADVERTORIAL|IKLAN|HUMAS|DISKOMINFO|PEMERINTAH|KOTA|KABUPATEN"
    r"|PT|CV|DPP|DPD|DPC|PARTAI|BERITA|BACA|TERKAIT|FOTO|VIDEO|NEWS|INDONESIA|DAN|ATAU|YANG|DI|KE|DARI|UNTUK|ANTARA)\b"
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
