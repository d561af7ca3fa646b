"""The published copy as our own code asks it: an answer, or null where there is nothing to ask."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from storage.data_dir import DataDir
from storage.integrity import schema_number
from storage.publish import ask, open_if_published
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
    duckdb.connect(str(data_dir.published)).close()


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
