"""What a process does for its first command and its first page alone, done when this is imported.

Imports, patterns, the list of public suffixes and the profiles of 55 languages take longer than reading a
hundred pages. Nothing here reads the environment, opens a file that a test may write, or installs a reactor.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from importlib import import_module
from pkgutil import iter_modules

import scrapy.commands

import crawler.commands
from crawler.catalogue.load import load_catalogue
from crawler.downloader.rate_limit import domain_of
from pipelines.article import Page
from pipelines.language import label
from pipelines.read import read
from pipelines.rules import Rules
from tests.kit.outlet import article_page, posts

LIBRARIES = (
    "multiprocessing.spawn",
    "twisted.internet.asyncioreactor",
    "twisted.web.client",
    "twisted.names.client",
    "scrapy.__main__",
    "scrapy.core.engine",
    "scrapy.core.scheduler",
    "scrapy.core.scraper",
    "scrapy.core.downloader.handlers.http11",  # its deprecated classes look at every module there is
    "scrapy.pqueues",
    "scrapy.squeues",
    "scrapy.dupefilters",
    "scrapy.extensions.corestats",
    "scrapy.extensions.feedexport",
    "scrapy.extensions.logstats",
    "scrapy.extensions.memusage",
    "crawler.exporters",
    "crawler.harvest",
    "crawler.middlewares",
    "crawler.pipelines",
    "crawler.downloader.handler",
    "crawler.downloader.slots",
    "storage.merge",
    "storage.publish",
    "duckdb",
    "rensa",
    "fastwarc",
    "pebble",
    "rich.progress",
)
_MOMENT = datetime(2024, 11, 20, tzinfo=UTC)
_PAGE = article_page(posts(_MOMENT, count=1)[0]).encode()

for _name in LIBRARIES:
    import_module(_name)
for _package in (scrapy.commands, crawler.commands):
    for _module in iter_modules(_package.__path__, f"{_package.__name__}."):
        import_module(_module.name)
sys.modules.pop("crawler.settings", None)  # its import makes a command's streams fit for use
load_catalogue()
domain_of("wartateluk.example")
label("The words of no local paper")  # langdetect is asked, and has its profiles now
list(read(Page("https://wartateluk.example/", "teluk", _MOMENT, 200, (), _PAGE), Rules(source="teluk")))
