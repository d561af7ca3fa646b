"""A bundle from which anybody can check, without Kabar, that a page lay in the archive by a day and was not changed since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from importlib.metadata import version as version_of
from importlib.resources import files
from pathlib import Path
from typing import Any

from crawler.errors import ArgumentError
from crawler.evidence.page import ArchivedPage
from crawler.evidence.stamp import first_stamp, stamp_of
from storage.archive.chain import Link, broken, extend, file_digest, list_of, newest_of
from storage.archive.record import ArchiveError
from storage.archive.wacz import Entry, write_wacz
from storage.chain import lost_lines
from storage.data_dir import DataDir

LIBRARIES = ("trafilatura", "lxml", "langdetect", "babel")
"""What reads a page besides our own code, and may read it otherwise in another version."""


@dataclass(frozen=True, slots=True)
class Proved:
    """What a bundle proves."""

    segment: str
    number: int
    closed_at: str
    """Instant of its line in the chain."""
    stamped: int | None
    """Number of the stamped line. Null: none of those behind it has a stamp."""


def prove(
    kept: DataDir,
    copy: Any,
    page: ArchivedPage,
    row: dict[str, Any],
    file: Path,
    software: str,
    now: datetime,
) -> Proved:
    """Write the bundle; `copy` is the database. `ArgumentError` where the chain does not hold, or the segment is not the one that it has."""
    segment = page.place.segment or ""
    try:
        chain = extend(kept.segments, now, lost=partial(lost_lines, copy))
    except ArchiveError as error:
        raise ArgumentError(
            f"{error}: it was changed, so it proves nothing; put it back from a backup"
        ) from error
    if (fault := broken(chain)) is not None:
        raise ArgumentError(
            f"{kept.segments / 'chain.txt'}: {fault.why}: it was changed, so it proves nothing"
        )
    _check_file(page, segment, chain)
    link, records = _line_of(kept, page, segment, chain)
    stamped = first_stamp(kept.segments, chain[link.number - 1 :])
    part = chain[link.number - 1 : stamped or len(chain)]
    proof = {
        "segment": segment,
        "records": [{"offset": offset, "length": length} for offset, length in _places(page, records)],
        "row": {"article_id": page.place.article_id, "version": page.place.version},
        "software": software,
        "rules_version": row["rules_version"],
        "read_with": {name: version_of(name) for name in LIBRARIES},
        "made": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    more = {
        "row.json": _json(row),
        "proof.json": _json(proof),
        "records.txt": records.encode(),
        "chain.txt": "".join(each.line for each in part).encode(),
        "verify.py": script(),
        "README.txt": _README.encode(),
    }
    if stamped is not None:
        more["stamp.tsr"] = stamp_of(kept.segments, stamped).read_bytes()
    url = page.response.headers.get("warc-target-uri", "")
    entry = Entry(url, page.place.title, page.place.fetched_at)
    write_wacz(file, page.group, [entry], now, software, more, sums="SHA256SUMS")
    return Proved(segment, link.number, link.closed_at, stamped)


def _check_file(page: ArchivedPage, segment: str, chain: Sequence[Link]) -> None:
    last = newest_of(chain).get(segment)
    if last is None:
        raise ArgumentError(
            f"{segment} is not in the chain yet: it is being written, or its day is not over; try again later"
        )
    if file_digest(page.path) != last.sha256:
        raise ArgumentError(
            f"{page.path} is not the file that was closed on {last.closed_at[:10]} (line {last.number} of the chain): "
            "it was changed since; put it back from a backup"
        )


def _line_of(kept: DataDir, page: ArchivedPage, segment: str, chain: Sequence[Link]) -> tuple[Link, str]:
    """The first line of the segment whose records include those of the page, and the list of them."""
    wanted = {_digest(member.data) for member in page.group}
    for link in chain:
        records = _records(kept, page, link) if link.segment == segment else None
        if records is not None and wanted <= {line.split(" ")[2] for line in records.splitlines()}:
            return link, records
    raise ArgumentError(f"{segment}: no line of the chain has this page")


def _records(kept: DataDir, page: ArchivedPage, link: Link) -> str | None:
    found = list_of(kept.segments, link)
    if found is None and page.path != kept.segments / link.segment:  # moved by `scrapy prune`
        found = list_of(page.path.parent.parent, link)
    return found


def _places(page: ArchivedPage, records: str) -> list[tuple[int, int]]:
    """Where the page's records stood in the file of that line."""
    by_digest = {line.split(" ")[2]: line.split(" ") for line in records.splitlines()}
    found = (by_digest[_digest(member.data)] for member in page.group)
    return [(int(offset), int(length)) for offset, length, _ in found]


def script() -> bytes:
    """The script that checks a bundle: `docs/verify.py`."""
    return files("crawler.evidence").joinpath("verify.py").read_bytes()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=_plain)
    return f"{text}\n".encode()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


_README = """\
What this is: pages of a website as they were archived, and what shows that they lay in the archive by a time and were not
changed since. It was made by `scrapy prove` of Kabar, and can be checked without it.

Check it:   python3 verify.py BUNDLE.wacz CA.pem     (CA.pem: the certificates of the time stamp's authority)
By hand:    unzip BUNDLE.wacz; sha256sum -c SHA256SUMS
            sha256sum records.txt                     is the fourth field of the first line of chain.txt
            sed -n 1p chain.txt | sha256sum           is the second field of the second line, and so on
            tail -n 1 chain.txt > head.txt; openssl ts -verify -data head.txt -in stamp.tsr -CAfile CA.pem
Look at it: replayweb.page opens the bundle.

archive/data.warc.gz  the records: what was asked, what was answered, as they stand in the archive
records.txt           all records of that archive file: offset, length, SHA-256
chain.txt             from that file's line to the stamped one: number, SHA-256 of the line before, of the file, of its list of
                      records, when, which file
stamp.tsr             the time stamp of the last of these lines (RFC 3161), where there is one
row.json              what Kabar read from the records
proof.json            by which versions: whoever reads the records again with these has the same row
"""
