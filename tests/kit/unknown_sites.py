"""Invented sites that no source names, each as one would meet it: its server's pages, and what it publishes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape

from tests.kit.loopback import Answer, Loopback, Page
from tests.kit.outlet import Post, article_page, feed, listing, now, posts, rest, serve_pages, sitemap


@dataclass(frozen=True)
class Site:
    """A site on a server, and the articles that a crawl of it must bring."""

    server: Loopback
    posts: tuple[Post, ...]


def signed(post: Post, brand: str) -> Post:
    """The article with a dateline before its first sentence."""
    first, *rest_ = post.paragraphs
    return replace(post, paragraphs=(f"{brand}{first}", *rest_))


def _head(front: str, *lines: str) -> str:
    return front.replace("</head>", "\n".join([*lines, "</head>"]))


def wordpress(server: Loopback) -> Site:
    """A WordPress set to WITA whose REST interface is open; it calls itself by its name and town."""
    told = posts(now())
    shown = tuple(signed(post, "WARTATELUK.com, BONTANG – ") for post in told)
    serve_pages(server, shown)
    front = listing(shown, older="/page/2/")
    server.pages["/"] = Answer(
        _head(front, f'<link rel="https://api.w.org/" href="{server.url("/wp-json/")}">')
    )
    server.pages["/wp-json/"] = Answer(
        json.dumps({"name": "Warta Teluk", "description": "Kabar dari Bontang", "gmt_offset": 8, "timezone_string": "Asia/Makassar"}),
        content_type="application/json",
    )  # fmt: skip
    server.pages["/wp-json/wp/v2/posts"] = rest(shown, server)
    return Site(server, told)


def closed_wordpress(server: Loopback) -> Site:
    """A WordPress whose REST interface is closed, and whose feed stands elsewhere than usual."""
    shown = posts(now())
    serve_pages(server, shown)
    closed = Answer(json.dumps({"code": "rest_disabled"}), 401, "application/json")
    server.pages |= {"/wp-json/": closed, "/wp-json/wp/v2/posts": closed}
    server.pages["/umpan/berita.xml"] = Answer(feed(shown, server), content_type="application/rss+xml")
    server.pages["/"] = Answer(_head(
        listing(shown), '<meta name="generator" content="WordPress 6.8">',
        f'<link rel="https://api.w.org/" href="{server.url("/wp-json/")}">',
        '<link rel="alternate" type="application/rss+xml" title="Komentar" href="/comments/feed/">',
        '<link rel="alternate" type="application/rss+xml" title="Umpan" href="/umpan/berita.xml">',
    ))  # fmt: skip
    return Site(server, shown)


def house_system(server: Loopback) -> Site:
    """A system of its own: short addresses with the article's number, a numbered pager, times in WITA."""
    told = tuple(
        replace(post, slug=f"read/{4000 + post.number}/{post.slug.split('-')[0]}") for post in posts(now())
    )
    shown = tuple(replace(signed(post, "KABAR HULU, TENGGARONG - "), slug=post.slug) for post in told)
    serve_pages(server, shown)
    for post in shown:
        page = article_page(post).replace(post.published.isoformat(), "")
        page = page.replace("Warta Teluk", "Kabar Hulu").replace(
            f"{post.published:%d/%m/%Y}</time>", f"{_printed(post)}</time>"
        )
        server.pages[post.path.rstrip("/")] = Answer(page)
    menu = '<nav><a href="/kategori/3/politik-dan-pemerintahan">Politik dan Pemerintahan Daerah</a></nav>'
    section = listing(shown[:3]).replace('/">', '">')
    server.pages["/kategori/3/politik-dan-pemerintahan"] = Answer(section)
    pager = "".join(f'<a href="/?hal={n}">{n}</a>' for n in (1, 2, 3))
    for number in (1, 2):
        part = shown[(number - 1) * 4 : number * 4]
        page = listing(part).replace('/">', '">').replace("Warta Teluk", "Kabar Hulu | Berita Terkini")
        page = page.replace("<body>", f"<body>{menu}").replace("</body>", f"<p>{pager}</p></body>")
        server.pages["/" if number == 1 else f"/?hal={number}"] = Answer(page)
    return Site(server, told)


def _printed(post: Post) -> str:
    months = [
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ]
    at = post.published
    return f"{at.day} {months[at.month - 1]} {at.year} | {at:%H:%M} WITA"


def front_page_only(server: Loopback) -> Site:
    """Nothing but a front page and articles: no feed, no sitemap, and no word of where it is."""
    shown = posts(now())
    serve_pages(server, shown)
    server.pages["/"] = Answer(listing(shown))
    return Site(server, shown)


class _Everything(dict[str, Page]):
    """Answers what is not there with the front page, and says 200."""

    def get(self, key: str, default: Page | None = None) -> Page | None:  # type: ignore[override]
        return super().get(key) or super().get("/")


def soft_404(server: Loopback) -> Site:
    """Every unknown address is the front page; robots.txt names a sitemap of news."""
    site = front_page_only(server)
    pages = _Everything(server.pages)
    robots = f"User-agent: *\nDisallow:\nSitemap: {server.url('/sitemap-news.xml')}\n"
    pages["/robots.txt"] = Answer(robots, content_type="text/plain")
    dated = sitemap(site.posts, server).replace("</loc>", f"</loc><lastmod>{now():%Y-%m-%d}</lastmod>")
    pages["/sitemap-news.xml"] = Answer(dated, content_type="application/xml")
    server.pages = pages
    return site


def crowded(server: Loopback) -> Site:
    """It names more than a look has requests for: broken feeds, an index of sitemaps, a list with a pager, three redirects."""
    shown = posts(now())
    serve_pages(server, shown)
    kinds = 'rel="alternate" type="application/rss+xml"'
    feeds = [f'<link {kinds} href="/umpan/{n}">' for n in range(5)]
    server.pages["/"] = Answer(_head(listing(shown, ["/indeks"]), *feeds))
    for n in range(5):
        server.pages[f"/umpan/{n}"] = Answer(status=302, headers={"Location": f"/pindah/{n}"})
    pager = "".join(f'<a href="/indeks?page={n}">{n}</a>' for n in (2, 3))
    server.pages["/indeks"] = Answer(listing(shown[:4]).replace("</body>", f"{pager}</body>"))
    server.pages["/indeks?page=2"] = Answer(listing(shown[4:]))
    robots = "User-agent: *\n" + "".join(f"Sitemap: {server.url(f'/peta-{n}.xml')}\n" for n in range(9))
    server.pages["/robots.txt"] = Answer(robots, content_type="text/plain")
    children = "".join(f"<sitemap><loc>{server.url(f'/anak-{n}.xml')}</loc></sitemap>" for n in range(9))
    for n in range(9):
        server.pages[f"/peta-{n}.xml"] = Answer(f"<sitemapindex>{children}</sitemapindex>")
        server.pages[f"/anak-{n}.xml"] = Answer(sitemap(shown, server))
    return Site(server, shown)


def forbidden(server: Loopback) -> Site:
    """robots.txt forbids everything."""
    site = front_page_only(server)
    server.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /\n", content_type="text/plain")
    return site


HOSTILE = 'Warta "Teluk\\"\u2028\x1b[31m\x85\nplatform = "antara"\n[[rules]]\n'


def hostile(server: Loopback) -> Site:
    """A site whose name, zone, feed and headlines want to be more than texts."""
    shown = tuple(
        replace(post, title=f"{post.title} [/b] \x1b[2J'''\n\"\"\"") for post in posts(now(), count=4)
    )
    serve_pages(server, shown)
    name = escape(HOSTILE).replace("\n", "&#10;").replace("\x1b", "&#27;").replace("\x85", "&#133;")
    server.pages["/"] = Answer(_head(
        listing(shown), f'<meta property="og:site_name" content="{name}">',
        f'<meta name="generator" content="WordPress {name}">',
        '<link rel="alternate" type="application/rss+xml" href="/umpan?a=&quot;]&#10;x={n}">',
    ))  # fmt: skip
    return Site(server, shown)


def empty(server: Loopback) -> Site:
    """A page with links, none of them an article's."""
    links = "".join(f'<a href="/{word}">{word}</a>' for word in ("tentang", "kontak", "redaksi"))
    server.pages["/"] = Answer(f"<html><title>Segera hadir</title><body>{links}</body></html>")
    return Site(server, ())


def unreadable(server: Loopback) -> Site:
    """It lists articles, and none of them can be had."""
    shown = posts(now())
    server.pages["/"] = Answer(listing(shown))
    return Site(server, ())


SITES: dict[str, Callable[[Loopback], Site]] = {
    site.__name__: site
    for site in (
        wordpress, closed_wordpress, house_system, front_page_only, soft_404, crowded, forbidden, hostile, empty, unreadable,
    )
}  # fmt: skip


def titles(shown: Sequence[Post]) -> list[str]:
    """The headlines, in alphabetical order."""
    return sorted(post.title for post in shown)
