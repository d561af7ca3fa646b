"""Commands on a terminal: their stderr is a pseudo-terminal, as it is when somebody sits before it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from dataclasses import dataclass

from tests.kit.running import Command, Done, clean_environment

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Shown:
    """What a command showed on its terminal. `frames` are its lines, each as often as it was drawn."""

    done: Done
    raw: str

    @property
    def frames(self) -> list[str]:
        return [line for line in re.split(r"[\r\n]+", _CONTROL.sub("", self.raw)) if line.strip()]


def on_terminal(
    given: Command, columns: int = 160, term: str = "xterm-256color", interrupt_at: str | None = None
) -> Shown:
    """Run the command with a terminal of so many columns. `interrupt_at`: Ctrl-C once these words are shown."""
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = clean_environment() | dict(given.env) | {"TERM": term}
    environment.pop("COLUMNS", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", *given.arguments],
        cwd=given.cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=side,
        text=True,
        start_new_session=True,
    )
    os.close(side)
    seen = b""
    while data := _read(main):
        seen += data
        if interrupt_at and interrupt_at.encode() in seen:
            os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it: to the workers too
            interrupt_at = None
    os.close(main)
    out, _ = process.communicate(timeout=180)
    raw = seen.decode("utf-8", "replace")
    return Shown(Done(process.returncode, out, _CONTROL.sub("", raw)), raw)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the last process that had it open has ended
        return b""
