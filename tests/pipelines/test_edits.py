"""What an outlet has changed: signs that mean something are edits, typography is none, and each edit says what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.article import Article
from pipelines.edits import Edit, EditKind, content_of, edit_between, folded, is_edited, tokens, wording
from tests.kit.factories import article

FRAME = (
    "Wali Kota Bontang menerima laporan itu pada rapat di Pendopo. Menurut data resmi, {} kata pejabat itu. "
    "Warga Kampung Tanjung Limau menunggu tindak lanjut dari dinas terkait."
)


def told(said: str, **facts: Any) -> Article:
    return replace(article(text=FRAME.format(said)), **facts)


def edit(before: Article, after: Article) -> Edit | None:
    return edit_between(content_of(before), content_of(after))


# --- typography -----------------------------------------------------------------------------------------

TYPOGRAPHY = {
    "curly quotes": ('"Kami siap," katanya', "\u201cKami siap,\u201d katanya"),
    "low and pointed quotes": ('"Kami siap" katanya', "\u00abKami siap\u00bb katanya"),
    "single for double quotes": ('"Kami siap" katanya', "'Kami siap' katanya"),
    "doubled single quotes": ('"Kami siap" katanya', "``Kami siap'' katanya"),
    "apostrophes": ("Rudy Mas'ud hadir", "Rudy Mas\u2019ud hadir"),
    "dashes": ("Bontang - Senin", "Bontang \u2014 Senin"),
    "a dash of two hyphens": ("Bontang \u2013 Senin", "Bontang -- Senin"),
    "a minus sign": ("inflasi -5 persen", "inflasi \u22125 persen"),
    "a range": ("suhu 3-5 derajat", "suhu 3\u20135 derajat"),
    "spaces": ("harga Rp17 ribu naik", "harga  Rp17\u00a0ribu\u2009naik "),
    "a space after the currency": ("harga Rp300 ribu", "harga Rp 300 ribu"),
    "a space before a comma": ("panen, kata dia", "panen , kata dia"),
    "a line": ("panen. Ia pulang", "panen.\nIa pulang"),
    "what has no width": ("pembangunan", "pem\u00adbangunan\u200b"),
    "an ellipsis": ("tunggu...", "tunggu\u2026"),
    "a ligature": ("final", "\ufb01nal"),
    "composed letters": ("caf\u00e9", "cafe\u0301"),
    "wide letters": ("100%", "\uff11\uff10\uff10\uff05"),
    "case": ("KPK menahan", "Kpk Menahan"),
}


@pytest.mark.parametrize(("one", "other"), TYPOGRAPHY.values(), ids=TYPOGRAPHY)
def test_typography_is_no_edit(one: str, other: str) -> None:
    """A reader reads the same."""
    assert wording(FRAME.format(one)) == wording(FRAME.format(other))
    assert not is_edited(content_of(told(one)), content_of(told(other)))


@given(st.text())
def test_what_was_folded_stays_as_it_is(text: str) -> None:
    """So a wording does not depend on how often a text was folded."""
    assert tokens(folded(folded(text))) == tokens(folded(text))


# --- signs that mean something --------------------------------------------------------------------------

OF_TEXT = {
    "a minus lost": ("inflasi -5 persen", "inflasi 5 persen", "figure"),
    "another currency": ("seharga $100 juta", "seharga \u20ac100 juta", "figure"),
    "a range that became a decimal": ("suhu 3-5 derajat", "suhu 3,5 derajat", "figure"),
    "a point for a comma": ("naik 1.5 persen", "naik 1,5 persen", "figure"),
    "thousands by point and by comma": ("sebesar 1.000 orang", "sebesar 1,000 orang", "figure"),
    "a thousand that became one": ("sebesar 1.000 orang", "sebesar 1 orang", "figure"),
    "two figures of one": ("naik 12.5 kali", "naik 12 5 kali", "figure"),
    "a score": ("skor 2-1 untuk", "skor 2:1 untuk", "figure"),
    "a range of prices": ("harga 10/20 ribu", "harga 10-20 ribu", "figure"),
    "rupiah": ("sebesar Rp5.000,00", "sebesar Rp500.000", "figure"),
    "thousands that became millions": ("sebesar Rp300 ribu", "sebesar Rp300 juta", "figure"),
    "percent": ("naik 3,5 persen", "naik 3,7 persen", "figure"),
    "percent that was none": ("naik 5%", "naik 5", "figure"),
    "a square": ("seluas 10\u00b2 meter", "seluas 102 meter", "figure"),
    "a number in words": ("korban dua orang", "korban lima orang", "figure"),
    "a figure that was put in": ("polisi menahan tersangka", "polisi menahan 3 tersangka", "figure"),
    "a clock": ("pukul 10.00 tadi", "pukul 11.00 tadi", "figure"),
    "a name": ("tersangka Andi ditahan", "tersangka Budi ditahan", "name"),
    "a name that begins a sentence too": (
        "Bupati Andi hadir. Andi berpidato",
        "Bupati Andi hadir. Bupati berpidato",
        "name",
    ),
    "a name with an apostrophe": ("gubernur Mas'ud hadir", "gubernur Masud hadir", "name"),
    "a name that was taken out": ("tersangka Andi ditahan", "tersangka ditahan", "name"),
    "a quotation": ('"kami siap" katanya', '"kami belum siap" katanya', "quote"),
    "a quotation that became our words": ("\u201cbenar\u201d katanya", "benar katanya", "quote"),
    "our words that became a quotation": ("benar katanya", "\u201cbenar\u201d katanya", "quote"),
    "a quotation that was taken out": ('pejabat "yang lalai" itu', "pejabat itu", "quote"),
    "a question answered": ("apakah bersalah?", "apakah bersalah.", "wording"),
    "a plus": ("a + b untung", "a - b untung", "wording"),
    "a word": ("ia terlibat", "ia diduga terlibat", "wording"),
    "a comma": ("warga, petani", "warga petani", "wording"),
    "a compound": ("anak-anak", "anak anak", "wording"),
}


@pytest.mark.parametrize(("before", "after", "kind"), OF_TEXT.values(), ids=OF_TEXT)
def test_an_edit_of_the_text_says_what_it_is(before: str, after: str, kind: str) -> None:
    """Whichever way it goes, it is found, and is of one kind."""
    one, other = told(before), told(after)
    assert is_edited(content_of(one), content_of(other))
    assert (found := edit(one, other)) is not None
    assert (found.kind, 0 < found.share < 0.2) == (kind, True)
    assert edit(other, one) == found


def test_a_paragraph_more_changes_no_figure_name_or_quotation() -> None:
    """Nothing of what stood there gave way."""
    one = told("panen selesai")
    more = replace(one, text=f'{one.text}\n"Kami menunggu 5 hari," kata Hamzah.')
    assert (edit(one, more) or Edit("figure", 0)).kind == "wording"
    assert (edit(more, one) or Edit("figure", 0)).kind == "wording"


def test_the_first_kind_that_applies_is_named() -> None:
    """A figure before a name, a name before a quotation, any of them before the title."""
    one = told('korban 2 orang di Loktuan, "aman" kata Andi', title="Korban Banjir")
    assert (
        edit(one, told('korban 5 orang di Berebas, "gawat" kata Budi')) or Edit("date", 0)
    ).kind == "figure"
    assert (edit(one, told('korban 2 orang di Berebas, "gawat" kata Budi')) or Edit("date", 0)).kind == "name"
    other = told('korban 2 orang di Loktuan, "gawat" kata Andi', title="Banjir")
    assert (edit(one, other) or Edit("date", 0)).kind == "quote"
    other = told('korban 2 orang di Loktuan, "aman" ujar Andi', title="Banjir")
    assert (edit(one, other) or Edit("date", 0)).kind == "title"


# --- the share -----------------------------------------------------------------------------------------


def test_the_share_is_of_the_words_and_signs_of_both_texts() -> None:
    """One word of ten against another is a tenth; a text against none of its words is all of it."""
    one = told("")
    ten = "satu kapal nelayan itu kini sudah tiba di dermaga lama"
    assert edit(replace(one, text=ten), replace(one, text=ten.replace("lama", "baru"))) == Edit(
        "wording", 0.1
    )
    assert (edit(replace(one, text="a b c"), replace(one, text="d e f")) or Edit("date", 0)).share == 1.0
    assert (edit(replace(one, text="a b c"), replace(one, text="a b c d e")) or Edit("date", 0)).share == 0.25
    assert edit(replace(one, text="a b c"), replace(one, text="c a b")) == Edit("wording", 0.0)


@given(st.text(), st.text())
def test_the_share_is_symmetric_and_a_share(one: str, other: str) -> None:
    """Whatever the texts are."""
    there = edit(replace(told(""), text=one), replace(told(""), text=other))
    back = edit(replace(told(""), text=other), replace(told(""), text=one))
    assert there == back
    assert there is not None
    assert 0 <= there.share <= 1


def test_of_a_text_that_is_not_at_hand_nobody_says_what_was_changed() -> None:
    """That it was is known by its wording; what was changed beside an equal text is said all the same."""
    before = replace(content_of(told("naik", title="Satu")), text=None)
    assert is_edited(before, content_of(told("turun")))
    assert edit_between(before, content_of(told("turun"))) is None
    assert edit_between(before, content_of(told("naik", title="Dua"))) == Edit("title", 0.0)


# --- title, date and byline -----------------------------------------------------------------------------

AT = datetime(2024, 11, 20, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def dated(
    at: datetime, precision: str = "second", witness: str = "meta", raw: str | None = None
) -> dict[str, Any]:
    return {
        "published_at": at,
        "published_precision": precision,
        "published_from": witness,
        "published_raw": raw,
    }


OF_FACTS: dict[str, tuple[dict[str, Any], dict[str, Any], EditKind | None]] = {
    "a title": ({"title": "Banjir di Loktuan"}, {"title": "Banjir di Berebas"}, "title"),
    "a question mark in a title": ({"title": "Bupati Korupsi"}, {"title": "Bupati Korupsi?"}, "title"),
    "the forms of a title": (
        {"title": "Kata 'Siap' - Bupati"},
        {"title": "Kata \u2018siap\u2019 \u2013 Bupati"},
        None,
    ),
    "a title not read this time": ({"title": "Banjir"}, {"title": None}, None),
    "a title where there was none": ({"title": None}, {"title": "Banjir"}, "title"),
    "another author": ({"authors": ("Andi",)}, {"authors": ("Budi",)}, "byline"),
    "an author more": ({"authors": ("Andi",)}, {"authors": ("Andi", "Budi")}, "byline"),
    "an author where there was none": ({"authors": ()}, {"authors": ("Andi",)}, "byline"),
    "authors not read this time": ({"authors": ("Andi",)}, {"authors": ()}, None),
    "authors in another order": ({"authors": ("Andi", "Budi")}, {"authors": ("Budi", "Andi")}, None),
    "the case of an author": ({"authors": ("ANDI",)}, {"authors": ("Andi",)}, None),
    "another editor": ({"editors": ("Andi",)}, {"editors": ("Budi",)}, "byline"),
    "a date moved back": (dated(AT), dated(AT - 30 * 24 * HOUR), "date"),
    "a date moved by a second": (dated(AT), dated(AT + timedelta(seconds=1)), "date"),
    "a minute known to the second": (dated(AT, "minute"), dated(AT + timedelta(seconds=30)), None),
    "a day known to the second": (dated(AT, "day"), dated(AT + 9 * HOUR), None),
    "another day": (dated(AT, "day"), dated(AT + 24 * HOUR, "day"), "date"),
    "a date of another witness": (dated(AT), dated(AT + HOUR, witness="json-ld"), None),
    "a date where there was none": ({}, dated(AT), "date"),
    "a date not read this time": (dated(AT), {}, None),
    "a date that only an entry hints at": ({}, dated(AT, witness="sitemap"), None),
    "another hint": (dated(AT, witness="feed"), dated(AT + HOUR, witness="feed"), None),
    "a date of a feed's own item": (
        dated(AT, witness="feed") | {"document": "feed"},
        dated(AT + HOUR, witness="feed") | {"document": "feed"},
        "date",
    ),
    "minutes ago": (
        dated(AT, "minute", "time", "5 menit lalu"),
        dated(AT + 2 * timedelta(minutes=1), "minute", "time", "20 menit lalu"),
        None,
    ),
    "modified": ({"modified_at": AT}, {"modified_at": AT + HOUR}, None),
    "tags, section, description": (
        {"tags": ("a",), "section": "x", "description": "y"},
        {"tags": ("b",), "section": "z", "description": None},
        None,
    ),
    "title, date and byline": (
        {"title": "Satu", "authors": ("Andi",)} | dated(AT),
        {"title": "Dua", "authors": ("Budi",)} | dated(AT + HOUR),
        "title",
    ),
    "date and byline": (
        {"authors": ("Andi",)} | dated(AT),
        {"authors": ("Budi",)} | dated(AT + HOUR),
        "date",
    ),
}


@pytest.mark.parametrize(("before", "after", "kind"), OF_FACTS.values(), ids=OF_FACTS)
def test_an_edit_beside_the_text_says_what_it_is(
    before: dict[str, Any], after: dict[str, Any], kind: EditKind | None
) -> None:
    """Of the text nothing changed, so its share is 0."""
    one, other = told("panen", **before), told("panen", **after)
    assert is_edited(content_of(one), content_of(other)) is (kind is not None)
    if kind is not None:
        assert edit(one, other) == Edit(kind, 0.0)
