"""What an ingest says at its end."""

from __future__ import annotations

from crawler.console.text import complain, say
from crawler.errors import ATTENTION, DONE
from crawler.ingest.documents import TOLD, Ingested


def tell_ingested(result: Ingested) -> int:
    """Say what an ingest did; the exit code."""
    merged = result.merged
    known = merged.known + merged.reread + merged.churning + result.unchanged
    figures = [
        f"{result.documents} documents: {merged.new} new articles",
        f"{merged.edited} edited",
        f"{known} known",
        f"{result.repeated} brought before",
        f"{result.refused} rejected",
        f"{result.skipped} records skipped",
    ]
    if result.unknown_hosts:
        figures.append(f"{result.unknown_hosts} of unknown hosts")
    if result.before:
        figures.append(f"{result.before} files ingested before")
    say(", ".join(figures))
    if others := result.passed_over:
        named = ", ".join(str(file) for file in others[:TOLD])
        rest = f" and {len(others) - TOLD} more" if len(others) > TOLD else ""
        complain(f"passed over, of a kind that is not read: {named}{rest}")
    for line in result.rejected:
        complain(line)
    if more := result.refused - len(result.rejected):
        complain(f'and {more} more; `scrapy query "from rejections"` shows all')
    for line in result.damaged:
        complain(line)
    return ATTENTION if result.damaged else DONE
