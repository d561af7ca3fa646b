"""The outlets, and one of them: its coverage day by day, its delay, what broke, by which ways it is entered."""

from __future__ import annotations

from crawler.explore.model import PER_PAGE, Asked, NotThere, Page
from crawler.web.charts import DayCount, coverage

DAYS = 184
"""Days that the calendar shows: half a year."""


def outlets(asked: Asked) -> Page:
    """Every outlet with what its numbers are held against."""
    return Page("outlets.html", {"answer": asked.ask("outlets")})


def outlet(asked: Asked) -> Page:
    """The page of an outlet, by its name."""
    name = asked.part
    found = asked.ask("outlet", source=name)
    if not found.rows:
        raise NotThere(asked.words("no_outlet", id=name))
    row = found.rows[0]
    days = asked.ask("outlet_days", source=name, days=DAYS)
    counts = [
        DayCount(each["day"], each["stored"] if each["looks"] else None, each["published"])
        for each in reversed(days.rows)
    ]
    latency = asked.ask("outlet_latency", source=name)
    return Page(
        "outlet.html",
        {
            "row": row,
            "title": row["title"] or name,
            "sql": found.sql,
            "days": days,
            "calendar": coverage(row["title"] or name, counts, asked.stages(), asked.words.charts),
            "latency": latency,
            "incidents": asked.ask("outlet_incidents", source=name),
            "entries": asked.ask("outlet_entries", source=name),
            "runs": asked.ask("outlet_runs", source=name),
            "rejections": asked.ask("outlet_rejections", source=name),
            "recent": asked.ask("recent", source=name, number=PER_PAGE),
        },
    )
