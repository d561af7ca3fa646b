"""What a digest says, as values: every format and language shows the same ones, today and when it is asked for again.

A digest is kept as JSON (`as_json`, `from_json`), so a digest that is repeated says word for word what it said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pipelines.sentences import Excerpt

ALL = "all"
"""`topic_id` of everything new, where no name is asked for."""
TopicKind = Literal["person", "party", "office", "organisation", "term", "all"]
ChangeKind = Literal["edit", "gone", "back"]


@dataclass(frozen=True, slots=True)
class Outlet:
    """An outlet that a digest speaks of."""

    source: str
    title: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Item:
    """A new article, with what it says of a topic."""

    article_id: str
    source: str
    title: str | None
    url: str | None
    published_at: datetime | None
    published_on: date | None
    has_time: bool
    """Whether `published_at` is more than a day."""
    found_at: datetime
    """When it was first seen."""
    is_late: bool
    """It was published before the first day of the span, or is dated so."""
    is_advertorial: bool
    sponsor: str | None
    notice: str | None
    """As column `notice_type` of view `articles`."""
    removed_at: datetime | None
    """Null: it stands. Else the excerpt is empty."""
    excerpt: Excerpt
    copy_of: str | None
    """The outlet that has the original, where that is another than this; null: this is it, or nobody followed has it."""
    also: tuple[str, ...]
    """Further outlets that carry the story, each once."""
    usage_notice: str | None = None
    """What the page, in any version, reserves of its use, as in `articles`. Null: nothing."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that gave way to others, and some that stand around them."""

    before: str
    removed: str
    added: str
    after: str

    @property
    def marked(self) -> str:
        """`sebanyak [-48-] [+50+] perahu`."""
        removed = f"[-{self.removed}-]" if self.removed else ""
        added = f"[+{self.added}+]" if self.added else ""
        return " ".join(filter(None, [self.before, removed, added, self.after]))


@dataclass(frozen=True, slots=True)
class Change:
    """What an outlet did to an article that it had published."""

    kind: ChangeKind
    article_id: str
    source: str
    title: str | None
    url: str | None
    at: datetime
    """When it was found."""
    edit_kind: str | None = None
    """As in `article_versions`; null: no edit, or it is not known."""
    notice: str | None = None
    pieces: tuple[Piece, ...] = ()
    """Empty: nothing of the words changed, or the article is gone."""
    more: int = 0
    """Further pieces, which are left out."""
    version: int = 0
    """0: no edit."""


@dataclass(frozen=True, slots=True)
class Uncorrected:
    """A copy that still carries what its original corrected or withdrew."""

    article_id: str
    source: str
    title: str | None
    url: str | None
    original_id: str
    original_source: str
    original_url: str | None
    corrected_at: datetime


@dataclass(frozen=True, slots=True)
class Topic:
    """One actor or term, and what is new of it."""

    topic_id: str
    name: str
    kind: TopicKind
    items: tuple[Item, ...] = ()
    """By outlet, the newest first within it."""
    changes: tuple[Change, ...] = ()
    uncorrected: tuple[Uncorrected, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.items or self.changes or self.uncorrected)


@dataclass(frozen=True, slots=True)
class DayGap:
    """A day of which articles are missing: fewer stored than the outlet's own list names, or some that are left."""

    day: date
    stored: int
    published: int | None
    """Null: the outlet does not say."""
    left: int
    """Addresses that are known and not read: pending, or without an answer."""


@dataclass(frozen=True, slots=True)
class Hole:
    """What was not collected of an outlet, in the days of the span, in its own zone."""

    source: str
    last_look: datetime | None
    """Null: nobody ever looked at it."""
    unseen: tuple[date, ...]
    """Days that no run looked at."""
    is_silent: bool
    """It was looked at, and no day that was has an article."""
    gaps: tuple[DayGap, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is broken still. `source` null: this machine."""

    source: str | None
    kind: str
    """As in `incidents`."""
    since: datetime


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest. Instants are UTC."""

    list_name: str
    """Which list of terms and outlets it is of: a file's name, for people; the feeds' ids have it."""
    since: datetime
    until: datetime
    zone: str
    """IANA zone that the span is told in."""
    is_first: bool
    """No digest of this list came before."""
    is_ad_hoc: bool
    """It was asked for with --since, and stands for itself."""
    clock_stepped_back: bool
    """The digest before was made at a later time than this one."""
    has_names: bool
    """Whether any actor or term is asked for; else everything new is told."""
    collected: int
    """New articles of the outlets that it speaks of."""
    named: int
    """Of those, the ones that name an actor or term, each once."""
    elsewhere: int
    """New articles of outlets that it does not speak of."""
    standing_uncorrected: int
    """Uncorrected copies on its topics that earlier digests told, and that still stand."""
    outlets: tuple[Outlet, ...]
    topics: tuple[Topic, ...]
    """In the order of the list, those without news included."""
    holes: tuple[Hole, ...]
    troubles: tuple[Trouble, ...]
    reserved: int = 0
    """New articles of its outlets that are not told because a notice about their use was to be heeded."""

    def title_of(self, source: str) -> str:
        """The name of an outlet."""
        return next((each.title for each in self.outlets if each.source == source), source)

    def zone_of(self, source: str) -> str:
        """The zone of an outlet."""
        return next((each.timezone for each in self.outlets if each.source == source), self.zone)


@dataclass(frozen=True, slots=True)
class Told:
    """What a list's digests told so far: what they need not tell again.

    An article is merged later than it was fetched, and a removal is known a day or more after it: so ids tell what is
    new, and no instant alone does.
    """

    until: datetime
    """End of the last span."""
    horizon: datetime
    """All that was first seen before is told, or was never to be."""
    articles: tuple[str, ...] = ()
    """Ids of those that were known and were first seen after `horizon`."""
    edits: tuple[str, ...] = ()
    """`article_id:version`."""
    absences: tuple[str, ...] = ()
    """`article_id:instant`, with `:back` where it came back."""
    uncorrected: tuple[str, ...] = ()
    """`original_id:copy_id`."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a list: the mark, and its digests, the last one first."""

    told: Told
    digests: tuple[Digest, ...] = field(default=())


def as_json(value: Kept) -> dict[str, Any]:
    """A value as JSON has it."""
    plain: dict[str, Any] = _plain(asdict(value))
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def from_json(given: Any) -> Kept:
    """The value that `as_json` was given. Raises ValueError, TypeError or KeyError for anything else."""
    made: Kept = _reader(Kept)(given)
    return made


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """How a value of a type is read from JSON."""
    if kind is datetime or kind is date:
        read: Callable[[Any], Any] = kind.fromisoformat
        return read
    if get_origin(kind) is UnionType:
        (inner,) = (each for each in get_args(kind) if each is not NoneType)
        within = _reader(inner)
        return lambda given: None if given is None else within(given)
    if get_origin(kind) is tuple:
        items = get_args(kind)
        within = _reader(items[0])
        return lambda given: tuple(map(within, given))
    if hasattr(kind, "__dataclass_fields__"):
        return lambda given: _made(kind, given)
    if get_origin(kind) is Literal:
        return lambda given: _checked(given, get_args(kind))
    return lambda given: _of(kind, given)


def _made(kind: Any, given: Mapping[str, Any]) -> Any:
    hints = get_type_hints(kind)
    return kind(
        # A digest of before a field was has its default; of one without a default this is an error.
        **{
            name: _reader(hint)(given[name])
            for name, hint in hints.items()
            if name in kind.__slots__ and name in given
        }
    )


def _checked(given: Any, known: Sequence[Any]) -> Any:
    if given not in known:
        raise ValueError(given)
    return given


def _of(kind: type, given: Any) -> Any:
    if not isinstance(given, kind):
        raise TypeError(given)
    return given
