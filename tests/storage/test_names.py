"""Actors and places as indexes: they follow the newest versions, and a list is replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from pipelines.article import Article
from pipelines.names.actors import Actor
from storage import actors, sources
from storage.batch import Batch
from storage.connection import Store
from storage.coverage import Coverage, note_published
from storage.crawls import CrawlRow, note_crawls
from storage.data_dir import DataDir
from storage.merge import merge
from storage.publish import open_published
from storage.store import open_store
from tests.kit.factories import article, prose

RUDY = Actor("rudy", "Rudy Mas'ud", "person", ("Rudy",), party="golkar")
SENO = Actor("seno", "Seno Aji", "person")
BURUH = Actor("buruh", "Partai Buruh", "party", ("Buruh",))
DAY = date(2024, 11, 20)
AT = datetime(2024, 11, 20, 1, 0, tzinfo=UTC)


def story(seed: int, text: str, **facts: Any) -> Article:
    """An article of its own with this first paragraph."""
    named: dict[str, Any] = {
        "url": f"https://wartapesisir.example/{seed}/",
        "published_on": DAY,
        "title": f"Warga {seed}",
    }
    dateline = facts.pop("dateline", None)
    return replace(article(text=f"{text}\n{prose(seed)}", **(named | facts)), dateline=dateline)


def rows(store: Store, question: str) -> list[tuple[Any, ...]]:
    return store.connection.execute(question).fetchall()


def take(store: Store, *articles: Article) -> None:
    merge(store, Batch(articles=articles))


NAMED = "SELECT title, actor_id, mentions FROM actor_mentions JOIN articles USING (article_id) ORDER BY ALL"
SEEN = "SELECT title, place_id, mentions FROM article_places JOIN articles USING (article_id) ORDER BY ALL"


def test_a_list_is_applied_to_what_is_stored_and_to_what_comes(store: Store) -> None:
    """Articles that were there when it was taken, and those that are merged afterwards."""
    take(store, story(1, "Rudy Mas’ud hadir."))
    actors.put(store, [RUDY, BURUH], None)
    take(store, story(2, "Kata Rudy, Partai Buruh mendukung."))
    assert rows(store, NAMED) == [("Warga 1", "rudy", 1), ("Warga 2", "buruh", 1), ("Warga 2", "rudy", 1)]


def test_a_new_list_replaces_the_old_one(store: Store) -> None:
    """Who is no longer on it has no rows; its order is kept."""
    take(store, story(1, "Rudy Mas’ud dan Seno Aji hadir."))
    actors.put(store, [RUDY, BURUH], "a")
    actors.put(store, [SENO], "b")
    assert rows(store, NAMED) == [("Warga 1", "seno", 1)]
    assert rows(store, "SELECT actor_id, party FROM actors") == [("seno", None)]
    assert actors.last_digest(store.connection) == "b"


def test_rows_follow_an_edited_article(store: Store) -> None:
    """What the newest version no longer says is gone, what it says now is there."""
    actors.put(store, [RUDY, SENO], None)
    take(store, story(1, "Rudy Mas’ud hadir di Samarinda."))
    take(store, story(1, "Seno Aji hadir di Bontang.", at=AT + timedelta(hours=2)))
    assert rows(store, NAMED) == [("Warga 1", "seno", 1)]
    assert rows(store, SEEN) == [("Warga 1", "64.74", 1)]


def test_an_edited_title_alone_is_followed(store: Store) -> None:
    """The text is the same; the title names somebody else."""
    actors.put(store, [RUDY, SENO], None)
    take(store, story(1, "Acara ramai.", title="Rudy Mas'ud Hadir"))
    take(store, story(1, "Acara ramai.", title="Seno Aji Hadir", at=AT + timedelta(hours=2)))
    assert rows(store, "SELECT actor_id, in_title, in_lead FROM actor_mentions") == [("seno", True, False)]


def test_places_know_the_province_of_the_outlet(store: Store) -> None:
    """A district of that name lies in two provinces: the outlet's is meant."""
    nothing = dict.fromkeys((*sources.FACTS, "verified_at", "differences"))
    facts = {
        "title": "Warta",
        "home": "https://w.example/",
        "timezone": "Asia/Makassar",
        "platform": "generic",
        "enabled": True,
        "followed": True,
    }
    sources.describe(store, [{"source": "warta_pesisir", **nothing, **facts, "province": "63"}], {})
    take(store, story(1, "Banjir di Kecamatan Sungai Pinang.", dateline="Martapura"))
    assert rows(store, "SELECT place_id, is_dateline FROM article_places ORDER BY 1") == [
        ("63.03.05", True),
        ("63.03.10", False),
    ]


def test_the_gazetteer_is_in_the_store(store: Store) -> None:
    """With both offices' codes, before any article is."""
    assert rows(store, "SELECT * FROM places WHERE name = 'Kutai Kartanegara'") == [
        ("64.02", "Kutai Kartanegara", "regency", "64", "6403", "64.02")
    ]


def test_paragraphs_add_up_to_the_article(store: Store) -> None:
    """Numbered from 1, with the words that word_count counts."""
    take(store, story(1, "Satu dua tiga."))
    assert rows(store, "SELECT n, words FROM paragraphs WHERE n = 1") == [(1, 3)]
    assert rows(store, "SELECT sum(words) FROM paragraphs") == rows(store, "SELECT word_count FROM articles")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A published copy: two outlets, one of which was looked at on two of three days."""
    data_dir = DataDir(tmp_path_factory.mktemp("names") / "data")
    with open_store(data_dir, wait_s=5) as store:
        take(
            store,
            story(1, "Rudy Mas’ud hadir."),
            story(2, "Kata Seno Aji dan Rudy Mas'ud, semua siap."),
            story(3, "Tidak ada yang hadir."),
            story(
                4,
                "Rudy Mas‘ud pulang.",
                source="lain",
                url="https://lain.example/4/",
                published_on=date(2024, 11, 22),
            ),
            story(
                5,
                "Rudy Masud pulang. Mendukung.",
                source="lain",
                url="https://lain.example/5/",
                published_on=None,
            ),
        )
        actors.put(store, [RUDY, SENO, BURUH], None)
        listed = {DAY: 5, DAY + timedelta(days=1): 2}
        covered = Coverage(DAY, DAY + timedelta(days=1), "rss https://w.example/feed", listed)
        row = CrawlRow("c", "warta_pesisir", AT, AT, "done", coverage=covered)
        with store.transaction():
            note_crawls(store, [row])
            note_published(store, row.source, covered.published, covered.entry, AT)
    with open_published(data_dir) as connection:
        yield connection


def test_share_of_voice_comes_with_its_denominators(copy: duckdb.DuckDBPyConnection) -> None:
    """Shares of an outlet's words sum to 1; days that nobody looked at are said."""
    found = copy.execute(
        "SELECT actor_id, source, articles, words, round(share_of_words, 2), collected, published, days_looked, days"
        " FROM share_of_voice(?, ?, ?)",
        ["person", DAY, date(2024, 11, 22)],
    ).fetchall()
    assert found == [
        ("rudy", "lain", 2, 7, 1.0, 2, None, 0, 3),  # one counts by the day of its first sight
        ("rudy", "warta_pesisir", 2, 11, 0.58, 3, 7, 2, 3),
        ("seno", "warta_pesisir", 1, 8, 0.42, 3, 7, 2, 3),
    ]
    assert copy.execute("SELECT count(*) FROM share_of_voice('party', NULL, NULL)").fetchone() == (0,)


@pytest.mark.parametrize("words", ["Rudy Mas'ud", "rudy  mas’ud", "Rudy\u00a0Mas‘ud"])
def test_mentions_match_names_however_they_are_typed(copy: duckdb.DuckDBPyConnection, words: str) -> None:
    """Side by side, as whole words: "Rudy Masud" is another name."""
    found = copy.execute("FROM mentions(?)", [words]).fetchall()
    assert found == [
        ("lain", date(2024, 11, 22), 1, 1, None, 0, 1),
        ("warta_pesisir", DAY, 2, 3, 5, 1, 1),
    ]


@pytest.mark.parametrize(
    ("words", "articles"),
    [("hadir", 2), ("dukung", 0), ("Mas", 0), ("mendukung", 1), (".*", 0), ("", 0), ("(", 0)],
)
def test_mentions_are_of_exact_words(copy: duckdb.DuckDBPyConnection, words: str, articles: int) -> None:
    """No stems, no parts of words, no patterns."""
    assert copy.execute("SELECT coalesce(sum(articles), 0) FROM mentions(?)", [words]).fetchone() == (
        articles,
    )
