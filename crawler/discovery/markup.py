"""Bytes to trees, tolerant of what sites send; null where there is no tree to be had."""

from __future__ import annotations

import html
import re
import zlib
from dataclasses import dataclass
from functools import cache
from html.entities import html5

from lxml import etree
from lxml.cssselect import CSSSelector

from crawler.discovery.found import Unusable
from pipelines.address import joined
from pipelines.article import Page
from pipelines.page.tree import charset, cut_names, decode

_CDATA = b"<![CDATA["
_CDATA_END = b"]]>"
_AMPERSAND = re.compile(rb"&(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,30};)?")
_UNKNOWN = b"&#xFFFD;"
_GZIP = b"\x1f\x8b"
MAX_MEMBERS = 1_000
"""So many parts of a gzip file are unpacked: each costs a look at all that follows."""
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
SURROGATES = re.compile(r"[\ud800-\udfff]")


def is_packed(body: bytes) -> bool:
    """Whether the body is a gzip file (`sitemap.xml.gz`)."""
    return body.startswith(_GZIP)


def unpacked(body: bytes, most: int) -> bytes | Unusable:
    """The body, unpacked where it is a gzip file, of all its members; hardly more than `most` bytes are made of it.

    Of one that was cut short nothing is taken: its last piece is rarely whole.
    """
    if not is_packed(body):
        return body
    pieces: list[bytes] = []
    left = most
    while is_packed(body) and len(pieces) < MAX_MEMBERS:
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            pieces.append(unpacker.decompress(body, left + 1))
        except zlib.error:
            return Unusable("a broken gzip file")
        left -= len(pieces[-1])
        if left < 0:
            return Unusable(f"over {most / 1e6:g} MB unpacked")
        if not unpacker.eof:
            return Unusable("a gzip file that was cut short", is_cut=True)
        body = unpacker.unused_data
    return b"".join(pieces)


def is_html(body: bytes) -> bool:
    """Whether it begins as a web page does, whatever it was sent as."""
    return body.lstrip()[:200].lower().startswith((b"<!doctype html", b"<html"))


_BOM = b"\xef\xbb\xbf"
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:-]+)", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


def utf8(body: bytes, content_type: str | None = None) -> bytes:
    """The document in UTF-8, without a byte order mark; unchanged where no character set makes text of it.

    Its bytes decide where they can: a document in UTF-8 that declares another character set is in UTF-8.
    """
    try:
        if b"\x00" not in body[:4]:
            body.decode("utf-8")
            return body.removeprefix(_BOM)
    except UnicodeDecodeError:
        pass
    named = _CHARSET.search(content_type or "")
    declared = _DECLARED.search(body[:1000])
    name = declared[1].decode("ascii", "replace") if declared else named[1] if named else "utf-8"
    if body[1:2] == b"\x00" or body[:1] == b"\x00":  # every second byte of what is latin in UTF-16
        name = "utf-16-le" if body[1:2] == b"\x00" else "utf-16-be"
    text = decode(body, f"charset={name}")
    return text.encode() if text is not None else body


@dataclass(frozen=True, slots=True)
class Xml:
    """An XML document as a tree. Of one that is cut short, the tree holds the whole items."""

    root: etree._Element
    is_cut: bool

    @property
    def name(self) -> str:
        """The root's name, as `local_name` gives it."""
        return local_name(self.root)


_ROOT = re.compile(rb"<((?:[\w.-]+:)?(?:rss|rdf|feed|urlset|sitemapindex))(?=[\s>])", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry|url|sitemap)\s*>", re.IGNORECASE)


def xml(page: Page) -> Xml | None:
    """An XML document, mended where possible; null when there is none.

    An HTML page is one too: callers look at the root's name, never at the status alone.
    """
    # PHP sites print blank lines before the declaration, which no parser forgives.
    text = utf8(page.body, page.header("Content-Type")).lstrip(b"\xef\xbb\xbf \t\r\n")
    if (root := _xml_root(text, recover=False)) is not None:
        return Xml(root, is_cut=False)
    text = _begun(text)
    whole = _whole_items(text)
    root = _xml_root(_mended(text if whole is None else whole), recover=True)
    return Xml(root, is_cut=whole is not None) if root is not None else None


def _whole_items(text: bytes) -> bytes | None:
    """A feed or sitemap whose end is missing, up to the end of its last whole item; null where it has its end.

    The parser would close what is open, and half an address would pass for one.
    """
    root = _ROOT.search(text)
    if root is None or re.search(rb"</" + re.escape(root[1]) + rb"\s*>", text, re.IGNORECASE):
        return None
    ends = [match.end() for match in _ITEM_END.finditer(text, root.end())]
    return text[: ends[-1]] if ends else root[0] + b">"


_BEGINNING = re.compile(rb"<(?:\?xml|rss|rdf:RDF|feed|urlset|sitemapindex)(?=[\s>])")


def _begun(text: bytes) -> bytes:
    """The document from its own beginning: PHP prints its warnings before it, which would pass for its root."""
    match = None if is_html(text) else _BEGINNING.search(text)
    return text[match.start() :] if match is not None else text


def _xml_root(text: bytes, recover: bool) -> etree._Element | None:
    # No entity is ever read from a file or the network; what those of the document itself amount to is
    # bounded by libxml2, as long as `huge_tree` is off.
    parser = etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        encoding="utf-8",
    )
    try:
        return etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None


def _mended(text: bytes) -> bytes:
    """HTML's character names as numbers, and bare ampersands escaped, outside CDATA.

    The recovering parser would drop both, and with `&b=2` a part of an address.
    """
    text = _without_open_comment(text)
    pieces: list[bytes] = []
    at = 0
    while (start := text.find(_CDATA, at)) >= 0 and (end := text.find(_CDATA_END, start)) >= 0:
        pieces += [_AMPERSAND.sub(_character, text[at:start]), text[start : end + len(_CDATA_END)]]
        at = end + len(_CDATA_END)
    return b"".join([*pieces, _AMPERSAND.sub(_character, text[at:])])


def _without_open_comment(text: bytes) -> bytes:
    """The text with a comment that has no end taken for words: it would take all that follows away."""
    end = text.rfind(b"-->") + 1
    return text[:end] + text[end:].replace(b"<!--", b"&lt;!--")


def _character(match: re.Match[bytes]) -> bytes:
    name = match[1].decode("ascii") if match[1] is not None else ""
    if name.startswith("#"):
        return match[0].replace(b"#X", b"#x") if _is_character(name[1:-1]) else _UNKNOWN
    if name in ("amp;", "lt;", "gt;", "quot;", "apos;"):
        return match[0]
    meant = html5.get(name)
    if meant is not None:
        return "".join(f"&#{ord(sign)};" for sign in meant).encode("ascii")
    return b"&amp;" + match[0][1:]


def _is_character(number: str) -> bool:
    """Whether XML knows the character of that number: half of one would be a tree that cannot be read."""
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    is_sign = code >= 0x20 or code in (0x9, 0xA, 0xD)
    return is_sign and not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF) and code <= 0x10FFFF


def html_tree(page: Page) -> etree._Element | None:
    """The root element of an HTML page; null when it holds no element at all."""
    text = _utf8(page)
    encoding = None if text is None else "utf-8"
    parser = etree.HTMLParser(encoding=encoding, no_network=True, remove_comments=True, remove_pis=True)
    try:
        tree = etree.fromstring(page.body if text is None else text, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if tree is not None:
        cut_names(tree)
    return tree


def base_of(element: etree._Element, url: str) -> str:
    """What relative addresses in an element of a document at `url` start from: its `xml:base`, if any has one."""
    for each in (*reversed(list(element.iterancestors())), element):
        if declared := each.get(_XML_BASE):
            url = joined(url, declared) or url
    return url


_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"


def local_name(element: etree._Element) -> str:
    """An element's name without namespace or prefix, lower case; empty for comments and the like."""
    tag = element.tag
    return re.split(r"[}:]", tag)[-1].lower() if isinstance(tag, str) else ""


def plain(text: str | None) -> str | None:
    """A title as words: markup and character references resolved, white space folded; null when none."""
    if text is None:
        return None
    words = " ".join(SURROGATES.sub("\ufffd", html.unescape(_TAG.sub("", text))).split())
    return words or None


def language(code: str | None) -> str | None:
    """`id` of `id-ID`, `ID` and the like; null where it is no code of two letters."""
    match = re.fullmatch(r"([a-z]{2})(?:[-_][a-z0-9_-]+)?", (code or "").strip().lower())
    return match[1] if match is not None else None


def words_of(element: etree._Element) -> str | None:
    """All text of an element, white space folded; null when none."""
    return " ".join(str(element.xpath("string()")).split()) or None


@cache
def css(selector: str) -> CSSSelector:
    """A compiled selector; those that come from source files were checked there."""
    return CSSSelector(selector, translator="html")


def _utf8(page: Page) -> bytes | None:
    """The page in UTF-8, by its bytes where they are, else by its header; null: its own meta decides."""
    try:
        page.body.decode("utf-8")
        return page.body
    except UnicodeDecodeError:
        pass
    match = re.search(r"charset=[\"']?([\w.:-]+)", page.header("Content-Type") or "", re.IGNORECASE)
    try:
        return page.body.decode(charset(match[1]), "replace").encode("utf-8", "replace") if match else None
    except (LookupError, ValueError):  # no such character set, or none that makes text
        return None
