"""An invented outlet, "Warta Teluk": its articles, and its documents as a WordPress would print them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from zoneinfo import ZoneInfo

from tests.kit.loopback import Answer, Asked, Loopback

WITA = ZoneInfo("Asia/Makassar")


@dataclass(frozen=True)
class Post:
    """One article of the outlet. `published` is zone-aware."""

    number: int
    slug: str
    title: str
    paragraphs: tuple[str, ...]
    published: datetime
    modified: datetime | None = None

    @property
    def path(self) -> str:
        return f"/{self.slug}/"

    @property
    def text(self) -> str:
        """What must stand in the database."""
        return "\n".join(self.paragraphs)


_TEXTS = (
    (
        "Warga Loktuan Gotong Royong Bersihkan Saluran Air",
        "Puluhan warga Kelurahan Loktuan turun membersihkan saluran air di tiga gang yang kerap tergenang setiap "
        "hujan lebat. Mereka membawa cangkul, karung, dan gerobak sejak pukul enam pagi.",
        "Ketua RT setempat, Hamdan Yusuf, mengatakan endapan lumpur sudah setinggi lutut. Sedikitnya empat puluh "
        "karung sampah plastik terangkut dari bawah jembatan kecil di ujung gang.",
    ),
    (
        "Nelayan Tanjung Limau Mulai Pakai Kotak Pendingin",
        "Koperasi nelayan Tanjung Limau membagikan dua puluh kotak pendingin kepada anggotanya. Selama ini ikan "
        "tongkol sering rusak sebelum sampai di pelelangan karena es batu cepat mencair.",
        "Menurut pengurus koperasi, Sitti Rahmah, kerugian nelayan dapat mencapai seperlima hasil tangkapan pada "
        "musim panas. Kotak itu dibeli dari sisa hasil usaha tahun lalu.",
    ),
    (
        "Siswa SMP di Guntung Rakit Alat Ukur Curah Hujan",
        "Sekelompok siswa merakit alat ukur curah hujan dari botol bekas dan papan kayu untuk pelajaran ilmu "
        "pengetahuan alam. Alat itu dipasang di halaman sekolah dan dicatat setiap pagi.",
        "Guru pembimbing, Marlina Tandi, berharap catatan enam bulan dapat dibandingkan dengan data bandara. Para "
        "siswa bergiliran menjaga buku catatan agar tidak ada hari yang terlewat.",
    ),
    (
        "Pasar Rawa Indah Tambah Kios untuk Pedagang Sayur",
        "Pengelola pasar menambah delapan belas kios di sisi barat untuk pedagang sayur yang selama ini berjualan "
        "di trotoar. Penempatan diundi terbuka agar tidak menimbulkan kecemburuan.",
        "Seorang pedagang bayam, Nurhayati, menyambut pemindahan itu asalkan tarif sewanya tetap. Kios baru mulai "
        "dipakai setelah sambungan listrik selesai pekan depan.",
    ),
    (
        "Posyandu Lansia Berebas Tengah Buka Layanan Mata",
        "Lansia di Berebas Tengah kini dapat memeriksakan mata tanpa pergi ke rumah sakit. Seorang perawat datang "
        "setiap Rabu kedua dengan kartu baca dan lampu periksa.",
        "Pada hari pertama tercatat tiga puluh satu orang mendaftar. Sembilan di antaranya dirujuk karena diduga "
        "katarak dan perlu pemeriksaan lanjutan oleh dokter spesialis.",
    ),
    (
        "Klub Voli Putri Bontang Kuala Juara Turnamen Antarkampung",
        "Tim voli putri Bontang Kuala menutup turnamen antarkampung tanpa sekali pun kalah. Di partai puncak mereka "
        "menang tiga set langsung atas tuan rumah di lapangan terbuka.",
        "Pelatih Andi Baso memuji ketenangan pemainnya saat angin laut kencang mengganggu servis. Hadiah uang pembinaan "
        "akan dipakai membeli net dan bola baru.",
    ),
    (
        "Perajin Anyaman Kampung Malahing Terima Pesanan Kantor",
        "Perajin anyaman dari Kampung Malahing menerima pesanan dua ratus tas rapat dari sejumlah kantor. Bahan "
        "bakunya daun nipah yang dijemur tiga hari lalu dibelah tipis.",
        "Rosdiana, salah seorang perajin, dibantu enam tetangganya mengejar tenggat akhir bulan. Ia berharap pesanan "
        "serupa datang rutin supaya anak muda mau belajar menganyam.",
    ),
    (
        "Perpustakaan Keliling Singgah di Pelabuhan Tanjung Laut",
        "Mobil perpustakaan keliling kini singgah di pelabuhan Tanjung Laut setiap Sabtu sore. Anak buah kapal dan "
        "keluarga penumpang dapat meminjam buku selama dua pekan.",
        "Pustakawan Yulius Palinggi menuturkan buku resep dan komik paling cepat habis. Peminjam cukup menunjukkan "
        "kartu identitas, dan pengembalian boleh dititipkan kepada petugas loket.",
    ),
)


def posts(
    newest: datetime, step: timedelta = timedelta(hours=3), count: int = len(_TEXTS)
) -> tuple[Post, ...]:
    """So many articles, newest first, `step` apart."""
    return tuple(
        Post(
            number=900 - n,
            slug="-".join(title.lower().split()),
            title=title,
            paragraphs=tuple(paragraphs),
            published=(newest - n * step).astimezone(WITA).replace(microsecond=0),
        )
        for n, (title, *paragraphs) in enumerate(_TEXTS[:count])
    )


def now() -> datetime:
    """An hour ago: nothing that the outlet prints lies in the future."""
    return datetime.now(UTC) - timedelta(hours=1)


def article_page(post: Post, charset: str = "UTF-8") -> str:
    """The article's own page."""
    body = "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in post.paragraphs)
    return f"""<!doctype html>
<html lang="id-ID"><head>
<meta charset="{charset}">
<title>{escape(post.title)} – Warta Teluk</title>
<meta property="og:type" content="article">
<meta property="og:title" content="{escape(post.title)}">
<meta property="article:published_time" content="{post.published.isoformat()}">
</head><body>
<nav><ul><li><a href="/">Beranda</a></li><li><a href="/category/kota/">Kota</a></li></ul></nav>
<article><h1 class="entry-title">{escape(post.title)}</h1>
<time class="entry-date published" datetime="{post.published.isoformat()}">{post.published:%d/%m/%Y}</time>
<div class="entry-content">
{body}
</div></article>
<footer>Warta Teluk</footer>
</body></html>"""


def listing(shown: Sequence[Post], links: Sequence[str] = (), older: str | None = None) -> str:
    """A front page without any date: the articles, further links, and the way to older ones."""
    items = "\n".join(f'<h2><a href="{post.path}">{escape(post.title)}</a></h2>' for post in shown)
    items += "\n".join(f'<h2><a href="{link}">Berita lain</a></h2>' for link in links)
    further = f'<div class="nav-links"><a class="next" href="{older}">Berikutnya</a></div>' if older else ""
    return f"<!doctype html><html><head><title>Warta Teluk</title></head><body>{items}{further}</body></html>"


def feed(shown: Sequence[Post], server: Loopback) -> str:
    """RSS 2.0 with excerpts only, as most outlets have it."""
    items = "".join(
        f"<item><title>{escape(post.title)}</title><link>{server.url(post.path)}</link>"
        f"<pubDate>{format_datetime(post.published.astimezone(UTC))}</pubDate>"
        f'<guid isPermaLink="false">{server.home}?p={post.number}</guid></item>'
        for post in shown
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Warta Teluk</title>{items}</channel></rss>'
    )


def sitemap(shown: Sequence[Post], server: Loopback) -> str:
    """A plain sitemap without dates."""
    items = "".join(f"<url><loc>{server.url(post.path)}</loc></url>" for post in shown)
    return (
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{items}</urlset>'
    )


def rest(shown: Sequence[Post], server: Loopback) -> Callable[[Asked], Answer]:
    """The REST collection: applies `after`, `before`, `modified_after`, `page` and `per_page` as WordPress does."""

    def collection(asked: Asked) -> Answer:
        query = asked.query
        wanted = sorted(shown, key=lambda post: post.published, reverse=True)
        if after := query.get("after"):
            wanted = [post for post in wanted if post.published > _instant(after)]
        if before := query.get("before"):
            wanted = [post for post in wanted if post.published < _instant(before)]
        if since := query.get("modified_after"):
            wanted = [post for post in wanted if (post.modified or post.published) > _instant(since)]
        size, number = int(query.get("per_page", 10)), int(query.get("page", 1))
        pages = -(-len(wanted) // size)
        if number > max(pages, 1):
            return Answer(
                json.dumps({"code": "rest_post_invalid_page_number"}), 400, "application/json; charset=UTF-8"
            )
        return Answer(
            json.dumps([_as_rest(post, server) for post in wanted[(number - 1) * size : number * size]]),
            content_type="application/json; charset=UTF-8",
            headers={"X-WP-Total": str(len(wanted)), "X-WP-TotalPages": str(pages)},
        )

    return collection


def _as_rest(post: Post, server: Loopback) -> dict[str, object]:
    changed = post.modified or post.published
    return {
        "id": post.number,
        "date": post.published.astimezone(WITA).strftime("%Y-%m-%dT%H:%M:%S"),
        "date_gmt": post.published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "modified_gmt": changed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "slug": post.slug,
        "status": "publish",
        "type": "post",
        "link": server.url(post.path),
        "title": {"rendered": escape(post.title)},
        "content": {"rendered": "\n".join(f"<p>{escape(each, quote=False)}</p>" for each in post.paragraphs)},
        "excerpt": {"rendered": ""},
    }


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=WITA)


def serve_pages(server: Loopback, shown: Sequence[Post]) -> None:
    """Put every article's own page on the server, and a robots.txt that allows all."""
    server.pages.setdefault("/robots.txt", Answer("User-agent: *\nDisallow:\n", content_type="text/plain"))
    for post in shown:
        server.pages[post.path] = Answer(article_page(post), delay_s=0.02)


def edited(post: Post, paragraph: str, at: datetime) -> Post:
    """The article with one more paragraph, and a later time of change."""
    return replace(post, paragraphs=(*post.paragraphs, paragraph), modified=at)


def source_file(server: Loopback, kinds: Sequence[str], more: str = "") -> str:
    """A source file for the outlet on this server, with entries of these kinds."""
    addresses = {
        "wordpress": "/wp-json/wp/v2/posts",
        "rss": "/feed/",
        "sitemap": "/wp-sitemap.xml",
        "listing": "/",
    }
    entries = "".join(f'[[entry]]\nkind = "{kind}"\nurl = "{addresses[kind]}"\n' for kind in kinds)
    return (
        f'title = "Warta Teluk"\nhome = "{server.home}"\nregion = "Bontang"\nprovince = "64"\n'
        f'timezone = "Asia/Makassar"\nplatform = "wordpress"\n{more}\n{entries}'
    )
