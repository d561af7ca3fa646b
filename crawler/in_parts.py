"""A command whose work can be done in parts: one of them into files, or all of them on an engine."""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from crawler.command import KabarCommand
from crawler.config import read_limits, store_options
from crawler.console.progress import Bar, Standing
from crawler.console.text import say, short
from crawler.errors import DONE
from crawler.shards.arguments import folder_of
from crawler.shards.read import Task
from crawler.shards.split import Shard
from crawler.shards.spread import Kit, spread
from crawler.shards.told import tell_merged


class InParts(KabarCommand):
    """Adds what `--shard`, `--to` and `--executor` do."""

    def parts_folder(self, opts: argparse.Namespace) -> Path:
        """Where the parts lie that an engine reads: `--to`, else in the DATA_DIR."""
        return folder_of(opts.to) if opts.to else self.data_dir().parts

    def read_part(self, task: Task, shard: Shard) -> int:
        """Read one part, unless it is complete; the exit code."""
        (part,) = task.parts([shard])
        takes = f"scrapy merge {short(task.folder)} takes it"
        if part.complete(task.merger):
            say(f"{part.name.words} is complete already; {takes}")
            return DONE
        seen: deque[Standing] = deque(maxlen=1)
        with Bar(lambda: seen[-1] if seen else None):
            done = part.read(task.merger, seen.append)
        say(f"{part.name.words}: {_figures(done.counts, part.size)}; {takes}")
        for line in done.damaged:
            say(line)
        return DONE

    def spread(self, engine: str, task: Task) -> int:
        """Read all parts on an engine and merge them; the exit code."""
        kit = Kit(
            self.data_dir(), self.catalogue(), read_limits(self._settings), store_options(self._settings)
        )
        found = spread(engine, task, kit, lambda merging: Bar(merging.standing))
        return tell_merged(found, task.folder)


def _figures(counts: Mapping[str, int], size: int) -> str:
    """What the reader of a part has met; what it has not is left out."""
    said = [f"{number:,} {_WORDS[name]}" for name, number in counts.items() if number]
    return ", ".join([*said, f"{size / 1e6:,.1f} MB"])


_WORDS = {
    "documents": "documents",
    "articles": "articles",
    "skipped": "records skipped",
    "unknown_hosts": "of unknown hosts",
    "pages": "pages read again",
    "segments": "segments",
}
