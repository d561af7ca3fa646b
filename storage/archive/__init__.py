"""The archive: WARC segments that hold every raw page, and how they are written, mended and read.

What a page means is not decided here.
"""

from storage.archive.writer import SegmentWriter

__all__ = ["SegmentWriter"]
