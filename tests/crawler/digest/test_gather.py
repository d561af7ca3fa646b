"""What is told of a real database: what came since, once each, whenever it was merged; and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crawler.digest.gather import Asked, gather
from crawler.digest.model import ALL, Digest, Item, Outlet, Told, Topic
from crawler.digest.terms import Term
from pipelines.article import Article
from pipelines.names.actors import Actor
from storage.batch import Batch, Fetch
from storage.connection import Store
from storage.data_dir import DataDir
from storage.health import IncidentRow, note_incidents
from storage.merge import merge
from storage.rows import append
from storage.store import open_store
from tests.kit.factories import MORNING, STORY, article, prose, run_row, wipe

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
OUTLETS = tuple(
    Outlet(name, name.replace("_", " ").title(), "Asia/Makassar")
    for name in ("kabar_teluk", "lensa_timur", "warta_pesisir")
)
NENI = Actor("neni", "Neni Moerniaeni", "person", ("Neni",))
HARBOUR = Term("dermaga kayu", (), 2)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(DataDir(tmp_path_factory.mktemp("gather") / "data"), 5) as store:
        yield store


@pytest.fixture
def store(opened: Store) -> Store:
    """An empty store, which knows the outlets."""
    wipe(opened)
    with opened.transaction() as connection:
        for table in ("crawls", "incidents", "published", "sources", "former_copies"):
            connection.execute(f"DELETE FROM kept.{table}")
        append(opened, "sources", [
            {"source": each.source, "title": each.title, "home": f"https://{each.source}.example/", "timezone": each.timezone,
             "platform": "generic", "status": "seed", "enabled": True, "followed": True}
            for each in OUTLETS
        ])  # fmt: skip
    return opened


def asked(**more: Any) -> Asked:
    given: dict[str, Any] = {
        "list_name": "istilah", "outlets": OUTLETS, "actors": (NENI,), "terms": (HARBOUR,),
        "zone": "Asia/Makassar", "first_days": 7,
    }  # fmt: skip
    return Asked(**(given | more))


def told(
    store: Store, mark: Told | None = None, now: datetime = MORNING + DAY, **more: Any
) -> tuple[Digest, Told]:
    return gather(store.connection, asked(**more), mark, now)


def piece(
    name: str, text: str, at: datetime = MORNING, source: str = "warta_pesisir", **more: Any
) -> Article:
    published = more.pop("published", at - HOUR)
    return article(
        f"https://{source.replace('_', '')}.example/{name}/", text, at=at, source=source, published=published,
        title=more.pop("title", f"Judul {name}"), **more,
    )  # fmt: skip


def named(name: str, seed: int = 1, **more: Any) -> Article:
    return piece(
        name, f"{prose(seed)}. Wali kota Neni datang. Ia membuka acara. Kata {prose(seed + 50)}.", **more
    )


def topic(digest: Digest, name: str = "neni") -> Topic:
    return next(each for each in digest.topics if each.topic_id.startswith(name))


def titles(digest: Digest, name: str = "neni") -> list[str | None]:
    return [each.title for each in topic(digest, name).items]


def put(store: Store, *articles: Article, **more: Any) -> None:
    merge(store, Batch(more.pop("segment", None), articles, **more))


# --- what is new --------------------------------------------------------------------------------------


def test_an_article_is_told_once(store: Store) -> None:
    """With its outlet, its time and two sentences around the name; by its text, not by what a name is part of."""
    put(
        store,
        named("satu"),
        piece("dua", f"Nenita pulang. {prose(9)}"),
        piece("tiga", f"Ke Dermaga Kayu. {prose(8)}"),
    )
    digest, mark = told(store)
    (item,) = topic(digest).items
    assert (item.source, item.title, item.url) == (
        "warta_pesisir",
        "Judul satu",
        "https://wartapesisir.example/satu/",
    )
    assert item.excerpt.text == "Wali kota Neni datang. Ia membuka acara."
    assert [item.excerpt.text[begin:end] for begin, end in item.excerpt.names] == ["Neni"]
    assert item.published_at == MORNING - HOUR
    assert (item.is_late, item.removed_at, item.also) == (False, None, ())
    assert titles(digest, "dermaga") == ["Judul tiga"]
    assert (digest.collected, digest.named, digest.is_first) == (3, 2, True)
    again, _ = told(store, mark, MORNING + 2 * DAY)
    assert [each for each in again.topics if not each.is_empty] == []
    assert (again.since, again.until, again.collected) == (digest.until, MORNING + 2 * DAY, 0)


def test_what_reserves_its_use_says_so_or_is_left_out(store: Store) -> None:
    """Heeded, it is counted, and is not told later either; of changes nothing is told."""
    reserved = replace(named("satu"), usage_notice="noai")
    put(store, reserved, named("dua", 2))
    digest, _ = told(store)
    assert {each.title: each.usage_notice for each in topic(digest).items} == {
        "Judul satu": "noai",
        "Judul dua": None,
    }
    assert digest.reserved == 0
    heeding, mark = told(store, heeds_notices=True)
    assert titles(heeding) == ["Judul dua"]
    assert (heeding.reserved, heeding.collected, heeding.named) == (1, 2, 1)
    assert topic(told(store, mark, MORNING + 2 * DAY)[0]).is_empty
    edited = piece("satu", reserved.text.replace("Ia membuka", "Ia menutup"), MORNING + HOUR)
    put(store, replace(edited, usage_notice="noai"))
    assert [each.kind for each in topic(told(store)[0]).changes] == ["edit"]
    assert topic(told(store, heeds_notices=True)[0]).changes == ()


def test_what_is_merged_days_after_its_fetch_is_told_then(store: Store) -> None:
    """It was fetched before the digest before, which could not know of it."""
    put(store, named("satu"))
    _, mark = told(store)
    put(store, named("tertunda", 2, at=MORNING - 2 * DAY))
    digest, mark = told(store, mark, MORNING + 2 * DAY)
    assert titles(digest) == ["Judul tertunda"]
    assert titles(told(store, mark, MORNING + 3 * DAY)[0]) == []


def test_an_article_that_is_read_again_is_no_news(store: Store) -> None:
    """By a look that found it unchanged, or by better rules."""
    put(store, named("satu"))
    _, mark = told(store)
    before: dict[str, Any] = {"published": MORNING - HOUR}
    put(store, named("satu", at=MORNING + DAY, **before))
    put(store, named("satu", 3, at=MORNING + DAY, rules="r2", **before))
    digest, _ = told(store, mark, MORNING + 2 * DAY)
    assert [each for each in digest.topics if not each.is_empty] == []


def test_what_is_found_late_is_told_and_said_to_be_late(store: Store) -> None:
    """New is what came since, not what was published since."""
    put(store, named("satu"))
    _, mark = told(store)
    put(store, named("lama", 2, at=MORNING + 1.5 * DAY, published=MORNING - 300 * DAY))
    (item,) = topic(told(store, mark, MORNING + 2 * DAY)[0]).items
    assert (item.title, item.is_late) == ("Judul lama", True)


def test_a_first_digest_goes_back_some_days_from_the_newest(store: Store) -> None:
    """From midnight in the zone; an archive of years is not told at once."""
    put(store, named("lama", 2, at=MORNING - 30 * DAY), named("satu"))
    digest, mark = told(store, now=MORNING + 90 * DAY)
    assert titles(digest) == ["Judul satu"]
    assert digest.since == datetime(2024, 11, 12, 16, tzinfo=UTC)
    assert titles(told(store, mark, MORNING + 91 * DAY)[0]) == []


def test_an_ad_hoc_question_knows_of_no_mark(store: Store) -> None:
    """What was told is told again."""
    put(store, named("satu"))
    _, mark = told(store)
    digest, _ = told(store, mark, since=date(2024, 11, 20))
    assert titles(digest) == ["Judul satu"]
    assert (digest.is_ad_hoc, digest.is_first) == (True, False)
    assert titles(told(store, mark, since=date(2024, 11, 21))[0]) == []


def test_a_clock_that_stepped_back_takes_nothing_away(store: Store) -> None:
    """A digest of 2030 keeps none of today from being told, and what it told is not told again."""
    put(store, named("satu"))
    digest, mark = told(store, now=datetime(2030, 1, 1, tzinfo=UTC))
    assert titles(digest) == ["Judul satu"]
    put(store, named("dua", 2, at=MORNING + DAY))
    digest, mark = told(store, mark, MORNING + 2 * DAY)
    assert titles(digest) == ["Judul dua"]
    assert digest.clock_stepped_back
    assert digest.since < digest.until == MORNING + 2 * DAY
    put(store, named("tiga", 3, at=MORNING + 2.5 * DAY))
    digest, _ = told(store, mark, MORNING + 3 * DAY)
    assert titles(digest) == ["Judul tiga"]
    assert not digest.clock_stepped_back


def test_without_names_everything_is_told(store: Store) -> None:
    """The beginning of each article; and the digest says why."""
    put(store, piece("satu", f"Pagi cerah. Hujan turun. Kata {prose(1)}"))
    digest, _ = told(store, actors=(), terms=())
    (only,) = digest.topics
    assert (only.topic_id, digest.has_names) == (ALL, False)
    assert [each.excerpt.text for each in only.items] == ["Pagi cerah. Hujan turun."]


def test_outlets_that_are_not_followed_are_counted_alone(store: Store) -> None:
    """A digest speaks of what is followed, and says what it leaves out."""
    put(store, named("satu"), named("lain", 2, source="radar_hulu"))
    digest, _ = told(store)
    assert titles(digest) == ["Judul satu"]
    assert (digest.collected, digest.elsewhere) == (1, 1)


# --- copies ---------------------------------------------------------------------------------------------


def copies(store: Store) -> None:
    for hours, source in enumerate(("warta_pesisir", "kabar_teluk", "lensa_timur", "radar_hulu")):
        put(
            store,
            piece(
                "dermaga", STORY, source=source, published=MORNING + hours * HOUR, at=MORNING + hours * HOUR
            ),
        )


def test_copies_are_folded_into_their_original(store: Store) -> None:
    """The outlets that are followed are named, each once."""
    copies(store)
    (item,) = topic(told(store)[0], "dermaga").items
    assert (item.source, item.copy_of, item.also) == ("warta_pesisir", None, ("kabar_teluk", "lensa_timur"))


def test_a_copy_of_what_was_told_says_whose_it_is(store: Store) -> None:
    """It is news that another outlet has it now."""
    put(store, piece("dermaga", STORY, published=MORNING))
    _, mark = told(store)
    put(store, piece("dermaga", STORY, source="kabar_teluk", published=MORNING + DAY, at=MORNING + 1.2 * DAY))
    (item,) = topic(told(store, mark, MORNING + 2 * DAY)[0], "dermaga").items
    assert (item.source, item.copy_of, item.also) == ("kabar_teluk", "warta_pesisir", ())


def test_a_copy_of_an_outlet_that_is_not_followed_stands_alone(store: Store) -> None:
    """A digest does not speak of it."""
    put(store, piece("dermaga", STORY, source="radar_hulu", published=MORNING))
    put(store, piece("dermaga", STORY, published=MORNING + HOUR, at=MORNING + 2 * HOUR))
    (item,) = topic(told(store)[0], "dermaga").items
    assert (item.source, item.copy_of, item.also) == ("warta_pesisir", None, ())


# --- what was done to articles --------------------------------------------------------------------------


def test_an_edit_is_told_with_what_changed(store: Store) -> None:
    """Once; also where it took the name away."""
    put(store, named("satu"), named("dua", 2))
    _, mark = told(store)
    later = MORNING + 1.5 * DAY
    put(
        store,
        replace(
            named("satu", at=later), text=named("satu").text.replace("membuka", "menutup"), fingerprint="f1"
        ),
    )
    put(
        store,
        replace(
            named("dua", 2, at=later), text=named("dua", 2).text.replace("Neni", "Basri"), fingerprint="f2"
        ),
    )
    digest, mark = told(store, mark, MORNING + 2 * DAY)
    assert topic(digest).items == ()
    shown = {each.title: [part.marked for part in each.pieces] for each in topic(digest).changes}
    assert shown.keys() == {"Judul satu", "Judul dua"}
    assert "[-membuka-] [+menutup+]" in shown["Judul satu"][0]
    assert "[-Neni-] [+Basri+]" in shown["Judul dua"][0]
    assert {each.kind for each in topic(digest).changes} == {"edit"}
    assert topic(told(store, mark, MORNING + 3 * DAY)[0]).is_empty


def missed(days: float, name: str = "satu") -> Batch:
    at = MORNING + days * DAY
    return Batch(f"warta_pesisir/{name}{days}.warc.gz", fetches=(Fetch(f"https://wartapesisir.example/{name}/", "warta_pesisir", at, 404, 9, "gone"),))  # fmt: skip


def test_a_removal_is_told_when_it_is_known(store: Store) -> None:
    """Which is a day after the look that it is dated by; its text is told no more, and its return is told, too."""
    put(store, named("satu"), segment="warta_pesisir/0.warc.gz")
    merge(store, missed(1))
    _, mark = told(store, now=MORNING + 2 * DAY)
    merge(store, missed(2.5))
    digest, mark = told(store, mark, MORNING + 3 * DAY)
    (gone,) = topic(digest).changes
    assert (gone.kind, gone.title, gone.at) == ("gone", "Judul satu", MORNING + DAY)
    ad_hoc, _ = told(store, now=MORNING + 3 * DAY, since=date(2024, 11, 20))
    (item,) = topic(ad_hoc).items
    assert (item.removed_at, item.excerpt.text) == (MORNING + DAY, "")
    put(
        store,
        named("satu", at=MORNING + 4 * DAY, published=MORNING - HOUR),
        segment="warta_pesisir/4.warc.gz",
    )
    digest, mark = told(store, mark, MORNING + 5 * DAY)
    assert [(each.kind, each.at) for each in topic(digest).changes] == [("back", MORNING + 4 * DAY)]
    assert topic(told(store, mark, MORNING + 6 * DAY)[0]).is_empty


def test_a_copy_of_what_was_withdrawn_is_told_once_and_then_counted(store: Store) -> None:
    """It stands still: so says each digest after it."""
    put(store, piece("satu", STORY, published=MORNING - HOUR), segment="warta_pesisir/0.warc.gz")
    put(store, piece("salinan", STORY, source="kabar_teluk", published=MORNING + HOUR, at=MORNING + 2 * HOUR))
    merge(store, missed(1))
    _, mark = told(store, now=MORNING + 2 * DAY)
    merge(store, missed(2.5))
    digest, mark = told(store, mark, MORNING + 3 * DAY)
    (carried,) = topic(digest, "dermaga").uncorrected
    assert (carried.source, carried.original_source) == ("kabar_teluk", "warta_pesisir")
    assert digest.standing_uncorrected == 0
    digest, _ = told(store, mark, MORNING + 4 * DAY)
    assert topic(digest, "dermaga").uncorrected == ()
    assert digest.standing_uncorrected == 1


# --- what was not collected ------------------------------------------------------------------------------


def run(source: str, first: date, last: date) -> dict[str, object]:
    return run_row(first, last) | {"source": source, "crawl_id": f"{source} {first}"}


def test_holes_are_told_outlet_by_outlet(store: Store) -> None:
    """Never looked at, not looked at on a day, silent, and fewer than the outlet lists: each is another thing."""
    put(store, named("satu", at=MORNING, published=MORNING))
    with store.transaction():
        append(store, "crawls", [
            run("warta_pesisir", date(2024, 11, 13), date(2024, 11, 19)),
            run("kabar_teluk", date(2024, 11, 13), date(2024, 11, 21)),
            run("warta_pesisir", date(2024, 11, 20), date(2024, 11, 20)),
        ])  # fmt: skip
        append(store, "published", [
            {"source": "warta_pesisir", "day": date(2024, 11, 20), "published": 5, "entry": "rest", "told_at": MORNING}
        ])  # fmt: skip
        note_incidents(
            store,
            [
                IncidentRow("kabar_teluk", "silent", MORNING, None, "x"),
                IncidentRow("radar_hulu", "silent", MORNING, None, "x"),
            ],
        )
    digest, _ = told(store)
    holes = {each.source: each for each in digest.holes}
    assert holes["lensa_timur"].last_look is None
    assert holes["kabar_teluk"].is_silent
    assert (holes["kabar_teluk"].unseen, holes["kabar_teluk"].gaps) == ((), ())
    assert holes["warta_pesisir"].unseen == (date(2024, 11, 21),)
    assert [(each.day, each.stored, each.published) for each in holes["warta_pesisir"].gaps] == [
        (date(2024, 11, 20), 1, 5)
    ]
    assert [(each.source, each.kind) for each in digest.troubles] == [("kabar_teluk", "silent")]


def test_an_empty_database_has_holes_alone(store: Store) -> None:
    """And the next digest begins where it ended."""
    digest, mark = told(store)
    assert all(each.is_empty for each in digest.topics)
    assert {each.source for each in digest.holes} == {each.source for each in OUTLETS}
    put(store, named("satu", at=MORNING + 1.5 * DAY))
    assert titles(told(store, mark, MORNING + 2 * DAY)[0]) == ["Judul satu"]


def test_the_newest_of_an_outlet_comes_first(store: Store) -> None:
    """And outlets stand by their names."""
    put(store, named("satu", 1, published=MORNING - 3 * HOUR), named("dua", 2, published=MORNING - HOUR),
        named("tiga", 3, source="kabar_teluk", published=MORNING - 9 * HOUR))  # fmt: skip
    items: tuple[Item, ...] = topic(told(store)[0]).items
    assert [each.title for each in items] == ["Judul tiga", "Judul dua", "Judul satu"]


def test_a_morning_without_an_article_is_no_silence(store: Store) -> None:
    """Where the day before had one; a digest that is made twice a day would call every second outlet silent."""
    put(store, named("satu", at=MORNING, published=MORNING))
    with store.transaction():
        append(store, "crawls", [run("warta_pesisir", date(2024, 11, 13), date(2024, 11, 21)),
                                 run("kabar_teluk", date(2024, 11, 13), date(2024, 11, 21))])  # fmt: skip
    _, mark = told(store, now=MORNING + DAY)
    holes = {each.source: each for each in told(store, mark, MORNING + DAY + HOUR)[0].holes}
    assert "warta_pesisir" not in holes
    assert holes["kabar_teluk"].is_silent
