"""`scrapy query`: SQL over the published database, for those without the duckdb shell."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.conftest import Crawled
from tests.end_to_end.running import Done, command, together

COUNTS = "select source, count(*) as held from articles group by all order by 1"
SEED = "select published_at from articles where url like '%163000%'"


@pytest.fixture(scope="module")
def done(recorded: Crawled, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """Every question of this module, asked two at a time."""
    data_dir = recorded.data_dir
    elsewhere = tmp_path_factory.mktemp("query")
    ask = {"DATA_DIR": data_dir}
    makassar = {"TZ": "Asia/Makassar"}
    return together(
        {
            "counts": command("query", COUNTS, **ask),
            "csv": command(
                "query", "--format", "csv", "select title, dateline, tags from articles order by 1", **ask
            ),
            "json": command("query", "--format", "json", f"from ({COUNTS})", **ask),
            "machine's zone": command("query", SEED, env=makassar, **ask),
            "zone asked for": command("query", "--tz", "WIB", SEED, env=makassar, **ask),
            "environment": command(
                "query", "select count(*) from articles", env={"KABAR_DATA_DIR": str(data_dir)}
            ),
            "several": command("query", "select 1 as satu; select 2 as dua", **ask),
            "syntax": command("query", "selec 1", **ask),
            "unknown column": command("query", "select judul from articles", **ask),
            "write": command("query", "delete from kept.articles", **ask),
            "zone": command("query", "--tz", "Mars", "select 1", **ask),
            "nothing asked": command("query", **ask),
            "nothing published": command("query", "select 1", DATA_DIR=elsewhere / "none"),
        }
    )


def test_off_a_terminal_it_prints_plain_lines(done: dict[str, Done]) -> None:
    """A header and a line for each row, columns parted by tabs: all that the recorded sites hold."""
    assert done["counts"].succeeded().out.splitlines() == [
        "source\theld",
        "antara_kaltim\t10",
        "chanetujuh\t9",
        "expresi\t10",
        "portalborneo\t9",
        "suarakaltim\t8",
    ]
    assert done["counts"].err == ""


def test_csv_is_csv(done: dict[str, Done]) -> None:
    """46 records of three fields; null is an empty field."""
    records = list(csv.DictReader(io.StringIO(done["csv"].succeeded().out)))
    assert len(records) == 46
    assert {tuple(record) for record in records} == {("title", "dateline", "tags")}
    assert any(record["dateline"] == "" for record in records)


def test_json_is_json(done: dict[str, Done]) -> None:
    """A list of objects."""
    answer = json.loads(done["json"].succeeded().out)
    assert answer[0] == {"source": "antara_kaltim", "held": 10}


def test_instants_are_shown_in_the_machines_zone(done: dict[str, Done]) -> None:
    """16.30 WIB is 17.30 in Makassar."""
    assert "2024-08-20 17:30:00+08:00" in done["machine's zone"].succeeded().out


def test_instants_are_shown_in_the_zone_asked_for(done: dict[str, Done]) -> None:
    """`--tz WIB` shows what the outlet printed."""
    assert "2024-08-20 16:30:00+07:00" in done["zone asked for"].succeeded().out


def test_the_environment_names_the_data_dir(done: dict[str, Done]) -> None:
    """KABAR_DATA_DIR serves where no setting is given."""
    assert done["environment"].succeeded().out.split()[-1] == "46"


def test_several_statements_are_answered_in_turn(done: dict[str, Done]) -> None:
    """Two questions, two answers."""
    assert done["several"].succeeded().out.split() == ["satu", "1", "dua", "2"]


@pytest.mark.parametrize(
    ("case", "word"),
    [
        ("syntax", "selec"),
        ("unknown column", "judul"),
        ("write", "read-only"),
        ("zone", "Mars"),
        ("nothing asked", "SQL"),
        ("nothing published", "crawl"),
    ],
)
def test_a_wrong_question_gets_one_line(done: dict[str, Done], case: str, word: str) -> None:
    """Exit code 2 and one line that names what is wrong."""
    done[case].refused(2, word)
    assert done[case].out == ""
