"""How a crawl ends: what is told beside it is no failure, and hides none."""

from __future__ import annotations

from crawler.crawl.outcome import Outcome
from crawler.errors import ATTENTION, BUSY
from storage.batch import Doubt, Merged

DOUBT = Merged(doubts=(Doubt("actors.csv:2: kind is 'persn'", is_new=True),))


def test_what_a_merge_tells_is_no_failure() -> None:
    """It needs attention, and the run is done."""
    outcome = Outcome()
    outcome.judge(DOUBT)
    assert (outcome.code, outcome.is_failed) == (ATTENTION, False)
    assert outcome.line and outcome.line.startswith("actors.csv:2")


def test_a_failure_is_told_whatever_was_told_before() -> None:
    """And what comes after it changes nothing, unless it is graver."""
    outcome = Outcome()
    outcome.judge(DOUBT)
    outcome.worse(ATTENTION, "no entry led to articles")
    outcome.judge(DOUBT)
    outcome.worse(ATTENTION, "another")
    assert (outcome.code, outcome.line, outcome.is_failed) == (ATTENTION, "no entry led to articles", True)
    outcome.worse(BUSY, "the store is busy", "store_stuck")
    assert (outcome.code, outcome.line, outcome.fault) == (BUSY, "the store is busy", "store_stuck")
