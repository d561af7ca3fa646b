"""The gazetteer: its data agree with themselves and with what is known of a few places."""

from __future__ import annotations

import re

import pytest

from pipelines.names.gazetteer import LEVELS, by_name, folded, meant, name_words, places, words

BY_ID = {place.place_id: place for place in places()}
HEIGHT = {"province": 0, "capital": 1, "regency": 1, "city": 1, "district": 2}


@pytest.mark.parametrize(
    ("place_id", "name", "bps_code"),
    [
        ("64", "Kalimantan Timur", "64"),
        ("64.02", "Kutai Kartanegara", "6403"),
        ("64.07", "Kutai Barat", "6402"),
        ("64.11", "Mahakam Ulu", "6411"),
        ("64.72.01", "Palaran", "6472010"),
        ("31.71", "Jakarta Pusat", "3173"),
        ("74.72", "Baubau", "7472"),
        ("64.02.08", "Kota Bangun", "6403080"),
    ],
)
def test_both_offices_numbers_are_carried(place_id: str, name: str, bps_code: str) -> None:
    """The ministry and the statistics office count the same places otherwise."""
    place = BY_ID[place_id]
    assert (place.name, place.kemendagri_code, place.bps_code) == (name, place_id, bps_code)


def test_every_place_lies_in_one_that_is_wider() -> None:
    """A district in a regency or city, those in a province, and the id says in which."""
    for place in places():
        if place.parent_id is None:
            assert place.level == "province"
        else:
            assert HEIGHT[BY_ID[place.parent_id].level] == HEIGHT[place.level] - 1
            assert place.level == "capital" or place.place_id.rpartition(".")[0] == place.parent_id


def test_all_of_indonesia_is_there() -> None:
    """38 provinces, 416 regencies, 98 cities, and the districts of Kalimantan and Sulawesi."""
    count = {level: sum(place.level == level for place in places()) for level in LEVELS}
    assert count == {"province": 38, "capital": 1, "city": 98, "regency": 416, "district": 1652}
    assert {place.place_id[0] for place in places() if place.level == "district"} == {"6", "7"}


def test_no_code_is_given_twice_or_made_up() -> None:
    """A BPS code has the digits of its level, and begins with its province's; Papua's regencies have none."""
    codes = [place.bps_code for place in places() if place.bps_code]
    assert len(codes) == len(set(codes))
    digits = {"province": 2, "regency": 4, "city": 4, "district": 7}
    for place in places():
        if place.bps_code:
            assert len(place.bps_code) == digits[place.level]
            assert place.parent_id is None or place.bps_code.startswith(place.place_id[:2])
    assert {p.bps_code for p in places() if p.place_id.startswith("9") and p.parent_id} == {None}


def test_every_name_is_written_as_one_writes_it() -> None:
    """No brackets, no abbreviation of a level, no double space; every word that is a name is one in the data."""
    for place in places():
        for name in place.names:
            assert re.fullmatch(r"[\w'./-]+(?: [\w'./-]+)*", name), name
            assert not name.lower().startswith(("kab.", "kab ", "kec.", "gn.")), name
    assert words() <= by_name().keys()


@pytest.mark.parametrize(
    ("name", "place_id"),
    [
        ("Kukar", "64.02"),
        ("PPU", "64.09"),
        ("Kutim", "64.08"),
        ("Kubar", "64.07"),
        ("Mahulu", "64.11"),
        ("Kaltim", "64"),
        ("Kaltara", "65"),
        ("Sangatta", "64.08"),
        ("Toli-Toli", "72.04"),
        ("Sitaro", "71.09"),
    ],
)
def test_the_regions_own_names_are_known(name: str, place_id: str) -> None:
    """Abbreviations, older spellings, and seats that are no district."""
    assert [place.place_id for place in by_name()[folded(name)]] == [place_id]


def test_names_are_not_stemmed() -> None:
    """Search asks for them: what looks like a derived form and is a place; words of the language are not among them."""
    assert {"bekasi", "berau", "penajam", "kutai", "tarakan", "maluku"} <= name_words()
    assert not {"damai", "sambutan", "harapan", "barat", "kota", "medan"} & name_words()


@pytest.mark.parametrize(
    ("text", "place_ids"),
    [
        ("Bontang", ["64.74"]),
        (" kota  BONTANG ", ["64.74"]),
        ("Kukar", ["64.02"]),
        ("6403", ["64.02"]),
        ("64.02", ["64.02"]),
        ("64", ["64"]),
        ("6472010", ["64.72.01"]),
        ("Provinsi Kalimantan Timur", ["64"]),
        ("Bogor", ["32.01", "32.71"]),
        ("Kab. Bogor", ["32.01"]),
        ("kota bogor", ["32.71"]),
        ("Kota Bangun", ["64.02.08"]),
        ("Kecamatan Bogor", []),
        ("Kota", []),
        ("Atlantis", []),
        ("", []),
    ],
)
def test_a_place_is_meant_by_name_level_or_code(text: str, place_ids: list[str]) -> None:
    """A name that begins with a level's word is looked for as a whole first; a number without dots is the statistics office's."""
    assert sorted(place.place_id for place in meant(text)) == place_ids
