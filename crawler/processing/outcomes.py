"""What a reading means for the ledger and the store: marks of links, rows of fetches, sightings. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time

from crawler.ledger.model import Mark, State, Validators
from crawler.processing.workers import Reading
from pipelines.article import NOT_MODIFIED, Article, Page, Rejected
from pipelines.removal import GONE, why_missing
from storage.batch import Fetch, FetchOutcome, Sighting


def marks_of(page: Page, results: Reading) -> list[Mark]:
    """The marks of a page's links in the ledger, after it was read."""
    validators = Validators(page.header("ETag"), page.header("Last-Modified"))
    if page.status == NOT_MODIFIED and page.link:
        # Without its segment: that has no page which would be lost with it.
        return [Mark(page.link.url, "fetched", page.fetched_at, None, validators)]
    # A page is known by the address that was asked for; the server may have led it elsewhere.
    asked = page.link.url if page.link and page.take is None else None
    marks: dict[str, Mark] = {}
    for result in results:
        url = asked or result.url
        if not url:
            continue
        if isinstance(result, Article):
            marks[url] = Mark(
                url,
                "fetched",
                page.fetched_at,
                None,
                validators,
                result.document,
                result.published_at,
                result.served_at or result.url,
                page.segment,
            )
        else:
            state, reason = _state_of(result)
            # Its day is remembered, or a link without a date would be asked for in every run.
            born = datetime.combine(result.day, time(), UTC) if result.day else None
            mark = Mark(
                url, state, page.fetched_at, reason, validators, published_at=born, segment=page.segment
            )
            marks.setdefault(url, mark)
    return list(marks.values())


def _state_of(rejected: Rejected) -> tuple[State, str]:
    """The state of a rejected link: gone, outside the window, to be tried again, or rejected for good; and why."""
    if rejected.retry:
        return "failed", rejected.reason
    if rejected.reason == "out_of_window":
        return "excluded", "window"
    if rejected.reason == "http_error":
        return "gone" if why_missing(rejected) else "failed", str(rejected.status)
    return "rejected", rejected.reason


def sightings_of(page: Page) -> list[Sighting]:
    """The sighting of the known article that answered "not modified"."""
    if page.status != NOT_MODIFIED or page.link is None:
        return []
    return [Sighting(page.link.url, page.fetched_at)]


def fetch_of(page: Page, results: Reading | None) -> Fetch:
    """The row of one answer. `results` null: a discovery document."""
    outcome: FetchOutcome
    if page.status == NOT_MODIFIED:
        outcome = "unchanged"
    elif results is None:
        outcome = "discovery"
    elif any(isinstance(result, Article) for result in results):
        outcome = "article"
    elif page.status in GONE:
        outcome = "gone"
    elif page.status >= 400:
        outcome = "failed"
    else:
        outcome = "rejected"
    asked = page.link.url if page.link and page.take is None and page.link.url != page.url else None
    missing = next(filter(None, map(_why_missing, results or ())), None) if page.take is None else None
    size = len(page.body)
    return Fetch(page.url or "", page.source, page.fetched_at, page.status, size, outcome, asked, missing)


def _why_missing(result: Article | Rejected) -> str | None:
    return why_missing(result) if isinstance(result, Rejected) else None
