"""A story's section and tags, by the first witness on the page that names them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from lxml.html import HtmlElement

from pipelines.address import address_key
from pipelines.facts import frame
from pipelines.facts.structured import Stated, first_text, items, texts, types_of
from pipelines.page.index import Index
from pipelines.page.tree import fold, letters, text_of
from pipelines.rules import Rules

MAX_TAGS = 100
"""No story has more."""

_NO_SECTION = frozenset(
    {"uncategorized", "uncategorised", "tak berkategori", "tanpa kategori", "home", "beranda"}
)


def section(
    index: Index,
    head: HtmlElement | None,
    title: str | None,
    stated: Stated,
    rules: Rules,
    url: str | None,
) -> str | None:
    """The section of the story under the headline `head`; null where the page names none."""
    ruled = [text_of(element) for element in index.select(rules.section)] if rules.section else []
    linked = [index.text(at) for at in _category_links(index) if not frame.in_teaser(index, at)]
    candidates = [
        *ruled,
        *texts(stated.article.get("articleSection")),
        *stated.meta.get("article:section", ()),
        *stated.meta.get("articlesection", ()),
        *linked,
        *frame.sections(index, head, title),
        *_crumbs(stated.nodes, title, url),
    ]
    return section_of(candidates)


def section_of(names: Iterable[str]) -> str | None:
    """The first name that is a section."""
    return next((name for name in names if name and name.lower() not in _NO_SECTION), None)


def _crumbs(nodes: Sequence[Mapping[str, Any]], title: str | None, url: str | None) -> Iterator[str]:
    """The sections that a BreadcrumbList leads through, the innermost first: less the home page and the article."""
    for node in nodes:
        if "breadcrumblist" not in types_of(node):
            continue
        steps = [step for step in items(node.get("itemListElement")) if isinstance(step, dict)]
        for step in reversed(steps[1:]):  # the first is the home page, whatever it is called
            item = step.get("item")
            name = first_text(step.get("name")) or (
                first_text(item.get("name")) if isinstance(item, dict) else None
            )
            address = item.get("@id") if isinstance(item, dict) else item
            is_page = (
                isinstance(address, str) and url is not None and address_key(address) == address_key(url)
            )
            if name and not is_page and letters(name) != letters(title or ""):
                yield name


def _category_links(index: Index) -> list[int]:
    """The links to the story's categories: core marks each, block themes name their list only."""
    marked = {at for at, words in _links_of(index) if "category" in words}
    return sorted(marked.union(index.under(index.of_class("taxonomy-category"), "a")))


def _links_of(index: Index) -> Iterator[tuple[int, list[str]]]:
    """Each link that says what it is to the page, and the words for it."""
    for rel, numbers in index.of_rel.items():
        yield from ((at, rel.split()) for at in numbers if index.tags[at] == "a")


# Where the platforms of the region put an article's tags: Suara, ANTARA, Tribun, Jawa Pos, JNews, tagDiv, RRI, Drupal.
_TAG_NAMES = (
    *("article-tags", "blog-tags", "tagcloud3", "tags-links", "jeg_post_tags", "td-tags", "tdb-tags"),
    *("tags-widget", "detail__tag", "post-tags", "entry-tags", "tag--article", "kata-kunci"),
    *("field-name-field-tags", "field--name-field-tags"),
)
_TAG_NOISE = re.compile(
    r"^(?:editor|penulis|pewarta|uploader|reporter)\s*:|^(?:tags?|topik)\W*$", re.IGNORECASE
)


def tags(index: Index, stated: Stated, rules: Rules) -> tuple[str, ...]:
    """The tags by the first witness that names some."""
    witnesses: tuple[Callable[[], list[str]], ...] = (
        lambda: [text_of(element) for element in index.select(rules.tags)] if rules.tags else [],
        lambda: [index.text(at) for at in _marked_tags(index)],
        lambda: texts(stated.article.get("keywords")),
        lambda: stated.meta.get("article:tag", []),
        lambda: [index.text(at) for at in _listed_tags(index)],
        lambda: [text_of(link) for link in _tag_lines(index)],
        lambda: stated.meta.get("news_keywords", []) or stated.meta.get("keywords", []),
    )
    return next(filter(None, (tags_of(witness()) for witness in witnesses)), ())


def _marked_tags(index: Index) -> list[int]:
    """The links that say they are a tag's, and no category's."""
    categories = {*index.under(index.of_class("taxonomy-category"), "a")}
    marked = (at for at, words in _links_of(index) if "tag" in words and "category" not in words)
    return sorted({*marked} - categories)


def _listed_tags(index: Index) -> list[int]:
    """The links in a list of tags."""
    return index.under(chain.from_iterable(map(index.of_class, _TAG_NAMES)), "a")


_TAG_LABEL = re.compile(r"\s*(?:tags?|tagar)\s*:\s*", re.IGNORECASE)


def _tag_lines(index: Index) -> Iterator[HtmlElement]:
    """The links of the lines that open with "Tag:" and are links else."""
    for at, text in enumerate(index.texts):
        if text and index.tags[at] in _LINES and _TAG_LABEL.fullmatch(text):
            yield from index.elements[at].iter("a")


_LINES = frozenset({"p", "div", "span", "h4", "h5"})


def tags_of(names: Iterable[str]) -> tuple[str, ...]:
    """Tags, each once, without `#`; a list written as one string is taken apart."""
    found = [fold(piece).lstrip("# ").strip() for name in names for piece in re.split(r"\s*[,;]\s*", name)]
    once = dict.fromkeys(tag for tag in found if tag and len(tag) <= 80 and not _TAG_NOISE.match(tag))
    return tuple(once)[:MAX_TAGS]
