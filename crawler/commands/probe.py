"""`scrapy probe URL`: looks at a new site and writes its source file and a first frozen page."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from scrapy.crawler import AsyncCrawlerProcess, Crawler

from crawler.addon import contact_of
from crawler.catalogue.model import Source
from crawler.catalogue.opml import sites_of
from crawler.catalogue.strict_toml import without_login
from crawler.command import KabarCommand
from crawler.config import project_root, source_dirs
from crawler.console.tables import write
from crawler.console.text import complain, say, short
from crawler.crawl.several import some_at_once
from crawler.errors import ATTENTION, ArgumentError
from crawler.interruption import Interruption
from crawler.probe.result import ARTICLES, MAX_REQUESTS, Probe, owned
from crawler.probe.source_file import name_of
from pipelines.address import host_of
from pipelines.article import Article, Page, Rejected

_NAME = re.compile(r"[a-z0-9_]+")
MAX_CASE_CHARS = 40
SHOWN_CHARS = 100


class Command(KabarCommand):
    """Ten minutes from an unknown site to a tested source, without Python."""

    def syntax(self) -> str:
        return "[options] URL|FILE.opml"

    def short_desc(self) -> str:
        return "Look at a new site and write its source file and a first frozen page"

    def long_desc(self) -> str:
        return (
            f"Look at a site that no source names, in at most {MAX_REQUESTS} polite requests: its system, feeds, "
            f"sitemaps, lists, zone, and {ARTICLES} articles. Writes a source file with the evidence for each line, and "
            "the first article as a frozen page. URL is its front page, a section or an article. Of a list in OPML each site is "
            "looked at, one after another; one that fails stops no other."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--name", metavar="NAME", help="the source's name (default: made of the host)")
        parser.add_argument(
            "--to",
            metavar="FOLDER",
            type=Path,
            help="where to write (default: the first of SOURCE_DIRS and KABAR_SOURCES, else sources/)",
        )
        parser.add_argument(
            "--force", action="store_true", help="also where a source or a file of that name is there already"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, look, show, write."""
        if len(args) != 1:
            raise ArgumentError("scrapy probe takes one address, or a list of sites in OPML")
        contact_of(self._settings)  # nonsense is wrong use, before anything is asked
        if args[0].lower().endswith((".opml", ".xml")) and "://" not in args[0]:
            self._look_at_all(Path(args[0]), opts)
            return
        probe = self._checked(args[0], opts)
        folder = self._folder(opts)
        self._free(folder, probe.name or probe.replaces or name_of(probe.url), probe.url, opts)
        if sys.stderr.isatty():
            say(f"looking at {probe.url}, in at most {MAX_REQUESTS} requests …", sys.stderr)
        interruption = self._look([probe])
        if interruption.signal is not None:
            self.exitcode = interruption.code
            complain(f"interrupted after {probe.requests} requests; nothing written")
            return
        if probe.refused is not None:
            raise ArgumentError(probe.refused)
        if probe.observations:
            _show(probe)
        if probe.source is None or probe.text is None:
            complain(
                f"{probe.failed or 'the look broke off; the log says why'} ({probe.requests} requests; nothing written)"
            )
            self.exitcode = ATTENTION
            return
        self._free(folder, probe.source.name, probe.source.home, opts)
        self._write(probe, probe.source, probe.text, folder)

    def _look_at_all(self, file: Path, opts: argparse.Namespace) -> None:
        """Look at each site of a list; a line says what came of it."""
        if opts.name is not None:
            raise ArgumentError("--name: the sites of a list have names of their own, made of their hosts")
        folder, probes, told = self._folder(opts), [], {}
        sites = _listed(file)
        for url in sites:
            try:
                probe = self._checked(url, opts)
                self._free(folder, probe.replaces or name_of(probe.url), probe.url, opts)
                probes.append(probe)
            except ArgumentError as error:
                told[url] = str(error).removeprefix(f"{url}: ").partition(";")[0]
        interruption = self._look(probes)
        looked_at = {probe.url: probe for probe in probes}
        for url in sites:
            say(f"{url}: {told.get(url) or self._summary(looked_at[url], folder, opts)}")
        if interruption.signal is not None:
            self.exitcode = interruption.code
            complain("interrupted; what is written stays, and the same command looks at the others")

    def _summary(self, probe: Probe, folder: Path, opts: argparse.Namespace) -> str:
        """Write what a look found; what came of it, on one line."""
        if probe.refused is not None:
            return probe.refused.removeprefix(f"{probe.url} ")
        if probe.source is None or probe.text is None:
            self.exitcode = ATTENTION
            why = probe.failed or ("the look broke off" if probe.requests else "not looked at")
            return f"nothing written: {why.removeprefix(f'{probe.url}: ')} ({probe.requests} requests)"
        try:
            self._free(folder, probe.source.name, probe.source.home, opts)
        except ArgumentError as error:
            self.exitcode = ATTENTION
            return f"nothing written: {error}"
        good = _put(probe, probe.source, probe.text, folder)
        articles = sum(isinstance(result, Article) for _, result in probe.read)
        self.exitcode = self.exitcode if good else ATTENTION
        return f"{short(folder / f'{probe.source.name}.toml')}, {probe.source.platform}, {articles} articles read ({probe.requests} requests)"

    def _look(self, probes: Sequence[Probe]) -> Interruption:
        """Look at the sites, one after another, until all are looked at or a signal comes."""
        from crawler.probe.spider import ProbeSpider  # here: Scrapy imports every command at every start

        interruption = Interruption()
        if not probes:
            return interruption
        process = AsyncCrawlerProcess(self._settings)

        def make(probe: Probe) -> Crawler:
            return process.create_crawler(type("ProbeOne", (ProbeSpider,), {"probe": probe}))

        some_at_once(process, probes, 1, make, lambda *_: None, interruption)
        with interruption.heard(process):
            process.start()
        return interruption

    def _folder(self, opts: argparse.Namespace) -> Path:
        """Where files are written."""
        named: Path = opts.to or next(iter(source_dirs(self._settings)), Path("sources"))
        return named.expanduser().absolute()

    def _checked(self, url: str, opts: argparse.Namespace) -> Probe:
        """The probe for an address; raises where something speaks against it."""
        url = without_login(url if "://" in url else f"https://{url}")
        if not host_of(url):
            raise ArgumentError(f"{url}: no address of a site")
        owner = self.catalogue().by_url(url)
        if owner is not None and not opts.force:
            raise ArgumentError(f"{url}: {owned(owner)}")
        if owner is not None and opts.name not in (None, owner.name):
            raise ArgumentError(
                f"--name {opts.name}: only a file named {owner.name} replaces the source that owns the host"
            )
        return Probe(url, opts.name, owner.name if owner is not None else None)

    def _free(self, folder: Path, name: str, url: str, opts: argparse.Namespace) -> None:
        """Refuse an impossible name, or one that another host's source has."""
        if not _NAME.fullmatch(name) or name == "unknown":
            raise ArgumentError(f"--name {name}: a source's name is a-z, 0-9 and _ only (and not 'unknown')")
        other = self.catalogue().get(name)
        if other is not None and not (opts.force and other.owns(url)):
            raise ArgumentError(f"--name {name}: that is the source of {other.home}")
        if (file := folder / f"{name}.toml").exists() and not opts.force:
            raise ArgumentError(f"{file} exists (--name NAME for another, --force to replace it)")

    def _write(self, probe: Probe, source: Source, text: str, folder: Path) -> None:
        file = folder / f"{source.name}.toml"
        case = _put(probe, source, text, folder)
        say()
        say(f"written: {short(file)}")
        if case is not None:
            say(f"written: {short(case)}")
        else:
            complain(
                f"{probe.url}: no article could be read ({probe.requests} requests); see what {file} lacks"
            )
            self.exitcode = ATTENTION
        self._say_next(source.name, folder, case is not None)

    def _say_next(self, name: str, folder: Path, has_page: bool) -> None:
        own = "" if folder in source_dirs(self._settings) else f" -s SOURCE_DIRS={quote(short(folder))}"
        say("next:")
        say(f"  correct {short(folder / f'{name}.toml')} by hand")
        say(f"  scrapy crawl {name} -a limit=3{own}")
        if has_page:
            say(
                f"  correct {short(folder / 'pages' / name)}/*/expected.toml by hand, then in {project_root()}"
            )
            say(f"  make check PAGES={quote(str(folder / 'pages'))} SOURCES={quote(str(folder))}")


def _listed(file: Path) -> list[str]:
    """The sites of a list in OPML; `ArgumentError` where it is none, or names none."""
    try:
        sites = sites_of(file.read_bytes())
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else f"no list in OPML: {error}"
        raise ArgumentError(f"{file}: {why}") from error
    if not sites:
        raise ArgumentError(f"{file}: it names no site")
    return sites


def _put(probe: Probe, source: Source, text: str, folder: Path) -> Path | None:
    """Write the source file and its first frozen page; the page's case, null where no article could be read."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{source.name}.toml").write_text(text, "utf-8")
    good = [page for page, result in probe.read if isinstance(result, Article)]
    return _freeze(good[0], source.name, folder) if good else None


def _freeze(page: Page, name: str, folder: Path) -> Path:
    """Freeze the page as a case; replaces the case of an earlier look, whose source file is replaced too."""
    from crawler.testing.freeze import freeze  # here, as above

    words = re.sub(r"[^a-z0-9]+", "-", (page.url or "").lower().rstrip("/").rpartition("/")[2])
    case = f"{name}/{words[:MAX_CASE_CHARS].strip('-') or 'pertama'}"
    root = folder / "pages"
    shutil.rmtree(root / case, ignore_errors=True)
    return freeze(page, case, root, [folder])


def _show(probe: Probe) -> None:
    """The tables, and what is missing."""
    write("table", ["what", "found", "evidence"], [
        [_line(each.what), _line(each.found), _line(each.evidence)] for each in probe.observations
    ])  # fmt: skip
    if probe.read:
        say()
        # On a terminal a line a column: a table would break instants.
        write(
            "line" if sys.stdout.isatty() else "table",
            ["article", "published", "as printed", "authors", "dateline", "words", "it begins"],
            [_row(page, result) for page, result in probe.read],
        )
    for each in probe.missing:
        say(f"not found: {each}")
    for each in probe.recurring:
        say(f"in several articles, perhaps junk (rules: drop_lines): {_line(each)}")
    say(f"requests: {probe.requests}")


def _row(page: Page, result: Article | Rejected) -> list[object]:
    if isinstance(result, Rejected):
        return [_line(page.url or ""), f"no: {result.reason}", None, None, None, None, None]
    published = (
        f"{result.published_at.isoformat()} ({result.published_from})" if result.published_at else None
    )
    return [
        _line(result.title or page.url or ""),
        published,
        _line(result.published_raw or "") or None,
        _line(", ".join(result.authors)) or None,
        result.dateline,
        result.word_count,
        _line(result.text[:SHOWN_CHARS]),
    ]


def _line(text: str) -> str:
    """Words of a site on one line, without control characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
