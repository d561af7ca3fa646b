"""One short merge: what a segment's reading found becomes rows, in one transaction with its mark.

Identity, versions and copies are *decided* by the pure functions of `pipelines.dedupe`; this module
looks up what they need to know, and writes down what they say. Merging a segment again changes
nothing, because its mark commits with its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from pipelines.address import address_key
from pipelines.article import COLUMNS, Article, Rejected
from pipelines.dedupe import (
    MAX_VERSIONS,
    Holder,
    Reading,
    Stored,
    Verdict,
    article_id,
    decide,
    discredited,
    is_copy,
    is_name,
    known_by_number,
    link_key,
    may_stand_for,
    name_key,
    same_article,
    shared_destinations,
    text_key,
)
from pipelines.edits import Edit, wording
from pipelines.retractions import edit_in_full
from storage import copies, heads, indexes, ingested, removals
from storage.batch import Batch, Fetch, Merged, Sighting
from storage.connection import Store
from storage.index import Indexed
from storage.keys import Discredited, Keys, first_names, owners
from storage.readings import last_readings, text_of
from storage.rows import append, at_places, columns_of, named_rows, places
from storage.segments import note_merged
from storage.stand_ins import stand_ins
from storage.tombstones import tombstones_of
from storage.versions import VersionReason, renumber


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
    with store.transaction(of_looks=batch.is_quiet) as connection:
        if batch.segment is not None and not note_merged(
            store, batch.segment, batch.span, now or datetime.now(UTC), read_by
        ):
            return Merged()
        batch = _without_stand_ins(store, _without_erased(store, batch))
        merged = take(store, batch.articles, copy_window, again=batch.again, bands=batch.bands)
        _note_sightings(store, batch.sightings)
        append(store, "rejections", (columns_of(rejected) for rejected in batch.rejections))
        append(store, "fetches", (_fetch_row(fetch) for fetch in batch.fetches))
        merged.removed = _note_removals(store, batch)
        ingested.note(connection, batch.reached)
        merged.rejected = len(batch.rejections)
        return merged


def take(
    store: Store,
    articles: Sequence[Article],
    copy_window: timedelta = copies.WINDOW,
    is_reprocessing: bool = False,
    again: Sequence[Article] = (),
    disturbed: Iterable[str] = (),
    bands: Mapping[str, tuple[int, ...]] = MappingProxyType({}),
) -> Merged:
    """Bring articles into the open transaction. `disturbed` have lost a copy: their stories are settled anew.

    `is_reprocessing`: each is the archived page of the newest version of the article of its id, read
    anew and differently, or else of an article that was refused before. `again`, `bands`: as in a `Batch`.
    """
    stones = tombstones_of(store.scratch.parent)
    articles = [each for each in articles if not stones.has(each)]
    archived: dict[tuple[str, str], Article] = {(one.article_id, one.document): one for one in again}
    return _Merge(
        store, articles, copy_window, is_reprocessing, archived, bands, disturbed={*disturbed}
    ).run()


def _without_erased(store: Store, batch: Batch) -> Batch:
    """The batch without what it says of erased articles: whatever brought it, nothing of it comes in."""
    stones = tombstones_of(store.scratch.parent)
    if stones.is_empty:
        return batch
    return replace(
        batch,
        articles=tuple(each for each in batch.articles if not stones.has(each)),
        again=tuple(each for each in batch.again if not stones.has(each)),
        rejections=tuple(
            replace(each, url=None, detail=None) if stones.has_address(each.url) else each
            for each in batch.rejections
        ),
        fetches=tuple(
            each
            for each in batch.fetches
            if not (stones.has_address(each.url) or stones.has_address(each.asked))
        ),
        sightings=tuple(each for each in batch.sightings if not stones.has_address(each.url)),
    )


def _without_stand_ins(store: Store, batch: Batch) -> Batch:
    """The batch, with what only stood in for its articles as looks that missed them."""
    missed = {
        _place(each.served_at, each.fetched_at): each for each in stand_ins(store.connection, batch.articles)
    }
    if not missed:
        return batch
    answers = {_place(fetch.url, fetch.fetched_at): fetch.url for fetch in batch.fetches}
    rejections = (
        Rejected(answers.get(place, each.served_at), each.source, each.fetched_at, "soft_404", _STOOD_IN)
        for place, each in missed.items()
    )
    return replace(
        batch,
        articles=tuple(
            each for each in batch.articles if _place(each.served_at, each.fetched_at) not in missed
        ),
        rejections=(*batch.rejections, *rejections),
        fetches=tuple(
            replace(fetch, outcome="rejected", missing="soft_404")
            if _place(fetch.url, fetch.fetched_at) in missed
            else fetch
            for fetch in batch.fetches
        ),
    )


_STOOD_IN = "the same text as at other articles' addresses"


def _place(url: str | None, at: datetime) -> tuple[str, datetime]:
    return address_key(url or ""), at


def _note_sightings(store: Store, sightings: Sequence[Sighting]) -> None:
    """An article that answers was seen then."""
    connection = store.connection
    seen: dict[str, datetime] = {}
    for sighting in sightings:
        key = removals.key_of(sighting.url)
        seen[key] = max(sighting.at, seen.get(key, sighting.at))
    latest: dict[str, datetime] = {}
    for key, id in owners(connection, "keys", list(seen)):
        latest[id] = max(seen[key], latest.get(id, seen[key]))
    if there := places(connection, "versions", latest):
        connection.execute(
            "UPDATE kept.versions v SET last_seen_at = greatest(last_seen_at, s.at)"
            " FROM (SELECT unnest($places::BIGINT[]) AS place, unnest($instants::TIMESTAMPTZ[]) AS at) s"
            " WHERE v.rowid = s.place AND v.is_newest",
            {"places": list(there), "instants": [latest[id] for id in there.values()]},
        )


def _note_removals(store: Store, batch: Batch) -> int:
    """Keep which articles the batch's looks found, and which they missed: two that agree make a removal.

    The number of articles that were not removed before and are now.
    """
    seen = [(each.url, each.at) for each in batch.sightings]
    seen += [(article.url, article.fetched_at) for article in batch.articles if article.url is not None]
    absences = [absence for fetch in batch.fetches if (absence := fetch.absence) is not None]
    decided = removals.note_looks(store, absences, ((removals.key_of(url), at) for url, at in seen))
    store.has_news |= decided.differs
    return decided.removed


def _fetch_row(fetch: Fetch) -> dict[str, Any]:
    row = columns_of(fetch)
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
    wordings: set[str] = field(default_factory=set)
    """Of the versions that are kept; of one from before they were noted the fingerprint."""
    kept_versions: int = 0
    first_at: datetime | None = None
    """When the first version was fetched. Null: not in the store yet."""
    cut_until: datetime | None = None
    """When the version after those that are not kept was fetched. Null: all are kept."""
    unversioned: set[str] = field(default_factory=set)
    """The kinds of documents whose last reading is in no version."""
    texts: list[str] = field(default_factory=list)
    """Of its versions, as far as they were asked for."""
    places: list[int] = field(default_factory=list)
    """Of its versions in the store."""
    newest_place: int | None = None
    """Of the newest of these. Null: there is none."""
    unread: list[int] = field(default_factory=list)
    """Those of the versions whose texts were not asked for."""
    touched: bool = False
    is_new: bool = False
    unsettled: bool = False
    """Its text, or the day it counts by, is another than the store had: its bands and copies are due."""


_OF_HEAD = (
    *("article_id", "source", "version", "first_seen_at", "last_seen_at", "removed_at", "fingerprint"),
    *("story_id", "duplicate_of", "fetched_at", "document", "url", "moved_to"),
)
"""Columns of an article's newest version that its head has."""


@dataclass(slots=True)
class _Merge:
    """The state of one merge over `articles`, taken in the order of fetching."""

    store: Store
    articles: Sequence[Article]
    copy_window: timedelta
    is_reprocessing: bool = False
    archived: Mapping[tuple[str, str], Article] = field(default_factory=dict)
    """(Article, kind of document) → the page of its last reading, read again."""
    bands: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    heads: dict[str, _Head] = field(default_factory=dict)
    keys: Keys = field(default_factory=Keys)
    versions: list[dict[str, Any]] = field(default_factory=list)
    renumber: set[str] = field(default_factory=set)
    disturbed: set[str] = field(default_factory=set)
    """Articles that had a copy in one that is gone: their stories are due."""
    united: set[str] = field(default_factory=set)
    """Ids of articles that turned out to be others."""
    merged: Merged = field(default_factory=Merged)

    def run(self) -> Merged:
        if not self.articles:
            return self.merged
        self._load()
        for article in self._believed():
            self._take(article)
        self._write()
        return self.merged

    # --- what the store knows of these articles ---------------------------------------------------

    def _load(self) -> None:
        connection = self.store.connection
        others = [known_by_number(article) for article in self.articles if article.document == "rest"]
        readings = [*self.articles, *filter(None, others)]
        self.keys = Keys.of(self.store, readings)
        # An id may stand for an article whose name was another once.
        ids = {id for each in readings for id in (article_id(each.keys), each.article_id)}
        wanted = sorted(self.keys.articles | ids)
        there = places(connection, "versions", wanted)
        rows = named_rows(
            connection,
            f"SELECT {', '.join(_OF_HEAD)}, rowid, is_newest, wording, versions_left_out FROM kept.versions"
            f" WHERE {at_places(there)} ORDER BY article_id, fetched_at",
        )
        for row in rows:
            if row["is_newest"]:
                facts = {name: row[name] for name in _OF_HEAD}
                head = _Head(**facts, readings={}, fingerprints=set(), newest_place=row["rowid"])
                self.heads[head.article_id] = head
        for id, last in last_readings(connection, self.heads).items():
            self.heads[id].readings = last
            self.heads[id].unversioned = {kind for kind, reading in last.items() if reading.text is not None}
        for row in rows:
            head = self.heads[row["article_id"]]
            head.fingerprints.add(row["fingerprint"])
            head.places.append(row["rowid"])
            head.unread.append(row["rowid"])
            head.wordings.add(row["wording"] or row["fingerprint"])
            head.kept_versions += 1
            head.first_at = head.first_at or row["fetched_at"]
            if row["versions_left_out"] != 0:
                head.cut_until = row["fetched_at"]

    def _believed(self) -> list[Article]:
        """The readings in the order of fetching, after it is settled which of their witnesses are believed."""
        if not self.is_reprocessing:
            latest = max(article.fetched_at for article in self.articles)
            source = self.articles[0].source
            fallen = discredited(self.articles, self.keys.names)
            self.merged.discredited = tuple(
                Discredited(key, source, number, latest)
                for key, number in sorted(fallen.items())
                if key not in self.keys.discredited
            )
            self.keys.discredit(self.merged.discredited)
            self.keys.shared = shared_destinations(self.articles, self.keys.names)
        return sorted(map(self._by_its_number, self.articles), key=lambda article: article.fetched_at)

    def _by_its_number(self, article: Article) -> Article:
        """A post of a list under its number's address, where its link was found to be many posts'."""
        if article.document != "rest" or article.served_at is None:
            return article
        is_shared = link_key(article.served_at) in self.keys.discredited
        return (known_by_number(article) or article) if is_shared else article

    # --- one article ------------------------------------------------------------------------------

    def _take(self, article: Article) -> None:
        head = self._resolve(article)
        if head is None:
            self._add_new(article)
            return
        article = replace(
            article, article_id=head.article_id, url=self.keys.address(article, head.article_id)
        )
        is_served, was_served = is_name(article.keys[0]), head.article_id in self.keys.addressed
        if was_served and not is_served and not self.is_reprocessing:
            # Nobody but the document itself says that it is of this article: it tells nothing new of it.
            self.keys.note_name(article)
            self.merged.known += 1
            return
        self.keys.note(article)
        # A text without an address turns out to be this page: the page's facts are better, and they
        # stand behind the text's whenever either was fetched.
        is_named = is_served and not was_served
        late = not is_named and article.fetched_at < head.fetched_at
        reads_otherwise = not (is_named or late or self.is_reprocessing) and self._read_again(head, article)
        if is_named or self.is_reprocessing:
            verdict = Verdict.REREAD
        elif late and _is_kept(head, article):
            verdict = Verdict.SAME
        else:
            verdict = decide(_stored(head), article)
        if article.fetched_at < head.first_seen_at:
            head.first_seen_at = article.fetched_at
            head.unsettled = True
        is_latest = article.fetched_at >= head.last_seen_at
        head.last_seen_at = max(head.last_seen_at, article.fetched_at)
        if self.is_reprocessing or is_named:
            head.source = article.source  # of a host that had no source when its pages were ingested
        head.touched = True
        is_edit = verdict in (Verdict.EDITED, Verdict.CHURNING)
        if is_edit:
            self._add_version(head, article, "edited", late, None if late else self._edit(head, article))
        elif verdict is Verdict.REREAD:
            self._add_version(head, article, "reprocessed", late)
        if is_latest and not self.is_reprocessing:
            head.moved_to = _moved(head.url, article.url)
        if not late and verdict is not Verdict.PARTIAL:
            self._remember(head, article, is_version=is_edit or verdict is Verdict.REREAD)
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
        self._remember(head, before, is_version)
        return is_version

    def _remember(self, head: _Head, article: Article, is_version: bool) -> None:
        """The next look at this kind of document is compared with this reading."""
        last, reading = head.readings.get(article.document), Reading.of(article)
        if is_version:
            head.unversioned.discard(article.document)
        elif last is None or last.wording != reading.wording:
            head.unversioned.add(article.document)
        head.readings[article.document] = reading.after(last)

    def _edit(self, head: _Head, article: Article) -> Edit | None:
        """What the outlet has changed since the last reading of this kind of document."""
        last = head.readings[article.document]
        text = text_of(self.store.connection, head.places, article.document, last)
        return edit_in_full(replace(last, text=text), Reading.of(article))

    def _resolve(self, article: Article) -> _Head | None:
        """The article that the reading is of. Where it shows two to be one, the one seen earlier stays."""
        one = same_article(self._holders(article))
        if not one:
            # A text and a page of one outlet with the same words are one article, as long as only
            # one of them has an address; two addresses are two articles (and copies).
            owner = self.keys.names.get(text_key(article.source, article.fingerprint))
            if owner and not (is_name(article.keys[0]) and owner in self.keys.addressed):
                one = (owner,)
        if not one:
            return None
        first, *others = (self.heads[id] for id in one)
        for other in others if is_name(article.keys[0]) else ():
            self._unite(first, other)
        return first

    def _holders(self, article: Article) -> Iterable[Holder]:
        """The articles that share a key with the reading."""
        reached = self.keys.reached(article)
        named, others = reached.named, {*reached.witnessed}
        if self.is_reprocessing and article.article_id in self.heads:
            others |= {named} if named else set()  # other rules may find it another address
            named = article.article_id
        for id in {*others, *([named] if named else [])}:
            head = self.heads[id]
            is_named = id == named
            agrees = not is_named and self._agree(article, head)
            led = id in reached.led or _was_moved(article, head, reached.moved.get(id))
            yield Holder(id, head.first_seen_at, is_named, led, agrees)

    def _agree(self, article: Article, head: _Head) -> bool:
        """Whether the texts say that the reading can be of this article.

        Of what no address has served the very words are asked for: a likeness could be made.
        """
        if article.fingerprint in head.fingerprints:
            return True
        if not is_name(article.keys[0]) or head.article_id not in self.keys.addressed:
            return False
        return any(is_copy(article.text, text) for text in self._texts(head))

    def _texts(self, head: _Head) -> list[str]:
        """The texts of all versions of an article, fetched where they are in the store."""
        if head.unread:
            found = self.store.connection.execute(
                f"SELECT text FROM kept.versions WHERE {at_places(head.unread)}"
            ).fetchall()
            head.texts += [text for (text,) in found]
            head.unread.clear()
        return head.texts

    def _unite(self, stays: _Head, goes: _Head) -> None:
        """Two ids turn out to be one article: versions, keys and readings of the later move over."""
        connection = self.store.connection
        stays.texts = [*self._texts(stays), *self._texts(goes)]
        stays.places += goes.places
        connection.execute(
            "UPDATE kept.versions SET article_id = ?, is_newest = false WHERE article_id = ?",
            [stays.article_id, goes.article_id],
        )
        self.keys.unite(self.store, stays.article_id, goes.article_id)
        for table in ("readings", "bands"):
            connection.execute(f"DELETE FROM kept.{table} WHERE article_id = ?", [goes.article_id])
        self.disturbed |= copies.neighbours(self.store, [goes.article_id])
        copies.forget_pairs(self.store, [goes.article_id])
        for row in self.versions:
            if row["article_id"] == goes.article_id:
                row["article_id"] = stays.article_id
        earlier, later = sorted((stays, goes), key=lambda head: head.last_seen_at)
        stays.readings = {**earlier.readings, **later.readings}
        stays.last_seen_at = later.last_seen_at
        stays.fetched_at = max(stays.fetched_at, goes.fetched_at)
        stays.version += goes.version
        stays.fingerprints |= goes.fingerprints
        stays.wordings |= goes.wordings
        stays.kept_versions += goes.kept_versions
        stays.unversioned |= goes.unversioned
        stays.moved_to = later.moved_to or later.url
        stays.url = stays.url or goes.url
        stays.touched = stays.unsettled = True
        self.heads.pop(goes.article_id)
        self.united.add(goes.article_id)
        self.renumber.discard(goes.article_id)
        self.renumber.add(stays.article_id)

    def _add_new(self, article: Article) -> None:
        article = replace(article, article_id=self._new_id(article), url=self.keys.address(article, None))
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
        self.keys.note(article)
        self._add_version(head, article, "published", late=False)
        self.merged.new += 1

    def _new_id(self, article: Article) -> str:
        """The id of the article's name; where another had it, which had that name once, one with its words."""
        id = article_id(article.keys)
        return id if id not in self.heads else article_id([f"{article.keys[0]} {article.fingerprint}"])

    def _add_version(
        self, head: _Head, article: Article, reason: VersionReason, late: bool, edit: Edit | None = None
    ) -> None:
        head.version += 1
        head.kept_versions += 1
        head.fingerprints.add(article.fingerprint)
        head.wordings.add(wording(article.text))
        head.texts.append(article.text)
        known_at = datetime.now(UTC) if self.is_reprocessing else None
        self.versions.append(_version_row(article, head.version, reason, edit) | {"known_at": known_at})
        if late or head.kept_versions > MAX_VERSIONS:
            self.renumber.add(head.article_id)
        if late:
            return
        head.fetched_at = article.fetched_at
        head.document = article.document
        head.fingerprint = article.fingerprint
        head.url = article.url or head.url
        head.unsettled = True

    # --- writing ----------------------------------------------------------------------------------

    def _write(self) -> None:
        connection = self.store.connection
        touched = [head for head in self.heads.values() if head.touched]
        if read := places(connection, "readings", [head.article_id for head in touched if not head.is_new]):
            connection.execute(f"DELETE FROM kept.readings WHERE {at_places(read)}")
        append(self.store, "readings", (row for head in touched for row in _reading_rows(head)))
        in_order = {head.article_id: head for head in touched if head.article_id not in self.renumber}
        newest = {(head.article_id, head.version): head for head in in_order.values()}
        append(self.store, "versions", (_with_head(row, newest) for row in self.versions))
        # The newest version of an article, where it stands in order: that which this merge adds, else the one in the store.
        rows = {row["article_id"]: row for row in self.versions if row["article_id"] in in_order}
        heads.clear(connection, [in_order[id].newest_place for id in rows])
        heads.put(
            connection,
            {head.newest_place: _head_row(head) for id, head in in_order.items() if id not in rows},
        )
        heads.write(connection, [_head_row(head) for head in touched if head.article_id in self.renumber])
        self.keys.write(self.store)
        self._return_addresses()
        if self.renumber:
            renumber(connection, self.renumber)
        texts = [_newest_text(in_order[id], row) for id, row in rows.items()]
        unsettled = {head.article_id for head in touched if head.unsettled}
        new = {id for id, head in in_order.items() if head.is_new}
        copies.update(self.store, new, unsettled - new, self.disturbed, self.copy_window, texts, self.bands)
        indexes.follow(
            self.store,
            (unsettled | self.renumber | self.united) - new,
            [_indexed(in_order[id], row) for id, row in rows.items()],
        )

    def _return_addresses(self) -> None:
        """Versions that show an address that turned out to be another's show the one that has served them."""
        disputed = self.keys.disputed
        ids = {id for claimants in disputed.values() for id in claimants}
        if not ids:
            return
        names = first_names(self.store, ids)
        connection = self.store.connection
        for row, id, url in connection.execute(
            "SELECT rowid, article_id, url FROM kept.versions WHERE article_id IN (SELECT unnest(?::VARCHAR[])) AND url IS NOT NULL",
            [sorted(ids)],
        ).fetchall():
            key = address_key(url)
            if id in disputed.get(key, ()) and self.keys.names.get(name_key(url)) != id:
                own = f"{url.partition('://')[0]}://{names[id]}" if id in names else None
                connection.execute("UPDATE kept.versions SET url = ? WHERE rowid = ?", [own, row])


def _newest_text(head: _Head, row: Mapping[str, Any]) -> copies.NewestText:
    """The text of the newest version, and its day. `row`: that of the version."""
    day = row["published_on"] or head.first_seen_at.astimezone(UTC).date()
    return copies.NewestText(head.article_id, head.fingerprint, row["text"], day)


def _indexed(head: _Head, row: Mapping[str, Any]) -> Indexed:
    """What indexes ask of an article. `row`: of its newest version."""
    facts = (row[name] for name in ("published_on", "title", "text", "dateline"))
    return Indexed(head.article_id, head.source, *facts)


def _moved(known: str | None, url: str | None) -> str | None:
    """The address that an article is served at, where it is no other spelling of the one that is known."""
    if known is None or url is None or address_key(known) == address_key(url):
        return None
    return url


def _was_moved(article: Article, head: _Head, led_at: datetime | None) -> bool:
    """Whether the reading's address is the old one of an article, known so far by the one that it redirects to.

    As had the readings come in their order: it was served before it redirected, and the new address was nobody's then.
    """
    return led_at is not None and article.fetched_at < led_at <= head.first_seen_at


def _stored(head: _Head) -> Stored:
    return Stored(head.article_id, head.version, head.readings)


def _head_row(head: _Head) -> dict[str, Any]:
    return {name: getattr(head, name) for name in ("article_id", *heads.TYPES)}


def _with_head(row: dict[str, Any], newest: Mapping[tuple[str, int], _Head]) -> dict[str, Any]:
    """The row of a version, with the facts of its article where it is the newest of a new one."""
    head = newest.get((row["article_id"], row["version"]))
    return row | (heads.NONE if head is None else {"is_newest": True, **_head_row(head)})


def _is_kept(head: _Head, article: Article) -> bool:
    """Whether a version has this text; or had it perhaps, and is one of those that are not kept."""
    is_known = not head.wordings.isdisjoint((wording(article.text), article.fingerprint))
    return is_known or bool(
        head.first_at and head.cut_until and head.first_at < article.fetched_at < head.cut_until
    )


def _reading_rows(head: _Head) -> Iterable[dict[str, Any]]:
    for document, reading in head.readings.items():
        row = {"article_id": head.article_id, "document": document, **columns_of(reading)}
        yield row if document in head.unversioned else row | {"text": None}


def _version_row(
    article: Article, version: int, reason: VersionReason, edit: Edit | None = None
) -> dict[str, Any]:
    row = {name: getattr(article, name) for name in COLUMNS if name != "removed_at"}
    return row | {
        "version": version,
        "version_reason": reason,
        "document": article.document,
        "wording": wording(article.text),
        "edit_kind": edit and edit.kind,
        "edit_share": edit and edit.share,
        "retracted": edit and edit.retracted,
        "versions_left_out": 0,
    }
