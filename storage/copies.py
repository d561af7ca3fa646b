"""Which stored articles are copies of one story: candidates by MinHash bands, then exact comparison.

What counts as a copy is decided by `pipelines.dedupe.is_copy`. A pair is kept when its texts were
compared and found to be copies; a story is a connected group of pairs, so it does not depend on the
order of arrival. The original of a story is its earliest article, those that credit nobody first.

Nothing here grows with the archive but the scan of one column: the bands of the articles in question
are made anew from their texts, and texts are fetched only of candidates.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from pipelines.dedupe import COPIES_VERSION, containment, is_copy, jaccard, names_outlet, signature_bands
from storage import facts
from storage.connection import Store
from storage.rows import append, at_places, places

logger = logging.getLogger(__name__)

WINDOW = timedelta(days=30)
"""Near copies are looked for among articles whose days lie at most this far apart, where the caller does
not say. Texts that are the same to the word are copies whenever they appeared."""
CROWD = 500
"""A band that more texts of the window share than this says that they follow one template, and finds nobody."""
MOST_CANDIDATES = 64
"""A text is compared with at most so many, those with the most shared bands first."""
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class NewestText:
    """The newest text of an article. `day`: of publication, else of first sight, in UTC."""

    article_id: str
    fingerprint: str
    text: str
    day: date


class _Texts:
    """The newest texts of articles, each fetched once in a merge."""

    def __init__(self, store: Store, known: dict[str, NewestText]) -> None:
        self._store = store
        self._known = known

    def of(self, ids: Iterable[str]) -> list[NewestText]:
        """The texts of these articles, in the order of their ids."""
        wanted = sorted(set(ids))
        if missing := [one for one in wanted if one not in self._known]:
            self._known |= _fetched(self._store, missing)
        return [self._known[one] for one in wanted]

    def __getitem__(self, article_id: str) -> NewestText:
        return self._known[article_id]


def update(
    store: Store,
    new: Collection[str],
    changed: Collection[str] = (),
    disturbed: Iterable[str] = (),
    window: timedelta = WINDOW,
    texts: Iterable[NewestText] = (),
    bands: Mapping[str, tuple[int, ...]] = MappingProxyType({}),
) -> None:
    """Find the copies of new and edited articles, and settle the stories that they touch.

    `changed` were there before, with another text or on another day; `disturbed` may have lost a copy. `texts`: newest
    ones that the caller has at hand; the others are fetched. `bands`: of such texts by their fingerprints.
    """
    _begin_anew(store, [*changed, *new], window)
    if not new and not changed and not disturbed:
        return
    # All of a story look round anew when one of them changes: it may have held them together.
    known = _with_their_copies(store, changed) | _with_their_stories(store, disturbed)
    forget_pairs(store, sorted(changed))
    if changed:
        store.connection.execute(
            "DELETE FROM kept.bands WHERE article_id IN (SELECT unnest(?::VARCHAR[]))", [sorted(changed)]
        )
    found = _Texts(store, {text.article_id: text for text in texts})
    _find_copies(store, found, {*new}, {*changed}, known, window, bands)


def _find_copies(
    store: Store,
    texts: _Texts,
    new: set[str],
    changed: set[str],
    known: set[str],
    window: timedelta,
    made: Mapping[str, tuple[int, ...]] = MappingProxyType({}),
) -> None:
    seekers = texts.of([*new, *known])
    bands = [
        _Bands(text, hashes)
        for text in seekers
        if (hashes := hashes_of(text.text, made.get(text.fingerprint)))
    ]
    fresh = changed | new
    append(store, "bands", (each.row() for each in bands if each.text.article_id in fresh))
    candidates = _alike(store, bands, window) | _same(store, seekers)
    ids = {text.article_id for text in seekers}
    known_pairs = pairs_of(store, ids)
    pairs = _verified(texts, candidates - set(known_pairs))
    append(store, "pairs", pairs)
    paired = {one for row in pairs for one in (row["article_a"], row["article_b"])}
    # A new article that has no copy is a story of its own as it stands.
    alone = new.difference(paired, *known_pairs)
    _settle_stories(store, texts, ids.union(paired) - alone, fresh)


def neighbours(store: Store, ids: Iterable[str]) -> set[str]:
    """The articles found to be copies of these, themselves included where there are any."""
    return {article_id for pair in pairs_of(store, ids) for article_id in pair}


def forget_pairs(store: Store, ids: Sequence[str]) -> None:
    """Drop the pairs of these articles, because their texts have changed; who was whose copy is kept."""
    if not ids:
        return
    store.connection.execute(
        "INSERT INTO kept.former_copies SELECT original_id, copy_id FROM kept.copies"
        " WHERE list_contains($ids::VARCHAR[], original_id) OR list_contains($ids::VARCHAR[], copy_id)"
        " EXCEPT FROM kept.former_copies",
        {"ids": list(ids)},
    )
    for table, one, other in (("pairs", "article_a", "article_b"), ("copies", "copy_id", "original_id")):
        store.connection.execute(
            f"DELETE FROM kept.{table} WHERE {one} IN (SELECT unnest($ids::VARCHAR[])) OR {other} IN (SELECT unnest($ids::VARCHAR[]))",
            {"ids": list(ids)},
        )


def _begin_anew(store: Store, but: Sequence[str], window: timedelta) -> None:
    """Find all copies again where another version of the method found them; `but`: articles that are due anyway."""
    connection = store.connection
    if facts.noted(connection, "copies") == COPIES_VERSION:
        return
    found = connection.execute(
        "SELECT article_id FROM kept.articles WHERE article_id NOT IN (SELECT unnest(?::VARCHAR[])) ORDER BY first_seen_at, article_id",
        [list(but)],
    ).fetchall()
    ids = [article_id for (article_id,) in found]
    if ids:
        logger.info(
            "looking for copies among all %d articles again: this code finds them otherwise", len(ids)
        )
    for table in ("bands", "pairs", "copies"):
        connection.execute(f"DELETE FROM kept.{table}")
    connection.execute("UPDATE kept.versions SET story_id = article_id, duplicate_of = NULL WHERE is_newest")
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        _find_copies(store, _Texts(store, _fetched(store, some)), {*some}, set(), set(), window)
    note_version(store)


def note_version(store: Store) -> None:
    """Keep that the copies here are found as this code finds them, in the open transaction."""
    facts.note(store.connection, "copies", COPIES_VERSION)


def _with_their_copies(store: Store, ids: Collection[str]) -> set[str]:
    """These articles, and all that share a story with them: those that are measured against the same original."""
    if not ids:
        return set()
    found = store.connection.execute(
        "WITH these AS (SELECT unnest(?::VARCHAR[]) AS id),"
        " originals AS (FROM these UNION SELECT original_id FROM kept.copies JOIN these ON copy_id = id)"
        " FROM originals UNION SELECT copy_id FROM kept.copies JOIN originals ON original_id = id",
        [sorted(ids)],
    ).fetchall()
    return {article_id for (article_id,) in found}


def _with_their_stories(store: Store, ids: Iterable[str]) -> set[str]:
    """These articles, and all that shared a story with them until now, though the copy that joined them is gone."""
    wanted = sorted(ids)
    if not wanted:
        return set()
    found = store.connection.execute(
        "WITH these AS (FROM kept.articles WHERE article_id IN (SELECT unnest(?::VARCHAR[]))) "
        "SELECT article_id FROM kept.articles WHERE story_id IN (SELECT story_id FROM these)",
        [wanted],
    ).fetchall()
    return {article_id for (article_id,) in found}


def _fetched(store: Store, ids: Collection[str]) -> dict[str, NewestText]:
    there = places(store.connection, "versions", ids)
    if not there:
        return {}
    found = store.connection.execute(
        "SELECT article_id, fingerprint, text, coalesce(published_on, (first_seen_at AT TIME ZONE 'UTC')::DATE)"
        f" FROM kept.versions WHERE is_newest AND {at_places(there)}"
    ).fetchall()
    return {row[0]: NewestText(*row) for row in found}


def hashes_of(text: str, bands: tuple[int, ...] | None = None) -> tuple[int, ...]:
    """The lower halves of a text's bands: what they find by chance is compared word by word anyway. Null: made here."""
    return tuple(value & 0xFFFFFFFF for value in (signature_bands(text) if bands is None else bands))


@dataclass(frozen=True, slots=True)
class _Bands:
    """A text with the hashes of its bands."""

    text: NewestText
    hashes: tuple[int, ...]

    def row(self) -> dict[str, Any]:
        """The row of `kept.bands`."""
        return {"article_id": self.text.article_id, "day": self.text.day, "hashes": self.hashes}


_OF_DAYS = (
    "(SELECT article_id, day, unnest(hashes) AS hash FROM kept.bands"
    " WHERE day BETWEEN $first AND $last AND day IN (SELECT unnest($days::DATE[])))"
)
"""The bands of the days around those of the seekers: all that can be within the window of one."""


def _days(bands: Sequence[_Bands], window: timedelta) -> dict[str, Any]:
    """The values that `_OF_DAYS` asks for."""
    days: list[date] = []
    for day in sorted({each.text.day for each in bands}):
        first = max(day - window, days[-1] + timedelta(days=1)) if days else day - window
        days += [first + timedelta(days=number) for number in range((day + window - first).days + 1)]
    return {"days": days, "first": days[0], "last": days[-1]}


# --- candidates -------------------------------------------------------------------------------------


def _alike(store: Store, bands: Sequence[_Bands], window: timedelta) -> set[tuple[str, str]]:
    """Pairs, smaller id first, of other words that share a band within the window.

    One article stands for all of a day that have its words: a text that an outlet serves a thousand
    times (a notice, a wall) is compared once. A crowded band is passed over, and of what a text shares
    bands with the most alike are compared: a template cannot make a batch quadratic.
    """
    bands = _shared(store, bands, window)
    if not bands:
        return set()
    mine = [(each.text, value) for each in bands for value in each.hashes]
    found = store.connection.execute(
        f"""
        WITH mine AS (
            SELECT print AS fingerprint, day, hash, min(id) AS one FROM (
                SELECT unnest($ids::VARCHAR[]) AS id, unnest($prints::VARCHAR[]) AS print, unnest($days_of_mine::DATE[]) AS day, unnest($hashes::UINTEGER[]) AS hash
            ) GROUP BY ALL
        ),
        hashes AS (SELECT DISTINCT hash FROM mine),
        sharing AS (
            SELECT article_id, hash, day FROM {_OF_DAYS} SEMI JOIN hashes USING (hash)
        ),
        named AS (SELECT fingerprint, article_id FROM kept.articles SEMI JOIN sharing USING (article_id)),
        theirs AS (
            SELECT fingerprint, day, hash, min(article_id) AS one
            FROM sharing JOIN named USING (article_id) GROUP BY ALL
        ),
        crowded AS (
            SELECT m.day, hash FROM (SELECT DISTINCT day, hash FROM mine) m JOIN theirs o USING (hash)
            WHERE abs(date_diff('day', m.day, o.day)) <= $window
            GROUP BY ALL HAVING count(DISTINCT o.fingerprint) > $crowd
        ),
        alike AS (
            SELECT min(m.one) AS a, min(o.one) AS b, count(DISTINCT hash) AS shared
            FROM (FROM mine ANTI JOIN crowded USING (day, hash)) m JOIN theirs o USING (hash)
            WHERE m.fingerprint <> o.fingerprint AND abs(date_diff('day', m.day, o.day)) <= $window
            GROUP BY m.fingerprint, m.day, o.fingerprint
            QUALIFY row_number() OVER (PARTITION BY m.fingerprint, m.day ORDER BY shared DESC, b) <= $most
        )
        SELECT DISTINCT least(a, b), greatest(a, b), (SELECT count(*) FROM crowded) FROM alike
        """,
        {
            "ids": [text.article_id for text, _ in mine],
            "prints": [text.fingerprint for text, _ in mine],
            "days_of_mine": [text.day for text, _ in mine],
            "hashes": [value for _, value in mine],
            **_days(bands, window),
            "window": window.days,
            "crowd": CROWD,
            "most": MOST_CANDIDATES,
        },
    ).fetchall()
    if found and found[0][2]:
        logger.info("%d bands are shared by more than %d texts, and were passed over", found[0][2], CROWD)
    return {(a, b) for a, b, _ in found}


def _shared(store: Store, bands: Sequence[_Bands], window: timedelta) -> list[_Bands]:
    """The texts with those of their bands that several articles have: of most texts none, and then nothing more is asked."""
    if not bands:
        return []
    found = store.connection.execute(
        f"SELECT hash FROM {_OF_DAYS} WHERE hash IN (SELECT unnest($hashes::UINTEGER[]))"
        " GROUP BY hash HAVING min(article_id) <> max(article_id)",
        {"hashes": list({value for each in bands for value in each.hashes}), **_days(bands, window)},
    ).fetchall()
    shared = {value for (value,) in found}
    kept = ((each, tuple(value for value in each.hashes if value in shared)) for each in bands)
    return [replace(each, hashes=hashes) for each, hashes in kept if hashes]


def _same(store: Store, seekers: Sequence[NewestText]) -> set[tuple[str, str]]:
    """Pairs, smaller id first, of the same words, whenever they appeared.

    Those that were not looked at now are linked among themselves, so each seeker is linked to one of
    them, or to the first seeker: a thousand of them cost a thousand pairs and not half a million.
    """
    found = store.connection.execute(
        """
        WITH seekers AS (SELECT unnest($ids::VARCHAR[]) AS article_id, unnest($prints::VARCHAR[]) AS fingerprint),
        twins AS (SELECT article_id, fingerprint FROM kept.articles SEMI JOIN seekers USING (fingerprint)),
        hubs AS (
            SELECT fingerprint,
                   coalesce(min(t.article_id) FILTER (s.article_id IS NULL), min(t.article_id)) AS hub
            FROM twins t LEFT JOIN seekers s USING (article_id, fingerprint) GROUP BY fingerprint
        )
        SELECT least(article_id, hub), greatest(article_id, hub)
        FROM seekers JOIN hubs USING (fingerprint) WHERE article_id <> hub
        """,
        {
            "ids": [text.article_id for text in seekers],
            "prints": [text.fingerprint for text in seekers],
        },
    ).fetchall()
    return {(a, b) for a, b in found}


def _verified(texts: _Texts, candidates: set[tuple[str, str]]) -> list[dict[str, Any]]:
    """The pairs that are copies. The same words are, however their figures are punctuated."""
    texts.of(one for pair in candidates for one in pair)
    rows = []
    for a, b in sorted(candidates):
        one, other = texts[a], texts[b]
        if one.fingerprint == other.fingerprint or is_copy(one.text, other.text):
            rows.append({"article_a": a, "article_b": b} | _measured(one, other))
    return rows


def _measured(one: NewestText, other: NewestText) -> dict[str, float]:
    if one.fingerprint == other.fingerprint:
        return {"jaccard": 1.0, "containment": 1.0}
    return {"jaccard": jaccard(one.text, other.text), "containment": containment(one.text, other.text)}


# --- stories ----------------------------------------------------------------------------------------


def _settle_stories(store: Store, texts: _Texts, touched: set[str], fresh: set[str]) -> None:
    """Give every article of the touched groups its story_id and its duplicate_of; measure the copies.

    `fresh` have a new text: what was measured of them is void.
    """
    if not touched:
        return
    groups = _groups(store, touched)
    there = places(store.connection, "versions", set().union(*groups))
    members = _members(store, there)
    stories: dict[str, str] = {}
    originals: dict[str, str] = {}
    for group in groups:
        first = _original([members[one] for one in sorted(group)])
        stories |= dict.fromkeys(group, min(group))
        originals |= dict.fromkeys(group, first)
    ids = sorted(stories)
    store.connection.execute(
        "UPDATE kept.versions a SET story_id = s.story, duplicate_of = nullif(s.original, a.article_id) "
        "FROM (SELECT unnest($places::BIGINT[]) AS place, unnest($stories::VARCHAR[]) AS story, unnest($originals::VARCHAR[]) AS original) s "
        "WHERE a.rowid = s.place AND a.is_newest "
        "AND (a.story_id <> s.story OR a.duplicate_of IS DISTINCT FROM nullif(s.original, a.article_id))",
        {
            "places": list(there),
            "stories": [stories[one] for one in there.values()],
            "originals": [originals[one] for one in there.values()],
        },
    )
    copies = {one: original for one, original in originals.items() if one != original}
    _measure(store, texts, copies, ids, fresh)


def _measure(
    store: Store, texts: _Texts, originals: Mapping[str, str], ids: Sequence[str], fresh: set[str]
) -> None:
    """Keep `copies` true for these articles: one row for each copy, measured against its original."""
    connection = store.connection
    before = {
        copy: original
        for copy, original in connection.execute(
            "SELECT copy_id, original_id FROM kept.copies WHERE copy_id IN (SELECT unnest(?::VARCHAR[]))",
            [ids],
        ).fetchall()
        if originals.get(copy) == original and copy not in fresh and original not in fresh
    }
    due = {copy: original for copy, original in originals.items() if copy not in before}
    connection.execute(
        "DELETE FROM kept.copies WHERE copy_id IN (SELECT unnest(?::VARCHAR[]))",
        [[one for one in ids if one not in before]],
    )
    texts.of([*due, *due.values()])
    append(
        store,
        "copies",
        (
            {"copy_id": copy, "original_id": original} | _measured(texts[copy], texts[original])
            for copy, original in due.items()
        ),
    )


def _groups(store: Store, touched: set[str]) -> list[set[str]]:
    """The connected groups of pairs that hold the touched articles; one without copies stands alone."""
    group_of = {article_id: {article_id} for article_id in touched}
    edge = set(touched)
    while edge:
        reached = set()
        for pair in pairs_of(store, edge):
            reached |= {one for one in pair if one not in group_of}
            small, large = sorted((group_of.setdefault(one, {one}) for one in pair), key=len)
            if small is not large:
                large |= small
                group_of.update(dict.fromkeys(small, large))
        edge = reached
    return list({id(group): group for group in group_of.values()}.values())


def pairs_of(store: Store, ids: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs of near copies that one of these articles belongs to."""
    return store.connection.execute(
        "SELECT article_a, article_b FROM kept.pairs "
        "WHERE article_a IN (SELECT unnest($ids::VARCHAR[])) OR article_b IN (SELECT unnest($ids::VARCHAR[]))",
        {"ids": sorted(ids)},
    ).fetchall()


@dataclass(frozen=True, slots=True)
class _Member:
    """What decides which article of a story came first."""

    article_id: str
    outlet: tuple[str | None, ...]
    """Names of its outlet: the source's, its title, its host."""
    credit: str | None
    at: datetime
    """Publication, else first sight; a day alone counts as its beginning."""
    first_seen_at: datetime


def _original(group: Sequence[_Member]) -> str:
    """The original of a group: preferably one that credits no other of them, is credited by another, has no credit.

    The three count in this order; then publication, first sight and id decide. A credit to an agency outside
    the group does not count against an article that others credit.
    """
    outlets = {member.outlet for member in group}
    credits = {member.credit for member in group if member.credit}
    named = {credit: {one for one in outlets if names_outlet(credit, one)} for credit in credits}
    credited = set().union(*named.values()) if named else set()

    def rank(member: _Member) -> tuple[bool, bool, bool, datetime, datetime, str]:
        credits_another = member.credit is not None and bool(named[member.credit] - {member.outlet})
        return (
            credits_another,
            member.outlet not in credited,
            member.credit is not None,
            member.at,
            member.first_seen_at,
            member.article_id,
        )

    return min(group, key=rank).article_id


def _members(store: Store, rowids: Collection[int]) -> dict[str, _Member]:
    found = store.connection.execute(
        "SELECT article_id, a.source, s.title, a.host, a.credited_source, "
        "coalesce(a.published_at, a.first_seen_at), a.first_seen_at "
        f"FROM (FROM kept.versions WHERE is_newest AND {at_places(rowids)}) a LEFT JOIN kept.sources s ON s.source = a.source"
    ).fetchall()
    return {
        article_id: _Member(article_id, (source, title, host), credit, moment, seen)
        for article_id, source, title, host, credit, moment, seen in found
    }
