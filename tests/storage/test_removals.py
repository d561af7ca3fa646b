"""Removals in the store: the same whatever segment is merged first, or twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from pipelines.article import Rejected
from storage.batch import Batch, Fetch, Sighting
from storage.connection import Store
from storage.data_dir import DataDir
from storage.merge import merge
from storage.schema import MIGRATIONS
from storage.store import open_store
from tests.kit.factories import MORNING, article, prose, wipe

ADDRESS, FRONT = "https://wartapesisir.example/dermaga/", "https://wartapesisir.example/"
SOURCE = "warta_pesisir"
DAY = timedelta(days=1)


def missed(days: float) -> Batch:
    """A segment of a look that was led to the front page."""
    at = MORNING + days * DAY
    fetch = Fetch(FRONT, SOURCE, at, 200, 512, "rejected", ADDRESS, "listing_page")
    rejected = Rejected(FRONT, SOURCE, at, "listing_page", "front page")
    return Batch(f"{SOURCE}/{days}.warc.gz", rejections=(rejected,), fetches=(fetch,))


def found(days: float) -> Batch:
    at = MORNING + days * DAY
    return Batch(f"{SOURCE}/{days}.warc.gz", (article(at=at),))


def told(store: Store) -> tuple[list[tuple[object, ...]], ...]:
    questions = (
        "SELECT removed_at, last_seen_at FROM articles",
        "SELECT source, gone_from, back_at FROM removals",
        "SELECT outcome FROM fetches",
        "FROM rejections",
    )
    return tuple(store.connection.execute(question).fetchall() for question in questions)


SEGMENTS = {
    "gone and back": (found(0), missed(1), missed(2.5), found(4)),
    "gone": (found(0), missed(1), missed(2.5), missed(4)),
    "found in between": (found(0), missed(1), found(1.5), missed(2.2)),
}


@pytest.mark.parametrize(
    "segments",
    [
        pytest.param(SEGMENTS[name], marks=() if name == "gone and back" else pytest.mark.soak)
        for name in SEGMENTS
    ],
    ids=SEGMENTS,
)
@pytest.mark.soak
def test_the_order_of_merges_does_not_matter(segments: tuple[Batch, ...], tmp_path: Path) -> None:
    """Every order, each segment twice, comes to the same rows; a witness of a removal is no rejection."""
    outcomes = []
    with open_store(DataDir(tmp_path), wait_s=5) as store:
        for order in permutations(segments):
            wipe(store)
            for each in (*order, *order):
                merge(store, each)
            outcomes.append(told(store))
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert outcomes[0][3] == []


def test_one_text_at_the_addresses_of_many_is_no_edit_of_any(tmp_path: Path) -> None:
    """A night of maintenance with status 200: a look that missed; for days, they are removed, and then back."""
    data_dir = DataDir(tmp_path)
    data_dir.create()
    addresses = [f"{FRONT}{slug}/" for slug in ("dermaga", "pasar", "sekolah")]

    def told(days: float, texts: Sequence[int]) -> Batch:
        at = MORNING + days * DAY
        articles = tuple(article(url, prose(n), at=at) for url, n in zip(addresses, texts, strict=True))
        fetches = tuple(Fetch(url, SOURCE, at, 200, 512, "article") for url in addresses)
        return Batch(f"{SOURCE}/{days}.warc.gz", articles, fetches=fetches)

    with open_store(data_dir, wait_s=5) as store:
        ask = store.connection.execute
        merge(store, told(0, [1, 2, 3]))
        assert merge(store, told(1, [9, 9, 9])).edited == 0
        assert ask("SELECT max(version), count(removed_at) FROM articles").fetchall() == [(1, 0)]
        merge(store, told(2.5, [9, 9, 9]))
        assert ask("SELECT max(version), count(removed_at) FROM articles").fetchall() == [(1, 3)]
        assert ask("SELECT count(*) FROM rejections").fetchall() == [(0,)]
        merge(store, told(4, [1, 2, 4]))
        assert ask("SELECT sum(version), count(removed_at) FROM articles").fetchall() == [(4, 0)]


def test_what_stands_in_for_many_is_no_article_of_a_new_address(tmp_path: Path) -> None:
    """The night's new stories are refused with it, and stored when they are seen."""
    data_dir = DataDir(tmp_path)
    data_dir.create()

    def told(days: float, texts: Mapping[str, int]) -> Batch:
        at = MORNING + days * DAY
        articles = tuple(article(f"{FRONT}{slug}/", prose(n), at=at) for slug, n in texts.items())
        fetches = tuple(Fetch(f"{FRONT}{slug}/", SOURCE, at, 200, 512, "article") for slug in texts)
        return Batch(f"{SOURCE}/{days}.warc.gz", articles, fetches=fetches)

    with open_store(data_dir, wait_s=5) as store:
        ask = store.connection.execute
        merge(store, told(0, {"dermaga": 1, "pasar": 2, "sekolah": 3}))
        assert merge(store, told(1, dict.fromkeys(("dermaga", "pasar", "sekolah", "baru"), 9))).new == 0
        assert ask("SELECT url, reason FROM rejections").fetchall() == [(f"{FRONT}baru/", "soft_404")]
        assert merge(store, told(2, {"baru": 4})).new == 1
        assert ask("SELECT DISTINCT version_reason FROM article_versions").fetchall() == [("published",)]


def test_copies_that_are_edited_alike_are_edits(tmp_path: Path) -> None:
    """Three addresses that said the same before say the same later."""
    data_dir = DataDir(tmp_path)
    data_dir.create()
    with open_store(data_dir, wait_s=5) as store:
        for n in (1, 2):
            at = MORNING + n * DAY
            merge(store, Batch(articles=tuple(article(f"{FRONT}{slug}/", prose(n), at=at) for slug in "abc")))
        assert store.connection.execute("SELECT sum(version) FROM articles").fetchall() == [(6,)]


def test_a_sighting_in_bulk_ends_a_removal(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path)
    data_dir.create()
    with open_store(data_dir, wait_s=5) as store:
        for each in (found(0), missed(1), missed(2)):
            merge(store, each)
        merge(store, Batch(sightings=(Sighting(ADDRESS, MORNING + 3 * DAY),)))
        assert told(store)[:2] == (
            [(None, MORNING + 3 * DAY)],
            [(SOURCE, MORNING + DAY, MORNING + 3 * DAY)],
        )


def test_a_removal_of_before_stays_until_the_article_is_found(tmp_path: Path) -> None:
    """One look was enough then: the migration keeps its word, and the next good look ends it."""
    data_dir = DataDir(tmp_path)
    data_dir.create()
    with open_store(data_dir, wait_s=5) as store:
        merge(store, found(0))
        with store.transaction() as connection:
            connection.execute("UPDATE kept.versions SET removed_at = ? WHERE is_newest", [MORNING + DAY])
            for table in ("absences", "sightings", "removals"):
                connection.execute(f"DROP TABLE kept.{table}")
            connection.execute((MIGRATIONS / "0013_removals.sql").read_text("utf-8"))
        assert told(store)[1] == [(SOURCE, MORNING + DAY, None)]
        merge(store, missed(9))
        assert told(store)[0] == [(MORNING + DAY, MORNING)]
        merge(store, found(10))
        assert told(store)[:2] == (
            [(None, MORNING + 10 * DAY)],
            [(SOURCE, MORNING + DAY, MORNING + 10 * DAY)],
        )


def test_a_first_404_of_an_address_is_no_removal(tmp_path: Path) -> None:
    """Missed before it was ever there, it is refused like others."""
    data_dir = DataDir(tmp_path)
    data_dir.create()
    with open_store(data_dir, wait_s=5) as store:
        for each in (missed(-2), missed(-1), found(0)):
            merge(store, each)
        assert [len(each) for each in told(store)] == [1, 0, 2, 2]


def test_a_merge_says_how_many_articles_are_gone_since(tmp_path: Path) -> None:
    """Once each: not at the first look that misses it, nor at later ones; again where it came back meanwhile."""
    data_dir = DataDir(tmp_path)
    data_dir.create()
    looks = (found(0), missed(1), missed(2), missed(3), found(4), missed(5), missed(6))
    with open_store(data_dir, wait_s=5) as store:
        assert [merge(store, each).removed for each in looks] == [0, 0, 1, 0, 0, 0, 1]
