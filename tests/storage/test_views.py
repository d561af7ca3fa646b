"""The public face: what analysts see, whether every name is explained, and whether it works where they are."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.article import COLUMNS, Rejected
from pipelines.names.actors import Actor
from storage import actors, schema
from storage.batch import Batch, Fetch
from storage.data_dir import DataDir
from storage.merge import merge
from storage.publish import open_published
from storage.rows import append
from storage.store import STORAGE_VERSION, open_store
from tests.kit.factories import FORGOTTEN, LINK, MORNING, STORY, article, prose, run_row
from tests.kit.shell import WITA, ask_library, ask_shell, duckdb_shell, questions_to

_COLUMNS = """
    article_id source host url title description text authors editors tags section dateline image_url
    credited_source published_at modified_at published_on published_precision published_raw published_from
    published_conflict is_advertorial advertorial_from advertorial_sponsor is_complete language
    language_confidence word_count version fetched_at first_seen_at last_seen_at removed_at notice_type usage_notice
    fingerprint rules_version story_id duplicate_of segment record_offset
"""
CONTRACT = _COLUMNS.split()
"""The columns of `articles`, as users rely on them."""

TYPES = {
    "authors": "VARCHAR[]",
    "editors": "VARCHAR[]",
    "tags": "VARCHAR[]",
    "published_on": "DATE",
    "published_conflict": "BOOLEAN",
    "is_advertorial": "BOOLEAN",
    "is_complete": "BOOLEAN",
    "language_confidence": "DOUBLE",
    "word_count": "INTEGER",
    "version": "INTEGER",
    "record_offset": "BIGINT",
}
"""Those that are neither VARCHAR nor, by their name (`…_at`), TIMESTAMPTZ."""

AFTER_THE_MERGE = {"version", "story_id", "duplicate_of", "first_seen_at", "last_seen_at"}


OUTLET = {
    "source": "warta_pesisir",
    "title": "Warta Pesisir",
    "home": "https://wartapesisir.example/",
    "timezone": "Asia/Makassar",
    "province": "64",
    "platform": "wordpress",
    "status": "seed",
    "enabled": True,
    "followed": True,
}
RUN = run_row(date(2024, 11, 20), date(2024, 11, 20))

INCIDENT = {"source": "suara_rawa", "kind": "refused", "opened_at": MORNING, "detail": "HTTP 403"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """A DATA_DIR in which no view is empty: an article, its reprint, gone since, a refusal, a fetch, outlets and their runs.

    Another article was corrected, and its copy was not; a third outlet told of something else that day, and had paid content
    in the quiet days.
    """
    data_dir = DataDir(tmp_path_factory.mktemp("views") / "data")
    with open_store(data_dir, wait_s=5) as store:
        market = f"{prose(1)} Sebanyak 48 lapak rusak."
        address = "https://wartapesisir.example/pasar/"
        soon = MORNING + timedelta(minutes=30)
        copy = article(
            "https://kabarteluk.example/pasar/", market, source="kabar_teluk", title="Pasar", at=soon
        )
        other = article("https://suararawa.example/sawah/", prose(2), source="suara_rawa", title="Sawah")
        paid = replace(
            article("https://suararawa.example/adv/", prose(3), source="suara_rawa", title="Sawah (ADV)"),
            published_on=date(2024, 11, 24),
            is_advertorial=True,
            advertorial_from="label",
        )
        merge(store, Batch(None, (article(address, market, title="Pasar"), copy, other, paid)))
        corrected = article(
            address, market.replace("48", "84"), title="Pasar", at=MORNING + timedelta(hours=1)
        )
        merge(store, Batch(None, (corrected,)))
        merge(
            store,
            Batch(
                "warta_pesisir/1.warc.gz",
                (
                    replace(article(), dateline="Bontang"),
                    article("https://kabarteluk.example/dermaga/", STORY, source="kabar_teluk"),
                ),
                (Rejected("https://wartapesisir.example/video/", "warta_pesisir", MORNING, "too_short"),),
                (
                    Fetch(
                        "https://wartapesisir.example/dermaga/", "warta_pesisir", MORNING, 200, 512, "article"
                    ),
                    *(
                        Fetch("https://kabarteluk.example/dermaga/", "kabar_teluk", at, 404, 0, "gone")
                        for at in (MORNING + timedelta(days=1), MORNING + timedelta(days=2))
                    ),
                ),
            ),
        )
        actors.put(store, [Actor("hamzah", "Hamzah", "person")], None)
        with store.transaction():
            append(store, "sources", [OUTLET, OUTLET | {"source": "suara_rawa", "title": "Suara Rawa"}])
            append(store, "incidents", [INCIDENT])
            append(store, "forgotten", [FORGOTTEN])
            append(store, "chain", [LINK])
            append(store, "crawls", [RUN, RUN | {"crawl_id": "2", "source": "suara_rawa"}])
    return data_dir


@pytest.fixture(scope="module")
def published(filled: DataDir) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(filled) as connection:
        yield connection


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


# --- names and types ----------------------------------------------------------------------------------


def test_the_columns_of_articles_are_those_of_the_contract(published: duckdb.DuckDBPyConnection) -> None:
    """Their names, their order and their types are what users' scripts rely on."""
    found = [(name, kind) for name, kind, *_ in ask(published, "DESCRIBE articles")]
    assert [name for name, _ in found] == CONTRACT
    for name, kind in found:
        expected = "TIMESTAMP WITH TIME ZONE" if name.endswith("_at") else TYPES.get(name, "VARCHAR")
        assert kind == expected, name


def test_unique_articles_have_the_same_columns(published: duckdb.DuckDBPyConnection) -> None:
    """A query on one runs on the other."""
    assert ask(published, "DESCRIBE unique_articles") == ask(published, "DESCRIBE articles")


def test_a_feed_has_every_column_but_those_of_the_merge() -> None:
    """What `-O` writes are the columns of `articles`, in their order, as far as they exist before the merge."""
    assert list(COLUMNS) == [name for name in CONTRACT if name not in AFTER_THE_MERGE]


def test_a_version_says_what_the_article_says(published: duckdb.DuckDBPyConnection) -> None:
    """`article_versions` has every column that can differ between versions, and why there is one."""
    found = [name for name, *_ in ask(published, "DESCRIBE article_versions")]
    of_the_article = {"first_seen_at", "last_seen_at", "removed_at", "story_id", "duplicate_of"}
    of_the_version = {"version_reason", "edit_kind", "edit_share", "versions_left_out"}
    assert of_the_version <= set(found)
    assert [name for name in found if name not in of_the_version] == [
        name for name in CONTRACT if name not in of_the_article
    ]


# --- every name is explained --------------------------------------------------------------------------


def test_every_view_column_and_macro_has_a_comment(published: duckdb.DuckDBPyConnection) -> None:
    """A user who meets a name finds out what it means where it stands."""
    bare = ask(
        published,
        "SELECT view_name, NULL FROM duckdb_views() WHERE NOT internal AND coalesce(comment, '') = ''"
        " UNION ALL SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'main'"
        " AND NOT internal AND coalesce(comment, '') = ''"
        " UNION ALL SELECT function_name, NULL FROM duckdb_functions()"
        " WHERE database_name = current_database() AND NOT internal AND coalesce(comment, '') = ''",
    )
    assert bare == []


def test_every_table_of_the_writers_own_says_what_to_use_instead(
    published: duckdb.DuckDBPyConnection,
) -> None:
    """Whoever comes upon schema `kept`, or a column there, is sent to a view that is there."""
    views = {name for (name,) in ask(published, "SELECT view_name FROM duckdb_views() WHERE NOT internal")}
    tables = ask(published, "SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE NOT internal")
    assert {schema for schema, *_ in tables} == {"kept"}
    for _, table, comment in tables:
        sent_to = re.fullmatch(r"internal: use main\.(\w+)", comment or "")
        assert sent_to and sent_to[1] in views, table
    columns = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE schema_name = 'kept'"
    of_views = ask(published, "SELECT view_name, comment FROM duckdb_views() WHERE schema_name = 'kept'")
    comments = {table: comment for _, table, comment in tables} | dict(of_views)
    assert [
        (table, column) for table, column, comment in ask(published, columns) if comment != comments[table]
    ] == []


def test_a_table_to_come_says_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that forgets it: the view of its name, else the dictionary; its column names may be words of SQL."""
    later = tmp_path / "later"
    shutil.copytree(schema.MIGRATIONS, later)
    tables = 'CREATE TABLE kept.stories ("order" VARCHAR, note VARCHAR); CREATE TABLE kept.shelves (place VARCHAR);'
    data_dir = DataDir(tmp_path / "data")
    with open_store(data_dir, 5):
        pass
    (later / f"{schema.known_schema() + 1:04}_more.sql").write_text(
        f"{tables} ALTER TABLE kept.published ADD COLUMN until DATE;"
    )
    monkeypatch.setattr(schema, "MIGRATIONS", later)
    with open_store(data_dir, 5) as store:
        found = ask(
            store.connection,
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE table_name = 'shelves' OR column_name = 'until'"
            " OR schema_name = 'kept' AND table_name = 'stories' ORDER BY ALL",
        )
    assert found == [
        ("published", "until", "internal: use main.coverage_daily"),
        ("shelves", "place", "internal: use main.dictionary"),
        ("stories", "note", "internal: use main.stories"),
        ("stories", "order", "internal: use main.stories"),
    ]


def test_the_dictionary_begins_with_where_to_start(published: duckdb.DuckDBPyConnection) -> None:
    """`FROM dictionary` alone leads on: what it names there is there."""
    rows = ask(published, "FROM dictionary")
    notes = [row for row in rows if row[2] == "note"]
    assert rows[: len(notes)] == notes != []
    assert {row[:3] for row in notes} == {("start here", None, "note")}
    known = {row[0] for row in rows}
    named = set(re.findall(r"FROM (\w+)|(\w+)\(", " ".join(row[3] for row in notes)))
    assert {one or other for one, other in named} <= known


def test_the_dictionary_lists_every_macro(published: duckdb.DuckDBPyConnection) -> None:
    """Those that give a table and those that give a value."""
    macros = ask(
        published,
        "SELECT DISTINCT function_name FROM duckdb_functions()"
        " WHERE database_name = current_database() AND NOT internal",
    )
    listed = ask(published, "SELECT name FROM dictionary WHERE type = 'macro' AND column_name IS NULL")
    assert sorted(listed) == sorted(macros) != []


def test_the_dictionary_lists_every_view_and_column(published: duckdb.DuckDBPyConnection) -> None:
    """Itself included; nothing of the writer's own schema."""
    listed = set(
        ask(published, "SELECT name, column_name FROM dictionary WHERE type NOT IN ('macro', 'note')")
    )
    views = ask(
        published, "SELECT view_name, NULL FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal"
    )
    columns = ask(
        published,
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal",
    )
    assert listed == {*views, *columns}
    assert {"articles", "unique_articles", "article_versions", "rejections", "fetches", "crawls", "sources",
            "about", "forgotten", "segment_chain", "dictionary"} <= {name for name, _ in listed}  # fmt: skip
    assert ask(published, "SELECT name FROM dictionary WHERE coalesce(meaning, '') = ''") == []


def test_one_thing_has_one_meaning(published: duckdb.DuckDBPyConnection) -> None:
    """A column of `articles` means the same in `unique_articles`."""
    differing = ask(
        published,
        "SELECT a.column_name FROM dictionary a JOIN dictionary u USING (column_name)"
        " WHERE a.name = 'articles' AND u.name = 'unique_articles' AND a.meaning <> u.meaning",
    )
    assert differing == []


def test_a_nullable_column_says_what_null_means(published: duckdb.DuckDBPyConnection) -> None:
    """An empty field is an answer, and the dictionary says which."""
    never = """
        article_id source text authors editors tags published_conflict is_advertorial is_complete word_count
        version fetched_at first_seen_at last_seen_at fingerprint rules_version story_id
    """
    meanings = dict(ask(published, "SELECT column_name, meaning FROM dictionary WHERE name = 'articles'"))
    silent = {name for name in CONTRACT if name not in never.split() and "null" not in meanings[name]}
    assert silent == set()


# --- what they show -----------------------------------------------------------------------------------


def test_unique_articles_leave_out_later_copies(published: duckdb.DuckDBPyConnection) -> None:
    """One row per story."""
    assert ask(published, "SELECT count(*) FROM articles") == [(6,)]
    assert ask(published, "SELECT count(*), count(duplicate_of) FROM unique_articles") == [(4, 0)]


def test_about_says_what_the_database_is(published: duckdb.DuckDBPyConnection) -> None:
    """One row: what is held, and of how many outlets."""
    assert ask(published, "SELECT articles, versions, last_seen_at, enabled_sources FROM about") == [
        (6, 7, MORNING + timedelta(hours=1), 2)
    ]


# --- in every client ------------------------------------------------------------------------------------

ARGUMENTS = {
    "article": "'https://wartapesisir.example/dermaga/'",
    "story": "'https://wartapesisir.example/dermaga/'",
    "outlet": "'warta_pesisir'",
    "least": "1",
    "kind": "'person'",
    "since": "DATE '2024-11-01'",
    "until": "DATE '2024-11-20'",
    "words": "'Hamzah'",
    "best": "5",
    "instant": "TIMESTAMPTZ '2024-11-21 00:00:00Z'",
}
"""What a macro is given for a parameter of that name."""


@pytest.fixture(scope="module")
def asked(filled: DataDir) -> dict[str, str]:
    """A question to every view and macro that stands in the published file."""
    return questions_to(filled.published, ARGUMENTS)


USE = "ATTACH '{}' AS theirs (READ_ONLY); USE theirs; "
"""How a macro of an attached database is called without kabar.sql."""


@pytest.mark.parametrize(
    "way",
    [
        "opened",
        pytest.param("attached", marks=pytest.mark.soak),
        pytest.param("used", marks=pytest.mark.soak),
    ],
)
def test_every_view_and_macro_answers_alike_in_every_client(
    filled: DataDir, asked: dict[str, str], way: str
) -> None:
    """The library and an older shell read the same rows, from the file itself, through kabar.sql and after ATTACH and USE."""
    database = filled.published if way == "opened" else None
    opening = {
        "opened": WITA,
        "attached": filled.init_file.read_text(encoding="utf-8"),
        "used": USE.format(filled.published) + WITA,
    }[way]
    for name, sql in asked.items():
        answer = ask_library(database, sql, opening)
        assert answer.rows, f"{name}: nothing to read, so nothing is tested; see to it in `filled`"
        assert ask_shell(database, sql, opening) == answer, name


@pytest.mark.skipif(duckdb.__version__ < "2", reason="an older library stores it as its shell reads it")
def test_a_view_that_one_client_cannot_read_is_found(tmp_path: Path) -> None:
    """What 2.0 stores of if(…) 1.5 does not know: the question to such a view fails."""
    database = tmp_path / "other.duckdb"
    with duckdb.connect(str(database), config={"storage_compatibility_version": STORAGE_VERSION}) as opened:
        opened.execute("CREATE VIEW odd AS SELECT \"if\"(range > 1, 'many', 'one') AS much FROM range(3)")
    [sql] = questions_to(database, {}).values()
    with pytest.raises(AssertionError, match="name if does not exist"):
        ask_shell(database, sql)


# --- a user's own database ----------------------------------------------------------------------------


@pytest.fixture
def mine(filled: DataDir, tmp_path: Path) -> tuple[str, Path, Path]:
    """The shell's arguments for a user's own database beside Kabar's."""
    return "-init", filled.init_file, tmp_path / "mine.duckdb"


def test_the_views_work_from_a_users_own_database(
    mine: tuple[str, Path, Path], published: duckdb.DuckDBPyConnection
) -> None:
    """With or without the name of the database before them."""
    views = [name for (name,) in ask(published, "SELECT DISTINCT name FROM dictionary WHERE type = 'view'")]
    counts = (
        f"SELECT '{view}' AS view, (SELECT count(*) FROM {view}) AS short, (SELECT count(*) FROM kabar.{view}) AS long"
        for view in views
    )
    found = duckdb_shell(*mine, sql=" UNION ALL ".join(counts))
    assert {row["view"] for row in found} == set(views)
    for row in found:
        assert row["short"] == row["long"] > 0, row


def test_a_users_own_tables_stay_and_come_first(mine: tuple[str, Path, Path], filled: DataDir) -> None:
    """What a user creates stands in the user's file, even under a name of Kabar's, and Kabar's stay whole."""
    duckdb_shell(*mine, sql="CREATE TABLE articles AS SELECT 'my own' AS note; CREATE SCHEMA kept")
    [found] = duckdb_shell(
        *mine,
        sql="SELECT (SELECT note FROM articles) AS note, (SELECT count(*) FROM kabar.articles) AS n,"
        " (SELECT count(*) FROM kabar.unique_articles) AS originals, (SELECT articles FROM kabar.about) AS told",
    )
    assert found == {"note": "my own", "n": 6, "originals": 4, "told": 6}
    [kept] = duckdb_shell(mine[2], sql="SELECT note FROM articles")
    assert kept == {"note": "my own"}


def test_the_dictionary_of_a_users_own_database_is_kabars(mine: tuple[str, Path, Path]) -> None:
    """It lists Kabar's names and not the user's."""
    found = duckdb_shell(
        *mine, sql="CREATE TABLE notes AS SELECT 1 AS note; SELECT DISTINCT name FROM dictionary"
    )
    names = {row["name"] for row in found}
    assert "articles" in names and "notes" not in names


def test_a_users_own_database_shows_the_time_of_the_place(mine: tuple[str, Path, Path]) -> None:
    """Nine in the morning is nine in the morning."""
    [found] = duckdb_shell(*mine, sql="SELECT min(fetched_at)::VARCHAR AS at FROM articles")
    assert found == {"at": "2024-11-20 09:00:00+08"}


def test_where_the_followed_outlets_share_no_zone_it_is_wib(tmp_path: Path) -> None:
    """Who is not followed does not count; nobody followed is no zone."""
    found = []
    for number, zones in enumerate((["Makassar"], ["Makassar", "Jayapura"], [])):
        data_dir = DataDir(tmp_path / str(number))
        with open_store(data_dir, 5) as store, store.transaction():
            followed = [{"timezone": f"Asia/{zone}", "followed": True} for zone in zones]
            others = [{"timezone": "Asia/Jayapura", "followed": False}]
            rows = enumerate([*followed, *others])
            append(store, "sources", [OUTLET | {"source": f"warta_{n}"} | each for n, each in rows])
        found += re.findall(r"SET TimeZone = '(.*)'", data_dir.init_file.read_text(encoding="utf-8"))
    assert found == ["Asia/Makassar", "Asia/Jakarta", "Asia/Jakarta"]


def test_kabars_database_cannot_be_written_from_there(mine: tuple[str, Path, Path], filled: DataDir) -> None:
    """It is attached for reading."""
    before = filled.published.stat()
    with pytest.raises(AssertionError, match="read-only"):
        duckdb_shell(*mine, sql="CREATE TABLE kabar.main.notes AS SELECT 1 AS note")
    assert filled.published.stat().st_mtime_ns == before.st_mtime_ns


def test_a_path_with_a_quote_is_attached_too(tmp_path: Path) -> None:
    """Folders are called what people call them."""
    data_dir = DataDir(tmp_path / "Mas'ud punya data")
    with open_store(data_dir, wait_s=5):
        pass
    [found] = duckdb_shell("-init", data_dir.init_file, sql="SELECT count(*) AS n FROM articles")
    assert found == {"n": 0}
