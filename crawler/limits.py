"""What one discovery document may cost. Values; the settings that change them stand in docs/settings.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that is taken from a document; the excess is counted, and the entry does not count as complete."""

    links: int = 1000
    """Addresses of one feed, listing or REST answer. REST gives 100, a busy front page some 300."""
    sitemap_links: int = 50_000
    """Addresses of one sitemap, or children of one index: the protocol's own limit."""
    sitemap_depth: int = 3
    """Indexes that may lead to a sitemap. The protocol allows one, robots.txt counts as another."""
    unpacked_bytes: int = 50_000_000
    """A document after gzip: the sitemap protocol's own limit."""
    url_chars: int = 2083
    """A longer address is not an article's but a growing trap, or a search."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one page may cost its reader."""

    timeout_s: float = 30
    """The slowest real page took 1.5 s."""
    memory_mb: int = 1024
    """On top of the worker's own memory. The largest real page took 70, the worst invented one 350."""


ORDINARY = Limits()
