"""What the database has that was not told, gathered into a `Digest`, and the mark that goes with it.

New is what was first seen since, not what was published since: an old article that is merely read again is no news, one
that is found late is, and is said to be late. What a digest told is known by ids, so what is merged days after its fetch
is told then, and nothing is told twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import duckdb

from crawler.digest import changes
from crawler.digest.model import (
    ALL,
    Change,
    DayGap,
    Digest,
    Hole,
    Item,
    Outlet,
    Told,
    Topic,
    Trouble,
    Uncorrected,
)
from crawler.digest.terms import Term
from pipelines.names.actors import Actor, Roll
from pipelines.names.matching import lines_of
from pipelines.sentences import Excerpt, Span, excerpt
from storage import digest as rows
from storage.digest import Absence, DayKept, EditedVersion, NewArticle, StoryMember, UncorrectedCopy

WAITING: Final = timedelta(days=7)
"""What is merged so long after its fetch is told still; what waits longer is not."""
_REMOVAL: Final = timedelta(days=120)
"""A removal is known at the second of two looks, which may lie so far apart, and is dated at the first."""
_TICK: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a digest is asked for."""

    list_name: str
    outlets: tuple[Outlet, ...]
    """Those that it speaks of."""
    actors: tuple[Actor, ...]
    terms: tuple[Term, ...]
    zone: str
    """IANA zone in which its span is told, and in which the days of `since` begin."""
    first_days: int
    """Whole days before the newest article that the first digest of a list goes back."""
    since: date | None = None
    """An ad hoc question, which knows of no digest before. Null: what is new since the last one."""
    heeds_notices: bool = False
    """Whether articles whose page reserves a use of it are left out."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Which instants a digest is about. All that was first seen after `horizon`, and was not told, is new."""

    since: datetime
    until: datetime
    horizon: datetime
    told: Told | None
    stepped_back: bool


def gather(
    connection: duckdb.DuckDBPyConnection, asked: Asked, told: Told | None, now: datetime
) -> tuple[Digest, Told]:
    """The digest, and the mark that it leaves once it is written. `told`: the mark of the one before; null: there was none."""
    connection.execute("SET TimeZone = 'UTC'")
    newest = min(rows.newest_first_sight(connection) or now, now)
    span = _span(asked, None if asked.since else told, now, newest)
    gathered = _Gathered(connection, asked, span)
    horizon = newest - WAITING
    mark = Told(
        until=span.until,
        horizon=horizon,
        articles=tuple(rows.seen_since(connection, horizon)),
        edits=tuple(_edit_key(each) for each in rows.edited_versions(connection, horizon)),
        absences=tuple(
            key for each in rows.absences(connection, horizon - _REMOVAL) for key in _absence_keys(each)
        ),
        uncorrected=tuple(_pair_key(each) for each in gathered.uncorrected_now),
    )
    return gathered.digest(), mark


def _span(asked: Asked, told: Told | None, now: datetime, newest: datetime) -> _Span:
    zone = ZoneInfo(asked.zone)
    if asked.since is not None:
        since = _midnight(asked.since, zone)
        return _Span(since, max(now, since), since - _TICK, None, False)
    if told is None:
        since = _midnight(newest.astimezone(zone).date() - asked.first_days * _DAY, zone)
        return _Span(since, now, since - _TICK, None, False)
    if now < told.until:
        begin = min(told.horizon, now - WAITING)
        return _Span(begin, now, begin, told, True)
    return _Span(told.until, now, told.horizon, told, False)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _edit_key(edit: EditedVersion) -> str:
    return f"{edit.article_id}:{edit.version}"


def _absence_keys(absence: Absence) -> list[str]:
    key = f"{absence.article_id}:{absence.gone_from.isoformat()}"
    return [key, f"{key}:back"] if absence.back_at else [key]


def _pair_key(pair: UncorrectedCopy) -> str:
    return f"{pair.original_id}:{pair.copy_id}"


class _Names:
    """The topics, and where a text names them."""

    def __init__(self, asked: Asked) -> None:
        actors, terms = asked.actors, [each.as_actor for each in asked.terms]
        # Apart: a term does not take a place from an actor whose name it stands in.
        self._rolls = [Roll(each) for each in (actors, terms) if each]
        self.topics = [Topic(each.actor_id, each.name, each.kind) for each in actors]
        self.topics += [Topic(each.topic_id, each.term, "term") for each in asked.terms]
        self.is_empty = not self.topics
        if self.is_empty:
            self.topics = [Topic(ALL, ALL, "all")]

    def places(self, title: str | None, text: str, day: date | None) -> dict[str, list[Span]]:
        """`topic_id` → places of the text, in its order; none where the title alone names it."""
        if self.is_empty:
            return {ALL: []}
        title_signs = len(lines_of(title, ""))
        found: dict[str, list[Span]] = {}
        for roll in self._rolls:
            for topic, places in roll.places(title, text, day).items():
                found[topic] = [
                    (begin - title_signs, end - title_signs) for begin, end in places if begin >= title_signs
                ]
        return found


class _Gathered:
    """One digest while it is made."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, asked: Asked, span: _Span) -> None:
        self._connection = connection
        self._asked = asked
        self._span = span
        self._told = span.told or Told(span.since, span.horizon)
        self._names = _Names(asked)
        self._outlets = {each.source: each for each in asked.outlets}

    def digest(self) -> Digest:
        new = rows.new_articles(self._connection, self._span.horizon, self._told.articles)
        collected = [each for each in new if each.source in self._outlets]
        ours = self._heeding(collected, lambda each: each.article_id)
        named = [(each, self._names.places(each.title, each.text, each.published_on)) for each in ours]
        items, edits = self._items(named), self._changes()
        uncorrected, standing = self._uncorrected()
        topics = tuple(
            Topic(
                each.topic_id,
                each.name,
                each.kind,
                tuple(items.get(each.topic_id, ())),
                tuple(edits.get(each.topic_id, ())),
                tuple(uncorrected.get(each.topic_id, ())),
            )
            for each in self._names.topics
        )
        return Digest(
            list_name=self._asked.list_name,
            since=self._span.since,
            until=self._span.until,
            zone=self._asked.zone,
            is_first=self._span.told is None and self._asked.since is None,
            is_ad_hoc=self._asked.since is not None,
            clock_stepped_back=self._span.stepped_back,
            has_names=not self._names.is_empty,
            collected=len(collected),
            named=sum(bool(places) for _, places in named),
            elsewhere=len(new) - len(collected),
            standing_uncorrected=standing,
            outlets=self._asked.outlets,
            topics=topics,
            holes=tuple(self._holes()),
            troubles=tuple(
                Trouble(each.source, each.kind, each.opened_at)
                for each in rows.open_incidents(self._connection, list(self._outlets))
            ),
            reserved=len(collected) - len(ours),
        )

    def _heeding(self, found: Sequence[Row], id_of: Callable[[Row], str]) -> list[Row]:
        """Those of these rows that are told: where notices are heeded, not those of articles that have one."""
        if not self._asked.heeds_notices:
            return [*found]
        reserved = rows.usage_notices(self._connection, [id_of(each) for each in found])
        return [each for each in found if id_of(each) not in reserved]

    # --- new articles ------------------------------------------------------------------------------

    def _items(
        self, named: Sequence[tuple[NewArticle, Mapping[str, Sequence[Span]]]]
    ) -> dict[str, list[Item]]:
        """By topic: of each story one item, by outlet, the newest first."""
        of_topic: dict[str, dict[str, list[tuple[NewArticle, Sequence[Span]]]]] = {}
        for article, places in named:
            for topic, at in places.items():
                stories = of_topic.setdefault(topic, {})
                stories.setdefault(article.story_id, []).append((article, at))
        stories_asked = {story for stories in of_topic.values() for story in stories}
        members: dict[str, list[StoryMember]] = defaultdict(list)
        for member in rows.story_members(self._connection, stories_asked):
            if member.source in self._outlets:
                members[member.story_id].append(member)
        notices = rows.usage_notices(
            self._connection, {article.article_id for article, places in named if places}
        )
        return {
            topic: sorted(
                (self._item(group, members[story], notices) for story, group in stories.items()),
                key=self._place,
            )
            for topic, stories in of_topic.items()
        }

    def _item(
        self,
        group: Sequence[tuple[NewArticle, Sequence[Span]]],
        members: Sequence[StoryMember],
        notices: Mapping[str, str],
    ) -> Item:
        """The original of a story, else the earliest of those that are new, with all others folded into it."""
        article, places = min(
            group,
            key=lambda each: (
                each[0].duplicate_of is not None,
                each[0].published_at or each[0].first_seen_at,
                each[0].article_id,
            ),
        )
        original = next((each.source for each in members if each.is_original), None)
        copy_of = original if article.duplicate_of and original != article.source else None
        others = {each.source for each in members} - {article.source, copy_of}
        first_day = self._span.since.astimezone(ZoneInfo(self._outlets[article.source].timezone)).date()
        return Item(
            article_id=article.article_id,
            source=article.source,
            title=article.title,
            url=article.url,
            published_at=article.published_at,
            published_on=article.published_on,
            has_time=article.published_precision in ("second", "minute"),
            found_at=article.first_seen_at,
            is_late=article.published_on is not None and article.published_on < first_day,
            is_advertorial=article.is_advertorial,
            sponsor=article.advertorial_sponsor,
            notice=article.notice_type,
            removed_at=article.removed_at,
            excerpt=Excerpt("") if article.removed_at else excerpt(article.text, places),
            copy_of=copy_of,
            also=tuple(sorted(others, key=self._title)),
            usage_notice=notices.get(article.article_id),
        )

    def _place(self, item: Item) -> tuple[str, float, str]:
        at = item.published_at or item.found_at
        return self._title(item.source), -at.timestamp(), item.article_id

    def _title(self, source: str) -> str:
        return self._outlets[source].title.casefold()

    # --- what was done to articles ----------------------------------------------------------------------

    def _changes(self) -> dict[str, list[Change]]:
        found: dict[str, list[Change]] = defaultdict(list)
        told = frozenset(self._told.edits)
        edits = rows.edited_versions(self._connection, self._span.horizon)
        for edit in self._heeding(edits, lambda each: each.article_id):
            if edit.source in self._outlets and _edit_key(edit) not in told:
                topics = self._names.places(edit.title, edit.text, edit.published_on)
                # An edit that took the name out is of that name most of all.
                topics |= self._names.places(edit.title_before, edit.text_before or "", edit.published_on)
                for topic in topics:
                    found[topic].append(_edit(edit))
        told = frozenset(self._told.absences)
        reach = self._span.horizon - (_REMOVAL if self._span.told else timedelta(0))
        absences = rows.absences(self._connection, reach)
        for absence in self._heeding(absences, lambda each: each.article_id):
            key = _absence_keys(absence)[-1]
            if absence.source in self._outlets and key not in told:
                for topic in self._names.places(absence.title, absence.text, absence.published_on):
                    found[topic].append(_absence(absence))
        for listed in found.values():
            listed.sort(key=lambda each: (self._title(each.source), -each.at.timestamp(), each.article_id))
        return found

    @cached_property
    def uncorrected_now(self) -> list[UncorrectedCopy]:
        """All that stand so today, of whatever topic and outlet."""
        return rows.uncorrected_copies(self._connection)

    def _uncorrected(self) -> tuple[dict[str, list[Uncorrected]], int]:
        """By topic those that no digest told; and how many that one told stand still."""
        found: dict[str, list[Uncorrected]] = defaultdict(list)
        told, standing = frozenset(self._told.uncorrected), 0
        for pair in self._heeding(self.uncorrected_now, lambda each: each.copy_id):
            topics = self._names.places(pair.title, pair.text, pair.published_on)
            if pair.copy_source not in self._outlets or not topics:
                continue
            if _pair_key(pair) in told:
                standing += 1
            elif self._span.told or pair.corrected_at > self._span.horizon:
                for topic in topics:
                    found[topic].append(_uncorrected(pair))
        return found, standing

    # --- what was not collected ----------------------------------------------------------------------------

    def _holes(self) -> Iterable[Hole]:
        spans = {name: self._days(each) for name, each in self._outlets.items()}
        if not spans:
            return
        kept: dict[str, dict[date, DayKept]] = defaultdict(dict)
        first, last = min(days[0] for days in spans.values()), max(days[-1] for days in spans.values())
        for row in rows.days_of(self._connection, list(self._outlets), first - _DAY, last):
            kept[row.source][row.day] = row
        looks = rows.last_looks(self._connection, list(self._outlets))
        for name in sorted(self._outlets, key=self._title):
            hole = _hole(name, looks.get(name), spans[name], kept[name])
            if hole is not None:
                yield hole

    def _days(self, outlet: Outlet) -> list[date]:
        zone = ZoneInfo(outlet.timezone)
        first = self._span.since.astimezone(zone).date()
        last = max(first, (self._span.until - _TICK).astimezone(zone).date())
        return [first + number * _DAY for number in range((last - first).days + 1)]


def _edit(edit: EditedVersion) -> Change:
    shown, more = changes.pieces(edit.title_before, edit.text_before, edit.title, edit.text)
    if edit.removed_at:
        shown, more = (), 0
    return Change(
        "edit",
        edit.article_id,
        edit.source,
        edit.title,
        edit.url,
        edit.fetched_at,
        edit.edit_kind,
        edit.notice_type,
        shown,
        more,
        edit.version,
    )


def _absence(absence: Absence) -> Change:
    kind, at = ("back", absence.back_at) if absence.back_at else ("gone", absence.gone_from)
    return Change(
        "back" if kind == "back" else "gone",
        absence.article_id,
        absence.source,
        absence.title,
        absence.url,
        at,
    )


def _uncorrected(pair: UncorrectedCopy) -> Uncorrected:
    return Uncorrected(
        pair.copy_id,
        pair.copy_source,
        pair.title,
        pair.url,
        pair.original_id,
        pair.original_source,
        pair.original_url,
        pair.corrected_at,
    )


def _hole(
    source: str, last_look: datetime | None, days: Sequence[date], kept: Mapping[date, DayKept]
) -> Hole | None:
    looked = _looked(days, kept)
    # The morning of one day proves no silence.
    of_silence = looked if len(days) > 1 else _looked([days[0] - _DAY, *days], kept)
    unseen = tuple(day for day in days if day not in kept or not kept[day].looks)
    gaps = tuple(
        DayGap(each.day, each.stored or 0, each.published, (each.pending or 0) + (each.failed or 0))
        for each in looked
        if (each.stored or 0) < (each.published or 0) or (each.pending or 0) + (each.failed or 0)
    )
    is_silent = bool(looked) and not any(each.stored or each.published for each in of_silence)
    if last_look is None or unseen or gaps or is_silent:
        return Hole(source, last_look, unseen, is_silent, gaps)
    return None


def _looked(days: Sequence[date], kept: Mapping[date, DayKept]) -> list[DayKept]:
    """Of these days, those that a run looked at."""
    return [kept[day] for day in days if day in kept and kept[day].looks]
