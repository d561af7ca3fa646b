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
from crawler.web.chart_words import ENGLISH, ChartWords
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


def coverage(
    outlet: str, days: Iterable[DayCount], stages: Sequence[Stage] = (), words: ChartWords = ENGLISH
) -> Svg:
    """A cell a day, a strip a month, which wrap as words do; ascending days. Behind them the stages of an election."""
    months = groupby(days, key=lambda each: each.day.replace(day=1))
    return Svg("".join(_month(outlet, first, list(each), stages, words) for first, each in months))


def stages_of(days: Iterable[date], stages: Iterable[Stage]) -> list[Stage]:
    """The stages that any of these days lies in."""
    given = list(days)
    return [each for each in stages if any(each.first_day <= day <= each.last_day for day in given)]


def _month(
    outlet: str, first: date, days: Sequence[DayCount], stages: Sequence[Stage], words: ChartWords
) -> str:
    width = max(_DAY_WIDTH * len(days), 6 * _DAY_WIDTH)  # room for its name
    height = _CELL_TOP + _CELL_HEIGHT + _LABEL_HEIGHT
    named = ", ".join(words.stage_name(each.stage) for each in stages_of((each.day for each in days), stages))
    told = f"{outlet}, {words.month(first)}: {_summary(days, words)}" + (f"; {named}" if named else "")
    svg = _svg(told, width, height, "strip")
    for number, each in enumerate(days):
        _cell(svg, number * _DAY_WIDTH, each, stages_of([each.day], stages), words)
    _text(svg, 0, height - 3, words.month(first))
    return _spelt(svg)


def _summary(days: Sequence[DayCount], words: ChartWords) -> str:
    """What a strip says, in words."""
    looked = [each for each in days if each.collected is not None]
    counted = [each for each in looked if each.published is not None]
    parts = []
    if counted:
        collected, published = (
            sum(getattr(each, name) for each in counted) for name in ("collected", "published")
        )
        told = words.of.format(collected=collected, published=published)
        parts.append(words.on.format(what=told, days=words.number_of_days(len(counted))))
    if more := [each for each in looked if each.published is None]:
        told = words.alone.format(collected=sum(each.collected or 0 for each in more))
        told = words.on.format(what=told, days=words.number_of_days(len(more)))
        parts.append(words.without_list.format(what=told))
    if unseen := len(days) - len(looked):
        parts.append(words.on.format(what=words.unseen, days=words.number_of_days(unseen)))
    return "; ".join(parts)


def _cell(svg: ET.Element, left: float, each: DayCount, stages: Sequence[Stage], words: ChartWords) -> None:
    group = ET.SubElement(svg, "g")
    ET.SubElement(group, "title").text = printable(day_in_words(each, stages, words))
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


def day_in_words(each: DayCount, stages: Sequence[Stage] = (), words: ChartWords = ENGLISH) -> str:
    """`26 Nov: 12 of 14 articles; Natal; quiet days`."""
    if each.collected is None:
        told = words.unseen
    elif each.published is None:
        told = words.alone.format(collected=each.collected)
    else:
        told = words.of.format(collected=each.collected, published=each.published)
    more = [*([each.holiday] if each.holiday else []), *(words.stage_name(stage.stage) for stage in stages)]
    return "; ".join([f"{each.day.day} {words.short_month(each.day)}: {told}", *more])


@dataclass(frozen=True, slots=True)
class Column:
    """One column of `columns`."""

    first_day: date
    """The day, or the first of a week."""
    value: float | None
    """0 or more. Null: nobody looked."""
    words: str
    """What it says, with its day."""


_LEAST_COLUMN, _MOST_COLUMN, _ALL_COLUMNS = 8, 24, 640
"""Width of a column, at least and at most, and of all where there is room between."""
_COLUMN_HEIGHT: Final = 90
_MONTH_WIDTH: Final = 56
"""Of its name."""
_TOP: Final = 16
"""Above the columns stand the most and the names of stages."""


def columns(
    title: str, shown: Sequence[Column], most_in_words: str, words: ChartWords, stages: Sequence[Stage] = ()
) -> Svg:
    """A column for each day or week, the highest as high as the chart; a hole is hatched. Stages are shaded behind.

    `most_in_words` says how much the highest is. A stage that lies outside of the days shown is left out.
    """
    each_width = min(max(_ALL_COLUMNS // max(len(shown), 1), _LEAST_COLUMN), _MOST_COLUMN)
    width, bottom = max(each_width * len(shown), 160), _TOP + _COLUMN_HEIGHT
    svg = _svg(title, width, bottom + _LABEL_HEIGHT, "columns")
    for stage in stages:
        _shade(svg, shown, stage, words, each_width)
    most = max((each.value or 0 for each in shown), default=0)
    month, named_to = None, 0
    for number, each in enumerate(shown):
        left = number * each_width
        group = ET.SubElement(svg, "g")
        ET.SubElement(group, "title").text = printable(each.words)
        _rect(group, "target", left, _TOP, each_width, _COLUMN_HEIGHT)
        if each.value is None:
            right = left + each_width - 2
            _rect(group, "unseen", left + 0.5, bottom - 12, right - left, 11.5)
            _path(group, "hatch", f"M{left + 1:g} {bottom - 1:g}L{right:g} {bottom - 11:g}")
        elif each.value:
            tall = max(_COLUMN_HEIGHT * each.value / most, _LEAST)
            _rect(group, "whole", left, bottom - tall, each_width - 1, tall)
        if each.first_day.replace(day=1) != month:
            month = each.first_day.replace(day=1)
            _path(svg, "tick", f"M{left:g} {bottom:g}v4")
            if left >= named_to and left + _MONTH_WIDTH <= width:
                _text(svg, left + 1, bottom + 12, words.month(month))
                named_to = left + _MONTH_WIDTH
    _path(svg, "tick", f"M0 {bottom:g}H{width:g}")
    _text(svg, 0, 10, most_in_words)
    return Svg(_spelt(svg))


def _shade(
    svg: ET.Element, shown: Sequence[Column], stage: Stage, words: ChartWords, each_width: int
) -> None:
    inside = [at for at, each in enumerate(shown) if stage.first_day <= each.first_day <= stage.last_day]
    if not inside:  # of weeks, it may begin and end within one
        inside = [
            at for at, each in enumerate(shown[:-1])
            if each.first_day <= stage.first_day and stage.last_day < shown[at + 1].first_day
        ]  # fmt: skip
    if inside:
        group = ET.SubElement(svg, "g")
        ET.SubElement(group, "title").text = printable(
            words.stage.format(
                stage=words.stage_name(stage.stage),
                first=words.day(stage.first_day),
                last=words.day(stage.last_day),
            )
        )
        left = inside[0] * each_width
        _rect(group, "stage", left, 0, (inside[-1] + 1) * each_width - left, _TOP + _COLUMN_HEIGHT)


def moment(place: float, words: str) -> Svg:
    """One row of a table: where something stands between the first, 0, and the last, 1."""
    svg = _svg(words, _BAR_WIDTH, _BAR_HEIGHT, "bar")
    _path(svg, "tick", f"M0 {_BAR_HEIGHT / 2:g}H{_BAR_WIDTH:g}")
    middle = 5 + (_BAR_WIDTH - 10) * min(max(place, 0.0), 1.0)
    _path(svg, "moment", f"M{middle:.4g} {_BAR_HEIGHT / 2 - 5:g}l5 5l-5 5l-5 -5z")
    return Svg(_spelt(svg))


def bar(value: float, most: float, words: str) -> Svg:
    """One bar of a table; the longest, `most`, fills it. Both are 0 or more; `words` say the value."""
    svg = _svg(words, _BAR_WIDTH, _BAR_HEIGHT, "bar")
    length = _BAR_WIDTH * value / most if most else 0
    _rect(svg, "whole", 0, 1, max(length, _LEAST) if value else 0, _BAR_HEIGHT - 2)
    return Svg(_spelt(svg))


_FROM: Final = timedelta(minutes=1)
_TO: Final = timedelta(days=10)
TICKS: Final = (timedelta(minutes=10), timedelta(hours=2), timedelta(days=1))


def _place(delay: timedelta) -> float:
    """Where a time stands: each tenfold is as wide as the one before."""
    inside = min(max(delay, _FROM), _TO)
    return _BAR_WIDTH * math.log(inside / _FROM) / math.log(_TO / _FROM)


def delays_axis(words: ChartWords = ENGLISH) -> Svg:
    """The scale of `delays`, for the head of its column."""
    svg = _svg(words.scale.format(marks=", ".join(words.marks)), _BAR_WIDTH, _BAR_HEIGHT + 2, "bar")
    for name, delay in zip(words.marks, TICKS, strict=True):
        _text(svg, _place(delay), _BAR_HEIGHT, name, "middle")
    return Svg(_spelt(svg))


def delays(median: timedelta, most: timedelta, words: str) -> Svg:
    """One row of a table: a bar up to the median, a line from there to what 90% kept below."""
    svg = _svg(words, _BAR_WIDTH, _BAR_HEIGHT, "bar")
    for delay in TICKS:
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
