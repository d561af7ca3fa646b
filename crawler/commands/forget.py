"""`scrapy forget URL|ARTICLE_ID --reason TEXT`: an article that has to go, and to stay away."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from crawler.command import KabarCommand
from crawler.config import store_options
from crawler.console.tables import write
from crawler.console.text import complain, say
from crawler.errors import ArgumentError
from crawler.evidence.page import article_of
from crawler.forget import Erased, forget, intend, survey
from storage.tombstones import tombstones_of


class Command(KabarCommand):
    """Erases everywhere under DATA_DIR; asks nothing."""

    def syntax(self) -> str:
        return "[options] URL|ARTICLE_ID --reason TEXT"

    def short_desc(self) -> str:
        return "Erase an article for good, and keep it out"

    def long_desc(self) -> str:
        return (
            "Erase an article everywhere under DATA_DIR: its row, its versions, what was found in it, its pages in the "
            "archive, what lists and other pages of its outlet say of it, what databases keep of deleted rows, and logs. "
            "A tombstone stays, by which no crawl, ingest, reprocess or rebuild takes it again. Copies in other outlets "
            "are other articles, and are named. There is no way back: --dry-run shows what would go."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--reason", metavar="TEXT", help="why; it is kept, so it names nobody")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")
        parser.add_argument(
            "--list", action="store_true", help="what was erased here, to do the same to backups"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Finish what was cut short, then list, show or erase."""
        if opts.list:
            if args:
                raise ArgumentError("--list takes no article")
            self.settle_if_possible()
            self._list()
            return
        if len(args) != 1 or not args[0].strip():
            raise ArgumentError("scrapy forget takes one address or article_id, and --reason TEXT")
        reason = (opts.reason or "").strip()
        if not (reason or opts.dry_run):
            raise ArgumentError("scrapy forget needs --reason TEXT: it is all that stays of the article")
        self.settle(looks_too=True)
        kept, options = self.data_dir(), store_options(self._settings)
        connection = self.published()
        try:
            article_id = article_of(connection, kept, args[0].strip())
            intent = intend(connection, article_id, reason, datetime.now(UTC))
            if opts.dry_run:
                self._tell(survey(kept, connection, intent), "would forget")
            else:
                self._tell(forget(kept, connection, intent, options.wait_s, options.copy_window), "forgot")
        finally:
            connection.close()

    def _tell(self, done: Erased, verb: str) -> None:
        title = f" ({done.title})" if done.title and verb != "forgot" else ""
        say(
            f"{verb} {done.article_id}{title}: {_count(done.versions, 'version')}, {_count(done.records, 'page')}, "
            f"and what {_count(done.changed, 'other document')} said of it, in {_count(done.segments, 'segment')}"
        )
        if done.copies:
            number = len(done.copies)
            say(
                f"{number} cop{'y, another article, remains' if number == 1 else 'ies, other articles, remain'}:"
            )
            for each in done.copies:
                say(f"  {each.article_id} {each.source} {each.url or ''}".rstrip())
        for line in done.elsewhere:
            complain(line)

    def _list(self) -> None:
        rows = [
            [
                each.article_id,
                each.source,
                f"{each.forgotten_at:%Y-%m-%d %H:%M}",
                each.reason,
                ", ".join(each.segments),
            ]
            for each in tombstones_of(self.data_dir().root).all()
        ]
        if not rows:
            say("nothing was forgotten here")
            return
        write(None, ["article_id", "source", "forgotten_at", "reason", "segments"], rows)


def _count(number: int, thing: str, things: str | None = None) -> str:
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"
