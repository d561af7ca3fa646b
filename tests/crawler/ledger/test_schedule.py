"""When a link is asked for next: the missing after an hour, a day and three, then seldom, at once where it is listed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.ledger.ledger import Ledger
from crawler.ledger.model import Mark, State, Validators
from crawler.ledger.schedule import Standing, after
from tests.crawler.ledger.test_ledger import ALL, DAY, HOUR, SOURCE, link
from tests.kit.factories import MORNING

URL = link().url
ETAG = Validators('"a"')
RECHECK = (timedelta(hours=6), timedelta(days=10))
NEW = Standing("pending", None, 0, False, MORNING, None, None)
KNOWN = Standing("fetched", None, 0, True, MORNING, None, None)


def visited(before: Standing, *visits: tuple[float, State, str | None]) -> Standing:
    """How the link stands after visits at so many hours, of this state and reason."""
    for hours, state, reason in visits:
        before = after(before, Mark(URL, state, MORNING + hours * HOUR, reason), RECHECK)
    return before


MISSES: list[tuple[State, str]] = [
    ("gone", "404"),
    ("gone", "410"),
    ("rejected", "soft_404"),
    ("rejected", "listing_page"),
]


@pytest.mark.parametrize(("state", "reason"), MISSES)
def test_a_known_article_that_is_missing_is_looked_for_again(state: State, reason: str) -> None:
    """Whatever stands in its place, it is gone, and asked for at growing distances, without an end."""
    standing, at, waits = KNOWN, 100.0, []
    for _ in range(6):
        standing = visited(standing, (at, state, reason))
        assert standing.next_visit is not None
        waits.append(standing.next_visit - (MORNING + at * HOUR))
        at += waits[-1] / HOUR
    assert (standing.state, standing.reason) == ("gone", reason)
    assert waits == [HOUR, DAY, 3 * DAY, *[30 * DAY] * 3]


CASES = {
    "back": (
        KNOWN,
        [(25, "gone", "404"), (26, "fetched", None)],
        replace(KNOWN, next_visit=MORNING + 10 * DAY),
    ),
    "no answer leaves it missing": (
        KNOWN,
        [(25, "gone", "404"), (26, "failed", "500")],
        Standing(
            "gone", "404", 1, True, MORNING, MORNING + 25 * HOUR, MORNING + 25 * HOUR, MORNING + 27 * HOUR
        ),
    ),
    "robots.txt leaves it missing": (
        KNOWN,
        [(25, "gone", "404"), (26, "excluded", "robots.txt")],
        Standing(
            "gone", "404", 1, True, MORNING, MORNING + 25 * HOUR, MORNING + 25 * HOUR, MORNING + 27 * HOUR
        ),
    ),
    "another refusal ends no look": (
        KNOWN,
        [(25, "rejected", "too_short")],
        replace(KNOWN, state="rejected", reason="too_short", next_visit=MORNING + 10 * DAY),
    ),
    "a list that never was an article": (
        NEW,
        [(1, "rejected", "listing_page")],
        replace(NEW, state="rejected", reason="listing_page"),
    ),
    "a dead link is given up": (
        NEW,
        [(1, "gone", "404"), (2, "gone", "404"), (30, "gone", "404"), (102, "gone", "404")],
        Standing("gone", "404", 4, False, MORNING, MORNING + HOUR, MORNING + 102 * HOUR),
    ),
}


@pytest.mark.parametrize(("before", "visits", "standing"), CASES.values(), ids=CASES)
def test_what_a_visit_means(
    before: Standing, visits: list[tuple[float, State, str | None]], standing: Standing
) -> None:
    """A look without an answer says nothing; a link that was never read is given up after three days."""
    assert visited(before, *visits) == standing


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger that knows one article, read in the morning."""
    with closing(Ledger(tmp_path / "ledger.sqlite")) as opened:
        opened.record(SOURCE, [link()], ALL, MORNING)
        opened.mark([Mark(URL, "fetched", MORNING, validators=ETAG, document="page")])
        yield opened


def missed(ledger: Ledger, *at: datetime) -> None:
    ledger.mark([Mark(URL, "rejected", each, "soft_404", Validators('"other"')) for each in at])


def looked_for(ledger: Ledger, at: datetime) -> list[str]:
    return [each.link.url for each in ledger.revisits(SOURCE, at, None, 10)]


def listed(ledger: Ledger, at: datetime) -> list[str]:
    return [each.url for each in ledger.record(SOURCE, [link()], ALL, at).changed]


def test_what_an_entry_lists_is_looked_for_at_once(ledger: Ledger) -> None:
    """And the longer it has been missing, the longer it is left alone between two such looks."""
    missed(ledger, MORNING + DAY)
    assert looked_for(ledger, MORNING + DAY) == []
    assert listed(ledger, MORNING + DAY) == [URL]
    assert looked_for(ledger, MORNING + DAY) == [URL]
    missed(ledger, MORNING + 2 * DAY, MORNING + 3 * DAY)
    assert listed(ledger, MORNING + 3 * DAY + HOUR / 2) == []
    assert listed(ledger, MORNING + 3 * DAY + HOUR) == [URL]


def test_a_new_link_that_a_bad_night_missed_is_asked_for_again(ledger: Ledger) -> None:
    """After an hour, whether an entry lists it or not: a dead link in a feed costs four requests, not one each run."""
    new = link("baru")
    ledger.record(SOURCE, [new], ALL, MORNING)
    ledger.mark([Mark(new.url, "gone", MORNING, "404")])
    assert ledger.record(SOURCE, [new], ALL, MORNING).due == ()
    assert ledger.pending(SOURCE, MORNING) == []
    assert [each.link.url for each in ledger.pending(SOURCE, MORNING + HOUR)] == [new.url]


def test_what_stands_in_its_place_is_not_what_the_article_is_known_by(ledger: Ledger) -> None:
    """Its validators stay the article's, and are not sent while it is missing."""
    missed(ledger, MORNING + DAY)
    (revisit,) = ledger.revisits(SOURCE, MORNING + 2 * DAY, None, 10)
    assert revisit.validators == Validators()
    ledger.mark([Mark(URL, "fetched", MORNING + 2 * DAY)])
    (revisit,) = ledger.revisits(SOURCE, MORNING, MORNING, 10)
    assert revisit.validators == ETAG


@pytest.mark.parametrize(
    ("state", "reason"), [*MISSES, ("rejected", "too_short"), ("failed", "500"), ("excluded", "url too long")]
)
def test_a_recheck_asks_for_every_known_article(ledger: Ledger, state: State, reason: str) -> None:
    """In whatever state its link is; a link that was never read is none."""
    ledger.record(SOURCE, [link("lain")], ALL, MORNING)
    ledger.mark([Mark(each.url, state, MORNING + DAY, reason) for each in (link(), link("lain"))])
    assert [each.link.url for each in ledger.revisits(SOURCE, MORNING + DAY, MORNING - DAY, 10)] == [URL]
