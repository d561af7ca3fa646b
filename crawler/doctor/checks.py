"""What `scrapy doctor` looks at: a DATA_DIR from end to end, one check for each thing that may be wrong.

A check only looks, and yields what it finds: fine, in need of attention, or broken, with the way to
mend it. What can be mended without asking is done by `crawler.doctor.repairs`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

import duckdb

from crawler.catalogue.strict_toml import SourceError
from crawler.console.text import counted, size_words
from crawler.doctor.subject import Subject
from crawler.ledger.clock import noted_ahead
from crawler.ledger.connection import holder_of, is_busy
from crawler.ledger.lost import number_awaited
from storage import clock as store_clock
from storage import integrity
from storage.archive.chain import broken, file_digest, newest_of, read_chain
from storage.archive.reader import read_segment
from storage.archive.record import ArchiveError, begun_at
from storage.chain import fault_of
from storage.crawls import has_crawls, links_found
from storage.data_dir import DatabaseBusy, DataDir, lock_holder
from storage.disk import room
from storage.known import known_keys
from storage.parting import united_wrongly
from storage.publish import ask, merged_segments
from storage.schema import known_schema
from storage.segments import is_merged, pruned_segments

Result = TypeVar("Result")

State = Literal["ok", "attention", "broken"]

Repair = Literal["log", "store", "copy", "ledger", "scratch", "segments", "united"]
"""What `scrapy doctor --mend` can do, in the order in which it does it; see `crawler.doctor.repairs`."""

SAMPLE = 500
"""Links of the ledger that are looked up in the database."""
_LINKS_LOST = 0.2
"""Beyond this share of the sample it is no longer explained by addresses that lead elsewhere."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at. `advice` and `repair` are null where there is nothing to do."""

    check: str
    state: State
    what: str
    advice: str | None = None
    repair: Repair | None = None


Check = Callable[[Subject], Iterator[Diagnosis]]


def examine(subject: Subject) -> Iterator[Diagnosis]:
    """Everything that CHECKS find, in their order; only the first ones where there is no DATA_DIR yet."""
    for check in CHECKS if subject.data_dir.root.is_dir() else CHECKS_WITHOUT_DATA:
        yield from check(subject)


# --- where it lies ------------------------------------------------------------------------------------


def folder(subject: Subject) -> Iterator[Diagnosis]:
    """The DATA_DIR is there, and may be written."""
    root = subject.data_dir.root
    if no_folder := subject.data_dir.no_folder:
        yield Diagnosis("data dir", "broken", f"{root} {no_folder}", _OWN_FOLDER)
        return
    if not root.exists():
        parent = next(above for above in root.parents if above.exists())
        if parent.is_dir() and os.access(parent, os.W_OK | os.X_OK):
            yield Diagnosis("data dir", "ok", f"{root} is not there yet; the first crawl makes it")
        else:
            yield Diagnosis(
                "data dir", "broken", f"{root} cannot be made: {parent} cannot be written", _OWN_FOLDER
            )
        return
    kept = subject.data_dir
    shut = [
        each
        for each in (root, kept.segments, kept.locks, kept.scratch, *kept.segments.glob("*/"))
        if _is_shut(each)
    ]
    if shut:
        yield Diagnosis("data dir", "broken", f"{shut[0]} cannot be written", _OWN_FOLDER)
        return
    born = root / "born"
    kind = born.read_text(encoding="ascii", errors="replace").strip() if born.exists() else None
    if kind not in ("live", "replay", None):
        advice = f"write live, or replay, into {born}"
        yield Diagnosis("data dir", "broken", f"{born} says neither live nor replay", advice)
    spoken = {"live": ", born live", "replay": ", born by replay"}.get(kind or "", "")
    yield Diagnosis("data dir", "ok", f"{root}{spoken}: {_sizes(kept)}")


_OWN_FOLDER = (
    "give it to the user who runs scrapy (chown, chmod, or remount it), or choose another: -s DATA_DIR=…"
)


def _is_shut(path: Path) -> bool:
    return path.exists() and not os.access(path, os.W_OK | os.X_OK)


def _sizes(kept: DataDir) -> str:
    segments = list(kept.segments.glob("*/*.warc.gz*"))
    named = {
        f"{counted(len(segments), 'segment')}": segments,
        "store": [kept.store],
        "copy": [kept.published],
        "ledger": [kept.ledger],
    }
    sizes = {
        name: sum(path.stat().st_size for path in paths if path.exists()) for name, paths in named.items()
    }
    return ", ".join(f"{name} {size_words(size)}" for name, size in sizes.items())


def disk(subject: Subject) -> Iterator[Diagnosis]:
    """There is room: for a crawl, and for another copy of the store, which every publish makes."""
    free, needed = room(subject.data_dir.root, subject.data_dir.store)
    if free < needed:
        advice = "make room, or move the DATA_DIR to a larger disk; what was committed is intact"
        yield Diagnosis("disk", "attention", f"{size_words(free)} free, {size_words(needed)} wanted", advice)
    else:
        yield Diagnosis("disk", "ok", f"{size_words(free)} free")


def sources(subject: Subject) -> Iterator[Diagnosis]:
    """Every source file can be read."""
    try:
        catalogue = subject.catalogue
    except SourceError as error:
        yield Diagnosis("sources", "broken", str(error), "correct that line; docs/sources.md has every key")
        return
    enabled = sum(source.enabled for source in catalogue.values())
    yield Diagnosis("sources", "ok", f"{counted(len(catalogue), 'source')}, {enabled} enabled")


# --- who is at work ------------------------------------------------------------------------------------


def locks(subject: Subject) -> Iterator[Diagnosis]:
    """Who crawls, who merges; a process that is stopped holds up all others."""
    kept = subject.data_dir
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
        yield Diagnosis("locks", "ok", "nobody is at work")


def _of_process(check: str, doing: str, process: int) -> Diagnosis:
    """A finding about a living process: only one that is stopped needs attention."""
    if not process:
        return Diagnosis(check, "ok", f"{doing} a process that did not say its number")
    proc = Path(f"/proc/{process}")
    try:
        stopped = (proc / "stat").read_text().rpartition(")")[2].split()[0] in "tT"
        words = (proc / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return Diagnosis(check, "ok", f"{doing} process {process}")
    what = f"{doing} process {process} ({words[-80:]})"
    if stopped:
        return Diagnosis(
            check, "attention", f"{what}, which is stopped", f"kill -CONT {process}, or kill {process}"
        )
    return Diagnosis(check, "ok", what)


# --- segments -----------------------------------------------------------------------------------------


def open_segments(subject: Subject) -> Iterator[Diagnosis]:
    """Segments that a kill or a power cut left open; those of living writers are their own business."""
    for path in subject.being_written:
        yield Diagnosis("segments", "ok", f"{subject.name_of(path)} is being written")
    if leftovers := subject.leftovers:
        what = f"{_names(subject, leftovers)} left open by a run that was killed"
        yield Diagnosis(
            "segments",
            "attention",
            what,
            "any next command recovers it; scrapy doctor --mend does now",
            "segments",
        )


def waiting_segments(subject: Subject) -> Iterator[Diagnosis]:
    """Closed segments whose rows are not in the published database."""
    segments = subject.segments
    merged = merged_segments(subject.data_dir)
    if merged is None and subject.data_dir.published.exists():
        yield Diagnosis(
            "segments", "ok", f"{len(segments)} closed; the database does not say which are merged"
        )
        return
    waiting = [path for path in segments if not is_merged(path, subject.name_of(path), merged or {})]
    of_crawls = [
        path
        for path in waiting
        if lock_holder(subject.data_dir.locks / f"{path.parent.name}.lock") is not None
    ]
    idle = [path for path in waiting if path not in of_crawls]
    if idle:
        what = f"{_names(subject, idle)} waiting to be merged"
        advice = "scrapy ingest merges what waits, and so does every next command"
        yield Diagnosis("segments", "attention", what, advice, "segments")
    if of_crawls:
        yield Diagnosis("segments", "ok", f"{_names(subject, of_crawls)} waiting for a crawl that runs")
    if not waiting:
        yield Diagnosis("segments", "ok", f"{len(segments)} closed, all merged")


def chain(subject: Subject) -> Iterator[Diagnosis]:
    """The chain of closed segments holds; where the segments are read, each is the file that was closed."""
    kept = subject.data_dir
    try:
        lines = read_chain(kept.segments)
    except (ArchiveError, OSError) as error:
        yield Diagnosis("chain", "broken", str(error), "put segments/chain.txt back from a backup")
        return
    broke = broken(lines)
    if why := broke.why if broke else ask(kept, lambda copy: fault_of(copy, lines)):
        advice = (
            "put segments/chain.txt back from a backup; lines lost at its end come back with the next crawl"
        )
        yield Diagnosis("chain", "broken", f"{why}: it was changed", advice)
        return
    if not lines:
        return
    changed = [
        name
        for name, link in (newest_of(lines).items() if subject.every_segment else ())
        if (kept.segments / name).exists() and file_digest(kept.segments / name) != link.sha256
    ]
    if changed:
        what = f"{_some(changed)} changed since the chain has it"
        yield Diagnosis(
            "chain", "broken", what, "put the file back from a backup: it proves nothing as it is"
        )
        return
    stamps = len(list((kept.root / "stamps").glob("*.tsr")))
    yield Diagnosis("chain", "ok", f"{counted(len(lines), 'line')} that hold, {counted(stamps, 'stamp')}")


def unfinished_erasure(subject: Subject) -> Iterator[Diagnosis]:
    """No erasure was cut short."""
    if subject.data_dir.forgetting.exists():
        what = "an erasure (scrapy forget) was cut short"
        yield Diagnosis("forget", "attention", what, "any next command finishes it, e.g. scrapy ingest")


def missing_segments(subject: Subject) -> Iterator[Diagnosis]:
    """The segments that the database and the ledger rely on are in their folders."""
    relied_on = ask(subject.data_dir, integrity.versions_by_segment) or {}
    pruned = ask(subject.data_dir, pruned_segments) or {}
    gone = {name: number for name, number in relied_on.items() if not subject.has(name)}
    if wanted := {name: gone.pop(name) for name in pruned if name in gone}:
        what = f"{counted(len(wanted), 'segment')} pruned; {sum(wanted.values())} stored versions cannot be read again"
        yield Diagnosis("archive", "ok", what)
    if gone:
        what = f"{_some(list(gone))} missing; {sum(gone.values())} stored versions have their page there"
        yield Diagnosis("archive", "attention", what, _RESTORE)
    awaited = _ask_ledger(subject, number_awaited) or {}
    merged = merged_segments(subject.data_dir) or {}
    lost = {name: n for name, n in awaited.items() if name not in merged and not subject.has(name)}
    if lost:
        what = f"{_some(list(lost))} missing, with the pages of {counted(sum(lost.values()), 'link')} that no merge had"
        names = sorted({name.partition("/")[0] for name in lost})
        advice = f"put the file back, or let the next crawl ask for them again: scrapy crawl {names[0]}"
        yield Diagnosis("segments", "attention", what, advice)


def _some(names: Sequence[str]) -> str:
    return f"{names[0]} is" if len(names) == 1 else f"{counted(len(names), 'segment')} ({names[0]} …) are"


def every_segment(subject: Subject) -> Iterator[Diagnosis]:
    """Every closed segment can be read to its end; looked at when asked for, because it reads everything."""
    if not subject.every_segment:
        yield Diagnosis("archive", "ok", "not read (scrapy doctor --segments reads every segment to its end)")
        return
    segments, pages, damaged = subject.segments, 0, 0
    for path in segments:
        last: int | None = None
        try:
            for record in read_segment(path, subject.data_dir.segments):
                pages, last = pages + 1, record.page.record_offset
        except (ArchiveError, OSError) as error:
            damaged += 1
            yield Diagnosis("archive", "broken", f"{error}{_behind(subject, path, last)}", _RESTORE)
    if not damaged:
        yield Diagnosis(
            "archive", "ok", f"{counted(len(segments), 'segment')}, {counted(pages, 'page')}, read to the end"
        )


_RESTORE = "put the file back from a backup; without one nothing more is lost: the articles stay, and what is whole is used"


def _behind(subject: Subject, path: Path, last: int | None) -> str:
    """How many stored versions point behind the last whole page."""
    offset = -1 if last is None else last
    number = ask(
        subject.data_dir, lambda copy: integrity.versions_behind(copy, subject.name_of(path), offset)
    )
    return f"; {number} stored versions have their page there" if number else ""


def _names(subject: Subject, paths: Sequence[Path]) -> str:
    return _some([subject.name_of(path) for path in paths])


# --- the databases ------------------------------------------------------------------------------------


def store(subject: Subject) -> Iterator[Diagnosis]:
    """The writer's database opens, is of a known schema, and can be read to its end."""
    kept = subject.data_dir
    if not kept.store.exists():
        if kept.published.exists() or subject.segments:
            yield Diagnosis("store", "broken", f"{kept.store} is missing", _STORE_AGAIN, "store")
        return
    try:
        yield from _open_store(subject)
    except DatabaseBusy as error:
        who = f"{error}; it was not looked at"
        advice = f"wait for it, or end it: kill {error.holder}" if error.holder else "wait for it"
        yield Diagnosis("store", "attention", who, advice)


_HELD_S = 0.5
"""A look holds the store so long, or for one table."""
_STORE_AGAIN = "scrapy doctor --mend keeps the damaged file and makes the store again, from the published copy or the segments"
_LOG_AWAY = (
    "scrapy doctor --mend keeps the log as it is; what was only in it is merged again from the segments"
)


def _open_store(subject: Subject) -> Iterator[Diagnosis]:
    """What is found under the store's lock. It is given back again and again: merges need it too."""
    kept, log = subject.data_dir, integrity.log_of(subject.data_dir.store)
    with subject.hold_store():
        if process := integrity.opener_of(kept.store):
            found = _of_process("store", f"{kept.store.name} is held open by", process)
            advice = f"close it there (or kill {process}): it keeps every merge out; {kept.published.name} is for reading"
            yield Diagnosis("store", "attention", found.what, found.advice or advice)
            return
        if fault := _fault_in_opening(kept.store):
            of_log = log.exists() and "WAL" in fault
            repair: Repair = "log" if of_log else "store"
            yield Diagnosis(
                "store", "broken", f"{kept.store}: {fault}", _LOG_AWAY if of_log else _STORE_AGAIN, repair
            )
            return
        schema, tables, left = integrity.schema_of(kept.store), integrity.tables_of(kept.store), log.exists()
    if schema is not None and schema > known_schema():
        what = f"{kept.store} has schema {schema}, written by a newer Kabar; this one knows {known_schema()}"
        yield Diagnosis("store", "broken", what, "upgrade (git pull && make)")
        return
    if left:
        what = f"{log.name}: a kill left what was committed last in the log"
        yield Diagnosis(
            "store", "attention", what, "any next command brings it in; scrapy doctor --mend does now", "log"
        )
    read = 0
    while read < len(tables):
        with subject.hold_store():
            more, fault = integrity.read_some(kept.store, tables[read:], _HELD_S)
        read += more
        if fault:
            what = f"{kept.store}, {'.'.join(tables[read])}: {fault}"
            yield Diagnosis("store", "broken", what, _STORE_AGAIN, "store")
            return
    yield Diagnosis(
        "store", "ok", f"{len(tables)} tables, read to the end, schema {schema}{_coming(subject, schema)}"
    )


def _fault_in_opening(path: Path) -> str | None:
    try:
        integrity.tables_of(path)
    except duckdb.Error as error:
        return integrity.first_line(error)
    return None


def _coming(subject: Subject, schema: int | None) -> str:
    kept = sorted(subject.data_dir.root.glob(f"{subject.data_dir.store.name}.before-*[0-9]"))
    backup = f"; {kept[-1].name} is the copy from before the last migration" if kept else ""
    if schema is not None and schema < known_schema():
        return f" (the next command brings it to {known_schema()}, and keeps a copy){backup}"
    return backup


def copy(subject: Subject) -> Iterator[Diagnosis]:
    """What analysts open is whole, and what was published."""
    kept = subject.data_dir
    if not kept.published.exists():
        if kept.store.exists():
            yield Diagnosis("copy", "attention", f"{kept.published} is missing", _PUBLISH, "copy")
        return
    if opener := integrity.opener_of(kept.published, writing=True):
        found = _of_process("copy", f"{kept.published.name} is open for writing in", opener)
        yield Diagnosis(
            "copy",
            "attention",
            f"{found.what}; what it writes is lost",
            f"close it there; {_PUBLISH}",
            "copy",
        )
        return
    if not integrity.is_as_published(kept):
        what = f"{kept.published.name} is not as it was published: written into, or copied here"
        yield Diagnosis("copy", "attention", what, _PUBLISH, "copy")
        return
    if fault := integrity.fault(kept.published):
        yield Diagnosis("copy", "broken", f"{kept.published}: {fault}", _PUBLISH, "copy")
        return
    number, newest = ask(kept, integrity.extent) or (0, None)
    yield Diagnosis(
        "copy",
        "ok",
        f"{counted(number, 'article')}, the newest fetched {newest}" if newest else "no article yet",
    )


def united(subject: Subject) -> Iterator[Diagnosis]:
    """No article holds texts that have nothing in common and that different addresses served."""
    segments = subject.data_dir.segments
    found = ask(subject.data_dir, lambda copy: [*islice(united_wrongly(copy, segments), SHOWN_UNITED + 1)])
    if found is None:
        return
    if found:
        is_all = len(found) <= SHOWN_UNITED
        number = counted(len(found), "article") if is_all else f"more than {SHOWN_UNITED} articles"
        yield Diagnosis(
            "identity",
            "attention",
            f"{number} with several articles' texts, united by a mark that they shared"
            f" ({found[0].article_id}: {found[0].title})",
            "scrapy doctor --mend parts them again, from the archive",
            "united",
        )
    else:
        yield Diagnosis("identity", "ok", "no article holds the texts of several")


SHOWN_UNITED = 20
_PUBLISH = "the next publish replaces it; scrapy doctor --mend does now"


# --- the ledger ---------------------------------------------------------------------------------------


def ledger(subject: Subject) -> Iterator[Diagnosis]:
    """The ledger is a sound SQLite database."""
    path = subject.data_dir.ledger
    if not path.exists():
        was_crawled = ask(subject.data_dir, has_crawls) is not False  # who cannot say may have been
        if was_crawled and any(subject.data_dir.segments.glob("*/*.warc.gz*")):
            yield Diagnosis(
                "ledger",
                "broken",
                f"{path} is missing: a crawl would fetch known articles again",
                _LEDGER_AGAIN,
                "ledger",
            )
        return
    try:
        with closing(_opened(subject)) as db:
            (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
            states = dict(db.execute("SELECT state, count(*) FROM links GROUP BY 1").fetchall())
    except (sqlite3.DatabaseError, UnicodeError) as error:  # damaged names are no text
        if isinstance(error, sqlite3.Error) and is_busy(error):
            holder = holder_of(path)
            by = f"process {holder}" if holder else "another process"
            yield Diagnosis("ledger", "attention", f"{path} is held by {by}", "let it finish, or end it")
            return
        verdict = str(error)
    if verdict != "ok":
        first = verdict.strip().replace("\n", ": ")
        yield Diagnosis("ledger", "broken", f"{path}: {first}", _LEDGER_AGAIN, "ledger")
        return
    spoken = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    yield Diagnosis(
        "ledger", "ok", f"{counted(sum(states.values()), 'link')}{f': {spoken}' if spoken else ''}"
    )


def _opened(subject: Subject) -> sqlite3.Connection:
    """The ledger, for reading. SQLite makes files beside it even then, unless told that nobody writes."""
    log = subject.data_dir.ledger.with_name(f"{subject.data_dir.ledger.name}-wal")
    how = "mode=ro" if log.exists() and subject.is_writable else "mode=ro&immutable=1"
    return sqlite3.connect(f"{subject.data_dir.ledger.as_uri()}?{how}", uri=True, timeout=10)


def _ask_ledger(subject: Subject, question: Callable[[sqlite3.Connection], Result]) -> Result | None:
    """What the ledger answers; null where there is none, or one that cannot be read, which `ledger` tells."""
    if not subject.data_dir.ledger.exists():
        return None
    try:
        with closing(_opened(subject)) as db:
            return question(db)
    except (sqlite3.DatabaseError, UnicodeError):
        return None


_LEDGER_AGAIN = "scrapy doctor --rebuild-ledger (or --mend) makes it again from the segments and the database"


def ledger_against_database(subject: Subject) -> Iterator[Diagnosis]:
    """Ledger and database tell the same story: no fetched link without a trace, no crawl forgotten."""
    kept = subject.data_dir
    if not kept.published.exists() or (noted := _ask_ledger(subject, _links_and_sample)) is None:
        return
    known, fetched = noted
    for source, number in (ask(kept, links_found) or {}).items():
        if number >= 5 and known.get(source, 0) < number / 2:
            what = f"the ledger knows {counted(known.get(source, 0), 'link')} of {source}, and its crawls found {number}"
            yield Diagnosis("ledger", "attention", what, _LEDGER_AGAIN.replace(" (or --mend)", ""))
    if subject.leftovers or not fetched:
        return  # what is not merged cannot be in the database
    keys = [f"url:{key}" for (key,) in fetched]
    found = ask(kept, lambda copy: known_keys(copy, keys))
    lost = len(keys) - len(found) if found is not None else 0
    if lost > len(keys) * _LINKS_LOST:
        what = f"{lost} of {counted(len(keys), 'link')} that the ledger calls fetched have no article in the database"
        advice = "merge what waits (scrapy ingest); then scrapy doctor --rebuild-ledger, and they are fetched again"
        yield Diagnosis("ledger", "attention", what, advice)


def _links_and_sample(db: sqlite3.Connection) -> tuple[dict[str, int], list[tuple[str]]]:
    """Source → how many links the ledger knows, and keys of the first that it calls fetched."""
    known = dict(db.execute("SELECT source, count(*) FROM links GROUP BY 1").fetchall())
    fetched = db.execute(
        "SELECT key FROM links WHERE state = 'fetched' ORDER BY discovered_at, key LIMIT ?", [SAMPLE]
    ).fetchall()
    return known, fetched


# --- the clock ----------------------------------------------------------------------------------------


def clock(subject: Subject) -> Iterator[Diagnosis]:
    """Nothing was noted ahead of now, unless by a clock that was ahead."""
    now = subject.now
    standing = ask(subject.data_dir, lambda copy: store_clock.standing(copy, now)) or "right"
    stored = ask(subject.data_dir, lambda copy: store_clock.noted_ahead(copy, now))
    noted = _ask_ledger(subject, lambda db: noted_ahead(db, now)) or {}
    advice = _SET_CLOCK if standing == "behind" else _PUT_RIGHT
    if stored is not None:
        number, latest = stored
        what = f"{counted(number, 'version')} fetched ahead of now, {_ahead(latest, now)}"
        yield Diagnosis("clock", "attention", what, advice.format("…"))
    for source, number in noted.items():
        what = f"{number} notes of the ledger on {source} lie ahead of now"
        yield Diagnosis("clock", "attention", what, advice.format(source))
    begun = {
        name: at for name in map(subject.name_of, subject.segments) if (at := begun_at(name)) is not None
    }
    if ahead := {name: at for name, at in begun.items() if at > now + store_clock.AHEAD}:
        what = f"{_some(list(ahead))} dated ahead of now, {_ahead(max(ahead.values()), now)}"
        # The file is what was written then: nobody changes it.
        yield Diagnosis("clock", "ok" if stored is None and not noted else "attention", what, _AS_WRITTEN)
    elif stored is None and not noted:
        yield Diagnosis("clock", "ok", f"nothing is noted ahead of now, {now:%Y-%m-%d %H:%M} UTC")


_PUT_RIGHT = (
    "a clock was ahead once: the next crawl of each source puts it right, and says so (scrapy crawl {})"
)
_SET_CLOCK = "the outlets' own dates say that this machine's clock is behind: set it; no crawl asks for anything until then"
_AS_WRITTEN = "they keep the dates that they were written with; what is read from them again is put right by the next crawl"


def _ahead(at: datetime, now: datetime) -> str:
    days = (at - now) / timedelta(days=1)
    return f"by up to {days:.0f} days" if days >= 2 else f"by up to {days * 24:.0f} hours"


# --- what is left lying about -------------------------------------------------------------------------


def scratch(subject: Subject) -> Iterator[Diagnosis]:
    """Files that a killed merge or publish left; damaged files that were set aside."""
    left = subject.scratch_left
    if left and lock_holder(subject.data_dir.store_lock) is None:
        size = size_words(sum(path.stat().st_size for path in left if path.is_file()))
        what = f"{counted(len(left), 'file')} of a run that was killed ({left[0].name} …), {size}"
        yield Diagnosis("scratch", "attention", what, "scrapy doctor --mend removes them", "scratch")
    if aside := sorted(subject.data_dir.root.glob("*.damaged-*")):
        size = size_words(sum(path.stat().st_size for path in aside))
        yield Diagnosis(
            "scratch", "ok", f"{len(aside)} damaged files were set aside, {size}; remove them when you like"
        )


CHECKS_WITHOUT_DATA: tuple[Check, ...] = (folder, disk, sources)
CHECKS: tuple[Check, ...] = (
    folder,
    disk,
    sources,
    locks,
    open_segments,
    waiting_segments,
    missing_segments,
    chain,
    unfinished_erasure,
    every_segment,
    store,
    copy,
    ledger,
    ledger_against_database,
    united,
    clock,
    scratch,
)


def repairs_of(diagnoses: Iterable[Diagnosis]) -> list[Repair]:
    """What can be done about these diagnoses without asking, each thing once."""
    return list(dict.fromkeys(diagnosis.repair for diagnosis in diagnoses if diagnosis.repair))
