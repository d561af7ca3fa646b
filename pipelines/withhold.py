"""What is left of a document once an erased article is taken out of it.

An outlet's lists, feeds, sitemaps and further pages name its other articles. `withheld` takes out what names an erased one
by its address: the post of a REST answer, the item of a feed, the card of a listing, the link of a page. It works without
the article, of which nothing is kept. `Words` takes out its very words where they are still known, once, while it is erased.
Whatever else a document says stays as it was.
"""

from __future__ import annotations

import gzip
import html
import json
import re
import sys
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import lxml.etree
import lxml.html

from pipelines.address import host_of, joined
from pipelines.dedupe import number_key
from pipelines.page.tree import decode

IsErased = Callable[[str], bool]
"""Whether an address is an erased article's, or a key of a platform's number (`id:HOST:NUMBER`)."""

RUN_WORDS = 6
"""So many words of an erased text, one behind the other, are that text; fewer are anybody's."""
LEAST_TITLE_WORDS = 4
"""A shorter title is taken out only where it is the whole of a link, a heading, a value."""

TEASER_WORDS = 70
"""What shows an article beside a link to it has no more: a title and WordPress' 55 words. A text has more."""
NEAR_BYTES = 10_000
"""Nor does its markup begin or end further away."""
BEFORE_WORDS = 8
"""Nor has it more before the link: a heading such as "Berita Terkait"."""

_SIGN = rb"""(?:(?!&(?:lt|gt|quot|apos|\#0?39|\#34);)[^\s"'<>\\)\]])"""
"""A sign of an address: what markup within markup ends it with is none."""
_ADDRESS = re.compile(rb"(?i)https?:(?:\\?/){2}" + _SIGN + rb"+(?:\\/" + _SIGN + rb"*)*")
_ATTRIBUTE = re.compile(
    rb"""(?i)\b(?:href|src|content|data-[\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""
)
_ITEM = re.compile(rb"(?is)<(item|entry|url)\b[^>]*>.*?</\1\s*>")
_OWN = re.compile(
    rb"(?is)<(?:link|guid|id|loc|[\w]+:origlink)\b[^>]*>\s*(?:<!\[CDATA\[)?\s*([^<\]]+?)\s*(?:\]\]>)?\s*</"
)
_OWN_HREF = re.compile(rb"""(?is)<link\b[^>]*\bhref\s*=\s*["']([^"']+)["']""")
_ANCHOR = re.compile(rb"(?is)<a\b[^>]*>.*?</a\s*>")
_ANCHOR_HREF = re.compile(rb"""(?is)<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_LINKS = ("link", "url", "permalink", "guid", "href", "loc", "canonical_url")
_ARTICLE_LIKE = re.compile(r"[^/]*(?:-[^/]*){2,}|[^/]*\d{4,}[^/]*")
_TAG = re.compile(rb"<[^<>]{0,2000}>")
_TOKEN = re.compile(rb"&#?\w{1,10};|\\(?:u[0-9a-fA-F]{4}|[nrtbf])|" + _TAG.pattern + rb"|([A-Za-z0-9]+)")
_PROSE = re.compile(rb"""=\s*(?:"(?!https?:|/)([^"]*\s[^"]*)"|'(?!https?:|/)([^']*\s[^']*)')""")
"""The value of an attribute that is words, and no address."""
_MARKS = b" \t\r\n.,:;!?"
_SCRIPT = re.compile(
    rb"""(?is)(<script\b[^>]*\bapplication/(?:ld\+)?json\b[^>]*>)([^<]*(?:<(?!/?script\b)[^<]*)*)(</script\s*>)"""
)
_ELEMENT = re.compile(
    rb"(?is)<(?:script|style)\b.{0,2000}?</(?:script|style)\s*>|<!--.{0,500}?-->|<(/?)([a-z][a-z0-9-]*)\b[^<>]*>"
)
_VOID = frozenset(
    (b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"source", b"wbr")
)
_OF_MANY = frozenset((b"html", b"body", b"main", b"nav", b"ul", b"ol", b"table", b"tbody"))
_HEADLINE = re.compile(rb"(?i)<h1\b")
_OF_TEXT = re.compile(
    rb"""(?i)<[^<>]*\b(?:class|id|itemprop)\s*=\s*["']?[^"'>]*(?:content|body|detail|text|\bisi\b)"""
)
"""How the element begins that holds the text of a page."""
_GZIP = b"\x1f\x8b"
_TAG_OF_HEAD = re.compile(rb"(?is)<(?:link|meta)\b[^<>]*>")
_SAYS_OWN = re.compile(
    rb"""(?i)\brel\s*=\s*["']?[^"'>]*\bcanonical\b|\b(?:property|name)\s*=\s*["']?og:url\b"""
)


def withheld(body: bytes, base: str | None, is_erased: IsErased, is_list: bool) -> bytes | None:
    """The document without what is an erased article's; null: it names none.

    `base` is its address. Of a list (`is_list`) whole items go; of an article's page the links alone.
    """
    if body.startswith(_GZIP):
        try:
            unpacked = gzip.decompress(body)
        except (OSError, EOFError, zlib.error):
            return None
        left = withheld(unpacked, base, is_erased, is_list)
        return gzip.compress(left, mtime=0) if left is not None else None
    if is_list and (without := _without_posts(body, is_erased)) is not None:
        body = without
        return _without_addresses(body, base, is_erased) or body
    if not any(is_erased(url) for url in addresses_of(body, base)):
        return None
    body = _without_entries(body, is_erased)
    if is_list:
        body = _without_items(body, base, is_erased)
        body = _without_cards(body, base, is_erased)
    body = _without_links(body, base, is_erased)
    return _without_addresses(body, base, is_erased) or body


def own_addresses(body: bytes) -> Iterator[str]:
    """The addresses that a page gives itself: all that is known of one that comes without any."""
    for tag in _TAG_OF_HEAD.finditer(body):
        if _SAYS_OWN.search(tag[0]):
            yield from addresses_of(tag[0], None)


def addresses_of(body: bytes, base: str | None) -> Iterator[str]:
    """The addresses that a document names, each once."""
    seen = {match[0] for match in _ADDRESS.finditer(body)}
    for match in _ATTRIBUTE.finditer(body):
        value = match[1] or match[2] or match[3]
        if value and len(value) < 2000:
            seen.add(value)
    for raw in seen:
        if (url := _url(raw, base)) is not None:
            yield url


def _url(raw: bytes, base: str | None) -> str | None:
    text = html.unescape(raw.decode("utf-8", "replace").replace("\\/", "/")).strip().rstrip(".,;:!?")
    if not text or text.startswith(("#", "data:", "javascript:", "mailto:")):
        return None
    try:
        url = joined(base, text)
    except ValueError:
        return None
    return url if url.startswith(("http://", "https://")) else None


# --- lists --------------------------------------------------------------------------------------------


def _without_posts(body: bytes, is_erased: IsErased) -> bytes | None:
    """A JSON answer without the erased posts; null where it has none, or is no JSON."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"[", b"{"):
        return None
    text = body.decode("utf-8", "replace")
    if (spliced := _spliced(text, is_erased)) is not None:
        return spliced.encode() if spliced != text else None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    left, gone = _pruned(found, is_erased)
    return json.dumps(left, ensure_ascii=False).encode() if gone else None


def _spliced(text: str, is_erased: IsErased) -> str | None:
    """A JSON list of posts with the erased ones cut out, all else as it was written; null: it is no such list."""
    decoder = json.JSONDecoder()
    at = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    if text[at : at + 1] != "[":
        return None
    begin, at, kept = at + 1, at + 1, []
    rest = len(text)
    try:
        while True:
            while text[at] in " \t\r\n,":
                at += 1
            if text[at] == "]":
                rest = at
                break
            post, end = decoder.raw_decode(text, at)
            left, gone = _pruned(post, is_erased)
            if not _is_erased_post(post, is_erased):
                kept.append(json.dumps(left, ensure_ascii=False) if gone else text[at:end])
            else:
                kept.append("")
            at = end
    except (ValueError, IndexError, RecursionError):
        return None
    whole = [each for each in kept if each]
    if len(whole) == len(kept) and "".join(whole) in text:
        return text
    joined_up = ", ".join(whole)
    original = text[begin:rest]
    return text if joined_up == original else text[:begin] + joined_up + text[rest:]


def _pruned(thing: Any, is_erased: IsErased) -> tuple[Any, bool]:
    """The value less erased posts in its lists, and whether there were any."""
    if isinstance(thing, list):
        kept = [each for each in thing if not _is_erased_post(each, is_erased)]
        pairs = [_pruned(each, is_erased) for each in kept]
        return [each for each, _ in pairs], len(kept) < len(thing) or any(gone for _, gone in pairs)
    if isinstance(thing, dict):
        found = {name: _pruned(value, is_erased) for name, value in thing.items()}
        return {name: value for name, (value, _) in found.items()}, any(gone for _, gone in found.values())
    return thing, False


def _is_erased_post(post: Any, is_erased: IsErased) -> bool:
    if not isinstance(post, dict):
        return False
    links = []
    for name in _LINKS:
        value = post.get(name)
        value = value.get("rendered") if isinstance(value, dict) else value
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            links.append(html.unescape(value))
    if any(map(is_erased, links)):
        return True
    number = str(post.get("id", ""))
    return bool(links) and number.isdecimal() and is_erased(number_key(host_of(links[0]), number))


def _without_entries(body: bytes, is_erased: IsErased) -> bytes:
    """A page whose data in JSON (lists of related articles, of the newest) have no entry of an erased article."""

    def judged(match: re.Match[bytes]) -> bytes:
        try:
            found = json.loads(match[2])
        except (ValueError, RecursionError):
            return match[0]
        if _is_erased_post(found, is_erased):
            return b""
        left, gone = _pruned(found, is_erased)
        return match[1] + json.dumps(left).replace("<", "\\u003c").encode() + match[3] if gone else match[0]

    return _SCRIPT.sub(judged, body)


def _without_items(body: bytes, base: str | None, is_erased: IsErased) -> bytes:
    """A feed or a sitemap without the erased articles' items."""

    def judged(match: re.Match[bytes]) -> bytes:
        own = [*_OWN.findall(match[0]), *_OWN_HREF.findall(match[0])]
        urls = (_url(raw, base) for raw in own)
        return b"" if any(url is not None and is_erased(url) for url in urls) else match[0]

    return _ITEM.sub(judged, body)


def _without_cards(body: bytes, base: str | None, is_erased: IsErased) -> bytes:
    """A listing without the erased articles' cards: of each link to one, the largest piece that leads to no other article."""
    if not re.search(rb"(?i)<(?:html|body|div|ul|main)\b", body[:200_000]):
        return body
    text = decode(body, None)
    if text is None:
        return body
    try:
        tree = lxml.html.document_fromstring(text)
    except (lxml.etree.LxmlError, ValueError):
        return body
    cards = []
    for anchor in tree.iter("a"):
        url = _url((anchor.get("href") or "").encode(), base)
        if url is not None and is_erased(url):
            cards.append(_card(anchor, url, base, is_erased))
    if not cards:
        return body
    for card in cards:
        if card.getparent() is not None:
            card.drop_tree()
    return bytes(lxml.html.tostring(tree, encoding="ascii", doctype="<!DOCTYPE html>"))


def _card(anchor: Any, url: str, base: str | None, is_erased: IsErased) -> Any:
    card = anchor
    while (above := card.getparent()) is not None and above.tag not in ("body", "html", "main"):
        if any(
            _leads_elsewhere((each.get("href") or "").encode(), base, is_erased) for each in above.iter("a")
        ):
            break
        card = above
    return card


def _leads_elsewhere(raw: bytes, base: str | None, is_erased: IsErased) -> bool:
    url = _url(raw, base)
    if url is None or is_erased(url):
        return False
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rpartition("/")[2]
    return bool(_ARTICLE_LIKE.fullmatch(last) or "p=" in parts.query)


# --- links and addresses ------------------------------------------------------------------------------


def _without_links(body: bytes, base: str | None, is_erased: IsErased) -> bytes:
    """The document without links to the erased articles, and what shows one beside its link (picture, first words).

    Of a link within a sentence the words stay, for they are the sentence's.
    """
    spans = []
    for match in _ANCHOR.finditer(body):
        found = _ANCHOR_HREF.match(match[0])
        raw = next((group for group in found.groups() if group), None) if found else None
        url = _url(raw, base) if raw else None
        if url is None or not is_erased(url):
            continue
        before = body[max(0, match.start() - 200) : match.start()].rstrip()
        after = body[match.end() : match.end() + 200].lstrip()
        is_alone = before.endswith(b">") and (after.startswith(b"<") or not after)
        is_alone = is_alone or re.search(rb"(?i)baca\s*(?:juga|:)[^<]*$", before) is not None
        if is_alone:
            spans.append(_teaser(body, match.span(), base, is_erased))
        else:
            spans += [
                (match.start() + tag.start(), match.start() + tag.end())
                for tag in re.finditer(rb"(?is)^<a\b[^>]*>|</a\s*>$", match[0])
            ]
    return cut(body, spans) if spans else body


def _teaser(body: bytes, link: tuple[int, int], base: str | None, is_erased: IsErased) -> tuple[int, int]:
    """The largest element around a link that is short, is no part of the text, and leads to no other article."""
    found = link
    for name, begin, end in _around(body, link):
        piece = body[begin:end]
        anchors = (match for match in _ANCHOR_HREF.finditer(piece))
        if (
            name in _OF_MANY
            or _OF_TEXT.match(piece)
            or _HEADLINE.search(piece)
            or sum(1 for _ in _words(body, begin, link[0])) > BEFORE_WORDS
            or sum(1 for _ in _words(piece)) > TEASER_WORDS
            or any(
                _leads_elsewhere(match[1] or match[2] or match[3] or b"", base, is_erased)
                for match in anchors
            )
        ):
            break
        found = (begin, end)
        if name == b"p":
            break
    return found


def _around(body: bytes, link: tuple[int, int]) -> Iterator[tuple[bytes, int, int]]:
    """The elements around a link, the innermost first: name, begin, end."""
    still_open: list[tuple[bytes, int]] = []
    for tag in _ELEMENT.finditer(body, max(0, link[0] - NEAR_BYTES), link[1] + NEAR_BYTES):
        if (name := tag[2]) is None or name.lower() in _VOID:
            continue
        name = name.lower()
        if not tag[1]:
            still_open.append((name, tag.start()))
            continue
        if name not in (each for each, _ in still_open):
            continue
        while still_open:
            opened, begin = still_open.pop()
            if opened == name:
                if begin <= link[0] and tag.end() >= link[1] and (begin, tag.end()) != link:
                    yield name, begin, tag.end()
                break


def _without_addresses(body: bytes, base: str | None, is_erased: IsErased) -> bytes | None:
    """The document without the addresses of erased articles wherever they stand; null: it has none."""
    spans = list(address_spans(body, base, is_erased))
    return cut(body, spans) if spans else None


def address_spans(body: bytes, base: str | None, is_erased: IsErased) -> Iterator[tuple[int, int]]:
    """Where the addresses of erased articles stand."""
    known: dict[bytes, bool] = {}

    def is_one(raw: bytes) -> bool:
        if raw not in known:
            url = _url(raw, base)
            known[raw] = url is not None and is_erased(url)
        return known[raw]

    for match in _ADDRESS.finditer(body):
        if is_one(match[0]):
            yield match.span()
    for match in _ATTRIBUTE.finditer(body):
        for group in (1, 2, 3):
            if (raw := match[group]) and len(raw) < 2000 and is_one(raw):
                yield match.span(group)


def cut(body: bytes, spans: Iterable[tuple[int, int]], filler: bytes | None = None) -> bytes:
    """The bytes without these spans; with `filler`, one sign, they are overwritten and the length stays."""
    pieces, at = [], 0
    for begin, end in sorted(spans):
        if end <= at:
            continue
        begin = max(begin, at)  # noqa: PLW2901 - spans may overlap
        pieces += [body[at:begin], filler * (end - begin) if filler else b""]
        at = end
    return b"".join([*pieces, body[at:]])


# --- words --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """The words of an erased article, as far as they can be told from anybody's."""

    titles: tuple[tuple[bytes, ...], ...]
    """Of two words and more."""
    runs: frozenset[tuple[bytes, ...]]
    """All RUN_WORDS words that stand side by side in its texts."""

    @classmethod
    def of(cls, titles: Collection[str], texts: Collection[str]) -> Words:
        """The words of these titles and texts."""
        sequences = set(map(_sequence, titles))
        runs = {run for text in texts for run in _side_by_side(_sequence(text), RUN_WORDS)}
        return cls(tuple(sorted(each for each in sequences if len(each) > 1)), frozenset(runs))

    def less(self, texts: Collection[str]) -> Words:
        """Without the words that these texts have as well: they are somebody else's, too."""
        theirs = [_sequence(text) for text in texts]
        return Words(
            tuple(
                title
                for title in self.titles
                if not any(title in _side_by_side(each, len(title)) for each in theirs)
            ),
            self.runs.difference(*(_side_by_side(each, RUN_WORDS) for each in theirs)),
        )

    def runs_in(self, body: bytes) -> int:
        """How many different runs of the texts stand in a document."""
        if not self.runs:
            return 0
        return len(_side_by_side(tuple(word for word, _, _ in _words(body)), RUN_WORDS) & self.runs)

    def spans(self, body: bytes) -> list[tuple[int, int]]:
        """Where these words stand, whatever the markup, the case and the escapes between them; also as values of attributes."""
        spans = self._spans(body, list(_words(body)))
        for tag in _TAG.finditer(body):
            for value in _PROSE.finditer(body, *tag.span()):
                spans += self._spans(body, list(_words(body, *value.span(value.lastindex or 0))))
        return spans

    def _spans(self, body: bytes, found: list[tuple[bytes, int, int]]) -> list[tuple[int, int]]:
        words = [word for word, _, _ in found]
        spans = []
        wanted = {title[0] for title in self.titles}
        for at, word in enumerate(words):
            if word in wanted:
                spans += [
                    (at, at + len(title))
                    for title in self.titles
                    if word == title[0]
                    and tuple(words[at : at + len(title)]) == title
                    and (
                        len(title) >= LEAST_TITLE_WORDS
                        or _is_whole(body, found[at][1], found[at + len(title) - 1][2])
                    )
                ]
            if tuple(words[at : at + RUN_WORDS]) in self.runs:
                spans.append((at, at + RUN_WORDS))
        return [
            span for first, last in spans for span in _between_tags(body, found[first][1], found[last - 1][2])
        ]


def _sequence(text: str) -> tuple[bytes, ...]:
    return tuple(word for word, _, _ in _words(text.encode()))


def _side_by_side(words: tuple[bytes, ...], number: int) -> set[tuple[bytes, ...]]:
    """All so many words that stand side by side."""
    return {words[at : at + number] for at in range(len(words) - number + 1)}


def _is_whole(body: bytes, begin: int, end: int) -> bool:
    """Whether what stands there is all between two tags, or all of a value in quotation marks."""
    before, after = body[max(0, begin - 20) : begin].rstrip(_MARKS), body[end : end + 20].lstrip(_MARKS)
    return before.endswith((b">", b'"', b"'", b"&quot;")) and after.startswith(
        (b"<", b'"', b"'", b"&quot;", b'\\"')
    )


def _words(body: bytes, begin: int = 0, end: int = sys.maxsize) -> Iterator[tuple[bytes, int, int]]:
    """The words of letters and figures of ASCII, in lower case, with their places; tags and escapes part them."""
    for match in _TOKEN.finditer(body, begin, end):
        if match[1] is not None:
            yield match[1].lower(), *match.span(1)


def _between_tags(body: bytes, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The pieces of a span that are no markup: a tag that is cut would break what follows."""
    at = begin
    for tag in _TAG.finditer(body[begin:end]):
        if begin + tag.start() > at:
            yield at, begin + tag.start()
        at = begin + tag.end()
    if end > at:
        yield at, end
