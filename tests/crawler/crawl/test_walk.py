"""When a walk may stop, and by which days a link is judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from crawler.catalogue.model import Entry
from crawler.crawl.plan import Plan
from crawler.crawl.queue import Errand, Queue, Undated, freshness_of
from crawler.crawl.walk import Walk
from crawler.discovery.found import Found
from crawler.discovery.window import Window
from crawler.ledger.model import Pending, Recorded
from pipelines.article import Article, Link, Rejected
from tests.kit.factories import MORNING, article

SINCE, UNTIL = date(2024, 11, 10), date(2024, 11, 20)
NOTHING = Recorded((), (), (), (), 0)


def link(day: str | None, name: str = "dermaga") -> Link:
    published = f"{day}T08:00:00+08:00" if day else None
    return Link(f"https://wartapesisir.example/{name}/", "warta_pesisir", "rss", published=published)


def plan(since: date | None = SINCE, until: date | None = None, is_backfill: bool = False) -> Plan:
    """An ordinary run of a source that was walked before, unless said otherwise."""
    window = Window(since, until, "Asia/Makassar")
    began = datetime(2024, 11, 21, tzinfo=UTC)
    return Plan(window, is_backfill, "2024-11-10", began, False, True, datetime(2024, 11, 20, tzinfo=UTC))


REACHES = [
    ((), False),
    (("2024-11-20", "2024-11-15"), False),
    (("2024-10-01", "2024-11-20", "2024-11-15"), False),  # one old story is pinned to the top
    (("2024-11-20", "2024-11-09"), True),
    (("2024-10-01", "2024-11-20", "2024-11-08", "2024-11-15"), True),
]


@pytest.mark.parametrize(("days", "joined"), REACHES)
def test_a_document_reaches_behind_the_window(days: tuple[str, ...], joined: bool) -> None:
    """By its last link or by two: then nothing older is worth a request."""
    walk = Walk(Entry("rss", "https://wartapesisir.example/feed/"))
    links = tuple(link(day, f"berita-{number}") for number, day in enumerate(days))
    walk.note(walk.entry.url, Found(links), NOTHING, plan())
    assert walk.joined is joined


def test_a_later_document_of_old_articles_alone_reaches_behind_the_window() -> None:
    """Its first document held what the window asks for."""
    walk = Walk(Entry("rss", "https://wartapesisir.example/feed/"))
    walk.note(walk.entry.url, Found((link("2024-11-20", "baru"),)), NOTHING, plan())
    older = Found((link("2024-11-08", "lama"), link("2024-11-07", "lebih-lama")))
    walk.note(walk.entry.url, older, NOTHING, plan())
    assert walk.joined


PAGES = [
    ((250, 250), "next"),
    ((250, 251), "next"),
    ((250, 249), "back"),
    ((None, 249), "next"),
    ((250, None), "next"),
]


@pytest.mark.parametrize(("totals", "wanted"), PAGES)
def test_a_collection_that_shrinks_is_looked_at_again(totals: tuple[int | None, ...], wanted: str) -> None:
    """What moved up into the document before has not been seen."""
    assert _wanted(totals)[-1] == wanted


def test_a_document_is_asked_for_a_second_time_but_not_a_third() -> None:
    """A server that counts wrong cannot keep a walk going round."""
    assert _wanted((250, 249, 248)) == ["next", "back", "next"]


def _wanted(totals: tuple[int | None, ...]) -> list[str]:
    """The document asked for after each of several that count so many articles."""
    walk, backfill = Walk(Entry("wordpress", "https://wartapesisir.example/")), plan(is_backfill=True)
    wanted: list[str] = []
    page = 1
    for total in totals:
        found = Found(
            (link("2024-11-20", f"berita-{page}"),),
            (str(page + 1),),
            total=total,
            back=str(page - 1) if page > 1 else None,
        )
        walk.note(str(page), found, NOTHING, backfill)
        (asked,) = walk.wanted(str(page), found, backfill)
        wanted.append("next" if int(asked) > page else "back")
        page = int(asked)
    return wanted


def test_an_index_that_leads_to_itself_or_to_ever_new_ones_comes_to_an_end() -> None:
    """A document is asked for once, indexes lead on only so deep, and `max_pages` ends what is left."""
    circle = Walk(Entry("sitemap", "/a"))
    assert circle.wanted("/a", Found(more=("/a", "/b")), plan()) == ("/b",)
    assert circle.wanted("/b", Found(more=("/b", "/a")), plan()) == ()
    assert circle.capped is None

    deep = Walk(Entry("sitemap", "/0"), max_depth=2)
    asked = [deep.wanted(f"/{level}", Found(more=(f"/{level + 1}",)), plan()) for level in range(3)]
    assert asked == [("/1",), ("/2",), ()]
    assert "SITEMAP_MAX_DEPTH" in (deep.capped or "")

    wide = Walk(Entry("sitemap", "/0", max_pages=3), asked=1)
    assert wide.wanted("/0", Found(more=tuple(f"/{number}" for number in range(1, 9))), plan()) == (
        "/1",
        "/2",
    )
    assert "max_pages" in (wide.capped or "")


def test_a_calendar_without_an_end_stops_at_max_pages() -> None:
    """Each page lists something new and names the next, in a backfill too."""
    walk, backfill = Walk(Entry("listing", "/0", max_pages=4)), plan(is_backfill=True)
    more: tuple[str, ...] = ("/0",)
    while more:
        walk.asked += 1
        found = Found((link(None, f"berita-{walk.asked}"),), more=(f"/{walk.asked}",))
        walk.note(more[0], found, Recorded(found.links, found.links, (), (), 0), backfill)
        more = walk.wanted(more[0], found, backfill)
    assert (walk.asked, "max_pages" in (walk.capped or "")) == (4, True)


def test_a_document_of_which_something_was_left_out_is_not_the_whole_of_its_entry() -> None:
    """A sitemap that shows more than is taken does not make the other entries needless."""
    walk = Walk(Entry("sitemap", "/a"))
    walk.note("/a", Found((link(None),), left_out=1), NOTHING, plan())
    assert not walk.is_covering
    assert "SITEMAP_MAX_LINKS" in (walk.capped or "")


def test_a_run_asks_for_no_more_pages_than_its_bound() -> None:
    """Whether they hold articles or not."""
    queue = Queue(limit=None, most=2)
    assert (queue.is_spent, queue.remaining) == (False, 0)
    queue.waiting.extend(Errand(link(None, f"berita-{number}"), None) for number in range(5))
    assert queue.remaining == 2
    queue.requested = 2
    assert (queue.is_spent, queue.remaining) == (True, 0)


MET = tuple(link(None, f"berita-{number}") for number in range(6))
NEWS, EARLIER, OLDEST = MET[:2], MET[2:4], MET[4:]
SECOND_PAGES = [
    (Recorded(EARLIER, EARLIER, (), (), 2), ("next",), "it has new ones"),
    (Recorded((), NEWS, OLDEST, (), 2), (), "a ticker of the news, still to be fetched, above what is known"),
    (Recorded((), (), OLDEST, (), 2), (), "the same, fetched"),
    (Recorded((), EARLIER, (), (), 4), ("next",), "a limited run left older ones"),
    (Recorded((), (), OLDEST, (), 3), ("next",), "a run cut short fetched an older one"),
]


@pytest.mark.parametrize(("second", "wanted", "why"), SECOND_PAGES)
def test_what_stands_on_every_page_leads_no_further(
    second: Recorded, wanted: tuple[str, ...], why: str
) -> None:
    """An ordinary run goes on as long as a page has what the pages before it had not."""
    walk = Walk(Entry("listing", "https://wartapesisir.example/"))
    walk.note(walk.entry.url, Found(NEWS), Recorded(NEWS, NEWS, (), (), 0), plan())
    found = Found((*NEWS, *EARLIER, *OLDEST), more=("next",))
    walk.note(walk.entry.url, found, second, plan())
    assert walk.wanted(walk.entry.url, found, plan()) == wanted, why


def test_an_undated_link_of_a_backfill_keeps_its_days() -> None:
    """A later run, whose window is another, judges its page by them."""
    backfill = plan(date(2024, 8, 1), date(2024, 8, 31), is_backfill=True)
    assert backfill.days(link(None)) == (date(2024, 8, 1), date(2024, 8, 31))
    assert backfill.days(link("2024-08-02")) is None
    assert plan().days(link(None)) is None
    left = Pending(replace(link(None), entry="pending"), backfill.days(link(None)))
    assert plan().window_of(left) == Window(date(2024, 8, 1), date(2024, 8, 31), "Asia/Makassar")


def test_a_dated_link_that_was_let_in_stays() -> None:
    """What lies outside this run's days was wanted by the run that found it."""
    assert plan().window_of(Pending(link("2024-08-02"), None)) is None
    assert plan().window_of(Pending(link("2024-11-15"), None)) == plan().window
    assert plan().window_of(Pending(link(None), None)) == plan().window


WITHIN, NEWER, OLDER, NO_STORY, GONE = (
    article(),
    Rejected(None, "warta_pesisir", MORNING, "out_of_window", day=date(2024, 11, 21)),
    Rejected(None, "warta_pesisir", MORNING, "out_of_window", day=date(2024, 11, 9)),
    Rejected(None, "warta_pesisir", MORNING, "not_an_article"),
    Rejected(None, "warta_pesisir", MORNING, "http_error", status=404),
)
LEADING = [
    ("one within", [OLDER, WITHIN], True, True),
    ("all newer than the window", [NEWER, NEWER], True, True),
    ("all older", [OLDER, OLDER], False, False),
    ("older, and one that is no story", [OLDER, NO_STORY], False, False),
    ("none that says when", [NO_STORY], False, True),
    ("none that can be had", [GONE], False, False),
]


@pytest.mark.parametrize(("case", "pages", "ordinary", "backfill"), LEADING)
def test_undated_links_lead_on_by_what_they_led_to(
    case: str, pages: list[Article | Rejected], ordinary: bool, backfill: bool
) -> None:
    """To older documents, until all that say when they were published lie before the window."""
    walk = Walk(Entry("listing", "https://wartapesisir.example/"))
    undated = Undated(walk, walk.entry.url, ("/page/2/",), len(pages))
    for page in pages:
        undated.seen.add(freshness_of([page], UNTIL))
    assert (undated.leads_on(is_backfill=False), undated.leads_on(is_backfill=True)) == (ordinary, backfill)


def test_without_an_end_nothing_is_newer_than_the_window() -> None:
    """What an ordinary run refuses lies before its first day."""
    assert freshness_of([NEWER], None) == "before"


def test_a_walk_that_was_cut_short_before_its_first_link_says_so() -> None:
    """That a child of an index lists nothing is no reason, where hundreds of others were not asked for."""
    walk = Walk(Entry("sitemap", "https://wartapesisir.example/sitemap.xml", max_pages=3), asked=1)
    children = tuple(f"https://wartapesisir.example/kota-{number}.xml" for number in range(9))
    walk.wanted(walk.entry.url, Found(more=children), plan())
    walk.why_not = "a sitemap that lists nothing"
    assert walk.shortfall.startswith("a sitemap that lists nothing; it was followed for 3 documents (")


def test_a_backfill_ends_where_documents_repeat_those_before_them() -> None:
    """A cache that knows no page numbers gives the first page for ever: that is not the whole of the entry."""
    home = "https://wartapesisir.example/wp-json/wp/v2/posts"
    walk = Walk(Entry("wordpress", home, max_pages=1000), asked=1)
    links = tuple(link("2024-11-20", f"berita-{number}") for number in range(3))
    backfill = plan(is_backfill=True)
    first = Found(links, more=(f"{home}?page=2",))
    walk.note(home, first, NOTHING, backfill)
    assert walk.wanted(home, first, backfill) == first.more
    second = Found(links, more=(f"{home}?page=3",))
    walk.note(first.more[0], second, NOTHING, backfill)
    assert walk.wanted(first.more[0], second, backfill) == ()
    assert not walk.is_covering
    assert walk.capped == "its further documents repeat those before them"
