"""The draft: puts what witnesses and lines say of one article into its fields."""

from __future__ import annotations

import re
from datetime import date, datetime

from pipelines.address import host_of
from pipelines.article import AdvertorialFrom, Article, Page
from pipelines.body.clean import Cleaned
from pipelines.dedupe import claim_key, number_key
from pipelines.facts.model import Facts
from pipelines.lines import dates
from pipelines.lines.dates import Instant
from pipelines.rules import Rules

_PAID_NAME = re.compile(
    r"\b(?:adv|advertorial|advetorial|pariwara|rilis pers|siaran pers|press release|infotorial|iklan)\b",
    re.IGNORECASE,
)
_PAID_TITLE = re.compile(
    r"\W*(?:adv|advertorial|pariwara|infotorial)\W|.*[(\[]\s*(?:adv|advertorial|pariwara|infotorial)\s*[)\]]\W*$",
    re.IGNORECASE,
)


def draft(page: Page, rules: Rules, facts: Facts, cleaned: Cleaned, url: str | None) -> Article:
    """The article as known before `pipelines.read.STEPS` complete it; its keys are still witnesses."""
    published_at, published_on = _in_zone(facts.published, rules)
    modified_at, _ = _in_zone(facts.modified, rules)
    paid = _paid(facts, cleaned)
    # The editor is nobody's author, wherever the platform lists the account that published.
    editors = cleaned.editors or facts.editors
    authors = cleaned.authors or tuple(name for name in facts.authors if name not in cleaned.editors)
    return Article(
        article_id="",
        source=page.source,
        host=host_of(url) if url else None,
        url=url,
        title=facts.title,
        description=facts.description,
        text=cleaned.text,
        authors=authors,
        editors=editors,
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
        is_advertorial=paid is not None,
        advertorial_from=paid,
        advertorial_sponsor=cleaned.sponsor,
        word_count=len(cleaned.text.split()),
        fetched_at=page.fetched_at,
        notice_type=cleaned.notice,
        fingerprint="",
        rules_version="",
        segment=page.segment,
        record_offset=page.record_offset,
        keys=(
            *(number_key(host_of(page.url or url or ""), number) for number in facts.platform_ids),
            *map(claim_key, facts.further_urls),
        ),
        document=page.document,
    )


def _paid(facts: Facts, cleaned: Cleaned) -> AdvertorialFrom | None:
    """Where it says that the article was paid for; null where nothing says so."""
    if cleaned.is_advertorial:
        return "text"
    if facts.section and _PAID_NAME.search(facts.section):
        return "section"
    if facts.is_paid:
        return "label"
    if any(_PAID_NAME.fullmatch(tag) for tag in facts.tags) or _PAID_TITLE.match(facts.title or ""):
        return "label"
    return None


def _in_zone(instant: Instant | None, rules: Rules) -> tuple[datetime | None, date | None]:
    """The instant in the outlet's zone, and its day there. Of a bare day: that day, from its midnight there.

    Of a host that no source names the day is that of the page's own offset.
    """
    if instant is None:
        return None, None
    at = dates.placed(instant, rules.timezone)
    return at, at.date()
