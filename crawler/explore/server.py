"""The server of the pages: on this machine's loopback alone, read-only, with a strict policy on every answer.

A page is made in a thread, on one publication from its first question to its last; what is asked of the SQL box, in a
process of its own. A name of another site that leads here (DNS rebinding) is refused by its Host; a page elsewhere may
lead a reader here, but not run a question in its stead.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import signal
import socket
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import duckdb
from aiohttp import web

from crawler.errors import ArgumentError
from crawler.explore import actors, article, box, lists, outlets, search, stories
from crawler.explore.model import Asked, File, Handler, NotThere, Page, Refusal
from crawler.explore.shown import Shown, cut, lines, outward
from crawler.explore.words import Words
from crawler.interruption import ENDING
from crawler.web import charts
from crawler.web.templates import ROOT, render
from storage.data_dir import DataDir
from storage.explore.copy import Copies, Copy, CopyDamaged
from storage.schema import SchemaError

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
THREADS = 3
"""Pages that are made at once."""
BOXES = 2
"""Questions of the SQL box that run at once."""
PAGE_LIMIT_S = 20.0
LOOK_S = 2.0
"""So often somebody looks whether a newer copy was published, besides each reader who asks for a page."""
MOST_ADDRESS = 128 << 10
"""Characters of an address: a question of the SQL box stands in it."""
_SQL = re.compile(r"\0|[\ud800-\udfff]")

PAGES: dict[str, Handler] = {
    "/": search.first,
    "/search": search.search,
    "/outlets": outlets.outlets,
    "/stories": stories.stories,
    "/actors": actors.actors,
    "/paid": lists.paid,
    "/changes": lists.changes,
    "/dictionary": lists.dictionary,
}
PARTS: tuple[tuple[re.Pattern[str], Handler], ...] = (
    (re.compile(r"/article/([^/]+)"), article.article),
    (re.compile(r"/article/([^/]+)/archived"), article.archived),
    (re.compile(r"/outlet/([^/]+)"), outlets.outlet),
    (re.compile(r"/story/([^/]+)"), stories.story),
    (re.compile(r"/actor/([^/]+)"), actors.actor),
)
STYLE = "/explore.css"
EXAMPLES = (
    "SELECT source, count(*) AS articles FROM articles GROUP BY ALL ORDER BY articles DESC",
    "FROM collection(NULL, NULL)",
    "FROM search_articles('pilkada', best := 20)",
    "SELECT name, meaning FROM dictionary WHERE column_name IS NULL",
)

Result = TypeVar("Result")


class Turn:
    """One request's stay in a thread, which may be ended from outside."""

    def __init__(self) -> None:
        self._cursor: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def cursor(self, copy: Copy) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of this stay."""
        with closing(copy.cursor()) as cursor:
            self._cursor = cursor
            try:
                yield cursor
            finally:
                self._cursor = None

    def end(self) -> None:
        """Interrupt its question, where it asks one."""
        if (cursor := self._cursor) is not None:
            cursor.interrupt()


Making = Callable[[Turn], Result]


@cache
def policy() -> str:
    """The pages' Content-Security-Policy: nothing but what comes from here, no script, and the frame's own styles by their sum."""
    frame = (ROOT / "web" / "base.html").read_text(encoding="utf-8")
    (style,) = re.findall(r"<style>(.*?)</style>", frame, re.DOTALL)
    sum_ = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'self' 'sha256-{sum_}'; img-src 'self' data:; frame-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def guarded(answer: web.StreamResponse) -> web.StreamResponse:
    """The answer with what every answer has, unless it has its own."""
    for name, value in {
        "Content-Security-Policy": policy(),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "browsing-topics=()",
        "X-DNS-Prefetch-Control": "off",
        "Cache-Control": "no-store",
    }.items():
        answer.headers.setdefault(name, value)
    return answer


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


class Pages:
    """Answers requests."""

    def __init__(self, data_dir: DataDir, spill: Path) -> None:
        self._data_dir = data_dir
        self._spill = spill
        self._copies = Copies(data_dir, spill)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="page")
        self._boxes = asyncio.Semaphore(BOXES)
        self._turns: set[Turn] = set()
        self._is_closed = False
        self.hosts: frozenset[str] = frozenset()
        self.home = ""

    def listen_at(self, port: int) -> None:
        """Answer to the names of this machine at that port, and to no others."""
        self.home = f"http://{HOST}:{port}/"
        names = {HOST, "localhost", "[::1]"}
        self.hosts = frozenset({f"{name}:{port}" for name in names} | (names if port == 80 else set()))

    def close(self) -> None:
        """End what runs; nothing is waited for."""
        self._is_closed = True
        for turn in list(self._turns):
            turn.end()
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def is_busy(self) -> bool:
        """Whether a thread still asks."""
        return bool(self._turns)

    async def begin(self) -> None:
        """Open the copy and make its first page, so that nobody waits for it. Raises what keeps the copy from being opened."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._copies.newest)
        await self._make_first_page()

    async def follow(self) -> None:
        """Do the same for each new publication, for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            if not self._copies.is_newest_open:
                await self._make_first_page()

    async def _make_first_page(self) -> None:
        words = Words("id")
        with suppress(Refusal, duckdb.Error):  # whoever asks for the page is told
            await self._in_thread(self._maker("/", "/", {}, words, search.first, ""), words)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to a request, whatever it is."""
        words = Words("en" if request.query.get("lang") == "en" else "id")
        try:
            if request.headers.get("Host", "").lower() not in self.hosts:
                return _plain(HTTPStatus.MISDIRECTED_REQUEST, words("wrong_host", home=self.home))
            if request.method not in ("GET", "HEAD"):
                answer = _plain(HTTPStatus.METHOD_NOT_ALLOWED, words("only_get"))
                answer.headers["Allow"] = "GET, HEAD"
                return answer
            return guarded(await self._found(request, words))
        except Exception:
            if not self._is_closed:  # what is cut off then is no fault
                logger.exception("%s", request.rel_url.raw_path)
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, words("fault"))

    async def _found(self, request: web.BaseRequest, words: Words) -> web.StreamResponse:
        if request.path == STYLE:
            return web.Response(text=_style(), content_type="text/css")
        query = {name: value.strip() for name, value in request.query.items()}
        query = {name: value for name, value in query.items() if value}
        try:
            if any(_SQL.search(value) for value in (*query.values(), request.path)):
                raise Refusal(words("bad_sign"))
            if request.path == "/sql":
                return await self._sql(request, query, words)
            handler, part = _handler(request.rel_url.raw_path, words)
            make = self._maker(request.rel_url.raw_path_qs, request.path, query, words, handler, part)
            return await self._in_thread(make, words)
        except Refusal as error:
            return self._error(error.status, str(error), request.path, query, words)

    # --- pages ------------------------------------------------------------------------------------------

    def _maker(
        self, address: str, path: str, query: dict[str, str], words: Words, handler: Handler, part: str
    ) -> Making[web.Response]:
        def make(turn: Turn) -> web.Response:
            copy = self._copies.newest()
            if (kept := copy.answer(address)) is not None:
                return _html(kept)
            with turn.cursor(copy) as cursor:
                asked = Asked(copy, cursor, self._data_dir, path, query, words, part)
                made = handler(asked)
                if isinstance(made, File):
                    return _file(made)
                body = _rendered(made, asked)
            copy.keep(address, body)
            return _html(body, made.status)

        return make

    async def _in_thread(self, make: Making[Result], words: Words) -> Result:
        """What is made of the newest copy, or in one line why nothing is."""
        try:
            return await self._timed(make)
        except FileNotFoundError as error:
            raise _Closed(words("no_database", path=error)) from error
        except SchemaError as error:
            raise _Closed(words("newer_database", why=error)) from error
        except duckdb.CatalogException as error:
            logger.warning("%s", error)
            raise _Closed(words("older_database")) from error
        except CopyDamaged as error:
            raise _Closed(words("bad_database", why=error)) from error
        except (TimeoutError, duckdb.InterruptException) as error:
            raise _Closed(words("too_slow", s=f"{PAGE_LIMIT_S:.0f}")) from error

    async def _timed(self, make: Making[Result]) -> Result:
        """Make it in a thread. Its question is interrupted after PAGE_LIMIT_S, and where nobody waits for it any more."""
        turn = Turn()

        def work() -> Result:
            self._turns.add(turn)
            try:
                return make(turn)
            finally:
                self._turns.discard(turn)

        made = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.wait_for(asyncio.shield(made), PAGE_LIMIT_S)
        except (TimeoutError, asyncio.CancelledError):
            turn.end()
            made.add_done_callback(lambda each: each.cancelled() or each.exception())  # nobody else asks
            raise

    # --- the SQL box ------------------------------------------------------------------------------------

    async def _sql(self, request: web.BaseRequest, query: dict[str, str], words: Words) -> web.StreamResponse:
        sql, form = query.get("q"), query.get("format")
        if form not in (None, "csv", "json"):
            raise Refusal(words("bad_format", text=form))
        # A page elsewhere, of this machine's other ports too, may lead here, but runs nothing.
        is_own = request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
        found: list[box.Result] | None = None
        fault: list[str] = []
        if sql is not None and is_own:
            try:
                zone = await self._in_thread(lambda turn: self._copies.newest().zone, words)
                async with self._boxes:
                    if form is not None:
                        body = await box.file(self._data_dir, sql, zone, self._spill, form)
                        kind = "text/csv" if form == "csv" else "application/json"
                        return _file(File(body, kind, f"kabar.{form}"))
                    found = await box.results(self._data_dir, sql, zone, self._spill)
            except box.BadQuestion as error:
                fault = list(error.lines) or [words("sql_ended")]
            except box.TooSlow:
                fault = [words("sql_slow", s=f"{box.TIME_LIMIT_S:.0f}")]
            except box.TooMuch:
                fault = [words("sql_large")]
        page = Page(
            "sql.html",
            {
                "question": sql or query.get("fill", ""),
                "results": found,
                "fault": fault,
                "is_foreign": sql is not None and not is_own,
                "limit_s": f"{box.TIME_LIMIT_S:.0f}",
                "rows": box.ROWS,
                "examples": EXAMPLES,
            },
            HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK,
        )

        def make(turn: Turn) -> web.Response:
            copy = self._copies.newest()
            with turn.cursor(copy) as cursor:
                asked = Asked(copy, cursor, self._data_dir, "/sql", query, words)
                return _html(_rendered(page, asked), page.status)

        return await self._in_thread(make, words)

    def _error(
        self, status: HTTPStatus, line: str, path: str, query: dict[str, str], words: Words
    ) -> web.Response:
        """A page that says in one line why there is no other."""
        values = _frame_values(words, path, query) | {"line": line, "at": None}
        return _html(render("explore/error.html", values).encode("utf-8", "replace"), status)


class _Closed(Refusal):
    """Nothing can be answered now."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


def _handler(path: str, words: Words) -> tuple[Handler, str]:
    if path in PAGES:
        return PAGES[path], ""
    for pattern, handler in PARTS:
        if found := pattern.fullmatch(path):
            return handler, unquote(found[1])
    raise NotThere(words("not_found"))


def _rendered(page: Page, asked: Asked) -> bytes:
    at = datetime.fromtimestamp(asked.copy.publication[1] / 1e9, UTC).astimezone(ZoneInfo(asked.copy.zone))
    values = _frame_values(asked.words, asked.path, asked.query) | {"at": at, **page.values}
    return render(f"explore/{page.template}", values).encode("utf-8", "replace")


def _frame_values(words: Words, path: str, query: Any) -> dict[str, Any]:
    """What every template may use."""
    frame = Asked(None, None, None, path, query, words)  # type: ignore[arg-type]
    shown = Shown(words)
    return {
        "t": words,
        "lang": words.lang,
        "link": frame.link,
        "here": path,
        "query": query,
        "other": frame.other_language(),
        "shown": shown,
        "charts": charts,
        "lines": lines,
        "cut": cut,
        "outward": outward,
        "style": STYLE,
    }


@cache
def _style() -> str:
    return (ROOT / "explore" / "explore.css").read_text(encoding="utf-8")


def _html(body: bytes, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8")


def _file(file: File) -> web.Response:
    headers = {"Content-Security-Policy": file.policy} if file.policy else {}
    if file.name:
        headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return web.Response(body=file.body, content_type=file.kind, charset="utf-8", headers=headers)


def _plain(status: HTTPStatus, line: str) -> web.StreamResponse:
    return guarded(web.Response(status=status, text=f"{line}\n"))


# --- the server ----------------------------------------------------------------------------------------


@asynccontextmanager
async def serving(data_dir: DataDir, port: int) -> AsyncIterator[str]:
    """Serve while the block runs; its value is the address of the first page. Port 0: a free one.

    Raises `ArgumentError` for a port that cannot be had, and what `Copies.newest` does.
    """
    with tempfile.TemporaryDirectory(prefix="kabar-explore-", ignore_cleanup_errors=True) as spill:
        pages = Pages(data_dir, Path(spill))
        listener = _Listener(pages.answer, handler_cancellation=True)
        runner = web.ServerRunner(listener, shutdown_timeout=0.01)
        following: asyncio.Task[None] | None = None
        try:
            sock = _bound(port)
            await pages.begin()
            following = asyncio.create_task(pages.follow())
            await runner.setup()
            await web.SockSite(runner, sock).start()
            pages.listen_at(sock.getsockname()[1])
            yield pages.home
        finally:
            if following is not None:
                following.cancel()
            pages.close()
            await runner.cleanup()
            for _ in range(_PATIENCE):
                if not pages.is_busy:
                    break
                await asyncio.sleep(0.01)


_PATIENCE = 50
"""Hundredths of a second that an interrupted question of ours may take to end."""


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
