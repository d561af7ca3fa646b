"""The articles that a reader looks for: by words, by outlet, place, actor, day and mark; counted, and a page of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from storage.explore.ask import Answer, ask, literal, run, spelled, text_of
from storage.search.ask import matches
from storage.search.question import Case

FACETS = ("outlets", "places", "actors", "months", "marks")
"""What the articles found are counted by: a `find_….sql` each."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which articles. Null: any; days are the outlet's own, inclusive; a mark is wanted where it is true."""

    words: str | None = None
    cases: Sequence[Case] = ()
    """`words`, as `storage.search.question` reads them; empty when they are null."""
    source: str | None = None
    places: Sequence[str] | None = None
    """Ids of places, of which an article names one, or one that lies in it."""
    actor: str | None = None
    since: date | None = None
    until: date | None = None
    is_paid: bool = False
    is_edited: bool = False
    is_removed: bool = False


class Found:
    """The articles that were found. Each answer's text stands alone, with the question that found them in it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
        self._cursor = cursor
        self._sql = sql
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE found AS\n{sql}")

    def ask(self, name: str, **values: object) -> Answer:
        """A question about them."""
        answer = ask(self._cursor, name, **values)
        sql = self._sql.replace("\n", "\n    ")
        return Answer(f"WITH found AS (\n    {sql}\n)\n{answer.sql}", answer.rows)


def find(cursor: duckdb.DuckDBPyConnection, wanted: Wanted) -> Found:
    """The articles wanted, kept in a table of this cursor's own."""
    return Found(cursor, sql_of(cursor, wanted))


def sql_of(cursor: duckdb.DuckDBPyConnection, wanted: Wanted) -> str:
    """The question, as SQL: one row for each article, with what lists sort and count by."""
    conditions = [f"{column} {sign} {literal(value)}" for column, sign, value in (
        ("a.source", "=", wanted.source),
        ("a.published_on", ">=", wanted.since),
        ("a.published_on", "<=", wanted.until),
    ) if value is not None]  # fmt: skip
    if wanted.is_paid:
        conditions.append("a.is_advertorial")
    if wanted.is_removed:
        conditions.append("a.removed_at IS NOT NULL")
    for is_wanted, name, values in (
        (wanted.is_edited, "only_edited", {}),
        (wanted.actor is not None, "only_actor", {"actor": wanted.actor}),
        (wanted.places is not None, "only_places", {"places": list(wanted.places or ())}),
    ):
        if is_wanted:
            conditions.append(spelled(text_of(name), values))
    score, beside = "NULL::DOUBLE", ""
    if wanted.cases:
        score, beside = "m.score", f" JOIN (\n{_matches(cursor, wanted)}\n) m USING (article_id)"
    where = "\nWHERE " + "\n  AND ".join(conditions) if conditions else ""
    return f"{text_of('found').replace('$score', score)}{beside}{where}"


def _matches(cursor: duckdb.DuckDBPyConnection, wanted: Wanted) -> str:
    """The articles that have the words, with their scores. Plain words are what the macro takes; the rest it cannot."""
    if len(wanted.cases) == 1 and _is_plain(wanted.cases[0]):
        words = " ".join(term.words[0] for slot in wanted.cases[0].slots for term in slot)
        return f"    SELECT article_id, score FROM search_articles({literal(words)})"
    each = [spelled(*matches(cursor, case)) for case in wanted.cases]
    together = " UNION ALL ".join(f"({one})" for one in each)
    return f"    SELECT article_id, max(score) AS score FROM ({together}) GROUP BY article_id"


def _is_plain(case: Case) -> bool:
    """Whether a case asks for words alone, each in any form."""
    return not case.without and all(len(slot) == 1 and slot[0].kind == "word" for slot in case.slots)


def page_of(found: Found, number: int, at_once: int) -> Answer:
    """The articles of a page, the best or newest first; the first page is 1."""
    return found.ask("find_page", number=at_once, offset=(number - 1) * at_once)


def total(found: Found) -> int:
    """How many were found."""
    return int(found.ask("find_total").rows[0]["articles"])


def facets(found: Found) -> dict[str, Answer]:
    """The articles counted by each of FACETS."""
    return {name: found.ask(f"find_{name}") for name in FACETS}


def texts(cursor: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> dict[str, str]:
    """The texts of these articles."""
    sql = f"SELECT article_id, text FROM articles WHERE article_id IN (SELECT unnest({literal(list(article_ids))}))"
    return {row["article_id"]: row["text"] for row in run(cursor, sql).rows} if article_ids else {}
