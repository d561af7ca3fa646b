"""Who still carries what the original corrected: forty planted chains, and as many that only look like them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.article import Article, Notice
from storage.batch import Batch, Fetch
from storage.connection import Store
from storage.data_dir import DataDir
from storage.merge import merge
from storage.store import open_store
from tests.kit.factories import MORNING, article, prose

DAY = timedelta(days=1)
LATER = MORNING + 2 * DAY
LAST = MORNING + 9 * DAY
"""The newest look of all."""

FACTS = (
    "Ketua kelompok nelayan, Hamzah, mengatakan sebanyak 48 perahu rusak dan kerugian mencapai Rp 3,5 miliar.\n"
    '"Kami menolak proyek itu karena merusak karang," kata Hamzah kepada Bupati Kutai Kartanegara.'
)


@dataclass(frozen=True)
class Chain:
    """An original, its copy, and what became of both. A pair of texts: what is replaced, and by what."""

    original: tuple[str, str] = ("", "")
    copy: tuple[str, str] = ("", "")
    title: tuple[str, str] = ("", "")
    notice: Notice | None = None
    copy_notice: Notice | None = None
    is_gone: bool = False
    is_copy_gone: bool = False


EDITS = {
    "a figure": ("48 perahu", "84 perahu"),
    "an amount": ("Rp 3,5 miliar", "Rp 3,5 juta"),
    "a name": ("nelayan, Hamzah,", "nelayan, Rahmat Saleh,"),
    "a district": ("Kutai Kartanegara", "Kutai Barat"),
    "a quotation": ("menolak proyek", "menyetujui proyek"),
    "a quotation's sense": ("Kami menolak", "Kami tidak menolak"),
    "a figure that was left out": ("sebanyak 48 perahu", "sebanyak perahu"),
}
PLANTED = [
    *(Chain(original=change) for change in EDITS.values()),
    # The copy has its own typography, or mended a typo, or another passage: the wrong words stand there all the same.
    *(Chain(original=change, copy=('"Kami', ' — “Kami')) for change in EDITS.values()),
    *(Chain(original=change, copy=("mengatakan", "mengatkan")) for change in EDITS.values()),
    *(Chain(original=change, notice="ralat") for change in EDITS.values()),
    *(Chain(title=("Limau", each)) for each in ("Batu", "Pasir")),
    *(Chain(notice=each) for each in ("ralat", "koreksi", "hak_jawab", "pencabutan")),
    *(Chain(is_gone=True) for _ in range(3)),
    Chain(original=EDITS["a figure"], copy=EDITS["a name"]),
    Chain(notice="pencabutan", original=(FACTS, "Redaksi mencabut berita ini.")),
    Chain(original=(FACTS, FACTS.replace("48", "84") + "\n" + prose(900, 160))),
]  # fmt: skip
"""The copy carries what the original corrected."""

TYPOS = {
    "a letter left out": ("Hamzah", "Hamza"),
    "letters that changed places": ("menolak", "menloak"),
    "another letter": ("Kartanegara", "Kertanegara"),
    "a letter set twice": ("Ketua", "Kettua"),
    "written together": ("Kutai Kartanegara", "KutaiKartanegara"),
    "a word that stood twice": ("proyek itu", "proyek proyek itu"),
    "a small word": ("karena merusak", "karena akan merusak"),
    "a comma": ('karang," kata', 'karang", kata'),
    "a mark of a quotation": ('"Kami', "Kami"),
    "a sign for a word": ("perahu rusak", "perahu rusak ."),
}
INNOCENT = [
    *(Chain(original=change) for change in TYPOS.values()),
    *(Chain(original=(there, here)) for here, there in TYPOS.values()),
    *(Chain(original=change, copy=change) for change in EDITS.values()),
    *(Chain(original=change, notice="ralat", copy_notice="ralat") for change in list(EDITS.values())[:3]),
    *(Chain(original=change, copy=(FACTS.partition("\n")[0], "")) for change in list(EDITS.values())[:2]),
    *(Chain(original=change, is_copy_gone=True) for change in list(EDITS.values())[:2]),
    Chain(original=("perahu rusak", "perahu hancur")),
    Chain(original=("\n", "\nSebanyak 12 keluarga mengungsi.\n")),
    Chain(title=("Limau", "Limua")),
    Chain(notice="ralat", copy_notice="koreksi"),
    Chain(notice="pencabutan", copy_notice="pencabutan"),
    Chain(is_gone=True, is_copy_gone=True),
    Chain(),
    Chain(copy=EDITS["a figure"]),
    Chain(original=EDITS["a figure"], copy=("sebanyak 48 perahu", "sebanyak puluhan perahu")),
    Chain(original=EDITS["a name"], copy=("Ketua kelompok nelayan, Hamzah,", "Seorang nelayan")),
]  # fmt: skip
"""Typos, what the copy corrected alike or never had, and who is gone."""


def url(outlet: str, number: int) -> str:
    return f"https://{outlet}.example/{number}/"


def first(number: int, outlet: str, at: datetime) -> Article:
    source = {"wartapesisir": "warta_pesisir", "kabarteluk": "kabar_teluk"}[outlet]
    text = f"{prose(number, 60)}.\n{FACTS}\n{prose(number + 500, 60)}."
    return article(
        url(outlet, number), text, source=source, at=at, published=at, title="Warga Tanjung Limau Perbaiki Dermaga"
    )  # fmt: skip


def again(
    known: Article,
    at: datetime,
    change: tuple[str, str],
    title: tuple[str, str] = ("", ""),
    notice: Notice | None = None,
) -> Article:
    """The same article as a later look reads it; a notice stands before its title."""
    text = known.text.replace(*change) if change[0] else known.text
    head = (known.title or "").replace(*title) if title[0] else known.title
    head = f"{notice.upper()}: {head}" if notice else head
    seen = article(known.url, text, source=known.source, at=at, published=known.published_at, title=head)
    return replace(seen, notice_type=notice)


def batches(chains: list[Chain]) -> Iterator[Batch]:
    """Two looks at all articles, a last one of an article beside them, and two at each that is gone."""
    originals = [first(number, "wartapesisir", MORNING) for number, _ in enumerate(chains)]
    copies = [first(number, "kabarteluk", MORNING + timedelta(hours=3)) for number, _ in enumerate(chains)]
    yield Batch(None, (*originals, *copies))
    looks: list[Article] = []
    fetches: list[Fetch] = []
    for chain, original, copy in zip(chains, originals, copies, strict=True):
        for known, is_gone in ((original, chain.is_gone), (copy, chain.is_copy_gone)):
            if is_gone and known.url:
                days = (LATER, LATER + 2 * DAY)
                fetches += [Fetch(known.url, known.source, day, 404, 0, "gone") for day in days]
        if not chain.is_gone:
            looks.append(again(original, LATER, chain.original, chain.title, chain.notice))
        if not chain.is_copy_gone:
            looks.append(again(copy, LATER, chain.copy, notice=chain.copy_notice))
    yield Batch(None, tuple(looks), fetches=tuple(fetches))
    yield Batch(None, (article("https://wartapesisir.example/terakhir/", prose(777), at=LAST),))


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of all chains."""
    with open_store(DataDir(tmp_path_factory.mktemp("corrections") / "data"), 5) as store:
        for batch in batches([*PLANTED, *INNOCENT]):
            merge(store, batch)
        yield store


def ask(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return store.connection.execute(sql).fetchall()


def numbers(store: Store, sql: str) -> list[int]:
    """The numbers of the chains whose articles a question names."""
    return sorted({int(address.split("/")[3]) for (address,) in ask(store, sql)})


@pytest.mark.heavy
def test_every_planted_chain_is_found_and_no_other(corrected: Store) -> None:
    """Forty chains: recall 1; typos, copies that were corrected alike and copies that are gone: precision 1."""
    assert len(PLANTED) == 40 <= len(INNOCENT)
    found = numbers(
        corrected, "SELECT url FROM uncorrected_copies u JOIN articles a ON a.article_id = copy_id"
    )
    assert [PLANTED[n] for n in range(len(PLANTED)) if n not in found] == []
    assert [INNOCENT[n - len(PLANTED)] for n in found if n >= len(PLANTED)] == []


def test_a_typo_is_no_correction(corrected: Store) -> None:
    """Nor is it one where nobody copied the article."""
    found = numbers(
        corrected, "SELECT url FROM corrections JOIN articles USING (article_id) WHERE kind = 'edit'"
    )
    assert not {*found} & {*range(len(PLANTED), len(PLANTED) + 2 * len(TYPOS))}


def test_a_row_says_who_since_when_and_for_how_long(corrected: Store) -> None:
    """One for each original and copy; days count to the newest look of all, whatever the day is today."""
    rows = ask(
        corrected,
        "SELECT original_id, copy_id, copy_source, corrected_at, days_since FROM uncorrected_copies",
    )
    assert len({(original, copy) for original, copy, *_ in rows}) == len(rows) == 40
    assert {(source, at, days) for _, _, source, at, days in rows} == {("kabar_teluk", LATER, 7)}


def test_a_correction_has_its_kind(corrected: Store) -> None:
    """A notice also says what was edited with it; a withdrawal has neither kind nor share, nor version."""
    found = {
        (kind, edit is None, share is None, version)
        for kind, edit, share, version in ask(
            corrected, "SELECT kind, edit_kind, edit_share, version FROM corrections"
        )
    }
    assert found == {
        ("edit", False, False, 2),
        ("notice", False, False, 2),
        ("withdrawal", True, True, None),
    }


def test_a_notice_of_the_first_look_says_of_no_version_what_it_corrected(tmp_path: Path) -> None:
    """Who published the text before that look and has no notice carries it; who has one does not."""
    known = first(1, "wartapesisir", LATER)
    copy = replace(first(1, "kabarteluk", LATER), published_at=MORNING + DAY)
    with open_store(DataDir(tmp_path / "data"), 5) as store:
        original = replace(known, notice_type="ralat", published_at=MORNING, modified_at=MORNING)
        merge(store, Batch(None, (original, copy)))
        row = ("notice", None, None, 1, LATER)
        assert ask(store, "SELECT kind, edit_kind, edit_share, version, corrected_at FROM corrections") == [
            row
        ]
        assert ask(store, "SELECT copy_source, days_since FROM uncorrected_copies") == [("kabar_teluk", 0)]
        merge(store, Batch(None, (again(copy, LATER + DAY, ("", ""), notice="ralat"),)))
        assert ask(store, "FROM uncorrected_copies") == []


@pytest.mark.heavy
def test_what_the_outlet_says_of_the_hour_counts_where_it_can_be_true(tmp_path: Path) -> None:
    """A change between two looks is as old as the outlet says; one before the first look, or of tomorrow, is not."""
    found = {}
    for hours in (-1, 30, 60):
        said = MORNING + timedelta(hours=hours)
        with open_store(DataDir(tmp_path / str(hours)), 5) as store:
            known = first(1, "wartapesisir", MORNING)
            look = replace(again(known, LATER, EDITS["a figure"]), modified_at=said)
            for each in (known, look):
                merge(store, Batch(None, (each,)))
            [(found[hours],)] = ask(store, "SELECT corrected_at FROM corrections")
    assert found == {-1: LATER, 30: MORNING + timedelta(hours=30), 60: LATER}


def test_what_the_original_takes_back_again_is_nobodys_fault(tmp_path: Path) -> None:
    """64, then 46, then 64 again: the copy says what the original says."""
    with open_store(DataDir(tmp_path / "data"), 5) as store:
        known, copy = first(1, "wartapesisir", MORNING), first(1, "kabarteluk", MORNING + DAY)
        merge(store, Batch(None, (known, copy)))
        merge(store, Batch(None, (again(known, LATER, EDITS["a figure"]),)))
        assert len(ask(store, "FROM uncorrected_copies")) == 1
        merge(store, Batch(None, (again(known, LATER + DAY, ("", "")),)))
        assert ask(store, "FROM uncorrected_copies") == []
