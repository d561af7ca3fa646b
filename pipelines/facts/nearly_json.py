"""JSON as templates write it: the objects in a script block, whatever stands around them and between them.

Python's own parser alone reads an object that is right. A faulty one is read sign by
sign, each sign once: comments, lost and doubled commas, other quotes, quotes within quotes, names without
quotes, messages of PHP. What was cut off, or is no plain value, is left out. Callers decide which objects
mean something.

A library that repairs JSON was tried and dropped: of 69 breakages it read as many, but 20,000 characters
could hold it for 13 seconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

MAX_DEPTH = 20
"""Nesting of objects that is read where one is faulty: schema.org needs five."""


def objects(block: str) -> Iterator[dict[str, Any]]:
    """Every outermost object in a block, in order. Never raises.

    A name that comes twice in one object (one `author` for each) has the list of its values.
    """
    rest = yield from _right(_PHP_MESSAGE.sub("", block))
    rest = yield from _right(_with_quotes(rest))
    yield from _faulty(rest)


def _right(text: str) -> Generator[dict[str, Any], None, str]:
    """Yields the objects before the first faulty one; returns the rest of the text."""
    at = 0
    while (at := text.find("{", at)) >= 0:
        try:
            found, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return text[at:]
        yield found
    return ""


def _faulty(text: str) -> Iterator[dict[str, Any]]:
    at = 0
    while (at := text.find("{", at)) >= 0:
        reader = _Reader(text, at)
        yield reader.object(0)
        at = reader.at


_PHP_MESSAGE = re.compile(
    r"(?:<br\s*/?>\s*)?(?:<b>)?(?:Notice|Warning|Deprecated|Fatal error|Strict Standards)(?:</b>)?: "
    r"[^{}]{1,300}? in (?:<b>)?[^\s<>]{1,300}(?:</b>)? on line (?:<b>)?\d+(?:</b>)?\s{0,9}(?:<br\s*/?>)?"
)


def _gathered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of such pairs."""
    named: dict[str, list[Any]] = {}
    for name, value in pairs:
        called = name.strip()
        named.setdefault(called.lower() if called.startswith("@") else called, []).append(value)
    return {name: several[0] if len(several) == 1 else _flat(several) for name, several in named.items()}


def _flat(several: list[Any]) -> list[Any]:
    return [item for value in several for item in (value if isinstance(value, list) else [value])]


_DECODER = json.JSONDecoder(strict=False, object_pairs_hook=_gathered)

MAX_ESCAPES = 3
"""So often a text is escaped, each time over what was escaped before."""

# --- quotes that are none -------------------------------------------------------------------------

_ENTITY_NAME = re.compile(r"[{,]\s*&(?:amp;)*(?:quot|apos|#0?3[49]|#x2[27]);", re.IGNORECASE)
_SLASHED_NAME = re.compile(r"\{\s*\\+\"")
_SLASHED = re.compile(r"\\+([\"/])")
_TYPOGRAPHIC_NAME = re.compile("(?<=[{,\\s])[\u201c\u201d\u201e]([@$\\w]{1,60})[\u201c\u201d]\\s*:")
_NO_BREAK = re.compile(r"&(?:nbsp|#160|#xa0);", re.IGNORECASE)
_TYPOGRAPHIC = re.compile("[\u201c\u201d\u201e\u2033\u00ab\u00bb]")


def _with_quotes(text: str) -> str:
    """The text with the quotes around its names that an editor or an escaping function took from it."""
    for _ in range(MAX_ESCAPES):
        if _ENTITY_NAME.search(text):
            text = unescape(text)
    if _SLASHED_NAME.match(text):
        text = _SLASHED.sub(r"\1", text)
    text = _NO_BREAK.sub(" ", text)
    if '"' not in text:
        return _TYPOGRAPHIC.sub('"', text)
    return _TYPOGRAPHIC_NAME.sub(r'"\1":', text)


# --- a faulty object ------------------------------------------------------------------------------

_FILL = r"(?:[\s\ufeff]|<[a-z/][^<>\"']{0,40}>)*"
_FILLER = re.compile(
    r"(?:[\s,;\ufeff]|//[^\n]*|/\*.*?(?:\*/|\Z)|<!--.*?(?:-->|\Z)|<[a-z/][^<>\"']{0,40}>)*",
    re.DOTALL | re.IGNORECASE,
)
_QUOTED_NAME = r"([\"'])(?P<{}>[@$\w][\w:. -]{{0,60}})\{}\s*(?::|=>?)"
_NAME = re.compile(rf"(?:{_QUOTED_NAME.format('quoted', 1)}|(?P<bare>[@$\w][\w-]{{0,60}})\s*:)\s*")
_NO_NAME = re.compile(r"\w+|.", re.DOTALL)
_QUOTE = {mark: re.compile(rf"\\.|{mark}", re.DOTALL) for mark in "\"'`"}
_NEXT_NAME = r"[\"'][@$\w][\w:. -]{0,60}[\"']\s*(?::|=>?)"
_GOES_ON = re.compile(rf"\s*,\s*{_NEXT_NAME}")
_CUT_NAME = r"[\"'][@$\w:. -]{0,60}(?:[\"']\s*)?\Z"
_SWALLOWED = re.compile(r"\"\s*(?:(?::|=>?)\s*[\"{\[\d]|,\s*\"@?[a-zA-Z])")
_COMMAS = rf"{_FILL}(?P<comma>,{_FILL}(?:,{_FILL})*)?"
_ENDS_IN_OBJECT = re.compile(
    rf"{_COMMAS}(?:[}}\];]|\Z|//|/\*|{_NEXT_NAME}|{_CUT_NAME}|(?(comma)[@$a-z]\w{{0,60}}:|(?!)))",
    re.IGNORECASE,
)
_ENDS_IN_LIST = re.compile(rf"{_COMMAS}(?:[}}\]]|\Z|//|/\*|(?(comma)[\"'\[{{]|(?!)))", re.IGNORECASE)
_PLAIN = re.compile(r"(?P<plain>true\b|false\b|[-+\d][\w:.+-]*(?: [\d:.+-]+)*)?[^,}\]\n]*")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " ", "\n": "", "\r": ""}


@dataclass
class _Reader:
    """Reads forward from `at`, never back: it looks at each sign a bounded number of times."""

    text: str
    at: int

    def object(self, depth: int) -> dict[str, Any]:
        """The object that opens here, as far as it goes."""
        pairs: list[tuple[str, Any]] = []
        self.at += 1
        while (sign := self._sign()) not in ("", "}", "]"):
            if sign in "{[":  # what a template has left open: {{ nama }}
                self._value(depth + 1, _ENDS_IN_OBJECT)
                continue
            name = _NAME.match(self.text, self.at)
            self.at = name.end() if name else _end(_NO_NAME, self.text, self.at)
            if name is None:
                continue
            value = self._value(depth + 1, _ENDS_IN_OBJECT)
            if value is not None:
                pairs.append((name["quoted"] or name["bare"], value))
        self.at += sign == "}"
        return _gathered(pairs)

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self.at += 1
        while (sign := self._sign()) not in ("", "}", "]"):
            before = self.at
            value = self._value(depth + 1, _ENDS_IN_LIST)
            found += [] if value is None else [value]
            self.at = max(self.at, before + 1)
        self.at += sign == "]"
        return found

    def _sign(self) -> str:
        """The next sign that says something; empty at the end."""
        self.at = _end(_FILLER, self.text, self.at)
        return self.text[self.at : self.at + 1]

    def _value(self, depth: int, ends: re.Pattern[str]) -> Any:
        """The value that begins here; null for none that is whole."""
        if depth > MAX_DEPTH:
            self.at = len(self.text)
            return None
        if self.text.startswith(",", self.at):
            return None
        opening: dict[str, Callable[[int], Any]] = {"{": self.object, "[": self._list}
        sign = self._sign()
        if sign in opening:
            return opening[sign](depth)
        return self._string(sign, ends) if sign in _QUOTE else self._plain()

    def _string(self, mark: str, ends: re.Pattern[str]) -> str | None:
        """The string up to a quote behind which the object goes on; null where there is none.

        Null too where its own quote was lost and it runs over another value.
        """
        start = self.at + 1
        for found in _QUOTE[mark].finditer(self.text, start):
            is_end = found[0] == mark and ends.match(self.text, found.end())
            # "Dermaga Kayu\\",": a backslash of the text's own hides its last quote.
            if is_end or (found[0] == f"\\{mark}" and _GOES_ON.match(self.text, found.end())):
                self.at = found.end()
                inner = self.text[start : found.end() - 1].removesuffix("\\" if not is_end else "")
                return None if _SWALLOWED.search(inner) else _unescaped(inner)
        self.at = len(self.text)
        return None

    def _plain(self) -> Any:
        """A number, a boolean or a bare date; null for undefined and for what a script would compute."""
        found = _PLAIN.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        is_cut = self.at == len(self.text)
        return None if is_cut else {"true": True, "false": False}.get(found["plain"], found["plain"])


def _end(form: re.Pattern[str], text: str, at: int) -> int:
    found = form.match(text, at)
    return found.end() if found else at


def _unescaped(text: str) -> str:
    """A string's own text; an escape that JSON has not is the sign itself."""
    plain = _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else _ESCAPED.get(m[2], m[2]), text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
