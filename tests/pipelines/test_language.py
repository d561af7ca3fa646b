"""Languages: Indonesian, its neighbours that langdetect takes for it, and the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langdetect import detect_langs

from pipelines import language
from pipelines.language import label

TEXTS = [
    (
        "id",
        "Pemerintah kota mengatakan perbaikan jalan itu selesai bulan depan karena bahan sudah tersedia. "
        "Namun warga masih menunggu sementara hujan turun hampir setiap hari, ujarnya kepada wartawan.",
    ),
    (
        "ms",
        "Polis berkata kerana hujan lebat, jalan itu ditutup manakala pihak berkuasa negeri memindahkan "
        "penduduk. Beliau berkata bahawa bantuan wang telah diagihkan semalam oleh syarikat berkenaan.",
    ),
    (
        "ms",
        "Harga barangan runcit di Tawau meningkat sejak awal bulan ini. Suri rumah, Aminah, berkata harga ayam "
        "kini mencecah RM12 sekilogram. Peniaga pula mendakwa kos pengangkutan menyebabkan mereka menaikkan harga.",
    ),
    (
        "ms",
        "Harimau Malaya menang 2-0 dalam perlawanan kelayakan malam tadi. Jaringan pertama oleh penyerang muda "
        "itu pada minit ke-20 sebelum menambah gol kedua. Kemenangan itu membolehkan Malaysia mendahului kumpulan.",
    ),
    (
        "jv",
        "Wong desa padha kumpul ing bale nalika udan wis terang, lan dheweke ora sida mulih amarga dalane banjir. "
        "Saiki kabeh wis bali menyang omah, nanging isih kudu ngati-ati supaya ora kena lelara.",
    ),
    (
        "jv",
        "Bupati Sleman ngresmikake pasar anyar ing Godean dina Senin. Pasar kuwi diarep-arep bisa ngundhakake "
        "ekonomi warga. Regane sewa kios murah, mula akeh pedagang cilik sing daftar.",
    ),
    (
        "jv",
        "Gubernur Jawa Tengah rawuh ing Surakarta kagem ngresmekaken taman enggal. Panjenenganipun ngendika bilih "
        "taman menika badhe dados papan kangge masyarakat. Warga ingkang rawuh sami remen sanget.",
    ),
    (
        "su",
        "Warga d\u00e9sa geus kumpul di bal\u00e9 nu anyar, sabab hujan teu eureun ti peuting. Ieu t\u00e9h pikeun "
        "nulungan tatangga anu imahna kabanjiran, ceuk kokolot, sangkan aya tempat keur sar\u00e9 jeung dahar.",
    ),
    (
        "su",
        "Gubernur Jawa Barat ngaresmikeun jalan tol anyar di Bandung. Saur anjeunna, eta jalan bakal ngagancangkeun "
        "perjalanan warga ka Garut jeung Tasikmalaya.",
    ),
    (
        "bjn",
        "Pambakal desa itu mamadahakan bahwa jalan ka pahumaan sudah rusak banar, kada kawa dilalui mun hari hujan. "
        "Urang kampung handak mambaiki saurangan haja.",
    ),
    (
        "min",
        "Pado hari Minggu, urang kampuang bagotong royong mamparancak surau nan alah lamo indak dipakai. Sasudah tu "
        "inyo makan basamo jo dunsanak.",
    ),
    (
        "en",
        "The city council said on Monday that the bridge would be repaired before the end of the year, "
        "although residents have been waiting for months.",
    ),
    (
        "zh",
        "\u5e02\u957f\u661f\u671f\u4e00\u5ba3\u5e03\u65b0\u516c\u56ed\u5f00\u653e\uff0c\u4f9b\u5c45\u6c11\u514d\u8d39\u4f7f\u7528\u3002",
    ),
    ("so", "Madaxweynaha ayaa sheegay in dalka ka jira xaalad adag oo ku saabsan abaarta iyo colaadda."),
]


@pytest.mark.parametrize(("code", "text"), TEXTS)
def test_a_text_is_labelled_with_its_language(code: str, text: str) -> None:
    """What langdetect has no profile for is told from Indonesian by its function words; codes are ISO 639's."""
    found, confidence = label(text)
    assert found == code
    assert confidence is not None
    assert 0 < confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "Sultan mengucapkan, \u201cSing ora isa melu, aja nyacat. Iku kudu dadi pepeling kanggo kabeh wong Jogja.\u201d "
        "Ucapan itu disampaikan di Keraton Yogyakarta pada Senin malam.",
        'Pak Haji berkata dalam bahasa Banjar, "Ulun kada handak balapas matan kampung ini, urang Banjar katuju '
        'banar lawan jukung," ucapnya sambil tersenyum kepada para wartawan.',
        "Beliau bertemu Perdana Menteri Malaysia di Kuala Lumpur, Kamis, karena kerajaan dan syarikat Malaysia ingin "
        "berinvestasi di IKN.",
        "Kang Emil minum teh bersama warga, Senin, dan mengatakan bahwa taman itu selesai bulan depan.",
        "Sebanyak 20 kereta api tambahan disiapkan selepas lebaran. Kereta berangkat petang hari dari Gambir.",
    ],
)
def test_indonesian_that_quotes_its_neighbours_stays_indonesian(text: str) -> None:
    """A paper quotes people as they speak, and names things as they are called."""
    assert label(text)[0] == "id"


def test_what_could_be_either_is_less_sure() -> None:
    """The words of the losing side lower the confidence; more words of the winner raise it."""
    sure = label(TEXTS[0][1])[1]
    unsure = label("Polis tahan lelaki curi motor di Tawau, Senin.")[1]
    short = label("Wali kota meresmikan taman baru di Loktuan, Senin.")[1]
    assert sure is not None
    assert short is not None
    assert unsure is not None
    assert unsure < short < sure


@pytest.mark.parametrize("text", ["", "   ", "12345 67,8", "\u2013 \u2013"])
def test_a_text_without_letters_has_no_language(text: str) -> None:
    """Null, not a guess."""
    assert label(text) == (None, None)


@given(st.text(max_size=200))
def test_no_text_raises_and_the_answer_is_always_the_same(text: str) -> None:
    """Seeded: the same text gives the same figure."""
    assert label(text) == label(text)


def test_what_the_outlet_states_is_one_word_among_many() -> None:
    """It decides between equals, and never against the words themselves; one of another continent is nothing."""
    clear = "Bupati mengatakan bahwa warga tidak ingin pindah karena sedang menunggu keputusan pemerintah kabupaten."
    assert label(clear, "jv")[0] == label(clear)[0] == "id"
    assert label(clear, "en") == label(clear)
    assert (label(clear, "id")[1] or 0) > (label(clear)[1] or 0)


@pytest.mark.parametrize(
    "text", [*dict(TEXTS).values(), "Kota A-B, 12 TNI AD (2024)", "\u041a\u041e\u0422 dan kota"]
)
def test_our_walk_through_langdetect_gives_its_own_answers(text: str) -> None:
    """To the last digit: labels of other days stay comparable."""
    theirs = [(found.lang, found.prob) for found in detect_langs(text)]
    assert [(found.lang, found.prob) for found in language._detect(text)] == theirs


def test_langdetect_is_asked_only_where_function_words_leave_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs more than all else in a label, and of the six it knows one."""

    def refused(text: str) -> None:
        raise AssertionError(text)

    text = TEXTS[0][1]
    before = label(text)
    monkeypatch.setattr(language, "_detect", refused)
    assert label(text) == before
    with pytest.raises(AssertionError):
        label(dict(TEXTS)["en"])
