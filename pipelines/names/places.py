"""Which places of the map a text names: datelines, names that speak for themselves, and names that need a context.

A name counts where it is written as a name. Most names of provinces, regencies and cities speak for themselves. One that
is a word, too (Damai, Medan, Puncak), counts where something says that the place is meant: its level before it ("Kota
Medan"), an office of a place ("Polres Batu"), a dateline, or, in the midst of a sentence, *di*, *ke* or *dari* before it,
or the region that it lies in somewhere in the article. A district counts where its regency or province is named, where
the outlet is of its province, or with its level before it. Where several places have the name, that one is meant whose
region is named, else that of the outlet's province, else the widest; of two that nothing tells apart, none: null beats a
wrong place. What is a street, a river or a village of that name, or an outlet's title, is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from pipelines.names.gazetteer import Level, Place, by_name, folded, places, words
from pipelines.names.matching import Finder, Found, even, lines_of, longest

_LEVEL_WORDS: dict[str, Level] = {
    **dict.fromkeys(("provinsi", "prov", "pemprov", "gubernur", "wagub"), "province"),
    **dict.fromkeys(("kota", "pemkot", "walikota", "wawali", "polresta", "polrestabes"), "city"),
    **dict.fromkeys(("kabupaten", "kab", "pemkab", "bupati", "wabup"), "regency"),
    **dict.fromkeys(("kecamatan", "kec", "camat", "polsek", "koramil"), "district"),
}
"""The word before a name that says of which level the place is. "Wali kota" and "pemerintah kota" end in one, too."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OF_PLACES = _set(
    "polres polda kodim korem kodam dprd kpu bawaslu kejari kejati disdik dinkes diskominfo dispora bpbd damkar rsud "
    "pemda lapas rutan bandara pelabuhan"
)
"""What is of a place, so the name after it is one, of whatever level."""
_PREPOSITIONS = _set("di ke dari")
_OTHER_THINGS = _set(
    "jalan jl jln gang gg sungai selat suku bahasa danau gunung desa kelurahan lurah kades kampung dusun soto nasi "
    "masakan batik sarung tenun"
)
"""The word before a name that makes it another thing's: a street, a river, a village, a dish."""
_ROADS = _set("jalan jl jln")
_ABBREVIATED = _set("prov kab kec jl jln gg")
"""Of these words those that are written with a full stop; behind any other it ends a sentence."""
_OUTLETS_BEFORE = _set("Tribun Radar Koran Suara Kabar Media Harian")
_OUTLETS_BEHIND = _set("Post Pos News Today TV Times Kece")
"""The words beside a name that make it an outlet's."""
_FURTHER = _set(
    "dalam luar baru lama raya permai indah hulu hilir ulu ilir utara selatan timur barat tengah seberang atas bawah "
    "besar kecil darat laut jaya makmur"
)
"""The word behind a district's name that makes it another place: Sungai Pinang Dalam is a village of its own."""
_SMALL = frozenset({"dan"})
_REGION_BEHIND = re.compile(r"(?:,| \()\s*(?:(?:Kota|Kabupaten|Kab\.?|Kecamatan|Provinsi) )?")
_ENDS_SENTENCE, _OPENS = frozenset(".!?:;•|*–—-"), " \"“”'(["
_WORD_BEHIND = re.compile(r"[ -]([^\W\d_]+)")
_CAPITAL, _SMALL_WORD = re.compile(r"\b[A-Z]\w{3}"), re.compile(r"\b[a-z]\w{3}")
"""Of words of four letters and more."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_LOUD_TITLE, _LOUD = 0.7, 0.9
"""From that share of capitalised words on, a line's capitals tell no names."""
_NAMED, _IN_PROVINCE, _OUTLETS_PROVINCE, _NOTHING = 3, 2, 1, 0
"""How well a place is supported: its own region is named, its province is, the outlet's is its province, nothing."""


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """That an article names a place: how often in title, text and dateline, and whether the dateline does."""

    place_id: str
    mentions: int
    is_dateline: bool


@dataclass(frozen=True, slots=True)
class _Site:
    """A name at its place in the text, with what stands around it."""

    name: str
    level: Level | None
    """That the word before it says. Null: none."""
    is_of_places: bool
    """What stands before it is an office, or the like, of a place."""
    after_preposition: bool
    """Where a capital tells a name."""
    before_region: str | None
    """A name of the gazetteer right behind it, after a comma or in brackets. Null: none."""
    is_inside: bool
    """Inside a sentence, where a capital tells a name."""
    is_quiet: bool
    """The same, with no capitals beside it."""
    is_followed: bool
    """By a word that makes a longer name of it."""


@dataclass(slots=True)
class _Evidence:
    """What the article and its outlet say for regions."""

    province_id: str | None
    named: set[str] = field(default_factory=set)
    """Ids of places that are certainly named, and of the regions that they lie in."""
    levels: Counter[str] = field(default_factory=Counter)
    """Ids of places that are named with their level."""

    def add(self, place: Place) -> None:
        self.named.add(place.place_id)
        at = place
        while at.parent_id is not None:
            at = _by_id()[at.parent_id]
            self.named.add(at.place_id)

    def of(self, place: Place) -> int:
        """How well the article supports a place, from _NOTHING to _NAMED."""
        if place.parent_id in self.named:
            return _NAMED if place.level == "district" else _IN_PROVINCE
        if _province(place) in self.named:
            return _IN_PROVINCE
        return _OUTLETS_PROVINCE if _province(place) == self.province_id else _NOTHING


def find(
    title: str | None, text: str, dateline: str | None = None, province: str | None = None
) -> list[PlaceMention]:
    """The places that an article names, in the order of their ids. `province`: BPS code of the outlet's, null: unknown."""
    evidence = _Evidence(_province_of_bps().get(province or ""))
    sites = _sites(even(lines_of(title, text)))
    at_dateline = _of_dateline(dateline, evidence, sites)
    if at_dateline:
        evidence.add(at_dateline)
    counts: Counter[str] = Counter()
    # What is certain comes first, for the rest is judged by it: a regency may stand behind its district.
    for turn in (_is_wide_with_level, _is_wide, _has_level, _is_doubtful):
        for site in sites:
            if turn(site) and (place := _meant(site, evidence)) is not None:
                counts[place.place_id] += 1
                if turn is not _is_doubtful:
                    evidence.add(place)
    if at_dateline:
        counts[at_dateline.place_id] += 1
    return [
        PlaceMention(place_id, number, at_dateline is not None and place_id == at_dateline.place_id)
        for place_id, number in sorted(counts.items())
    ]


# --- what stands where ----------------------------------------------------------------------------


def _sites(whole: str) -> list[_Site]:
    found = [each for each in _finder().find(whole.replace("-", " ")) if _is_written_as_name(whole, each)]
    kept = longest(found)
    names = {each.start: _finder().names[each.name] for each in kept}
    return [site for each in kept if (site := _site(whole, each, names)) is not None]


def _site(whole: str, found: Found, names: dict[int, str]) -> _Site | None:
    """The name with what stands around it; null where it is another thing's."""
    name = _finder().names[found.name]
    first_of_line = whole.rfind("\n", 0, found.start) + 1
    before = whole[max(first_of_line, found.start - 60) : found.start]
    behind = whole[found.end : found.end + 40].partition("\n")[0]
    word_before, word_behind = _last_word(before), _first_word(behind)
    if _is_of_another(word_before, word_behind, behind):
        return None
    is_loud = (name in words() or by_name()[name][0].level == "district") and _is_loud(
        whole[first_of_line:].partition("\n")[0], first_of_line == 0
    )
    starts = _starts_sentence(before)
    has_capitals_beside = word_before[:1].isupper() or (word_behind[:1].isupper() and behind[0] == " ")
    region = _REGION_BEHIND.match(behind)
    return _Site(
        name,
        level=_LEVEL_WORDS.get(word_before.lower()),
        is_of_places=word_before.lower() in _OF_PLACES,
        after_preposition=word_before.lower() in _PREPOSITIONS and not is_loud,
        before_region=names.get(found.end + region.end()) if region else None,
        is_inside=not (is_loud or starts),
        is_quiet=not (is_loud or starts or has_capitals_beside),
        is_followed=word_behind[:1].isupper() and word_behind.lower() in _FURTHER,
    )


def _is_of_another(word_before: str, word_behind: str, behind: str) -> bool:
    """Whether the name is a street's, a river's, a village's, an outlet's; "Jalan Samarinda-Bontang" leads there."""
    if word_before in _OUTLETS_BEFORE or word_behind in _OUTLETS_BEHIND:
        return True
    is_road = word_before.lower() in _ROADS and behind.lstrip().startswith(("-", "–"))
    return word_before.lower() in _OTHER_THINGS and not is_road


def _first_word(behind: str) -> str:
    match = _WORD_BEHIND.match(behind)
    return match[1] if match else ""


def _starts_sentence(before: str) -> bool:
    """Whether what follows begins a sentence, a quotation or a bracket: there every word has a capital."""
    bare = before.rstrip(_OPENS)
    return not bare or bare[-1] in _ENDS_SENTENCE or bare != before.rstrip()


def _last_word(before: str) -> str:
    """The word right before a name; empty where a comma, a sign or the end of a sentence stands between."""
    if not before.endswith(" "):
        return ""
    word = before[:-1].rpartition(" ")[2].lstrip(_OPENS)
    if (bare := word.removesuffix(".")).lower() in _ABBREVIATED:
        return bare
    return word if word.replace("/", "").isalpha() else ""


def _is_written_as_name(whole: str, found: Found) -> bool:
    """Whether its words begin with capitals; one that is written in capitals alone has to stand in capitals."""
    written = whole[found.start : found.end]
    if _finder().names[found.name] in _capitals():
        return written.isupper()
    return all(word[0].isupper() or word in _SMALL for word in _WORD.findall(written))


def _is_loud(line: str, is_title: bool) -> bool:
    """Whether most of a line's words have capitals, so that they tell no names."""
    capital, small = len(_CAPITAL.findall(line)), len(_SMALL_WORD.findall(line))
    return capital > 0 and capital >= (_LOUD_TITLE if is_title else _LOUD) * (capital + small)


# --- what is meant --------------------------------------------------------------------------------


def _is_wide(site: _Site) -> bool:
    """Whether the name speaks for itself: it is a province's, regency's or city's, and no word, or an office's."""
    is_certain = site.name not in words() or site.is_of_places
    return site.level is None and is_certain and by_name()[site.name][0].level != "district"


def _is_wide_with_level(site: _Site) -> bool:
    """Whether such a name has a level before it."""
    return site.level is not None and by_name()[site.name][0].level != "district"


def _has_level(site: _Site) -> bool:
    """Whether a name of districts alone has one."""
    return site.level is not None and by_name()[site.name][0].level == "district"


def _is_doubtful(site: _Site) -> bool:
    return site.level is None and not _is_wide(site)


def _meant(site: _Site, evidence: _Evidence) -> Place | None:
    """The place that a name means there; null: none, or nobody can tell which."""
    called = by_name()[site.name]
    of_level = [place for place in called if place.level == site.level]
    place = _likeliest(of_level or _without_inner(called), evidence)
    if place is None:
        return None
    if of_level:
        evidence.levels[place.place_id] += 1
        return place
    support = evidence.of(place)
    region = by_name().get(site.before_region or "", ())
    if any(each.place_id in (place.parent_id, _province(place)) for each in region):
        return place
    if place.level == "district" and site.is_followed:
        return None
    if place.place_id in evidence.named and site.is_inside:
        return place
    if place.level == "district":
        if site.name in words():
            is_meant = support == _NAMED and site.is_quiet
            is_meant = is_meant or (support >= _OUTLETS_PROVINCE and site.after_preposition)
            return place if is_meant else None
        return place if support else None
    if site.name in words() and not (site.level or site.is_of_places):
        # "di Medan" is the city; "ke Puncak", from Bogor, is no regency of Papua.
        is_meant = site.after_preposition and (place.level == "city" or support >= _OUTLETS_PROVINCE)
        is_meant = is_meant or (support >= _IN_PROVINCE and site.is_quiet)
        return place if is_meant else None
    return place


def _without_inner(called: Iterable[Place]) -> list[Place]:
    """The places of a name, less those that lie in another of that name: Makassar is the city, not its district."""
    called = list(called)
    ids = {place.place_id for place in called}
    return [place for place in called if not _regions(place) & (ids - {place.place_id})]


def _likeliest(called: list[Place], evidence: _Evidence) -> Place | None:
    """Of places with one name that which the article speaks of; null: nothing tells them apart."""
    best = max(evidence.of(place) for place in called)
    left = [place for place in called if evidence.of(place) == best]
    left = [
        place
        for place in left
        if place.level == left[0].level or {place.level, left[0].level} <= {"city", "regency"}
    ]
    if len(left) == 1:
        return left[0]
    with_level = [place for place in left if evidence.levels[place.place_id]]
    if len(with_level) == 1:
        return with_level[0]
    cities = [place for place in left if place.level == "city"]
    same_province = len({_province(place) for place in left}) == 1
    return cities[0] if same_province and len(cities) == 1 else None  # "Bandung" alone is the city


def _of_dateline(dateline: str | None, evidence: _Evidence, sites: list[_Site]) -> Place | None:
    """The place of the dateline; null: there is none, or it is none of ours."""
    if not dateline:
        return None
    bare = re.sub(
        r"^(?:kota|kab\.?|kabupaten|kec\.?|kecamatan|provinsi)\s+", "", folded(even(dateline)).strip(" ,.")
    )
    called = by_name().get(folded(even(dateline)).strip(" ,.")) or by_name().get(bare)
    if not called:
        return None
    told = _Evidence(evidence.province_id)
    for site in sites:
        if (_is_wide(site) or _is_wide_with_level(site)) and site.name != bare:
            place = _likeliest(list(by_name()[site.name]), told)
            if place is not None:
                told.add(place)
    return _likeliest(_without_inner(called), told)


# --- the gazetteer, as it is looked into ----------------------------------------------------------


@cache
def _finder() -> Finder:
    return Finder(by_name())


@cache
def _capitals() -> frozenset[str]:
    """Names that are abbreviations in capitals, less those that are written otherwise, too."""
    written: dict[str, set[bool]] = {}
    for place in places():
        for name in place.names:
            written.setdefault(folded(name), set()).add(name.isupper())
    return frozenset(name for name, upper in written.items() if upper == {True})


@cache
def _by_id() -> dict[str, Place]:
    return {place.place_id: place for place in places()}


@cache
def _regions(place: Place) -> frozenset[str]:
    """Ids of the places that it lies in."""
    if place.parent_id is None:
        return frozenset()
    return _regions(_by_id()[place.parent_id]) | {place.parent_id}


@cache
def _province(place: Place) -> str:
    return next((each for each in _regions(place) if _by_id()[each].parent_id is None), place.place_id)


@cache
def _province_of_bps() -> dict[str, str]:
    return {
        place.bps_code: place.place_id for place in places() if place.level == "province" and place.bps_code
    }
