"""The version of the reading code is raised when pages read otherwise: by a file, a test and `make readings`."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from crawler.testing import case
from pipelines import rules
from pipelines.lines import junk
from pipelines.rules import Rules, rules_version
from tests.pages.cases import PAGES, SOURCES
from tests.pages.readings import (
    CHANGELOG,
    KEPT,
    ROOT,
    Readings,
    as_text,
    kept,
    main,
    named,
    objection,
    todays,
    versions_of,
    why_not_written,
)

LOG = """\
# Changelog

## [Unreleased]

- A line of somebody's.

## [0.2.0] - 2027-01-10

Reading version 8: some pages are read otherwise.

- Another.

## [0.1.0] - 2026-11-28

Reading version 7: the first.
"""
NEXT = LOG.replace("- A line", "Reading version 9: some pages are read otherwise.\n\n- A line")
OLD = Readings("8", {"warta/dermaga": "aaa 111", "warta/pasar": "bbb 222"})
OTHERWISE = replace(OLD, pages=OLD.pages | {"warta/pasar": "bbb 333"})


def test_what_the_pages_read_like_is_written_down() -> None:
    """Whoever changes what the code reads sees here which line to write."""
    wrong = objection(kept(KEPT), todays(), CHANGELOG.read_text("utf-8"))
    assert wrong is None, wrong


def test_a_change_under_a_released_version_says_the_line_to_write() -> None:
    """And which pages it is about."""
    said = objection(OLD, OTHERWISE, LOG)
    assert said == (
        "warta/pasar read otherwise than by version 8, which is released.\n"
        'Write in pipelines/rules.py: CODE_VERSION = "9"\n'
        "Then: make readings"
    )
    many = Readings("8", {f"warta/{number}": "aaa 111" for number in range(8)})
    changed = replace(many, pages=dict.fromkeys(many.pages, "aaa 222"))
    assert (objection(many, changed, LOG) or "").startswith(
        "warta/0, warta/1, warta/2, warta/3, warta/4 and 3 more read otherwise"
    )


def test_a_change_under_an_unreleased_version_says_the_command() -> None:
    """A version rises once a release, not once a commit."""
    before, now = replace(OLD, version="9"), replace(OTHERWISE, version="9")
    said = objection(before, now, NEXT) or ""
    assert "make readings" in said
    assert "CODE_VERSION" not in said


def test_nothing_is_said_of_what_is_as_it_was() -> None:
    """By a released version or by the next."""
    assert objection(OLD, OLD, LOG) is None
    assert objection(replace(OLD, version="9"), replace(OLD, version="9"), NEXT) is None


NO_CHANGE_OF_THE_CODE = {
    "a page is new": OLD.pages | {"warta/sawah": "ccc 444"},
    "a page is gone": {"warta/pasar": "bbb 222"},
    "a page's rules, bytes or libraries are others": OLD.pages | {"warta/pasar": "ddd 333"},
}


@pytest.mark.parametrize("why", NO_CHANGE_OF_THE_CODE)
def test_what_is_no_change_of_the_code_needs_no_other_version(why: str) -> None:
    """It is written down under a released version too."""
    now = replace(OLD, pages=NO_CHANGE_OF_THE_CODE[why])
    assert why_not_written(OLD, now, frozenset({"8"})) is None
    assert (objection(OLD, now, LOG) or "").endswith("Write it anew: make readings")


def test_a_version_that_was_raised_is_written_down() -> None:
    """Also in the CHANGELOG, or nobody would know when it is released."""
    raised = replace(OTHERWISE, version="9")
    assert (objection(OLD, raised, LOG) or "").endswith("Write it anew: make readings")
    assert objection(raised, raised, LOG) == (
        "CHANGELOG.md does not name reading version 9.\nLet it be written there: make readings"
    )


def test_the_changelog_says_which_versions_are_released() -> None:
    """Those in a part with a date; the others may still be written otherwise."""
    assert versions_of(NEXT) == (frozenset({"7", "8"}), frozenset({"9"}))
    assert versions_of(LOG) == (frozenset({"7", "8"}), frozenset())


def test_the_command_writes_both_files(tmp_path: Path) -> None:
    """The version was raised by hand; the rest is done, and doing it twice changes nothing."""
    path, log = tmp_path / "readings.toml", tmp_path / "CHANGELOG.md"
    path.write_text(as_text(OLD))
    log.write_text(LOG)
    raised = replace(OTHERWISE, version="9")
    for _ in range(2):
        assert main(path, log, raised) == 0
        assert kept(path) == raised
        assert objection(kept(path), raised, log.read_text()) is None
        assert log.read_text().count("Reading version") == 3
    assert "## [Unreleased]\n\nReading version 9: " in log.read_text()
    assert "\n\n- A line of somebody's.\n" in log.read_text()
    again = replace(raised, pages=OLD.pages)
    assert main(path, log, again) == 0, "it is not released yet"
    assert kept(path) == again


def test_the_command_refuses_to_write_a_released_version_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line to write, and both files as they were."""
    path, log = tmp_path / "readings.toml", tmp_path / "CHANGELOG.md"
    path.write_text(as_text(OLD))
    log.write_text(LOG)
    assert main(path, log, OTHERWISE) == 1
    assert 'CODE_VERSION = "9"' in capsys.readouterr().err
    assert (kept(path), log.read_text()) == (OLD, LOG)


def test_a_version_raised_again_before_the_release_takes_the_place_of_the_first() -> None:
    """One line a release."""
    assert named(NEXT, "10").count("Reading version") == 3
    assert versions_of(named(NEXT, "10"))[1] == {"10"}


# --- what a digest depends on ------------------------------------------------------------------------


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A folder of two frozen pages."""
    for name in ("mingguraya/kolam-satu-dari-tiga", "wartaulin/wit"):
        copytree(PAGES / name, tmp_path / "pages" / name)
    copytree(SOURCES, tmp_path / "pages" / "sources")
    return tmp_path / "pages"


@pytest.mark.heavy
def test_a_digest_is_the_same_on_every_machine(few: Path) -> None:
    """In another zone, another process, with other hashes."""
    program = (
        "from pathlib import Path; from tests.pages.readings import as_text, todays;"
        f"print(as_text(todays(Path({str(few)!r}), Path({str(few / 'none')!r}))), end='')"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "Asia/Jayapura"), ("2", "America/Lima"))
    }
    assert told == {as_text(todays(few, few / "none"))}
    assert "mingguraya/kolam-satu-dari-tiga" in told.pop()


def test_another_junk_line_in_the_code_is_seen(few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is the same, its reading is not."""
    before = todays(few, few / "none")
    monkeypatch.setattr(junk, "is_junk", lambda line: "Percobaan" in line)
    assert "mingguraya/kolam-satu-dari-tiga" in before.changed(todays(few, few / "none"))


def test_another_version_of_the_code_alone_changes_no_digest(
    few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or every version would read every page otherwise."""
    before = todays(few, few / "none")
    monkeypatch.setattr(rules, "CODE_VERSION", "next")
    assert todays(few, few / "none") == replace(before, version="next")


def test_another_rule_of_a_source_is_no_change_of_the_code(few: Path) -> None:
    """`rules_version` knows it by itself."""
    before = todays(few, few / "none")
    source = few / "sources" / "mingguraya.toml"
    source.write_text(source.read_text() + '\n[[rules]]\ndrop_lines = ["Percobaan"]\n')
    case.forget()
    now = todays(few, few / "none")
    assert now.pages["mingguraya/kolam-satu-dari-tiga"] != before.pages["mingguraya/kolam-satu-dari-tiga"]
    assert before.changed(now) == []


@pytest.mark.parametrize("library", rules.LIBRARIES)
def test_another_version_of_a_library_is_another_version_of_the_rules(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade of one may read a page differently."""
    before = rules_version(Rules())
    installed = rules.installed_libraries()
    assert installed[library]
    monkeypatch.setattr(rules, "installed_libraries", lambda: installed | {library: "99"})
    assert rules_version(Rules()) != before
