"""Which stored articles are copies of one story: candidates by MinHash bands, then exact comparison.

What counts as a copy is decided by `pipelines.dedupe.is_copy`. A pair is kept when its texts were
compared and found to be copies; a story is a connected group of pairs, so it does not depend on the
order of arrival. The original of a story is its earliest article.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from pipelines.article import Article
from pipelines.dedupe import containment, is_copy, jaccard, signature_bands
from storage.database import Store
from storage.rows import append

WINDOW = timedelta(days=30)
"""Near copies are looked for among articles whose days lie at most this far apart. Texts that are
the same to the word are copies whenever they appeared."""


def update(store: Store, changed: Sequence[Article]) -> None:
    """Find the copies of new and edited texts, and settle the stories that they touch."""
    if not changed:
        return
    ids = [article.article_id for article in changed]
    touched = _neighbours(store, ids)
    forget_pairs(store, ids)
    store.connection.execute("DELETE FROM kept.bands WHERE article_id IN (SELECT unnest(?))", [ids])
    append(store, "bands", (row for article in changed for row in _band_rows(article)))
    pairs = _verified(store, _candidates(store, ids))
    append(store, "pairs", pairs)
    touched |= {row["article_a"] for row in pairs} | {row["article_b"] for row in pairs} | set(ids)
    _settle_stories(store, touched)


def forget_pairs(store: Store, ids: Sequence[str]) -> None:
    """Drop what was found of these articles' copies, because their texts are others now."""
    store.connection.execute(
        "DELETE FROM kept.pairs WHERE article_a IN (SELECT unnest($ids)) OR article_b IN (SELECT unnest($ids))",
        {"ids": list(ids)},
    )


def _band_rows(article: Article) -> Iterable[dict[str, Any]]:
    day = article.published_on or article.fetched_at.date()
    for band, value in enumerate(signature_bands(article.text)):
        yield {"article_id": article.article_id, "band": band, "hash": value, "day": day}


def _candidates(store: Store, ids: Sequence[str]) -> set[tuple[str, str]]:
    """Pairs, smaller id first, that share a band within the window, or every word."""
    found = store.connection.execute(
        """
        WITH mine AS (SELECT * FROM kept.bands WHERE article_id IN (SELECT unnest($ids)))
        SELECT DISTINCT least(m.article_id, o.article_id), greatest(m.article_id, o.article_id)
        FROM mine m JOIN kept.bands o ON o.band = m.band AND o.hash = m.hash
        WHERE o.article_id <> m.article_id AND abs(date_diff('day', m.day, o.day)) <= $window
        UNION
        SELECT DISTINCT least(m.article_id, o.article_id), greatest(m.article_id, o.article_id)
        FROM kept.versions m JOIN kept.versions o USING (fingerprint)
        WHERE m.article_id IN (SELECT unnest($ids)) AND o.article_id <> m.article_id
        """,
        {"ids": list(ids), "window": WINDOW.days},
    ).fetchall()
    return {(a, b) for a, b in found}


def _verified(store: Store, candidates: set[tuple[str, str]]) -> list[dict[str, Any]]:
    texts = _newest_texts(store, {article_id for pair in candidates for article_id in pair})
    rows = []
    for a, b in sorted(candidates):
        if is_copy(texts[a], texts[b]):
            rows.append(
                {
                    "article_a": a,
                    "article_b": b,
                    "jaccard": jaccard(texts[a], texts[b]),
                    "containment": containment(texts[a], texts[b]),
                }
            )
    return rows


def _newest_texts(store: Store, ids: set[str]) -> dict[str, str]:
    found = store.connection.execute(
        "SELECT article_id, v.text FROM kept.articles JOIN kept.versions v USING (article_id, version) "
        "WHERE article_id IN (SELECT unnest(?))",
        [sorted(ids)],
    ).fetchall()
    return dict(found)


def _neighbours(store: Store, ids: Sequence[str]) -> set[str]:
    return {article_id for pair in _pairs_of(store, ids) for article_id in pair}


def _settle_stories(store: Store, touched: set[str]) -> None:
    """Give every article of the touched groups its story_id and its duplicate_of."""
    groups = _groups(store, touched)
    alone = [article_id for group in groups if len(group) == 1 for article_id in group]
    store.connection.execute(
        "UPDATE kept.articles SET story_id = article_id, duplicate_of = NULL "
        "WHERE article_id IN (SELECT unnest(?))",
        [alone],
    )
    for group in groups:
        if len(group) > 1:
            store.connection.execute(
                "UPDATE kept.articles SET story_id = $story, duplicate_of = nullif($original, article_id) "
                "WHERE article_id IN (SELECT unnest($group))",
                {"story": min(group), "original": _earliest(store, group), "group": sorted(group)},
            )


def _groups(store: Store, touched: set[str]) -> list[set[str]]:
    """The connected groups of pairs that hold the touched articles; one without copies stands alone."""
    group_of = {article_id: {article_id} for article_id in touched}
    edge = set(touched)
    while edge:
        reached = set()
        for a, b in _pairs_of(store, edge):
            for one in (a, b):
                if one not in group_of:
                    group_of[one] = {one}
                    reached.add(one)
            if group_of[a] is not group_of[b]:
                joined = group_of[a] | group_of[b]
                for one in joined:
                    group_of[one] = joined
        edge = reached
    return list({id(group): group for group in group_of.values()}.values())


def _pairs_of(store: Store, ids: Iterable[str]) -> list[tuple[str, str]]:
    return store.connection.execute(
        "SELECT article_a, article_b FROM kept.pairs "
        "WHERE article_a IN (SELECT unnest($ids)) OR article_b IN (SELECT unnest($ids))",
        {"ids": sorted(ids)},
    ).fetchall()


def _earliest(store: Store, group: set[str]) -> str:
    """The earliest by publication, else by first sight; a day alone counts as its beginning."""
    found = store.connection.execute(
        "SELECT article_id FROM kept.articles a JOIN kept.versions v USING (article_id, version) "
        "WHERE article_id IN (SELECT unnest(?)) "
        "ORDER BY coalesce(v.published_at, a.first_seen_at), a.first_seen_at, article_id LIMIT 1",
        [sorted(group)],
    ).fetchone()
    return str(found[0]) if found else min(group)
