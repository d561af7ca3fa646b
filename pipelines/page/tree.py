"""Bytes to text, text to a tree: every page is decoded once and parsed once, here."""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache
from html import unescape as html_unescape

from lxml import etree, html
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

# --- bytes to text --------------------------------------------------------------------------------

_CHARSET_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_CHARSET_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# Codecs of Python's that no page is written in: punycode alone takes half an hour for two megabytes.
_NO_CHARSETS = frozenset(
    {
        "punycode",
        "idna",
        "undefined",
        "unicode_escape",
        "unicode-escape",
        "raw_unicode_escape",
        "raw-unicode-escape",
        "utf-7",
    }
)
MAX_ODD_SHARE = 0.02
"""Control characters beyond this share are the mark of a binary file or of a wrong character set."""


def decode(body: bytes, content_type: str | None) -> str | None:
    """The text of the bytes; null where no character set makes text of them.

    Strict UTF-8 is read as UTF-8, whatever header and meta say: other text is never valid by chance, and
    wrong headers are common. So are bytes with more signs of UTF-8 than faults: something else was pasted
    into such a page. Then header, meta and windows-1252 are tried, in this order.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _sane(body[len(mark) :].decode(name, errors="replace"))
    named = [match[1] for match in [_CHARSET_HEADER.search(content_type or "")] if match]
    named += [match[1].decode("ascii", "replace") for match in [_CHARSET_META.search(body[:4096])] if match]
    is_wide = any(name.lower().replace("_", "-").startswith(("utf-16", "utf-32")) for name in named[:1])
    if not is_wide or b"\x00" not in body[:4096]:  # of markup in those every second byte is null
        named.insert(0, "utf-8")
    for name in (*named, "windows-1252"):
        try:
            text = body.decode(charset(name))
        except (LookupError, UnicodeError, ValueError):
            if name != "utf-8" or not _is_mostly_utf8(body := _with_whole_signs(body)):
                continue
            text = body.decode("utf-8", errors=_PASTED)
        if name == "utf-8" and not _has_control(body):
            return text
        if (sane := _sane(text)) is not None:
            return sane
    text = body.decode("utf-8", errors=_PASTED)
    return _sane(text) if text.count("\ufffd") < MAX_ODD_SHARE * len(text) else None


_HALVES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_CUT_LEADS = b"\xc2\xc3\xe2\xf0"
"""What begins the signs that these pages write: no-break spaces, accents, quotes and dashes, emoji."""


def _with_whole_signs(body: bytes) -> bytes:
    """The bytes with emoji made whole that a database of 16 bits has written in two halves."""
    return _HALVES.sub(_whole_sign, body)


def _whole_sign(halves: re.Match[bytes]) -> bytes:
    _, a, b, _, c, d = halves[0]
    return chr(0x10000 + ((a & 15) << 16) + ((b & 63) << 10) + ((c & 15) << 6) + (d & 63)).encode()


def _is_mostly_utf8(body: bytes) -> bool:
    """Whether there are at least as many signs of UTF-8 as bytes that belong to none."""
    text = body.decode("utf-8", "ignore")
    signs = len(text) - len(text.encode("ascii", "ignore"))
    return signs >= len(body) - len(text.encode())


def _pasted(fault: UnicodeError) -> tuple[str, int]:
    """Text for a fault in UTF-8: windows-1252 for a single byte, else U+FFFD for the rest of a sign."""
    if not isinstance(fault, UnicodeDecodeError):
        raise fault
    body, at, end = fault.object, fault.start, fault.end
    beside = body[max(0, at - 1) : at] + body[end : end + 1]
    if end - at == 1 and beside.isascii() and body[at] not in _CUT_LEADS:
        return body[at:end].decode("cp1252", "replace"), end
    return "\ufffd", end


_PASTED = "kabar-pasted"
codecs.register_error(_PASTED, _pasted)


def charset(name: str) -> str:
    """Python's codec for a character set as the web names it; `LookupError` where there is none."""
    codec = codecs.lookup(name).name
    if codec in _NO_CHARSETS:
        raise LookupError(f"{name} is no character set of the web")
    # The web says iso-8859-1 and means windows-1252, which has the curly quotes.
    return "cp1252" if codec in ("iso8859-1", "ascii") else codec


def _has_control(body: bytes) -> bool:
    """Whether there may be a control character in UTF-8: bytes are looked through in a tenth of the time that its text takes."""
    return b"\xef\xbf" in body or len(body.translate(None, _CONTROL_BYTES)) < len(body)


_CONTROL_BYTES = bytes(sign for sign in range(128) if _CONTROL.match(chr(sign)))


def _sane(text: str) -> str | None:
    """The text without control characters; null where it is full of them."""
    clean = _CONTROL.sub("", text)
    return clean if len(text) - len(clean) <= MAX_ODD_SHARE * len(text) else None


# --- text to tree ---------------------------------------------------------------------------------


MAX_ELEMENTS = 30_000
"""A tree with more elements is not an article's: a long article has a tenth. Reading takes up to 0.1 ms for each."""
MAX_KNOWN = 32_768
"""So many names and values of `class` are remembered, with what they mean: an outlet's pages have the same."""
MAX_NAMES_CHARS = 1_000
MAX_NAME_CHARS = 80
"""Bounds an element's classes and id, together and each: no theme's are longer."""
_LONG_NAMED = etree.XPath(
    " or ".join(f"//@{name}[string-length() > {MAX_NAMES_CHARS}]" for name in ("class", "id"))
)


def is_endless(tree: HtmlElement) -> bool:
    """Whether a tree has more elements than anybody could mean to be read."""
    return float(tree.xpath("count(//*)")) > MAX_ELEMENTS


def names_of(element: HtmlElement) -> tuple[str, ...]:
    """An element's classes and its id, without those that are too long for a name."""
    return names_in(element.get("class") or "", element.get("id") or "")


@lru_cache(maxsize=MAX_KNOWN)
def names_in(classes: str, name: str) -> tuple[str, ...]:
    """The same of the values of `class` and `id`."""
    return tuple(each for each in f"{classes} {name}".split() if len(each) <= MAX_NAME_CHARS)


def parse(text: str) -> HtmlElement | None:
    """The tree of a page or of a fragment, less halves of characters; null where there is no element in it."""
    try:
        tree = html.document_fromstring(text.encode("utf-8", "ignore"), parser=_PARSER)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    if not isinstance(tree.tag, str):
        return None
    cut_names(tree)
    return tree


_PARSER = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
# Every element is an `HtmlElement`. lxml's own lookup asks Python for a class each time an element is touched.
_PARSER.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))


def cut_names(tree: etree._Element) -> None:
    """Cuts endless classes and ids: each is looked at once for every element inside."""
    if not _LONG_NAMED(tree):
        return
    for element in tree.iter():
        for name in ("class", "id"):
            if value := element.get(name):
                element.set(name, value[:MAX_NAMES_CHARS])


@lru_cache(maxsize=512)
def selector(css: str) -> CSSSelector:
    """The compiled selector. Raises `cssselect.SelectorError` where it is none."""
    return CSSSelector(css, translator="html")


@lru_cache(maxsize=512)
def alternatives(css: str) -> tuple[str, ...]:
    """The selectors of a comma-separated list, in their order."""
    return tuple(part.strip() for part in re.split(r",(?![^\[(]*[\])])", css) if part.strip())


def select(tree: HtmlElement, css: str) -> list[HtmlElement]:
    """The elements that a selector finds, in document order."""
    return [found for found in selector(css)(tree) if isinstance(found, HtmlElement)]


def fold(text: str) -> str:
    """The text in NFC on one line: NBSP and all other white space one space, invisible signs gone."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return " ".join(text.split())


_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f]")


def plain(text: str) -> str:
    """The text without signs that steer what shows it: control characters, turns of direction, halves of characters.

    Line ends stay. A C1 character was meant as windows-1252, as browsers read it: `&#147;` is a quotation mark.
    """
    return STEERING.sub(lambda sign: _MEANT.get(sign[0], ""), text) if STEERING.search(text) else text


STEERING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff\ufffe\uffff]"
)
_MEANT = {"\t": " ", "\r": " ", "\u2028": " ", "\u2029": " "} | {
    chr(number): bytes([number]).decode("cp1252", "ignore") for number in range(0x80, 0xA0)
}


def text_of(element: HtmlElement) -> str:
    """All the text under an element, folded."""
    return fold(" ".join(_TEXTS(element)))


_TEXTS = etree.XPath("descendant::text()", smart_strings=False)
"""As `itertext`, at half its price."""


MAX_ESCAPES = 3
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def unescaped(text: str) -> str:
    """The text without entities, however often a system has escaped it ("&amp;amp;").

    An entity ends with its semicolon: the "&copy" of an address is none.
    """
    for _ in range(MAX_ESCAPES):
        if "&" not in text:
            break
        text = _ENTITY.sub(lambda entity: html_unescape(entity[0]), text)
    return text


def squeeze(text: str) -> str:
    """The letters and digits of a text, without white space and punctuation."""
    return _squeezed(text) if len(text) <= MAX_KNOWN_CHARS else _NO_WORD.sub("", text)


@lru_cache(maxsize=1024)
def _squeezed(text: str) -> str:
    return text.translate(_NO_ASCII_WORD) if text.isascii() else _NO_WORD.sub("", text)


MAX_KNOWN_CHARS = 2_000
"""Of texts up to this length the last are remembered: the lines of a page are compared again and again."""


_NO_WORD = re.compile(r"\W+")
_NO_ASCII_WORD = {sign: None for sign in range(128) if _NO_WORD.match(chr(sign))}
"""The same of most texts, in a tenth of the time."""


def letters(text: str) -> str:
    """The letters and digits of a name or title, lower case: equal for two spellings of it."""
    return (text.translate(_NO_ASCII_LETTER) if text.isascii() else _NO_LETTER.sub("", text)).lower()


_NO_LETTER = re.compile(r"[\W_]+")
_NO_ASCII_LETTER = {sign: None for sign in range(128) if _NO_LETTER.match(chr(sign))}


def outermost(tree: HtmlElement, css: str | None) -> list[HtmlElement]:
    """The outermost elements that a selector finds."""
    found = select(tree, css) if css else []
    if len(found) < 2:
        return found
    wanted, outer, depth = set(found), [], 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if element in wanted:
            if event == "start" and not depth:
                outer.append(element)
            depth += 1 if event == "start" else -1
    return outer
