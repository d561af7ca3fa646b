"""Time stamps (RFC 3161): an authority says that it saw the chain's head at a time, and so all pages before it."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from storage.archive.chain import Link, read_chain
from storage.archive.record import ArchiveError
from storage.data_dir import DataDir
from storage.disk import put_in_place

logger = logging.getLogger(__name__)

FOLDER = "stamps"
TIMEOUT_S = 30
MOST_BYTES = 1 << 20
NO_LIBRARY = (
    "TIMESTAMP_URL is set, and rfc3161-client is not installed: pip install 'kabar[evidence]'; "
    "the chain of segments goes on without stamps"
)


class StampError(Exception):
    """The authority gave no stamp; the message is one line."""


def stamp_of(segments: Path, number: int) -> Path:
    """Where the stamp of a line lies."""
    return segments.parent / FOLDER / f"{number:08}.tsr"


def first_stamp(segments: Path, links: Sequence[Link]) -> int | None:
    """The number of the first of these lines that has a stamp, which is one of that very line; null: none has."""
    numbers = {int(path.stem) for path in (segments.parent / FOLDER).glob("*.tsr") if path.stem.isdecimal()}
    for link in links:
        if link.number in numbers:
            answer = stamp_of(segments, link.number).read_bytes()
            if hashlib.sha256(link.line.encode()).digest() in answer:
                return link.number
    return None


def stamp(kept: DataDir, url: str) -> str | None:
    """Have stamped what is due: the head of the day before, and today's first; what went wrong, or null.

    What failed is due again the next time.
    """
    if not url:
        return None
    try:
        chain = read_chain(kept.segments)
    except (ArchiveError, OSError) as error:
        return f"{error}; nothing is stamped (scrapy doctor)"
    for link in due(chain, kept.segments):
        try:
            _keep(stamp_of(kept.segments, link.number), ask(url, link))
        except ModuleNotFoundError:
            return NO_LIBRARY
        except OSError as error:
            return f"{stamp_of(kept.segments, link.number)}: {error.strerror}"
        except StampError as error:
            return f"{url}: {error}; line {link.number} of the chain is stamped with the next harvest"
        logger.info("stamped line %d of the chain", link.number)
    return None


def due(chain: list[Link], segments: Path) -> list[Link]:
    """The lines to have stamped: the head of the chain, where no line of its day has a stamp, and the last of the day before."""
    if not chain:
        return []
    head = chain[-1]
    today = head.closed_at[:10]
    earlier = next((link for link in reversed(chain) if link.closed_at[:10] < today), None)
    stamped = {int(path.stem) for path in (segments.parent / FOLDER).glob("*.tsr") if path.stem.isdecimal()}
    found = [earlier] if earlier is not None and earlier.number not in stamped else []
    is_over = datetime.now(UTC).strftime("%Y-%m-%d") > today
    has_one = any(link.number in stamped for link in chain if link.closed_at[:10] == today)
    if head.number not in stamped and (is_over or not has_one):
        found.append(head)
    return found


def ask(url: str, link: Link) -> bytes:
    """The authority's answer for a line. Raises `StampError`, and `ModuleNotFoundError` without the library."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response

    data = link.line.encode()
    ask_for = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    asked = ask_for.nonce(nonce=True).cert_request(cert_request=True).build()
    if not url.lower().startswith(("http://", "https://")):
        raise StampError("TIMESTAMP_URL has to begin with http:// or https://")
    request = Request(url, asked.as_bytes(), {"Content-Type": "application/timestamp-query"})
    try:
        with urlopen(request, timeout=TIMEOUT_S) as answered:
            answer: bytes = answered.read(MOST_BYTES)
    except (URLError, HTTPException, OSError, ValueError) as error:
        is_answer = isinstance(error, HTTPError)
        reason = error if is_answer else getattr(error, "reason", None) or error
        raise StampError(f"no time stamp ({reason})") from error
    digest = hashlib.sha256(data).digest()
    try:
        found = decode_timestamp_response(answer)
        is_granted = found.status in (0, 1)
        told = found.tst_info if is_granted else None
        is_ours = told is not None and (told.message_imprint.message, told.nonce) == (digest, asked.nonce)
    except ValueError:
        # Authorities whose certificates stand in another order than DER wants are read by openssl, and not by the library.
        is_granted = _GRANTED.match(answer) is not None
        is_ours = digest in answer and _as_der(asked.nonce) in answer
    if not is_granted:
        raise StampError("the authority refused, or the answer is no time stamp")
    if not is_ours:
        raise StampError("the answer is a stamp of something else")
    return answer


_GRANTED = re.compile(rb"\x30\x82..\x30.\x02\x01[\x00\x01]", re.DOTALL)
"""How an answer begins that grants a stamp: a sequence whose first part has the status 0 or 1."""


def _as_der(number: int | None) -> bytes:
    """A whole number as it stands in the answer."""
    value = number or 0
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def _keep(place: Path, answer: bytes) -> None:
    place.parent.mkdir(exist_ok=True)
    made = place.with_name(f"{place.name}.new")
    made.write_bytes(answer)
    put_in_place(made, place)
