"""Articles and pages of two invented outlets, for the tests of what keeps them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from urllib.parse import urlsplit

import pytest

from crawler.config import StoreOptions
from crawler.crawl.plan import Plan
from crawler.discovery.window import Window
from pipelines.address import host_of
from pipelines.article import Article, Document, Link, Page
from pipelines.dedupe import article_id, claim_key, fingerprint, keys_of, led_key, number_key
from storage.connection import Store

MORNING = datetime(2024, 11, 20, 1, 0, tzinfo=UTC)
"""The moment of a first visit: 9.00 in Bontang."""

STORY = (
    "Warga Kampung Tanjung Limau mulai memperbaiki dermaga kayu yang rusak diterjang gelombang pekan lalu. "
    "Ketua kelompok nelayan, Hamzah, mengatakan sebanyak 48 perahu untuk sementara ditambatkan di muara. "
    "Dinas perikanan menyediakan 120 batang kayu ulin dan menugaskan sembilan pegawai untuk mendampingi. "
    "Pengerjaan dilakukan bergotong royong setiap pagi sebelum nelayan melaut.\n"
    "Menurut Hamzah, dermaga itu menjadi satu-satunya tempat menurunkan ikan bagi warga pesisir. "
    "Sejak rusak, pedagang harus berjalan memutar hampir dua kilometer menuju tempat pelelangan. "
    "Ia berharap perbaikan selesai sebelum musim angin utara tiba pada Desember mendatang."
)
"""A story of some ninety words, long enough to be told as a copy."""

_VOCABULARY = (
    "warga pemerintah sekolah jalan pasar nelayan petani pelabuhan anggaran rapat program bantuan kesehatan "
    "puskesmas air sungai banjir hutan tambang batu bara kebun sawit panen harga beras ikan udang rumput laut "
    "perahu dermaga jembatan pembangunan perbaikan kecamatan kelurahan kampung kota provinsi dewan komisi ketua "
    "anggota kepala dinas guru siswa lomba juara pertandingan lapangan stadion budaya tari musik festival adat "
    "pengunjung wisata pantai pulau kapal penumpang tiket jadwal petugas polisi laporan kasus sidang putusan "
    "hakim saksi dokumen aturan peraturan izin usaha koperasi pinjaman bank pajak pendapatan belanja target "
    "capaian persen tahun bulan pekan hari pagi siang malam mulai selesai menurut mengatakan berharap meminta "
    "mendorong menilai menyebut menjelaskan menambahkan memastikan menyiapkan melaksanakan meninjau meresmikan"
)

FORGOTTEN = {
    "article_id": "0" * 16,
    "source": "warta_pesisir",
    "reason": "permintaan",
    "forgotten_at": MORNING,
}
"""An article that was erased, as `kept.forgotten` has it."""
LINK = {
    "number": 1,
    "previous": "0" * 64,
    "sha256": "1" * 64,
    "records": "2" * 64,
    "segment": "warta_pesisir/1.warc.gz",
    "closed_at": MORNING,
    "instead": None,
    "tombstone": None,
}
"""A line of the chain of segments, as `kept.chain` has it."""


def every_day() -> Plan:
    """The plan of a run that takes every link; its walk began on that morning."""
    window = Window(None, None, "UTC")
    return Plan(window, False, None, MORNING, is_first=False, is_fresh=True, newest_known=None)


def store_options(wait_s: float = 5, publish_every_s: float = 0) -> StoreOptions:
    """Options of store and ledger as the settings have them, but for these."""
    looks = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72, 720))
    return StoreOptions(
        wait_s,
        publish_every_s,
        publish_looks_every_s=0,
        copy_window=timedelta(days=30),
        recheck_after=looks,
        actors=None,
    )


def orders(number: int) -> list[object]:
    """All orders of so many things, as parameters of a test; the quick tests play the first, the last and one between."""
    every = list(permutations(range(number)))
    quick = {every[0], every[len(every) // 2], every[-1]}
    return [each if each in quick else pytest.param(each, marks=pytest.mark.heavy) for each in every]


def prose(seed: int, count: int = 90) -> str:
    """Words of a local paper in an order of their own: no two seeds resemble each other."""
    return " ".join(random.Random(seed).choices(_VOCABULARY.split(), k=count))


def article(
    url: str | None = "https://wartapesisir.example/dermaga/",
    text: str = STORY,
    *,
    source: str = "warta_pesisir",
    at: datetime = MORNING,
    numbers: Sequence[str] = (),
    claims: Sequence[str] = (),
    led_from: str | None = None,
    title: str | None = "Warga Tanjung Limau Perbaiki Dermaga",
    published: datetime | None = None,
    published_on: date | None = None,
    document: Document = "page",
    rules: str = "r1",
    segment: str | None = None,
) -> Article:
    """An Article as reading would give it, served at `url`.

    `numbers` are the platform's ids of the article, `claims` the addresses that it gives itself (the first
    is its `url`), `led_from` one that redirected to it.
    """
    print_ = fingerprint(text)
    witnesses = [number_key(host_of(url or ""), number) for number in numbers]
    witnesses += [claim_key(claim) for claim in claims] + ([led_key(led_from)] if led_from else [])
    keys = keys_of(source, url, witnesses, print_)
    served_at, url = url, next(iter(claims), url)
    if published is not None and published_on is None:
        published_on = (published + timedelta(hours=8)).date()
    return Article(
        article_id=article_id(keys),
        source=source,
        host=urlsplit(url).hostname if url else None,
        url=url,
        title=title,
        description=None,
        text=text,
        published_at=published,
        published_on=published_on,
        published_precision="second" if published else None,
        published_raw=published.isoformat() if published else None,
        published_from="json-ld" if published else None,
        word_count=len(text.split()),
        fetched_at=at,
        fingerprint=print_,
        rules_version=rules,
        segment=segment,
        record_offset=0 if segment else None,
        keys=keys,
        served_at=served_at,
        document=document,
    )


def page(
    url: str | None = "https://wartapesisir.example/dermaga/",
    body: bytes = b"<html><body><p>Dermaga diperbaiki.</p></body></html>",
    *,
    source: str = "warta_pesisir",
    at: datetime = MORNING,
    status: int = 200,
    headers: Sequence[tuple[str, str]] = (("Content-Type", "text/html; charset=UTF-8"),),
    document: Document = "page",
    link: Link | None = None,
    parts: Sequence[Page] = (),
) -> Page:
    """A Page as a server answered it."""
    return Page(
        url=url,
        source=source,
        fetched_at=at,
        status=status,
        headers=tuple(headers),
        body=body,
        document=document,
        link=link,
        parts=tuple(parts),
    )


def wipe(store: Store) -> None:
    """Empty the store of articles and of looks at them, for the next of many cases."""
    with store.transaction() as connection:
        for table in (
            "versions",
            "keys",
            "claims",
            "discredited",
            "readings",
            "bands",
            "pairs",
            "copies",
            "segments",
            "sightings",
            "absences",
            "removals",
            "fetches",
            "rejections",
        ):
            connection.execute(f"DELETE FROM kept.{table}")


def run_row(covered_from: date, covered_to: date) -> dict[str, object]:
    """A row of `kept.crawls`: a run of one outlet that came to its end and looked at those days, with 1 for every count."""
    return {
        "crawl_id": "1",
        "source": "warta_pesisir",
        "started_at": MORNING,
        "finished_at": MORNING,
        "outcome": "done",
        "covered_from": covered_from,
        "covered_to": covered_to,
    } | dict.fromkeys(
        ("requests", "discovered", "fetched", "stored", "known", "rejected", "failed", "pending"), 1
    )
