"""The first page, and the search: what is asked, what was found, and how it is counted."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from crawler.console.tables import as_cell
from crawler.explore.marks import extract, words_marked
from crawler.explore.model import PER_PAGE, Asked, File, Page, Refusal
from crawler.web.charts import Column, Svg, columns
from crawler.web.shown import Shown
from pipelines.names import gazetteer
from storage.explore.ask import Answer
from storage.explore.find import Wanted, facets, find, page_of, texts, total
from storage.search.ask import forms
from storage.search.question import MalformedQuestion, cases_of

DAYS = 60
"""Days that the chart of the first page shows."""
ROWS_OF_FILE = 10_000
MOST_OF_QUESTION = 500
"""Characters of a search; a person's has fewer, and each word costs a look at the index."""
FIELDS = ("article_id", "source", "published_at", "published_on", "title", "url", "is_advertorial", "removed_at", "score", "snippet")  # fmt: skip
FILTERS = ("q", "source", "place", "actor", "since", "until", "paid", "edited", "removed")
"""What a search is asked, as the form names it."""


def first(asked: Asked) -> Page:
    """The search box, and what is new."""
    overview = asked.ask("overview")
    recent = asked.ask("recent", source=None, number=PER_PAGE)
    days = asked.ask("days", days=DAYS)
    return Page(
        "first.html",
        {
            "form": Form.of(asked),
            "overview": overview.rows[0],
            "overview_sql": overview.sql,
            "recent": recent,
            "days": days,
            "chart": _per_day(asked, days) if days.rows else None,
        },
    )


def _per_day(asked: Asked, days: Answer) -> Svg:
    shown, words = Shown(asked.words.lang), asked.words
    drawn = []
    for row in days.rows:
        is_hole = not row["outlets_looked_at"] and not row["articles"]
        key = "bar_hole" if is_hole else "bar_articles"
        text = words(key, day=shown.day(row["day"]), n=shown.number(row["articles"]))
        drawn.append(Column(row["day"], None if is_hole else row["articles"], text))
    span = [shown.day(days.rows[0]["day"]), shown.day(days.rows[-1]["day"])]
    most = max(row["articles"] for row in days.rows)
    return columns(
        words("per_day_title", first=span[0], last=span[1]),
        drawn,
        shown.number(most),
        words.charts,
        asked.stages(),
    )


@dataclass(frozen=True, slots=True)
class Form:
    """The search form: what it holds, and what it offers."""

    values: Mapping[str, str]
    outlets: Sequence[Mapping[str, Any]]
    actors: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, asked: Asked) -> Form:
        """The form as it was sent."""
        values = {name: asked.query.get(name, "") for name in FILTERS}
        return cls(values, asked.ask("choices").rows, asked.ask("actor_choices").rows)

    @property
    def is_narrowed(self) -> bool:
        """Whether it holds more than words."""
        return any(self.values[name] for name in FILTERS[1:])


def search(asked: Asked) -> Page | File:
    """The articles that were asked for, as a page or as a file."""
    form = asked.query.get("format")
    if form not in (None, "csv", "json"):
        raise Refusal(asked.words("bad_format", text=form))
    wanted, number = _wanted(asked), asked.page_number()
    found = find(asked.cursor, wanted)
    words = forms(asked.cursor, wanted.cases) if wanted.cases else set()
    if form is not None:
        return _file(asked, page_of(found, 1, ROWS_OF_FILE), form, words)
    articles = total(found)
    pages = asked.pages(articles)
    page = page_of(found, number, PER_PAGE)
    extracts = _extracts(asked, page.rows, words)
    return Page(
        "search.html",
        {
            "form": Form.of(asked),
            "total": articles,
            "answer": page,
            "hits": [
                (
                    row,
                    words_marked(row["title"] or "", words),
                    words_marked(extracts[row["article_id"]], words),
                )
                for row in page.rows
            ],
            "facets": facets(found) if articles else {},
            "month_link": lambda month: _month_link(asked, month),
            "narrow": lambda **values: _narrowed(asked, **values),
            "page": number,
            "pages": pages,
            "of_file": ROWS_OF_FILE,
            "stages": asked.stages(),
        },
    )


def _wanted(asked: Asked) -> Wanted:
    query = asked.query
    since, until = asked.span()
    words = query.get("q")
    if words is not None and len(words) > MOST_OF_QUESTION:
        raise Refusal(asked.words("long_question", most=MOST_OF_QUESTION))
    try:
        cases = cases_of(words) if words else ()
    except MalformedQuestion as error:
        why = asked.words(f"fault_{error.fault}", **error.values)
        raise Refusal(asked.words("bad_question", why=why)) from error
    return Wanted(
        words=words,
        cases=cases,
        source=query.get("source"),
        places=_places(asked, query["place"]) if "place" in query else None,
        actor=query.get("actor"),
        since=since,
        until=until,
        is_paid="paid" in query,
        is_edited="edited" in query,
        is_removed="removed" in query,
    )


def _places(asked: Asked, name: str) -> list[str]:
    """The ids of a place of that id, of that name, or of an abbreviation such as Kukar."""
    if any(place.place_id == name for place in gazetteer.places()):
        return [name]
    called = gazetteer.by_name().get(gazetteer.folded(name), ())
    if not called:
        raise Refusal(asked.words("no_place", name=name))
    return [place.place_id for place in called]


def _narrowed(asked: Asked, **values: object) -> str:
    """This search with other values, from its first page on."""
    given = {name: asked.query.get(name) for name in FILTERS} | values
    return asked.link("/search", **given)


def _month_link(asked: Asked, month: date) -> str:
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return _narrowed(asked, since=month, until=last)


def _extracts(asked: Asked, rows: Sequence[Mapping[str, Any]], words: set[str]) -> dict[str, str]:
    found = texts(asked.cursor, [row["article_id"] for row in rows])
    return {article: extract(text, words) for article, text in found.items()}


# --- files -------------------------------------------------------------------------------------------------


def _file(asked: Asked, page: Answer, form: str, words: set[str]) -> File:
    extracts = _extracts(asked, page.rows, words)
    rows = ({**row, "snippet": extracts[row["article_id"]]} for row in page.rows)
    if form == "csv":
        return File(_csv(rows), "text/csv", "kabar.csv")
    return File(_json(rows), "application/json", "kabar.json")


def _csv(rows: Iterator[Mapping[str, Any]]) -> bytes:
    """As spreadsheets have it: no text is a formula."""
    told = io.StringIO()
    writer = csv.writer(told)
    writer.writerow(FIELDS)
    for row in rows:
        writer.writerow([as_cell(row[name]) for name in FIELDS])
    return told.getvalue().encode("utf-8", "replace")


def _json(rows: Iterator[Mapping[str, Any]]) -> bytes:
    """A list of objects."""
    plain = [{name: _plain(row[name]) for name in FIELDS} for row in rows]
    return json.dumps(plain, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value
