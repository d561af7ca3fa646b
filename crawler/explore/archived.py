"""The archived page behind a version, made fit for a frame: nothing in it runs, asks the network or leads away.

Its answer's policy forbids all of that already. What no policy reaches (a browser connects ahead, or looks names up, for
some links of a page's head) is taken out of the markup, and so is whatever would only run or load something.
"""

from __future__ import annotations

from lxml import etree, html

from crawler.explore.model import File
from pipelines.page.tree import decode, parse
from storage.archive.reader import read_record
from storage.data_dir import DataDir

POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
_GONE = (
    "script", "noscript", "link", "base", "iframe", "frame", "frameset", "object", "embed", "applet", "portal",
    "template", "audio", "video", "source", "track",
)  # fmt: skip
_ATTRIBUTES = ("ping", "srcset", "autofocus", "formaction", "action", "background", "manifest", "target")
MOST_SHOWN = 5 << 20
"""Characters of a page that are shown."""


def is_there(data_dir: DataDir, segment: str | None) -> bool:
    """Whether the archive that holds a page is on this machine."""
    return segment is not None and (data_dir.segments / segment).is_file()


def archived_page(data_dir: DataDir, segment: str, offset: int) -> File:
    """The page at that place. Raises `ArchiveError` where there is none."""
    page = read_record(data_dir.segments / segment, offset)
    kind = next((value for name, value in page.headers if name.lower() == "content-type"), "")
    text = decode(page.body, kind) or ""
    is_markup = "html" in kind.lower() or text.lstrip()[:15].lower().startswith(("<!doctype", "<html"))
    if is_markup and (tree := parse(text[:MOST_SHOWN])) is not None:
        return File(_harmless(tree), "text/html", policy=POLICY)
    return File(text[:MOST_SHOWN].encode(), "text/plain", policy=POLICY)


def _harmless(tree: html.HtmlElement) -> bytes:
    for element in list(tree.iter()):
        if not isinstance(element.tag, str):
            continue
        if element.tag.lower() in _GONE or (element.tag == "meta" and element.get("http-equiv")):
            if element.getparent() is not None:
                element.drop_tree()
            continue
        for name in list(element.attrib):
            plain = name.lower()
            if (
                plain.startswith("on")
                or plain in _ATTRIBUTES
                or (
                    plain in ("src", "href", "xlink:href", "data", "poster")
                    and not _stays(element.tag, element.attrib[name])
                )
            ):
                del element.attrib[name]
    return b"<!doctype html>\n" + etree.tostring(tree, method="html", encoding="utf-8")


def _stays(tag: str, address: str) -> bool:
    """Whether an address is kept: a place of the page itself, an image that it brings along, and what a reader may click."""
    plain = address.strip().lower()
    if plain.startswith("#"):
        return True
    return plain.startswith("data:image/") if tag != "a" else plain.startswith(("http://", "https://"))
