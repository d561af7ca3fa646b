"""What a user says once: kabar.toml and KABAR_…, below the command line and above the project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler import settings as project
from crawler.catalogue.strict_toml import SourceError
from crawler.errors import ArgumentError
from crawler.user_settings import FILE, from_environment, read, take_delay, take_user_settings


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A DATA_DIR that the environment names."""
    monkeypatch.setenv("KABAR_DATA_DIR", str(tmp_path))
    return tmp_path


def taken(**values: object) -> Settings:
    """The project's settings with the user's over them, and those of a command line."""
    settings = Settings()
    settings.setmodule(project, "project")
    settings.setdict(values, "cmdline")
    take_user_settings(settings)
    return settings


def write(data_dir: Path, text: str) -> Path:
    """A kabar.toml."""
    path = data_dir / "kabar.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_nothing_changes(data_dir: Path) -> None:
    """Nor is anything created."""
    settings = taken()
    assert (settings.get("CONTACT"), settings.getint("FIRST_RUN_DAYS")) == ("", 7)
    assert list(data_dir.iterdir()) == []


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file_says_nothing(data_dir: Path, text: str) -> None:
    """It is no fault to have begun one."""
    write(data_dir, text)
    assert taken().getint("FIRST_RUN_DAYS") == 7


def test_the_file_sets_any_setting(data_dir: Path) -> None:
    """Ours, Scrapy's, an extension's, and those that later versions read."""
    write(
        data_dir,
        'CONTACT = "meja@contoh.id"\nDOWNLOAD_DELAY = 2.5\nFOLLOW = ["expresi"]\nMY_FOLDER = "x"\n'
        "RECHECK_HOURS = [1, 6]\n",
    )
    settings = taken()
    assert settings["CONTACT"] == "meja@contoh.id"
    assert settings.getfloat("DOWNLOAD_DELAY") == 2.5
    assert (settings["FOLLOW"], settings["MY_FOLDER"]) == (["expresi"], "x")
    assert settings["RECHECK_HOURS"] == [1, 6]


def test_a_byte_order_mark_is_no_fault(data_dir: Path) -> None:
    """Some editors write one."""
    (data_dir / "kabar.toml").write_bytes(b"\xef\xbb\xbfFIRST_RUN_DAYS = 3\n")
    assert taken().getint("FIRST_RUN_DAYS") == 3


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this order, each over the one before it."""
    write(data_dir, "FIRST_RUN_DAYS = 3\nREAD_WORKERS = 3\nLOCK_WAIT_S = 3\n")
    monkeypatch.setenv("KABAR_READ_WORKERS", "4")
    monkeypatch.setenv("KABAR_LOCK_WAIT_S", "4")
    settings = taken(LOCK_WAIT_S="5")
    names = ("FIRST_RUN_DAYS", "READ_WORKERS", "LOCK_WAIT_S")
    assert [settings.getint(name) for name in names] == [3, 4, 5]


def test_the_command_line_says_where_the_file_lies(data_dir: Path) -> None:
    """`-s DATA_DIR` before KABAR_DATA_DIR."""
    write(data_dir, "FIRST_RUN_DAYS = 3\n")
    other = data_dir / "other"
    other.mkdir()
    write(other, "FIRST_RUN_DAYS = 4\n")
    assert taken(DATA_DIR=str(other)).getint("FIRST_RUN_DAYS") == 4


def test_taken_twice_is_as_once(data_dir: Path) -> None:
    """Also where the file makes it a replay, which has another folder by default."""
    write(data_dir, 'REPLAY = "sites"\n[ITEM_PIPELINES]\n"my.Pipeline" = 600\n')
    settings = taken()
    once = settings.copy_to_dict()
    take_user_settings(settings)
    assert settings.copy_to_dict() == once
    assert settings["DATA_DIR"] == str(data_dir)


def test_a_table_adds_to_the_projects(data_dir: Path) -> None:
    """A pipeline of one's own does not take the store away."""
    write(data_dir, '[ITEM_PIPELINES]\n"my.Pipeline" = 600\n')
    assert taken().getdict("ITEM_PIPELINES") == {**project.ITEM_PIPELINES, "my.Pipeline": 600}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('FIRST_RUN_DAYS = "tujuh"', "FIRST_RUN_DAYS=tujuh: not a whole number from 0 up"),
        ('FIRST_RUN_DAYS = "7"', "FIRST_RUN_DAYS=7: not a whole number from 0 up"),
        ("FIRST_RUN_DAYS = 7.5", "FIRST_RUN_DAYS=7.5: not a whole number from 0 up"),
        ("FIRST_RUN_DAYS = true", "FIRST_RUN_DAYS=True: not a whole number from 0 up"),
        ("FIRST_RUN_DAYS = -1", "FIRST_RUN_DAYS=-1: not a whole number from 0 up"),
        ("FIRST_RUN_DAYS = 99999999", "FIRST_RUN_DAYS=99999999: more than 36500"),
        ("CONTACT = 5", "CONTACT=5: not an e-mail address, or that of a page"),
        ("COOKIES_ENABLED = 5", "COOKIES_ENABLED=5: not true or false"),
        ("DOWNLOAD_DELAY = nan", "DOWNLOAD_DELAY=nan: not a number of seconds from 0 up"),
        ("MY_DAY = 2024-11-17", "MY_DAY=2024-11-17: not a value"),
        ("FIRST_RUN_DAY = 7", "FIRST_RUN_DAY: no such setting; did you mean FIRST_RUN_DAYS?"),
        ("[kontact]", "kontact: no such setting; did you mean CONTACT?"),
        ('DATA_DIR = "x"', "DATA_DIR is where this file lies; -s or KABAR_DATA_DIR says it"),
        ("CONTACT", "is no TOML: "),
    ],
)
def test_a_fault_is_one_line_that_names_file_and_key(data_dir: Path, text: str, wanted: str) -> None:
    """And what is expected there."""
    path = write(data_dir, f"{text}\n")
    with pytest.raises((ArgumentError, SourceError), match=re.escape(f"{path}: {wanted}")) as found:
        read(path)
    assert "\n" not in str(found.value)


def test_a_file_that_cannot_be_read_is_named(data_dir: Path) -> None:
    """A folder in its place, and one that is no UTF-8."""
    path = data_dir / "kabar.toml"
    path.mkdir()
    with pytest.raises(SourceError, match="cannot be read: Is a directory"):
        taken()
    path.rmdir()
    path.write_bytes(b'CONTACT = "\xff"')
    with pytest.raises(SourceError, match="is not UTF-8"):
        taken()


@pytest.mark.parametrize(
    ("variable", "value", "wanted"),
    [
        ("KABAR_FIRST_RUN_DAYS", "tujuh", "FIRST_RUN_DAYS=tujuh: not a whole number from 0 up"),
        (
            "KABAR_COPY_WINDOW_DAY",
            "3",
            "COPY_WINDOW_DAY: no such setting; did you mean KABAR_COPY_WINDOW_DAYS?",
        ),
    ],
)
def test_a_fault_of_the_environment_names_the_variable(variable: str, value: str, wanted: str) -> None:
    """In one line."""
    with pytest.raises(ArgumentError, match=f"^{re.escape(f'KABAR_{wanted}')}$"):
        from_environment({variable: value})


def test_variables_that_are_no_settings_are_left_alone() -> None:
    """Those of another meaning, of other programs, and empty ones."""
    others = {"KABAR_SOURCES": "x", "KABAR_DEMO_DIR": "x", "KABARET": "x", "KABAR_CONTACT": ""}
    assert from_environment(others | {"KABAR_FOLLOW": "expresi"}) == {"FOLLOW": "expresi"}


@pytest.mark.parametrize(
    ("source_s", "said_s", "priority", "expected_s"),
    [
        (None, 5, FILE, 5),
        (3, None, FILE, 3),
        (1, None, FILE, 1),
        (3, 5, FILE, 5),
        (10, 5, FILE, 10),
        (10, 5, "cmdline", 5),
        (3, 5, "cmdline", 5),
    ],
)
def test_the_longer_pause_holds_unless_the_command_line_says(
    source_s: float | None, said_s: float | None, priority: int | str, expected_s: float
) -> None:
    """Of a source's own and the user's for all; the project's 2 seconds are nobody's word."""
    settings = Settings()
    settings.setmodule(project, "project")
    if said_s is not None:
        settings.set("DOWNLOAD_DELAY", said_s, priority)
    take_delay(settings, source_s)
    assert settings.getfloat("DOWNLOAD_DELAY") == expected_s
