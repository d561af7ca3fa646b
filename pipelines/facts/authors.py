"""Who wrote a story and who edited it: people, not accounts and not the outlet itself.

Structured data first, then where themes and platforms print a name, then the lines around the
headline. `pipelines.body.clean` reads the byline in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from lxml.html import HtmlElement

from pipelines.facts import frame
from pipelines.facts.structured import Stated, items, texts, types_of
from pipelines.facts.titles import own_names
from pipelines.lines.bylines import people
from pipelines.page.index import Index
from pipelines.page.tree import fold, letters, text_of
from pipelines.rules import Rules

MAX_PEOPLE = 50
"""No story has more authors, nor more editors."""

# Where the themes and platforms of the region print the author: gmr and core, Blogger, block themes, tagDiv, JNews, Suara,
# Detik, Jawa Pos, Foxiz, Okezone.
_LINKED_IN: tuple[tuple[str, ...], ...] = (
    *(("author", "vcard"), ("entry-author",), ("td-post-author-name",), ("meta-author",), ("namerep",)),
    ("read__info__author",),
)
_NAMED = ("wp-block-post-author__name", "wp-block-post-author-name", "tdb-author-name", "detail__author")


def authors_and_editors(
    index: Index,
    head: HtmlElement | None,
    section: str | None,
    stated: Stated,
    rules: Rules,
    url: str | None,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Authors and editors of the story under the headline `head`."""
    own = {
        letters(name)
        for name in (*own_names(stated.meta, rules, url), *texts(stated.article.get("publisher")))
    }
    lines = frame.credits(index, head, section)
    stated_authors, editors = _by_data(stated, rules)
    meta = [] if rules.author_is_editor else _by_meta(stated)
    witnesses = [stated_authors, meta, [] if rules.authors else _printed(index), lines.authors]
    if rules.authors:
        witnesses.insert(0, [text_of(element) for element in index.select(rules.authors)])
    # The outlet, or a company, named where the author should be hides nobody whom the next witness names.
    named = [names for names in witnesses if _people(names, own)]
    authors = next((names for names in named if not _is_company(names, stated)), next(iter(named), []))
    if not authors and not lines.editors:
        lines = frame.signature(index)
        authors = lines.authors
    if rules.editors:
        editors = [text_of(element) for element in index.select(rules.editors)] or editors
    else:
        editors = editors or _printed_editors(index, stated) or lines.editors
    pushed = _pushed(index, "editor")
    if pushed and not rules.author_is_editor and authors == pushed:
        # The editor stands where the author should: the page's script knows both apart.
        authors, editors = _pushed(index, "author") or authors, editors or pushed
    found = [_people(names, own) for names in (authors, editors)]
    # Suara names the editor first among its authors, and once more as the editor.
    return tuple(name for name in found[0] if name not in found[1]) or found[0], found[1]


def _by_data(stated: Stated, rules: Rules) -> tuple[list[str], list[str]]:
    """Authors and editors by the structured data."""
    authors, creators, editors = (
        _names(stated.article.get(role), stated.nodes) for role in ("author", "creator", "editor")
    )
    if rules.author_is_editor:
        return creators, editors or authors
    return authors or creators, editors


def _by_meta(stated: Stated) -> list[str]:
    named = [text for name in _META_AUTHOR for text in stated.meta.get(name, ())]
    return named[:3]


_META_AUTHOR = (
    *("author", "article:author", "content_author", "dc.creator"),
    *("parsely-author", "sailthru.author", "cxenseparse:author"),
)
_META_EDITOR = ("editor", "content_editor", "article:editor")
_COMPANY = re.compile(r"(?:PT|CV)\b\.? |.* (?:Tbk|GmbH|Ltd|Inc|Group|Network)\b\.?", re.IGNORECASE)


def _is_company(names: Sequence[str], stated: Stated) -> bool:
    """Whether names are those of firms, by their form or by the structured data's type."""
    authors = [item for item in items(stated.article.get("author")) if isinstance(item, dict)]
    firms = {letters(name) for node in authors if "organization" in types_of(node) for name in texts(node)}
    return all(letters(name) in firms or _COMPANY.match(name) for name in names)


def _printed(index: Index) -> list[str]:
    """The author as a theme or platform prints one, at most one."""
    # Detik puts its desk behind the name; Suara links the editor before the author.
    shown = (at for at in _author_places(index) if not frame.in_teaser(index, at))
    named = [index.text(at).split(" - ")[0] for at in shown]
    known = _pushed(index, "articleEditor")
    return ([name for name in named if name not in known] or named)[:1]


def _author_places(index: Index) -> list[int]:
    """The elements that are the author's by their names, in reading order."""
    found = {at for names in _LINKED_IN for at in index.under(index.of_class(*names), "a")}
    found.update(chain.from_iterable(map(index.of_class, _NAMED)))
    if heads := index.of_class("entry-header"):
        inside = (at for at in index.of_class("jeg_meta_author") if index.stands_in(at, heads))
        found.update(index.under(inside, "a"))
    if boxes := [*index.of_class("post-author"), *index.of_class("author", "vcard")]:
        found.update(at for at in index.of_class("fn") if index.stands_in(at, boxes))
    found.update(at for at in index.of_rel.get("author", ()) if index.tags[at] == "a")
    if marked := index.of_itemprop.get("author", ()):
        found.update(at for at in index.of_itemprop.get("name", ()) if index.stands_in(at, marked))
    found.update(index.under((at for at, name in enumerate(index.ids) if name == "penulis"), "a"))
    found.update(index.under(index.called("author-trigger"), "a"))
    return sorted(found)


def _printed_editors(index: Index, stated: Stated) -> list[str]:
    named = (at for at, name in enumerate(index.ids) if name == "editor")
    linked = [index.text(at) for at in index.under(named, "a")]
    told = [text for name in _META_EDITOR for text in stated.meta.get(name, ())]
    return linked or told or _pushed(index, "articleEditor")


def _pushed(index: Index, name: str) -> list[str]:
    """What a page's script pushes into its `dataLayer` under that name (Suara)."""
    pattern = re.compile(rf"""['"]{name}['"]\s*:\s*(['"])(.{{2,120}}?)\1\s*[,}}]""")
    scripts = (text for at in index.of_tag.get("script", ()) if name in (text := index.texts[at] or ""))
    found = map(pattern.search, scripts)
    return [fold(match[2]) for match in found if match][:1]


def _names(value: Any, nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names in a JSON-LD value; a person may be named in a node of its own."""
    found = []
    for item in items(value)[:MAX_PEOPLE]:
        named = item
        if isinstance(item, dict) and not item.get("name") and item.get("@id"):
            named = next(
                (node for node in nodes if node.get("@id") == item["@id"] and node.get("name")), item
            )
        if isinstance(named, dict) and not texts(named) and named.get("familyName"):
            named = " ".join([*texts(named.get("givenName")), *texts(named.get("familyName"))])
        found += texts(named)
    return found


def people_of(names: Iterable[str], rules: Rules) -> tuple[str, ...]:
    """The people among a platform's author names: no accounts, and not the outlet itself."""
    return _people(names, {letters(brand) for brand in (*rules.brands, rules.source)})


_BESIDE = re.compile(r"\s+[-|\u2013\u2014]\s+")
"""Between the outlet and the person: "Laras Mentari - Kabarku.com"."""
_SITE = re.compile(r"\.(?:com|co|id|net)\b", re.IGNORECASE)


def _people(names: Iterable[str], own: set[str]) -> tuple[str, ...]:
    found: list[str] = []
    for raw in names:
        if raw.startswith(("http://", "https://")) or "@" in raw:
            continue
        for piece in _BESIDE.split(raw):
            if letters(piece) not in own and not _SITE.search(piece):
                found += [name for name in people(piece) if letters(name) not in own]
    return tuple(dict.fromkeys(found))[:MAX_PEOPLE]
