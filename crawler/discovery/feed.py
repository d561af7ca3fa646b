"""RSS 0.9x, 1.0, 2.0 and Atom, as WordPress and house systems print them.

Categories are not taken as tags: WordPress mixes sections and tags in them, and a wrong tag is worse
than none. Descriptions are left alone; the article's own page says it better.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set

from lxml import etree

from crawler.catalogue import url_template
from crawler.catalogue.model import Entry, Source
from crawler.discovery import markup, urls
from crawler.discovery.article_url import is_article, platform_id
from crawler.discovery.found import CUT, Found, Unusable
from crawler.discovery.window import Window
from pipelines.address import address_key
from pipelines.article import Link, Page
from pipelines.page.tree import MAX_NAME_CHARS

ROOTS = frozenset({"rss", "rdf", "feed"})
"""Names of the root of a feed."""
_ATOM = "http://www.w3.org/2005/Atom"
_DUBLIN_CORE = "http://purl.org/dc/"


def read(page: Page, source: Source, entry: Entry, window: Window) -> Found | Unusable:
    """The items of a feed that lead to the source's own articles, and the feed's next page."""
    document = markup.xml(page)
    if document is None:
        return Unusable("no XML, so no feed")
    if document.name not in ROOTS:
        return Unusable(f"an {document.name[:MAX_NAME_CHARS]} document, not a feed")
    return of_document(document, page, source, entry)


def of_document(document: markup.Xml, page: Page, source: Source, entry: Entry) -> Found | Unusable:
    """What an XML document yields whose root is a feed's."""
    items = [each for each in document.root.iter() if markup.local_name(each) in ("item", "entry")]
    if not items:
        if document.is_cut:
            return Unusable(f"a feed, {CUT}", is_cut=True)
        # With a channel of its own it says that there is nothing: an outlet on a quiet day, or one that has just begun.
        return Found() if _title_of(document.root) else Unusable("a feed without items, and without a title")
    told = [_fields(each) for each in items]
    bases = [markup.base_of(each, page.url or entry.url) for each in items]
    addresses = [_addresses(*each, source, entry) for each in zip(told, bases, strict=True)]
    shared = _shared(addresses)
    named = [
        _link(fields, next((url for url in urls if address_key(url) not in shared), urls[0]), source, entry)
        for fields, urls in zip(told, addresses, strict=True)
        if urls
    ]
    links = tuple({link.url: link for link in named}.values())
    if not links:
        # Seen: a feed whose every link is the outlet's front page.
        return Unusable(f"a feed of {len(items)} items, none with the address of an article")
    following = url_template.next_page(page.url or entry.url, entry.url, entry.pages) if entry.pages else None
    return Found(
        links=links,
        more=(following,) if following else (),
        skipped=len(items) - len(links),
        is_cut=document.is_cut,
        items=len(named),
    )


def title(page: Page) -> str | None:
    """A feed's own title, the first in it; null where it has none."""
    document = markup.xml(page)
    return _title_of(document.root) if document is not None else None


def _title_of(root: etree._Element) -> str | None:
    first = next((each for each in root.iter() if markup.local_name(each) == "title"), None)
    return markup.plain(str(first.xpath("string()"))) if first is not None else None


_Fields = Mapping[str, tuple[str, ...]]
"""What an item says, by meaning."""


def _addresses(fields: _Fields, base: str, source: Source, entry: Entry) -> list[str]:
    """The addresses of articles that an item gives for its own: its link, then its permalink."""
    named = fields.get("link", ()) + fields.get("permalink", ())
    absolute = (urls.absolute(each, base) for each in named)
    return [url for url in absolute if url is not None and is_article(url, source, entry, listed=True)]


def _shared(addresses: Sequence[Sequence[str]]) -> Set[str]:
    """The address keys that several items give: where an item has another, that one is its own."""
    counted = Counter(key for each in addresses for key in {address_key(url) for url in each})
    return {key for key, number in counted.items() if number > 1}


def _link(fields: _Fields, url: str, source: Source, entry: Entry) -> Link:
    guid = next(iter(fields.get("guid", ())), "")
    return Link(
        url=url,
        source=source.name,
        entry=entry.kind,
        title=markup.plain(next(iter(fields.get("title", ())), None)),
        published=next(iter(fields.get("published", ())), None),
        modified=next(iter(fields.get("modified", ())), None),
        platform_id=(urls.post_id(guid) if source.owns(guid) else None) or platform_id(url, entry),
        authors=tuple(name for name in map(markup.plain, fields.get("author", ())) if name),
        language=markup.language(next(iter(fields.get("language", ())), None)),
    )


_XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_DUBLIN = {
    "creator": "author",
    "date": "published",
    "issued": "published",
    "created": "published",
    "modified": "modified",
    "language": "language",
}
_MEANING = {
    "title": "title",
    "pubdate": "published",
    "published": "published",
    "issued": "published",
    "updated": "modified",
    "modified": "modified",
    "guid": "guid",
    "id": "guid",
}


_MAIL = re.compile(r"[<(]?[^\s<>()@]+@[^\s<>()]+[>)]?")

MAX_SAID = 50
"""An item says a thing so often at most: no article has more authors, nor addresses."""


def _fields(item: etree._Element) -> dict[str, tuple[str, ...]]:
    """What an item's own children say, by meaning; texts are stripped and never empty."""
    found: dict[str, tuple[str, ...]] = {}

    def note(meaning: str, text: str | None) -> None:
        if text and text.strip() and len(found.get(meaning, ())) < MAX_SAID:
            found[meaning] = (*found.get(meaning, ()), text.strip())

    note("language", item.get(_XML_LANGUAGE))
    note("permalink", item.get(_RDF_ABOUT))
    own = _namespace_of(item)
    for child in item:
        name, kind = markup.local_name(child), _vocabulary(child, own)
        text = str(child.xpath("string()")) if name else ""
        if kind == "dc":
            note(_DUBLIN.get(name, ""), text)
        elif name == "origlink":  # FeedBurner's: where its own link leads
            found["link"] = (text.strip(), *found.get("link", ()))[:MAX_SAID]
        elif kind != "own":
            continue
        elif name == "link":
            if child.get("rel", "alternate") == "alternate":
                note("link", text if text.strip() else child.get("href"))
        elif name == "author":
            names = [str(each.xpath("string()")) for each in child if markup.local_name(each) == "name"]
            # RSS means a mail address with the name beside it, in brackets; house systems print the name.
            note("author", next(iter(names), _MAIL.sub("", text).strip(" ()\t\r\n")))
        else:
            note(_MEANING.get(name, ""), text)
            is_address = name == "guid" and child.get("isPermaLink", "true").lower() != "false"
            if is_address or (name == "id" and text.strip().startswith("http")):
                note("permalink", text)
    found.pop("", None)
    return found


def _vocabulary(element: etree._Element, own: str) -> str:
    """`own` for the item's vocabulary and Atom's, `dc` for Dublin Core, declared or not; else `other`.

    Each version of each format has a namespace of its own, or none: what the item is in, its fields are in.
    """
    namespace = _namespace_of(element)
    if namespace.startswith("http"):
        is_own = namespace in (own, _ATOM)
        return "own" if is_own else "dc" if namespace.startswith(_DUBLIN_CORE) else "other"
    return "own" if namespace in ("", own) else "dc" if namespace == "dc" else "other"


def _namespace_of(element: etree._Element) -> str:
    """The namespace that an element is in, or the prefix of one that is not declared; empty for none."""
    tag = str(element.tag)
    return tag[1:].partition("}")[0] if tag.startswith("{") else tag.rpartition(":")[0]
