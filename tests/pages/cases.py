"""Where our own frozen pages stand. What a case is, and how one is read and written: `crawler.testing.case`, `crawler.testing.freeze`."""

from __future__ import annotations

from pathlib import Path

PAGES = Path(__file__).parent
SOURCES = PAGES / "sources"
"""Source files of the outlets that no bundled file names."""
