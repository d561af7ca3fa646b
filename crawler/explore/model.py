"""What a page is asked, what it answers, and how it says that it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import duckdb

from crawler.web.language import Language
from crawler.web.words import Words
from storage.calendar import Stage
from storage.data_dir import DataDir
from storage.explore.ask import Answer, ask
from storage.explore.copy import Copy

PER_PAGE = 20
MOST_PAGES = 5_000


class Refusal(Exception):
    """A page cannot be shown; the message is one line for the reader."""

    status = HTTPStatus.BAD_REQUEST


class NotThere(Refusal):
    """Nothing is at that address."""

    status = HTTPStatus.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Page:
    """A template of `crawler/explore` and its values."""

    template: str
    values: Mapping[str, Any]
    status: HTTPStatus = HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class File:
    """Bytes as they are. `policy`: a Content-Security-Policy in the place of the pages'; null: theirs."""

    body: bytes
    kind: str
    name: str | None = None
    """What a browser saves it as; null: it is shown."""
    policy: str | None = None


@dataclass(frozen=True)
class Here:
    """What was asked for, and in which language."""

    path: str
    """Without the query."""
    query: Mapping[str, str]
    """Without what is empty."""
    words: Words

    def link(self, path: str, **values: object) -> str:
        """An address of these pages, in this page's language; null and false values are left out."""
        given = {name: str(value) for name, value in values.items() if value not in (None, False, "")}
        if self.words.lang == "en":
            given["lang"] = "en"
        return quote(path, safe="/") + (f"?{urlencode(given)}" if given else "")

    def day(self, name: str) -> date | None:
        """A day of the query; `Refusal` for what is none."""
        text = self.query.get(name)
        if text is None:
            return None
        try:
            if len(text) == len("YYYY-MM-DD"):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise Refusal(self.words("bad_day", text=text))

    def span(self) -> tuple[date | None, date | None]:
        """The days `since` and `until`."""
        since, until = self.day("since"), self.day("until")
        if since and until and since > until:
            raise Refusal(self.words("bad_span", since=since, until=until))
        return since, until

    def page_number(self) -> int:
        """The page of a list, 1 where none is named."""
        text = self.query.get("page", "1")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
        if not 1 <= number <= MOST_PAGES:
            raise Refusal(self.words("bad_page", text=text, most=MOST_PAGES))
        return number

    def pages(self, rows: int) -> int:
        """How many pages so many rows of a list make; `NotThere` where the one that is asked for lies behind them."""
        pages = min(max(-(-rows // PER_PAGE), 1), MOST_PAGES)
        if (number := self.page_number()) > pages:
            raise NotThere(self.words("bad_page", text=number, most=pages))
        return pages

    def other_language(self) -> tuple[Language, str]:
        """The other language, and this very page in it."""
        other: Language = "id" if self.words.lang == "en" else "en"
        values = {name: value for name, value in self.query.items() if name != "lang"}
        if other == "en":
            values["lang"] = other
        return other, "/" + quote(self.path.lstrip("/"), safe="/") + (
            f"?{urlencode(values)}" if values else ""
        )


@dataclass(frozen=True)
class Asked(Here):
    """One request, with the one publication that answers it."""

    copy: Copy
    cursor: duckdb.DuckDBPyConnection
    data_dir: DataDir
    part: str = ""
    """What the path names: an article, an outlet …"""

    def ask(self, name: str, **values: object) -> Answer:
        """The answer to a question of `storage/explore`."""
        return ask(self.cursor, name, **values)

    def stages(self) -> list[Stage]:
        """The stages of an election, where the database has the view `calendar`."""
        if not self.ask("has_stages").rows[0]["is_there"]:
            return []
        return [Stage(**each) for each in self.ask("stages").rows]


Handler = Callable[[Asked], Page | File]
