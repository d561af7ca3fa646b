"""All benchmarks, one after another, into the pages of docs: what a command printed stands between its two marks there.

`make bench` runs each for a bounded time. What takes longer, or fails, keeps the figures that stand there, and is named.
What needs pages of others (a capital word in its command) is run by hand.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "docs" / name for name in ("benchmarks.md", "scale.md")]
BETWEEN = re.compile(r"(?ms)^<!-- (python -m benchmarks\.[^\n]*?) -->\n(.*?)^<!-- end -->$")
"""A command, and what it printed."""
LIBRARIES = ("scrapy", "trafilatura", "lxml", "duckdb")


def machine() -> str:
    """What the figures were measured on, and when."""
    processor = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
    with_them = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"*{datetime.now(UTC):%Y-%m-%d}, {_cores()} cores of {processor}, {_memory_gb()} GB; "
        f"Python {platform.python_version()}, {with_them}.*"
    )


def _cores() -> int:
    return len(list(Path("/sys/devices/system/cpu").glob("cpu[0-9]*")))


def _memory_gb() -> int:
    (line,) = (
        line
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        if line.startswith("MemTotal:")
    )
    return round(int(line.split()[1]) / (1 << 20))


def measured(command: str, most_s: float) -> str:
    """What the command prints. `ValueError`: it failed, or took longer than it may; the message says which."""
    words = [sys.executable, *shlex.split(command)[1:]]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        printed, _ = process.communicate(timeout=most_s)
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"took longer than {most_s / 60:g} minutes") from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its servers and workers too
    if process.returncode:
        raise ValueError(f"ended with {process.returncode}")
    if not printed.strip():
        raise ValueError("printed nothing")
    return printed.strip()


def main(arguments: list[str] | None = None) -> int:
    """The command: 1 where a figure could not be had, 2 where a name is none of the pages'."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="only these (default: all), as crawl or search"
    )
    parser.add_argument("--minutes", type=float, default=30, help="the most that one may take (default: 30)")
    given = parser.parse_args(arguments)
    known = {
        command.split()[2].removeprefix("benchmarks."): (page, command)
        for page in PAGES
        for command, _ in BETWEEN.findall(page.read_text(encoding="utf-8"))
    }
    for name in given.names:
        if name not in known:
            print(f"benchmarks: {name}: none of {', '.join(known)}", file=sys.stderr)
            return 2
    is_whole = True
    for name in given.names or known:
        began = time.monotonic()
        page, command = known[name]
        try:
            figures = measured(command, given.minutes * 60)
        except ValueError as error:
            is_whole = False
            print(f"{name}: {error}; its figures stay", file=sys.stderr)
            continue
        _write(page, command, f"{figures}\n\n{machine()}\n")
        print(f"{name}: {(time.monotonic() - began) / 60:.1f} minutes", flush=True)
    return 0 if is_whole else 1


def _write(page: Path, command: str, figures: str) -> None:
    """Put the figures in the place of those that the command printed before."""

    def of(found: re.Match[str]) -> str:
        return f"<!-- {command} -->\n\n{figures}\n<!-- end -->" if found[1] == command else found[0]

    page.write_text(BETWEEN.sub(of, page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
