"""What is kept of a list's digests, in one file of DATA_DIR: the mark and the digests themselves move together, or not at all.

A list is a file of terms and the outlets that are followed: two newsrooms with files of their own do not take each
other's news away, whoever changes what is in the file goes on with it, and whoever follows other outlets begins anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from crawler.digest.model import Digest, Kept, as_json, from_json
from storage.data_dir import DataDir, exclusive, told_if_unwritable
from storage.disk import put_in_place

_WAIT_S: Final = 30
MOST_KEPT: Final = 30
"""Digests of a list that are kept: a feed shows them all, so a reader that looks weekly misses none."""
LISTED_WITHOUT_TERMS: Final = "actors"


@dataclass(frozen=True, slots=True)
class ListKey:
    """Which list a digest is of."""

    name: str
    """For people."""
    key: str
    """Of files and feeds: letters, digits and - alone."""


def key_of(terms: Path | None, follow: Iterable[str]) -> ListKey:
    """The list of a file of terms (null: none) and the words of FOLLOW."""
    name = terms.stem if terms else LISTED_WITHOUT_TERMS
    told = json.dumps([str(terms.resolve()) if terms else None, sorted(follow)])
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return ListKey(
        name, f"{plain or 'list'}-{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:8]}"
    )


def file_of(data_dir: DataDir, key: ListKey) -> Path:
    """Where it is kept."""
    return data_dir.digests / f"{key.key}.json"


class DigestDamaged(Exception):
    """What is kept of a list cannot be read; the message says what to do."""


def load(data_dir: DataDir, key: ListKey) -> Kept | None:
    """What is kept of a list; null: no digest of it was made. Raises `DigestDamaged`."""
    path = file_of(data_dir, key)
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DigestDamaged(
            f"{path} cannot be read: remove it, and the next digest is the first one"
        ) from error


def save(data_dir: DataDir, key: ListKey, kept: Kept) -> None:
    """Keep it, whole or not at all, and for good when this returns."""
    _put(file_of(data_dir, key), kept, data_dir)


def _put(path: Path, kept: Kept, data_dir: DataDir) -> None:
    with told_if_unwritable(data_dir.root):
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f"{path.name}.new")
        made.unlink(missing_ok=True)
        with made.open("x", encoding="utf-8") as file:
            json.dump(as_json(kept), file)
        put_in_place(made, path)


def with_new(kept: Kept | None, digest: Digest) -> tuple[Digest, ...]:
    """The digests of a list with one more, the last one first."""
    return (digest, *(kept.digests if kept else ()))[:MOST_KEPT]


def forget(data_dir: DataDir, article_ids: Collection[str]) -> list[Path]:
    """Take these articles out of every digest that is kept; the files that had one. Ids alone stay in the mark."""
    changed = []
    for path in sorted(data_dir.digests.glob("*.json")):
        # A digest that is being made has read the article already, and would bring it back.
        with exclusive(lock_of(data_dir, path.stem), path, _WAIT_S):
            if _forget_in(path, data_dir, article_ids):
                changed.append(path)
    return changed


def _forget_in(path: Path, data_dir: DataDir, article_ids: Collection[str]) -> bool:
    try:
        kept = from_json(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError, AttributeError):
        path.unlink()  # nobody can say what stands in it
        return True
    without = replace(kept, digests=tuple(_without(each, article_ids) for each in kept.digests))
    if without != kept:
        _put(path, without, data_dir)
    return without != kept


def lock_of(data_dir: DataDir, key: str) -> Path:
    """What whoever changes the file of a list holds meanwhile."""
    return data_dir.locks / f"digest-{key}.lock"


def _without(digest: Digest, article_ids: Collection[str]) -> Digest:
    gone = frozenset(article_ids)
    topics = tuple(
        replace(
            topic,
            items=tuple(each for each in topic.items if each.article_id not in gone),
            changes=tuple(each for each in topic.changes if each.article_id not in gone),
            uncorrected=tuple(
                each for each in topic.uncorrected if not {each.article_id, each.original_id} & gone
            ),
        )
        for topic in digest.topics
    )
    return replace(digest, topics=topics)
