"""What reading needs to know of a source: zones, brands, selectors. Values only; `crawler.catalogue.load` reads the files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from hashlib import sha256
from importlib.metadata import version

CODE_VERSION = "6"
"""Raised once a release, by its first change of any reading: a difference between two versions is never an edit.

`readings.toml` keeps what the frozen pages read like by this version, and a test holds it against the code.
"""
LIBRARIES = ("trafilatura", "lxml", "langdetect", "babel")
"""Libraries that readings depend on: another version may read a page differently."""

UNKNOWN_SOURCE = "unknown"
"""The source of a text without an address that names no outlet."""


@dataclass(frozen=True, slots=True)
class Rules:
    """One source's reading rules, as they stand on the day of the fetch. All selectors are CSS.

    The defaults are the rules of a host that no source names: no selectors, bare times are WIB.
    """

    source: str = UNKNOWN_SOURCE
    timezone: str | None = None
    """IANA name of the place's zone: decides the outlet's day. Null: not known, each page's own offset decides."""
    clock: str = "Asia/Jakarta"
    """IANA name of the zone of bare times on its pages."""
    hosts: tuple[str, ...] = ()
    """The source's hosts, `host` or `host:port`, without `www.`. Empty: any."""
    brands: tuple[str, ...] = ()
    """How the outlet names itself in a dateline or a copyright line."""
    title_suffixes: tuple[str, ...] = ()
    """What the outlet puts behind its titles in `<title>` and `og:title`, besides its brands."""
    body: str | None = None
    """The body's container; alternatives behind commas are tried in their order. Null: trafilatura chooses."""
    remove: tuple[str, ...] = ()
    """Elements removed from the tree before extraction, beside the known noise of `pipelines.body.noise`."""
    drop_lines: tuple[str, ...] = ()
    """Python patterns, searched in each line of the text, case ignored; a line that matches leaves."""
    title: str | None = None
    published: str | None = None
    authors: str | None = None
    editors: str | None = None
    section: str | None = None
    tags: str | None = None
    """Where a fact stands on the page; null: the page's structured data says it."""
    whole: str | None = None
    """What is appended to an address to get all parts of an article at once. Null: the site has no such address."""
    author_is_editor: bool = False
    """The structured data's `author` is the editor and `creator` the reporter (ANTARA)."""
    languages: tuple[str, ...] = ()
    """ISO 639 codes accepted, as `pipelines.language.label` gives them; a page in another is `wrong_language`. Empty: any."""


def rules_version(rules: Rules) -> str:
    """12 hex digits of what reads a page: the code's version, the libraries' and the rules."""
    return _version(CODE_VERSION, tuple(installed_libraries().items()), rules)


@lru_cache(maxsize=512)
def _version(code: str, libraries: tuple[tuple[str, str], ...], rules: Rules) -> str:
    return digest([code, dict(libraries), asdict(rules)])


@cache
def installed_libraries() -> dict[str, str]:
    """Library → its installed version."""
    return {name: version(name) for name in LIBRARIES}


def digest(value: object) -> str:
    """12 hex digits of any value: the order of mappings does not count, and what JSON lacks is taken as Python prints it."""
    return sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:12]
