"""What a user follows, said once in kabar.toml: `harvest` takes those, everything else knows all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.running import SITES, Done, column, rows, scrapy


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR whose user follows two outlets, after a harvest."""
    folder = tmp_path_factory.mktemp("follow") / "data"
    folder.mkdir()
    says(folder, 'FOLLOW = ["expresi", "network:Klik Kaltim, partner of Suara.com"]')
    run("harvest", folder).succeeded()
    return folder


def says(folder: Path, line: str) -> None:
    (folder / "kabar.toml").write_text(line, encoding="utf-8")


def run(name: str, folder: Path, *more: str) -> Done:
    return scrapy(name, *more, REPLAY=SITES, DATA_DIR=folder, READ_WORKERS=1)


@pytest.mark.heavy
def test_a_harvest_takes_what_is_followed(data: Path) -> None:
    """Two outlets, and no day of any other stands in `coverage_daily`."""
    assert column(data, "SELECT source FROM crawls ORDER BY ALL") == ["expresi", "klikkaltim"]
    assert rows(data, "SELECT DISTINCT source, followed FROM coverage_daily ORDER BY ALL") == [
        ("expresi", True),
        ("klikkaltim", True),
    ]
    assert column(data, "SELECT count(*) > 60 FROM sources WHERE NOT followed") == [True]


@pytest.mark.parametrize("command", ["harvest", "crawl", "list"])
def test_a_word_that_names_nothing_is_one_line(data: Path, command: str) -> None:
    """Before anything is asked of anybody."""
    says(data, 'FOLLOW = ["expresi", "klikaltim"]')
    more = ["expresi"] if command == "crawl" else []
    run(command, data, *more).refused(2, "FOLLOW", "'klikaltim'", "'klikkaltim'")
