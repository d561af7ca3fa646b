"""The published copy: `news.duckdb` is replaced atomically by a copy of the store, and opened read-only by analysts."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import duckdb

from storage import segments
from storage.data_dir import DataDir, DataDirError, FileDamaged, damaged, told_if_unwritable
from storage.disk import copy_file, put_text, sync
from storage.schema import digest_of, known_schema, macros, view_texts
from storage.sources import WIB, shared_zone

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Publication:
    """What one publish cost. `seconds` is wall time; `reflink` tells that no byte was copied."""

    seconds: float
    size_bytes: int
    reflink: bool


def is_due(data_dir: DataDir, publish_every_s: float, publish_looks_every_s: float) -> bool:
    """Whether the copy lacks rows of the store, and is to be replaced now.

    No copy is replaced in less than `publish_every_s`; one that lacks looks alone, in less than
    `publish_looks_every_s` of the same day in the outlets' zone.
    """
    age = age_s(data_dir)
    if not is_stale(data_dir) or age < publish_every_s:
        return False
    return has_news(data_dir) or age >= publish_looks_every_s or _is_of_earlier_day(data_dir)


def has_news(data_dir: DataDir) -> bool:
    """Whether the store may have more than looks that the copy has not, or somebody wrote into that.

    Looks are times of looking, and rows of `crawls` and `fetches`.
    """
    return is_stale(data_dir) and _looks_noted(data_dir) is None


def merged_segments(data_dir: DataDir, folders: Sequence[str] | None = None) -> dict[str, int | None] | None:
    """What is merged (`storage.segments`): by the copy, and by the note of the looks that it lacks; null: nobody says.

    `folders`: those of the sources and hosts that are asked for; null: all.
    """
    found = ask(data_dir, lambda copy: segments.merged_segments(copy, folders))
    return merged_with_looks(data_dir, found) if found is not None else None


def merged_with_looks(data_dir: DataDir, merged: Mapping[str, int | None]) -> dict[str, int | None]:
    """What is merged by the copy, and by the note of the looks that it lacks."""
    return {**merged, **(_looks_noted(data_dir) or {})}


def note_looks(data_dir: DataDir, merged: Mapping[str, int | None], zone: str) -> None:
    """Note that the closed store, as it is now, has no more than looks that the copy has not.

    `merged`: the segments that all these looks came from; `zone`: that of the outlets.
    """
    note = {
        "store": _look(data_dir.store),
        "published": _look(data_dir.published),
        "merged": dict(merged),
        "zone": zone,
    }
    put_text(data_dir.looks, json.dumps(note))


def looks_before(data_dir: DataDir) -> dict[str, int | None] | None:
    """The segments of the looks that the copy lacks, before the store is opened; null: it lacks more than looks."""
    return _looks_noted(data_dir) if is_stale(data_dir) else {}


def _looks_noted(data_dir: DataDir) -> dict[str, int | None] | None:
    """The segments that are noted, where the note is about the store and the copy as they are; null: it is not."""
    try:
        note = json.loads(data_dir.looks.read_text(encoding="ascii"))
        files = (note["store"], note["published"])
        if data_dir.store.with_suffix(".duckdb.wal").exists():
            return None
        merged: dict[str, int | None] = note["merged"]
        return merged if files == (_look(data_dir.store), _look(data_dir.published)) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_of_earlier_day(data_dir: DataDir) -> bool:
    """Whether the copy is of an earlier day than today, in the zone that was noted with the looks.

    False where nothing is noted any more: another process has published meanwhile.
    """
    try:
        zone = ZoneInfo(json.loads(data_dir.looks.read_text(encoding="ascii"))["zone"])
        published_at = datetime.fromtimestamp(data_dir.publication.stat().st_mtime, zone)
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return published_at.date() < datetime.now(zone).date()


def publish_if_stale(data_dir: DataDir, zone: str | None = None) -> Publication | None:
    """Replace `news.duckdb` by a copy of the store, where it is not one already.

    `zone`: that of the followed outlets (`storage.sources.shared_zone`); null: the copy is asked.

    Call it with the store's lock held and the store closed. A copy that somebody wrote into (its
    size, time or inode differ from what was published) counts as stale.
    """
    if not data_dir.store.exists() or not is_stale(data_dir):
        return None
    with told_if_unwritable(data_dir.root):
        return publish(data_dir, zone)


def publish(data_dir: DataDir, zone: str | None) -> Publication:
    started = time.monotonic()
    fresh = data_dir.published.with_suffix(".duckdb.new")
    fresh.unlink(missing_ok=True)
    reflink = copy_file(data_dir.store, fresh)
    os.chmod(fresh, 0o444)
    sync(fresh)
    # A stale log of somebody's read-write session would be replayed into the new copy.
    data_dir.published.with_suffix(".duckdb.wal").unlink(missing_ok=True)
    os.replace(fresh, data_dir.published)
    sync(data_dir.root)
    _write_init_file(data_dir, zone or ask(data_dir, shared_zone) or WIB)
    result = Publication(time.monotonic() - started, data_dir.published.stat().st_size, reflink)
    note = {
        "store": _look(data_dir.store),
        "published": _look(data_dir.published),
        "code": code_of_schema(),
        **asdict(result),
    }
    put_text(data_dir.publication, json.dumps(note))
    logger.info(
        "published %.1f MB in %.2f s%s",
        result.size_bytes / 1e6,
        result.seconds,
        " (reflink)" if reflink else "",
    )
    return result


def age_s(data_dir: DataDir) -> float:
    """Seconds since the last publish; infinite before the first, and for one of a clock that was ahead."""
    try:
        age = time.time() - data_dir.publication.stat().st_mtime
    except OSError:
        return float("inf")
    return age if age >= 0 else float("inf")


def is_stale(data_dir: DataDir) -> bool:
    try:
        note = json.loads(data_dir.publication.read_text(encoding="ascii"))
        seen = (note["store"], note["published"])
        logs = (path.with_suffix(".duckdb.wal") for path in (data_dir.store, data_dir.published))
        return any(log.exists() for log in logs) or seen != (_look(data_dir.store), _look(data_dir.published))
    except (OSError, ValueError, KeyError):
        return True


def is_of_other_code(data_dir: DataDir) -> bool:
    """Whether the last publish was of other tables or views than this code's: after an upgrade."""
    try:
        return bool(
            json.loads(data_dir.publication.read_text(encoding="ascii")).get("code") != code_of_schema()
        )
    except (OSError, ValueError):
        return False  # stale in any case


def code_of_schema() -> list[object]:
    """What tables and views this code gives a store."""
    return [known_schema(), digest_of(view_texts())]


def _look(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_ino, found.st_size, found.st_mtime_ns]


def _write_init_file(data_dir: DataDir, zone: str) -> None:
    """`kabar.sql`, for a user's own database: `duckdb -init data/kabar.sql mine.duckdb`; instants as the outlets have them."""
    path = str(data_dir.published.resolve()).replace("'", "''")
    text = (
        "-- Attaches Kabar's published database, read-only, as `kabar`. Written by Kabar; changes are lost.\n"
        f"ATTACH IF NOT EXISTS '{path}' AS kabar (READ_ONLY);\n"
        f"SET TimeZone = '{zone}';\n"
        "SET search_path = 'main,kabar.main';\n\n"
    ) + macros("TEMP MACRO ", "kabar.")
    if not data_dir.init_file.exists() or data_dir.init_file.read_text(encoding="utf-8") != text:
        put_text(data_dir.init_file, text)


def open_published(data_dir: DataDir, timezone: str | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to `news.duckdb`; `FileNotFoundError` before the first publish.

    `FileDamaged` where it cannot be read, a copy from elsewhere that broke off on its way; `DataDirError` where it is no
    database of ours.
    """
    if not data_dir.published.exists():
        raise FileNotFoundError(str(data_dir.published))
    try:
        connection = duckdb.connect(str(data_dir.published), read_only=True)
    except duckdb.Error as error:
        raise damaged(data_dir.root, error) or error from error
    if not connection.execute("SELECT 1 FROM duckdb_schemas() WHERE schema_name = 'kept'").fetchone():
        connection.close()
        raise DataDirError(f"{data_dir.published} is no database of Kabar's")
    if timezone:
        connection.execute("SET TimeZone = ?", [timezone])
    return connection


def open_if_published(data_dir: DataDir, timezone: str | None = None) -> duckdb.DuckDBPyConnection | None:
    """A read-only connection to `news.duckdb`; null before the first publish, and where it cannot be opened.

    A damaged copy is no matter of those who ask: the next publish replaces it, and `scrapy doctor` finds it.
    """
    try:
        return open_published(data_dir, timezone)
    except (FileNotFoundError, DataDirError, FileDamaged, duckdb.Error):
        return None


def ask(data_dir: DataDir, question: Callable[[duckdb.DuckDBPyConnection], Result]) -> Result | None:
    """What the copy answers; null where there is none, or none that can be read."""
    connection = open_if_published(data_dir)
    if connection is None:
        return None
    with closing(connection):
        try:
            return question(connection)
        except duckdb.Error:
            return None
