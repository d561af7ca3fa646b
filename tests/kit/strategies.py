"""What hostile and broken sites send, for the property tests: real documents spoilt, and pieces put together badly.

The documents are those that the project has recorded or frozen; what is done to them is what proxies, bad
disks, careless templates and ill will do: cut, doubled, spliced, filled with what no parser expects.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

TESTS = Path(__file__).parents[1]
SITES = TESTS / "fixtures" / "sites"
PAGES = TESTS / "pages"

QUICK_EXAMPLES = 60
LONG_EXAMPLES = 100

_settings = partial(
    settings,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


def quickly(examples: int = QUICK_EXAMPLES) -> settings:
    """The same few examples on every machine."""
    return _settings(max_examples=examples)


def thoroughly(examples: int = LONG_EXAMPLES) -> settings:
    """Many examples, for the heavy set."""
    return _settings(max_examples=examples)


LENGTHS = [
    pytest.param(quickly, id="quick"),
    pytest.param(thoroughly, marks=pytest.mark.soak, id="long"),
]
"""For `at_length`: the same property in a few examples, and in many among the heavy tests."""


def documents(*patterns: str, most: int = 12) -> list[bytes]:
    """Recorded and frozen documents whose path matches, evenly chosen, in a fixed order."""
    found = sorted({path for pattern in patterns for path in TESTS.glob(pattern) if path.is_file()})
    assert found, patterns
    return [path.read_bytes() for path in found[:: max(1, len(found) // most)][:most]]


# --- texts ----------------------------------------------------------------------------------------

HOSTILE_TEXTS = (
    *(
        "",
        " ",
        "\x00",
        "\ufeff",
        "\u200b\u202e",
        "\ud800",
        "\udfff",
        "\uffff",
        "\x1b]0;x\x07",
        "\x7f",
        "\r\n\r\n",
    ),
    *(
        "a" * 3_000,
        " " * 3_000,
        "." * 3_000,
        "1" * 5_000,
        "<" * 500,
        "[" * 500,
        "-" * 500,
        "(*)" * 200,
        "A. " * 500,
    ),
    *(
        "Baca juga: ",
        "Baca juga: " * 200,
        "Penulis: ",
        "Editor : (((",
        "Halaman 1 dari 99",
        "(ADV)",
        "COPYRIGHT \u00a9",
    ),
    *(
        "SAMARINDA - ",
        "Samarinda (ANTARA) - ",
        "9999-12-31T23:59:59Z",
        "0000-00-00",
        "1970-01-01",
        "-1",
        "1e999",
        "NaN",
    ),
    *("31 Februari 2024", "24:60 WIB", "20/11/24", "kemarin", "999 jam lalu", "2024-11-20T10:00:00+99:99"),
    *(
        "'; DROP TABLE articles; --",
        "=cmd|'/c calc'!A1",
        "../../etc/passwd",
        "%s%n{0}",
        "http://[::1",
        "javascript:x",
    ),
    *(
        "//lain.example/a",
        "http://contoh.id:99999999/",
        "?page=" + "9" * 400,
        "/amp" * 200,
        "https://" + "m." * 300 + "id/",
    ),
)
TEXTS = st.one_of(
    st.sampled_from(HOSTILE_TEXTS),
    st.text(max_size=40),
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.lists(st.sampled_from(HOSTILE_TEXTS), max_size=4).map("".join),
)

ADDRESSES = st.builds(
    "{}{}{}/{}{}".format,
    st.sampled_from(["http://", "HTTPS://", "//", "", "ftp://", "javascript:"]),
    st.sampled_from(["", "www.", "m.", "m.m.", "www.m.www.", "user:pass@"]),
    st.sampled_from(["contoh.id", "Contoh.ID:443", "contoh.id:8080", "m.co", "127.0.0.1:9", "xn--a.id", "\u0131.id", "[::1]"]),
    st.lists(
        st.sampled_from(
            ["a", "/", "amp", "//amp", ";jsessionid=1F", ";sid=", "(S(lit3py55t21z5v55vlm25s55))", "%2f", "%", " ", "\t", "é", "\ud800", "..", "\x00"]
        ),
        max_size=8,
    ).map("".join),
    st.lists(
        st.sampled_from(
            ["?", "&", "=", "a=b", "page=all", "PHPSESSID=x", "\ud800", "sid=0123456789abcdef0123456789abcdef", "sid=7", "utm_x=1", "amp", "#x", "%", "+"]
        ),
        max_size=8,
    ).map("".join),
)  # fmt: skip
"""What may stand in an `href`, sessions and tracking among it."""


# --- bytes ----------------------------------------------------------------------------------------

TOKENS = (
    *(
        b"",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x1f\x8b\x08",
        b"%PDF-",
        b"\xed\xa0\x80",
        b"\xc3",
        b"&#0;",
        b"&#xd800;",
    ),
    *(
        b"&#99999999999;",
        b"&a;",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
        b"<?xml ?>",
    ),
    *(
        b"<script>",
        b"</script>",
        b"<style>",
        b"</div>" * 40,
        b"<div>" * 300,
        b"<b>" * 300,
        b"<table><tr><td>",
        b"</body></html>",
    ),
    *(
        b"<base href='http://[::1'>",
        b"<meta charset=utf-7>",
        b"<meta charset=punycode>",
        b"<a href='//[x'>",
        b"<h1>",
        b"<time>",
    ),
    *(
        b'"',
        b"'",
        b"{",
        b"}",
        b"[",
        b"]" * 9,
        b"[" * 3_000,
        b",",
        b"null",
        b"1e999",
        b"-1",
        b"9" * 5_000,
        b'"\\ud800"',
    ),
    *(
        b"9999-12-31T23:59:59Z",
        b"0000-00-00 00:00:00",
        b"\r\n\r\n",
        b"\n \n",
        b" " * 2_000,
        b"=" * 200,
        b"User-agent: *",
    ),
)
_EDITS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "overwrite", "delete", "double", "cut", "splice", "flip"]),
        st.floats(0, 1),
        st.integers(1, 600),
        st.sampled_from(TOKENS),
    ),
    min_size=1,
    max_size=6,
)


def spoilt(originals: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """One of the documents, edited as no writer of it would."""
    return st.builds(_edited, st.sampled_from(originals), _EDITS, st.sampled_from(originals))


def _edited(document: bytes, edits: Sequence[tuple[str, float, int, bytes]], other: bytes) -> bytes:
    for kind, where, length, token in edits:
        at, there = int(where * len(document)), int(where * len(other))
        before, piece, after = document[:at], document[at : at + length], document[at + length :]
        document = before + _INSTEAD[kind](piece, token, other[there : there + 8 * length]) + after
        if kind == "cut":
            document = before or piece
    return document


_INSTEAD: dict[str, Callable[[bytes, bytes, bytes], bytes]] = {
    "insert": lambda piece, token, other: token + piece,
    "overwrite": lambda piece, token, other: token,
    "delete": lambda piece, token, other: b"",
    "double": lambda piece, token, other: piece * 3,
    "splice": lambda piece, token, other: other + piece,
    "flip": lambda piece, token, other: bytes(byte ^ 0x55 for byte in piece[:3]) + piece[3:],
    "cut": lambda piece, token, other: piece,
}


_PIECES = tuple(piece.encode() for piece in (
    "<html>", "<head>", "<body class='single single-post postid-7'>", "<h1>Gotong Royong Sambut Hujan di Desa</h1>",
    "<title>Gotong Royong Sambut Hujan di Desa - Contoh</title>", "<meta property='og:type' content='article'>",
    "<div class='entry-content'>", "<div class='related'>", "<div class='widget sidebar'>", "<article>", "</article>",
    "<p>Warga bergotong royong membersihkan saluran air sebelum musim hujan tiba, kata lurah setempat.</p>", "<p>", "<br>",
    "<div>", "</div>", "<table><tr><td>", "<ul><li>", "<figure><figcaption>Warga (Foto: Ist)</figcaption>", "<img src=a><em>b</em>",
    "<a href='/berita/gotong-royong-sambut-hujan-di-desa/'>Gotong Royong Sambut Hujan di Desa</a>", "<a rel=tag>", "<a rel=next href='?page=2'>2</a>",
    "<div class='pagination'><a href='/a/2'>2</a><a href='/a/99999999999999999999'>9</a>", "Halaman 1 dari 3", "<p>Baca juga: Judul Lain Yang Panjang</p>",
    "<time class='entry-date' datetime='9999-01-01'>", "<span class='date'>20 November 2024 10:00 WITA</span>", "<div class='author'>Penulis: Rudi</div>",
    "<script type='application/ld+json'>{\"@graph\":[{\"@type\":[\"NewsArticle\",7],\"headline\":{},\"author\":[[[]]],\"datePublished\":[null,1]}]}</script>",
    "<script type='application/ld+json'>[[[[[[{\"@type\":null}", "<script id='__NEXT_DATA__'>{\"a\":{\"title\":[],\"content\":\"" + "x" * 200 + "\"}}</script>",
    "<div id='app' data-page='{\"props\":[1,{\"title\":1,\"content\":\"\"}]}'>", "<link rel='canonical' href='http://[x'>", "<meta http-equiv='refresh' content='0;url='>",
    "<p itemprop='articleBody'>", "<p style='display:none'>", "<p class='" + "a-" * 900 + "'>", "<svg><p>", "<select><option>", "&nbsp;", "\x00", "(*)", "(ADV/DPRD)",
))  # fmt: skip
MARKUP = st.lists(st.sampled_from(_PIECES), max_size=30).map(b"".join)
"""Pages of pieces that mean something, in an order that does not."""

HEADERS = st.sampled_from(
    ["", "text/html", "text/html; charset=utf-8", "text/html; charset=windows-1252", "text/html; charset=utf-16", "text/html; charset=utf-7",
     "text/html; charset=punycode", "text/html; charset=idna", "text/html; charset=hex", "text/html; charset=unicode_escape",
     "text/html; charset=\x00", "text/html; charset=" + "x" * 300, "application/json", "application/pdf", "image/jpeg", "multipart/x", ";;;"]
)  # fmt: skip
"""Content-Types, true and lying."""


# --- JSON -----------------------------------------------------------------------------------------

_ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    TEXTS,
    st.sampled_from(
        [
            [],
            {},
            [[]],
            {"": None},
            10**400,
            [None],
            [{}],
            {"rendered": 7},
            {"name": []},
            {"@id": {}},
            "0000-00-00T00:00:00",
        ]
    ),
)
_WRONG = st.lists(st.tuples(st.floats(0, 1), _ANYTHING), min_size=1, max_size=6)


def wronged(value: Any) -> st.SearchStrategy[Any]:
    """The JSON value with some of what is in it replaced by anything else."""
    return _WRONG.map(partial(_replaced, value))


def _replaced(value: Any, changes: Sequence[tuple[float, Any]]) -> Any:
    value = deepcopy(value)
    for where, new in changes:
        places = list(_places(value))
        if places:
            places[min(int(where * len(places)), len(places) - 1)](deepcopy(new))
    return value


def _places(value: Any) -> list[Callable[[Any], None]]:
    """What sets each of the places in a value, however deep."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    own = [partial(value.__setitem__, key) for key in keys]
    return own + [place for key in keys for place in _places(value[key])]


def as_json(value: Any) -> bytes:
    """As a server would print it: numbers beyond all measure and half characters too."""
    return json.dumps(value).encode()
