"""A tree read once: its elements in reading order, flat, so that nobody walks or climbs it again to ask the same.

An index is of the tree as it stood: whoever takes elements out of the tree makes a new one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate, chain
from typing import Any, TypeVar

from cssselect import parse
from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash, Token, Tree
from lxml import etree
from lxml.html import HtmlElement

from pipelines.page.tree import alternatives, fold, names_in, select


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


_HAVING = {key: etree.XPath(f"descendant-or-self::*[@{key}]") for key in ("itemprop", "rel")}
"""Few elements of a page have these."""

T = TypeVar("T")
NONE = -1
"""No element's number; less than all of them."""


@dataclass(frozen=True)
class Pieces:
    """The texts of a tree in reading order, white space and all, those of an element side by side."""

    raw: list[str]
    owners: list[int]
    """The element in which each stands."""
    linked: list[int]
    """In how many links each stands."""
    begin: list[int]
    end: list[int]
    """Of each element: its first text, and the one behind its last."""

    @classmethod
    def of(cls, index: Index) -> Pieces:
        """The texts of a tree by its index."""
        count = len(index.elements)
        found = cls([], [], [], [0] * count, [0] * count)
        open_: list[int] = []
        links = 0
        tags, texts, tails, ends = index.tags, index.texts, index.tails, index.ends
        for at in range(count):
            found.begin[at] = len(found.raw)
            links += tags[at] == "a"
            if text := texts[at]:
                found.raw.append(text)
                found.owners.append(at)
                found.linked.append(links)
            open_.append(at)
            while open_ and ends[open_[-1]] == at + 1:
                done = open_.pop()
                found.end[done] = len(found.raw)
                links -= tags[done] == "a"
                if done and (tail := tails[done]):
                    found.raw.append(tail)
                    found.owners.append(index.parents[done])
                    found.linked.append(links)
        return found

    @cached_property
    def folded(self) -> list[str]:
        """Each text folded; empty for white space."""
        return [" ".join(text.split()) if text.isascii() else fold(text) for text in self.raw]

    @cached_property
    def sums(self) -> list[int]:
        """The characters of the folded texts before each, and of a space behind each."""
        return list(accumulate([len(each) + 1 if each else 0 for each in self.folded], initial=0))

    @cached_property
    def lower(self) -> tuple[str, list[int]]:
        """All texts in small letters, and where each begins there."""
        each = [text.lower() for text in self.folded]
        return "\0".join(each), list(accumulate([len(text) + 1 for text in each], initial=0))

    @cached_property
    def chars(self) -> tuple[list[int], list[int]]:
        """The characters of the texts before each, white space and all, and those of links: as often as links are around them."""
        return self._counted(list(map(len, self.raw)))

    @cached_property
    def stripped(self) -> tuple[list[int], list[int]]:
        """The same without the white space around each text."""
        return self._counted([len(text.strip()) for text in self.raw])

    def _counted(self, lengths: list[int]) -> tuple[list[int], list[int]]:
        linked = [length * links for length, links in zip(lengths, self.linked, strict=True)]
        return list(accumulate(lengths, initial=0)), list(accumulate(linked, initial=0))


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
    parents: list[int]
    """The number of the element around each; `NONE` around the first."""
    numbers: dict[HtmlElement, int]
    """The number of each element."""
    _nearest: dict[Rule, list[int]] = field(default_factory=dict)
    _known: dict[Callable[[Index], Any], Any] = field(default_factory=dict)

    @classmethod
    def of(cls, root: HtmlElement) -> Index:
        """The index of a tree as it stands."""
        elements = list(root.iter())
        numbers: dict[Any, int] = {each: at for at, each in enumerate(elements)}
        ends = list(range(1, len(elements) + 1))
        parents = [NONE, *(numbers[each.getparent()] for each in elements[1:])]
        for at in range(len(elements) - 1, 0, -1):
            ends[parents[at]] = max(ends[parents[at]], ends[at])
        tags = [tag if isinstance(tag := each.tag, str) else "" for each in elements]
        return cls(
            elements=elements,
            ends=ends,
            tags=tags,
            texts=[each.text if tag else None for each, tag in zip(elements, tags, strict=True)],
            tails=[each.tail for each in elements],
            parents=parents,
            numbers=numbers,
        )

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
        for at, named in enumerate(self.classes):
            if named:
                found.setdefault(named, []).append(at)
        return found

    @cached_property
    def body_classes(self) -> frozenset[str]:
        """The classes of the page's body, which say of what kind the page is."""
        return frozenset(name for at in self.of_tag.get("body", ()) for name in self.classes[at].split())

    @cached_property
    def classes(self) -> list[str]:
        """The value of each one's `class`; empty for none."""
        return [each.get("class") or "" for each in self.elements]

    @cached_property
    def ids(self) -> list[str]:
        """The `id` of each; empty for none."""
        return [each.get("id") or "" for each in self.elements]

    @cached_property
    def names(self) -> list[tuple[str, ...]]:
        """The classes and the id of each, without those that are too long for a name."""
        return list(map(names_in, self.classes, self.ids))

    def around(self, at: int) -> Iterator[int]:
        """The elements around one, the innermost first."""
        while (at := self.parents[at]) >= 0:
            yield at

    def next_to(self, at: int) -> int | None:
        """The element behind one, under the same; null for the last."""
        up, behind = self.parents[at], self.ends[at]
        return behind if up >= 0 and behind < self.ends[up] else None

    def before(self, at: int) -> Iterator[int]:
        """The elements before one, under the same, the last first."""
        yield from map(self.numbers.__getitem__, self.elements[at].itersiblings(preceding=True))

    def once(self, make: Callable[[Index], T]) -> T:
        """What `make` finds in the tree, looked for once."""
        if make not in self._known:
            self._known[make] = make(self)
        found: T = self._known[make]
        return found

    def nearest(self, rule: Rule) -> list[int]:
        """The innermost element around each, within the body, of which `rule` holds; `NONE` where there is none."""
        if rule not in self._nearest:
            holds: dict[int, int] = {NONE: NONE}
            found = [NONE]
            for up in self.parents[1:]:
                if up not in holds:
                    is_edge = self.tags[up] in ("html", "body")
                    holds[up] = NONE if is_edge else up if rule(self, up) else found[up]
                found.append(holds[up])
            self._nearest[rule] = found
        return self._nearest[rule]

    # --- texts ---

    @cached_property
    def pieces(self) -> Pieces:
        """Every text of the tree."""
        return Pieces.of(self)

    def own_text(self, at: int) -> str:
        """The text that stands in an element and in none of those in it, folded."""
        pieces = [self.texts[at] or ""]
        child, end = at + 1, self.ends[at]
        while child < end:
            pieces.append(self.tails[child] or "")
            child = self.ends[child]
        return fold(" ".join(pieces))

    def text(self, at: int) -> str:
        """All the text under an element, folded."""
        pieces = self.pieces
        return " ".join(filter(None, pieces.folded[pieces.begin[at] : pieces.end[at]]))

    def text_within(self, at: int, most: int) -> str | None:
        """The same, where it is no more than `most` characters; else null."""
        pieces = self.pieces
        length = pieces.sums[pieces.end[at]] - pieces.sums[pieces.begin[at]]
        return self.text(at) if length <= most + 1 else None

    def says(self, at: int, words: Iterable[str]) -> bool:
        """Whether one of `words` stands under an element, whatever its case; `words` are lower case."""
        whole, starts = self.pieces.lower
        first, last = starts[self.pieces.begin[at]], starts[self.pieces.end[at]]
        return any(whole.find(word, first, last) >= 0 for word in words)

    def _share(self, at: int, sums: tuple[list[int], list[int]]) -> tuple[int, int]:
        """(Characters under an element, those of them in links that it holds or is)."""
        begin, end = self.pieces.begin[at], self.pieces.end[at]
        whole, linked = sums[0][end] - sums[0][begin], sums[1][end] - sums[1][begin]
        above = self._links_above[at]
        return whole, linked - above * whole if above else linked

    @cached_property
    def _links_above(self) -> list[int]:
        found = [0]
        for up in self.parents[1:]:
            found.append(found[up] + (self.tags[up] == "a"))
        return found

    def raw_chars(self, at: int) -> int:
        """Characters under an element, white space and all."""
        return self._share(at, self.pieces.chars)[0]

    def link_share(self, at: int) -> float:
        """The share of the text under an element that is links, 0 to 1."""
        whole, linked = self._share(at, self.pieces.stripped)
        return linked / whole if whole else 0.0

    @cached_property
    def _prose(self) -> list[int]:
        """The sum of the characters of paragraphs that are no links, up to each paragraph."""
        shares = (self._share(at, self.pieces.chars) for at in self.of_tag.get("p", ()))
        return list(accumulate((whole - linked for whole, linked in shares), initial=0))

    def prose_chars(self, at: int) -> int:
        """Characters in paragraphs under an element, or in itself as one, that are no links: what an article is made of."""
        paragraphs = self.of_tag.get("p", ())
        first, last = bisect_left(paragraphs, at), bisect_left(paragraphs, self.ends[at])
        return self._prose[last] - self._prose[first]

    # --- names ---

    @cached_property
    def _names(self) -> str:
        """Everything that the page calls an element."""
        return " ".join({*self.of_classes, *self.ids, *self.of_itemprop, *self.of_rel})

    @cached_property
    def of_itemprop(self) -> dict[str, list[int]]:
        """The elements of each whole value of `itemprop`, in reading order."""
        return self._by("itemprop")

    @cached_property
    def of_rel(self) -> dict[str, list[int]]:
        """The same of `rel`."""
        return self._by("rel")

    def _by(self, key: str) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for element in _HAVING[key](self.root):
            if value := element.get(key):
                found.setdefault(value, []).append(self.numbers[element])
        return found

    def select(self, css: str) -> list[HtmlElement]:
        """The elements that a selector finds, in reading order.

        A selector goes over the whole page; of a list of them only those are asked whose classes and ids the page has.
        """
        wanted = [part for part, names in _parts_of(css) if names <= self._words]
        return select(self.root, ", ".join(wanted)) if wanted else []

    def outermost(self, css: str) -> list[HtmlElement]:
        """Those of them that stand in no other."""
        return [self.elements[at] for at in self.outer(self.numbers[each] for each in self.select(css))]

    def outer(self, numbers: Iterable[int]) -> list[int]:
        """Those elements that stand in no other of them, in reading order."""
        found, end = [], 0
        for at in sorted(numbers):
            if at >= end:
                found.append(at)
                end = self.ends[at]
        return found

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
        found = self.root.xpath(wanted) if wanted else []
        return [each for each in found if each in self.numbers]  # on a broken page some stand behind the root

    def called(self, *parts: str) -> list[int]:
        """The elements whose `class` has one of `parts` in it, in reading order."""
        known = [part for part in parts if part in self._classes]
        values = [named for named in self.of_classes if any(part in named for part in known)] if known else []
        return sorted(chain.from_iterable(map(self.of_classes.__getitem__, values)))

    def numbered(self, *tags: str, called: Sequence[str] = ()) -> list[int]:
        """The elements of one of `tags`, or `called` so, in reading order."""
        numbers = set(chain.from_iterable(self.of_tag.get(tag, ()) for tag in tags))
        return sorted(numbers.union(self.called(*called)))

    def tagged(self, *tags: str, called: Sequence[str] = ()) -> list[HtmlElement]:
        """The same as elements."""
        return [self.elements[at] for at in self.numbered(*tags, called=called)]

    def of_class(self, *names: str) -> list[int]:
        """The elements with all of `names` among their classes, in reading order."""
        if not all(name in self._classes for name in names):
            return []
        wanted = {*names}
        values = (self.of_classes[value] for value in self.of_classes if wanted <= set(value.split()))
        return sorted(chain.from_iterable(values))

    def stands_in(self, at: int, outer: Iterable[int]) -> bool:
        """Whether an element stands in one of others."""
        return any(each < at < self.ends[each] for each in outer)

    def under(self, outer: Iterable[int], tag: str) -> list[int]:
        """The elements of a tag that stand in one of others, in reading order."""
        tagged = self.of_tag.get(tag, [])
        found: set[int] = set()
        for at in outer if tagged else ():
            found.update(tagged[bisect_right(tagged, at) : bisect_left(tagged, self.ends[at])])
        return sorted(found)


Rule = Callable[[Index, int], bool]
"""Whether something holds of the element of that number."""
