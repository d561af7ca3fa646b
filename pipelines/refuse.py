"""What is no article: bytes that are no document, pages that are gone, lists, pages of another kind.

Each check returns a `Rejected` with its reason, or null where the page may be read on. When in doubt the
page is read: a list among the articles can be seen, an article among the lists is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from pipelines.address import address_key, canonical, host_of, is_front, joined
from pipelines.article import Page, Reason, Rejected
from pipelines.body.clean import Cleaned
from pipelines.body.noise import is_running
from pipelines.facts.model import Facts
from pipelines.page.blocks import Block, BlockKind, blocks
from pipelines.page.index import Index
from pipelines.page.tree import MAX_ELEMENTS, fold, is_endless, plain, squeeze, text_of
from pipelines.rules import Rules

MAX_BODY_BYTES = 2_000_000
"""Of a document without its scripts, styles, drawings, comments and inlined files: a portal's page of 3 MB has an article of 10 KB."""
MAX_PAGE_BYTES = 5_000_000
"""Of a page with them."""
MAX_REST_BYTES = 10_000_000
"""A REST answer holds up to a hundred articles."""
FOR_NOW = "for now: "
"""The first words of a rejection's detail, where a later visit may lift it: people see that it is a pause."""
MAX_DETAIL_CHARS = 200
"""Bounds a rejection's detail: titles, types and addresses have no bound of their own."""
PARTIAL = 206
"""The answer holds a piece of the page, though no request asks for pieces."""


def reject(page: Page, reason: Reason, detail: str, url: str | None = None) -> Rejected:
    """The page, or its article at `url`, rejected. `detail` says why; it may quote the page, so control characters go."""
    plain_detail = fold(plain(detail))[:MAX_DETAIL_CHARS]
    return Rejected(url or page.url, page.source, page.fetched_at, reason, plain_detail or reason)


def reject_for_now(page: Page, reason: Reason, detail: str) -> Rejected:
    """The page rejected for now: it is asked for again later."""
    return replace(reject(page, reason, FOR_NOW + detail), retry=True)


# --- before parsing -------------------------------------------------------------------------------

# Signatures of formats that servers send in an article's place. Only such as no text begins with.
_BINARY = (
    *(b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"PK\x03\x04", b"\x1f\x8b", b"\x7fELF"),
    *(b"OggS\x00", b"Rar!\x1a", b"\x00\x00\x01\x00", b"\x00\x00\x00\x18ftyp", b"\x00\x00\x00\x20ftyp"),
)
_TEXT_TYPE = re.compile(
    r"\s*(?:text/|application/(?:xhtml|xml|json|[\w.+-]*\+(?:xml|json)|octet-stream|x-)|$)", re.IGNORECASE
)
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|div|p|article|h1|span|table|meta|title|section|main|br)\b", re.I
)


def unreadable(page: Page) -> Rejected | None:
    """Refuses what need not be parsed at all."""
    kind = page.header("content-type") or ""
    head = page.body[:4096]
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or "utf-16" in kind.lower()
    if page.status >= 400 or page.status == PARTIAL:
        return replace(reject(page, "http_error", str(page.status)), status=page.status)
    if not page.body.strip():
        return reject(page, "empty", f"{len(page.body)} bytes")
    if _is_large(page):
        return reject(page, "too_large", f"{len(page.body)} bytes")
    if head.startswith(_BINARY) or (b"\x00" in head and not is_wide and not _MARKUP.search(head)):
        return reject(page, "not_html", kind or "binary")
    if not _TEXT_TYPE.match(kind) and not _MARKUP.search(head):
        return reject(page, "not_html", kind)
    return None


def undecodable(page: Page) -> Rejected:
    """The page refused because no character set makes text of its bytes."""
    return reject(page, "undecodable", page.header("content-type") or "no character set is named")


def _is_large(page: Page) -> bool:
    if page.document != "page":
        return len(page.body) > MAX_REST_BYTES
    if len(page.body) <= MAX_BODY_BYTES:
        return False
    return len(page.body) > MAX_PAGE_BYTES or _markup_bytes(page.body) > MAX_BODY_BYTES


def _markup_bytes(body: bytes) -> int:
    """The bytes of a page outside what nobody reads in it; in one pass, whatever the page opens and never closes."""
    lower = _INLINED.sub(b"", body).lower()
    count = end = 0
    for opening in _UNSEEN.finditer(lower):
        if opening.start() < end:
            continue
        count += opening.start() - end
        end = lower.find(b"</" + opening[1] if opening[1] else b"-->", opening.end())
        if end < 0:  # never closed: nothing says that what follows is a script
            return count + len(lower) - opening.start()
    return count + len(lower) - end


_UNSEEN = re.compile(rb"<(?:(script|style|svg)\b|!--)")
_INLINED = re.compile(rb"(?<=;base64,)[A-Za-z0-9+/=]{1000,}")
"""A picture or a font in the page itself."""


def endless(tree: HtmlElement, page: Page) -> Rejected | None:
    """Refuses a tree of more elements than an article can have."""
    return reject(page, "too_large", f"over {MAX_ELEMENTS} elements") if is_endless(tree) else None


def off_site(page: Page, rules: Rules, url: str | None = None) -> Rejected | None:
    """Refuses an address of a host that is not the source's; without hosts in the rules, none."""
    address = url or page.url
    if (
        address is None
        or not rules.hosts
        or {host_of(address), host_of(canonical(address))} & set(rules.hosts)
    ):
        return None
    return reject(page, "off_site", host_of(address), address)


# --- after parsing --------------------------------------------------------------------------------

_LISTS = "tag tags category kategori kanal author penulis page search topic topik indeks index terkini terpopuler top-news"
_LISTING_SEGMENTS = frozenset(_LISTS.split())
_HOUSE_PAGES = re.compile(
    r"tentang(?:-kami)?|about(?:-us)?|kontak(?:-kami)?|contact(?:-us)?|hubungi-kami|(?:(?:susunan|box)-)?redaksi"
    r"|privacy(?:-policy)?|syarat-dan-ketentuan.*|visi(?:-dan)?-misi"
    r"|kebijakan-privasi.*|pedoman-(?:media-siber|pemberitaan.*)|disclaimer|kode-etik.*|info-iklan|karir"
    r"|live-?stream(?:ing)?|siaran-langsung|e-?paper"
)
_LISTING_CLASSES = frozenset({"archive", "search", "search-results", "search-no-results", "blog", "home"})
_HOUSE_CLASSES = frozenset({"page-template-default", "wp-singular", "page-template"})
_MISSING = re.compile(
    r"\b(?:error )?404\b|\b(?:halaman|berita|artikel|laman) (?:yang anda (?:cari|tuju) )?"
    r"(?:tidak (?:(?:di)?temukan|tersedia)|(?:telah|sudah) dihapus)"
    r"|\b(?:page )?not found\b|^oops\b",
    re.IGNORECASE,
)


def no_article(index: Index, facts: Facts, page: Page, opened: Callable[[], Opening]) -> Rejected | None:
    """Refuses a page that calls itself something else: gone, a list, a page about the outlet.

    `opened` says what stands below its headline, and is asked only where that decides.
    """
    tree = index.root
    classes = index.body_classes
    return (
        _gone(index, facts, page, opened)
        or _redirect(tree, facts, page)
        or _list(index, facts, page, classes, opened)
        or _house_page(facts, page, classes, opened)
    )


def _gone(index: Index, facts: Facts, page: Page, opened: Callable[[], Opening]) -> Rejected | None:
    title = facts.title or ""
    if "error404" in index.body_classes:
        return reject(page, "soft_404", "body.error404")
    if any(
        index.ids[at] == "error-page" for at in index.of_tag.get("body", ())
    ):  # WordPress's own: its database is away, or a fatal error
        return reject_for_now(page, "soft_404", title or "body#error-page")
    is_bare = not (facts.is_article or _dates_itself(facts) or _is_as_promised(page, facts))
    if is_bare and len(title) < 80 and _MISSING.search(title):
        return reject(page, "soft_404", title)
    if (
        page.url
        and not is_front(page.url)
        and facts.kind != "article"
        and _names_front(index.root, page.url)
        and not (facts.is_story and _is_headline(facts.title))
        and not opened().is_story  # a template may name the front page on every page
    ):
        return reject(page, "soft_404", "answers with the front page")
    return None


_OWN_DATES = frozenset({"json-ld", "meta", "time", "rule"})


def _dates_itself(facts: Facts) -> bool:
    """Whether the page itself names a day: discovery and the address would date any page there."""
    return facts.published_from in _OWN_DATES


def _is_as_promised(page: Page, facts: Facts) -> bool:
    """Whether the headline is the one that discovery found."""
    promised = squeeze(page.link.title or "") if page.link is not None else ""
    return bool(promised) and promised == squeeze(facts.title or "")


_REFRESH = re.compile(r"\s*\d+\s*[;,]\s*url\s*=\s*[\"']?\s*(\S+?)[\"']?\s*$", re.IGNORECASE)
MAX_STUB_CHARS = 600
"""A longer text is more than a notice."""


def _redirect(tree: HtmlElement, facts: Facts, page: Page) -> Rejected | None:
    """Refuses a page whose only purpose is to send its reader elsewhere."""
    if facts.is_article or _dates_itself(facts):
        return None
    for target in _targets(tree):
        if (
            canonical(joined(page.url, target)) != canonical(page.url or "")
            and sum(len(block.text) for block in blocks(tree)) < MAX_STUB_CHARS
        ):
            reason: Reason = "soft_404" if _is_own_front(page, target) else "not_an_article"
            return reject(page, reason, f"redirects to {target}")
    return None


# window.location.href = "index.php"; location.replace('/'): what house systems print in a withdrawn story's place.
_SCRIPTED = re.compile(
    r"""(?:^|[;{}\s.])location(?:\.href)?\s*(?:=(?!=)|\.(?:replace|assign)\()\s*["']([^"'\s<>]{1,500})["']"""
)
MAX_SCRIPT_CHARS = 500
"""A longer script does more than send its reader elsewhere."""


def _targets(tree: HtmlElement) -> Iterator[str]:
    """The addresses to which a page sends its reader: by a refresh, or by a short script."""
    for content in tree.xpath("//meta[translate(@http-equiv, 'REFSH', 'refsh') = 'refresh']/@content"):
        if match := _REFRESH.match(fold(str(content))):
            yield match[1]
    for script in tree.iter("script"):
        text = script.text or ""
        if len(text) <= MAX_SCRIPT_CHARS and (match := _SCRIPTED.search(text)):
            yield match[1]


def _is_own_front(page: Page, target: str) -> bool:
    """Whether a link leads to the front page of the page's own host: how local systems withdraw a story."""
    url = joined(page.url, target)
    return is_front(url) and host_of(url) == host_of(page.url or "")


def _list(
    index: Index, facts: Facts, page: Page, classes: Set[str], opened: Callable[[], Opening]
) -> Rejected | None:
    """Refuses a page that calls itself a list, unless it tells a story of its own."""
    if page.url is not None and is_front(page.url):  # whose JSON-LD names the stories that it leads to
        return reject(page, "listing_page", "front page")
    if _leads_away(index, facts, page):
        return reject(page, "listing_page", "the headline is that of another page, which it links")
    if facts.is_story:
        return None
    if facts.lists_stories and not (facts.is_article or _dates_itself(facts)):
        return reject(page, "listing_page", "its data describe other stories")
    segments = _segments(page)
    # Some systems write an article's section into its address, or `blog` into its body's classes, as others do for a list.
    named = [f"/{name}/" for name in segments[:2] if name in _LISTING_SEGMENTS]
    named += [f"body.{name}" for name in sorted(classes & _LISTING_CLASSES)]
    is_dated = facts.is_article or _dates_itself(facts)
    is_told = is_dated and (_names_story(segments, facts) or opened().is_story)
    return reject(page, "listing_page", named[0]) if named and not is_told else None


def _leads_away(index: Index, facts: Facts, page: Page) -> bool:
    """Whether the headline stands on the page only as a link to another one: so does a list name its first story."""
    wanted = squeeze(facts.title or "")
    if not _is_headline(facts.title) or page.url is None:
        return False
    own = {address_key(url) for url in (page.url, facts.url) if url}
    links = (link for link, text in index.links if len(text) >= len(wanted) and wanted in squeeze(text))
    targets = [joined(page.url, link.get("href") or "") for link in links]
    if not targets or any(is_front(url) or address_key(url) in own for url in targets):
        return False  # a masthead leads to the front page, a headline to its own
    named = [block for block in index.once(_shown) if squeeze(block.text) == wanted]
    return all(block.links > 0.9 for block in named) and stories_linked(index) >= MIN_STORIES


def _shown(index: Index) -> tuple[Block, ...]:
    return tuple(blocks(index))


def _names_story(segments: Sequence[str], facts: Facts) -> bool:
    """Whether an address ends in a number and the headline."""
    if len(segments) < 3 or not re.fullmatch(r"\d{4,}", segments[-2]):
        return False
    slug = re.sub(r"\.\w+$", "", segments[-1]).split("-")
    words = _words(facts.title)
    return len(slug) > 3 and _is_headline(facts.title) and 2 * len(words & set(slug)) >= len(words)


def _house_page(
    facts: Facts, page: Page, classes: Set[str], opened: Callable[[], Opening]
) -> Rejected | None:
    """Refuses what the outlet says of itself; a WordPress page is that, unless it tells a story."""
    segments = _segments(page)
    if {"attachment", "single-attachment"} <= classes:
        return reject(page, "not_an_article", "a WordPress attachment")
    # WordPress knows what it serves; its plugins say og:type article of every page.
    is_page = (
        "page" in classes
        and (classes & _HOUSE_CLASSES or any(re.fullmatch(r"page-id-\d+", name) for name in classes))
        and "single-post" not in classes
    )
    names = [
        *segments[-1:],
        *(["-".join(re.findall(r"\w+", (facts.title or "").lower()))] if is_page else []),
    ]
    named = next(filter(_HOUSE_PAGES.fullmatch, names), None)
    if named and (is_page or not facts.is_article):
        return reject(page, "not_an_article", named)
    if is_page and not facts.is_story and not opened().is_story:
        return reject(page, "not_an_article", "a WordPress page without a story")
    return None


def _segments(page: Page) -> list[str]:
    return [segment for segment in urlsplit(page.url or "").path.lower().split("/") if segment]


def _names_front(tree: HtmlElement, url: str) -> bool:
    """Whether a page at an inner address says that it is its host's front page."""
    found = tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
    named = [str(address).strip() for address in found]
    return any(host_of(name) == host_of(url) and is_front(name) for name in named if name)


# --- after reading --------------------------------------------------------------------------------

MIN_STORIES = 5
"""A page that links fewer stories is no list, whatever its text."""

MIN_ALONE = 2
"""Of a page that has no text beside them."""

HEADLINE_CHARS = 30
"""A link with a longer text is a story's headline."""

RUNNING_CHARS = 140
"""A teaser's summary is shorter, two paragraphs of a story are longer."""

_INDEX_TITLE = re.compile(
    r"(?:indeks|index|arsip|kategori|tag|topik|hasil pencarian|search results)\b"
    r"|(?:(?:kumpulan|portal) )?berita\b.{0,60}\b(?:terkini|terbaru|hari ini)",
    re.IGNORECASE,
)


def stories_linked(index: Index) -> int:
    """How many stories a page leads to: links whose text is as long as a headline."""
    found = {
        link.get("href")
        for link, text in index.links
        if (len(text) > HEADLINE_CHARS or not text.isascii()) and len(fold(text)) > HEADLINE_CHARS
    }
    return len(found - {None})


def link_lines(found: Sequence[Block]) -> frozenset[str]:
    """The lines of a text that are links rather than sentences with links in them."""
    return frozenset(block.text for block in found if block.links > 0.8 and not is_running(block.text))


@dataclass(frozen=True, slots=True)
class Opening:
    """The prose that stands together below a page's headline, before the headline of another story."""

    paragraphs: int = 0
    tells_title: bool = False
    """It repeats the words of the headline, which is more than a word or two."""
    stretches: tuple[tuple[str, ...], ...] = ()
    """The long paragraphs of the whole page, parted at the headlines that are links: a story's stand together, a list's do not."""

    @property
    def is_story(self) -> bool:
        """Whether the prose is a story: in a list, headlines stand between the summaries."""
        return self.paragraphs > 1 and self.tells_title


def opening(index: Index, title: str | None) -> Opening:
    """What stands below the heading that says the title, or is the page's only `h1`, else below any that is a headline."""
    found = index.once(_shown)
    stretches = tuple(_stretches(found))
    at = _head(found, index, title)
    opened = Opening(stretches=stretches) if at is None else _below(found, at, stretches)
    if opened.is_story:
        return opened
    heads = (at for at, block in enumerate(found) if block.kind == "heading" and block.links < 0.5)
    others = (_below(found, at, stretches, "heading") for at in heads if _is_headline(found[at].text))
    return next((other for other in others if other.is_story), opened)


def _stretches(found: Iterable[Block]) -> Iterator[tuple[str, ...]]:
    stretch: list[str] = []
    for block in found:
        if _is_linked_headline(block):
            yield tuple(stretch)
            stretch = []
        elif block.links < 0.5 and len(block.text) >= RUNNING_CHARS:
            stretch.append(block.text)
    yield tuple(stretch)


def _is_linked_headline(block: Block) -> bool:
    return block.links > 0.9 and len(block.text) > HEADLINE_CHARS


def _below(
    found: Sequence[Block], at: int, stretches: tuple[tuple[str, ...], ...], end: BlockKind | None = None
) -> Opening:
    """The prose below a heading, up to a linked headline or a block of the kind that is its `end`."""
    run: list[str] = []
    for before, block in zip(found[at:], found[at + 1 :], strict=False):
        if block.links < 0.5 and is_running(block.text):
            run.append(block.text)
        elif block.kind == end:
            break
        elif run and _is_linked_headline(block):
            if before.text.endswith(":"):  # "Baca juga:" inside a story
                continue
            break
    return Opening(len(run), _is_of_title(" ".join(run), found[at].text), stretches)


def _head(found: Sequence[Block], index: Index, title: str | None) -> int | None:
    only = [text for text in map(text_of, index.tagged("h1")) if text]
    wanted = squeeze(title or "")
    for at, block in enumerate(found):
        text = squeeze(block.text)
        if block.kind == "heading" and (
            (len(text) > 15 and wanted.startswith(text)) or (len(only) == 1 and block.text == only[0])
        ):
            return at
    return None


def _is_of_title(text: str, title: str | None) -> bool:
    """Whether a text repeats the words of its headline."""
    words = _words(title)
    return _is_headline(title) and 2 * sum(word in text.lower() for word in words) >= len(words)


def _is_headline(title: str | None) -> bool:
    """Whether a title is a headline: a list's title is a word or two."""
    return len(_words(title)) >= 4 and not _INDEX_TITLE.match(title or "")


def _words(title: str | None) -> set[str]:
    return {word for word in re.findall(r"\w+", (title or "").lower()) if len(word) > 3}


# Notices of pages without a story: gone, closed, guarded, for subscribers; and whether the state passes.
_NOTICES: tuple[tuple[Reason, bool, re.Pattern[str]], ...] = (
    (
        "soft_404",
        False,
        re.compile(
            r"\b(?:halaman|berita|artikel|laman) (?:yang anda (?:cari|tuju) )?"
            r"(?:tidak (?:(?:di)?temukan|tersedia)|(?:telah|sudah) dihapus)|\b(?:page|error 404:?|404) not found\b",
            re.IGNORECASE,
        ),
    ),
    (
        "soft_404",
        True,
        re.compile(
            r"\baccount (?:has been )?suspended\b|\b(?:site|website) (?:is )?(?:under|down for) (?:construction|maintenance)"
            r"|\b(?:situs|website|laman|server|web)\b.{0,40}\b(?:dalam|sedang|masa) (?:perbaikan|pemeliharaan|perawatan|maintenance)"
            r"|\b(?:kami|situs) (?:akan )?segera kembali\b|\bkami sedang melakukan (?:perbaikan|pemeliharaan)"
            r"|\b(?:akun|layanan) hosting\b.{0,60}\b(?:ditangguhkan|dinonaktifkan|suspended)\b"
            r"|\b(?:domain|website) (?:is|may be) for sale\b|\bdomain (?:ini )?(?:dijual|(?:sudah|telah) kedaluwarsa)\b"
            r"|\b(?:briefly|temporarily) unavailable for scheduled maintenance\b"
            r"|\berror establishing a database connection\b|\bmenyambungkan ke basis data\b"
            r"|\bcritical error on (?:this|your) website\b",
            re.IGNORECASE,
        ),
    ),
    (
        "not_an_article",
        True,
        re.compile(
            r"\bjust a moment\b|\battention required\b|\bsecurity of your connection\b|\bchecking (?:if the site|your browser)"
            r"|\bverify(?:ing)? (?:that )?you are (?:a )?human\b|\bmemeriksa (?:peramban|browser) anda\b",
            re.IGNORECASE,
        ),
    ),
    (
        "not_an_article",
        False,
        re.compile(
            r"\banda akan dialihkan\b"
            r"|\bsilakan (?:masuk|login|log in|berlangganan)\b.{0,60}\buntuk (?:membaca|melihat|mengakses)",
            re.IGNORECASE,
        ),
    ),
)
MIN_SECTION = 8
"""So many stories below a title of a word or two make a section, whatever its first card says."""

_NOTHING_OPENED = Opening()


def no_story(
    page: Page,
    facts: Facts,
    cleaned: Cleaned,
    stories: int,
    min_chars: int,
    *,
    opened: Opening = _NOTHING_OPENED,
    linked: Collection[str] = (),
) -> Rejected | None:
    """Refuses a page that neither calls itself an article nor tells a story.

    Some systems set `og:type` article on every page. A list's title without a sentence below it outweighs
    that, and so do a notice in the place of a story and a text of links. `linked`: the lines that are links.
    """
    if refused := _notice(page, facts, cleaned, opened):
        return refused
    is_prose = any(is_running(paragraph) for paragraph in cleaned.paragraphs)
    own = [paragraph for paragraph in cleaned.paragraphs if paragraph not in linked]
    if 2 * sum(map(len, own)) < len(cleaned.text) and stories >= MIN_STORIES and not is_prose:
        return reject(page, "not_an_article", "a text of links")
    is_named_briefly = facts.title is not None and len(_words(facts.title)) < 2
    is_section = stories >= MIN_SECTION and is_named_briefly and opened.paragraphs < 3
    is_index = _INDEX_TITLE.match(facts.title or "") is not None
    is_bare = (is_index and not is_prose) or (is_section and facts.published is None)
    if facts.is_article and (facts.is_story or not is_bare):
        return None
    # Without a word of its own a page that links some stories leads to them: the front page of a small outlet.
    is_list = stories >= (MIN_STORIES if cleaned.text else MIN_ALONE) or is_index
    if len(cleaned.text) < min_chars:
        detail = f"{len(cleaned.text)} characters of text"
        is_headless = is_list and not _is_headline(facts.title)
        return reject(page, "listing_page" if is_headless else "not_an_article", detail)
    kept = set(own)
    together = max(
        ([text for text in stretch if text in kept] for stretch in opened.stretches), key=len, default=[]
    )
    tells = opened.is_story or (
        not is_section
        and (
            len(together) > 1
            or (not is_index and 2 * sum(map(len, together)) >= len(cleaned.text))
            or (opened.paragraphs > 2 and facts.published is not None)
            or ((cleaned.dateline or facts.published) is not None and _is_of_title(cleaned.text, facts.title))
        )
    )
    if is_list and not tells:
        if (kind := facts.kind or "").startswith("video"):
            return reject(page, "not_an_article", kind)
        return reject(page, "listing_page", f"leads to {stories} stories, tells none")
    return None


def _notice(page: Page, facts: Facts, cleaned: Cleaned, opened: Opening) -> Rejected | None:
    """Refuses a short text, without author, day or place, that says why there is no story."""
    if (
        facts.is_story
        or _dates_itself(facts)
        or _is_as_promised(page, facts)
        or cleaned.dateline
        or opened.is_story
        or len(cleaned.text) > MAX_STUB_CHARS
    ):
        return None
    text = f"{facts.title or ''}\n{cleaned.text}"
    for reason, is_pause, pattern in _NOTICES:
        if match := pattern.search(text):
            return (reject_for_now if is_pause else reject)(page, reason, match[0])
    return None
