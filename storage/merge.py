"""One short merge: what a segment's reading found becomes rows, in one transaction with its mark.

Identity, versions and copies are *decided* by the pure functions of `pipelines.dedupe`; this module
looks up what they need to know, and writes down what they say. Merging a segment again changes
nothing, because its mark commits with its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import duckdb

from pipelines.address import address_key
from pipelines.article import INTERNAL, Article, Rejected
from pipelines.dedupe import Reading, Stored, Verdict, decide, may_stand_for, text_key
from storage import copies, ingested, removals
from storage.connection import Store
from storage.ingested import Reached
from storage.rows import append, named_rows

FetchOutcome = Literal["article", "rejected", "discovery", "unchanged", "gone", "failed", "excluded"]
VersionReason = Literal["published", "edited", "reprocessed"]


@dataclass(frozen=True, slots=True)
class Fetch:
    """One answer, or its absence. `status` and `size_bytes` are null where no answer came."""

    url: str
    source: str
    fetched_at: datetime
    status: int | None
    size_bytes: int | None
    outcome: FetchOutcome
    asked: str | None = None
    """The address that was asked for, where the server led elsewhere. Null: `url`."""
    missing: str | None = None
    """Why there was no article where one may have been: soft_404 or listing_page. Null: by its status, or there was."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A known article was there, unchanged, without being read again."""

    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """What reading one segment found. `segment` is null for articles that no segment holds."""

    segment: str | None = None
    articles: tuple[Article, ...] = ()
    rejections: tuple[Rejected, ...] = ()
    fetches: tuple[Fetch, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    reached: tuple[Reached, ...] = ()
    """How far files of others are ingested once this batch and those before it are merged."""
    again: tuple[Article, ...] = ()
    """Archived pages of known articles that other rules read last, read by today's, under the ids that they have."""


@dataclass(slots=True)
class Merged:
    """What a merge did, in articles. `known`: seen again, unchanged."""

    new: int = 0
    edited: int = 0
    reread: int = 0
    known: int = 0
    churning: int = 0
    rejected: int = 0

    def __add__(self, other: Merged) -> Merged:
        return Merged(*(a + b for a, b in zip(_counts(self), _counts(other), strict=True)))


def _counts(merged: Merged) -> Iterable[int]:
    return (merged.new, merged.edited, merged.reread, merged.known, merged.churning, merged.rejected)


def merge(
    store: Store,
    batch: Batch,
    now: datetime | None = None,
    read_by: str | None = None,
    copy_window: timedelta = copies.WINDOW,
) -> Merged:
    """Merge one batch; a segment that is merged already counts nothing and changes nothing.

    `read_by` names the rules that its pages were read by. Null: unknown. `copy_window`: near copies are
    looked for among articles whose days lie at most so far apart.
    """
    with store.transaction() as connection:
        if batch.segment is not None:
            mark = [batch.segment]
            if connection.execute("SELECT 1 FROM kept.segments WHERE segment = ?", mark).fetchone():
                return Merged()
            connection.execute(
                "INSERT INTO kept.segments VALUES (?, ?, ?)",
                [batch.segment, now or datetime.now(UTC), read_by],
            )
        merged = take(store, batch.articles, copy_window, again=batch.again)
        _note_sightings(store, batch.sightings)
        append(store, "rejections", (asdict(rejected) for rejected in batch.rejections))
        append(store, "fetches", (_fetch_row(fetch) for fetch in batch.fetches))
        _note_removals(store, batch)
        ingested.note(connection, batch.reached)
        merged.rejected = len(batch.rejections)
        return merged


def take(
    store: Store,
    articles: Sequence[Article],
    copy_window: timedelta = copies.WINDOW,
    is_reprocessing: bool = False,
    again: Sequence[Article] = (),
) -> Merged:
    """Bring articles into the open transaction.

    `is_reprocessing`: each is the archived page of the newest version of the article of its id, read
    anew and differently, or else of an article that was refused before. `again`: as in a `Batch`.
    """
    archived: dict[tuple[str, str], Article] = {(one.article_id, one.document): one for one in again}
    return _Merge(store, articles, copy_window, is_reprocessing, archived).run()


def _note_sightings(store: Store, sightings: Sequence[Sighting]) -> None:
    """An article that answers was seen then."""
    if sightings:
        store.connection.execute(
            "UPDATE kept.articles a SET last_seen_at = greatest(last_seen_at, s.at) "
            f"FROM {_INSTANTS_BY_ARTICLE} s WHERE a.article_id = s.article_id",
            _keys_and_instants((sighting.url, sighting.at) for sighting in sightings),
        )


def _note_removals(store: Store, batch: Batch) -> None:
    """Keep which articles the batch's looks found, and which they missed: two that agree make a removal."""
    seen = [(each.url, each.at) for each in batch.sightings]
    seen += [(article.url, article.fetched_at) for article in batch.articles if article.url is not None]
    absences = [absence for fetch in batch.fetches if (absence := _absence_of(fetch)) is not None]
    removals.note_looks(store, absences, ((removals.key_of(url), at) for url, at in seen))


def _absence_of(fetch: Fetch) -> removals.Absence | None:
    """The look that found nothing at the address asked for; null: it found something, or does not say."""
    reason = fetch.missing or (str(fetch.status) if fetch.outcome == "gone" else None)
    if reason is None:
        return None
    key = removals.key_of(fetch.asked or fetch.url)
    return removals.Absence(fetch.source, key, fetch.url, fetch.fetched_at, reason)


_INSTANTS_BY_ARTICLE = (
    "(SELECT k.article_id, max(i.at) AS at FROM (SELECT unnest($keys::VARCHAR[]) AS key, unnest($instants::TIMESTAMPTZ[]) AS at) i"
    " JOIN kept.keys k USING (key) GROUP BY k.article_id)"
)


def _keys_and_instants(seen: Iterable[tuple[str, datetime]]) -> dict[str, list[Any]]:
    pairs = [(f"url:{address_key(url)}", at) for url, at in seen]
    return {"keys": [key for key, _ in pairs], "instants": [at for _, at in pairs]}


def merged_segments(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The names of all segments whose rows are in the store."""
    found = connection.execute("SELECT segment FROM kept.segments").fetchall()
    return {name for (name,) in found}


def _fetch_row(fetch: Fetch) -> dict[str, Any]:
    row = asdict(fetch)
    row["bytes"] = row.pop("size_bytes")
    del row["asked"], row["missing"]
    return row


@dataclass(slots=True)
class _Head:
    """An article as the store has it, or as this merge has made it."""

    article_id: str
    source: str
    version: int
    first_seen_at: datetime
    last_seen_at: datetime
    removed_at: datetime | None
    fetched_at: datetime
    document: str
    """What the newest version was read from."""
    url: str | None
    """Of the newest version. Null: a text without one."""
    moved_to: str | None
    """Where it is served since, if that is another address."""
    readings: dict[str, Reading]
    fingerprint: str
    """Of the newest version."""
    fingerprints: set[str]
    story_id: str
    duplicate_of: str | None = None
    touched: bool = False
    is_new: bool = False
    unsettled: bool = False
    """Its text, or the day it counts by, is another than the store had: its bands and copies are due."""


@dataclass(slots=True)
class _Merge:
    """The state of one merge over `articles`, taken in the order of fetching."""

    store: Store
    articles: Sequence[Article]
    copy_window: timedelta
    is_reprocessing: bool = False
    archived: Mapping[tuple[str, str], Article] = field(default_factory=dict)
    """(Article, kind of document) → the page of its last reading, read again."""
    heads: dict[str, _Head] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    """Key → article_id, of the store and of this merge."""
    new_keys: dict[str, str] = field(default_factory=dict)
    versions: list[dict[str, Any]] = field(default_factory=list)
    renumber: set[str] = field(default_factory=set)
    disturbed: set[str] = field(default_factory=set)
    """Articles that had a copy in one that is gone: their stories are due."""
    merged: Merged = field(default_factory=Merged)

    def run(self) -> Merged:
        if not self.articles:
            return self.merged
        self._load()
        for article in sorted(self.articles, key=lambda a: a.fetched_at):
            self._take(article)
        self._write()
        return self.merged

    # --- what the store knows of these articles ---------------------------------------------------

    def _load(self) -> None:
        connection = self.store.connection
        keys = sorted({key for article in self.articles for key in _keys(article)})
        found = connection.execute(
            "SELECT key, article_id FROM kept.keys WHERE key IN (SELECT unnest(?::VARCHAR[]))", [keys]
        ).fetchall()
        self.ids = dict(found)
        named = set(self.ids.values())
        if self.is_reprocessing:
            named |= {article.article_id for article in self.articles}
        wanted = sorted(named)
        if not wanted:
            return
        for row in named_rows(
            connection,
            "SELECT a.article_id, a.source, a.version, a.first_seen_at, a.last_seen_at, a.removed_at, "
            "a.fingerprint, a.story_id, a.duplicate_of, v.fetched_at, v.document, v.url, a.moved_to "
            "FROM kept.articles a JOIN kept.versions v USING (article_id, version) "
            "WHERE a.article_id IN (SELECT unnest(?::VARCHAR[]))",
            [wanted],
        ):
            self.heads[row["article_id"]] = _Head(**row, readings={}, fingerprints=set())
        for article_id, document, *reading in connection.execute(
            "SELECT article_id, document, title, fingerprint, rules_version, is_complete, segment, record_offset "
            "FROM kept.readings WHERE article_id IN (SELECT unnest(?::VARCHAR[]))",
            [wanted],
        ).fetchall():
            self.heads[article_id].readings[document] = Reading(*reading)
        for article_id, fingerprint in connection.execute(
            "SELECT article_id, fingerprint FROM kept.versions WHERE article_id IN (SELECT unnest(?::VARCHAR[]))",
            [wanted],
        ).fetchall():
            self.heads[article_id].fingerprints.add(fingerprint)

    # --- one article ------------------------------------------------------------------------------

    def _take(self, article: Article) -> None:
        head = self._resolve(article)
        if head is None:
            self._add_new(article)
            return
        article = replace(article, article_id=head.article_id)
        self._name(article)
        # A text without an address turns out to be this page: the page's facts are better, and they
        # stand behind the text's whenever either was fetched.
        is_named = article.url is not None and head.url is None
        late = not is_named and article.fetched_at < head.fetched_at
        reads_otherwise = not (is_named or late or self.is_reprocessing) and self._read_again(head, article)
        if is_named or self.is_reprocessing:
            verdict = Verdict.REREAD
        elif late and article.fingerprint in head.fingerprints:
            verdict = Verdict.SAME
        else:
            verdict = decide(_stored(head), article)
        if article.fetched_at < head.first_seen_at:
            head.first_seen_at = article.fetched_at
            head.unsettled = True
        is_latest = article.fetched_at >= head.last_seen_at
        head.last_seen_at = max(head.last_seen_at, article.fetched_at)
        if self.is_reprocessing:
            head.source = article.source  # of a host that had no source when its pages were ingested
        head.touched = True
        if verdict in (Verdict.EDITED, Verdict.REREAD):
            self._add_version(head, article, "edited" if verdict is Verdict.EDITED else "reprocessed", late)
        if is_latest and not self.is_reprocessing:
            head.moved_to = _moved(head.url, article.url)
        if not late and verdict not in (Verdict.CHURNING, Verdict.PARTIAL):
            head.readings[article.document] = Reading.of(article)
        match verdict:
            case Verdict.EDITED:
                self.merged.edited += 1
            case Verdict.REREAD:
                self.merged.reread += 1
            case Verdict.CHURNING:
                self.merged.churning += 1
            case _ if reads_otherwise:
                self.merged.reread += 1
            case _:
                self.merged.known += 1

    def _read_again(self, head: _Head, article: Article) -> bool:
        """Let a look by other rules be compared with the archived page as today's read it: like with like.

        Returns whether that page reads otherwise than the newest version, and so is one itself.
        """
        before = self.archived.get((head.article_id, article.document))
        if before is None or not may_stand_for(before, _stored(head), article):
            return False
        # The newest version of another kind of document says nothing of how this kind was read.
        is_version = head.document == before.document and before.fetched_at >= head.fetched_at
        is_version = is_version and decide(_stored(head), before) is Verdict.REREAD
        if is_version:
            self._add_version(head, before, "reprocessed", late=False)
        head.readings[before.document] = Reading.of(before)
        return is_version

    def _resolve(self, article: Article) -> _Head | None:
        """The article that these keys name. Where they name two, the one seen earlier stays."""
        named = {self.ids[key] for key in article.keys if key in self.ids}
        if self.is_reprocessing and article.article_id in self.heads:
            named.add(article.article_id)  # other rules may find it another address
        if not named:
            # A text and a page of one outlet with the same words are one article, as long as only
            # one of them has an address; two addresses are two articles (and copies).
            owner = self.ids.get(text_key(article.source, article.fingerprint))
            if owner and (article.url is None or self.heads[owner].url is None):
                named = {owner}
        if not named:
            return None
        heads = sorted(
            (self.heads[article_id] for article_id in named), key=lambda h: (h.first_seen_at, h.article_id)
        )
        for other in heads[1:]:
            self._unite(heads[0], other)
        return heads[0]

    def _unite(self, stays: _Head, goes: _Head) -> None:
        """Two ids turn out to be one article: versions, keys and readings of the later move over."""
        connection = self.store.connection
        for table in ("versions", "keys"):
            connection.execute(
                f"UPDATE kept.{table} SET article_id = ? WHERE article_id = ?",
                [stays.article_id, goes.article_id],
            )
        for table in ("articles", "readings", "bands"):
            connection.execute(f"DELETE FROM kept.{table} WHERE article_id = ?", [goes.article_id])
        self.disturbed |= copies.neighbours(self.store, [goes.article_id])
        copies.forget_pairs(self.store, [goes.article_id])
        for row in self.versions:
            if row["article_id"] == goes.article_id:
                row["article_id"] = stays.article_id
        for names in (self.ids, self.new_keys):
            names.update({key: stays.article_id for key, named in names.items() if named == goes.article_id})
        earlier, later = sorted((stays, goes), key=lambda head: head.last_seen_at)
        stays.readings = {**earlier.readings, **later.readings}
        stays.last_seen_at = later.last_seen_at
        stays.fetched_at = max(stays.fetched_at, goes.fetched_at)
        stays.version += goes.version
        stays.fingerprints |= goes.fingerprints
        stays.moved_to = later.moved_to or later.url
        stays.url = stays.url or goes.url
        stays.touched = stays.unsettled = True
        self.heads.pop(goes.article_id)
        self.renumber.discard(goes.article_id)
        self.renumber.add(stays.article_id)

    def _add_new(self, article: Article) -> None:
        head = _Head(
            article_id=article.article_id,
            source=article.source,
            version=0,
            first_seen_at=article.fetched_at,
            last_seen_at=article.fetched_at,
            removed_at=None,
            fetched_at=article.fetched_at,
            document=article.document,
            url=article.url,
            moved_to=None,
            readings={article.document: Reading.of(article)},
            fingerprint=article.fingerprint,
            fingerprints=set(),
            story_id=article.article_id,
            touched=True,
            is_new=True,
        )
        self.heads[head.article_id] = head
        self._name(article)
        self._add_version(head, article, "published", late=False)
        self.merged.new += 1

    def _name(self, article: Article) -> None:
        for key in _keys(article):
            if key not in self.ids:
                self.ids[key] = self.new_keys[key] = article.article_id

    def _add_version(self, head: _Head, article: Article, reason: VersionReason, late: bool) -> None:
        head.version += 1
        head.fingerprints.add(article.fingerprint)
        self.versions.append(_version_row(article, head.version, reason))
        if late:
            self.renumber.add(head.article_id)
            return
        head.fetched_at = article.fetched_at
        head.document = article.document
        head.fingerprint = article.fingerprint
        head.url = article.url or head.url
        head.unsettled = True

    # --- writing ----------------------------------------------------------------------------------

    def _write(self) -> None:
        touched = [head for head in self.heads.values() if head.touched]
        if known := [head.article_id for head in touched if not head.is_new]:
            connection = self.store.connection
            connection.execute(
                "DELETE FROM kept.articles WHERE article_id IN (SELECT unnest(?::VARCHAR[]))", [known]
            )
            connection.execute(
                "DELETE FROM kept.readings WHERE article_id IN (SELECT unnest(?::VARCHAR[]))", [known]
            )
        append(self.store, "articles", (_head_row(head) for head in touched))
        append(self.store, "readings", (row for head in touched for row in _reading_rows(head)))
        append(self.store, "versions", self.versions)
        append(self.store, "keys", ({"key": k, "article_id": a} for k, a in self.new_keys.items()))
        if self.renumber:
            self._renumber()
        copies.update(
            self.store,
            self._new_texts(),
            [head.article_id for head in touched if head.unsettled and not self._is_all_new(head)],
            self.disturbed,
            self.copy_window,
        )

    def _is_all_new(self, head: _Head) -> bool:
        """Whether this merge knows the newest text itself: the article is new, and no other was united with it."""
        return head.is_new and head.article_id not in self.renumber

    def _new_texts(self) -> list[copies.NewestText]:
        """The newest texts of the articles that this merge has made."""
        in_order = sorted(self.versions, key=lambda row: (row["fetched_at"], row["version"]))
        newest = {row["article_id"]: row for row in in_order}
        return [
            copies.NewestText(
                head.article_id,
                head.fingerprint,
                newest[head.article_id]["text"],
                newest[head.article_id]["published_on"] or head.first_seen_at.astimezone(UTC).date(),
            )
            for head in self.heads.values()
            if head.touched and head.unsettled and self._is_all_new(head)
        ]

    def _renumber(self) -> None:
        """Versions count in the order of fetching, whenever they arrived; one that repeats another goes.

        A text without an address stands before the page that it turned out to be.
        """
        connection = self.store.connection
        ids = sorted(self.renumber)
        in_order = "(PARTITION BY article_id ORDER BY url IS NOT NULL, fetched_at, version, rowid)"
        connection.execute(
            "DELETE FROM kept.versions WHERE rowid IN (SELECT row FROM ("
            "  SELECT rowid AS row, fingerprint = lag(fingerprint) OVER w AND lag(url) OVER w IS NOT NULL"
            "    AND coalesce(title = lag(title) OVER w, true)"
            # One fetch read twice was read differently, or it would not stand there twice.
            "    AND fetched_at <> lag(fetched_at) OVER w AS repeats"
            f"  FROM kept.versions WHERE article_id IN (SELECT unnest(?::VARCHAR[])) WINDOW w AS {in_order}) WHERE repeats)",
            [ids],
        )
        connection.execute(
            "UPDATE kept.versions v SET version = n.number, version_reason = n.reason FROM ("
            "  SELECT rowid AS row, row_number() OVER w AS number, CASE"
            "      WHEN row_number() OVER w = 1 THEN 'published'"
            "      WHEN version_reason <> 'published' THEN version_reason"
            "      WHEN document = lag(document) OVER w AND rules_version = lag(rules_version) OVER w THEN 'edited'"
            "      ELSE 'reprocessed' END AS reason"
            f"  FROM kept.versions WHERE article_id IN (SELECT unnest(?::VARCHAR[])) WINDOW w AS {in_order}) n "
            "WHERE v.rowid = n.row",
            [ids],
        )
        connection.execute(
            "UPDATE kept.articles a SET version = n.newest, fingerprint = n.fingerprint FROM ("
            "  SELECT article_id, max(version) AS newest, arg_max(fingerprint, version) AS fingerprint"
            "  FROM kept.versions WHERE article_id IN (SELECT unnest(?::VARCHAR[])) GROUP BY article_id) n "
            "WHERE a.article_id = n.article_id",
            [ids],
        )


def _keys(article: Article) -> tuple[str, ...]:
    return (*article.keys, text_key(article.source, article.fingerprint))


def _moved(known: str | None, url: str | None) -> str | None:
    """The address that an article is served at, where it is no other spelling of the one that is known."""
    if known is None or url is None or address_key(known) == address_key(url):
        return None
    return url


def _stored(head: _Head) -> Stored:
    return Stored(head.article_id, head.version, head.readings)


def _head_row(head: _Head) -> dict[str, Any]:
    names = (
        "article_id",
        "source",
        "version",
        "first_seen_at",
        "last_seen_at",
        "removed_at",
        "moved_to",
        "fingerprint",
        "story_id",
        "duplicate_of",
    )
    return {name: getattr(head, name) for name in names}


def _reading_rows(head: _Head) -> Iterable[dict[str, Any]]:
    for document, reading in head.readings.items():
        yield {"article_id": head.article_id, "document": document, **asdict(reading)}


def _version_row(article: Article, version: int, reason: VersionReason) -> dict[str, Any]:
    row = {name: value for name, value in asdict(article).items() if name not in INTERNAL}
    row.pop("removed_at")
    return row | {"version": version, "version_reason": reason, "document": article.document}
