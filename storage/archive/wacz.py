"""WACZ: archived pages in one file that others open (replayweb.page, pywb), with their index and their digests.

WACZ 1.1.1: a zip archive whose WARC and index are stored as they are, so that a reader can fetch one page of it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from storage.archive.members import Member
from storage.archive.reader import instant_of
from storage.disk import put_in_place

WARC = "archive/data.warc.gz"


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the list that a reader opens first."""

    url: str
    title: str | None
    at: datetime


def write_wacz(
    path: Path,
    members: Sequence[Member],
    pages: Iterable[Entry],
    now: datetime,
    software: str,
    more: Mapping[str, bytes] | None = None,
    sums: str | None = None,
) -> None:
    """Write these records into a WACZ, whole or not at all; `more`: further files, by their names in it.

    `sums`: the name of a list of all their digests, as sha256sum writes it. Null: none is wanted.
    """
    warc, lines = b"", []
    listed = [*pages]
    for member in members:
        if member.kind == "response":
            lines.append(_index_line(member, len(warc)))
        warc += member.data
    files = {
        WARC: warc,
        "indexes/index.cdxj": "".join(sorted(lines)).encode(),
        "pages/pages.jsonl": _pages(listed),
        **(more or {}),
    }
    package = _package(files, listed, now, software)
    files["datapackage.json"] = package
    files["datapackage-digest.json"] = _json({"path": "datapackage.json", "hash": _sha256(package)})
    if sums is not None:
        lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items()]
        files[sums] = "".join(lines).encode()
    made = path.with_name(f"{path.name}.new")
    made.unlink(missing_ok=True)
    try:
        with zipfile.ZipFile(made, "x", zipfile.ZIP_STORED) as packed:
            for name, data in files.items():
                packed.writestr(zipfile.ZipInfo(name, _zip_time(now)), data)
        put_in_place(made, path)
    except OSError:
        made.unlink(missing_ok=True)
        raise


def surt(url: str) -> str:
    """The key that an index is sorted by, in the form of the Internet Archive's `surt`, which pywb asks by.

    The host's names from the end, then the path without its last slash, all in lower case.
    """
    parts = urlsplit(url)
    host = re.sub(r"^www\d*\.", "", (parts.hostname or "").lower())
    names = ",".join(reversed(host.split(".")))
    port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    path = posixpath.normpath(re.sub(r"/{2,}", "/", f"/{_unescaped(parts.path)}")).lower()
    query = "&".join(sorted(_unescaped(parts.query).lower().split("&")))
    return f"{names}{port}){_escaped(path)}{'?' if query else ''}{_escaped(query)}"


def _unescaped(text: str) -> str:
    """Without escapes, however often they were escaped."""
    while (once := unquote(text, errors="surrogateescape")) != text:
        text = once
    return text


def _escaped(text: str) -> str:
    """With escapes for what is no visible sign of ASCII, and for # and %."""
    signs = (
        chr(byte) if 0x20 < byte < 0x7F and byte not in b"#%" else f"%{byte:02x}"
        for byte in text.encode(errors="surrogateescape")
    )
    return "".join(signs)


def _index_line(member: Member, offset: int) -> str:
    url = member.headers.get("warc-target-uri", "")
    moment = instant_of(member.headers.get("warc-date"))
    head, _, body = member.block.partition(b"\r\n\r\n")
    status, *headers = head.decode("utf-8", "replace").split("\r\n")
    kinds = [line.partition(":")[2] for line in headers if line.lower().startswith("content-type:")]
    facts = {
        "url": url,
        "mime": (kinds[0] if kinds else "").partition(";")[0].strip() or "unk",
        "status": status.split(" ")[1] if status.count(" ") else "-",
        "digest": f"sha1:{base64.b32encode(hashlib.sha1(body).digest()).decode()}",  # the index's form
        "length": str(len(member.data)),
        "offset": str(offset),
        "filename": WARC.rpartition("/")[2],
    }
    return f"{surt(url)} {moment:%Y%m%d%H%M%S} {json.dumps(facts, ensure_ascii=False)}\n"


def _pages(pages: Iterable[Entry]) -> bytes:
    lines: list[dict[str, Any]] = [{"format": "json-pages-1.0", "id": "pages", "title": "Pages"}]
    lines += [
        {
            "id": hashlib.sha256(f"{page.url} {page.at}".encode()).hexdigest()[:16],
            "url": page.url,
            "ts": _instant(page.at),
            **({"title": page.title} if page.title else {}),
        }
        for page in pages
    ]
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode()


def _package(files: Mapping[str, bytes], pages: Sequence[Entry], now: datetime, software: str) -> bytes:
    return _json(
        {
            "profile": "data-package",
            "wacz_version": "1.1.1",
            "software": software,
            "created": _instant(now),
            **({"mainPageURL": pages[0].url, "mainPageDate": _instant(pages[0].at)} if pages else {}),
            "resources": [
                {
                    "name": name.rpartition("/")[2].lower(),  # a data package allows no capitals
                    "path": name,
                    "hash": _sha256(data),
                    "bytes": len(data),
                }
                for name, data in files.items()
            ],
        }
    )


def _json(value: object) -> bytes:
    return f"{json.dumps(value, ensure_ascii=False, indent=1)}\n".encode()


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _zip_time(now: datetime) -> tuple[int, int, int, int, int, int]:
    at = now.astimezone(UTC)
    return (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second)
