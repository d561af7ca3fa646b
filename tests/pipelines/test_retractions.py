"""What an edit took back, told from typos and from what merely came or left."""

from __future__ import annotations

import pytest

from pipelines.edits import Content, edit_between, wording
from pipelines.retractions import edit_in_full, is_typo, retracted

TEXT = (
    "Warga Kampung Tanjung Limau mulai memperbaiki dermaga. Ketua kelompok nelayan, Hamzah, mengatakan sebanyak 48 perahu "
    "rusak. Kerugian Rp 3,5 miliar atau 12 persen.\n"
    '"Saya menolak proyek itu," kata Hamzah kepada Bupati Kutai Kartanegara di kantor KPU.'
)
TITLE = "Warga Tanjung Limau Perbaiki Dermaga"


def content(text: str = TEXT, title: str | None = TITLE) -> Content:
    return Content(title=title, fingerprint=wording(text), wording=wording(text), text=text, authors=())


SUBSTANCE = {
    "a figure": ("48 perahu", "84 perahu", "sebanyak 48 perahu"),
    "a figure with a comma": ("3,5 miliar", "3,4 miliar", "rp 3,5 miliar"),
    "a numeral": ("3,5 miliar", "3,5 juta", "3,5 miliar atau"),
    "an ordinal": ("48 perahu", "kedua perahu", "sebanyak 48 perahu"),
    "a figure's sign": ("12 persen", "-12 persen", "miliar atau 12"),
    "a currency": ("Rp 3,5", "USD 3,5", "kerugian rp 3,5"),
    "a figure that was left out": ("48 perahu", "perahu", "sebanyak 48 perahu"),
    "a name": ("Ketua kelompok nelayan, Hamzah,", "Ketua kelompok nelayan, Rahmat,", "nelayan hamzah mengatakan"),
    "an abbreviation": ("kantor KPU", "kantor KPK", "di kantor kpu"),
    "a quotation": ("menolak proyek", "menerima proyek", "saya menolak proyek"),
    "a word set into a quotation": ("Saya menolak", "Saya tidak menolak", "saya menolak proyek"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "phrase"), SUBSTANCE.values(), ids=SUBSTANCE)
def test_a_change_of_substance_takes_words_back(old: str, new: str, phrase: str) -> None:
    """Three words each, the changed one among them, and none that the new text still has."""
    found = retracted(content(), content(TEXT.replace(old, new)))
    assert found is not None and phrase in found
    assert all(len(each.split()) == 3 for each in found)


TYPOS = {
    "letters that changed places in a quotation": ("menolak", "menloak"),
    "a letter left out of a name": ("Hamzah", "Hamza"),
    "another letter in a long name": ("Kartanegara", "Kertanegara"),
    "a letter set twice": ("Bupati", "Buppati"),
    "a name written together": ("Tanjung Limau", "TanjungLimau"),
    "a small word": ("proyek itu", "proyek"),
    "a word that stood twice": ("menolak proyek", "menolak menolak proyek"),
    "a comma in a quotation": ('itu," kata', 'itu." kata'),
    "marks of a quotation": ('"Saya menolak proyek itu,"', "Saya menolak proyek itu,"),
    "case": ("Kampung", "kampung"),
    "what is spelt otherwise": ("12 persen", "12%"),
    "a figure in words": ("48 perahu", "empat puluh delapan perahu"),
    "an older spelling of a numeral": ("3,5 miliar", "3,5 milyar"),
    "a zero behind a comma": ("3,5 miliar", "3,50 miliar"),
    "a line of wording": ("mulai memperbaiki", "sedang membenahi"),
    "a paragraph more": ("KPU.", "KPU.\nBupati Edi Damansyah menyiapkan 12 ton semen."),
    "a paragraph less": ("\n" + TEXT.partition("\n")[2], ""),
    "a typo in a name and a paragraph more": ("KPU.", "KPU.\nBupati Edi menyiapkan 12 ton."),
}


@pytest.mark.parametrize(("old", "new"), TYPOS.values(), ids=TYPOS)
def test_a_typo_takes_nothing_back(old: str, new: str) -> None:
    """Nor does what only came or left; nor is the mended text a correction, read from it to the other."""
    one, other = content(), content(TEXT.replace(old, new))
    if "KPU." in old:
        one = content(TEXT.replace("Kampung Tanjung", "Kampung Tanjng"))
    assert one != other or old == "Kampung"
    assert (retracted(one, other), retracted(other, one)) == (None, None)


def test_a_title_takes_back_its_own_words() -> None:
    """Whatever changed in it but a typo; a title that was not read before took nothing back."""
    assert retracted(content(), content(title="Warga Tanjung Limau Bongkar Dermaga")) == (
        "tanjung limau perbaiki",
        "limau perbaiki dermaga",
    )
    assert retracted(content(), content(title="Warga Tanjung Limau Perbiaki Dermaga")) is None
    assert retracted(content(title=None), content()) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("dermaga", "dermga", True),
        ("dermaga", "dremaga", True),
        ("pembangunan", "pemabngnan", True),
        ("dn", "dan", True),
        ("sepulu", "sepuluh", True),
        ("BMKG", "BMGK", True),
        ("BMKG", "BMKKG", True),
        ("Kami", "Kmi", True),
        ("ada", "apa", True),
        ("lima", "enam", False),
        ("ratus", "ribu", False),
        ("legal", "ilegal", False),
        ("Ali", "Adi", False),
        ("Budi", "Rudi", False),
        ("KPU", "KPK", False),
        ("DPRD", "DPR", False),
        ("membantah", "membantu", False),
        ("12", "13", False),
    ],
)
def test_a_typo_is_a_word_misspelt_once(one: str, other: str, expected: bool) -> None:
    """What makes another word, name or number of it is none, whichever of the two stood first."""
    assert is_typo(one, other) is is_typo(other, one) is expected


def test_an_edit_says_what_it_took_back() -> None:
    """Beside its kind and share, which stay; an edit of wording, date or byline takes nothing back."""
    before, after = content(), content(TEXT.replace("48", "84"))
    edit = edit_in_full(before, after)
    assert edit is not None and edit.retracted == retracted(before, after)
    plain = edit_between(before, after)
    assert plain is not None and (edit.kind, edit.share) == (plain.kind, plain.share)
    reworded = edit_in_full(before, content(TEXT.replace("memperbaiki", "membenahi")))
    assert reworded is not None and (reworded.kind, reworded.retracted) == ("wording", None)


def test_a_text_that_is_not_at_hand_takes_nothing_back() -> None:
    """Nobody knows what it said."""
    bare = Content(title=None, fingerprint="a", text=None)
    assert retracted(bare, content()) is None
