"""What Kabar's settings say: where DATA_DIR and the source folders lie, when articles are looked at again, the bounds.

Settings come from the command line as text: `check_numbers` refuses nonsense before anything is opened.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from scrapy.settings import BaseSettings
from scrapy.utils.conf import closest_scrapy_cfg

from crawler.errors import ArgumentError
from crawler.limits import Bounds, Limits
from storage.data_dir import DataDir

_WHOLE: Mapping[str, int] = {
    "COPY_WINDOW_DAYS": 0,
    "DOWNLOAD_MAXSIZE": 0,  # none, as Scrapy has it
    "DOWNLOAD_WARNSIZE": 0,
    "FIRST_RUN_DAYS": 0,
    "HARVEST_AT_ONCE": 1,
    "HEADERS_MAX_BYTES": 16_384,
    "MAX_LINKS_PER_PAGE": 1,
    "MAX_PAGES_PER_RUN": 1,
    "MAX_ROBOTS_BYTES": 512_000,  # RFC 9309 asks for at least 500 KiB
    "READ_MEMORY_MB": 256,  # a page of 2 MB was seen to take 350
    "READ_WORKERS": 1,
    "RECHECKS_PER_RUN": 0,
    "REDIRECT_MAX_TIMES": 0,
    "SAME_PAGE_LIMIT": 0,
    "SITEMAP_MAX_BYTES": 1,
    "SITEMAP_MAX_DEPTH": 1,
    "SITEMAP_MAX_LINKS": 1,
    "URLLENGTH_LIMIT": 1,
}
"""Settings that are whole numbers, and the least that each may be."""
_SECONDS: Mapping[str, float] = {
    "DOWNLOAD_TIMEOUT": 0.1,
    "HARVEST_BUDGET_S": 0,
    "HOST_SILENCE_S": 0,
    "LOCK_WAIT_S": 0,
    "PUBLISH_EVERY_S": 0,
    "READ_TIMEOUT_S": 0.1,
    "RETRY_BACKOFF_S": 0,
}
"""Settings in seconds, and the least that each may be."""


_MOST: Mapping[str, int] = {"COPY_WINDOW_DAYS": 36_500, "FIRST_RUN_DAYS": 36_500, "READ_MEMORY_MB": 1 << 20}
"""The most that some may be: a century, for the calendar has an end, and a terabyte."""


def project_root() -> Path:
    """The folder of `scrapy.cfg`, wherever a command is started below it; else this checkout's."""
    found = closest_scrapy_cfg()
    return Path(found).parent if found else Path(__file__).resolve().parent.parent


def data_dir_of(settings: BaseSettings) -> DataDir:
    """`-s DATA_DIR`, else KABAR_DATA_DIR, else `data/` beside scrapy.cfg; a replay without either has its own."""
    named = settings.get("DATA_DIR") or os.environ.get("KABAR_DATA_DIR")
    if named:
        return DataDir(_for_duckdb(_at_home(named)))
    default = project_root() / "data"
    return DataDir(default / "replay" if settings.get("REPLAY") else default)


def _at_home(named: str | Path) -> Path:
    """A path of a setting, absolute; `ArgumentError` for `~` of a user whom the machine does not know."""
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError as error:
        raise ArgumentError(f"{named}: no such home folder") from error


def _for_duckdb(path: Path) -> Path:
    """The same path; `ArgumentError` where DuckDB would look for it elsewhere, after all was fetched."""
    if "\\" in str(path):
        raise ArgumentError(f"DATA_DIR {path}: a backslash is no part of a name for DuckDB; choose another")
    try:
        str(path).encode()
    except UnicodeError as error:
        raise ArgumentError(f"DATA_DIR {path}: the name is no UTF-8 text") from error
    return path


def recheck_after(settings: BaseSettings) -> list[timedelta]:
    """RECHECK_HOURS: how long after its publication an article is looked at again."""
    return [timedelta(hours=float(hours)) for hours in settings.getlist("RECHECK_HOURS")]


def copy_window(settings: BaseSettings) -> timedelta:
    """COPY_WINDOW_DAYS: near copies are looked for among articles whose days lie at most so far apart."""
    return timedelta(days=settings.getint("COPY_WINDOW_DAYS"))


def check_numbers(settings: BaseSettings) -> None:
    """Raise `ArgumentError` for the first setting that is no number, or too small a one."""
    for kind, table in ((int, _WHOLE), (float, _SECONDS)):
        for name, least in table.items():
            given = settings.get(name)
            try:
                number = kind(given)
                is_good = math.isfinite(number) and number >= least
            except (TypeError, ValueError, OverflowError):
                is_good = False
            if is_good and number > _MOST.get(name, math.inf):
                raise ArgumentError(f"{name}={given}: more than {_MOST[name]}")
            if not is_good:
                what = "a whole number" if kind is int else "a number of seconds"
                raise ArgumentError(f"{name}={given}: not {what} from {least:g} up")
    try:
        recheck_after(settings)
    except (ValueError, OverflowError):
        raise ArgumentError(
            f"RECHECK_HOURS={settings.get('RECHECK_HOURS')}: not hours such as 1,6,24"
        ) from None


def read_limits(settings: BaseSettings) -> Limits:
    """READ_TIMEOUT_S and READ_MEMORY_MB: what one page may cost its reader."""
    return Limits(settings.getfloat("READ_TIMEOUT_S"), settings.getint("READ_MEMORY_MB"))


def document_bounds(settings: BaseSettings) -> Bounds:
    """MAX_LINKS_PER_PAGE, SITEMAP_MAX_…, URLLENGTH_LIMIT: what one discovery document may cost."""
    return Bounds(
        links=settings.getint("MAX_LINKS_PER_PAGE"),
        sitemap_links=settings.getint("SITEMAP_MAX_LINKS"),
        sitemap_depth=settings.getint("SITEMAP_MAX_DEPTH"),
        unpacked_bytes=settings.getint("SITEMAP_MAX_BYTES"),
        url_chars=settings.getint("URLLENGTH_LIMIT"),
    )


def source_dirs(settings: BaseSettings) -> list[Path]:
    """Users' own folders of source files: SOURCE_DIRS, then KABAR_SOURCES (separated like PATH)."""
    named = settings.get("SOURCE_DIRS") or []
    if isinstance(named, str):
        named = named.replace(",", os.pathsep).split(os.pathsep)
    named = [*named, *os.environ.get("KABAR_SOURCES", "").split(os.pathsep)]
    return [_at_home(each) for each in named if each]
