"""What a reading depends on, in a word: parts that were read by anything else are not merged."""

from __future__ import annotations

from crawler.processing.merger import Merger
from pipelines.rules import Rules, digest, rules_version


def rules_of_all(merger: Merger) -> str:
    """12 hex digits of code, libraries, the sources, whose hosts are whose, and their rules."""
    sources = {
        source.name: [sorted(source.hosts), merger.read_by(source.name)]
        for source in merger.catalogue.values()
    }
    return digest([rules_version(Rules()), sources])
