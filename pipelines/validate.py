"""What must hold of every Article, whoever made it: our chain, a user's own spider, a test."""

from __future__ import annotations

import re
from typing import get_args

from pipelines.article import AdvertorialFrom, Article, Document, Notice, Precision, PublishedFrom
from pipelines.lines import dates

_LANGUAGE = re.compile(r"[a-z]{2}|bjn|min")


def problems(article: Article) -> list[str]:
    """What is wrong with an article, one line each; empty when nothing is."""
    found = []
    if not article.text.strip():
        found.append("text: is empty")
    for name in ("article_id", "source", "fingerprint", "rules_version"):
        if not getattr(article, name):
            found.append(f"{name}: is empty")
    found += _moments(article)
    for name, choice in (
        ("published_precision", Precision),
        ("published_from", PublishedFrom),
        ("advertorial_from", AdvertorialFrom),
        ("notice_type", Notice),
        ("document", Document),
    ):
        value = getattr(article, name)
        if value is not None and value not in get_args(choice):
            found.append(f"{name}: unknown value {value!r}")
    found += _publication(article)
    if article.advertorial_from is not None and not article.is_advertorial:
        found.append("advertorial_from: set, but is_advertorial is false")
    if article.language is not None and not _LANGUAGE.fullmatch(article.language):
        found.append(f"language: no ISO 639 code: {article.language!r}")
    if article.language_confidence is not None and not 0 <= article.language_confidence <= 1:
        found.append(f"language_confidence: not between 0 and 1: {article.language_confidence}")
    if article.word_count <= 0:
        found.append(f"word_count: {article.word_count}")
    if article.url is not None and not article.url.startswith(("http://", "https://")):
        found.append(f"url: no web address: {article.url!r}")
    return found


def _publication(article: Article) -> list[str]:
    """The publication's columns stand and fall together."""
    found = []
    at, on = article.published_at, article.published_on
    if at is None:
        set_ = [
            name
            for name in ("published_on", "published_precision", "published_from")
            if getattr(article, name)
        ]
        return [f"{name}: set, but published_at is null" for name in set_]
    if on is None:
        found.append("published_on: null, but published_at is set")
    elif at.tzinfo is not None and at.date() != on:
        found.append(f"published_on: {on}, but published_at is {at.isoformat()}")
    if article.published_precision is None:
        found.append("published_precision: null, but published_at is set")
    return found


def _moments(article: Article) -> list[str]:
    """The moments without a zone, and those at which nothing can have happened."""
    found = []
    for name in ("fetched_at", "published_at", "modified_at", "removed_at"):
        moment = getattr(article, name)
        if moment is not None and moment.tzinfo is None:
            found.append(f"{name}: has no zone: {moment.isoformat()}")
    for name in ("published_at", "modified_at") if not found else ():
        moment = getattr(article, name)
        if moment is not None and not dates.is_possible(moment, article.fetched_at):
            found.append(f"{name}: before 1995, or more than an hour after the fetch: {moment.isoformat()}")
    return found
