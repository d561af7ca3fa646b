"""What settings say: where folders lie, and what a page may cost."""

from __future__ import annotations

import pytest
from scrapy.settings import Settings

from crawler import settings as project
from crawler.config import data_dir_of, document_bounds, read_limits, source_dirs
from crawler.errors import ArgumentError
from crawler.limits import Bounds, Limits


def given(**values: object) -> Settings:
    """The project's settings, some of them as the command line gives them."""
    settings = Settings()
    settings.setmodule(project, "project")
    settings.setdict(values, "cmdline")
    return settings


def test_the_bounds_of_the_code_are_those_of_the_settings() -> None:
    """What a page and a document may cost is the same with and without settings."""
    assert (document_bounds(given()), read_limits(given())) == (Bounds(), Limits())


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("~tidak-ada/data", "^~tidak-ada/data: no such home folder"),
        ("/data/kal\\tim", r"^DATA_DIR /data/kal\\tim: a backslash"),
        ("/data/kaltim?", r"^DATA_DIR /data/kaltim\?: a question mark"),
        ("/data/kaltim\udce9", "^DATA_DIR /data/kaltim.*: the name is no UTF-8 text"),
    ],
)
def test_a_folder_that_nobody_can_have_is_named(name: str, wanted: str) -> None:
    """Before anything is fetched for it: DuckDB would open another, or none."""
    with pytest.raises(ArgumentError, match=wanted):
        data_dir_of(given(DATA_DIR=name))


def test_an_unknown_home_of_source_files_is_named() -> None:
    """As a folder of them that is not there."""
    with pytest.raises(ArgumentError, match=r"^~tidak-ada/outlets: no such home folder"):
        source_dirs(given(SOURCE_DIRS="~tidak-ada/outlets"))
