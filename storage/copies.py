"""Which stored articles are copies of one story: candidates by MinHash bands, then exact comparison.

What counts as a copy is decided by `pipelines.dedupe.is_copy`. A pair is kept when its texts were
compared and found to be copies; a story is a connected group of pairs, so it does not depend on the
order of arrival. The original of a story is its earliest article.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from pipelines.dedupe import containment, is_copy, jaccard, signature_bands
from storage.database import Store
from storage.rows import append

WINDOW = timedelta(days=30)
"""Near copies are looked for among articles whose days lie at most this far apart. Texts that are
the same to the word are copies whenever they appeared."""


def update(store: Store, changed: Sequence[str], disturbed: Iterable[str] = ()) -> None:
    """Find the copies of new and edited articles, and settle the stories that they touch.

    `disturbed` are further articles that may have lost a copy.
    """
    # All of a story look round anew when one of them changes: it may have held them together.
    seekers = _with_their_stories(store, {*changed, *disturbed})
    if not seekers:
        return
    forget_pairs(store, changed)
    store.connection.execute("DELETE FROM kept.bands WHERE article_id IN (SELECT unnest(?))", [list(changed)])
    append(store, "bands", _band_rows(store, changed))
    pairs = _verified(store, _candidates(store, seekers) - set(_pairs_of(store, seekers)))
    append(store, "pairs", pairs)
    _settle_stories(
        store, seekers | {row["article_a"] for row in pairs} | {row["article_b"] for row in pairs}
    )


def neighbours(store: Store, ids: Iterable[str]) -> set[str]:
    """The articles found to be copies of these, themselves included where there are any."""
    return {article_id for pair in _pairs_of(store, ids) for article_id in pair}


def _with_their_stories(store: Store, ids: Iterable[str]) -> set[str]:
    """These articles, and all that shared a story with them until now."""
    found = store.connection.execute(
        "WITH these AS (FROM kept.articles WHERE article_id IN (SELECT unnest(?))) "
        "SELECT article_id FROM kept.articles WHERE story_id IN (SELECT story_id FROM these)",
        [sorted(ids)],
    ).fetchall()
    return {article_id for (article_id,) in found}


def forget_pairs(store: Store, ids: Sequence[str]) -> None:
    """Drop what was found of these articles' copies, because their texts are others now."""
    store.connection.execute(
        "DELETE FROM kept.pairs WHERE article_a IN (SELECT unnest($ids)) OR article_b IN (SELECT unnest($ids))",
        {"ids": list(ids)},
    )


def _band_rows(store: Store, ids: Sequence[str]) -> Iterable[dict[str, Any]]:
    found = store.connection.execute(
        "SELECT article_id, v.text, coalesce(v.published_on, (a.first_seen_at AT TIME ZONE 'UTC')::DATE) "
        "FROM kept.articles a JOIN kept.versions v USING (article_id, version) "
        "WHERE article_id IN (SELECT unnest(?))",
        [list(ids)],
    ).fetchall()
    for article_id, text, day in found:
        for band, value in enumerate(signature_bands(text)):
            yield {"article_id": article_id, "band": band, "hash": value, "day": day}


def _candidates(store: Store, ids: Iterable[str]) -> set[tuple[str, str]]:
    """Pairs, smaller id first, that share every word, or a band within the window.

    One article stands for all that have its words. Those that were not looked at now are linked among
    themselves, so each seeker is linked to one of them, or to the first seeker; and of each day one is
    compared with one of every other text. So a text that an outlet serves a thousand times (a notice,
    a wall) costs a thousand pairs and not half a million.
    """
    found = store.connection.execute(
        """
        WITH newest AS (
            SELECT article_id, fingerprint, article_id IN (SELECT unnest($ids)) AS seeks
            FROM kept.articles JOIN kept.versions USING (article_id, version)
        ),
        seekers AS (FROM newest WHERE seeks),
        mine AS (
            SELECT fingerprint, day, band, hash, min(article_id) AS one
            FROM kept.bands JOIN seekers USING (article_id) GROUP BY ALL
        ),
        sharing AS (SELECT * FROM kept.bands SEMI JOIN mine USING (band, hash)),
        theirs AS (
            SELECT fingerprint, day, band, hash, min(article_id) AS one
            FROM sharing JOIN newest USING (article_id) GROUP BY ALL
        ),
        alike AS (
            SELECT min(m.one) AS a, min(o.one) AS b
            FROM mine m JOIN theirs o USING (band, hash)
            WHERE m.fingerprint <> o.fingerprint AND abs(date_diff('day', m.day, o.day)) <= $window
            GROUP BY m.fingerprint, m.day, o.fingerprint
        ),
        hubs AS (
            SELECT fingerprint, coalesce(min(article_id) FILTER (NOT seeks), min(article_id)) AS hub
            FROM newest SEMI JOIN seekers USING (fingerprint) GROUP BY fingerprint
        ),
        same AS (
            SELECT article_id AS a, nullif(hub, article_id) AS b FROM seekers JOIN hubs USING (fingerprint)
        )
        SELECT DISTINCT least(a, b), greatest(a, b) FROM (FROM alike UNION ALL FROM same) WHERE b IS NOT NULL
        """,
        {"ids": sorted(ids), "window": WINDOW.days},
    ).fetchall()
    return {(a, b) for a, b in found}


def _verified(store: Store, candidates: set[tuple[str, str]]) -> list[dict[str, Any]]:
    """The pairs that are copies. The same words are, however their figures are punctuated."""
    texts = _newest_texts(store, {article_id for pair in candidates for article_id in pair})
    rows = []
    for a, b in sorted(candidates):
        (one, text_a), (other, text_b) = texts[a], texts[b]
        if one == other or is_copy(text_a, text_b):
            rows.append(
                {
                    "article_a": a,
                    "article_b": b,
                    "jaccard": jaccard(text_a, text_b),
                    "containment": containment(text_a, text_b),
                }
            )
    return rows


def _newest_texts(store: Store, ids: set[str]) -> dict[str, tuple[str, str]]:
    """Article → (fingerprint, text)."""
    found = store.connection.execute(
        "SELECT article_id, v.fingerprint, v.text FROM kept.articles JOIN kept.versions v USING (article_id, version) "
        "WHERE article_id IN (SELECT unnest(?))",
        [sorted(ids)],
    ).fetchall()
    return {article_id: (fingerprint, text) for article_id, fingerprint, text in found}


def _settle_stories(store: Store, touched: set[str]) -> None:
    """Give every article of the touched groups its story_id and its duplicate_of."""
    groups = _groups(store, touched)
    place = {
        article_id: place for place, article_id in enumerate(_earliest_first(store, set().union(*groups)))
    }
    settled = []
    for group in groups:
        story, original = min(group), min(group, key=lambda one: place.get(one, len(place)))
        settled += [(article_id, story, original) for article_id in sorted(group)]
    ids, stories, originals = (list(column) for column in zip(*settled, strict=True))
    store.connection.execute(
        "UPDATE kept.articles a SET story_id = s.story, duplicate_of = nullif(s.original, a.article_id) "
        "FROM (SELECT unnest($ids) AS article_id, unnest($stories) AS story, unnest($originals) AS original) s "
        "WHERE a.article_id = s.article_id "
        "AND (a.story_id <> s.story OR a.duplicate_of IS DISTINCT FROM nullif(s.original, a.article_id))",
        {"ids": ids, "stories": stories, "originals": originals},
    )


def _groups(store: Store, touched: set[str]) -> list[set[str]]:
    """The connected groups of pairs that hold the touched articles; one without copies stands alone."""
    group_of = {article_id: {article_id} for article_id in touched}
    edge = set(touched)
    while edge:
        reached = set()
        for pair in _pairs_of(store, edge):
            reached |= {one for one in pair if one not in group_of}
            small, large = sorted((group_of.setdefault(one, {one}) for one in pair), key=len)
            if small is not large:
                large |= small
                group_of.update(dict.fromkeys(small, large))
        edge = reached
    return list({id(group): group for group in group_of.values()}.values())


def _pairs_of(store: Store, ids: Iterable[str]) -> list[tuple[str, str]]:
    return store.connection.execute(
        "SELECT article_a, article_b FROM kept.pairs "
        "WHERE article_a IN (SELECT unnest($ids)) OR article_b IN (SELECT unnest($ids))",
        {"ids": sorted(ids)},
    ).fetchall()


def _earliest_first(store: Store, ids: set[str]) -> list[str]:
    """In the order of publication, else of first sight; a day alone counts as its beginning."""
    found = store.connection.execute(
        "SELECT article_id FROM kept.articles a JOIN kept.versions v USING (article_id, version) "
        "WHERE article_id IN (SELECT unnest(?)) "
        "ORDER BY coalesce(v.published_at, a.first_seen_at), a.first_seen_at, article_id",
        [sorted(ids)],
    ).fetchall()
    return [article_id for (article_id,) in found]
