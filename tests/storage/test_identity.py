"""Whose a reading is: the address is the name, and no mark that articles share outweighs their texts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.article import Article
from pipelines.dedupe import led_key, link_key
from storage.batch import Batch, Merged
from storage.connection import Store
from storage.merge import merge
from tests.kit.factories import MORNING, STORY, article, orders, prose, wipe

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOME = "https://wartapesisir.example"
EDITED = f"{STORY}\nPengerjaan dipercepat."


def take(store: Store, *articles: Article) -> Merged:
    return merge(store, Batch(articles=articles))


def rows(store: Store, sql: str, *values: object) -> list[tuple[Any, ...]]:
    return store.connection.execute(sql, values).fetchall()


def held(store: Store) -> list[tuple[str | None, int]]:
    """(Address, versions) of every article, by address."""
    return rows(store, "SELECT url, version FROM articles ORDER BY url NULLS FIRST")


def texts(store: Store) -> set[str]:
    return {text for (text,) in rows(store, "SELECT DISTINCT text FROM article_versions")}


def at(slug: str) -> str:
    return f"{HOME}/{slug}/"


# --- marks that a template, a plugin or a restored backup gives to many -----------------------------------


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ({"claims": [at("berita")]}, "the address wartapesisir.example/berita"),
        ({"claims": [at("satu-1")]}, "the address wartapesisir.example/satu-1"),
        ({"claims": [f"{HOME}/"]}, "the address wartapesisir.example"),
        ({"numbers": ["7"]}, "the number 7 of wartapesisir.example"),
        ({"numbers": ["0"]}, "the number 0 of wartapesisir.example"),
    ],
)
def test_a_mark_that_all_articles_print_joins_none(store: Store, marks: dict[str, Any], told: str) -> None:
    """Each is known by the address that served it, and the mark is told of once."""
    first = [article(at(f"satu-{n}"), prose(n), **marks) for n in range(5)]
    merged = take(store, *first)
    assert (merged.new, merged.edited) == (5, 0)
    assert told in (merged.fault or "")
    assert held(store) == [(at(f"satu-{n}"), 1) for n in range(5)]
    later = [article(at(f"dua-{n}"), prose(50 + n), at=MORNING + DAY, **marks) for n in range(5)]
    again = take(store, *later)
    assert (again.new, again.fault) == (5, None), "named once"
    assert take(store, *first, *later) == Merged(known=10)
    assert len(held(store)) == 10


def test_a_mark_found_out_late_gives_the_first_its_address_back(store: Store) -> None:
    """One article alone is believed; once others claim its address too, it shows the one that served it."""
    take(store, article(at("satu"), prose(1), claims=[at("berita")]))
    assert held(store) == [(at("berita"), 1)]
    take(store, *(article(at(f"dua-{n}"), prose(n), claims=[at("berita")], at=MORNING + DAY) for n in (2, 3)))
    assert [url for url, _ in held(store)] == [at("dua-2"), at("dua-3"), f"{HOME}/satu"]


def test_an_address_that_is_anothers_is_given_back(store: Store) -> None:
    """What an article said of itself gives way to the article that the address really serves."""
    take(store, article(at("satu"), prose(1), claims=[at("dua")]))
    take(store, article(at("dua"), prose(2), at=MORNING + DAY))
    assert held(store) == [(at("dua"), 1), (f"{HOME}/satu", 1)]


def test_numbers_shifted_by_one_change_nothing(store: Store) -> None:
    """A restored backup gives every number to the next post: the same articles, without a false version."""
    take(store, *(article(at(f"a{n}"), prose(n), numbers=[str(n)]) for n in range(10)))
    restored = [article(at(f"a{n}"), prose(n), numbers=[str(n + 1)], at=MORNING + DAY) for n in range(10)]
    assert take(store, *restored) == Merged(known=10)
    assert held(store) == [(at(f"a{n}"), 1) for n in range(10)]


def test_a_number_is_its_hosts(store: Store) -> None:
    """A second host of one source counts for itself, even where the words resemble each other."""
    other = "https://bola.wartapesisir.example/dermaga/"
    take(
        store, article(at("dermaga"), numbers=["7"]), article(other, EDITED, numbers=["7"], at=MORNING + HOUR)
    )
    assert len(held(store)) == 2


def test_posts_that_give_one_link_are_known_by_their_numbers(store: Store) -> None:
    """Found out in one answer, it holds for an answer with one post alone, and for an edit of it."""
    posts = [
        replace(
            article(f"{HOME}/?p={n}", prose(n), numbers=[str(n)], document="rest"),
            keys=(f"url:wartapesisir.example/?p={n}", f"id:wartapesisir.example:{n}", link_key(at("berita"))),
        )
        for n in (1, 2)
    ]
    assert "the address wartapesisir.example/berita" in (take(store, *posts).fault or "")
    alone = article(at("berita"), prose(3), numbers=["3"], document="rest", at=MORNING + DAY)
    take(store, alone)
    edit = article(at("berita"), f"{prose(1)} Selesai.", numbers=["1"], document="rest", at=MORNING + 2 * DAY)
    assert take(store, edit) == Merged(edited=1)
    assert held(store) == [(f"{HOME}/?p=1", 2), (f"{HOME}/?p=2", 1), (f"{HOME}/?p=3", 1)]


# --- addresses that change --------------------------------------------------------------------------------


def test_permalinks_changed_for_the_whole_site_move_the_articles(store: Store) -> None:
    """Where the old addresses answer 404, number and text tell; the ids stay."""
    take(store, *(article(at(f"?p={n}"), prose(n), numbers=[str(n)]) for n in range(5)))
    before = rows(store, "SELECT article_id FROM articles ORDER BY 1")
    new = [article(at(f"{n}-dermaga"), prose(n), numbers=[str(n)], at=MORNING + DAY) for n in range(5)]
    assert take(store, *new) == Merged(known=5)
    assert rows(store, "SELECT article_id FROM articles ORDER BY 1") == before
    assert [url for url, _ in held(store)] == [at(f"{n}-dermaga") for n in range(5)]


@pytest.mark.parametrize("order", orders(3))
def test_a_redirect_moves_an_article_whatever_became_of_its_text(
    store: Store, order: tuple[int, ...]
) -> None:
    """The old address leads to one that nobody has: that is where it is now, in whatever order that is learnt."""
    told = (
        article(at("lama"), prose(1)),
        article(at("baru"), prose(2), led_from=at("lama"), at=MORNING + DAY),
        article(at("baru"), prose(2), led_from=at("lama"), at=MORNING + 2 * DAY),
    )
    for n in order:
        take(store, told[n])
    assert held(store) == [(at("baru"), 2)]
    assert rows(store, "SELECT text FROM article_versions ORDER BY version") == [(prose(1),), (prose(2),)]
    take(store, *told)
    assert held(store) == [(at("baru"), 2)]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (1, 0, 2)])
def test_a_redirect_to_anothers_article_joins_nothing(store: Store, order: tuple[int, ...]) -> None:
    """WordPress guesses where a withdrawn story may have gone: both stay what they are."""
    told = (
        article(at("banjir"), prose(1)),
        article(at("banjir-lagi"), prose(2)),
        article(at("banjir-lagi"), prose(2), led_from=at("banjir"), at=MORNING + DAY),
    )
    for n in order:
        take(store, told[n])
    assert held(store) == [(at("banjir-lagi"), 1), (at("banjir"), 1)]


@pytest.mark.parametrize("is_late", [False, True])
def test_a_page_that_stands_in_for_many_takes_none_over(store: Store, is_late: bool) -> None:
    """A night of maintenance leads every address to one notice, which is nobody's new address."""
    told = tuple(article(at(f"a{n}"), prose(n)) for n in range(3))
    night = MORNING + DAY
    led = tuple(article(at("pemeliharaan"), prose(9), led_from=at(f"a{n}"), at=night) for n in range(3))
    for batch in (led, told) if is_late else (told, led):
        take(store, *batch)
    assert held(store) == [*((at(f"a{n}"), 1) for n in range(3)), (at("pemeliharaan"), 1)]


def test_an_address_that_redirected_once_may_serve_another_story(store: Store) -> None:
    """It led to an article, and is none of its names."""
    take(store, article(at("a"), prose(1), led_from=at("sementara")))
    take(store, article(at("sementara"), prose(2), at=MORNING + DAY))
    assert held(store) == [(at("a"), 1), (at("sementara"), 1)]


def test_an_article_renamed_and_rewritten_without_a_redirect_is_two(store: Store) -> None:
    """Nothing but a number speaks for it, and numbers have been wrong."""
    take(store, article(at("lama"), prose(1), numbers=["7"]))
    assert take(store, article(at("baru"), prose(2), numbers=["7"], at=MORNING + DAY)) == Merged(new=1)


def test_one_template_text_is_an_edit_at_its_address_and_another_article_elsewhere(store: Store) -> None:
    """Daily prices under one address and number follow each other; under others they are other stories."""
    told = "Harga emas hari ini Rp{} per gram, harga beli kembali Rp{} per gram. " + STORY
    take(store, article(at("emas"), told.format("1.400", "1.250"), numbers=["7"]))
    next_day = told.format("1.431", "1.278")
    assert take(store, article(at("emas"), next_day, numbers=["7"], at=MORNING + DAY)) == Merged(edited=1)
    elsewhere = article(at("emas-2"), told.format("1.502", "1.333"), numbers=["7"], at=MORNING + 2 * DAY)
    assert take(store, elsewhere) == Merged(new=1)


@pytest.mark.parametrize("order", orders(3))
def test_twins_are_one_article_in_whatever_order(store: Store, order: tuple[int, ...]) -> None:
    """A page, its AMP twin under an address of its own that names it, and the same by its number."""
    twins = (
        article(at("dermaga"), numbers=["7"]),
        article(f"{HOME}/dermaga.amp.html", EDITED, claims=[at("dermaga")], at=MORNING + HOUR),
        article(f"{HOME}/?p=7", STORY, numbers=["7"], claims=[at("dermaga")], at=MORNING + 2 * HOUR),
    )
    for n in order:
        take(store, twins[n])
    assert [url for url, _ in held(store)] == [at("dermaga")]
    assert texts(store) == {STORY, EDITED}


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_a_page_that_names_its_twin_is_one_with_it(store: Store, order: tuple[int, ...]) -> None:
    """By `amphtml` alone, where the twin names nobody; of unlike texts they stay two."""
    page = article(at("dermaga"), claims=[at("dermaga"), f"{HOME}/dermaga.amp.html"])
    twins = (page, article(f"{HOME}/dermaga.amp.html", EDITED, at=MORNING - HOUR))
    for n in order:
        take(store, twins[n])
    assert rows(store, "SELECT count(*), max(version) FROM articles") == [(1, 2)]
    take(store, article(at("pasar"), prose(1), claims=[at("pasar"), at("pelabuhan")]))
    take(store, article(at("pelabuhan"), prose(2)))
    assert rows(store, "SELECT count(*) FROM articles") == [(3,)]


# --- what nobody has served -------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [prose(1), EDITED])
def test_a_file_that_claims_an_article_is_not_of_it(store: Store, text: str) -> None:
    """Neither another text nor a likeness of its own makes a version of what an outlet served."""
    take(store, article(at("dermaga")))
    forged = article(None, text, source="unknown", claims=[at("dermaga")], at=MORNING + DAY)
    assert take(store, forged).new == 1
    assert rows(store, "SELECT source, url, version FROM articles ORDER BY source DESC") == [
        ("warta_pesisir", at("dermaga"), 1),
        ("unknown", None, 1),
    ]


def test_a_saved_page_is_the_article_that_it_repeats_to_the_word(store: Store) -> None:
    """And it changes nothing of it: neither when it was seen last nor whether it was removed."""
    take(store, article(at("dermaga")))
    before = rows(store, "SELECT * FROM kept.articles")
    saved = article(None, source="unknown", claims=[at("dermaga")], at=MORNING + DAY)
    assert take(store, saved) == Merged(known=1)
    assert rows(store, "SELECT * FROM kept.articles") == before


def test_an_id_that_was_anothers_first_name_is_not_given_twice(store: Store) -> None:
    """Older stores named articles by what they claimed: the address's own article gets an id of its own."""
    take(store, article(at("dua"), prose(1)))
    store.connection.execute(
        "UPDATE kept.keys SET key = 'url:wartapesisir.example/satu' WHERE key LIKE 'url:%'"
    )
    take(store, article(at("dua"), prose(2), at=MORNING + DAY))
    assert rows(store, "SELECT count(DISTINCT article_id), count(*) FROM articles") == [(2, 2)]


# --- any outlet with any faults -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """One reading of one article of an invented outlet; `story` is what was published."""

    story: int
    edition: int
    renames: int
    canonical: str
    number: str
    twin: str
    led: bool

    @property
    def text(self) -> str:
        return " ".join([prose(self.story), *(f"Tambahan {prose(900 + n, 3)}." for n in range(self.edition))])

    def read(self, hour: int) -> Article:
        """The reading, at that hour."""
        slug = f"berita-{self.story}-{self.renames}"
        served = {
            "own": at(slug),
            "amp": f"{HOME}/amp/{slug}/",
            "mobile": f"https://m.wartapesisir.example/{slug}",
            "odd": f"{HOME}/{slug}.amp.html",
        }[self.twin]
        claim = {
            "none": [],
            "own": [at(slug)],
            "constant": [at("berita")],
            "front": [f"{HOME}/"],
            "another's": [at(f"berita-{(self.story + 1) % 5}-0")],
        }[self.canonical]
        number = {"none": [], "own": [self.story], "constant": [7], "shifted": [(self.story + hour) % 5]}[
            self.number
        ]
        return article(
            served,
            self.text,
            claims=claim,
            numbers=[str(each) for each in number],
            led_from=at(f"berita-{self.story}-0") if self.led and self.renames else None,
            at=MORNING + hour * HOUR,
        )


TOLD = st.builds(
    Told,
    story=st.integers(0, 4),
    edition=st.integers(0, 2),
    renames=st.integers(0, 1),
    canonical=st.sampled_from(["none", "own", "constant", "front", "another's"]),
    number=st.sampled_from(["none", "own", "constant", "shifted"]),
    twin=st.sampled_from(["own", "amp", "mobile", "odd"]),
    led=st.booleans(),
)


OUTLETS = {"told": st.lists(TOLD, min_size=2, max_size=14), "size": st.integers(1, 6), "turn": st.randoms()}
ONE_STORE = [HealthCheck.function_scoped_fixture]


@pytest.mark.heavy
@settings(max_examples=12, deadline=None, suppress_health_check=ONE_STORE)
@given(**OUTLETS)
def test_what_is_published_is_what_is_stored(store: Store, told: list[Told], size: int, turn: Random) -> None:
    """Whatever a template prints, in whatever batches and order, twice: no text is lost, no two stories meet."""
    hold(store, told, size, turn)


@settings(max_examples=200, deadline=None, suppress_health_check=ONE_STORE)
@given(**OUTLETS)
@pytest.mark.soak
def test_what_many_publish_is_what_is_stored(store: Store, told: list[Told], size: int, turn: Random) -> None:
    """The same for many more outlets."""
    hold(store, told, size, turn)


def hold(store: Store, told: list[Told], size: int, turn: Random) -> None:
    """Merge what an outlet told, and hold what is stored against what it published."""
    wipe(store)
    readings = [each.read(hour) for hour, each in enumerate(told)]
    batches = [readings[first : first + size] for first in range(0, len(readings), size)]
    turn.shuffle(batches)
    for batch in (*batches, readings):
        take(store, *batch)
    assert texts(store) == {each.text for each in told}
    story_of = {each.text: each.story for each in told}
    found: dict[str, set[int]] = {}
    for article_id, text in rows(store, "SELECT article_id, text FROM article_versions"):
        found.setdefault(article_id, set()).add(story_of[text])
    assert all(len(stories) == 1 for stories in found.values())
    assert rows(store, "SELECT count(*), count(DISTINCT url) FROM articles") == [(len(found), len(found))]


def test_a_redirect_is_a_witness_of_its_own(store: Store) -> None:
    """What led to an article is kept, so that the address is known again."""
    take(store, article(at("baru"), led_from=at("lama")))
    assert rows(store, "SELECT key FROM kept.claims") == [(led_key(at("lama")),)]
