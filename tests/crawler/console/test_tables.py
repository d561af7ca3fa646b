"""Printing rows: what a cell says is shown as it stands, and does nothing."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from rich.cells import cell_len
from scrapy.utils.misc import load_object

from crawler import settings
from crawler.console.tables import ROWS_DRAWN, as_cell, fitted, write
from crawler.console.text import printable

EVIL = "Banjir\x1b[2J\x9b1m\u202eOK\rx\ty\nz\u2028"


def sit_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if somebody sat before stdout; a table's own bold head left out."""
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_brackets_in_a_cell_are_no_markup(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A headline may say [/b]; a terminal's table must neither fail nor turn red."""
    sit_before(monkeypatch)
    write("table", ["title"], [["Banjir [/b] [red]lagi"]])
    assert "Banjir [/b] [red]lagi" in printed(capsys)


@pytest.mark.parametrize("form", ["table", "line", "csv", "json"])
def test_nothing_in_a_cell_or_a_column_steers_a_terminal(
    form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A column may be named by a page, too: PIVOT makes columns of titles."""
    sit_before(monkeypatch)
    write(form, [EVIL, "kota"], [[EVIL, [EVIL]], [EVIL, {EVIL: EVIL}]])
    shown = printed(capsys)
    assert [line for line in shown.split("\n") if printable(line) != line] == []
    assert "Banjir" in shown


WIDE = [f"column_{n}" for n in range(20)]


def test_a_column_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Names stand right of one another, further lines of a value below its first, null as in a table."""
    write("line", ["title", "at"], [["Banjir\nlagi", None], [EVIL, 1]])
    assert printed(capsys) == (
        "title = Banjir\n        lagi\n   at = –\n\ntitle = Banjir\\x1b[2J\\x9b1m\\u202eOK\\rx\\ty\n"
        "        z\\u2028\n   at = 1\n"
    )


@pytest.mark.parametrize(
    ("columns", "width", "is_table"),
    [(WIDE, 80, False), (WIDE, 300, True), (["title", "url"], 80, True), (["title", "url"], 20, False)],
)
def test_what_fits_no_terminal_is_shown_a_column_a_line(
    columns: list[str],
    width: int,
    is_table: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where a table would leave a column too little to read; who asks for a table gets one."""
    sit_before(monkeypatch)
    monkeypatch.setenv("TERM", "xterm")  # a dumb one has 80 columns, whatever it has
    monkeypatch.setenv("COLUMNS", str(width))
    row = [f"nilai yang panjang {n}" for n, _ in enumerate(columns)]
    write(None, columns, [row])
    shown = printed(capsys)
    assert ("┃" in shown) is is_table
    assert all(f"{name} = {value}" in shown for name, value in zip(columns, row, strict=True)) is not is_table
    write("table", columns, [row])
    assert "┃" in printed(capsys)


def test_off_a_terminal_nothing_is_too_wide(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe gets a line for each row, as ever."""
    write(None, WIDE, [WIDE, WIDE])
    assert printed(capsys).splitlines() == ["\t".join(WIDE)] * 3


def test_an_answer_without_rows_shows_its_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no line to put a column on."""
    sit_before(monkeypatch)
    write(None, ["title"], [])
    assert "title" in printed(capsys)


def test_off_a_terminal_a_row_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """And its columns stay where they are."""
    write("table", ["title", "kota"], [[EVIL, "Bontang"]])
    header, row, end = printed(capsys).split("\n")
    assert (header, end) == ("title\tkota", "")
    assert row == "Banjir\\x1b[2J\\x9b1m\\u202eOK\\rx y z\\u2028\tBontang"


def test_json_gives_the_very_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever it holds: hidden signs are JSON's own escapes."""
    write("json", ["title", EVIL], [[EVIL, None], ["=1+1", [EVIL]]])
    shown = printed(capsys)
    assert json.loads(shown) == [{"title": EVIL, EVIL: None}, {"title": "=1+1", EVIL: [EVIL]}]
    assert [line for line in shown.split("\n") if printable(line) != line] == []


def test_json_is_read_by_everybody(capsys: pytest.CaptureFixture[str]) -> None:
    """It has no infinity: 1/0 is one to DuckDB, 0.0/0 nan, and both are texts here."""
    write("json", ["share"], [[float("nan")], [[float("-inf"), 0.5]], [{"a": float("inf")}]])
    assert json.loads(printed(capsys), parse_constant=pytest.fail) == [
        {"share": "nan"},
        {"share": ["-inf", 0.5]},
        {"share": {"a": "inf"}},
    ]


def test_values_are_spelled_as_sql_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    """A truth value is no Python's, and a share of two digits is a number in JSON, too."""
    row = [True, False, None, Decimal("12.50"), [True], Decimal("1234567890.0123456789")]
    write("csv", list("abcdef"), [row])
    assert printed(capsys) == "a,b,c,d,e,f\ntrue,false,,12.50,[true],1234567890.0123456789\n"
    write("table", list("abcdef"), [row[:3]])
    assert printed(capsys).splitlines()[1] == "true\tfalse\t–"
    write("json", list("abcdef"), [row])
    assert json.loads(printed(capsys)) == [
        {"a": True, "b": False, "c": None, "d": 12.5, "e": [True], "f": "1234567890.0123456789"}
    ]


def test_columns_of_one_name_all_stand_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    """A join of two tables has them; an object would keep the last alone."""
    write("json", ["id", "id", "id_1", "id"], [[1, 2, 3, 4]])
    assert json.loads(printed(capsys)) == [{"id": 1, "id_2": 2, "id_1": 3, "id_3": 4}]


def test_a_terminal_sees_the_first_rows_before_the_last_are_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There may be millions: no more of them are held than are drawn at once, and each is drawn once."""
    sit_before(monkeypatch)
    seen = []

    def rows() -> Iterator[list[int]]:
        for number in range(ROWS_DRAWN):
            yield [number]
        seen.append(printed(capsys))
        yield [ROWS_DRAWN]

    write("table", ["n"], rows())
    shown = [re.findall("[0-9]+", each) for each in (*seen, printed(capsys))]
    assert shown == [[str(number) for number in range(ROWS_DRAWN)], [str(ROWS_DRAWN)]]


def test_json_of_no_rows_is_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    """Rows are written as they come, and none came."""
    write("json", ["title"], iter(()))
    assert json.loads(printed(capsys)) == []


FORMULAS = ["=1+1", "=HYPERLINK(\"http://evil.id\";\"klik\")", "+SUM(A1)", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)",
            "\t=1", "\r=1", "＝1", "-", "- Judul", "+62 812 3456"]  # fmt: skip
NO_FORMULAS = ["Banjir = surut", "", "1-1", "-5", "+0.3", "-1.234,5", "-1e5", "+12%", "a@b.id", "'=1", " =1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_looks_like_a_formula_is_a_text_in_csv(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An apostrophe in front says so to every spreadsheet; the rest of the cell is exact."""
    write("csv", [text], [[text]])
    assert list(csv.reader(io.StringIO(printed(capsys), newline=""))) == [[f"'{text}"]] * 2


@pytest.mark.parametrize("text", NO_FORMULAS)
def test_all_else_stands_in_csv_as_it_is(text: str) -> None:
    """Texts that are negative numbers among them."""
    assert as_cell(text) == text


@pytest.mark.parametrize("value", [-5, -0.5, Decimal("-1.50"), float("-inf")])
def test_numbers_stay_numbers_in_csv(value: object) -> None:
    """Below zero, too."""
    assert as_cell(value) == str(value)


def test_a_lag_below_zero_is_no_number() -> None:
    """Of a span a spreadsheet would make a formula."""
    assert as_cell(timedelta(hours=-5)) == "'-05:00:00"


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        (timedelta(hours=5, minutes=15), "05:15:00"),
        (timedelta(hours=-5), "-05:00:00"),
        (timedelta(days=1, hours=5), "1 day 05:00:00"),
        (timedelta(days=-2, hours=-4), "-2 days -04:00:00"),
        (timedelta(days=2), "2 days"),
        (timedelta(), "00:00:00"),
        (timedelta(seconds=1.5), "00:00:01.500000"),
    ],
)
def test_a_span_of_time_is_spelled_as_duckdb_does(
    value: timedelta, spelled: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a table and in JSON: five hours before are no day less nineteen."""
    write("table", ["lag"], [[value]])
    assert printed(capsys) == f"lag\n{spelled}\n"
    write("json", ["lag"], [[value]])
    assert json.loads(printed(capsys)) == [{"lag": spelled}]


def test_a_list_is_json_in_csv(capsys: pytest.CaptureFixture[str]) -> None:
    """As in an export: a name with a comma is one name, and null is no word."""
    write("csv", ["authors"], [[["Budi, S.H.", None]], [[]]])
    records = list(csv.reader(io.StringIO(printed(capsys), newline="")))
    assert records == [["authors"], ['["Budi, S.H.", null]'], ["[]"]]


def test_scrapys_feed_in_csv_has_the_same_cells() -> None:
    """Null and numbers as Scrapy writes them."""
    file = io.BytesIO()
    exporter = load_object(settings.FEED_EXPORTERS["csv"])(file)
    exporter.start_exporting()
    exporter.export_item({"title": "=1+1", "tags": ["=a", "b"], "word_count": -5, "section": None})
    exporter.finish_exporting()
    assert file.getvalue().decode() == "title,tags,word_count,section\r\n'=1+1,\"'=a,b\",-5,\r\n"


TITLES = [("expresi", "Pemkot Targetkan Perbaikan Jalan Rampung", 1200), ("antara", None, 7)]


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (40, [f"source   {'title':24}  words", f"expresi  {'Pemkot Targetkan Perbai…':24}   1200", f"antara   {'':24}      7"]),
        (None, [f"source   {'title':40}  words", f"expresi  {TITLES[0][1]}   1200", f"antara   {'':40}      7"]),
    ],
)  # fmt: skip
def test_lines_fit(width: int | None, lines: list[str]) -> None:
    """One line a row: the title is cut, numbers stand right, null is empty."""
    assert list(fitted(["source", "title", "words"], TITLES, "title", width)) == lines


def test_lines_fit_whatever_stands_in_them() -> None:
    """Wide signs count twice, and where the title is short enough the widest column is cut."""
    rows = [("x" * 60, "berita 東京東京東京東京東京東京", "y" * 40, "\x1b[2J\n")]
    _, row = fitted(["a", "title", "b", "c"], rows, "title")
    assert cell_len(row) <= 80
    assert "\x1b" not in row
    assert "…" in row
