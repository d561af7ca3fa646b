"""The user's own settings: `kabar.toml` of the DATA_DIR, and the environment's `KABAR_NAME`, which wins over it.

Both are stronger than the project's settings, and weaker than the command line and than the settings of a
source, a spider or a replay.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scrapy.settings import BaseSettings

from crawler.catalogue.strict_toml import parse_text, read_text
from crawler.config import data_dir_of
from crawler.errors import ArgumentError
from crawler.known_settings import PROJECT, check_name, check_settings, setting_of

PREFIX = "KABAR_"
NO_SETTINGS = frozenset({"KABAR_SOURCES", "KABAR_DEMO_DIR"})
"""Variables with a meaning of their own: folders that are added to SOURCE_DIRS, and where the demo works."""
FILE_NAME = "kabar.toml"
FILE = 27
"""Scrapy's priorities are 20 for the project, 30 for a spider, 40 for the command line."""
ENVIRONMENT = 28


def take_user_settings(settings: BaseSettings) -> None:
    """Lay the user's own settings over the project's, and check all; a second call changes nothing.

    `ArgumentError` or `SourceError`, one line, for the first that is misspelt or of the wrong kind.
    """
    for name, value in from_environment(os.environ).items():
        settings.set(name, value, ENVIRONMENT)
    root = data_dir_of(settings).root
    written = read(root / FILE_NAME)
    for name, value in written.items():
        settings.set(name, _added(settings, name, value), FILE)
    if written:  # also where REPLAY, which the file may set, would have it elsewhere
        settings.set("DATA_DIR", str(root), FILE)
    check_settings(settings)


def from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings of the environment, by name; an empty variable says nothing."""
    found = {}
    for variable in sorted(environment):
        value = environment[variable]
        if variable.startswith(PREFIX) and variable not in NO_SETTINGS and value:
            name = variable.removeprefix(PREFIX)
            check_name(name, PREFIX)
            setting = setting_of(name)
            _refuse(variable, setting.shown(value), setting.fault(value))
            found[name] = value
    return found


def read(path: Path) -> dict[str, Any]:
    """The settings of a file, by name; none where there is no file."""
    if not os.path.lexists(path):
        return {}
    written = parse_text(path, read_text(path))
    for name, value in written.items():
        check_name(name, where=f"{path}: ")
        setting = setting_of(name)
        if name == "DATA_DIR":
            raise ArgumentError(f"{path}: DATA_DIR is where this file lies; -s or KABAR_DATA_DIR says it")
        wrong_type = None if setting.kind.is_written(value) else f"not {setting.wanted}"
        _refuse(f"{path}: {name}", setting.shown(value), wrong_type or setting.fault(value))
    return written


def _refuse(name: str, value: str, fault: str | None) -> None:
    if fault:
        raise ArgumentError(f"{name}={value}: {fault}")


def _added(settings: BaseSettings, name: str, value: Any) -> Any:
    """The value, added to the present one where both are tables: TOML cannot switch a component off."""
    return {**settings.getdict(name), **value} if isinstance(value, dict) else value


def take_delay(settings: BaseSettings, delay_s: float | None) -> None:
    """Take a source's own delay, unless the user sets a longer one for all. The command line wins."""
    if delay_s is not None:
        is_said = (settings.getpriority("DOWNLOAD_DELAY") or 0) > PROJECT
        longest_s = max(delay_s, settings.getfloat("DOWNLOAD_DELAY")) if is_said else delay_s
        settings.set("DOWNLOAD_DELAY", longest_s, priority="spider")
