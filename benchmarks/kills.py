"""What kill -9 costs: articles lost and duplicated, and requests made twice, over all kills.

    python -m benchmarks.kills

The runs are those of tests/end_to_end/test_kills.py: a crawl page by page, a crawl by REST, an ingest.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.tables import show
from tests.kit import killed
from tests.kit.killed import Survived
from tests.kit.loopback import Loopback
from tests.kit.running import column, rows

RUNS: dict[str, Callable[[Loopback, Path], Survived]] = {
    "crawl, page by page": killed.crawl_page_by_page,
    "crawl by REST": killed.crawl_by_rest,
    "ingest of WARCs": lambda _, folder: killed.ingest(folder),
}


def main() -> None:
    """Kill each, and count what came of it."""
    table = []
    for label, run in RUNS.items():
        with tempfile.TemporaryDirectory() as folder, Loopback() as server:
            found = run(server, Path(folder))
            stored = dict(rows(found.data_dir, "SELECT url, text FROM articles"))
            (versions,) = column(found.data_dir, "SELECT count(*) FROM article_versions")
            lost = sum(stored.get(url) != text for url, text in found.expected.items())
            asked = ["–", "–"] if found.asked is None else [found.asked, found.most_requests]
            number = len(found.expected)
            table.append([label, number, len(found.kills.made), lost, versions - len(stored), *asked])
    show(
        ["run", "articles", "kills", "lost", "duplicated", "requests for articles", "allowed"],
        table,
    )


if __name__ == "__main__":
    main()
