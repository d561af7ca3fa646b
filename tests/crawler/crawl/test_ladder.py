"""The entries of a run together: when an outlet has nothing to say."""

from __future__ import annotations

from collections import deque

import pytest

from crawler.catalogue.model import Entry
from crawler.crawl.ladder import Ladder
from crawler.crawl.walk import Walk

FEED = Entry("rss", "https://wartapesisir.example/feed/")
SITEMAP = Entry("sitemap", "https://wartapesisir.example/wp-sitemap.xml")


@pytest.mark.parametrize("is_cut_off", [False, True])
def test_an_empty_feed_says_nothing_of_an_entry_that_is_cut_off(is_cut_off: bool) -> None:
    """A server that fails may have what the feed lacks: a day without articles is no day that nobody saw."""
    empty, failed = Walk(FEED, 3), Walk(SITEMAP, 3)
    empty.documents.append(None)
    failed.why_not = "HTTP 503"
    ladder = Ladder(deque(), [empty, failed], cut_short=is_cut_off)
    assert ladder.lists_nothing is not is_cut_off
    assert ladder.telling == ([failed] if is_cut_off else [empty, failed])
