"""`kabar COMMAND …`: the command line of `scrapy` in a checkout, from any folder and without one.

The commands and their options are Scrapy's mechanism. Only the command that is named is imported.
"""

from __future__ import annotations

import argparse
import os
import pkgutil
import sys
from cProfile import Profile
from importlib import import_module
from importlib.metadata import entry_points
from typing import NoReturn, cast

import scrapy.commands
from scrapy.cmdline import ScrapyArgumentParser
from scrapy.commands import ScrapyCommand, ScrapyHelpFormatter
from scrapy.crawler import AsyncCrawlerProcess, CrawlerProcess
from scrapy.exceptions import UsageError
from scrapy.settings import Settings, default_settings
from scrapy.utils.project import get_project_settings

from crawler import __version__
from crawler.catalogue.strict_toml import nearest
from crawler.console.text import complain, say
from crawler.errors import WRONG_USE

OURS = "crawler.commands"
SCRAPYS = "scrapy.commands"


def main() -> NoReturn:
    """Run the command of the process's arguments, and exit with its code."""
    use_project()
    settings = get_project_settings()  # before anything is printed: it makes the streams fit for use
    words = sys.argv[1:]
    at = next((n for n, word in enumerate(words) if not word.startswith("-")), None)
    if at is None:
        say(f"kabar {__version__}") if "--version" in words else show_commands()
        raise SystemExit(0)
    raise SystemExit(run(words[at], [*words[:at], *words[at + 1 :]], settings))


def use_project() -> None:
    """Make this the Scrapy project of the process, whatever scrapy.cfg is found."""
    os.environ["SCRAPY_SETTINGS_MODULE"] = "crawler.settings"
    os.environ["SCRAPY_PROJECT"] = "kabar"  # no scrapy.cfg names settings for it


def run(name: str, words: list[str], settings: Settings) -> int:
    """Run one command with its options and arguments; its exit code."""
    locations = command_locations()
    if name not in locations:
        complain(f"{name}: no such command{nearest(name, locations)} (kabar alone lists them)")
        return WRONG_USE
    command = load(name, locations[name])
    parser = prepared(command, name, settings)
    options, arguments = parser.parse_known_args(words)
    try:
        command.process_options(arguments, options)
        if command.requires_crawler_process:
            command.crawler_process = process_of(settings)
        carry_out(command, arguments, options)
    except UsageError as error:
        if str(error):
            parser.error(str(error))
        if error.print_help:
            parser.print_help()
        return WRONG_USE
    return command.exitcode


def command_locations() -> dict[str, str]:
    """Every command's name and where its class is found. Ours win over those of other packages, and of Scrapy."""
    found = {module.name: SCRAPYS for module in pkgutil.iter_modules(scrapy.commands.__path__)}
    found |= {point.name: point.value for point in entry_points(group=SCRAPYS)}
    ours = import_module(OURS)
    return found | {module.name: OURS for module in pkgutil.iter_modules(ours.__path__)}


def load(name: str, location: str) -> ScrapyCommand:
    """A command: class `Command` of its module, or what a package's entry point names."""
    module, _, attribute = location.partition(":")
    if not attribute:
        module, attribute = f"{location}.{name}", "Command"
    return cast("ScrapyCommand", getattr(import_module(module), attribute)())


def prepared(command: ScrapyCommand, name: str, settings: Settings) -> argparse.ArgumentParser:
    """The parser of a command; gives the command its settings."""
    settings.setdict(command.default_settings, priority="command")
    if "EDITOR" in os.environ:
        settings["EDITOR"] = os.environ["EDITOR"]
    command.settings = settings
    parser = ScrapyArgumentParser(
        prog="kabar",
        usage=f"kabar {name} {command.syntax()}",
        formatter_class=ScrapyHelpFormatter,
        conflict_handler="resolve",
        description=command.long_desc(),
    )
    command.add_options(parser)
    return parser


def process_of(settings: Settings) -> CrawlerProcess | AsyncCrawlerProcess:
    """The process that runs crawls, of the kind that the settings ask for."""
    is_asyncio = settings["TWISTED_REACTOR"] == default_settings.TWISTED_REACTOR
    if settings.getbool("TWISTED_REACTOR_ENABLED") and (
        not is_asyncio or settings.getbool("FORCE_CRAWLER_PROCESS")
    ):
        return CrawlerProcess(settings)
    return AsyncCrawlerProcess(settings)


def carry_out(command: ScrapyCommand, arguments: list[str], options: argparse.Namespace) -> None:
    """Do a command's work, under Python's profiler where `--profile FILE` asks for it."""
    if not options.profile:
        command.run(arguments, options)
        return
    profile = Profile()
    try:
        profile.runcall(command.run, arguments, options)
    finally:
        profile.dump_stats(options.profile)


def show_commands() -> None:
    """Every command with a line about it."""
    say("usage: kabar COMMAND [options] [arguments]")
    say()
    for name, location in sorted(command_locations().items()):
        say(f"  {name:<13} {load(name, location).short_desc()}")
    say()
    say("kabar COMMAND -h says more about a command, kabar --version which Kabar this is.")


if __name__ == "__main__":
    main()
