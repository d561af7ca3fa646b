"""`kabar`, the command line of one's own: the commands of `scrapy`, wherever it is started."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from scrapy.cmdline import _get_commands_dict
from scrapy.settings import Settings

from crawler.__main__ import command_locations, load
from tests.kit.running import CHECKOUT, KABAR, Command, Done, clean_environment, command, together

FAULTY = 'FIRST_RUN_DAYS = "tujuh"\n'
SAID = 'CONTACT = "meja@contoh.id"\nFIRST_RUN_DAYS = 3\n'
FOREIGN_PROJECT = "[settings]\ndefault = not.ours\n"


def kabar(*arguments: str, cwd: Path) -> Command:
    """`kabar` of this checkout, from any folder."""
    return replace(command(*arguments, cwd=cwd), program=KABAR)


def folder(factory: pytest.TempPathFactory, name: str, text: str) -> Path:
    """A folder with one file."""
    made = factory.mktemp("folder")
    (made / name).write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """Several command lines, by name."""
    empty = tmp_path_factory.mktemp("empty")
    said = f"DATA_DIR={folder(tmp_path_factory, 'kabar.toml', SAID)}"
    faulty = f"DATA_DIR={folder(tmp_path_factory, 'kabar.toml', FAULTY)}"
    project = folder(tmp_path_factory, "scrapy.cfg", FOREIGN_PROJECT)
    days, misspelt = "FIRST_RUN_DAYS=4", "COPY_WINDOW_DAY=3"
    return together(
        {
            "alone": replace(kabar(cwd=empty), env=(("PYTHONPATH", str(CHECKOUT)),)),  # as Python starts it
            "unknown": kabar("qurey", cwd=empty),
            "help": kabar("query", "--help", cwd=empty),
            "usage": kabar("query", "-s", "CONTACT", cwd=empty),
            "foreign": kabar("settings", "--get", "BOT_NAME", cwd=project),
            "scrapy says": command("settings", "--get", "CONTACT", "-s", said),
            "kabar says": kabar("settings", "--get", "CONTACT", "-s", said, cwd=empty),
            "command line": command("settings", "--get", "FIRST_RUN_DAYS", "-s", days, "-s", said),
            "list": command("list", "-s", said),
            "misspelt list": command("list", "-s", misspelt),
            "misspelt fetch": command("fetch", "http://127.0.0.1:9/", "-s", misspelt),
            "misspelt query": command("query", "select 1", "-s", misspelt),
            "misspelt crawl": kabar("crawl", "expresi", "-s", misspelt, cwd=empty),
            "faulty settings": command("settings", "-s", faulty),
            "faulty query": kabar("query", "select 1", "-s", faulty, cwd=empty),
        }
    )


def test_alone_it_lists_the_commands(done: dict[str, Done]) -> None:
    """Ours and Scrapy's, under its own name."""
    out = done["alone"].succeeded().out
    assert out.startswith("usage: kabar COMMAND")
    for name in ("crawl", "harvest", "shell"):
        assert f"\n  {name} " in out
    assert "scrapy <command>" not in out


def test_it_has_every_command_of_scrapy() -> None:
    """Of the same class, so `scrapy X` and `kabar X` are one."""
    settings = Settings({"COMMANDS_MODULE": "crawler.commands"})
    of_scrapy = {name: type(each) for name, each in _get_commands_dict(settings, inproject=True).items()}
    assert {name: type(load(name, location)) for name, location in command_locations().items()} == of_scrapy


def test_an_unknown_command_is_one_line(done: dict[str, Done]) -> None:
    """With the nearest one, and exit code 2."""
    done["unknown"].refused(2, "qurey: no such command; did you mean 'query'?")


def test_usage_has_its_name(done: dict[str, Done]) -> None:
    """In the help and where an option is wrong."""
    assert "  kabar query [options] " in done["help"].succeeded().out
    assert done["usage"].code == 2
    assert done["usage"].err.startswith("kabar: Invalid -s value")


def test_another_projects_settings_are_not_taken(done: dict[str, Done]) -> None:
    """A scrapy.cfg that lies around names settings for `scrapy`, not for `kabar`."""
    assert done["foreign"].succeeded().out == "kabar\n"


def test_what_the_file_says_holds_in_both(done: dict[str, Done]) -> None:
    """Every command reads kabar.toml, and the command line wins."""
    assert done["scrapy says"].succeeded().out == "meja@contoh.id\n"
    assert done["kabar says"].succeeded().out == "meja@contoh.id\n"
    assert done["command line"].succeeded().out == "4\n"
    assert "expresi\n" in done["list"].succeeded().out


@pytest.mark.parametrize("name", ["list", "fetch", "query", "crawl"])
def test_a_misspelt_setting_is_refused_by_every_command(done: dict[str, Done], name: str) -> None:
    """Scrapy's own commands included: one line, exit code 2."""
    wanted = "-s COPY_WINDOW_DAY: no such setting; did you mean -s COPY_WINDOW_DAYS?"
    done[f"misspelt {name}"].refused(2, wanted)


@pytest.mark.parametrize("name", ["settings", "query"])
def test_a_faulty_file_is_refused_by_every_command(done: dict[str, Done], name: str) -> None:
    """One line that names file, key and what is expected."""
    done[f"faulty {name}"].refused(2, "kabar.toml: FIRST_RUN_DAYS=tujuh: not a whole number from 0 up")


def test_only_the_command_that_is_named_is_imported(tmp_path: Path) -> None:
    """It starts no slower than `scrapy`, which imports them all."""
    program = (
        "import sys; sys.argv[1:] = ['query', '-h']\n"
        "from crawler.__main__ import main\n"
        "try: main()\n"
        "finally: print([name for name in sys.modules if name.startswith('crawler.commands.')])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=clean_environment() | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.endswith("\n['crawler.commands.query']\n")
