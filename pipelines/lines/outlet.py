"""Which outlet a plain text comes from, by how the outlet names itself in it.

Only two places count: the dateline, at the start of the text or of its first paragraph, and the
copyright line. A brand that the text merely mentions says nothing: outlets quote each other daily.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import islice

OPENING_LINES = 6
"""The dateline stands within so many lines that are not empty: title and share row come before it."""

COPYRIGHT_LINES = 20
"""So many last lines are searched for the outlet that signs a text: each for every brand."""

_COPYRIGHT = re.compile(r"copyright|hak cipta|©|\(c\)", re.IGNORECASE)
_DASH = r"\s*(?:[-\u2013\u2014|:]|\()"
_PLACE = r"(?:\s*,?\s*[\w .'/]{3,40}?)?"


def recognise(text: str, brands: Mapping[str, str]) -> str | None:
    """The source whose brand opens the text or signs it; null where none does.

    `brands` gives each brand's source. Of two brands that fit, the longer is meant.
    """
    lines = [line for line in (_fold(raw) for raw in text.splitlines()) if line]
    longest_first = sorted(brands, key=lambda brand: (-len(brand), brand))
    for line in lines[:OPENING_LINES]:
        for brand in longest_first:
            name = re.escape(_fold(brand))
            if re.match(rf"{name}{_PLACE}{_DASH}|[\w .'/]{{3,40}}?[ ,(]+{name}\)?{_DASH}", line):
                return brands[brand]
    for line in islice(filter(_COPYRIGHT.search, reversed(lines)), COPYRIGHT_LINES):
        for brand in longest_first:
            if re.search(rf"(?<!\w){re.escape(_fold(brand))}(?!\w)", line):
                return brands[brand]
    return None


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
