"""Address templates of entries: `/terkini/{n}`, `/index-news?date={day:02}-{month:02}-{year}&page={n}`.

Fields: `n` (page number, from 1), `day`, `month`, `year` (numbers) and `month_name` (English), each
with an optional format such as `:02`. A template is filled, and read back from an address, so that the
address of a page suffices to find the next one.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Mapping
from datetime import date
from string import Formatter
from urllib.parse import unquote

_PATTERNS = {
    "n": "[0-9]{1,9}",
    "day": "[0-9]{1,2}",
    "month": "[0-9]{1,2}",
    "year": "[0-9]{4}",
    "month_name": "[A-Za-z]+",
}
FIELDS = frozenset(_PATTERNS)
_DATED = frozenset({"day", "month", "year", "month_name"})
_MONTHS = {name.lower(): number for number, name in enumerate(month_name) if name}
_FORMAT = re.compile(r"(?:0?[1-9])?d?")


def fault(template: str) -> str | None:
    """What is wrong with a template, in a phrase; null when it can be filled."""
    try:
        parts = [*Formatter().parse(template), *Formatter().parse(same(template))]
    except ValueError as error:
        return str(error)
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        if name not in FIELDS:
            return f"unknown field {{{name}}}; known are {', '.join(sorted(FIELDS))}"
        if conversion or not _FORMAT.fullmatch(spec or "") or (spec and name == "month_name"):
            return f"unknown format of {{{name}}}"
    return None


def fields_of(template: str) -> frozenset[str]:
    """The fields a template holds."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def is_dated(template: str) -> bool:
    """Whether the template asks for one day: then an entry has one first document for each day."""
    return bool(fields_of(template) & _DATED)


def for_day(template: str, day: date, n: int = 1) -> str:
    """The template's address for that day and page."""
    return fill(
        template,
        {"day": day.day, "month": day.month, "year": day.year, "month_name": month_name[day.month], "n": n},
    )


def day_of(url: str, first: str, pages: str | None) -> date | None:
    """The day of the document at `url`, for an entry with one document a day; null where the address names none."""
    for template in (pages, first):
        values = read(template, url) if template is not None and is_dated(template) else None
        if values is not None and "day" in values and "year" in values:
            month = values.get("month") or _MONTHS.get(str(values.get("month_name", "")).lower())
            try:
                return date(int(values["year"]), int(month or 0), int(values["day"]))
            except ValueError:
                return None
    return None


def fill(template: str, values: Mapping[str, int | str]) -> str:
    """The template with its fields filled in; a template without fields is its own address."""
    return template.format_map(values) if "{" in template or "}" in template else template


def read(template: str, url: str) -> dict[str, int | str] | None:
    """The values of the fields with which the template gives that address; null when there are none."""
    pattern, seen = "", set()
    for text, name, _, _ in Formatter().parse(same(template)):
        pattern += re.escape(text)
        if name is not None:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>{_PATTERNS[name]})"
            seen.add(name)
    match = re.fullmatch(pattern, same(url))
    if match is None:
        return None
    return {name: int(text) if text.isdigit() else text for name, text in match.groupdict().items()}


def next_page(url: str, first: str, pages: str) -> str | None:
    """The address of the page after `url`; null when `url` is no page of this entry.

    `first` is the template of the first document, `pages` that of page N. An address of neither
    template (the server redirected elsewhere) has no next page, so that a walk cannot go in circles.
    """
    values = read(pages, url)
    if values is None or "n" not in values:
        values = read(first, url)
        if values is None:
            return None
    if not fields_of(pages) <= {*values, "n"}:
        return None
    return fill(pages, {**values, "n": int(values.get("n", 1)) + 1})


def same(url: str) -> str:
    """An address without what a redirect may change: scheme, `www.`, the final slash, %-escapes."""
    return unquote(re.sub(r"^https?://(?:www\.)?", "", url, flags=re.IGNORECASE)).rstrip("/")
