"""Files of another crawler that make a record of many kinds of rows, and what two records differ in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from storage.data_dir import DataDir
from storage.publish import open_published
from tests.kit.factories import STORY, prose
from tests.kit.foreign import by_record, http, record

PLACES = frozenset({"segment", "record_offset", "chain_head"})
"""Where a page is archived: it differs from run to run."""


def page_of(title: str, *paragraphs: str, head: str = "", foot: str = "") -> bytes:
    """A page of an outlet with one article."""
    body = "".join(f"<p>{each}</p>" for each in paragraphs)
    return (
        f"<html><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>"
        f"<div class='entry-content'>{body}</div></article>{foot}</body></html>"
    ).encode()


def answer(url: str, body: bytes, day: int = 20, status: str = "HTTP/1.1 200 OK") -> bytes:
    """The record of a page, asked for on a day of November 2024."""
    return record(http(body, status=status), url, date=f"2024-11-{day:02}T01:00:00Z")


def in_parts(name: str, *texts: str) -> list[bytes]:
    """The records of an article in parts, each of which links the next."""
    url = f"https://expresi.co/{name}/"
    named = f"<link rel='canonical' href='{url}'>"
    found = []
    for at, text in enumerate(texts, 1):
        more = f"<a href='?page={at + 1}'>Selanjutnya</a>" if at < len(texts) else ""
        title = f"Berita {name}" + (f" - Halaman {at}" if at > 1 else "")
        found.append(
            answer(f"{url}?page={at}" if at > 1 else url, page_of(title, text, head=named, foot=more))
        )
    return found


def archives(folder: Path) -> list[Path]:
    """Two WARC files and a text: articles and their edits, copies on one day, articles in parts far from each other,
    a removal, looks that found an article unchanged, pages that are none, hosts that no source names, an answer twice."""
    folder.mkdir(parents=True, exist_ok=True)
    long = in_parts("panjang", STORY, prose(71), prose(72))
    lone, lost = (
        in_parts("sendiri", STORY + " " + prose(5), prose(73)),
        in_parts("hilang", prose(6), prose(74)),
    )
    plain = [
        answer(f"https://expresi.co/berita-{n}/", page_of(f"Berita nomor {n}", prose(n))) for n in range(9)
    ]
    copies = [
        answer(f"https://{host}/salinan/", page_of("Dermaga Diperbaiki", prose(50), prose(51)))
        for host in ("portalborneo.id", "expresi.co", "chanetujuh.com", "jauh.example")
    ]
    edited = answer("https://expresi.co/berita-3/", page_of("Berita nomor 3", prose(3), prose(33)), 22)
    gone = [
        answer("https://expresi.co/berita-4/", b"Tidak ada", day, "HTTP/1.1 404 Not Found")
        for day in (21, 23)
    ]
    revisits = [
        record(http(b""), f"https://expresi.co/{name}/", kind="revisit", date="2024-11-24T05:00:00Z")
        for name in ("berita-5", "berita-8", "tidak-dikenal")
    ]
    others = [
        answer("https://expresi.co/", page_of("Beranda", "Kabar terbaru.")),
        record(http(b"\xff\xd8", kind="image/jpeg"), "https://expresi.co/gambar.jpg"),
    ]
    first = [
        long[2],
        *plain[:5],
        revisits[1],
        copies[0],
        long[0],
        lone[0],
        *others,
        copies[3],
        gone[1],
        revisits[0],
    ]
    second = [lost[1], *plain[4:], copies[1], edited, long[1], copies[2], gone[0], revisits[2]]
    files = [folder / "b-dua.warc.gz", folder / "a-satu.warc.gz"]
    for file, records in zip(files, (first, second), strict=True):
        file.write_bytes(by_record(records))
    text = folder / "berita.txt"
    text.write_text(prose(90), encoding="utf-8")
    return [*files, text]


def public_rows(data_dir: DataDir, without: Sequence[str] = ()) -> dict[str, list[str]]:
    """View → its rows, in an order of their own, but for where pages are archived and when single files were read."""
    with closing(open_published(data_dir)) as copy:
        views = copy.execute(
            "SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal UNION ALL"
            " SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' ORDER BY 1"
        ).fetchall()
        assert len(views) > 15
        found = {}
        for (view,) in views:
            if view in ("segments", "segment_chain") or view in without:
                continue
            named = [name for name, *_ in copy.execute(f"DESCRIBE {view}").fetchall() if name not in PLACES]
            rows = copy.execute(f"SELECT {', '.join(named)} FROM {view}").fetchall()
            found[view] = sorted(_timeless(repr(row)) for row in rows)
    return found


def _timeless(row: str) -> str:
    """Without instants of this year: a single file is dated by when it is read."""
    return re.sub(r"datetime\.datetime\(202[5-9], [^)]*\)|datetime\.date\(202[5-9], [^)]*\)", "now", row)
