"""What Kabar's settings say: where DATA_DIR and the source folders lie, when articles are looked at again, the bounds.

Settings come from the command line as text; `crawler.known_settings` has refused nonsense before.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.settings import BaseSettings
from scrapy.utils.conf import closest_scrapy_cfg

from crawler.catalogue.load import load_catalogue
from crawler.catalogue.model import Catalogue
from crawler.errors import ArgumentError
from crawler.limits import Bounds, Limits
from crawler.recipients import addresses_of
from storage.data_dir import DataDir

if TYPE_CHECKING:
    from crawler.web.language import Language


def project_root() -> Path:
    """The folder of `scrapy.cfg`, wherever a command is started below it; else this checkout's.

    An installed package has no checkout: there it is the folder that the command is started in.
    """
    found = closest_scrapy_cfg()
    if found:
        return Path(found).parent
    above = Path(__file__).resolve().parent.parent
    return above if (above / "scrapy.cfg").exists() else Path.cwd()


def data_dir_of(settings: BaseSettings) -> DataDir:
    """DATA_DIR, else `data/` of the project's root; a replay without it has its own."""
    named = settings.get("DATA_DIR")
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
    """The same path; `ArgumentError` where DuckDB would read it as another, which only a merge would show."""
    for sign, name in (("\\", "backslash"), ("?", "question mark")):
        if sign in str(path):
            raise ArgumentError(f"DATA_DIR {path}: a {name} is no part of a name for DuckDB; choose another")
    try:
        str(path).encode()
    except UnicodeError as error:
        raise ArgumentError(f"DATA_DIR {path}: the name is no UTF-8 text") from error
    return path


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """What the settings say of store and ledger. No field has a default, so no command can forget one."""

    wait_s: float
    """LOCK_WAIT_S: who cannot have the store for so long gives up."""
    publish_every_s: float
    """PUBLISH_EVERY_S: at most one publish in so many seconds; the end of the command makes the last one good."""
    publish_looks_every_s: float
    """PUBLISH_LOOKS_EVERY_S: the same of a publish that shows nothing but times of looking, runs and requests."""
    copy_window: timedelta
    """COPY_WINDOW_DAYS: near copies are looked for among articles whose days lie at most so far apart."""
    recheck_after: tuple[timedelta, ...]
    """RECHECK_HOURS: how long after its publication an article is looked at again."""
    actors: Path | None
    """ACTORS: the user's list of actors. Null: DATA_DIR/actors.csv or .toml, where it is there."""


def store_options(settings: BaseSettings) -> StoreOptions:
    """The one place where the settings of store and ledger are read; `check_numbers` passed them before."""
    return StoreOptions(
        wait_s=settings.getfloat("LOCK_WAIT_S"),
        publish_every_s=settings.getfloat("PUBLISH_EVERY_S"),
        publish_looks_every_s=settings.getfloat("PUBLISH_LOOKS_EVERY_S"),
        copy_window=timedelta(days=settings.getint("COPY_WINDOW_DAYS")),
        recheck_after=_recheck_after(settings),
        actors=_at_home(named) if (named := settings.get("ACTORS")) else None,
    )


def _recheck_after(settings: BaseSettings) -> tuple[timedelta, ...]:
    return tuple(timedelta(hours=float(hours)) for hours in settings.getlist("RECHECK_HOURS"))


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


def follow_words(settings: BaseSettings) -> list[str]:
    """FOLLOW: what the user follows, a word each. Empty: every enabled source."""
    named = settings.get("FOLLOW") or []
    words = named.split(",") if isinstance(named, str) else map(str, named)
    return [word.strip() for word in words if word.strip()]


def recipients(settings: BaseSettings) -> list[str]:
    """NOTIFY: the addresses of those who are told what broke."""
    return addresses_of(settings.get("NOTIFY") or [])


def language(settings: BaseSettings, default: Language) -> Language:
    """LANGUAGE: what pages are written in where their command does not say."""
    from crawler.web.language import LANGUAGES  # most commands show no page

    named = str(settings.get("LANGUAGE") or "").lower()
    return next((each for each in LANGUAGES if each == named), default)


def catalogue_of(settings: BaseSettings) -> Catalogue:
    """All sources, the user's own included; raises `SourceError`."""
    return load_catalogue(source_dirs(settings), follow_words(settings))
