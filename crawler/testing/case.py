"""A frozen page: the document of the answer, the clock of its fetch, and the expected reading.

    FOLDER/SOURCE/CASE/page.html      or rest.json, page.txt
    FOLDER/SOURCE/CASE/page.toml      address, frozen clock, source
    FOLDER/SOURCE/CASE/expected.toml  the article's fields, or `rejected = "reason"`

Outlets that no bundled file names have a source file of their own in `FOLDER/sources/`, written like a user's.
A field that `expected.toml` does not name is not stated by the page: it must be null, empty or false.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from crawler.catalogue.load import load_catalogue
from crawler.catalogue.model import Catalogue
from pipelines.address import host_of
from pipelines.article import OK, Article, Document, Link, Page, Rejected
from pipelines.read import read
from pipelines.rules import Rules

DOCUMENTS: dict[str, Document] = {"page.html": "page", "rest.json": "rest", "page.txt": "text"}
"""The file that holds a case's document, and what kind of document it is."""

_TYPES: dict[Document, str] = {
    "page": "text/html; charset=UTF-8",
    "rest": "application/json; charset=UTF-8",
    "text": "text/plain; charset=UTF-8",
}

ABSENT: dict[str, Any] = {
    "url": None,
    "title": None,
    "text": (),
    "authors": (),
    "editors": (),
    "dateline": None,
    "section": None,
    "tags": (),
    "image_url": None,
    "credited_source": None,
    "published_at": None,
    "published_on": None,
    "published_precision": None,
    "published_from": None,
    "published_conflict": False,
    "modified_at": None,
    "is_advertorial": False,
    "advertorial_from": None,
    "advertorial_sponsor": None,
    "is_complete": True,
    "notice_type": None,
    "language": None,
}
"""Every field that a case is tested for, and its value where the page does not state it."""

WHERE_NAMED = ("description", "published_raw")
"""Fields that are tested only where a case names them, because they repeat the page's own words."""


@dataclass(frozen=True, slots=True)
class Case:
    """One frozen page with its expectation."""

    name: str
    """`SOURCE/CASE`, as its folder."""
    page: Page
    rules: Rules
    expected: dict[str, Any]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields to test: `rejected` alone, or every field of an article."""
        if "rejected" in self.expected:
            return ("rejected",)
        return ("rejected", *ABSENT, *(name for name in WHERE_NAMED if name in self.expected))

    @property
    def stated(self) -> tuple[str, ...]:
        """The fields that the expectation names, and whether the page is rejected."""
        return tuple(name for name in self.fields if name == "rejected" or name in self.expected)

    def wanted(self, name: str) -> Any:
        """What the field must be."""
        value = self.expected.get(name, ABSENT.get(name))
        return tuple(value) if isinstance(value, list) else value


@cache
def names(root: Path) -> tuple[str, ...]:
    """The cases under a folder, in order."""
    return tuple(sorted(path.parent.relative_to(root).as_posix() for path in root.glob("*/*/page.toml")))


@cache
def load(name: str, root: Path) -> Case:
    """The case of that name."""
    folder = root / name
    meta = tomllib.loads((folder / "page.toml").read_text("utf-8"))
    rules = rules_for(meta, root)
    expected = folder / "expected.toml"
    return Case(
        name=name,
        page=replace(_page(folder, meta, rules.source), parts=_parts(folder, meta, rules.source)),
        rules=rules,
        expected=tomllib.loads(expected.read_text("utf-8")) if expected.exists() else {},
    )


@cache
def reading(name: str, root: Path) -> Article | Rejected:
    """Today's reading of the case's document: one article or one rejection."""
    case = load(name, root)
    (found,) = read(case.page, case.rules)
    return found


def forget() -> None:
    """Read every case anew: its files have changed."""
    for remembered in (names, load, reading, catalogue):
        remembered.cache_clear()


def value_of(found: Article | Rejected, name: str) -> Any:
    """A field as an expectation writes it: the text as its paragraphs, a rejection as its reason."""
    if name == "rejected":
        return found.reason if isinstance(found, Rejected) else None
    if isinstance(found, Rejected):
        return found
    return tuple(found.text.split("\n")) if name == "text" else getattr(found, name)


def rules_for(meta: dict[str, Any], root: Path) -> Rules:
    """The rules on the day of the fetch: of the source that is named, else those of an unknown host."""
    fetched_at: datetime = meta["fetched_at"]
    if "source" in meta:
        return catalogue(root).source(meta["source"]).rules_on(fetched_at.date())
    return Rules(source=host_of(meta["url"]) if "url" in meta else "unknown")


@cache
def catalogue(root: Path) -> Catalogue:
    """The sources by which a folder's cases are read: the bundled ones and those in its `sources/`."""
    return load_catalogue([root / "sources"] if (root / "sources").is_dir() else [])


def _page(folder: Path, meta: dict[str, Any], source: str) -> Page:
    file = meta.get("file") or next(file for file in DOCUMENTS if (folder / file).exists())
    document = cast(Document, meta.get("document") or DOCUMENTS.get(file, "page"))
    return Page(
        url=meta.get("url"),
        source=source,
        fetched_at=meta["fetched_at"],
        status=meta.get("status", OK),
        headers=(("Content-Type", meta.get("content_type", _TYPES[document])),),
        body=(folder / file).read_bytes(),
        document=document,
        link=Link(source=source, **{"url": meta["url"], **meta["link"]}) if "link" in meta else None,
    )


def _parts(folder: Path, meta: dict[str, Any], source: str) -> tuple[Page, ...]:
    """The further parts of a long article: `[[part]]` with `file` and `url`, else as the first."""
    first = {key: value for key, value in meta.items() if key not in ("part", "link", "file")}
    return tuple(_page(folder, {**first, **part}, source) for part in meta.get("part", ()))
