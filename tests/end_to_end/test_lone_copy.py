"""A DATA_DIR that holds no more than `news.duckdb`, copied from elsewhere: whole, broken off on its way, or somebody else's."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.conftest import Crawled
from tests.kit.running import command, scrapy, together

QUESTIONS = {
    "query": ["query", "SELECT count(*) FROM articles"],
    "search": ["search", "pilkada"],
    "report": ["report"],
    "raw": ["raw", "https://expresi.co/"],
}


@pytest.mark.heavy
def test_a_copy_that_broke_off_is_told_in_one_line(recorded: Crawled, tmp_path: Path) -> None:
    """By every command that asks it, with exit code 1: a file is damaged."""
    whole = (recorded.data_dir / "news.duckdb").read_bytes()
    (tmp_path / "news.duckdb").write_bytes(whole[:100_000])
    done = together({name: command(*words, DATA_DIR=tmp_path) for name, words in QUESTIONS.items()})
    for each in done.values():
        assert (each.code, len(each.complaints)) == (1, 1), each.err
        assert each.complaints[0].startswith(f"kabar: a database of DATA_DIR {tmp_path} is damaged")


@pytest.mark.heavy
def test_another_database_is_told_in_one_line(tmp_path: Path) -> None:
    """It is wrong use: nothing of ours is in it."""
    with duckdb.connect(str(tmp_path / "news.duckdb")) as other:
        other.execute("CREATE TABLE berita (judul VARCHAR)")
    done = together({name: command(*words, DATA_DIR=tmp_path) for name, words in QUESTIONS.items()})
    told = [f"kabar: {tmp_path}/news.duckdb is no database of Kabar's"]
    assert {name: (each.code, each.complaints) for name, each in done.items()} == dict.fromkeys(
        QUESTIONS, (2, told)
    )


@pytest.mark.heavy
def test_a_digest_is_made_of_a_copy_alone(recorded: Crawled, tmp_path: Path) -> None:
    """The folders that it needs for its mark are made."""
    (tmp_path / "news.duckdb").write_bytes((recorded.data_dir / "news.duckdb").read_bytes())
    assert "expresi" in scrapy("digest", DATA_DIR=tmp_path).succeeded().out.lower()
