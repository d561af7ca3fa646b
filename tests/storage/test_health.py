"""What the store knows of an outlet's health: what was to be expected of a day, how its newest articles are, what is broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.article import Rejected
from storage import health, sources
from storage.batch import Batch, Fetch
from storage.connection import Store
from storage.health import IncidentRow
from storage.merge import merge
from storage.rows import append, named_rows
from storage.sources import Expected
from tests.kit.factories import article, prose, run_row
from tests.kit.outlets import DAY, NOON, SOURCE, TODAY, days
from tests.kit.planted import OUTLET, article_row, noon_of, plant

WEEKS = 9
FIRST = TODAY - WEEKS * 7 * DAY


def ask(store: Store, sql: str, *values: object) -> list[tuple[Any, ...]]:
    return store.connection.execute(sql, values).fetchall()


def test_a_day_is_held_against_the_last_eight_same_weekdays(store: Store) -> None:
    """Whole days that are no holiday count, and eight of them at most; a day's own number never does."""
    counts = [(7 * place) % 11 + 5 for place in range(WEEKS * 7)]
    quiet = {TODAY - 15 * DAY: "Hari Suci Nyepi"}
    with store.transaction():
        append(
            store,
            "holidays",
            [{"day": day, "name": name, "is_joint_leave": False} for day, name in quiet.items()],
        )
    plant(store, {FIRST + place * DAY: number for place, number in enumerate(counts)})
    assert health.read(store.connection, TODAY, NOON).days == days(counts, holidays=quiet)


def test_a_file_says_what_is_expected_of_every_day(store: Store) -> None:
    """Its range stands in the place of the past, and where nothing is known of that."""
    plant(store, {TODAY - DAY: 3})
    rows = [OUTLET]
    sources.describe(store, rows, {SOURCE: Expected(1, 60, share_with_date=0.9)})
    (day,) = health.read(store.connection, TODAY, NOON).days
    assert (day.is_told, day.least, day.most, day.typical, day.stored) == (True, 1, 60, None, 3)
    store.changed = False
    sources.describe(store, rows, {SOURCE: Expected(1, 60, share_with_date=0.9)})
    assert not store.changed
    assert sources.expectations(store.connection) == {SOURCE: Expected(1, 60, share_with_date=0.9)}


def test_an_outage_does_not_become_the_rule(store: Store) -> None:
    """Days of an open incident, and of one that was closed, are no example of what is usual."""
    counts = {FIRST + place * DAY: 20 for place in range(WEEKS * 7)}
    for day in counts:
        if day >= TODAY - 21 * DAY:
            counts[day] = 0
    plant(store, counts)
    broke = IncidentRow(SOURCE, "silent", noon_of(TODAY - 20 * DAY), None, "no article")
    with store.transaction():
        health.note_incidents(store, [broke])
    for _ in range(2):
        last = health.read(store.connection, TODAY, NOON).days[-1]
        assert (last.least, last.typical, last.stored) == (20, 20.0, 0)
        with store.transaction():
            health.note_incidents(store, [replace(broke, closed_at=NOON)])
    assert health.open_incidents(store.connection) == ()
    assert ask(store, "SELECT opened_at, closed_at FROM incidents") == [(broke.opened_at, NOON)]


def test_a_day_is_whole_once_somebody_looked_after_it(store: Store) -> None:
    """And backfilled where that was days later."""
    plant(
        store,
        {TODAY - 3 * DAY: 1, TODAY - 2 * DAY: 1, TODAY - DAY: 1},
        {TODAY - 3 * DAY: TODAY, TODAY - 2 * DAY: TODAY - 2 * DAY},
    )
    found = health.read(store.connection, TODAY, NOON).days
    assert [(each.is_whole, each.is_backfilled) for each in found] == [
        (True, True),
        (False, False),
        (True, False),
    ]


def test_the_calendar_knows_lebaran_and_joint_leave(store: Store) -> None:
    """From 2015 to next year, written once; the days around Idul Fitri are quiet, too."""
    assert health.lacks_holidays(store.connection, TODAY)
    health.put_holidays(store, TODAY)
    assert not health.lacks_holidays(store.connection, TODAY)
    assert health.lacks_holidays(store.connection, date(2025, 1, 1))
    named = "SELECT name, is_joint_leave FROM kept.holidays WHERE day = ?"
    assert ask(store, named, date(2024, 4, 10)) == [("Hari Raya Idul Fitri", False)]
    assert ask(store, named, date(2024, 4, 12)) == [("Cuti Bersama Hari Raya Idul Fitri", True)]
    quiet = "SELECT name FROM kept.quiet_days WHERE day = ?"
    assert ask(store, quiet, date(2024, 4, 17)) == [("around Idul Fitri",)]
    assert ask(store, quiet, date(2024, 4, 10)) == [("Hari Raya Idul Fitri",)]
    assert ask(store, named, date(2024, 11, 27)) == [("Hari Pemilihan Kepala Daerah", False)]
    assert ask(store, quiet, date(2024, 11, 27)) == []  # the press has never more to say
    assert ask(store, quiet, date(2024, 4, 20)) == []
    assert ask(store, "SELECT min(year(day)), max(year(day)) FROM kept.holidays") == [(2015, 2025)]


@pytest.fixture
def read(store: Store) -> Store:
    """An outlet of whose last week there are twelve articles with one line of junk, the newest two undated, and a refusal."""
    moment = NOON - 9 * DAY
    articles = []
    for number in range(12):
        at = moment + number * timedelta(hours=16)
        dated = at - timedelta(hours=number) if number < 10 else None
        made = article(
            f"https://wartapesisir.example/{number}/", f"{prose(number)}\nBaca juga berita {number}", at=at
        )
        made = replace(
            made, published_at=dated, published_on=dated.date() if dated else None, authors=("Rusdi",)
        )
        articles.append(replace(made, published_precision="minute" if dated else None))
    fetches = [Fetch(each.url or "", SOURCE, each.fetched_at, 200, 9, "article") for each in articles]
    fetches.append(Fetch("https://wartapesisir.example/video/", SOURCE, NOON, 200, 9, "rejected"))
    rejected = Rejected("https://wartapesisir.example/video/", SOURCE, NOON, "too_short")
    merge(store, Batch(None, tuple(articles), (rejected,), tuple(fetches)))
    with store.transaction():
        append(store, "sources", [OUTLET])
        append(store, "crawls", [run_row(TODAY - 9 * DAY, TODAY) | {"started_at": NOON, "finished_at": NOON}])
    return store


def test_the_view_says_how_an_outlet_fares(read: Store) -> None:
    """Its volume, its fields now and before, its junk, its refusals, its delay and what is open."""
    with read.transaction():
        health.note_incidents(read, [IncidentRow(SOURCE, "refused", NOON, None, "HTTP 403")])
    (found,) = named_rows(read.connection, "FROM source_health")
    assert (found["source"], found["title"], found["followed"], found["days"]) == (
        SOURCE,
        "Warta Pesisir",
        True,
        7,
    )
    assert found["articles"] == 9
    assert (found["articles_least"], found["listed"], found["missed"]) == (None, None, None)
    assert found["share_with_date"] == pytest.approx(10 / 12)
    assert (found["share_with_author"], found["share_with_dateline"]) == (1.0, 0.0)
    assert found["share_with_date_before"] is None
    assert (found["junk_line"], found["share_junk_line"]) == ("Baca juga berita #", 1.0)
    (line,) = health.read(read.connection, TODAY, NOON).junk
    assert (line.line, line.with_newest, line.newest, line.before) == ("Baca juga berita #", 12, 12, 0)
    assert 0 < found["share_rejected"] < 0.2
    assert found["latency"] < found["latency_90"] <= timedelta(hours=9)
    assert (found["last_success"], found["open_incidents"]) == (NOON, ["refused"])


def test_pages_that_cannot_be_read_are_counted_apart(read: Store) -> None:
    """Those of two days, and those of the four weeks before them."""
    (pages,) = health.read(read.connection, TODAY, NOON).pages
    assert (pages.articles, pages.rejected) == (1, 1)
    assert (pages.articles_before, pages.rejected_before) == (11, 0)


@pytest.mark.parametrize(
    ("outcome", "fault", "counted"),
    [("failed", "other_page", 0), ("done", None, 1), ("failed", "unanswered", 1)],
)
def test_a_page_of_a_site_that_is_down_says_nothing_of_its_layout(
    store: Store, outcome: str, fault: str | None, counted: int
) -> None:
    """Maintenance answers known articles, too; the run that met it in the place of every list is an incident by itself."""
    run = run_row(TODAY, TODAY) | {"crawl_id": "now", "source": SOURCE, "outcome": outcome, "fault": fault}
    run |= {"started_at": NOON - timedelta(minutes=10), "finished_at": NOON}
    refused = {
        "url": "https://wartapesisir.example/a",
        "source": SOURCE,
        "reason": "too_short",
        "retry": False,
    }
    with store.transaction():
        append(store, "crawls", [run])
        append(store, "rejections", [refused | {"fetched_at": NOON - timedelta(minutes=5)}])
    assert sum(each.rejected for each in health.read(store.connection, TODAY, NOON).pages) == counted


def test_what_came_with_the_newest_is_no_example_of_how_it_was(store: Store) -> None:
    """A harvest of a large outlet brings more than are looked at, and a box that is read since stands in each of its texts."""
    earlier, box = NOON - DAY, "Ikuti kanal kami di sini"
    with store.transaction():
        append(store, "sources", [OUTLET])
        rows = [article_row(SOURCE, earlier - DAY * (n % 3), n) for n in range(90)]
        append(store, "versions", rows)
        for number in range(3):  # a harvest takes its time
            at = NOON + number * timedelta(hours=1)
            rows = [article_row(SOURCE, at, n, words=30, is_dated=False, junk=box) for n in range(150)]
            append(store, "versions", rows)
    found = health.read(store.connection, TODAY, NOON)
    newest, before = sorted(found.samples, key=lambda row: not row.is_newest)
    assert (newest.articles, newest.with_date, newest.short) == (20, 0, 20)
    assert (before.articles, before.with_date, before.short) == (90, 90, 0)
    line = next(each for each in found.junk if each.line == box)
    assert (line.with_newest, line.newest, line.with_before, line.before) == (20, 20, 0, 40)


def test_what_was_before_an_incident_stays_known_while_it_lasts(store: Store) -> None:
    """However many articles come meanwhile: those before it are the example, until it is mended."""
    counts = {TODAY - number * DAY: 20 for number in range(40, 0, -1)}
    plant(store, counts)
    broke = IncidentRow(SOURCE, "layout_changed", noon_of(TODAY - 20 * DAY), None, "short")
    with store.transaction():
        health.note_incidents(store, [broke])
    newest, before = sorted(
        health.read(store.connection, TODAY, NOON).samples, key=lambda row: not row.is_newest
    )
    assert (newest.articles, before.articles) == (20, 200)
    assert before.last_at < broke.opened_at - DAY
    with store.transaction():
        health.note_incidents(store, [replace(broke, closed_at=noon_of(TODAY - 3 * DAY))])
    mended = "SELECT count(*) FROM kept.samples WHERE NOT is_newest AND first_seen_at BETWEEN ? AND ?"
    assert ask(store, mended, broke.opened_at, noon_of(TODAY - 3 * DAY)) == [(0,)]
    assert ask(store, "SELECT min(place), max(place) FROM kept.samples WHERE NOT is_newest") == [(21, 220)]
