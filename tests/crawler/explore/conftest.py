"""One record, and pages over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import lxml.html
import pytest

from crawler.explore.server import serving
from storage.data_dir import DataDir
from tests.kit.explored import Ids, fill, ids


@dataclass(frozen=True)
class Answered:
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def html(self) -> lxml.html.HtmlElement:
        return lxml.html.document_fromstring(self.body.decode())

    @property
    def text(self) -> str:
        """What is read on the page."""
        return " ".join(" ".join(self.html.xpath("//body//text()")).split())


Get = Callable[..., Awaitable[Answered]]


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """The record of `tests.kit.explored`. Nobody writes there."""
    data_dir = DataDir(tmp_path_factory.mktemp("explored") / "data")
    data_dir.create()
    fill(data_dir)
    return data_dir


@pytest.fixture(scope="session")
def known(record: DataDir) -> Ids:
    return ids(record)


def getter(client: aiohttp.ClientSession, home: str) -> Get:
    """Asks for a path of that server; the headers may be others."""

    async def get(path: str, method: str = "GET", **headers: str) -> Answered:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with client.request(
            method, home.rstrip("/") + path, headers=named, allow_redirects=False
        ) as answer:
            return Answered(answer.status, dict(answer.headers), await answer.read())

    return get


@pytest.fixture
async def get(record: DataDir) -> AsyncIterator[Get]:
    """Asks for a path of the record's pages."""
    async with serving(record, 0) as home, aiohttp.ClientSession() as client:
        yield getter(client, home)


@pytest.fixture
def empty_folder(tmp_path: Path) -> DataDir:
    return DataDir(tmp_path / "data")
