"""What must come out of the five seed documents, written out line by line; and pages to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.article import Article, Document, Page, Rejected
from pipelines.read import read
from pipelines.rules import Rules

FETCHED_AT = datetime(2024, 11, 22, 2, tzinfo=UTC)
SEEDS = Path(__file__).parents[1] / "fixtures" / "seeds"
BRANDS = {
    "EXPRESI.co": "expresi",
    "SuaraKaltim.id": "suarakaltim",
    "ChaneTujuh.com": "chanetujuh",
    "ANTARA News Kalimantan Timur": "antara_kaltim",
    "KlikKaltim.com": "klikkaltim",
}


@dataclass(frozen=True)
class Seed:
    """A seed's file, the lines that are junk in it, what is cut off a line, and what is then known."""

    file: str
    source: str | None
    junk: tuple[str, ...] = ()
    cut: tuple[tuple[str, str], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    def raw(self) -> str:
        return (SEEDS / self.file).read_text(encoding="utf-8")

    def expected(self) -> list[str]:
        """The seed's own lines, white space folded, less its junk."""
        text = self.raw()
        for whole, kept in self.cut:
            assert text.count(whole) == 1, whole
            text = text.replace(whole, kept)
        lines = [" ".join(line.split()) for line in text.splitlines()]
        for line in self.junk:
            assert line in lines, line
        return [line for line in lines if line and line not in self.junk]


SEED_BY_NAME = {
    "expresi": Seed(
        "000_d6d8f7dd84c93806.txt",
        "expresi",
        cut=(("EXPRESI.co, BONTANG – ", ""), (" (*)", "")),
        facts={"dateline": "Bontang"},
    ),
    "suarakaltim": Seed(
        "001_a11d2e84ade00ab2.txt",
        "suarakaltim",
        junk=(
            "Baca Juga:Aktivitas Manusia Silver Tak Berizin: Satpol-PP Bontang Ambil Tindakan Tegas",
            "Baca Juga:Basri Rase Tak Percaya Hasil Survei SDI, Anggap Angkanya Tidak Mewakili Masyarakat Bontang",
        ),
        cut=(("SuaraKaltim.id - ", ""),),
        facts={"credited_source": "KlikKaltim.com"},
    ),
    "portalborneo": Seed(
        "002_4a5136be535875a4.txt",
        None,
        cut=(("Samarinda – Ketua", "Ketua"), ("(*)", "")),
        facts={"dateline": "Samarinda"},
    ),
    "chanetujuh": Seed(
        "003_972a58995a3fcd1d.txt",
        "chanetujuh",
        junk=(
            "Dukung Pilkada Serentak, Pj. BUPATI Edy Suharmanto ikuti RAKOR di kendari",
            "Komentar",
            "X",
            "Bagikan",
            "Tinggalkan Balasan",
            "Alamat email Anda tidak akan dipublikasikan. Ruas yang wajib ditandai *",
        ),
        cut=(("ChaneTujuh.com- ", ""), (" (ADV)", "")),
        facts={
            "title": "Dukung Pilkada Serentak, Pj. BUPATI Edy Suharmanto ikuti RAKOR di kendari",
            "is_advertorial": True,
            "advertorial_from": "text",
        },
    ),
    "antara_kaltim": Seed(
        "004_a85ab86d8032d7e1.txt",
        "antara_kaltim",
        junk=(
            "Pewarta: Ahmad Rifandi",
            "Editor : Rahmad",
            "COPYRIGHT © ANTARA News Kalimantan Timur 2024",
        ),
        facts={"authors": ("Ahmad Rifandi",), "editors": ("Rahmad",)},
    ),
}

SEED_PAGES = {
    "expresi": (
        "https://expresi.co/kinerja-terbukti-alasan-7-partai-ini-dukung-basri-dhihin-di-pilkada-2024/",
        "Kinerja Terbukti, Alasan 7 Partai Ini Dukung Basri-Dhihin di Pilkada 2024",
        "2024-11-18T09:12:40+08:00",
    ),
    "suarakaltim": (
        "https://kaltim.suara.com/read/2024/08/20/163000/bakhtiar-wakkang-kecewa-tak-dapat-dukungan-dari-"
        "nasdem-arahkan-dukungan-ke-basri-chusnul",
        "Bakhtiar Wakkang Kecewa Tak Dapat Dukungan dari NasDem, Arahkan Dukungan ke Basri-Chusnul",
        "2024-08-20T16:30:00+07:00",
    ),
    "portalborneo": (
        "https://portalborneo.id/?p=22812",
        "Partai Buruh Kaltim Tegaskan Dukungan Penuh untuk Rudy-Seno di Pilgub 2024",
        "2024-11-04T15:20:05+08:00",
    ),
    "chanetujuh": (
        "https://chanetujuh.com/dukung-pilkada-serentak-pj-bupati-edy-suharmanto-ikuti-rakor-di-kendari/",
        "Dukung Pilkada Serentak, Pj. BUPATI Edy Suharmanto ikuti RAKOR di kendari",
        "2024-11-07T10:05:00+08:00",
    ),
    "antara_kaltim": (
        "https://kaltim.antaranews.com/berita/221904/presiden-jokowi-pesan-sinergi-pusat-dan-daerah-kepada-rudy-masud",
        "Presiden Jokowi pesan sinergi pusat dan daerah kepada Rudy Mas'ud",
        "2024-10-07T10:31:00+07:00",
    ),
}
"""Where each seed was published: address, title, instant."""


def page(
    body: str | bytes,
    *,
    url: str | None = "https://contoh.id/berita/satu/",
    document: Document = "page",
    content_type: str = "text/html; charset=UTF-8",
    status: int = 200,
    **more: Any,
) -> Page:
    """A page as a server would have answered it."""
    return Page(
        url=url,
        source=more.pop("source", "contoh"),
        fetched_at=FETCHED_AT,
        status=status,
        headers=(("Content-Type", content_type),),
        body=body.encode() if isinstance(body, str) else body,
        document=document,
        **more,
    )


def only_article(a_page: Page, rules: Rules | None = None) -> Article:
    """The one article of a page."""
    (outcome,) = read(a_page, rules or Rules())
    assert isinstance(outcome, Article), outcome
    return outcome


def only_rejection(a_page: Page, rules: Rules | None = None) -> Rejected:
    """The one rejection of a page."""
    (outcome,) = read(a_page, rules or Rules())
    assert isinstance(outcome, Rejected), outcome.text
    return outcome
