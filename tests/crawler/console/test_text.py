"""What strangers wrote is shown, and does nothing: to a terminal, to a log, to a line that follows."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.config import project_root
from crawler.console.text import Record, complain, make_logs_printable, printable, printable_lines, say

HOSTILE = {
    "an escape": ("Banjir \x1b[31mmerah\x1b[0m", r"Banjir \x1b[31mmerah\x1b[0m"),
    "a link": ("\x1b]8;;https://evil.id\x07klik\x1b]8;;\x07", r"\x1b]8;;https://evil.id\x07klik\x1b]8;;\x07"),
    "a title of the window": ("\x1b]0;x\x1b\\", r"\x1b]0;x\x1b\ ".rstrip()),
    "C1": ("\x9b31mmerah \x85", r"\x9b31mmerah \x85"),
    "a carriage return": ("Banjir\rSURUT", r"Banjir\rSURUT"),
    "a line end": ("Banjir\n2024-11-18 [kabar] ERROR: palsu", r"Banjir\n2024-11-18 [kabar] ERROR: palsu"),
    "other line ends": ("a\u2028b\u2029c\x0bd\x0ce", r"a\u2028b\u2029c\x0bd\x0ce"),
    "backspaces": ("rm\b\bls", r"rm\x08\x08ls"),
    "a bell and a NUL": ("\x07\x00", r"\x07\x00"),
    "another direction": ("\u202egnp.exe\u2066", r"\u202egnp.exe\u2066"),
    "half a character": ("\ud83d", r"\ud83d"),
}


@pytest.mark.parametrize(("text", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_hidden_signs_are_shown_by_their_number(text: str, shown: str) -> None:
    """On one line."""
    assert printable(text) == shown


def test_what_people_write_stays() -> None:
    """Accents, quotes, Arabic, emoji made of several."""
    for text in ("Rudy Mas’ud “menang” — 5 %", "الله", "👩‍🌾🇮🇩", "a\u00a0b", "tab"):
        assert printable(text) == text


@given(st.text(st.characters(), max_size=60))
def test_nothing_printable_steers_anything(text: str) -> None:
    """No control character of any kind, no half character; showing it twice shows it once."""
    shown = printable(text)
    assert not {unicodedata.category(sign) for sign in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(sign) for sign in shown} & {
        *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    }
    assert printable(shown) == shown
    shown.encode()


def test_a_line_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """However many a stranger's words would make of it."""
    say("satu\ndua\x1b[2J")
    complain("Banjir\nkabar: palsu")
    out, err = capsys.readouterr()
    assert out == "satu\\ndua\\x1b[2J\n"
    assert err == "kabar: Banjir\\nkabar: palsu\n"


def test_a_text_of_several_lines_keeps_them() -> None:
    """And only them."""
    assert printable_lines("satu\ndua\r\ntiga\x85") == "satu\ndua\\r\ntiga\\x85"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a log of Python's own make gets, once records are printable."""
    before = logging.getLogRecordFactory()
    make_logs_printable()
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(asctime)s [%(name)s] %(levelname)s: %(message)s"))
    logger = logging.getLogger("scrapy.hostile")
    logger.addHandler(handler)
    logger.propagate = False
    yield written
    logger.removeHandler(handler)
    logging.setLogRecordFactory(before)


@pytest.mark.parametrize("text", [text for text, _ in HOSTILE.values()], ids=HOSTILE)
def test_no_log_line_is_begun_or_steered_by_a_stranger(log: io.StringIO, text: str) -> None:
    """Not by an argument, and not by an exception's words, however deep."""
    logger = logging.getLogger("scrapy.hostile")
    logger.warning("%s: no answer", text)
    try:
        try:
            raise ValueError(text)
        except ValueError as error:
            raise RuntimeError(f"{text} 100% {{0}} %s") from error
    except RuntimeError:
        logger.exception("it failed")
    lines = log.getvalue().removesuffix("\n").split("\n")
    assert [line for line in lines if "[scrapy.hostile]" in line and not line.startswith(" ")] == [
        line for line in lines if not line.startswith("    ")
    ]
    assert len([line for line in lines if not line.startswith("    ")]) == 2
    assert all(printable(line) == line for line in lines)
    assert any("100% {0} %s" in line for line in lines)


def test_every_log_of_the_process_is_made_so(log: io.StringIO) -> None:
    """Scrapy's own loggers included: it is the record that is printable, not a handler."""
    assert isinstance(logging.makeLogRecord({"msg": "x"}), Record)


def started(program: str, folder: Path, shell: str = "", **environment: str) -> str:
    """What a program prints that begins as Scrapy does, by reading our settings; the shell may close its streams."""
    environment = {**os.environ, "PYTHONPATH": str(project_root()), **environment}
    given = ["sh", "-c", f'"$0" -c "$1" {shell}', sys.executable, f"import crawler.settings\n{program}"]
    done = subprocess.run(given, cwd=folder, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode(environment.get("PYTHONIOENCODING", "utf-8"))


def test_a_stream_that_is_closed_is_no_file_of_ours(tmp_path: Path) -> None:
    """What is printed, by whomever, does not go into the next file that is opened; and nothing fails."""
    started(
        "import os; lowest = os.open('mine', os.O_WRONLY | os.O_CREAT)\n"
        "from crawler.console.text import complain, say; say('out'); complain('err')\n"
        "os.system('echo from a library; echo from a library >&2')\n"
        "assert lowest > 2",
        tmp_path,
        "<&- >&- 2>&-",
    )
    assert (tmp_path / "mine").read_bytes() == b""


def test_what_a_character_set_lacks_is_shown_by_its_number(tmp_path: Path) -> None:
    """JSON is exact all the same."""
    printed = started(
        "from crawler.console.tables import write\n"
        "for form in ('table', 'csv', 'json'): write(form, ['title'], [['Mas’ud 😀 ü']])",
        tmp_path,
        PYTHONIOENCODING="latin-1",
    )
    table, cell, spelt = printed.split("title\n")[1:2] + printed.split("title\n")[2].split("\n", 1)
    assert table == cell + "\n" == "Mas\\u2019ud \\U0001f600 ü\n"
    assert json.loads(spelt) == [{"title": "Mas’ud 😀 ü"}]
