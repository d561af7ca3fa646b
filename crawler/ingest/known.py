"""What earlier ingests and crawls have brought: a page that comes again is not copied again."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.address import address_key
from pipelines.article import Article, Page, Rejected
from pipelines.dedupe import text_key
from storage import ingested
from storage.data_dir import DataDir
from storage.ingested import Reached
from storage.known import known_answers, known_keys
from storage.publish import open_if_published

COPY_MEMORY = "200MB"
"""What DuckDB may keep of the published copy while an ingest asks it what is known."""


class Known:
    """What was brought before, so that ingesting a page again copies nothing.

    The published copy knows it, but for what this run has merged since the last publish.
    """

    def __init__(self, data_dir: DataDir) -> None:
        self._data_dir = data_dir
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._copy: object = None
        self._unpublished: list[set[object]] = []
        """Of each chunk since, the answers and texts."""

    def begin_chunk(self) -> None:
        """Look at the newest copy: it has all chunks but perhaps the last."""
        self._reopen()
        self._unpublished.append(set())

    def _reopen(self) -> None:
        """Open the copy anew if it was replaced."""
        copy = self._stamp()
        if copy != self._copy:
            self.close()
            self._connection = open_if_published(self._data_dir)
            if self._connection is not None:
                self._connection.execute(f"SET memory_limit = '{COPY_MEMORY}'")
            self._copy, self._unpublished = copy, self._unpublished[-1:]

    def news(self, pages: Sequence[Page]) -> list[bool]:
        """Of each page whether this very answer comes for the first time."""
        answers = [(page.url, page.fetched_at) for page in pages]
        asked = [(url, at) for url, at in answers if url is not None]
        found = known_answers(self._connection, asked) if self._connection else set()
        return [
            answer[0] is None or not (self._brought_before(answer) or answer in found) for answer in answers
        ]

    def articles(self, urls: Sequence[str | None]) -> list[bool]:
        """Of each address whether an article of it is known."""
        keys = [f"url:{address_key(url)}" if url else "" for url in urls]
        known = self._published(keys).union(*self._unpublished)
        return [key in known for key in keys]

    def note(self, article: Article) -> None:
        """Know an article by its keys, and by its words, from now on."""
        self._unpublished[-1].update((*article.keys, text_key(article.source, article.fingerprint)))

    def reached(self, file: str, asked: str) -> Reached | None:
        """How far an earlier run read this file for this question; null: it did not."""
        self._reopen()
        return ingested.reached(self._connection, file, asked) if self._connection else None

    def has_texts(self, results: list[Article | Rejected]) -> bool:
        """Whether these texts, which have no address, are known word for word: ask before they are noted."""
        keys = [
            text_key(result.source, result.fingerprint) for result in results if isinstance(result, Article)
        ]
        known = self._published(keys).union(*self._unpublished)
        return bool(results) and len(keys) == len(results) and known.issuperset(keys)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _brought_before(self, key: object) -> bool:
        """Note that this run brings it; true where it did so before, since the last publish."""
        if any(key in chunk for chunk in self._unpublished):
            return True
        self._unpublished[-1].add(key)
        return False

    def _published(self, keys: list[str]) -> set[str]:
        """Which of these keys an article of the copy has."""
        return known_keys(self._connection, keys) if self._connection else set()

    def _stamp(self) -> object:
        try:
            found = self._data_dir.published.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns
