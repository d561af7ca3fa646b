"""An outlet's past planted into a store: its days, each with so many articles, and the runs that looked at them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from storage.connection import Store
from storage.rows import append
from tests.kit.factories import run_row
from tests.kit.outlets import DAY, NOON, SOURCE

OUTLET = {
    "source": SOURCE,
    "title": "Warta Pesisir",
    "home": "https://wartapesisir.example/",
    "region": None,
    "province": "64",
    "timezone": "Asia/Makassar",
    "platform": "wordpress",
    "network": None,
    "status": "seed",
    "notice": None,
    "enabled": True,
    "followed": True,
    "verified_at": None,
    "differences": None,
}


def plant(
    store: Store, counts: dict[date, int], looked_at: dict[date, date] | None = None, source: str = SOURCE
) -> None:
    """So many articles of an outlet a day, each day looked at on the next, or on the day that is named."""
    looks = {day: day + DAY for day in counts} | (looked_at or {})
    runs = [
        run_row(day, day)
        | {
            "crawl_id": f"{source} {day}",
            "source": source,
            "started_at": noon_of(look),
            "finished_at": noon_of(look),
        }
        for day, look in looks.items()
    ]
    with store.transaction() as connection:
        append(store, "sources", [OUTLET | {"source": source}])
        append(store, "crawls", runs)
        for day, number in counts.items():
            connection.execute(
                "INSERT INTO kept.versions BY NAME SELECT $source || $day || '-' || n AS article_id, $source AS source, 1 AS version,"
                " 'published' AS version_reason, 'page' AS document, 'isi' || n AS text, ['A'] AS authors, []::VARCHAR[] AS editors,"
                " []::VARCHAR[] AS tags, $at::TIMESTAMPTZ AS published_at, $day::DATE AS published_on, 'minute' AS published_precision,"
                " false AS published_conflict, false AS is_advertorial, true AS is_complete, 200 AS word_count, 'f' AS fingerprint,"
                " 'r' AS rules_version, true AS is_newest, article_id AS story_id, published_at + INTERVAL 2 HOUR AS fetched_at,"
                " fetched_at AS first_seen_at, fetched_at AS last_seen_at FROM range($number) t(n)",
                {"day": day, "source": source, "at": noon_of(day), "number": number},
            )


def noon_of(day: date) -> datetime:
    """Noon of a day in Bontang."""
    return datetime.combine(day, NOON.time(), UTC)


def article_row(
    source: str, seen_at: datetime, number: int, words: int = 200, *, is_dated: bool = True, junk: str = ""
) -> dict[str, object]:
    """A row of `kept.versions`: an article that was published two hours before it was seen, in Bontang."""
    published_at = seen_at - timedelta(hours=2)
    article_id = f"{source}-{seen_at:%Y%m%d%H}-{number}"
    return {
        "article_id": article_id,
        "story_id": article_id,
        "source": source,
        "version": 1,
        "version_reason": "published",
        "document": "page",
        "text": f"Isi {article_id} yang hanya di sini.\n{junk or f'Penutup {article_id}.'}",
        "authors": ["A"],
        "editors": [],
        "tags": [],
        "dateline": "Bontang",
        "published_at": published_at if is_dated else None,
        "published_on": published_at.astimezone(ZoneInfo("Asia/Makassar")).date() if is_dated else None,
        "published_precision": "minute" if is_dated else None,
        "published_conflict": False,
        "is_advertorial": False,
        "is_complete": True,
        "word_count": words,
        "fingerprint": article_id,
        "rules_version": "r",
        "is_newest": True,
        "fetched_at": seen_at,
        "first_seen_at": seen_at,
        "last_seen_at": seen_at,
    }
