"""What a reading by other rules changes in the store: versions of its own, no edits, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.article import Article, Rejected
from storage.batch import Batch, Fetch, Merged, Sighting
from storage.connection import Store
from storage.merge import merge
from storage.reprocess import Again, Changes, apply, compare, due, unread
from tests.kit.factories import MORNING, STORY, article, prose

SEGMENT, OTHER = (
    "warta_pesisir/20241120T010000-0a1b2c3d.warc.gz",
    "warta_pesisir/20241121T010000-0a1b2c3d.warc.gz",
)
URL = "https://wartapesisir.example/dermaga/"
SHORT = STORY.partition("\n")[0]
DAY = timedelta(days=1)


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return store.connection.execute(sql).fetchall()


def placed(found: Article, offset: int = 100, segment: str = SEGMENT) -> Article:
    return replace(found, segment=segment, record_offset=offset)


def stored(store: Store, *articles: Article, **more: Any) -> Merged:
    return merge(store, Batch(SEGMENT, articles, **more), read_by="old")


def read_again(store: Store, *results: Article | Rejected, offset: int = 100, url: str = URL) -> Changes:
    return apply(store, SEGMENT, [Again(url, offset, results)], "new")


def versions(store: Store) -> list[tuple[Any, ...]]:
    return rows(
        store, "SELECT version, version_reason, rules_version, text FROM article_versions ORDER BY ALL"
    )


def refusal(url: str = URL) -> Rejected:
    return Rejected(url, "warta_pesisir", MORNING, "listing_page", "12 headlines")


# --- what is due ---------------------------------------------------------------------------------------


def test_a_segment_is_read_again_when_other_rules_read_it(store: Store) -> None:
    """Once they have, it is done: so a run that was interrupted goes on."""
    stored(store, placed(article()))
    merge(store, Batch(OTHER, (placed(article(text=prose(1), at=MORNING + DAY), segment=OTHER),)))
    assert unread(store.connection, "warta_pesisir", "old") == [OTHER], "nobody knows what read it"
    assert unread(store.connection, "warta_pesisir", "new") == [SEGMENT, OTHER]
    assert unread(store.connection, "warta", "new") == []
    read_again(store, placed(article(rules="r2")))
    assert unread(store.connection, "warta_pesisir", "new") == [OTHER]


def test_pages_of_newest_versions_and_refused_ones_are_due(store: Store) -> None:
    """An older version stays as it was read."""
    stored(
        store, placed(article()), placed(article(text=SHORT, at=MORNING + DAY), 200), rejections=(refusal(),)
    )
    found = due(store.connection, SEGMENT, "warta_pesisir")
    assert (found.newest, found.refused) == ({200: frozenset({"r1"})}, frozenset({MORNING}))


# --- what changes --------------------------------------------------------------------------------------


def test_the_same_again_is_no_version(store: Store) -> None:
    """Only the rules that read it are brought up to date, so that the next look compares like with like."""
    stored(store, placed(article()))
    found = read_again(store, placed(article(rules="r2")))
    assert (len(found.unchanged), found.changed, found.refused) == (1, [], [])
    assert versions(store) == [(1, "published", "r2", STORY)]
    edit = article(text=SHORT, rules="r2", at=MORNING + DAY)
    assert merge(store, Batch(OTHER, (placed(edit, segment=OTHER),))) == Merged(edited=1)


def test_another_text_is_a_version_and_no_edit(store: Store) -> None:
    """Of the same fetch; a later look that finds this text finds nothing new."""
    stored(store, placed(article()))
    [change] = read_again(store, placed(article(text=SHORT, rules="r2"))).changed
    assert change.fields["text"] == (STORY, SHORT)
    assert versions(store) == [(1, "published", "r1", STORY), (2, "reprocessed", "r2", SHORT)]
    assert rows(store, "SELECT version, fetched_at, last_seen_at FROM articles") == [(2, MORNING, MORNING)]
    later = placed(article(text=SHORT, rules="r2", at=MORNING + DAY), segment=OTHER)
    assert merge(store, Batch(OTHER, (later,))) == Merged(known=1)


FACTS = {
    "authors": ("Budi Santoso", "Sari"),
    "tags": ("dermaga",),
    "dateline": "Bontang",
    "published_on": date(2024, 11, 19),
    "published_conflict": True,
    "is_complete": False,
    "title": None,
    "language": "ms",
}


@pytest.mark.parametrize("name", FACTS)
def test_another_fact_is_a_version_too(store: Store, name: str) -> None:
    """Of any kind: a list, a day, a truth, nothing at all."""
    stored(store, placed(article()))
    changed = replace(article(rules="r2"), **{name: FACTS[name]})  # type: ignore[arg-type]
    [change] = read_again(store, placed(changed)).changed
    assert list(change.fields) == [name]
    assert [(number, reason) for number, reason, *_ in versions(store)] == [
        (1, "published"),
        (2, "reprocessed"),
    ]


def test_how_sure_a_reading_is_makes_no_version(store: Store) -> None:
    """Nor how its words are counted."""
    stored(store, placed(article()))
    sure = replace(article(rules="r2"), language_confidence=0.5, word_count=7)
    assert read_again(store, placed(sure)).changed == []


def test_comparing_writes_nothing(store: Store) -> None:
    """That is the dry run."""
    stored(store, placed(article()))
    found = compare(store.connection, SEGMENT, [Again(URL, 100, (placed(article(text=SHORT, rules="r2")),))])
    assert len(found.changed) == 1
    assert versions(store) == [(1, "published", "r1", STORY)]


def test_other_rules_may_find_another_address(store: Store) -> None:
    """The record says that it is the same article; both addresses lead to it from now on."""
    stored(store, placed(article()))
    moved = article("https://wartapesisir.example/2024/11/dermaga/", rules="r2")
    read_again(store, placed(moved))
    old = article().article_id
    assert rows(store, "SELECT article_id, url, version FROM articles") == [(old, moved.url, 2)]
    again = placed(replace(moved, fetched_at=MORNING + DAY), segment=OTHER)
    assert merge(store, Batch(OTHER, (again,))) == Merged(known=1)


def test_each_article_of_a_record_is_compared_with_itself(store: Store) -> None:
    """A REST answer holds many."""
    other = "https://wartapesisir.example/pasar/"
    stored(store, placed(article(document="rest")), placed(article(other, prose(1), document="rest")))
    found = read_again(
        store,
        placed(article(other, prose(1), rules="r2", document="rest")),
        placed(article(text=SHORT, rules="r2", document="rest")),
    )
    assert [change.article.url for change in found.changed] == [URL]
    assert [one.url for one in found.unchanged] == [other]


def test_what_is_left_of_an_answer_is_not_taken_for_another_article(store: Store) -> None:
    """Of two posts of an answer one was edited since, and today's rules refuse the other: both stay themselves."""
    other = "https://wartapesisir.example/pasar/"
    first, second = article(document="rest"), article(other, prose(1), document="rest")
    stored(
        store,
        placed(first),
        placed(second),
        placed(article(other, prose(2), document="rest", at=MORNING + DAY), 200),
    )
    found = read_again(store, placed(article(other, prose(1), document="rest", rules="r2")), refusal())
    assert (found.changed, found.unchanged, found.refused) == ([], [], [refusal()])
    assert rows(store, "SELECT url, version FROM articles ORDER BY url") == [(URL, 1), (other, 2)]


def test_a_rejection_without_an_address_is_noted_once(store: Store) -> None:
    """A text that was too short, by whatever rules."""
    short = Rejected(None, "warta_pesisir", MORNING, "too_short", "12")
    stored(store, rejections=(short,))
    for rules in ("new", "newer"):
        apply(store, SEGMENT, [Again(None, 100, (short,))], rules)
    assert rows(store, "SELECT count(*) FROM rejections") == [(1,)]


def test_a_page_of_an_older_version_is_left_alone(store: Store) -> None:
    """What was edited since is judged by its newest page."""
    stored(store, placed(article()), placed(article(text=SHORT, at=MORNING + DAY), 200))
    assert read_again(store, placed(article(text=prose(3), rules="r2"))) == Changes()
    assert len(versions(store)) == 2


def test_a_withdrawn_article_stays_withdrawn(store: Store) -> None:
    """Reading the archive is not seeing the page."""
    looks = (Fetch(URL, "warta_pesisir", MORNING + n * DAY, 404, 0, "gone") for n in (1, 2))
    stored(store, placed(article()), fetches=tuple(looks))
    read_again(store, placed(article(text=SHORT, rules="r2")))
    assert rows(store, "SELECT removed_at, last_seen_at FROM articles") == [(MORNING + DAY, MORNING)]


def test_versions_that_arrive_late_leave_a_reprocessed_one_in_its_place(store: Store) -> None:
    """Renumbering drops what repeats another fetch, never a fetch that was read twice."""
    stored(store, placed(article()))
    read_again(store, placed(replace(article(rules="r2"), authors=("Sari",))))
    early = placed(article(text=SHORT, at=MORNING - DAY), segment=OTHER)
    merge(store, Batch(OTHER, (early,)))
    assert [(number, reason) for number, reason, *_ in versions(store)] == [
        (1, "published"),
        (2, "edited"),
        (3, "reprocessed"),
    ]


# --- what is no article, or is one now -----------------------------------------------------------------


def test_what_was_refused_may_be_an_article_now(store: Store) -> None:
    """It is new, and no rejection any more."""
    row = Fetch(URL, "warta_pesisir", MORNING, 200, 9, "rejected")
    stored(store, rejections=(refusal(), refusal("https://wartapesisir.example/tag/")), fetches=(row,))
    [change] = read_again(store, placed(article(rules="r2"))).changed
    assert change.fields == {}
    assert versions(store) == [(1, "published", "r2", STORY)]
    assert rows(store, "SELECT url FROM rejections") == [("https://wartapesisir.example/tag/",)]
    assert rows(store, "SELECT outcome FROM fetches") == [("article",)]


def test_what_stood_in_for_many_stays_refused(store: Store) -> None:
    """The same text as at other articles' addresses is no article by any rules, at a known address or a new one."""
    urls = [f"https://wartapesisir.example/{slug}/" for slug in ("dermaga", "pasar", "sekolah", "baru")]
    stored(store, *(placed(article(url, prose(n)), n) for n, url in enumerate(urls[:3])))
    night = [placed(article(url, prose(9), at=MORNING + DAY), n, OTHER) for n, url in enumerate(urls)]
    fetches = tuple(Fetch(url, "warta_pesisir", MORNING + DAY, 200, 512, "article") for url in urls)
    merge(store, Batch(OTHER, tuple(night), fetches=fetches))
    before = [rows(store, f"FROM {table} ORDER BY ALL") for table in ("articles", "rejections", "fetches")]
    apply(store, OTHER, [Again(each.url, each.record_offset or 0, (each,)) for each in night], "new")
    after = [rows(store, f"FROM {table} ORDER BY ALL") for table in ("articles", "rejections", "fetches")]
    assert (after, len(after[0]), len(after[1])) == (before, 3, 1)


def test_what_another_fetch_brought_meanwhile_is_not_brought_again(store: Store) -> None:
    """Refused in the morning, an article since noon: by today's rules it was one all the time."""
    stored(store, rejections=(refusal(),))
    merge(store, Batch(OTHER, (placed(article(at=MORNING + DAY), segment=OTHER),)))
    assert read_again(store, placed(article(rules="r2"))) == Changes()
    assert rows(store, "SELECT count(*) FROM rejections") == [(0,)]
    assert [fetched_at for (fetched_at,) in rows(store, "SELECT fetched_at FROM articles")] == [MORNING + DAY]


def test_an_article_that_is_refused_now_stays(store: Store) -> None:
    """A rule may be wrong: it stands in both tables, once, and whoever looks decides."""
    stored(store, placed(article()), sightings=(Sighting(URL, MORNING + DAY),))
    for rules in ("new", "newer"):
        found = apply(store, SEGMENT, [Again(URL, 100, (refusal(),))], rules)
        assert found.refused == [refusal()]
    assert rows(store, "SELECT url, reason FROM rejections") == [(URL, "listing_page")]
    better = replace(refusal(), reason="soft_404")
    apply(store, SEGMENT, [Again(URL, 100, (better,))], "newest")
    assert rows(store, "SELECT url, reason FROM rejections") == [(URL, "soft_404")]
    read_again(store, placed(article(rules="r2")))
    assert rows(store, "SELECT count(*) FROM rejections") == [(0,)]
    assert versions(store) == [(1, "published", "r2", STORY)]


@pytest.mark.parametrize("text", [STORY, SHORT])
def test_a_host_that_has_got_a_source_gives_it_its_articles(store: Store, text: str) -> None:
    """Pages that were ingested before anybody wrote the source file; read alike or differently."""
    host = placed(article(source="wartapesisir.example"))
    stored(store, host)
    read_again(store, placed(article(text=text, rules="r2")))
    assert rows(store, "SELECT source, article_id, text FROM articles") == [
        ("warta_pesisir", host.article_id, text)
    ]
