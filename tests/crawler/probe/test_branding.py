"""Titles, suffixes and brands, read off what a site and its articles say."""

from __future__ import annotations

import pytest

from crawler.probe.branding import brands, opening, suffix, title
from pipelines.page.tree import parse


@pytest.mark.parametrize(
    ("candidates", "name"),
    [
        (["Warta Teluk"], "Warta Teluk"),
        ([None, "", "Warta Teluk » Feed"], "Warta Teluk"),
        (["Berita Terkini Bontang Hari Ini - Warta Teluk"], "Warta Teluk"),
        (["Beranda", "Warta Teluk |"], "Warta Teluk"),
        (["Berita Terkini", None], None),
        (["Warta\x1b[2J\nTeluk"], "Warta [2J Teluk"),
        ([], None),
    ],
)
def test_a_title_is_the_part_that_is_a_name(candidates: list[str | None], name: str | None) -> None:
    """What every site says of itself is none; it stays on one line."""
    assert title(candidates, "wartateluk.example") == name


def test_a_suffix_stands_behind_every_title() -> None:
    """One title, or two that differ, tell nothing."""
    assert suffix(["Banjir | Teluk Pagi", "Jalan | Teluk Pagi"]) == "Teluk Pagi"
    assert suffix(["Banjir | Teluk Pagi"]) is None
    assert suffix(["Banjir | Teluk Pagi", "Jalan"]) is None
    assert suffix(["Banjir | satu", "Jalan | dua"]) is None


@pytest.mark.parametrize(
    ("openings", "found"),
    [
        (["EKSPRESI.co, BONTANG – Tujuh partai", "Warga"], ("EKSPRESI.co",)),
        (["BONTANG, Ekspresi.co.id - Tujuh partai"], ("Ekspresi.co.id",)),
        (["Samarinda (ANTARA) - Petani"], ()),
        (["BONTANG- Tujuh partai"], ()),
        (["KlikTetangga.com - Tujuh partai"], ()),
        (["KlikEkspres.id - Tujuh partai", "KlikEkspres.id, BONTANG - Warga"], ("KlikEkspres.id",)),
        (["Kata dia - dan itu benar - tujuh partai mendukung"], ()),
        ([], ()),
    ],
)
def test_a_brand_is_the_sites_own_name_in_a_dateline(openings: list[str], found: tuple[str, ...]) -> None:
    """Spelt like its title or host, or opening two articles: one alone may be another outlet's."""
    assert brands(openings, ["Ekspresi", "ekspresi.co"]) == found


def test_the_opening_holds_what_was_cut_before_the_text() -> None:
    """The smallest element that begins so; what begins elsewhere is none."""
    tree = parse("<body><div><p>BONTANG – Tujuh partai <b>mendukung</b> calon.</p><p>Lain.</p></div></body>")
    assert tree is not None
    assert opening(tree, "Tujuh partai mendukung calon.") == "BONTANG – Tujuh partai mendukung calon."
    assert opening(tree, "Tidak ada.") is None
