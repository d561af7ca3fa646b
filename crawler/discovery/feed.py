"""RSS 0.9x, 1.0, 2.0 and Atom, as WordPress and house systems print them.

Categories are not taken as tags: WordPress mixes sections and tags in them, and a wrong tag is worse
than none. Descriptions are left alone; the article's own page says it better.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from crawler.catalogue import url_template
from crawler.catalogue.model import Entry, Source
from crawler.discovery import markup, urls
from crawler.discovery.article_url import is_article, platform_id
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from pipelines.article import Link, Page
from pipelines.page.tree import MAX_NAME_CHARS

_ROOTS = frozenset({"rss", "rdf", "feed"})
_OWN = ("http://purl.org/rss/1.0/", "http://www.w3.org/2005/Atom", "http://backend.userland.com/")
_DUBLIN_CORE = "http://purl.org/dc/"


def read(page: Page, source: Source, entry: Entry, window: Window) -> Found | Unusable:
    """The items of a feed that lead to the source's own articles, and the feed's next page."""
    root = markup.xml(page.body)
    if root is None:
        return Unusable("no XML, so no feed")
    if markup.local_name(root) not in _ROOTS:
        return Unusable(f"an {markup.local_name(root)[:MAX_NAME_CHARS]} document, not a feed")
    items = [each for each in root.iter() if markup.local_name(each) in ("item", "entry")]
    if not items:
        return Unusable("a feed without items")
    links = tuple({link.url: link for each in items for link in _links(each, page, source, entry)}.values())
    if not links:
        # Seen: a feed whose every link is the outlet's front page.
        return Unusable(f"a feed of {len(items)} items, none with the address of an article")
    following = url_template.next_page(page.url or entry.url, entry.url, entry.pages) if entry.pages else None
    return Found(links=links, more=(following,) if following else (), skipped=len(items) - len(links))


def title(page: Page) -> str | None:
    """A feed's own title, the first in it; null where it has none."""
    root = markup.xml(page.body)
    for element in root.iter() if root is not None else ():
        if markup.local_name(element) == "title":
            return markup.plain(str(element.xpath("string()")))
    return None


def _links(item: etree._Element, page: Page, source: Source, entry: Entry) -> Iterator[Link]:
    fields = _fields(item)
    for candidate in fields.get("link", ()) + fields.get("permalink", ()):
        url = urls.absolute(candidate, page.url or entry.url)
        if url is None or not is_article(url, source, entry, listed=True):
            continue
        guid = next(iter(fields.get("guid", ())), "")
        yield Link(
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
        return


_XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_DUBLIN = {"creator": "author", "date": "published", "language": "language"}
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


MAX_SAID = 50
"""An item says a thing so often at most: no article has more authors, nor addresses."""


def _fields(item: etree._Element) -> dict[str, tuple[str, ...]]:
    """What an item's own children say, by meaning; texts are stripped and never empty."""
    found: dict[str, tuple[str, ...]] = {}

    def note(meaning: str, text: str | None) -> None:
        if text and text.strip() and len(found.get(meaning, ())) < MAX_SAID:
            found[meaning] = (*found.get(meaning, ()), text.strip())

    note("language", item.get(_XML_LANGUAGE))
    for child in item:
        name, kind = markup.local_name(child), _namespace(child)
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
            # RSS says that this is a mail address; only Atom's has a name of its own.
            names = [str(each.xpath("string()")) for each in child if markup.local_name(each) == "name"]
            note("author", next(iter(names), None))
        else:
            note(_MEANING.get(name, ""), text)
            if name == "guid" and child.get("isPermaLink", "true").lower() != "false":
                note("permalink", text)
    found.pop("", None)
    return found


def _namespace(element: etree._Element) -> str:
    """`own` for the feed's own vocabulary, `dc` for Dublin Core, declared or not; else `other`."""
    tag = str(element.tag)
    if tag.startswith("{"):
        if tag.startswith(tuple(f"{{{uri}" for uri in _OWN)):
            return "own"
        return "dc" if tag.startswith(f"{{{_DUBLIN_CORE}") else "other"
    prefix, colon, _ = tag.rpartition(":")
    return "own" if not colon else "dc" if prefix == "dc" else "other"
