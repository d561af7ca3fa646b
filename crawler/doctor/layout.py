"""Why a source reads otherwise than before: the last page that read well, and the first that did not.

Its newest archived pages are read again, offline, by the rules of their days. What most of them had and the newest lack
fell out: the container of the body, a fact, or the article itself. Whether a page is read rightly is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from crawler.catalogue.model import Source
from crawler.processing.merger import Merger
from pipelines.article import OK, Article, Page, Reason, Rejected
from pipelines.layout import container
from pipelines.rules import Rules
from storage.archive.reader import whole_records
from storage.archive.record import Record, is_quiet

MOST_PAGES = 150
"""So many of the newest pages are read again: some seconds."""
FEWEST = 3
"""So many of the newest pages must lack it, and so many before them be known: one odd page is no layout."""
USUAL = 0.8
"""Share of the pages before that had it: a fact that an outlet gives now and then does not fall out."""
_BEFORE = 20


@dataclass(frozen=True, slots=True)
class Look:
    """One archived article, as it reads today: a page, or a post of a REST answer."""

    url: str
    at: datetime
    segment: str
    container: str | None
    article: Article | None
    """Null: it was refused."""
    reason: Reason | None
    """Why it was refused; null when it was not."""
    is_post: bool = False
    """Of a REST answer, which has no container, and whose facts no selector finds."""

    @property
    def day(self) -> date:
        """The day of the fetch, by which rules are chosen."""
        return self.at.date()


@dataclass(frozen=True, slots=True)
class Break:
    """What fell out. `pages`: so many of the newest lack it."""

    what: str
    rule: str
    worked: Look
    broke: Look
    pages: int


@dataclass(frozen=True, slots=True)
class _Part:
    """What a page may have. `has` is null for a page that says nothing of it."""

    what: str
    has: Callable[[Look], bool | None]
    rule: Callable[[Rules], str | None]
    """The selector that should find it; null: none is given."""
    otherwise: str
    """Who finds it where no selector is given."""


_NOT_OF_THE_PAGE: Final[frozenset[Reason | None]] = frozenset(
    {"out_of_window", "wrong_language", "off_site", "forgotten"}
)
"""Why an article is kept out that can be read well."""


def _fact(name: str) -> Callable[[Look], bool | None]:
    return lambda look: bool(getattr(look.article, name)) if look.article else None


_PARTS: tuple[_Part, ...] = (
    _Part(
        "articles",
        lambda look: None if look.reason in _NOT_OF_THE_PAGE else look.article is not None,
        lambda rules: rules.body,
        "what is no article is refused",
    ),
    _Part(
        "container",
        lambda look: None if look.is_post else look.container is not None,
        lambda rules: rules.body,
        "the theme's container",
    ),
    _Part("title", _fact("title"), lambda rules: rules.title, "the page's own metadata"),
    _Part("published_at", _fact("published_at"), lambda rules: rules.published, "the page's own metadata"),
    _Part("authors", _fact("authors"), lambda rules: rules.authors, "metadata and bylines"),
    _Part("dateline", _fact("dateline"), lambda rules: None, "the first line of the text"),
    _Part("section", _fact("section"), lambda rules: rules.section, "the page's own metadata"),
)
_KEYS: Mapping[str, str] = {"articles": "body", "container": "body", "published_at": "published"}
"""Part → the key of `[[rules]]` that finds it, where that is not its name."""


def looks(merger: Merger, source: Source) -> list[Look]:
    """The newest pages and posts of a source, read again, in the order of fetching."""
    found: list[Look] = []
    folder = merger.data_dir.segments / source.name
    for path in sorted(folder.glob("*.warc.gz"), reverse=True):
        if is_quiet(path.name):
            continue
        pages = (record for record in whole_records(path, merger.data_dir.segments) if _is_page(record))
        for record, results in merger.read_all(pages):
            found += _looks(record.page, results, source)
        if len(found) >= MOST_PAGES:
            break
    return sorted(found, key=lambda look: look.at)


def breaks(looks: Sequence[Look], source: Source) -> Iterator[Break]:
    """What fell out of the newest pages; the first that explains the others alone, where articles or containers did."""
    for part in _PARTS:
        telling = [(look, has) for look in looks if (has := part.has(look)) is not None]
        lacking = _trailing(has for _, has in telling)
        before = telling[: len(telling) - lacking]
        usual = [has for _, has in before[-_BEFORE:]]
        if lacking < FEWEST or len(usual) < FEWEST or sum(usual) < USUAL * len(usual):
            continue
        broke = telling[len(before)][0]
        worked = next(look for look, has in reversed(before) if has)
        selector = None if broke.is_post else part.rule(source.rules_on(broke.day))
        key = _KEYS.get(part.what, part.what)
        otherwise = "the posts of its REST interface" if broke.is_post else part.otherwise
        rule = f"{key} = '{selector}'" if selector else otherwise
        yield Break(part.what, rule, worked, broke, lacking)
        if part.what in _KEYS and part.what != "published_at":
            return  # without them no fact can be there


def _trailing(values: Iterable[bool]) -> int:
    """How many of the last are false."""
    number = 0
    for value in values:
        number = 0 if value else number + 1
    return number


def _is_page(record: Record) -> bool:
    page = record.page
    return record.role == "article" and page.document in ("page", "rest") and page.status == OK


def _looks(page: Page, results: Sequence[Article | Rejected], source: Source) -> Iterator[Look]:
    """What a page, or each post of an answer, reads like; an answer names its newest post first."""
    if page.document == "rest":
        for each in reversed(results):
            yield _look(page, each.url, each, None, is_post=True)
        return
    found = container(page, source.rules_on(page.fetched_at.date()))
    articles = [each for each in results if isinstance(each, Article)]
    for each in (articles or results)[:1]:
        yield _look(page, page.url, each, found)


def _look(
    page: Page, url: str | None, result: Article | Rejected, found: str | None, *, is_post: bool = False
) -> Look:
    article = result if isinstance(result, Article) else None
    reason = result.reason if isinstance(result, Rejected) else None
    return Look(url or "", page.fetched_at, page.segment or "", found, article, reason, is_post)
