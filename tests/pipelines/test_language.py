"""Languages: Indonesian, and what langdetect takes for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.language import label

TEXTS = {
    "id": "Pemerintah kota mengatakan perbaikan jalan itu selesai bulan depan karena bahan sudah tersedia. "
    "Namun warga masih menunggu sementara hujan turun hampir setiap hari, ujarnya kepada wartawan.",
    "ms": "Polis berkata kerana hujan lebat, jalan itu ditutup manakala pihak berkuasa negeri memindahkan penduduk. "
    "Beliau berkata bahawa bantuan wang telah diagihkan semalam oleh syarikat dan kementerian berkenaan.",
    "jv": "Wong desa padha kumpul ing bale nalika udan wis terang, lan dheweke ora sida mulih amarga dalane banjir. "
    "Saiki kabeh wis bali menyang omah, nanging isih kudu ngati-ati supaya ora kena lelara.",
    "su": "Warga d\u00e9sa geus kumpul di bal\u00e9 nu anyar, sabab hujan teu eureun ti peuting. Ieu t\u00e9h pikeun "
    "nulungan tatangga anu imahna kabanjiran, ceuk kokolot, sangkan aya tempat keur sar\u00e9 jeung dahar.",
    "en": "The city council said on Monday that the bridge would be repaired before the end of the year, "
    "although residents have been waiting for months.",
}


@pytest.mark.parametrize(("code", "text"), TEXTS.items())
def test_a_text_is_labelled_with_its_language(code: str, text: str) -> None:
    """Malay, Javanese and Sundanese are told from Indonesian by their function words."""
    found, confidence = label(text)
    assert found == code
    assert confidence is not None
    assert 0 < confidence <= 1


@pytest.mark.parametrize("text", ["", "   ", "12345 67,8", "\u2013 \u2013"])
def test_a_text_without_letters_has_no_language(text: str) -> None:
    """Null, not a guess."""
    assert label(text) == (None, None)


@given(st.text(max_size=200))
def test_no_text_raises_and_the_answer_is_always_the_same(text: str) -> None:
    """Seeded: the same text gives the same figure."""
    assert label(text) == label(text)
