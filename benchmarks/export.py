"""What an export costs: seconds, bytes and memory of each format, and of bringing one up to date.

    python -m benchmarks.export [--articles N]

A store is filled with invented articles of 40 outlets and ten months, published, and exported in each format by a
process of its own, whose peak memory is taken. Then a hundred articles are edited, and the Parquet export is
brought up to date. Only ratios within one run mean anything.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.dedupe import fill, made
from benchmarks.invented import DAYS, archived, edited, peak_mb
from benchmarks.tables import show
from pipelines.article import Article
from storage.batch import Batch
from storage.data_dir import DataDir
from storage.export.files import FORMATS, Format
from storage.export.run import Exported, ExportOptions, export
from storage.merge import merge
from storage.store import open_store
from tests.kit.factories import MORNING

EDITED = 100
MEASURE = (sys.executable, "-m", "benchmarks.export", "--measure")
NOW = MORNING + timedelta(days=DAYS + 1)


def main() -> None:
    """Fill, export, change, export again, and print the table."""
    parser = argparse.ArgumentParser(description="What an export costs.")
    parser.add_argument("--articles", type=int, default=100_000, help="articles (default: 100000)")
    parser.add_argument("--measure", nargs=3, metavar=("DATA_DIR", "DIR", "FORMAT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        data_dir, folder, name = given.measure
        form = next(each for each in FORMATS if each == name)
        print(json.dumps(_measured(DataDir(Path(data_dir)), Path(folder), form)))
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = list(_rows(Path(folder), given.articles))
    show(["export", "seconds", "MB", "files", "files written", "peak memory, MB"], rows)


def _rows(root: Path, articles: int) -> list[list[Any]]:
    data_dir = DataDir(root / "data")
    with open_store(data_dir, wait_s=60) as store:
        fill(store, 0, articles)
    rows = [_row(form, data_dir, root / form, form) for form in FORMATS]
    rows.append(_row("parquet, nothing new", data_dir, root / "parquet", "parquet"))
    with open_store(data_dir, wait_s=60) as store:
        merge(store, Batch(None, tuple(_edit(number) for number in range(1, EDITED + 1))))
    rows.append(_row(f"parquet, {EDITED} edited", data_dir, root / "parquet", "parquet"))
    return rows


def _edit(number: int) -> Article:
    """The article of that number as it was edited after the last day."""
    return replace(made(number, edited(archived(number), number, 0.05), number % DAYS), fetched_at=NOW)


def _row(name: str, data_dir: DataDir, folder: Path, form: Format) -> list[Any]:
    answer = json.loads(
        subprocess.run(
            [*MEASURE, str(data_dir.root), str(folder), form], capture_output=True, text=True, check=True
        ).stdout
    )
    return [
        name,
        f"{answer['seconds']:.1f}",
        f"{answer['bytes'] / 1e6:.1f}",
        answer["files"],
        answer["written"],
        f"{answer['peak_mb']:.0f}",
    ]


def _measured(data_dir: DataDir, folder: Path, form: Format) -> dict[str, float]:
    """One export in this process; into a folder that holds one it is brought up to date."""
    since = date(2024, 11, 1) if folder.exists() else None
    started = time.perf_counter()
    done = export(data_dir, folder, ExportOptions(form, since), "0", datetime.now(UTC))
    assert isinstance(done, Exported)
    return {
        "seconds": time.perf_counter() - started,
        "bytes": done.bytes,
        "files": done.files,
        "written": done.files - done.taken_over,
        "peak_mb": peak_mb(),
    }


if __name__ == "__main__":
    main()
