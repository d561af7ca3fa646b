"""One spider per source file, beside the hand-written ones of SPIDER_MODULES."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from scrapy import Request, Spider
from scrapy.settings import BaseSettings
from scrapy.spiderloader import SpiderLoader

from crawler import spiders
from crawler.catalogue.model import Catalogue
from crawler.catalogue.strict_toml import SourceError
from crawler.config import catalogue_of
from crawler.console.text import complain
from crawler.errors import ArgumentError
from crawler.user_settings import take_user_settings

if TYPE_CHECKING:
    from crawler.spiders.source import SourceSpider

OURS = ("loader", "source")
"""The modules of `crawler.spiders` that hold no spider of a user's. What a spider works with is loaded with the spider."""


class SourceLoader(SpiderLoader):
    """Scrapy's loader, which knows the sources too. A hand-written spider of the same name wins."""

    def __init__(self, settings: BaseSettings) -> None:
        settings = settings.copy()
        settings.frozen = False  # commands without a crawl come here before the user's settings were taken
        try:
            take_user_settings(settings)
            self.catalogue: Catalogue = catalogue_of(settings)
        except (SourceError, ArgumentError) as error:
            # Scrapy asks for the loader before any command of ours can turn an error into a line.
            complain(str(error))
            raise SystemExit(2) from None
        settings.set("SPIDER_MODULES", list(_spider_modules(settings)), priority="cmdline")
        super().__init__(settings)

    def load(self, spider_name: str) -> type[Spider]:
        """The spider class of that name; KeyError where there is none."""
        if spider_name in self._spiders:
            return self._spiders[spider_name]
        if spider_name not in self.catalogue:
            raise KeyError(f"Spider not found: {spider_name}")
        return spider_class(self.catalogue, spider_name)

    def list(self) -> builtins.list[str]:
        """The names of all spiders, hand-written ones and sources."""
        return sorted({*self._spiders, *self.catalogue})

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """The spiders that an address belongs to: by the host of a source, or as Scrapy has it."""
        source = self.catalogue.by_url(request.url)
        return [*super().find_by_request(request), *([source.name] if source else [])]


def _spider_modules(settings: BaseSettings) -> Iterator[str]:
    """SPIDER_MODULES, less the modules of our own folder that hold no spider."""
    for name in settings.getlist("SPIDER_MODULES"):
        if name != spiders.__name__:
            yield name
        else:
            yield from (
                f"{name}.{each.name}" for each in iter_modules(spiders.__path__) if each.name not in OURS
            )


def spider_class(catalogue: Catalogue, name: str) -> type[SourceSpider]:
    """A spider class for one source. Each call makes a new one: `scrapy parse` overwrites its `start`."""
    from crawler.spiders.source import SourceSpider

    source = catalogue[name]
    return type(f"{name.title().replace('_', '')}Spider", (SourceSpider,), {"name": name, "source": source})
