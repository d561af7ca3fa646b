"""A store brought to a newer schema: a copy from before is kept, and a kill in the middle costs nothing."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.article import Article
from pipelines.dedupe import MAX_VERSIONS, Reading, Stored
from storage import schema, store
from storage.batch import Batch
from storage.connection import Store
from storage.data_dir import DataDir
from storage.indexes import INDEXES
from storage.known import Known
from storage.merge import merge
from storage.schema import known_schema
from storage.store import open_store
from tests.kit.factories import MORNING, article, prose
from tests.kit.running import CHECKOUT

WAIT_S = 20.0
NEWER = 9001
COLUMN = "ALTER TABLE kept.versions ADD COLUMN remark VARCHAR;"
DATE = ("published_at", "published_precision", "published_from")
ROWS = "INSERT INTO kept.facts VALUES ('remarks', 'none yet');"


@pytest.fixture
def kept(tmp_path: Path) -> DataDir:
    """A store of today's schema with one article."""
    found = DataDir(tmp_path / "data")
    with open_store(found, WAIT_S) as store:
        merge(store, Batch(None, (article(),)))
    return found


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The migrations of a Kabar to come: today's and one more."""
    folder = Path(shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations"))
    (folder / f"{NEWER}_remarks.sql").write_text(COLUMN + ROWS)
    return folder


def ask(path: Path, question: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(question).fetchall()


def backups(kept: DataDir) -> list[str]:
    return sorted(path.name for path in kept.root.glob("*.before-*"))


def in_two_tables(store: Store) -> None:
    """Make the store one of before the facts of an article stood with its newest version."""
    columns = ("first_seen_at", "last_seen_at", "removed_at", "moved_to", "story_id", "duplicate_of")
    store.connection.execute(
        f"CREATE TABLE kept.before AS SELECT article_id, source, version, fingerprint, {', '.join(columns)} FROM kept.articles"
    )
    store.connection.execute("DROP VIEW kept.articles")
    store.connection.execute("ALTER TABLE kept.before RENAME TO articles")
    for column in ("is_newest", *columns):
        store.connection.execute(f"ALTER TABLE kept.versions DROP COLUMN {column}")
    store.connection.execute("DELETE FROM kept.migrations WHERE number = 18")
    store.connection.execute("DELETE FROM kept.facts WHERE name = 'views'")


def without_numbers(store: Store) -> None:
    """Make the store one of before keys had numbers, and of when each band had a row of its own."""
    connection = store.connection
    for table in ("keys", "claims"):
        connection.execute(f"ALTER TABLE kept.{table} DROP COLUMN number")
    connection.execute(
        "CREATE TABLE kept.before AS SELECT article_id, generate_subscripts(hashes::UINTEGER[], 1)::UTINYINT AS band,"
        " unnest(hashes)::BIGINT - 4294967296 AS hash, day FROM kept.bands"
    )
    connection.execute("DROP TABLE kept.bands")
    connection.execute("ALTER TABLE kept.before RENAME TO bands")
    connection.execute("DELETE FROM kept.migrations WHERE number = 25")


def without_edits(store: Store) -> None:
    """Make the store one of before edits were described."""
    for table, columns in (
        ("versions", ("edit_kind", "edit_share", "wording", "versions_left_out")),
        ("readings", ("wording", "text", "authors", "editors", *DATE)),
    ):
        for column in columns:
            store.connection.execute(f"ALTER TABLE kept.{table} DROP COLUMN {column}")
    store.connection.execute("DELETE FROM kept.migrations WHERE number = 14")


def opened(kept: DataDir) -> None:
    with open_store(kept, WAIT_S):
        pass


def test_an_upgrade_is_published_although_nothing_else_changed(
    kept: DataDir, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands read the copy with this code's questions, so it must be of this code's tables."""
    store.settle_publication(kept, WAIT_S)
    before = kept.published.stat()
    store.settle_publication(kept, WAIT_S)
    assert kept.published.stat() == before
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    store.settle_publication(kept, WAIT_S, publish_every_s=3600)
    assert ask(kept.published, "SELECT max(number) FROM kept.migrations") == [(NEWER,)]


def test_a_column_may_be_there_already() -> None:
    """Each comes in a transaction of its own, which a kill may part from the rest of its migration."""
    altered = [
        (path.name, line)
        for path in schema.MIGRATIONS.glob("*.sql")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("ALTER TABLE") and " RENAME TO " not in line
    ]
    assert altered
    assert [each for each in altered if not schema.OF_A_COLUMN.search(each[1])] == []


def test_the_readings_of_a_first_store_are_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading that missed a part is known to have done so."""
    found = DataDir(tmp_path / "data")
    whole = article(at=MORNING)
    short = replace(article("https://wartapesisir.example/lain/", prose(1)), is_complete=False)
    monkeypatch.setattr("storage.store.shared_zone", lambda _: "Asia/Jakarta")  # a first store cannot say
    with open_store(found, WAIT_S) as store:
        merge(store, Batch(None, (whole, short)))
        in_two_tables(store)
        without_edits(store)
        without_numbers(store)
        for column in ("is_complete", "segment", "record_offset"):
            store.connection.execute(f"ALTER TABLE kept.readings DROP COLUMN {column}")
        for column in ("read_by", "merged_bytes", "pruned_at", "moved_to"):
            store.connection.execute(f"ALTER TABLE kept.segments DROP COLUMN {column}")
        store.connection.execute("ALTER TABLE kept.articles DROP COLUMN fingerprint")
        for table in ("copies", "ingested", "links", "published", "incidents", "expectations", "holidays"):
            store.connection.execute(f"DROP TABLE kept.{table}")
        for column in ("covered_from", "covered_to", "fault", "fault_detail"):
            store.connection.execute(f"ALTER TABLE kept.crawls DROP COLUMN {column}")
        store.connection.execute("ALTER TABLE kept.sources DROP COLUMN verified_at")
        store.connection.execute("ALTER TABLE kept.sources DROP COLUMN differences")
        store.connection.execute("ALTER TABLE kept.sources DROP COLUMN followed")
        for column in ("retracted", "usage_notice", "known_at"):
            store.connection.execute(f"ALTER TABLE kept.versions DROP COLUMN {column}")
        store.connection.execute("ALTER TABLE kept.articles DROP COLUMN moved_to")
        for table in (
            "claims",
            "discredited",
            "absences",
            "sightings",
            "removals",
            "former_copies",
            "search_names",
            "forgotten",
            "chain",
            "actors",
            "places",
            *(table for index in INDEXES for table in index.tables),
        ):
            store.connection.execute(f"DROP TABLE kept.{table}")
        for column in ("retry", "day", "status"):
            store.connection.execute(f"ALTER TABLE kept.rejections DROP COLUMN {column}")
        store.connection.execute("DELETE FROM kept.migrations WHERE number > 1")
    opened(found)
    known = Known(found)
    assert known.find(whole) == Stored(whole.article_id, 1, {"page": Reading.of(whole)})
    assert known.find(short) == Stored(short.article_id, 1, {"page": Reading.of(short)})


def test_where_a_last_reading_is_archived_is_told_by_its_version(tmp_path: Path) -> None:
    """By the newest of that text; a kind of document that is no version has no place."""
    found = DataDir(tmp_path / "data")
    first = replace(article(at=MORNING), segment="warta/a.warc.gz", record_offset=10)
    last = replace(
        article(text=prose(1), at=MORNING + timedelta(hours=1)), segment="warta/b.warc.gz", record_offset=20
    )
    from_rest = replace(last, document="rest", segment="warta/c.warc.gz", record_offset=30)
    with open_store(found, WAIT_S) as store:
        merge(store, Batch(None, (first, last, from_rest)))
        for column in ("segment", "record_offset"):
            store.connection.execute(f"ALTER TABLE kept.readings DROP COLUMN {column}")
        store.connection.execute("DELETE FROM kept.migrations WHERE number = 9")
    opened(found)
    assert ask(
        found.store, "SELECT document, segment, record_offset FROM kept.readings ORDER BY document"
    ) == [
        ("page", "warta/b.warc.gz", 20),
        ("rest", None, None),
    ]


def a_store_of_before(found: DataDir, *looks: Article) -> None:
    """A store that has seen these, from before edits were described."""
    with open_store(found, WAIT_S) as store:
        merge(store, Batch(None, looks))
        in_two_tables(store)
        without_edits(store)


HOUR = timedelta(hours=1)
FIRST = replace(
    article(text=f"{prose(1)} Inflasi -5 persen."),
    authors=("Andi",),
    published_at=MORNING,
    published_from="meta",
)
LATER: dict[str, tuple[Article, str | None]] = {
    "nothing": (FIRST, None),
    "typography": (replace(FIRST, text=FIRST.text.replace("-", "\u2212")), None),
    "a sign": (replace(FIRST, text=FIRST.text.replace("-", "")), "figure"),
    "the author": (replace(FIRST, authors=("Budi",)), "byline"),
    "the date": (replace(FIRST, published_at=MORNING - HOUR), "date"),
}


@pytest.mark.parametrize(
    "what",
    [pytest.param(what, marks=() if what in ("nothing", "a sign") else pytest.mark.soak) for what in LATER],
)
def test_after_an_upgrade_only_what_was_edited_is_an_edit(tmp_path: Path, what: str) -> None:
    """What the last look said was not noted in so many words; the version that it became tells."""
    found = DataDir(tmp_path / "data")
    a_store_of_before(found, FIRST)
    look, kind = LATER[what]
    with open_store(found, WAIT_S) as store:
        merge(store, Batch(None, (replace(look, fetched_at=MORNING + HOUR),)))
        kinds = store.connection.execute(
            "SELECT edit_kind FROM article_versions WHERE version_reason = 'edited'"
        ).fetchall()
    assert kinds == ([(kind,)] if kind else [])


def test_a_reading_that_no_version_has_is_compared_by_its_words_after_an_upgrade(tmp_path: Path) -> None:
    """A page that was read beside a REST answer: an edit of it is seen, and nobody says what kind it is."""
    found = DataDir(tmp_path / "data")
    page = article(text=prose(2), at=MORNING + HOUR)
    a_store_of_before(found, article(document="rest"), page)
    with open_store(found, WAIT_S) as store:
        again = replace(page, authors=("Andi",), fetched_at=MORNING + 2 * HOUR)
        assert merge(store, Batch(None, (again,))).known == 1
        merge(store, Batch(None, (article(text=prose(3), at=MORNING + 3 * HOUR),)))
        merge(store, Batch(None, (article(text=prose(3) + " Selesai.", at=MORNING + 4 * HOUR),)))
        edits = store.connection.execute(
            "SELECT edit_kind, edit_share IS NULL FROM article_versions WHERE version > 1 ORDER BY version"
        ).fetchall()
    assert edits == [("wording", False), ("wording", False)]


@pytest.mark.heavy
def test_a_history_that_was_cut_before_says_that_nobody_knows_by_how_much(tmp_path: Path) -> None:
    """An older Kabar kept no version after the twentieth; from now on the newest text is kept."""
    found = DataDir(tmp_path / "data")
    looks = [article(text=f"{prose(1)} {n}", at=MORNING + n * HOUR) for n in range(MAX_VERSIONS)]
    a_store_of_before(found, *looks)
    with open_store(found, WAIT_S) as store:
        merge(store, Batch(None, (article(text=f"{prose(1)} Ralat.", at=MORNING + 90 * HOUR),)))
        history = store.connection.execute(
            "SELECT version, versions_left_out FROM article_versions ORDER BY version"
        ).fetchall()
        newest = store.connection.execute("SELECT ends_with(text, 'Ralat.') FROM articles").fetchall()
    assert history == [(1, 0), (3, 1), *((n, 0) for n in range(4, 20)), (20, None), (21, 0)]
    assert newest == [(True,)]


def test_keys_get_their_numbers_and_bands_one_row_an_article(kept: DataDir) -> None:
    """What is found by them is found after the upgrade: the same article, and its copy."""
    claimed = replace(article("https://warta.example/lain/", prose(2)), keys=("url:warta.example/lain", "id:warta.example:7"))  # fmt: skip
    with open_store(kept, WAIT_S) as store:
        merge(store, Batch(None, (claimed,)))
        made = [rows_of(store, table) for table in ("keys", "claims", "bands")]
        without_numbers(store)
    with open_store(kept, WAIT_S) as store:
        assert [rows_of(store, table) for table in ("keys", "claims", "bands")] == made
        again, copy = article(at=MORNING + HOUR), article("https://warta.example/salinan/", source="warta")
        assert merge(store, Batch(None, (again, copy))).new == 1
        assert store.connection.execute("SELECT count(*) FROM copies").fetchall() == [(1,)]
    assert len(made[0]) > 1 and len(made[1]) == 1 and len(made[2]) == 2


def rows_of(store: Store, table: str) -> list[tuple[Any, ...]]:
    columns = {"keys": "key, number", "claims": "key, number", "bands": "day, hashes"}[table]
    return store.connection.execute(f"SELECT article_id, {columns} FROM kept.{table} ORDER BY ALL").fetchall()


def test_a_first_store_needs_no_backup(kept: DataDir) -> None:
    """There was nothing before it."""
    assert backups(kept) == []


@pytest.mark.heavy
def test_an_upgrade_keeps_the_store_from_before(
    kept: DataDir, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy has the old schema and every row; the store and what is published have the new one."""
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    today = ask(kept.store, "SELECT max(number) FROM kept.migrations")
    opened(kept)
    assert backups(kept) == [f"store.duckdb.before-{NEWER}"]
    before = kept.root / backups(kept)[0]
    assert ask(before, "SELECT max(number) FROM kept.migrations") == today
    assert ask(before, "SELECT count(*) FROM kept.versions") == [(1,)]
    for path in (kept.store, kept.published):
        assert ask(path, "SELECT max(number) FROM kept.migrations") == [(NEWER,)]
        assert ask(path, "SELECT article_id IS NULL, remark FROM kept.articles") == [(False, None)]


def test_opening_again_leaves_the_backup(kept: DataDir, newer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made once for each upgrade."""
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    opened(kept)
    made = (kept.root / f"store.duckdb.before-{NEWER}").stat()
    opened(kept)
    assert (kept.root / f"store.duckdb.before-{NEWER}").stat() == made


@pytest.mark.heavy
def test_only_the_last_backup_stays(kept: DataDir, newer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two upgrades, the one before the second."""
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    opened(kept)
    (newer / f"{NEWER + 1}_more.sql").write_text(ROWS)
    opened(kept)
    assert backups(kept) == [f"store.duckdb.before-{NEWER + 1}"]


@pytest.mark.heavy
@pytest.mark.parametrize("step", [NEWER, NEWER + 1])
def test_a_kill_in_the_middle_of_a_migration_costs_nothing(
    kept: DataDir, newer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Killed in the first or the second of two new migrations: the next open finishes them, the backup is whole."""
    (newer / f"{NEWER + 1}_more.sql").write_text("CREATE TABLE kept.more AS SELECT 1 AS one;")
    endless = tmp_path / "endless"
    shutil.copytree(newer, endless)
    reached = tmp_path / "reached"
    (path,) = endless.glob(f"{step}_*.sql")
    with path.open("a") as file:
        file.write(
            f"COPY (SELECT 1) TO '{reached}';\nSELECT max(a.range * b.range) FROM range(10000000) a, range(10000000) b;"
        )
    code = (
        "from pathlib import Path\n"
        "from storage import schema, store\n"
        "from storage.data_dir import DataDir\n"
        f"schema.MIGRATIONS = Path({str(endless)!r})\n"
        f"with store.open_store(DataDir(Path({str(kept.root)!r})), {WAIT_S}): pass\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT)
    try:
        while not reached.exists():
            assert process.poll() is None
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = kept.root / f"store.duckdb.before-{NEWER + 1}"
    made = before.read_bytes()
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    opened(kept)
    assert before.read_bytes() == made
    assert ask(before, "SELECT max(number) FROM kept.migrations") != [(NEWER,)]
    assert ask(before, "SELECT count(*) FROM kept.versions") == [(1,)]
    assert ask(
        kept.published, "SELECT max(number), count(*) = count(DISTINCT number) FROM kept.migrations"
    ) == [(NEWER + 1, True)]
    assert ask(kept.published, "SELECT (SELECT count(remark) FROM kept.articles), one FROM kept.more") == [
        (0, 1)
    ]


def test_the_backup_opens_as_a_store(kept: DataDir, newer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To go back: put it in the store's place, with the Kabar from before."""
    with monkeypatch.context() as upgraded:
        upgraded.setattr(schema, "MIGRATIONS", newer)
        opened(kept)
    (kept.root / f"store.duckdb.before-{NEWER}").replace(kept.store)
    opened(kept)
    assert ask(kept.published, "SELECT max(number) FROM kept.migrations") == [(known_schema(),)]
    assert ask(kept.published, "SELECT count(*) FROM articles") == [(1,)]
