"""Lists of feeds in OPML 2.0, which every feed reader takes: the sources' own, and those of others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urljoin
from xml.etree import ElementTree

from lxml import etree

from crawler.catalogue.model import Source
from crawler.catalogue.url_template import fill, is_dated
from pipelines.address import host_of

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


def sites_of(document: bytes) -> list[str]:
    """The sites that a list names, each host once, in its order: an outline's front page, else its feed's host.

    ValueError where it is no OPML; no entity is fetched.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    if root.tag != "opml":
        raise ValueError(f"its root is {root.tag!r}, not opml")
    found: dict[str, str] = {}
    for outline in root.iter("outline"):
        home, feed = outline.get("htmlUrl") or "", outline.get("xmlUrl") or ""
        for url in (home, urljoin(feed, "/")):
            if url.startswith(("http://", "https://")) and host_of(url):
                found.setdefault(host_of(url), url)
                break
    return list(found.values())


def feeds_of(source: Source) -> list[str]:
    """The addresses of its feeds; one that is only guessed, or of one day, is no address to subscribe to."""
    found = (
        entry.url
        for entry in source.entries
        if entry.kind == "rss" and not entry.is_guess and not is_dated(entry.url)
    )
    return list(dict.fromkeys(fill(url, {"n": 1}) for url in found))
