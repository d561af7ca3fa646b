"""The actors of the user's list, and one of them: who names it, how much, and when, held against what was collected."""

from __future__ import annotations

from crawler.explore.model import Asked, NotThere, Page
from crawler.web.charts import Column, Svg, columns
from crawler.web.shown import Shown
from storage.explore.ask import Answer

WEEKS = 60


def actors(asked: Asked) -> Page:
    """The list in force, by kind."""
    return Page("actors.html", {"answer": asked.ask("actors")})


def actor(asked: Asked) -> Page:
    """The page of an actor, by its id."""
    found = asked.ask("actor", actor=asked.part)
    if not found.rows:
        raise NotThere(asked.words("no_actor", id=asked.part))
    row = found.rows[0]
    weeks = asked.ask("actor_weeks", actor=asked.part, weeks=WEEKS)
    voice = asked.ask("actor_outlets", actor=asked.part, kind=row["kind"])
    return Page(
        "actor.html",
        {
            "row": row,
            "weeks": weeks,
            "voice": voice,
            "chart": _per_week(asked, row["name"], weeks) if voice.rows else None,
            "stages": asked.stages(),
        },
    )


def _per_week(asked: Asked, name: str, weeks: Answer) -> Svg:
    shown, words = Shown(asked.words.lang), asked.words
    drawn, most = [], 0.0
    for row in weeks.rows:
        day = shown.day(row["week"])
        if not row["collected"]:
            is_hole = not row["is_looked_at"]
            text = words("week_hole", day=day) if is_hole else words("bar_week", day=day, n=0, of=0)
            drawn.append(Column(row["week"], None if is_hole else 0, text))
            continue
        share = row["articles"] / row["collected"]
        most = max(most, share)
        text = words("bar_week", day=day, n=shown.number(row["articles"]), of=shown.number(row["collected"]))
        drawn.append(Column(row["week"], share, f"{text}, {shown.share(share)}"))
    title = words("weeks_title", name=name)
    return columns(title, drawn, shown.share(most), words.charts, asked.stages())
