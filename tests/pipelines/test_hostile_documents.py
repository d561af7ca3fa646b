"""Documents that no newsroom wrote: each an article or a rejection for a true reason, in bounded time and memory.

Each is read in a process of its own, which the kernel ends when it has used up its time: what hangs is told from
what is slow without a clock.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from pipelines.article import Article, Page, Rejected
from pipelines.read import read
from pipelines.rules import Rules
from tests.kit.apart import apart, results_of
from tests.kit.factories import STORY
from tests.pipelines.expected import page

MEMORY_MB = 400
"""More than the process had before; the greediest takes a third of it."""

TITLE = "Warga Tanjung Limau Perbaiki Dermaga Kayu"
BODY = "".join(f"<p>{line}</p>" for line in STORY.split("\n"))


def article(inside: str = "", head: str = "", above: str = "", below: str = "") -> str:
    """An article with something in it, in its head, above or below it."""
    return (
        f"<html><head><title>{TITLE}</title><meta property='og:type' content='article'>{head}</head><body>{above}"
        f"<h1>{TITLE}</h1><div class='entry-content'>{BODY}{inside}</div>{below}</body></html>"
    )


def ld(text: str) -> str:
    return f"<script type='application/ld+json'>{text}</script>"


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """Imports and profiles are loaded once, and not by every child."""
    list(read(page(article(above=f"<p>{STORY}")), Rules()))


@dataclass(frozen=True)
class Told:
    """What reading in a process of its own gave; outcome null: it did not end in its time."""

    outcome: Article | Rejected | None
    memory_mb: float = 0.0

    def __str__(self) -> str:
        return (
            self.outcome.reason
            if isinstance(self.outcome, Rejected)
            else "article"
            if self.outcome
            else "no end"
        )


def read_apart(a_page: Page, rules: Rules) -> Told:
    """The only outcome of a page, read in a child that has little time."""
    found, memory_mb = apart(results_of, a_page, rules)
    return Told(found[0] if found else None, memory_mb)


N = 100_000
QUICK: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "ten megabytes": (lambda: article("<p>" + "a " * 5_000_000), "too_large"),
    "a million links": (lambda: article("<a href=/>" * 150_000), "too_large"),
    "elements without end": (lambda: article("<p>a" * N), "too_large"),
    "nested a hundred thousand deep, below": (lambda: article(below="<div>" * N), "article"),
    "nested a hundred thousand deep, above": (lambda: article(above="<div>" * N), "too_short"),
    "JSON-LD nested a hundred thousand deep": (lambda: article(head=ld("[" * N)), "article"),
    "a graph in a graph in a graph": (lambda: article(head=ld('{"@graph":' * 20_000 + "1" + "}" * 20_000)), "article"),
    "a graph that leads to itself": (
        lambda: article(head=ld('{"@graph":[{"@id":"a","mainEntity":{"@id":"a"},"author":{"@id":"a"}}]}')), "article",
    ),
    "a number of a hundred thousand digits": (lambda: article(head=ld('{"a":' + "1" * N + "}")), "article"),
    "white space in a script": (lambda: article(head=ld(" " * 1_500_000 + "x")), "article"),
    "an attribute of a megabyte": (lambda: article(f"<p title='{'a' * 1_000_000}'>x</p>"), "article"),
    "a class of a megabyte around everything": (lambda: article(above=f"<div class='{'a-' * 500_000}'>"), "article"),
    "one class of a thousand hyphens": (lambda: article("".join(f"<p class='{'-' * 900}{n}'>x</p>" for n in range(900))), "article"),
    "a title of a megabyte": (lambda: article(head=f"<meta property='og:title' content='{'.' * 1_000_000}x'>"), "article"),
    "a canonical address of a megabyte": (
        lambda: article(head=f"<link rel=canonical href='https://contoh.id{'/amp' * 250_000}/x'>"), "article",
    ),
    "a refresh of white space": (lambda: article(head=f"<meta http-equiv=refresh content='0;url={' ' * N}a b'>"), "article"),
    "comments that never end": (lambda: article("<!--" * N), "article"),
    "marks without end": (lambda: article("<p>Selesai. " + "(*)" * 300_000 + "</p>"), "article"),
    "a paragraph of a megabyte": (lambda: article("<p>" + "Warga membersihkan dermaga. " * 20_000 + "</p>"), "article"),
    "less-than signs": (lambda: article("<" * 500_000), "article"),
    "null bytes": (lambda: article("\x00" * 9).encode(), "article"),
    "null bytes in front": (lambda: b"\x00" * 9 + article().encode(), "article"),
    "a PDF": (lambda: b"%PDF-1.7\n" + article().encode(), "not_html"),
    "a JPEG": (lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF" + article().encode(), "not_html"),
    "a page still packed": (lambda: gzip.compress(article().encode()), "not_html"),
    "half a page": (lambda: article().encode()[: len(article()) // 2], "article"),
    "half a character": (lambda: article("<p>Warga “Limau").encode()[:-30] + b"\xe2\x80", "article"),
}  # fmt: skip
"""What a server sends, and what becomes of it."""


@pytest.mark.parametrize(("make", "expected"), QUICK.values(), ids=QUICK)
def test_a_hostile_document_has_a_true_outcome(make: Callable[[], str | bytes], expected: str) -> None:
    """In bounded time and memory, whatever it is made of."""
    told = read_apart(page(make()), Rules())
    assert str(told) == expected, told.outcome
    assert told.memory_mb < MEMORY_MB
    if isinstance(told.outcome, Article):
        assert STORY.split("\n")[0][:200] in told.outcome.text
        assert "\x00" not in told.outcome.text


CHARSETS: dict[str, tuple[str, str]] = {
    "as it says": ("utf-8", "utf-8"),
    "windows-1252 called utf-8": ("cp1252", "utf-8"),
    "utf-8 called windows-1252": ("utf-8", "windows-1252"),
    "utf-8 called latin-1": ("utf-8", "iso-8859-1"),
    "utf-8 called utf-16": ("utf-8", "utf-16"),
    "utf-16 with a mark": ("utf-16", ""),
    "utf-16 with a header": ("utf-16-le", "utf-16-le"),
    "windows-1252 called what does not exist": ("cp1252", "x-user-defined"),
    "windows-1252 called punycode": ("cp1252", "punycode"),
    "windows-1252 called utf-7": ("cp1252", "utf-7"),
    "windows-1252 called unicode_escape": ("cp1252", "unicode_escape"),
}


@pytest.mark.parametrize(("written", "called"), CHARSETS.values(), ids=CHARSETS)
def test_a_lying_character_set_costs_no_letter(written: str, called: str) -> None:
    """What is text in one character set is read in that, whatever it is called."""
    said = "<p>“Dermaga itu – kata Hamzah – café kami,” ujarnya.</p>"
    told = read_apart(
        page(article(said).encode(written), content_type=f"text/html; charset={called}"), Rules()
    )
    assert isinstance(told.outcome, Article), told
    assert told.outcome.text.endswith("“Dermaga itu – kata Hamzah – café kami,” ujarnya.")


def test_a_character_set_of_pythons_own_does_not_hang() -> None:
    """So much punycode would take a minute, a page of it half an hour."""
    told = read_apart(
        page(b"<p>\xff" + b"a-9a" * 75_000, content_type="text/html; charset=punycode"), Rules()
    )
    assert told.outcome is not None


@pytest.mark.parametrize("kind", ["application/json", "application/pdf", "image/jpeg", "text/plain", "", "x"])
def test_a_page_is_a_page_whatever_it_is_called(kind: str) -> None:
    """A Content-Type is believed less than the bytes."""
    assert str(read_apart(page(article(), content_type=kind), Rules())) == "article"


# --- time that grows with the square ----------------------------------------------------------------

LINE = "Warga membersihkan dermaga kayu bersama anggota kelompok nelayan setempat kemarin"
REPEATED: dict[str, Callable[[int], str]] = {
    "lines between breaks": lambda n: article("a<br>" * n),
    "lines of stories between breaks": lambda n: article((LINE + "<br>") * n),
    "page words": lambda n: article("<p>" + "<b>Halaman</b> 1 dari 3 " * n),
    "boxes of noise": lambda n: article(f"<div class=related><p>{LINE * 6}.</p></div>" * n),
    "texts behind what leaves": lambda n: article(f"<i class=ads></i>{LINE}" * n),
    "headings that open furniture": lambda n: article("<p>Komentar</p>" * n + f"<p>{LINE * 3}.</p>"),
    "lines that end no sentence": lambda n: article(f"<p>{LINE}</p>" * n),
    "marks on their own lines": lambda n: article("<p>(a/b)</p>" * n + f"<p>{LINE}.</p>"),
    "articles of one page": lambda n: article(below=f"<div class=x><h1>Judul</h1><p>{LINE}</p></div>" * n),
    "stories without a body": lambda n: "<h1>Judul</h1>" + "".join(f"<div class=x{m}><p>{LINE} {m}.</p></div>" for m in range(n)),
    "headlines and headings": lambda n: article(head=ld('{"@type":"NewsArticle","headline":"Judul"}') * n, below="<h1>Lain</h1>" * n),
    "authors and editors": lambda n: article(f"<p>Penulis: {'(' * 220}</p>" * n),
    "links": lambda n: article(below=f"<a href=/berita/{LINE.replace(' ', '-')}>{LINE}</a> " * n),
    "pagers": lambda n: article(below="<div class=pag><a href='?page=2'>2</a></div>" * n),
    "cards": lambda n: article(below=f"<div class=c><a href=/a>{LINE}</a></div>" * n),
    "dates": lambda n: article(above="<div class=date>diperbarui 20 November 2024</div>" * n),
}  # fmt: skip


@pytest.mark.soak
@pytest.mark.parametrize("make", REPEATED.values(), ids=REPEATED)
def test_what_is_repeated_without_end_comes_to_an_end(make: Callable[[int], str]) -> None:
    """As often as a megabyte and the bound on elements allow."""
    times = 14_000
    while len(make(times)) >= 1_000_000 or make(times).count("<") - make(times).count("</") > 29_000:
        times -= 1_000
    told = read_apart(page(make(times)), Rules())
    assert told.outcome is not None
    assert not isinstance(told.outcome, Rejected) or told.outcome.reason not in ("parser_error", "too_large")
    assert told.memory_mb < MEMORY_MB
