"""The ledger made again: what the segments and the database tell is told to an empty one, in the order it happened.

Segments hold the discovery documents (their links and validators) and every page with its link; the
database adds what reading them gave, the requests that got no answer, and articles that no segment
holds. What only the old ledger knew is taken over where it can still be read.
"""

from __future__ import annotations

import heapq
import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from crawler.catalogue.model import Catalogue, Source
from crawler.config import StoreOptions
from crawler.console.text import counted
from crawler.crawl.plan import Plan
from crawler.discovery.entry import Parser
from crawler.discovery.found import Found
from crawler.discovery.window import Window
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import ROBOTS, Mark, Validators
from crawler.processing.outcomes import marks_of
from pipelines.address import address_key
from pipelines.article import NOT_MODIFIED, Link, Page, Rejected
from storage import integrity
from storage.archive.reader import whole_records
from storage.archive.record import Record, is_quiet, quiet_number
from storage.data_dir import DataDir
from storage.disk import put_in_place
from storage.history import History, Unanswered, history_of
from storage.publish import open_if_published
from storage.tombstones import tombstones_of

logger = logging.getLogger(__name__)

FROM_DATABASE = "database"
"""The entry of a link that only the database knows."""


def rebuild_ledger(kept: DataDir, catalogue: Catalogue, read: Parser, options: StoreOptions) -> Iterator[str]:
    """Set the ledger aside and put a new one in its place, while nobody crawls; yield what was done.

    `read` reads the archived discovery documents; `options` say when articles are looked at again.
    Raises `AlreadyRunning` where a source is being crawled.
    """
    kept.create()
    names = sorted({*catalogue, *(path.name for path in kept.segments.glob("*/"))})
    with ExitStack() as held:
        for name in names:
            held.enter_context(kept.source_lock(name))
        made = kept.scratch / f"ledger-{os.getpid()}.sqlite"
        made.unlink(missing_ok=True)
        ledger = Ledger(made, options.recheck_after, erased=tombstones_of(kept.root))
        with closing(ledger), _published(kept) as published:
            ledger.hurry()
            floors = _salvaged(kept.ledger)
            for name in names:
                history = history_of(published, name) if published is not None else History()
                _rebuild_source(kept, ledger, name, catalogue.get(name), history, floors, read)
            links = sum(sum(ledger.counts(name).values()) for name in names)
        aside = integrity.set_aside(kept.ledger)
        put_in_place(made, kept.ledger)
        made.with_suffix(".lock").unlink(missing_ok=True)  # held while its tables were made
    old = f" (the old one is {aside.name})" if aside else ""
    yield f"made {kept.ledger.name} again: {counted(links, 'link')} of {counted(len(names), 'source')}{old}"


def _rebuild_source(
    kept: DataDir,
    ledger: Ledger,
    name: str,
    source: Source | None,
    history: History,
    floors: Mapping[str, str | None],
    read: Parser,
) -> None:
    """Tell the ledger one source's history."""
    paths = sorted((kept.segments / name).glob("*.warc.gz"))
    floor = date.fromisoformat(found) if (found := floors.get(name, _first_day(paths, kept))) else None
    first, last = None, None
    told: list[Iterable[Record | Mark]] = [_records(each, kept) for each in streams(paths)]
    told.append(map(_mark_of, history.unanswered))
    for event in heapq.merge(*told, key=_moment):
        last = _moment(event)
        first = first or last
        if isinstance(event, Record):
            _tell(ledger, name, source, floor, history, event.page, read)
        else:
            ledger.mark([event])
    _tell_of_lost_pages(ledger, name, source, history)
    if first is not None and last is not None:
        ledger.walks.begin(name, first, floor.isoformat() if floor else None)
        if history.finished_at is not None and last <= history.finished_at:
            ledger.walks.finish(name, last.date())  # else the next run looks for gaps down to the floor


def _moment(event: Record | Mark) -> datetime:
    return event.page.fetched_at if isinstance(event, Record) else event.at


def _mark_of(request: Unanswered) -> Mark:
    if request.outcome == "excluded":
        return Mark(request.url, "excluded", request.fetched_at, ROBOTS)
    return Mark(request.url, "failed", request.fetched_at, "no answer")


def _tell(
    ledger: Ledger,
    name: str,
    source: Source | None,
    floor: date | None,
    history: History,
    page: Page,
    read: Parser,
) -> None:
    """Tell the ledger of one archived answer: an article's page, or a discovery document."""
    if page.link is not None:
        plan = _plan(Window(None, None, _zone(source)), page.fetched_at)
        ledger.record(name, [page.link], plan, page.fetched_at)
        ledger.mark(_marks(page, [page.link], history))
        return
    if source is None or page.document not in ("rest", "feed") or page.status >= NOT_MODIFIED:
        return
    since, until = (page.since, page.until) if page.take is not None else (floor, None)
    window = Window(since, until, source.timezone, source.clock)
    found = _links(page, source, window, read)
    if found is None:
        logger.info("%s of %s: no entry of today reads it", page.url, page.fetched_at)
        return
    is_look = "include=" in (page.url or "")
    is_question = is_look or "modified_after=" in (page.url or "")
    document = (page.url or "", Validators(page.header("ETag"), page.header("Last-Modified")))
    plan = _plan(window, page.fetched_at)
    is_whole = not (is_question or found.is_cut)
    recorded = ledger.record(name, found.links, plan, page.fetched_at, document if is_whole else None)
    if page.take is not None:
        ledger.mark(_marks(page, [link for link in found.links if link.platform_id in page.take], history))
    elif is_look:  # the unchanged ones were seen by it
        ledger.mark(
            Mark(link.url, "fetched", page.fetched_at)
            for link in recorded.known
            if link not in recorded.changed
        )


def _tell_of_lost_pages(ledger: Ledger, name: str, source: Source | None, history: History) -> None:
    """Tell the ledger what the database alone knows: of pages that were pruned, or that no segment ever held.

    Without it a list that is read again would have them fetched once more.
    """

    def tell(url: str, seen: datetime, marks: list[Mark]) -> None:
        state = ledger.state_of(url)
        if state is None:
            plan = _plan(Window(None, None, _zone(source)), seen)
            ledger.record(name, [Link(url, name, FROM_DATABASE)], plan, seen)
        if state in (None, "pending"):
            ledger.mark(marks)

    for url, seen, last_seen, published_at, document in history.articles.values():
        mark = Mark(url, "fetched", last_seen, document=document, published_at=published_at)
        tell(url, seen, [mark])
    if history.is_pruned:  # else the pages themselves have told it
        by_time = sorted(history.rejected.items(), key=lambda each: each[0][1])
        for (_, at), why in {key: each for each in by_time for key in [each[0][0]]}.values():
            if why.url:
                tell(why.url, at, marks_of(Page(why.url, name, at, why.status or 200, (), b""), [why]))
    waiting = [left.link.url for left in ledger.pending(name, datetime.min.replace(tzinfo=UTC))]
    ledger.mark(filter(None, (_mark_by_links(url, history) for url in waiting)))


def _mark_by_links(url: str, history: History) -> Mark | None:
    """What became of a link, as the database was told once; null: it was pending, or nobody knows when it was answered."""
    state, led_to = history.links.get(address_key(url), ("pending", None))
    known = history.articles.get(led_to or address_key(url))
    at = known.last_seen_at if known else history.finished_at
    if at is None:
        return None
    if state == "fetched" and known is not None:
        return Mark(url, "fetched", at, None, Validators(), known.document, known.published_at, known.url)
    match state:
        case "fetched" | "gone":
            return Mark(url, state, at)
        case "rejected":
            return Mark(url, state, at, FROM_DATABASE)
    return None


def _plan(window: Window, at: datetime) -> Plan:
    """The plan of a run of that moment, as far as the archive shows it."""
    return Plan(window, False, None, at, is_first=False, is_fresh=True, newest_known=None)


def _zone(source: Source | None) -> str:
    return source.timezone if source is not None else "UTC"


def _links(page: Page, source: Source, window: Window, read: Parser) -> Found | None:
    """What the document yields by the first entry that can read it; null: by none."""
    for entry in source.entries:
        if (entry.kind == "wordpress") == (page.document == "rest"):
            outcome = read(page, source, entry, window)
            if isinstance(outcome, Found):
                return outcome
    return None


def _marks(page: Page, links: Iterable[Link], history: History) -> list[Mark]:
    """What became of the links that a page answers, by what the database says of its reading.

    A page that is not merged yet counts as fetched until it is.
    """
    marks: list[Mark] = []
    for link in links:
        key = address_key(link.url)
        asked = address_key(page.url) if page.url and page.take is None else key
        if why := history.rejected.get((asked, page.fetched_at)):
            marks += marks_of(page, [replace(why, url=link.url)])
        elif page.status >= 400:
            failed = Rejected(link.url, page.source, page.fetched_at, "http_error", status=page.status)
            marks += marks_of(page, [failed])
        else:
            known = history.articles.get(key) or history.articles.get(asked)
            validators = Validators(page.header("ETag"), page.header("Last-Modified"))
            document = None if page.status == NOT_MODIFIED else page.document
            marks.append(
                Mark(
                    link.url,
                    "fetched",
                    page.fetched_at,
                    None,
                    validators,
                    document,
                    known.published_at if known else None,
                )
            )
    return marks


# --- what is left to learn from -----------------------------------------------------------------------


def streams(paths: Iterable[Path]) -> list[list[Path]]:
    """A source's segments in rows, each in the order of time, of which one file is open at a time.

    A quiet segment grows all day beside the others: those of one number are a row, whatever their day.
    """
    rows: dict[int | None, list[Path]] = {}
    for path in sorted(paths):
        rows.setdefault(quiet_number(path.name) if is_quiet(path.name) else None, []).append(path)
    return list(rows.values())


def _records(paths: Iterable[Path], kept: DataDir) -> Iterator[Record]:
    for path in paths:
        yield from whole_records(path, kept.segments)


def _first_day(paths: Iterable[Path], kept: DataDir) -> str | None:
    """The first day of the first run without an end, which is the floor of all later ones; null: none was set."""
    for record in _records(paths, kept):
        page = record.page
        if (page.link is not None or page.take is not None) and page.until is None:
            return page.since.isoformat() if page.since else None
    return None


def _salvaged(path: Path) -> dict[str, str | None]:
    """Source → floor, as far as the old ledger can be read."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            return dict(db.execute("SELECT source, floor FROM progress").fetchall())
    except (sqlite3.DatabaseError, UnicodeError):
        return {}


@contextmanager
def _published(kept: DataDir) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """The published copy; null, and a line in the log, where it cannot be read."""
    connection = open_if_published(kept, "UTC")
    if connection is None:
        logger.warning("%s cannot be read: every archived page counts as fetched", kept.published)
        yield None
        return
    with connection:
        yield connection
