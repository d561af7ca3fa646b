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
"""A shorter title is taken out only where it is a link's."""

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
_TOKEN = re.compile(rb"&#?\w{1,10};|\\u[0-9a-fA-F]{4}|<[^<>]{0,2000}>|([A-Za-z0-9]+)")
_GZIP = b"\x1f\x8b"


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
    if not any(is_erased(url) for url in _addresses(body, base)):
        return None
    if is_list:
        body = _without_items(body, base, is_erased)
        body = _without_cards(body, base, is_erased)
    body = _without_links(body, base, is_erased)
    return _without_addresses(body, base, is_erased) or body


def _addresses(body: bytes, base: str | None) -> Iterator[str]:
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
        if any(_leads_elsewhere(each, base, is_erased) for each in above.iter("a")):
            break
        card = above
    return card


def _leads_elsewhere(anchor: Any, base: str | None, is_erased: IsErased) -> bool:
    url = _url((anchor.get("href") or "").encode(), base)
    if url is None or is_erased(url):
        return False
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rpartition("/")[2]
    return bool(_ARTICLE_LIKE.fullmatch(last) or "p=" in parts.query)


# --- links and addresses ------------------------------------------------------------------------------


def _without_links(body: bytes, base: str | None, is_erased: IsErased) -> bytes:
    """The document without links to the erased articles; of one within a sentence the words stay, for they are the sentence's."""
    pieces, at = [], 0
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
        pieces.append(body[at : match.start()])
        if not is_alone:
            pieces.append(re.sub(rb"(?is)^<a\b[^>]*>|</a\s*>$", b"", match[0]))
        at = match.end()
    return b"".join([*pieces, body[at:]])


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
    runs: frozenset[tuple[bytes, ...]]
    """All RUN_WORDS words that stand side by side in its texts."""

    @classmethod
    def of(cls, titles: Collection[str], texts: Collection[str]) -> Words:
        """The words of these titles and texts."""
        sequences = {tuple(word for word, _, _ in _words(title.encode())) for title in titles}
        runs: set[tuple[bytes, ...]] = set()
        for text in texts:
            found = [word for word, _, _ in _words(text.encode())]
            runs.update(tuple(found[n : n + RUN_WORDS]) for n in range(len(found) - RUN_WORDS + 1))
        return cls(
            tuple(sorted(each for each in sequences if len(each) >= LEAST_TITLE_WORDS)), frozenset(runs)
        )

    def runs_in(self, body: bytes) -> int:
        """How many different runs of the texts stand in a document."""
        if not self.runs:
            return 0
        words = [word for word, _, _ in _words(body)]
        here = {tuple(words[at : at + RUN_WORDS]) for at in range(len(words) - RUN_WORDS + 1)}
        return len(here & self.runs)

    def spans(self, body: bytes, titles_only: bool = False) -> list[tuple[int, int]]:
        """Where these words stand, whatever the markup, the case and the escapes between them."""
        found = list(_words(body))
        words = [word for word, _, _ in found]
        spans = []
        wanted = {title[0] for title in self.titles}
        for at, word in enumerate(words):
            if word in wanted:
                spans += [
                    (at, at + len(title))
                    for title in self.titles
                    if word == title[0] and tuple(words[at : at + len(title)]) == title
                ]
            if not titles_only and tuple(words[at : at + RUN_WORDS]) in self.runs:
                spans.append((at, at + RUN_WORDS))
        return [
            span for first, last in spans for span in _between_tags(body, found[first][1], found[last - 1][2])
        ]


def _words(body: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The words of letters and figures of ASCII, in lower case, with their places; tags and escapes part them."""
    for match in _TOKEN.finditer(body):
        if match[1] is not None:
            yield match[1].lower(), *match.span(1)


def _between_tags(body: bytes, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The pieces of a span that are no markup: a tag that is cut would break what follows."""
    at = begin
    for tag in re.finditer(rb"<[^<>]{0,2000}>", body[begin:end]):
        if begin + tag.start() > at:
            yield at, begin + tag.start()
        at = begin + tag.end()
    if end > at:
        yield at, end
