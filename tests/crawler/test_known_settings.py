"""Which settings there are and what they may be: nonsense is refused before anything is opened."""

from __future__ import annotations

import re

import pytest
from scrapy.settings import Settings, default_settings

from crawler import settings as project
from crawler.errors import ArgumentError
from crawler.known_settings import SETTINGS, check_name, check_settings, setting_of


def given(**values: object) -> Settings:
    """The project's settings, some of them as the command line gives them."""
    settings = Settings()
    settings.setmodule(project, "project")
    settings.setdict(values, "cmdline")
    return settings


def test_the_projects_own_are_good() -> None:
    """Every value of crawler/settings.py passes."""
    check_settings(given())


def test_every_setting_of_our_own_is_known() -> None:
    """The table has a row for each setting of crawler/settings.py that Scrapy does not have."""
    own = {name for name in vars(project) if name.isupper() and not name.startswith("_")}
    assert own - set(vars(default_settings)) <= set(SETTINGS)
    assert set(SETTINGS) <= own | set(vars(default_settings))


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
        ("RECHECK_HOURS", "1,-6", "hours such as 1,6,24"),
        ("DOWNLOAD_DELAY", "-1", "a number of seconds from 0 up"),
        ("CONCURRENT_REQUESTS_PER_DOMAIN", "0", "a whole number from 1 up"),
        ("COOKIES_ENABLED", "mungkin", "true or false"),
        ("DNS_TIMEOUT", "lama", "a number"),
        ("LOG_LEVEL", "KERAS", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
        ("CONTACT", "redaksi, (Jl. Awang)", "an e-mail address, or that of a page"),
    ],
)
def test_nonsense_is_named(name: str, value: str, wanted: str) -> None:
    """In one line, with the value that was given."""
    with pytest.raises(ArgumentError, match=f"^{re.escape(f'{name}={value}: not {wanted}')}"):
        check_settings(given(**{name: value}))


def test_no_article_need_be_looked_at_again() -> None:
    """An empty RECHECK_HOURS is a good one."""
    check_settings(given(RECHECK_HOURS=""))


@pytest.mark.parametrize("name", ["COPY_WINDOW_DAYS", "FIRST_RUN_DAYS", "READ_MEMORY_MB"])
def test_what_no_calendar_and_no_machine_has_is_named(name: str) -> None:
    """In one line too, and not as a fault in the middle of a run."""
    with pytest.raises(ArgumentError, match=f"^{name}=99999999: more than "):
        check_settings(given(**{name: "99999999"}))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("COPY_WINDOW_DAY", "COPY_WINDOW_DAYS"),
        ("copy_window_days", "COPY_WINDOW_DAYS"),
        ("CONTAKT", "CONTACT"),
        ("LOCKWAIT", "LOCK_WAIT_S"),
        ("DATADIR", "DATA_DIR"),
        ("SOURCE_DIR", "SOURCE_DIRS"),
        ("REPLY", "REPLAY"),
        ("DOWNLOAD_DELAYS", "DOWNLOAD_DELAY"),
    ],
)
def test_a_misspelt_setting_is_named_with_the_nearest(name: str, meant: str) -> None:
    """Ours, and those of Scrapy that the project sets: a misspelt pause would go unseen."""
    with pytest.raises(ArgumentError, match=f"^-s {name}: no such setting; did you mean -s {meant}\\?$"):
        check_settings(given(**{name: "3"}))


@pytest.mark.parametrize(
    "name",
    [
        "MY_PIPELINE_FOLDER",
        "MY_CONTACT",
        "SPIDERMON_ENABLED",
        "REDIS_URL",
        "DOWNLOAD_DELAY_JITTER",
        "READ_ONLY",
        "FOLLOW",
        "ACTORS",
        "NOTIFY",
        "TIMESTAMP_URL",
    ],
)
def test_other_names_are_let_pass(name: str) -> None:
    """Scrapy's, those of a user's own extensions, and those that later versions read."""
    check_name(name)


def test_a_value_of_an_unknown_setting_may_be_anything() -> None:
    """Nobody here knows what an extension wants."""
    check_settings(given(MY_PIPELINE_FOLDER="-1 besok"))


def test_the_kind_of_scrapys_settings_is_that_of_their_default() -> None:
    """What Kabar does not list itself."""
    kinds = {
        name: setting_of(name).kind.noun for name in ("COOKIES_DEBUG", "DNS_TIMEOUT", "LOG_FORMAT", "FEEDS")
    }
    assert list(kinds.values()) == ["true or false", "a number", "a text", "a value"]
