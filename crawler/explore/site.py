"""The pages by their addresses, and how each is answered.

A page is made in a thread, on one publication from its first question to its last; what is asked of the SQL box, in a
process of its own. A name of another site that leads here (DNS rebinding) is refused by its Host; a page elsewhere may
lead a reader here, but not run a question in its stead.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

import duckdb
from aiohttp import web

from crawler.explore import actors, article, box, lists, outlets, search, stories
from crawler.explore.answers import guarded, html, of_file, plain
from crawler.explore.frame import STYLE, refusal, rendered, style
from crawler.explore.model import Asked, File, Handler, Here, NotThere, Page, Refusal
from crawler.explore.words import in_language
from crawler.web.words import Words
from storage.data_dir import DataDir
from storage.explore.copy import Copies, Copy, CopyDamaged
from storage.schema import SchemaError

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
THREADS = 3
"""Pages that are made at once."""
PAGE_LIMIT_S = 20.0
PATIENCE_S = 0.5
AGAIN_S = 0.05
"""So often a question that nobody waits for is interrupted."""
LOOK_S = 2.0
"""So often somebody looks whether a newer copy was published, besides each reader who asks for a page."""
_UNREADABLE = re.compile(r"\0|[\ud800-\udfff]")

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


class Site:
    """Answers requests, whatever they are."""

    def __init__(self, data_dir: DataDir, spill: Path) -> None:
        self._data_dir = data_dir
        self._spill = spill
        self._copies = Copies(data_dir, spill)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="page")
        self._boxes = box.Boxes(data_dir, spill)
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
        """Begin nothing more; nothing is waited for."""
        self._is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def ended(self) -> None:
        """End what runs, and wait for it; for an interrupted question, which may not hear it, PATIENCE_S at most."""
        await self._boxes.end()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while self._turns:
                    for turn in list(self._turns):
                        turn.end()
                    await asyncio.sleep(0.01)

    async def begin(self) -> None:
        """Open the copy and make its first page, so that nobody waits for it. Raises what keeps the copy from being opened."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._copies.newest)
        await self._make_first_page()

    async def follow(self) -> None:
        """Do the same for each new publication, for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                if not self._copies.is_newest_open:
                    await self._make_first_page()
            except Exception:  # else nobody would look for the next one
                logger.exception("a new publication could not be opened; the next look tries again")

    async def _make_first_page(self) -> None:
        words = in_language("id")
        with suppress(Refusal, duckdb.Error):  # whoever asks for the page is told
            await self._in_thread(self._maker("/", Here("/", {}, words), search.first, ""), words)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to a request, whatever it is."""
        words = in_language("en" if request.query.get("lang") == "en" else "id")
        try:
            if request.headers.get("Host", "").lower() not in self.hosts:
                return plain(HTTPStatus.MISDIRECTED_REQUEST, words("wrong_host", home=self.home))
            if request.method not in ("GET", "HEAD"):
                answer = plain(HTTPStatus.METHOD_NOT_ALLOWED, words("only_get"))
                answer.headers["Allow"] = "GET, HEAD"
                return answer
            return guarded(await self._found(request, words))
        except Exception:
            if not self._is_closed:  # what is cut off then is no fault
                logger.exception("%s", request.rel_url.raw_path)
            return plain(HTTPStatus.INTERNAL_SERVER_ERROR, words("fault"))

    async def _found(self, request: web.BaseRequest, words: Words) -> web.StreamResponse:
        if request.path == STYLE:
            return web.Response(text=style(), content_type="text/css")
        query = {name: value.strip() for name, value in request.query.items()}
        query = {name: value for name, value in query.items() if value}
        here = Here(request.path, query, words)
        try:
            if any(_UNREADABLE.search(value) for value in (*query.values(), request.path)):
                raise Refusal(words("bad_sign"))
            if request.path == "/sql":
                return await self._sql(request, here)
            handler, part = _handler(request.rel_url.raw_path, words)
            make = self._maker(request.rel_url.raw_path_qs, here, handler, part)
            return await self._in_thread(make, words)
        except Refusal as error:
            return html(refusal(str(error), here), error.status)

    # --- pages ------------------------------------------------------------------------------------------

    def _maker(self, address: str, here: Here, handler: Handler, part: str) -> Making[web.Response]:
        """What makes the answer to an address, or takes it from those that are kept."""

        def make(turn: Turn) -> web.Response:
            copy = self._copies.newest()
            if (kept := copy.answer(address)) is not None:
                return html(kept)
            with turn.cursor(copy) as cursor:
                asked = Asked(here.path, here.query, here.words, copy, cursor, self._data_dir, part)
                made = handler(asked)
                if isinstance(made, File):
                    return of_file(made)
                body = rendered(made, asked)
            copy.keep(address, body)
            return html(body, made.status)

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

        made = self._threads.submit(work)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(made), PAGE_LIMIT_S)
        except (TimeoutError, asyncio.CancelledError):
            self._give_up(turn, made)
            raise

    def _give_up(self, turn: Turn, made: Future[Result]) -> None:
        """Take back what waits for a thread; interrupt what has one until it is over: between two questions it hears nothing."""
        if not (made.cancel() or made.done()):
            turn.end()
            asyncio.get_running_loop().call_later(AGAIN_S, self._give_up, turn, made)

    # --- the SQL box ------------------------------------------------------------------------------------

    async def _sql(self, request: web.BaseRequest, here: Here) -> web.StreamResponse:
        words = here.words
        sql, form = here.query.get("q"), here.query.get("format")
        if form not in (None, "csv", "json"):
            raise Refusal(words("bad_format", text=form))
        # A page elsewhere, of this machine's other ports too, may lead here, but runs nothing.
        is_own = request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
        found: list[box.Result] | None = None
        fault: list[str] = []
        if sql is not None and is_own:
            try:
                zone = await self._in_thread(lambda turn: self._copies.newest().zone, words)
                if form is not None:
                    body = await self._boxes.file(sql, zone, form)
                    kind = "text/csv" if form == "csv" else "application/json"
                    return of_file(File(body, kind, f"kabar.{form}"))
                found = await self._boxes.results(sql, zone)
            except box.BadQuestion as error:
                fault = list(error.lines) or [words("sql_ended")]
            except box.TooSlow:
                fault = [words("sql_slow", s=f"{box.TIME_LIMIT_S:.0f}")]
            except box.TooMuch:
                fault = [words("sql_large")]
        page = Page(
            "sql.html",
            {
                "question": sql or here.query.get("fill", ""),
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
                asked = Asked(here.path, here.query, words, copy, cursor, self._data_dir)
                return html(rendered(page, asked), page.status)

        return await self._in_thread(make, words)


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
