"""One reading process for all tests that only need some."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from crawler.processing.workers import Readers


@pytest.fixture(scope="session")
def readers() -> Iterator[Readers]:
    with closing(Readers(1)) as opened:
        yield opened
