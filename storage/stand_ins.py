"""One text at the addresses of several known articles: what stands in their place for a while, and no edit of any.

A night of maintenance, a wall for subscribers, a plugin's notice: an outlet answers with it, status 200, wherever it
is asked. Such a look missed its article like a soft 404, and at a new address it is no article.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.article import Article
from pipelines.dedupe import is_copy, is_name

LEAST = 3
"""So many articles of unlike texts do not come to say the same in one run."""


def stand_ins(connection: duckdb.DuckDBPyConnection, articles: Sequence[Article]) -> list[Article]:
    """The readings of one run that are of such a text: at addresses of articles that said something else before, and at new ones."""
    by_text: dict[str, list[Article]] = {}
    for article in articles:
        if is_name(article.keys[0]):
            by_text.setdefault(article.fingerprint, []).append(article)
    alike = (each for each in by_text.values() if len({article.keys[0] for article in each}) >= LEAST)
    return [article for each in alike for article in _out_of_place(connection, each)]


def _out_of_place(connection: duckdb.DuckDBPyConnection, alike: Sequence[Article]) -> list[Article]:
    """Those of articles that never said this, where so many said each its own, and the new ones; else none."""
    known = {
        name: (newest, texts)
        for name, newest, texts in connection.execute(
            "SELECT k.key, max_by(v.text, v.version), list(v.fingerprint) FROM kept.keys k"
            " JOIN kept.versions v USING (article_id) WHERE k.key IN (SELECT unnest(?::VARCHAR[])) GROUP BY k.key",
            [[article.keys[0] for article in alike]],
        ).fetchall()
    }
    found = [
        each
        for each in alike
        if (of := known.get(each.keys[0])) and each.fingerprint not in of[1] and not is_copy(each.text, of[0])
    ]
    if len({known[each.keys[0]][0] for each in found}) < LEAST:
        return []
    return found + [each for each in alike if each.keys[0] not in known]
