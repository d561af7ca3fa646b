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

from pipelines.dedupe import Reading, Stored
from storage import schema, store
from storage.data_dir import DataDir
from storage.known import Known
from storage.merge import Batch, merge
from storage.schema import known_schema
from storage.store import open_store
from tests.kit.factories import MORNING, article, prose
from tests.kit.running import CHECKOUT

WAIT_S = 20.0
NEWER = 9001
COLUMN = "ALTER TABLE kept.articles ADD COLUMN remark VARCHAR;"
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


def test_the_readings_of_a_first_store_are_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading that missed a part is known to have done so."""
    found = DataDir(tmp_path / "data")
    whole = article(at=MORNING)
    short = replace(article("https://wartapesisir.example/lain/", prose(1)), is_complete=False)
    with open_store(found, WAIT_S) as store:
        merge(store, Batch(None, (whole, short)))
        for column in ("is_complete", "segment", "record_offset"):
            store.connection.execute(f"ALTER TABLE kept.readings DROP COLUMN {column}")
        store.connection.execute("ALTER TABLE kept.segments DROP COLUMN read_by")
        store.connection.execute("ALTER TABLE kept.articles DROP COLUMN fingerprint")
        for table in ("copies", "ingested", "links", "published"):
            store.connection.execute(f"DROP TABLE kept.{table}")
        for column in ("covered_from", "covered_to"):
            store.connection.execute(f"ALTER TABLE kept.crawls DROP COLUMN {column}")
        store.connection.execute("ALTER TABLE kept.sources DROP COLUMN verified_at")
        store.connection.execute("ALTER TABLE kept.sources DROP COLUMN differences")
        store.connection.execute("ALTER TABLE kept.articles DROP COLUMN moved_to")
        for table in ("claims", "discredited"):
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


def test_a_first_store_needs_no_backup(kept: DataDir) -> None:
    """There was nothing before it."""
    assert backups(kept) == []


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


def test_only_the_last_backup_stays(kept: DataDir, newer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two upgrades, the one before the second."""
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    opened(kept)
    (newer / f"{NEWER + 1}_more.sql").write_text(ROWS)
    opened(kept)
    assert backups(kept) == [f"store.duckdb.before-{NEWER + 1}"]


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
