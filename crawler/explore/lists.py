"""What is paid for, what was changed or withdrawn, and what the words of the database mean."""

from __future__ import annotations

from itertools import groupby

from crawler.explore.model import PER_PAGE, Asked, Page
from storage.explore.find import Wanted, find, page_of, total

MOST = 100


def paid(asked: Asked) -> Page:
    """Paid content of a span of days: who runs it, who pays, and a page of it."""
    since, until = asked.span()
    number = asked.page_number()
    found = find(asked.cursor, Wanted(since=since, until=until, is_paid=True))
    articles = total(found)
    pages = asked.pages(articles)
    return Page(
        "paid.html",
        {
            "since": since,
            "until": until,
            "total": articles,
            "answer": page_of(found, number, PER_PAGE),
            "outlets": asked.ask("paid_outlets", since=since, until=until),
            "sponsors": asked.ask("paid_sponsors", since=since, until=until),
            "page": number,
            "pages": pages,
            "stages": asked.stages(),
        },
    )


def changes(asked: Asked) -> Page:
    """What outlets edited, corrected and withdrew, and who carries the uncorrected text."""
    number, total_ = asked.page_number(), asked.ask("changes_total").rows[0]
    pages = asked.pages(max(total_["edits"], total_["corrections"]))
    offset = (number - 1) * PER_PAGE
    return Page(
        "changes.html",
        {
            "total": total_,
            "edits": asked.ask("edits", number=PER_PAGE, offset=offset),
            "corrections": asked.ask("corrections", number=PER_PAGE, offset=offset),
            "removals": asked.ask("removals", number=MOST),
            "uncorrected": asked.ask("uncorrected", number=MOST),
            "page": number,
            "pages": pages,
        },
    )


def dictionary(asked: Asked) -> Page:
    """Every view, column and macro, with its meaning."""
    answer = asked.ask("dictionary")
    named = [(name, list(rows)) for name, rows in groupby(answer.rows, key=lambda row: row["name"])]
    return Page("dictionary.html", {"answer": answer, "named": named})
