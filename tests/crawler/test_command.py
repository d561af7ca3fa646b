"""What every command makes of errors that a user can cause."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crawler.command import checked
from crawler.commands.query import Command


def test_output_that_finds_no_room_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`scrapy query … > answer.csv` on a full disk; /dev/full is one."""
    command = Command()
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with checked(command):
            print("title")
    assert command.exitcode == 1
    assert capsys.readouterr().err == "kabar: the output could not be written: No space left on device\n"
