"""`scrapy query`: SQL over the published database, for those without the duckdb shell."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Crawled
from tests.kit.running import Command, Done, clean_environment, command, together
from tests.pipelines.expected import SEED_PAGES

COUNTS = "select source, count(*) as held from articles group by all order by 1"
SEED = "select title, published_at from articles where url like '%163000%'"
TITLE = SEED_PAGES["suarakaltim"][1]
FIELDS = "select title, dateline, tags from articles order by 1"


@pytest.fixture(scope="module")
def done(recorded: Crawled, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """Every question of this module, asked two at a time."""
    data_dir, folder = recorded.data_dir, tmp_path_factory.mktemp("asked")
    (folder / "question.sql").write_text(f"\ufeff-- Siapa punya apa?\n{COUNTS};\n{SEED};\n", encoding="utf-8")
    (folder / "news.gz").write_bytes(b"\x1f\x8b\xff")
    ask: dict[str, Any] = {"DATA_DIR": data_dir}
    return together(
        {
            "plain": command("query", f"{COUNTS}; {SEED}", env={"TZ": "Asia/Makassar"}, **ask),
            "line": command("query", "--format", "line", "select 1 as a, 2 as b; select 3 as third", **ask),
            "csv": command("query", "--format", "csv", FIELDS, env={"KABAR_DATA_DIR": str(data_dir)}),
            "json": command("query", "--format", "json", "--tz", "WIB", SEED, **ask),
            "followed": command("query", SEED, env={"KABAR_FOLLOW": "expresi, suarakaltim"}, **ask),
            "file": command("query", "-f", folder / "question.sql", **ask),
            "arguments": command("query", "from share_of_voice('person')", **ask),
            "unknown column": command("query", "select titel\nfrom articles", **ask),
            "write": command("query", "delete from kept.versions", **ask),
            "outside": command("query", "select 1; from read_text('/etc/hostname')", **ask),
            "copy": command("query", "select 1; copy articles to '/tmp/kabar.csv'", **ask),
            "zone": command("query", "--tz", "Mars", "select 1", **ask),
            "zones": command("query", "--tz", "Asia", "select 1", **ask),
            "nothing asked": command("query", **ask),
            "no file": command("query", "-f", folder / "none.sql", **ask),
            "a folder": command("query", "-f", folder, **ask),
            "an empty file": command("query", "-f", "/dev/null", **ask),
            "no text": command("query", "-f", folder / "news.gz", **ask),
            "file and SQL": command("query", "-f", folder / "question.sql", "select 1", **ask),
            "nothing published": command(
                "query", "select 1", DATA_DIR=tmp_path_factory.mktemp("query") / "none"
            ),
        }
    )


def test_off_a_terminal_it_prints_plain_lines(done: dict[str, Done]) -> None:
    """A header and a line for each row, columns parted by tabs: all that the recorded sites hold."""
    assert done["plain"].succeeded().out.splitlines()[:7] == [
        "source\theld",
        "antara_kaltim\t10",
        "chanetujuh\t9",
        "expresi\t10",
        "klikkaltim\t9",
        "portalborneo\t9",
        "suarakaltim\t8",
    ]
    assert done["plain"].err == ""


def test_several_statements_are_answered_in_turn_and_not_in_the_machines_zone(done: dict[str, Done]) -> None:
    """The second answer follows the first; the sources do not share a zone, so it is in WIB, wherever the machine is."""
    assert done["plain"].succeeded().out.splitlines()[7:] == [
        "title\tpublished_at",
        f"{TITLE}\t2024-08-20 16:30:00+07:00",
    ]


def test_an_empty_line_stands_between_answers_of_a_column_a_line(done: dict[str, Done]) -> None:
    """As between two rows: else the last of one runs into the first of the next."""
    assert done["line"].succeeded().out == "a = 1\nb = 2\n\nthird = 3\n"


def test_instants_are_in_the_zone_that_the_followed_outlets_share(done: dict[str, Done]) -> None:
    """Both of these are in Makassar: 16.30 WIB is 17.30 there."""
    assert done["followed"].succeeded().out.splitlines()[1:] == [f"{TITLE}\t2024-08-20 17:30:00+08:00"]


def test_a_file_is_asked_as_its_text_is(done: dict[str, Done]) -> None:
    """With comments, several statements, and the mark that editors put before a text."""
    assert done["file"].succeeded().out == done["plain"].out


def test_what_duckdb_proposes_is_passed_on(done: dict[str, Done]) -> None:
    """Set in below the one line: the columns that may be meant, and where the SQL stumbled."""
    first, *more = done["unknown column"].err.splitlines()
    assert first.startswith('kabar: Binder Error: Referenced column "titel" not found')
    assert any(line.startswith("    Candidate bindings: ") and '"title"' in line for line in more)
    sql, pointer = more[-2:]
    assert sql == "    LINE 1: select titel"
    assert pointer.index("^") == sql.index("titel")
    assert done["arguments"].err.splitlines()[-1] == "    " * 2 + "share_of_voice(kind, since, until)"


def test_csv_is_csv(done: dict[str, Done]) -> None:
    """55 records of three fields; null is an empty field. The environment names the DATA_DIR here."""
    records = list(csv.DictReader(io.StringIO(done["csv"].succeeded().out)))
    assert len(records) == 55
    assert {tuple(record) for record in records} == {("title", "dateline", "tags")}
    assert any(record["dateline"] == "" for record in records)


def test_json_is_json_in_the_zone_asked_for(done: dict[str, Done]) -> None:
    """A list of objects; `--tz WIB` shows the hour that the outlet printed."""
    assert json.loads(done["json"].succeeded().out) == [
        {"title": TITLE, "published_at": "2024-08-20T16:30:00+07:00"}
    ]


@pytest.mark.parametrize(
    ("case", "word"),
    [
        ("unknown column", "titel"),
        ("no file", "none.sql: No such file"),
        ("a folder", "Is a directory"),
        ("an empty file", "/dev/null: no SQL"),
        ("no text", "no UTF-8 text"),
        ("file and SQL", "not both"),
        ("write", "read-only"),
        ("copy", "read-only"),
        ("zone", "Mars"),
        ("zones", "Asia"),
        ("nothing asked", "SQL"),
        ("nothing published", "crawl"),
    ],
)
def test_a_wrong_question_gets_one_line(done: dict[str, Done], case: str, word: str) -> None:
    """Exit code 2 and one line that names what is wrong."""
    done[case].refused(2, word)
    assert done[case].out == ""


def test_a_question_reads_no_file_of_the_machine(done: dict[str, Done]) -> None:
    """A statement before it is answered: that this one reaches out is seen only when it runs."""
    done["outside"].refused(2, "/etc/hostname", "disabled")
    assert done["outside"].out == "1\n1\n"


ENDLESS = {
    "join": "select count(*) from range(100000) a, range(100000) b, range(100000) c where (a.range + b.range + c.range) % 7 = 3",
    "one value": "select levenshtein(repeat('ab', 200000), repeat('ba', 200000))",
}
"""The second looks for no interrupt while it works, which is for hours."""


@pytest.mark.parametrize(
    "endless",
    [ENDLESS["one value"], pytest.param(ENDLESS["join"], marks=pytest.mark.heavy)],
    ids=["one value", "join"],
)
def test_a_question_that_has_no_end_can_be_stopped(recorded: Crawled, tmp_path: Path, endless: str) -> None:
    """By Ctrl-C and by `timeout`, once its first answer has shown that it works: one line, the signal's exit code,
    and nothing is left on the disk."""
    given = command(
        "query", f"select 'begun'; {endless}", env={"TMPDIR": str(tmp_path)}, DATA_DIR=recorded.data_dir
    )
    asked = {each: begun(given) for each in (signal.SIGINT, signal.SIGTERM)}
    for by, process in asked.items():
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["'begun'\n", "begun\n"]
        process.send_signal(by)
    for by, process in asked.items():
        out, err = process.communicate(timeout=60)
        Done(process.returncode, out, err).refused(128 + by, "interrupted")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.heavy
def test_a_question_ends_with_the_command_that_asked_it(recorded: Crawled, tmp_path: Path) -> None:
    """Killed outright, the command cannot end the question; it ends itself, and takes its folder along."""
    given = command(
        "query",
        f"select 'begun'; {ENDLESS['one value']}",
        env={"TMPDIR": str(tmp_path)},
        DATA_DIR=recorded.data_dir,
    )
    process = begun(given)
    assert process.stdout is not None
    assert process.stdout.readline() == "'begun'\n"
    assert len(list(tmp_path.iterdir())) == 1
    process.kill()
    process.stdout.read()  # to its end: nobody holds the pipe any more
    process.communicate(timeout=60)
    assert list(tmp_path.iterdir()) == []


def begun(asked: Command) -> subprocess.Popen[str]:
    """The command, at work."""
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "scrapy", *asked.arguments],
        cwd=asked.cwd,
        env=clean_environment() | dict(asked.env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
