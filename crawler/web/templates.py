"""The templates of the package, rendered by Jinja2: whatever is put into one is escaped, so it stays text, on one line."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.console.text import printable

if TYPE_CHECKING:
    from jinja2 import Environment

ROOT = Path(__file__).resolve().parents[1]
"""A template is named by its path below the package, as in `report/page.html`."""


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # most commands show no page

    return Environment(
        loader=FileSystemLoader(ROOT),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: object) -> object:
    """What is put in: text without hidden signs, markup of ours as it is."""
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def render(name: str, values: dict[str, Any]) -> str:
    """The text of a template with these values; a name that is not there is an error."""
    return _environment().get_template(name).render(values)
