"""What a page shows of the theme that drew it, and the rules that hold for every page of that theme.

A source file need not say them: most of the region's outlets run one of a dozen themes, and a page names its own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from lxml import etree
from lxml.html import HtmlElement

from pipelines.page.index import Index
from pipelines.page.tree import alternatives, text_of
from pipelines.rules import Rules

MIN_BODY_CHARS = 150
"""A container of a theme that holds less is a teaser, or empty."""
_FOLDER = re.compile(r"/wp-content/themes/([\w.-]+)/")
_LINKED = etree.XPath("//link/@href[contains(., '/themes/')] | //script/@src[contains(., '/themes/')]")
_GENERATORS = etree.XPath("//meta[@name='generator' or @name='Generator']/@content")
_CLASSES = etree.XPath("//body/@class")


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme, by what a page names it with, and its parts of an article's page. Empty or null: it does not say."""

    name: str
    title: str
    folders: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    generators: tuple[str, ...] = ()
    body: str | None = None
    remove: tuple[str, ...] = ()


@cache
def known() -> tuple[Theme, ...]:
    """All themes of `themes.toml`, in its order."""
    tables = tomllib.loads(Path(__file__).with_name("themes.toml").read_text(encoding="utf-8"))
    return tuple(_theme(name, table) for name, table in tables.items())


def _theme(name: str, table: Mapping[str, str | list[str]]) -> Theme:
    return Theme(
        name=name,
        title=str(table["title"]),
        folders=frozenset(table.get("folders", ())),
        classes=frozenset(table.get("classes", ())),
        generators=tuple(table.get("generators", ())),
        body=str(table["body"]) if "body" in table else None,
        remove=tuple(table.get("remove", ())),
    )


def folders_of(tree: HtmlElement) -> tuple[str, ...]:
    """The folders below /wp-content/themes/ that a page loads from: a theme's, or a child's and its parent's."""
    found = (_FOLDER.search(str(address)) for address in _LINKED(tree))
    return tuple(dict.fromkeys(match[1] for match in found if match))


def named_by(tree: HtmlElement) -> str | None:
    """The theme's title, or its folder where no table has it; null where the page names none."""
    folders = folders_of(tree)
    theme = _theme_of(tree, folders)
    return theme.title if theme else next(iter(folders), None)


def theme_of(tree: HtmlElement) -> Theme | None:
    """The theme that drew the page; null where it names none that is known."""
    return _theme_of(tree, folders_of(tree))


def _theme_of(tree: HtmlElement, folders: Collection[str]) -> Theme | None:
    bare = frozenset(map(_bare, folders))
    classes = {name for value in _CLASSES(tree) for name in str(value).split()}
    named = tuple(str(value) for value in _GENERATORS(tree))
    return next(
        (theme for theme in known() if theme.folders & bare),
        next(
            (theme for theme in known() if theme.classes & classes or (named and _made(theme, named))), None
        ),
    )


def _bare(folder: str) -> str:
    """A folder's name without what marks a child, a version or a purchased copy of a theme."""
    return re.sub(r"[-_](?:child|pro|premium|master|main)$|[-_]?v?\d+(?:\.\d+)*$", "", folder.lower())


def _made(theme: Theme, named: tuple[str, ...]) -> bool:
    return bool(theme.generators) and any(name.startswith(theme.generators) for name in named)


def under(rules: Rules, index: Index) -> Rules:
    """A source's rules, completed by those of the theme that the page shows."""
    theme = theme_of(index.root)
    if theme is None:
        return rules
    return replace(
        rules,
        body=rules.body or next(_bodies(theme, index), None),
        remove=tuple(dict.fromkeys((*rules.remove, *theme.remove))),
    )


def _bodies(theme: Theme, index: Index) -> Iterator[str]:
    """The theme's selectors of a body that the page has exactly once, with a text in it: two are teasers."""
    for css in alternatives(theme.body or ""):
        found = index.outermost(css)
        if len(found) == 1 and len(text_of(found[0])) >= MIN_BODY_CHARS:
            yield css
