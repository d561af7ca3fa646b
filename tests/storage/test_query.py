"""SQL of users: it reads the published copy, and there is nothing else that it can do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import chdir, suppress
from pathlib import Path

import duckdb
import pytest

from storage.batch import Batch
from storage.data_dir import DataDir
from storage.merge import merge
from storage.query import READING, Refused, answers, open_for_questions, questions
from storage.store import open_store
from tests.kit.factories import article

SECRET = "nobody asked for this"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """A published database with one article, in a folder with files that are nobody's business."""
    folder = tmp_path_factory.mktemp("questions")
    data_dir = DataDir(folder / "data")
    with open_store(data_dir, wait_s=5) as store:
        merge(store, Batch(articles=(article(title="Banjir Surut"),)))
    for name in ("near.csv", "near.json", "near.sql", "data/near.csv"):
        (folder / name).write_text(SECRET)
    with duckdb.connect(str(folder / "other.duckdb")) as other:
        other.execute(f"CREATE TABLE secret AS SELECT '{SECRET}' AS secret")
    return data_dir


@pytest.fixture(scope="module")
def connection(
    asked: DataDir, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for questions; relative names begin in the folder of the files."""
    spill = tmp_path_factory.mktemp("spill")
    with chdir(asked.root.parent), open_for_questions(asked, spill) as opened:
        yield opened


@pytest.fixture
def own(asked: DataDir, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """One to a copy, for what may leave a trace in it: connections of one process to one file are one database."""
    copied = DataDir(tmp_path)
    shutil.copy(asked.published, copied.published)
    spill = tmp_path / "spill"
    spill.mkdir()
    with chdir(asked.root.parent), open_for_questions(copied, spill) as opened:
        yield opened


def found(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    """What `scrapy query` prints, of all statements."""
    return [row for answer in answers(connection, sql) for row in answer.rows]


def listing(folder: Path) -> dict[str, int]:
    """Every file below and its size, and what DuckDB would write beside its home."""
    home = Path.home() / ".duckdb"
    return {
        str(path): path.stat().st_size
        for place in (folder, home)
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }


HARMLESS = {
    "select": "SELECT title FROM articles",
    "from first": "FROM articles SELECT title LIMIT 1",
    "with": "WITH found AS MATERIALIZED (SELECT title FROM articles) FROM found",
    "values": "VALUES (1)",
    "view": "SELECT count(*) FROM coverage_daily",
    "macro": "SELECT count(*) FROM recurring_lines('expresi')",
    "history": "SELECT count(*) FROM article_history('https://expresi.co/')",
    "dictionary": "SELECT * FROM dictionary WHERE name = 'articles'",
    "describe": "DESCRIBE articles",
    "describe a question": "DESCRIBE SELECT title FROM articles",
    "summarize": "SUMMARIZE SELECT word_count FROM articles",
    "show": "SHOW TABLES",
    "show all": "SHOW ALL TABLES",
    "explain": "EXPLAIN SELECT title FROM articles",
    "analyse": "EXPLAIN ANALYZE SELECT title FROM articles",
    "analyse in json": "EXPLAIN (ANALYZE, FORMAT json) FROM articles",
    "explain in parentheses": "EXPLAIN ANALYZE (SELECT title FROM articles)",
    "explain a pivot": "EXPLAIN PIVOT articles ON source USING count(*)",
    "pivot": "PIVOT articles ON source USING count(*)",
    "pivot in a question": "/* how many? */ WITH wide AS (PIVOT articles ON source USING count(*)) FROM wide",
    "pivot in parentheses": "(PIVOT articles ON source USING count(*))",
    "describe a pivot": "DESCRIBE PIVOT articles ON source USING count(*)",
    "unpivot": "UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b",
    "window": "SELECT row_number() OVER (ORDER BY title) FROM articles",
    "zone": "SELECT published_at AT TIME ZONE 'Asia/Makassar', current_setting('TimeZone') FROM articles",
    "patterns": r"SELECT regexp_extract(title, '^(\w+)', 1), strftime(published_at, '%H') FROM articles",
    "json": "SELECT to_json(tags), {'a': 1}, MAP {'b': 2} FROM articles",
    "two": "SELECT 1; SELECT 2;",
    "a comment": "-- how many?\nSELECT count(*) FROM articles /* all */",
}


@pytest.mark.parametrize("sql", HARMLESS.values(), ids=HARMLESS)
def test_whatever_reads_the_database_is_answered(
    connection: duckdb.DuckDBPyConnection, asked: DataDir, sql: str
) -> None:
    """All that analysts do in SQL, views and macros included."""
    assert found(connection, sql)


NOT_READING = """
COPY articles TO 'out.csv'
COPY (SELECT 1) TO 'out.parquet' (FORMAT parquet)
COPY (SELECT 1) TO '/dev/stdout'
COPY kept.facts FROM 'near.csv'
COPY FROM DATABASE news TO memory
EXPORT DATABASE 'out'
IMPORT DATABASE 'out'
ATTACH ':memory:' AS m
ATTACH 'other.duckdb' AS o (READ_ONLY)
ATTACH 'new.duckdb'
ATTACH 'data/store.duckdb' AS s
ATTACH 'other.sqlite' (TYPE sqlite)
ATTACH 'host=127.0.0.1' AS p (TYPE postgres)
ATTACH 'https://127.0.0.1/x.duckdb'
DETACH news
USE memory
USE kept
INSTALL httpfs
INSTALL spatial FROM community
FORCE INSTALL httpfs FROM 'near.sql'
LOAD httpfs
LOAD './near.sql'
UPDATE EXTENSIONS
SET enable_external_access = true
SET GLOBAL enable_external_access = true
SET lock_configuration = false
RESET lock_configuration
RESET enable_external_access
SET allowed_paths = ['/']
SET allowed_directories = ['/']
SET temp_directory = 'spill'
SET max_temp_directory_size = '1TB'
SET memory_limit = '1TB'
SET threads = 1
SET home_directory = '.'
SET secret_directory = '.'
SET extension_directory = '.'
SET extension_directories = ['.']
SET custom_extension_repository = 'http://127.0.0.1'
SET allow_unsigned_extensions = true
SET file_search_path = '/'
SET search_path = 'kept'
SET log_query_path = 'out.log'
SET enable_logging = true
SET logging_storage = 'file'
SET enable_profiling = 'json'
SET profiling_output = 'out.json'
SET profile_output = 'out.json'
SET python_enable_replacements = true
SET TimeZone = 'UTC'
SET VARIABLE x = 1
RESET ALL
PRAGMA enable_profiling = 'json'
PRAGMA enable_profiling
PRAGMA profiling_output = 'out.json'
PRAGMA log_query_path = 'out.log'
PRAGMA memory_limit = '1TB'
PRAGMA import_database('out')
PRAGMA copy_database('news', 'm')
PRAGMA json_execute_serialized_sql('{}')
PRAGMA database_list
PRAGMA force_checkpoint
CALL enable_logging(storage = 'file', storage_config = {'path': 'out'})
CALL enable_profiling(save_location = 'out.json')
CALL pragma_version()
CALL duckdb_settings()
CHECKPOINT
FORCE CHECKPOINT
CREATE SECRET s (TYPE http)
CREATE PERSISTENT SECRET s (TYPE http)
DROP SECRET s
CREATE TABLE t AS SELECT 1
CREATE TEMP TABLE t AS SELECT 1
CREATE OR REPLACE TEMP VIEW articles AS SELECT 1
CREATE TEMP MACRO m(x) AS x
CREATE TYPE e AS ENUM ('a')
CREATE SCHEMA s
CREATE SEQUENCE q
CREATE INDEX i ON kept.facts (name)
INSERT INTO kept.facts VALUES ('a', 'b')
UPDATE kept.facts SET value = 'x'
DELETE FROM kept.facts
TRUNCATE kept.facts
MERGE INTO kept.facts USING kept.facts AS f ON true WHEN MATCHED THEN DELETE
DROP TABLE kept.facts
ALTER TABLE kept.facts ADD COLUMN c INTEGER
COMMENT ON TABLE kept.facts IS 'x'
PREPARE p AS SELECT 1
EXECUTE p
DEALLOCATE p
BEGIN
COMMIT
VACUUM
ANALYZE
SELECT 1; COPY (SELECT 1) TO 'out.csv'
SELECT 1;;; ATTACH 'new.duckdb'
PIVOT articles ON source; COPY articles TO 'out.csv'
COPY (PIVOT articles ON source) TO 'out.csv'
CREATE TEMP TABLE t AS PIVOT articles ON source
SET VARIABLE x = (SELECT count(*) FROM (PIVOT articles ON source))
ATTACH (SELECT source FROM (PIVOT articles ON source))
PREPARE p AS PIVOT articles ON source
/* /* */ PIVOT articles ON source; -- */ CREATE TEMP TABLE t AS PIVOT articles ON source
EXPLAIN COPY (SELECT 1) TO 'out.csv'
EXPLAIN ANALYZE COPY (SELECT 1) TO 'out.csv'
EXPLAIN ANALYZE INSERT INTO kept.facts VALUES ('a', 'b')
EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1
EXPLAIN ANALYZE CREATE TEMP TABLE t AS SELECT 1
EXPLAIN ANALYZE CREATE TEMP TABLE t AS PIVOT articles ON source
EXPLAIN ANALYZE /* /* */ SELECT 1; -- */ CREATE TEMP TABLE t AS SELECT 1
EXPLAIN (ANALYZE, FORMAT json) CREATE TEMP MACRO m(x) AS x
EXPLAIN ANALYZE CREATE SECRET s (TYPE http)
EXPLAIN ANALYZE PREPARE p AS SELECT 1
EXPLAIN ANALYZE SET threads = 1
EXPLAIN ANALYZE SET VARIABLE x = 1
EXPLAIN ANALYZE CHECKPOINT
/* SELECT */ COPY (SELECT 1) TO 'out.csv' -- SELECT
""".strip().splitlines()


@pytest.mark.parametrize("sql", NOT_READING)
def test_a_statement_that_does_not_read_is_never_run(
    connection: duckdb.DuckDBPyConnection, asked: DataDir, sql: str
) -> None:
    """It is refused by its kind, in one line, before any statement beside it is run."""
    before = listing(asked.root.parent)
    with pytest.raises((Refused, duckdb.ParserException)) as told:
        questions(connection, sql)
    if isinstance(told.value, Refused):
        assert "read-only" in str(told.value)
        assert "\n" not in str(told.value)
    assert listing(asked.root.parent) == before


REACHING = """
SELECT * FROM 'near.csv'
SELECT * FROM 'near.json'
SELECT * FROM 'data/near.csv'
SELECT * FROM 'other.duckdb'
SELECT * FROM '/etc/passwd'
SELECT * FROM "near.csv"
SELECT * FROM 'https://127.0.0.1/x.csv'
SELECT * FROM 's3://bucket/x.parquet'
SELECT * FROM read_csv('near.csv')
SELECT * FROM read_csv_auto('near.csv')
SELECT * FROM read_csv(['near.csv'])
SELECT * FROM read_csv('/dev/stdin')
SELECT * FROM read_single_csv_file('near.csv')
SELECT * FROM sniff_csv('near.csv')
SELECT * FROM read_text('near.sql')
SELECT * FROM read_text('/proc/self/environ')
SELECT * FROM read_text('file:near.sql')
SELECT * FROM read_blob('**')
SELECT * FROM glob('*')
SELECT * FROM read_json('near.json')
SELECT * FROM read_json_auto('near.json')
SELECT * FROM read_json_objects('near.json')
SELECT * FROM read_ndjson('near.json')
SELECT * FROM read_json_objects_auto('near.json')
SELECT * FROM read_ndjson_auto('near.json')
SELECT * FROM read_ndjson_objects('near.json')
SELECT * FROM read_single_json_file('near.json')
SELECT * FROM read_parquet('near.csv')
SELECT * FROM parquet_scan('near.csv')
SELECT * FROM read_single_parquet_file('near.csv')
SELECT * FROM parquet_schema('near.csv')
SELECT * FROM parquet_metadata('near.csv')
SELECT * FROM parquet_file_metadata('near.csv')
SELECT * FROM parquet_full_metadata('near.csv')
SELECT * FROM parquet_kv_metadata('near.csv')
SELECT * FROM parquet_bloom_probe('near.csv', 'a', 1)
SELECT * FROM parquet_page_index('near.csv')
SELECT * FROM read_duckdb('other.duckdb', table_name = 'secret')
SELECT * FROM read_duckdb('data/store.duckdb', table_name = 'facts')
SELECT * FROM sqlite_scan('other.sqlite', 't')
SELECT * FROM postgres_scan('', '', '')
SELECT * FROM arrow_scan(1, 2, 3)
SELECT * FROM pandas_scan(1)
SELECT * FROM asked
SELECT * FROM connection
SELECT * FROM query('FROM ''near.csv''')
SELECT * FROM query('COPY (SELECT 1) TO ''out.csv''')
SELECT * FROM query_table('near.csv')
SELECT * FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''near.sql'')'))
SELECT * FROM enable_logging('QueryLog', storage = 'file', storage_path = 'out')
SELECT * FROM enable_profiling(save_location = 'out.json')
SELECT (SELECT content FROM read_text('near.sql'))
SELECT getenv('HOME')
WITH x AS (FROM read_text('near.sql')) FROM x
WITH x AS (DELETE FROM kept.facts RETURNING *) FROM x
WITH x AS (COPY (SELECT 1) TO 'out.csv') FROM x
DESCRIBE FROM 'near.csv'
SUMMARIZE 'near.csv'
EXPLAIN ANALYZE SELECT * FROM read_text('near.sql')
PIVOT (FROM read_text('near.sql')) ON filename
""".strip().splitlines()


@pytest.mark.parametrize("sql", REACHING)
def test_a_question_reaches_nothing_beside_the_database(
    connection: duckdb.DuckDBPyConnection, asked: DataDir, sql: str
) -> None:
    """What reads by its kind fails where it reads something else, and leaves no file behind."""
    before = listing(asked.root.parent)
    with pytest.raises((Refused, duckdb.Error)) as told:
        found(connection, sql)
    assert SECRET not in str(told.value)
    assert listing(asked.root.parent) == before


@pytest.mark.parametrize("sql", [each for each in NOT_READING if not each.startswith(("SELECT", "PIVOT"))])
def test_the_second_wall_holds_without_the_first(
    own: duckdb.DuckDBPyConnection, asked: DataDir, sql: str
) -> None:
    """Were a statement let through by its kind, it could still write no file and open no other one."""
    before = listing(asked.root.parent)
    with suppress(duckdb.Error):
        own.execute(sql)
    with pytest.raises(duckdb.Error):
        own.execute("FROM read_text('near.sql')")
    assert listing(asked.root.parent) == before


def test_every_kind_of_statement_was_thought_of(connection: duckdb.DuckDBPyConnection) -> None:
    """A DuckDB that knows another kind is looked at before it is let in; until then it is refused."""
    kinds = {name for name in dir(duckdb.StatementType) if name.isupper()}
    assert kinds > READING
    assert kinds - READING == {
        *("ALTER", "ANALYZE", "ATTACH", "CALL", "COPY", "COPY_DATABASE", "CREATE", "CREATE_FUNC", "DELETE"),
        *(
            "DETACH",
            "DROP",
            "EXECUTE",
            "EXPLAIN",
            "EXPORT",
            "EXTENSION",
            "INSERT",
            "INVALID",
            "LOAD",
            "LOGICAL_PLAN",
        ),
        *("MERGE_INTO", "PRAGMA", "PREPARE", "RELATION", "SET", "TRANSACTION", "UPDATE", "VACUUM"),
        "VARIABLE_SET",
    }


def test_every_table_function_was_thought_of(connection: duckdb.DuckDBPyConnection) -> None:
    """What a SELECT can call is a closed list, too: a function that a new DuckDB brings is looked at first."""
    known = connection.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'table'"
    ).fetchall()
    tried = " ".join(REACHING)
    assert {
        name
        for (name,) in known
        if f"{name}(" not in tried
        and not name.startswith(("duckdb_", "pragma_"))
        and name not in HARMLESS_FUNCTIONS
    } == set()


HARMLESS_FUNCTIONS = {
    *("range", "generate_series", "unnest", "repeat", "repeat_row", "summary", "json_each", "json_tree"),
    *("seq_scan", "test_all_types", "test_vector_types", "icu_calendar_names", "pg_timezone_names"),
    *(
        "which_secret",
        "python_map_function",
        "python_arrow_scan",
        "arrow_scan_dumb",
    ),  # take what SQL cannot spell
    *("disable_logging", "disable_profiling", "truncate_duckdb_logs"),  # of what cannot be enabled
    *("checkpoint", "force_checkpoint"),  # of a database that is read-only
    *("add_grammar_extension", "remove_grammar_extension"),  # of an extension that is loaded, and none is
    *("create_external_resource", "destroy_external_resource", "register_external_resource"),
    *(
        "deregister_external_resource",
        "register_external_resource_type",
    ),  # of extensions, and none can be loaded
}
"""Table functions of DuckDB that reach nothing, or nothing here."""


def test_an_empty_text_is_no_question(connection: duckdb.DuckDBPyConnection) -> None:
    """Neither are a comment alone and half a character."""
    for sql in ("", ";", "-- nothing", "select '\ud800'"):
        with pytest.raises(Refused):
            questions(connection, sql)


def test_what_a_question_takes_is_bounded(own: duckdb.DuckDBPyConnection, asked: DataDir) -> None:
    """A sort larger than the memory goes on in a folder of its own, of a bounded size."""
    known = dict(own.execute("SELECT name, value FROM duckdb_settings()").fetchall())
    spill = Path(known["temp_directory"])
    assert spill.is_dir()
    assert not spill.is_relative_to(asked.root)
    assert known["max_temp_directory_size"] == "3.7 GiB"
    assert known["memory_limit"] == "953.6 MiB"
