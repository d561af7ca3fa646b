"""`scrapy doctor`: checks a DATA_DIR, says how to mend what it finds, and mends what it safely can."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from contextlib import closing

from crawler.command import KabarCommand
from crawler.config import document_bounds, follow_words, source_dirs, store_options
from crawler.console.tables import write
from crawler.console.text import complain, say
from crawler.doctor.checks import Diagnosis, examine, repairs_of
from crawler.doctor.repairs import Mender, mend
from crawler.doctor.subject import LOOK_WAIT_S, Subject
from crawler.errors import ATTENTION, ArgumentError
from storage.data_dir import DataDir


def _check_owner(kept: DataDir) -> None:
    """Refuse to mend as root what another user crawls: the files made would be out of that user's reach."""
    owner = kept.root.stat().st_uid if kept.root.exists() else os.geteuid()
    if os.geteuid() == 0 != owner:
        raise ArgumentError(
            f"{kept.root} belongs to user {owner}: run it as that user (sudo -u '#{owner}' …)"
        )


class Command(KabarCommand):
    """Exit code 0: all is well; 1: something needs attention."""

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Check the DATA_DIR; --mend repairs what it safely can"

    def long_desc(self) -> str:
        return (
            "Check the DATA_DIR, its locks, segments, databases and ledger, and the source files, and say how to "
            "mend what is found. Exit codes: 0 all is well, 1 something needs attention."
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

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Examine; mend where asked, and examine again."""
        if args:
            raise ArgumentError(f"scrapy doctor takes no {args[0]}; -s DATA_DIR=… says where to look")
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

    def _tell(self, diagnoses: Iterable[Diagnosis]) -> None:
        rows = [[each.state, each.check, each.what, each.advice or ""] for each in diagnoses]
        write("table", ["state", "check", "what was found", "how to mend it"], rows)
        if ill := [each for each in diagnoses if each.state != "ok"]:
            self.exitcode = ATTENTION
            more = "; scrapy doctor --mend does what is safe" if repairs_of(ill) else ""
            complain(f"{len(ill)} thing{'s' if len(ill) > 1 else ''} to see to{more}")
