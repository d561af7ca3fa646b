"""What the published copy knows of articles and answers: enough to tell a new one from one seen before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import duckdb

from pipelines.article import Article
from pipelines.dedupe import Reading, Stored, keys_to_ask
from storage.data_dir import DataDir
from storage.keys import number_of, owners
from storage.publish import open_if_published
from storage.readings import last_readings
from storage.rows import at_places, places

ONE_BY_ONE = 30
"""So many pages are looked up in the copy as it lies there. For more, the numbers of its keys are brought in order first: in a
copy of a million articles that takes 0.3 s of CPU and 20 MB, and each page 1.5 ms in the place of 11."""


class Known:
    """Looks articles up in `news.duckdb` as it was at the first question, and in what came since."""

    def __init__(self, data_dir: DataDir) -> None:
        self._connection = open_if_published(data_dir)
        """Null: nothing is published yet, and everything is new."""
        self._looks = 0
        self._ids: dict[str, str] = {}
        self._stored: dict[str, Stored] = {}

    def close(self) -> None:
        """Let the copy go."""
        if self._connection is not None:
            self._connection.close()
            # A crawl with a hung request may outlive the interpreter, and DuckDB complains of what does.
            self._connection = None

    def find(self, article: Article) -> Stored | None:
        """What is known of the article of this name, or of these words and one of these witnesses; null: it is new."""
        if article.keys[0] in self._ids:
            return self._stored[self._ids[article.keys[0]]]
        return self._look_up(article)

    def remember(self, article: Article) -> None:
        """Take the article as seen, for the rest of this run."""
        before = self._stored.get(article.article_id)
        readings = dict(before.readings) if before else {}
        reading = Reading.of(article).after(readings.get(article.document))
        readings[article.document] = replace(reading, text=None)  # a long run would keep every text
        version = before.version if before else 1
        self._stored[article.article_id] = Stored(article.article_id, version, readings)
        self._ids[article.keys[0]] = article.article_id

    def _look_up(self, article: Article) -> Stored | None:
        if self._connection is None:
            return None
        keys = sorted(keys_to_ask(article.keys))
        if not self._may_know(self._connection, keys):
            return None
        names = owners(self._connection, "keys", keys)
        ids = {id for _, id in (*names, *owners(self._connection, "claims", keys))}
        if not ids:  # as it is of most pages of a crawl: no other table is looked at
            return None
        found = self._connection.execute(
            f"SELECT article_id, version FROM kept.versions WHERE {at_places(places(self._connection, 'versions', ids))}"
            " AND is_newest AND (list_contains($named::VARCHAR[], article_id) OR fingerprint = $print)"
            " ORDER BY list_contains($named::VARCHAR[], article_id) DESC, first_seen_at, article_id LIMIT 1",
            {
                "named": [id for key, id in names if key == article.keys[0]],
                "print": article.fingerprint,
            },
        ).fetchone()
        if found is None:
            return None
        article_id, versions = found
        readings = last_readings(self._connection, [article_id])
        stored = Stored(article_id, versions, readings.get(article_id, {}))
        self._stored[article_id] = stored
        self._ids[article.keys[0]] = article_id
        return stored

    def _may_know(self, connection: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> bool:
        """Whether the copy may have one of these keys; false: it has none."""
        self._looks += 1
        if self._looks == ONE_BY_ONE:
            connection.execute(
                "CREATE TEMP TABLE numbers AS FROM (SELECT number FROM kept.keys UNION ALL SELECT number FROM kept.claims) ORDER BY number"
            )
        if self._looks < ONE_BY_ONE:
            return True
        asked = " UNION ALL ".join(["SELECT 1 FROM numbers WHERE number = ?"] * len(keys))
        return connection.execute(asked, [number_of(key) for key in keys]).fetchone() is not None


def known_keys(connection: duckdb.DuckDBPyConnection, keys: Iterable[str]) -> set[str]:
    """Which of these keys an article has."""
    return {key for key, _ in owners(connection, "keys", list(keys))}


def known_answers(
    connection: duckdb.DuckDBPyConnection, answers: Sequence[tuple[str, datetime]]
) -> set[tuple[str, datetime]]:
    """Which of these answers, each an address and a moment, were brought before."""
    found = connection.execute(
        "SELECT url, fetched_at FROM kept.fetches JOIN (SELECT unnest(?::VARCHAR[]) AS url,"
        " unnest(?::TIMESTAMPTZ[]) AS fetched_at) USING (url, fetched_at)",
        [[url for url, _ in answers], [at for _, at in answers]],
    ).fetchall()
    return set(found)
