"""The hostile web as a table: outlets that each do one bad thing, and what a crawl must make of each.

Every behaviour is an outlet of its own, on a port of its own with a source file of its own. Where a page
is at fault it stands between two good ones, which must not suffer by it.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from itertools import count, pairwise
from typing import Any, Literal
from urllib.parse import urlsplit

import brotli

from tests.kit.hurting import DEADLY, SLOW
from tests.kit.large_outlet import paper
from tests.kit.loopback import Answer, Asked, Loopback, Page, Raw
from tests.kit.outlet import Post, article_page, feed, listing, now, rest, sitemap

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

XML = "application/xml; charset=UTF-8"
JSON = "application/json; charset=UTF-8"
TEXT = "text/plain"
BOMB_MB = 100
"""What a bomb's few kilobytes become."""
TIMEOUT_S = 3
"""DOWNLOAD_TIMEOUT of the crawl."""


@dataclass(frozen=True)
class Outlet:
    """A behaviour's server, and its three articles, newest first."""

    server: Loopback
    posts: tuple[Post, ...]
    elsewhere: Loopback
    """A server that crawls may reach, and that is nobody's outlet: whoever asks it was led there."""
    inside: Loopback
    """The same of the private network: no crawl may reach it."""

    @classmethod
    def make(cls, seed: int, server: Loopback, elsewhere: Loopback, inside: Loopback) -> Outlet:
        """An ordinary outlet: robots.txt, feed, articles; no two have a text in common."""
        outlet = cls(server, paper(seed, 3, now()), elsewhere, inside)
        outlet.put("/robots.txt", Answer("User-agent: *\nDisallow:\n", content_type=TEXT))
        for post in outlet.posts:
            outlet.put(post.path, Answer(article_page(post)))
        outlet.put("/feed/", Answer(feed(outlet.posts, server), content_type=XML))
        return outlet

    def put(self, path: str, page: Page) -> None:
        """Answer a path so; `*` stands for every path that nothing else is said of."""
        if path == "*":
            self.server.otherwise = page
        else:
            self.server.pages[path] = page

    def asked(self, path: str) -> list[float]:
        """When a path was asked for, without its query; monotonic seconds."""
        return [each.at for each in self.server.asked if urlsplit(each.path).path == path]


@dataclass(frozen=True)
class Made:
    """What a crawl has made of an outlet."""

    states: Mapping[str, int | range]
    """Its links by what became of them: the state, and after a colon its reason."""
    articles: int | range
    says: str | None = None
    """Pattern of the line of the run, in `crawls` and on the screen. Null: nothing needs attention."""


Put = Callable[[Outlet], None]


@dataclass(frozen=True)
class Behaviour:
    """One bad thing. `name` is the source's."""

    name: str
    serves: str
    put: Put
    made: Made
    kinds: tuple[str, ...] = ("rss",)
    most: int = 12
    """The most requests that the server may see in the first run."""
    again: Made | None = None
    """What a second run makes of it. Null: there is none."""
    most_again: int = 12
    source: str = "delay_s = 0"
    """Further keys of the source file; INSIDE stands for the host of the private network."""
    never: tuple[str, ...] = ()
    """Beginnings of paths that are never asked for."""
    holds: Callable[[Outlet], bool] = lambda outlet: True
    """What else must be true of the requests."""


def source_file(outlet: Outlet, kinds: Sequence[str], more: str) -> str:
    """The source file of an outlet with entries of these kinds."""
    addresses = {
        "wordpress": "/wp-json/wp/v2/posts",
        "rss": "/feed/",
        "sitemap": "/sitemap.xml",
        "listing": "/",
    }
    entries = "".join(
        f'[[entry]]\nkind = "{kind}"\nurl = "{addresses[kind]}"\nmax_pages = 5\n' for kind in kinds
    )
    return (
        f'title = "Warta Teluk"\nhome = "{outlet.server.home}"\ntimezone = "Asia/Makassar"\n'
        f'platform = "wordpress"\n{more.replace("INSIDE", outlet.inside.host)}\n{entries}'
    )


ALL_WELL = Made({"fetched": 3}, 3)
NO_ENTRY = "no entry led to articles"
NOTHING = Made({}, 0, NO_ENTRY)


# --- pages ---------------------------------------------------------------------------------------------


def at_page(answer: Callable[[Outlet, Post], Page]) -> Put:
    """The second of the three articles is answered so."""
    return lambda outlet: outlet.put(outlet.posts[1].path, answer(outlet, outlet.posts[1]))


def head(*lines: str, status: str = "200 OK") -> bytes:
    """The head of an answer of a page, with these lines."""
    named = (f"HTTP/1.1 {status}", "Content-Type: text/html; charset=UTF-8", *lines)
    return "".join(f"{line}\r\n" for line in (*named, "")).encode()


def page(
    name: str,
    serves: str,
    answer: Callable[[Outlet, Post], Page],
    state: str = "fetched",
    *,
    articles: int | None = None,
    **more: Any,
) -> Behaviour:
    """A page at fault between two good ones, and the state that its link ends in."""
    read = articles if articles is not None else 3 if state == "fetched" else 2
    states = {"fetched": 3} if state == "fetched" else {"fetched": 2, state: 1}
    return Behaviour(name, serves, at_page(answer), Made(states, read), **more)


def raw(*pieces: bytes, end: Literal["hang", "reset"]) -> Callable[[Outlet, Post], Page]:
    return lambda outlet, post: Raw(pieces, end)


def redirect(to: Callable[[Outlet, Post], str]) -> Callable[[Outlet, Post], Page]:
    return lambda outlet, post: Answer(status=302, headers={"Location": to(outlet, post)})


def status(code: int) -> Callable[[Outlet, Post], Page]:
    return lambda outlet, post: Answer("<h1>Dilarang</h1>" if code != 204 else b"", code)


def body(
    change: Callable[[str], str | bytes], content_type: str = "text/html; charset=UTF-8"
) -> Callable[[Outlet, Post], Page]:
    """The article's page, changed."""
    return lambda outlet, post: Answer(change(article_page(post)), content_type=content_type)


def within(html: str, inserted: str) -> str:
    """The page with something more at the beginning of its story."""
    return html.replace('<div class="entry-content">', f'<div class="entry-content">{inserted}', 1)


def dated(day: str) -> Callable[[Outlet, Post], Page]:
    """The article's page, all its dates moved."""
    return body(lambda html: re.sub(r"\d{4}-\d\d-\d\dT[\d:+]+", day, re.sub(r"\d\d/\d\d/\d{4}", "", html)))


def megabytes(size: int) -> Iterator[bytes]:
    return (b"<p>%s</p>" % (b"mahakam " * 131_072) for _ in range(size))


@cache
def bomb(encoding: str) -> bytes:
    """A hundred megabytes of page in some kilobytes."""
    start, chunk = b"<!doctype html><html><body><p>", b" " * (1 << 20)
    if encoding == "gzip":  # members, one after the other: made in no time
        return gzip.compress(start) + gzip.compress(chunk) * BOMB_MB
    if encoding == "deflate":
        packer = zlib.compressobj(1)
        return b"".join(
            [packer.compress(start), *(packer.compress(chunk) for _ in range(BOMB_MB)), packer.flush()]
        )
    if encoding == "br":
        brot = brotli.Compressor(quality=1)
        return b"".join([brot.process(start), *(brot.process(chunk) for _ in range(BOMB_MB)), brot.finish()])
    zst = zstd.ZstdCompressor(level=1)
    return b"".join([zst.compress(start), *(zst.compress(chunk) for _ in range(BOMB_MB)), zst.flush()])


def packed(encoding: str, data: Callable[[], bytes] | None = None) -> Callable[[Outlet, Post], Page]:
    """A page that says it is encoded so."""
    return lambda outlet, post: Answer(
        data() if data else bomb(encoding), headers={"Content-Encoding": encoding}
    )


_ENGLISH = (
    "The harbour master said on Monday that the old wooden pier would be closed for several weeks while workers "
    "replace the planks that were damaged by the storm, and that boats should use the northern quay instead.",
    "Fishermen who were interviewed by this newspaper welcomed the repairs but asked for a cold store near the quay, "
    "because the walk to the auction takes too long in the heat of the day.",
)
HOSTILE_TITLE = '=HYPERLINK("x")\'); DROP TABLE articles;-- %s {0} <script>\x1b[31m\u202e'

PAGES = (
    page("page_401", "one article for subscribers", status(401), "failed: 401"),
    page("page_403", "one article refused", status(403), "failed: 403"),
    page("page_451", "one article under an injunction", status(451), "failed: 451"),
    page("page_410", "one article gone", status(410), "gone: 410"),
    page("page_500", "one article's script broken", status(500), "failed: 500"),
    page("page_204", "no content", status(204), "rejected: empty"),
    page(
        "page_206",
        "half of the page, called so, unasked",
        lambda outlet, post: Answer(
            article_page(post)[:900], 206, headers={"Content-Range": "bytes 0-899/2000"}
        ),
        "failed: 206",
    ),
    page("page_304", "not modified, of a page never seen", status(304), "failed: not modified, unasked"),
    page("page_empty", "nothing, with status 200", body(lambda html: ""), "rejected: empty"),
    page("hangs_before_headers", "silence", raw(end="hang"), "failed: DownloadTimeoutError", most=10),
    page(
        "hangs_after_headers",
        "a head, then silence",
        raw(head("Content-Length: 5000"), end="hang"),
        "failed: DownloadTimeoutError",
    ),
    page(
        "drips",
        "one byte a second",
        lambda outlet, post: Raw(
            (bytes([each]) for each in head("Content-Length: 5000") + b"<p>"), pause_s=1
        ),
        "failed: DownloadTimeoutError",
    ),
    page(
        "drips_its_body",
        "a whole head, then one byte a second",
        lambda outlet, post: Raw((head("Content-Length: 5000"), *[b"<"] * 5000), pause_s=1),
        "failed: DownloadTimeoutError",
    ),
    page("resets", "a connection broken off", raw(end="reset"), "failed: DownloadFailedError"),
    page(
        "half_sent",
        "less than Content-Length says",
        lambda outlet, post: Raw((head("Content-Length: 50000"), article_page(post).encode())),
        "failed: ResponseDataLossError",
    ),
    page(
        "half_sent_chunks",
        "chunks without their end",
        lambda outlet, post: Raw(
            (head("Transfer-Encoding: chunked"), b"300\r\n" + article_page(post).encode()[:700])
        ),
        "failed: ResponseDataLossError",
    ),
    page(
        "http_1_0",
        "HTTP/1.0 without a header",
        lambda outlet, post: Raw((b"HTTP/1.0 200 OK\r\n\r\n", article_page(post).encode())),
    ),
    page(
        "http_0_9",
        "a page without any head",
        lambda outlet, post: Raw((article_page(post).encode(),)),
        "failed: DownloadFailedError",
    ),
    page(
        "thousand_headers",
        "a thousand headers",
        lambda outlet, post: Answer(article_page(post), headers={f"X-{n}": "a" * 200 for n in range(1000)}),
    ),
    page(
        "cookie_storm",
        "five hundred cookies",
        lambda outlet, post: Raw(
            (
                head(*(f"Set-Cookie: c{n}={'k' * 100}" for n in range(500))),
                article_page(post).encode(),
            )
        ),
        holds=lambda outlet: not any("cookie" in each.headers for each in outlet.server.asked),
    ),
    *(
        page(
            f"bomb_{encoding}",
            f"a {encoding} bomb",
            packed(encoding),
            "rejected: too_large",
        )
        for encoding in ("gzip", "deflate", "br", "zstd")
    ),
    page(
        "broken_gzip",
        "what says it is gzip and is not",
        packed("gzip", lambda: b"\x1f\x8b\x08\x00" + b"rusak" * 100),
        "failed: broken gzip",
    ),
    page(
        "too_large",
        "twelve megabytes, and says so",
        lambda outlet, post: Raw((head(f"Content-Length: {12 << 20}"), *megabytes(12))),
        "rejected: too_large",
    ),
    page(
        "too_large_untold",
        "twelve megabytes, and does not say so",
        lambda outlet, post: Raw((head(), *megabytes(12))),
        "rejected: too_large",
    ),
    page(
        "ten_megabytes",
        "a page of nearly ten megabytes",
        lambda outlet, post: Answer(b"".join(megabytes(9))),
        "rejected: too_large",
    ),
    page(
        "nested",
        "nesting 100,000 deep",
        body(lambda html: within(html, "<div>" * 100_000)),
        "rejected: too_short",
    ),
    page(
        "nul_bytes",
        "NUL in its text",
        body(lambda html: html.replace("mahakam", "maha\x00kam").replace(". ", ".\x00 ")),
    ),
    page("nul_entities", "NUL by name", body(lambda html: html.replace(". ", ".&#0; "))),
    page(
        "wrong_charset",
        "windows-1252 that is called UTF-8",
        body(
            lambda html: within(
                html, "<p>Café Résumé “dikutip” dari situs lain, kata warga di sana.</p>"
            ).encode("cp1252")
        ),
    ),
    page(
        "unknown_charset",
        "a character set that nobody knows",
        body(lambda html: html, content_type="text/html; charset=x-borneo-7"),
    ),
    page("utf_16_untold", "UTF-16 that is called UTF-8", body(lambda html: html.encode("utf-16"))),
    page(
        "html_as_jpeg",
        "an article called a picture",
        body(lambda html: html, content_type="image/jpeg"),
    ),
    page(
        "jpeg_as_html",
        "a picture called an article",
        body(lambda html: b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 40),
        "rejected: not_html",
    ),
    page("year_9999", "an article of the year 9999", dated("9999-12-31T23:59:59+00:00")),
    page("year_1970", "an article of 1970", dated("1970-01-01T00:00:00+00:00")),
    page("year_1", "an article of the year 1", dated("0001-01-01T00:00:00+00:00")),
    page(
        "hostile_title",
        "SQL, a formula, escapes and a script in its title",
        lambda outlet, post: Answer(article_page(replace(post, title=HOSTILE_TITLE))),
    ),
    page(
        "wrong_language",
        "an article in English",
        lambda outlet, post: Answer(article_page(replace(post, paragraphs=_ENGLISH))),
        "rejected: wrong_language",
        source='languages = ["id"]\ndelay_s = 0',
    ),
    page(
        "kills_its_reader",
        "a page that a parser dies of",
        body(lambda html: html + DEADLY),
        "rejected: parser_error",
    ),
    page(
        "hangs_its_reader",
        "a page that a parser never ends",
        body(lambda html: html + SLOW),
        "rejected: parser_error",
    ),
    page(
        "redirect_loop",
        "a redirect to itself",
        redirect(lambda outlet, post: post.path),
        "failed: max redirections reached",
        most=40,
    ),
    *(
        page(f"redirect_{name}", f"a redirect to {to}", redirect(lambda *_, to=to: to), state)
        for name, to, state in (
            ("metadata", "http://169.254.169.254/latest/", "rejected: off_site"),
            ("ipv6", "http://[::1]/", "rejected: off_site"),
            ("hex", "http://0x7f000001/", "rejected: off_site"),
            ("localhost", "http://localhost./", "rejected: off_site"),
            ("file", "file:///etc/hostname", "rejected: empty"),
            ("ftp", "ftp://127.0.0.1/a", "rejected: empty"),
            ("data", "data:text/html,<p>halo", "rejected: empty"),
            ("javascript", "javascript:alert(1)", "failed: ValueError"),
        )
    ),
    page(
        "redirect_elsewhere",
        "a redirect to another's host",
        redirect(lambda outlet, post: outlet.elsewhere.url("/redirect_elsewhere")),
        "rejected: off_site",
    ),
    page(
        "redirect_inside",
        "a redirect to a service of this machine",
        redirect(lambda outlet, post: outlet.inside.url("/redirect_inside")),
        "rejected: off_site",
    ),
)


# --- robots.txt ----------------------------------------------------------------------------------------


def robots(answer: Page) -> Put:
    return lambda outlet: outlet.put("/robots.txt", answer)


def rules(text: str | bytes) -> Put:
    return robots(Answer(text, content_type=TEXT))


def gap_s(times: Sequence[float]) -> float:
    """The shortest time between two requests, in seconds."""
    return min((later - earlier for earlier, later in pairwise(times)), default=0.0)


DELAY_S = 1.0

ROBOTS = (
    Behaviour(
        "robots_503",
        "robots.txt out of order: unreachable means wait",
        robots(Answer("<h1>503</h1>", 503)),
        Made({}, 0, "robots"),
        never=("/feed", "/berita"),
    ),
    Behaviour(
        "robots_hangs",
        "robots.txt never comes",
        robots(Raw((), "hang")),
        Made({}, 0, "robots|no entry"),
        never=("/feed", "/berita"),
    ),
    Behaviour("robots_404", "no robots.txt: all is allowed", robots(Answer("", 404)), ALL_WELL),
    Behaviour(
        "robots_html",
        "the front page for robots.txt: no rules",
        robots(Answer("<html><body>User-agent: *<br>Selamat datang</body></html>")),
        ALL_WELL,
    ),
    Behaviour(
        "robots_large",
        "rules behind half a megabyte of comments, and a megabyte more",
        rules("# isi\n" * 80_000 + "User-agent: *\nDisallow: /feed/\n" + "# isi\n" * 200_000),
        NOTHING,
        never=("/feed", "/berita"),
    ),
    Behaviour(
        "robots_forbids",
        "the articles forbidden, the feed not",
        rules("User-agent: *\nDisallow: /berita\n"),
        Made({"excluded: robots.txt": 3}, 0),
        never=("/berita",),
    ),
    Behaviour(
        "robots_forbids_us",
        "us forbidden by name, others not",
        rules("User-agent: Kabar\nDisallow: /\n\nUser-agent: *\nDisallow:\n"),
        NOTHING,
        never=("/feed", "/berita"),
    ),
    Behaviour(
        "robots_bytes",
        "a byte order mark, and comments in no character set",
        rules(b"\xef\xbb\xbfUser-agent: *\n# r\xe9daksi \xff\xfe\nDisallow: /berita\n"),
        Made({"excluded: robots.txt": 3}, 0),
        never=("/berita",),
    ),
    Behaviour(
        "robots_delay",
        "a second between requests, please",
        rules(f"User-agent: *\nCrawl-delay: {DELAY_S:g}\n"),
        ALL_WELL,
        holds=lambda outlet: gap_s([each.at for each in outlet.server.asked][1:]) > DELAY_S * 0.9,
    ),
    Behaviour(
        "robots_redirects",
        "robots.txt at another's host",
        robots(Answer(status=302, headers={"Location": "http://169.254.169.254/robots.txt"})),
        ALL_WELL,
    ),
)


# --- documents -----------------------------------------------------------------------------------------


def at_feed(answer: Callable[[Outlet], Page]) -> Put:
    return lambda outlet: outlet.put("/feed/", answer(outlet))


def as_xml(text: str | bytes) -> Answer:
    return Answer(text, content_type=XML)


def refused_first(code: int, retry_after: Callable[[], str | None], times: int = 1) -> Put:
    """The feed refuses so often, and then serves."""

    def put(outlet: Outlet) -> None:
        numbers, served = count(1), feed(outlet.posts, outlet.server)

        def answer(asked: Asked) -> Answer:
            after = retry_after()
            headers = {"Retry-After": after} if after is not None else {}
            return Answer(status=code, headers=headers) if next(numbers) <= times else as_xml(served)

        outlet.put("/feed/", answer)

    return put


def waited(least_s: float) -> Callable[[Outlet], bool]:
    """The feed was asked for twice, so many seconds apart."""
    return lambda outlet: len(outlet.asked("/feed/")) == 2 and gap_s(outlet.asked("/feed/")) >= least_s


def with_feed(before: str = "", items: str = "", change: Callable[[str], str] = str) -> Put:
    """The outlet's feed with a document type before it, or further items."""
    return at_feed(
        lambda outlet: as_xml(
            change(
                feed(outlet.posts, outlet.server)
                .replace('<?xml version="1.0"?>', f'<?xml version="1.0"?>{before}')
                .replace("</channel>", f"{items}</channel>")
            )
        )
    )


def item(link: str, title: str = "Judul") -> str:
    return f"<item><title>{title}</title><link>{escape(link)}</link></item>"


LAUGHS = "<!DOCTYPE rss [<!ENTITY a0 'tawa'>{}]>".format(
    "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 11))
)
QUADRATIC = f"<!DOCTYPE rss [<!ENTITY a '{'a' * 100_000}'>]>"


def external(outlet: Outlet) -> Page:
    """A feed whose titles and document type name files and other hosts."""
    text = feed(outlet.posts, outlet.server)
    named = (
        f'<!DOCTYPE rss SYSTEM "{outlet.elsewhere.url("/external/dtd")}" [<!ENTITY f SYSTEM "file:///etc/hostname">'
        f'<!ENTITY h SYSTEM "{outlet.elsewhere.url("/external")}">'
        f'<!ENTITY % p SYSTEM "{outlet.elsewhere.url("/external/p")}">%p;]>'
    )
    items = item(outlet.server.url("/berita-lain-dari-teluk-hari-ini/"), "&f;&h;")
    outlet.put("/berita-lain-dari-teluk-hari-ini/", Answer("", 404))
    return as_xml(
        text.replace('<?xml version="1.0"?>', f'<?xml version="1.0"?>{named}').replace(
            "</channel>", items + "</channel>"
        )
    )


def on_home(links: Callable[[Outlet], Sequence[str]], older: str | None = None) -> Put:
    """The front page lists the three articles and these links."""
    return lambda outlet: outlet.put("/", Answer(listing(outlet.posts, links(outlet), older)))


def index(*addresses: str) -> Answer:
    """A sitemap index."""
    named = "".join(f"<sitemap><loc>{escape(each)}</loc></sitemap>" for each in addresses)
    return as_xml(f'<?xml version="1.0"?><sitemapindex>{named}</sitemapindex>')


def at_sitemap(answer: Callable[[Outlet], Page]) -> Put:
    return lambda outlet: outlet.put("/sitemap.xml", answer(outlet))


def endless_index(outlet: Outlet) -> Page:
    """Every index names one that was never named."""
    numbers = count(1)
    outlet.put("*", lambda asked: index(outlet.server.url(f"/sitemap-{next(numbers)}.xml")))
    return index(outlet.server.url("/sitemap-0.xml"))


def endless_pager(links: Callable[[int], Sequence[str]]) -> Put:
    """Every page of the list names an older one; each lists the three articles and these links."""

    def put(outlet: Outlet) -> None:
        numbers = count(2)

        def answer(asked: Asked) -> Answer:
            number = next(numbers)
            return Answer(listing(outlet.posts, links(number), f"/indeks/{number}/"))

        outlet.put("/", answer)
        outlet.put("*", lambda asked: answer(asked) if "/indeks/" in asked.path else Answer("", 404))

    return put


def calendar(outlet: Outlet) -> None:
    """Every day of an archive names the day before, and none has an article."""
    days = count(1)

    def answer(asked: Asked) -> Answer:
        before = f"/{now() - timedelta(days=next(days)):%Y/%m/%d}/"
        return Answer(listing((), [before], before))

    outlet.put("/", answer)
    outlet.put("*", answer)


def slug(number: int) -> str:
    return f"/berita-ke-{number}-dari-teluk-bontang-hari-ini/"


def everywhere(answer: Callable[[Outlet], Page], links: Callable[[int], str], number: int) -> Put:
    """A feed of so many addresses, and one answer for whatever is asked for but the feed and robots.txt."""

    def put(outlet: Outlet) -> None:
        for post in outlet.posts:
            del outlet.server.pages[post.path]
        items = "".join(item(outlet.server.url(links(n)), f"Judul {n}") for n in range(number))
        outlet.put(
            "/feed/", as_xml(f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>')
        )
        outlet.put("*", answer(outlet))

    return put


SOME, REST = range(20, 80), range(19, 79)
"""Of 98 addresses: SAME_PAGE_LIMIT are read, and some more come in while these are."""
SLOWLY = "delay_s = 0.06"


def front(outlet: Outlet) -> Page:
    """The front page, with a session id in every link, made anew for every visitor."""
    numbers = count(1000)

    def answer(asked: Asked) -> Answer:
        session = f"?PHPSESSID={next(numbers):08x}"
        return Answer(listing(outlet.posts).replace('/">', f'/{session}">'))

    return answer


def at_rest(answer: Callable[[Outlet], Page]) -> Put:
    return lambda outlet: outlet.put("/wp-json/wp/v2/posts", answer(outlet))


def as_json(data: object, **headers: str) -> Answer:
    return Answer(
        json.dumps(data),
        content_type=JSON,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


WRONG: tuple[object, ...] = (
    None,
    7,
    "x",
    [],
    {},
    True,
    [[[]]],
    {"rendered": 7},
    {"rendered": None},
    1e308,
    -1,
)
"""Values of every wrong type."""


def wrong_types(outlet: Outlet) -> Page:
    """Posts whose every field in turn is of a wrong type, among the three good ones."""
    served = rest(outlet.posts, outlet.server)(Asked("/wp-json/wp/v2/posts?per_page=100", {}, 0.0))
    good = json.loads(served.body)
    bad = [
        good[1] | {name: wrong, "id": 5000 + n}
        for n, wrong in enumerate(WRONG)
        for name in good[1]
        if name != "id"
    ]
    bad += [good[1] | {"id": wrong} for wrong in WRONG]
    return as_json([good[0], *WRONG, *bad, *good[1:]])


def lying_totals(outlet: Outlet) -> Page:
    """Always the same three posts, and ten thousand pages more."""
    collection = rest(outlet.posts, outlet.server)

    def answer(asked: Asked) -> Answer:
        first = collection(replace(asked, path="/wp-json/wp/v2/posts?per_page=100"))
        return replace(first, headers={"X-WP-Total": "999999", "X-WP-TotalPages": "9999"})

    return answer


def nothing_but(code: int) -> Put:
    """Robots.txt answers; all else is refused."""

    def put(outlet: Outlet) -> None:
        for path in list(outlet.server.pages):
            if path != "/robots.txt":
                outlet.put(path, Answer("<h1>Dilarang</h1>", code))
        outlet.put("*", Answer("<h1>Dilarang</h1>", code))

    return put


def refused_articles(outlet: Outlet) -> None:
    """Twelve articles in the feed, all refused."""
    everywhere(lambda _: Answer("<h1>Dilarang</h1>", 403), slug, 12)(outlet)


def wall(kinds: str, code: int) -> Put:
    """One entry refused; the next one serves."""
    path = {"wordpress": "/wp-json/wp/v2/posts", "rss": "/feed/", "sitemap": "/sitemap.xml"}[kinds]

    def put(outlet: Outlet) -> None:
        outlet.put(path, Answer("<h1>Dilarang</h1>", code))
        outlet.put("/", Answer(listing(outlet.posts)))

    return put


def closed(name: str, code: int) -> Behaviour:
    path = {"wordpress": "/wp-json", "rss": "/feed", "sitemap": "/sitemap"}[name]
    return Behaviour(
        f"closed_{name}_{code}",
        f"{name} answers {code}: the next entry serves, and for a week it is not asked again",
        wall(name, code),
        ALL_WELL,
        kinds=(name, "listing"),
        again=ALL_WELL,
        holds=lambda outlet: sum(each.path.startswith(path) for each in outlet.server.asked) == 1,
    )


def redirected_on_and_on(outlet: Outlet) -> None:
    """The second article leads to one address, which leads to the next, and so on."""
    numbers = count(1)

    def on(asked: Asked) -> Answer:
        return Answer(status=302, headers={"Location": f"/pindah/{next(numbers)}"})

    outlet.put(outlet.posts[1].path, on)
    outlet.put("*", on)


def private_host(outlet: Outlet) -> None:
    """One article lies on a private host that the source calls its own; the second leads to it."""
    outlet.put(
        "/feed/",
        as_xml(
            feed(outlet.posts, outlet.server).replace(
                "</channel>", item(outlet.inside.url(slug(1))) + "</channel>"
            )
        ),
    )
    outlet.put(outlet.posts[1].path, Answer(status=302, headers={"Location": outlet.inside.url(slug(2))}))


LONG = "/berita-" + "panjang-" * 12_500

DOCUMENTS = (
    Behaviour(
        "redirect_endless",
        "redirects to ever new addresses",
        redirected_on_and_on,
        Made({"fetched": 2, "failed: max redirections reached": 1}, 2),
        most=40,
    ),
    Behaviour(
        "retry_after_seconds",
        "429 for a second",
        refused_first(429, lambda: "1"),
        ALL_WELL,
        holds=waited(1.0),
    ),
    Behaviour(
        "retry_after_date",
        "503 until a date, two seconds away",
        refused_first(503, lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)),
        ALL_WELL,
        holds=waited(0.9),
    ),
    Behaviour(
        "retry_after_nonsense",
        "429 with a Retry-After that says nothing",
        refused_first(429, lambda: "besok pagi; -5"),
        ALL_WELL,
    ),
    Behaviour(
        "retry_after_a_year",
        "503 for a year: not asked again in this run",
        refused_first(503, lambda: "31536000", times=1000),
        Made({}, 0, "503"),
        most=6,
        holds=lambda outlet: len(outlet.asked("/feed/")) == 1,
    ),
    closed("wordpress", 401),
    closed("wordpress", 451),
    closed("rss", 403),
    closed("sitemap", 403),
    Behaviour(
        "refuses_all",
        "403 for everything: the source is restricted, and left alone",
        nothing_but(403),
        Made({}, 0, "restricted"),
        again=Made({}, 0, "restricted"),
        kinds=("wordpress", "rss", "sitemap", "listing"),
        most_again=1,
    ),
    Behaviour(
        "refuses_articles",
        "403 for every article: three in a row are enough",
        refused_articles,
        Made({"pending": 3}, 0, "restricted"),
        again=Made({"pending": 3}, 0, "restricted"),
        most=6,
        most_again=1,
    ),
    Behaviour("feed_of_laughs", "a billion laughs in a feed", with_feed(LAUGHS, "<a>&a10;</a>"), ALL_WELL),
    Behaviour(
        "feed_quadratic",
        "one long entity ten thousand times",
        with_feed(QUADRATIC, item("/", "&a;" * 10_000)),
        ALL_WELL,
    ),
    Behaviour(
        "feed_external",
        "entities of files and of other hosts",
        at_feed(external),
        Made({"fetched": 3, "gone: 404": 1}, 3),
    ),
    Behaviour(
        "sitemap_of_laughs",
        "a billion laughs in a sitemap",
        at_sitemap(
            lambda outlet: as_xml(
                sitemap(outlet.posts, outlet.server)
                .replace(
                    '<?xml version="1.0"?>', f'<?xml version="1.0"?>{LAUGHS.replace("rss", "urlset", 1)}'
                )
                .replace("</urlset>", "<url><loc>&a10;</loc></url></urlset>")
            )
        ),
        Made({"fetched": 3, "gone: 404": 1}, 3),
        kinds=("sitemap",),
    ),
    Behaviour(
        "feed_moves",
        "a feed that leads to another's host",
        at_feed(lambda outlet: Answer(status=301, headers={"Location": outlet.elsewhere.url("/feed_moves")})),
        NOTHING,
    ),
    Behaviour(
        "private_host",
        "a host of its own that is this machine's, as a link and behind a redirect",
        private_host,
        Made({"fetched": 2, "failed: private host 127.0.0.1:#: not in ALLOW_PRIVATE_HOSTS": 2}, 2),
        source='delay_s = 0\nhosts = ["INSIDE"]',
    ),
    Behaviour(
        "feed_html",
        "the front page for a feed",
        at_feed(lambda outlet: Answer(listing(outlet.posts))),
        NOTHING,
    ),
    Behaviour(
        "feed_hangs",
        "half a feed, and then silence",
        at_feed(
            lambda outlet: Raw(
                (head("Content-Length: 5000"), feed(outlet.posts, outlet.server)[:900].encode()), "hang"
            )
        ),
        Made({}, 0, "DownloadTimeoutError"),
    ),
    Behaviour("feed_empty", "a feed of no bytes", at_feed(lambda outlet: as_xml("")), NOTHING),
    Behaviour(
        "feed_304",
        "not modified, of a feed never seen",
        at_feed(lambda outlet: Answer(status=304)),
        NOTHING,
    ),
    Behaviour(
        "feed_of_one_link",
        "a feed whose items all lead to one address",
        at_feed(
            lambda outlet: as_xml(
                feed([replace(each, slug=outlet.posts[0].slug) for each in outlet.posts], outlet.server)
            )
        ),
        Made({"fetched": 1}, 1),
    ),
    Behaviour(
        "feed_bomb",
        "a feed that is a gzip bomb",
        at_feed(lambda outlet: Answer(bomb("gzip"), content_type=XML, headers={"Content-Encoding": "gzip"})),
        NOTHING,
    ),
    Behaviour(
        "sitemap_gz_bomb",
        "a sitemap that is a gzip bomb as a file",
        at_sitemap(lambda outlet: Answer(bomb("gzip"), content_type="application/gzip")),
        NOTHING,
        kinds=("sitemap",),
    ),
    Behaviour(
        "feed_cut",
        "half a feed",
        with_feed(change=lambda text: text[: len(text) // 2]),
        Made({"fetched": 1}, 1, "cut short"),
    ),
    Behaviour(
        "odd_addresses",
        "links that lead to no page of the outlet, among good ones",
        with_feed(
            items="".join(
                map(
                    item,
                    (
                        "file:///etc/passwd-berita-teluk-bontang",
                        "ftp://127.0.0.1/berita-teluk-bontang-hari-ini/",
                        "javascript:alert(1)",
                        "data:text/html,berita-teluk-bontang",
                        "http://169.254.169.254/berita-teluk-bontang-hari-ini/",
                        "http://[::1",
                        "http://127.0.0.1:99999999/berita-teluk-bontang/",
                        "//berita teluk/\x7f",
                    ),
                )
            )
        ),
        ALL_WELL,
    ),
    Behaviour(
        "long_address",
        "an address of a hundred kilobytes",
        lambda outlet: with_feed(items=item(outlet.server.url(LONG)))(outlet),
        ALL_WELL,
    ),
    Behaviour(
        "ten_thousand_links",
        "ten thousand links to articles on one page",
        on_home(lambda outlet: [slug(n) for n in range(10_000)]),
        Made({"fetched": 3, "gone: 404": 97}, 3),
        kinds=("listing",),
        most=150,
    ),
    Behaviour(
        "facets",
        "ten thousand ways to sort a list",
        on_home(lambda outlet: [f"/?warna={n % 100}&ukuran={n // 100}&urut=baru" for n in range(10_000)]),
        ALL_WELL,
        kinds=("listing",),
    ),
    Behaviour(
        "endless_pager",
        "a list of which every page names an older one, with the same articles",
        endless_pager(lambda n: ()),
        ALL_WELL,
        kinds=("listing",),
    ),
    Behaviour(
        "endless_news",
        "a list of which every page has a new link, wherever it is asked",
        endless_pager(lambda n: [slug(n)]),
        Made({"fetched": 3, "gone: 404": 2}, 3),
        kinds=("listing",),
        most=20,
    ),
    Behaviour(
        "calendar",
        "an archive that goes back a day with every page, and has no articles",
        calendar,
        NOTHING,
        kinds=("listing",),
    ),
    Behaviour(
        "endless_index",
        "sitemap indexes that name ever new ones",
        at_sitemap(endless_index),
        NOTHING,
        kinds=("sitemap",),
        most=16,
    ),
    Behaviour(
        "index_of_itself",
        "a sitemap index that names itself",
        at_sitemap(lambda outlet: index(outlet.server.url("/sitemap.xml"))),
        NOTHING,
        kinds=("sitemap",),
        most=8,
    ),
    Behaviour(
        "index_of_others",
        "a sitemap index that names other hosts and files",
        at_sitemap(
            lambda outlet: index(
                outlet.elsewhere.url("/index_of_others.xml"),
                "file:///etc/sitemap.xml",
                "http://[::1]/sitemap.xml",
            )
        ),
        NOTHING,
        kinds=("sitemap",),
    ),
    Behaviour(
        "rest_wrong_types",
        "posts with fields of wrong types, many of one link: they are known by their numbers",
        at_rest(wrong_types),
        Made({"fetched": 16}, 3),
        kinds=("wordpress",),
    ),
    Behaviour(
        "rest_lies",
        "ten thousand pages of the same three posts",
        at_rest(lying_totals),
        ALL_WELL,
        kinds=("wordpress",),
    ),
    Behaviour(
        "rest_deep",
        "JSON nested 100,000 deep",
        at_rest(lambda outlet: Answer("[" * 100_000 + "]" * 100_000, content_type=JSON)),
        NOTHING,
        kinds=("wordpress",),
    ),
    Behaviour(
        "rest_html",
        "the front page for REST",
        at_rest(lambda outlet: Answer(listing(outlet.posts))),
        NOTHING,
        kinds=("wordpress",),
    ),
    Behaviour(
        "soft_404",
        "the same front page for every address, a session id in every link",
        everywhere(front, slug, 98),
        Made({"rejected: not_an_article": SOME, "pending": REST}, 0, "same text"),
        again=Made({"rejected: not_an_article": range(40, 98), "pending": range(1, 59)}, 0, "same text"),
        source=SLOWLY,
        most=110,
        most_again=110,
    ),
    Behaviour(
        "one_text",
        "one article under a hundred addresses",
        everywhere(lambda outlet: Answer(article_page(outlet.posts[0])), slug, 98),
        Made({"fetched": SOME, "pending": REST}, SOME, "same text"),
        source=SLOWLY,
        most=110,
    ),
    Behaviour(
        "session_ids",
        "one article, linked with a session id that is new on every page",
        everywhere(
            lambda outlet: Answer(article_page(outlet.posts[0])),
            lambda n: f"/berita-dari-teluk-bontang-hari-ini/?PHPSESSID={n:08x}",
            200,
        ),
        Made({"fetched": 1}, 1, "its 200 items give one address"),
        most=30,
    ),
)


def _is_slow(behaviour: Behaviour) -> bool:
    return "hangs" in behaviour.name or "drips" in behaviour.name


# The slow ones first, so that others are crawled while they are waited for.
BEHAVIOURS = {
    each.name: each
    for each in sorted((*PAGES, *ROBOTS, *DOCUMENTS), key=lambda each: (not _is_slow(each), each.name))
}
