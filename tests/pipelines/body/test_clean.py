"""Line rules: every junk form leaves, every sentence stays, and what a line says is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.body.clean import Cleaned, clean
from pipelines.lines import dateline
from pipelines.page.blocks import Block
from pipelines.rules import Rules

FIRST = "Warga Kampung Baru memperbaiki jembatan kayu yang putus diterjang banjir pekan lalu."
SECOND = "Pekerjaan itu selesai dalam dua hari dengan dana patungan, kata ketua rukun tetangga setempat."
RULES = Rules(source="contoh", brands=("Contoh.co",))


def cleaned(*lines: str, links: float = 0.0, **known: object) -> Cleaned:
    """What stays of the lines between two paragraphs of a story."""
    blocks = [Block(FIRST), *(Block(line, links=links) for line in lines), Block(SECOND)]
    return clean(blocks, RULES, **known)  # type: ignore[arg-type]


JUNK = (
    "Gabung Grup Telegram Kabar Contoh untuk mendapatkan berita pilihan setiap hari. Caranya klik t.me/kabarcontoh.",
    "Join our WhatsApp group",
    'Dapatkan berita setiap hari. Mari bergabung di Grup Telegram "Kabar Contoh", caranya klik tautan https://t.me/kabarcontoh.',
    "Ikuti kabar dari redaksi di saluran “Kabar Contoh” lewat https://s.id/kabarcontoh",
    "Jangan lupa like dan subscribe channel YouTube kami.",
    "Cetak berita ini",
    "Kirim ke teman",
    "Klik untuk membagikan di Facebook(Membuka di jendela yang baru)",
    "Suka Memuat...",
    "Laman: 1 2 3 Selanjutnya",
    "231 kali dilihat, 3 hari ini",
    "Artikel dilanjutkan setelah iklan berikut",
    "Selengkapnya baca di sini",
    "Klik di sini untuk membaca berita lainnya",
    "Simak berita lainnya: Harga Ikan Naik",
    "Bacaan Lainnya",
    "Disclaimer: Artikel ini kiriman pembaca, isinya menjadi tanggung jawab penulis.",
    "Jembatan kayu Kampung Baru yang putus (Foto: Siti Aminah)",
    "Berita ini 1.204 kali dibaca",
    "Get breaking news alerts and special reports.",
    "This site is protected by reCAPTCHA Privacy Policy | Terms of Service",
    "Ikuti kami di",
    "Eksplorasi konten lain dari Kabar Contoh",
    "Join Grup Telegram Kabar Kota untuk mendapatkan berita pilihan. Klik tautan, lalu join. Pasang dulu aplikasinya.",
    "Berlangganan untuk dapatkan pos terbaru lewat email.",
    "Baca Juga:Harga Ikan di Pasar Pagi Naik Dua Kali Lipat",
    "Baca juga: Harga ikan di pasar pagi naik dua kali lipat",
    "BACA JUGA : Pj. Bupati Tinjau Pasar Pagi",
    "Baca Juga:  Harga Ikan Naik",
    "Baca Juga",
    "Baca selengkapnya",
    "Simak juga: Harga Ikan Naik",
    "Lihat juga:",
    "Bagikan",
    "Komentar",
    "X",
    "SHARE",
    "0 Comments",
    "Tinggalkan Balasan",
    "TINGGALKAN KOMENTAR",
    "Alamat email Anda tidak akan dipublikasikan. Ruas yang wajib ditandai *",
    "Isi komentar sepenuhnya adalah tanggung jawab pengguna dan diatur dalam undang-undang.",
    "Ikuti berita terbaru kami di Google News",
    "Ikuti saluran WhatsApp kami untuk kabar terkini",
    "Ikuti berita-berita terkini dari contoh.co dengan mengetuk suka di halaman Facebook kami berikut ini:",
    "Dapatkan update berita pilihan setiap hari dari contoh.co.",
    "Add as a preferred source on Google",
    "Halaman 1 2 3 Selanjutnya",
    "Halaman: 1 2",
    "Halaman 1/3",
    "Selanjutnya",
    "Tag: jembatan, banjir",
    "TAG:",
    "# jembatan # banjir",
    "#jembatan #banjir",
    "BERITA TERKAIT",
    "Terpopuler!",
    "spot_imgspot_img",
    "Html code here! Replace this with any non empty raw html code and that's it.",
    "ADVERTISEMENT",
    "SCROLL TO CONTINUE WITH CONTENT",
    "[Gambas:Video 20detik]",
    "Artikel ini telah tayang di contoh.co dengan judul Jembatan Putus",
    "Dilarang keras mengambil konten, melakukan crawling atau pengindeksan otomatis untuk AI di situs web ini",
    "Copyright © ANTARA 2026",
    "COPYRIGHT © ANTARA News Kalimantan Timur 2024",
    "Pewarta: Siti Aminah",
    "Editor : Rahman",
    "Penulis: Siti Aminah | Editor: Rahman Hakim",
    "Senin, 18 November 2024 | 09:12 WITA",
    "***",
    ">>> Baca juga: Polisi tangkap dua pencuri walet",
    "- Advertisement -",
    "- Iklan -",
    "ADVERTISEMENT. SCROLL TO RESUME CONTENT",
    "Lanjutkan membaca artikel di bawah",
    "Total Views: 231",
    "Post Views: 1.231",
    "View this post on Instagram",
    "Lihat postingan ini di Instagram",
    "Sebuah kiriman dibagikan oleh Dinas Pendidikan (@disdik)",
    "A post shared by Dinas Perikanan (@diskan)",
    "— Pemkot Samarinda (@pemkotsmd) March 16, 2025",
    "Follow",
    "Baca tentang",
    "Share this:",
    "Bagikan ini:",
    "Facebook Twitter WhatsApp",
    "Page 1 of 2",
    "Laman 1 dari 2",
    "Keterangan foto: Nelayan memegang jaring.",
    "Foto: Nelayan memegang jaring di dermaga (ist)",
    "harga-ikan-di-pasar-pagi-naik",
    'Simak Video "Delapan Rumah di Kampung Baru Ludes"',
    "Jangan Sampai Ketinggalan Video Pilihan Redaksi ini:",
    "Berita Nusantara Lainnya",
    "Pilihan Redaksi",
    "[irp posts='12']",
    "Unduh aplikasi contoh.co di ponsel Anda.",
    "Untuk kabar terbaru, unduh aplikasi Contoh News untuk iOS dan Android.",
    "This article is the copyrighted property of Contoh News.",
    "Written permission must be obtained before reprint in online or print media.",
    "Kredit foto: Dinas Perikanan",
    "Photo credit: Siti Aminah",
    "Diperbarui 11 Maret 2025 10:00",
    "Diterbitkan: 11 Maret 2025, 10:00 WITA",
    "Published 11:11 PM WITA Nov 19, 2019",
)

STAYS = (
    "Ia meminta pelanggan membaca juga ketentuan yang tertulis di balik karcis.",
    "Papan itu bertuliskan baca juga petunjuk keselamatan sebelum naik perahu.",
    "Baca juga petunjuk di papan, kata petugas kepada penumpang yang baru datang.",
    '"Ikuti terus perkembangannya di kanal YouTube resmi kami," ujar ketua komisi.',
    "Warga dapat mengikuti siaran langsung melalui kanal YouTube pemerintah kota, kata Rini.",
    "Hak cipta lagu daerah itu kini tercatat atas nama sanggar di Kutai Barat.",
    '"Ikuti grup WhatsApp dinas, lalu klik tautan di sana," kata ketua komisi.',
    "Jangan lupa membawa kartu keluarga saat mengambil bantuan.",
    "Berita ini sudah sampai ke telinga bupati sejak pekan lalu.",
    "Halaman 12 naskah tua itu robek dimakan rayap.",
    "Dilarang menangkap ikan dengan setrum di sepanjang sungai, demikian bunyi papan baru itu.",
    "Oleh karena itu, panen tahun ini dimulai lebih awal daripada biasanya.",
    "Editor foto itu, Budi, memulai kariernya sebagai tukang cetak.",
    "Tagihan listrik balai desa naik dua kali lipat sejak Juni.",
    "Sumber: petani di tiga desa, demikian laporan itu menyebut asal datanya secara panjang lebar.",
    "Terpopuler di kalangan pelajar adalah lomba balap karung.",
    "Ikuti aturan lalu lintas dan jangan menyebar video kecelakaan di Facebook atau WhatsApp.",
    "Simak cara mendaftar bantuan melalui kanal WhatsApp resmi dinas sosial berikut.",
    "Cek status bantuan di Instagram dinas sosial dengan menyiapkan nomor kartu keluarga.",
    "Dapatkan informasi lowongan kerja di sini sebelum 20 Maret, lalu isi formulir.",
    "Unduh aplikasi Mobile JKN di ponsel.",
    "Aturan itu diterbitkan pada 11 Maret 2025 dan berlaku sejak hari yang sama.",
    "Sabtu, 15 Maret 2025",
    "2-1",
    "21-19",
    "covid-19",
    "DPRD-Pemkot",
    "Foto: dua lembar ukuran 3x4",
    "Red: nama samaran atas permintaan keluarga",
    "Red: nama samaran",
    "Oleh Pemerintah Kota Samarinda",
    "Kontributor dana: perusahaan daerah",
    "Laporan keuangan: Bank Kaltimtara",
    "Views: 2 juta kali",
    "Pelaku menulis (Andi Rizal) di dinding.",
    "Laman: 12 berkas ditolak",
    "Warga membawa bukti berupa potongan kayu (foto)",
    "Lembaga Antikorupsi Contoh (LAC/dok)",
    "Syarat Peserta",
    "Pengamanan Ketat dan Target Partisipasi Tinggi",
)


@pytest.mark.parametrize("line", JUNK)
def test_a_junk_line_leaves(line: str) -> None:
    """Both paragraphs stay, the line between them is gone."""
    assert cleaned(line).paragraphs == (FIRST, SECOND)


@pytest.mark.parametrize("line", STAYS)
def test_a_sentence_stays_whatever_it_mentions(line: str) -> None:
    """A rule never eats a sentence, nor a subhead."""
    assert cleaned(line).paragraphs == (FIRST, line, SECOND)


@pytest.mark.parametrize(
    "line",
    [
        "Berita lainnya: Harga ikan naik",
        "Pilihan Redaksi: Harga ikan naik",
        "Artikel lain: Harga ikan naik",
        "Also Read: Harga ikan naik",
    ],
)
def test_a_label_before_a_link_points_away(line: str) -> None:
    """The same words before a text that is no link are the story's."""
    assert cleaned(line, links=0.7).paragraphs == (FIRST, SECOND)
    assert cleaned(line).paragraphs == (FIRST, line, SECOND)


@pytest.mark.parametrize("label", ["Lea más", "VEA TAMBIÉN", "Lesen Sie hier"])
def test_a_short_label_before_a_title_that_is_a_link_points_away(label: str) -> None:
    """In any language; what is no link is the story's."""
    line = f"{label}: precio del pescado sube en el mercado"
    assert cleaned(line, links=0.8).paragraphs == (FIRST, SECOND)
    assert cleaned(line).paragraphs == (FIRST, line, SECOND)


@pytest.mark.parametrize(
    "line",
    [
        "Lea más: El precio del pescado sube en el mercado.",
        "DOI: https://contoh.example/10.1000/naskah-tua",
        "Menurut data dinas itu sendiri: harga ikan naik di pasar",
    ],
)
def test_a_linked_reference_or_sentence_stays(line: str) -> None:
    """An address is a reference, a full stop ends a sentence, and a label has four words at most."""
    assert cleaned(line, links=0.8).paragraphs == (FIRST, line, SECOND)


def test_a_paragraph_that_is_one_link_leaves_with_its_label() -> None:
    """Whatever its case and language; a sentence, a subhead and a table's row stay."""
    title = "Harga ikan di pasar pagi naik"
    assert clean(
        [Block(FIRST), Block("Lue lisää:"), Block(title, links=1.0), Block(SECOND)], RULES
    ).paragraphs == (
        FIRST,
        SECOND,
    )
    for block in (
        Block(f"{title} dua kali lipat.", links=1.0),
        Block(title, "heading", 1.0),
        Block(f"{title} | 2025", "row", 1.0),
    ):
        assert clean([Block(FIRST), block, Block(SECOND)], RULES).paragraphs == (FIRST, block.text, SECOND)


def test_the_label_of_a_list_stays_though_a_link_stands_between() -> None:
    """A link to another story stands inside of stories; what the label announces follows it."""
    blocks = [Block(FIRST), Block("Berikut rinciannya:"), Block("Harga ikan di pasar pagi naik", links=1.0)]
    items = [Block("Tongkol 20.000 rupiah", "item"), Block("Bandeng 30.000 rupiah", "item")]
    assert clean([*blocks, *items], RULES).paragraphs[1] == "Berikut rinciannya:"


def test_a_heading_with_nothing_below_it_leaves() -> None:
    """It opens what has left; one with a sentence's end tells something, and so does one with text below."""
    ends = [Block("Tips lain ke pasar", "heading"), Block("Berkas:")]
    assert clean(
        [Block(FIRST), Block("Harga Pekan Ini", "heading"), Block(SECOND), *ends], RULES
    ).paragraphs == (
        FIRST,
        "Harga Pekan Ini",
        SECOND,
    )
    assert clean([Block(FIRST), Block("Pasar buka lagi besok.", "heading")], RULES).paragraphs[-1] == (
        "Pasar buka lagi besok."
    )


@pytest.mark.parametrize("day", ["Sabtu, 15 Maret 2025", "15.03.2025"])
def test_a_day_at_the_edges_of_a_story_is_the_pages(day: str) -> None:
    """Above the first sentence and at the end; the title may stand above it."""
    lines = ["Jembatan Putus", day, FIRST, day, SECOND, day]
    assert clean([Block(line) for line in lines], RULES, "Jembatan Putus").paragraphs == (FIRST, day, SECOND)


def test_a_caption_above_the_story_leaves() -> None:
    """A photo's credit ends it; the same further down stays, for it may end a sentence."""
    line = "Warga memilah sampah di Balikpapan Baru. (Foto: Dok. DLH)"
    assert clean([Block(line), Block(FIRST), Block(SECOND)], RULES).paragraphs == (FIRST, SECOND)
    assert cleaned(line).paragraphs == (FIRST, line, SECOND)


@pytest.mark.parametrize(
    "titles",
    [
        ("Harga Ikan di Pasar Pagi Naik", "Jalan Poros Kembali Dibuka untuk Truk"),
        ("Harga Ikan di Pasar Pagi Naik",),
    ],
)
def test_titles_below_a_lone_pointer_leave_with_it(titles: tuple[str, ...]) -> None:
    """ "Baca Juga:" and the bare headlines under it are one block."""
    assert cleaned("Baca Juga:", *titles).paragraphs == (FIRST, SECOND)


def test_a_subhead_below_linked_titles_stays() -> None:
    """Once the titles are links, a headline that is none is the story's own."""
    blocks = [
        Block(FIRST),
        Block("Baca Juga:"),
        Block("Harga Ikan di Pasar Pagi Naik", links=1.0),
        Block("Warga Bergotong Royong Sampai Malam"),
        Block(SECOND),
    ]
    assert clean(blocks, RULES).paragraphs == (FIRST, "Warga Bergotong Royong Sampai Malam", SECOND)


@pytest.mark.parametrize(
    "glued",
    [
        "Baca juga: Harga Ikan di Pasar Pagi Naik",
        "(Baca juga: Harga Ikan di Pasar Pagi Naik)",
        " BACA JUGA: Harga Ikan Naik",
        "Pewarta: Siti Aminah",
    ],
)
def test_what_is_glued_to_a_paragraphs_end_is_cut_off(glued: str) -> None:
    """The sentence before it stays whole."""
    assert cleaned(FIRST + glued).paragraphs == (FIRST, FIRST, SECOND)


def test_everything_below_the_comment_form_is_furniture() -> None:
    """Related and popular stories under the story leave, a byline among them is read."""
    long_story = [Block(FIRST), Block(SECOND), Block(FIRST + " " + SECOND)]
    below = [
        Block("BERITA TERKAIT"),
        Block("Harga ikan naik di pasar"),
        Block("4261 Kali    2 hari lalu"),
        Block("Editor: Rahman"),
    ]
    result = clean([*long_story, *below], RULES)
    assert result.paragraphs == tuple(block.text for block in long_story)
    assert result.editors == ("Rahman",)


BYLINES = {
    "Pewarta: Sri Wulan LestariEditor: Bagus Halim Copyright (c) ANTARA 2026": (
        ("Sri Wulan Lestari",),
        ("Bagus Halim",),
    ),
    "Pewarta : Siti Aminah Editor: Rahman COPYRIGHT (c) ANTARA 2026": (("Siti Aminah",), ("Rahman",)),
    "Penulis: Kabar Etam | Editor: Nabila Rahma A": (("Kabar Etam",), ("Nabila Rahma A",)),
    "Reporter: Siti Aminah, Budi Santoso": (("Siti Aminah", "Budi Santoso"), ()),
    "Reporter : Siti dan Budi": (("Siti", "Budi"), ()),
    "Penulis: Dr. Siti Aminah, S.Pd": (("Dr. Siti Aminah",), ()),
    "Editor: Tim Redaksi": ((), ("Tim Redaksi",)),
    "Laporan: Aris": (("Aris",), ()),
    "Written by: Rudi Hartono": (("Rudi Hartono",), ()),
    "Penulis: admin": ((), ()),
    "Penulis: Super User": ((), ()),
    "Penulis/Editor: Rudi": (("Rudi",), ("Rudi",)),
    "Redaktur & Reporter : Siti Aminah": (("Siti Aminah",), ("Siti Aminah",)),
    "Rep: Siti Aminah/ Red: Budi Santoso": (("Siti Aminah",), ("Budi Santoso",)),
    "Kontributor Samarinda: Rudi Hartono": (("Rudi Hartono",), ()),
    "Laporan Wartawan TribunX.co, Siti Aminah": (("Siti Aminah",), ()),
    "[Penulis: Rudi]": (("Rudi",), ()),
    "Oleh Rudi Hartono": (("Rudi Hartono",), ()),
    "Editor – Yayan": ((), ("Yayan",)),
    "Penulis: Rudi Hartono - Senin, 10 Maret 2025": (("Rudi Hartono",), ()),
    "Pewarta: Rudi Hartono (rh)": (("Rudi Hartono",), ()),
    "Reporter: Rudi Hartono (rh) | Editor: Siti Aminah (sta)": (("Rudi Hartono",), ("Siti Aminah",)),
    "Oleh: Rudi Hartono, Dosen Universitas Mulawarman": (("Rudi Hartono",), ()),
    "Ditulis oleh Rudi Hartono": (("Rudi Hartono",), ()),
    "Ditulis oleh Rudi Hartono pada 10 Maret 2025": (("Rudi Hartono",), ()),
    "Editor by: Rudi Hartono": ((), ("Rudi Hartono",)),
    "Tulisan: Rudi Hartono": (("Rudi Hartono",), ()),
    "Penulis: Contoh.co": ((), ()),
    "Foto: Rudi Hartono": ((), ()),
}


@pytest.mark.parametrize(("line", "expected"), BYLINES.items())
def test_a_byline_names_authors_and_editors_apart(line: str, expected: tuple[tuple[str, ...], ...]) -> None:
    """The labels decide who is who; accounts and degrees are no names."""
    result = cleaned(line)
    assert (result.authors, result.editors) == expected
    assert result.paragraphs == (FIRST, SECOND)


MARKS = (
    *("(*)", " (*)", " (wal/boy)", " (ak/ko)", " (*/X-13)", " [E-2]", " (red)", "(siti/budi)", " ***"),
    *(
        " (Red)",
        " (RD)",
        " (Andi)",
        " (fik-han)",
        " **(rd)",
        " (Yul)***",
        " (*/fir/rio/k15)",
        " (rd).",
        " /rd",
        " */red",
        " -rd-",
        " --rd",
        " |rd",
        " (MC Kab Nunukan/rd)",
        " (KN-01)",
        " [RED]",
    ),
)


@pytest.mark.parametrize("mark", MARKS)
def test_the_mark_of_who_keyed_it_in_leaves_and_is_no_advertorial(mark: str) -> None:
    """Initials and stars at the story's end say nothing that is kept."""
    result = clean([Block(FIRST), Block(SECOND + mark)], RULES)
    assert (result.paragraphs, result.is_advertorial, result.authors) == ((FIRST, SECOND), False, ())


@pytest.mark.parametrize(
    "line",
    [
        "(rd)",
        "(RD)",
        "(Red)",
        "(Andi)",
        "(Awaludin)",
        "(Andi Rizal)",
        "(KN-01)",
        "[RED]",
        "(MC Kab. Nunukan/Rd)",
        "-rd-",
        "(wal/boy)",
        "*/red",
        "**/Red",
        "Red/*",
        "-Red",
        "Tim Redaksi",
    ],
)
def test_a_sign_off_on_a_line_of_its_own_leaves(line: str) -> None:
    """Nothing else can be meant there."""
    assert clean([Block(FIRST), Block(SECOND), Block(line)], RULES).paragraphs == (FIRST, SECOND)


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("(Rudi Hartono)", ("Rudi Hartono",)),
        ("[RUDI HARTONO]", ("Rudi Hartono",)),
        ("*(Rudi Hartono)", ("Rudi Hartono",)),
        ("(*/Rudi Hartono)", ("Rudi Hartono",)),
        ("(Rudi)", ()),
        ("(Dinas Kesehatan)", ()),
        ("(Diskominfo Kukar)", ()),
        ("(Kabar Kota)", ()),
        ("(Tanjung Redeb)", ()),
    ],
)
def test_a_whole_name_in_brackets_below_the_story_is_its_authors(line: str, authors: tuple[str, ...]) -> None:
    """An office, an outlet, a place and a first name are none; a byline knows better."""
    blocks = [Block(FIRST), Block(SECOND), Block(line)]
    assert (clean(blocks, RULES).paragraphs, clean(blocks, RULES).authors) == ((FIRST, SECOND), authors)
    assert clean([Block("Penulis: Siti Aminah"), *blocks], RULES).authors == ("Siti Aminah",)


@pytest.mark.parametrize(
    "end",
    [
        *(" (TNI/Polri)", " (2024)", " (DPT)", " (bantuan langsung tunai)"),
        *(" (PDIP/PKB)", " (SNI/ISO)", " (B3)", " (Andi)", " (perikanan/kelautan)"),
    ],
)
def test_words_in_brackets_inside_the_last_sentence_stay(end: str) -> None:
    """Only marks leave: an abbreviation, a year and an explanation are text."""
    last = SECOND.rstrip(".") + end + "."
    assert clean([Block(FIRST), Block(last)], RULES).paragraphs == (FIRST, last)


PAID = {
    " (ADV)": None,
    " (Adv)": None,
    " (ADV/DPRD Kaltim)": "DPRD Kaltim",
    " (Adv/Diskominfo Kukar)": "Diskominfo Kukar",
    " (Nn/Adv/DprdKaltim)": "DprdKaltim",
    " (ADV/KN)": None,
    " (adv) (*)": None,
    " (Pariwara)": None,
    " (Kerja sama Pemkab Paser)": "Pemkab Paser",
    " ADV": None,
    " // ADV": None,
    " *Adv": None,
    " (ADV06/DISKOMINFO KUKAR)": "DISKOMINFO KUKAR",
    " (adv/012/Diskominfo Kukar)": "Diskominfo Kukar",
    " (Diskominfo Kukar/Adv)": "Diskominfo Kukar",
    " (Andi Rizal/Adv)": None,
    " (Adv)/Hms": None,
    " [RH | ADV DISKOMINFO KUKAR]": "DISKOMINFO KUKAR",
    " [ADV | DPRD Kaltim]": "DPRD Kaltim",
}


@pytest.mark.parametrize(("mark", "sponsor"), PAID.items())
def test_a_paid_mark_is_cut_and_kept_as_a_fact(mark: str, sponsor: str | None) -> None:
    """The mark leaves the text; who paid is known where the mark says so in words."""
    result = clean([Block(FIRST), Block(SECOND + mark)], RULES)
    assert result.paragraphs == (FIRST, SECOND)
    assert (result.is_advertorial, result.sponsor) == (True, sponsor)


@pytest.mark.parametrize(
    ("line", "sponsor"),
    [
        ("ADV DPRD Kaltim", "DPRD Kaltim"),
        ("Advertorial", None),
        ("*ADV*", None),
        ("(rdk/adv/kominfo)", "kominfo"),
        ("Penulis: Rudi Hartono (Adv)", None),
    ],
)
def test_a_paid_mark_on_a_line_of_its_own_names_its_sponsor(line: str, sponsor: str | None) -> None:
    """An office behind the mark paid for the story."""
    result = cleaned(line)
    assert (result.paragraphs, result.is_advertorial, result.sponsor) == ((FIRST, SECOND), True, sponsor)


@pytest.mark.parametrize(
    "end",
    [" (ANTARA)", " (Antara/Budi)", " (ant/rd)", " (antara/rd)", " (fra/antara/gil)", " (antara/kanalnusa)"],
)
def test_an_agency_at_the_end_is_credited(end: str) -> None:
    """ "(ANTARA)" leaves the text and names the source."""
    result = clean([Block(FIRST), Block(SECOND + end)], RULES)
    assert (result.paragraphs, result.credited_source) == ((FIRST, SECOND), "ANTARA")


CREDITS = {
    "Sumber: ANTARA": "ANTARA",
    "Sumber Berita: Liputan": None,
    "Artikel ini telah tayang di kabarlain.com dengan judul Jembatan Putus": "kabarlain.com",
    "Sumber: Contoh.co": None,
}


@pytest.mark.parametrize(("line", "source"), CREDITS.items())
def test_a_credit_line_names_another_outlet_or_nobody(line: str, source: str | None) -> None:
    """Own coverage and the outlet itself are no credit."""
    result = cleaned(line)
    assert result.credited_source == source
    assert result.paragraphs == (FIRST, SECOND)


DATELINES = {
    "CONTOH.CO, BONTANG – ": "Bontang",
    "Contoh.co - ": None,
    "ChaneTujuh.com- ": None,
    "TRIBUNKALTIM.CO, SAMARINDA - ": "Samarinda",
    "Kaltimtoday.co, Balikpapan - ": "Balikpapan",
    "JAKARTA, KOMPAS.com - ": "Jakarta",
    "Samarinda – ": "Samarinda",
    "BONTANG- ": "Bontang",
    "BONTANG : ": "Bontang",
    "TANJUNG REDEB — ": "Tanjung Redeb",
    "Muara Badak – ": "Muara Badak",
    "KAMPUNG LAMA – ": "Kampung Lama",
    "Penajam Paser Utara, 20 November 2024 – ": "Penajam Paser Utara",
    "Jakarta, Kabar Kita -- ": "Jakarta",
    "IKN - ": "IKN",
    "PPU – ": "PPU",
    "NUNUKAN, KALTARA – ": "Nunukan",
    "MUARA BADAK, KUKAR – ": "Muara Badak",
    "NOMORSATUKALTIM, SAMARINDA - ": "Samarinda",
    "MEDIA KALTIM, SAMARINDA – ": "Samarinda",
    "RADAR MERATUS, BARABAI - ": "Barabai",
    "RADAR SAMPIT – ": None,
    "HUMAS POLRES KUKAR – ": None,
    "KBRN, Samarinda: ": "Samarinda",
    "RRI Samarinda - ": "Samarinda",
    "Samarinda, detikKaltim - ": "Samarinda",
    "Penajam Paser Utara (PPU) – ": "Penajam Paser Utara",
    "Samarinda (10/3/2025) – ": "Samarinda",
    "Samarinda, Senin (10/3) - ": "Samarinda",
    "SAMARINDA || ": "Samarinda",
    "SAMARINDA/KALTIM - ": "Samarinda",
    "SAMARINDA// ": "Samarinda",
    "SAMARINDA \u2013\u2013 ": "Samarinda",
    "SAMARINDA \u2212 ": "Samarinda",
    "SAMARINDA \u00b7 ": "Samarinda",
    "SAMARINDA \u00bb ": "Samarinda",
    "SAMARINDA. ": "Samarinda",
    "Kutai Kartanegara (Kukar) – ": "Kutai Kartanegara",
    "SAMARINDA — Contoh.co. ": "Samarinda",
    "Samarinda, Contoh.co, ": "Samarinda",
    "SAMARINDA, kabarku.com. ": "Samarinda",
    "Samarinda \u2013 kabarku.com \u2013 ": "Samarinda",
    "Kabarku.com, SAMARINDA, Selasa 11 Februari 2025 09.30 Wita \u2013 ": "Samarinda",
}


@pytest.mark.parametrize(("opening", "place"), DATELINES.items())
def test_a_dateline_leaves_and_its_place_is_kept(opening: str, place: str | None) -> None:
    """The brand leaves with the place, the place is written in title case."""
    result = clean([Block(opening + FIRST), Block(SECOND)], RULES)
    assert (result.dateline, result.paragraphs) == (place, (FIRST, SECOND))


def test_a_dateline_on_a_line_of_its_own_leaves_too() -> None:
    """Some outlets set the place above the first paragraph."""
    result = clean([Block("Jakarta, Kabar Kita --"), Block(FIRST), Block(SECOND)], RULES)
    assert (result.dateline, result.paragraphs) == ("Jakarta", (FIRST, SECOND))


@pytest.mark.parametrize(
    ("opening", "place", "agency"),
    [
        ("Samarinda (ANTARA) - ", "Samarinda", "ANTARA"),
        ("Kalimatan Timur (ANTARA News) -", "Kalimatan Timur", "ANTARA"),
        ("ANTARA - ", None, "ANTARA"),
        ("Samarinda, (ANTARA) - ", "Samarinda", "ANTARA"),
        ("Samarinda, ANTARA - ", "Samarinda", "ANTARA"),
        ("ANTARA, Samarinda - ", "Samarinda", "ANTARA"),
    ],
)
def test_an_agency_in_the_dateline_is_credited(opening: str, place: str | None, agency: str) -> None:
    """A reprint names the agency in brackets behind the place."""
    result = clean([Block(opening + FIRST), Block(SECOND)], RULES)
    assert (result.dateline, result.credited_source, result.paragraphs) == (place, agency, (FIRST, SECOND))


@pytest.mark.parametrize(
    "paragraph",
    [
        "Balikpapan - Samarinda kini terhubung jalan tol sepanjang 97 kilometer.",
        "Budi Santoso - ketua panitia - menutup lomba itu pada Minggu malam.",
        "DPRD Kaltim - Komisi III memanggil kontraktor jembatan.",
        "PT Maju - perusahaan tambang di Bengalon - membayar ganti rugi.",
        "Rudy-Seno unggul dalam hitung cepat di tiga kecamatan.",
        "Polres Kukar, Samarinda - dua kantor itu - menolak berkomentar.",
        "POLRES KUKAR – satuan yang baru dibentuk itu - menolak berkomentar.",
        "Samarinda, Balikpapan - dua kota itu - kini terhubung jalan tol.",
        "SUARA BORNEO – kelompok paduan suara – tampil di Jakarta.",
        "HUMAS – pekerjaan itu – menuntut kesabaran.",
        "RRI - radio itu - mengudara sejak 1946.",
        "Suara - begitu kata orang - terdengar sampai ke seberang.",
        "COVID-19 - penyakit yang pernah menutup sekolah - tidak lagi diumumkan.",
    ],
)
def test_a_sentence_that_opens_with_names_and_a_dash_has_no_dateline(paragraph: str) -> None:
    """When in doubt the words stay."""
    assert dateline.part(paragraph) == dateline.Opening(paragraph)


@pytest.mark.parametrize(
    ("title", "notice"),
    [
        ("Ralat: Jumlah Korban Banjir", "ralat"),
        ("RALAT Berita Jembatan Putus", "ralat"),
        ("Koreksi: Nama Ketua Panitia", "koreksi"),
        ("Hak Jawab PT Maju atas Berita Tambang", "hak_jawab"),
        ("Pencabutan Berita tentang Jembatan", "pencabutan"),
        ("Redaksi Mencabut Berita tentang Jembatan", "pencabutan"),
        ("Koreksi atas Berita Jembatan Putus", "koreksi"),
        ("Hak Koreksi Dinas Pekerjaan Umum", "koreksi"),
        ("Surat Hak Jawab PT Maju", "hak_jawab"),
        ("Jembatan Putus (Ralat)", "ralat"),
        ("Jembatan Putus [Hak Jawab]", "hak_jawab"),
        ("Koreksi Harga Cabai Berlanjut di Pasar Pagi", None),
        ("Pencabutan Izin Tambang Ditunda", None),
        ("Ralat APBD Bontang Disetujui Dewan", None),
        ("DPRD Gunakan Hak Jawab dalam Sidang", None),
        ("Jembatan Putus", None),
    ],
)
def test_a_notice_is_known_by_its_title(title: str, notice: str | None) -> None:
    """Corrections, replies and withdrawals are told from stories about corrections."""
    assert clean([Block(FIRST)], RULES, title).notice == notice


def test_a_dateline_below_a_lead_is_known_too() -> None:
    """A lead stands above the story's first paragraph, unless it is that paragraph."""
    lead, first = (
        "Empat puluh perahu kembali melaut.",
        "SAMARINDA - Nelayan di Kampung Baru melaut lagi sejak Senin.",
    )
    found = clean([Block(lead, "lead"), Block(first), Block(SECOND)], RULES)
    assert (found.dateline, found.paragraphs[:2]) == ("Samarinda", (lead, first.partition(" - ")[2]))
    found = clean([Block(first, "lead"), Block(SECOND)], RULES)
    assert (found.dateline, found.paragraphs[0]) == ("Samarinda", first.partition(" - ")[2])


def test_the_title_repeated_above_the_body_leaves() -> None:
    """So do the author's name and the section; a list of tags leaves below."""
    lines = ["Jembatan Putus", "Siti Aminah", FIRST, SECOND, "jembatan banjir"]
    result = clean(
        [Block(line) for line in lines],
        RULES,
        "Jembatan putus",
        names=("Siti Aminah",),
        tags=("Jembatan", "Banjir"),
    )
    assert result.paragraphs == (FIRST, SECOND)


def test_the_sources_own_patterns_drop_lines() -> None:
    """`drop_lines` are searched in each line, case ignored."""
    rules = Rules(drop_lines=("^laporan khusus",))
    assert clean([Block(FIRST), Block("LAPORAN KHUSUS edisi banjir"), Block(SECOND)], rules).paragraphs == (
        FIRST,
        SECOND,
    )


LINES = st.lists(
    st.one_of(st.sampled_from([*JUNK, *STAYS, FIRST, SECOND, *BYLINES, *DATELINES]), st.text(max_size=80)),
    max_size=12,
)


@given(LINES)
def test_clean_is_idempotent_on_what_it_keeps(lines: list[str]) -> None:
    """What was cleaned once stays as it is, but for a story that begins with a second dateline."""
    once = clean([Block(" ".join(line.split())) for line in lines if line.split()], RULES).paragraphs
    twice = clean([Block(line) for line in once], RULES).paragraphs
    assert set(twice[1:-1]) <= set(once)


def test_an_agency_in_a_sign_off_of_its_own_line_is_credited() -> None:
    """ "(fra/antara/gil)" below the story says what "(ANTARA)" says."""
    result = clean([Block(FIRST), Block(SECOND), Block("(fra/antara/gil)")], RULES)
    assert (result.paragraphs, result.credited_source) == ((FIRST, SECOND), "ANTARA")


PARTED = {
    "Mataram, NTB (ANTARA) - ": ("Mataram", "ANTARA"),
    "Nunukan, Kaltara (Antara) – ": ("Nunukan", "ANTARA"),
    "Muara Rantau, Sumsel (ANTARA) - ": ("Muara Rantau", "ANTARA"),
    "SAMARINDA//KABARKU - ": ("Samarinda", None),
    "Samarinda//Kabar Kota – ": ("Samarinda", None),
    "SAMARINDA/KABARKU - ": ("Samarinda", None),
    "SAMARINDA – KABARKU.CO – ": ("Samarinda", None),
    "SAMARINDA || KABARKU.CO || ": ("Samarinda", None),
    "KABARKU | SAMARINDA – ": ("Samarinda", None),
    "KABARKU.CO: SAMARINDA – ": ("Samarinda", None),
    "[KABARKU.CO] SAMARINDA – ": ("Samarinda", None),
    "[SAMARINDA] ": ("Samarinda", None),
    "Samarinda (Kabarku) - ": ("Samarinda", None),
    "SAMARINDA, KALTIM, KABARKU.CO – ": ("Samarinda", None),
    "Samarinda, Kabarku.co, 18/11 – ": ("Samarinda", None),
    "TANJUNG REDEB, BERAU (KABARKU) – ": ("Tanjung Redeb", None),
    "SAMARINDA >> ": ("Samarinda", None),
    "SAMARINDA,- ": ("Samarinda", None),
}


@pytest.mark.parametrize(("opening", "parts"), PARTED.items())
def test_a_dateline_of_several_names_is_parted_at_its_end(
    opening: str, parts: tuple[str, str | None]
) -> None:
    """Place, region, outlet, agency and day in any order; the place is the first that is one."""
    found = dateline.part(opening + FIRST)
    assert (found.text, (found.place, found.agency)) == (FIRST, parts)


@pytest.mark.parametrize(
    "paragraph",
    [
        "Samarinda, Bontang, Kutim – Tiga daerah itu menerima bantuan.",
        "Barito Putera (Barito) – Tim asal Kalsel itu menang.",
        "Polda Kaltim | Polisi – Warga diminta waspada.",
        "PERHATIAN. Warga diminta waspada.",
        "Samarinda. Kota itu tergenang.",
        "PENGUMUMAN // Warga diminta waspada.",
    ],
)
def test_names_that_are_no_place_and_outlet_stay(paragraph: str) -> None:
    """A list of places, a club, an office, and who speaks before a colon."""
    assert dateline.part(paragraph).text == paragraph


def test_the_caption_above_an_outlets_dateline_leaves() -> None:
    """No sentence of a story begins with outlet and dash: what stands above it is the picture's."""
    blocks = [
        Block("Dok. Humas Petugas memeriksa jembatan."),
        Block(f"BONTANG, Contoh.co — {FIRST}"),
        Block(SECOND),
    ]
    found = clean(blocks, RULES)
    assert (found.dateline, found.paragraphs) == ("Bontang", (FIRST, SECOND))


@pytest.mark.parametrize(
    ("line", "authors", "stays"),
    [
        ("SITI AMINAH", ("Siti Aminah",), False),
        ("Siti Aminah", (), True),
        ("SAMARINDA", (), True),
        ("DINAS KESEHATAN", (), True),
        ("KABAR KOTA", (), True),
    ],
)
def test_a_signature_in_capitals_on_the_last_line_names_the_author(
    line: str, authors: tuple[str, ...], stays: bool
) -> None:
    """Behind a finished sentence; a place, an office and an outlet sign nothing."""
    found = clean([Block(FIRST), Block(SECOND), Block(line)], RULES)
    assert (found.authors, line in found.paragraphs) == (authors, stays)


def test_a_known_author_on_the_last_line_leaves() -> None:
    """The page names the author elsewhere."""
    found = clean([Block(FIRST), Block(SECOND), Block("Siti Aminah")], RULES, names=("Siti Aminah",))
    assert found.paragraphs == (FIRST, SECOND)


def test_an_outlet_and_a_place_on_a_line_of_their_own_are_a_dateline() -> None:
    """The break of the line stands for the dash; a place alone may be a subhead."""
    result = clean([Block("KABARKU.CO, BONTANG"), Block(FIRST), Block(SECOND)], RULES)
    assert (result.dateline, result.paragraphs) == ("Bontang", (FIRST, SECOND))
    assert clean([Block("BONTANG"), Block(FIRST), Block(SECOND)], RULES).paragraphs[0] == "BONTANG"


def test_a_paid_mark_in_the_place_of_a_dateline_is_no_place() -> None:
    """It leaves the text and says that the story was paid for."""
    result = clean([Block(f"ADVERTORIAL \u2013 {FIRST}"), Block(SECOND)], RULES)
    assert (result.dateline, result.is_advertorial, result.paragraphs) == (None, True, (FIRST, SECOND))
