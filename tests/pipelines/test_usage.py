"""What a page says of how it may be used is kept, whoever says it and wherever."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipelines.article import Page
from pipelines.usage import usage_notice

FOOTER = (
    "<footer><p>Dilarang keras mengambil konten, melakukan crawling atau pengindeksan otomatis untuk AI di situs web ini "
    "tanpa izin tertulis dari Kantor Berita ANTARA.</p></footer>"
)


def said(body: str, *headers: tuple[str, str]) -> str | None:
    at = datetime(2024, 11, 20, tzinfo=UTC)
    return usage_notice(Page("https://warta.example/a/", "warta", at, 200, headers, body.encode()))


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        ("<p>Berita.</p>", (), None),
        ('<meta name="robots" content="index, follow, max-image-preview:large">', (), None),
        ('<meta name="robots" content="max-snippet:-1, noarchive">', (), "noarchive"),
        ("<META CONTENT='NOARCHIVE,NOAI' NAME=ROBOTS>", (), "noarchive; noai"),
        ('<meta name="description" content="noarchive">', (), None),
        ("", (("X-Robots-Tag", "otherbot: nosnippet"), ("x-robots-tag", "nocache")), "nosnippet; noarchive"),
        ("", (("TDM-Reservation", "1"),), "tdm-reservation"),
        ('<meta name="tdm-reservation" content="0">', (), None),
        ('<meta name="tdm-reservation" content="1">', (("X-Robots-Tag", "noarchive"),), "noarchive; tdm-reservation"),
        ("<p>Warga dilarang mengambil air. Alat AI dipakai dinas.</p>", (), None),
    ],
)  # fmt: skip
def test_marks_are_kept(body: str, headers: tuple[tuple[str, str], ...], expected: str | None) -> None:
    """Those that ask not to keep, show or learn; what allows is no mark."""
    assert said(body, *headers) == expected


def test_an_outlet_s_own_words_are_kept() -> None:
    """The sentence that forbids use by AI, as it stands in the footer."""
    found = said(FOOTER)
    assert (
        found is not None and found.startswith("Dilarang keras mengambil konten") and "izin tertulis" in found
    )
