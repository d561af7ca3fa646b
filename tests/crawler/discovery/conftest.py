"""One invented outlet and its documents, for the parsers of discovery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from crawler.catalogue.model import Source
from crawler.discovery.window import Window
from pipelines.article import Page

READ_AT = datetime(2024, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def outlet() -> Source:
    """A WordPress outlet in Bontang that nobody has ever founded."""
    return Source(
        name="warta_pesisir",
        title="Warta Pesisir",
        home="https://wartapesisir.example/",
        timezone="Asia/Makassar",
        clock="Asia/Makassar",
        hosts=("wartapesisir.example",),
    )


@pytest.fixture
def document(outlet: Source) -> Callable[..., Page]:
    """A document of the outlet, as a server would answer it."""

    def make(body: str | bytes, url: str = outlet.home, status: int = 200, **headers: str) -> Page:
        return Page(
            url=url,
            source=outlet.name,
            fetched_at=READ_AT,
            status=status,
            headers=tuple((name.replace("_", "-"), value) for name, value in headers.items()),
            body=body if isinstance(body, bytes) else body.encode(),
        )

    return make


@pytest.fixture
def always() -> Window:
    """A window open on both sides."""
    return Window(None, None, "Asia/Makassar")
