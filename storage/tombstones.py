"""Tombstones: what was erased and is to stay away, known without being kept.

`tombstones.jsonl` has a line for each erased article: its id, why and when it went, and of each address and number that led
to it a keyed hash. The key lies beside it (`tombstones.key`): without it nobody can try addresses on a file that was copied.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from pipelines.address import address_key
from pipelines.article import Article, Page
from pipelines.dedupe import address_of, is_name, is_redirect, is_witness, name_key, name_within, text_key
from pipelines.page.parts import numbered
from pipelines.rules import UNKNOWN_SOURCE
from pipelines.withhold import own_addresses
from storage.disk import put_in_place

FILE = "tombstones.jsonl"
KEY = "tombstones.key"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of an erased article."""

    article_id: str
    source: str
    forgotten_at: datetime
    reason: str
    hashes: tuple[str, ...]
    """Of its keys (`pipelines.dedupe`)."""
    segments: tuple[str, ...] = ()
    """The archive files that were written anew without it: copies of them elsewhere still have it."""


class Tombstones:
    """The tombstones of a DATA_DIR, read again whenever the file has changed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._stamp: object = None
        self._all: dict[str, Tombstone] = {}
        self._hashes: frozenset[str] = frozenset()
        self._key = b""

    def all(self) -> list[Tombstone]:
        """In the order in which they were set."""
        self._read()
        return list(self._all.values())

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever erased here."""
        self._read()
        return not self._hashes

    def of(self, asked: str) -> Tombstone | None:
        """The tombstone of an id or an address; null: it was not erased."""
        self._read()
        if asked in self._all:
            return self._all[asked]
        if not self._hashes or "://" not in asked:
            return None
        digest = self.digest(name_key(asked))
        return next((each for each in self._all.values() if digest in each.hashes), None)

    def named(self, article_id: str) -> Tombstone:
        """The tombstone of that id; KeyError: there is none."""
        self._read()
        return self._all[article_id]

    def has_address(self, url: str | None) -> bool:
        """Whether an address, or the key of a platform's number, is an erased article's."""
        if not url or self.is_empty:
            return False
        return self._digest_of(url) in self._hashes

    def is_of(self, page: Page) -> bool:
        """Whether a page was asked for, or answered, at the address of an erased article; of one without an address, whether it gives itself that."""
        if self.is_empty or page.take is not None:
            return False
        if page.url is None:
            return any(map(self.has_address, own_addresses(page.body)))
        asked = page.link.url if page.link else None
        part = (
            numbered(page.url) if page.url else None
        )  # a further part that comes alone is the article's, too
        return any(map(self.has_address, (page.url, asked, part[1] if part else None)))

    def has(self, article: Article) -> bool:
        """Whether a reading is of an erased article: by its name, its number, or an address that leads to it.

        What a page merely says of itself counts only with the very words, for templates say one thing on all pages.
        """
        if self.is_empty:
            return False
        if article.url is None and article.source == UNKNOWN_SOURCE and self._has_words("", article):
            return True
        words = self._has_words(article.source, article)
        for number, key in enumerate(article.keys):
            named = name_within(key)
            if number == 0 or not is_witness(key) or named is None or is_redirect(key):
                if self.digest(named or key) in self._hashes:
                    return True
            elif words and self.digest(named) in self._hashes:
                return True
        return False

    def _has_words(self, source: str, article: Article) -> bool:
        return self.digest(text_key(source, article.fingerprint)) in self._hashes

    def digest(self, key: str) -> str:
        """The keyed hash of a key."""
        return hmac.new(self._key, key.encode(), hashlib.sha256).hexdigest()[:32]

    def set(self, stone: Tombstone, keys: Iterable[str]) -> Tombstone:
        """Add a tombstone with the hashes of these keys, or replace that of the same article. On the disk when it returns."""
        key_file = self._root / KEY
        if not key_file.exists():
            _put(key_file, f"{secrets.token_hex(32)}\n")
        self._stamp = None
        self._read()
        self._key = _key(key_file)
        hashes = tuple(sorted({self.digest(each) for each in keys} | {*stone.hashes}))
        whole = Tombstone(
            stone.article_id, stone.source, stone.forgotten_at, stone.reason, hashes, stone.segments
        )
        lines = [_line(each) for each in (self._all | {whole.article_id: whole}).values()]
        _put(self._root / FILE, "".join(lines))
        self._stamp = None
        return whole

    def adopt(self, other: Tombstones) -> None:
        """Add the tombstones of another folder that has the same key. `ValueError`: it has another, by which nothing is known here."""
        stones = other.all()
        if not stones:
            return
        if not (self._root / KEY).exists():
            _put(self._root / KEY, f"{other._key.hex()}\n")
        if _key(self._root / KEY) != other._key:
            raise ValueError(f"{self._root / KEY} is not the key of {other._root / KEY}")
        for stone in stones:
            self.set(stone, ())

    def _digest_of(self, url: str) -> str:
        return self.digest(url if url.startswith("id:") else name_key(url))

    def _read(self) -> None:
        path = self._root / FILE
        try:
            found = path.stat()
        except OSError:
            self._stamp, self._all, self._hashes = None, {}, frozenset()
            return
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        if stamp != self._stamp:
            self._all = {
                stone.article_id: stone for stone in map(_stone, path.read_text("utf-8").splitlines())
            }
            self._hashes = frozenset(each for stone in self._all.values() for each in stone.hashes)
            self._key = _key(self._root / KEY)
            self._stamp = stamp


@lru_cache(maxsize=8)
def tombstones_of(root: Path) -> Tombstones:
    """The tombstones of a DATA_DIR, one object for the process."""
    return Tombstones(root)


def keys_to_hash(keys: Collection[str], fingerprints: Iterable[tuple[str, str]]) -> set[str]:
    """What an article is known by from now on: its names, its numbers, the addresses that lead to it, its very words."""
    names = {name_within(key) or key for key in keys}
    # Under no source, too: a text whose outlet nobody can tell is known by nothing but its words.
    return names | {text_key(named, each) for source, each in fingerprints for named in (source, "")}


def addresses_in(keys: Collection[str]) -> set[str]:
    """The address keys among keys."""
    return {address_of(key) for key in (name_within(each) or each for each in keys) if is_name(key)}


def is_at(url: str | None, addresses: Collection[str]) -> bool:
    """Whether an address is one of these keys."""
    return bool(url) and address_key(url or "") in addresses


def _line(stone: Tombstone) -> str:
    fields = asdict(stone) | {"forgotten_at": stone.forgotten_at.astimezone(UTC).isoformat()}
    return f"{json.dumps(fields, ensure_ascii=False)}\n"


def _stone(line: str) -> Tombstone:
    fields = json.loads(line)
    return Tombstone(
        fields["article_id"],
        fields["source"],
        datetime.fromisoformat(fields["forgotten_at"]),
        fields["reason"],
        tuple(fields["hashes"]),
        tuple(fields.get("segments", ())),
    )


def _key(path: Path) -> bytes:
    try:
        return bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError):
        return b""


def _put(path: Path, text: str) -> None:
    made = path.with_name(f"{path.name}.new")
    made.unlink(missing_ok=True)
    fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
    put_in_place(made, path)
