"""Charts: what each cell and bar says, in shape and in words, and that nothing in one leads elsewhere."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest

from crawler.web.chart_words import ENGLISH, INDONESIAN
from crawler.web.charts import (
    Column,
    DayCount,
    Svg,
    bar,
    columns,
    coverage,
    day_in_words,
    delays,
    delays_axis,
    moment,
)
from crawler.web.templates import ROOT
from storage.calendar import Stage, stages

SUNDAY = date(2026, 11, 29)


def parsed(chart: Svg) -> ET.Element:
    return ET.fromstring(f"<all>{chart}</all>")


def shapes(chart: Svg) -> list[list[tuple[str, float]]]:
    """Of each cell its shapes: the class, and the height where it has one."""
    return [
        [(each.get("class", ""), float(each.get("height", 0))) for each in cell if each.tag != "title"]
        for cell in parsed(chart).iter("g")
    ]


WHOLE = [("missing", 0), ("whole", 20)]


@pytest.mark.parametrize(
    ("count", "drawn", "words"),
    [
        (DayCount(SUNDAY, 14, 14), WHOLE, "29 Nov: 14 of 14 articles"),
        (DayCount(SUNDAY, 15, 14), WHOLE, "29 Nov: 15 of 14 articles"),
        (DayCount(SUNDAY, 7, 14), [("missing", 10), ("whole", 10)], "29 Nov: 7 of 14 articles"),
        (DayCount(SUNDAY, 1, 400), [("missing", 18.5), ("whole", 1.5)], "29 Nov: 1 of 400 articles"),
        (DayCount(SUNDAY, 0, 14), [("nothing", 20), ("cross", 0)], "29 Nov: 0 of 14 articles"),
        (DayCount(SUNDAY, 0, 0), [("whole", 1.5)], "29 Nov: 0 of 0 articles"),
        (DayCount(SUNDAY, None, None), [("unseen", 19), ("hatch", 0)], "29 Nov: nobody looked"),
        (DayCount(SUNDAY, None, 14), [("unseen", 19), ("hatch", 0)], "29 Nov: nobody looked"),
        (DayCount(SUNDAY, 4, None, 8.0), [("missing", 10), ("known", 10)], "29 Nov: 4 articles"),
        (DayCount(SUNDAY, 4, None), [("missing", 0), ("known", 20)], "29 Nov: 4 articles"),
        (DayCount(SUNDAY, 0, None, 8.0), [("nothing", 20), ("cross", 0)], "29 Nov: 0 articles"),
        (DayCount(SUNDAY, 0, None, 0.0), [("known", 1.5)], "29 Nov: 0 articles"),
        (
            DayCount(SUNDAY, 14, 14, holiday="Natal"),
            [("holiday", 0), *WHOLE],
            "29 Nov: 14 of 14 articles; Natal",
        ),
    ],
)
def test_a_day_is_told_apart_by_its_shape(
    count: DayCount, drawn: Sequence[tuple[str, float]], words: str
) -> None:
    """A day on which nobody looked, one without an article, and one on which there was none to have differ."""
    assert shapes(coverage("Warta", [count])) == [list(drawn)]
    assert day_in_words(count) == words


def test_a_month_is_a_strip_that_says_what_it_shows() -> None:
    """Its name is read by whoever does not see it."""
    days = [DayCount(date(2026, 10, 30) + timedelta(days=number), 3, 4) for number in range(4)]
    days[3] = DayCount(days[3].day, None, None)
    days[1] = DayCount(days[1].day, 5, None)
    strips = list(parsed(coverage('Warta <b> & "Teluk"\u202e', days)))
    assert [strip.get("role") for strip in strips] == ["img", "img"]
    assert [strip.findtext("title") for strip in strips] == [
        'Warta <b> & "Teluk"\\u202e, Oct 2026: 3 of 4 articles on 1 day; '
        "5 articles on 1 day without a count of its own",
        'Warta <b> & "Teluk"\\u202e, Nov 2026: 3 of 4 articles on 1 day; nobody looked on 1 day',
    ]
    assert [strip.findtext("text") for strip in strips] == ["Oct 2026", "Nov 2026"]


def test_the_longest_bar_fills_its_place_and_the_least_is_seen() -> None:
    """Nothing has no length, also where all are nothing."""

    def length(value: float, most: float) -> float:
        rect = parsed(bar(value, most, "words")).find(".//rect")
        assert rect is not None
        return float(rect.get("width", ""))

    assert length(10, 10) == 2 * length(5, 10)
    assert length(1, 100_000) == 1.5
    assert length(0, 10) == length(0, 0) == 0


def test_delays_grow_with_the_time_and_end_within_their_place() -> None:
    """A second and a year, too; the line reaches no shorter than the bar."""
    ends = []
    for minutes in (0, 1, 5, 60, 1440, 500_000):
        chart = parsed(delays(timedelta(minutes=minutes), timedelta(minutes=minutes / 2), "words"))
        rect = chart.find(".//rect")
        assert rect is not None
        ends.append(float(rect.get("width", "")))
        reach = re.findall(r"M(\S+) 6H([\d.]+)m", ET.tostring(chart, encoding="unicode"))
        assert reach[0][0] == reach[0][1]
    assert ends == sorted(ends)
    assert ends[-1] <= 130


def test_a_chart_brings_no_style_no_script_and_no_address() -> None:
    """All it has are shapes whose classes the page's own style knows, in light and dark and on paper."""
    style = (ROOT / "web" / "base.html").read_text(encoding="utf-8")
    days = [DayCount(SUNDAY, *each) for each in ((1, 2), (0, 2), (None, None), (1, None))]
    days[0] = DayCount(SUNDAY, 1, 2, holiday="Natal")
    drawn = [coverage("W", days), bar(1, 2, "w"), delays_axis(), delays(timedelta(1), timedelta(2), "w")]
    for chart in drawn:
        for each in parsed(chart).iter():
            assert each.tag in ("all", "svg", "g", "title", "text", "rect", "path")
            assert not {"style", "href", "onload", "fill"} & set(each.keys())
            if name := each.get("class"):
                assert f".{name} {{" in style


def test_a_hole_between_columns_is_hatched() -> None:
    """A day that nobody looked at, one without an article, and one with the most differ in shape."""
    days = [Column(SUNDAY + timedelta(days=n), value, f"{value}") for n, value in enumerate((None, 0, 2, 4))]
    drawn = columns("Warta", days, "4", ENGLISH)
    assert shapes(drawn) == [
        [("target", 90), ("unseen", 11.5), ("hatch", 0)],
        [("target", 90)],
        [("target", 90), ("whole", 45)],
        [("target", 90), ("whole", 90)],
    ]


@pytest.mark.parametrize(
    ("stage", "left_and_width"),
    [
        (Stage("masa tenang", SUNDAY + timedelta(days=1), SUNDAY + timedelta(days=2), "x"), (24, 48)),
        (Stage("kampanye", SUNDAY - timedelta(days=60), SUNDAY, "x"), (0, 24)),
        (Stage("lain", SUNDAY + timedelta(days=9), SUNDAY + timedelta(days=12), "x"), None),
    ],
)
def test_a_stage_is_shaded_behind_its_days(stage: Stage, left_and_width: tuple[float, float] | None) -> None:
    """As far as it lies in the days shown, and it says its name and days."""
    days = [Column(SUNDAY + timedelta(days=n), 1, "1") for n in range(4)]
    svg = parsed(columns("Warta", days, "1", INDONESIAN, [stage]))
    shades = [each for each in svg.iter() if each.get("class") == "stage"]
    assert [(float(each.get("x", 0)), float(each.get("width", 0))) for each in shades] == (
        [left_and_width] if left_and_width else []
    )
    if shades:
        first = INDONESIAN.day(stage.first_day)
        told = [each.text or "" for each in svg.iter() if each.tag.endswith("title")]
        assert any(text.startswith(f"{stage.stage}, {first} sampai") for text in told)


def test_a_stage_within_a_week_shades_that_week() -> None:
    """Quiet days are three, and a chart of weeks has a column for seven."""
    weeks = [Column(SUNDAY + timedelta(weeks=n), 1, "1") for n in range(3)]
    quiet = Stage("masa tenang", SUNDAY + timedelta(days=8), SUNDAY + timedelta(days=10), "x")
    (shade,) = [each for each in parsed(columns("x", weeks, "1", ENGLISH, [quiet])).iter() if each.get("class") == "stage"]  # fmt: skip
    assert (shade.get("x"), shade.get("width")) == ("24", "24")


def test_a_calendar_in_indonesian_has_its_stages_below() -> None:
    """Its words are those of the language, and a day of a stage has a band behind it, the vote a point."""
    days = [DayCount(SUNDAY, 7, 14), DayCount(SUNDAY + timedelta(days=1), None, None)]
    stage = Stage("vote", SUNDAY, SUNDAY, "x")
    svg = parsed(coverage("Warta", days, [stage], INDONESIAN))
    titles = [each.text for each in svg.iter() if each.tag.endswith("title")]
    assert titles == [
        "Warta, Nov 2026: 7 dari 14 artikel pada 1 hari; tidak ada yang melihat pada 1 hari; pemungutan suara",
        "29 Nov: 7 dari 14 artikel; pemungutan suara",
        "30 Nov: tidak ada yang melihat",
    ]
    assert [each.get("class") for each in svg.iter() if "stage" in each.get("class", "")] == [
        "stage",
        "stage-mark",
    ]


def test_months_are_named_where_there_is_room() -> None:
    """No two names stand over one another, in a year of weeks."""
    weeks = [Column(date(2026, 1, 5) + timedelta(weeks=n), 1, "1") for n in range(52)]
    places = [float(each.get("x", 0)) for each in parsed(columns("x", weeks, "1", ENGLISH)).iter() if each.tag.endswith("text")][:-1]  # fmt: skip
    assert len(places) > 5 and min(b - a for a, b in itertools.pairwise(places)) >= 50


@pytest.mark.parametrize(("place", "x"), [(0, 5), (1, 125), (0.5, 65), (-1, 5), (2, 125)])
def test_a_moment_stays_on_its_line(place: float, x: float) -> None:
    """Between the first and the last, whatever is asked."""
    (path,) = [each for each in parsed(moment(place, "x")).iter() if each.get("class") == "moment"]
    assert str(path.get("d")).startswith(f"M{x:g} ")


NOVEMBER = [DayCount(date(2024, 11, day), 3, 3) for day in range(22, 29)]


def test_an_election_stands_behind_the_days() -> None:
    """A band; a line below it on the quiet days, a point on the vote. Words say which stage, and other days have none."""
    strip = parsed(coverage("Warta", NOVEMBER, stages()))
    marks = [
        [each.get("class") for each in cell if (each.get("class") or "").startswith("stage")]
        for cell in strip.iter("g")
    ]
    band, marked = ["stage"], ["stage", "stage-mark"]
    assert marks == [band, band, marked, marked, marked, marked, band]
    words = [cell.findtext("title", "") for cell in strip.iter("g")]
    assert words[0] == "22 Nov: 3 of 3 articles; campaign; campaign advertising in the media"
    assert words[2] == "24 Nov: 3 of 3 articles; quiet days"
    assert words[5] == "27 Nov: 3 of 3 articles; vote; counting and recapitulation"
    assert strip.findtext("svg/title", "").endswith(
        "; campaign, campaign advertising in the media, quiet days, vote, counting and recapitulation"
    )
    plain = coverage("Warta", [DayCount(SUNDAY, 3, 3)], stages())
    assert "stage" not in plain
    assert plain == coverage("Warta", [DayCount(SUNDAY, 3, 3)])
