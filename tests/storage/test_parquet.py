"""Frozen values in a Parquet file: what is read back is what was written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from pipelines.article import Article, Rejected
from storage.batch import Fetch
from storage.parquet import ValueFile, read
from storage.parts import ReadPage
from tests.kit.factories import MORNING, article


def through(folder: Path, *values: object) -> list[object]:
    """The values after a way through a file."""
    kind = type(values[0])
    file = ValueFile(kind, folder / "values.ndjson")
    for value in values:
        file.append(value)
    path = folder / "values.parquet"
    file.finish(path)
    assert not (folder / "values.ndjson").exists()
    found = list(read(path, kind))
    path.unlink()
    return found


def a_row(*articles: Article, rejections: tuple[Rejected, ...] = ()) -> ReadPage:
    fetch = Fetch("https://expresi.co/satu/", "expresi", MORNING, 200, 17, "article", None, None)
    url = "https://expresi.co/satu/"
    return ReadPage("a.warc.gz", url, "expresi", MORNING, 7, 9, 40, False, False, fetch, articles, rejections)


def test_a_page_s_row_comes_back_as_it_was(tmp_path: Path) -> None:
    """With every field of its articles, lists and nulls among them, in the order of writing."""
    full = replace(
        article(published=MORNING, numbers=["7"], claims=["https://expresi.co/satu/?a='b'"]),
        authors=("Ani", "Budi"),
        published_on=date(2024, 11, 20),
        language_confidence=0.1 + 0.2,
        published_at=datetime(2024, 11, 20, 1, 2, 3, 456789, tzinfo=UTC),
    )
    refused = Rejected(None, "expresi", MORNING, "too_short", "7", day=date(2024, 1, 2))
    rows = [a_row(full, article(text='kata "dua"\n\t\\ ☃')), a_row(rejections=(refused,)), a_row()]
    assert through(tmp_path, *rows) == rows


def test_no_rows_are_a_file_too(tmp_path: Path) -> None:
    """A part that has nothing is complete all the same."""
    ValueFile(ReadPage, tmp_path / "a.ndjson").finish(tmp_path / "a.parquet")
    assert list(read(tmp_path / "a.parquet", ReadPage)) == []


@dataclass(frozen=True)
class Text:
    """One text."""

    text: str


TEXTS = some.lists(
    some.text(some.characters(codec="utf-8", exclude_characters="\x00")), min_size=1, max_size=20
)


@settings(max_examples=20)
@given(texts=TEXTS)
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    """Whatever signs a page is made of."""
    values = [Text(text) for text in texts]
    assert through(tmp_path_factory.mktemp("texts"), *values) == values


def test_a_long_text_comes_back(tmp_path: Path) -> None:
    """A REST answer of a hundred long posts is one line."""
    values = [Text("kata " * 8_000_000), Text("pendek")]
    assert through(tmp_path, *values) == values


def test_any_engine_reads_it(tmp_path: Path) -> None:
    """Articles are a list of structs: SQL asks for their fields."""
    file = ValueFile(ReadPage, tmp_path / "a.ndjson")
    file.append(a_row(article()))
    file.finish(tmp_path / "it's.parquet")
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT one.title, one.fetched_at = ? FROM (SELECT unnest(articles) AS one FROM read_parquet(?))",
            [MORNING, str(tmp_path / "it's.parquet")],
        ).fetchall()
    assert found == [("Warga Tanjung Limau Perbaiki Dermaga", True)]
