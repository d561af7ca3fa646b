"""A stand-in for every command, which Scrapy finds by COMMANDS_MODULE: a command is imported when it is asked for.

Scrapy imports the modules of all commands to know their names. So that `scrapy list` does not load what an export,
a digest and a crawl work with, it is shown names alone here: those of the modules of `crawler.commands`.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from scrapy.commands import ScrapyCommand

from crawler import commands

__path__ = commands.__path__
"""Makes a package of this module. Scrapy goes through the modules of that name, which are in `sys.modules` by then."""


def stand_in(name: str) -> type[ScrapyCommand]:
    """A command that becomes the one of that name as soon as anything of it is asked for."""

    class Command(ScrapyCommand):
        requires_project = True

        def __init__(self) -> None:
            """Nothing yet: Scrapy makes one of every command."""

        def __getattribute__(self, attribute: str) -> Any:
            self.__class__ = command = import_module(f"{commands.__name__}.{name}").Command
            command.__init__(self)
            return getattr(self, attribute)

        # Scrapy makes no command without these two; they are never reached.
        def short_desc(self) -> str:
            raise NotImplementedError

        def run(self, args: list[str], opts: argparse.Namespace) -> None:
            raise NotImplementedError

    Command.__module__ = f"{__name__}.{name}"  # by which Scrapy names it
    return Command


for _name in [module.name for module in iter_modules(__path__)]:
    _command = stand_in(_name)
    _module = sys.modules[_command.__module__] = ModuleType(_command.__module__)
    vars(_module)["Command"] = _command
del _command
