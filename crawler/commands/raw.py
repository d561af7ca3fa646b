"""`scrapy raw URL|ARTICLE_ID`: the archived page behind a row."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from crawler import __version__
from crawler.command import KabarCommand
from crawler.console.text import complain, printable, say
from crawler.errors import ArgumentError
from crawler.evidence.page import ArchivedPage, page_of
from storage.archive.members import Member
from storage.archive.wacz import Entry, write_wacz


class Command(KabarCommand):
    """Reads the archive; asks no site."""

    def syntax(self) -> str:
        return "[options] URL|ARTICLE_ID"

    def short_desc(self) -> str:
        return "Print the archived page behind an article"

    def long_desc(self) -> str:
        return (
            "Print the page that an article was read from, byte for byte as it was archived: of its newest version, or "
            "of any other. An article of a list (WordPress REST) is printed with the whole answer that had it."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--version", type=int, metavar="N", help="of this version (default: the newest)")
        parser.add_argument(
            "--headers", action="store_true", help="print the headers of both sides instead of the page"
        )
        parser.add_argument(
            "--wacz", metavar="FILE", help="write the page and its further parts for replayweb.page"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Find the page, then print it or write it."""
        if len(args) != 1 or not args[0].strip():
            raise ArgumentError("scrapy raw takes one address or article_id")
        if opts.headers and opts.wacz:
            raise ArgumentError("--headers prints and --wacz writes: one of them")
        self.settle_if_possible()
        with closing(self.published()) as copy:
            page = page_of(copy, self.data_dir(), args[0].strip(), opts.version)
        if opts.wacz:
            _write(page, Path(opts.wacz))
        elif opts.headers:
            _print_headers(page)
        else:
            _print(page)


def _print(page: ArchivedPage) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(page.response.block.partition(b"\r\n\r\n")[2])
    sys.stdout.buffer.flush()
    if number := len(page.parts):
        complain(f"the article goes on in {number} further page{'s' if number > 1 else ''}: --wacz has all")


def _print_headers(page: ArchivedPage) -> None:
    """The request, an empty line, the answer: as on the wire, less what archives leave out."""
    place = page.place
    say(f"# version {place.version}, fetched {place.fetched_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    say(f"# {page.path} at byte {page.response.offset}")
    _print_head("> ", page.request)
    if page.request is None:
        say("> (the request was not archived)")
    say()
    _print_head("< ", page.response)


def _print_head(sign: str, member: Member | None) -> None:
    if member is not None:
        for line in member.block.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n"):
            say(f"{sign}{printable(line)}")


def _write(page: ArchivedPage, file: Path) -> None:
    url = page.response.headers.get("warc-target-uri", "")
    entry = Entry(url, page.place.title, page.place.fetched_at)
    try:
        write_wacz(file, page.group, [entry], datetime.now(UTC), f"Kabar {__version__}")
    except OSError as error:
        raise ArgumentError(f"--wacz {file}: {error.strerror}") from error
    say(f"{file}: {url}, fetched {page.place.fetched_at.astimezone(UTC):%Y-%m-%d}")
    if page.reservation is not None:
        complain(page.reservation)
