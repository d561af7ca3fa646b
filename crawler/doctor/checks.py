"""What `scrapy doctor` looks at: a DATA_DIR from end to end, one check for each thing that may be wrong.

A check only looks, and yields what it finds: fine, in need of attention, or broken, with the way to
mend it. What can be mended without asking is done by `crawler.doctor.repairs`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import duckdb

from crawler.catalogue.load import load_catalogue
from crawler.catalogue.model import Catalogue
from crawler.catalogue.strict_toml import SourceError
from crawler.ledger.connection import holder_of, is_busy
from storage import integrity
from storage.archive.reader import read_segment
from storage.archive.record import OPEN_SUFFIX, ArchiveError
from storage.data_dir import DatabaseBusy, DataDir, lock_holder
from storage.publish import open_published
from storage.schema import known_schema

State = Literal["ok", "attention", "broken"]

Mend = Literal["log", "store", "copy", "ledger", "scratch", "segments"]
"""What `scrapy doctor --mend` can do, in the order in which it does it; see `crawler.doctor.repairs`."""

MIN_FREE_BYTES = 1 << 30
LOOK_WAIT_S = 5.0
"""A merge is done in far less; who holds the store longer is worth a line."""
SAMPLE = 500
"""Links of the ledger that are looked up in the database."""
_LINKS_LOST = 0.2
"""Beyond this share of the sample it is no longer explained by addresses that lead elsewhere."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `advice` and `mend` are null where there is nothing to do."""

    check: str
    state: State
    what: str
    advice: str | None = None
    mend: Mend | None = None


@dataclass(frozen=True)
class Place:
    """What is examined, and how far."""

    data_dir: DataDir
    source_dirs: Sequence[Path] = ()
    wait_s: float = LOOK_WAIT_S
    every_segment: bool = False
    """Read all segments to their end."""

    @cached_property
    def catalogue(self) -> Catalogue:
        """All sources; raises `SourceError`."""
        return load_catalogue(self.source_dirs)

    @property
    def is_writable(self) -> bool:
        """Whether this process may change what is in the DATA_DIR."""
        return os.access(self.data_dir.root, os.W_OK | os.X_OK)

    @property
    def segments(self) -> list[Path]:
        """Every closed segment, by source and age."""
        return sorted(self.data_dir.segments.glob("*/*.warc.gz"))

    @property
    def leftovers(self) -> list[Path]:
        """Segments not closed, whose writer is dead."""
        return [path for path in self._open_segments if lock_holder(path) is None]

    @property
    def being_written(self) -> list[Path]:
        """Segments not closed, whose writer is alive."""
        return [path for path in self._open_segments if lock_holder(path) is not None]

    @property
    def _open_segments(self) -> list[Path]:
        return sorted(self.data_dir.segments.glob(f"*/*{OPEN_SUFFIX}"))

    def name_of(self, segment: Path) -> str:
        """A segment's name, as the store has it."""
        return str(segment.relative_to(self.data_dir.segments))

    def hold_store(self) -> AbstractContextManager[None]:
        """The store's lock, where it may be taken at all; raises `DatabaseBusy`."""
        return self.data_dir.exclusive_store(self.wait_s) if self.is_writable else nullcontext()


Check = Callable[[Place], Iterator[Finding]]


def examine(place: Place) -> Iterator[Finding]:
    """Everything that CHECKS find, in their order; only the first ones where there is no DATA_DIR yet."""
    for check in CHECKS if place.data_dir.root.is_dir() else CHECKS_WITHOUT_DATA:
        yield from check(place)


# --- where it lies ------------------------------------------------------------------------------------


def folder(place: Place) -> Iterator[Finding]:
    """The DATA_DIR is there, and may be written."""
    root = place.data_dir.root
    if not root.exists():
        parent = next(above for above in root.parents if above.exists())
        if parent.is_dir() and os.access(parent, os.W_OK | os.X_OK):
            yield Finding("data dir", "ok", f"{root} is not there yet; the first crawl makes it")
        else:
            yield Finding(
                "data dir", "broken", f"{root} cannot be made: {parent} cannot be written", _OWN_FOLDER
            )
        return
    if not root.is_dir():
        yield Finding("data dir", "broken", f"{root} is no folder", _OWN_FOLDER)
        return
    kept = place.data_dir
    shut = [
        each
        for each in (root, kept.segments, kept.locks, kept.scratch, *kept.segments.glob("*/"))
        if _is_shut(each)
    ]
    if shut:
        yield Finding("data dir", "broken", f"{shut[0]} cannot be written", _OWN_FOLDER)
        return
    born = root / "born"
    kind = born.read_text(encoding="ascii", errors="replace").strip() if born.exists() else None
    if kind not in ("live", "replay", None):
        advice = f"write live, or replay, into {born}"
        yield Finding("data dir", "broken", f"{born} says neither live nor replay", advice)
    spoken = {"live": ", born live", "replay": ", born by replay"}.get(kind or "", "")
    yield Finding("data dir", "ok", f"{root}{spoken}: {_sizes(kept)}")


_OWN_FOLDER = (
    "give it to the user who runs scrapy (chown, chmod, or remount it), or choose another: -s DATA_DIR=…"
)


def _is_shut(path: Path) -> bool:
    return path.exists() and not os.access(path, os.W_OK | os.X_OK)


def _sizes(kept: DataDir) -> str:
    segments = list(kept.segments.glob("*/*.warc.gz*"))
    named = {
        f"{len(segments)} segments": segments,
        "store": [kept.store],
        "copy": [kept.published],
        "ledger": [kept.ledger],
    }
    sizes = {
        name: sum(path.stat().st_size for path in paths if path.exists()) for name, paths in named.items()
    }
    return ", ".join(f"{name} {_spoken(size)}" for name, size in sizes.items())


def _spoken(size_bytes: int) -> str:
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}"
    return f"{size_bytes / 1024:.0f} KB"


def disk(place: Place) -> Iterator[Finding]:
    """There is room: for a crawl, and for another copy of the store, which every publish makes."""
    root = place.data_dir.root
    there = root if root.exists() else next(above for above in root.parents if above.exists())
    free = shutil.disk_usage(there).free
    store = place.data_dir.store
    needed = max(MIN_FREE_BYTES, 2 * store.stat().st_size if store.exists() else 0)
    if free < needed:
        advice = "make room, or move the DATA_DIR to a larger disk; what was committed is intact"
        yield Finding("disk", "attention", f"{_spoken(free)} free, {_spoken(needed)} wanted", advice)
    else:
        yield Finding("disk", "ok", f"{_spoken(free)} free")


def sources(place: Place) -> Iterator[Finding]:
    """Every source file can be read."""
    try:
        catalogue = place.catalogue
    except SourceError as error:
        yield Finding("sources", "broken", str(error), "correct that line; docs/sources.md has every key")
        return
    enabled = sum(source.enabled for source in catalogue.values())
    yield Finding("sources", "ok", f"{len(catalogue)} sources, {enabled} enabled")


# --- who is at work ------------------------------------------------------------------------------------


def locks(place: Place) -> Iterator[Finding]:
    """Who crawls, who merges; a process that is stopped holds up all others."""
    kept = place.data_dir
    names = {path: f"{path.stem} is being crawled" for path in sorted(kept.locks.glob("*.lock"))}
    places = names | {
        kept.store_lock: "the store is being written",
        kept.ledger.with_suffix(".lock"): "the ledger is being made",
    }
    held = False
    for path, doing in places.items():
        process = lock_holder(path)
        if process is None:
            continue
        held = True
        yield _of_process("locks", f"{doing} by", process)
    if not held:
        yield Finding("locks", "ok", "nobody is at work")


def _of_process(check: str, doing: str, process: int) -> Finding:
    """A finding about a living process: only one that is stopped needs attention."""
    if not process:
        return Finding(check, "ok", f"{doing} a process that did not say its number")
    proc = Path(f"/proc/{process}")
    try:
        stopped = (proc / "stat").read_text().rpartition(")")[2].split()[0] in "tT"
        words = (proc / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return Finding(check, "ok", f"{doing} process {process}")
    what = f"{doing} process {process} ({words[-80:]})"
    if stopped:
        return Finding(
            check, "attention", f"{what}, which is stopped", f"kill -CONT {process}, or kill {process}"
        )
    return Finding(check, "ok", what)


# --- segments -----------------------------------------------------------------------------------------


def open_segments(place: Place) -> Iterator[Finding]:
    """Segments that a kill or a power cut left open; those of living writers are their own business."""
    for path in place.being_written:
        yield Finding("segments", "ok", f"{place.name_of(path)} is being written")
    if leftovers := place.leftovers:
        what = f"{_names(place, leftovers)} left open by a run that was killed"
        yield Finding(
            "segments",
            "attention",
            what,
            "any next command recovers it; scrapy doctor --mend does now",
            "segments",
        )


def waiting_segments(place: Place) -> Iterator[Finding]:
    """Closed segments whose rows are not in the published database."""
    segments = place.segments
    merged = _merged(place.data_dir)
    if merged is None and place.data_dir.published.exists():
        yield Finding("segments", "ok", f"{len(segments)} closed; the database does not say which are merged")
        return
    waiting = [path for path in segments if place.name_of(path) not in (merged or set())]
    of_crawls = [
        path for path in waiting if lock_holder(place.data_dir.locks / f"{path.parent.name}.lock") is not None
    ]
    idle = [path for path in waiting if path not in of_crawls]
    if idle:
        what = f"{_names(place, idle)} waiting to be merged"
        advice = "scrapy ingest merges what waits, and so does every next command"
        yield Finding("segments", "attention", what, advice, "segments")
    if of_crawls:
        yield Finding("segments", "ok", f"{_names(place, of_crawls)} waiting for a crawl that runs")
    if not waiting:
        yield Finding("segments", "ok", f"{len(segments)} closed, all merged")


def every_segment(place: Place) -> Iterator[Finding]:
    """Every closed segment can be read to its end; looked at when asked for, because it reads everything."""
    if not place.every_segment:
        yield Finding("archive", "ok", "not read (scrapy doctor --segments reads every segment to its end)")
        return
    segments, pages, damaged = place.segments, 0, 0
    for path in segments:
        last: int | None = None
        try:
            for record in read_segment(path, place.data_dir.segments):
                pages, last = pages + 1, record.page.record_offset
        except (ArchiveError, OSError) as error:
            damaged += 1
            yield Finding("archive", "broken", f"{error}{_behind(place, path, last)}", _RESTORE)
    if not damaged:
        yield Finding("archive", "ok", f"{len(segments)} segments, {pages} pages, read to the end")


_RESTORE = "put the file back from a backup; without one nothing more is lost: the articles stay, and what is whole is used"


def _behind(place: Place, path: Path, last: int | None) -> str:
    """How many stored versions point behind the last whole page."""
    found = _ask(
        place.data_dir,
        "SELECT count(*) FROM kept.versions WHERE segment = ? AND record_offset > ?",
        [place.name_of(path), -1 if last is None else last],
    )
    number = found[0][0] if found else 0
    return f"; {number} stored versions have their page there" if number else ""


def _names(place: Place, paths: Sequence[Path]) -> str:
    if len(paths) == 1:
        return f"{place.name_of(paths[0])} is"
    return f"{len(paths)} segments ({place.name_of(paths[0])} …) are"


# --- the databases ------------------------------------------------------------------------------------


def store(place: Place) -> Iterator[Finding]:
    """The writer's database opens, is of a known schema, and can be read to its end."""
    kept = place.data_dir
    if not kept.store.exists():
        if kept.published.exists() or place.segments:
            yield Finding("store", "broken", f"{kept.store} is missing", _STORE_AGAIN, "store")
        return
    try:
        yield from _open_store(place)
    except DatabaseBusy as error:
        who = f"{error}; it was not looked at"
        advice = f"wait for it, or end it: kill {error.holder}" if error.holder else "wait for it"
        yield Finding("store", "attention", who, advice)


_STORE_AGAIN = "scrapy doctor --mend keeps the damaged file and makes the store again, from the published copy or the segments"
_LOG_AWAY = (
    "scrapy doctor --mend keeps the log as it is; what was only in it is merged again from the segments"
)


def _open_store(place: Place) -> Iterator[Finding]:
    """What is found under the store's lock. It is given back between tables: merges need it too."""
    kept, log = place.data_dir, integrity.log_of(place.data_dir.store)
    with place.hold_store():
        if process := integrity.opener_of(kept.store):
            found = _of_process("store", f"{kept.store.name} is held open by", process)
            advice = f"close it there (or kill {process}): it keeps every merge out; {kept.published.name} is for reading"
            yield Finding("store", "attention", found.what, found.advice or advice)
            return
        if fault := _fault_in_opening(kept.store):
            of_log = log.exists() and "WAL" in fault
            mend: Mend = "log" if of_log else "store"
            yield Finding(
                "store", "broken", f"{kept.store}: {fault}", _LOG_AWAY if of_log else _STORE_AGAIN, mend
            )
            return
        schema, tables, left = integrity.schema_of(kept.store), integrity.tables_of(kept.store), log.exists()
    if schema is not None and schema > known_schema():
        what = f"{kept.store} has schema {schema}, written by a newer Kabar; this one knows {known_schema()}"
        yield Finding("store", "broken", what, "upgrade (git pull && make)")
        return
    if left:
        what = f"{log.name}: a kill left what was committed last in the log"
        yield Finding(
            "store", "attention", what, "any next command brings it in; scrapy doctor --mend does now", "log"
        )
    for schema_name, table in tables:
        with place.hold_store():
            fault = integrity.fault_of_table(kept.store, schema_name, table)
        if fault:
            yield Finding(
                "store", "broken", f"{kept.store}, {schema_name}.{table}: {fault}", _STORE_AGAIN, "store"
            )
            return
    yield Finding(
        "store", "ok", f"{len(tables)} tables, read to the end, schema {schema}{_coming(place, schema)}"
    )


def _fault_in_opening(path: Path) -> str | None:
    try:
        integrity.tables_of(path)
    except duckdb.Error as error:
        return integrity.first_line(error)
    return None


def _coming(place: Place, schema: int | None) -> str:
    kept = sorted(place.data_dir.root.glob(f"{place.data_dir.store.name}.before-*[0-9]"))
    backup = f"; {kept[-1].name} is the copy from before the last migration" if kept else ""
    if schema is not None and schema < known_schema():
        return f" (the next command brings it to {known_schema()}, and keeps a copy){backup}"
    return backup


def copy(place: Place) -> Iterator[Finding]:
    """What analysts open is whole, and what was published."""
    kept = place.data_dir
    if not kept.published.exists():
        if kept.store.exists():
            yield Finding("copy", "attention", f"{kept.published} is missing", _PUBLISH, "copy")
        return
    if opener := integrity.opener_of(kept.published, writing=True):
        found = _of_process("copy", f"{kept.published.name} is open for writing in", opener)
        yield Finding(
            "copy",
            "attention",
            f"{found.what}; what it writes is lost",
            f"close it there; {_PUBLISH}",
            "copy",
        )
        return
    if not integrity.is_as_published(kept):
        what = f"{kept.published.name} is not as it was published: written into, or copied here"
        yield Finding("copy", "attention", what, _PUBLISH, "copy")
        return
    if fault := integrity.fault(kept.published):
        yield Finding("copy", "broken", f"{kept.published}: {fault}", _PUBLISH, "copy")
        return
    about = _ask(
        kept,
        "SELECT (SELECT count(*) FROM kept.articles), (SELECT max(fetched_at)::VARCHAR FROM kept.versions)",
    )
    number, newest = about[0] if about else (0, None)
    yield Finding(
        "copy", "ok", f"{number} articles, the newest fetched {newest}" if newest else "no article yet"
    )


_PUBLISH = "the next publish replaces it; scrapy doctor --mend does now"


# --- the ledger ---------------------------------------------------------------------------------------


def ledger(place: Place) -> Iterator[Finding]:
    """The ledger is a sound SQLite database."""
    path = place.data_dir.ledger
    if not path.exists():
        crawls = _ask(place.data_dir, "FROM kept.crawls LIMIT 1")
        if (crawls or crawls is None) and any(place.data_dir.segments.glob("*/*.warc.gz*")):
            yield Finding(
                "ledger",
                "broken",
                f"{path} is missing: a crawl would fetch known articles again",
                _LEDGER_AGAIN,
                "ledger",
            )
        return
    try:
        with closing(_opened(place)) as db:
            (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
            states = dict(db.execute("SELECT state, count(*) FROM links GROUP BY 1").fetchall())
    except (sqlite3.DatabaseError, UnicodeError) as error:  # damaged names are no text
        if isinstance(error, sqlite3.Error) and is_busy(error):
            holder = holder_of(path)
            by = f"process {holder}" if holder else "another process"
            yield Finding("ledger", "attention", f"{path} is held by {by}", "let it finish, or end it")
            return
        verdict = str(error)
    if verdict != "ok":
        first = verdict.strip().replace("\n", ": ")
        yield Finding("ledger", "broken", f"{path}: {first}", _LEDGER_AGAIN, "ledger")
        return
    spoken = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    yield Finding("ledger", "ok", f"{sum(states.values())} links{f': {spoken}' if spoken else ''}")


def _opened(place: Place) -> sqlite3.Connection:
    """The ledger, for reading. SQLite makes files beside it even then, unless told that nobody writes."""
    log = place.data_dir.ledger.with_name(f"{place.data_dir.ledger.name}-wal")
    how = "mode=ro" if log.exists() and place.is_writable else "mode=ro&immutable=1"
    return sqlite3.connect(f"{place.data_dir.ledger.as_uri()}?{how}", uri=True, timeout=10)


_LEDGER_AGAIN = "scrapy doctor --rebuild-ledger (or --mend) makes it again from the segments and the database"


def ledger_against_database(place: Place) -> Iterator[Finding]:
    """Ledger and database tell the same story: no fetched link without a trace, no crawl forgotten."""
    path, kept = place.data_dir.ledger, place.data_dir
    if not path.exists() or not kept.published.exists():
        return
    try:
        with closing(_opened(place)) as db:
            known = dict(db.execute("SELECT source, count(*) FROM links GROUP BY 1").fetchall())
            fetched = db.execute(
                "SELECT key FROM links WHERE state = 'fetched' ORDER BY discovered_at, key LIMIT ?", [SAMPLE]
            ).fetchall()
    except (sqlite3.DatabaseError, UnicodeError):
        return  # told by `ledger`
    discovered = (
        _ask(kept, "SELECT source, sum(discovered)::BIGINT FROM kept.crawls GROUP BY 1 ORDER BY 1") or []
    )
    for source, number in discovered:
        if number >= 5 and known.get(source, 0) < number / 2:
            what = f"the ledger knows {known.get(source, 0)} links of {source}, and its crawls found {number}"
            yield Finding("ledger", "attention", what, _LEDGER_AGAIN.replace(" (or --mend)", ""))
    if place.leftovers or not fetched:
        return  # what is not merged cannot be in the database
    keys = [f"url:{key}" for (key,) in fetched]
    found = _ask(
        kept, "SELECT count(DISTINCT key) FROM kept.keys WHERE key IN (SELECT unnest(?::VARCHAR[]))", [keys]
    )
    lost = len(keys) - (found[0][0] if found else len(keys))
    if lost > len(keys) * _LINKS_LOST:
        what = f"{lost} of {len(keys)} links that the ledger calls fetched have no article in the database"
        advice = "merge what waits (scrapy ingest); then scrapy doctor --rebuild-ledger, and they are fetched again"
        yield Finding("ledger", "attention", what, advice)


# --- what is left lying about -------------------------------------------------------------------------


def scratch(place: Place) -> Iterator[Finding]:
    """Files that a killed merge or publish left; damaged files that were set aside."""
    left = scratch_left(place.data_dir)
    if left and lock_holder(place.data_dir.store_lock) is None:
        size = _spoken(sum(path.stat().st_size for path in left if path.is_file()))
        what = f"{len(left)} files of a run that was killed ({left[0].name} …), {size}"
        yield Finding("scratch", "attention", what, "scrapy doctor --mend removes them", "scratch")
    if aside := sorted(place.data_dir.root.glob("*.damaged-*")):
        size = _spoken(sum(path.stat().st_size for path in aside))
        yield Finding(
            "scratch", "ok", f"{len(aside)} damaged files were set aside, {size}; remove them when you like"
        )


def scratch_left(kept: DataDir) -> list[Path]:
    """Scratch files and half copies whose process is gone. A merge's own are safe under the store's lock."""
    found = [path for path in sorted(kept.scratch.glob("*")) if not _is_alive(path)]
    return found + sorted(kept.root.glob("*.new")) + sorted(kept.root.glob(f"{kept.store.name}.tmp"))


def _is_alive(path: Path) -> bool:
    """Whether the process whose number stands in a scratch file's name is at work."""
    numbers = [part for part in path.name.replace(".", "-").split("-") if part.isdigit()]
    return any(Path(f"/proc/{number}").exists() for number in numbers[:1])


# --- asking the published database --------------------------------------------------------------------


def _ask(kept: DataDir, question: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]] | None:
    """Rows of the published copy; null where it cannot be asked."""
    try:
        connection = open_published(kept)
    except (FileNotFoundError, duckdb.Error):
        return None
    try:
        return connection.execute(question, list(values)).fetchall()
    except duckdb.Error:
        return None
    finally:
        connection.close()


def _merged(kept: DataDir) -> set[str] | None:
    rows = _ask(kept, "SELECT segment FROM kept.segments")
    return {name for (name,) in rows} if rows is not None else None


CHECKS_WITHOUT_DATA: tuple[Check, ...] = (folder, disk, sources)
CHECKS: tuple[Check, ...] = (
    folder,
    disk,
    sources,
    locks,
    open_segments,
    waiting_segments,
    every_segment,
    store,
    copy,
    ledger,
    ledger_against_database,
    scratch,
)


def mends_of(findings: Iterable[Finding]) -> list[Mend]:
    """What can be done about these findings without asking, each thing once."""
    return list(dict.fromkeys(finding.mend for finding in findings if finding.mend))
