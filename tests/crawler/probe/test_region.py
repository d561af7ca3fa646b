"""Zone, clock and province: which evidence weighs how much, and where there is none."""

from __future__ import annotations

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.probe.region import (
    PROVINCES,
    WIB,
    WIT,
    WITA,
    Clocks,
    Zone,
    clock_of,
    of_datelines,
    of_site,
    timezone_of,
    towns,
    wordpress_zone,
)

TOWNS = towns(load_catalogue())
KALTIM = (PROVINCES["kaltim"], "it says so")


@pytest.mark.parametrize(
    ("texts", "host", "region"),
    [
        (["Kabar Bontang dan Sekitarnya"], "kabar.example", ("Bontang", "64")),
        (["Berita Kalimantan Timur"], "kabar.example", ("Kalimantan Timur", "64")),
        (["Bontang, Kalimantan Timur"], "kabar.example", ("Bontang", "64")),
        (["Samarinda, Bontang dan Kalimantan Timur"], "kabar.example", ("Kalimantan Timur", "64")),
        (["Samarinda dan Balikpapan"], "kabar.example", ("Kalimantan Timur", "64")),
        (["Samarinda dan Tarakan"], "kabar.example", None),
        (["Kabar Papua Barat"], "kabar.example", ("Papua Barat", None)),
        ([], "editorialkaltim.com", ("Kalimantan Timur", "64")),
        ([], "sultra.antaranews.com", ("Sulawesi Tenggara", "74")),
        (["Kaltim, Kaltara dan Kalsel"], "kabar.example", None),
        (["Sulawesi Selatan"], "kaltimkini.example", ("Sulawesi Selatan", "73")),
        ([], "balikpapanku.example", ("Balikpapan", "64")),
        ([], "balipost.example", None),
        (["Kabarnya sih rialto"], "kabar.example", None),
        ([], "127.0.0.1", None),
    ],
)
def test_a_site_is_where_its_own_words_say(
    texts: list[str], host: str, region: tuple[str, str | None] | None
) -> None:
    """One place, or none; the host speaks only where the words do not."""
    found = of_site(texts, host, TOWNS)
    assert (found and (found[0].name, found[0].province)) == region


@pytest.mark.parametrize(
    ("seen", "zone"),
    [
        (Clocks(region=KALTIM, wordpress=WIB, printed=("wib",)), WITA),
        (Clocks(wordpress=WITA, datelines=(PROVINCES["jabar"],)), WITA),
        (Clocks(wordpress=WIB, datelines=(PROVINCES["kaltim"],)), WITA),
        (Clocks(wordpress=WIB, printed=("wita", "wita")), WITA),
        (Clocks(printed=("wib", "wita"), in_texts=("wit",)), WIT),
        (Clocks(wordpress=WIB), WIB),
        (Clocks(wordpress="UTC", offsets_h=(8.0, 8.0)), WITA),
        (Clocks(datelines=(PROVINCES["jabar"], PROVINCES["bali"]), offsets_h=(7.0,)), WIB),
        (Clocks(offsets_h=(7.0, 8.0)), None),
        (Clocks(offsets_h=(5.5,)), None),
        (Clocks(), None),
    ],
)
def test_the_weightiest_evidence_decides_the_zone(seen: Clocks, zone: str | None) -> None:
    """The place's own name before a setting, a setting before what is usual, contradictions count for nothing."""
    found = timezone_of(seen)
    assert (found and found.name) == zone


@pytest.mark.parametrize(
    ("seen", "clock"),
    [
        (Clocks(region=KALTIM, printed=("wib",)), WIB),
        (Clocks(region=KALTIM, wordpress=WIB), WIB),
        (Clocks(wordpress="UTC"), "UTC"),
        (Clocks(wordpress=WITA, printed=("wib", "wita")), WITA),
        (Clocks(region=KALTIM, offsets_h=(7.0,)), None),
    ],
)
def test_the_clock_is_what_stands_beside_dates(seen: Clocks, clock: str | None) -> None:
    """Else WordPress's own setting; an offset says nothing of bare times."""
    found = clock_of(seen)
    assert (found and found.name) == clock


@pytest.mark.parametrize(
    ("root", "zone"),
    [
        ({"timezone_string": "Asia/Makassar", "gmt_offset": 8}, WITA),
        ({"timezone_string": "", "gmt_offset": "7"}, WIB),
        ({"timezone_string": "", "gmt_offset": 0}, "UTC"),
        ({"timezone_string": "Europe/Berlin", "gmt_offset": 1}, None),
        ({"timezone_string": "", "gmt_offset": 8.5}, None),
        ({"gmt_offset": ["?"]}, None),
        ({}, None),
    ],
)
def test_wordpress_tells_a_zone_of_indonesia_or_none(root: dict[str, object], zone: str | None) -> None:
    """By name, else by its offset."""
    assert wordpress_zone(root) == zone


@pytest.mark.parametrize(
    ("filed", "zone", "region"),
    [
        (["bontang", "bontang"], WITA, "Bontang"),
        (["bontang", "samarinda", "bontang"], WITA, "Kalimantan Timur"),
        (["bontang"], WITA, None),
        (["bontang", "sulsel"], WITA, None),
        (["bontang", "bontang"], WIB, None),
        ([], None, None),
    ],
)
def test_datelines_that_agree_say_where_a_site_is(
    filed: list[str], zone: str | None, region: str | None
) -> None:
    """Two articles at least, of one province, and no zone that speaks against it."""
    known = {**PROVINCES, **TOWNS}
    found = of_datelines([known[each] for each in filed], Zone(zone, "") if zone else None)
    assert (found[0].name if found else None) == region
