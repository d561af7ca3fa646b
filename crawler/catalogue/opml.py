"""The sources' feeds as OPML 2.0, the list that every feed reader takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree

from crawler.catalogue.model import Source
from crawler.catalogue.url_template import fill, is_dated

_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 can hold."""


def opml(sources: Sequence[Source], now: datetime) -> bytes:
    """The document: an outline for each feed, under its outlet's title and front page. A source without a feed is left out."""
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = "Kabar"
    ElementTree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = ElementTree.SubElement(root, "body")
    for source in sources:
        for url in feeds_of(source):
            values = {
                "type": "rss",
                "text": source.title,
                "title": source.title,
                "xmlUrl": url,
                "htmlUrl": source.home,
            }
            ElementTree.SubElement(
                body, "outline", {name: _NO_XML.sub("\ufffd", value) for name, value in values.items()}
            )
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def feeds_of(source: Source) -> list[str]:
    """The addresses of its feeds; one that is only guessed, or of one day, is no address to subscribe to."""
    found = (
        entry.url
        for entry in source.entries
        if entry.kind == "rss" and not entry.is_guess and not is_dated(entry.url)
    )
    return list(dict.fromkeys(fill(url, {"n": 1}) for url in found))
