"""Every link and what becomes of it: met, due, fetched, put off, looked at again; in many processes at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.ledger.connection import LedgerDamaged
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import (
    RETRY_AFTER,
    ROBOTS,
    Days,
    LookResult,
    Mark,
    Pending,
    Plan,
    State,
    Validators,
    WalkStart,
)
from pipelines.article import Link
from tests.kit.factories import MORNING

CHECKOUT = Path(__file__).parents[3]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCE = "warta_pesisir"


def link(name: str = "dermaga", **more: Any) -> Link:
    return Link(f"https://wartapesisir.example/{name}/", SOURCE, "rss", **more)


@dataclass(frozen=True)
class Intent:
    """A plan, as far as the ledger asks: by default, of a run that takes every link."""

    began: datetime = MORNING
    excludes: bool = False
    wanted: Days | None = None

    def is_outside(self, link: Link) -> bool:
        return self.excludes

    def days(self, link: Link) -> Days | None:
        return self.wanted

    def day_of(self, link: Link, now: datetime) -> date:
        return now.date()


ALL = Intent()
NONE = Intent(excludes=True)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path / "ledger.sqlite")) as opened:
        yield opened


def discovered(ledger: Ledger, *links: Link, at: datetime = MORNING, plan: Plan = ALL) -> None:
    ledger.record(SOURCE, links, plan, at)


def due(ledger: Ledger, *links: Link, at: datetime, plan: Plan = ALL) -> list[str]:
    """Which of these links a discovery document that holds them makes due."""
    found = ledger.record(SOURCE, links, plan, at).due
    return [each.url.rstrip("/").rpartition("/")[2] for each in found]


def changed(ledger: Ledger, *links: Link, at: datetime) -> list[str]:
    """Which of these known links a discovery document says to have changed."""
    found = ledger.record(SOURCE, links, ALL, at)
    assert found.due == ()
    return [each.url.rstrip("/").rpartition("/")[2] for each in found.changed]


def marked(ledger: Ledger, name: str, state: State, at: datetime, **more: object) -> None:
    ledger.mark([replace(Mark(link(name).url, state, at), **more)])  # type: ignore[arg-type]


def pending(ledger: Ledger, at: datetime) -> list[str]:
    return [each.link.url.rstrip("/").rpartition("/")[2] for each in ledger.pending(SOURCE, at)]


# --- met ----------------------------------------------------------------------------------------------


def test_a_new_link_is_pending_and_due(ledger: Ledger) -> None:
    """It stands in the ledger before it is requested."""
    found = ledger.record(SOURCE, [link()], ALL, MORNING)
    assert (found.new, found.due, found.known, found.again) == ((link(),), (link(),), (), 0)
    assert ledger.state_of(link().url) == "pending"


def test_a_link_never_met_has_no_state(ledger: Ledger) -> None:
    """Unknown is not pending."""
    assert ledger.state_of("https://wartapesisir.example/lain/") is None


def test_spellings_of_one_address_are_one_link(ledger: Ledger) -> None:
    """A feed's tracking and a sitemap's slash lead to one article, which is fetched once."""
    spellings = [link(), replace(link(), url="http://www.wartapesisir.example/dermaga?utm_source=rss")]
    assert len(ledger.record(SOURCE, spellings, ALL, MORNING).new) == 1
    assert ledger.counts(SOURCE) == {"pending": 1}


def test_what_discovery_said_comes_back_with_a_pending_link(ledger: Ledger) -> None:
    """A later run reads the page with the same hints."""
    told = link(title="Dermaga “Kayu”", published="Wed, 20 Nov 2024 08:00:00 +0800", platform_id="4102")
    discovered(ledger, told)
    assert ledger.pending(SOURCE, MORNING) == [Pending(replace(told, entry="pending"), None)]


def test_pending_links_come_in_the_order_they_were_discovered(ledger: Ledger) -> None:
    """The oldest first: nothing waits for ever behind what is new."""
    for hours, name in ((2, "c"), (0, "a"), (1, "b")):
        discovered(ledger, link(name), at=MORNING + hours * HOUR)
    assert pending(ledger, MORNING + DAY) == ["a", "b", "c"]


def test_a_source_sees_its_own_links_only(ledger: Ledger) -> None:
    """Neither its work nor its figures are those of another."""
    discovered(ledger, link())
    other = replace(link(), url="https://kabarteluk.example/", source="kabar_teluk")
    ledger.record("kabar_teluk", [other], ALL, MORNING)
    assert pending(ledger, MORNING) == ["dermaga"]
    assert ledger.counts(SOURCE) == ledger.counts("kabar_teluk") == {"pending": 1}


def test_a_walk_tells_what_it_met_itself_from_what_was_known(ledger: Ledger) -> None:
    """Links of a walk that a kill cut short do not count as known to the one that goes on with it."""
    discovered(ledger, link("old"), at=MORNING - DAY)
    discovered(ledger, link("cut short"), at=MORNING + HOUR)
    found = ledger.record(SOURCE, [link("old"), link("cut short")], ALL, MORNING + DAY)
    assert ([each.url for each in found.known], found.again) == ([link("old").url], 1)


# --- what becomes of it -------------------------------------------------------------------------------

ENDS: list[tuple[State, str | None]] = [
    ("fetched", None),
    ("excluded", "url too long"),
    ("rejected", "too_short"),
]


@pytest.mark.parametrize(("state", "reason"), ENDS)
def test_a_link_that_found_its_end_is_not_due_again(ledger: Ledger, state: State, reason: str | None) -> None:
    """Neither a discovery document that still has it nor a later run fetches it once more."""
    discovered(ledger, link())
    marked(ledger, "dermaga", state, MORNING, reason=reason)
    assert ledger.state_of(link().url) == state
    assert due(ledger, link(), at=MORNING + DAY) == []
    assert pending(ledger, MORNING + 100 * DAY) == []
    assert ledger.counts(SOURCE) == {state: 1}


def test_a_link_left_pending_is_due_again(ledger: Ledger) -> None:
    """A limited or killed run leaves the rest to the next."""
    discovered(ledger, link())
    assert due(ledger, link(), at=MORNING + DAY) == ["dermaga"]
    assert pending(ledger, MORNING + DAY) == ["dermaga"]


def test_a_mark_of_an_unknown_link_is_no_link(ledger: Ledger) -> None:
    """A page of an ingested archive that no discovery met leaves the ledger as it is."""
    marked(ledger, "dermaga", "fetched", MORNING)
    assert ledger.state_of(link().url) is None


@pytest.mark.parametrize(
    ("state", "reason", "waits"), [("failed", "503", RETRY_AFTER), ("excluded", ROBOTS, RETRY_AFTER[1:])]
)
def test_what_cannot_be_had_is_put_off_further_each_time_and_then_given_up(
    ledger: Ledger, state: State, reason: str, waits: tuple[timedelta, ...]
) -> None:
    """Some days of trying in later runs; a discovery document that has it does not hurry it."""
    discovered(ledger, link())
    at = MORNING
    for wait in waits:
        marked(ledger, "dermaga", state, at, reason=reason)
        assert due(ledger, link(), at=at) == []
        if wait:
            assert pending(ledger, at + wait - timedelta(seconds=1)) == []
        at += wait
        assert pending(ledger, at) == ["dermaga"]
    marked(ledger, "dermaga", state, at, reason=reason)
    assert pending(ledger, at + 1000 * DAY) == []
    assert ledger.state_of(link().url) == state


def test_a_known_article_that_robots_forbid_for_a_while_stays_known(ledger: Ledger) -> None:
    """It is stored; and looked at again as soon as that is allowed."""
    discovered(ledger, link())
    marked(ledger, "dermaga", "fetched", MORNING, published_at=MORNING)
    for hour in range(1, 9):
        marked(ledger, "dermaga", "excluded", MORNING + hour * HOUR, reason=ROBOTS)
        assert ledger.counts(SOURCE) == {"fetched": 1}
    assert pending(ledger, MORNING + DAY) == []
    [revisit] = ledger.revisits(SOURCE, MORNING + 30 * DAY, None, 10)
    assert revisit.link.url == link().url


def test_an_answer_ends_the_count_of_failures(ledger: Ledger) -> None:
    """A link that failed often, was fetched and fails again is tried as patiently as at first."""
    discovered(ledger, link())
    for _ in RETRY_AFTER:
        marked(ledger, "dermaga", "failed", MORNING)
    marked(ledger, "dermaga", "fetched", MORNING)
    marked(ledger, "dermaga", "failed", MORNING + DAY)
    assert pending(ledger, MORNING + DAY + RETRY_AFTER[0]) == ["dermaga"]


# --- changed since ------------------------------------------------------------------------------------

CHANGES = [
    ("2024-11-20T01:00:00Z", "2024-11-20T03:00:00Z", True),
    ("2024-11-20T01:00:00Z", "2024-11-20T09:00:00+08:00", False),  # the same instant, spellings otherwise
    ("2024-11-20T03:00:00Z", "2024-11-20T01:00:00Z", False),  # another entry, which lags behind
    ("2024-11-20", "2024-11-21", True),
    ("2024-11-20", "2024-11-20T18:00:00Z", False),  # within the day that was known
    ("2024-11-20T18:00:00Z", "2024-11-20", False),
    ("2024-11-20T01:00:00Z", None, False),
]


@pytest.mark.parametrize(("before", "after", "is_due"), CHANGES)
def test_a_later_modification_makes_a_known_link_due(
    ledger: Ledger, before: str, after: str | None, is_due: bool
) -> None:
    """Whatever entry tells it, in whatever spelling; once looked at again, it is quiet."""
    discovered(ledger, replace(link(), modified=before))
    marked(ledger, "dermaga", "fetched", MORNING + 40 * DAY, validators=Validators('"a"'))
    told = replace(link(), modified=after)
    assert changed(ledger, told, at=MORNING + 60 * DAY) == (["dermaga"] if is_due else [])
    again = ledger.revisits(SOURCE, MORNING + 60 * DAY, None, 10)
    assert [each.validators for each in again] == ([Validators('"a"')] if is_due else [])
    marked(ledger, "dermaga", "fetched", MORNING + 60 * DAY)
    assert changed(ledger, told, at=MORNING + 61 * DAY) == []
    assert ledger.revisits(SOURCE, MORNING + 61 * DAY, None, 10) == []


def test_a_change_that_was_not_read_is_told_again(ledger: Ledger) -> None:
    """A run that is killed or limited before it reads what changed leaves it due for the next."""
    discovered(ledger, replace(link(), modified="2024-11-20T01:00:00Z"))
    marked(ledger, "dermaga", "fetched", MORNING)
    told = replace(link(), modified="2024-11-20T05:00:00Z")
    for days in (1, 2):
        assert changed(ledger, told, at=MORNING + days * DAY) == ["dermaga"]
    marked(ledger, "dermaga", "failed", MORNING + 2 * DAY, reason="503")
    marked(ledger, "dermaga", "fetched", MORNING + 3 * DAY)
    assert changed(ledger, told, at=MORNING + 4 * DAY) == []


def test_a_rejected_page_that_changes_is_tried_again(ledger: Ledger) -> None:
    """What was too short in the morning may be an article at noon."""
    discovered(ledger, replace(link(), modified="2024-11-20T01:00:00Z"))
    marked(ledger, "dermaga", "rejected", MORNING, reason="too_short", validators=Validators('"a"'))
    assert changed(ledger, replace(link(), modified="2024-11-20T05:00:00Z"), at=MORNING + DAY) == ["dermaga"]
    [again] = ledger.revisits(SOURCE, MORNING + DAY, None, 10)
    assert again.validators == Validators(), "an answer of 304 would not be read anew"


def test_a_first_word_of_a_modification_is_compared_with_the_fetch(ledger: Ledger) -> None:
    """A feed without dates, then a sitemap with them: only what was changed after the fetch is due."""
    discovered(ledger, link("early"), link("late"))
    for name in ("early", "late"):
        marked(ledger, name, "fetched", MORNING)
    told = [
        replace(link("early"), modified="2024-11-19T01:00:00Z"),
        replace(link("late"), modified="2024-11-20T05:00:00Z"),
    ]
    assert changed(ledger, *told, at=MORNING + DAY) == ["late"]


def test_a_document_that_calls_everything_changed_tells_of_itself(ledger: Ledger) -> None:
    """A sitemap that prints the moment of its own making everywhere must not bring every article again."""
    names = [f"berita-{number}" for number in range(6)]
    discovered(ledger, *(replace(link(name), modified="2024-11-20T01:00:00Z") for name in names))
    for name in names:
        marked(ledger, name, "fetched", MORNING)
    made = [replace(link(name), modified="2024-11-21T01:00:00Z") for name in names]
    assert changed(ledger, *made, at=MORNING + DAY) == []
    assert changed(ledger, *made[:5], at=MORNING + DAY) == names[:5], "so few may have changed together"


# --- the window ---------------------------------------------------------------------------------------


def test_a_link_outside_the_window_is_excluded_and_counted(ledger: Ledger) -> None:
    """It is not fetched, and not forgotten."""
    discovered(ledger, link(), plan=NONE)
    assert ledger.counts(SOURCE) == {"excluded": 1}
    assert pending(ledger, MORNING + DAY) == []
    assert due(ledger, link(), at=MORNING + DAY, plan=NONE) == []


def test_a_wider_window_lets_it_in(ledger: Ledger) -> None:
    """A backfill asks for what an ordinary run had passed over."""
    discovered(ledger, link(), plan=NONE)
    assert due(ledger, link(), at=MORNING + DAY) == ["dermaga"]
    assert ledger.state_of(link().url) == "pending"


def test_what_robots_exclude_no_window_lets_in(ledger: Ledger) -> None:
    """The outlet's word stands."""
    discovered(ledger, link())
    marked(ledger, "dermaga", "excluded", MORNING, reason=ROBOTS)
    assert due(ledger, link(), at=MORNING + DAY) == []


def test_a_backfill_leaves_the_days_that_its_undated_links_are_wanted_for(ledger: Ledger) -> None:
    """Whichever run fetches them judges them by these; once answered, they are forgotten."""
    days = (date(2024, 8, 1), None)
    ledger.record(SOURCE, [link("lama")], Intent(wanted=days), MORNING)
    discovered(ledger, link("baru"), at=MORNING + HOUR)
    assert [left.days for left in ledger.pending(SOURCE, MORNING + DAY)] == [days, None]
    marked(ledger, "lama", "failed", MORNING + HOUR, reason="503")
    assert [left.days for left in ledger.pending(SOURCE, MORNING + DAY)] == [days, None]
    marked(ledger, "lama", "rejected", MORNING + DAY, reason="too_short")
    ledger.record(SOURCE, [replace(link("lama"), modified="2025-01-01")], ALL, MORNING + 99 * DAY)
    assert [left.days for left in ledger.pending(SOURCE, MORNING + DAY)] == [None]


# --- looked at again ----------------------------------------------------------------------------------


def test_a_young_article_is_looked_at_again_and_an_old_one_is_not(tmp_path: Path) -> None:
    """At set distances from its publication, until the last of them is past."""
    looks = (HOUR, 6 * HOUR)
    with closing(Ledger(tmp_path / "ledger.sqlite", looks)) as ledger:
        discovered(ledger, link(platform_id="4102"))
        at = MORNING
        for look in looks:
            marked(ledger, "dermaga", "fetched", at, document="rest", published_at=MORNING)
            before, at = MORNING + look - timedelta(seconds=1), MORNING + look
            assert ledger.revisits(SOURCE, before, None, 10) == []
            [revisit] = ledger.revisits(SOURCE, at, None, 10)
            assert (revisit.link.platform_id, revisit.document) == ("4102", "rest")
        marked(ledger, "dermaga", "fetched", at)
        assert ledger.revisits(SOURCE, MORNING + 1000 * DAY, None, 10) == []


def test_a_recheck_asks_for_all_since_a_day_the_youngest_first(ledger: Ledger) -> None:
    """With what each server said, so that the unchanged ones cost next to nothing."""
    for days in range(4):
        discovered(ledger, link(f"hari-{days}"))
        marked(
            ledger, f"hari-{days}", "fetched", MORNING, published_at=MORNING + days * DAY,
            validators=Validators(f'"{days}"'),
        )  # fmt: skip
    discovered(ledger, link("tertunda"))
    found = ledger.revisits(SOURCE, MORNING, MORNING + DAY, 2)
    assert [each.validators.etag for each in found] == ['"3"', '"2"']
    assert len(ledger.revisits(SOURCE, MORNING, MORNING + DAY, 10)) == 3


def test_validators_stay_until_there_are_others(ledger: Ledger) -> None:
    """An answer without an ETag does not take the last one away."""
    discovered(ledger, link())
    marked(
        ledger, "dermaga", "fetched", MORNING, validators=Validators('"a"', "Wed, 20 Nov 2024 01:00:00 GMT")
    )
    marked(ledger, "dermaga", "fetched", MORNING + HOUR, validators=Validators('"b"'))
    [revisit] = ledger.revisits(SOURCE, MORNING, MORNING - DAY, 10)
    assert revisit.validators.headers() == {
        "If-None-Match": '"b"',
        "If-Modified-Since": "Wed, 20 Nov 2024 01:00:00 GMT",
    }


# --- discovery documents, walks -----------------------------------------------------------------------


def test_a_document_without_links_is_asked_for_whole(ledger: Ledger) -> None:
    """That an index, or an empty feed, is unchanged says nothing of what it leads to."""
    robots, given = "https://wartapesisir.example/robots.txt", Validators('"a"')
    ledger.record(SOURCE, [], ALL, MORNING, (robots, given))
    assert ledger.validators(SOURCE, robots) == Validators()
    ledger.record(SOURCE, [link()], ALL, MORNING, (robots, given))
    assert ledger.validators(SOURCE, robots) == given


def test_a_documents_validators_stand_with_its_links_or_not_at_all(ledger: Ledger) -> None:
    """Otherwise a kill, and then a 304, would lose the links."""
    feed = "https://wartapesisir.example/feed/"

    class Breaks(Intent):
        def is_outside(self, link: Link) -> bool:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.record(SOURCE, [link()], Breaks(), MORNING, (feed, Validators('"a"')))
    assert ledger.validators(SOURCE, feed) == Validators()
    assert ledger.state_of(link().url) is None
    ledger.record(SOURCE, [link()], ALL, MORNING, (feed, Validators('"a"')))
    assert ledger.validators(SOURCE, feed) == Validators('"a"')


def test_a_walk_that_no_run_finished_is_still_under_way(ledger: Ledger) -> None:
    """The next run goes on with it: same floor, same beginning."""
    assert ledger.walks.begin(SOURCE, MORNING, "2024-11-13") == WalkStart("2024-11-13", MORNING, True, True)
    assert ledger.walks.begin(SOURCE, MORNING + DAY, "2024-11-14") == WalkStart(
        "2024-11-13", MORNING, False, False
    )
    ledger.walks.finish(SOURCE, MORNING.date())
    assert ledger.walks.begin(SOURCE, MORNING + 2 * DAY, None) == WalkStart(
        "2024-11-13", MORNING + 2 * DAY, False, True
    )


def test_the_newest_article_is_that_of_earlier_runs(ledger: Ledger) -> None:
    """What this run itself discovered says nothing about a gap before it."""
    assert ledger.newest_publication(SOURCE, MORNING) is None
    discovered(ledger, link("lama"), at=MORNING - DAY)
    discovered(ledger, link("baru"), at=MORNING)
    marked(ledger, "lama", "fetched", MORNING, published_at=MORNING - DAY)
    marked(ledger, "baru", "fetched", MORNING, published_at=MORNING)
    assert ledger.newest_publication(SOURCE, MORNING) == MORNING - DAY


# --- clocks, files, processes -------------------------------------------------------------------------


@given(minutes=st.integers(-600, 600), hours=st.integers(-11, 13), other=st.integers(-11, 13))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_wait_does_not_depend_on_the_zone_that_times_are_given_in(
    tmp_path: Path, minutes: int, hours: int, other: int
) -> None:
    """Instants are compared, not their spellings."""
    path = tmp_path / "ledger.sqlite"
    with closing(Ledger(path)) as ledger:
        ledger._file.execute("DELETE FROM links")
        discovered(ledger, link())
        failed_at = MORNING.astimezone(timezone(timedelta(hours=hours)))
        for _ in range(3):
            marked(ledger, "dermaga", "failed", failed_at)
        asked_at = (MORNING + RETRY_AFTER[2] + timedelta(minutes=minutes)).astimezone(
            timezone(timedelta(hours=other))
        )
        assert bool(pending(ledger, asked_at)) == (minutes >= 0)


def test_what_was_committed_outlives_the_connection(tmp_path: Path) -> None:
    """Closing saves nothing: every call has."""
    path = tmp_path / "ledger.sqlite"
    first = Ledger(path)
    discovered(first, link())
    with closing(Ledger(path)) as second:
        assert second.state_of(link().url) == "pending"
    first.close()


@pytest.mark.parametrize("content", [b"not a ledger " * 400, b"SQLite format 3\x00" + b"\xff" * 8_000])
def test_a_damaged_ledger_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    """It names the file and what to do."""
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    with pytest.raises(LedgerDamaged, match=r"ledger\.sqlite .*scrapy doctor") as told:
        Ledger(path)
    assert "\n" not in str(told.value)


_WRITER = """
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import Mark
from pipelines.article import Link
from tests.kit.factories import MORNING, every_day
path, source = Path(sys.argv[1]), sys.argv[2]
sys.stdin.read()
with closing(Ledger(path)) as ledger:
    for n in range(30):
        links = [Link(f"https://{source}.example/{n}/{m}/", source, "rss") for m in range(5)]
        shared = Link(f"https://bersama.example/{n}/", source, "rss")
        ledger.record(source, [*links, shared], every_day(), MORNING + timedelta(minutes=n))
        ledger.mark(Mark(link.url, "fetched", MORNING) for link in links[:3])
"""


@pytest.mark.heavy
def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """They open a new ledger together and write all the time: no call fails, each link is there once."""
    path = tmp_path / "ledger.sqlite"
    sources = [f"sumber{n}" for n in range(4)]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path), source],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for source in sources
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.close()
    for writer in writers:
        assert writer.stderr is not None
        assert (writer.stderr.read(), writer.wait(60)) == ("", 0)
    with closing(Ledger(path)) as ledger:
        counts = [ledger.counts(source) for source in sources]
        assert [count["fetched"] for count in counts] == [90] * 4
        assert sum(count["pending"] for count in counts) == 4 * 60 + 30, (
            "a shared link belongs to who met it first"
        )


@pytest.mark.heavy
def test_a_killed_writer_leaves_the_ledger_whole(tmp_path: Path) -> None:
    """What it was writing is not there, what it had committed is."""
    path = tmp_path / "ledger.sqlite"
    code = _WRITER.replace("ledger.mark(", "if n == 20: import os; os._exit(9)\n        ledger.mark(")
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), SOURCE], cwd=CHECKOUT, input="", text=True, check=False
    )
    assert done.returncode == 9
    with closing(Ledger(path)) as ledger:
        assert ledger.counts(SOURCE) == {"fetched": 60, "pending": 21 * 6 - 60}
        assert ledger._file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_the_last_look_at_a_site_is_kept(tmp_path: Path) -> None:
    """Of each source one; a ledger from before looks told of differences knows of none."""
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript("CREATE TABLE looks (source TEXT, at TEXT); INSERT INTO looks VALUES ('x', '2024')")
    first, last = LookResult(MORNING, False, ("a", "b")), LookResult(MORNING + DAY, True, (), "JNews")
    with closing(Ledger(path)) as ledger:
        assert ledger.sites.looks() == {}
        ledger.sites.note_look(SOURCE, first)
        assert ledger.sites.looks() == {SOURCE: first}
        ledger.sites.note_look(SOURCE, last)
    with closing(Ledger(path)) as ledger:
        assert ledger.sites.looks() == {SOURCE: last}


def test_every_time_in_the_ledger_is_utc(tmp_path: Path) -> None:
    """So that times compare as texts."""
    wita = timezone(timedelta(hours=8))
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        discovered(ledger, link(), at=datetime(2024, 11, 20, 9, tzinfo=wita))
        marked(ledger, "dermaga", "fetched", datetime(2024, 11, 20, 10, tzinfo=wita))
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as raw:
        [times] = raw.execute("SELECT discovered_at, fetched_at, next_visit FROM links").fetchall()
    assert all(datetime.fromisoformat(time).utcoffset() == UTC.utcoffset(None) for time in times)
    assert times[0].startswith("2024-11-20T01:00")


def test_the_moment_of_the_last_question_for_changes_is_kept(ledger: Ledger) -> None:
    """Null before the first; then the latest that was noted, of each source its own."""
    assert ledger.sites.changes_asked_at(SOURCE) is None
    for at in (MORNING, MORNING + DAY):
        ledger.sites.note_changes_asked(SOURCE, at)
        assert ledger.sites.changes_asked_at(SOURCE) == at
    assert ledger.sites.changes_asked_at("kabar_teluk") is None


def test_the_database_is_told_of_every_change_once(ledger: Ledger) -> None:
    """A link that changes while the database is being told stays to be told."""
    discovered(ledger, link("a"), link("b"))
    told = ledger.reports.due(SOURCE, 10)
    assert [(each.state, each.day) for each in told] == [("pending", MORNING.date().isoformat())] * 2
    marked(ledger, "a", "gone", MORNING)
    ledger.reports.note_done(SOURCE, told)
    assert [(each.key.rpartition("/")[2], each.state) for each in ledger.reports.due(SOURCE, 10)] == [
        ("a", "gone")
    ]
    ledger.reports.note_done(SOURCE, ledger.reports.due(SOURCE, 10))
    marked(ledger, "a", "gone", MORNING)
    assert ledger.reports.due(SOURCE, 10) == []


def test_an_entry_is_stale_until_it_moves(ledger: Ledger) -> None:
    assert not ledger.walks.is_stale(SOURCE, "https://wartapesisir.example/feed/")
    for stale in (True, True, False):
        ledger.walks.note_stale(SOURCE, "https://wartapesisir.example/feed/", stale)
        assert ledger.walks.is_stale(SOURCE, "https://wartapesisir.example/feed/") is stale
