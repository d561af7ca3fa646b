"""The lead above the container: prose between the headline and the body's first line is the story's too.

Editors' systems keep a story's first paragraph, or its standfirst, in a field of its own, and templates
print it above the container. Lead and story are one text; what the body repeats stands once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipelines.body.noise import MIN_PROSE_CHARS, is_running
from pipelines.facts.frame import headline
from pipelines.lines import bylines, dateline, junk
from pipelines.page.blocks import Block
from pipelines.page.index import Index
from pipelines.page.tree import squeeze, text_of

MAX_LEADS = 4
"""A lead has fewer paragraphs; more prose above a container is another text."""


def lead(
    index: Index,
    found: Sequence[Block],
    everything: Sequence[Block],
    signs: Sequence[str],
    title: str | None,
    description: str | None,
) -> tuple[Block, ...]:
    """The prose of the page, `everything` by its `signs`, that stands between the headline and the body, `found`.

    The line that the page's description repeats is one wherever it stands above the body.
    """
    told = squeeze(description or "")
    first = _first(found, signs)
    if first is None:
        return ()
    head = headline(index, title)
    named = {squeeze(title or ""), squeeze(text_of(head)) if head is not None else ""} - {""}
    start = next((at for at in range(first - 1, -1, -1) if signs[at] in named), None)
    held = "".join(squeeze(block.text) for block in found)
    above = [
        at
        for at in range(first)
        if signs[at] not in held
        and _is_lead(everything[at], signs[at], told, start is not None and at > start)
    ]
    # What stands above a line that is known to be the lead is the page's own.
    known = next((at for at in above if _is_told(signs[at], told)), above[0] if above else 0)
    below = [at for at in above if at >= known]
    run = {*_chain(known, below, 1), *_chain(first, below[::-1], MAX_GAP)}
    run |= {at for at in below if dateline.part(everything[at].text).place}
    return tuple(replace(everything[at], kind="lead") for at in sorted(run)) if len(run) <= MAX_LEADS else ()


def _chain(start: int, places: Sequence[int], gap: int) -> Iterator[int]:
    """The places that follow each other from `start` on, each within the gap of the one before."""
    for at in places:
        if abs(at - start) > gap:
            return
        yield at
        start = at


MAX_GAP = 3
"""A picture's line or the day may stand between a lead and the body, and nothing else."""
MAX_LINKS = 0.2
"""A line with a larger share of links is an invitation."""


def _first(found: Sequence[Block], signs: Sequence[str]) -> int | None:
    """Where the body begins on the page."""
    at = {sign: number for number, sign in reversed(list(enumerate(signs)))}
    return next((at[sign] for sign in (squeeze(block.text) for block in found) if sign in at), None)


def _is_lead(block: Block, sign: str, told: str, is_below_headline: bool) -> bool:
    if block.links > MAX_LINKS or len(block.text) < MIN_PROSE_CHARS or bylines.is_byline(block.text):
        return False
    if _is_told(sign, told):
        return True
    # Items above a story sum it up.
    is_prose = block.kind != "item" and is_running(block.text) and not junk.is_caption(block.text)
    return is_below_headline and is_prose


def _is_told(sign: str, told: str) -> bool:
    """Whether a line begins as the page's description does, which may be cut."""
    return bool(told) and sign.startswith(told[:MIN_PROSE_CHARS])
