"""`scrapy prune [SOURCE …] --before DATE | --keep-bytes N [--to DIR]`: archived pages that may go."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime

from crawler.command import KabarCommand
from crawler.config import store_options
from crawler.console.text import complain, counted, say, size_words
from crawler.crawl.arguments import parse_day
from crawler.errors import ATTENTION, ArgumentError
from crawler.prune import Keep, Pruned, candidates, folder_for, folders_of, prune, today

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


class Command(KabarCommand):
    """Articles stay whole; only their raw pages go, and view `segments` says which. What is not merged never goes."""

    def syntax(self) -> str:
        return "[options] [SOURCE ...]"

    def short_desc(self) -> str:
        return "Remove archived pages by age or size, or move them elsewhere"

    def long_desc(self) -> str:
        return (
            "Take segments, the files of archived pages, out of the archive: of the sources named, or of all. The "
            "articles stay as they are; what is pruned cannot be read again by better rules, nor shown as it was. "
            "A segment that is not merged never goes. View segments says what is gone, and where it is."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--before", metavar="DATE", help="what was fetched before this day (UTC) goes")
        parser.add_argument(
            "--keep-bytes", metavar="N", help="the oldest go until so many bytes are left, e.g. 800M or 20G"
        )
        parser.add_argument("--to", metavar="DIR", help="move them into this folder, each copy compared")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Choose, then prune source by source; what a crawl holds is left alone, and said."""
        keep = Keep(parse_day(opts.before, "--before "), _bytes(opts.keep_bytes))
        if keep == Keep():
            raise ArgumentError(
                "scrapy prune needs --before DATE or --keep-bytes N: it removes archived pages"
            )
        kept = self.data_dir()
        folders = folders_of(kept, args)
        if not kept.store.exists():
            say("nothing to prune: nothing is merged")
            return
        wait_s = store_options(self._settings).wait_s
        chosen = candidates(kept, folders, keep, wait_s, today())
        if opts.dry_run or not chosen:
            size = sum(each.size for each in chosen)
            names = {each.path.parent.name for each in chosen}
            say(
                f"would prune {_files(len(chosen), size).rstrip(',')}, of {len(names)} sources"
                if chosen
                else "nothing to prune"
            )
            return
        to = folder_for(opts.to, kept) if opts.to else None
        for done in prune(kept, chosen, to, wait_s, datetime.now(UTC)):
            self._tell(done, f"moved to {to}" if to else "removed")

    def _tell(self, done: Pruned, what: str) -> None:
        if done.busy:
            self.exitcode = ATTENTION
            complain(f"{done.busy}; its segments were left alone")
        else:
            say(f"{done.source}: {_files(done.segments, done.size)} {what}")


def _files(number: int, size: int) -> str:
    return f"{counted(number, 'segment')} ({size_words(size)})"


def _bytes(text: str | None) -> int | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,15})([KMGT]?)B?", text.strip().upper())
    if match is None:
        raise ArgumentError(f"--keep-bytes {text}: not a number of bytes (e.g. 500000000, 800M or 20G)")
    return int(match[1]) * _UNITS[match[2]]
