"""What becomes of an article when it is read once, again, changed, elsewhere, out of turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.article import Article, Rejected
from pipelines.dedupe import MAX_VERSIONS, fingerprint, is_copy
from storage.batch import Batch, Fetch, Merged, Sighting
from storage.connection import Store
from storage.copies import WINDOW
from storage.merge import merge
from storage.segments import merged_segments
from tests.kit.factories import MORNING, STORY, article, orders, prose, wipe

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADDRESS = "https://wartapesisir.example/dermaga/"
EDITED = STORY.replace("48 perahu", "52 perahu") + "\nPerbaikan tahap kedua dimulai pekan depan."
REPRINT = STORY.replace("Warga Kampung Tanjung Limau", "Warga Tanjung Limau")
PRICES = (
    "Harga emas batangan di Pegadaian Bontang pada {day} tercatat Rp{a} per gram, berubah Rp{b} dibanding hari "
    "sebelumnya. Harga beli kembali berada di angka Rp{c} per gram. Untuk ukuran lima gram, emas dijual Rp{d}, "
    "sedangkan ukuran sepuluh gram dijual Rp{e}. Harga tersebut belum termasuk pajak sesuai ketentuan yang "
    "berlaku dan dapat berubah sewaktu-waktu mengikuti pergerakan pasar dunia."
)


def rows(store: Store, sql: str, *values: object) -> list[tuple[Any, ...]]:
    return store.connection.execute(sql, values).fetchall()


def versions(store: Store) -> list[tuple[Any, ...]]:
    """(number, reason, text) of every version, in order."""
    return rows(
        store, "SELECT version, version_reason, text FROM article_versions ORDER BY article_id, version"
    )


def stories(store: Store) -> dict[str, tuple[str, str | None]]:
    """Address → (story, original)."""
    found = rows(store, "SELECT coalesce(url, source), story_id, duplicate_of FROM articles")
    return {url: (story, original) for url, story, original in found}


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that is kept, but when it was merged."""
    tables = (
        "versions",
        "keys",
        "claims",
        "readings",
        "bands",
        "pairs",
        "copies",
        "rejections",
        "fetches",
    )
    kept = {table: sorted(rows(store, f"SELECT * FROM kept.{table}"), key=repr) for table in tables}
    return kept | {"segments": sorted(rows(store, "SELECT segment FROM kept.segments"))}


def take(store: Store, *articles: Article) -> Merged:
    return merge(store, Batch(articles=articles))


# --- the same article ---------------------------------------------------------------------------------


def test_a_new_article_is_version_one(store: Store) -> None:
    """It is a row, its own story, and nobody's copy."""
    first = article(published=MORNING - HOUR)
    assert take(store, first) == Merged(new=1)
    assert versions(store) == [(1, "published", STORY)]
    assert stories(store) == {ADDRESS: (first.article_id, None)}


def test_the_same_again_changes_only_when_it_was_last_seen(store: Store) -> None:
    """An unchanged article is neither a version nor an article."""
    take(store, article())
    assert take(store, article(at=MORNING + DAY)) == Merged(known=1)
    assert versions(store) == [(1, "published", STORY)]
    assert rows(store, "SELECT first_seen_at, last_seen_at, fetched_at FROM articles") == [
        (MORNING, MORNING + DAY, MORNING)
    ]


def test_a_look_that_misses_a_part_is_no_edit(store: Store) -> None:
    """The second part of a long article answers 503: what was read stays, and the next look compares with it."""
    take(store, article(text=EDITED))
    short = replace(article(at=MORNING + HOUR), is_complete=False)
    assert take(store, short) == Merged(known=1)
    assert take(store, article(text=EDITED, at=MORNING + DAY)) == Merged(known=1)
    assert versions(store) == [(1, "published", EDITED)]
    assert rows(store, "SELECT last_seen_at FROM articles") == [(MORNING + DAY,)]


def test_a_part_that_comes_later_is_no_edit_either(store: Store) -> None:
    """The outlet has changed nothing; the whole is a version all the same."""
    take(store, replace(article(), is_complete=False))
    assert take(store, article(text=EDITED, at=MORNING + HOUR)) == Merged(reread=1)
    assert versions(store) == [(1, "published", STORY), (2, "reprocessed", EDITED)]


def test_other_spellings_of_the_address_are_the_same_article(store: Store) -> None:
    """http, www, AMP and a missing slash lead to one row."""
    take(store, article())
    for number, url in enumerate(
        (
            "http://wartapesisir.example/dermaga",
            "https://www.wartapesisir.example/dermaga/amp/?utm_source=wa",
        ),
        1,
    ):
        assert take(store, article(url, at=MORNING + number * HOUR)) == Merged(known=1)


def test_a_renamed_address_is_the_same_article(store: Store) -> None:
    """The platform's number outlives a change of permalinks, and the id stays."""
    take(store, article("https://wartapesisir.example/?p=4102", numbers=["4102"]))
    moved = article(ADDRESS, numbers=["4102"], at=MORNING + DAY)
    assert take(store, moved) == Merged(known=1)
    assert take(store, article(ADDRESS, at=MORNING + 2 * DAY)) == Merged(known=1), "known by its new address"
    assert len(stories(store)) == 1
    assert list(stories(store)) == [ADDRESS], "as the outlet serves it today"
    take(store, article("https://wartapesisir.example/?p=4102", numbers=["4102"], at=MORNING + HOUR))
    assert list(stories(store)) == [ADDRESS], "an earlier answer says nothing of today"


def test_an_edit_at_a_new_address_has_that_address(store: Store) -> None:
    """And when the article moves back, it is served at the first again."""
    take(store, article(ADDRESS, numbers=["4102"]))
    new = "https://wartapesisir.example/dermaga-diperbaiki/"
    take(store, article(new, STORY + "\nDermaga selesai.", numbers=["4102"], at=MORNING + DAY))
    assert list(stories(store)) == [new]
    take(store, article(ADDRESS, STORY + "\nDermaga selesai.", numbers=["4102"], at=MORNING + 2 * DAY))
    assert list(stories(store)) == [ADDRESS]
    assert len(versions(store)) == 2


def test_numbers_of_two_outlets_do_not_meet(store: Store) -> None:
    """Post 4102 of one outlet is not post 4102 of another."""
    take(store, article(ADDRESS, numbers=["4102"]))
    other = article("https://kabarteluk.example/pasar/", prose(1), source="kabar_teluk", numbers=["4102"])
    assert take(store, other) == Merged(new=1)


def test_a_spelling_corrected_in_the_case_is_no_edit(store: Store) -> None:
    """Quotes, case and punctuation are not what an article says."""
    take(store, article())
    assert take(store, article(text=STORY.upper().replace(".", " ."), at=MORNING + HOUR)) == Merged(known=1)


# --- edits --------------------------------------------------------------------------------------------


def test_an_edited_article_keeps_both_texts(store: Store) -> None:
    """The new text is the article, the old one stays a version."""
    take(store, article())
    assert take(store, article(text=EDITED, at=MORNING + DAY)) == Merged(edited=1)
    assert versions(store) == [(1, "published", STORY), (2, "edited", EDITED)]
    assert rows(store, "SELECT version, text, fetched_at, first_seen_at FROM articles") == [
        (2, EDITED, MORNING + DAY, MORNING)
    ]


def test_a_changed_title_is_an_edit(store: Store) -> None:
    """A headline that says something else is what the outlet changed."""
    take(store, article())
    changed = article(title="Dermaga Tanjung Limau Rusak, Warga Turun Tangan", at=MORNING + DAY)
    assert take(store, changed) == Merged(edited=1)


def test_an_edit_taken_back_is_an_edit_too(store: Store) -> None:
    """Three texts in their order, though the first and the last are one."""
    take(store, article())
    take(store, article(text=EDITED, at=MORNING + DAY))
    assert take(store, article(at=MORNING + 2 * DAY)) == Merged(edited=1)
    assert [text for _, _, text in versions(store)] == [STORY, EDITED, STORY]


def test_a_page_read_by_better_rules_is_no_edit(store: Store) -> None:
    """What changed is our reading, and the version says so."""
    take(store, article(text=STORY + "\nBaca juga berita lainnya di sini."))
    assert take(store, article(rules="r2", at=MORNING + DAY)) == Merged(reread=1)
    assert [reason for _, reason, _ in versions(store)] == ["published", "reprocessed"]
    assert take(store, article(rules="r2", at=MORNING + 2 * DAY)) == Merged(known=1)


def test_better_rules_that_read_the_same_change_nothing(store: Store) -> None:
    """A new version needs another text."""
    take(store, article())
    assert take(store, article(rules="r2", at=MORNING + DAY)) == Merged(known=1)


def test_a_change_of_entry_is_no_edit(store: Store) -> None:
    """The REST answer and the page differ in what they leave out; that is no change of the article."""
    take(store, article(document="rest"))
    other = STORY + "\nDisadur dari keterangan resmi kampung."
    assert take(store, article(text=other, document="page", at=MORNING + HOUR)) == Merged(known=1)
    assert take(store, article(document="rest", at=MORNING + 2 * HOUR)) == Merged(known=1)
    assert versions(store) == [(1, "published", STORY)]


def test_an_edit_is_seen_between_documents_of_one_kind(store: Store) -> None:
    """The page changed since the page was last read, whatever REST said in between."""
    take(store, article(document="rest"), article(text=STORY + "\nTautan.", at=MORNING + HOUR))
    assert take(store, article(text=EDITED, at=MORNING + DAY)) == Merged(edited=1)
    assert [text for _, _, text in versions(store)] == [STORY, EDITED]


def test_a_page_that_changes_at_every_look_is_capped(store: Store) -> None:
    """After twenty versions a counter is no longer taken for an edit."""
    looks = [
        article(text=f"{STORY}\nDibaca {n} kali.", at=MORNING + n * HOUR) for n in range(MAX_VERSIONS + 5)
    ]
    assert take(store, *looks) == Merged(new=1, edited=MAX_VERSIONS - 1, churning=5)
    assert len(versions(store)) == MAX_VERSIONS
    assert rows(store, "SELECT last_seen_at, text FROM articles") == [(looks[-1].fetched_at, looks[-1].text)]


@pytest.mark.soak
def test_the_newest_text_is_kept_however_often_an_article_was_edited(store: Store) -> None:
    """The first text and the newest stay; the version after the gap says how many are missing."""
    looks = [article(text=f"{STORY}\nPembaruan {n}.", at=MORNING + n * HOUR) for n in range(MAX_VERSIONS + 2)]
    take(store, *looks[:3])
    for look in looks[3:]:
        take(store, look)
    correction = article(text=f"{STORY}\nRalat: Hamzah tidak terlibat.", at=MORNING + DAY)
    assert take(store, correction) == Merged(churning=1)
    kept = [looks[0], *looks[4:], correction]
    found = rows(store, "SELECT version, text, versions_left_out FROM article_versions ORDER BY version")
    numbers = [1, *range(5, MAX_VERSIONS + 4)]
    assert found == [
        (number, look.text, 3 if number == 5 else 0) for number, look in zip(numbers, kept, strict=True)
    ]
    assert rows(store, "SELECT version, text, fetched_at FROM articles") == [
        (MAX_VERSIONS + 3, correction.text, MORNING + DAY)
    ]
    assert take(store, replace(correction, fetched_at=MORNING + 2 * DAY)) == Merged(known=1)
    assert take(store, looks[2]) == Merged(known=1), "it is one of those that are not kept"
    assert take(store, article(text=f"{STORY}\nTerbit.", at=MORNING - HOUR)).edited == 0
    assert rows(
        store, "SELECT count(*), min_by(text, version), sum(versions_left_out) FROM article_versions"
    ) == [(MAX_VERSIONS, f"{STORY}\nTerbit.", 4)]


def edits(store: Store) -> list[tuple[Any, ...]]:
    """(number, reason, what was edited) of every version, in order."""
    return rows(
        store,
        "SELECT version, version_reason, edit_kind FROM article_versions ORDER BY article_id, version",
    )


def test_an_edit_says_what_it_is(store: Store) -> None:
    """Of what was published first nothing was edited."""
    first = replace(article(published=MORNING), authors=("Andi",))
    figure = replace(first, text=STORY.replace("48 perahu", "52 perahu"), fetched_at=MORNING + HOUR)
    byline = replace(figure, authors=("Budi",), fetched_at=MORNING + 2 * HOUR)
    moved = replace(byline, published_at=MORNING - DAY, fetched_at=MORNING + 3 * HOUR)
    typography = replace(moved, text=moved.text.replace(" ", "\u00a0"), fetched_at=MORNING + 4 * HOUR)
    stated = replace(typography, modified_at=MORNING + 5 * HOUR, fetched_at=MORNING + 5 * HOUR)
    assert take(store, first, figure) == Merged(new=1, edited=1)
    assert take(store, byline) == take(store, moved) == Merged(edited=1)
    assert take(store, typography, stated) == Merged(known=2)
    assert edits(store) == [
        (1, "published", None),
        (2, "edited", "figure"),
        (3, "edited", "byline"),
        (4, "edited", "date"),
    ]
    shares = rows(store, "SELECT edit_share FROM article_versions ORDER BY version")
    assert shares == [(None,), (pytest.approx(2 / 208, rel=0.1),), (0.0,), (0.0,)]
    assert rows(store, "SELECT authors, published_at FROM articles") == [(["Budi"], MORNING - DAY)]


def test_a_look_that_lacks_the_byline_hides_no_edit(store: Store) -> None:
    """An author who was not read once is the last known until another is."""
    first = replace(article(), authors=("Andi",))
    take(store, first)
    assert take(store, article(at=MORNING + HOUR)) == Merged(known=1)
    assert take(store, replace(first, fetched_at=MORNING + 2 * HOUR)) == Merged(known=1)
    take(store, article(at=MORNING + 3 * HOUR))
    assert take(store, replace(first, authors=("Budi",), fetched_at=MORNING + 4 * HOUR)) == Merged(edited=1)


def test_what_our_rules_changed_has_no_kind_of_edit(store: Store) -> None:
    """Whatever it is: text, title, byline or date."""
    take(store, replace(article(), authors=("Andi",)))
    take(store, replace(article(text=EDITED, rules="r2", at=MORNING + HOUR), authors=("Andi",)))
    take(store, replace(article(text=EDITED, rules="r3", at=MORNING + 2 * HOUR), authors=("Budi",)))
    assert [kind for _, _, kind in edits(store)] == [None, None, None]
    assert {reason for _, reason, _ in edits(store)[1:]} == {"reprocessed"}


def test_an_edit_of_a_reading_that_is_no_version_says_what_it_is(store: Store) -> None:
    """The page was read beside the REST answer: its text is remembered, to be compared with itself."""
    page = article(text=f"{STORY}\nDibaca di muara.", at=MORNING + HOUR)
    take(store, article(document="rest"))
    take(store, page)
    take(store, replace(page, fetched_at=MORNING + 2 * HOUR))
    corrected = replace(page, text=page.text.replace("48", "52"), fetched_at=MORNING + 3 * HOUR)
    take(store, corrected)
    assert edits(store) == [(1, "published", None), (2, "edited", "figure")]
    share = 2 / (2 * 109)
    assert rows(store, "SELECT edit_share FROM article_versions WHERE version = 2") == [
        (pytest.approx(share, rel=0.1),)
    ]
    assert rows(store, "SELECT document, text FROM kept.readings ORDER BY document") == [
        ("page", None),
        ("rest", None),
    ], "what a version has is not kept twice"


def test_a_late_fetch_changes_what_the_edit_after_it_was(store: Store) -> None:
    """A version is compared with the one before it, whenever that one arrived."""
    texts = [STORY, STORY.replace("48", "52"), STORY.replace("48", "52").replace("Hamzah", "Hasan")]
    take(store, article(text=texts[0]), article(text=texts[2], at=MORNING + DAY))
    assert edits(store)[1:] == [(2, "edited", "figure")]
    take(store, article(text=texts[1], at=MORNING + HOUR))
    assert edits(store) == [(1, "published", None), (2, "edited", "figure"), (3, "edited", "name")]
    take(store, article(text=texts[0].replace("48", "-48"), at=MORNING - HOUR))
    assert [kind for _, _, kind in edits(store)] == [None, "figure", "figure", "name"]


# --- out of turn --------------------------------------------------------------------------------------


def test_versions_are_numbered_in_the_order_of_fetching(store: Store) -> None:
    """An older page that arrives late takes its place before what is known already."""
    take(store, article(text=EDITED, at=MORNING + DAY))
    assert take(store, article(at=MORNING)) == Merged(edited=1)
    assert versions(store) == [(1, "published", STORY), (2, "edited", EDITED)]
    assert rows(store, "SELECT version, text, first_seen_at, last_seen_at FROM articles") == [
        (2, EDITED, MORNING, MORNING + DAY)
    ]


@pytest.mark.parametrize("order", orders(3))
def test_an_article_is_the_same_in_whatever_order_it_was_read(store: Store, order: Sequence[int]) -> None:
    """Three fetches of three texts give three versions, one after the other in time."""
    texts = (STORY, EDITED, EDITED.replace("pekan depan", "bulan depan"))
    for n in order:
        take(store, article(text=texts[n], at=MORNING + n * DAY))
    assert versions(store) == [(1, "published", texts[0]), (2, "edited", texts[1]), (3, "edited", texts[2])]
    assert rows(store, "SELECT text FROM articles") == [(texts[2],)]


def test_a_late_fetch_of_a_known_text_is_no_version(store: Store) -> None:
    """It only tells that the article was there earlier."""
    take(store, article(at=MORNING + DAY))
    assert take(store, article(at=MORNING)) == Merged(known=1)
    assert rows(store, "SELECT version, first_seen_at FROM articles") == [(1, MORNING)]


def test_a_late_reading_by_other_rules_is_first_all_the_same(store: Store) -> None:
    """The first version was published, and a difference of rules is never called the outlet's edit."""
    take(store, article(text=EDITED, at=MORNING + DAY, rules="r1"))
    take(store, article(at=MORNING, rules="r2"))
    assert [(n, reason) for n, reason, _ in versions(store)] == [(1, "published"), (2, "reprocessed")]


# --- texts without an address -------------------------------------------------------------------------


@pytest.mark.parametrize("late", [False, True], ids=["fetched after the text", "fetched before the text"])
def test_a_text_and_its_page_are_one_article(store: Store, late: bool) -> None:
    """The words of one outlet are one article; the page adds what the text could not say."""
    text = article(None, title=None, document="text")
    take(store, text)
    found = article(at=MORNING - DAY if late else MORNING + DAY)
    assert take(store, found) == Merged(reread=1)
    assert rows(store, "SELECT article_id, url, title FROM articles") == [
        (text.article_id, ADDRESS, found.title)
    ]
    assert [reason for _, reason, _ in versions(store)] == ["published", "reprocessed"]
    assert take(store, article(at=MORNING + 2 * DAY)) == Merged(known=1), "known by its address from now on"


def test_a_page_and_its_text_are_one_article(store: Store) -> None:
    """A text that is ingested when its page is known adds nothing."""
    take(store, article())
    assert take(store, article(None, title=None, document="text", at=MORNING + DAY)) == Merged(known=1)
    assert rows(store, "SELECT url, version FROM articles") == [(ADDRESS, 1)]


def test_a_text_ingested_twice_is_one_article(store: Store) -> None:
    """It is known by its words."""
    text = article(None, document="text")
    assert take(store, text, replace(text, fetched_at=MORNING + HOUR)) == Merged(new=1, known=1)


def test_the_text_of_another_outlet_is_its_copy(store: Store) -> None:
    """Equal words of two outlets are two articles and one story."""
    take(store, article())
    assert take(store, article(None, source="unknown", document="text", at=MORNING + DAY)) == Merged(new=1)
    [page_story, text_story] = stories(store).values()
    assert page_story[0] == text_story[0]
    assert rows(store, "SELECT count(*) FROM unique_articles") == [(1,)]


# --- two ids that are one article ---------------------------------------------------------------------


def seen_apart(store: Store, second_text: str = STORY) -> tuple[Article, Article]:
    """One post seen by its number's address, and later by its name's, as if they were two."""
    by_number = article("https://wartapesisir.example/?p=4102")
    by_name = article(ADDRESS, second_text, at=MORNING + HOUR)
    take(store, by_number)
    take(store, by_name)
    return by_number, by_name


OTHER_ADDRESS = "https://wartapesisir.example/?p=4102"


def test_a_page_that_shows_two_to_be_one_unites_them(store: Store) -> None:
    """The article seen earlier stays; what was two copies is one article of one version."""
    by_number, _ = seen_apart(store)
    assert len(stories(store)) == 2
    assert take(store, article(at=MORNING + DAY, led_from=OTHER_ADDRESS)) == Merged(known=1)
    assert rows(store, "SELECT article_id, version, story_id, duplicate_of, last_seen_at FROM articles") == [
        (by_number.article_id, 1, by_number.article_id, None, MORNING + DAY)
    ]
    assert versions(store) == [(1, "published", STORY)]


def test_united_articles_keep_their_different_texts(store: Store) -> None:
    """What stood under the one address first and under the other later is an edit."""
    by_number, _ = seen_apart(store, EDITED)
    assert take(store, article(text=EDITED, at=MORNING + DAY, led_from=OTHER_ADDRESS)) == Merged(known=1)
    assert versions(store) == [(1, "published", STORY), (2, "edited", EDITED)]
    assert rows(store, "SELECT article_id, text FROM articles") == [(by_number.article_id, EDITED)]


def test_both_addresses_lead_to_the_united_article(store: Store) -> None:
    """Later visits of either find it, and no key points to what is gone."""
    seen_apart(store)
    take(store, article(at=MORNING + DAY, led_from=OTHER_ADDRESS))
    for url in ("https://wartapesisir.example/?p=4102", ADDRESS):
        assert take(store, article(url, at=MORNING + 2 * DAY)) == Merged(known=1)
    assert rows(store, "SELECT count(*) FROM kept.keys ANTI JOIN kept.articles USING (article_id)") == [(0,)]


def test_copies_of_a_united_article_point_to_the_one_that_stays(store: Store) -> None:
    """A reprint of the text that moves over has its original in the article that is left."""
    by_number = article("https://wartapesisir.example/?p=4102", EDITED)
    take(store, by_number)
    take(store, article(ADDRESS, at=MORNING + HOUR))
    reprint = article(
        "https://kabarteluk.example/dermaga/", REPRINT, source="kabar_teluk", at=MORNING + 2 * HOUR
    )
    take(store, reprint)
    take(store, article(at=MORNING + DAY, led_from=OTHER_ADDRESS))
    story = min(by_number.article_id, reprint.article_id)
    assert set(stories(store).values()) == {(story, None), (story, by_number.article_id)}
    assert rows(store, "SELECT count(*) FROM kept.bands ANTI JOIN kept.articles USING (article_id)") == [(0,)]


def test_articles_are_united_within_one_batch(store: Store) -> None:
    """The same three pages from one segment end the same way."""
    take(
        store,
        article("https://wartapesisir.example/?p=4102"),
        article(ADDRESS, at=MORNING + HOUR),
        article(at=MORNING + DAY, led_from=OTHER_ADDRESS),
    )
    assert versions(store) == [(1, "published", STORY)]
    assert rows(store, "SELECT count(*), count(DISTINCT article_id) FROM kept.versions") == [(1, 1)]


# --- segments, and what did not become an article ------------------------------------------------------


SEGMENT = "warta_pesisir/20241120T010000-0a1b2c3d.warc.gz"


def a_segment() -> Batch:
    """A segment with a new article, an edit, a copy, a refusal and its fetches."""
    return Batch(
        segment=SEGMENT,
        articles=(
            article(segment=SEGMENT),
            article(text=EDITED, at=MORNING + HOUR, segment=SEGMENT),
            article("https://wartapesisir.example/ulang/", EDITED, at=MORNING + HOUR, segment=SEGMENT),
        ),
        rejections=(
            Rejected("https://wartapesisir.example/video/", "warta_pesisir", MORNING, "too_short", "61"),
        ),
        fetches=(
            Fetch(ADDRESS, "warta_pesisir", MORNING, 200, 5_120, "article"),
            Fetch("https://wartapesisir.example/mati/", "warta_pesisir", MORNING, None, None, "failed"),
        ),
    )


def test_a_segment_merged_twice_changes_nothing(store: Store) -> None:
    """Its mark stands in the transaction of its rows, so doing it once more is doing nothing."""
    assert merge(store, a_segment()) == Merged(new=2, edited=1, rejected=1)
    before = everything(store)
    assert merge(store, a_segment()) == Merged()
    assert everything(store) == before
    assert merged_segments(store.connection) == {SEGMENT: None}


def test_a_merge_that_fails_leaves_nothing(store: Store) -> None:
    """Neither rows nor the mark: the segment is merged once what failed is mended."""
    broken = replace(a_segment(), rejections=(Rejected("x", "y", MORNING, "too_short", object()),))  # type: ignore[arg-type]
    before = everything(store)
    with pytest.raises(TypeError):
        merge(store, broken)
    assert everything(store) == before
    assert merge(store, a_segment()) == Merged(new=2, edited=1, rejected=1)


def test_what_did_not_become_an_article_is_a_row(store: Store) -> None:
    """Refusals and fetches can be counted, those without an answer included."""
    merge(store, a_segment())
    assert rows(store, "FROM rejections") == [
        ("https://wartapesisir.example/video/", "warta_pesisir", MORNING, "too_short", "61")
    ]
    assert rows(store, "FROM fetches ORDER BY url") == [
        (ADDRESS, "warta_pesisir", MORNING, 200, 5_120, "article"),
        ("https://wartapesisir.example/mati/", "warta_pesisir", MORNING, None, None, "failed"),
    ]


def test_an_article_found_gone_is_marked_removed(store: Store) -> None:
    """Its text stays; the first of two looks that missed it, a day apart, is when it was removed."""
    take(store, article())
    for days in (3, 2):
        gone = Fetch(ADDRESS, "warta_pesisir", MORNING + days * DAY, 404, 0, "gone")
        merge(store, Batch(fetches=(gone,)))
    assert rows(store, "SELECT removed_at, text FROM articles") == [(MORNING + 2 * DAY, STORY)]


def test_an_article_that_was_seen_since_is_not_removed(store: Store) -> None:
    """A 404 that is older than the latest good answer was a moment's fault, and one answer heals it."""
    take(store, article(at=MORNING + DAY))
    merge(store, Batch(fetches=(Fetch(ADDRESS, "warta_pesisir", MORNING, 404, 0, "gone"),)))
    assert rows(store, "SELECT removed_at FROM articles") == [(None,)]
    merge(store, Batch(fetches=(Fetch(ADDRESS, "warta_pesisir", MORNING + 2 * DAY, 410, 0, "gone"),)))
    take(store, article(at=MORNING + 3 * DAY))
    assert rows(store, "SELECT removed_at FROM articles") == [(None,)]


def test_a_sighting_is_a_good_answer(store: Store) -> None:
    """An article that answered \"not modified\" was there, and is not removed."""
    take(store, article())
    merge(store, Batch(fetches=(Fetch(ADDRESS, "warta_pesisir", MORNING + DAY, 404, 0, "gone"),)))
    merge(store, Batch(sightings=(Sighting(ADDRESS, MORNING + 2 * DAY),)))
    assert rows(store, "SELECT removed_at, last_seen_at, version FROM articles") == [
        (None, MORNING + 2 * DAY, 1)
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(min_size=1),
    title=st.none() | st.text(),
    names=st.lists(st.text(), max_size=3),
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
)
def test_any_text_is_kept_to_the_letter(
    store: Store, text: str, title: str | None, names: list[str], moment: datetime
) -> None:
    """Quotes, newlines, control characters, scripts of the world: what was read is what is stored."""
    wipe(store)
    at = moment.replace(tzinfo=MORNING.tzinfo)
    take(store, replace(article(text=text, title=title, at=at, published=at), authors=tuple(names)))
    assert rows(store, "SELECT text, title, authors, fetched_at, published_at FROM articles") == [
        (text, title, names, at, at)
    ]


# --- copies -------------------------------------------------------------------------------------------


def outlet(number: int, text: str, **more: Any) -> Article:
    return article(f"https://outlet{number}.example/dermaga/", text, source=f"outlet{number}", **more)


def test_two_addresses_of_one_text_are_two_articles(store: Store) -> None:
    """Both stay; the later one points to the earlier, and they share a story."""
    first, second = article(), article("https://wartapesisir.example/dermaga-2/", at=MORNING + HOUR)
    assert take(store, first, second) == Merged(new=2)
    story = min(first.article_id, second.article_id)
    assert stories(store) == {first.url: (story, None), second.url: (story, first.article_id)}
    assert rows(store, "SELECT url FROM unique_articles") == [(first.url,)]


def test_the_original_is_who_published_first(store: Store) -> None:
    """Not who was fetched first; where nobody says when, first sight decides."""
    late = outlet(1, STORY, published=MORNING - HOUR)
    early = outlet(2, REPRINT, published=MORNING - 2 * HOUR, at=MORNING + HOUR)
    undated = outlet(3, STORY, at=MORNING + 2 * HOUR)
    take(store, late, early, undated)
    assert {original for _, original in stories(store).values()} == {None, early.article_id}
    assert stories(store)["https://outlet2.example/dermaga/"][1] is None


def test_first_sight_that_moves_changes_the_original(store: Store) -> None:
    """An older archive that holds the copy of an undated story makes it the original."""
    first, second = outlet(1, STORY), outlet(2, REPRINT, at=MORNING + HOUR)
    take(store, first, second)
    take(store, replace(second, fetched_at=MORNING - DAY))
    assert stories(store)[first.url or ""][1] == second.article_id
    assert stories(store)[second.url or ""][1] is None


def test_daily_templates_are_not_copies(store: Store) -> None:
    """The same sentences around other figures are another day's news."""
    for n in range(4):
        figures = {name: f"1.{4 + n}{n}{i}.{i}00" for i, name in enumerate("abcde")}
        text = PRICES.format(day=f"{n + 11} November 2024", **figures)
        take(store, outlet(n, text, at=MORNING + n * DAY, published=MORNING + n * DAY))
    assert rows(store, "SELECT count(*) FROM unique_articles") == [(4,)]
    assert rows(store, "SELECT count(DISTINCT story_id) FROM articles") == [(4,)]


def test_near_copies_are_looked_for_within_the_window(store: Store) -> None:
    """A text that resembles one of long ago is another story; the very same words are a copy whenever."""
    long_ago = MORNING - WINDOW - 2 * DAY
    take(store, outlet(1, STORY, published=MORNING))
    take(store, outlet(2, REPRINT, published=long_ago))
    assert rows(store, "SELECT count(*) FROM unique_articles") == [(2,)]
    take(store, outlet(3, STORY, published=long_ago - 300 * DAY))
    assert rows(store, "SELECT count(DISTINCT story_id) FROM articles") == [(2,)]


def test_words_alone_make_a_copy_however_figures_are_punctuated(store: Store) -> None:
    """Equal fingerprints are equal texts: 12.500 and 12,500 are one figure in two hands."""
    text = "Harga beras 12.500 rupiah, minyak 18.000 rupiah, gula 17.250 rupiah. " + STORY
    take(store, outlet(1, text), outlet(2, text.replace(".", ","), at=MORNING + HOUR))
    assert rows(store, "SELECT count(*) FROM unique_articles") == [(1,)]


def test_an_edit_can_end_a_copy(store: Store) -> None:
    """A text that is another now leaves its story, and those it held together fall apart."""
    first, second = outlet(1, STORY), outlet(2, REPRINT, at=MORNING + HOUR)
    take(store, first, second)
    take(store, outlet(1, prose(5), at=MORNING + DAY))
    assert all(original is None for _, original in stories(store).values())
    assert rows(store, "SELECT count(DISTINCT story_id) FROM articles") == [(2,)]


@pytest.mark.heavy
def test_the_article_that_stood_for_others_may_leave_them(store: Store) -> None:
    """Many articles of the same words stay one story when the one they are all linked to is edited."""
    same = [outlet(n, STORY, at=MORNING + n * HOUR) for n in range(6)]
    near = outlet(9, REPRINT, at=MORNING + 9 * HOUR)
    for leaves in range(6):
        wipe(store)
        take(store, *same, near)
        take(store, replace(outlet(leaves, prose(5)), fetched_at=MORNING + DAY))
        left = {url: found for url, found in stories(store).items() if url != same[leaves].url}
        assert len({story for story, _ in left.values()}) == 1, f"outlet{leaves} left"
        assert sum(original is None for _, original in left.values()) == 1


def test_those_who_come_to_the_same_words_at_once_join_who_had_them(store: Store) -> None:
    """One merge brings an edit and a new article of words that a third has had for long."""
    had = outlet(4, STORY)
    take(store, had, outlet(1, prose(5), at=MORNING + HOUR))
    take(store, outlet(1, STORY, at=MORNING + 2 * HOUR), outlet(2, STORY, at=MORNING + 3 * HOUR))
    assert len({story for story, _ in stories(store).values()}) == 1
    assert [original for _, original in stories(store).values() if original] == [had.article_id] * 2


@pytest.mark.heavy
def test_a_text_that_is_served_everywhere_costs_little(store: Store) -> None:
    """A thousand pages of one notice are one story, and not half a million pairs."""
    count = 1_000
    take(
        store,
        *(article(f"https://wartapesisir.example/{n}/", at=MORNING + n * HOUR / 60) for n in range(count)),
    )
    assert rows(store, "SELECT count(DISTINCT story_id), count(duplicate_of) FROM articles") == [
        (1, count - 1)
    ]
    [(pairs,)] = rows(store, "SELECT count(*) FROM kept.pairs")
    assert pairs < 2 * count


SCENE = [
    outlet(1, STORY, published=MORNING - 5 * HOUR),
    outlet(2, REPRINT, published=MORNING - 4 * HOUR, at=MORNING + HOUR),
    outlet(3, EDITED, at=MORNING + 2 * HOUR),
    outlet(4, prose(4), published=MORNING - 6 * HOUR, at=MORNING + 3 * HOUR),
]


@pytest.mark.soak
def test_stories_do_not_depend_on_the_order_of_arrival(store: Store) -> None:
    """Whoever is read first, and in however many merges, the same articles are the same stories."""
    take(store, *SCENE)
    expected = stories(store)
    story = min(one.article_id for one in SCENE[:3])
    assert expected[SCENE[0].url or ""] == (story, None)
    assert expected[SCENE[2].url or ""] == (story, SCENE[0].article_id)
    for order in (*permutations(SCENE[:3]), SCENE[::-1]):
        wipe(store)
        for one in order:
            take(store, one)
        take(store, SCENE[3])
        assert stories(store) == expected


# The texts of the next property: two families of copies, one of which hangs together by a bridge only.
_HEAD, _MIDDLE, _TAIL = prose(11, 60), prose(12, 60), prose(13, 19)
FAMILY = {
    "a": f"{_HEAD} {_MIDDLE}",
    "a again": f"{_HEAD} {_MIDDLE}".capitalize(),
    "bridge": f"{_HEAD} {_MIDDLE} {_TAIL}",
    "far": f"{' '.join(_HEAD.split()[17:])} {_MIDDLE} {_TAIL}",
    "b": prose(21),
    "b longer": prose(21) + " " + prose(22, 8),
    "other": prose(31),
}
EVENTS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(sorted(FAMILY)), st.booleans()), min_size=4, max_size=12
)


def test_the_bridge_is_one() -> None:
    """The two ends are copies of the middle and not of each other."""
    assert is_copy(FAMILY["a"], FAMILY["bridge"]) and is_copy(FAMILY["bridge"], FAMILY["far"])
    assert not is_copy(FAMILY["a"], FAMILY["far"])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS)
@pytest.mark.soak
def test_stories_are_the_connected_groups_of_copies(
    store: Store, events: list[tuple[int, str, bool]]
) -> None:
    """After any history of articles and edits, in any batches, comparing all with all says the same."""
    wipe(store)
    newest: dict[str, Article] = {}
    batch: list[Article] = []
    for n, (number, name, ends_batch) in enumerate(events):
        # Outlets with an even number publish so long ago that only equal words make them copies.
        day = date(2024, 11, 20) if number % 2 else date(2023, 11, 20)
        read = replace(outlet(number, FAMILY[name], at=MORNING + n * HOUR), published_on=day)
        batch.append(read)
        before = newest.get(read.article_id)
        if before is None or before.fingerprint != read.fingerprint:
            newest[read.article_id] = read
        if ends_batch:
            take(store, *batch)
            batch.clear()
    take(store, *batch)
    found = {
        i: (story, original)
        for i, story, original in rows(store, "SELECT article_id, story_id, duplicate_of FROM articles")
    }
    assert found == _compared_all_with_all(
        newest, dict(rows(store, "SELECT article_id, first_seen_at FROM articles"))
    )


def _compared_all_with_all(
    newest: dict[str, Article], first_seen: dict[str, datetime]
) -> dict[str, tuple[str, str | None]]:
    """Article → (story, original), told the slow way."""
    groups = [{i} for i in newest]
    for a in newest.values():
        for b in newest.values():
            near = a.published_on == b.published_on and is_copy(a.text, b.text)
            if near or fingerprint(a.text) == fingerprint(b.text):
                joined = {i for group in groups if group & {a.article_id, b.article_id} for i in group}
                groups = [group for group in groups if not group & joined] + [joined]
    told: dict[str, tuple[str, str | None]] = {}
    for group in groups:
        original = min(group, key=lambda i: (first_seen[i], i))
        told |= {i: (min(group), None if i == original else original) for i in group}
    return told
