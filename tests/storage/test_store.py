"""The store and its published copy: opened, migrated, replaced; and what others do to them meanwhile."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from storage.batch import Batch
from storage.data_dir import DatabaseBusy, DataDir
from storage.merge import merge
from storage.publish import open_published, publish_if_stale
from storage.schema import SchemaError, known_schema
from storage.store import StoreDamaged, open_store, settle_publication
from tests.kit.factories import MORNING, article, prose
from tests.kit.running import scrapy
from tests.kit.shell import duckdb_shell

CHECKOUT = Path(__file__).parents[2]


def keep(data_dir: DataDir, *numbers: int) -> None:
    """Merge an article for each number, and publish."""
    with open_store(data_dir, wait_s=5) as store:
        articles = (article(f"https://wartapesisir.example/{n}/", prose(n)) for n in numbers)
        merge(store, Batch(articles=tuple(articles)))


def held(data_dir: DataDir) -> int:
    """How many articles an analyst sees who opens the published copy now."""
    with open_published(data_dir) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM articles").fetchall()
    return int(count)


@contextmanager
def process(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Another Python, which says a word when it is ready and ends when its input does."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdin is not None
        try:
            assert other.stdout.readline() == "ready\n"
            yield other
        finally:
            other.kill()


# --- opening and migrating ----------------------------------------------------------------------------


def test_the_first_opening_makes_and_publishes_an_empty_database(data_dir: DataDir) -> None:
    """An analyst can open it before anything was crawled."""
    with open_store(data_dir, wait_s=5):
        pass
    assert held(data_dir) == 0
    with open_published(data_dir) as connection:
        applied = connection.execute("SELECT number, name FROM kept.migrations").fetchall()
    assert applied[0] == (1, "first_light")
    assert max(number for number, _ in applied) == known_schema()


def test_migrations_are_applied_once(data_dir: DataDir) -> None:
    """Opening again finds them recorded."""
    for _ in range(2):
        with open_store(data_dir, wait_s=5) as store:
            found = store.connection.execute("SELECT number, applied_at FROM kept.migrations").fetchall()
    with open_store(data_dir, wait_s=5) as store:
        assert store.connection.execute("SELECT number, applied_at FROM kept.migrations").fetchall() == found


def test_other_views_are_replaced_by_those_of_this_code(data_dir: DataDir) -> None:
    """An upgrade of the views needs no migration."""
    with open_store(data_dir, wait_s=5) as store, store.transaction() as connection:
        connection.execute("CREATE OR REPLACE VIEW main.articles AS SELECT 1 AS old")
        connection.execute("UPDATE kept.facts SET value = 'older' WHERE name = 'views'")
    with open_store(data_dir, wait_s=5):
        pass
    assert held(data_dir) == 0


def test_a_store_of_a_newer_kabar_is_refused(data_dir: DataDir) -> None:
    """One line names both schemas, and nothing in the store is touched."""
    with open_store(data_dir, wait_s=5) as store, store.transaction() as connection:
        connection.execute("INSERT INTO kept.migrations VALUES (9001, 'later', now())")
    before = data_dir.store.read_bytes()
    with (
        pytest.raises(SchemaError, match=r"schema 9001.*newer.*this one knows \d+") as told,
        open_store(data_dir, 5),
    ):
        pytest.fail("opened")
    assert "\n" not in str(told.value)
    assert data_dir.store.read_bytes() == before


def test_a_transaction_that_fails_is_undone(data_dir: DataDir) -> None:
    """What the block wrote before its error is not there, and the store goes on."""
    with open_store(data_dir, wait_s=5) as store:
        with pytest.raises(ZeroDivisionError), store.transaction() as connection:
            connection.execute("INSERT INTO kept.facts VALUES ('half', 'done')")
            _ = 1 // 0
        assert store.connection.execute("SELECT * FROM kept.facts WHERE name = 'half'").fetchall() == []


# --- damage -------------------------------------------------------------------------------------------


def _no_database(data_dir: DataDir) -> None:
    data_dir.store.write_bytes(b"<html>not a database</html>" * 400)


def _headers_overwritten(data_dir: DataDir) -> None:
    with data_dir.store.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)


def _cut_short(data_dir: DataDir) -> None:
    with data_dir.store.open("r+b") as file:
        file.truncate(20_000)


@pytest.mark.parametrize("spoil", [_no_database, _headers_overwritten, _cut_short])
def test_a_damaged_store_is_told_in_one_line(data_dir: DataDir, spoil: Callable[[DataDir], None]) -> None:
    """It names the file and what to do; the copy that analysts read stays as it is."""
    keep(data_dir, 1, 2)
    spoil(data_dir)
    started = time.monotonic()
    with pytest.raises(StoreDamaged, match="scrapy doctor") as told, open_store(data_dir, wait_s=30):
        pytest.fail("opened")
    assert time.monotonic() - started < 10, "damage is not waited for, as a lock is"
    assert str(told.value).startswith(str(data_dir.store)) and "\n" not in str(told.value)
    assert held(data_dir) == 2


@pytest.mark.heavy
def test_a_damaged_block_is_told_when_it_is_met(data_dir: DataDir) -> None:
    """A store can open well and be damaged further in."""
    keep(data_dir, *range(50))
    told = 0
    good = data_dir.store.read_bytes()
    for at in range(12_288, len(good), 1 << 18):  # a place in every block
        data_dir.store.write_bytes(good[:at] + b"\xff" * 1_024 + good[at + 1_024 :])
        try:
            with open_store(data_dir, wait_s=5) as store:
                store.connection.execute("SELECT * FROM kept.versions").fetchall()
        except StoreDamaged:
            told += 1
    assert told


# --- publishing ---------------------------------------------------------------------------------------


def test_what_is_merged_is_published(data_dir: DataDir) -> None:
    """The copy has every row, no log beside it, and nobody's leave to write."""
    keep(data_dir, 1, 2, 3)
    assert held(data_dir) == 3
    assert stat.S_IMODE(data_dir.published.stat().st_mode) == 0o444
    assert not data_dir.published.with_suffix(".duckdb.wal").exists()
    assert not list(data_dir.root.glob("*.new"))
    assert not list(data_dir.scratch.iterdir())


def test_nothing_is_published_when_nothing_changed(data_dir: DataDir) -> None:
    """A segment that is merged already leaves the copy the very file that it was."""
    batch = Batch("warta_pesisir/1.warc.gz", (article(),))
    with open_store(data_dir, wait_s=5) as store:
        merge(store, batch)
    before = data_dir.published.stat()
    with open_store(data_dir, wait_s=5) as store:
        merge(store, batch)
    settle_publication(data_dir, wait_s=5)
    after = data_dir.published.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_reader_keeps_the_copy_that_it_opened(data_dir: DataDir) -> None:
    """It may be held for days: it neither sees the replacement nor stops it."""
    keep(data_dir, 1)
    with open_published(data_dir) as reader:
        keep(data_dir, 2)
        assert reader.execute("SELECT count(*) FROM articles").fetchall() == [(1,)]
        assert reader.execute("SELECT count(*) FROM article_versions").fetchall() == [(1,)]
        # DuckDB gives one process one database per path, so the newer copy is for another process.
        assert duckdb_shell("-readonly", data_dir.published, sql="SELECT count(*) AS n FROM articles") == [
            {"n": 2}
        ]
    assert held(data_dir) == 2


@pytest.mark.heavy
def test_the_copy_is_replaced_while_it_is_read_all_the_time(data_dir: DataDir) -> None:
    """A reader who opens it again and again never meets a lock, a hole or half a copy."""
    keep(data_dir, 0)
    code = (
        "import sys, duckdb\n"
        "print('ready', flush=True)\n"
        "seen = [0]\n"
        "while seen[-1] < 5:\n"
        "    with duckdb.connect(sys.argv[1], read_only=True) as reader:\n"
        "        [(n,)] = reader.execute('SELECT count(*) FROM articles').fetchall()\n"
        "        [(m,)] = reader.execute('SELECT count(*) FROM article_versions').fetchall()\n"
        "    assert n == m >= seen[-1], (n, m, seen)\n"
        "    seen.append(n)\n"
        "print(len(seen), flush=True)\n"
    )
    with process(code, data_dir.published) as reader:
        for n in range(1, 5):
            keep(data_dir, n)
        assert reader.stdout is not None
        assert int(reader.stdout.readline()) > 1
        assert reader.wait(10) == 0


def test_a_copy_that_somebody_wrote_into_is_replaced(data_dir: DataDir) -> None:
    """What root writes into it is lost, and everybody has the true rows again."""
    keep(data_dir, 1)
    data_dir.published.chmod(0o644)
    with duckdb.connect(str(data_dir.published)) as analyst:
        analyst.execute("DELETE FROM kept.versions")
    assert held(data_dir) == 0
    settle_publication(data_dir, wait_s=5)
    assert held(data_dir) == 1
    assert stat.S_IMODE(data_dir.published.stat().st_mode) == 0o444


_KILLED_WRITER = """
import os, sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("SET checkpoint_threshold = '1GB'")
connection.execute("DELETE FROM kept.versions")
connection.execute("CREATE TABLE main.notes AS SELECT 1 AS note")
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("changed", [True, False], ids=["with new rows", "without new rows"])
def test_the_log_of_a_killed_writer_is_removed(data_dir: DataDir, changed: bool) -> None:
    """It would be replayed into the next copy, or break it; the next command makes all good again."""
    keep(data_dir, 1)
    data_dir.published.chmod(0o644)
    log = data_dir.published.with_suffix(".duckdb.wal")
    with process(_KILLED_WRITER, data_dir.published):
        assert log.exists()
    assert log.exists()
    if changed:
        keep(data_dir, 2)
    else:
        settle_publication(data_dir, wait_s=5)
    assert not log.exists()
    assert held(data_dir) == 1 + changed


_KILLED_BEFORE_THE_CHECKPOINT = """
import os, sys
from pathlib import Path
from storage.data_dir import DataDir
from storage.store import open_store
from storage.batch import Batch
from storage.merge import merge
from tests.kit.factories import article
with open_store(DataDir(Path(sys.argv[1])), 5) as store:
    merge(store, Batch(articles=(article(),)))
    os._exit(9)
"""


def test_a_kill_between_merge_and_publish_is_made_good(data_dir: DataDir) -> None:
    """What was committed stands in the store's log; the next command publishes it too."""
    keep(data_dir, 1)
    done = subprocess.run(
        [sys.executable, "-c", _KILLED_BEFORE_THE_CHECKPOINT, str(data_dir.root)], cwd=CHECKOUT, check=False
    )
    assert done.returncode == 9
    assert held(data_dir) == 1
    settle_publication(data_dir, wait_s=5)
    assert held(data_dir) == 2
    assert not data_dir.store.with_suffix(".duckdb.wal").exists()
    before = data_dir.published.stat().st_ino
    settle_publication(data_dir, wait_s=5)
    assert data_dir.published.stat().st_ino == before


@pytest.mark.parametrize("missing", ["published.json", "news.duckdb"])
def test_a_copy_that_is_not_known_to_be_true_is_made_again(data_dir: DataDir, missing: str) -> None:
    """A lost note or a lost copy costs one more copy and nothing else."""
    keep(data_dir, 1)
    (data_dir.root / missing).unlink()
    settle_publication(data_dir, wait_s=5)
    assert held(data_dir) == 1


def test_half_a_copy_of_an_earlier_kill_is_in_nobodys_way(data_dir: DataDir) -> None:
    """The copy is made under another name and replaced in one step."""
    keep(data_dir, 1)
    data_dir.published.with_suffix(".duckdb.new").write_bytes(b"half")
    keep(data_dir, 2)
    assert held(data_dir) == 2


def test_publishing_says_what_it_cost(data_dir: DataDir) -> None:
    """Seconds and bytes, for those who watch a large database."""
    keep(data_dir, 1)
    data_dir.publication.unlink()
    cost = publish_if_stale(data_dir)
    assert cost is not None
    assert cost.size_bytes == data_dir.store.stat().st_size
    assert 0 < cost.seconds < 10
    assert publish_if_stale(data_dir) is None


def test_before_the_first_publish_there_is_nothing_to_open(data_dir: DataDir) -> None:
    """Asking for it makes no file."""
    with pytest.raises(FileNotFoundError):
        open_published(data_dir)
    settle_publication(data_dir, wait_s=0)
    assert not data_dir.root.exists()


def test_times_are_shown_in_the_zone_that_is_asked_for(data_dir: DataDir) -> None:
    """An instant stays an instant; only its clock differs."""
    keep(data_dir, 1)
    with open_published(data_dir, "Asia/Makassar") as connection:
        [(shown, instant)] = connection.execute(
            "SELECT fetched_at::VARCHAR, fetched_at FROM articles"
        ).fetchall()
    assert shown == "2024-11-20 09:00:00+08"
    assert instant == MORNING


# --- others -------------------------------------------------------------------------------------------


_FOREIGN = (
    "import sys, duckdb\nheld = duckdb.connect(sys.argv[1])\nprint('ready', flush=True)\nsys.stdin.read()\n"
)


def test_a_foreign_process_that_holds_the_store_is_named(data_dir: DataDir) -> None:
    """A shell left open on store.duckdb knows nothing of our lock; the message says which process it is."""
    keep(data_dir, 1)
    with process(_FOREIGN, data_dir.store) as other:
        with pytest.raises(DatabaseBusy) as told, open_store(data_dir, wait_s=0.3):
            pytest.fail("opened")
        assert told.value.holder == other.pid
        assert re.search(rf"process {other.pid}\b", str(told.value))
        assert held(data_dir) == 1, "an analyst never waits for the store"
    keep(data_dir, 2)
    assert held(data_dir) == 2


def test_a_busy_store_is_waited_for(data_dir: DataDir) -> None:
    """A merge goes through as soon as the foreign process lets go."""
    keep(data_dir, 1)
    with process(_FOREIGN.replace("sys.stdin.read()", "import time; time.sleep(0.5)"), data_dir.store):
        keep(data_dir, 2)
    assert held(data_dir) == 2


_MERGES = """
import sys
from pathlib import Path
from storage.data_dir import DataDir
from storage.store import open_store
from storage.batch import Batch
from storage.merge import merge
from tests.kit.factories import article, prose
print("ready", flush=True)
for n in range(3):
    with open_store(DataDir(Path(sys.argv[1])), 60) as store:
        number = f"{sys.argv[2]}{n}"
        merge(store, Batch(articles=(article(f"https://wartapesisir.example/{number}/", prose(int(number))),)))
"""


@pytest.mark.heavy
def test_processes_that_merge_at_once_lose_nothing(data_dir: DataDir) -> None:
    """They take turns; at the end every article of each is published."""
    with process(_MERGES, data_dir.root, 1) as one, process(_MERGES, data_dir.root, 2) as two:
        for n in range(3):
            keep(data_dir, n + 300)
        assert (one.wait(60), two.wait(60)) == (0, 0)
    assert held(data_dir) == 9


# --- the older shell ----------------------------------------------------------------------------------


def test_the_shell_of_the_venv_reads_the_published_copy(data_dir: DataDir) -> None:
    """DuckDB 1.5 opens what 2.0 writes, with its views, lists, instants and comments."""
    keep(data_dir, 1, 2)
    found = duckdb_shell(
        "-readonly",
        data_dir.published,
        sql="SET TimeZone = 'Asia/Makassar'; SELECT version()[:4] AS shell, count(*) AS n,"
        " min(fetched_at)::VARCHAR AS first, any_value(authors) AS authors FROM articles",
    )
    assert found == [{"shell": "v1.5", "n": 2, "first": "2024-11-20 09:00:00+08", "authors": []}]


def test_a_store_that_is_gone_costs_no_copy(data_dir: DataDir) -> None:
    """A new one would be published over the rows of the old; whoever only asks is answered by the copy."""
    with open_store(data_dir, wait_s=5) as opened:
        merge(opened, Batch(articles=(article(),)))
    data_dir.store.unlink()
    before = data_dir.published.read_bytes()
    with pytest.raises(StoreDamaged, match="scrapy doctor --mend"), open_store(data_dir, wait_s=5):
        pass
    assert not data_dir.store.exists()
    assert data_dir.published.read_bytes() == before
    asked = scrapy("query", "SELECT count(*) AS n FROM articles", "--format", "csv", DATA_DIR=data_dir.root)
    assert (asked.code, asked.out.split()) == (0, ["n", "1"]), asked.err
    scrapy("doctor", "--mend", DATA_DIR=data_dir.root)
    with open_store(data_dir, wait_s=5) as opened:
        assert opened.connection.execute("SELECT count(*) FROM kept.articles").fetchall() == [(1,)]
