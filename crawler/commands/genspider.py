"""`scrapy genspider NAME HOME -t kabar`: a spider of one's own that yields Articles."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from scrapy.commands.genspider import Command as ScrapyGenspider
from scrapy.commands.genspider import extract_domain, verify_url_scheme
from scrapy.utils.conf import closest_scrapy_cfg

import crawler
from crawler.command import OneLineFaults, checked
from crawler.console.text import say, short
from crawler.errors import ArgumentError
from crawler.spiders.loader import SourceLoader

OURS = Path(crawler.__file__).parent / "templates" / "spiders"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Command(OneLineFaults, ScrapyGenspider):
    """Scrapy's own command, with a template whose spider yields Articles."""

    def short_desc(self) -> str:
        return "Write a spider of your own; with -t kabar one that yields Articles"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check what Scrapy does not, then write the file."""
        assert self.settings is not None
        with checked(self):
            if not closest_scrapy_cfg():  # an installed package is no place for a user's files
                self.settings.set("NEWSPIDER_MODULE", None, priority="cmdline")
            if not (opts.list or opts.dump):
                self._check(args)
            super().run(args, opts)
            if opts.template == "kabar" and not (opts.list or opts.dump):
                self._say_next(args[0])

    def _check(self, args: list[str]) -> None:
        if len(args) != 2:
            raise ArgumentError("scrapy genspider takes a name and the address of a site")
        name, home = args
        if not _NAME.fullmatch(name):
            raise ArgumentError(f"{name}: a spider's name is a-z, 0-9 and _ only, and begins with a letter")
        if not extract_domain(verify_url_scheme(home)):
            raise ArgumentError(f"{home}: no address of a site")
        assert self.settings is not None
        if name in SourceLoader.from_settings(self.settings).list():
            raise ArgumentError(f"{name}: there is a source or a spider of that name")

    def _say_next(self, name: str) -> None:
        run = (
            f"scrapy crawl {name}"
            if closest_scrapy_cfg()
            else f"kabar runspider {short(Path.cwd() / name)}.py"
        )
        say("next: correct its zone and the links of its lists, then")
        say(f"  {run}")

    def _find_template(self, template: str) -> Path | None:
        ours = OURS / f"{template}.tmpl"
        return ours if ours.exists() else super()._find_template(template)

    def _list_templates(self) -> None:
        super()._list_templates()
        for file in sorted(OURS.glob("*.tmpl")):
            say(f"  {file.stem}  (yields Articles)")
