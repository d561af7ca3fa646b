"""What is lost with a file: all that a ledger knew, or the pages that it relies on."""

from __future__ import annotations

import sqlite3

from crawler.ledger.connection import LedgerDamaged
from storage.crawls import has_crawls
from storage.data_dir import DataDir
from storage.publish import ask


def number_awaited(db: sqlite3.Connection) -> dict[str, int]:
    """Segment → how many links of a ledger rely on it, of those that the store may not have yet; none in an older ledger."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'awaited'").fetchone():
        return {}
    return dict(db.execute("SELECT segment, count(*) FROM awaited GROUP BY 1 ORDER BY 1").fetchall())


def is_lost(kept: DataDir) -> bool:
    """Whether there is no ledger although sources were crawled: a new one would have everything fetched again."""
    return not kept.ledger.exists() and bool(ask(kept, has_crawls))


def refuse_if_lost(kept: DataDir) -> None:
    """`LedgerDamaged` where the ledger is lost."""
    if is_lost(kept):
        raise LedgerDamaged(
            f"{kept.ledger} is missing although sources were crawled: known articles would be "
            "fetched again (run `scrapy doctor --rebuild-ledger`)"
        )
