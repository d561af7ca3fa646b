"""Places in texts: names that speak for themselves, names that need a context, and names of several places."""

from __future__ import annotations

import pytest

from pipelines.names.places import PlaceMention, find

KALTIM = "64"
"""BPS code of an outlet's province."""


def named(
    text: str, *, title: str | None = None, dateline: str | None = None, province: str | None = KALTIM
) -> set[str]:
    """The ids of the places that an article names."""
    return {each.place_id for each in find(title, text, dateline, province)}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Warga Samarinda antre.", {"64.72"}),
        ("WARGA SAMARINDA ANTRE.", {"64.72"}),
        ("Pemkab Kukar dan Polres Kutim", {"64.02", "64.08"}),
        ("Bupati PPU hadir, ppu tidak.", {"64.09"}),
        ("Kutai adalah kerajaan tua.", set()),
        ("Gubernur Kaltim di IKN", {"64", "IKN"}),
        ("Kantor Samarinda-Bontang", {"64.72", "64.74"}),
        ("Kutai Timur bukan Kutai Barat", {"64.08", "64.07"}),
        ("warga samarinda antre", set()),
        ("Tojo Una-Una dan Tojo Una Una", {"72.09"}),
        ("Samarindanews menulis", set()),
    ],
)
def test_wide_places_speak_for_themselves(text: str, places: set[str]) -> None:
    """Provinces, regencies, cities, and what the region calls them, as whole names with capitals."""
    assert named(text) == places


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Mereka hidup damai di Samarinda.", {"64.72"}),
        ("Damai itu indah. Kutai Barat tenang.", {"64.07"}),
        ("Rapat di Kecamatan Damai ditunda.", {"64.07.08"}),
        ("Warga dari Damai, Kutai Barat, datang.", {"64.07", "64.07.08"}),
        ("Bupati Kutai Barat ke lokasi. Banjir merendam Damai sejak pagi.", {"64.07", "64.07.08"}),
        ("Ia maju ke medan perang.", set()),
        ("Ia terbang dari Medan kemarin malam.", {"12.71"}),
        ("Harga Kota Medan naik.", {"12.71"}),
        ("Mereka naik ke Puncak dari Bogor.", {"32.71"}),
        ("Sambutan wali kota Samarinda singkat.", {"64.72"}),
        ("Jalan rusak di Sambutan, Samarinda.", {"64.72", "64.72.07"}),
        ("Polres Batu menahan dua orang.", {"35.79"}),
    ],
)
def test_names_that_are_words_need_a_context(text: str, places: set[str]) -> None:
    """Their level or an office before them, a preposition, or their region in the article."""
    assert named(text) == places


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Mereka kembali ke kota. Medan yang berat menanti.", set()),
        ("Banjir merendam jalan. Samarinda lumpuh.", {"64.72"}),
        ("Longsor menutup Jl. Samarinda kemarin.", set()),
        ("Harga di Kab. Batang naik.", {"33.25"}),
    ],
)
def test_a_full_stop_ends_a_sentence_unless_it_abbreviates(text: str, places: set[str]) -> None:
    """What stands before it says nothing of the name behind it."""
    assert named(text) == places


def test_capitals_of_a_headline_tell_no_names() -> None:
    """Where every word has one, a word with a capital is a word."""
    assert named("Harga turun di Berau.", title="Harga Batu Bara Turun Tajam") == {"64.03"}
    assert named("Warga Kutai Barat rukun.", title="Hidup Damai Sepanjang Tahun") == {"64.07"}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Kebakaran di Jalan Palembang, Samarinda.", {"64.72"}),
        ("Perahu di Sungai Kapuas karam.", set()),
        ("Kelurahan Damai di Balikpapan", {"64.71"}),
        ("Menurut Tribun Kaltim dan Kaltim Post", set()),
        ("Jalan Samarinda-Bontang rusak", {"64.72", "64.74"}),
        ("Selat Makassar bergelombang", set()),
        ("Sungai Pinang Dalam banjir, kata lurah di Samarinda", {"64.72"}),
    ],
)
def test_streets_rivers_villages_and_outlets_are_no_places_of_that_name(text: str, places: set[str]) -> None:
    """Nor is a village whose longer name begins as a district's; a road from city to city names both."""
    assert named(text) == places


@pytest.mark.parametrize(
    ("text", "province", "places"),
    [
        ("Banjir di Sungai Pinang, Samarinda.", None, {"64.72", "64.72.08"}),
        ("Banjir di Kecamatan Sungai Pinang.", "64", {"64.72.08"}),
        ("Banjir di Kecamatan Sungai Pinang.", "63", {"63.03.10"}),
        ("Banjir di Kecamatan Sungai Pinang.", None, set()),
        ("Warga Banjarmasin ke Kabupaten Banjar.", "63", {"63.71", "63.03"}),
        ("Kota Banjar di Jawa Barat", "64", {"32", "32.79"}),
        ("Warga Bandung antre.", "32", {"32.73"}),
        ("Pemkab Bandung rapat. Warga Bandung antre.", "32", {"32.04"}),
        ("Gorontalo hujan.", "75", {"75"}),
        ("Kota Gorontalo hujan.", "75", {"75.71"}),
        ("Makassar hujan.", "73", {"73.71"}),
        ("Kecamatan Nunukan dan Nunukan", "65", {"65.03", "65.03.02"}),
        ("Warga Anggana panen.", "64", {"64.02.04"}),
        ("Warga Anggana panen.", "32", set()),
        ("Warga Anggana, Kukar, panen.", "32", {"64.02", "64.02.04"}),
    ],
)
def test_of_places_with_one_name_that_is_meant_for_which_something_speaks(
    text: str, province: str | None, places: set[str]
) -> None:
    """The region that the article names, else the outlet's province, else the widest; of equals none."""
    assert named(text, province=province) == places


@pytest.mark.parametrize(
    ("dateline", "place"),
    [
        ("Samarinda", "64.72"),
        ("Tanjung Redeb", "64.03.05"),
        ("Medan", "12.71"),
        ("Sangatta", "64.08"),
        ("IKN", "IKN"),
        ("Tawau", None),
    ],
)
def test_a_dateline_counts(dateline: str, place: str | None) -> None:
    """Once, beside what title and text say; a place that is none of ours counts nothing."""
    found = find(None, "Warga antre sejak pagi.", dateline, KALTIM)
    assert found == ([PlaceMention(place, 1, True)] if place else [])


def test_a_place_is_counted_wherever_it_stands() -> None:
    """In title, text and dateline together."""
    assert find("Samarinda Banjir", "Warga Samarinda antre.", "Samarinda", KALTIM) == [
        PlaceMention("64.72", 3, True)
    ]
