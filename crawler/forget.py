"""Erasing an article for good: what goes, in which order, and how a kill is made good.

What is to be done is written down first (`forgetting.json`), then the tombstone, which everybody obeys from then on. The
segments are written anew beside the old ones; one transaction erases the rows and moves those of others to their new
places; then the files are exchanged, the databases written anew, logs and pages cleaned. Whichever step a kill falls into,
the next command does it once more, which changes nothing.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from crawler.digest import mark
from crawler.errors import ArgumentError
from crawler.ledger.ledger import Ledger
from pipelines.address import address_key
from pipelines.article import OK, Article, Page, Rejected
from pipelines.withhold import Words, address_spans, cut, withheld
from storage import erase as rows
from storage.archive.chain import Link, keep_list, read_chain, replace_line
from storage.archive.record import ArchiveError, Role
from storage.archive.rewrite import Erasure, Rewritten, put_staged, stage, staged_in
from storage.chain import note_chain
from storage.compact import compact
from storage.copies import WINDOW
from storage.data_dir import DataDir, DiskFull, told_if_unwritable
from storage.disk import put_in_place, remove, room
from storage.erase import Copy, Known, copies_of, known_of
from storage.parts import PartBusy, merging
from storage.publish import open_published
from storage.store import open_store, settle_publication
from storage.tombstones import Tombstone, Tombstones, addresses_in, keys_to_hash, tombstones_of

logger = logging.getLogger(__name__)

NEVER = float("inf")
_BACKUPS = ("store.duckdb.before-*", "*.damaged-*")
"""What else has rows from before: copies of migrations, files that were set aside."""
_TEXTS = (
    *("*.json", "*.jsonl", "*.html", "*.md", "*.csv", "*.xml", "*.atom", "*.prom", "*.log"),
    *("logs/**/*", "digests/**/*"),
)
"""Files of the DATA_DIR that Kabar may have written and that may name an article; all others there are their user's."""
_NOT_CLEANED = ("tombstones.*", "forgetting.json*", "actors.csv")
_STALE_S = 3600
"""A folder of a command's own work that is older was left by one that was killed."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What an erasure does, as far as a later command needs to know to finish it."""

    known: Known
    addresses: frozenset[str]
    reason: str
    at: datetime

    @property
    def folders(self) -> tuple[str, ...]:
        """Whose segments may name it."""
        return tuple(sorted({self.known.source, *(name.partition("/")[0] for name, _ in self.known.places)}))

    def erasure(self) -> Erasure:
        """What is erased, for whoever asks for no other article."""
        known = self.known
        return Erasure(
            self.addresses,
            frozenset(key for key in known.keys if key.startswith("id:")),
            Words.of(known.titles, known.texts),
            frozenset(known.places),
        )


@dataclass(frozen=True, slots=True)
class Erased:
    """What went, or would go."""

    article_id: str
    title: str | None
    versions: int
    records: int
    changed: int
    segments: int
    copies: tuple[Copy, ...]
    elsewhere: tuple[str, ...]
    """What Kabar does not reach, a line each: segments that were moved away, exports."""


def intend(connection: Any, article_id: str, reason: str, now: datetime) -> Intent:
    """What erasing an article means."""
    known = known_of(connection, article_id)
    addresses = addresses_in(known.keys) | {address_key(each) for each in known.addresses}
    return Intent(known, frozenset(addresses), reason, now)


def survey(kept: DataDir, connection: Any, intent: Intent) -> Erased:
    """What would go. Nothing is written. `ArgumentError` for a segment that cannot be read."""
    found = _staged(kept, intent, connection, False)
    return _told(kept, connection, intent, found)


def forget(kept: DataDir, connection: Any, intent: Intent, wait_s: float, window: timedelta) -> Erased:
    """Erase the article everywhere under DATA_DIR, and publish.

    Raises `AlreadyRunning` where one of its sources is being crawled, `DatabaseBusy` where others add pages to the archive
    and none of them lets it in for `wait_s`, `DiskFull` where the disk has no room for the files
    that are written anew, `ArgumentError` for a segment that cannot be read; then nothing has changed.
    """
    with ExitStack() as held:
        _hold(kept, held, intent)
        held.enter_context(kept.erasing(wait_s))
        asked, folders = intent.known.article_id, intent.folders
        with open_store(kept, wait_s, NEVER, NEVER, coalesce=False) as store:
            if not rows.is_kept(store.connection, asked):
                raise ArgumentError(f"{asked}: was forgotten meanwhile")
            # Asked anew: another version may have come in since, with addresses and words of its own.
            intent = intend(store.connection, asked, intent.reason, intent.at)
        _hold(kept, held, intent, folders)
        told = survey(kept, connection, intent)
        connection.close()
        _check_room(kept, intent)
        _write(kept.forgetting, intent)
        _finish(kept, intent, wait_s, window)
    return told


def erase_again(kept: DataDir, wait_s: float, window: timedelta) -> int:
    """Erase what has a tombstone and came back with files of before its erasure; how many articles. Raises as `forget` does."""
    number = 0
    for stone in tombstones_of(kept.root).all():
        with closing(open_published(kept)) as copy:
            if rows.is_kept(copy, stone.article_id):
                intent = intend(copy, stone.article_id, stone.reason, stone.forgotten_at)
                forget(kept, copy, intent, wait_s, window)
                number += 1
    return number


def finish(kept: DataDir, wait_s: float, window: timedelta = WINDOW, held: str | None = None) -> None:
    """Finish an erasure that a kill cut short. Raises `AlreadyRunning` where a source of it is being crawled, and as `forget`."""
    if not kept.forgetting.exists():
        return
    intent = _read(kept.forgetting)
    with ExitStack() as locks:
        _hold(kept, locks, intent, {held})
        locks.enter_context(kept.erasing(wait_s))
        if kept.forgetting.exists():  # else another process has just done it
            _finish(kept, intent, wait_s, window)


def _hold(kept: DataDir, locks: ExitStack, intent: Intent, held: Collection[str | None] = ()) -> None:
    """Hold the locks of its sources too, but for those that are `held`; `AlreadyRunning` where one is being crawled."""
    for name in intent.folders:
        if name not in held:
            locks.enter_context(kept.source_lock(name))


def _finish(kept: DataDir, intent: Intent, wait_s: float, window: timedelta) -> None:
    with told_if_unwritable(kept.root):
        stones, known = tombstones_of(kept.root), intent.known
        stone = stones.of(known.article_id) or Tombstone(
            known.article_id, known.source, intent.at, intent.reason, ()
        )
        stone = stones.set(stone, keys_to_hash(_hashed(known, intent.addresses), known.fingerprints))
        folders = [kept.segments / name for name in intent.folders]
        with open_store(kept, wait_s, NEVER, NEVER, coalesce=False) as store:
            is_committed = rows.is_under_way(store, known.article_id)
        if not is_committed:
            for path in staged_in(folders):
                path.unlink()
            settle_publication(kept, wait_s)  # the copy answers what others say: nobody waits for the store
            with closing(open_published(kept)) as copy:
                found = _staged(kept, intent, copy, True)
            written = tuple(sorted({*stone.segments, *(each.segment for each in found)}))
            stones.set(
                Tombstone(
                    stone.article_id, stone.source, stone.forgotten_at, stone.reason, stone.hashes, written
                ),
                (),
            )
            for each in found:
                keep_list(kept.segments, each.segment)
            with open_store(kept, wait_s, NEVER, NEVER, coalesce=False) as store:
                rows.erase(store, known, intent.addresses, intent.reason, intent.at, found, window)
        put_staged(folders)
        chain = _chained(kept, stones.named(known.article_id))
        with open_store(kept, wait_s, NEVER, NEVER, coalesce=False) as store:
            rows.settle(store)
            if chain is not None:
                note_chain(store, chain)
        for pattern in _BACKUPS:
            for path in kept.root.glob(pattern):
                remove(path)
        compact(kept, wait_s)
        if kept.ledger.exists():
            with closing(Ledger(kept.ledger, wait_s=wait_s)) as ledger:
                ledger.erase(intent.addresses)
        mark.forget(kept, [known.article_id])
        _clean_texts(kept, intent.erasure())
        _clear_leftovers(kept)
        kept.forgetting.unlink()


def _chained(kept: DataDir, stone: Tombstone) -> list[Link] | None:
    """The chain with the lines of the segments that were written anew; null, and a line in the log: it is damaged."""
    try:
        for name in stone.segments:
            replace_line(kept.segments, name, stone.article_id, datetime.now(UTC))
        return read_chain(kept.segments)
    except ArchiveError as error:
        logger.warning("%s: it does not say that segments were written anew (scrapy doctor)", error)
        return None


def _hashed(known: Known, addresses: frozenset[str]) -> set[str]:
    return {*known.keys, *(f"url:{each}" for each in addresses)}


def _staged(kept: DataDir, intent: Intent, copy: Any, write: bool) -> list[Rewritten]:
    known, found = intent.known, []
    erasure = replace(
        intent.erasure(),
        names=rows.names_of_others(copy, known.source, known.article_id),
        theirs=cache(partial(rows.words_of_others, copy, known.article_id)),
    )
    for name in intent.folders:
        for path in sorted((kept.segments / name).glob("*.warc.gz")):
            try:
                done = stage(path, f"{name}/{path.name}", erasure, write)
            except ArchiveError as error:
                raise ArgumentError(f"{error}: it may hold the article (scrapy doctor --segments)") from error
            if done is not None:
                found.append(done)
    return found


def _told(kept: DataDir, connection: Any, intent: Intent, found: Sequence[Rewritten]) -> Erased:
    known = intent.known
    moved = rows.of_segments(connection, {name for name, _ in known.places})
    elsewhere = [
        f"{segment} was pruned, {f'and lies in {folder}' if folder else 'and a copy may lie elsewhere'}"
        for segment, folder in moved.items()
    ]
    elsewhere += [
        f"{path.parent} is an export from before" for path in sorted(kept.root.glob("*/datapackage.json"))
    ]
    return Erased(
        known.article_id,
        known.titles[0] if known.titles else None,
        known.versions,
        sum(each.dropped for each in found),
        sum(each.changed for each in found),
        len(found),
        tuple(copies_of(connection, known.article_id)),
        tuple(elsewhere),
    )


def _check_room(kept: DataDir, intent: Intent) -> None:
    """Raise `DiskFull` where the store, its copy and the largest folder of segments do not fit once more."""
    free, _ = room(kept.root, kept.store)
    segments = sum(
        path.stat().st_size for name in intent.folders for path in (kept.segments / name).glob("*.warc.gz")
    )
    ledger = kept.ledger.stat().st_size if kept.ledger.exists() else 0
    wanted = 2 * kept.store.stat().st_size + segments + 2 * ledger + (1 << 20)
    if free < wanted:
        raise DiskFull(
            f"erasing writes files anew and needs {wanted / 1e6:.0f} MB on the disk of DATA_DIR {kept.root}, which has "
            f"{free / 1e6:.0f} MB: make room, then run the command again; nothing was erased"
        )


# --- files that name it -------------------------------------------------------------------------------


def _clean_texts(kept: DataDir, erasure: Erasure) -> None:
    """Overwrite what logs, the status page and the rest say of it, in their places: a log may be open elsewhere."""
    for path in _texts(kept.root):
        with suppress(FileNotFoundError):  # gone meanwhile: a page that is being written anew
            _clean(path, erasure)


def _texts(root: Path) -> Iterator[Path]:
    for path in sorted({found for pattern in _TEXTS for found in root.glob(pattern)}):
        if path.is_file() and not path.is_symlink() and not any(path.match(each) for each in _NOT_CLEANED):
            yield path


def _clear_leftovers(kept: DataDir) -> None:
    """Remove what may hold it and can be made again: parts that were read, and the work of commands that were killed."""
    if kept.parts.is_dir():
        with suppress(PartBusy), merging(kept.parts):
            for path in kept.parts.glob("kabar-*"):
                remove(path)
    for path in (*kept.scratch.glob("export-*"), *kept.scratch.glob("rebuild-*")):
        if time.time() - path.stat().st_mtime > _STALE_S:
            remove(path)


def _clean(path: Path, erasure: Erasure) -> None:
    data = path.read_bytes()
    spans = [*address_spans(data, None, erasure.is_erased), *erasure.words.spans(data)]
    if not spans:
        return
    clean = cut(data, spans, b"x")
    with path.open("r+b") as file:
        for begin, end in spans:
            file.seek(begin)
            file.write(clean[begin:end])
        os.fsync(file.fileno())


# --- the intent ---------------------------------------------------------------------------------------


def _write(path: Path, intent: Intent) -> None:
    fields = {
        "known": asdict(intent.known),
        "addresses": sorted(intent.addresses),
        "reason": intent.reason,
        "at": intent.at.astimezone(UTC).isoformat(),
    }
    made = path.with_name(f"{path.name}.new")
    made.unlink(missing_ok=True)
    fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        json.dump(fields, file)
    put_in_place(made, path)


def _read(path: Path) -> Intent:
    fields = json.loads(path.read_text("utf-8"))
    known: dict[str, Any] = {
        name: tuple(tuple(each) if isinstance(each, list) else each for each in value)
        if isinstance(value, list)
        else value
        for name, value in fields["known"].items()
    }
    return Intent(
        Known(**known),
        frozenset(fields["addresses"]),
        fields["reason"],
        datetime.fromisoformat(fields["at"]),
    )


# --- pages that come ----------------------------------------------------------------------------------


def admitted(kept: DataDir, page: Page, role: Role) -> Page | None:
    """A page without what was erased of it, to be archived and read; null: it is an erased article's own."""
    stones = tombstones_of(kept.root)
    if stones.is_empty:
        return page
    is_list = role == "discovery" or page.document == "rest"
    if not is_list and stones.is_of(page):
        return None
    left = withheld(page.body, page.url, stones.has_address, is_list)

    return page if left is None else replace(page, body=left)


def without_erased(
    kept: DataDir, page: Page, results: Sequence[Article | Rejected]
) -> list[Article | Rejected]:
    """The results of a page without the erased articles among them; in their places stands that they are kept out."""
    stones = tombstones_of(kept.root)
    if stones.is_empty:
        return [*results]
    if stones.is_of(page):
        return [kept_out(page)]
    return [kept_out(page) if _is_erased(stones, each) else each for each in results]


def kept_out(page: Page) -> Rejected:
    """That a page, or an article in it, is erased; its address is not said."""
    return Rejected(None, page.source, page.fetched_at, "forgotten")


def is_kept_out(results: Sequence[Article | Rejected]) -> bool:
    """Whether a page had nothing but erased articles."""
    return bool(results) and all(
        isinstance(each, Rejected) and each.reason == "forgotten" for each in results
    )


def emptied(page: Page) -> Page:
    """What may be kept of an erased article's page where a row needs a page: its source and when it was fetched."""
    return replace(page, url=None, status=OK, headers=(), body=b"", link=None, parts=())


def _is_erased(stones: Tombstones, result: Article | Rejected) -> bool:
    return stones.has(result) if isinstance(result, Article) else stones.has_address(result.url)
