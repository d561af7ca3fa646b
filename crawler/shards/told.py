"""What a merge of parts says at its end."""

from __future__ import annotations

from pathlib import Path

from crawler.console.text import complain, say, short
from crawler.errors import ATTENTION, DONE
from crawler.ingest.told import tell_ingested
from crawler.reprocess import tell_reprocessed
from crawler.shards.merge import MergedParts


def tell_merged(found: MergedParts, folder: Path) -> int:
    """Say what a merge did; the exit code."""
    code = DONE
    if found.has_ingested:
        code = tell_ingested(found.ingested)
    for each in found.reprocessed.values():
        tell_reprocessed(each, dry_run=False)
    if found.ingested.merged.fault:
        complain(found.ingested.merged.fault)
        code = ATTENTION
    for line in found.refused:
        complain(line)
        code = ATTENTION
    for line in found.waiting:
        say(line)
    if not found.tasks:
        say(f"{short(folder)} holds no parts yet")
    elif not found.parts and not found.waiting and not found.refused:
        say("all parts are merged already")
    return code
