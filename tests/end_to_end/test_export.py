"""`scrapy export` and `scrapy sources --opml` as a user types them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from storage.data_dir import DataDir
from tests.conftest import Crawled
from tests.kit.exported import in_csv, in_database, in_parquet, is_whole, resources
from tests.kit.running import CHECKOUT, Done, clean_environment, command, together


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this module's exports go."""
    return tmp_path_factory.mktemp("export")


@pytest.fixture(scope="module")
def done(recorded: Crawled, out: Path) -> dict[str, Done]:
    """Every command of this module that depends on no other, two at a time."""
    given: dict[str, Any] = {"DATA_DIR": recorded.data_dir}
    (out / "other").mkdir()
    (out / "other" / "catatan.txt").write_text("catatan")
    return together(
        {
            "parquet": command("export", out / "deep" / "parquet", **given),
            "csv": command("export", out / "csv", "--format", "csv", "--no-text", **given),
            "not a day": command("export", out / "never", "--since", "kemarin", **given),
            "no folder": command("export", **given),
            "another store": command("export", "gs://bucket/kabar", **given),
            "other": command("export", out / "other", **given),
            "later": command("export", out / "never", "--since", "2031-01-01", **given),
            "nothing published": command("export", out / "never", DATA_DIR=out / "none"),
            "opml": command("sources", "--opml", out / "feeds.opml", **given),
            "opml on stdout": command("sources", "expresi", "--opml", "-", **given),
            "no feed": command("sources", "selasar", "--opml", out / "none.opml", **given),
            "no such folder": command("sources", "--opml", out / "none" / "feeds.opml", **given),
        }
    )


def test_an_export_has_all_that_was_recorded(done: dict[str, Done], out: Path, recorded: Crawled) -> None:
    """One line says what was written; the rows are those of the views."""
    said = done["parquet"].succeeded().out
    assert said.startswith(f"{out}/deep/parquet: 55 articles and ")
    folder = out / "deep" / "parquet"
    assert is_whole(folder)
    for name in resources(folder):
        assert in_parquet(folder, name) == in_database(DataDir(recorded.data_dir), name), name


def test_without_texts_the_record_stays(done: dict[str, Done], out: Path) -> None:
    """Every article with its title and its first words."""
    done["csv"].succeeded()
    found = in_csv(out / "csv", "articles")
    assert len(found) == 55
    assert all(each["title"] and 0 < len(each["extract"]) <= 200 for each in found)
    assert not {"text", "description"} & set(found[0])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("not a day", "--since kemarin: not a day"),
        ("no folder", "takes one folder"),
        ("another store", "gs://bucket/kabar is neither a folder of this machine nor s3://BUCKET/FOLDER"),
        ("other", "something else than an export"),
        ("nothing published", "nothing is published yet"),
        ("no feed", "no feed is known of selasar"),
        ("no such folder", "No such file or directory"),
    ],
)
def test_wrong_use_is_one_line(asked: str, words: str, done: dict[str, Done]) -> None:
    """And nothing is written."""
    done[asked].refused(2, words)


def test_what_was_refused_left_nothing(done: dict[str, Done], out: Path) -> None:
    """No folder, no half of a file; nothing new is no error."""
    assert "nothing is written" in done["later"].succeeded().out
    assert {path.name for path in out.iterdir()} == {"deep", "csv", "other", "feeds.opml"}
    assert [path.name for path in (out / "other").iterdir()] == ["catatan.txt"]
    assert not (CHECKOUT / "s3:").exists()


def test_the_feeds_are_a_list_for_any_reader(done: dict[str, Done], out: Path) -> None:
    """Who has no feed is named."""
    assert "left out, without a feed: " in done["opml"].succeeded().out
    assert done["opml on stdout"].succeeded().err == "-: 1 feed of 1 source\n"
    shown = [
        each.attrib for each in ElementTree.fromstring(done["opml on stdout"].succeeded().out).iter("outline")
    ]
    assert [each["text"] for each in shown if "xmlUrl" in each] == ["Expresi"]
    found = [each.attrib for each in ElementTree.parse(out / "feeds.opml").iter("outline")]
    assert {"https://expresi.co/feed/", "https://kaltim.antaranews.com/rss/terkini.xml"} <= {
        each["xmlUrl"] for each in found
    }


@pytest.mark.heavy
def test_a_killed_export_is_completed_by_the_next(recorded: Crawled, tmp_path: Path) -> None:
    """kill -9 as soon as anything is being made."""
    folder = tmp_path / "out"
    folder.mkdir()
    arguments = ["export", str(folder), "--format", "xlsx", "-s", f"DATA_DIR={recorded.data_dir}"]
    with subprocess.Popen(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=CHECKOUT,
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as victim:
        while not any(folder.iterdir()) and victim.poll() is None:
            time.sleep(0.001)
        victim.send_signal(signal.SIGKILL)
    assert victim.returncode == -signal.SIGKILL
    assert [path.name for path in folder.iterdir()] == [".kabar-export"]
    command(*arguments).run().succeeded()
    assert is_whole(folder)
