"""Writes values as TOML: keys, texts of any origin, comments.

Our files hold words of sites (titles, brands, evidence), so no text may end a string, a line or a table of
the file that it is written into.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

MAX_LINE = 90
"""A list whose items have more characters gets a line for each item."""
MAX_COMMENT = 160
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def as_toml(values: Mapping[str, Any]) -> str:
    """Keys and values, one a line; a long list's items one a line. Null is left out."""
    return "".join(f"{key} = {toml_value(value)}\n" for key, value in values.items() if value is not None)


def toml_value(value: Any) -> str:
    """A text, number, boolean, day, instant, or list of them, as TOML writes it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        items = [toml_value(item) for item in value]
        if sum(map(len, items)) < MAX_LINE:
            return f"[{', '.join(items)}]"
        return "[\n" + "".join(f"  {item},\n" for item in items) + "]"
    if isinstance(value, str):
        return literal(value) if '"' in value or "\\" in value else _basic(value)
    return json.dumps(value)


def literal(text: str) -> str:
    """A text between single quotes, for patterns; between double ones where that is impossible."""
    return f"'{text}'" if "'" not in text and text.isprintable() else _basic(text)


def comment(text: str) -> str:
    """A comment of one line, whatever the text holds."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return f"# {line if len(line) <= MAX_COMMENT else line[: MAX_COMMENT - 1] + '…'}"


def _basic(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL; half a character can be written in neither.
    return json.dumps(_SURROGATES.sub("\ufffd", text), ensure_ascii=False).replace("\x7f", r"\u007F")
