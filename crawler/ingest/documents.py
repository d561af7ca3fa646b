"""What files hold, document by document: which records are pages, and whose they are.

What a path holds is decided in `files`; nothing is read for its article here, and nothing is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from crawler.catalogue.model import Catalogue, Source
from crawler.ingest.files import Piece, Warc, bytes_of, is_text, is_wacz, is_warc, warc_of, warcs_in
from pipelines.address import host_of
from pipelines.article import NOT_MODIFIED, OK, Link, Page, Rejected
from pipelines.body.extract import decode
from pipelines.lines.dates import EARLIEST_YEAR
from pipelines.lines.outlet import recognise
from pipelines.refuse import MAX_BODY_BYTES
from pipelines.rules import UNKNOWN_SOURCE
from storage.archive.reader import MAX_RECORD_BYTES, Passed, read_answers
from storage.archive.record import ArchiveError, Record
from storage.batch import Merged
from storage.ingested import Reached

CLOCKS_DIFFER = timedelta(days=1)
"""A WARC whose writer's clock was further ahead tells of no page: it would stay the newest version for years."""
EARLIEST = datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC)
TOLD = 20
"""Of what was rejected, so many are told one by one."""
_PAGE_KIND = re.compile(r"[^;]*html", re.IGNORECASE)
_OTHER_KIND = re.compile(
    r"\s*(?:image|video|audio|font|text|application|model|multipart|binary)/", re.IGNORECASE
)
_MARKUP = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)


@dataclass(slots=True)
class Ingested:
    """What an ingest did. `damaged` holds a line for each file that was not used whole."""

    merged: Merged = field(default_factory=Merged)
    documents: int = 0
    """What was read; further parts of an article in a WARC are one with it."""
    repeated: int = 0
    """Documents that an earlier ingest or crawl had brought already."""
    unchanged: int = 0
    """Known articles of which a WARC says that they were there and still the same."""
    skipped: int = 0
    """Records of a WARC that are no pages: pictures, scripts, redirects, what its writer cut short, what is yet to come."""
    unknown_hosts: int = 0
    """Records of hosts that were not asked for."""
    before: int = 0
    """WARC files that were read to their end by an earlier run."""
    refused: int = 0
    rejected: list[str] = field(default_factory=list)
    """The first of them, a line each."""
    damaged: list[str] = field(default_factory=list)
    passed_over: list[Path] = field(default_factory=list)
    """Files in the folders that are of a kind that is not read."""

    def reject(self, line: str) -> None:
        """Count a rejection; an archive may hold a million of them."""
        self.refused += 1
        if self.refused <= TOLD:
            self.rejected.append(line)


@dataclass(frozen=True, slots=True)
class Step:
    """One step through the files: a document, or something passed over (null); and how far its WARC is read then."""

    file: Path
    record: Record | None
    reached: Reached | None = None


ReachedBefore = Callable[[str, str], Reached | None]
"""How far an earlier run read the file of this key for this question; null: it did not."""


def nothing_before(file: str, asked: str) -> None:
    """What is said of a file that no earlier run has anything to do with."""


@dataclass(slots=True)
class Documents:
    """What some files hold. `source` and `url` are given for single documents; null: found out.

    `known_hosts`: only pages of hosts that a source names. `folder`: where a WARC within a WACZ is unpacked.
    """

    catalogue: Catalogue
    source: Source | None
    url: str | None
    known_hosts: bool
    folder: Path
    result: Ingested
    read_bytes: int = 0
    """Of the files, as far as they are read."""
    broken: set[str] = field(default_factory=set)
    """The keys of WARCs that were not used whole."""

    def steps(self, pieces: Iterable[Piece], reached: ReachedBefore = nothing_before) -> Iterator[Step]:
        """Go through the pieces in their order, each file from where an earlier run left it."""
        asked = self.asked()
        for piece in pieces:
            done, file = self.read_bytes, piece.file
            if is_warc(file):
                yield from self._records(warc_of(file), asked, reached, piece)
            elif is_wacz(file):
                yield from self._within(file, asked, reached)
            elif (size := file.stat().st_size) > MAX_RECORD_BYTES:
                self.result.damaged.append(f"{file}: too large for a page ({size} bytes)")
            else:
                self.result.documents += 1
                yield Step(file, Record(self._document(file), "article"))
            self.read_bytes = done + piece.size

    def _within(self, file: Path, asked: str, reached: ReachedBefore) -> Iterator[Step]:
        """The pages of the WARCs in a WACZ."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            for warc in warcs_in(file, self.folder):
                yield from self._records(warc, asked, reached, Piece.whole(file))
        except ArchiveError as error:
            self.result.damaged.append(str(error))

    def _records(self, warc: Warc, asked: str, reached_before: ReachedBefore, piece: Piece) -> Iterator[Step]:
        """The pages of a WARC, from where an earlier run left it; of one that was read to its end, none."""
        file = warc.name
        before = reached_before(warc.key, asked)
        if before and before.finished_at is not None:
            self.result.before += 1
            return
        reached = Reached(warc.key, asked, str(file), before.position if before else None)
        done, path = self.read_bytes, file
        try:
            with warc.opened() as path:
                for found in read_answers(path, self._wanted(), reached.position, piece.span):
                    if found.position is None:
                        yield Step(file, self._wanted_of(found))
                        continue
                    reached = replace(reached, position=found.position)
                    self.read_bytes = done + found.position.offset - piece.begin
                    yield Step(file, self._wanted_of(found), reached)
        except ArchiveError as error:
            # Its end is not noted, so whoever ingests it again hears of the damage again.
            said = str(error).replace(str(path), str(file))
            self.result.damaged.append(f"{said}; what is whole is used")
            self.broken.add(warc.key)
            return
        self.read_bytes = done + warc.size
        yield Step(file, None, replace(reached, finished_at=datetime.now(UTC)))

    def _wanted(self) -> Callable[[str], bool]:
        """Whether an address is asked for: decided by its host, before its page is looked at."""
        if self.source is not None or not self.known_hosts:
            return lambda url: True
        of_host: dict[str, bool] = {}

        def wanted(url: str) -> bool:
            host = "/".join(url.split("/", 3)[:3])
            if host not in of_host:
                of_host[host] = self.catalogue.by_url(host) is not None
            return of_host[host]

        return wanted

    def asked(self) -> str:
        """What is asked of a WARC, in a word: other sources, or other hosts of theirs, ask another question."""
        if self.source is not None:
            return f"source {self.source.name}"
        if not self.known_hosts:
            return "all"
        hosts = sorted(host for source in self.catalogue.values() for host in source.hosts)
        return f"hosts {sha256(' '.join(hosts).encode()).hexdigest()[:16]}"

    def _wanted_of(self, found: Record | Passed) -> Record | None:
        """The record as one of its source's; null for what is no page, which is counted."""
        if isinstance(found, Passed):
            if found.why == "unwanted":
                self.result.unknown_hosts += 1
            else:
                self.result.skipped += 1
            return None
        page = found.page
        is_to_come = page.fetched_at > datetime.now(UTC) + CLOCKS_DIFFER
        if found.role == "discovery" or is_to_come or not _is_page(page):
            self.result.skipped += 1
            return None
        owner = self.source or (self.catalogue.by_url(page.url) if page.url else None)
        if owner is None and self.known_hosts:  # it has no address at all
            self.result.unknown_hosts += 1
            return None
        self.result.documents += 1
        # A record's own word for its source counts nothing: whoever wrote the file wrote that too.
        name = owner.name if owner else host_of(page.url or "") or self._brand(page) or UNKNOWN_SOURCE
        return replace(found, page=replace(page, source=name))

    def _document(self, file: Path) -> Page:
        """A single file as a page: its source is the one given, that of its address, or of its brand."""
        body = bytes_of(file)
        owner = self.source or (self.catalogue.by_url(self.url) if self.url else None)
        name = owner.name if owner else host_of(self.url or "") or UNKNOWN_SOURCE
        page = Page(
            url=self.url,
            source=name,
            fetched_at=dated(file),
            status=OK,
            headers=(("Content-Type", "text/plain" if is_text(file) else "text/html"),),
            body=body,
            document="text" if is_text(file) else "page",
        )
        return replace(page, source=self._brand(page) or name) if owner is None else page

    def _brand(self, page: Page) -> str | None:
        """The source that a text without an address names as its own; null: none, or it is no text."""
        if page.url is not None or page.document != "text" or len(page.body) > MAX_BODY_BYTES:
            return None
        text = decode(page.body, None)
        return recognise(text, self.catalogue.brands()) if isinstance(text, str) else None


def dated(file: Path) -> datetime:
    """When a single file was fetched, as far as it can be known: it was last written then.

    So whoever reads it, and whenever, dates it alike. A time that no saved page has, before the web's pages or still to
    come, says nothing: then it is the moment of reading.
    """
    written, now = file.stat().st_mtime, datetime.now(UTC)
    if not EARLIEST.timestamp() <= written <= now.timestamp():
        return now
    return datetime.fromtimestamp(written, UTC)


def as_revisit(page: Page) -> Page:
    """An answer that says "unchanged", as a look at an article that is known; of a page without an address, the page itself."""
    if page.status != NOT_MODIFIED or page.url is None or page.link is not None:
        return page
    return replace(page, link=Link(page.url, page.source, "revisit"))


def _is_page(page: Page) -> bool:
    """Whether an answer may be an article: no redirect, and no other kind of document by its type.

    A type that is missing, or is none, leaves it to how the document begins.
    """
    if page.document != "page" or page.status == NOT_MODIFIED:
        return True
    if page.status != OK and page.status < 400:
        return False
    kind = page.header("Content-Type") or ""
    if _PAGE_KIND.match(kind):
        return True
    return not _OTHER_KIND.match(kind) and _MARKUP.match(page.body[:4096]) is not None


def said(rejected: Rejected) -> str:
    """A rejection in a few words."""
    return f"rejected, {rejected.reason}" + (f" ({rejected.detail})" if rejected.detail else "")
