"""A small real record with everything in it that the pages of `scrapy explore` show, hostile titles and texts too."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pipelines.article import Article
from pipelines.names.actors import Actor
from storage import actors
from storage.archive.writer import SegmentWriter
from storage.batch import Batch
from storage.connection import Store
from storage.data_dir import DataDir
from storage.merge import merge
from storage.publish import open_published
from storage.rows import append
from storage.store import open_store
from tests.kit.factories import MORNING, STORY, article, page, prose, run_row
from tests.kit.running import CHECKOUT, SCRAPY, clean_environment

EDITED = STORY.replace("48 perahu", "62 perahu")
HOSTILE = {
    "script": "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> Dermaga",
    "style": "</title><style>body{display:none}</style><link rel=stylesheet href=https://evil.example/x.css> Pasar",
    "svg": "<svg onload=\"document.title='owned'\"><image href=https://evil.example/i.png></svg> Perahu",
    "turned": "Harga \u202e000.1pR \u2066ikan\u2069 naik \u0627\u0644\u0633\u0648\u0642 sekarang",
    "long": "panjang" * 15_000,
    "template": "{{ 7 * 7 }} {% for x in y %} ' OR 1=1; -- ${7*7} Kampung",
    "address": "javascript:document.title='owned'",
}
"""By name, titles of strangers; none may do anything."""
ARCHIVED = """<!doctype html><html><head><title>Dermaga</title>
<meta http-equiv="refresh" content="0; url=https://evil.example/">
<link rel="preconnect" href="https://evil.example"><link rel="stylesheet" href="https://evil.example/s.css">
<base href="https://evil.example/"><style>p{color:#123456}</style></head>
<body background="https://evil.example/b.png" onload="document.title='owned'">
<script>document.title='owned';fetch('https://evil.example/')</script>
<p>Isi halaman arsip.</p><img src="https://evil.example/i.png" srcset="https://evil.example/2.png 2x">
<img alt="titik" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><a href="javascript:alert(1)" ping="https://evil.example/p">x</a>
<a href="https://wartapesisir.example/lain/">Baca juga</a>
<iframe src="https://evil.example/f"></iframe><form action="https://evil.example/"><input autofocus><button>Kirim</button></form>
<svg><image href="https://evil.example/i.svg"/><script>document.title='owned'</script></svg></body></html>"""
"""A page that would reach for the network, and run, if it could."""


def fill(data_dir: DataDir) -> None:
    """Put the record there, published: two outlets, thirty days, an edit, a copy, a withdrawal, paid content."""
    with closing(SegmentWriter(data_dir.segments, "warta_pesisir", MORNING)) as writer:
        kept = writer.append(page(body=ARCHIVED.encode()))
    first = replace(_told(), segment=writer.name, record_offset=kept.record_offset)
    with open_store(data_dir, wait_s=5) as store:
        merge(store, Batch(articles=(first,)))
        merge(store, Batch(articles=(_copy(), _told(EDITED, at=MORNING + timedelta(days=1)))))
        merge(store, Batch(articles=tuple(_others())))
        with store.transaction() as connection:
            _describe(store)
            connection.execute(
                "INSERT INTO kept.removals SELECT article_id, ?, NULL FROM kept.articles WHERE title LIKE 'Pasar%'",
                [MORNING + timedelta(days=3)],
            )
            connection.execute(
                "UPDATE kept.versions SET removed_at = ? WHERE title LIKE 'Pasar%'",
                [MORNING + timedelta(days=3)],
            )
        actors.put(
            store,
            [
                Actor("hamzah", "Hamzah", "person", office="ketua kelompok nelayan"),
                Actor("nelayan", "Dinas Perikanan", "office", spellings=("dinas perikanan",)),
                Actor("sunyi", "Tidak Pernah Disebut", "person"),
            ],
            None,
        )


def _told(text: str = STORY, **more: Any) -> Article:
    return replace(
        article(text=text, published=MORNING - timedelta(hours=2), **more),
        dateline="Bontang",
        authors=("Sari",),
        tags=("nelayan",),
    )


def _copy() -> Article:
    """What the other outlet took over, an hour later."""
    return replace(
        article(
            "https://kabarteluk.example/dermaga-diperbaiki/",
            f"{STORY}\nWarga menyambutnya.",
            source="kabar_teluk",
            title="Dermaga Tanjung Limau Diperbaiki Warga",
            published=MORNING - timedelta(hours=1),
        ),
        credited_source="Warta Pesisir",
        is_advertorial=True,
        advertorial_from="label",
        advertorial_sponsor="Dinas <b>Perikanan</b>",
        usage_notice="noarchive, <i>noai</i>",
    )


def _others() -> Iterator[Article]:
    for number in range(24):
        at = MORNING - timedelta(days=number, hours=3)
        yield article(
            f"https://wartapesisir.example/berita-{number}/",
            f"{prose(number)}\nWarga Bontang hadir.",
            title=f"{'Pasar' if number == 7 else 'Berita'} {number} dari Bontang",
            at=at,
            published=at,
        )
    for number, (name, title) in enumerate(HOSTILE.items()):
        url = f"https://kabarteluk.example/{name}/" if name != "address" else title
        yield replace(
            article(
                f"https://kabarteluk.example/{name}/",
                f"{title}\n{prose(100 + number)}\n{title}",
                source="kabar_teluk",
                title=title,
                published=MORNING - timedelta(days=number),
            ),
            url=url,
            section=title,
            dateline=title,
            authors=(title,),
            tags=(title,),
            credited_source=title,
        )


def _describe(store: Store) -> None:
    """Their source files, a run a day but for some, and an incident."""
    for number, (source, title) in enumerate(
        (("warta_pesisir", "Warta Pesisir"), ("kabar_teluk", "Kabar <i>Teluk</i>"))
    ):
        append(
            store,
            "sources",
            [
                {
                    "source": source,
                    "title": title,
                    "home": "javascript:alert(1)" if number else "https://wartapesisir.example/",
                    "region": "Bontang",
                    "province": "64",
                    "timezone": "Asia/Makassar",
                    "platform": "wordpress",
                    "enabled": True,
                    "followed": True,
                    "notice": "Dilarang <script>mengutip</script>" if number else None,
                }
            ],
        )
        days = [MORNING.date() - timedelta(days=back) for back in range(30) if back % 9]
        append(store, "crawls", [_run(source, day) for day in days])
        append(store, "published", [_list(source, day) for day in days if not number])
    append(
        store,
        "incidents",
        [
            {
                "source": "kabar_teluk",
                "kind": "silent",
                "opened_at": MORNING,
                "closed_at": None,
                "detail": "0 articles",
            }
        ],
    )


def _run(source: str, day: date) -> dict[str, object]:
    return run_row(day, day) | {"source": source, "crawl_id": f"{source}-{day}", "entry": "rss <b>feed</b>"}


def _list(source: str, day: date) -> dict[str, object]:
    return {"source": source, "day": day, "published": 2, "entry": "rss", "told_at": MORNING}


@dataclass(frozen=True)
class Ids:
    """Where the record's pages lie."""

    edited: str
    copy: str
    story: str
    hostile: dict[str, str]
    """By the names of HOSTILE."""

    def paths(self) -> list[str]:
        """An address of every kind of page."""
        return [
            "/", "/search", "/search?q=dermaga", "/search?q=%22tanjung+limau%22+-pasar", "/outlets", "/outlet/warta_pesisir",
            "/outlet/kabar_teluk", "/stories", f"/story/{self.story}", "/actors", "/actor/hamzah", "/actor/sunyi",
            "/paid", "/changes", "/sql", "/sql?q=SELECT+1+AS+satu", "/sql?q=SELEC", "/dictionary", f"/article/{self.edited}",
            f"/article/{self.copy}", *(f"/article/{each}" for each in self.hostile.values()), "/article/nothing",
        ]  # fmt: skip


def ids(data_dir: DataDir) -> Ids:
    with open_published(data_dir) as copy:
        found = dict(copy.execute("SELECT title, article_id FROM articles").fetchall())
        ((edited, story),) = copy.execute(
            "SELECT article_id, story_id FROM articles WHERE version = 2"
        ).fetchall()
    return Ids(
        edited,
        found["Dermaga Tanjung Limau Diperbaiki Warga"],
        story,
        {name: found[title] for name, title in HOSTILE.items()},
    )


@contextmanager
def explored(data_dir: Path, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`scrapy explore` as it is typed, at a free port: its first line, the address, and the process."""
    process = subprocess.Popen(
        [*SCRAPY, "explore", "--port", "0", "-s", f"DATA_DIR={data_dir}", *arguments],
        cwd=CHECKOUT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.communicate()
