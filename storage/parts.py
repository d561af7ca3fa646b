"""Parts: what one of N readers found, in files of a folder that any number of them may share.

A part is read without the record: its rows lie in a Parquet file, the pages that are kept of foreign files in a WARC
beside it. It counts from the moment its completion file is in place, which names the two and their hashes. What a
killed reader leaves counts nothing, and goes when the part is read again.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Literal, cast

from pipelines.article import Article, Rejected
from storage.batch import Fetch
from storage.disk import open_own, put_in_place, sync

Work = Literal["ingest", "reprocess"]
FORMAT = 1
"""Raised when another Kabar could not read what this one writes."""
_SEAL = "sha256"
"""What a completion file calls the digest of all else that it says: it is believed word for word, or not at all."""
_NAME = re.compile(r"kabar-(ingest|reprocess)-([0-9a-f]{12})-(\d{1,6})-of-(\d{1,6})([-.].+)?")


class PartsRefused(Exception):
    """The folder is not one of parts, or cannot be used; the message is one line."""


class PartBusy(Exception):
    """Another process reads this part, or merges this folder; the message is one line."""


@dataclass(frozen=True, slots=True, order=True)
class PartName:
    """Which part of which task. `task` stands for what is read and in how many parts: 12 hex digits."""

    work: Work
    task: str
    number: int
    """From 1."""
    of: int

    def __str__(self) -> str:
        return f"kabar-{self.work}-{self.task}-{self.number}-of-{self.of}"

    @property
    def words(self) -> str:
        """For people."""
        return f"part {self.number} of {self.of}"


@dataclass(frozen=True, slots=True)
class ReadPage:
    """One document of a foreign file, read; `group_at`, `group_bytes`: its records in the part's WARC."""

    file: str
    """Where it was found, for people."""
    url: str | None
    source: str
    fetched_at: datetime
    group_at: int
    response_at: int
    """Where its response record begins."""
    group_bytes: int
    waits: bool
    """Whether its neighbours decide what it is: the first page or a further one of an article in several parts, a look that found an
    article unchanged, or a text without an address, which another may have."""
    is_unchanged: bool
    fetch: Fetch
    articles: tuple[Article, ...]
    rejections: tuple[Rejected, ...]


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """One archived answer, read again; `record_offset`: its place in the segment."""

    segment: str
    record_offset: int
    url: str | None
    articles: tuple[Article, ...]
    rejections: tuple[Rejected, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A file of a part."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What a completion file says."""

    name: PartName
    kabar: str
    """The version that read it."""
    rules: str
    """A digest of all that the reading depends on: code, libraries, sources and their rules."""
    finished_at: datetime
    counts: Mapping[str, int]
    inputs: Sequence[Mapping[str, Any]]
    """What was read, as the work that reads it says."""
    damaged: Sequence[str]
    passed_over: Sequence[str]
    files: Mapping[str, Held]
    """`readings` and, of an ingest, `pages`."""
    format: int = FORMAT
    is_sealed: bool = True
    """Whether it says what its writer wrote. False: it says nothing else that counts."""

    def fault_in(self, folder: Path, deeply: bool) -> str | None:
        """What is wrong with its files; null: nothing. `deeply`: their bytes are looked at, not only their sizes."""
        for held in self.files.values():
            path = folder / held.name
            try:
                if path.stat().st_size != held.size:
                    return f"{held.name} is not as long as it was"
                if deeply and _sha256(path) != held.sha256:
                    return f"{held.name} is not what was written"
            except OSError as error:
                return f"{held.name} cannot be read: {error.strerror}"
        return None


@dataclass(slots=True)
class Task:
    """The parts of one task that a folder knows of. `parts`: those that are complete, by their number."""

    work: Work
    task: str
    of: int
    parts: dict[int, Completion] = field(default_factory=dict)
    unreadable: list[int] = field(default_factory=list)
    """The numbers of those whose completion file is none any more."""

    @property
    def missing(self) -> list[int]:
        """The numbers of those that are not complete."""
        return [number for number in range(1, self.of + 1) if number not in self.parts]


def is_part_file(name: str) -> bool:
    """Whether a file is one of a part's, by its name."""
    return _NAME.fullmatch(name) is not None


def tasks_in(folder: Path) -> list[Task]:
    """What tasks a folder has parts of, begun ones too. `PartsRefused`: it is no folder, or holds something else."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise PartsRefused(f"{folder}: {error.strerror}") from error
    found: dict[tuple[str, str], Task] = {}
    for name in names:
        if (match := _NAME.fullmatch(name)) is None:
            continue
        part = _named(match)
        task = found.setdefault((part.work, part.task), Task(part.work, part.task, part.of))
        if match[5] != ".json":
            continue
        if (completion := completion_of(folder, part)) is not None:
            task.parts[part.number] = completion
        elif (folder / name).exists():  # else an engine has just taken it away
            task.unreadable.append(part.number)
    if not found:
        check_folder(folder)
    return [found[key] for key in sorted(found)]


def check_folder(folder: Path) -> None:
    """`PartsRefused` where a folder that exists holds something, and nothing of it is a part."""
    if not folder.exists():
        return
    try:
        names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise PartsRefused(f"{folder}: {error.strerror}") from error
    if names and not any(map(_NAME.fullmatch, names)):
        raise PartsRefused(f"{folder} holds something else than parts ({names[0]}): name another folder")


def make_folder(folder: Path) -> None:
    """Make a folder of parts where it is missing; `PartsRefused` where that is impossible, or something else stands there."""
    check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PartsRefused(f"{folder} cannot be made: {error.strerror}") from error


def sealed(said: Mapping[str, Any]) -> str:
    """The text of a completion file that says so."""
    told = json.loads(json.dumps(said, ensure_ascii=False).encode("utf-8", "replace"))  # as it is read
    return json.dumps(told | {_SEAL: _seal(told)}, ensure_ascii=False, indent=1)


def _seal(said: Mapping[str, Any]) -> str:
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def completion_of(folder: Path, name: PartName) -> Completion | None:
    """What the completion file of a part says; null: it is not complete. One of another format, or that was changed, says no more than that."""
    try:
        said = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        finished_at = datetime.fromisoformat(said["finished_at"])
        is_sealed = said.pop(_SEAL, None) == _seal(said) and said["name"] == asdict(name)
        if said["format"] != FORMAT or not is_sealed:
            return Completion(
                name, said["kabar"], "", finished_at, {}, (), (), (), {}, said["format"], is_sealed
            )
        return Completion(
            name,
            said["kabar"],
            said["rules"],
            finished_at,
            said["counts"],
            said["inputs"],
            said["damaged"],
            said["passed_over"],
            {kind: Held(**each) for kind, each in said["files"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


@dataclass(slots=True)
class Attempt:
    """One reading of a part: files of its own, until `complete` makes the part of them."""

    folder: Path
    name: PartName
    mark: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    is_complete: bool = False

    def path(self, ending: str) -> Path:
        """Where its file of that ending lies."""
        return self.folder / f"{self.name}-{self.mark}.{ending}"

    def complete(
        self,
        kabar: str,
        rules: str,
        files: Mapping[str, Path],
        counts: Mapping[str, int],
        inputs: Sequence[Mapping[str, Any]],
        damaged: Sequence[str] = (),
        passed_over: Sequence[str] = (),
    ) -> Completion:
        """Make the part of these files, all at once."""
        for path in files.values():
            sync(path)
        held = {kind: Held(path.name, path.stat().st_size, _sha256(path)) for kind, path in files.items()}
        completion = Completion(
            self.name, kabar, rules, datetime.now(UTC), counts, inputs, damaged, passed_over, held
        )
        said = asdict(completion) | {"finished_at": completion.finished_at.isoformat()}
        del said["is_sealed"]
        made = self.path("json.new")
        made.write_text(sealed(said), encoding="utf-8")
        put_in_place(made, self.folder / f"{self.name}.json")
        self.is_complete = True
        return completion


@contextmanager
def attempt(folder: Path, name: PartName) -> Iterator[Attempt]:
    """Read a part, alone where the file system has locks; where it has none, whoever completes it last has read it.

    What earlier attempts left is removed first, and what this one leaves without completing it. `PartBusy`.
    """
    make_folder(folder)
    try:
        lock = open_own(folder / f"{name}.lock")
    except OSError as error:
        raise PartsRefused(f"{folder} cannot be written: {error.strerror}") from error
    try:
        if _locked(lock, f"{name.words} is being read"):
            os.ftruncate(lock, 0)
            os.write(lock, str(os.getpid()).encode())
            _clear(folder, name)
        made = Attempt(folder, name)
        try:
            yield made
        finally:
            if not made.is_complete:
                for path in folder.glob(f"{name}-{made.mark}.*"):
                    path.unlink(missing_ok=True)
        (folder / f"{name}.lock").unlink(missing_ok=True)
    finally:
        os.close(lock)


@contextmanager
def merging(folder: Path) -> Iterator[None]:
    """Hold a folder for one merge, where its file system has locks. `PartBusy`: another process merges it."""
    try:
        fd = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise PartsRefused(f"{folder}: {error.strerror}") from error
    try:
        _locked(fd, f"{folder} is being merged")
        yield
    finally:
        os.close(fd)


def _locked(fd: int, busy: str) -> bool:
    """Whether a lock is ours now; false where there are none. `PartBusy`: it is another's."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = ""
        with suppress(OSError):
            holder = os.pread(fd, 20, 0).decode("ascii", "replace").strip()
        raise PartBusy(f"{busy} by {f'process {holder}' if holder else 'another process'}") from error
    except OSError:
        return False
    return True


def _clear(folder: Path, name: PartName) -> None:
    """Remove what earlier attempts have left of a part, but for what its completion file names."""
    completion = completion_of(folder, name)
    kept = {held.name for held in completion.files.values()} if completion else set()
    for path in folder.glob(f"{name}-*"):
        if path.name not in kept:
            path.unlink(missing_ok=True)


def clear(folder: Path, name: PartName) -> None:
    """Remove a part, complete or not."""
    (folder / f"{name}.json").unlink(missing_ok=True)  # first, or it would name files that are gone
    _clear(folder, name)
    (folder / f"{name}.lock").unlink(missing_ok=True)


def _named(match: re.Match[str]) -> PartName:
    return PartName(cast("Work", match[1]), match[2], int(match[3]), int(match[4]))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
