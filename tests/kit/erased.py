"""An outlet with one article that has to go, and a search through every byte of a DATA_DIR for what is left of it."""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from html import escape
from pathlib import Path

import duckdb

from tests.kit.killing import Site
from tests.kit.large_outlet import write_source
from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import Post, article_page, feed, now, posts, rest, sitemap, source_file

TITLE = "Dermaga Kuwarasan Ditutup Setelah Wiranegara Mengadu"
PARAGRAPHS = (
    "Nelayan bernama Zulfadhli Wiranegara mengadukan dermaga Kuwarasan yang lapuk kepada petugas kelurahan. Ia "
    "menuturkan tiga papan patah ketika keranjang ikan diangkat pada malam hari.",
    "Petugas menutup jalan menuju dermaga itu dengan drum bekas sampai pemeriksaan selesai. Ongkos pengobatan "
    "Zulfadhli ditanggung tetangganya di Gang Merpati Hitam.",
    "Warga menunggu keterangan tertulis tentang papan pengganti dan jadwal pengerjaannya. Sampai petang tadi "
    "belum seorang pun menyanggupi tanggal pembukaan kembali.",
)
NEEDLES = ("kuwarasan", "wiranegara", "zulfadhli", "merpati hitam", "menyanggupi tanggal pembukaan")
"""Words that nothing else under the DATA_DIR has."""
RELATED = (
    '<aside class="related"><h3>Berita Terkait</h3><div><a href="{url}"><img src="/img/k.jpg" alt="{title}"></a>'
    '<h4><a href="{url}">{title}</a></h4><p>{excerpt}…</p></div></aside>'
    '<script type="application/ld+json">{{"@type": "ItemList", "itemListElement": [{{"@type": "ListItem", "url": "{url}", '
    '"name": "{title}", "description": "{excerpt}"}}]}}</script>'
)
"""What each page of the outlet shows of its newest articles."""


@dataclass(frozen=True)
class Outlet:
    """The site, and its article that has to go."""

    site: Site
    victim: Post
    kinds: tuple[str, ...]

    @classmethod
    def make(cls, server: Loopback, folder: Path, *kinds: str) -> Outlet:
        others = posts(now() - timedelta(hours=2), count=6)
        victim = Post(990, "dermaga-kuwarasan-ditutup-wiranegara", TITLE, PARAGRAPHS, others[0].published)
        name = "warta_hapus"
        write_source(folder / "sources", name, source_file(server, kinds))
        site = Site(server, (victim, *others), folder, kinds[0], name)
        outlet = cls(site, victim, kinds)
        outlet.serve()
        return outlet

    @property
    def url(self) -> str:
        return self.site.server.url(self.victim.path)

    def serve(self, shown: tuple[Post, ...] | None = None) -> None:
        """All documents of the outlet, of whichever kind: excerpts, whole texts in the feed, links to the article."""
        server, shown = self.site.server, shown or self.site.posts
        server.pages.clear()
        server.pages["/robots.txt"] = Answer("User-agent: *\nDisallow:\n", content_type="text/plain")
        for post in shown:
            server.pages[post.path] = Answer(self._page(post), etag=f'"{len(post.paragraphs)}-{post.slug}"')
        server.pages["/"] = Answer(self._listing(shown))
        items = feed(shown, server)
        for post in shown:
            whole = "".join(f"<p>{escape(each)}</p>" for each in post.paragraphs)
            link = f"<link>{server.url(post.path)}</link>"
            items = items.replace(link, f"{link}<content:encoded><![CDATA[{whole}]]></content:encoded>")
        items = items.replace("<rss ", '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" ')
        server.pages["/feed/"] = Answer(items, content_type="application/rss+xml")
        server.pages["/wp-sitemap.xml"] = Answer(sitemap(shown, server), content_type="application/xml")
        server.pages["/wp-json/wp/v2/posts"] = rest(shown, server)

    def edit(self) -> None:
        """The outlet changes the article: it has two versions once that is seen."""
        edited = replace(
            self.victim, paragraphs=(*PARAGRAPHS, "Drum itu dicat merah oleh Zulfadhli sendiri.")
        )
        self.serve((replace(edited, modified=now()), *self.site.posts[1:]))

    def _page(self, post: Post) -> str:
        page = article_page(post)
        if post.number == self.victim.number:
            return page
        related = RELATED.format(url=self.url, title=escape(TITLE), excerpt=PARAGRAPHS[0][:150])
        return page.replace("<footer>", f"{related}<footer>")

    def _listing(self, shown: tuple[Post, ...]) -> str:
        cards = "".join(
            f'<article class="post"><a href="{post.path}"><img src="/img/{post.slug}.jpg" alt="{escape(post.title)}"></a>'
            f'<a class="cat" href="/category/kota/">Kota</a><h2><a href="{post.path}">{escape(post.title)}</a></h2>'
            f"<p>{escape(post.paragraphs[0][:120])}…</p></article>"
            for post in shown
        )
        return f"<!doctype html><html><head><title>Warta Teluk</title></head><body><main>{cards}</main></body></html>"


def left_of(data_dir: Path, *needles: str) -> list[str]:
    """Where these words stand under a DATA_DIR: in any byte, unpacked, and in any row of its databases."""
    wanted = [needle.lower().encode() for needle in needles or NEEDLES]
    spelled = [needle.replace(b" ", b"-") for needle in wanted]
    return [
        f"{path.relative_to(data_dir)} ({what}): {needle.decode()}"
        for path in sorted(data_dir.rglob("*"))
        if path.is_file()
        for what, data in _contents(path)
        for needle in {*wanted, *spelled}
        if needle in data.lower()
    ]


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    data = path.read_bytes()
    yield "bytes", data
    if data.startswith(b"\x1f\x8b"):
        yield "unpacked", _unpacked(data)
    if path.name in ("store.duckdb", "news.duckdb"):
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'kept'")
            for (table,) in tables.fetchall():
                yield table, repr(connection.execute(f"FROM kept.{table}").fetchall()).encode()
    if path.suffix == ".parquet":
        with duckdb.connect() as connection:
            rows = connection.execute("FROM read_parquet(?)", [str(path)]).fetchall()
        yield "rows", repr(rows).encode()
    if path.name == "ledger.sqlite":
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            yield "dump", "\n".join(db.iterdump()).encode()


def _unpacked(data: bytes) -> bytes:
    whole = b""
    while data:
        member = zlib.decompressobj(wbits=31)
        whole += member.decompress(data) + member.flush()
        data = member.unused_data
    return whole


def copy_of(data_dir: Path, target: Path) -> Path:
    """A DATA_DIR of one's own with the same in it."""
    return Path(shutil.copytree(data_dir, target))
