"""The published copy as our own code asks it: an answer, or null where there is nothing to ask."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from storage.data_dir import DataDir, DataDirError, FileDamaged, damaged
from storage.integrity import schema_number
from storage.publish import ask, open_if_published, open_published
from storage.schema import known_schema
from storage.store import open_store


@pytest.fixture
def data_dir(tmp_path: Path) -> DataDir:
    """A DATA_DIR with an empty store that is published."""
    found = DataDir(tmp_path / "data")
    with open_store(found, 5):
        pass
    return found


def test_a_question_is_answered(data_dir: DataDir) -> None:
    """And the copy is let go: it may be written into afterwards."""
    assert ask(data_dir, schema_number) == known_schema()
    data_dir.published.chmod(0o644)
    with duckdb.connect(str(data_dir.published)) as other:
        other.execute("CREATE TABLE berita (judul VARCHAR)")


def test_before_the_first_publish_nobody_answers(tmp_path: Path) -> None:
    """Null, and nothing is made."""
    empty = DataDir(tmp_path / "data")
    assert (ask(empty, schema_number), open_if_published(empty)) == (None, None)
    assert not empty.root.exists()


def test_a_copy_that_is_no_database_answers_nothing(data_dir: DataDir) -> None:
    """As little as one whose tables are others."""
    assert ask(data_dir, lambda copy: copy.execute("FROM kept.no_such_table").fetchall()) is None
    data_dir.published.chmod(0o644)
    data_dir.published.write_bytes(b"bukan basis data" * 1000)
    assert (ask(data_dir, schema_number), open_if_published(data_dir)) == (None, None)


def test_a_fault_of_our_own_is_not_hidden(data_dir: DataDir) -> None:
    """Only what DuckDB says of the copy means null."""
    with pytest.raises(ZeroDivisionError):
        ask(data_dir, lambda _: 1 // 0)


def test_a_copy_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """What broke off on its way here is damaged, another program's database is none of ours."""
    data_dir = DataDir(tmp_path)
    data_dir.published.write_bytes(b"PK\x03\x04 rusak")
    with pytest.raises(FileDamaged, match="is damaged"):
        open_published(data_dir)
    data_dir.published.unlink()
    with duckdb.connect(str(data_dir.published)) as other:
        other.execute("CREATE TABLE berita (judul VARCHAR)")
    with pytest.raises(DataDirError, match="no database of Kabar's"):
        open_published(data_dir)


def test_what_is_damaged_is_told_from_other_errors(tmp_path: Path) -> None:
    """A block that is not what was written, or not there; a mistake in a question is none."""
    words = 'IO Error: Could not read enough bytes from file "news.duckdb"\nat location 9'
    told = damaged(tmp_path, duckdb.IOException(words))
    assert told is not None and str(told).endswith('from file "news.duckdb"')
    assert damaged(tmp_path, duckdb.CatalogException("Table with name artikel does not exist")) is None
