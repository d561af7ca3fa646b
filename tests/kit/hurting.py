"""`python -m tests.kit.hurting …`: a `scrapy …` command whose reading processes hang at, or die of, certain pages.

No page is known to do either to the parsers in use; the next release of one may change that.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from crawler.processing import workers

if TYPE_CHECKING:
    from pipelines.article import Article, Page, Rejected
    from pipelines.page.parts import Further
    from pipelines.rules import Rules

DEADLY = "<!-- mati -->"
SLOW = "<!-- membeku -->"


def hurt() -> None:
    """Make reading as fragile as it may once be."""
    import pipelines.read

    follow = pipelines.read.follow

    def fragile(page: Page, rules: Rules) -> Iterator[Article | Rejected | Further]:
        if DEADLY.encode() in page.body:
            os.abort()
        if SLOW.encode() in page.body:
            threading.Event().wait()
        return follow(page, rules)

    pipelines.read.follow = fragile


def initialise(memory_mb: int) -> None:
    """What a reading process begins with."""
    hurt()
    workers._initialise(memory_mb)


if __name__ == "__main__":
    from scrapy.cmdline import execute

    from tests.kit import hurting

    workers._initialise = hurting.initialise  # by a name that the reading process finds
    execute(["scrapy", *sys.argv[1:]])
