"""What a document's witnesses say of its article: the value that every reader of facts fills."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.article import PublishedFrom
from pipelines.lines.dates import Instant


@dataclass(frozen=True, slots=True)
class Facts:
    """What the witnesses agree on. Null: no witness says it."""

    title: str | None = None
    description: str | None = None
    url: str | None = None
    """The canonical address that the page names for itself, where it is believable."""
    further_urls: tuple[str, ...] = ()
    """Other addresses of the outlet that the page gives its article: `amphtml`, and those of its JSON-LD node."""
    published: Instant | None = None
    published_from: PublishedFrom | None = None
    published_conflict: bool = False
    modified: Instant | None = None
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None
    platform_ids: tuple[str, ...] = ()
    is_article: bool = False
    """Structured data or markup says that this page is one article."""
    is_story: bool = False
    """JSON-LD's own article or a marked body says the same: no template puts those on a list."""
    lists_stories: bool = False
    """JSON-LD describes several stories, all of other addresses."""
    kind: str | None = None
    """`og:type`, lower case."""
    body: str | None = None
    """JSON-LD's `articleBody`."""
    is_paid: bool = False
    """A label above the headline says that the article was paid for."""
