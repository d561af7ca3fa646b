"""Source files held against their live sites on demand: a look at each, a few sites at a time; no page is stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import BaseSettings, Settings

from crawler.catalogue.model import Source
from crawler.config import read_limits
from crawler.crawl.session import session_of
from crawler.crawl.several import some_at_once
from crawler.discovery.window import Window
from crawler.downloader.access import holds, sentence_of
from crawler.downloader.asker import Asker
from crawler.interruption import Interruption
from crawler.ledger.connection import LedgerDamaged
from crawler.ledger.ledger import Ledger
from crawler.processing.workers import Readers
from crawler.user_settings import take_delay
from crawler.verify.look import MAX_REQUESTS, FirstContact
from crawler.verify.report import Look
from storage.data_dir import AlreadyRunning, DatabaseBusy, DataDir


@dataclass(slots=True)
class Verified:
    """The result for one source."""

    look: Look | None = None
    """Null: it was not looked at, `why_not` says why."""
    at: datetime | None = None
    why_not: str | None = None


class VerifySpider(Spider):
    """Takes a look; yields nothing, archives nothing."""

    name = "verify"
    source: ClassVar[Source]
    verified: ClassVar[Verified]

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """The source's own delay, no item pipeline, no feed."""
        super().update_settings(settings)
        take_delay(settings, cls.source.delay_s)
        settings.set("ITEM_PIPELINES", {}, priority="cmdline")

    async def start(self) -> AsyncIterator[Any]:
        """Look, while no crawl of the source asks its site as well."""
        session = session_of(self.crawler)
        session.source = self.source
        with ExitStack() as held:
            try:
                lock = session.lock()
                await asyncio.to_thread(held.enter_context, lock)
                path, wait_s = session.data_dir.ledger, session.merger.options.wait_s
                ledger = await asyncio.to_thread(Ledger, path, wait_s=wait_s)
                held.callback(ledger.close)
            except (AlreadyRunning, DatabaseBusy, LedgerDamaged) as error:
                self.verified.why_not = str(error)
                return
            pause = ledger.sites.pause_of(self.source.name)
            if pause is not None and holds(pause, self.source, session.now()):
                name = self.source.name
                self.verified.why_not = (
                    f"{name}: {sentence_of(pause)}; scrapy sources {name} --retry lifts it"
                )
                return
            if not session.is_replay:
                session.attend(ledger)
            window = Window(None, None, self.source.timezone, self.source.clock)
            contact = FirstContact(self.source, session, Asker(self.crawler, MAX_REQUESTS), window)
            self.verified.look, self.verified.at = await contact.take(), session.now()
        return
        yield  # an async generator, as Scrapy asks, that yields nothing


@dataclass(slots=True)
class Verification:
    """One run over some sources, each of which has a host of its own."""

    sources: Sequence[Source]
    found: dict[str, Verified] = field(default_factory=dict)
    interruption: Interruption = field(default_factory=Interruption)

    def run(self, process: AsyncCrawlerProcess, settings: Settings) -> None:
        """Look at all of them, HARVEST_AT_ONCE at a time."""

        def make(source: Source) -> Crawler:
            self.found[source.name] = Verified(
                why_not=f"{source.name}: the look did not begin; the log says why"
            )
            spider = type(
                "VerifyOne", (VerifySpider,), {"source": source, "verified": self.found[source.name]}
            )
            return process.create_crawler(spider)

        def ended(source: Source, crawler: Crawler, error: BaseException | None) -> None:
            if error is not None:
                self.found[source.name].why_not = f"{source.name}: the look failed ({error})"

        with closing(Readers.shared(settings.getint("READ_WORKERS"), read_limits(settings))):
            most = settings.getint("HARVEST_AT_ONCE")
            some_at_once(process, self.sources, most, make, ended, self.interruption)
            with self.interruption.heard(process):
                process.start()

    def note(self, data_dir: DataDir, wait_s: float) -> None:
        """Write the results of the sites that answered into the ledger."""
        with closing(Ledger(data_dir.ledger, wait_s=wait_s)) as ledger:
            for name, verified in self.found.items():
                look, at = verified.look, verified.at
                if look is not None and at is not None and look.answered:
                    ledger.sites.note_look(name, look.result(at))
