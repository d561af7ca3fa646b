"""What a page says of its article: title, dates, people, section, tags, picture, address.

Asks the witnesses, each topic in a module of its own (`titles`, `publication`, `authors`, `topics`),
in the order in which they are believed: JSON-LD, OpenGraph and `<meta>`, microdata and `<time>`, the
rules' selectors, the hint of discovery, the address, trafilatura's guess (titles only). A fact that no
witness clearly states is null. Reads the whole tree, before `pipelines.body.extract` takes the noise
out of it; `pipelines.body.clean` reads what the text itself says (byline, dateline).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipelines.address import canonical, host_of, is_front, joined
from pipelines.article import Link
from pipelines.facts import frame
from pipelines.facts.authors import authors_and_editors
from pipelines.facts.model import Facts
from pipelines.facts.publication import publication
from pipelines.facts.structured import addresses_of, first_text, items, stated, texts
from pipelines.facts.titles import headline
from pipelines.facts.topics import section, tags
from pipelines.page.index import Index
from pipelines.page.tree import fold
from pipelines.rules import Rules


def facts(index: Index, url: str | None, rules: Rules, link: Link | None, fetched_at: datetime) -> Facts:
    """All that the page's witnesses say."""
    data = stated(index, url)
    article, meta = data.article, data.meta
    title = headline(index, data, rules, url)
    head = frame.headline(index, title)
    filed = section(index, head, title, data, rules, url)
    dated = publication(index, head, data, url, rules, link, fetched_at)
    kind = _first(meta.get("og:type"))
    authors, editors = authors_and_editors(index, head, filed, data, rules, url)
    is_story = bool(article) or len(_marked_bodies(index)) == 1
    return Facts(
        title=title,
        description=_description(article, meta),
        url=_canonical(index, meta, url),
        further_urls=_further(index, article, url, rules),
        published=dated.published,
        published_from=dated.published_from,
        published_conflict=dated.conflict,
        modified=dated.modified,
        authors=authors,
        editors=editors,
        section=filed,
        tags=tags(index, data, rules),
        image_url=_image(article, meta, url),
        platform_ids=_platform_ids(index, url, link),
        is_article=is_story or kind == "article" or _is_single(index),
        is_story=is_story,
        lists_stories=data.lists_stories,
        kind=kind.lower() if kind else None,
        body=first_text(article.get("articleBody")),
        is_paid=frame.has_paid_label(head),
    )


def _marked_bodies(index: Index) -> list[int]:
    return [
        at for value, found in index.of_itemprop.items() if "articleBody" in value.split() for at in found
    ]


def _is_single(index: Index) -> bool:
    """Whether WordPress itself says in the body's classes that the page shows one post."""
    classes = index.body_classes
    return "single-post" in classes and any(name.startswith("postid-") for name in classes)


_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


def _description(article: Mapping[str, Any], meta: Mapping[str, list[str]]) -> str | None:
    """What the page says it is about, without the markup that a system has escaped into it; null for nothing."""
    named = (
        *meta.get("og:description", ()),
        *meta.get("description", ()),
        *texts(article.get("description")),
    )
    return next(filter(None, (fold(_TAG.sub(" ", text)) for text in named)), None)


def _first(*candidates: list[str] | None) -> str | None:
    return next((text for texts in candidates for text in texts or ()), None)


def _canonical(index: Index, meta: Mapping[str, list[str]], url: str | None) -> str | None:
    """The address the page gives itself; not another host's, and not the front page for an inner page."""
    for raw in [*_linked(index, "canonical"), *meta.get("og:url", [])]:
        named = canonical(joined(url, raw)) if raw.strip() else ""
        if not named.startswith(("http://", "https://")):
            continue
        if url is None:
            return named
        if host_of(named) != host_of(canonical(url)) or (is_front(named) and not is_front(url)):
            continue
        return named
    return None


def _linked(index: Index, rel: str) -> list[str]:
    """The addresses of the page's `<link>` elements of one kind."""
    links = map(index.elements.__getitem__, index.of_tag.get("link", ()))
    return [link.get("href") or "" for link in links if rel in (link.get("rel") or "").split()]


def _further(index: Index, article: Mapping[str, Any], url: str | None, rules: Rules) -> tuple[str, ...]:
    """What else the page calls its article, of the outlet's own hosts.

    A name within a page (`/#article`, `/#website`) is that page's, and no front page is an article's.
    """
    if url is None:
        return ()
    hosts = {host_of(url), *(rules.hosts if host_of(url) in rules.hosts else ())}
    named = (
        canonical(joined(url, raw))
        for raw in [*_linked(index, "amphtml"), *addresses_of(article)]
        if raw.strip()
    )
    return tuple(dict.fromkeys(each for each in named if host_of(each) in hosts and not is_front(each)))


def _image(article: Mapping[str, Any], meta: Mapping[str, list[str]], url: str | None) -> str | None:
    images = [*meta.get("og:image:secure_url", ()), *meta.get("og:image", ())]
    for image in items(article.get("image")):
        images += (
            texts(image.get("url") or image.get("contentUrl")) if isinstance(image, dict) else texts(image)
        )
    found = (joined(url, image) for image in images)
    return next((each for each in found if each.startswith(("http://", "https://"))), None)


_POST_ID_CLASS = re.compile(r"(?:^|\s)postid-(\d+)(?:\s|$)")
_SHORTLINK = re.compile(r"[?&]p=(\d+)")
_ANTARA_ID = re.compile(r"antaranews\.com(?::\d+)?/(?:amp/)?berita/(\d+)(?:/|$)")


def _platform_ids(index: Index, url: str | None, link: Link | None) -> tuple[str, ...]:
    """The platform's own numbers for the article: WordPress prints its in two places, ANTARA in the address."""
    found = [link.platform_id] if link and link.platform_id else []
    if match := _ANTARA_ID.search(url or ""):
        found.append(match[1])
    for shortlink in filter(None, _linked(index, "shortlink")):
        if url is None or host_of(joined(url, shortlink)) == host_of(url):  # a number is its host's
            found += _SHORTLINK.findall(shortlink)
    for body in index.of_tag.get("body", ()):
        found += _POST_ID_CLASS.findall(index.classes[body])
    return tuple(dict.fromkeys(found))
