"""The body of a page: bytes to text, text to a tree, the tree to blocks in reading order.

Decodes once and parses once. Known noise leaves the tree first; then the body is the container that
the rules name, else a container that says itself that it is the body, else what trafilatura chooses.
A container is read by our own walk and not by trafilatura: inside a known container trafilatura can
only lose (short paragraphs, lists, the halves of `<br><br>` bodies), and a block keeps what the line
rules need to know, the share of its text that is links. What a block means is `clean`'s question.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qs, urljoin, urlsplit

import trafilatura
from lxml import etree, html
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from pipelines.address import canonical
from pipelines.rules import Rules

Kind = Literal["paragraph", "heading", "item", "quote", "row"]

MIN_ANCHOR_CHARS = 150
"""A container that names itself the body but holds less is a teaser or a template's leftover."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a subhead, a list item, a quote or a table's row, white space folded."""

    text: str
    kind: Kind = "paragraph"
    links: float = 0.0
    """The share of its characters that are links, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a tree holds as its article."""

    blocks: tuple[Block, ...]
    captions: tuple[str, ...] = ()
    asides: tuple[Block, ...] = ()
    """Short lines with a label ("Editor: …") that left with the noise: they may name people."""


# --- bytes to text --------------------------------------------------------------------------------

_CHARSET_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_CHARSET_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
MAX_ODD_SHARE = 0.02
"""Control characters beyond this share are the mark of a binary file or of a wrong character set."""


def decode(body: bytes, content_type: str | None) -> str | None:
    """The text of the bytes; null where no character set makes text of them.

    Bytes that are strict UTF-8 are UTF-8, whatever header and meta say: other text is never so by
    chance, and a wrong header is common. Then header, meta, windows-1252, in this order.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _sane(body[len(mark) :].decode(name, errors="replace"))
    named = [match[1] for match in [_CHARSET_HEADER.search(content_type or "")] if match]
    named += [match[1].decode("ascii", "replace") for match in [_CHARSET_META.search(body[:4096])] if match]
    if not any(name.lower().replace("_", "-").startswith(("utf-16", "utf-32")) for name in named[:1]):
        named.insert(0, "utf-8")
    for name in (*named, "windows-1252"):
        try:
            # The web says iso-8859-1 and means windows-1252, which has the curly quotes.
            codec = codecs.lookup(name).name
            text = body.decode("cp1252" if codec in ("iso8859-1", "ascii") else codec)
        except (LookupError, UnicodeError, ValueError):
            continue
        if (sane := _sane(text)) is not None:
            return sane
    if (
        body
        and _sane(text := body.decode("utf-8", errors="replace"))
        and text.count("\ufffd") < MAX_ODD_SHARE * len(text)
    ):
        return _sane(text)  # one torn character in a page of UTF-8
    return None


def _sane(text: str) -> str | None:
    """The text without control characters; null where it is full of them."""
    clean = _CONTROL.sub("", text)
    return clean if len(text) - len(clean) <= MAX_ODD_SHARE * len(text) else None


# --- text to tree ---------------------------------------------------------------------------------


def parse(text: str) -> HtmlElement | None:
    """The tree of a page or of a fragment; null where there is no element in it."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(text.encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    return tree if isinstance(tree.tag, str) else None


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
    return _WHITE.sub(" ", unicodedata.normalize("NFC", _INVISIBLE.sub("", text))).strip()


_WHITE = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f]")


def text_of(element: HtmlElement) -> str:
    """All the text under an element, folded."""
    return fold(" ".join(str(piece) for piece in element.itertext()))


# --- known noise ----------------------------------------------------------------------------------

_NOISE_TAGS = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "form",
        "button",
        "select",
        "textarea",
        "input",
        "iframe",
        "object",
        "embed",
        "video",
        "audio",
        "canvas",
        "nav",
        "aside",
        "dialog",
        "map",
        "ins",
        "link",
        "meta",
    ]
)

# Names of classes and ids, each matched against one whole name. What they name on the themes and
# platforms of the region: related boxes, share rows, tags, popular lists, comments, ads, the next article.
_NOISE_NAMES = re.compile(
    r"""(?:
    (?:.*[-_])? related (?:[-_]?(?:posts?|news|articles?|text|links?|content|items?|box|wrap(?:per)?|stories|berita|3))? (?:[-_].*)?
  | .* (?:baca[-_]?juga|bacajuga|berita[-_]?terkait|artikel[-_]?terkait|beritaterkait|lihat[-_]?juga|inline[-_]?related) .*
  | baca | terkait | read-?also | readmore | read-more | more-link | read__others | article-read | jp-relatedposts
  | (?:.*[-_])? (?:share|sharing|shares|sharebox|sosmed|social|socials|socialicon|addtoany|bagikan) (?:[-_].*)?
  | (?:social|share) (?:icons?|buttons?|links?|media|bar|wrap(?:per)?|[-_].*) | sharedaddy | sd-.* | a2a_.* | heateor.* | ssba.*
  | respond | comments? | comments?[-_].* | (?:.*[-_])comments? | disqus_thread | fb-comments | komentar | komentar[-_].*
  | reply-title | .*commentform.*
  | (?:.*[-_])? (?:tags|tagcloud\d*|taglist|hashtags?) (?:[-_].*)? | (?:post|entry|article|detail|wp-block-post)[-_]*(?:tag|terms)
  | tag(?:box|s?-links|-list|-cloud|-wrap) | tagcloud.* | taxonomy-post_tag
  | (?:.*[-_])? (?:popular|terpopuler|trending|most-?read|most-?viewed|recommend(?:ed|ation|ations)?|rekomendasi) (?:[-_].*)?
  | (?:widget[-_])? (?:popular|recent|latest)[-_](?:posts?|news|articles?|comments)(?:[-_].*)? | pilihan-.* | .*_pilihan.*
  | ads? | ads?[-_].* | .*[-_]ads? | adsbygoogle | advert(?:s|isement|isements|ising)?(?:[-_].*)? | iklan(?:[-_].*)? | .*[-_]iklan
  | banner | banner[-_].* | .*[-_]banner | div-ad.* | div-gpt.* | gpt-.* | td-a-rec.* | jeg_ad.* | jnews_.*ads.* | code-block.*
  | placeholder_(?:belt|read_body) | widget-ads.*
  | next-?articles? | next-?posts? | nextpost.* | (?:.*[-_])?prev-?next.* | (?:.*[-_])?next-?prev.* | nav-links | nav-(?:previous|next|below|above)
  | (?:post|posts|entry)[-_]?(?:nav|navigation|pagination|pager)(?:[-_].*)? | navigation | navbar.* | menu | (?:.*[-_])menu | site-(?:header|footer)
  | (?:.*[-_])? (?:pagination|paging|pager) (?:[-_].*)? | page-links? | page-numbers? | post-page-numbers
  | (?:.*[-_])? breadcrumbs? (?:[-_].*)? | crumbs?
  | author-?(?:box|bio|info|description)(?:[-_].*)? | about-author | saboxplugin.* | (?:tdb?-)author-box.*
  | ten-second.* | summary-article | newsletter.* | subscribe.* | subscription.* | follow-?us.* | google-(?:news|pref).* | gnews.*
  | (?:wa|whatsapp|telegram)-?channel.* | (?:.*[-_])?sidebar(?:[-_].*)? | widget | widget[-_].* | .*[-_]widget | secondary | popup.* | modal.* | cookie.* | .*-cookie.*
  | toc | ez-toc.* | lwptoc.* | jeg_share.* | jeg_post_tags | jnews_inline_related_post.* | jnews_related_post.* | td_block_related_posts
  | td-post-(?:sharing|source|next|author).* | tdb_single_(?:next_prev|related|comments|author_box|post_share|tags).*
  | skip-link | screen-reader-text | sr-only | visually-hidden | print-only | wp-block-(?:post-navigation-link|post-comments.*|comments.*|buttons?|search|latest-posts|social-links|query)
  | rating(?:s)?(?:[-_].*)? | post-views.* | view-?count.* | gmr-(?:related|socialicon|ajax-loader|banner).* | prevnextpost-links | inf-pagination
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_NOISE = re.compile(r"(?:has|no|with|without|is)-.*", re.IGNORECASE)
# WordPress writes an article's categories and tags into its classes: "category-iklan" is no advertisement.
_POST_CLASSES = frozenset({"hentry", "type-post"})
_CAPTION_NAMES = re.compile(
    r"(?:wp-)?caption(?:-text|_text)?|(?:.*[-_])caption(?:[-_]text)?|(?:foto|photo|image|img|gambar)[-_]?(?:caption|credit|info|desc(?:ription)?)"
    r"|keterangan-?foto|gallery.*|wp-block-gallery|slideshow.*",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"\W*(?:pewarta|penulis|reporter|wartawan|jurnalis|editor|redaktur|penyunting|writer|sumber berita)\s*:",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


def prune(tree: HtmlElement, rules: Rules) -> tuple[tuple[str, ...], tuple[Block, ...]]:
    """Takes known noise out of the tree, in place; returns the captions and the labelled lines that left.

    What holds the body, the title or most of the page's running text is never noise, whatever it is called.
    """
    keep = set(_matches(tree, rules.body)) if rules.body else set()
    keep.update(tree.xpath("//*[@itemprop='articleBody']"), tree.xpath("//h1"))
    for element in list(keep):
        keep.update(element.iterancestors())
    captions: list[str] = []
    wanted_out: list[HtmlElement] = [found for css in rules.remove for found in select(tree, css)]
    ruled_out = set(wanted_out)
    body_tags = {"html", "body", "main", "head"}
    for element in tree.iter():
        tag = element.tag
        if not isinstance(tag, str) or tag in body_tags:
            continue
        if tag in ("figcaption",) or (tag == "figure" and element.find(".//p") is None):
            captions.append(text_of(element))
            wanted_out.append(element)
            continue
        if (
            tag in _NOISE_TAGS
            or element.get("hidden") is not None
            or _HIDDEN.search(element.get("style") or "")
        ):
            if element not in keep and (
                tag not in ("form", "aside", "dialog", "nav") or not _holds_the_text(element, tree)
            ):
                wanted_out.append(element)
            continue
        named = f"{element.get('class') or ''} {element.get('id') or ''}".split()
        if not named or not _POST_CLASSES.isdisjoint(named):
            continue
        if any(_CAPTION_NAMES.fullmatch(name) for name in named) and element not in keep:
            if not _holds_the_text(element, tree):
                captions.append(text_of(element))
                wanted_out.append(element)
            continue
        if element in keep or not any(_is_noise(name) for name in named):
            continue
        if not _holds_the_text(element, tree):
            wanted_out.append(element)
    asides: list[Block] = []
    for element in wanted_out:
        if element not in keep or element in ruled_out:
            if element.tag not in _SKIPPED:
                asides += [
                    block
                    for block in blocks(element)
                    if len(block.text) < 240 and _LABELLED.match(block.text)
                ]
            _drop(element)
    return tuple(dict.fromkeys(caption for caption in captions if caption)), tuple(dict.fromkeys(asides))


@lru_cache(maxsize=4096)
def _is_noise(name: str) -> bool:
    return _NOISE_NAMES.fullmatch(name) is not None and _NOT_NOISE.fullmatch(name) is None


def _holds_the_text(element: HtmlElement, tree: HtmlElement) -> bool:
    """Whether most of the page's running text stands under the element."""
    inside = _prose_chars(element)
    return inside > 400 and inside > 0.5 * _prose_chars(tree)


def _prose_chars(element: HtmlElement) -> int:
    """Characters in paragraphs that are no links: what an article is made of."""
    total = 0
    for paragraph in element.iter("p"):
        text = sum(len(str(piece)) for piece in paragraph.itertext())
        total += text - sum(len(str(piece)) for link in paragraph.iter("a") for piece in link.itertext())
    return total


def _drop(element: HtmlElement) -> None:
    parent = element.getparent()
    if parent is not None:
        element.drop_tree()


# --- the body -------------------------------------------------------------------------------------

# Containers that name themselves the body, surest first: schema.org, then the themes of the region.
_ANCHORS = (
    "[itemprop=articleBody]",
    ".entry-content-single",
    ".td-post-content",
    ".tdb_single_content",
    ".jeg_post_content .content-inner",
    ".jeg_inner_content .content-inner",
    ".content-inner",
    ".read__content",
    ".detail__body-text",
    ".txt-article",
    ".wrap__article-detail-content",
    ".entry-content",
    ".post-content",
    ".article-content",
    ".article__content",
    ".article-body",
    ".kandela-html",
    ".detail-content",
    ".detail-text",
    ".content-detail",
    ".main-content-detail",
    ".post-body",
)


def body(tree: HtmlElement, rules: Rules) -> Body:
    """The article of a tree, which loses its noise on the way."""
    captions, asides = prune(tree, rules)
    container = _container(tree, rules)
    chosen = blocks(container) if container is not None else _generic(tree)
    return Body(tuple(chosen), captions, asides)


def _matches(tree: HtmlElement, css: str | None) -> list[HtmlElement]:
    """The outermost elements that a selector finds."""
    found = select(tree, css) if css else []
    inside = {child for element in found for child in element.iterdescendants()}
    return [element for element in found if element not in inside]


def _container(tree: HtmlElement, rules: Rules) -> HtmlElement | None:
    """The body's container: the first of the rules' that has text, else one that names itself the body.

    Alternatives behind commas are tried in their order: the narrower container is written first.
    """
    for css in alternatives(rules.body) if rules.body else ():
        for element in _matches(tree, css):
            if text_of(element):
                return element
    for css in _ANCHORS:
        found = _matches(tree, css)
        # Two of a kind are teasers, or articles of an endless page: no anchor.
        if len(found) == 1 and len(text_of(found[0])) >= MIN_ANCHOR_CHARS:
            return found[0]
    return None


def _generic(tree: HtmlElement) -> Iterator[Block]:
    """What trafilatura takes for the article, as blocks of the tree where they are found again."""
    answer = trafilatura.bare_extraction(
        tree,
        include_comments=False,
        include_tables=True,
        with_metadata=False,
        deduplicate=False,
        target_language=None,
    )
    text = getattr(answer, "text", None) or ""
    known = {_squeeze(block.text): block for block in blocks(tree)}
    for line in text.splitlines():
        plain = fold(line.removeprefix("- "))
        if plain:
            yield known.get(_squeeze(plain)) or Block(plain)


def _squeeze(text: str) -> str:
    return re.sub(r"\W+", "", text)


# --- the walk -------------------------------------------------------------------------------------

_BLOCK_TAGS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    "li": "item",
    "dd": "item",
    "blockquote": "quote",
    "tr": "row",
}
_SKIPPED = _NOISE_TAGS - {"form", "nav", "aside", "dialog"}
_BREAK, _CELL = "\x00", "\x1f"
_LINE_GOES_ON = re.compile(r"[^\W\d_]")
_SENTENCE_END = re.compile(r"""[.!?:;\u2026)\]"'\u201d\u2019]$""")


def blocks(container: HtmlElement) -> Iterator[Block]:
    """The container's blocks in reading order: paragraphs whether `<p>`, `<div>` or between `<br>`s."""
    pieces: list[tuple[str, bool]] = []
    kinds: list[Kind] = ["paragraph"]
    links = skipping = 0
    for event, element in etree.iterwalk(container, events=("start", "end")):
        tag = element.tag
        if not isinstance(tag, str):
            if event == "end" and element.tail and not skipping and element is not container:
                pieces.append((element.tail, links > 0))
            continue
        if event == "start":
            if tag in _SKIPPED:
                skipping += 1
            if skipping:
                continue
            if tag in _BLOCK_TAGS:
                # Cells stand on their row's line, unless they hold blocks of their own.
                if tag not in ("td", "th"):
                    yield from _flush(pieces, kinds[-1])
                kinds.append(_KINDS.get(tag, kinds[-1] if tag in ("p", "div", "td", "th") else "paragraph"))
            elif tag == "br":
                pieces.append((_BREAK, False))
            links += tag == "a"
            if element.text:
                pieces.append((element.text, links > 0))
            continue
        if tag in _SKIPPED:
            skipping -= 1
        elif not skipping:
            if tag in ("td", "th"):
                pieces.append((_CELL, False))
                kinds.pop()
            elif tag in _BLOCK_TAGS:
                yield from _flush(pieces, kinds.pop())
            links -= tag == "a"
        if element.tail and not skipping and element is not container:
            pieces.append((element.tail, links > 0))
    yield from _flush(pieces, "paragraph")


def _flush(pieces: list[tuple[str, bool]], kind: Kind) -> Iterator[Block]:
    """The blocks that the collected pieces make; empties the collection."""
    lines: list[tuple[str, float]] = []
    text: list[str] = []
    linked = 0
    for piece, is_link in [*pieces, (_BREAK, False)]:
        if piece != _BREAK:
            text.append(piece)
            linked += len(fold(piece)) if is_link else 0
            continue
        whole = "".join(text)
        if _CELL in whole:
            whole = " | ".join(cell for cell in (fold(cell) for cell in whole.split(_CELL)) if cell)
        folded = fold(whole)
        lines.append((folded, min(1.0, linked / len(folded)) if folded else 0.0))
        text, linked = [], 0
    pieces.clear()
    yield from (Block(line, kind, share) for line, share in _joined(lines) if line)


def _joined(lines: Iterable[tuple[str, float]]) -> Iterator[tuple[str, float]]:
    """Lines of one paragraph, a single `<br>` inside a sentence taken back."""
    held: tuple[str, float] | None = None
    for line, share in lines:
        if held and held[0] and line[:1].islower() and not _SENTENCE_END.search(held[0]):
            held = (f"{held[0]} {line}", (held[1] + share) / 2)
            continue
        if held:
            yield held
        held = (line, share)
    if held:
        yield held


# --- plain text -----------------------------------------------------------------------------------


def lines(text: str) -> tuple[Block, ...]:
    """The blocks of a plain text: its lines that are not empty."""
    return tuple(Block(line) for line in (fold(raw) for raw in text.splitlines()) if line)


# --- several parts --------------------------------------------------------------------------------

_TOTAL_PAGES = re.compile(r"""articleTotalPages['"]?\s*:\s*['"]?(\d{1,2})""")
_PAGE_OF = re.compile(r"\bhalaman\s+(\d{1,2})\s*(?:/|dari)\s*(\d{1,2})\b", re.IGNORECASE)
_PAGING_XPATH = (
    "//*[contains(@class, 'pag') or contains(@class, 'page-links') or contains(@class, 'post-page-numbers') or contains(@class, 'halaman')]"
    "/descendant-or-self::a[@href]"
)
MAX_PARTS = 20


def part_addresses(tree: HtmlElement, url: str | None) -> tuple[str, ...]:
    """The addresses of the further parts that a page announces, in order; empty where it is whole."""
    if url is None or "page=all" in url:
        return ()
    bare = urlsplit(canonical(url))
    path = bare.path.rstrip("/")
    found: dict[int, str] = {}
    for link in tree.xpath(_PAGING_XPATH):
        target = urlsplit(urljoin(url, link.get("href") or ""))
        if target.netloc.removeprefix("www.") != urlsplit(url).netloc.removeprefix("www."):
            continue
        number = None
        there = target.path.rstrip("/")
        query = parse_qs(target.query)
        if there == path and (value := (query.get("page") or query.get("halaman") or [""])[-1]).isdigit():
            number = int(value)
        elif path and (match := re.fullmatch(re.escape(path) + r"/(?:page/)?(\d{1,2})", there)):
            number = int(match[1])
        if number is not None and 2 <= number <= MAX_PARTS:
            found.setdefault(number, target.geturl())
    # A gap in the numbers is an ellipsis in the pager; the pattern of its neighbours fills it.
    return tuple(found[number] for number in sorted(found))


def pages_announced(tree: HtmlElement, url: str | None) -> int:
    """How many parts the page says its article has; 1 where it says nothing."""
    if url and "page=all" in url:
        return 1
    counts = [1 + len(part_addresses(tree, url))]
    for script in tree.iter("script"):
        counts += [int(number) for number in _TOTAL_PAGES.findall(script.text or "")]
    for element in tree.xpath("//*[contains(@class, 'pag')]"):
        text = text_of(element)
        if len(text) < 120:
            counts += [int(total) for _, total in _PAGE_OF.findall(text)]
    counts += [int(value) for value in tree.xpath("//@data-total-pages") if str(value).isdigit()]
    return min(max(counts), MAX_PARTS)


def join(parts: Iterable[Iterable[Block]]) -> tuple[Block, ...]:
    """The blocks of an article's parts in order; what a part repeats of an earlier one stays out."""
    joined: list[Block] = []
    seen: set[str] = set()
    for part in parts:
        fresh = [block for block in part if _squeeze(block.text) not in seen]
        joined += fresh
        seen.update(_squeeze(block.text) for block in fresh)
    return tuple(joined)
