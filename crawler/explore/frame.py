"""Pages as they are written: a template of this folder in its frame, with what every template may use."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from crawler.explore.model import Asked, Here, Page
from crawler.explore.shown import ShownArticles, cut, lines, outward
from crawler.web import charts
from crawler.web.templates import ROOT, render

STYLE = "/explore.css"


@cache
def style() -> str:
    """What is at STYLE."""
    return (ROOT / "explore" / "explore.css").read_text(encoding="utf-8")


def rendered(page: Page, asked: Asked) -> bytes:
    """A page, with the instant at which what it shows was published."""
    at = datetime.fromtimestamp(asked.copy.publication[1] / 1e9, UTC).astimezone(ZoneInfo(asked.copy.zone))
    return _rendered(page.template, {**_shared(asked), "at": at, **page.values})


def refusal(line: str, here: Here) -> bytes:
    """A page that says in one line why there is no other."""
    return _rendered("error.html", {**_shared(here), "at": None, "line": line})


def _rendered(template: str, values: dict[str, Any]) -> bytes:
    return render(f"explore/{template}", values).encode("utf-8", "replace")


def _shared(here: Here) -> dict[str, Any]:
    """What every template may use."""
    return {
        "t": here.words,
        "lang": here.words.lang,
        "link": here.link,
        "here": here.path,
        "query": here.query,
        "other": here.other_language(),
        "shown": ShownArticles(here.words.lang),
        "charts": charts,
        "lines": lines,
        "cut": cut,
        "outward": outward,
        "style": STYLE,
    }
