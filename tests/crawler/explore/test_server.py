"""The server: whom it answers, what every answer forbids, and the walls of the SQL box."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler.errors import ArgumentError
from crawler.explore import box, site
from crawler.explore.model import Asked, Page
from crawler.explore.server import serving
from crawler.explore.site import Turn
from storage.data_dir import DataDir
from storage.explore.ask import literal, spelled
from storage.explore.copy import Copies
from tests.crawler.explore.conftest import Answered, Get
from tests.kit.explored import Ids
from tests.kit.running import CHECKOUT, clean_environment

STRICT = ("default-src 'none'", "base-uri 'none'", "form-action", "frame-ancestors")


def is_guarded(answer: Answered) -> bool:
    """Whether an answer has the policy and its like, and no cookie."""
    policy = answer.headers["Content-Security-Policy"]
    return (
        all(rule in policy for rule in STRICT)
        and "script-src" not in policy
        and "http" not in policy
        and answer.headers["X-Content-Type-Options"] == "nosniff"
        and answer.headers["Referrer-Policy"] == "no-referrer"
        and "Set-Cookie" not in answer.headers
    )


async def test_every_answer_is_guarded(get: Get, known: Ids) -> None:
    """Pages, files, styles, errors and refusals."""
    paths = [*known.paths(), "/explore.css", "/search?format=csv", "/search?format=json", "/search?since=x"]
    paths += [
        "/sql?q=SELECT+1&format=csv",
        f"/article/{known.edited}/archived",
        "/favicon.ico",
        "/%00",
        "//",
        "/../x",
    ]
    for path in paths:
        answer = await get(path)
        assert is_guarded(answer), path
        assert answer.status in (200, 400, 404), path
    assert is_guarded(await get("/", Host="evil.example")) and is_guarded(await get("/", method="POST"))


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "localhost", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", "", "[::1]:1"]
)  # fmt: skip
async def test_another_host_is_refused(record: DataDir, host: str) -> None:
    """A name of another site that leads here reaches no page, and not the SQL box."""
    async with serving(record, 0) as home:
        port = home.rstrip("/").rpartition(":")[2]
        head = f"GET /sql?q=SELECT+1 HTTP/1.1\r\nHost: {host.format(port=port)}\r\nConnection: close\r\n\r\n"
        told = await raw(int(port), head.encode())
        assert told.startswith(b"HTTP/1.1 421 ") and b"<html" not in told and b"default-src 'none'" in told


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
async def test_this_machines_names_are_answered(record: DataDir, name: str) -> None:
    """With the port, in any case."""
    async with serving(record, 0) as home:
        port = home.rstrip("/").rpartition(":")[2]
        head = f"GET / HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n"
        assert (await raw(int(port), head.encode())).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("sent", [b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"])  # fmt: skip
async def test_what_is_no_request_is_guarded_too(record: DataDir, sent: bytes) -> None:
    """Where it is answered at all, the answer has the policy."""
    async with serving(record, 0) as home:
        told = await raw(int(home.rstrip("/").rpartition(":")[2]), sent)
        assert told == b"" or b"default-src 'none'" in told.partition(b"\r\n\r\n")[0]


async def raw(port: int, sent: bytes) -> bytes:
    """What is answered to these bytes, until the other end is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    if sent.startswith(b"\x16"):
        writer.write_eof()
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
async def test_it_is_only_read(get: Get, method: str) -> None:
    """No other method does anything."""
    answer = await get("/sql?q=SELECT+1", method=method)
    assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD"


async def test_a_head_has_no_body(get: Get) -> None:
    """But the same headers."""
    answer = await get("/", method="HEAD")
    assert answer.status == 200 and answer.body == b"" and is_guarded(answer)


# --- the SQL box -------------------------------------------------------------------------------------------


async def test_the_box_answers_as_table_and_files(get: Get) -> None:
    """Several questions give several tables; null is –, and a list is text."""
    page = await get("/sql?q=" + quote("SELECT 1 AS satu, NULL AS dua; SELECT '<b>x</b>' AS tiga"))
    tables = [
        [cell.text_content() for cell in table.iter("th", "td")]
        for table in page.html.xpath("//table[@class='result']")
    ]
    assert tables == [["satu", "dua", "1", "–"], ["tiga", "<b>x</b>"]]
    told = await get("/sql?format=csv&q=" + quote("SELECT '=1+1' AS x, count(*) AS n FROM articles"))
    assert list(csv.reader(io.StringIO(told.body.decode()))) == [["x", "n"], ["'=1+1", "33"]]
    assert "attachment" in told.headers["Content-Disposition"]
    told = await get("/sql?format=json&q=" + quote("SELECT 1 AS x"))
    assert json.loads(told.body) == [{"x": 1}]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT titel FROM articles", "titel"),
        ("DELETE FROM kept.versions", "read-only"),
        ("COPY articles TO '/tmp/x.csv'", "read-only"),
        ("ATTACH '/tmp/x.db'", "read-only"),
        ("SET enable_external_access = true", "read-only"),
        ("INSTALL httpfs", "read-only"),
        ("SELECT * FROM read_csv('/etc/passwd')", "disabled"),
        ("SELECT * FROM read_text('https://evil.example/')", "disabled"),
        ("SELECT getenv('HOME')", "getenv"),
        ("-- nothing", "no statement"),
        ("SELECT 1; DROP TABLE kept.versions", "read-only"),
    ],
)
async def test_the_box_has_walls(get: Get, sql: str, words: str) -> None:
    """No file, no address, no setting, no change; the fault is one clear line on the page."""
    page = await get(f"/sql?q={quote(sql)}")
    assert page.status == 400
    (alert,) = page.html.xpath("//*[@role='alert']")
    assert words.lower() in alert.text_content().lower() and "Traceback" not in page.text
    assert page.html.xpath("//textarea")[0].value.strip() == sql


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_page_elsewhere_runs_nothing(get: Get, site: str) -> None:
    """It may lead a reader here with the box filled in; the reader runs it, or not. Neither may it fetch a file."""
    page = await get("/sql?q=SELECT+41%2B1+AS+x", Sec_Fetch_Site=site)
    assert page.status == 200 and not page.html.xpath("//table") and "Halaman lain" in page.text
    assert (
        (await get("/sql?q=SELECT+41%2B1+AS+x&format=csv", Sec_Fetch_Site=site))
        .headers["Content-Type"]
        .startswith("text/html")
    )
    assert (await get("/sql?q=SELECT+41%2B1+AS+x", Sec_Fetch_Site="same-origin")).html.xpath("//table")


async def test_a_question_without_end_is_ended(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that hears no interrupt, too; its process is gone."""
    monkeypatch.setattr(box, "TIME_LIMIT_S", 2.0)
    page = await get(
        "/sql?q=" + quote("SELECT list_sum(list_transform(range(100000000), lambda x: hash(x) % 7))")
    )
    assert page.status == 400 and "dihentikan sesudah 2 detik" in page.text
    assert not _boxes()


async def test_an_answer_without_end_is_cut(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page has so many rows, a file so many bytes."""
    page = await get("/sql?q=" + quote("FROM range(1000000000)"))
    assert (
        len(page.html.xpath("//table[@class='result']/tbody/tr")) == box.ROWS
        and "1.000 baris pertama" in page.text
    )
    monkeypatch.setattr(box, "MOST_BYTES", 1 << 20)
    page = await get("/sql?format=csv&q=" + quote("SELECT repeat('x', 1000) FROM range(1000000)"))
    assert page.status == 400 and "terlalu besar" in page.text


async def test_a_reader_who_goes_away_ends_his_question(record: DataDir) -> None:
    """Nobody waits for it, so nothing works on it."""
    async with serving(record, 0) as home:
        port = int(home.rstrip("/").rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        sql = quote("SELECT count(*) FROM range(100000000000) a(x) WHERE hash(x) % 7 = 1")
        writer.write(f"GET /sql?q={sql} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        while not _boxes():
            await asyncio.sleep(0.02)
        writer.close()
        while _boxes():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 30, 100])
def test_a_question_is_given_up_at_any_step(
    record: DataDir, steps: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever serves it may be cancelled twice; its process ends, and nothing of it is left to the loop."""
    waitpid = os.waitpid

    def heard_late(pid: int, options: int) -> tuple[int, int]:
        """As on a busy machine."""
        ended = waitpid(pid, options)
        time.sleep(0.1)
        return ended

    monkeypatch.setattr(os, "waitpid", heard_late)

    async def give_up() -> None:
        boxes = box.Boxes(record, record.root)
        asked = asyncio.create_task(boxes.results("FROM range(1000000000000)", "UTC"))
        for _ in range(steps):
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.sleep(0)
        asked.cancel()
        await asyncio.wait({asked})
        assert asked.cancelled()
        await boxes.end()

    asyncio.run(give_up())
    for each in threading.enumerate():
        if "waitpid" in each.name:
            each.join()
    assert not caplog.records and not _boxes()


def _boxes() -> list[int]:
    """The living processes of questions that this one began."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
                parent = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if b"crawler.explore.box" in line and parent[0] != "Z" and int(parent[1]) == _OWN:
                found.append(int(entry.name))
    return found


_OWN = os.getpid()


def test_the_process_of_a_question_ends_with_its_parent(record: DataDir) -> None:
    """Its stdin ends with the one that asks, and so does it."""
    asked = {"root": str(record.root), "sql": "SELECT count(*) FROM range(100000000000) a(x) WHERE hash(x) % 7 = 1", "zone": "UTC", "spill": str(record.root / "spill"), "form": "page"}  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler.explore.box"], cwd=CHECKOUT, env=clean_environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(json.dumps(asked).encode() + b"\n")
    process.stdin.close()
    assert process.wait(30) == 1


# --- its parts ---------------------------------------------------------------------------------------------


async def test_a_port_in_use_is_named(record: DataDir) -> None:
    """In one line, with the way out."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ArgumentError, match="already in use; --port 0 takes a free one"):
            async with serving(record, taken.getsockname()[1]):
                pass


async def test_it_listens_on_loopback_alone(record: DataDir) -> None:
    """No other machine reaches it."""
    async with serving(record, 0) as home:
        assert home.startswith("http://127.0.0.1:")
        port = f"{int(home.rstrip('/').rpartition(':')[2]):04X}"
        listening = [line.split()[1] for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:] if line.split()[3] == "0A"]  # fmt: skip
        assert [each for each in listening if each.endswith(f":{port}")] == [f"0100007F:{port}"]


async def test_a_page_that_takes_too_long_is_given_up(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its question is interrupted, the reader is told, and the thread is free again."""

    def slow(asked: Asked) -> Page:
        asked.cursor.execute(
            "SELECT count(*) FROM range(1000000000000) a(x) WHERE hash(x) % 7 = 1"
        ).fetchall()
        raise AssertionError("it was not interrupted")

    monkeypatch.setattr(site, "PAGE_LIMIT_S", 0.3)
    monkeypatch.setitem(site.PAGES, "/outlets", slow)
    page = await get("/outlets")
    assert page.status == 503 and "lebih dari 0 detik" in page.text
    monkeypatch.setattr(site, "PAGE_LIMIT_S", 20)
    assert (await get("/actors")).status == 200


async def test_no_thread_is_lost_to_a_page_that_is_given_up_before_it_asks(
    get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stood between two questions when its time was over, or waited for a thread."""
    begun = []

    def slow(asked: Asked) -> Page:
        begun.append(asked.query["n"])
        time.sleep(0.3)
        asked.cursor.execute("SELECT count(*) FROM range(20000000000) a(x) WHERE hash(x) % 7 = 1").fetchall()
        raise AssertionError("it was not interrupted")

    monkeypatch.setattr(site, "PAGE_LIMIT_S", 0.1)
    monkeypatch.setitem(site.PAGES, "/outlets", slow)
    pages = await asyncio.gather(*(get(f"/outlets?n={number}") for number in range(site.THREADS + 2)))
    assert [page.status for page in pages] == [503] * (site.THREADS + 2)
    monkeypatch.setattr(site, "PAGE_LIMIT_S", 2)
    assert (await get("/actors")).status == 200
    assert len(begun) == site.THREADS


def test_a_turn_that_asks_nothing_is_ended_in_vain(record: DataDir) -> None:
    """It was over before anybody ended it."""
    turn = Turn()
    turn.end()
    with turn.cursor(Copies(record, record.root).newest()) as cursor:
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]
    turn.end()


@pytest.mark.parametrize(
    ("value", "spelt"),
    [(None, "NULL"), (True, "true"), (3, "3"), (0.5, "0.5"), ("o'clock \\ $x", "'o''clock \\ $x'"), (["a", "b'"], "['a', 'b''']")],
)  # fmt: skip
def test_a_value_is_a_literal(value: object, spelt: str) -> None:
    """Whatever stands in it stays in it."""
    assert literal(value) == spelt
    assert spelled("SELECT $value, $value", {"value": value}) == f"SELECT {spelt}, {spelt}"


def test_a_value_without_a_literal_is_an_error() -> None:
    """So is a name without a value."""
    with pytest.raises(TypeError):
        literal(object())
    with pytest.raises(KeyError):
        spelled("SELECT $other", {"value": 1})
