"""A look by other rules: the archived page, read again, parts the outlet's edit from our own better rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipelines.article import Article, Document, Rejected
from storage.batch import Batch, Merged
from storage.connection import Store
from storage.merge import merge
from storage.reprocess import Outdated, outdated
from tests.kit.factories import MORNING, STORY, article, prose

DAY = timedelta(days=1)
OLD_SEGMENT, NEW_SEGMENT = "warta_pesisir/20241120.warc.gz", "warta_pesisir/20241121.warc.gz"
JUNK = "Ikuti saluran kami agar tidak tertinggal berita terbaru dari pesisir."
WITH_JUNK = f"{STORY}\n{JUNK}"
EDITED = STORY.replace("48 perahu", "52 perahu")
OTHER = "https://wartapesisir.example/lain/"


def old(text: str = WITH_JUNK, at: datetime = MORNING, document: Document = "page") -> Article:
    """A page as the old rules read it: with a line of junk."""
    found = article(text=text, at=at, document=document)
    return replace(found, segment=OLD_SEGMENT, record_offset=100)


def again(text: str = STORY, rules: str = "r2", offset: int = 100, document: Document = "page") -> Article:
    """The same archived page as today's rules read it."""
    return replace(old(text, document=document), rules_version=rules, record_offset=offset)


def look(text: str, at: datetime = MORNING + DAY, rules: str = "r2", document: Document = "page") -> Article:
    """What today's rules read in what the outlet serves now."""
    found = article(text=text, at=at, rules=rules, document=document)
    return replace(found, segment=NEW_SEGMENT, record_offset=200)


def take(store: Store, *articles: Article, before: tuple[Article, ...] = ()) -> Merged:
    return merge(store, Batch(articles=articles, again=before))


def versions(store: Store) -> list[tuple[Any, ...]]:
    return store.connection.execute(
        "SELECT version_reason, text, rules_version, fetched_at, segment FROM article_versions ORDER BY version"
    ).fetchall()


PUBLISHED = ("published", WITH_JUNK, "r1", MORNING, OLD_SEGMENT)
REPROCESSED = ("reprocessed", STORY, "r2", MORNING, OLD_SEGMENT)


def test_a_change_of_our_rules_alone_is_no_edit(store: Store) -> None:
    """The version is the archived page's; what the outlet serves now is nothing new."""
    take(store, old())
    assert take(store, look(STORY), before=(again(),)) == Merged(reread=1)
    assert versions(store) == [PUBLISHED, REPROCESSED]
    assert take(store, look(STORY, MORNING + 2 * DAY)) == Merged(known=1)
    assert store.connection.execute("SELECT last_seen_at FROM articles").fetchall() == [(MORNING + 2 * DAY,)]


def test_an_edit_alone_is_an_edit_whatever_became_of_our_rules(store: Store) -> None:
    """They read the archived page as they did."""
    take(store, old(STORY))
    assert take(store, look(EDITED), before=(again(STORY),)) == Merged(edited=1)
    assert [(reason, text) for reason, text, *_ in versions(store)] == [
        ("published", STORY),
        ("edited", EDITED),
    ]


def test_an_edit_and_a_change_of_our_rules_are_two_versions(store: Store) -> None:
    """First what we read otherwise, then what the outlet has changed; it is one article that was edited."""
    take(store, old())
    assert take(store, look(EDITED), before=(again(),)) == Merged(edited=1)
    assert versions(store) == [PUBLISHED, REPROCESSED, ("edited", EDITED, "r2", MORNING + DAY, NEW_SEGMENT)]
    assert take(store, look(EDITED, MORNING + 2 * DAY)) == Merged(known=1)


NOT_ITS_PAGE = {
    "it cannot be had": (),
    "the article was read since": (again(offset=700),),
    "it is of a day with other rules": (again(rules="r0"),),
    "it is another article's": (replace(again(), article_id="0123456789abcdef"),),
}


@pytest.mark.parametrize("why", NOT_ITS_PAGE)
def test_without_the_archived_page_nobody_claims_an_edit(store: Store, why: str) -> None:
    """The next look by these rules is compared as always."""
    take(store, old())
    take(store, look(EDITED), before=NOT_ITS_PAGE[why])
    assert [reason for reason, *_ in versions(store)].count("edited") == 0
    assert versions(store)[-1][:2] == ("reprocessed", EDITED)
    assert take(store, look(STORY, MORNING + 2 * DAY)) == Merged(edited=1)


def test_the_last_look_is_what_is_read_again(store: Store) -> None:
    """Also where it found nothing new: its page is archived too, and nearer to today's."""
    take(store, old())
    later = replace(old(at=MORNING + DAY), segment=NEW_SEGMENT, record_offset=40)
    take(store, later)
    [due] = outdated(store.connection, [look(STORY, MORNING + 2 * DAY)])
    assert (due.segment, due.record_offset) == (NEW_SEGMENT, 40)
    before = replace(later, text=STORY, fingerprint=again().fingerprint, rules_version="r2")
    assert take(store, look(EDITED, MORNING + 2 * DAY), before=(before,)) == Merged(edited=1)
    assert [(reason, at) for reason, _, _, at, _ in versions(store)] == [
        ("published", MORNING),
        ("reprocessed", MORNING + DAY),
        ("edited", MORNING + 2 * DAY),
    ]


def test_each_kind_of_document_is_compared_with_its_own(store: Store) -> None:
    """How we read the page says nothing of a version that a REST answer gave; the outlet's edit of it does."""
    rest = replace(article(document="rest"), segment=OLD_SEGMENT, record_offset=7)
    take(store, rest)
    assert take(store, old(at=MORNING + timedelta(hours=1))) == Merged(known=1), "a page is a baseline"
    page = replace(again(STORY[:300]), fetched_at=MORNING + timedelta(hours=1))
    assert take(store, look(STORY[:300]), before=(page,)) == Merged(known=1)
    assert [reason for reason, *_ in versions(store)] == ["published"]
    assert take(store, look(EDITED, MORNING + 2 * DAY)) == Merged(edited=1)
    assert take(store, look(EDITED, MORNING + 3 * DAY, document="rest")) == Merged(reread=1)


def test_a_look_that_misses_a_part_is_compared_with_nothing(store: Store) -> None:
    """Whatever the rules are."""
    take(store, old())
    short = replace(look(STORY[:300]), is_complete=False)
    assert outdated(store.connection, [short]) == []
    assert take(store, short, before=(again(),)) == Merged(known=1)
    assert versions(store) == [PUBLISHED]


# --- what must be read again ---------------------------------------------------------------------------


def test_what_differs_by_other_rules_must_be_read_again(store: Store) -> None:
    """Its page is named by its place in the archive."""
    take(store, old())
    found = look(EDITED)
    assert outdated(store.connection, [found, look(EDITED, document="rest")]) == [
        Outdated(old().article_id, found, OLD_SEGMENT, 100)
    ]


NOTHING_TO_ASK = {
    "the same text": look(WITH_JUNK),
    "the same rules": look(EDITED, rules="r1"),
    "another kind of document": look(EDITED, document="rest"),
    "another article": replace(look(EDITED), keys=article(OTHER).keys),
}


@pytest.mark.parametrize("why", NOTHING_TO_ASK)
def test_what_can_be_compared_as_it_is_need_not_be_read_again(store: Store, why: str) -> None:
    """Most looks are of that kind."""
    take(store, old())
    assert outdated(store.connection, [NOTHING_TO_ASK[why]]) == []


def test_what_no_segment_holds_cannot_be_read_again(store: Store) -> None:
    """A hand-written spider's articles are archived nowhere."""
    take(store, article())
    assert outdated(store.connection, [look(EDITED)]) == []


def test_of_what_a_page_holds_the_same_article_is_taken() -> None:
    """By its address, or because it is the only one; of a REST answer only by what names it."""
    due = Outdated("0123456789abcdef", look(EDITED), OLD_SEGMENT, 100)
    alone, other = again(), replace(again(prose(1)), keys=article(OTHER).keys)
    refusal = Rejected(OTHER, "warta_pesisir", MORNING, "listing_page")
    assert due.found_in([other, alone]) == replace(alone, article_id="0123456789abcdef")
    assert due.found_in([other]) == replace(other, article_id="0123456789abcdef")
    assert due.found_in([refusal]) is None
    assert due.found_in([other, other]) is None
    of_rest = replace(due, look=look(EDITED, document="rest"))
    assert of_rest.found_in([replace(other, document="rest")]) is None
    assert of_rest.found_in([alone]) is None
