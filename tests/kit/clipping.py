"""A digest with everything in it that a format has to show, and words that would do harm where they are not text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from crawler.digest.model import (
    Change,
    DayGap,
    Digest,
    Hole,
    Item,
    Outlet,
    Piece,
    Topic,
    Trouble,
    Uncorrected,
)
from pipelines.sentences import Excerpt

UNTIL = datetime(2024, 11, 25, 0, 5, tzinfo=UTC)
FOUND = datetime(2024, 11, 24, 3, 0, tzinfo=UTC)

ITEM = Item(
    article_id="a1",
    source="warta_pesisir",
    title="Neni Resmikan Dermaga Baru di Tanjung Limau",
    url="https://wartapesisir.example/dermaga/",
    published_at=datetime(2024, 11, 24, 1, 15, tzinfo=UTC),
    published_on=date(2024, 11, 24),
    has_time=True,
    found_at=FOUND,
    is_late=False,
    is_advertorial=False,
    sponsor=None,
    notice=None,
    removed_at=None,
    excerpt=Excerpt("Wali kota Neni datang. Ia membuka acara.", ((10, 14),)),
    copy_of=None,
    also=("kabar_teluk", "lensa_timur"),
)
PAID = replace(
    ITEM,
    article_id="a2",
    source="kabar_teluk",
    title="Pojok Dongeng Perpustakaan",
    url=None,
    published_at=None,
    published_on=date(2024, 8, 20),
    has_time=False,
    is_late=True,
    is_advertorial=True,
    sponsor="DPRD Kaltim",
    notice="ralat",
    also=("lensa_timur",),
    copy_of="lensa_timur",
)
WITHDRAWN = replace(
    ITEM, article_id="a3", title=None, published_on=None, published_at=None, has_time=False,
    removed_at=datetime(2024, 11, 24, 12, 0, tzinfo=UTC), excerpt=Excerpt(""), also=(),
)  # fmt: skip
EDIT = Change(
    "edit", "a4", "lensa_timur", "Jumlah Perahu Bertambah", "https://lensatimur.example/perahu/", FOUND,
    "figure", None, (Piece("sebanyak", "48", "50", "perahu ditambatkan"), Piece("", "", "Ralat:", "")), 2, 3,
)  # fmt: skip
GONE = Change(
    "gone", "a5", "warta_pesisir", "Berita yang Hilang", "https://wartapesisir.example/hilang/", FOUND
)
BACK = Change(
    "back", "a6", "warta_pesisir", "Berita yang Kembali", "https://wartapesisir.example/ada/", FOUND
)
CARRIED = Uncorrected(
    "a7", "kabar_teluk", "Salinan Lama", "https://kabarteluk.example/salinan/",
    "a4", "lensa_timur", "https://lensatimur.example/perahu/", FOUND,
)  # fmt: skip

DIGEST = Digest(
    list_name="istilah",
    since=datetime(2024, 11, 23, 23, 0, tzinfo=UTC),
    until=UNTIL,
    zone="Asia/Makassar",
    is_first=False,
    is_ad_hoc=False,
    clock_stepped_back=False,
    has_names=True,
    collected=120,
    named=3,
    elsewhere=4,
    standing_uncorrected=2,
    outlets=(
        Outlet("kabar_teluk", "Kabar Teluk", "Asia/Makassar"),
        Outlet("lensa_timur", "Lensa Timur", "Asia/Jayapura"),
        Outlet("warta_pesisir", "Warta Pesisir", "Asia/Makassar"),
        Outlet("radar_hulu", "Radar Hulu", "Asia/Jakarta"),
    ),
    topics=(
        Topic("neni", "Neni Moerniaeni", "person", (PAID, ITEM, WITHDRAWN), (EDIT, GONE, BACK), (CARRIED,)),
        Topic("dermaga-0a1b2c", "dermaga", "term", (ITEM,)),
        Topic("sepi-0a1b2c", "sepi", "term"),
    ),
    holes=(
        Hole("kabar_teluk", FOUND, (date(2024, 11, 25),), False, ()),
        Hole("lensa_timur", FOUND, (), False, (DayGap(date(2024, 11, 24), 9, 14, 1), DayGap(date(2024, 11, 25), 2, None, 3))),
        Hole("warta_pesisir", FOUND, (), True, ()),
        Hole("radar_hulu", None, (date(2024, 11, 24), date(2024, 11, 25)), False, ()),
    ),
    troubles=(Trouble("radar_hulu", "refused", FOUND), Trouble(None, "disk_filling", FOUND)),
)  # fmt: skip

HOSTILE = (
    "</style></p><script>alert(1)</script><img src=x onerror=y> [klik](javascript:alert(1)) ![x](http://jahat.example/x) "
    "`kode` *tebal* | tabel | {{ 7*7 }} &amp; ]]> \u202e\x1b[2J\ufffe www.jahat.example https://jahat.example/"
)


def hostile() -> Digest:
    """The same with harm wherever an outlet, or a list, has words."""
    url = 'https://wartapesisir.example/a"onclick="x/><script>(b)>\n'
    item = replace(
        ITEM,
        title=HOSTILE,
        url=url,
        sponsor=HOSTILE,
        is_advertorial=True,
        notice=HOSTILE,
        excerpt=Excerpt(f"=1+1 {HOSTILE}", ((0, 4), (5, 20))),
    )
    change = replace(EDIT, title=f"=cmd|'/c calc'!A1 {HOSTILE}", url="javascript:alert(1)", edit_kind=HOSTILE,
                     pieces=(Piece(HOSTILE, HOSTILE, HOSTILE, HOSTILE),))  # fmt: skip
    copy = replace(CARRIED, title=HOSTILE, url="data:text/html,x", original_url=url)
    return replace(
        DIGEST,
        list_name=HOSTILE,
        outlets=tuple(replace(each, title=f"{each.title} {HOSTILE}") for each in DIGEST.outlets),
        topics=(
            Topic("neni", HOSTILE, "person", (item,), (change,), (copy,)),
            Topic("sepi", HOSTILE, "term"),
        ),
        troubles=(Trouble(HOSTILE, HOSTILE, FOUND),),
    )
