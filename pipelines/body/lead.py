"""The lead above the container: prose between the headline and the body's first line is the story's too.

Editors' systems keep a story's first paragraph, or its standfirst, in a field of its own, and templates
print it above the container. Lead and story are one text; what the body repeats stands once.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml.html import HtmlElement

from pipelines.body.noise import MIN_PROSE_CHARS, is_running
from pipelines.facts.frame import headline
from pipelines.lines import junk
from pipelines.page.blocks import Block
from pipelines.page.tree import squeeze, text_of

MAX_LEADS = 4
"""A lead has fewer paragraphs; more prose above a container is another text."""


def lead(
    tree: HtmlElement,
    found: Sequence[Block],
    everything: Sequence[Block],
    title: str | None,
    description: str | None,
) -> tuple[Block, ...]:
    """The prose of the page, `everything`, that stands between the headline and the body, `found`.

    The line that the page's description repeats is one wherever it stands above the body.
    """
    signs = [squeeze(block.text) for block in everything]
    told = squeeze(description or "")
    first = _first(found, signs)
    if first is None:
        return ()
    head = headline(tree, title)
    named = {squeeze(title or ""), squeeze(text_of(head)) if head is not None else ""} - {""}
    start = next((at for at in range(first - 1, -1, -1) if signs[at] in named), None)
    held = "".join(squeeze(block.text) for block in found)
    above = [
        at
        for at in range(first)
        if signs[at] not in held
        and _is_lead(everything[at], signs[at], told, start is not None and at > start)
    ]
    # What stands above a line that is known to be the lead is the page's own: notices, invitations.
    known = next((at for at in above if _is_told(signs[at], told)), 0)
    found_above = [everything[at] for at in above if at >= known]
    return tuple(found_above) if len(found_above) <= MAX_LEADS else ()


def _first(found: Sequence[Block], signs: Sequence[str]) -> int | None:
    """Where the body begins on the page."""
    at = {sign: number for number, sign in reversed(list(enumerate(signs)))}
    return next((at[sign] for sign in (squeeze(block.text) for block in found) if sign in at), None)


def _is_lead(block: Block, sign: str, told: str, is_below_headline: bool) -> bool:
    if block.links >= 0.5 or len(block.text) < MIN_PROSE_CHARS:
        return False
    is_prose = is_below_headline and is_running(block.text) and not junk.is_caption(block.text)
    return is_prose or _is_told(sign, told)


def _is_told(sign: str, told: str) -> bool:
    """Whether a line begins as the page's description does, which may be cut."""
    return bool(told) and sign.startswith(told[:MIN_PROSE_CHARS])
