"""WordPress REST answers: one document that holds many articles, each with its facts in fields of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pipelines.address import address_key, canonical, host_of
from pipelines.article import Article, Page, Rejected
from pipelines.body import extract
from pipelines.body.clean import caption, clean
from pipelines.dedupe import link_key
from pipelines.draft import draft
from pipelines.facts.authors import people_of
from pipelines.facts.model import Facts
from pipelines.facts.topics import section_of, tags_of
from pipelines.lines import dates
from pipelines.lines.dates import Instant
from pipelines.page.blocks import Block
from pipelines.page.index import Index
from pipelines.page.tree import decode, fold, parse
from pipelines.refuse import endless, off_site, reject, undecodable
from pipelines.rules import Rules

_POSTS = re.compile(r'\[\s*\{\s*"id"\s*:')


def answer(body: str | bytes) -> Any:
    """The JSON of an answer, without what PHP prints before it and a page cache behind it.

    Raises ValueError where there is none, or only a piece of one.
    """
    return _listed(_json(body))


def _listed(found: Any) -> Any:
    """The posts as a list: PHP writes one that a plugin took posts out of as an object, by their places."""
    if not isinstance(found, dict) or not found:
        return found
    are_posts = all(isinstance(each, dict) and "id" in each for each in found.values())
    return [*found.values()] if are_posts and all(map(str.isdecimal, found)) else found


def _json(body: str | bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        text = body if isinstance(body, str) else body.decode("utf-8", "replace")
        text = text.lstrip("\ufeff \t\r\n")
        found = None if text.startswith(("[{", "{")) else _POSTS.search(text)
        return json.JSONDecoder().raw_decode(text, found.start() if found is not None else 0)[0]


def posts(page: Page, rules: Rules) -> Iterator[Article | Rejected]:
    """The drafts of the posts that the answer holds and the page wants, each once: a number may be several posts'.

    All that are no posts make one rejection: an answer of ten megabytes has room for millions.
    """
    text = decode(page.body, page.header("content-type"))
    if text is None:
        yield undecodable(page)
        return
    try:
        answered = answer(text)
    except (ValueError, RecursionError) as fault:
        yield reject(page, "parser_error", f"not JSON: {fault}")
        return
    if not isinstance(answered, list):
        answered = [answered]
    others = [post for post in answered if not _is_post(post)]
    if others:
        more = f", and {len(others) - 1} more" if len(others) > 1 else ""
        yield reject(page, "not_an_article", f"{_why_none(others[0])}{more}")
    read: set[tuple[str, str | None]] = set()
    shared = shared_links(answered)
    for post in filter(_is_post, answered):
        number = number_of(post)
        post_again = (number or "", _string(post.get("link")))
        if post_again not in read and (page.take is None or number in page.take):
            read |= {post_again} if number else set()
            try:
                yield _post(post, page, rules, shared)
            except Exception as fault:  # one broken post must not hide the other ninety-nine
                url = canonical(_string(post.get("link")) or "")
                yield reject(page, "parser_error", f"{type(fault).__name__}: {fault}", url)


def shared_links(posts: Iterable[Any]) -> Set[str]:
    """The address keys that several posts of one answer give as their `link`: a plugin's fault, and no addresses."""
    numbers: dict[str, set[str]] = {}
    for post in posts:
        if isinstance(post, dict) and (link := _string(post.get("link"))):
            numbers.setdefault(address_key(link), set()).add(str(post.get("id")))
    return {key for key, found in numbers.items() if len(found) > 1}


def address_of_post(link: str | None, number: str | None, shared: Set[str]) -> str | None:
    """The address of a post: its `link`; where several posts give the same, that of its number, `HOST/?p=ID`."""
    if link is None or address_key(link) not in shared:
        return link
    return urlunsplit((*urlsplit(link)[:2], "/", f"p={number}", "")) if number else None


def _is_post(thing: Any) -> bool:
    return isinstance(thing, dict) and "content" in thing and "id" in thing


def _why_none(thing: Any) -> str:
    """What an answer holds instead of a post."""
    return str(thing.get("code") or "no post")[:200] if isinstance(thing, dict) else "no post"


def _post(post: Mapping[str, Any], page: Page, rules: Rules, shared: Set[str]) -> Article | Rejected:
    link = _string(post.get("link"))
    address = address_of_post(link, number_of(post), shared)
    url = canonical(address) if address and host_of(address) else None
    if url and (refused := off_site(page, rules, url)):
        return refused
    title = _rendered(post.get("title"))
    content = _mapping(post.get("content")).get("rendered")
    tree = parse(f"<body><div class='entry-content'>{content}</div></body>") if _string(content) else None
    if tree is not None and (refused := endless(tree, page)):
        return replace(refused, url=url or page.url)
    body = (
        extract.body(Index.of(tree), replace(rules, body="div.entry-content"))
        if tree is not None
        else extract.Body(())
    )
    cleaned = clean(body.blocks, rules, title, asides=body.asides)
    if not cleaned.text and body.captions:
        cleaned = clean([Block(caption(body.captions))], rules, title)
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
        authors=tuple(people_of([name for name in authors if name], rules)),
        section=section_of(categories),
        tags=tags_of(tags),
        image_url=_featured(embedded, yoast, post),
        platform_ids=(number,) if (number := number_of(post)) else (),
        is_article=True,
    )
    article = draft(page, rules, facts, cleaned, url)
    return replace(article, keys=(*article.keys, link_key(link))) if link and link != address else article


def number_of(post: Mapping[str, Any]) -> str | None:
    """The post's number; null where `id` is none: what several posts may share names no article."""
    number = str(post.get("id")) if type(post.get("id")) in (int, str) else ""
    return number if number.isdecimal() else None


def _rest_instant(post: Mapping[str, Any], name: str, rules: Rules, fetched_at: datetime) -> Instant | None:
    """The instant of a REST field: `…_gmt` is UTC without saying so, the bare field the site's local time.

    A scheduled draft has a zero `date_gmt`; where a site calls its local time UTC, the `date_gmt` of an hour
    ago still lies ahead.
    """
    utc = dates.parse(_string(post.get(f"{name}_gmt")), "UTC", fetched_at)
    local = dates.parse(_string(post.get(name)), rules.timezone or rules.clock, fetched_at)
    if utc and local and rules.timezone is None and local.zone_from == "clock":
        ahead = local.at.replace(tzinfo=UTC) - utc.at
        if abs(ahead) <= _FARTHEST_ZONE:  # the site's own zone, by its two spellings of one moment
            utc = replace(utc, at=utc.at.astimezone(timezone(ahead)))
    stated = (replace(utc, zone_from="offset") if utc else None, local)
    return next((at for at in stated if at and dates.is_believable(at, rules.timezone, fetched_at)), None)


_FARTHEST_ZONE = timedelta(hours=14)


def _rendered(value: Any) -> str | None:
    """The text of a `{"rendered": html}` field."""
    raw = _string(_mapping(value).get("rendered")) or ""
    if raw.isprintable() and "<" not in raw and "&" not in raw:
        return fold(raw) or None
    tree = parse(f"<div>{raw}</div>") if raw else None
    return fold("".join(str(piece) for piece in tree.itertext())) or None if tree is not None else None


def _excerpt(post: Mapping[str, Any]) -> str | None:
    """The excerpt its author wrote; null for the cut-off beginning that WordPress makes itself."""
    if _CUT_OFF_AS_PRINTED.search(_string(_mapping(post.get("excerpt")).get("rendered")) or ""):
        return None
    text = _rendered(post.get("excerpt"))
    return None if text is None or _CUT_OFF.search(text[-_CUT_OFF_CHARS:]) else text


_CUT_OFF = re.compile(r"(?:\u2026|\.\.\.)\W*\w{0,20}\W*\w{0,20}$")
_CUT_OFF_CHARS = 60
_CUT_OFF_AS_PRINTED = re.compile(r"(?:&hellip;|\u2026)\]?\s*</p>\s*\Z")
"""The end of most of them: what ends so need not be parsed."""


def _terms(embedded: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    categories, tags = [], []
    groups = embedded.get("wp:term")
    for group in groups if isinstance(groups, list) else ():
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
