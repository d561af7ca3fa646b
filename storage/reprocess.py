"""Archived pages, read again: what a reading by other rules changes in the store, or would change.

Reads again only the newest version of an article, and refused pages. A reading that differs becomes a
version of its own ("reprocessed"); one that does not only updates the name of the rules. Nothing is
removed: an article that today's rules refuse stays, and also stands in `rejections`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

import duckdb

from pipelines.article import INTERNAL, Article, Rejected
from pipelines.dedupe import Stored, is_by_other_rules
from storage import removals
from storage.connection import Store
from storage.copies import WINDOW
from storage.keys import owners
from storage.merge import take
from storage.readings import last_readings
from storage.rows import append
from storage.stand_ins import stand_ins

_NO_FACTS = INTERNAL | {
    "article_id",
    "host",
    "language_confidence",
    "word_count",
    "fetched_at",
    "removed_at",
    "usage_notice",
    "fingerprint",
    "rules_version",
    "segment",
    "record_offset",
}
FACTS: tuple[str, ...] = tuple(each.name for each in fields(Article) if each.name not in _NO_FACTS)
"""What an article says: a reading that differs in one of these is another version."""


@dataclass(frozen=True, slots=True)
class Due:
    """The records of one segment that are to be read again."""

    newest: Mapping[int, frozenset[str]]
    """Offset of a record → the `rules_version`s by which the articles' newest versions were read from it."""
    refused: frozenset[datetime]
    """Fetch times of the answers in which something was refused."""


@dataclass(frozen=True, slots=True)
class Again:
    """One archived answer, read again. `offset` is its place in the segment."""

    url: str | None
    offset: int
    results: tuple[Article | Rejected, ...]


@dataclass(frozen=True, slots=True)
class Outdated:
    """The last reading of a known article, by other rules than those of a look that differs from it."""

    article_id: str
    look: Article
    segment: str
    record_offset: int
    """Where the page of that reading is archived."""

    def found_in(self, answer: Sequence[Article | Rejected]) -> Article | None:
        """The article among what that page gives by today's rules, under the id that it has; null: it is none."""
        articles = [one for one in answer if isinstance(one, Article) and one.document == self.look.document]
        same = [one for one in articles if one.keys[0] == self.look.keys[0]]
        if not same and len(articles) == 1 and self.look.document != "rest":
            same = articles  # one article in a page is the same, whatever address other rules find for it
        return replace(same[0], article_id=self.article_id) if same else None


@dataclass(frozen=True, slots=True)
class Change:
    """An article that reads differently."""

    article: Article
    """As it is read now, under the id that it has."""
    fields: Mapping[str, tuple[Any, Any]]
    """Fact → (as stored, as read now). Empty: it was refused before, and is an article now."""


@dataclass(slots=True)
class Changes:
    """What reading again found, in one segment or in many."""

    unchanged: list[Article] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    refused: list[Rejected] = field(default_factory=list)
    """Articles that these rules refuse. They stay."""


def unread(connection: duckdb.DuckDBPyConnection, source: str, read_by: str) -> list[str]:
    """The merged segments of a source that were last read by other rules than these, in the order of their names."""
    found = connection.execute(
        "SELECT segment FROM kept.segments WHERE split_part(segment, '/', 1) = ? AND read_by IS DISTINCT FROM ?"
        " ORDER BY segment",
        [source, read_by],
    ).fetchall()
    return [name for (name,) in found]


def due(connection: duckdb.DuckDBPyConnection, segment: str, source: str) -> Due:
    """What of a segment is worth reading: the pages of newest versions, and those that were refused.

    `source` is whose they are today; the folder says whose they were.
    """
    newest: dict[int, set[str]] = {}
    for offset, rules in connection.execute(
        "SELECT record_offset, rules_version FROM kept.articles WHERE segment = ?", [segment]
    ).fetchall():
        newest.setdefault(offset, set()).add(rules)
    refused = connection.execute(
        "SELECT fetched_at FROM kept.rejections WHERE source IN (split_part($segment, '/', 1), $source)"
        " UNION SELECT looked_at FROM kept.absences WHERE source IN (split_part($segment, '/', 1), $source)",
        {"segment": segment, "source": source},
    ).fetchall()
    return Due(
        {offset: frozenset(rules) for offset, rules in newest.items()},
        frozenset(at for (at,) in refused),
    )


def outdated(connection: duckdb.DuckDBPyConnection, looks: Sequence[Article]) -> list[Outdated]:
    """What must be read again before these looks can be compared with it, as far as it is archived."""
    ids = _ids(connection, looks)
    readings = last_readings(connection, {*ids.values()})
    found = []
    for look in looks:
        known = next((ids[key] for key in look.keys if key in ids), None)
        last = readings.get(known, {}) if known else {}
        if known and is_by_other_rules(Stored(known, 1, last), look):
            before = last[look.document]
            if before.segment is not None and before.record_offset is not None:
                found.append(Outdated(known, look, before.segment, before.record_offset))
    return found


def compare(connection: duckdb.DuckDBPyConnection, segment: str, again: Iterable[Again]) -> Changes:
    """What the answers of one segment say now that the store does not. Nothing is written."""
    return _compared(connection, segment, _without_stand_ins(connection, segment, again))


def _compared(connection: duckdb.DuckDBPyConnection, segment: str, again: Iterable[Again]) -> Changes:
    stored = _stored(connection, segment)
    found = Changes()
    for answer in again:
        here = dict(stored.get(answer.offset, {}))
        articles = [result for result in answer.results if isinstance(result, Article)]
        ids = _ids(connection, articles)
        for article in articles:
            row = _row_of(article, here, ids, alone=len(articles) == 1)
            if row is None:
                if not any(key in ids for key in article.keys):
                    found.changed.append(Change(article, {}))
                continue
            del here[row["article_id"]]
            known = replace(article, article_id=row["article_id"])
            if differing := _differing(row, known):
                found.changed.append(Change(known, differing))
            else:
                found.unchanged.append(known)
        refusals = {result.url: result for result in answer.results if isinstance(result, Rejected)}
        for row in here.values():  # an article once, and none now
            if refusal := refusals.get(row["url"]) or (None if articles else refusals.get(answer.url)):
                found.refused.append(refusal)
    return found


def apply(
    store: Store, segment: str, again: Sequence[Again], read_by: str, copy_window: timedelta = WINDOW
) -> Changes:
    """Write down what the answers of a segment say now, in one transaction with the mark that they were read."""
    with store.transaction() as connection:
        again = _without_stand_ins(connection, segment, again)
        found = _compared(connection, segment, again)
        articles = [change.article for change in found.changed]
        take(store, articles, copy_window, is_reprocessing=True)
        _confirm(connection, found.unchanged)
        _judge_anew(store, again)
        connection.execute("UPDATE kept.segments SET read_by = ? WHERE segment = ?", [read_by, segment])
    return found


def _without_stand_ins(
    connection: duckdb.DuckDBPyConnection, segment: str, again: Iterable[Again]
) -> list[Again]:
    """The answers, without the one text that many refused ones give: no rules make an article of it."""
    answers = list(again)
    read = [one for answer in answers for one in answer.results if isinstance(one, Article)]
    if not (kept_out := {id(one) for one in stand_ins(connection, read)}):
        return answers
    newest = {
        offset
        for (offset,) in connection.execute(
            "SELECT record_offset FROM kept.articles WHERE segment = ?", [segment]
        ).fetchall()
    }
    return [
        answer
        if answer.offset in newest
        else replace(answer, results=tuple(one for one in answer.results if id(one) not in kept_out))
        for answer in answers
    ]


def _stored(connection: duckdb.DuckDBPyConnection, segment: str) -> dict[int, dict[str, dict[str, Any]]]:
    """Offset → article → the facts of its newest version, as far as they were read from this segment."""
    names = ("article_id", "record_offset", *FACTS)
    found: dict[int, dict[str, dict[str, Any]]] = {}
    for values in connection.execute(
        f"SELECT {', '.join(names)} FROM kept.articles WHERE segment = ?", [segment]
    ).fetchall():
        row = dict(zip(names, values, strict=True))
        found.setdefault(row["record_offset"], {})[row["article_id"]] = row
    return found


def _ids(connection: duckdb.DuckDBPyConnection, articles: Sequence[Article]) -> dict[str, str]:
    return dict(owners(connection, "keys", sorted({key for article in articles for key in article.keys})))


def _row_of(
    article: Article, here: Mapping[str, dict[str, Any]], ids: Mapping[str, str], *, alone: bool
) -> dict[str, Any] | None:
    """What is stored of this article from this record; null: nothing is.

    One article in a record that gave one is the same, whatever address other rules find for it.
    """
    for key in article.keys:
        if ids.get(key) in here:
            return here[ids[key]]
    is_known = any(key in ids for key in article.keys)
    if alone and len(here) == 1 and article.document != "rest" and not is_known:
        return next(iter(here.values()))
    return None


def _differing(row: Mapping[str, Any], article: Article) -> dict[str, tuple[Any, Any]]:
    differing = {}
    for name in FACTS:
        now = getattr(article, name)
        now = list(now) if isinstance(now, tuple) else now
        if row[name] != now:
            differing[name] = (row[name], now)
    return differing


def _judge_anew(store: Store, again: Sequence[Again]) -> None:
    """What other rules refused of these answers is forgotten; what today's refuse is noted."""
    results = [(answer.url, result) for answer in again for result in answer.results]
    articles = [(url, one) for url, one in results if isinstance(one, Article)]
    answers = "(SELECT unnest($urls::VARCHAR[]) AS url, unnest($instants::TIMESTAMPTZ[]) AS fetched_at) a"
    both = [(url, one.fetched_at) for asked, one in results for url in {asked, one.url}]
    store.connection.execute(
        f"DELETE FROM kept.rejections r USING {answers}"
        " WHERE r.url IS NOT DISTINCT FROM a.url AND r.fetched_at = a.fetched_at",
        {"urls": [url for url, _ in both], "instants": [at for _, at in both]},
    )
    append(store, "rejections", (asdict(one) for _, one in results if isinstance(one, Rejected)))
    store.connection.execute(
        f"UPDATE kept.fetches f SET outcome = 'article' FROM {answers}"
        " WHERE f.url = a.url AND f.fetched_at = a.fetched_at AND f.outcome IN ('rejected', 'gone')",
        {"urls": [url for url, _ in articles], "instants": [one.fetched_at for _, one in articles]},
    )
    removals.take_back(store, [(url, one.fetched_at) for url, one in articles if url is not None])
    named = {key for _, one in results if isinstance(one, Article) for key in one.keys}
    removals.decide_anew(store, named)


def _confirm(connection: duckdb.DuckDBPyConnection, articles: Sequence[Article]) -> None:
    """Newest versions that read as they did: only by other rules."""
    values = {
        "ids": [article.article_id for article in articles],
        "rules": [article.rules_version for article in articles],
        "prints": [article.fingerprint for article in articles],
        "documents": [article.document for article in articles],
        "usages": [article.usage_notice for article in articles],
    }
    read = (
        "(SELECT unnest($ids::VARCHAR[]) AS article_id, unnest($rules::VARCHAR[]) AS rules, unnest($prints::VARCHAR[]) AS fingerprint,"
        " unnest($documents::VARCHAR[]) AS document, unnest($usages::VARCHAR[]) AS usage_notice) r"
    )
    connection.execute(
        "UPDATE kept.versions v SET rules_version = r.rules, usage_notice = r.usage_notice"
        f" FROM {read} WHERE v.is_newest AND v.article_id = r.article_id",
        values,
    )
    connection.execute(
        f"UPDATE kept.readings k SET rules_version = r.rules FROM {read} WHERE k.article_id = r.article_id"
        " AND k.document = r.document AND k.fingerprint = r.fingerprint",
        values,
    )
