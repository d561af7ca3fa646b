"""The server of the pages: on this machine's loopback alone, until a signal ends it."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

from aiohttp import web

from crawler.errors import ArgumentError
from crawler.explore.answers import guarded
from crawler.explore.site import HOST, Site
from crawler.interruption import ENDING
from storage.data_dir import DataDir

logger = logging.getLogger(__name__)

MOST_ADDRESS = 128 << 10
"""Characters of an address: a question of the SQL box stands in it."""


class _Connection(web.RequestHandler):
    """One connection; what is no HTTP gets an answer with the policy, too."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.error("%s: %s", request.path, exc, exc_info=exc)
        answer = web.Response(status=status, text=f"{HTTPStatus(status).phrase}\n")
        answer.force_close()
        return guarded(answer)


class _Listener(web.Server):
    """Takes connections."""

    def __call__(self) -> _Connection:
        return _Connection(
            self,
            loop=asyncio.get_running_loop(),
            max_line_size=MOST_ADDRESS,
            max_field_size=MOST_ADDRESS,
        )


@asynccontextmanager
async def serving(data_dir: DataDir, port: int) -> AsyncIterator[str]:
    """Serve while the block runs; its value is the address of the first page. Port 0: a free one.

    Raises `ArgumentError` for a port that cannot be had, and what `storage.explore.copy.Copies.newest` does.
    """
    with tempfile.TemporaryDirectory(prefix="kabar-explore-", ignore_cleanup_errors=True) as spill:
        site = Site(data_dir, Path(spill))
        listener = _Listener(site.answer, handler_cancellation=True)
        runner = web.ServerRunner(listener, shutdown_timeout=0.01)
        following: asyncio.Task[None] | None = None
        try:
            sock = _bound(port)
            await site.begin()
            following = asyncio.create_task(site.follow())
            await runner.setup()
            await web.SockSite(runner, sock).start()
            site.listen_at(sock.getsockname()[1])
            yield site.home
        finally:
            if following is not None:
                following.cancel()
            site.close()
            await runner.cleanup()
            await site.ended()


def _bound(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
        sock.listen()  # at once: until then another could have the port, too
    except OSError as error:
        sock.close()
        raise ArgumentError(
            f"--port {port}: {(error.strerror or str(error)).lower()}; --port 0 takes a free one"
        ) from error
    return sock


def serve(data_dir: DataDir, port: int, ready: Callable[[str], None]) -> int:
    """Serve until a signal asks for the end, and return its number. `ready` is told the address of the first page."""
    return asyncio.run(_served(data_dir, port, ready))


async def _served(data_dir: DataDir, port: int, ready: Callable[[str], None]) -> int:
    loop, asked_to_end = asyncio.get_running_loop(), asyncio.Event()
    numbers: list[int] = []

    def end(number: int) -> None:
        numbers.append(number)
        asked_to_end.set()

    for each in ENDING:
        if signal.getsignal(each) is not signal.SIG_IGN:  # under nohup
            loop.add_signal_handler(each, end, each)
    async with serving(data_dir, port) as home:
        ready(home)
        await asked_to_end.wait()
    return numbers[0]
