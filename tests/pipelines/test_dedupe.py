"""Same, edited, copied: three notions, told apart by named events."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.article import Article, Document
from pipelines.dedupe import (
    BANDS,
    MAX_VERSIONS,
    Reading,
    Stored,
    Verdict,
    article_id,
    containment,
    decide,
    fingerprint,
    is_by_other_rules,
    is_copy,
    jaccard,
    keys_of,
    may_stand_for,
    number_key,
    signature_bands,
    text_key,
)

STORY = " ".join(
    f"Ketua kelompok tani desa {name} menyebut panen padi di lahan {number} hektare itu selesai dalam {number + 3} hari."
    for number, name in enumerate(
        ["Sidomulyo", "Karya Baru", "Tani Makmur", "Bukit Raya", "Manunggal", "Rapak"], 11
    )
)
GOLD = (
    "Harga emas di pasar Kota Contoh pada {day} {move} Rp{step} menjadi Rp{price} per gram. Harga beli kembali ikut "
    "{move} ke posisi Rp{back} per gram. Pembeli dikenai pajak penghasilan 0,45 persen untuk pemegang nomor pokok "
    "wajib pajak dan 0,9 persen bagi yang tidak memilikinya. Emas batangan dijual dalam pecahan 0,5 gram sampai "
    "1.000 gram di seluruh gerai, dan harga dapat berubah sewaktu-waktu mengikuti pasar dunia."
)


def article(
    text: str = STORY, *, title: str | None = "Panen padi", document: Document = "page", rules: str = "r1"
) -> Article:
    return Article(
        article_id="a",
        source="contoh",
        host="contoh.id",
        url="https://contoh.id/panen/",
        title=title,
        description=None,
        text=text,
        word_count=len(text.split()),
        fetched_at=datetime(2024, 11, 20, tzinfo=UTC),
        fingerprint=fingerprint(text),
        rules_version=rules,
        document=document,
    )


def stored(*readings: Article, version: int = 1) -> Stored:
    last: dict[str, Reading] = {reading.document: Reading.of(reading) for reading in readings}
    return Stored(article_id="a", version=version, readings=last)


EDITED = STORY + " Panen berikutnya dijadwalkan Februari."
EVENTS = {
    "seen_for_the_first_time": (None, article(), Verdict.NEW),
    "nothing_changed": (stored(article()), article(), Verdict.SAME),
    "only_quotes_and_spaces_changed": (
        stored(article(f'{STORY} "Panen raya," katanya.')),
        article(f"{STORY} \u201cPanen raya,\u201d katanya.".replace(" ", "\u00a0 ")),
        Verdict.SAME,
    ),
    "a_sign_changed": (stored(article(f"{STORY} Naik -5%.")), article(f"{STORY} Naik 5%."), Verdict.EDITED),
    "another_author": (
        stored(replace(article(), authors=("Andi",))),
        replace(article(), authors=("Budi",)),
        Verdict.EDITED,
    ),
    "only_modified_at_changed": (
        stored(article()),
        replace(article(), modified_at=datetime(2024, 11, 21, tzinfo=UTC)),
        Verdict.SAME,
    ),
    "page_edited": (stored(article()), article(EDITED), Verdict.EDITED),
    "title_edited": (stored(article()), article(title="Panen padi selesai"), Verdict.EDITED),
    "title_typography_changed": (
        stored(article(title="Rudy Mas'ud")),
        article(title="Rudy Mas\u2019ud"),
        Verdict.SAME,
    ),
    "title_not_read_this_time": (stored(article()), article(title=None), Verdict.SAME),
    "our_rules_improved": (stored(article()), article(EDITED, rules="r2"), Verdict.REREAD),
    "our_rules_changed_nothing": (stored(article()), article(rules="r2"), Verdict.SAME),
    "another_entry": (stored(article(document="rest")), article(EDITED, document="page"), Verdict.SAME),
    "both_entries_known_and_page_edited": (
        stored(article(document="rest"), article()),
        article(EDITED),
        Verdict.EDITED,
    ),
    "edited_for_the_twentieth_time": (
        stored(article(), version=MAX_VERSIONS - 1),
        article(EDITED),
        Verdict.EDITED,
    ),
    "edited_too_often": (stored(article(), version=MAX_VERSIONS), article(EDITED), Verdict.CHURNING),
    "a_part_is_missing": (stored(article(EDITED)), replace(article(), is_complete=False), Verdict.PARTIAL),
    "a_part_is_missing_and_the_rules_are_new": (
        stored(article(EDITED)),
        replace(article(rules="r2"), is_complete=False),
        Verdict.PARTIAL,
    ),
    "a_missing_part_came": (stored(replace(article(), is_complete=False)), article(EDITED), Verdict.REREAD),
    "edited_where_a_part_is_always_missing": (
        stored(replace(article(), is_complete=False)),
        replace(article(EDITED), is_complete=False),
        Verdict.EDITED,
    ),
}


@pytest.mark.parametrize(("old", "new", "verdict"), EVENTS.values(), ids=EVENTS)
def test_an_event_has_its_verdict(old: Stored | None, new: Article, verdict: Verdict) -> None:
    """Only two readings of one kind of document by the same rules can be an edit."""
    assert decide(old, new) is verdict


OTHER_RULES = {
    "never_read": (None, article(EDITED), False),
    "never_read_from_this_kind": (stored(article()), article(EDITED, document="rest", rules="r2"), False),
    "the_same_text": (stored(article()), article(rules="r2"), False),
    "the_same_rules": (stored(article()), article(EDITED), False),
    "a_part_is_missing": (
        stored(article(EDITED)),
        replace(article(rules="r2"), is_complete=False),
        False,
    ),
    "a_missing_part_came": (stored(replace(article(), is_complete=False)), article(EDITED), False),
    "another_text_by_other_rules": (stored(article()), article(EDITED, rules="r2"), True),
}


@pytest.mark.parametrize(("old", "new", "is_open"), OTHER_RULES.values(), ids=OTHER_RULES)
def test_whose_change_it_is_is_open_only_between_other_rules(
    old: Stored | None, new: Article, is_open: bool
) -> None:
    """Everything else is decided by what is remembered."""
    assert is_by_other_rules(old, new) is is_open


def placed(found: Article, segment: str | None = "warta/a.warc.gz", offset: int = 10) -> Article:
    return replace(found, segment=segment, record_offset=offset)


STAND_INS = {
    "the_archived_page": (stored(placed(article())), placed(article(rules="r2")), True),
    "another_place": (stored(placed(article())), placed(article(rules="r2"), offset=20), False),
    "another_segment": (stored(placed(article())), placed(article(rules="r2"), "warta/b.warc.gz"), False),
    "another_kind": (stored(placed(article())), placed(article(rules="r2", document="rest")), False),
    "archived_nowhere": (stored(placed(article(), None)), placed(article(rules="r2"), None), False),
    "the_rules_are_the_same": (stored(placed(article(rules="r2"))), placed(article(rules="r2")), False),
    "never_read": (stored(), placed(article(rules="r2")), False),
}


@pytest.mark.parametrize(("old", "again", "may"), STAND_INS.values(), ids=STAND_INS)
def test_only_the_page_of_the_last_reading_stands_for_it(old: Stored, again: Article, may: bool) -> None:
    """Another page would make an edit of what the outlet has never changed, or hide one."""
    assert may_stand_for(again, old, article(EDITED, rules="r2")) is may


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "\u201cKami siap,\u201d kata Rudy Mas\u2019ud \u2013 Senin.",
            '"Kami siap," kata Rudy Mas\'ud -- Senin.',
        ),
        ("Harga  Rp17\u00a0ribu", "harga rp17 ribu"),
        ("a\nb", "a b"),
        ("ﬁnal", "final"),
    ],
)
def test_typography_does_not_change_the_fingerprint(one: str, other: str) -> None:
    """Case, quotes, punctuation, white space and ligatures are not the words."""
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"), [("naik 2,5 persen", "naik 25 persen"), ("tiga", "empat"), ("", "a")]
)
def test_words_and_figures_change_the_fingerprint(one: str, other: str) -> None:
    """Another figure is another text."""
    assert fingerprint(one) != fingerprint(other)


def test_the_first_key_makes_the_id_and_a_text_is_known_by_its_words() -> None:
    """Address first, platform number second; a text without either by source and fingerprint."""
    keys = keys_of("contoh", "http://www.contoh.id/panen", (number_key("contoh.id", "17"),), "f")
    assert keys == ("url:contoh.id/panen", "id:contoh.id:17")
    assert article_id(keys) == article_id(keys_of("contoh", "https://contoh.id/panen/?utm_source=x", (), "g"))
    assert len(article_id(keys)) == 16
    assert keys_of("contoh", None, (), "f") == (text_key("contoh", "f"),)


def gold(day: str, price: str, step: str, back: str, move: str = "naik") -> str:
    return GOLD.format(day=day, price=price, step=step, back=back, move=move)


def test_gold_prices_of_two_days_are_no_copies() -> None:
    """A template around other figures resembles itself every day, and is another story every day."""
    monday = gold("Senin (18/11)", "1.475.000", "5.000", "1.330.000")
    tuesday = gold("Selasa (19/11)", "1.481.000", "6.000", "1.336.000")
    assert jaccard(monday, tuesday) > 0.5
    assert not is_copy(monday, tuesday)


INAUGURATION = (
    "Bupati melantik {one} sebagai camat di {place} dalam upacara sederhana yang dihadiri para pegawai dan tokoh warga "
    "setempat. Dalam sambutannya ia meminta {one} segera turun ke lapangan, mendengar keluhan warga {place}, lalu "
    "menyusun rencana kerja yang jelas bersama {other} yang menjadi wakilnya. Pelantikan ditutup dengan doa bersama. "
    "Acara itu dimulai pukul delapan pagi dan dihadiri kepala dinas, lurah, serta perwakilan pemuda. Seusai acara para "
    "tamu menikmati hidangan yang disiapkan ibu-ibu dari kelurahan, sambil berbincang tentang perbaikan jalan, saluran "
    "air, dan pelayanan surat yang selama ini dikeluhkan karena lambat. Kantor camat akan membuka layanan tambahan pada "
    "hari kerja sampai sore, dan warga dapat menyampaikan laporan langsung kepada petugas yang berjaga di meja depan."
)


def test_a_template_around_other_names_is_another_story() -> None:
    """The same sentences of another person in another place; a name spelt otherwise is no other name."""
    one = INAUGURATION.format(one="Hamzah Saleh", place="Bontang Barat", other="Nur Aini")
    assert not is_copy(one, INAUGURATION.format(one="Budi Santoso", place="Loa Janan", other="Sri Wahyuni"))
    assert is_copy(one, one.replace("Hamzah Saleh", "Hamzah"))
    assert is_copy(one, one.replace("Saleh", "Shaleh"))


def test_the_same_gold_price_at_another_outlet_is_a_copy() -> None:
    """The figures agree: one story told twice, with another beginning."""
    monday = gold("Senin (18/11)", "1.475.000", "5.000", "1.330.000")
    assert is_copy(monday, "Kabar baik bagi pemilik perhiasan. " + monday)


def test_a_shortened_reprint_is_a_copy_and_a_quotation_is_none() -> None:
    """Most of a story in another is a copy; one sentence of it is not."""
    sentences = STORY.split(". ")
    assert is_copy(STORY, ". ".join(sentences[:5]))
    assert not is_copy(STORY, sentences[0] + ". " + GOLD)


def test_short_texts_are_copies_only_when_they_are_equal() -> None:
    """A caption's few words say little."""
    assert is_copy(
        "Pekerja menjemur amplang di rumah produksi.", "pekerja menjemur amplang di rumah produksi"
    )
    assert not is_copy(
        "Pekerja menjemur amplang di rumah produksi.", "Pekerja menjemur ikan di rumah produksi."
    )
    assert not is_copy("", "")


WORDY = st.lists(
    st.sampled_from(["satu", "dua", "tiga", "empat", "lima", "17", "2,5", "enam", "tujuh", "delapan"]),
    max_size=90,
).map(" ".join)


@given(WORDY, WORDY)
def test_similarity_is_symmetric_and_bounded(one: str, other: str) -> None:
    """Which text came first does not matter."""
    for measure in (jaccard, containment):
        assert measure(one, other) == measure(other, one)
        assert 0 <= measure(one, other) <= 1
    assert is_copy(one, other) == is_copy(other, one)


@given(WORDY)
def test_a_text_is_like_itself(text: str) -> None:
    """Equal texts share every band; a text without words has none."""
    assert signature_bands(text) == signature_bands(text + " ")
    assert len(signature_bands(text)) == (BANDS if text else 0)
    assert all(-(2**63) <= band < 2**63 for band in signature_bands(text))


def test_copies_share_a_band_and_strangers_do_not() -> None:
    """The bands find the candidate; a stranger is no candidate."""
    reprint = "Sumber resmi menyebut hal itu. " + STORY
    assert set(enumerate(signature_bands(STORY))) & set(enumerate(signature_bands(reprint)))
    assert not set(enumerate(signature_bands(STORY))) & set(enumerate(signature_bands(GOLD)))


def test_bands_are_the_same_in_another_process() -> None:
    """No hash seed of the interpreter is in them: the archive is compared with itself for years."""
    code = f"from pipelines.dedupe import signature_bands; print(signature_bands({STORY!r}))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == str(signature_bands(STORY))


def test_a_verdict_depends_on_nothing_but_the_readings() -> None:
    """Fetch time, segment and offset are no part of an article's words."""
    moved = replace(
        article(), segment="b.warc.gz", record_offset=7, fetched_at=datetime(2025, 1, 1, tzinfo=UTC)
    )
    assert decide(stored(article()), moved) is Verdict.SAME
