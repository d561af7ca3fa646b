"""`scrapy lines`: what recurs across an outlet's articles, and how it becomes a rule."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.commands.lines import as_rules, pattern
from storage.batch import Batch
from storage.data_dir import DataDir
from storage.merge import merge
from storage.store import open_store
from tests.kit.factories import STORY, article, prose
from tests.kit.running import Done, rows, scrapy

FOOTER = "Simpan nomor redaksi kami, {} pembaca sudah."


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four stories of an outlet, one of them copied by itself, with a line that recurs."""
    found = DataDir(tmp_path_factory.mktemp("lines") / "data")
    texts = [f"{prose(n)}.\n{FOOTER.format(n)}" for n in range(3)] + [STORY]
    made = [
        article(f"https://expresi.co/berita-{n}/", text, source="expresi") for n, text in enumerate(texts)
    ]
    made.append(article("https://expresi.co/sama/", STORY, source="expresi"))
    made.append(replace(article("https://lain.example/sama/", texts[0]), source="lain"))
    with open_store(found, 5) as store:
        merge(store, Batch(None, tuple(made)))
    return found.root


def lines(data_dir: Path, *arguments: str) -> Done:
    return scrapy("lines", *arguments, DATA_DIR=data_dir)


def test_a_recurring_line_is_listed_with_its_share_and_an_example(data_dir: Path) -> None:
    """Whatever its figures; what one story and its copy have in common is not listed."""
    _, *found = lines(data_dir, "expresi").succeeded().out.splitlines()
    assert found == [f"3\t75%\t100%\t–\t–\t{FOOTER.format(0)}\thttps://expresi.co/berita-0/"]
    assert lines(data_dir, "expresi", "--least", "4").succeeded().out.count("\n") == 1
    lines(data_dir, "expresi", "--least", "0").refused(2, "--least 0: at least 1")


def test_it_is_printed_as_a_rule_that_drops_it(data_dir: Path) -> None:
    """The text is TOML, and the pattern matches every form of the line."""
    [rule] = tomllib.loads(lines(data_dir, "expresi", "--toml").succeeded().out)["rules"]
    [found] = rule["drop_lines"]
    assert all(re.search(found, FOOTER.format(n)) for n in (0, 17))
    assert not re.search(found, FOOTER.format("banyak"))


def test_the_macro_says_the_same(data_dir: Path) -> None:
    """With the figures as #."""
    found = rows(data_dir, "SELECT form, articles, share, at_end, len(urls) FROM recurring_lines('expresi')")
    assert found == [(FOOTER.format("#"), 3, 0.75, 1.0, 3)]


def test_an_unknown_source_is_named(data_dir: Path) -> None:
    """One line; a source without articles has no lines."""
    lines(data_dir, "expressi").refused(2, "expressi", "expresi")
    lines(data_dir, "expresi", "--least", "0").refused(2, "--least 0", "at least 1")
    lines(data_dir / "none", "expresi").refused(2, "nothing is published")
    assert lines(data_dir, "chanetujuh").succeeded().out.count("\n") == 1


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1, max_size=60))
def test_a_pattern_matches_its_own_line_and_is_toml(line: str) -> None:
    """Whatever characters stand in it."""
    [rule] = tomllib.loads(as_rules([line], [3]))["rules"]
    assert rule["drop_lines"] == [pattern(line)]
    assert re.fullmatch(pattern(line), line)
