"""What settings may say: numbers are checked before anything is opened."""

from __future__ import annotations

import pytest
from scrapy.settings import Settings

from crawler import settings as project
from crawler.config import check_numbers, data_dir_of, document_bounds, read_limits, source_dirs
from crawler.errors import ArgumentError
from crawler.limits import Bounds, Limits


def given(**values: object) -> Settings:
    """The project's settings, some of them as the command line gives them."""
    settings = Settings()
    settings.setmodule(project, "project")
    settings.setdict(values, "cmdline")
    return settings


def test_the_projects_own_are_good() -> None:
    """And the bounds of the code are those of the settings."""
    check_numbers(given())
    assert (document_bounds(given()), read_limits(given())) == (Bounds(), Limits())


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("READ_TIMEOUT_S", "-1", "a number of seconds from 0.1 up"),
        ("READ_TIMEOUT_S", "nan", "a number of seconds"),
        ("DOWNLOAD_TIMEOUT", "lama", "a number of seconds"),
        ("READ_MEMORY_MB", "banyak", "a whole number from 256 up"),
        ("READ_MEMORY_MB", "10", "a whole number from 256 up"),
        ("READ_WORKERS", "0", "a whole number from 1 up"),
        ("MAX_PAGES_PER_RUN", "0", "a whole number from 1 up"),
        ("MAX_LINKS_PER_PAGE", "1.5", "a whole number from 1 up"),
        ("MAX_ROBOTS_BYTES", "1000", "a whole number from 512000 up"),
        ("DOWNLOAD_MAXSIZE", "", "a whole number from 0 up"),
        ("REDIRECT_MAX_TIMES", "-2", "a whole number from 0 up"),
        ("RECHECK_HOURS", "1,besok", "hours such as 1,6,24"),
    ],
)
def test_nonsense_is_named(name: str, value: str, wanted: str) -> None:
    """In one line, with the value that was given."""
    with pytest.raises(ArgumentError, match=f"^{name}={value}: not {wanted}"):
        check_numbers(given(**{name: value}))


@pytest.mark.parametrize("name", ["COPY_WINDOW_DAYS", "FIRST_RUN_DAYS", "READ_MEMORY_MB"])
def test_what_no_calendar_and_no_machine_has_is_named(name: str) -> None:
    """In one line too, and not as a fault in the middle of a run."""
    with pytest.raises(ArgumentError, match=f"^{name}=99999999: more than "):
        check_numbers(given(**{name: "99999999"}))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("~tidak-ada/data", "^~tidak-ada/data: no such home folder"),
        ("/data/kal\\tim", r"^DATA_DIR /data/kal\\tim: a backslash"),
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
