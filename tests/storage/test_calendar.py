"""The calendar of the election: the file, the view, and what stands in its quiet days by each outlet's own zone."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import duckdb
import pytest

from pipelines.article import Article
from storage.batch import Batch
from storage.calendar import QUIET_DAYS, as_values, stages
from storage.connection import Store
from storage.merge import merge
from storage.schema import macros
from tests.kit.factories import article, prose


def test_the_days_of_the_stages() -> None:
    """As the regulations have them: whole days, each with its source, the vote right after the quiet days."""
    days = {each.stage: (each.first_day, each.last_day) for each in stages()}
    assert days["campaign"] == (date(2024, 9, 25), date(2024, 11, 23))
    assert days[QUIET_DAYS] == (date(2024, 11, 24), date(2024, 11, 26))
    assert days["vote"] == (date(2024, 11, 27), date(2024, 11, 27))
    assert all(each.first_day <= each.last_day and "PKPU" in each.legal_source for each in stages())
    assert len(days) == len(stages())


def test_the_values_are_the_file() -> None:
    """An apostrophe of a legal source would end nothing."""
    with closing(duckdb.connect()) as connection:
        found = connection.execute(f"SELECT * FROM (VALUES {as_values()})").fetchall()
    assert found == [(each.stage, each.first_day, each.last_day, each.legal_source) for each in stages()]


def found(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return store.connection.execute(sql).fetchall()


def told(name: str, at: str, title: str = "Warga Perbaiki Dermaga", more: str = "", **facts: Any) -> Article:
    """An article that its outlet published at that instant, on the day that stands there."""
    made = article(
        f"https://wartapesisir.example/{name}/",
        f"{prose(hash_of(name))}\n{more}",
        published=datetime.fromisoformat(at),
        published_on=date.fromisoformat(at[:10]),
        title=title,
    )
    return replace(made, **facts)


def hash_of(name: str) -> int:
    return sum(map(ord, name))


def test_a_stage_is_the_outlets_own_day(store: Store) -> None:
    """One minute before midnight in WIT is another day than one minute later; without a day there is no stage."""
    merge(store, Batch(None, (
        told("lewat", "2024-11-23T23:59:00+09:00"), told("tenang", "2024-11-24T00:00:00+09:00"),
        told("pilih", "2024-11-27T00:30:00+07:00"), told("sesudah", "2024-12-17T00:00:00+08:00"),
        article("https://wartapesisir.example/tanpa/", prose(7)),
    )))  # fmt: skip
    rows = found(
        store, "SELECT a.url, s.stage FROM article_stages s JOIN articles a USING (article_id) ORDER BY ALL"
    )
    assert [(url.split("/")[3], stage) for url, stage in rows] == [
        ("lewat", "campaign"),
        ("lewat", "campaign advertising in the media"),
        ("pilih", "counting and recapitulation"),
        ("pilih", "vote"),
        ("tenang", "quiet days"),
    ]
    assert found(store, "SELECT first_day, last_day FROM calendar WHERE stage = 'quiet days'") == [
        (date(2024, 11, 24), date(2024, 11, 26))
    ]


CANDIDATES = "Pasangan calon nomor satu unggul. Lembaga itu menanyai 1.200 responden."


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        (told("adv", "2024-11-25T09:00:00+08:00", is_advertorial=True, advertorial_from="section"), ["paid section"]),
        (told("elek", "2024-11-25T09:00:00+08:00", "Elektabilitas Dua Calon Bersaing Ketat"), ["poll title"]),
        (told("tag", "2024-11-25T09:00:00+08:00", tags=("Pilkada", "Quick Count")), ["poll tag"]),
        (told("survei", "2024-11-26T23:59:00+08:00", "Survei: Siapa Unggul?", CANDIDATES), ["poll title"]),
        (told("isi", "2024-11-24T00:00:00+08:00", "Siapa Unggul?", f"Menurut survei, {CANDIDATES}"), ["poll text"]),
        (told("jalan", "2024-11-25T09:00:00+08:00", "Tim Survei Jalan Rusak di Sangatta"), []),
        (told("layanan", "2024-11-25T09:00:00+08:00", "Survei Kepuasan", "Sebanyak 300 responden puas."), []),
        (told("lusa", "2024-11-27T00:00:00+08:00", "Hitung Cepat: Siapa Unggul?", is_advertorial=True), []),
        (
            told("dua", "2024-11-25T09:00:00+08:00", "Elektabilitas Naik (ADV)", is_advertorial=True, advertorial_from="label"),
            ["paid label", "poll title"],
        ),
    ],
    ids=lambda each: str(each.url).split("/")[3] if isinstance(each, Article) else "",
)  # fmt: skip
def test_paid_and_poll_content_of_the_quiet_days(given: Article, kinds: list[str], store: Store) -> None:
    """What is marked as paid, and what its own words call a poll; with where that was told from."""
    merge(store, Batch(None, (given,)))
    rows = found(store, "SELECT kind || ' ' || told_from FROM quiet_days_content()")
    assert [row for (row,) in rows] == kinds


def test_the_question_works_through_an_attached_copy(store: Store) -> None:
    """As every macro does: its tables are named by their database."""
    assert "{" not in macros("TEMP MACRO ", "kabar.").partition("quiet_days_content")[2]
    assert "kabar.kept.calendar" in macros("TEMP MACRO ", "kabar.")
