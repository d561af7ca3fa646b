"""Sentences of Indonesian prose, and the two of them that stand around a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.names.matching import even, even_places
from pipelines.sentences import MAX_CHARS, excerpt, sentences


def cut(text: str) -> list[str]:
    return [text[begin:end] for begin, end in sentences(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["Ia pulang.", "Warga menunggu."],
        ["H. Rudy Mas'ud dan Hj. Siti Aminah hadir.", "Keduanya diam."],
        ["Dr. Ir. A. H. Nasution, S.H., M.Si. menandatanganinya.", "Acara usai."],
        ["Surat No. 12 Tahun 2024 menyebut Rp. 5 miliar.", "Jl. Awang Long ditutup."],
        ["Harga naik menjadi Rp 12.500 per kg.", "Pedagang mengeluh."],
        ["Ada beras, gula, dll.", "Semuanya habis."],
        ['"Kami siap." Ia mengulanginya.'],
        ["“Kami siap!”", "Ia mengulanginya."],
        ["Siapa?", "Tidak ada…", "Lalu sunyi."],
        ["Acara mulai pukul 10.00 Wita.", "Hujan turun."],
        ["PT. Kaltim Prima Coal Tbk. Sangatta menolak."],
        ["1. Kepala dinas hadir."],
        ["Kapolres AKBP. Dedi dan Brigjen. Pol. Joko datang.", "Mereka pulang."],
        ["Situs www. contoh tidak dibuka."],
        ["Tahun 2024.", "Ia menang."],
    ],
)  # fmt: skip
def test_where_a_sentence_ends(parts: list[str]) -> None:
    """Not behind a title, a degree, an initial or an abbreviation."""
    if parts == ['"Kami siap." Ia mengulanginya.']:
        parts = ['"Kami siap."', "Ia mengulanginya."]
    assert cut(" ".join(parts)) == parts


def test_a_line_ends_a_sentence() -> None:
    """A paragraph too; white space is no part of one."""
    assert cut("Judul tanpa titik\n\n  Isi pertama. Isi kedua  \n") == [
        "Judul tanpa titik",
        "Isi pertama.",
        "Isi kedua",
    ]


TEXT = "Pagi cerah. Wali kota Neni datang. Ia membuka acara.\nSore hujan."


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Neni", "Wali kota Neni datang. Ia membuka acara."),
        ("Sore", "Ia membuka acara. Sore hujan."),
        ("Pagi", "Pagi cerah. Wali kota Neni datang."),
    ],
)
def test_two_sentences_around_a_name(name: str, shown: str) -> None:
    """Its own and the next one; of the last one the one before. The place of the name moves along."""
    at = TEXT.index(name)
    found = excerpt(TEXT, [(at, at + len(name))])
    assert found.text == shown
    assert [found.text[begin:end] for begin, end in found.names] == [name]


def test_without_a_name_an_excerpt_is_the_beginning() -> None:
    """Of an article whose title alone names it, and of one that has nothing to say."""
    assert excerpt(TEXT, []).text == "Pagi cerah. Wali kota Neni datang."
    assert excerpt("", []).text == ""
    assert excerpt(" \n ", []).text == ""


def test_an_endless_sentence_is_cut_between_words() -> None:
    """The name stays in it, and is found there."""
    text = "kata " * 400 + "Neni " + "lain " * 400
    at = text.index("Neni")
    found = excerpt(text, [(at, at + 4)])
    assert len(found.text) <= MAX_CHARS + 8
    assert found.text.startswith("… kata ")
    assert found.text.endswith(" lain …")
    assert [found.text[begin:end] for begin, end in found.names] == ["Neni"]


@given(
    st.text(alphabet=st.sampled_from("aB. ,\n\"'’“”!?…1\u200bH"), max_size=200),
    st.integers(0, 200),
    st.integers(0, 9),
)
def test_any_text_is_cut_without_a_loss(text: str, at: int, length: int) -> None:
    """Between sentences stands white space alone; an excerpt of any place has that place, as it is written."""
    found = sentences(text)
    marked: set[int] = set()
    for begin, end in found:
        assert text[begin:end].strip() == text[begin:end] != ""
        marked.update(range(begin, end))
    assert not [sign for number, sign in enumerate(text) if number not in marked and not sign.isspace()]
    if text[at : at + length].strip() and at + length <= len(text):
        shown = excerpt(text, [(at, at + length)])
        for begin, end in shown.names:
            assert shown.text[begin:end] == text[at : at + length].replace("\n", " ")


@given(st.text(alphabet=st.sampled_from("ab \t\u00a0’'\u200b\n-‑"), max_size=60))
def test_every_sign_of_an_even_text_has_its_place(text: str) -> None:
    """So what is found there can be shown as the outlet wrote it."""
    places = even_places(text)
    assert len(places) == len(even(text)) + 1
    assert places == sorted(places)
    assert [even(text[at]) for at in places[:-1]] == list(even(text))
