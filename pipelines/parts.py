"""Articles in several parts: how many a page announces, where they are, and how they become one text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, urljoin, urlsplit

from lxml.html import HtmlElement

from pipelines.address import canonical
from pipelines.blocks import Block
from pipelines.tree import squeeze, text_of

_TOTAL_PAGES = re.compile(r"""articleTotalPages['"]?\s*:\s*['"]?(\d{1,2})""")
_PAGE_OF = re.compile(r"\bhalaman\s+(\d{1,2})\s*(?:/|dari)\s*(\d{1,2})\b", re.IGNORECASE)
_PAGING_XPATH = (
    "//*[contains(@class, 'pag') or contains(@class, 'page-links') or contains(@class, 'post-page-numbers') or contains(@class, 'halaman')]"
    "/descendant-or-self::a[@href]"
)
_WHOLE = frozenset({("page", "all"), ("showpage", "all"), ("single", "1"), ("halaman", "semua")})
MAX_PARTS = 20


@dataclass(frozen=True, slots=True)
class Further:
    """Where the rest of an article is."""

    whole: str | None
    """One address that may give all of it. Null: none is known."""
    rest: tuple[str, ...]
    """Its further parts, in order; empty where the page is whole."""


def further(tree: HtmlElement, url: str | None, suffix: str | None) -> Further:
    """Where the rest of the article at `url` is; `suffix` is what the site's whole articles are asked for by."""
    rest = addresses(tree, url)
    if url is None or is_whole(url, url):
        return Further(None, ())
    linked = (urljoin(url, link.get("href") or "") for link in tree.xpath(_PAGING_XPATH))
    whole = next((address for address in linked if is_whole(address, url)), None)
    if whole is None and suffix and announced(tree, url) > 1:
        bare = canonical(url)
        whole = bare + (suffix.replace("?", "&", 1) if "?" in bare else suffix)
    return Further(whole, rest)


def is_whole(address: str, url: str | None) -> bool:
    """Whether an address asks for all parts of the article at `url` at once."""
    asked = urlsplit(address)
    if _WHOLE & set(parse_qsl(asked.query.lower())):
        return url is None or asked.path.rstrip("/") == urlsplit(url).path.rstrip("/")
    if url is None or not asked.path.rstrip("/").endswith("/all"):
        return False
    return asked.path.rstrip("/") == urlsplit(canonical(url)).path.rstrip("/") + "/all"


def addresses(tree: HtmlElement, url: str | None) -> tuple[str, ...]:
    """The addresses of the further parts that a page announces, in order; empty where it is whole."""
    if url is None or is_whole(url, url):
        return ()
    bare = urlsplit(canonical(url))
    path = bare.path.rstrip("/")
    found: dict[int, str] = {}
    links = tree.xpath(_PAGING_XPATH)
    labelled = {
        urlsplit(urljoin(url, link.get("href") or "")).path.rstrip("/"): int(label)
        for link in links
        if (label := text_of(link)).isdecimal()
    }
    for link in links:
        target = urlsplit(urljoin(url, link.get("href") or ""))
        if target.netloc.removeprefix("www.") != urlsplit(url).netloc.removeprefix("www."):
            continue
        number = None
        there = target.path.rstrip("/")
        query = parse_qs(target.query)
        if there == path and (value := (query.get("page") or query.get("halaman") or [""])[-1]).isdigit():
            number = int(value)
        elif path and (match := re.fullmatch(re.escape(path) + r"/(?:page/)?(\d{1,3})", there)):
            # Disway counts by offsets, "/15" and "/30": the pager's own figures say which part that is.
            number = labelled.get(there, int(match[1]))
        if number is not None and 2 <= number <= MAX_PARTS:
            found.setdefault(number, target.geturl())
    # A gap in the numbers is an ellipsis in the pager: the last address, spelt with the missing number.
    for number in range(2, max(found, default=1)):
        known = max(found)
        found.setdefault(number, _spelt(found[known], known, number))
    return tuple(found[number] for number in sorted(found))


def _spelt(address: str, known: int, number: int) -> str:
    """The address of the part `known`, spelt for another: by its number, or by the offset it stands at."""
    match = re.search(r"(\d+)(?=/?$)", address)
    if match is None:
        return address
    offset = int(match[1])
    value = number if offset == known else offset // (known - 1) * (number - 1)
    return f"{address[: match.start()]}{value}{address[match.end() :]}"


def announced(tree: HtmlElement, url: str | None) -> int:
    """How many parts the page says its article has; 1 where it says nothing."""
    if url and is_whole(url, url):
        return 1
    counts = [1 + len(addresses(tree, url))]
    for script in tree.iter("script"):
        counts += [int(number) for number in _TOTAL_PAGES.findall(script.text or "")]
    for element in tree.xpath("//*[contains(@class, 'pag')]"):
        text = text_of(element)
        if len(text) < 120:
            counts += [int(total) for _, total in _PAGE_OF.findall(text)]
    counts += [int(value) for value in tree.xpath("//@data-total-pages") if str(value).isdigit()]
    return min(max(counts), MAX_PARTS)


def together(
    first: tuple[Block, ...], rest: Sequence[tuple[str | None, tuple[Block, ...]]], url: str | None
) -> tuple[tuple[Block, ...], int]:
    """(The article's blocks, how many parts they are); `rest` is the address and the blocks of each part that was had.

    A part that should be the whole is believed only where it is more than the first: a site that does
    not know such an address answers with that.
    """
    for address, blocks in rest:
        if address and is_whole(address, url) and _length(blocks) > _length(first):
            return blocks, MAX_PARTS
    numbered = [blocks for address, blocks in rest if not (address and is_whole(address, url))]
    return (join([first, *numbered]) if numbered else first), 1 + len(numbered)


def _length(blocks: Iterable[Block]) -> int:
    return sum(len(squeeze(block.text)) for block in blocks)


def join(parts: Iterable[Iterable[Block]]) -> tuple[Block, ...]:
    """The blocks of an article's parts in order; what a part repeats of an earlier one stays out."""
    joined: list[Block] = []
    seen: set[str] = set()
    for part in parts:
        fresh = [block for block in part if squeeze(block.text) not in seen]
        joined += fresh
        seen.update(squeeze(block.text) for block in fresh)
    return tuple(joined)
