"""The walk: a tree becomes blocks in reading order, each a paragraph, a subhead, an item, a quote or a row.

Keeps and judges nothing more: `pipelines.body.clean` decides what a block means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from lxml import etree
from lxml.html import HtmlElement

from pipelines.page.tree import fold, text_of

BlockKind = Literal["paragraph", "heading", "item", "quote", "row", "lead"]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a subhead, a list item, a quote, a table's row or a lead above the container, white space folded."""

    text: str
    kind: BlockKind = "paragraph"
    links: float = 0.0
    """The share of its characters that are links, 0 to 1."""


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


def blocks(container: HtmlElement) -> Iterator[Block]:
    """The container's blocks in reading order: paragraphs whether `<p>`, `<div>` or between `<br>`s."""
    pieces: list[tuple[str, bool]] = []
    kinds: list[BlockKind] = ["paragraph"]
    links = skipping = 0
    wrappers: set[HtmlElement] = set()
    for event, element in etree.iterwalk(container, events=("start", "end")):
        tag = element.tag
        if not isinstance(tag, str):
            if event == "end" and element.tail and not skipping and element is not container:
                pieces.append((element.tail, links > 0))
            continue
        if event == "start":
            if tag in SKIPPED:
                skipping += 1
            if skipping:
                continue
            if tag == "tr":
                wrappers |= _wrappers(element)
            if tag in _BLOCK_TAGS and element not in wrappers:
                # Cells stand on their row's line, unless they hold blocks of their own.
                if tag not in ("td", "th"):
                    yield from _flush(pieces, kinds[-1])
                kinds.append(_KINDS.get(tag, kinds[-1] if tag in ("p", "div", "td", "th") else "paragraph"))
            elif tag == "br":
                pieces.append((_BREAK, False))
            links += tag == "a"
            if element.text:
                pieces.append((element.text, links > 0))
            continue
        if tag in SKIPPED:
            skipping -= 1
        elif not skipping:
            if tag in ("td", "th"):
                pieces.append((_CELL, False))
                kinds.pop()
            elif tag in _BLOCK_TAGS and element not in wrappers:
                yield from _flush(pieces, kinds.pop())
            links -= tag == "a"
        if element.tail and not skipping and element is not container:
            pieces.append((element.tail, links > 0))
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
    lines: list[tuple[str, float]] = []
    text: list[str] = []
    linked = 0
    for piece, is_link in [*pieces, (_BREAK, False)]:
        if piece != _BREAK:
            text.append(piece)
            linked += len(fold(piece)) if is_link else 0
            continue
        whole = "".join(text)
        if _CELL in whole:
            whole = " | ".join(cell for cell in (fold(cell) for cell in whole.split(_CELL)) if cell)
        folded = fold(whole)
        lines.append((folded, min(1.0, linked / len(folded)) if folded else 0.0))
        text, linked = [], 0
    pieces.clear()
    yield from (Block(line, kind, share) for line, share in _joined(lines) if line)


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
