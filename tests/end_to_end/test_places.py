"""Where a DATA_DIR lies when nobody says: beside scrapy.cfg, wherever a command is started."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.kit.running import CHECKOUT, SEEDS, SITES, Done, column, command, scrapy, together
from tests.pipelines.expected import SEED_BY_NAME

TEXT = SEEDS / SEED_BY_NAME["expresi"].file
OWN_SPIDER = """
import scrapy


class Pilihan(scrapy.Spider):
    name = "pilihan"
    start_urls = ["https://expresi.co/"]

    def parse(self, response):
        yield {"address": response.url}
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of one's own: what a command needs, and a folder to start it in."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("crawler", "pipelines", "storage"):
        shutil.copytree(CHECKOUT / name, folder / name)  # compiled as it is
    shutil.copy(CHECKOUT / "scrapy.cfg", folder)
    (folder / "docs" / "deep").mkdir(parents=True)
    return folder


@pytest.fixture(scope="module")
def done(checkout: Path) -> dict[str, Done]:
    """A replay and an ingest from a sub-folder, and an ingest where the environment names the place."""
    below = checkout / "docs" / "deep"
    named = {"KABAR_DATA_DIR": str(checkout / "named")}
    return together(
        {
            "replay": command("crawl", "expresi", cwd=below, REPLAY=SITES, READ_WORKERS=1),
            "ingest": command("ingest", TEXT, cwd=below, READ_WORKERS=1),
            "environment": command("ingest", TEXT, cwd=below, env=named, READ_WORKERS=1),
            "relative": command("ingest", TEXT, cwd=below, DATA_DIR="here", READ_WORKERS=1),
        }
    )


@pytest.mark.parametrize(
    ("case", "place", "articles"),
    [
        ("replay", "data/replay", 10),
        ("ingest", "data", 1),
        ("environment", "named", 1),
        ("relative", "docs/deep/here", 1),
    ],
)
def test_a_command_finds_its_data_dir(
    done: dict[str, Done], checkout: Path, case: str, place: str, articles: int
) -> None:
    """Beside scrapy.cfg, a replay in a folder of its own, or where the environment or the setting says."""
    done[case].succeeded()
    assert column(checkout / place, "SELECT count(*) FROM articles") == [articles]


def test_nothing_is_left_where_the_command_was_started(done: dict[str, Done], checkout: Path) -> None:
    """The sub-folder holds only what was asked to lie there."""
    assert done
    assert [path.name for path in (checkout / "docs" / "deep").iterdir()] == ["here"]


def test_a_replayed_data_dir_refuses_a_live_crawl(done: dict[str, Done], checkout: Path) -> None:
    """Exit code 2 and one line, before anything is asked of the network."""
    done["replay"].succeeded()
    refused = scrapy("crawl", "klikkaltim", DATA_DIR=checkout / "data" / "replay")
    refused.refused(2, "born replayed")
    assert "downloader/request_count" not in refused.err


def test_a_hand_written_spider_is_held_to_the_same(
    done: dict[str, Done], checkout: Path, tmp_path: Path
) -> None:
    """A spider of a user's own does not mix live and replayed either."""
    done["replay"].succeeded()
    (tmp_path / "my_spiders.py").write_text(OWN_SPIDER, encoding="utf-8")
    live = tmp_path / "live"
    live.mkdir()
    (live / "born").write_text("live\n", encoding="ascii")
    refused = scrapy(
        "crawl",
        "pilihan",
        env={"PYTHONPATH": str(tmp_path)},
        SPIDER_MODULES="my_spiders",
        REPLAY=SITES,
        DATA_DIR=live,
    )
    refused.refused(2, "born live")
