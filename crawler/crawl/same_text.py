"""Whether a site answers one address after the other with the same text, so that asking on is no use.

A front page that answers every path does so, and a wall before every article. Compares what a reader would
see: a session id in every link, or a number that counts up, does not make another page. The spider decides
what is done about it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from pipelines.article import Article, Page, Rejected

_UNSEEN = re.compile(rb"<[^<>]*>|[\d\s]+")
"""Tags with their attributes; figures, which a page may make anew for each visitor."""


@dataclass(slots=True)
class SameTextCounter:
    """Counts answers in a row that hold the same text. `most` 0: no limit."""

    most: int
    in_a_row: int = 0
    _last: str | None = None

    def note(self, page: Page, results: Sequence[Article | Rejected]) -> bool:
        """Take an article page's answer into account; true where there were `most` of one text in a row.

        An error status is an honest answer, however many there are, and holds no text.
        """
        if page.status >= 400 or not results:
            return False
        seen = _seen(page, results)
        self.in_a_row = self.in_a_row + 1 if seen == self._last else 1
        self._last = seen
        return bool(self.most) and self.in_a_row >= self.most


def _seen(page: Page, results: Sequence[Article | Rejected]) -> str:
    """The text that a reader would see: that of the articles; of a rejected page, everything but markup."""
    texts = [each.fingerprint for each in results if isinstance(each, Article)]
    return " ".join(texts) or sha256(_UNSEEN.sub(b"", page.body)).hexdigest()
