"""What was rejected and why, and how far stories went: counts over the public views."""

from __future__ import annotations

from datetime import date, timedelta

from pipelines.article import Reason, Rejected
from storage.batch import Batch
from storage.data_dir import DataDir
from storage.merge import merge
from storage.publish import open_published
from storage.store import open_store
from storage.tallies import rejections_by_reason, stories_by_outlets
from tests.kit.factories import MORNING, STORY, article, prose

DAY = date(2024, 11, 20)
SOURCES = ("warta_pesisir", "kabar_teluk")


def rejected(number: int, reason: Reason, source: str = "warta_pesisir", days: int = 0) -> Rejected:
    return Rejected(f"https://{source}.example/{number}/", source, MORNING + timedelta(days=days), reason)


def test_each_counts_what_is_of_its_outlets_and_days(data_dir: DataDir) -> None:
    """A story counts with every outlet that carried it, followed or not, on the day when it began."""
    with open_store(data_dir, wait_s=5) as store:
        merge(
            store,
            Batch(
                None,
                (
                    article(published=MORNING),
                    article("https://kabarteluk.example/a/", STORY, source="kabar_teluk", published=MORNING),
                    article("https://suararawa.example/a/", STORY, source="suara_rawa", published=MORNING),
                    article("https://wartapesisir.example/b/", prose(1), published=MORNING),
                    article("https://wartapesisir.example/c/", prose(2)),  # without a date
                    article("https://suararawa.example/b/", prose(3), source="suara_rawa", published=MORNING),
                    article(
                        "https://wartapesisir.example/d/", prose(4), published=MORNING - timedelta(days=1)
                    ),
                    article(
                        "https://kabarteluk.example/d/",
                        prose(4),
                        source="kabar_teluk",
                        at=MORNING + timedelta(hours=1),
                        published=MORNING,
                    ),
                ),
                (
                    rejected(1, "too_short"),
                    rejected(2, "too_short", "kabar_teluk"),
                    rejected(3, "http_error"),
                    rejected(4, "http_error", "suara_rawa"),
                    rejected(5, "soft_404", days=1),
                ),
            ),
        )
    with open_published(data_dir, "Asia/Makassar") as connection:
        assert rejections_by_reason(connection, SOURCES, DAY, DAY) == [("too_short", 2), ("http_error", 1)]
        assert stories_by_outlets(connection, SOURCES, DAY, DAY) == [(1, 1), (3, 1)]
        assert stories_by_outlets(connection, (), DAY, DAY) == []
    with open_published(data_dir, "Asia/Jayapura") as connection:
        assert rejections_by_reason(connection, SOURCES, DAY, DAY + timedelta(days=1))[-1] == ("soft_404", 1)
    with open_published(data_dir, "America/New_York") as connection:  # there it was still the day before
        assert rejections_by_reason(connection, SOURCES, DAY, DAY) == [("soft_404", 1)]
