"""A segment written anew without an erased article: beside the old one first, then, when the database knows, in its place.

The article's pages go with all their records; from what the outlet says elsewhere its link, title and words are taken out.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.address import address_key
from pipelines.page.parts import numbered
from pipelines.withhold import IsErased, Words, addresses_of, cut, withheld
from storage.archive.members import Group, Member, groups
from storage.disk import put_in_place, sync
from storage.tombstones import is_at

STAGED = ".forgetting"
"""What the name of a file ends in that waits for the database."""


def _nothing_at(addresses: frozenset[str]) -> Sequence[str]:
    """What is said where nobody knows what other articles say."""
    return ()


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is erased, as far as the archive asks."""

    addresses: frozenset[str]
    """Address keys."""
    numbers: frozenset[str]
    """Keys of platforms' numbers (`id:HOST:NUMBER`)."""
    words: Words
    places: frozenset[tuple[str, int]]
    """(Segment, offset) of its pages: one without an address is known by nothing else."""
    theirs: Callable[[frozenset[str]], Sequence[str]] = _nothing_at
    """Address keys → what the other articles there say: such words stay in what was served there, for they are theirs, too."""
    names: frozenset[str] = frozenset()
    """Address keys of the outlet's other articles: what is served there is theirs, whatever words it shares."""
    judge: IsErased | None = None
    """Tells by keyed hashes, where addresses are not known any more. Null: they are."""

    def is_erased(self, url: str) -> bool:
        if self.judge is not None:
            return self.judge(url)
        return url in self.numbers if url.startswith("id:") else is_at(url, self.addresses)


@dataclass(slots=True)
class Rewritten:
    """What became of one segment."""

    segment: str
    size: int = 0
    """In bytes, afterwards."""
    dropped: int = 0
    """Records of its pages that went."""
    changed: int = 0
    """Documents and pages of others from which it was taken out."""
    offsets: dict[int, int] = field(default_factory=dict)
    """Offset of a page before → afterwards, of those that stay and moved."""
    ends: dict[int, int] = field(default_factory=dict)
    """End of a group before → afterwards: of a quiet segment it is known how much is merged."""
    old_sha256: str = ""
    new_sha256: str = ""


def stage(path: Path, segment: str, erasure: Erasure, write: bool = True) -> Rewritten | None:
    """Write a segment anew beside itself; null: it has nothing of the article. `ArchiveError`: it is damaged.

    Without `write` it is only said what would go.
    """
    done = Rewritten(segment)
    pieces: list[bytes] = []
    for group in groups(path):
        left = _left_of(group, segment, erasure, done)
        if left and group[-1].kind == "response":
            before = group[-1].offset
            after = done.size + sum(map(len, left[:-1]))
            done.offsets |= {before: after} if after != before else {}
        done.size += sum(map(len, left))
        done.ends[group[-1].end] = done.size
        pieces += left
    if not done.dropped and not done.changed:
        return None
    if write:
        data = b"".join(pieces)
        done.old_sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        done.new_sha256 = hashlib.sha256(data).hexdigest()
        made = path.with_name(path.name + STAGED)
        made.unlink(missing_ok=True)
        with made.open("xb") as file:
            file.write(data)
        sync(made)
    return done


def staged_in(folders: Iterable[Path]) -> Iterator[Path]:
    """The files that wait to be put in their places."""
    for folder in folders:
        yield from sorted(folder.glob(f"*{STAGED}"))


def put_staged(folders: Iterable[Path]) -> None:
    """Put what waits in its place."""
    for path in staged_in(folders):
        put_in_place(path, path.with_name(path.name.removesuffix(STAGED)))


def _left_of(group: Group, segment: str, erasure: Erasure, done: Rewritten) -> list[bytes]:
    """The members of a group that stay, as they are or written anew."""
    response = group[-1]
    whole = [member.data for member in group]
    if response.kind != "response":
        return whole
    hints = _hints(group)
    place = (segment, response.offset)
    is_list = hints.get("role") == "discovery" or hints.get("document") == "rest"
    if not is_list and (_is_its_own(group, hints, place, erasure) or _has_its_text(response, erasure)):
        done.dropped += sum(member.kind == "response" for member in group)
        return []
    left = [_less(member, hints, erasure, is_list) for member in group]
    if left == whole:
        return whole
    done.changed += 1
    return left


def _is_its_own(group: Group, hints: Mapping[str, Any], place: tuple[str, int], erasure: Erasure) -> bool:
    link = hints.get("link") or {}
    urls = [member.headers.get("warc-target-uri") for member in group[-1:]]
    urls.append(link.get("url") if isinstance(link, dict) else None)
    parts = (numbered(url) for url in urls if url)
    urls += [found[1] for found in parts if found is not None]
    return place in erasure.places or any(url and erasure.is_erased(url) for url in urls)


def _has_its_text(response: Member, erasure: Erasure) -> bool:
    """Whether a page that is no other article's has much of the text: the article under an address that nobody knows it by."""
    url = response.headers.get("warc-target-uri")
    if not url or is_at(url, erasure.names):
        return False
    return erasure.words.runs_in(response.block.partition(b"\r\n\r\n")[2]) >= _MUCH_RUNS


_MUCH_RUNS = 25
"""So many runs of words are a paragraph or two."""


def _less(member: Member, hints: Mapping[str, Any], erasure: Erasure, is_list: bool) -> bytes:
    """The member without what is the article's in it."""
    if member.kind == "metadata" and hints.get("take"):
        return _with_take(member, hints, erasure)
    if member.kind != "response":
        return member.data
    head, gap, body = member.block.partition(b"\r\n\r\n")
    base = member.headers.get("warc-target-uri")
    left = withheld(body, base, erasure.is_erased, is_list) or body
    left = _without_words(left, erasure, lambda: _whose(body, base, hints, is_list))
    kept = [
        line
        for line in head.split(b"\r\n")
        if withheld(
            b'<a href="' + b'"><a href="'.join(_URL.findall(line)) + b'">', base, erasure.is_erased, False
        )
        is None
    ]
    if left == body and len(kept) == len(head.split(b"\r\n")):
        return member.data
    lines = [
        b"Content-Length: %d" % len(left) if line.lower().startswith(b"content-length:") else line
        for line in kept
    ]
    return with_block(member, b"\r\n".join(lines) + gap + left, left)


_URL = re.compile(rb"https?://[^\s<>\"',;]+")


def _whose(body: bytes, base: str | None, hints: Mapping[str, Any], is_list: bool) -> frozenset[str]:
    """Address keys of the articles that are read from a document; none of one that only leads to them."""
    if hints.get("role") == "discovery":
        return frozenset()
    link = hints.get("link")
    urls = [base, link.get("url") if isinstance(link, dict) else None]
    part = numbered(base) if base else None
    urls += [part[1] if part else None, *(addresses_of(body, base) if is_list else ())]
    return frozenset(address_key(url) for url in urls if url)


def _without_words(body: bytes, erasure: Erasure, whose: Callable[[], frozenset[str]]) -> bytes:
    """The document without the article's words, but for those that the articles that are read from it have as well."""
    if body.startswith(b"\x1f\x8b"):
        try:
            unpacked = gzip.decompress(body)
        except (OSError, EOFError):
            return body
        left = _without_words(unpacked, erasure, whose)
        return body if left == unpacked else gzip.compress(left, mtime=0)
    spans = erasure.words.spans(body)
    if spans and (served := whose()) and (texts := erasure.theirs(served)):
        spans = erasure.words.less(texts).spans(body)
    return cut(body, spans) if spans else body


def _hints(group: Group) -> dict[str, Any]:
    member = next((each for each in group if each.kind == "metadata"), None)
    if member is None:
        return {}
    try:
        found = json.loads(member.block)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and "kabar" in found else {}


def _with_take(member: Member, hints: Mapping[str, Any], erasure: Erasure) -> bytes:
    """The hints of a list, less the numbers of erased posts among those that were wanted of it."""
    gone = {key.rpartition(":")[2] for key in erasure.numbers}
    left = [number for number in hints["take"] if number not in gone]
    if left == hints["take"]:
        return member.data
    return with_block(member, json.dumps({**hints, "take": left}, ensure_ascii=False).encode())


def with_block(member: Member, block: bytes, payload: bytes | None = None) -> bytes:
    """The record with another block: its length and digests are those of the block; compressed."""
    lines = []
    for line in member.record.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        name = line.partition(b":")[0].lower()
        if name == b"content-length":
            lines.append(b"Content-Length: %d" % len(block))
        elif name == b"warc-block-digest":
            lines.append(b"WARC-Block-Digest: " + _sha1(block))
        elif name == b"warc-payload-digest":
            if payload is not None:
                lines.append(b"WARC-Payload-Digest: " + _sha1(payload))
        else:
            lines.append(line)
    record = b"\r\n".join(lines) + b"\r\n\r\n" + block + b"\r\n\r\n"
    return gzip.compress(record, compresslevel=6, mtime=0)


def _sha1(data: bytes) -> bytes:
    return b"sha1:" + base64.b32encode(hashlib.sha1(data).digest())
