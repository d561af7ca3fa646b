"""Settings that follow from others: the user's own, the User-Agent from CONTACT, the replay from REPLAY."""

from __future__ import annotations

from scrapy.settings import BaseSettings

from crawler import __version__
from crawler.catalogue.strict_toml import SourceError
from crawler.console.text import complain, make_logs_printable
from crawler.errors import WRONG_USE, ArgumentError
from crawler.interruption import be_brief
from crawler.known_settings import SETTINGS
from crawler.settings import DOWNLOAD_HANDLERS as WEB_ONLY
from crawler.user_settings import take_user_settings

OVER_PROJECT = 25
"""Stronger than settings.py, weaker than a source's own politeness and the command line."""
OVER_SPIDER = 35
SWITCHED_OFF = {
    "COOKIES_ENABLED": (
        "DOWNLOADER_MIDDLEWARES_BASE",
        "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",
    ),
    "REMOTE_CONTROL_ENABLED": ("EXTENSIONS_BASE", "scrapy.extensions.remote_control.RemoteControl"),
}
"""Components that Scrapy imports although they are switched off: with two HTTP clients, much of a short crawl's start."""


class KabarAddon:
    """Scrapy applies it to every crawler, before anything reads the settings."""

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """Before the first line is logged, and before Scrapy looks for spiders."""
        make_logs_printable()
        be_brief()
        try:
            take_user_settings(settings)
        except (ArgumentError, SourceError) as error:
            # Scrapy makes its process before any command can turn an error into a line.
            complain(str(error))
            raise SystemExit(WRONG_USE) from None

    def update_settings(self, settings: BaseSettings) -> None:
        contact = contact_of(settings)
        settings.set("CONTACT", contact, OVER_PROJECT)
        settings.set("USER_AGENT", user_agent(contact), OVER_PROJECT)
        for switch, (setting, component) in SWITCHED_OFF.items():
            if not settings.getbool(switch):
                settings[setting].pop(component, None)
        if settings.get("REPLAY"):
            handler = "crawler.downloader.replay.ReplayHandler"
            settings.set("DOWNLOAD_HANDLERS", WEB_ONLY | {"http": handler, "https": handler}, OVER_SPIDER)
            settings.set("DOWNLOAD_DELAY", 0, OVER_SPIDER)


def contact_of(settings: BaseSettings) -> str:
    """The operator's address; empty where none is set, `ArgumentError` where it is none."""
    contact: str = settings.get("CONTACT") or ""
    fault = SETTINGS["CONTACT"].fault(contact)
    if fault:
        raise ArgumentError(f"CONTACT={contact}: {fault}")
    return contact.strip()


def user_agent(contact: str) -> str:
    """The User-Agent: names Kabar and the operator's address.

    It has the form that browsers and the large robots share: some outlets refuse any other.
    """
    return f"Mozilla/5.0 (compatible; Kabar/{__version__}{f'; +{contact}' if contact else ''})"
