"""Keys are found by their numbers, and are the keys that they are."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.batch import Batch
from storage.connection import Store
from storage.data_dir import DataDir
from storage.keys import number_of, owners
from storage.known import Known
from storage.merge import merge
from storage.rows import at_places, places
from storage.store import open_store
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


@pytest.mark.parametrize("one_by_one", [100, 2])
def test_a_page_is_known_however_many_were_looked_up_before(
    one_by_one: int, data_dir: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name, or by a witness and its words."""
    monkeypatch.setattr("storage.known.ONE_BY_ONE", one_by_one)
    stored = article(numbers=["7"], segment="warta_pesisir/1.warc.gz")
    with open_store(data_dir, 5) as store:
        merge(store, Batch(articles=(stored,)))
    moved = article("https://wartapesisir.example/baru/", numbers=["7"])
    others = [article(f"https://wartapesisir.example/{number}/", prose(number)) for number in range(5)]
    with closing(Known(data_dir)) as known:
        found = [known.find(each) for each in (*others, article(), moved, *others)]
    assert [each and each.article_id for each in found] == [
        *[None] * 5,
        *[stored.article_id] * 2,
        *[None] * 5,
    ]
