"""When a site that refused us is asked again, by a clock that the test holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.catalogue.model import Entry
from crawler.downloader.access import CLOSED_FOR, GUESSES_A_DAY, Access
from crawler.ledger.ledger import Ledger
from tests.kit.factories import MORNING

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
EXPRESI = load_catalogue(()).source("expresi")
ROBOTS = "https://expresi.co/robots.txt"


@dataclass
class Site:
    """A site as its crawls see it: each `run` is one, on the same ledger."""

    ledger: Ledger
    clock: datetime = MORNING
    lines: list[str] = field(default_factory=list)

    def run(self, silence_s: float = 300) -> Access:
        return Access(EXPRESI, self.ledger, lambda: self.clock, silence_s, self.lines.append)

    def wait(self, time: timedelta) -> None:
        self.clock += time


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        yield Site(ledger)


def test_a_restricted_source_is_asked_again_after_six_hours_a_day_and_every_week(site: Site) -> None:
    site.run().answered(ROBOTS, 403)
    for wait in (6 * HOUR, DAY, WEEK, WEEK):
        site.wait(wait - timedelta(seconds=1))
        early = site.run()
        assert early.begin() is None
        assert early.why is not None
        site.wait(timedelta(seconds=1))
        due = site.run()
        assert due.begin() == ROBOTS
        due.tried(403)
        assert due.why is not None
    site.wait(WEEK)
    last = site.run()
    assert last.begin() == ROBOTS
    last.tried(200)
    assert last.why is None
    assert (site.run().begin(), site.ledger.sites.pauses()) == (None, {})


def test_a_trial_without_a_true_answer_is_none(site: Site) -> None:
    """Neither our own network nor the server's bad day brings the next trial further away."""
    site.run().answered(ROBOTS, 403)
    for status in (None, 503, 429):
        site.wait(6 * HOUR)
        again = site.run()
        assert again.begin() == ROBOTS
        again.tried(status)
    pause = site.ledger.sites.pause_of("expresi")
    assert pause is not None
    assert (pause.asked, pause.since) == (0, MORNING)


def test_only_the_home_speaks_for_the_source(site: Site) -> None:
    run = site.run()
    run.answered("https://galeri.expresi.co/robots.txt", 403)
    assert run.why is None
    run.answered("https://www.expresi.co/robots.txt", 403)
    assert run.why is not None


@pytest.mark.parametrize(
    ("status", "lets_in"), [(200, True), (404, True), (403, False), (503, False), (429, False), (None, False)]
)
def test_what_lifts_a_restriction(site: Site, status: int | None, lets_in: bool) -> None:
    """Any answer but a refusal or a failure: a page that is gone was not refused."""
    site.run().answered(EXPRESI.home, 451)
    site.wait(6 * HOUR)
    again = site.run()
    assert again.begin() == EXPRESI.home
    again.tried(status)
    assert (again.why is None) is lets_in


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        ([403, 403, 403], "restricted"),
        ([401, 403, 451], "restricted"),
        ([403, 403, 200, 403, 403], None),
        ([429, 503, 429], "waiting"),
        ([403, 429, 403, 429, 403], None),
        ([404, 404, 404, 500, 500, 500], None),
        ([301, 403, 301, 403, 302, 403], "restricted"),
        ([304, 304, 304], None),
    ],
)
def test_three_in_a_row(site: Site, statuses: list[int], kind: str | None) -> None:
    run = site.run()
    for number, status in enumerate(statuses):
        run.article_answered(f"{EXPRESI.home}berita-{number}/", status)
    assert {pause.kind for pause in site.ledger.sites.pauses().values()} == ({kind} if kind else set())
    assert len(site.lines) == bool(kind)


@pytest.mark.parametrize(("asked", "left_alone"), [(3600.0, HOUR), (1e12, DAY), (86400.0 * 365, DAY)])
def test_a_wait_is_kept_but_no_longer_than_a_day(site: Site, asked: float, left_alone: timedelta) -> None:
    site.run().wait(EXPRESI.home, asked, "HTTP 503")
    site.wait(left_alone - timedelta(seconds=1))
    early = site.run()
    early.begin()
    assert early.why is not None
    site.wait(timedelta(seconds=1))
    due = site.run()
    assert (due.begin(), due.why) == (None, None)


@pytest.mark.parametrize(("kind", "asked"), [("restricted", EXPRESI.home), ("waiting", None)])
def test_a_clock_that_was_put_back_leaves_nobody_alone_for_years(
    site: Site, kind: str, asked: str | None
) -> None:
    site.clock += 500 * WEEK
    early = site.run()
    early.refused(EXPRESI.entries[0], 403)
    if kind == "restricted":
        early.answered(EXPRESI.home, 403)
    else:
        early.wait(EXPRESI.home, 3600, "HTTP 503")
    site.clock = MORNING
    late = site.run()
    assert (late.begin(), late.why) == (asked, None)
    assert late.admit(EXPRESI.entries[0]) is None


def test_what_another_host_said_is_nothing_to_a_source_that_has_moved(site: Site) -> None:
    """Nothing of the old host is asked for any more, so it would never be lifted."""
    site.run().answered(ROBOTS, 403)
    moved = replace(EXPRESI, home="https://expresi.id/", hosts=("expresi.id",))
    run = Access(moved, site.ledger, lambda: site.clock, 300, site.lines.append)
    assert (run.begin(), run.why, site.ledger.sites.pauses()) == (None, None, {})


def test_one_refusal_in_a_run_decides(site: Site) -> None:
    """What comes in afterwards, of requests that were under way, makes nothing longer or otherwise."""
    run = site.run()
    run.answered(ROBOTS, 403)
    run.wait(EXPRESI.home, 60, "HTTP 503")
    run.answered(EXPRESI.home, 403)
    pause = site.ledger.sites.pause_of("expresi")
    assert pause is not None
    assert (pause.kind, pause.url, len(site.lines)) == ("restricted", ROBOTS, 1)


def test_an_entry_is_closed_for_a_week(site: Site) -> None:
    entry = EXPRESI.entries[0]
    site.run().refused(entry, 401)
    assert "HTTP 401" in (site.run().admit(entry) or "")
    site.wait(CLOSED_FOR)
    assert site.run().admit(entry) is None


def guess(path: str) -> Entry:
    return Entry("rss", f"https://expresi.co/{path}", is_guess=True)


def test_guesses_are_few_and_made_once_a_day(site: Site) -> None:
    """The same one within a run is one; what led to articles is none any more."""
    run = site.run()
    assert [run.admit(guess(path)) is None for path in "aabbc"] == [True] * 4 + [False]
    assert [site.run().admit(guess(path)) is None for path in "abc"] == [False] * 3
    run.found(guess("a"))
    assert site.run().admit(guess("a")) is None
    assert [site.run().admit(guess(path)) is None for path in "cd"] == [True, False]
    site.wait(DAY)
    assert [site.run().admit(guess(path)) is None for path in "bcd"] == [True] * GUESSES_A_DAY + [False]
    assert site.run().admit(replace(guess("x"), is_guess=False)) is None


def test_a_platforms_second_addresses_are_guesses() -> None:
    guesses = {entry.url for entry in EXPRESI.entries if entry.is_guess}
    assert guesses == {
        "https://expresi.co/?rest_route=/wp/v2/posts",
        "https://expresi.co/?feed=rss2",
        "https://expresi.co/wp-sitemap.xml",
    }


def test_a_host_is_silent_after_a_while_not_at_the_first_failure(site: Site) -> None:
    run = site.run(silence_s=0)
    run.unanswered("expresi.co", 0.0)
    assert run.why is None
    run.answered(EXPRESI.home, 200)
    run.unanswered("expresi.co", 0.0)
    assert run.why is None
    run.unanswered("expresi.co", 0.0)
    assert "has not answered" in (run.why or "")
    patient = site.run(silence_s=3600)
    for _ in range(9):
        patient.unanswered("expresi.co", 0.0)
    assert patient.why is None
