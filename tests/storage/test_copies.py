"""Who copied whom, how much of it, and what a template may cost."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from pipelines.article import Article
from pipelines.dedupe import containment, jaccard, names_outlet, signature_bands
from storage import copies
from storage.batch import Batch
from storage.connection import Store
from storage.merge import merge
from storage.rows import append
from tests.kit.factories import MORNING, STORY, article, prose

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REPRINT = STORY.replace("Warga Kampung Tanjung Limau", "Warga Tanjung Limau")
LONGER = STORY + "\nPerbaikan tahap kedua dimulai pekan depan, kata Hamzah."


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return store.connection.execute(sql).fetchall()


def outlet(number: int, text: str = STORY, credit: str | None = None, **more: Any) -> Article:
    made = article(f"https://outlet{number}.example/dermaga/", text, source=f"outlet{number}", **more)
    return replace(made, credited_source=credit)


def take(store: Store, *articles: Article, **more: Any) -> None:
    merge(store, Batch(articles=articles), **more)


def originals(store: Store) -> set[str]:
    return {source for (source,) in rows(store, "SELECT source FROM articles WHERE duplicate_of IS NULL")}


def test_bands_that_a_reader_made_are_taken_as_they_are(store: Store) -> None:
    """Of the texts that have them; of another the merge makes its own, and both find the copy."""
    read, other = outlet(1), outlet(2, REPRINT)
    bands = signature_bands(read.text)
    marked = (bands[0] ^ 1, *bands[1:])
    merge(store, Batch(articles=(read, other), bands={read.fingerprint: marked}))
    kept = dict(rows(store, "SELECT article_id, hashes FROM kept.bands"))
    assert kept[read.article_id] == copies.hashes_of("", marked) != copies.hashes_of(read.text)
    assert kept[other.article_id] == copies.hashes_of(other.text)
    assert len(originals(store)) == 1


# --- the direction ---------------------------------------------------------------------------------------


def test_who_credits_another_is_not_the_original(store: Store) -> None:
    """Even where it states an earlier time: clocks err, a credit does not."""
    take(
        store,
        outlet(1, credit="ANTARA", published=MORNING - 2 * HOUR),
        outlet(2, published=MORNING - HOUR),
        outlet(3, published=MORNING),
    )
    assert originals(store) == {"outlet2"}


def test_whom_a_copy_credits_is_the_original(store: Store) -> None:
    """By the outlet's title, name or host, in any spelling; an uncredited copy may have been quicker."""
    columns = {
        "source": "outlet3",
        "title": "Klik Kaltim",
        "home": "",
        "timezone": "",
        "platform": "",
        "enabled": True,
    }
    append(store, "sources", [columns])
    take(
        store,
        outlet(1, credit="KlikKaltim.com", published=MORNING - HOUR),
        outlet(2, published=MORNING - 2 * HOUR),
        outlet(3, published=MORNING),
    )
    assert originals(store) == {"outlet3"}


def test_an_outside_credit_does_not_stand_against_whom_the_others_credit(store: Store) -> None:
    """An agency's story in one outlet, and its reprint there from another that says so: whatever the clocks say."""
    take(
        store,
        outlet(1, credit="ANTARA", published=MORNING),
        outlet(2, credit="outlet1", published=MORNING - HOUR),
        outlet(3, published=MORNING - 2 * HOUR),
    )
    assert originals(store) == {"outlet1"}


def test_those_who_credit_each_other_are_parted_by_their_clocks(store: Store) -> None:
    """A circle of credits says nothing."""
    take(
        store,
        outlet(1, credit="outlet2", published=MORNING),
        outlet(2, credit="outlet1", published=MORNING - HOUR),
    )
    assert originals(store) == {"outlet2"}


NAMES = [
    ("KlikKaltim.com", ("klik_kaltim", "KlikKaltim", "klikkaltim.com"), True),
    ("klik kaltim", ("x", "KlikKaltim.com", None), True),
    ("www.klikkaltim.com", ("x", None, "klikkaltim.com"), True),
    ("ANTARA", ("antara_kaltim", "ANTARA Kaltim", "kaltim.antaranews.com"), False),
    ("Kaltim", ("x", "Kaltim Post", "kaltimpost.jawapos.com"), False),
    ("RRI", ("rri", "RRI", "rri.co.id"), False),  # so short a name may be anything
]


@pytest.mark.parametrize(("credit", "names", "expected"), NAMES)
def test_a_credit_names_an_outlet(credit: str, names: tuple[str | None, ...], expected: bool) -> None:
    """Whole, not in part."""
    assert names_outlet(credit, names) is expected


def test_a_late_original_takes_over(store: Store) -> None:
    """It was published first and fetched last; the copies are measured against it."""
    take(store, outlet(1, REPRINT, published=MORNING), outlet(2, LONGER, published=MORNING + HOUR))
    assert originals(store) == {"outlet1"}
    take(store, outlet(3, published=MORNING - HOUR, at=MORNING + DAY))
    assert originals(store) == {"outlet3"}
    assert rows(store, "SELECT copy_source, original_source, lag FROM copies ORDER BY 1") == [
        ("outlet1", "outlet3", HOUR),
        ("outlet2", "outlet3", 2 * HOUR),
    ]


# --- the views -------------------------------------------------------------------------------------------


def test_a_copy_is_measured_against_its_original(store: Store) -> None:
    """Also where the two were linked by a third."""
    take(store, outlet(1, published=MORNING), outlet(2, REPRINT, published=MORNING + HOUR))
    [(one, containing, lag, certain)] = rows(
        store, "SELECT jaccard, containment, lag, direction_certain FROM copies"
    )
    assert (one, containing) == (jaccard(STORY, REPRINT), containment(STORY, REPRINT))
    assert (lag, certain) == (HOUR, True)


def test_an_edit_is_measured_anew(store: Store) -> None:
    """Of the copy, and of the original."""
    take(store, outlet(1, published=MORNING), outlet(2, REPRINT, published=MORNING + HOUR))
    take(store, outlet(2, LONGER, published=MORNING + HOUR, at=MORNING + DAY))
    assert rows(store, "SELECT jaccard, containment FROM copies") == [(jaccard(STORY, LONGER), 1.0)]
    take(store, outlet(1, LONGER, published=MORNING, at=MORNING + DAY))
    assert rows(store, "SELECT jaccard, containment FROM copies") == [(1.0, 1.0)]
    take(store, outlet(2, prose(7), published=MORNING + HOUR, at=MORNING + 2 * DAY))
    assert rows(store, "SELECT * FROM copies") == []


DIRECTIONS = [
    ({}, {}, False, True),
    ({"published_precision": "day"}, {}, False, False),
    ({}, {"published_precision": "day"}, False, False),
    ({"published_at": None, "published_precision": None}, {}, True, False),
]


@pytest.mark.parametrize(("first", "second", "no_lag", "certain"), DIRECTIONS)
def test_the_direction_is_certain_where_both_know_their_minute(
    store: Store, first: dict[str, Any], second: dict[str, Any], no_lag: bool, certain: bool
) -> None:
    """A day alone does not say who was first."""
    take(
        store,
        replace(outlet(1, published=MORNING), **first),
        replace(outlet(2, published=MORNING + HOUR, at=MORNING + HOUR), **second),
    )
    [(lag, found)] = rows(store, "SELECT lag, direction_certain FROM copies")
    assert (lag is None, found) == (no_lag, certain)


def test_stories_tell_who_ran_them(store: Store) -> None:
    """One row each, those that nobody copied too."""
    take(
        store,
        outlet(3, REPRINT, published=MORNING + HOUR),
        outlet(1, published=MORNING),
        outlet(2, prose(2)),
    )
    [one, other] = rows(
        store,
        "SELECT s.outlets, s.copies, o.source, s.first_published_at, s.last_published_at"
        " FROM stories s JOIN articles o ON o.article_id = s.original_id ORDER BY copies DESC",
    )
    assert one == (["outlet1", "outlet3"], 1, "outlet1", MORNING, MORNING + HOUR)
    assert other == (["outlet2"], 0, "outlet2", None, None)


@pytest.mark.soak
def test_the_graph_does_not_depend_on_the_order_of_arrival(store: Store) -> None:
    """One by one in every order, or all at once: the same stories, originals and measures."""
    scene = [
        outlet(1, published=MORNING - HOUR),
        outlet(2, REPRINT, credit="outlet1.example", published=MORNING - 2 * HOUR),
        outlet(3, LONGER, at=MORNING + HOUR),
        outlet(4, prose(4)),
    ]
    graph = "SELECT copy_source, original_source, jaccard, containment, lag, direction_certain FROM copies ORDER BY ALL"
    take(store, *scene)
    expected = (rows(store, graph), rows(store, "SELECT * FROM stories ORDER BY ALL"))
    assert len(expected[0]) == 2
    for order in permutations(scene):
        with store.transaction() as connection:
            for table in ("versions", "keys", "readings", "bands", "pairs", "copies"):
                connection.execute(f"DELETE FROM kept.{table}")
        for one in order:
            take(store, one)
        assert (rows(store, graph), rows(store, "SELECT * FROM stories ORDER BY ALL")) == expected


# --- what it may cost ------------------------------------------------------------------------------------

TEMPLATE = (
    "Jadwal pelayanan keliling di {place} dibuka petugas mulai pukul delapan pagi sampai tengah hari. Warga {place} "
    "diminta membawa kartu identitas asli beserta salinannya, lalu mengambil nomor antrean di meja depan. Petugas "
    "melayani perekaman data, penggantian kartu yang rusak, dan perubahan alamat bagi warga yang sudah pindah."
)


def numbered(number: int) -> str:
    """The template of a place, with two figures of its own: no copy of another place's."""
    return TEMPLATE.format(place=f"kampung {number} blok {number + 5000}")


def test_a_template_is_passed_over_and_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A band that a crowd shares finds nobody; what is the same to the word is found all the same."""
    monkeypatch.setattr(copies, "CROWD", 20)
    compared: list[int] = []
    verified = copies._verified

    def counted(texts: Any, candidates: set[tuple[str, str]]) -> Any:
        compared.append(len(candidates))
        return verified(texts, candidates)

    monkeypatch.setattr(copies, "_verified", counted)
    take(store, *(outlet(n, numbered(n)) for n in range(60)))
    with caplog.at_level(logging.INFO, "storage.copies"):
        take(store, outlet(100, numbered(100)), outlet(101, numbered(7)))
    assert compared[-1] < 60
    assert re.search(r"\d+ bands are shared by more than 20 texts", caplog.text)
    assert rows(store, "SELECT copy_source, original_source FROM copies") == [
        ("outlet7", "outlet101")
    ] or rows(store, "SELECT copy_source, original_source FROM copies") == [("outlet101", "outlet7")]


def test_only_the_most_alike_are_compared(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy is among them."""
    monkeypatch.setattr(copies, "MOST_CANDIDATES", 3)
    take(store, *(outlet(n, numbered(n)) for n in range(30)))
    reprint = numbered(12).replace("lalu mengambil", "dan mengambil")
    take(store, outlet(99, reprint, at=MORNING + HOUR))
    assert rows(store, "SELECT copy_source, original_source FROM copies") == [("outlet99", "outlet12")]


def test_a_crowd_is_counted_around_each_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A weekly template of years is no crowd in any month, in one merge as in many."""
    monkeypatch.setattr(copies, "CROWD", 20)
    weekly = [outlet(n, numbered(n), published=MORNING - n * 7 * DAY) for n in range(60)]
    again = [
        outlet(1000 + n, numbered(n) + " Demikian jadwal.", published=MORNING - n * 7 * DAY + HOUR)
        for n in range(0, 60, 10)
    ]
    take(store, *weekly, *again)
    assert rows(store, "SELECT count(*) FROM copies") == [(6,)]


def test_articles_that_are_united_leave_no_pair_with_themselves(store: Store) -> None:
    """A late page ties an old address to a known article: bands and copies are those of its newest text."""
    known = replace(
        outlet(1, published=MORNING, at=MORNING + DAY), keys=("url:outlet1.example/b", "id:outlet1:7")
    )
    take(store, known, outlet(2, REPRINT, published=MORNING + HOUR))
    text = f"{STORY} Demikian."
    late = replace(outlet(1, text, at=MORNING - DAY), keys=("url:outlet1.example/a", "id:outlet1:7"))
    early = replace(outlet(1, text, at=MORNING - 2 * DAY), keys=("url:outlet1.example/a",))
    take(store, early, late)
    assert rows(store, "SELECT * FROM kept.pairs WHERE article_a = article_b") == []
    assert rows(store, "SELECT count(*), count(DISTINCT article_id) FROM articles") == [(2, 2)]
    assert rows(store, "SELECT copy_source, original_source FROM copies") == [("outlet2", "outlet1")]
    assert rows(store, "SELECT count(*) FROM kept.bands") == [(2,)]


def test_the_window_is_the_callers(store: Store) -> None:
    """A setting of the project."""
    old = outlet(1, published=MORNING - 40 * DAY)
    take(store, old)
    take(store, outlet(2, REPRINT, published=MORNING))
    assert rows(store, "SELECT * FROM copies") == []
    take(store, outlet(3, REPRINT + " Selesai.", published=MORNING), copy_window=timedelta(days=60))
    assert rows(store, "SELECT DISTINCT original_source FROM copies") == [("outlet1",)]


def test_bands_that_were_made_otherwise_are_made_again(store: Store) -> None:
    """An upgrade may sign texts in another way; then all are signed anew, once."""
    take(store, outlet(1, published=MORNING), outlet(3, LONGER, published=MORNING + DAY))
    made = rows(store, "FROM kept.bands ORDER BY ALL")
    with store.transaction() as connection:
        connection.execute("UPDATE kept.facts SET value = 'another' WHERE name = 'copies'")
        connection.execute("UPDATE kept.bands SET hashes = range(16)::UINTEGER[16]")
        connection.execute("DELETE FROM kept.copies")
        connection.execute(
            "UPDATE kept.versions SET duplicate_of = NULL, story_id = article_id WHERE is_newest"
        )
    take(store, outlet(2, REPRINT, published=MORNING + HOUR))
    assert [row for row in rows(store, "FROM kept.bands ORDER BY ALL") if row in made] == made
    assert rows(store, "SELECT copy_source, original_source FROM copies ORDER BY 1") == [
        ("outlet2", "outlet1"),
        ("outlet3", "outlet1"),
    ]
