"""The settings that Kabar knows: kind, least and largest value, and meaning of each.

The table holds Kabar's own and those of Scrapy that Kabar relies on; the default of any other setting of
Scrapy shows its kind. A test compares docs/settings.md with this table. `crawler.user_settings` knows where a
value comes from.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from functools import cache
from typing import Any

from scrapy.settings import BaseSettings, default_settings

from crawler.errors import ArgumentError
from crawler.recipients import addresses_of

PROJECT = 20
"""Scrapy's priority of a project's settings: a setting of a higher one was given by a user, a source or a replay."""
_IS_NEAR = 0.83
"""Likeness (difflib's ratio) from which on an unknown name is a misspelling: `LOCKWAIT` has 0.84."""
_BRACKETS = frozenset("();")
"""They would end the comment of the User-Agent that CONTACT stands in."""


@dataclass(frozen=True, slots=True)
class ValueKind:
    """What a value has to be. `types`: those that a TOML file writes it in."""

    noun: str
    types: tuple[type, ...]
    parse: Callable[[Any], object]
    """Raises ValueError, TypeError, KeyError or OverflowError for what is of another kind."""

    def is_written(self, value: object) -> bool:
        """Whether a value of a TOML file has the right type; true is no number."""
        return isinstance(value, self.types) and isinstance(value, bool) <= (bool in self.types)


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _hours(value: Any) -> list[timedelta]:
    """Hours, separated as Scrapy separates lists. Empty: no article is looked at again."""
    parted = value.split(",") if isinstance(value, str) and value else value
    hours = [_finite(each) for each in parted]
    if any(each < 0 for each in hours):
        raise ValueError(value)
    return [timedelta(hours=each) for each in hours]


def _switch(value: Any) -> bool:
    return {"0": False, "false": False, "1": True, "true": True}[str(value).lower()]


def _level(value: Any) -> int:
    return value if isinstance(value, int) else logging.getLevelNamesMapping()[value]


def _contact(value: Any) -> str:
    if not isinstance(value, str) or not value.strip().isprintable() or _BRACKETS & set(value):
        raise ValueError(value)
    return value.strip()


def _recipients(value: Any) -> list[str]:
    if not isinstance(value, str) and not all(isinstance(each, str) for each in value):
        raise ValueError(value)
    return addresses_of(value)


def _language(value: Any) -> str:
    from crawler.web.language import LANGUAGES  # most commands show no page

    if value.lower() not in LANGUAGES:
        raise ValueError(value)
    return str(value)


_LISTED = (list, str)
WHOLE = ValueKind("a whole number", (int,), int)
NUMBER = ValueKind("a number", (int, float), _finite)
SECONDS = ValueKind("a number of seconds", (int, float), _finite)
SWITCH = ValueKind("true or false", (bool,), _switch)
TEXT = ValueKind("a text", (str,), str)
TEXTS = ValueKind("a list of texts", _LISTED, lambda value: value)
HOURS = ValueKind("hours such as 1,6,24", _LISTED, _hours)
LEVEL = ValueKind("DEBUG, INFO, WARNING, ERROR or CRITICAL", (str, int), _level)
CONTACT = ValueKind("an e-mail address, or that of a page", (str,), _contact)
RECIPIENTS = ValueKind("addresses as docs/notify.md has them", _LISTED, _recipients)
LANGUAGE = ValueKind("id or en", (str,), _language)
ANYTHING = ValueKind("a value", (str, int, float, list, dict, bool), lambda value: value)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `least` and `most` bound a number; null: no bound."""

    name: str
    kind: ValueKind
    meaning: str = ""
    least: float | None = None
    most: int | None = None
    is_secret: bool = False
    """Whether no message may repeat its value."""

    def shown(self, value: object) -> str:
        """The value, for a message."""
        return "…" if self.is_secret else str(value)

    @property
    def wanted(self) -> str:
        """What the value has to be, in words."""
        return self.kind.noun if self.least is None else f"{self.kind.noun} from {self.least:g} up"

    def fault(self, value: Any) -> str | None:
        """What is wrong with a value; null where it is good. A null value is good where it is the default."""
        if value is None and getattr(default_settings, self.name, None) is None and self.least is None:
            return None
        try:
            number: Any = self.kind.parse(value)
        except (ValueError, TypeError, KeyError, OverflowError):
            return f"not {self.wanted}"
        if self.least is not None and number < self.least:
            return f"not {self.wanted}"
        if self.most is not None and number > self.most:
            return f"more than {self.most}"
        return None


_CENTURY = 36_500
"""Days; more would leave the calendar."""

SETTINGS: Mapping[str, Setting] = {
    setting.name: setting
    for setting in (
        # Kabar's own
        Setting("DATA_DIR", TEXT, "where everything is kept"),
        Setting("SOURCE_DIRS", TEXTS, "folders of your own source files"),
        Setting("REPLAY", TEXT, "a recording, folder or WARC, that answers every request"),
        Setting("CONTACT", CONTACT, "where an outlet can reach you"),
        Setting(
            "FOLLOW", TEXTS, "what `harvest` crawls, `digest` tells of and `coverage_daily` calls followed"
        ),
        Setting("ALLOW_PRIVATE_HOSTS", TEXTS, "`host:port`, comma-separated, that may be crawled"),
        Setting("FIRST_RUN_DAYS", WHOLE, "how many days back the first run of a source goes", 0, _CENTURY),
        Setting("RECHECK_HOURS", HOURS, "how long after its publication an article is looked at again"),
        Setting("RECHECKS_PER_RUN", WHOLE, "the most articles that one run looks at again", 0),
        Setting("COPY_WINDOW_DAYS", WHOLE, "near copies are looked for among articles", 0, _CENTURY),
        Setting("ACTORS", TEXT, "your list of people, parties, offices and organisations"),
        Setting("NOTIFY", RECIPIENTS, "who is told what broke and what works again", is_secret=True),
        Setting("LANGUAGE", LANGUAGE, "of the status page"),
        Setting("TIMESTAMP_URL", TEXT, "the RFC 3161 service that stamps the chain of segments"),
        Setting("READ_WORKERS", WHOLE, "processes that read pages", 1),
        Setting("LOCK_WAIT_S", SECONDS, "seconds to wait for the store", 0),
        Setting("PUBLISH_EVERY_S", SECONDS, "in a long run, publish `news.duckdb` at most so often", 0),
        Setting("PUBLISH_LOOKS_EVERY_S", SECONDS, "where nothing but times of looking has changed", 0),
        Setting("RETRY_BACKOFF_S", SECONDS, "pause before the first repetition of a failed request", 0),
        Setting(
            "SAME_PAGE_LIMIT", WHOLE, "after so many addresses in a row that lead to one and the same text", 0
        ),
        Setting("HARVEST_AT_ONCE", WHOLE, "sources that `harvest` crawls", 1),
        Setting("HARVEST_BUDGET_S", SECONDS, "the most seconds that `harvest` gives one source", 0),
        Setting(
            "HOST_SILENCE_S",
            SECONDS,
            "a site that has left two requests, and then everything for so many seconds",
            0,
        ),
        # bounds: what is over them stands in docs/settings.md
        Setting("DOWNLOAD_MAXSIZE", WHOLE, least=0),  # 0: none, as Scrapy has it
        Setting("DOWNLOAD_WARNSIZE", WHOLE, least=0),
        Setting("HEADERS_MAX_BYTES", WHOLE, least=16_384),
        Setting("DOWNLOAD_TIMEOUT", SECONDS, least=0.1),
        Setting("REDIRECT_MAX_TIMES", WHOLE, least=0),
        Setting("URLLENGTH_LIMIT", WHOLE, least=1),
        Setting("MAX_PAGES_PER_RUN", WHOLE, least=1),
        Setting("MAX_LINKS_PER_PAGE", WHOLE, least=1),
        Setting("SITEMAP_MAX_LINKS", WHOLE, least=1),
        Setting("SITEMAP_MAX_BYTES", WHOLE, least=1),
        Setting("SITEMAP_MAX_DEPTH", WHOLE, least=1),
        Setting("MAX_ROBOTS_BYTES", WHOLE, least=512_000),  # RFC 9309 asks for at least 500 KiB
        Setting("READ_TIMEOUT_S", SECONDS, least=0.1),
        Setting("READ_MEMORY_MB", WHOLE, least=256, most=1 << 20),  # a page of 2 MB was seen to take 350
        # Scrapy's
        Setting("CONCURRENT_REQUESTS_PER_DOMAIN", WHOLE, least=1),
        Setting("DOWNLOAD_DELAY", SECONDS, least=0),
        Setting("AUTOTHROTTLE_START_DELAY", SECONDS, least=0),
        Setting("CLOSESPIDER_TIMEOUT", SECONDS, least=0),
        Setting("SCRAPER_SLOT_MAX_ACTIVE_SIZE", WHOLE, least=1),
        Setting("LOG_LEVEL", LEVEL),
    )
}


def setting_of(name: str) -> Setting:
    """The setting of that name; for one that Kabar does not know, made from its default."""
    return SETTINGS.get(name) or Setting(name, _kind_of(name, getattr(default_settings, name, None)))


def _kind_of(name: str, default: object) -> ValueKind:
    if isinstance(default, bool) or name.endswith("_ENABLED"):
        return SWITCH
    if isinstance(default, int | float):
        return NUMBER
    return TEXT if isinstance(default, str) else ANYTHING


def check_name(name: str, prefix: str = "", where: str = "") -> None:
    """Raise `ArgumentError` for an unknown name that is near to one of ours.

    Other names, such as `MY_CONTACT`, may belong to an extension of the user's own. `prefix` stands before
    the names in the message, `where` at its beginning.
    """
    near = None if name in vars(default_settings) else _misspelt(name)
    if near:
        raise ArgumentError(f"{where}{prefix}{name}: no such setting; did you mean {prefix}{near}?")


def _misspelt(name: str) -> str | None:
    """The setting that an unknown name was probably meant for; null where it is near to none, or known."""
    ours = _ours()
    near = [] if name in ours else get_close_matches(name.upper(), ours, n=1, cutoff=_IS_NEAR)
    return near[0] if near and not name.endswith(f"_{near[0]}") else None


@cache
def _ours() -> frozenset[str]:
    """Every setting that `crawler.settings` makes, Kabar's own and Scrapy's."""
    from crawler import settings

    return frozenset(name for name in vars(settings) if name.isupper() and not name.startswith("_"))


def check_settings(settings: BaseSettings) -> None:
    """Raise `ArgumentError` for the first setting that is misspelt, or whose value is of another kind."""
    for name in settings:
        if name in SETTINGS or (settings.getpriority(name) or 0) > PROJECT:
            check_name(str(name), "-s ")
            setting = setting_of(str(name))
            if fault := setting.fault(settings[name]):
                raise ArgumentError(f"{name}={setting.shown(settings[name])}: {fault}")
