"""Which days a run looked at, and what its outlet's lists say of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from crawler.catalogue.model import Entry, EntryKind
from crawler.crawl.coverage import coverage_of
from crawler.crawl.plan import Plan
from crawler.crawl.walk import Walk
from crawler.discovery.found import Found
from crawler.discovery.window import Window
from crawler.ledger.model import Recorded
from pipelines.address import address_key
from pipelines.article import Link
from storage.coverage import Coverage

HOME = "https://wartapesisir.example/"
TODAY = date(2024, 11, 20)
NOTHING = Recorded((), (), (), (), 0)


def day(number: int) -> date:
    return date(2024, 11, number)


def link(number: int | None, name: str) -> Link:
    """An article of that day of November; null: the document does not say."""
    published = f"2024-11-{number:02}T23:30:00+08:00" if number else None
    return Link(f"{HOME}{name}/", "warta_pesisir", "rss", published=published)


def plan(since: int | None = 13, until: int | None = None, is_first: bool = True) -> Plan:
    window = Window(day(since) if since else None, day(until) if until else None, "Asia/Makassar")
    began = datetime(2024, 11, 20, tzinfo=UTC)
    return Plan(window, until is not None, "2024-11-13", began, is_first, True, None)


def walked(
    kind: EntryKind,
    *documents: Found,
    url: str = "list",
    asked: Iterable[str] = (),
    of: Plan | None = None,
    outstanding: int = 0,
) -> Walk:
    """A walk through these documents; nothing new is in any, so further ones are left off."""
    walk = Walk(Entry(kind, HOME + url), outstanding=outstanding)
    of = of or plan()
    places = [*asked] or [f"{HOME}{url}/{number}" for number in range(len(documents))]
    for place, found in zip(places, documents, strict=True):
        walk.note(place, found, NOTHING, of)
        walk.wanted(place, found, of)
    return walk


def found(*links: Link, more: bool = False, total: int | None = None, skipped: int = 0) -> Found:
    return Found(links, (f"{HOME}list/2",) if more else (), skipped, total)


def unread(keys: Iterable[str]) -> Mapping[str, datetime]:
    return {}


def coverage(*walks: Walk, of: Plan | None = None, before: date | None = None) -> Coverage | None:
    return coverage_of(walks, of or plan(), TODAY, before, unread)


def test_a_collection_walked_to_its_end_knows_every_day_of_the_window() -> None:
    """Days without an article are zeros, and one that lies before the window counts for nothing."""
    posts = found(link(20, "a"), link(20, "b"), link(18, "c"), link(2, "lama"), total=4)
    got = coverage(walked("wordpress", posts))
    assert got is not None and (got.first, got.last) == (day(13), TODAY)
    assert got.published == {day(n): {20: 2, 18: 1}.get(n, 0) for n in range(13, 21)}
    assert got.entry == f"wordpress {HOME}list"


def test_a_feed_without_items_was_looked_at() -> None:
    """By it the outlet brought nothing since it was covered last; of days long past it knows nothing."""
    later, past = plan(is_first=False), plan(1, 8)
    got = coverage(walked("rss", found(), of=later), of=later, before=day(18))
    assert got == Coverage(day(18), TODAY, f"rss {HOME}list", {})
    assert coverage(walked("rss", found()), before=None) == Coverage(TODAY, TODAY, f"rss {HOME}list", {})
    assert coverage(walked("rss", found(), of=past), of=past) is None
    beside = coverage(walked("rss", found()), walked("sitemap", found(link(19, "a"))))
    assert beside is not None and beside.published[day(19)] == 1


def test_a_collection_without_a_post_knows_that_there_was_none() -> None:
    """It was asked for these days, and answered."""
    past = plan(1, 3)
    got = coverage(walked("wordpress", found(total=0), of=past), of=past)
    assert got is not None and got.published == {day(1): 0, day(2): 0, day(3): 0}
    assert coverage(walked("wordpress", found(total=7), of=past), of=past) is None


def test_a_day_is_the_outlets_own() -> None:
    """Half past midnight in Makassar is the day before in UTC."""
    early = Link(f"{HOME}dini/", "warta_pesisir", "rss", published="2024-11-18T16:30:00Z")
    got = coverage(walked("wordpress", found(early)))
    assert got is not None and (got.published[day(18)], got.published[day(19)]) == (0, 1)


def test_of_the_newest_page_alone_the_oldest_day_is_not_known() -> None:
    """The next page would hold more of it."""
    posts = found(link(20, "a"), link(19, "b"), link(18, "c"), more=True)
    got = coverage(
        walked("wordpress", posts, of=plan(is_first=False)), of=plan(is_first=False), before=day(19)
    )
    assert got is not None and got.published == {day(19): 1, day(20): 1}


def test_a_collection_that_hides_some_is_not_believed() -> None:
    """X-WP-Total says five, two are shown: on which days the others were published, nobody knows."""
    got = coverage(walked("wordpress", found(link(20, "a"), link(19, "b"), total=5)))
    assert got is not None and got.published == {}
    told = coverage(walked("wordpress", found(link(20, "a"), link(19, "b"), total=5, skipped=3)))
    assert told is not None and told.published[day(19)] == 1


def test_a_feed_knows_no_day() -> None:
    """It may be one of a section; what it reaches back to was looked at all the same."""
    got = coverage(walked("rss", found(link(20, "a"), link(17, "b"))))
    assert got == Coverage(day(17), TODAY, f"rss {HOME}list", {})


def test_a_news_sitemap_knows_all_but_its_oldest_day() -> None:
    got = coverage(walked("news_sitemap", found(link(20, "a"), link(19, "b"), link(18, "c"))))
    assert got is not None and got.published == {day(19): 1, day(20): 1}


def test_a_sitemap_is_dated_by_its_articles() -> None:
    """One whose article was not read leaves every day unknown: it may be of any."""
    walk = walked("sitemap", found(link(None, "a"), link(None, "b")))
    read = {address_key(f"{HOME}a/"): datetime(2024, 11, 18, 16, 30, tzinfo=UTC)}
    partly = coverage_of([walk], plan(), TODAY, None, lambda keys: {k: read[k] for k in keys if k in read})
    assert partly is not None and partly.published == {}
    read[address_key(f"{HOME}b/")] = datetime(2024, 11, 17, 1, tzinfo=UTC)
    whole = coverage_of([walk], plan(), TODAY, None, lambda keys: {k: read[k] for k in keys if k in read})
    assert whole is not None
    assert {number for number in whole.published if whole.published[number]} == {day(17), day(19)}


def test_an_index_with_a_document_a_day_says_how_many() -> None:
    """A day whose further pages were not asked for is unknown; the article's own date counts for nothing."""
    template = "indeks?tanggal={day}-{month}-{year}"
    asked = [f"{HOME}indeks?tanggal={n}-11-2024" for n in (20, 19)]
    walk = walked(
        "listing", found(link(None, "a"), link(None, "b")), found(link(19, "c"), more=True), url=template, asked=asked
    )  # fmt: skip
    got = coverage(walk)
    assert got is not None and got.published == {day(20): 2}


def test_a_later_run_covers_what_lies_between() -> None:
    """It joined what the run before had brought: no day since is a hole."""
    joined = Walk(Entry("rss", f"{HOME}feed/"), joined=True)
    later = plan(is_first=False)
    got = coverage_of([joined], later, TODAY, day(17), unread)
    assert got == Coverage(day(17), TODAY, f"rss {HOME}feed/", {})


def test_a_walk_that_could_not_join_leaves_a_hole() -> None:
    """A feed of the last two days after a week of silence: five days were never seen."""
    later = plan(is_first=False)
    walk = walked("rss", found(link(20, "a"), link(19, "b")), of=later)
    got = coverage_of([walk], later, TODAY, day(12), unread)
    assert got is not None and (got.first, got.last) == (day(19), TODAY)


def test_a_backfill_covers_its_window() -> None:
    past = plan(since=1, until=10)
    got = coverage(walked("wordpress", found(link(9, "a"), link(3, "b")), of=past), of=past, before=day(19))
    assert got is not None and (got.first, got.last) == (day(1), day(10))
    assert sum(got.published.values()) == 2


def test_a_walk_cut_short_says_nothing_of_what_was_published() -> None:
    """A document is still outstanding: the limit was reached, or the budget."""
    got = coverage(walked("wordpress", found(link(20, "a"), link(19, "b")), outstanding=1))
    assert got is not None and (got.first, got.published) == (day(19), {})


def test_where_no_entry_answered_nobody_looked() -> None:
    failed = Walk(Entry("rss", f"{HOME}feed/"), why_not="HTTP 503")
    assert coverage(failed) is None
    assert coverage() is None


def test_a_list_that_was_cut_short_knows_of_no_day() -> None:
    """What stood behind its end may have been of any."""
    whole = found(link(18, "satu"), link(17, "dua"))
    for kind in ("sitemap", "news_sitemap", "rss"):
        walk = walked(kind, replace(whole, is_cut=True), of=plan(since=None))
        assert not walk.is_covering
        outcome = coverage_of([walk], plan(), TODAY, None, unread)
        assert outcome is not None
        assert outcome.published == {}


def test_a_feed_that_was_cut_short_behind_what_is_known_covers_all_the_same() -> None:
    """Its newest stand first, so nothing new is missing; of a sitemap the end may be the newest."""
    behind = found(link(18, "satu"), link(10, "dua"), link(9, "tiga"))
    assert walked("rss", replace(behind, is_cut=True)).is_covering
    assert not walked("sitemap", replace(behind, is_cut=True)).is_covering
    assert not walked("news_sitemap", replace(behind, is_cut=True), behind).is_covering
