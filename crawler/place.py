"""What Kabar's settings say: where DATA_DIR and the source folders lie, when articles are looked at again."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from scrapy.settings import BaseSettings
from scrapy.utils.conf import closest_scrapy_cfg

from storage.data_dir import DataDir


def project_root() -> Path:
    """The folder of `scrapy.cfg`, wherever a command is started below it; else this checkout's."""
    found = closest_scrapy_cfg()
    return Path(found).parent if found else Path(__file__).resolve().parent.parent


def data_dir_of(settings: BaseSettings) -> DataDir:
    """`-s DATA_DIR`, else KABAR_DATA_DIR, else `data/` beside scrapy.cfg; a replay without either has its own."""
    named = settings.get("DATA_DIR") or os.environ.get("KABAR_DATA_DIR")
    if named:
        return DataDir(Path(named).expanduser().absolute())
    default = project_root() / "data"
    return DataDir(default / "replay" if settings.get("REPLAY") else default)


def recheck_after(settings: BaseSettings) -> list[timedelta]:
    """RECHECK_HOURS: how long after its publication an article is looked at again."""
    return [timedelta(hours=float(hours)) for hours in settings.getlist("RECHECK_HOURS")]


def copy_window(settings: BaseSettings) -> timedelta:
    """COPY_WINDOW_DAYS: near copies are looked for among articles whose days lie at most so far apart."""
    return timedelta(days=settings.getint("COPY_WINDOW_DAYS"))


def source_dirs(settings: BaseSettings) -> list[Path]:
    """Users' own folders of source files: SOURCE_DIRS, then KABAR_SOURCES (separated like PATH)."""
    named = settings.get("SOURCE_DIRS") or []
    if isinstance(named, str):
        named = named.replace(",", os.pathsep).split(os.pathsep)
    named = [*named, *os.environ.get("KABAR_SOURCES", "").split(os.pathsep)]
    return [Path(each).expanduser().absolute() for each in named if each]
