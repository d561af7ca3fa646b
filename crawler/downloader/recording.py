"""A recording of sites: a folder of recorded hosts, or a WARC.

A folder holds a folder per host. The path of an address is the path of a file; the host's `recording.toml`
holds what a path cannot express (queries, redirects, errors)."""

from __future__ import annotations

import json
import mimetypes
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.downloader.replay_wordpress import JSON_TYPE, PAGING, page_of
from pipelines.address import host_of
from pipelines.article import NOT_MODIFIED, OK, Page
from storage.archive.reader import read_segment
from storage.archive.record import NOT_OURS_TO_REPEAT, ArchiveError

_TYPES = {
    ".html": "text/html; charset=UTF-8",
    ".xml": "application/xml; charset=UTF-8",
    ".json": JSON_TYPE,
    ".txt": "text/plain; charset=UTF-8",
}


class RecordingError(Exception):
    """The recording cannot be used; the message is one line."""


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """One recorded answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    recorded_at: datetime


class Recording(Protocol):
    """What was recorded, whatever its form."""

    def answer(self, url: str) -> RecordedAnswer | None:
        """The answer to a GET of this address; null: not recorded."""

    def moment(self, host: str) -> datetime | None:
        """The recording's own time for that host; null where it has none."""


def open_recording(path: Path) -> Recording:
    """The recording at `path`; `RecordingError` where there is none."""
    if path.is_dir():
        return _Folder(path)
    if path.is_file():
        return _Warc(path)
    raise RecordingError(f"REPLAY={path}: no such folder or WARC file")


class _Warc:
    """The last answer to each address that a WARC holds."""

    def __init__(self, path: Path) -> None:
        self._answers: dict[str, RecordedAnswer] = {}
        self._moments: dict[str, datetime] = {}
        try:
            for record in read_segment(path):
                for page in (record.page, *record.page.parts):
                    self._take(page)
        except ArchiveError as error:
            if not self._answers:
                raise RecordingError(f"REPLAY={path}: {error}") from error

    def _take(self, page: Page) -> None:
        if page.url is None:
            return
        host = host_of(page.url)
        self._moments[host] = max(page.fetched_at, self._moments.get(host, page.fetched_at))
        if page.status == NOT_MODIFIED:
            return  # the answer before it still holds
        # The body is decoded already: the headers of its coding would have it decoded again.
        headers = {name: value for name, value in page.headers if name.lower() not in NOT_OURS_TO_REPEAT}
        self._answers[page.url] = RecordedAnswer(page.status, headers, page.body, page.fetched_at)
        if page.link is not None and page.link.url != page.url and page.take is None:
            # The archive has the page under the address that the one asked for led to.
            led = RecordedAnswer(301, {"Location": page.url}, b"", page.fetched_at)
            self._answers.setdefault(page.link.url, led)

    def answer(self, url: str) -> RecordedAnswer | None:
        return self._answers.get(url)

    def moment(self, host: str) -> datetime | None:
        return self._moments.get(host)


class _Folder:
    def __init__(self, path: Path) -> None:
        self._sites = {
            folder.name: _Site.load(folder) for folder in sorted(path.iterdir()) if folder.is_dir()
        }
        if not self._sites:
            raise RecordingError(f"REPLAY={path}: the folder holds no recorded site")

    def answer(self, url: str) -> RecordedAnswer | None:
        site = self._sites.get(host_of(url).replace(":", "_"))
        return site.answer(url) if site else None

    def moment(self, host: str) -> datetime | None:
        site = self._sites.get(host.replace(":", "_"))
        return site.recorded_at if site else None


@dataclass(frozen=True, slots=True)
class _Site:
    """One host's folder; `base`, an earlier recording, answers for addresses that it lacks."""

    folder: Path
    recorded_at: datetime
    special: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    base: _Site | None = None

    @classmethod
    def load(cls, folder: Path) -> _Site:
        note = folder / "recording.toml"
        try:
            facts = tomllib.loads(note.read_text(encoding="utf-8")) if note.exists() else {}
        except (ValueError, OSError) as error:
            raise RecordingError(f"{note}: {error}") from error
        moment = facts.get("recorded_at")
        if moment is None:
            moment = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        elif not isinstance(moment, datetime) or moment.tzinfo is None:
            raise RecordingError(f"{note}: recorded_at must be a time with its zone")
        base = facts.get("base")
        for each in facts.get("answer", []):
            if "path" not in each:
                raise RecordingError(f"{note}: an [[answer]] has no path")
            if "file" in each and not _lies_in(folder, folder / each["file"]):
                raise RecordingError(f"{note}: {each['path']} names {each['file']}, which is no file of it")
        return cls(
            folder,
            moment,
            {_canonical(each["path"]): each for each in facts.get("answer", [])},
            cls.load((folder / base).resolve()) if base else None,
        )

    def answer(self, url: str) -> RecordedAnswer | None:
        parts = urlsplit(url)
        path = parts.path or "/"
        return (
            self._special(_canonical(f"{path}?{parts.query}" if parts.query else path))
            or self._refusal(path)
            or self._collection(path, dict(parse_qsl(parts.query, keep_blank_values=True)))
            or (self._file(path) if not parts.query else None)
            or self._unchanged(url)
        )

    def _unchanged(self, url: str) -> RecordedAnswer | None:
        """The answer of the earlier recording, dated as this one."""
        answer = self.base.answer(url) if self.base else None
        return replace(answer, recorded_at=self.recorded_at) if answer else None

    def _special(self, path: str) -> RecordedAnswer | None:
        entry = self.special.get(path)
        if entry is None or entry.get("collection"):
            return None
        headers = {}
        if "location" in entry:
            headers["Location"] = entry["location"]
        body = b""
        if "file" in entry:
            body = (self.folder / entry["file"]).read_bytes()
            headers["Content-Type"] = _content_type(self.folder / entry["file"])
        if "content_type" in entry:
            headers["Content-Type"] = entry["content_type"]
        return RecordedAnswer(entry.get("status", OK), headers, body, self.recorded_at)

    def _refusal(self, path: str) -> RecordedAnswer | None:
        """An error that is recorded for a path answers every query of that path."""
        entry = self.special.get(_canonical(path), {})
        return self._special(_canonical(path)) if entry.get("status", OK) >= 400 else None

    def _collection(self, path: str, query: dict[str, str]) -> RecordedAnswer | None:
        """A WordPress REST collection: the parameters are applied to the recorded posts."""
        fixed = {name: value for name, value in query.items() if name not in PAGING}
        for entry in self.special.values():
            if entry.get("collection"):
                its = urlsplit(entry["path"])
                if (its.path or "/") == path and dict(parse_qsl(its.query)) == fixed:
                    posts = json.loads((self.folder / entry["file"]).read_bytes())
                    return RecordedAnswer(*page_of(posts, query), self.recorded_at)
        return None

    def _file(self, path: str) -> RecordedAnswer | None:
        relative = unquote(path).lstrip("/")
        names = (
            [f"{relative}index{end}" for end in (".html", ".xml", ".json")]
            if path.endswith("/")
            else [relative]
        )
        for name in names:
            file = self.folder / name
            if name != "recording.toml" and _lies_in(self.folder, file):
                return RecordedAnswer(
                    200, {"Content-Type": _content_type(file)}, file.read_bytes(), self.recorded_at
                )
        return None


def _lies_in(folder: Path, file: Path) -> bool:
    """Whether a path is a file inside that folder; false for a link out of it and for an impossible name."""
    try:
        return file.is_file() and file.resolve().is_relative_to(folder.resolve())
    except OSError:  # longer than the file system allows
        return False


def _canonical(path: str) -> str:
    """The form of a path with query that is compared: parameters decoded, order kept."""
    parts = urlsplit(path)
    query = "&".join(f"{name}={value}" for name, value in parse_qsl(parts.query, keep_blank_values=True))
    return f"{unquote(parts.path) or '/'}?{query}" if query else unquote(parts.path) or "/"


def _content_type(file: Path) -> str:
    return _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "text/html; charset=UTF-8"


FETCHED_AT_HEADER = "X-Kabar-Recorded-At"
"""Carries the recording's own moment to the spider; it is not archived."""
