"""The walk: a tree becomes blocks in reading order, each a paragraph, a subhead, an item, a quote or a row.

Keeps and judges nothing more: `pipelines.body.clean` decides what a block means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lxml.html import HtmlElement

from pipelines.page.index import Index
from pipelines.page.tree import fold, text_of

BlockKind = Literal["paragraph", "heading", "item", "quote", "row", "lead"]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a subhead, a list item, a quote, a table's row or a lead above the container, white space folded."""

    text: str
    kind: BlockKind = "paragraph"
    links: float = 0.0
    """The share of its characters that are links, 0 to 1."""

    def with_text(self, text: str) -> Block:
        """The block with another text."""
        return self if text == self.text else Block(text, self.kind, self.links)


_NO_TEXT_TAGS = """
    script style noscript template svg form button select textarea input iframe object embed video audio
    canvas nav aside dialog map link meta
"""
NO_TEXT = frozenset(_NO_TEXT_TAGS.split())
"""Elements that hold no text of an article, unless they hold most of it."""


_BLOCKS = """
    address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul
"""
_BLOCK_TAGS = frozenset(_BLOCKS.split())
_KINDS: dict[str, BlockKind] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    "li": "item",
    "dd": "item",
    "blockquote": "quote",
    "tr": "row",
}
MAX_CELL_CHARS = 200
"""A longer cell is a column of a layout, not of a table."""

SKIPPED = NO_TEXT - {"form", "nav", "aside", "dialog"}
_BREAK, _CELL = "\x00", "\x1f"
_SENTENCE_ENDS = frozenset(""".!?:;\u2026)]"'\u201d\u2019""")


def blocks(container: HtmlElement | Index, start: int = 0) -> Iterator[Block]:
    """The container's blocks in reading order: paragraphs whether `<p>`, `<div>` or between `<br>`s.

    Of an index, those of the element `start`.
    """
    index = container if isinstance(container, Index) else Index.of(container)
    tags, ends, texts, tails = index.tags, index.ends, index.texts, index.tails
    pieces: list[tuple[str, bool]] = []
    kinds: list[BlockKind] = ["paragraph"]
    links, at, end = 0, start, index.ends[start]
    wrappers: set[HtmlElement] = set()
    open_: list[tuple[int, int, bool]] = []
    """(Where it ends, its number, whether it is a block's) of each element around the one at `at`."""
    while at < end or open_:
        if open_ and open_[-1][0] <= at:
            _, number, is_block = open_.pop()
            tag = tags[number]
            if tag in ("td", "th"):
                pieces.append((_CELL, False))
            if is_block:
                kind = kinds.pop()
                if pieces and tag not in ("td", "th"):
                    yield from _flush(pieces, kind)
            links -= tag == "a"
            if number != start and (tail := tails[number]) and (pieces or not tail.isspace()):
                pieces.append((tail, links > 0))
            continue
        tag = tags[at]
        if tag in SKIPPED:
            if at != start and (tail := tails[at]):
                pieces.append((tail, links > 0))
            at = ends[at]
            continue
        if tag == "tr":
            wrappers |= _wrappers(index.elements[at])
        is_block = tag in _BLOCK_TAGS and not (wrappers and index.elements[at] in wrappers)
        if is_block:
            # Cells stand on their row's line, unless they hold blocks of their own.
            if pieces and tag not in ("td", "th"):
                yield from _flush(pieces, kinds[-1])
            kinds.append(_KINDS.get(tag, kinds[-1] if tag in ("p", "div", "td", "th") else "paragraph"))
        elif tag == "br":
            pieces.append((_BREAK, False))
        links += tag == "a"
        if (text := texts[at]) and (pieces or not text.isspace()):
            pieces.append((text, links > 0))
        open_.append((ends[at], at, is_block))
        at += 1
    yield from _flush(pieces, "paragraph")


def _wrappers(row: HtmlElement) -> set[HtmlElement]:
    """The elements around the only line of a cell, where each cell of the row has one short line.

    A row with a longer cell, or with a table in one, is part of a layout: what stands in its cells are blocks.
    """
    found: set[HtmlElement] = set()
    for cell in row:
        inner = [at for at in cell.iterdescendants() if at.tag in _BLOCK_TAGS or at.tag == "br"]
        whole = text_of(cell)
        if len(whole) > MAX_CELL_CHARS or any(at.tag in ("br", "table", "tr", "td", "th") for at in inner):
            return set()
        if inner and whole and not any(text_of(at) == whole for at in inner if not _holds_blocks(at)):
            return set()
        found.update(inner)
    return found


def _holds_blocks(element: HtmlElement) -> bool:
    return any(inner.tag in _BLOCK_TAGS for inner in element.iterdescendants())


def _flush(pieces: list[tuple[str, bool]], kind: BlockKind) -> Iterator[Block]:
    """The blocks that the collected pieces make; empties the collection."""
    found: list[tuple[str, float]] = []
    start = 0
    for at, (piece, _) in enumerate(pieces):
        if piece == _BREAK:
            found.append(_line(pieces[start:at]))
            start = at + 1
    found.append(_line(pieces[start:] if start else pieces))
    pieces.clear()
    for line, share in _joined(found) if start else found:
        if line:
            yield Block(line, kind, share)


def _line(pieces: Sequence[tuple[str, bool]]) -> tuple[str, float]:
    """The text of a line, and the share of it that is links."""
    whole = "".join([piece for piece, _ in pieces])
    if _CELL in whole:
        whole = " | ".join(cell for cell in (fold(cell) for cell in whole.split(_CELL)) if cell)
        whole = whole.replace(" | :", ":")  # "Penulis | : Rina": the colon has a cell with the value
    folded = fold(whole)
    linked = sum([len(fold(piece)) for piece, is_link in pieces if is_link]) if folded else 0
    return folded, min(1.0, linked / len(folded)) if linked else 0.0


def _joined(lines: Iterable[tuple[str, float]]) -> Iterator[tuple[str, float]]:
    """Lines of one paragraph, a single `<br>` inside a sentence taken back."""
    held: list[str] = []
    links = 0.0
    for line, share in lines:
        if held and held[-1] and line[:1].islower() and held[-1][-1] not in _SENTENCE_ENDS:
            held.append(line)
            links = (links + share) / 2
            continue
        if held:
            yield " ".join(held), links
        held, links = [line], share
    if held:
        yield " ".join(held), links


def lines(text: str) -> tuple[Block, ...]:
    """The blocks of a plain text: its lines that are not empty."""
    return tuple(Block(line) for line in (fold(raw) for raw in text.splitlines()) if line)
