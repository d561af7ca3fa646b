"""The index of words: what an article's words add to it, and how they leave it.

Postings name words by number, and a word's stem is a column of the vocabulary: so a word that turns out to be a name,
or none, changes one row. What a word is says `stage.sql`, to articles and questions alike.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipelines import words
from pipelines.names import gazetteer
from storage import facts
from storage.connection import Store
from storage.index import Index, Indexed
from storage.search.phrases import QUOTE, TOKEN

FOLDER = Path(__file__).parent
RUN = 1_000_000
"""Postings of the last merges that are sorted into a run: some 8,000 articles."""
MOST_OF_RUN = 130_000
"""Documents of the largest run: to sort their postings takes some four seconds."""


def add(store: Store, articles: Sequence[Indexed]) -> None:
    """Index articles that are not in the index, in the open transaction."""
    if not articles:
        return
    first = _next(store, "document", "search_documents")
    store.connection.execute(
        _stage_sql(),
        {
            "documents": list(range(first, first + len(articles))),
            "titles": [article.title for article in articles],
            "texts": [article.text for article in articles],
        },
    )
    _note_words(store)
    store.connection.execute(
        "INSERT INTO kept.search_recent SELECT w.word_id, s.document, s.in_text, s.in_title"
        " FROM search_staged s JOIN kept.search_words w USING (word) ORDER BY ALL"
    )
    store.connection.execute(
        "INSERT INTO kept.search_documents"
        " SELECT document, article_id, coalesce(sum(in_text), 0), coalesce(sum(in_title), 0)"
        " FROM (SELECT unnest($documents::INTEGER[]) AS document, unnest($ids::VARCHAR[]) AS article_id)"
        " LEFT JOIN search_staged USING (document) GROUP BY ALL ORDER BY document",
        {
            "documents": list(range(first, first + len(articles))),
            "ids": [article.article_id for article in articles],
        },
    )
    store.connection.execute("DROP TABLE search_staged")
    _sort_if_due(store)


def remove(store: Store, article_ids: Sequence[str]) -> None:
    """Take articles out of the index, in the open transaction."""
    documents = [
        document
        for (document,) in store.connection.execute(
            "SELECT document FROM kept.search_documents WHERE article_id IN (SELECT unnest(?::VARCHAR[]))",
            [list(article_ids)],
        ).fetchall()
    ]
    if documents:
        for table in ("search_postings", "search_recent", "search_documents"):
            store.connection.execute(
                f"DELETE FROM kept.{table} WHERE document IN (SELECT unnest(?::INTEGER[]))", [documents]
            )


def drop_unused_words(store: Store) -> None:
    """Forget the words that no article has any more, in the open transaction: a rare one would tell that it was here."""
    store.connection.execute(
        "DELETE FROM kept.search_words WHERE word_id NOT IN (SELECT word_id FROM kept.search_postings UNION"
        " SELECT word_id FROM kept.search_recent) AND word NOT IN (SELECT unnest(?::VARCHAR[]))",
        [sorted(_names(store))],
    )


def set_names(store: Store, names: Collection[str]) -> None:
    """Have the words of these names pass unstemmed from now on, in the open transaction; no article is read again."""
    wanted = words_of(names)
    before = _names(store)
    store.connection.execute("DELETE FROM kept.search_names")
    store.connection.execute(
        "INSERT INTO kept.search_names SELECT unnest(?::VARCHAR[]) ORDER BY 1", [sorted(wanted)]
    )
    _add_names(store, wanted)
    changed = sorted(before ^ (wanted | _known_names()))
    _restem(
        store,
        store.connection.execute(
            "SELECT word_id, word, is_lower, is_name FROM kept.search_words"
            " WHERE word IN (SELECT unnest(?::VARCHAR[]))",
            [changed],
        ).fetchall(),
    )


def words_of(names: Iterable[str]) -> set[str]:
    """The words of names, folded as those of articles are, as far as letters go."""
    return {word for name in names for word in re.findall(r"[^\W\d_]+", name.lower())}


def _names(store: Store) -> set[str]:
    found = store.connection.execute("SELECT word FROM kept.search_names").fetchall()
    return {word for (word,) in found} | _known_names()


@cache
def _known_names() -> frozenset[str]:
    """The words of the places that the code knows."""
    return frozenset(words_of(gazetteer.name_words()))


def _note_words(store: Store) -> None:
    """Bring what is staged into the vocabulary: new words, and words met in another case than before."""
    if _next(store, "word_id", "search_words") == 1:
        _add_names(store, _names(store))
    met = store.connection.execute(
        "SELECT k.word_id, s.word, s.is_lower OR coalesce(k.is_lower, false), s.is_name OR coalesce(k.is_name, false)"
        " FROM (SELECT word, bool_or(is_lower) AS is_lower, bool_or(is_name) AS is_name FROM search_staged GROUP BY word) s"
        " LEFT JOIN kept.search_words k USING (word)"
        " WHERE k.word_id IS NULL OR (s.is_lower AND NOT k.is_lower) OR (s.is_name AND NOT k.is_name)"
        " ORDER BY s.word"
    ).fetchall()
    _restem(store, [row for row in met if row[0] is not None])
    _add_words(store, [row[1:] for row in met if row[0] is None])


def _add_names(store: Store, names: Collection[str]) -> None:
    """Names are words before any article has them, so that a question for one is not taken apart."""
    known = {
        word
        for (word,) in store.connection.execute(
            "SELECT word FROM kept.search_words WHERE word IN (SELECT unnest(?::VARCHAR[]))", [sorted(names)]
        ).fetchall()
    }
    _add_words(store, [(word, False, True) for word in sorted(set(names) - known)])


def _add_words(store: Store, new: Sequence[tuple[str, bool, bool]]) -> None:
    """Give new words their numbers and stems: (word, is_lower, is_name)."""
    numbers = itertools.count(_next(store, "word_id", "search_words"))
    if new:
        rows = [(next(numbers), *row) for row in new]
        store.connection.execute(f"INSERT INTO kept.search_words BY NAME {_ROWS}", _columns(store, rows))


_ROWS = (
    "SELECT *, md5_number_lower(word) AS word_key, md5_number_lower(stem) AS stem_key FROM ("
    "SELECT unnest($word_ids::INTEGER[]) AS word_id, unnest($words::VARCHAR[]) AS word, unnest($stems::VARCHAR[]) AS stem,"
    " unnest($lower::BOOLEAN[]) AS is_lower, unnest($names::BOOLEAN[]) AS is_name)"
)
WordRow = tuple[int, str, bool, bool]
"""word_id, word, is_lower, is_name."""


def _restem(store: Store, rows: Sequence[WordRow]) -> None:
    """Write known words anew."""
    if rows:
        store.connection.execute(
            "UPDATE kept.search_words w SET stem = n.stem, stem_key = n.stem_key, is_lower = n.is_lower, is_name = n.is_name"
            f" FROM ({_ROWS}) n WHERE w.word_id = n.word_id",
            _columns(store, rows),
        )


def _columns(store: Store, rows: Sequence[WordRow]) -> dict[str, list[object]]:
    names = _names(store)
    return {
        "word_ids": [row[0] for row in rows],
        "words": [row[1] for row in rows],
        "stems": [words.stem(word, is_lower, is_name, names) for _, word, is_lower, is_name in rows],
        "lower": [row[2] for row in rows],
        "names": [row[3] for row in rows],
    }


def _next(store: Store, column: str, table: str) -> int:
    [(number,)] = store.connection.execute(
        f"SELECT coalesce(max({column}), 0) + 1 FROM kept.{table}"
    ).fetchall()
    return int(number)


def _sort_if_due(store: Store) -> None:
    """Sort the postings of the last merges into a run, once there are enough of them, with earlier runs of its size.

    A question looks into each run once for each of its words. So runs double, up to a size at which one is sorted within
    seconds: few runs hold an archive, and a posting is sorted anew four times at most.
    """
    [(recent,)] = store.connection.execute("SELECT count(*) FROM kept.search_recent").fetchall()
    if recent < RUN:
        return
    ends = [*_run_ends(store), _next(store, "document", "search_documents") - 1]
    while (
        len(ends) > 2
        and ends[-2] - ends[-3] < 2 * (ends[-1] - ends[-2])
        and ends[-1] - ends[-3] <= MOST_OF_RUN
    ):
        del ends[-2]
    later = f"FROM kept.search_postings WHERE document > {ends[-2]}"
    for statement in (
        f"CREATE OR REPLACE TEMP TABLE search_run AS ({later} UNION ALL FROM kept.search_recent) ORDER BY word_id, document",
        f"DELETE {later}",
        "DELETE FROM kept.search_recent",
        "INSERT INTO kept.search_postings FROM search_run",
        "DROP TABLE search_run",
    ):
        store.connection.execute(statement)
    facts.note(store.connection, _RUNS, " ".join(map(str, ends[1:])))


_RUNS = "search runs"


def _run_ends(store: Store) -> list[int]:
    """The last document of each run, before them 0; what a store of earlier code has sorted is one run."""
    if (told := facts.noted(store.connection, _RUNS)) is not None:
        return [0, *map(int, told.split())]
    [(last,)] = store.connection.execute("SELECT max(document) FROM kept.search_postings").fetchall()
    return [0] if last is None else [0, last]


def _prepare(store: Store) -> None:
    """An index that is built anew begins without runs."""
    facts.note(store.connection, _RUNS, None)


@cache
def _stage_sql() -> str:
    text = (FOLDER / "stage.sql").read_text(encoding="utf-8")
    return text.replace("{token}", TOKEN).replace("{quote}", QUOTE)


def _version() -> str:
    """Of everything that decides which rows there are: another one has the index built anew."""
    parts = [_stage_sql(), str(words.VERSION), version("PySastrawi"), *sorted(_known_names())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


INDEX = Index(
    name="search",
    version=_version(),
    tables=("search_documents", "search_words", "search_postings", "search_recent"),
    add=add,
    remove=remove,
    prepare=_prepare,
)
