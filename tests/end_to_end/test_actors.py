"""`scrapy actors`: what it writes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler import __version__
from tests.kit.running import column, rows, scrapy

LIST = "actor_id,name,kind,spellings\nbasri,Basri Rase,person,Basri\n"


@pytest.mark.heavy
def test_a_list_says_who_wrote_it_and_who_is_followed(tmp_path: Path) -> None:
    """In a DATA_DIR of which it is the first, and after FOLLOW has changed."""
    named = tmp_path / "actors.csv"
    named.write_text(LIST, encoding="utf-8")
    data_dir = tmp_path / "data"
    scrapy("actors", named, DATA_DIR=data_dir).succeeded()
    assert rows(data_dir, "SELECT kabar_version, articles FROM about") == [(__version__, 0)]
    assert (
        "1 actor with 2 spellings"
        in scrapy("actors", named, DATA_DIR=data_dir, FOLLOW="expresi").succeeded().out
    )
    assert column(data_dir, "SELECT source FROM sources WHERE followed") == ["expresi"]


@pytest.mark.heavy
def test_a_doubtful_list_changes_nothing(tmp_path: Path) -> None:
    """One line with the place of the first fault, and no DATA_DIR is made for it."""
    named = tmp_path / "actors.csv"
    named.write_text(LIST + "lain,Basri Lain,person,Basri\n", encoding="utf-8")
    refused = scrapy("actors", named, DATA_DIR=tmp_path / "data")
    assert refused.code == 2
    assert refused.complaints == [
        f"kabar: {named}:3: lain: the spelling 'Basri' is also that of basri (line 2); give a context to basri and lain"
    ]
    assert not (tmp_path / "data").exists()


@pytest.mark.heavy
def test_a_list_that_waits_in_the_data_dir_is_named(tmp_path: Path) -> None:
    """Whoever puts it there and asks what is in force learns that it is not, until something takes it."""
    scrapy("actors", listed(tmp_path), DATA_DIR=tmp_path / "data").succeeded()
    own = listed(tmp_path / "data", "isran,Isran Noor,person,\n")
    waiting = scrapy("actors", DATA_DIR=tmp_path / "data")
    assert waiting.code == 0 and "Basri Rase" in waiting.out
    assert waiting.complaints == [
        f"kabar: {own} is not in force yet: the next crawl or harvest takes it, scrapy actors {own} at once"
    ]
    scrapy("actors", own, DATA_DIR=tmp_path / "data").succeeded()
    taken = scrapy("actors", DATA_DIR=tmp_path / "data").succeeded()
    assert ("Isran Noor" in taken.out, taken.complaints) == (True, [])


def listed(folder: Path, more: str = "") -> Path:
    """A list in a folder."""
    path = folder / "actors.csv"
    path.write_text(LIST + more, encoding="utf-8")
    return path
