"""What the ledger noted while a clock was ahead is put right; where the clock is behind, nothing is touched."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from crawler.ledger.clock import WITNESSES
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import Mark, Validators
from tests.crawler.ledger.test_ledger import ALL, DAY, HOUR, SOURCE, link
from tests.kit.factories import MORNING

FEED = "https://wartapesisir.example/feed/"
YEAR = 365 * DAY


def test_a_floor_a_visit_and_a_fetch_ahead_are_put_right(tmp_path: Path) -> None:
    """Once: then all is of now, and the site is walked anew down to the floor of a first run."""
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        ledger.walks.begin(SOURCE, MORNING + YEAR, (MORNING + YEAR).date().isoformat())
        ledger.record(SOURCE, [link()], ALL, MORNING + YEAR, (FEED, Validators('"a"')))
        ledger.mark([Mark(link().url, "failed", MORNING + YEAR, "500")])
        ledger.walks.finish(SOURCE, (MORNING + YEAR).date())
        ledger.sites.note_changes_asked(SOURCE, MORNING + YEAR)
        assert ledger.pending(SOURCE, MORNING) == []
        assert ledger.clock.put_right(SOURCE, MORNING, "2024-11-13")
        assert not ledger.clock.put_right(SOURCE, MORNING, "2024-11-13")
        assert [each.link.url for each in ledger.pending(SOURCE, MORNING)] == [link().url]
        assert (ledger.validators(SOURCE, FEED), ledger.walks.covered_until(SOURCE)) == (Validators(), None)
        start = ledger.walks.begin(SOURCE, MORNING + HOUR, None)
        assert (start.floor, start.at, start.is_fresh) == ("2024-11-13", MORNING, False)
        asked = ledger.sites.changes_asked_at(SOURCE)
        assert asked is not None
        assert asked < MORNING


def test_what_a_right_clock_noted_stays(tmp_path: Path) -> None:
    """An hour's difference, a pause of days and a visit in a month are no faults."""
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        ledger.walks.begin(SOURCE, MORNING, MORNING.date().isoformat())
        ledger.record(SOURCE, [link()], ALL, MORNING)
        ledger.mark([Mark(link().url, "fetched", MORNING + HOUR / 2, published_at=MORNING, document="page")])
        assert not ledger.clock.put_right(SOURCE, MORNING, "2024-11-13")


def test_the_outlets_own_dates_say_that_the_clock_is_behind(tmp_path: Path) -> None:
    """Of several articles: one may state whatever day."""
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        for n in range(WITNESSES):
            assert not ledger.clock.is_behind(SOURCE, MORNING - timedelta(days=3))
            ledger.record(SOURCE, [link(str(n))], ALL, MORNING)
            ledger.mark([Mark(link(str(n)).url, "fetched", MORNING, published_at=MORNING)])
        assert ledger.clock.is_behind(SOURCE, MORNING - timedelta(days=3))
        assert not ledger.clock.is_behind(SOURCE, MORNING)
