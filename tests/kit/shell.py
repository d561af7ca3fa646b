"""The DuckDB shell that the venv ships: an older release than the library, as analysts have it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any


def duckdb_shell(*arguments: str | Path, sql: str, cwd: Path | None = None) -> list[dict[str, Any]]:
    """The rows of the last statement."""
    beside = Path(sys.executable).with_name("duckdb")
    program = str(beside) if beside.exists() else shutil.which("duckdb")
    assert program, "the duckdb shell is part of the locked dependencies"
    done = subprocess.run(
        [program, *map(str, arguments), "-json", "-c", sql],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "Error" not in done.stderr, done.stderr
    answers = [
        line for line in done.stdout.replace("]\n[", "]\n\n[").split("\n\n") if line.strip().startswith("[")
    ]
    rows: list[dict[str, Any]] = json.loads(answers[-1]) if answers else []
    return rows
