"""What `problems` objects to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from pipelines.article import Article
from pipelines.validate import problems

SOUND = Article(
    article_id="a",
    source="contoh",
    host="contoh.id",
    url="https://contoh.id/a/",
    title="Judul",
    description=None,
    text="Isi berita.",
    word_count=2,
    published_at=datetime(2024, 11, 20, 8, tzinfo=UTC),
    published_on=date(2024, 11, 20),
    published_precision="minute",
    published_from="meta",
    fetched_at=datetime(2024, 11, 20, 9, tzinfo=UTC),
    fingerprint="f",
    rules_version="r",
    language="id",
    language_confidence=0.9,
)


def test_a_sound_article_has_no_problems() -> None:
    """The list is empty."""
    assert problems(SOUND) == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"text": " \n"}, "text"),
        ({"article_id": ""}, "article_id"),
        ({"fingerprint": ""}, "fingerprint"),
        ({"fetched_at": datetime(2024, 11, 20)}, "fetched_at"),
        ({"modified_at": datetime(2024, 11, 20)}, "modified_at"),
        ({"published_at": datetime(1994, 12, 31, tzinfo=UTC)}, "published_at"),
        ({"published_at": datetime(2024, 11, 20, 10, 0, 1, tzinfo=UTC)}, "published_at"),
        ({"modified_at": datetime(9999, 1, 1, tzinfo=UTC)}, "modified_at"),
        ({"published_at": None}, "published_on"),
        ({"published_on": None}, "published_on"),
        ({"published_on": date(2024, 11, 21)}, "published_on"),
        ({"published_precision": None}, "published_precision"),
        ({"published_precision": "hour"}, "published_precision"),
        ({"published_from": "guess"}, "published_from"),
        ({"advertorial_from": "text"}, "advertorial_from"),
        ({"language": "indonesian"}, "language"),
        ({"language": "zh-cn"}, "language"),
        ({"language_confidence": 1.5}, "language_confidence"),
        ({"word_count": 0}, "word_count"),
        ({"url": "contoh.id/a"}, "url"),
    ],
)
def test_a_fault_is_named_with_its_field(changes: dict[str, Any], named: str) -> None:
    """Each line begins with the field that is wrong."""
    assert any(line.startswith(f"{named}:") for line in problems(replace(SOUND, **changes)))
