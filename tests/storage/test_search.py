"""The search: what is found, in which order, and how the index follows what the record holds."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.article import Article
from storage import indexes
from storage.batch import Batch
from storage.connection import Store
from storage.data_dir import DataDir
from storage.merge import merge
from storage.publish import open_published
from storage.search import index
from storage.search.ask import Bounds, forms, search
from storage.search.question import cases_of
from storage.store import open_store
from tests.kit.factories import MORNING, STORY, article, prose
from tests.kit.shell import duckdb_prints

DAY = timedelta(days=1)

TEXTS = {
    "buruh": ("Partai Buruh Minta Dukungan", "Partai itu mendukung upah layak. Warga dan buruh hadir, kata Said Iqbal."),
    "pasar": ("Pasar Malam Dibuka", "Barang bekas dijual di pasar. Pendukung partai datang ke Bekasi dan kota Penajam."),
    "rudy": ("Gubernur Rudy Mas’ud Tinjau Jalan", "Rudy Mas’ud meninjau jalan di Berau. Harga aspal naik menjadi Rp1.250 per kilogram."),
    "kafe": ("Kafe di Kulonprogo", "Sebuah café baru dibuka pekan ini oleh warga, dan didukung dinas."),
    "naskah": ("Naskah Lama", "Perpustakaan merawat naskah yang rusak. Menteri hadir bersama pejabat Kementerian Kebudayaan."),
}  # fmt: skip


def of(name: str, **more: Any) -> Article:
    """The article of that name."""
    title, text = TEXTS[name]
    at = MORNING + list(TEXTS).index(name) * DAY
    values: dict[str, Any] = {"title": title, "at": at, "published": at} | more
    return article(f"https://wartapesisir.example/{name}/", values.pop("text", text), **values)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """Five articles, published."""
    data_dir = DataDir(tmp_path_factory.mktemp("search") / "data")
    with open_store(data_dir, wait_s=5) as store:
        merge(store, Batch(articles=tuple(of(name) for name in TEXTS)))
    return data_dir


@pytest.fixture(scope="module")
def copy(filled: DataDir) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(filled) as opened:
        yield opened


def names(connection: duckdb.DuckDBPyConnection, words: object) -> list[str]:
    """What the macro finds, by the last part of the address, in its order."""
    found = connection.execute("SELECT url FROM search_articles(?)", [words]).fetchall()
    return [url.split("/")[-2] for (url,) in found]


# --- what is found ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("buruh", {"buruh"}),
        ("PARTAI", {"buruh", "pasar"}),
        ("partai bekasi", {"pasar"}),
        ("partai gubernur", set()),
        ("dukungan", {"buruh", "pasar", "kafe"}),  # mendukung, pendukung, didukung
        ("didukungnya", {"buruh", "pasar", "kafe"}),  # a form that no article has
        ("perawatan", {"naskah"}),
        ("kerusakan", {"naskah"}),
        ("perbukaan", {"pasar", "kafe"}),
        ("menteri", {"naskah"}),
        ("budaya", {"naskah"}),  # within a name, but between ke- and -an
        ("bekas", {"pasar"}),
        ("rau", set()),
        ("najam", set()),
        ("berau", {"rudy"}),
        ("cafe", {"kafe"}),
        ("CAFÉ", {"kafe"}),
        ("1.250", {"rudy"}),
        ("rp1.250", {"rudy"}),
        ("kulon progo", {"kafe"}),
        ("Rudy Mas'ud", {"rudy"}),
        ("rudy mas’ud", {"rudy"}),
        ("Rudy  Mas‘ud!", {"rudy"}),
        ("rudy masud", {"rudy"}),
        ("rudy mas ud", {"rudy"}),
        ("partai partai", {"buruh", "pasar"}),
        ("yang-merawat/naskah", {"naskah"}),
    ],
)
def test_all_words_occur_in_any_form(copy: duckdb.DuckDBPyConnection, words: str, expected: set[str]) -> None:
    """Case, accents, quotes and spacing fold; a word finds its family, a name itself alone."""
    assert set(names(copy, words)) == expected


@pytest.mark.parametrize(
    "words", ["", "  ", "!?", "'", "'; DROP TABLE x; --", "%", "_", "\\", '"', None, "\x00", "💡"]
)
def test_what_says_no_word_finds_nothing(copy: duckdb.DuckDBPyConnection, words: str | None) -> None:
    """Whatever stands in the parameter, it is no SQL and no pattern."""
    assert names(copy, words) == []


def test_a_name_that_no_article_has_finds_nothing(store: Store) -> None:
    """Its letters without an ending are another word."""
    merge(store, Batch(articles=(article(text="Barang bekas dijual murah di pasar pagi."),)))
    assert names(store.connection, "bekasi") == []
    assert len(names(store.connection, "bekasnya")) == 1


def test_a_long_question_is_answered(copy: duckdb.DuckDBPyConnection) -> None:
    """A whole paragraph pasted in is a question, too."""
    assert names(copy, TEXTS["rudy"][1]) == ["rudy"]
    assert names(copy, " ".join(["partai"] * 500)) != []


# --- in which order -----------------------------------------------------------------------------------


def test_the_very_word_comes_before_its_family(store: Store) -> None:
    """And both are found."""
    for number, word in enumerate(("mendukung", "dukungan", "pendukung")):
        text = f"Pada rapat kemarin {word} calon itu disebut oleh warga kampung."
        merge(
            store,
            Batch(articles=(article(f"https://a.example/{word}/", text, title=None, numbers=[str(number)]),)),
        )
    for word in ("mendukung", "dukungan", "pendukung"):
        found = names(store.connection, word)
        assert found[0] == word and len(found) == 3


def test_a_word_of_the_title_weighs_more(store: Store) -> None:
    """Than one of the text, in texts of one length."""
    inside, above = "Banjir datang lagi pada malam hari.", "Hujan datang lagi pada malam hari."
    merge(store, Batch(articles=(
        article("https://a.example/inside/", inside, title="Kabar Malam Ini"),
        article("https://a.example/above/", above, title="Banjir Malam Ini"),
    )))  # fmt: skip
    assert names(store.connection, "banjir") == ["above", "inside"]


def test_equals_come_newest_first(store: Store) -> None:
    """So an answer has one order."""
    merge(store, Batch(articles=tuple(
        article(f"https://a.example/{n}/", f"Banjir surut {n}.", title=f"Nomor {n}", at=MORNING + n * DAY, published=MORNING + n * DAY)
        for n in range(4)
    )))  # fmt: skip
    assert names(store.connection, "banjir") == ["3", "2", "1", "0"]
    best = store.connection.execute("SELECT url FROM search_articles('banjir', best := 2)").fetchall()
    assert [url.split("/")[-2] for (url,) in best] == ["3", "2"]


def test_the_best_are_those_that_come_first(copy: duckdb.DuckDBPyConnection) -> None:
    """However many are asked for, and by a parameter."""
    every = copy.execute("FROM search_articles('dukungan')").fetchall()
    for number in (1, 2, 3, 9):
        assert (
            copy.execute("FROM search_articles(?, best := ?)", ["dukungan", number]).fetchall()
            == every[:number]
        )


def test_who_counts_waits_for_no_snippet(filled: DataDir) -> None:
    """In either DuckDB, no text is searched for where its words stand."""
    question = "EXPLAIN (FORMAT json) SELECT count(*) FROM search_articles('dukungan')"
    with open_published(filled) as opened:
        plans = [str(opened.execute(question).fetchall())]
    plans.append(duckdb_prints("-readonly", filled.published, sql=question))
    assert all("search_postings" in plan and "snippet" not in plan for plan in plans)


def test_a_snippet_shows_the_word_on_one_line(store: Store) -> None:
    """Some two hundred characters around it, whole words, from wherever in the text it stands."""
    text = "\n".join([prose(1, 150), "Di sanalah lumba-lumba berenang.", prose(2, 150)])
    merge(store, Batch(articles=(article(text=text),)))
    [(snippet,)] = store.connection.execute("SELECT snippet FROM search_articles('lumba')").fetchall()
    assert "sanalah lumba-lumba berenang." in snippet and "\n" not in snippet
    assert snippet.startswith("… ") and snippet.endswith("…") and 150 < len(snippet) < 210
    words = snippet.strip("… ").split()
    assert set(words[:-1]) <= set(text.split())


# --- how the index follows ----------------------------------------------------------------------------


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """What the index holds, without the numbers that it gives."""
    ask = store.connection.execute
    return {
        "words": ask("SELECT word, stem, is_lower, is_name FROM kept.search_words ORDER BY 1").fetchall(),
        "documents": ask(
            "SELECT article_id, text_words, title_words FROM kept.search_documents ORDER BY 1"
        ).fetchall(),
        "postings": ask(
            "SELECT d.article_id, w.word, p.in_text, p.in_title"
            " FROM (FROM kept.search_postings UNION ALL FROM kept.search_recent) p"
            " LEFT JOIN kept.search_words w USING (word_id) LEFT JOIN kept.search_documents d USING (document) ORDER BY ALL"
        ).fetchall(),
    }


def test_an_edited_article_is_found_by_its_new_words_alone(store: Store) -> None:
    """The newest version is what is asked."""
    merge(store, Batch(articles=(of("buruh"),)))
    merge(
        store,
        Batch(articles=(of("buruh", at=MORNING + DAY, text="Partai itu menolak upah murah, kata warga."),)),
    )
    assert names(store.connection, "tolak") == ["buruh"]
    assert names(store.connection, "layak") == []
    assert names(store.connection, "buruh") == ["buruh"]  # still the title's


def test_united_articles_are_one(store: Store) -> None:
    """The one that stays has the words of its newest version, the other none."""
    by_number, by_name = "https://wartapesisir.example/?p=4102", "https://wartapesisir.example/dermaga/"
    edited = STORY.replace("nelayan", "pelaut")
    merge(store, Batch(articles=(article(by_number),)))
    merge(store, Batch(articles=(article(by_name, edited, at=MORNING + DAY),)))
    assert len(names(store.connection, "dermaga")) == 2
    merge(store, Batch(articles=(article(by_name, edited, at=MORNING + 2 * DAY, led_from=by_number),)))
    assert len(names(store.connection, "dermaga")) == len(rows(store)["documents"]) == 1
    assert len(names(store.connection, "pelaut")) == 1 and names(store.connection, "nelayan") == []


def test_an_article_that_goes_leaves_no_posting(store: Store) -> None:
    """Not even the list of its words."""
    merge(store, Batch(articles=(of("buruh"), of("rudy"))))
    ask = store.connection.execute
    [(gone,)] = ask("SELECT article_id FROM articles WHERE title LIKE 'Partai%'").fetchall()
    with store.transaction():
        ask("DELETE FROM kept.versions WHERE article_id = ?", [gone])
        indexes.follow(store, [gone])
    assert names(store.connection, "buruh") == []
    assert {row[0] for row in rows(store)["postings"]} == {
        id for (id,) in ask("SELECT article_id FROM articles").fetchall()
    }


def test_a_merge_that_fails_leaves_the_index_as_it_was(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and their words commit together, or neither."""
    merge(store, Batch(articles=(of("rudy"),)))
    before = rows(store)
    monkeypatch.setattr(index, "_sort_if_due", lambda store: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        merge(store, Batch(articles=(of("buruh"),)))
    assert rows(store) == before


@pytest.mark.soak
def test_batches_and_their_order_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One merge or five, sorted into runs at once or never, forwards or backwards: the same index."""
    outcomes = []
    for number, (size, run, turned) in enumerate(((5, 10**6, False), (1, 10**6, True), (2, 20, False))):
        monkeypatch.setattr(index, "RUN", run)
        made = [of(name) for name in TEXTS][:: -1 if turned else 1]
        with open_store(DataDir(tmp_path / str(number)), wait_s=5) as store:
            for first in range(0, len(made), size):
                merge(store, Batch(articles=tuple(made[first : first + size])))
            [(sorted_,)] = store.connection.execute("SELECT count(*) FROM kept.search_postings").fetchall()
            assert (sorted_ > 0) == (run == 20)
            outcomes.append(
                (rows(store), [names(store.connection, words) for words in ("dukungan", "mas'ud", "partai")])
            )
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_postings_lie_in_few_sorted_runs(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many merges they came by: of two of a size one is made."""
    monkeypatch.setattr(index, "RUN", 20)
    made = [article(f"https://a.example/{n}/", prose(n, 30), numbers=[str(n)]) for n in range(13)]
    runs = []
    for one in made:
        merge(store, Batch(articles=(one,)))
        asked = "SELECT word_id, document FROM kept.search_postings ORDER BY rowid"
        found = store.connection.execute(asked).fetchall()
        runs.append(1 + sum(after < before for before, after in itertools.pairwise(found)))
    assert runs == [1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3]
    assert {document for _, document in found} == set(range(1, 14))
    followed = rows(store)
    with store.transaction():
        indexes.build(store, index.INDEX)
    assert rows(store) == followed


def test_a_name_that_turns_out_to_be_a_word_changes_one_row(store: Store) -> None:
    """Its postings stay; the family has it from then on."""
    merge(
        store,
        Batch(
            articles=(article("https://a.example/satu/", "Acara itu dihadiri Ibu Pendamping tadi malam."),)
        ),
    )
    assert names(store.connection, "damping") == []
    before = rows(store)["postings"]
    merge(
        store,
        Batch(articles=(article("https://a.example/dua/", "Para pendamping desa berkumpul tadi malam."),)),
    )
    assert set(names(store.connection, "damping")) == {"satu", "dua"}
    assert [row for row in rows(store)["postings"] if row in before] == before


def test_names_of_actors_pass_unstemmed_without_reading_again(store: Store) -> None:
    """And are words again once they leave the list."""
    merge(store, Batch(articles=(article(text="Kata merapi dan semeru disebut dalam pidato itu."),)))
    assert len(names(store.connection, "rapi")) == 1
    with store.transaction():
        index.set_names(store, ["Gunung Merapi"])
    assert names(store.connection, "rapi") == [] and len(names(store.connection, "Merapi")) == 1
    with store.transaction():
        index.set_names(store, [])
    assert len(names(store.connection, "rapi")) == 1


def test_an_index_of_other_code_is_built_anew(data_dir: DataDir) -> None:
    """At the next open, to the same rows."""
    with open_store(data_dir, wait_s=5) as store:
        merge(store, Batch(articles=tuple(of(name) for name in TEXTS)))
        before = rows(store)
        with store.transaction() as connection:
            connection.execute("UPDATE kept.facts SET value = 'other' WHERE name = 'index search'")
            connection.execute("DELETE FROM kept.search_recent WHERE document = 2")
    with open_store(data_dir, wait_s=5) as store:
        assert rows(store) == before


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(0, marks=pytest.mark.heavy),
        *(pytest.param(seed, marks=pytest.mark.soak) for seed in (1, 2)),
    ],
)
def test_the_index_is_what_building_it_anew_would_make(store: Store, seed: int) -> None:
    """After any edits, in any order: but for words that no article has any more."""
    draw = random.Random(seed)
    for turn in range(12):
        name = draw.choice(list(TEXTS))
        title, text = TEXTS[draw.choice(list(TEXTS))]
        merge(
            store,
            Batch(
                articles=(of(name, title=title, text=f"{text} {prose(turn, 20)}", at=MORNING + turn * DAY),)
            ),
        )
    followed = rows(store)
    with store.transaction():
        indexes.build(store, index.INDEX)
    built = rows(store)
    assert (followed["documents"], followed["postings"]) == (built["documents"], built["postings"])
    assert {word for word, *_ in built["words"]} <= {word for word, *_ in followed["words"]}


# --- what the command asks ----------------------------------------------------------------------------


def found(copy: duckdb.DuckDBPyConnection, words: str, number: int = 10, **bounds: Any) -> list[str]:
    """What the command finds, by the last part of the address."""
    return [str(hit.url).split("/")[-2] for hit in search(copy, cases_of(words), Bounds(**bounds), number)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("dukungan partai", {"buruh", "pasar"}),
        ('"partai buruh"', {"buruh"}),
        ('"buruh partai"', set()),
        ('"partai dukungan"', set()),
        ('"mendukung upah"', {"buruh"}),
        ('"dukung upah"', set()),
        ("“Rudy Mas'ud”", {"rudy"}),
        ('"rudy mas ud"', {"rudy"}),
        ('"rudy masud"', {"rudy"}),
        ('gubernur -"rudy masud"', set()),
        ('"rp1.250 per kilogram"', {"rudy"}),
        ("gubernur OR naskah", {"rudy", "naskah"}),
        ("partai gubernur OR bekasi", {"pasar"}),
        ('"partai buruh" OR café', {"buruh", "kafe"}),
        ('warga "partai buruh" OR "café baru"', {"buruh", "kafe"}),
        ("dukungan -partai", {"kafe"}),
        ("dukungan -bekas", {"buruh", "kafe"}),
        ('partai -"said iqbal"', {"pasar"}),
        ("partai -bek*", {"buruh"}),
        ("guber*", {"rudy"}),
        ("perpus* merawat", {"naskah"}),
        ("xyz*", set()),
        ("Mas'ud OR Iqbal", {"rudy", "buruh"}),
    ],
)
def test_phrases_alternatives_exclusions_and_beginnings(
    copy: duckdb.DuckDBPyConnection, words: str, expected: set[str]
) -> None:
    """A phrase is its very words; OR joins neighbours; - leaves out a family; a star any ending."""
    assert set(found(copy, words)) == expected


@pytest.mark.parametrize("words", ["dukungan partai buruh", "rudy mas'ud", "dukungan", "perawatan"])
def test_the_command_ranks_as_the_macro_does(copy: duckdb.DuckDBPyConnection, words: str) -> None:
    """One question, one answer."""
    asked = copy.execute("FROM search_articles(?)", [words]).fetchall()
    hits = search(copy, cases_of(words), Bounds(), 10)
    assert (
        [(hit.article_id, hit.score, hit.snippet) for hit in hits]
        == [(row[0], row[5], row[6]) for row in asked]
        != []
    )


def test_bounds_are_applied_before_the_best_are_taken(copy: duckdb.DuckDBPyConnection) -> None:
    """One article of the outlet is found although others rank before it."""
    first, second, third = found(copy, "dukungan")
    assert found(copy, "dukungan", 1) == [first]
    of_day = {"buruh": date(2024, 11, 20), "pasar": date(2024, 11, 21), "kafe": date(2024, 11, 23)}
    assert found(copy, "dukungan", 1, since=of_day[third], until=of_day[third]) == [third]
    assert found(copy, "dukungan", since=date(2024, 11, 24)) == []
    assert found(copy, "dukungan", source="warta_pesisir") == [first, second, third]
    assert found(copy, "dukungan", source="kabar_teluk") == []
    assert found(copy, "dukungan", places=["64.74"]) == []


def test_the_words_that_a_reader_looks_for_are_those_of_the_family(copy: duckdb.DuckDBPyConnection) -> None:
    """They stand out in the answer."""
    assert {"dukungan", "mendukung", "pendukung", "didukung"} <= forms(copy, cases_of("dukungan"))
    assert "gubernur" in forms(copy, cases_of("guber*"))


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("Sebuah CAFÉ\u00a0Baru dibuka", True),
        ("Sebuah cafe\u0301 — baru dibuka", True),
        ("Sebuah cafe, baru dibuka", True),
        ("Sebuah cafe baruu dibuka", False),
        ("Sebuah xcafe baru dibuka", False),
        ("Sebuah cafebaru dibuka", False),
        ("Sebuah baru cafe dibuka", False),
    ],
)
def test_a_phrase_is_found_in_any_case_and_with_any_accent(text: str, is_found: bool, tmp_path: Path) -> None:
    """As whole words side by side, whatever parts them; what is to be left out is left out likewise."""
    data_dir = DataDir(tmp_path / "data")
    with open_store(data_dir, wait_s=5) as store:
        merge(store, Batch(articles=(article(text=text, title="Dibuka"),)))
    with open_published(data_dir) as copy:
        assert len(search(copy, cases_of('"cafe baru"'), Bounds(), 5)) == is_found
        assert len(search(copy, cases_of('dibuka -"cafe baru"'), Bounds(), 5)) != is_found
