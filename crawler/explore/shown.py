"""How an article's values are written on a page: its moment of publication, texts of several lines, what is too long."""

from __future__ import annotations

from datetime import date, datetime

from markupsafe import Markup, escape

from crawler.console.text import printable_lines
from crawler.web.shown import Shown

MOST_OF_TITLE = 300
"""Characters of a title in a list; its article shows it whole."""


class ShownArticles(Shown):
    """Writes values in one language, those of articles included."""

    def published(self, row: dict[str, object]) -> str:
        """When an article was published, as exactly as is known."""
        at, on = row["published_at"], row["published_on"]
        if isinstance(at, datetime) and row.get("published_precision") != "day":
            zone = row.get("timezone")
            return self.instant(at, str(zone) if zone else None)
        return self.day(on if isinstance(on, date) else None)


def lines(text: str) -> Markup:
    """A text of several lines, which stay, without hidden signs."""
    return Markup(escape(printable_lines(text)))


def cut(text: str | None, most: int = MOST_OF_TITLE) -> str | None:
    """The beginning of what is too long for a list."""
    return text if text is None or len(text) <= most else f"{text[: most - 1].rstrip()}…"


def outward(url: str | None) -> str | None:
    """An address that a link may lead to; null for one of another kind than http and https."""
    return url if url is not None and url.lower().startswith(("http://", "https://")) else None
