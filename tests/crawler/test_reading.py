"""The reading processes: which pages they are asked about."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from crawler.reading import Readers
from pipelines.rules import Rules
from tests.crawler.test_merging import a_page


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with closing(Readers(1)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("pager", "rest"),
    [
        ("<div class='pagination'><a href='?page=2'>2</a></div>", ["?page=2"]),
        ("<div class=pagination><a href='?page=2'>2</a></div>", ["?page=2"]),
        ("<div id=x class=wrap-paging><a href='?hal=2'>2</a></div>", ["?hal=2"]),
        ("<div><a href='?page=2'>Selanjutnya</a></div>", ["?page=2"]),
        ("<p>Halaman 1 dari 2</p>", ["?page=2"]),
        ("", []),
    ],
)
def test_whatever_a_pager_is_called_its_parts_are_found(
    readers: Readers, pager: str, rest: list[str]
) -> None:
    """The first look at the bytes, which saves the parse of most pages, passes over none that has a pager."""
    page = a_page(1)
    assert page.url
    page = replace(page, body=page.body.replace(b"</body>", pager.encode() + b"</body>"))
    assert pager.encode() in page.body
    found = asyncio.run(readers.further_parts(page, Rules(whole="?page=all")))
    assert list(found.rest) == [f"{page.url}{tail}" for tail in rest]
