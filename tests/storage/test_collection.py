"""A number and its hole: what was collected, what the outlet published, and on how many days anybody looked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from storage.batch import Batch
from storage.connection import Store
from storage.data_dir import DataDir
from storage.merge import merge
from storage.rows import append
from storage.store import open_store
from tests.kit.factories import MORNING, STORY, article, prose

FIRST, LAST = date(2024, 11, 16), date(2024, 11, 20)
SPAN = "DATE '2024-11-16', DATE '2024-11-20'"
FIGURES = (
    ("requests", "discovered", "fetched", "stored", "known", "rejected", "failed", "pending"),
    1,
)


def outlet(
    name: str, province: str | None = "64", *, is_followed: bool = True, region: str = "Bontang"
) -> dict[str, Any]:
    return {
        "source": name,
        "title": name,
        "home": f"https://{name.replace('_', '')}.example/",
        "timezone": "Asia/Makassar",
        "province": province,
        "region": region,
        "platform": "generic",
        "status": "seed",
        "enabled": True,
        "followed": is_followed,
    }  # fmt: skip


def run(name: str, first: date | None, last: date | None) -> dict[str, Any]:
    facts = {"started_at": MORNING, "finished_at": MORNING, "outcome": "done"}
    covered = {"covered_from": first, "covered_to": last}
    return {"crawl_id": f"{name} {first}", "source": name, **facts, **covered} | dict.fromkeys(*FIGURES)


def told(name: str, day: date, number: int) -> dict[str, Any]:
    return {"source": name, "day": day, "published": number, "entry": "rest", "told_at": MORNING}


def story(name: str, number: int, day: date | None, text: str = "") -> Any:
    at = datetime.fromisoformat(f"{day}T10:00:00+08:00") if day else None
    address = f"https://{name.replace('_', '')}.example/{number}/"
    return article(address, text or prose(number), source=name, published=at, title=f"Judul {number}")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Five days of outlets that were looked at daily, now and then, and never."""
    with open_store(DataDir(tmp_path_factory.mktemp("collection") / "data"), 5) as opened:
        days = [FIRST + timedelta(days=n) for n in range(5)]
        fourth = days[3]
        merge(opened, Batch(None, (
            *(story("warta_pesisir", n, day) for n, day in enumerate(days, 1)),
            story("warta_pesisir", 9, fourth, STORY),
            story("kabar_teluk", 20, fourth), story("kabar_teluk", 21, None),
            story("suara_rawa", 30, fourth), story("berita_lama", 40, fourth), story("kilas_kota", 50, fourth),
            story("blog.example", 60, fourth),
        )))  # fmt: skip
        with opened.transaction():
            append(opened, "sources", [
                outlet("warta_pesisir"), outlet("kabar_teluk", is_followed=False), outlet("suara_rawa", "63"),
                outlet("berita_lama"), outlet("kilas_kota"), outlet("tak_pernah"), outlet("selalu_gagal"),
            ])  # fmt: skip
            append(opened, "crawls", [
                run("warta_pesisir", FIRST, days[2]), run("warta_pesisir", days[2], LAST + timedelta(days=3)),
                run("kabar_teluk", days[2], LAST), run("suara_rawa", FIRST, LAST), run("kilas_kota", fourth, fourth),
                run("selalu_gagal", None, None),
            ])  # fmt: skip
            append(opened, "published", [
                *(told("warta_pesisir", day, 2) for day in days), told("warta_pesisir", LAST + timedelta(days=1), 9),
                told("kabar_teluk", fourth, 1), *(told("suara_rawa", day, 0) for day in days),
            ])  # fmt: skip
        yield opened


def ask(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return store.connection.execute(sql).fetchall()


COLLECTED = [
    # source, followed, collected, published, days_looked, days, coverage
    ("berita_lama", True, 1, None, 0, 5, 0.0),  # ingested, never looked at
    ("blog.example", False, 1, None, 0, 5, 0.0),  # a host that no source names
    (
        "kabar_teluk",
        False,
        2,
        None,
        3,
        5,
        0.6,
    ),  # of one day alone its list says how many; one article has no date
    ("kilas_kota", True, 1, None, 1, 5, 0.2),
    ("selalu_gagal", True, 0, None, 0, 5, 0.0),  # every run failed: that is no silence
    ("suara_rawa", True, 1, 0, 5, 5, 1.0),
    ("warta_pesisir", True, 6, 10, 5, 5, 0.6),  # looked at daily, and four articles are missing
]


def test_every_number_has_its_denominators(store: Store) -> None:
    """Of who was crawled or has an article; who is followed and was never tried is no row of numbers."""
    assert ask(store, f"FROM collection({SPAN})") == COLLECTED


def test_stored_agrees_with_coverage_daily(store: Store) -> None:
    """On the days looked at, both count the same articles."""
    daily = dict(ask(store, "SELECT source, sum(stored) FROM coverage_daily WHERE day BETWEEN '2024-11-16' AND '2024-11-20' GROUP BY ALL"))  # fmt: skip
    both = {row[0]: row[2] for row in COLLECTED if row[4]}
    assert {source: stored for source, stored in daily.items() if stored is not None} == both


def test_without_days_it_is_all_that_was_ever_looked_at(store: Store) -> None:
    """From the first day of any run to the last; a text is a day, too."""
    (days,) = {row[5] for row in ask(store, "FROM collection(NULL, NULL)")}
    assert days == 8
    assert ask(store, "FROM collection('2024-11-16', '2024-11-20')") == COLLECTED
    assert ask(store, "FROM collection('2024-11-20', '2024-11-16')") == []


def test_a_ranking_can_leave_out_and_name_the_thinly_covered(store: Store) -> None:
    """Thinnest first; by days looked at and by articles that are missing."""
    assert ask(store, f"SELECT source FROM thinly_covered({SPAN})") == [
        ("berita_lama",), ("blog.example",), ("selalu_gagal",), ("kilas_kota",), ("kabar_teluk",), ("warta_pesisir",)
    ]  # fmt: skip
    assert ask(store, f"SELECT source FROM thinly_covered({SPAN}, least := 0.5)") == [
        ("berita_lama",), ("blog.example",), ("selalu_gagal",), ("kilas_kota",)
    ]  # fmt: skip


@pytest.mark.parametrize("named", ["story_id", "article_id", "url"])
def test_who_was_looked_at_and_is_silent_is_named(store: Store, named: str) -> None:
    """Outlets of the province that published that day; not another province's, nor one that nobody looked at."""
    [(name,)] = ask(store, f"SELECT {named} FROM articles WHERE title = 'Judul 9'")
    found = store.connection.execute(
        "SELECT source, day, collected, published, days_looked, days FROM silent_on(?)", [name]
    ).fetchall()
    day = date(2024, 11, 19)
    assert found == [("kabar_teluk", day, 1, 1, 1, 1), ("kilas_kota", day, 1, None, 1, 1)]


def test_nobody_is_silent_on_what_is_no_story(store: Store) -> None:
    """No rows, and no error."""
    assert ask(store, "FROM silent_on('tidak-ada')") == []


def test_lines_have_the_denominators_of_their_outlet(store: Store) -> None:
    """From its first to its last day."""
    rows = ask(store, "SELECT DISTINCT collected, published, days_looked, days FROM recurring_lines('warta_pesisir', least := 1)")  # fmt: skip
    assert rows == [(6, 10, 5, 5)]
