"""Keys are found by their numbers, and are the keys that they are."""

from __future__ import annotations

from datetime import timedelta

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from storage.connection import Store
from storage.keys import number_of, owners
from storage.merge import Batch, merge
from storage.rows import at_places, places
from tests.kit.factories import MORNING, article, prose

NAME = "url:wartapesisir.example/dermaga"


@given(key=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_a_number_is_the_databases(key: str) -> None:
    """What Python and a migration give a key is the same for years."""
    assert duckdb.execute("SELECT md5_number_lower(?)", [key]).fetchone() == (number_of(key),)


def test_every_key_that_is_kept_has_its_number(store: Store) -> None:
    """Those of the witnesses, too."""
    merge(store, Batch(articles=(article(numbers=["7"], led_from="https://wartapesisir.example/lama/"),)))
    found = store.connection.execute(
        "SELECT count(*), count(*) FILTER (number = md5_number_lower(key)) FROM (FROM kept.keys UNION ALL BY NAME FROM kept.claims)"
    ).fetchone()
    assert found == (4, 4)


def test_a_number_that_two_keys_share_leads_to_the_one_that_is_asked_for(store: Store) -> None:
    """It is half an MD5: whoever wants can make two keys of one number."""
    merge(store, Batch(articles=(article(),)))
    store.connection.execute("UPDATE kept.keys SET key = 'url:lain.example/x' WHERE key = ?", [NAME])
    assert owners(store.connection, "keys", [NAME]) == []
    assert merge(store, Batch(articles=(article(text=prose(3), at=MORNING + timedelta(days=1)),))).new == 1


def test_rows_are_found_by_their_places(store: Store) -> None:
    """Those of the open transaction, too; no place at all is none."""
    merge(store, Batch(articles=(article(), article("https://wartapesisir.example/lain/", prose(1)))))
    asked = "SELECT article_id FROM kept.versions WHERE {}"
    with store.transaction() as connection:
        merged = [id for (id,) in connection.execute("SELECT article_id FROM kept.versions").fetchall()]
        connection.execute("INSERT INTO kept.versions SELECT * REPLACE ('neu' AS article_id) FROM kept.versions LIMIT 1")  # fmt: skip
        for wanted in ([], [merged[0]], ["neu"], [*merged, "neu", "keine"]):
            there = places(connection, "versions", wanted)
            assert set(there.values()) == {*wanted} - {"keine"}
            assert {id for (id,) in connection.execute(asked.format(at_places(there))).fetchall()} == {
                *wanted
            } - {"keine"}
