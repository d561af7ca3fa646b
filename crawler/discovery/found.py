"""What a discovery document yields: `Found` or `Unusable`. Values; no parser raises for what a site sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.article import Link


@dataclass(frozen=True, slots=True)
class Found:
    """The links of one document, in its order, and the further documents of the same entry.

    No links and nothing more means: the outlet says that there is nothing (an empty REST answer, a feed without
    items). A document that should list something and lists nothing (a sitemap of everything) is `Unusable`. How many further documents are
    asked for is not decided here: the entry's `max_pages` is the spider's fuse.
    """

    links: tuple[Link, ...] = ()
    more: tuple[str, ...] = ()
    """Further documents of the entry, most promising first: the next page, child sitemaps."""
    skipped: int = 0
    """Addresses the document names that are no articles of this source: menus, sister outlets, tags."""
    total: int | None = None
    """How many articles match in all, at most, where the server says (X-WP-Total). Null: it does not."""
    items: int = field(default=0, compare=False)
    """Things of the list that have an article's address, those that repeat another's included; 0: not counted."""
    left_out: int = 0
    """Articles and further documents over the bound of one document: there is more than is shown here."""
    too_long: int = 0
    """Addresses longer than any article's; they are dropped."""
    is_cut: bool = False
    """The document ends before its end: what is whole of it is here, and there is more that nobody has seen."""
    hidden: str | None = None
    """What the site refuses to say of its articles, and why, in a phrase. Null: nothing that is known of."""
    back: str | None = None
    """The document before this one, where articles move from one to the other as the site changes."""

    @property
    def one_for_all(self) -> str | None:
        """What is wrong with a list of many items that names one address; null: it names several."""
        if self.items < MANY or len(self.links) != 1:
            return None
        return f"its {self.items} items give one address, {self.links[0].url}"


MANY = 5
"""A list of fewer items may name one article several times."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """The document is not what the entry promises. Of an entry's first document: try the next entry."""

    reason: str
    """A phrase for the log: `HTTP 404`, `an html page, not a sitemap`."""
    is_closed: bool = False
    """The site itself says that visitors may not see it: asking again later will not help."""
    is_cut: bool = False
    """The document ends before anything of it is whole: asked again, it may come as a whole."""


CUT = "cut short: it ends before its end"
