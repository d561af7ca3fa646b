"""What `scrapy crawl` makes of its words before Scrapy logs a line, and the line that it ends with."""

from __future__ import annotations

import pytest
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from crawler.command import checked
from crawler.commands.crawl import Command, the_source
from crawler.commands.settings import Command as SettingsCommand
from crawler.crawl.outcome import Brought
from crawler.errors import ArgumentError
from crawler.spiders.loader import SourceLoader
from storage.batch import Merged


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "crawler.settings")
    return get_project_settings()


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ([], "scrapy list"),
        (["expresi", "suarakaltim"], "scrapy harvest expresi suarakaltim"),
        (["expresi", "since=2024-11-17"], "-a since=2024-11-17"),
        (["https://expresi.co/satu/"], "scrapy crawl expresi"),
        (["www.expresi.co"], "scrapy crawl expresi"),
        (["https://warta.example/"], "scrapy probe https://warta.example/"),
    ],
)
def test_what_was_meant_is_said(settings: Settings, words: list[str], meant: str) -> None:
    """Several names, an address, an argument without -a, nothing at all."""
    with pytest.raises(ArgumentError) as raised:
        the_source(words, SourceLoader(settings))
    assert meant in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_misspelt_setting_names_the_nearest(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """`-s DATADIR=` would crawl into another folder than its user thinks."""
    settings.set("DATADIR", "/data", priority="cmdline")
    command = Command()
    command.settings = settings
    with checked(command):
        command._check(["expresi"], None)  # type: ignore[arg-type]
    assert command.exitcode == 2
    assert capsys.readouterr().err == "kabar: -s DATADIR: no such setting; did you mean -s DATA_DIR?\n"


@pytest.mark.parametrize(
    ("given", "answer"),
    [({}, "/data"), ({"REPLAY": "x"}, "/data/replay"), ({"DATA_DIR": "/srv/n"}, "/srv/n")],
)
def test_settings_say_where_everything_is_kept(
    settings: Settings, capsys: pytest.CaptureFixture[str], given: dict[str, str], answer: str
) -> None:
    """`scrapy settings --get DATA_DIR` answers with the folder, whether or not it was named."""
    for name, value in given.items():
        settings.set(name, value, priority="cmdline")
    assert ask_settings(settings, "DATA_DIR") == 0
    assert capsys.readouterr().out.endswith(f"{answer}\n")


def test_an_unknown_setting_is_no_answer(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """The nearest is named; `None` would pass for a value."""
    assert ask_settings(settings, "DATADIR") == 2
    assert capsys.readouterr().err == "kabar: DATADIR: no such setting; did you mean DATA_DIR?\n"


def ask_settings(settings: Settings, name: str) -> int:
    import argparse

    command = SettingsCommand()
    command.settings = settings
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    command.add_options(parser)
    command.run([], parser.parse_args(["--get", name]))
    return command.exitcode


@pytest.mark.parametrize(
    ("brought", "words"),
    [
        (Brought(Merged(new=40, edited=2, removed=1), 3, 0), "40 new, 2 edited, 1 removed, 3 rejected"),
        (Brought(Merged(new=1200), 0, None), "1,200 new, 0 edited, 0 removed, 0 rejected"),
        (Brought(Merged(), 0, 28), "0 new, 0 edited, 0 removed, 0 rejected, 28 left to fetch"),
    ],
)
def test_a_crawl_ends_with_one_line(brought: Brought, words: str) -> None:
    """What it brought, and what it left."""
    assert brought.words == words
