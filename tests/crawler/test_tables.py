"""Printing rows: what a cell says is shown as it stands."""

from __future__ import annotations

import sys

import pytest

from crawler.tables import write


def test_brackets_in_a_cell_are_no_markup(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A headline may say [/b]; a terminal's table must neither fail nor turn red."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    write("table", ["title"], [["Banjir [/b] [red]lagi"]])
    assert "Banjir [/b] [red]lagi" in capsys.readouterr().out
