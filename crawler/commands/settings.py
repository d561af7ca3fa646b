"""`scrapy settings --get NAME`: what a setting is, with the user's own and the command line's."""

from __future__ import annotations

import argparse

from scrapy.commands.settings import Command as ScrapySettings

from crawler.command import checked
from crawler.user_settings import take_user_settings


class Command(ScrapySettings):
    """Scrapy's own command, which looks at the project's settings only, after `kabar.toml` and KABAR_…."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Lay the user's settings over the project's, then answer."""
        assert self.settings is not None
        with checked(self):
            take_user_settings(self.settings)
            super().run(args, opts)
