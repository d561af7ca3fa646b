"""The chain: one page in, articles and rejections out. What `pipelines` is for, callable from anywhere.

    decode ─► parse ─► witnesses ─► body ─► lines ─► STEPS ─► Article | Rejected

`read` is pure: the same page by the same rules gives the same values, whenever and wherever. It never
raises: what a page does to a parser is a `Rejected`. A crawl, `ingest`, `reprocess` and a cluster call
this one function.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml.html import HtmlElement

from pipelines import dates, dedupe, extract, language, metadata, parts
from pipelines.address import canonical, host_of
from pipelines.article import Article, Page, Reason, Rejected
from pipelines.blocks import Block, blocks, lines
from pipelines.clean import Cleaned, clean
from pipelines.dates import Instant
from pipelines.metadata import Facts
from pipelines.rules import Rules
from pipelines.tree import decode, fold, parse

CODE_VERSION = "1"
"""Raised with every change that reads some page differently: readings of two versions are never compared as an edit."""

MAX_BODY_BYTES = 2_000_000
MAX_REST_BYTES = 10_000_000
MIN_TEXT_CHARS = 80

Step = Callable[[Article, Page, Rules], "Article | Rejected"]


def read(page: Page, rules: Rules) -> Iterator[Article | Rejected]:
    """Everything one document holds, in its order. Never raises."""
    if rejected := _unreadable(page):
        yield rejected
        return
    reader = {"page": _read_page, "rest": _read_rest, "feed": _read_rest, "text": _read_text}[page.document]
    try:
        for draft in reader(page, rules):
            yield draft if isinstance(draft, Rejected) else _through(draft, page, rules)
    except Exception as fault:  # lxml and trafilatura fail in their own ways on broken pages
        yield _reject(page, "parser_error", f"{type(fault).__name__}: {fault}"[:200])


def rules_version(rules: Rules) -> str:
    """12 hex digits of the code's version and the rules."""
    return sha256(json.dumps([CODE_VERSION, asdict(rules)], sort_keys=True).encode()).hexdigest()[:12]


# --- the steps that every article takes -----------------------------------------------------------


def long_enough(article: Article, page: Page, rules: Rules) -> Article | Rejected:
    """Refuses what is too short to be a story."""
    if len(article.text) < MIN_TEXT_CHARS:
        return _reject(page, "too_short", f"{len(article.text)} characters", article.url)
    return article


def count_words(article: Article, page: Page, rules: Rules) -> Article | Rejected:
    return replace(article, word_count=len(article.text.split()))


def label_language(article: Article, page: Page, rules: Rules) -> Article | Rejected:
    """Labels the language, and refuses what the source's rules exclude."""
    code, confidence = language.label(article.text)
    if rules.languages and code is not None and code not in rules.languages:
        return _reject(page, "wrong_language", f"{code} ({confidence})", article.url)
    return replace(article, language=code, language_confidence=confidence)


def in_window(article: Article, page: Page, rules: Rules) -> Article | Rejected:
    """Refuses what was published outside the crawl's window; an unknown day is inside."""
    day = article.published_on
    if day and ((page.since and day < page.since) or (page.until and day > page.until)):
        return _reject(page, "out_of_window", day.isoformat(), article.url)
    return article


def identify(article: Article, page: Page, rules: Rules) -> Article | Rejected:
    """Gives the article its fingerprint, its keys and its id."""
    print_ = dedupe.fingerprint(article.text)
    keys = dedupe.keys_of(article.source, article.url, article.keys, print_)
    return replace(article, fingerprint=print_, keys=keys, article_id=dedupe.article_id(keys))


STEPS: tuple[Step, ...] = (long_enough, count_words, label_language, in_window, identify)
"""What every draft passes, in this order; the first refusal ends it."""


def _through(draft: Article, page: Page, rules: Rules) -> Article | Rejected:
    article = draft
    for step in STEPS:
        outcome = step(article, page, rules)
        if isinstance(outcome, Rejected):
            return outcome
        article = outcome
    return article


# --- what is no document --------------------------------------------------------------------------

_BINARY = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"RIFF",
    b"\x1f\x8b",
    b"BM",
    b"\x7fELF",
    b"ID3",
    b"OggS",
    b"Rar!",
    b"\x00\x00\x01\x00",
)
_TEXT_TYPES = re.compile(
    r"^\s*(?:text/|application/(?:xhtml|xml|json|ld\+json|[\w.+-]*\+(?:xml|json)|octet-stream|x-)|$)",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|div|p|article|h1|span|table|meta|title|section|main|br)\b",
    re.IGNORECASE,
)


def _unreadable(page: Page) -> Rejected | None:
    """The reason why a document need not be parsed at all."""
    if page.status >= 400:
        return _reject(page, "http_error", str(page.status))
    if not page.body.strip():
        return _reject(page, "empty")
    limit = MAX_REST_BYTES if page.document in ("rest", "feed") else MAX_BODY_BYTES
    if len(page.body) > limit:
        return _reject(page, "too_large", f"{len(page.body)} bytes")
    kind = page.header("content-type") or ""
    is_wide = page.body[:2] in (b"\xff\xfe", b"\xfe\xff") or "utf-16" in kind.lower()
    if page.body.startswith(_BINARY) or (b"\x00" in page.body[:4096] and not is_wide):
        return _reject(page, "not_html", kind or "binary")
    if not _TEXT_TYPES.match(kind) and not _MARKUP.search(page.body[:4096]):
        return _reject(page, "not_html", kind)
    return None


def _reject(page: Page, reason: Reason, detail: str | None = None, url: str | None = None) -> Rejected:
    return Rejected(
        url=url or page.url, source=page.source, fetched_at=page.fetched_at, reason=reason, detail=detail
    )


# --- a page ---------------------------------------------------------------------------------------


def _read_page(page: Page, rules: Rules) -> Iterator[Article | Rejected]:
    tree = _tree(page)
    if isinstance(tree, Rejected):
        yield tree
        return
    if (
        page.url
        and rules.hosts
        and host_of(canonical(page.url)) not in rules.hosts
        and host_of(page.url) not in rules.hosts
    ):
        yield _reject(page, "off_site", host_of(page.url))
        return
    facts = metadata.facts(tree, page.url, rules, page.link, page.fetched_at)
    if refused := _no_article(tree, facts, page):
        yield refused
        return
    announced = parts.announced(tree, page.url)
    teasers = 0 if facts.is_article else _headline_links(tree)
    body = extract.body(tree, rules, facts.title)
    further = [_tree(part) for part in page.parts]
    rest = [extract.body(part, rules, facts.title).blocks for part in further if not isinstance(part, Rejected)]
    cleaned = clean(
        parts.join([body.blocks, *rest]) if rest else body.blocks, rules, facts.title, body.asides
    )
    if len(cleaned.text) < MIN_TEXT_CHARS and body.captions:
        cleaned = clean([Block(caption) for caption in (max(body.captions, key=len),)], rules, facts.title)
    if len(cleaned.text) < MIN_TEXT_CHARS and not facts.is_article:
        yield _reject(page, "not_an_article", f"{len(cleaned.text)} characters of text")
        return
    is_index = not facts.is_article and _INDEX_TITLE.search(facts.title or "") is not None
    if (teasers >= MIN_TEASERS or is_index) and _tells_nothing(cleaned):
        yield _reject(page, "listing_page", f"leads to {teasers} stories, tells none")
        return
    url = facts.url or (canonical(page.url) if page.url else None)
    draft = _draft(page, rules, facts, cleaned, url)
    yield replace(draft, is_complete=announced <= 1 + len(rest))


def _tree(page: Page) -> HtmlElement | Rejected:
    if page.status >= 400:
        return _reject(page, "http_error", str(page.status))
    text = decode(page.body, page.header("content-type"))
    if text is None:
        return _reject(page, "undecodable")
    tree = parse(text) if "<" in text else None
    if tree is None:
        return _reject(page, "not_html", "no markup")
    return tree


_LISTING_SEGMENTS = frozenset(
    [
        "tag",
        "tags",
        "category",
        "kategori",
        "kanal",
        "author",
        "penulis",
        "page",
        "search",
        "topic",
        "topik",
        "indeks",
        "index",
        "terkini",
        "terpopuler",
        "top-news",
    ]
)
_OTHER_SEGMENTS = frozenset(
    [
        "tentang",
        "tentang-kami",
        "about",
        "about-us",
        "kontak",
        "contact",
        "hubungi-kami",
        "redaksi",
        "privacy",
        "privacy-policy",
        "pedoman-media-siber",
        "disclaimer",
    ]
)
_LISTING_CLASSES = frozenset(
    [
        "archive",
        "search",
        "search-results",
        "search-no-results",
        "category",
        "tag",
        "author",
        "blog",
        "home",
        "date",
    ]
)
_MISSING = re.compile(
    r"\b(?:404|halaman (?:yang anda cari )?tidak (?:di)?temukan|page not found|not found|tidak (?:di)?temukan|(?:halaman|berita|artikel) (?:telah|sudah) dihapus|oops)\b",
    re.IGNORECASE,
)


def _no_article(tree: HtmlElement, facts: Facts, page: Page) -> Rejected | None:
    """What the page is, where it says itself that it is no article: gone, a list, a page of another kind."""
    classes = {name for value in tree.xpath("//body/@class") for name in str(value).split()}
    if "error404" in classes:
        return _reject(page, "soft_404", "body.error404")
    title = facts.title or ""
    if not facts.is_article and len(title) < 80 and _MISSING.search(title) and facts.published is None:
        return _reject(page, "soft_404", title)
    is_front = page.url is not None and metadata.is_front(page.url)
    if page.url and not is_front and facts.kind != "article" and _names_front(tree, page.url):
        return _reject(page, "soft_404", "answers with the front page")
    segments = [segment for segment in urlsplit(page.url or "").path.lower().split("/") if segment]
    in_list = is_front or bool(classes & _LISTING_CLASSES) or not _LISTING_SEGMENTS.isdisjoint(segments[:2])
    if in_list and not facts.is_story:
        return _reject(page, "listing_page", "front page" if is_front else None)
    if facts.is_article:
        return None
    if segments and segments[-1] in _OTHER_SEGMENTS:
        return _reject(page, "not_an_article", segments[-1])
    if "single-post" not in classes and "page" in classes and classes & _HOUSE_PAGE_CLASSES:
        return _reject(page, "not_an_article", "a WordPress page")
    return None


_HOUSE_PAGE_CLASSES = frozenset({"page-template-default", "wp-singular", "page-template"})


def _names_front(tree: HtmlElement, url: str) -> bool:
    """Whether a page at an inner address says that it is its host's front page."""
    named = [
        str(href).strip() for href in tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
    ]
    return any(host_of(name) == host_of(url) and metadata.is_front(name) for name in named if name)


MIN_TEASERS = 5
_INDEX_TITLE = re.compile(
    r"^(?:indeks|index|arsip|kategori|tag|topik|hasil pencarian|search results)\b|^(?:kumpulan )?berita\b.{0,60}\b(?:terkini|terbaru|hari ini)",
    re.IGNORECASE,
)


def _headline_links(tree: HtmlElement) -> int:
    """How many stories a page leads to: links whose text is as long as a headline."""
    found = {link.get("href") for link in tree.iter("a") if len(fold("".join(map(str, link.itertext())))) > 30}
    return len(found - {None})


def _tells_nothing(cleaned: Cleaned) -> bool:
    """Whether a text is teasers and titles: no two paragraphs of a story's length."""
    running = [paragraph for paragraph in cleaned.paragraphs if len(paragraph) >= 140]
    return len(running) < 2 and sum(map(len, running)) < 0.5 * len(cleaned.text)


# --- a WordPress REST answer ----------------------------------------------------------------------


def _read_rest(page: Page, rules: Rules) -> Iterator[Article | Rejected]:
    text = decode(page.body, page.header("content-type"))
    if text is None:
        yield _reject(page, "undecodable")
        return
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as fault:
        yield _reject(page, "parser_error", f"not JSON: {fault}"[:200])
        return
    if not isinstance(answer, list):
        answer = [answer]
    wanted = None if page.take is None else set(page.take)
    for post in answer:
        if not isinstance(post, dict) or "content" not in post or "id" not in post:
            detail = str(post.get("code") or "no post") if isinstance(post, dict) else "no post"
            yield _reject(page, "not_an_article", detail)
        elif wanted is None or str(post["id"]) in wanted:
            try:
                yield _post(post, page, rules)
            except Exception as fault:  # one broken post must not hide the other ninety-nine
                yield _reject(
                    page, "parser_error", f"{type(fault).__name__}: {fault}"[:200], _string(post.get("link"))
                )


def _post(post: Mapping[str, Any], page: Page, rules: Rules) -> Article | Rejected:
    url = canonical(link) if (link := _string(post.get("link"))) else None
    if url and rules.hosts and host_of(url) not in rules.hosts:
        return _reject(page, "off_site", host_of(url), url)
    title = _rendered(post.get("title"))
    content = _mapping(post.get("content")).get("rendered")
    tree = (
        parse(f"<body><div class='entry-content'>{content}</div></body>")
        if _string(content)
        else None
    )
    body = (
        extract.body(tree, replace(rules, body="div.entry-content")) if tree is not None else extract.Body(())
    )
    cleaned = clean(body.blocks, rules, title, body.asides)
    if len(cleaned.text) < MIN_TEXT_CHARS and body.captions:
        cleaned = clean([Block(max(body.captions, key=len))], rules, title)
    embedded = _mapping(post.get("_embedded"))
    yoast = _mapping(post.get("yoast_head_json"))
    published = _rest_instant(post, "date", rules, page.fetched_at)
    categories, tags = _terms(embedded)
    authors = [_string(author.get("name")) for author in _mappings(embedded.get("author"))]
    facts = Facts(
        title=title,
        description=_string(yoast.get("og_description"))
        or _string(yoast.get("description"))
        or _excerpt(post),
        published=published,
        published_from="rest" if published else None,
        modified=_rest_instant(post, "modified", rules, page.fetched_at),
        authors=tuple(metadata.people_of([name for name in authors if name], rules)),
        section=metadata.section_of(categories),
        tags=metadata.tags_of(tags),
        image_url=_featured(embedded, yoast, post),
        platform_ids=(str(post["id"]),),
        is_article=True,
    )
    return _draft(page, rules, facts, cleaned, url)


def _rest_instant(post: Mapping[str, Any], name: str, rules: Rules, fetched_at: datetime) -> Instant | None:
    """The instant of a REST field: `…_gmt` is UTC without saying so, the bare field the site's local time."""
    raw = _string(post.get(f"{name}_gmt"))
    # A draft that was scheduled has a zero date_gmt.
    if raw and not raw.startswith("0000") and (instant := dates.parse(raw, "UTC", fetched_at)):
        return replace(instant, zone_from="offset")
    return dates.parse(_string(post.get(name)), rules.timezone, fetched_at)


def _rendered(value: Any) -> str | None:
    """The text of a `{"rendered": html}` field."""
    raw = _string(_mapping(value).get("rendered")) or ""
    tree = parse(f"<div>{raw}</div>") if raw else None
    return (
        fold("".join(str(piece) for piece in tree.itertext())) or None if tree is not None else None
    )


def _excerpt(post: Mapping[str, Any]) -> str | None:
    """The excerpt its author wrote; null for the cut-off beginning that WordPress makes itself."""
    text = _rendered(post.get("excerpt"))
    return (
        None
        if text is None or re.search(r"(?:\[\u2026\]|\[\.\.\.\]|\u2026|\.\.\.)\W*\w{0,20}\W*\w{0,20}$", text)
        else text
    )


def _terms(embedded: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    categories, tags = [], []
    for group in embedded.get("wp:term") or ():
        for term in _mappings(group):
            name = _rendered({"rendered": term.get("name")})
            if name and term.get("taxonomy") == "category":
                categories.append(name)
            elif name and term.get("taxonomy") == "post_tag":
                tags.append(name)
    return categories, tags


def _featured(embedded: Mapping[str, Any], yoast: Mapping[str, Any], post: Mapping[str, Any]) -> str | None:
    media = [_string(item.get("source_url")) for item in _mappings(embedded.get("wp:featuredmedia"))]
    images = [_string(item.get("url")) for item in _mappings(yoast.get("og_image"))]
    return next(filter(None, [*media, *images, _string(post.get("jetpack_featured_media_url"))]), None)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


# --- a plain text ---------------------------------------------------------------------------------


def _read_text(page: Page, rules: Rules) -> Iterator[Article | Rejected]:
    text = decode(page.body, page.header("content-type"))
    if text is None:
        yield _reject(page, "undecodable")
        return
    title, rest = _title_line(text)
    cleaned = clean(lines(rest), rules, title)
    yield _draft(
        page, rules, Facts(title=title, is_article=True), cleaned, canonical(page.url) if page.url else None
    )


MAX_TITLE_CHARS = 200


def _title_line(text: str) -> tuple[str | None, str]:
    """A plain text's title and the rest: its first line, where that ends no sentence and stands alone."""
    first, newline, rest = text.lstrip("\ufeff\r\n \t").partition("\n")
    second = rest.partition("\n")[0]
    line = fold(first)
    if not newline or fold(second) or not rest.strip() or not 8 <= len(line) <= MAX_TITLE_CHARS:
        return None, text
    if re.search(r"[.!?:;,\"\u201d)]$", line) and not line.endswith("?"):
        return None, text
    return line, rest


# --- the draft ------------------------------------------------------------------------------------

_PAID_SECTIONS = re.compile(
    r"\b(?:adv|advertorial|advetorial|pariwara|rilis pers|siaran pers|press release|infotorial|iklan)\b",
    re.IGNORECASE,
)


def _draft(page: Page, rules: Rules, facts: Facts, cleaned: Cleaned, url: str | None) -> Article:
    """The article as far as witnesses and lines tell it; `STEPS` fill in the rest."""
    published_at, published_on = _in_zone(facts.published, rules)
    modified_at, _ = _in_zone(facts.modified, rules)
    in_section = bool(facts.section and _PAID_SECTIONS.search(facts.section))
    labelled = any(_PAID_SECTIONS.fullmatch(tag) for tag in facts.tags)
    # The byline in the text is what readers see; the account that typed it in is the platform's.
    authors = cleaned.authors or facts.authors
    return Article(
        article_id="",
        source=page.source,
        host=host_of(url) if url else None,
        url=url,
        title=facts.title,
        description=facts.description,
        text=cleaned.text,
        authors=authors,
        editors=cleaned.editors or facts.editors,
        tags=facts.tags,
        section=facts.section,
        dateline=cleaned.dateline,
        image_url=facts.image_url,
        credited_source=cleaned.credited_source,
        published_at=published_at,
        modified_at=modified_at,
        published_on=published_on,
        published_precision=facts.published.precision if facts.published else None,
        published_raw=facts.published.raw if facts.published else None,
        published_from=facts.published_from,
        published_conflict=facts.published_conflict,
        is_advertorial=cleaned.is_advertorial or in_section or labelled,
        advertorial_from="text"
        if cleaned.is_advertorial
        else "section"
        if in_section
        else "label"
        if labelled
        else None,
        advertorial_sponsor=cleaned.sponsor,
        word_count=0,
        fetched_at=page.fetched_at,
        notice_type=cleaned.notice,
        fingerprint="",
        rules_version=rules_version(rules),
        segment=page.segment,
        record_offset=page.record_offset,
        keys=facts.platform_ids,
        document=page.document,
    )


def _in_zone(instant: Instant | None, rules: Rules) -> tuple[datetime | None, date | None]:
    """The instant in the outlet's zone, and its day there. Of a bare day: that day, from its midnight there."""
    if instant is None:
        return None, None
    zone = dates.zone(rules.timezone)
    if instant.precision == "day":
        day = instant.at.date()
        return datetime.combine(day, time(), zone), day
    at = instant.at.astimezone(zone)
    return at, at.date()


def is_whole(url: str) -> bool:
    """Whether an address asks for all parts of an article at once."""
    return "all" in parse_qs(urlsplit(url).query).get("page", [])
