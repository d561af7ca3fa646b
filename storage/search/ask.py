"""Questions of `scrapy search` to the index of the published copy: the best articles, and the words that they were found by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from storage.search.phrases import filled
from storage.search.question import Case, Term

COLUMNS = ("article_id", "source", "published_at", "title", "url", "score", "snippet")
_TOLD = "coalesce(a.title, '') || chr(10) || a.text"
# Texts are read where the words are all there: the score keeps DuckDB from reading others. To fold a text takes several times
# as long as to look into it, and a pattern of all accents, in a phrase of long words, twenty times: so only what has letters
# that may be folded is.
_SAYS = r"""CASE WHEN r.score IS NULL THEN false WHEN regexp_matches({told}, ${phrase}) THEN true
    WHEN strlen({told}) = length({told}) OR NOT regexp_matches({told}, '[^\x00-\x{BF}\x{2000}-\x{206F}]') THEN false
    ELSE regexp_matches(strip_accents({told}), ${phrase}) END"""
_OF_PLACE = (
    "article_id IN (SELECT p.article_id FROM main.article_places p JOIN (SELECT unnest($places::VARCHAR[]) AS wanted) w"
    " ON p.place_id = w.wanted OR starts_with(p.place_id, w.wanted || '.'))"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found, as `search_articles` shows it. Null: the document does not say."""

    article_id: str
    source: str
    published_at: datetime | None
    title: str | None
    url: str | None
    score: float
    snippet: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which articles are asked. Null: all; `since` and `until` are the outlet's own days, inclusive.

    `places`: ids of places, of which an article names one, or one that lies in it.
    """

    source: str | None = None
    places: Sequence[str] | None = None
    since: date | None = None
    until: date | None = None


def search(copy: duckdb.DuckDBPyConnection, cases: Sequence[Case], bounds: Bounds, number: int) -> list[Hit]:
    """The best `number` articles that fulfil any of the cases, best first."""
    best: dict[str, Hit] = {}
    for case in cases:
        for hit in _of_case(copy, case, bounds, number):
            known = best.get(hit.article_id)
            if known is None or hit.score > known.score:
                best[hit.article_id] = hit
    return sorted(best.values(), key=_order)[:number]


def _order(hit: Hit) -> tuple[float, float, str]:
    return -hit.score, -hit.published_at.timestamp() if hit.published_at else float("inf"), hit.article_id


def _of_case(copy: duckdb.DuckDBPyConnection, case: Case, bounds: Bounds, number: int) -> list[Hit]:
    sql, values = _question(copy, case, bounds, number)
    return [Hit(*row) for row in copy.execute(sql, values).fetchall()]


def matches(copy: duckdb.DuckDBPyConnection, case: Case) -> tuple[str, dict[str, object]]:
    """The question for all articles of a case, `article_id` and `score`, and its values."""
    sql, values = _question(copy, case, Bounds(), None)
    lines = [line for line in sql.partition(_AS_SHOWN)[0].splitlines() if not line.startswith("--")]
    return "\n".join([*lines, "SELECT article_id, score FROM chosen"]), values


_AS_SHOWN = "-- as it is shown\n"
"""The line of its text that stands before how a hit is shown."""


def _question(
    copy: duckdb.DuckDBPyConnection, case: Case, bounds: Bounds, number: int | None
) -> tuple[str, dict[str, object]]:
    """The question for the best articles of a case, and its values. A null number: for all."""
    values: dict[str, object] = {
        **_asked(copy, case),
        "source": bounds.source,
        "since": bounds.since,
        "until": bounds.until,
        "left_out": _words_of(copy, [term for term in case.without if term.kind != "phrase"]),
        "number": number,
    }
    place, phrases = "true", ["true"]
    if bounds.places is not None:
        place, values["places"] = _OF_PLACE, list(bounds.places)
    for turn, (term, wanted) in enumerate(
        [(term, "") for term in case.phrases]
        + [(term, "NOT ") for term in case.without if term.kind == "phrase"]
    ):
        phrases.append(wanted + _SAYS.replace("{told}", _TOLD).replace("{phrase}", f"phrase_{turn}"))
        values[f"phrase_{turn}"] = term.pattern
    sql = filled((Path(__file__).parent / "ask.sql").read_text(encoding="utf-8")).replace("{tables}", "")
    return sql.replace("{place}", place).replace("{phrases}", " AND ".join(phrases)), values


def _asked(copy: duckdb.DuckDBPyConnection, case: Case) -> dict[str, object]:
    """The words of each slot. Two neighbours may stand as one word, too: mas ud, kulon progo."""
    rows: list[tuple[int, str, bool]] = []
    for slot, terms in enumerate(case.slots, 1):
        for term in terms:
            if term.kind == "prefix":
                rows += [(slot, word, True) for word in _beginning(copy, term.words[0])] or [
                    (slot, term.words[0], True)
                ]
            else:
                rows.append((slot, term.words[0], term.kind == "phrase"))
    for slot, (left, right) in enumerate(zip(case.slots, case.slots[1:], strict=False), 1):
        if len(left) == len(right) == 1 and "prefix" not in (left[0].kind, right[0].kind):
            one = left[0].words[0] + right[0].words[0]
            rows += [(slot, one, left[0].kind == "phrase"), (slot + 1, one, right[0].kind == "phrase")]
    return {
        "slots_of": [slot for slot, _, _ in rows],
        "slots": len(case.slots),
        "words": [word for _, word, _ in rows],
        "exact": [is_exact for _, _, is_exact in rows],
    }


def _beginning(copy: duckdb.DuckDBPyConnection, prefix: str) -> list[str]:
    """The known words that begin so."""
    found = copy.execute("SELECT word FROM kept.search_words WHERE starts_with(word, ?) ORDER BY 1", [prefix])
    return [word for (word,) in found.fetchall()]


def _words_of(copy: duckdb.DuckDBPyConnection, terms: Iterable[Term]) -> list[int] | None:
    """The numbers of the words of the terms and of their families; null where there are none."""
    found: list[int] = []
    for term in terms:
        where = (
            "starts_with(w.word, ?)"
            if term.kind == "prefix"
            else "w.stem_key IN (SELECT stem_key FROM kept.search_words WHERE word_key = md5_number_lower(?))"
        )
        found += [
            number
            for (number,) in copy.execute(
                f"SELECT w.word_id FROM kept.search_words w WHERE {where}", [term.words[0]]
            ).fetchall()
        ]
    return found or None


def forms(copy: duckdb.DuckDBPyConnection, cases: Sequence[Case]) -> set[str]:
    """The words, folded, that a reader of the answer looks for: those asked for and their families."""
    found: set[str] = set()
    for case in cases:
        terms = [term for slot in case.slots for term in slot]
        found |= {word for term in terms for word in term.words}
        numbers = _words_of(copy, [term for term in terms if term.kind != "phrase"])
        found |= {
            word
            for (word,) in copy.execute(
                "SELECT word FROM kept.search_words WHERE word_id IN (SELECT unnest(?::INTEGER[]))",
                [numbers or []],
            ).fetchall()
        }
    return found
