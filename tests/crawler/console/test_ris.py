"""References in RIS."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from crawler.console.ris import Reference, lines_of


def reference(title: str | None = "Banjir Surut") -> Reference:
    """One of which little is known."""
    return Reference("0a1b", title, "Warta Pesisir", [], None, None, None, [], None, None, date(2024, 11, 20))


def test_what_is_not_known_has_no_line() -> None:
    """A reference manager would show an empty field as one."""
    assert list(lines_of(reference(None))) == [
        "TY  - NEWS",
        "T2  - Warta Pesisir",
        "Y2  - 2024/11/20/",
        "DB  - Kabar",
        "AN  - 0a1b",
        "ER  - ",
        "",
    ]


@given(st.text())
def test_no_title_begins_a_line_or_ends_a_reference(title: str) -> None:
    """Every title takes one line at most."""
    lines = list(lines_of(reference(title)))
    assert lines[-2:] == ["ER  - ", ""] and lines.count("ER  - ") == 1
    assert all(len(line.splitlines()) <= 1 for line in lines)
    assert len(lines) in (7, 8)
