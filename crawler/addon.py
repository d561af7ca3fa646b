"""Settings that follow from other settings: the User-Agent from CONTACT, the replay from REPLAY."""

from __future__ import annotations

import os

from scrapy.settings import BaseSettings

from crawler import __version__

OVER_PROJECT = 25
"""Stronger than settings.py, weaker than a source's own politeness and the command line."""
OVER_SPIDER = 35


class KabarAddon:
    """Scrapy applies it to every crawler, before anything reads the settings."""

    def update_settings(self, settings: BaseSettings) -> None:
        contact = contact_of(settings)
        settings.set("CONTACT", contact, OVER_PROJECT)
        settings.set("USER_AGENT", user_agent(contact), OVER_PROJECT)
        if settings.get("REPLAY"):
            handler = "crawler.replay.ReplayHandler"
            settings.set("DOWNLOAD_HANDLERS", {"http": handler, "https": handler}, OVER_SPIDER)
            settings.set("DOWNLOAD_DELAY", 0, OVER_SPIDER)


def contact_of(settings: BaseSettings) -> str:
    """The operator's address: CONTACT, else KABAR_CONTACT; empty where neither is set."""
    return settings.get("CONTACT") or os.environ.get("KABAR_CONTACT", "")


def user_agent(contact: str) -> str:
    """Says what we are and whom to ask; never another's name."""
    return f"Kabar/{__version__} (news archive{f'; {contact}' if contact else ''})"
