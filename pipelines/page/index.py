"""A tree read once: its elements in reading order, flat, so that nobody walks or climbs it again to ask the same.

An index is of the tree as it stood: whoever takes elements out of the tree makes a new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

from cssselect import parse
from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash, Token, Tree
from lxml import etree
from lxml.html import HtmlElement

from pipelines.page.tree import alternatives, select


@lru_cache(maxsize=512)
def _parts_of(css: str) -> list[tuple[str, frozenset[str]]]:
    """Each selector of a list, and the classes and ids that an element, or what is around it, must have for it."""
    parts, trees = alternatives(css), [each.parsed_tree for each in parse(css)]
    if len(parts) != len(trees):
        return [(css, frozenset())]
    return [(part, frozenset(_names_in(tree))) for part, tree in zip(parts, trees, strict=True)]


def _names_in(tree: Tree) -> Iterator[str]:
    """What `:not(…)`, `:is(…)` and `:has(…)` name is not among them."""
    match tree:
        case Class():
            yield tree.class_name
        case Hash():
            yield tree.id
        case Attrib(attrib="class" | "id" | "itemprop" | "rel", operator="=" | "~=", value=Token() as word):
            yield from str(word.value).split() if tree.flag is None else ()
        case CombinedSelector():
            yield from _names_in(tree.subselector)
    if not isinstance(tree, Element):
        yield from _names_in(tree.selector)


_NAMED_BY = [
    etree.XPath(f"descendant-or-self::*/@{key}", smart_strings=False)
    for key in ("class", "id", "itemprop", "rel")
]


@dataclass(frozen=True)
class Index:
    """An element, number 0, and all under it; under the element `at` stand those behind it up to `ends[at]`."""

    elements: list[HtmlElement]
    ends: list[int]
    """The number behind the last element under each."""
    tags: list[str]
    """Empty for what is no element."""
    texts: list[str | None]
    """What stands in each before its first child; null for what is no element."""
    tails: list[str | None]
    """What stands behind each, up to the next element or its parent's end."""
    numbers: dict[HtmlElement | None, int]
    """The number of each element."""

    @classmethod
    def of(cls, root: HtmlElement) -> Index:
        """The index of a tree as it stands."""
        elements = list(root.iter())
        numbers: dict[HtmlElement | None, int] = {each: at for at, each in enumerate(elements)}
        ends = list(range(1, len(elements) + 1))
        for at in range(len(elements) - 1, 0, -1):
            around = numbers[elements[at].getparent()]
            ends[around] = max(ends[around], ends[at])
        tags = [tag if isinstance(tag := each.tag, str) else "" for each in elements]
        texts = [each.text if tag else None for each, tag in zip(elements, tags, strict=True)]
        return cls(elements, ends, tags, texts, [each.tail for each in elements], numbers)

    @property
    def root(self) -> HtmlElement:
        """The element that the index is of."""
        return self.elements[0]

    @cached_property
    def of_tag(self) -> dict[str, list[int]]:
        """The elements of each tag, in reading order."""
        found: dict[str, list[int]] = {}
        for at, tag in enumerate(self.tags):
            found.setdefault(tag, []).append(at)
        return found

    @cached_property
    def of_classes(self) -> dict[str, list[int]]:
        """The elements of each whole value of `class`, in reading order; a page has few such values."""
        found: dict[str, list[int]] = {}
        for at, element in enumerate(self.elements):
            if named := element.get("class"):
                found.setdefault(named, []).append(at)
        return found

    @cached_property
    def _names(self) -> str:
        """Everything that the page calls an element."""
        return " ".join(set(chain.from_iterable(path(self.root) for path in _NAMED_BY)))

    def select(self, css: str) -> list[HtmlElement]:
        """The elements that a selector finds, in reading order.

        A selector goes over the whole page; of a list of them only those are asked whose classes and ids the page has.
        """
        wanted = [part for part, names in _parts_of(css) if names <= self._words]
        return select(self.root, ", ".join(wanted)) if wanted else []

    def outermost(self, css: str) -> list[HtmlElement]:
        """Those of them that stand in no other."""
        outer, end = [], 0
        for element in self.select(css):
            at = self.numbers[element]
            if at >= end:
                outer.append(element)
                end = self.ends[at]
        return outer

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(self._names.split())

    def has_name(self, word: str) -> bool:
        """Whether the page calls any element by a name with `word` in it, whatever its case; `word` is lower case."""
        return word in self._small_names

    @cached_property
    def _small_names(self) -> str:
        return self._names.lower()

    @cached_property
    def _classes(self) -> str:
        """Every value of `class` on a line of its own."""
        return "\n".join(self.of_classes)

    @cached_property
    def links(self) -> list[tuple[HtmlElement, str]]:
        """Each link and all the text under it, as it stands, in reading order."""
        found = []
        for at in self.of_tag.get("a", ()):
            element = self.elements[at]
            is_bare = self.ends[at] == at + 1
            found.append((element, (self.texts[at] or "") if is_bare else "".join(element.itertext())))
        return found

    def find(self, paths: Mapping[str, str]) -> list[HtmlElement]:
        """The elements of several XPaths, in reading order. Each is asked only where the page calls an element by its word.

        An XPath goes over the whole page; most of the names that themes use are on no one page.
        """
        wanted = " | ".join(path for word, path in paths.items() if word in self._names)
        return list(self.root.xpath(wanted)) if wanted else []

    def called(self, *parts: str) -> list[int]:
        """The elements whose `class` has one of `parts` in it, in reading order."""
        known = [part for part in parts if part in self._classes]
        values = [named for named in self.of_classes if any(part in named for part in known)] if known else []
        return sorted(chain.from_iterable(map(self.of_classes.__getitem__, values)))

    def tagged(self, *tags: str, called: Sequence[str] = ()) -> list[HtmlElement]:
        """The elements of one of `tags`, or `called` so, in reading order."""
        numbers = set(chain.from_iterable(self.of_tag.get(tag, ()) for tag in tags))
        return [self.elements[at] for at in sorted(numbers.union(self.called(*called)))]
