"""The chain: one page in, articles and rejections out. What `pipelines` is for, callable from anywhere.

    decode ─► parse ─► witnesses (facts) ─► body (noise, extract) ─► lines (clean) ─► draft ─► STEPS

`read` is pure: the same page by the same rules gives the same values, whenever and wherever. It never
raises: a parser's failure becomes a `Rejected`. A crawl, `ingest`, `reprocess` and a cluster call this one
function.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from lxml.html import HtmlElement

from pipelines import dedupe, language, refuse, themes, wordpress
from pipelines.address import canonical, host_of
from pipelines.article import Article, Page, Rejected
from pipelines.body import extract
from pipelines.body.clean import caption, clean
from pipelines.body.noise import is_running
from pipelines.draft import draft
from pipelines.facts import gather
from pipelines.facts.model import Facts
from pipelines.page import parts
from pipelines.page.blocks import Block, lines
from pipelines.page.index import Index
from pipelines.page.tree import decode, fold, parse, plain
from pipelines.refuse import MAX_BODY_BYTES, reject
from pipelines.rules import Rules, rules_version
from pipelines.usage import usage_notice

__all__ = ["MAX_BODY_BYTES", "MIN_TEXT_CHARS", "STEPS", "follow", "read"]

MIN_TEXT_CHARS = 80
MAX_TITLE_CHARS = 200

Result = Article | Rejected
Step = Callable[[Article, Page, Rules], Result]


def read(page: Page, rules: Rules) -> Iterator[Result]:
    """Everything that one document holds, in its order. Raises only MemoryError, a fault of the machine."""
    return (found for found in follow(page, rules) if not isinstance(found, parts.Further))


def follow(page: Page, rules: Rules) -> Iterator[Result | parts.Further]:
    """What `read` gives, and before it where the rest of an article is; nothing of that where the page is whole."""
    if rejected := refuse.unreadable(page):
        yield rejected
        return
    try:
        for found in _READERS[page.document](page, rules):
            yield _through(found, page, rules) if isinstance(found, Article) else found
    except MemoryError:
        raise
    except Exception as fault:  # lxml and trafilatura fail in their own ways on broken pages
        yield reject(page, "parser_error", f"{type(fault).__name__}: {fault}")


# --- the steps that every article takes -----------------------------------------------------------


def show_plainly(article: Article, page: Page, rules: Rules) -> Result:
    """Removes from every text the characters that steer a terminal, whatever document it came from."""
    shown: dict[str, Any] = {
        name: plain(value) or None for name in _TEXTS if (value := getattr(article, name)) is not None
    }
    shown |= {name: tuple(filter(None, map(plain, getattr(article, name)))) for name in _LISTS}
    shown["text"] = plain(article.text)
    changed = {name: value for name, value in shown.items() if value != getattr(article, name)}
    return replace(article, **changed) if changed else article


_TEXTS = (
    *("title", "description", "section", "dateline", "image_url", "credited_source"),
    *("published_raw", "advertorial_sponsor"),
)
_LISTS = ("authors", "editors", "tags")


def long_enough(article: Article, page: Page, rules: Rules) -> Result:
    """Refuses what is too short to be a story."""
    if len(article.text) < MIN_TEXT_CHARS:
        return reject(page, "too_short", f"{len(article.text)} characters", article.url)
    return article


def in_window(article: Article, page: Page, rules: Rules) -> Result:
    """Refuses what was published outside the crawl's window; an unknown day counts as inside."""
    day = article.published_on
    if day and ((page.since and day < page.since) or (page.until and day > page.until)):
        return replace(reject(page, "out_of_window", day.isoformat(), article.url), day=day)
    return article


def note_usage(article: Article, page: Page, rules: Rules) -> Result:
    """Keeps what the page says of how it may be used."""
    notice = usage_notice(page)
    return article if notice is None else replace(article, usage_notice=notice)


def label_language(article: Article, page: Page, rules: Rules) -> Result:
    """Labels the language, and refuses what the source's rules exclude."""
    code, confidence = language.label(article.text, page.link.language if page.link else None)
    if rules.languages and code is not None and code not in rules.languages:
        return reject(page, "wrong_language", f"{code} ({confidence})", article.url)
    return replace(article, language=code, language_confidence=confidence)


def identify(article: Article, page: Page, rules: Rules) -> Result:
    """Gives the article its fingerprint, its keys and its id, and says which rules read it."""
    print_ = dedupe.fingerprint(article.text)
    served_at = _served_at(article, page, rules)
    witnesses = [*article.keys, *([dedupe.claim_key(article.url)] if article.url else [])]
    if page.link and _is_of_one_outlet(page.link.url, page, rules):
        witnesses.append(dedupe.led_key(page.link.url))
    keys = dedupe.keys_of(article.source, served_at, witnesses, print_)
    return replace(
        article,
        fingerprint=print_,
        keys=keys,
        served_at=served_at,
        article_id=dedupe.article_id(keys),
        rules_version=rules_version(rules),
    )


_LISTS_OF_ARTICLES = ("rest", "feed")


def _served_at(article: Article, page: Page, rules: Rules) -> str | None:
    """The address at which the article is to be had; null where nobody but the document itself says so.

    A post of a list is had at its link: of the source's hosts, or, where no rules name any, of the list's own.
    """
    if page.document not in _LISTS_OF_ARTICLES:
        return canonical(page.url) if page.url else None
    is_own = rules.hosts or host_of(article.url or "") == host_of(page.url or "")
    return article.url if is_own else None


def _is_of_one_outlet(asked: str, page: Page, rules: Rules) -> bool:
    """Whether the address asked for and the one that answered are one outlet's: no other's can lead to a page of it."""
    hosts = {host_of(asked), host_of(page.url or "")}
    return page.document == "page" and (len(hosts) == 1 or hosts <= set(rules.hosts))


STEPS: tuple[Step, ...] = (show_plainly, long_enough, in_window, label_language, note_usage, identify)
"""What every draft passes, in this order; the first refusal ends it."""


def _through(article: Article, page: Page, rules: Rules) -> Result:
    for step in STEPS:
        outcome = step(article, page, rules)
        if isinstance(outcome, Rejected):
            return outcome
        article = outcome
    return article


# --- a page ---------------------------------------------------------------------------------------


def _read_page(page: Page, rules: Rules) -> Iterator[Result | parts.Further]:
    tree = _tree(page)
    if isinstance(tree, Rejected):
        yield tree
        return
    if refused := refuse.off_site(page, rules):
        yield refused
        return
    index = Index.of(tree)  # it holds every element: lxml makes one anew at each touch, unless somebody does
    pager = parts.further(index, page.url, rules.whole)
    if pager.whole or pager.rest:
        yield pager
    themed = themes.under(rules, index)
    facts = gather.facts(index, page.url, themed, page.link, page.fetched_at)
    opened = cache(lambda: refuse.opening(index, facts.title))
    if refused := refuse.no_article(index, facts, page, opened):
        yield refused
        return
    if part := parts.part_of(index, page.url):
        yield reject(page, "not_an_article", f"part {part[0]} of {part[1]}")
        return
    trees = [(at, part.url, _tree(part)) for at, part in enumerate(page.parts, 2)]
    further = [(at, url, Index.of(part)) for at, url, part in trees if not isinstance(part, Rejected)]
    announced = max(pager.announced, *(parts.announced(each, page.url, at) for at, _, each in further), 1)
    stories = refuse.stories_linked(index)
    beside = refuse.Opening() if facts.is_story else opened()
    body = extract.body(index, themed, facts.title, facts.description)
    rest = [
        (address, extract.body(part, themes.under(rules, part), facts.title).blocks)
        for _, address, part in further
    ]
    blocks, number = parts.together(body.blocks, rest, page.url, facts.title)
    cleaned = clean(
        blocks,
        rules,
        facts.title,
        asides=body.asides,
        names=(*facts.authors, facts.section or ""),
        tags=facts.tags,
    )
    if body.captions and _is_frame(cleaned.paragraphs, shown := caption(body.captions)):
        # A photo page: its caption is the whole story.
        cleaned = clean([Block(shown)], rules, facts.title)
    linked = refuse.link_lines(blocks)
    if refused := refuse.no_story(
        page, facts, cleaned, stories, MIN_TEXT_CHARS, opened=beside, linked=linked
    ):
        yield refused
        return
    url = facts.url or (canonical(page.url) if page.url else None)
    yield replace(draft(page, rules, facts, cleaned, url), is_complete=announced <= number)


MAX_FRAME_CHARS = 500


def _is_frame(paragraphs: Sequence[str], shown: str) -> bool:
    """Whether what a page has beside a caption is nothing, or labels of its frame where the caption is a sentence."""
    length = sum(map(len, paragraphs))
    is_told = any(map(is_running, paragraphs)) or not is_running(shown)
    return length < MIN_TEXT_CHARS or (length < MAX_FRAME_CHARS and not is_told)


def _tree(page: Page) -> HtmlElement | Rejected:
    """The page's tree, or why there is none."""
    if refused := refuse.unreadable(page):
        return refused
    text = decode(page.body, page.header("content-type"))
    if text is None:
        return refuse.undecodable(page)
    tree = parse(text) if "<" in text else None
    return reject(page, "not_html", "no markup") if tree is None else refuse.endless(tree, page) or tree


# --- a plain text ---------------------------------------------------------------------------------


def _read_text(page: Page, rules: Rules) -> Iterator[Result]:
    text = decode(page.body, page.header("content-type"))
    if text is None:
        yield refuse.undecodable(page)
        return
    title, rest = _title_line(text)
    cleaned = clean(lines(rest), rules, title)
    yield draft(
        page, rules, Facts(title=title, is_article=True), cleaned, canonical(page.url) if page.url else None
    )


def _title_line(text: str) -> tuple[str | None, str]:
    """A plain text's title and the rest: its first line, where that ends no sentence and stands alone."""
    first, _, rest = text.lstrip("\ufeff\r\n \t").partition("\n")
    line = fold(first)
    stands_alone = rest.strip() and not fold(rest.partition("\n")[0])
    if not stands_alone or not 8 <= len(line) <= MAX_TITLE_CHARS or re.search(r"[.!:;,\"\u201d)]$", line):
        return None, text
    return line, rest


_READERS: dict[str, Callable[[Page, Rules], Iterator[Result | parts.Further]]] = {
    "page": _read_page,
    "rest": wordpress.posts,
    "feed": wordpress.posts,
    "text": _read_text,
}
