"""`scrapy settings --get NAME`: what a setting is, with the user's own and the command line's."""

from __future__ import annotations

import argparse

from scrapy.commands.settings import Command as ScrapySettings

from crawler.command import OneLineFaults, checked
from crawler.config import data_dir_of
from crawler.known_settings import check_name
from crawler.user_settings import take_user_settings


class Command(OneLineFaults, ScrapySettings):
    """Scrapy's own command, which looks at the project's settings only, after `kabar.toml` and KABAR_…."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Lay the user's settings over the project's, then answer; DATA_DIR is the folder that every command uses."""
        assert self.settings is not None
        with checked(self):
            take_user_settings(self.settings)
            for name in (opts.get, opts.getbool, opts.getint, opts.getfloat, opts.getlist):
                check_name(name or "")
            self.settings.set("DATA_DIR", str(data_dir_of(self.settings).root), priority="cmdline")
            super().run(args, opts)
