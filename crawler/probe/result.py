"""The purpose and the findings of a look at a site: the spider fills this value, the command shows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.catalogue.model import Source
from pipelines.article import Article, Page, Rejected

MAX_REQUESTS = 12
"""All requests that the site sees, robots.txt and redirects among them."""
ARTICLES = 3
"""Articles that are read and shown."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One line of the table."""

    what: str
    found: str
    evidence: str = ""


@dataclass(slots=True)
class Probe:
    """The purpose and the findings of one look."""

    url: str
    name: str | None = None
    """Name of the source. Null: made from the host."""
    replaces: str | None = None
    """A source that may own the host, because its file is to be replaced."""
    observations: list[Observation] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    recurring: tuple[str, ...] = ()
    """Lines that stand in more than one of its articles."""
    read: list[tuple[Page, Article | Rejected]] = field(default_factory=list)
    """The articles asked for, read by the rules of the file."""
    source: Source | None = None
    text: str | None = None
    """The source file. Null: nothing is to be written, and `failed` or `refused` says why."""
    requests: int = 0
    failed: str | None = None
    refused: str | None = None

    def add(self, what: str, found: str, evidence: str = "") -> None:
        """Note one observation."""
        self.observations.append(Observation(what, found, evidence))


def owned(source: Source) -> str:
    """That a host has a source already, and what to do with it."""
    return (
        f"its host belongs to source {source.name}; scrapy sources {source.name} --verify looks at it "
        "(--force writes a file that replaces it)"
    )
