"""`scrapy doctor`: checks a DATA_DIR, says how to mend what it finds, and mends what it safely can."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from crawler.backup import restore
from crawler.command import KabarCommand
from crawler.config import document_bounds, follow_words, source_dirs, store_options
from crawler.console.tables import write
from crawler.console.text import complain, say
from crawler.doctor.checks import Diagnosis, examine, repairs_of
from crawler.doctor.layout import Break, breaks, looks
from crawler.doctor.repairs import Mender, mend
from crawler.doctor.subject import LOOK_WAIT_S, Subject
from crawler.errors import ATTENTION, ArgumentError
from crawler.forget import erase_again
from storage import settled
from storage.data_dir import DataDir


def _check_owner(kept: DataDir) -> None:
    """Refuse to mend as root what another user crawls: the files made would be out of that user's reach."""
    owner = kept.root.stat().st_uid if kept.root.exists() else os.geteuid()
    if os.geteuid() == 0 != owner:
        raise ArgumentError(
            f"{kept.root} belongs to user {owner}: run it as that user (sudo -u '#{owner}' …)"
        )


_HOW = "mend the rules, then scrapy reprocess"


def _lines(found: Break, name: str, kept: DataDir) -> Iterable[str]:
    """What fell out, between which pages, and what to do: 80 columns, but for addresses, which stay whole."""
    why = f" ({found.broke.reason})" if found.broke.reason else ""
    by = f", by {found.worked.container}" if found.what == "container" else ""
    yield f"{found.what}: missing in the newest {found.pages} pages{why}"
    yield f"  rule    {found.rule}"
    for word, look in ((f"worked  {{}}{by}", found.worked), ("broke   {}", found.broke)):
        yield f"  {word.format(look.day)}"
        yield f"          {look.url}"
        yield f"          {look.segment}"
    yield "  freeze  make freeze \\"
    yield f"            DATA_DIR={shlex.quote(str(kept.root))} \\"
    yield f"            ARTICLE={shlex.quote(found.broke.url)} \\"
    yield f"            CASE={name}/layout-{found.broke.day}"
    if found.what in ("articles", "container"):
        yield "  rules   old pages keep theirs: put this line under the last [[rules]], and"
        yield "          the new selectors under a [[rules]] of their own behind it"
        yield f"            valid_until = {found.worked.day}"


class Command(KabarCommand):
    """Exit code 0: all is well; 1: something needs attention."""

    def syntax(self) -> str:
        return "[options] [SOURCE]"

    def short_desc(self) -> str:
        return "Check the DATA_DIR; --mend repairs what it safely can"

    def long_desc(self) -> str:
        return (
            "Check the DATA_DIR, its locks, segments, databases and ledger, and the source files, and say how to "
            "mend what is found. Of a SOURCE: read its newest archived pages again, and show the last that read well "
            "and the first that did not. Exit codes: 0 all is well, 1 something needs attention."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--segments", action="store_true", help="read every archived page, to find damage"
        )
        parser.add_argument(
            "--mend", action="store_true", help="do what is safe; damaged files are kept aside"
        )
        parser.add_argument(
            "--rebuild-ledger",
            action="store_true",
            help="make the ledger again from the segments and the database",
        )
        parser.add_argument("--restore", metavar="DIR", help="make the empty DATA_DIR of this backup")

    def check_data_dir(self, opts: argparse.Namespace) -> None:
        """A restore that was killed is gone on with."""
        if opts.restore is None:
            super().check_data_dir(opts)

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Examine; mend where asked, and examine again."""
        if opts.restore is not None:
            self._restore(args, opts)
            return
        if args:
            self._examine_layout(args, opts)
            return
        options = store_options(self._settings)
        wait_s = min(LOOK_WAIT_S, options.wait_s)
        subject = Subject(
            self.data_dir(), source_dirs(self._settings), follow_words(self._settings), wait_s, opts.segments
        )
        diagnoses = list(examine(subject))
        if opts.mend or opts.rebuild_ledger:
            _check_owner(subject.data_dir)
            with closing(self.readers()) as readers:
                mender = Mender(subject, readers, options, document_bounds(self._settings))
                wanted = repairs_of(diagnoses) if opts.mend else []
                if opts.rebuild_ledger and subject.data_dir.root.exists():
                    wanted.append("ledger")
                for line in mend(mender, wanted):
                    say(f"mended: {line}")
            diagnoses = list(examine(subject))
        self._tell(diagnoses)

    def _restore(self, args: list[str], opts: argparse.Namespace) -> None:
        if args or opts.segments or opts.mend or opts.rebuild_ledger:
            raise ArgumentError("scrapy doctor --restore DIR takes no SOURCE and no other option")
        kept = self.data_dir()
        number = restore(kept, Path(opts.restore).expanduser())
        settled.forget(kept)
        self.settle(looks_too=True)
        options = store_options(self._settings)
        erased = erase_again(kept, options.wait_s, options.copy_window) if kept.published.exists() else 0
        say(f"restored {number} segments into {kept.root}; scrapy doctor checks it")
        if erased:
            complain(f"{erased} articles of the backup were forgotten after it, and are erased again")
        if (kept.root / "sources").is_dir():
            say(f"your source files lie in {kept.root / 'sources'}: name their folders in SOURCE_DIRS")

    def _examine_layout(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1 or opts.segments or opts.mend or opts.rebuild_ledger:
            raise ArgumentError("scrapy doctor takes one SOURCE, without options")
        source = self.catalogue().source(args[0])
        with closing(self.readers()) as readers:
            read = looks(self.merger(self.catalogue(), readers), source)
        if not read:
            say(f"{source.name}: no page of an article is archived that could be read again")
            return
        say(f"{source.name}: {len(read)} pages read again, {read[0].day} to {read[-1].day}")
        found = list(breaks(read, source))
        for each in found:
            for line in _lines(each, source.name, self.data_dir()):
                say(line)
        if found:
            self.exitcode = ATTENTION
            complain(f"{source.name}: {', '.join(each.what for each in found)} fell out; {_HOW}")
        else:
            say("nothing fell out")

    def _tell(self, diagnoses: Iterable[Diagnosis]) -> None:
        rows = [[each.state, each.check, each.what, each.advice or ""] for each in diagnoses]
        write("table", ["state", "check", "what was found", "how to mend it"], rows)
        if ill := [each for each in diagnoses if each.state != "ok"]:
            self.exitcode = ATTENTION
            more = "; scrapy doctor --mend does what is safe" if repairs_of(ill) else ""
            complain(f"{len(ill)} thing{'s' if len(ill) > 1 else ''} to see to{more}")
