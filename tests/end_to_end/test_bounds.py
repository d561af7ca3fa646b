"""A crawl of a site that sends too much, too slowly, or in circles: every link has an end, and it is the right one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.crawler.downloader.test_compression import PACKERS
from tests.end_to_end.test_loopback_crawl import crawl, states, write_source
from tests.kit.loopback import Answer, Asked, Loopback
from tests.kit.outlet import article_page, listing, now, posts, serve_pages
from tests.kit.running import Done, column, rows, scrapy

LARGE = "/halaman-yang-terlalu-besar-untuk-dibaca/"
ROUND = "/alamat-yang-berputar-putar-tanpa-akhir/"
ENDLESS = "/berita-dengan-kepala-surat-tanpa-akhir/"
DRIP = "/berita-yang-datang-setetes-demi-setetes/"


def bomb(encoding: str) -> str:
    return f"/bom-yang-dikemas-dengan-cara-{encoding}/"


@contextmanager
def dripping() -> Iterator[str]:
    """A server that sends an article a byte at a time, or headers without an end, for as long as anybody listens.

    Gives its `host:port`.
    """
    ended = threading.Event()

    def drip(client: socket.socket) -> None:
        with client, suppress(OSError):
            asked = client.recv(65536)
            if asked.startswith(b"GET /robots.txt"):
                client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            client.sendall(b"HTTP/1.1 200 OK\r\n")
            while ENDLESS.encode() in asked:
                client.sendall(b"Set-Cookie: a=" + b"a" * 8000 + b"\r\n")
            client.sendall(b"Content-Type: text/html\r\nContent-Length: 100000\r\n\r\n")
            while not ended.wait(0.1):
                client.sendall(b"a")

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)


def packed(encoding: str, body: bytes) -> Answer:
    return Answer(PACKERS[encoding](body), headers={"Content-Encoding": encoding})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Loopback, Path, Done]]:
    """Bombs, a page that is too large, a circle, a dripping server, and articles packed in every way."""
    folder = tmp_path_factory.mktemp("bounds")
    shown = posts(now(), count=len(PACKERS))
    with Loopback() as server, dripping() as slow:
        serve_pages(server, shown)
        paths = [*map(bomb, PACKERS), LARGE, ROUND]
        server.pages["/"] = Answer(
            listing(shown, (*paths, f"http://{slow}{DRIP}", f"http://{slow}{ENDLESS}"))
        )
        for encoding, post in zip(PACKERS, shown, strict=True):
            server.pages[post.path] = packed(encoding, article_page(post).encode())
            server.pages[bomb(encoding)] = packed(encoding, bytes(30_000_000))
        server.pages[LARGE] = Answer(article_page(shown[0]) + "<!-- -->" * 300_000)
        server.pages[ROUND] = circle
        write_source(server, folder, ["listing"], more=f'hosts = ["{slow}"]')
        yield (
            server,
            folder,
            crawl(
                server,
                folder,
                DOWNLOAD_MAXSIZE=1_000_000,
                DOWNLOAD_TIMEOUT=3,
                RETRY_TIMES=0,
                ALLOW_PRIVATE_HOSTS=f"{server.host},{slow}",
            ),
        )


def circle(asked: Asked) -> Answer:
    """Each address leads to another of the same."""
    return Answer(
        status=302, headers={"Location": f"{ROUND}?putaran={int(asked.query.get('putaran', 0)) + 1}"}
    )


Site = tuple[Loopback, Path, Done]


@pytest.mark.heavy
def test_every_link_has_an_end(site: Site) -> None:
    """And a reason that can be counted: what is too large is rejected, what may pass is tried again."""
    _, folder, done = site
    done.succeeded()
    found = states(folder)
    assert {path: found[path] for path in map(bomb, PACKERS)} == dict.fromkeys(
        map(bomb, PACKERS), ("rejected", "too_large")
    )
    assert found[LARGE] == found[ENDLESS] == ("rejected", "too_large")
    assert found[ROUND] == ("failed", "max redirections reached")
    assert found[DRIP] == ("failed", "DownloadTimeoutError")


@pytest.mark.heavy
def test_packed_articles_are_read(site: Site) -> None:
    """One in each encoding."""
    _, folder, _ = site
    assert column(folder / "data", "SELECT count(*) FROM articles") == [len(PACKERS)]


def test_what_is_too_large_is_a_rejection_with_its_size(site: Site) -> None:
    """The database says how large it may be."""
    _, folder, _ = site
    refused = rows(
        folder / "data", "SELECT detail, count(*) FROM rejections WHERE reason = 'too_large' GROUP BY 1"
    )
    assert sorted(refused) == [
        ("over 1000000 bytes", 1),
        ("over 1000000 bytes unpacked", 4),
        ("over 262144 bytes of headers", 1),
    ]


def test_a_circle_is_left_after_few_rounds(site: Site) -> None:
    """REDIRECT_MAX_TIMES, and the first request."""
    server, _, _ = site
    assert sum(asked.path.startswith(ROUND) for asked in server.asked) == 6


def test_what_was_too_large_is_not_asked_for_again(site: Site) -> None:
    """Not even at once."""
    server, _, _ = site
    assert [server.count(path) for path in (*map(bomb, PACKERS), LARGE)] == [1] * 5


@pytest.mark.heavy
def test_an_entry_that_is_too_large_gives_way_to_the_next(server: Loopback, tmp_path: Path) -> None:
    """With a reason in the log; so does one that unpacks to more than a worker has memory for."""
    serve_pages(server, shown := posts(now(), count=2))
    server.pages["/feed/"] = packed("gzip", b"<rss>" + bytes(30_000_000))
    nothings = PACKERS["gzip"](b"<urlset>" + b"<url/>" * 2_000_000)
    server.pages["/wp-sitemap.xml"] = Answer(nothings, content_type="application/gzip")
    server.pages["/"] = Answer(listing(shown))
    write_source(server, tmp_path, ["rss", "sitemap", "listing"])
    done = crawl(server, tmp_path, DOWNLOAD_MAXSIZE=1_000_000, READ_MEMORY_MB=256).succeeded()
    assert "over 1000000 bytes unpacked" in done.err
    assert "needed more than 256 MB" in done.err
    assert column(tmp_path / "data", "SELECT count(*) FROM articles") == [2]


@pytest.mark.heavy
def test_a_page_that_hangs_its_reader_is_a_parser_error(server: Loopback, tmp_path: Path) -> None:
    """Here by a rule that backtracks without an end; the worker is replaced, and the crawl goes on."""
    serve_pages(server, shown := posts(now(), count=2))
    server.pages["/"] = Answer(listing(shown))
    hanging = article_page(shown[0]).replace("</p>", f" {'a' * 80}b</p>", 1)
    server.pages[shown[0].path] = Answer(hanging)
    rules = "[[rules]]\ndrop_lines = ['(a+)+$']\n"
    write_source(server, tmp_path, ["listing"])
    with (tmp_path / "sources" / "warta_teluk.toml").open("a", encoding="utf-8") as file:
        file.write(rules)
    crawl(server, tmp_path, READ_TIMEOUT_S=6).succeeded()
    assert rows(tmp_path / "data", "SELECT reason, detail FROM rejections") == [
        ("parser_error", "took longer than 6 s")
    ]
    assert column(tmp_path / "data", "SELECT title FROM articles") == [shown[1].title]


@pytest.mark.heavy
def test_pages_over_the_bound_of_a_run_wait_for_the_next(server: Loopback, tmp_path: Path) -> None:
    """Said in one line; nothing is lost, and what may no longer be asked for has an end too."""
    long = f"/{'berita-panjang-' * 20}/"
    serve_pages(server, shown := posts(now(), count=3))
    server.pages["/"] = Answer(listing(shown, [long]))
    write_source(server, tmp_path, ["listing"])
    first = crawl(server, tmp_path, MAX_PAGES_PER_RUN=2).succeeded()
    assert sum("2 links stay pending" in line for line in first.err.splitlines()) == 1
    assert sorted(state for state, _ in states(tmp_path).values()) == [
        "fetched",
        "fetched",
        "pending",
        "pending",
    ]
    second = crawl(server, tmp_path, MAX_PAGES_PER_RUN=2, URLLENGTH_LIMIT=200).succeeded()
    assert "stay pending" not in second.err
    assert "'kabar/links/too_long': 1," in second.err
    assert states(tmp_path)[long] == ("excluded", "url too long")
    assert server.count(long) == 0
    assert column(tmp_path / "data", "SELECT count(*) FROM articles") == [3]


@pytest.mark.parametrize("command", ["crawl", "sources"])
def test_a_setting_that_is_no_number_is_wrong_use(tmp_path: Path, command: str) -> None:
    """One line, and nothing is opened."""
    arguments = [command, "expresi"] if command == "crawl" else [command]
    scrapy(*arguments, DATA_DIR=tmp_path / "data", READ_MEMORY_MB="banyak").refused(
        2, "READ_MEMORY_MB=banyak"
    )
    assert not (tmp_path / "data").exists()
