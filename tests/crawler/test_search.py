"""What `scrapy search` draws on a terminal."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime

import pytest

from crawler.commands.search import _draw
from storage.search.ask import Hit


class Terminal(io.StringIO):
    """Takes what is drawn."""

    def isatty(self) -> bool:
        return True


HIT = Hit(
    "0a1b",
    "antara_kaltim",
    datetime(2024, 11, 19, 9, 15, tzinfo=UTC),
    "Nelayan \x1b[2J Dukung Pembangunan Dermaga Kayu di Muara Sungai yang Lama Rusak Diterjang Gelombang",
    "https://kaltim.example/" + "sangat-panjang-" * 8,
    7.5,
    "… warga mendukung pembangunan itu " * 6,
)


def test_a_hit_fits_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address is whole, over two lines if need be, and no sign of a stranger steers the terminal."""
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "120")
    _draw([HIT, HIT], {"mendukung", "dukung"})
    drawn = terminal.getvalue()
    lines = drawn.splitlines()
    assert max(map(len, lines)) <= 80 and "\x1b[2J" not in drawn
    assert str(HIT.url) in drawn.replace("\n", "").replace(" ", "")
    assert lines[0].startswith(" 1. Nelayan") and "2024-11-19 09:15  antara_kaltim" in drawn


def test_the_words_stand_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """In title and snippet, in any form that was found."""
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    _draw([HIT], {"mendukung", "dukung"})
    drawn = terminal.getvalue()
    assert "\x1b[1;33mmendukung\x1b[0m" in drawn and "\x1b[1;33mDukung\x1b[0m" in drawn
    assert "\x1b[1;33mwarga" not in drawn
