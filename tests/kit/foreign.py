"""WARC files as other tools write them, byte for byte: what differs between them is what reading must bear."""

from __future__ import annotations

import gzip
from collections.abc import Iterable

HTTP_RESPONSE = "application/http; msgtype=response"


def record(
    block: bytes,
    uri: str | bytes | None = "https://wartapesisir.example/dermaga/",
    *,
    kind: str = "response",
    date: str | None = "2024-11-20T01:00:00Z",
    content_type: str | None = HTTP_RESPONSE,
    version: str = "WARC/1.0",
    length: int | None = None,
    end: bytes = b"\r\n",
    **more: str,
) -> bytes:
    """One record. Null leaves its header away; `length`: a Content-Length that is not true; `more`: further headers."""
    named: dict[str, str | bytes | None] = {
        "WARC-Type": kind,
        "WARC-Date": date,
        "WARC-Record-ID": f"<urn:uuid:{abs(hash((block, uri, kind, date))):032x}>",
        "WARC-Target-URI": uri,
        "Content-Type": content_type,
        **{name.replace("_", "-"): value for name, value in more.items()},
        "Content-Length": str(len(block) if length is None else length),
    }
    lines = [version.encode()]
    for name, value in named.items():
        if value is not None:
            lines.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
    return end.join(lines) + end * 2 + block + end * 2


def http(
    body: bytes, *headers: str | bytes, status: str = "HTTP/1.1 200 OK", kind: str | None = "text/html"
) -> bytes:
    """An answer as it came over the wire. `kind` null: without a Content-Type."""
    given = [f"Content-Type: {kind}"] if kind else []
    lines = [status, *given, *headers]
    raw = [line if isinstance(line, bytes) else line.encode() for line in lines]
    return b"\r\n".join(raw) + b"\r\n\r\n" + body


def chunked(body: bytes, extension: bytes = b"") -> bytes:
    """The body in two chunks and a trailer."""
    half = len(body) // 2
    parts = (body[:half], body[half:])
    sent = b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)
    return sent + b"0\r\nX-Checksum: none\r\n\r\n"


def by_record(records: Iterable[bytes]) -> bytes:
    """Gzip, a member for each record: what the standard asks for."""
    return b"".join(map(gzip.compress, records))


def cc_news(url: str, body: bytes, date: str = "2024-11-20T01:00:00Z") -> list[bytes]:
    """What CC-NEWS keeps of one page: the body decoded, the headers of its coding renamed."""
    answer = http(
        body,
        "X-Crawler-Content-Encoding: gzip",
        "X-Crawler-Transfer-Encoding: chunked",
        "X-Crawler-Content-Length: 999",
        f"Content-Length: {len(body)}",
    )
    fields = "application/warc-fields"
    return [
        record(
            b"GET / HTTP/1.1\r\n\r\n", url, kind="request", content_type="application/http; msgtype=request"
        ),
        record(answer, url, date=date, WARC_Identified_Payload_Type="text/html"),
        record(b"fetchTimeMs: 211\r\n", url, kind="metadata", content_type=fields),
    ]


def warcinfo() -> bytes:
    """How a file begins."""
    fields = b"software: another crawler\r\nformat: WARC File Format 1.0\r\n"
    return record(fields, None, kind="warcinfo", content_type="application/warc-fields")
