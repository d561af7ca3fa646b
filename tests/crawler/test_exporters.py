"""Whether a feed (`-O`) can be written is known before anything is asked of a site."""

from __future__ import annotations

from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.errors import ArgumentError
from crawler.exporters import check_feeds


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One that holds a file."""
    (tmp_path / "berkas").touch()
    return tmp_path


@pytest.mark.parametrize("name", ["baru.csv", "folder/baru.csv", "berkas"])
def test_a_feed_may_be_new_or_there(folder: Path, name: str) -> None:
    """In folders that Scrapy makes, too; nothing is made here."""
    check_feeds(Settings({"FEEDS": {str(folder / name): {}, (folder / name).as_uri(): {}, "stdout:": {}}}))
    assert [path.name for path in folder.iterdir()] == ["berkas"]


@pytest.mark.parametrize(("name", "there"), [("", ""), ("berkas/baru.csv", "berkas")])
def test_a_feed_that_cannot_be_written_is_named(folder: Path, name: str, there: str) -> None:
    """A folder, and what would lie below a file."""
    feed = str(folder / name)
    with pytest.raises(ArgumentError) as raised:
        check_feeds(Settings({"FEEDS": {feed: {}}}))
    assert str(raised.value) == f"-O {feed}: {folder / there} cannot be written"
