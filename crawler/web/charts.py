"""Charts as inline SVG, from plain values: no script, no style of their own, no address.

The colours stand in `crawler/web/base.html`, under the classes that are given here, so a chart follows the page into
the dark and onto paper. Numbers and names stand in the page beside a chart, never in it alone: whoever cannot see
it, and a mail program that leaves it out, lose nothing. What matters differs in shape, not in colour only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final
from xml.etree import ElementTree as ET

from crawler.console.text import printable
from storage.calendar import QUIET_DAYS, VOTE, Stage

_DAY_WIDTH: Final = 10
_CELL_TOP: Final = 7
"""Above it a holiday is marked."""
_CELL_HEIGHT: Final = 20
_LABEL_HEIGHT: Final = 14
_BAR_WIDTH: Final = 130
_BAR_HEIGHT: Final = 12
_LEAST: Final = 1.5
"""What is more than nothing is seen."""


class Svg(str):
    """Markup of a chart, which a template takes as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class DayCount:
    """What was collected of one day."""

    day: date
    collected: int | None
    """Null: nobody looked."""
    published: int | None
    """Null: not known."""
    normal: float | None = None
    """Least articles of a normal such day, which `collected` is held against where `published` is null."""
    holiday: str | None = None


def coverage(outlet: str, days: Iterable[DayCount], stages: Sequence[Stage] = ()) -> Svg:
    """A cell a day, a strip a month, which wrap as words do; ascending days. Behind them the stages of an election."""
    months = groupby(days, key=lambda each: each.day.replace(day=1))
    return Svg("".join(_month(outlet, first, list(each), stages) for first, each in months))


def stages_of(days: Iterable[date], stages: Iterable[Stage]) -> list[Stage]:
    """The stages that any of these days lies in."""
    given = list(days)
    return [each for each in stages if any(each.first_day <= day <= each.last_day for day in given)]


def _month(outlet: str, first: date, days: Sequence[DayCount], stages: Sequence[Stage]) -> str:
    width = max(_DAY_WIDTH * len(days), 6 * _DAY_WIDTH)  # room for its name
    height = _CELL_TOP + _CELL_HEIGHT + _LABEL_HEIGHT
    named = ", ".join(each.stage for each in stages_of((each.day for each in days), stages))
    words = f"{outlet}, {month_name(first)}: {_summary(days)}" + (f"; {named}" if named else "")
    svg = _svg(words, width, height, "strip")
    for number, each in enumerate(days):
        _cell(svg, number * _DAY_WIDTH, each, stages_of([each.day], stages))
    _text(svg, 0, height - 3, month_name(first))
    return _spelt(svg)


def month_name(day: date) -> str:
    """`Nov 2026`."""
    return f"{day:%b %Y}"


def _summary(days: Sequence[DayCount]) -> str:
    """What a strip says, in words."""
    looked = [each for each in days if each.collected is not None]
    counted = [each for each in looked if each.published is not None]
    parts = []
    if counted:
        collected, published = (
            sum(getattr(each, name) for each in counted) for name in ("collected", "published")
        )
        parts.append(f"{collected} of {published} articles on {_days(len(counted))}")
    if more := [each for each in looked if each.published is None]:
        articles = sum(each.collected or 0 for each in more)
        parts.append(f"{articles} articles on {_days(len(more))} without a count of its own")
    if unseen := len(days) - len(looked):
        parts.append(f"nobody looked on {_days(unseen)}")
    return "; ".join(parts)


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _cell(svg: ET.Element, left: float, each: DayCount, stages: Sequence[Stage] = ()) -> None:
    group = ET.SubElement(svg, "g")
    ET.SubElement(group, "title").text = printable(day_in_words(each, stages))
    width, bottom = _DAY_WIDTH - 1.5, _CELL_TOP + _CELL_HEIGHT
    _stage(group, left, bottom, {each.stage for each in stages})
    if each.holiday:
        middle = left + width / 2
        _path(group, "holiday", f"M{middle - 3:g} 1h6l-3 4z")
    if each.collected is None:
        _rect(group, "unseen", left + 0.5, _CELL_TOP + 0.5, width - 1, _CELL_HEIGHT - 1)
        _path(group, "hatch", f"M{left + 1:g} {bottom - 1:g}L{left + width - 1:g} {_CELL_TOP + 1:g}")
        return
    against = each.normal if each.published is None else each.published
    share = min(each.collected / against, 1.0) if against else None
    if share == 0:
        _rect(group, "nothing", left, _CELL_TOP, width, _CELL_HEIGHT)
        middle = _CELL_TOP + _CELL_HEIGHT / 2
        _path(group, "cross", f"M{left + 1.5:g} {middle - 3:g}l5.5 6m0-6l-5.5 6")
        return
    if share is None:  # nothing to collect, or nothing to hold it against
        share = 1.0 if each.collected else 0.0
    name = "whole"
    if each.published is None:  # narrower, for in print both may be the same grey
        name, left, width = "known", left + width / 4, width / 2
    tall = max(_CELL_HEIGHT * share, _LEAST)
    if share:
        _rect(group, "missing", left, _CELL_TOP, width, _CELL_HEIGHT - tall)
    _rect(group, name, left, bottom - tall, width, tall)


def _stage(group: ET.Element, left: float, bottom: float, names: set[str]) -> None:
    """A band behind the cell; below it a line on the quiet days, a point on the day of the vote."""
    if names:
        _rect(group, "stage", left - 0.75, 0, _DAY_WIDTH, bottom + 3)
    if QUIET_DAYS in names:
        _rect(group, "stage-mark", left - 0.75, bottom + 1, _DAY_WIDTH, 2)
    if VOTE in names:
        _path(group, "stage-mark", f"M{left + 4.25:g} {bottom + 1:g}l3 4h-6z")


def day_in_words(each: DayCount, stages: Sequence[Stage] = ()) -> str:
    """`26 Nov: 12 of 14 articles; Natal; quiet days`."""
    if each.collected is None:
        said = "nobody looked"
    elif each.published is None:
        said = f"{each.collected} articles"
    else:
        said = f"{each.collected} of {each.published} articles"
    more = [*([each.holiday] if each.holiday else []), *(stage.stage for stage in stages)]
    return "; ".join([f"{each.day.day} {each.day:%b}: {said}", *more])


def bar(value: float, most: float, words: str) -> Svg:
    """One bar of a table; the longest, `most`, fills it. Both are 0 or more; `words` say the value."""
    svg = _svg(words, _BAR_WIDTH, _BAR_HEIGHT, "bar")
    length = _BAR_WIDTH * value / most if most else 0
    _rect(svg, "whole", 0, 1, max(length, _LEAST) if value else 0, _BAR_HEIGHT - 2)
    return Svg(_spelt(svg))


_FROM: Final = timedelta(minutes=1)
_TO: Final = timedelta(days=10)
TICKS: Final = {"10 min": timedelta(minutes=10), "2 h": timedelta(hours=2), "1 day": timedelta(days=1)}


def _place(delay: timedelta) -> float:
    """Where a time stands: each tenfold is as wide as the one before."""
    inside = min(max(delay, _FROM), _TO)
    return _BAR_WIDTH * math.log(inside / _FROM) / math.log(_TO / _FROM)


def delays_axis() -> Svg:
    """The scale of `delays`, for the head of its column."""
    svg = _svg(
        f"scale, a tenfold as wide as the next: {', '.join(TICKS)}", _BAR_WIDTH, _BAR_HEIGHT + 2, "bar"
    )
    for name, delay in TICKS.items():
        _text(svg, _place(delay), _BAR_HEIGHT, name, "middle")
    return Svg(_spelt(svg))


def delays(median: timedelta, most: timedelta, words: str) -> Svg:
    """One row of a table: a bar up to the median, a line from there to what 90% kept below."""
    svg = _svg(words, _BAR_WIDTH, _BAR_HEIGHT, "bar")
    for delay in TICKS.values():
        _path(svg, "tick", f"M{_place(delay):.4g} 0v{_BAR_HEIGHT}")
    begin, end = _place(median), _place(max(median, most))
    _rect(svg, "whole", 0, 2, max(begin, _LEAST), _BAR_HEIGHT - 4)
    _path(svg, "reach", f"M{begin:.4g} {_BAR_HEIGHT / 2:g}H{end:.4g}m0-4v8")
    return Svg(_spelt(svg))


def _svg(words: str, width: float, height: float, name: str) -> ET.Element:
    svg = ET.Element(
        "svg",
        {
            "class": name,
            "role": "img",
            "width": f"{width:g}",
            "height": f"{height:g}",
            "viewBox": f"0 0 {width:g} {height:g}",
        },
    )
    ET.SubElement(svg, "title").text = printable(words)
    return svg


def _rect(above: ET.Element, name: str, x: float, y: float, width: float, height: float) -> None:
    values = {"x": x, "y": y, "width": width, "height": height}
    ET.SubElement(above, "rect", {"class": name, **{key: f"{value:.4g}" for key, value in values.items()}})


def _path(above: ET.Element, name: str, lines: str) -> None:
    ET.SubElement(above, "path", {"class": name, "d": lines})


def _text(above: ET.Element, x: float, y: float, words: str, anchor: str = "start") -> None:
    ET.SubElement(above, "text", {"x": f"{x:.4g}", "y": f"{y:.4g}", "text-anchor": anchor}).text = words


def _spelt(svg: ET.Element) -> str:
    return ET.tostring(svg, encoding="unicode")
