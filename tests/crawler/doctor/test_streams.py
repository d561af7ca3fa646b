"""The order in which a ledger that is made again hears of a source's segments."""

from __future__ import annotations

from pathlib import Path

from crawler.doctor.rebuild_ledger import streams


def test_a_quiet_segment_is_read_beside_the_others() -> None:
    """It grows all day. However many days there are, a row for each number: one file of a row is open at a time."""
    names = [
        "20241117T060000Z-a.warc.gz",
        "20241117Z-quiet-01-5f0c2a91.warc.gz",
        "20241117Z-quiet-02.warc.gz",
        "20241118T060000Z-b.warc.gz",
        "20241118Z-quiet-01-0b77d3e4.warc.gz",
    ]
    rows = streams(Path(name) for name in reversed(names))
    assert [[path.name for path in row] for row in rows] == [
        [names[0], names[3]],
        [names[1], names[4]],
        [names[2]],
    ]
