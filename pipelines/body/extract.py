"""The body of a page: which blocks of its tree are the article.

Known noise leaves the tree first. Then the body is, in this order: the container that the rules name;
where there are no rules or none fits, the better of two witnesses, a container (one that names itself
the body, or the one with the most running text) and trafilatura's choice.

A container is read by our own walk (`blocks`) and not by trafilatura: inside a known container
trafilatura can only lose (short paragraphs, list items, halves of `<br><br>` bodies), and a block
keeps the share of its text that is links, which the line rules need. `clean` decides what a block
means.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from pipelines.body.lead import lead
from pipelines.body.noise import (
    MIN_PROSE_CHARS,
    cut_further_articles,
    drop_teasers,
    is_running,
    kind_of,
    prune,
)
from pipelines.lines.dateline import is_lone
from pipelines.page import embedded
from pipelines.page.blocks import Block, blocks
from pipelines.page.index import Index
from pipelines.page.tree import (
    alternatives,
    decode,
    fold,
    is_endless,
    parse,
    squeeze,
    text_of,
)
from pipelines.rules import Rules

__all__ = ["Body", "body", "decode"]

MIN_ANCHOR_CHARS = 150
"""A container that is called the body but holds less is a teaser or a template's leftover."""


MAX_BLOCKS = 2_000
MAX_GUESSED_ELEMENTS = 8_000
"""A larger page is not given to trafilatura, whose time grows with the square: its container is the body."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a tree holds as its article."""

    blocks: tuple[Block, ...]
    captions: tuple[str, ...] = ()
    asides: tuple[Block, ...] = ()
    """Short lines with a label ("Editor: …") that were removed with the noise: they may name people."""


# Containers that name themselves the body, surest first: schema.org, then the themes of the region.
_ANCHORS = (
    "[itemprop~=articleBody]",
    ".entry-content-single",
    ".td-post-content",
    ".tdb_single_content",
    ".jeg_post_content .content-inner",
    ".jeg_inner_content .content-inner",
    ".content-inner",
    ".read__content",
    ".detail__body-text",
    ".txt-article",
    ".wrap__article-detail-content",
    ".entry-content",
    ".post-content",
    ".article-content",
    ".article__content",
    ".article-body",
    ".kandela-html",
    ".detail-content",
    ".detail-text",
    ".content-detail",
    ".main-content-detail",
    ".post-body",
)


def body(index: Index, rules: Rules, title: str | None = None, description: str | None = None) -> Body:
    """The article of a tree by its index; removes the tree's noise. `title` decides between two candidates."""
    tree = index.root
    in_script = _embedded(index)
    if cut_further_articles(index, title):
        index = Index.of(tree)
    captions, asides = prune(index, rules, title)
    ruled = _ruled(index, rules)
    if ruled is not None:
        return Body(tuple(blocks(ruled)), captions, asides)
    pruned = Index.of(tree)
    if drop_teasers(pruned):
        pruned = Index.of(tree)
    anchor = _anchor(pruned)
    held = tuple(blocks(anchor)) if anchor is not None else ()
    everything = tuple(blocks(pruned))
    signs = tuple(squeeze(block.text) for block in everything)
    is_huge = len(everything) > MAX_BLOCKS or len(pruned.elements) > MAX_GUESSED_ELEMENTS
    # Tried and dropped: not to ask where the container has 1,500 characters of prose and 95% of the page's. It saves
    # 8% of the time and costs 0.003 of F1: the answer also says where a container's own first and last lines belong.
    answer = () if is_huge else tuple(_trafilatura(tree, everything, signs))
    chosen = _choose(held, answer, everything, signs, title)
    chosen = (*lead(pruned, chosen, everything, signs, title, description), *chosen)
    if in_script is not None and _prose_chars(chosen) < _prose_chars(in_script):
        chosen = in_script
    return Body(_once(chosen), captions, asides)


def _once(found: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks without a second copy of the whole story: some pages print one for each width of screen."""
    told = [(at, squeeze(block.text)) for at, block in enumerate(found) if is_running(block.text)]
    signs = [sign for _, sign in told]
    half = len(told) // 2
    is_twice = half > 1 and signs[:half] == signs[half:] and len(set(signs)) == half
    return found[: told[half][0]] if is_twice else found


def _ruled(index: Index, rules: Rules) -> HtmlElement | None:
    """The first container of the rules that has text; alternatives behind commas in their order."""
    for css in alternatives(rules.body) if rules.body else ():
        for element in index.outermost(css):
            if any(map(fold, element.itertext())):
                return element
    return None


def _anchor(index: Index) -> HtmlElement | None:
    """The container that names itself the body, else the one with the most running text."""
    for css in _ANCHORS:
        found = index.outermost(css)
        # Two of a kind are teasers, or articles of an endless page: no anchor.
        if len(found) == 1 and len(text_of(found[0])) >= MIN_ANCHOR_CHARS:
            return found[0]
    return _densest(index.root)


def _densest(tree: HtmlElement) -> HtmlElement | None:
    """The element with the most prose directly in it: its own text and that of its paragraphs.

    Where its kin hold prose too, a body in several parts: what holds them all.
    """
    found = {
        element: prose for element in tree.iter(*_HOLDERS) if (prose := _own_prose(element)) > MIN_PROSE_CHARS
    }
    best = max(found, key=lambda each: found[each], default=None)
    most = found[best] if best is not None else 0
    if best is None or most <= MIN_ANCHOR_CHARS:
        return None
    # A class makes them kin; where siblings have none, only their size does.
    least = MIN_PROSE_CHARS if best.get("class") else MIN_ANCHOR_CHARS
    kin = {
        each: prose
        for each, prose in found.items()
        if kind_of(each) == kind_of(best) and prose > least and _story_of(each) is _story_of(best)
    }
    parent = best.getparent()
    beside = [each for each in kin if each.getparent() is parent]
    start = best if len(beside) == 1 or parent is None or parent.tag == "html" else parent
    start = _holder_of_most(kin, start) if best.get("class") else start
    around = start.getparent()
    return around if around is not None and _begins_in(around) else start


def _begins_in(element: HtmlElement) -> bool:
    """Whether an element has a story's opening directly in it, and not only a lead: the box with the most prose is the rest."""
    opening = (text_of(child) for child in element.iterchildren("p"))
    return element.tag != "body" and sum(map(is_running, opening)) >= MIN_OPENING


MIN_OPENING = 3
"""A lead, and what a page says of itself, have fewer paragraphs."""


def _holder_of_most(kin: dict[HtmlElement, int], start: HtmlElement) -> HtmlElement:
    """The innermost element from `start` up that holds most of the prose of the kin; `start` where it has two headlines."""
    around = {each: {each, *each.iterancestors()} for each in kin}
    for at in (start, *start.iterancestors()):
        if at is not start and sum(1 for _ in at.iter("h1")) > 1:
            break
        if sum(prose for each, prose in kin.items() if at in around[each]) >= MOST * sum(kin.values()):
            return at
    return start


def _story_of(element: HtmlElement) -> HtmlElement | None:
    """The `article` around an element: parts of a story do not stand in two."""
    return next(element.iterancestors("article"), None)


MOST = 0.75
"""What holds so much of the prose of a kind is the story; the rest of the kind are boxes elsewhere."""

_HOLDERS = ("div", "article", "section", "main", "td", "body")


def _own_prose(element: HtmlElement) -> int:
    own = len((element.text or "").strip()) + sum(len((child.tail or "").strip()) for child in element)
    for child in element:
        if child.tag == "p":
            text = sum(len(str(piece)) for piece in child.itertext())
            links = sum(len(str(piece)) for link in child.iter("a") for piece in link.itertext())
            own += text if links < 0.5 * text else 0
    return own


def _trafilatura(tree: HtmlElement, everything: Sequence[Block], signs: Sequence[str]) -> Iterator[Block]:
    """What trafilatura takes for the article, as blocks of the tree where they are found again by their signs."""
    import trafilatura  # where rules name the body, readers start without its weight

    answer = trafilatura.bare_extraction(
        tree,
        include_comments=False,
        include_tables=True,
        with_metadata=False,
        deduplicate=False,  # it keeps state between pages
        target_language=None,  # it believes og:locale, which WordPress leaves at en_US
    )
    text = getattr(answer, "text", None) or ""
    known = dict(zip(signs, everything, strict=True))
    for line in text.splitlines():
        plain = fold(line.removeprefix("- "))
        if block := known.get(squeeze(plain)):
            yield block
        elif squeeze(plain):
            parts = _taken_apart(squeeze(plain), signs)
            yield from (everything[at] for at in parts) if parts else (Block(plain),)


def _taken_apart(line: str, signs: Sequence[str]) -> list[int]:
    """The blocks that trafilatura joined into one line; none where the line is not made of blocks."""
    for start, first in enumerate(signs):
        if not first or not line.startswith(first):
            continue
        found, rest = [], line
        for at in range(start, len(signs)):
            if signs[at] and rest.startswith(signs[at]):
                found.append(at)
                rest = rest.removeprefix(signs[at])
        if not rest:
            return found
    return []


# --- two witnesses --------------------------------------------------------------------------------


def _choose(
    held: Sequence[Block],
    answer: Sequence[Block],
    everything: Sequence[Block],
    signs: Sequence[str],
    title: str | None,
) -> tuple[Block, ...]:
    """The body that a container and trafilatura agree on; `everything` is the page around both, `signs` its letters.

    Where both hold one story, the body is the container's blocks: above the first that is shared only its
    prose, and all from there to the last that is shared or prose. Trafilatura drops parts of bodies, and a
    container has lines of the page's frame above and boxes of other stories below.
    Where they hold two stories, the body is the one that uses the title's words.
    """
    if not held or not answer:
        return tuple(held or answer)
    mine, theirs = squeeze(" ".join(b.text for b in held)), squeeze(" ".join(b.text for b in answer))
    shared = sum(len(block.text) for block in answer if squeeze(block.text) in mine)
    if shared < 0.5 * sum(len(block.text) for block in answer):
        own = _speaks_of(held, title) - _speaks_of(answer, title)
        is_story = own > 0 or (own == 0 and _are_teasers(_without(answer, mine), everything, signs))
        return tuple(held if is_story else answer)
    missed = [block for block in answer if squeeze(block.text) not in mine]
    if _prose_chars(missed) > 0.3 * _prose_chars(answer) + _prose_chars(_without(held, theirs)):
        return tuple(answer)  # the container is one section of several
    again = Counter(squeeze(block.text) for block in held)
    held = [
        block
        for block in held
        if again[squeeze(block.text)] == 1 or block.kind == "row" or squeeze(block.text) in theirs
    ]
    shared_at = [at for at, block in enumerate(held) if squeeze(block.text) in theirs]
    prose_at = {at for at in range(len(held)) if _is_prose(held[at]) and not _is_summary(held, at)}
    last = max([*shared_at, *prose_at], default=len(held) - 1)
    last += _announced(held, last)
    inner = [
        block
        for at, block in enumerate(held[: last + 1])
        if not shared_at or at >= shared_at[0] or at in prose_at or is_lone(block.text)
    ]
    extra = _without(inner, theirs)
    if _prose_chars(extra) < 0.5 * sum(len(block.text) for block in extra):
        # What the container adds is no prose: keep of it what stands inside a text, not pure links.
        inner = [b for b in inner if squeeze(b.text) in theirs or _is_prose(b)] if len(extra) > 5 else inner
    return _grown(inner, missed, signs)


def _announced(held: Sequence[Block], last: int) -> int:
    """How many items follow a line that announces them with a colon: they end the story."""
    if not held or not held[last].text.endswith(":"):
        return 0
    listed = (
        at for at in range(last + 1, len(held)) if held[at].kind not in ("item", "row") or held[at].links > 0
    )
    return next(listed, len(held)) - last - 1


def _grown(inner: Sequence[Block], missed: Sequence[Block], signs: Sequence[str]) -> tuple[Block, ...]:
    """The container's blocks with the prose between them that only trafilatura found.

    Prose above is a lead, if anything; below stand boxes about the outlet and other stories.
    """
    places: list[int] = []
    for block in inner:
        before = places[-1] if places else -1
        sign = squeeze(block.text)
        places.append(next((at for at in range(before + 1, len(signs)) if signs[at] == sign), before))
    grown = list(zip(places, inner, strict=True))
    for block in filter(_is_prose, missed):
        sign = squeeze(block.text)
        at = signs.index(sign) if sign in signs else -1
        if places and min(places) < at < max(places):
            grown.append((at, block))
    return tuple(block for _, block in sorted(grown, key=lambda each: each[0]))


def _without(found: Sequence[Block], known: str) -> list[Block]:
    return [block for block in found if squeeze(block.text) not in known]


def _are_teasers(found: Sequence[Block], everything: Sequence[Block], signs: Sequence[str]) -> bool:
    """Whether most of these blocks stand beside a link of a headline's length."""
    at = {sign: number for number, sign in enumerate(signs)}
    beside = 0
    for block in found:
        number = at.get(squeeze(block.text))
        near = () if number is None else everything[max(0, number - 1) : number + 2]
        beside += any(map(_is_linked_headline, near))
    return beside > 0.5 * len(found)


def _is_summary(found: Sequence[Block], at: int) -> bool:
    """Whether a block stands directly below a link of a headline's length: it tells another story."""
    return at > 0 and _is_linked_headline(found[at - 1])


def _is_linked_headline(block: Block) -> bool:
    return block.links > 0.9 and len(block.text) > MIN_LINKED_HEADLINE


MIN_LINKED_HEADLINE = 25


def _is_prose(block: Block) -> bool:
    return block.links < 0.5 and is_running(block.text)


def _prose_chars(found: Sequence[Block]) -> int:
    return sum(len(block.text) for block in found if _is_prose(block))


def _speaks_of(found: Sequence[Block], title: str | None) -> float:
    """The share of the title's longer words that a text uses, the title's own line left out."""
    own = squeeze(title or "")
    text = " ".join(block.text for block in found if squeeze(block.text) != own).lower()
    names = {word for word in re.findall(r"\w+", (title or "").lower()) if len(word) > 3}
    return sum(word in text for word in names) / len(names) if names else 0.0


# --- a body inside a script -----------------------------------------------------------------------


def _embedded(index: Index) -> tuple[Block, ...] | None:
    """The article in the page's own JSON, where its template is drawn by a script."""
    found = embedded.content(index)
    inner = parse(f"<body>{found}</body>") if found else None
    if inner is None or is_endless(inner):
        return None
    prune(Index.of(inner), Rules())
    return tuple(blocks(inner))
