"""Whether the ledger is lost: a new one would have every known article fetched again."""

from __future__ import annotations

import duckdb

from crawler.ledger.connection import LedgerDamaged
from storage.data_dir import DataDir
from storage.publish import open_published


def is_lost(kept: DataDir) -> bool:
    """Whether there is no ledger although sources were crawled: a new one would have everything fetched again."""
    if kept.ledger.exists():
        return False
    try:
        with open_published(kept) as connection:
            return connection.execute("SELECT 1 FROM kept.crawls LIMIT 1").fetchone() is not None
    except (FileNotFoundError, duckdb.Error):
        return False


def refuse_if_lost(kept: DataDir) -> None:
    """`LedgerDamaged` where the ledger is lost."""
    if is_lost(kept):
        raise LedgerDamaged(
            f"{kept.ledger} is missing although sources were crawled: known articles would be "
            "fetched again (run `scrapy doctor --rebuild-ledger`)"
        )
