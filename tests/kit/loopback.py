"""A small real HTTP server on this machine, which a test programs and afterwards asks what it saw."""

from __future__ import annotations

import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import parse_qsl, urlsplit

_POLL_S = 0.5
"""A hundred servers that looked more often would keep a processor busy."""


@dataclass(frozen=True)
class Asked:
    """One request. `path` has its query; header names are in lower case; `at` is monotonic seconds."""

    path: str
    headers: Mapping[str, str]
    at: float
    body: bytes = b""
    """Of a POST."""

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters, the last of each name."""
        return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))


@dataclass(frozen=True)
class Answer:
    """What is answered. With an `etag`, a request that names it is answered 304 without a body."""

    body: str | bytes = b""
    status: int = 200
    content_type: str | None = "text/html; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None
    delay_s: float = 0.0
    reason: str | None = None
    """The words behind the status. Null: the usual ones."""

    def bytes(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body


@dataclass(frozen=True)
class Raw:
    """Bytes that go out as they are, head and all, and how the connection ends then, whatever they promised.

    `hang` leaves it open until the client goes away; `reset` breaks it off. Between two pieces are `pause_s`.
    """

    pieces: Iterable[bytes]
    end: Literal["close", "hang", "reset"] = "close"
    pause_s: float = 0.0


Served = Answer | Raw
Page = Served | Callable[[Asked], Served]


class Loopback:
    """The server, running in threads of this process between `with` and its end.

    `pages` are looked up by path with query, then by path alone; what is neither is `otherwise`, a 404 where
    that is null. With a `certificate` (a file with its key) it speaks HTTPS.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.pages: dict[str, Page] = {}
        self.otherwise: Page | None = None
        self.asked: list[Asked] = []
        self.most_at_once = 0
        """The most requests that were open at the same time."""
        self._open = 0
        self._lock = threading.Lock()
        self._actions: dict[int, Callable[[], None]] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.loopback = self
        self._scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL_S,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ending = threading.Thread(target=self._server.shutdown)
        ending.start()
        # The server looks whether it is to end when somebody comes, or else after _POLL_S.
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self._server.server_port)).close()
        ending.join()
        self._server.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        """`127.0.0.1:PORT`, as ALLOW_PRIVATE_HOSTS wants it."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def home(self) -> str:
        return f"{self._scheme}://{self.host}/"

    def url(self, path: str) -> str:
        """The whole address of a path."""
        return self.home + path.lstrip("/")

    def at_request(self, number: int, action: Callable[[], None]) -> None:
        """Do something when the `number`-th request has come, before it is answered."""
        self._actions[number] = action

    def count(self, path: str) -> int:
        """How often a path (with its query) was asked for."""
        return sum(asked.path == path for asked in self.asked)

    def forget(self) -> None:
        """Begin to count afresh."""
        with self._lock:
            self.asked = []
            self.most_at_once = 0

    def _answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Served:
        asked = Asked(path, headers, time.monotonic(), body)
        with self._lock:
            self.asked.append(asked)
            self._open += 1
            self.most_at_once = max(self.most_at_once, self._open)
            action = self._actions.pop(len(self.asked), None)
        if action is not None:
            action()
        page = self.pages.get(path) or self.pages.get(urlsplit(path).path) or self.otherwise
        answer = page(asked) if callable(page) else page
        if answer is None:
            answer = Answer("<html><title>404</title><h1>Tidak ada</h1></html>", status=404)
        if isinstance(answer, Raw):
            return answer
        if answer.delay_s:
            time.sleep(answer.delay_s)
        if answer.etag and asked.headers.get("if-none-match") == answer.etag:
            return Answer(status=304, content_type=None, etag=answer.etag)
        if answer.last_modified and asked.headers.get("if-modified-since") == answer.last_modified:
            return Answer(status=304, content_type=None, last_modified=answer.last_modified)
        return answer

    def _done(self) -> None:
        with self._lock:
            self._open -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    loopback: Loopback

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no fault of the server's."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        answer = self.server.loopback._answer(self.path, headers, body)
        # Counted as done before it is sent: the client may ask again before this thread goes on.
        self.server.loopback._done()
        if isinstance(answer, Raw):
            self._send_raw(answer)
        else:
            self._send(answer)

    def do_POST(self) -> None:
        self.do_GET()

    def _send_raw(self, answer: Raw) -> None:
        self.close_connection = True
        for piece in answer.pieces:
            self.wfile.write(piece)
            time.sleep(answer.pause_s)
        if answer.end == "hang":
            self.connection.recv(1)
        elif answer.end == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _send(self, answer: Answer) -> None:
        body = answer.bytes()
        self.send_response(answer.status, answer.reason)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.content_type is not None:
            self.send_header("Content-Type", answer.content_type)
        if answer.etag:
            self.send_header("ETag", answer.etag)
        if answer.last_modified:
            self.send_header("Last-Modified", answer.last_modified)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if answer.status != 304:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the test asks `Loopback.asked`."""
