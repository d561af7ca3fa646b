"""Articles in several parts: how many a page announces, where they are, and how they become one text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, parse_qsl, urldefrag, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from pipelines.address import address_key, canonical, joined
from pipelines.page.blocks import Block
from pipelines.page.index import Index
from pipelines.page.tree import squeeze, text_of

_TOTAL_PAGES = re.compile(r"""articleTotalPages['"]?\s*:\s*['"]?(\d{1,2})""")
_PAGE_OF = re.compile(r"\b(?:halaman|page)\s*:?\s*(\d{1,2})\s*(?:/|dari|of)\s*(\d{1,2})\b", re.IGNORECASE)
_NEXT_WORDS = r"\W*(?:(?:halaman|page) )?(?:selanjutnya|berikutnya|lanjut|next)(?: page)?\W*|[\u203a\u00bb>]+"
_NEXT = re.compile(_NEXT_WORDS, re.IGNORECASE)
_FIRST = re.compile(
    r"1|\W*(?:(?:halaman|page) )?(?:sebelumnya|previous|prev)\W*|[\u2039\u00ab<]+", re.IGNORECASE
)
_PAGE_LABEL = re.compile(rf"\d{{1,2}}|{_NEXT_WORDS}", re.IGNORECASE)
MAX_LABEL_CHARS = 40
"""An element that says only "Halaman 1 dari 3" has fewer characters; prose has more."""
MAX_PAGER_CHARS = 120
_PAGER_NAMES = ("pag", "halaman")
_COUNTS = re.compile(r"(?:page|hal|halaman)=")
_ABOUT_COMMENTS = re.compile(r"\b(?:comments?|komentar|respond|disqus)\b", re.IGNORECASE)
_BOX = re.compile(
    r"\b(?:widget|sidebar|related|terkait|terpopuler|comments?|jeg_(?:postblock|module)|td_block)"
)
_COUNTED_BY = ("page", "halaman", "hal")
_WHOLE = frozenset({("page", "all"), ("showpage", "all"), ("single", "1"), ("halaman", "semua")})
_ALL = re.compile(r"(?:(?<=[?&]page=)|(?<=[?&]halaman=)|(?<=/))(?:all|semua)$")
"""Where the number of a part replaces the suffix for the whole article."""
_MAY_BE_WHOLE = re.compile(r"all|semua|single|[%\s]", re.IGNORECASE)
"""What is in every address for the whole article; no other need be joined."""
MAX_PARTS = 20


@dataclass(frozen=True, slots=True)
class Further:
    """Where the rest of an article is."""

    whole: str | None
    """One address that may give all of it. Null: none is known."""
    rest: tuple[str, ...]
    """Its further parts, in order; empty where the page is whole."""
    announced: int = 1
    """How many parts the page says that there are."""


def further(index: Index, url: str | None, suffix: str | None, at: int = 1) -> Further:
    """Where the rest of the article at `url` is, as its part `at` says.

    `suffix`: what the site appends to an address to show the whole article.
    """
    if url is None or is_whole(url, url):
        return Further(None, ())
    rest = addresses(index, url, at)
    targets = (link.get("href") or "" for link in _turning(index))
    linked = (joined(url, href) for href in targets if _MAY_BE_WHOLE.search(href))
    whole = next((address for address in linked if is_whole(address, url)), None)
    number = _number(index, linked=1 + len(rest))
    if suffix and number > 1:
        whole = whole or _behind(url, suffix)
        # A page that says how many parts there are need not link them all.
        if _ALL.search(suffix):
            rest += tuple(
                _behind(url, _ALL.sub(str(each), suffix)) for each in range(len(rest) + 2, number + 1)
            )
    elif rest:
        rest += tuple(_renumbered(rest[-1], len(rest) + 1, each) for each in range(len(rest) + 2, number + 1))
    return Further(whole, rest, number)


def _behind(url: str, suffix: str) -> str:
    bare = canonical(url)
    return bare + (suffix.replace("?", "&", 1) if "?" in bare else suffix)


def is_whole(address: str, url: str | None) -> bool:
    """Whether an address asks for all parts of the article at `url` at once."""
    asked = urlsplit(address)
    if _WHOLE & set(parse_qsl(asked.query.lower())):
        return url is None or asked.path.rstrip("/") == urlsplit(url).path.rstrip("/")
    if url is None or not asked.path.rstrip("/").endswith("/all"):
        return False
    return asked.path.rstrip("/") == urlsplit(canonical(url)).path.rstrip("/") + "/all"


def addresses(index: Index, url: str | None, at: int = 1) -> tuple[str, ...]:
    """The addresses of the further parts that a page announces, in order; empty where it is whole.

    `url` is the article's, and the page its part `at`.
    """
    if url is None or is_whole(url, url):
        return ()
    bare = urlsplit(canonical(url))
    path = bare.path.rstrip("/")
    found: dict[int, str] = {}
    pager = ((link, link.get("href") or "") for link in _pager(index))
    linked = [(link, joined(url, href)) for link, href in pager if _may_lead(href, path)]
    of_path = re.compile(re.escape(path) + r"/(?:page/)?(\d{1,3})")
    links = [
        (link, target)
        for link, address in linked
        if (there := (target := urlsplit(urldefrag(address).url)).path.rstrip("/")) == path
        or (path and of_path.fullmatch(there))
        if not _of_comments(link, address)
    ]
    labels = [(target.path.rstrip("/"), text_of(link)) for link, target in links]
    labelled = {there: number for there, label in labels if (number := _figure(label)) is not None}
    for there, label in labels:
        if _NEXT.fullmatch(label):
            labelled.setdefault(there, at + 1)
    for _, target in links:
        if target.netloc.removeprefix("www.") != urlsplit(url).netloc.removeprefix("www."):
            continue
        number = None
        there = target.path.rstrip("/")
        if there == path:
            number = _counted(target.query)
        elif match := of_path.fullmatch(there):
            # Disway counts by offsets, "/15" and "/30": the pager's own figures say which part that is.
            number = labelled.get(there, int(match[1]))
        if number is not None and 2 <= number <= MAX_PARTS:
            found.setdefault(number, target.geturl())
    # A gap in the numbers is an ellipsis in the pager: the last address with the missing number in it.
    for number in range(2, max(found, default=1)):
        known = max(found)
        found.setdefault(number, _renumbered(found[known], known, number))
    return tuple(found[number] for number in sorted(found))


def _pager(index: Index) -> list[HtmlElement]:
    """The links that may turn an article's pages: in a pager, or of a number or "next" wherever they stand."""
    counted = [
        index.elements[at]
        for at in index.of_tag.get("a", ())
        if "=" in (href := index.elements[at].get("href") or "")
        if _COUNTS.search(href) and _PAGE_LABEL.fullmatch(index.text(at))
    ]
    return [*_turning(index), *counted]


def _turning(index: Index) -> list[HtmlElement]:
    """The links in whatever is called after pages, and the one that a page's head calls the next."""
    heads = (at for at in index.of_tag.get("link", ()) if index.tags[index.parents[at]] == "head")
    named = [link for link in map(index.elements.__getitem__, heads) if link.get("rel") == "next"]
    called = index.called(*_PAGER_NAMES)
    inside = sorted({*index.under(called, "a"), *(at for at in called if index.tags[at] == "a")})
    links = map(index.elements.__getitem__, inside)
    return [link for link in (*named, *links) if link.get("href") is not None]


def _may_lead(href: str, path: str) -> bool:
    """Whether a link may lead below a path; one that is written out and lacks it does not, and need not be joined."""
    is_whole = href.startswith(("/", "http://", "https://")) and "/." not in href and href.isprintable()
    return path in href or not is_whole


def _of_comments(link: HtmlElement, target: str) -> bool:
    """Whether a link turns the pages of the comments, not of the article."""
    parts = urlsplit(target)
    if _ABOUT_COMMENTS.search(parts.fragment) or "cpage" in parse_qs(parts.query):
        return True
    around = (up for up in link.iterancestors() if up.tag not in ("html", "body", "main", "article"))
    return any(
        _ABOUT_COMMENTS.match(name)
        for up in around
        for name in (*(up.get("class") or "").split(), up.get("id") or "")
    )


def _counted(query: str) -> int | None:
    """The part that a query asks for by its number; null: none."""
    asked = parse_qs(query)
    value = next((asked[name][-1] for name in _COUNTED_BY if name in asked), "")
    return _figure(value)


def _figure(text: str) -> int | None:
    """The number that a text is; null where it is none, or longer than a part's can be."""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def numbered(url: str) -> tuple[int, str] | None:
    """(The number, the address without it) of an address that has the form of a further part's; null: it has not."""
    try:
        asked = urlsplit(url)
    except ValueError:  # "http://[": another crawler's archive may hold it
        return None
    number, path = _counted(asked.query), asked.path
    if number is None and (match := re.fullmatch(r"(.+?)/(?:page/)?(\d{1,3})/?", path)):
        number, path = int(match[2]), match[1]
    if number is None or number < 2 or not path.strip("/"):
        return None
    return number, _unnumbered(asked._replace(path=path))


def _unnumbered(address: SplitResult) -> str:
    query = "&".join(each for each in address.query.split("&") if each.partition("=")[0] not in _COUNTED_BY)
    return canonical(address._replace(query=query).geturl())


def part_of(index: Index, url: str | None) -> tuple[int, str] | None:
    """(Its number, the article's address) of a page that is a further part of an article; null: it is none.

    The address must have that form, and the page must name or link the article as its own first part.
    """
    if url is None or (numbering := numbered(url)) is None:
        return None
    number, article = numbering
    own = [joined(url, str(href)) for href in index.root.xpath("//link[@rel='canonical']/@href")]
    if _counted(urlsplit(url).query) is None and any(address_key(each) == address_key(url) for each in own):
        return None  # an article of its own, whose address ends in a number
    # Only as its page 1 or the one before: "pag" is in the class of many a page's whole body.
    turning = (link for link in _turning(index) if _FIRST.fullmatch(text_of(link)))
    linked = [joined(url, link.get("href") or "") for link in turning]
    for address in (*own, *linked):
        if numbered(address) is None and address_key(_unnumbered(urlsplit(address))) == address_key(article):
            return number, _unnumbered(urlsplit(address))
    return None


def _renumbered(address: str, known: int, number: int) -> str:
    """The address of part `number`, made from that of part `known`: both count parts, or offsets."""
    match = re.search(r"(\d+)(?=/?$)", address)
    if match is None:
        return address
    offset = int(match[1])
    value = number if offset == known else offset // (known - 1) * (number - 1)
    return f"{address[: match.start()]}{value}{address[match.end() :]}"


def announced(index: Index, url: str | None, at: int = 1) -> int:
    """How many parts the article at `url` has, as its part `at` says; 1 where that says nothing."""
    if url and is_whole(url, url):
        return 1
    return _number(index, linked=1 + len(addresses(index, url, at)))


def _number(index: Index, linked: int) -> int:
    """The largest number of parts that a page's links, lines and data give; `linked`: what the links do."""
    counts = [linked, _stated(index)]
    for at in index.of_tag.get("script", ()):
        if "articleTotalPages" in (text := index.texts[at] or ""):
            counts += [int(number) for number in _TOTAL_PAGES.findall(text)]
    counts += [_figure(str(value)) or 1 for value in _TOTALS(index.root)]
    return min(max(counts), MAX_PARTS)


_TOTALS = etree.XPath("//@data-total-pages")


def _stated(index: Index) -> int:
    """How many parts a line like "Halaman 1 dari 3" states; 1 where there is none."""
    counts = [1]
    for at in index.called("pag"):
        text = index.text_within(at, MAX_PAGER_CHARS)
        if text and (totals := _PAGE_OF.findall(text)) and not _beside(index, at):
            counts += [int(total) for _, total in totals if int(total) <= MAX_PARTS]
    for at in _opening_with_page(index):
        for around in (at, index.parents[at]):
            # The figures may stand in elements of their own, beside the word.
            if around < 0 or index.tags[around] in ("script", "style", "body", "html"):
                break
            text = index.text_within(around, MAX_LABEL_CHARS)
            if text is None:
                break
            match = _PAGE_OF.match(text)
            rest = text[match.end() :].strip() if match else ""
            # More than a list of articles has: a teaser box turns pages, too.
            if (
                match
                and (not rest or _NEXT.fullmatch(rest))
                and int(match[2]) <= MAX_PARTS
                and not _beside(index, around)
            ):
                counts.append(int(match[2]))
    return max(counts)


def _opening_with_page(index: Index) -> Iterator[int]:
    """The elements in which a text begins with "page"."""
    for at, text in zip(index.pieces.owners, index.pieces.folded, strict=True):
        if text[:1] in _PAGE_LETTERS and text[:7].lower().startswith(("halaman", "page")):
            yield at


_PAGE_LETTERS = frozenset("hHpP")


def _beside(index: Index, at: int) -> bool:
    """Whether an element stands in a box beside the article, which may turn pages of its own."""
    around = (up for up in (at, *index.around(at)) if index.tags[up] not in ("html", "body", "main"))
    return any(index.tags[up] in ("aside", "footer") or _BOX.search(index.classes[up]) for up in around)


def together(
    first: tuple[Block, ...],
    rest: Sequence[tuple[str | None, tuple[Block, ...]]],
    url: str | None,
    title: str | None = None,
) -> tuple[tuple[Block, ...], int]:
    """(The article's blocks, how many parts they come from); `rest`: address and blocks of each further part.

    Text that a part repeats stays out; a part that brings nothing new is not counted.

    A part that should be the whole article is believed only where it is longer than the first: a site
    that does not know such an address answers with the first part.
    """
    for address, blocks in rest:
        if address and is_whole(address, url) and _length(blocks) > _length(first):
            return blocks, MAX_PARTS
    joined, number = first, 1
    for address, blocks in rest:
        if address and is_whole(address, url):
            continue
        fresh = _fresh(blocks, joined, title)
        joined, number = joined + fresh, number + bool(fresh)
    return joined, number


def _length(blocks: Iterable[Block]) -> int:
    return sum(len(squeeze(block.text)) for block in blocks)


def _fresh(part: Iterable[Block], before: tuple[Block, ...], title: str | None) -> tuple[Block, ...]:
    """The blocks of a part that the parts before it lack: no repeated headline, paragraph or end of a paragraph."""
    known = {squeeze(block.text) for block in before} | {squeeze(title or "")}
    last = squeeze(before[-1].text).casefold() if before else ""
    cut = (block.with_text(block.text.removeprefix(f"{title} ")) if title else block for block in part)
    fresh = [block for block in cut if squeeze(block.text) not in known]
    # Where a page breaks inside a paragraph, the next may begin with its end once more.
    if fresh and last.endswith(squeeze(fresh[0].text).casefold()):
        del fresh[0]
    return tuple(fresh)
