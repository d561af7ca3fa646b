"""Whether the ledger is lost: a new one would have every known article fetched again."""

from __future__ import annotations

from crawler.ledger.connection import LedgerDamaged
from storage.crawls import has_crawls
from storage.data_dir import DataDir
from storage.publish import ask


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
