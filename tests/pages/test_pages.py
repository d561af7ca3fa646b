"""Every frozen page, read with today's rules: one test per field that it states, and one for all that it does not."""

from __future__ import annotations

import re
from html import unescape

import pytest

from crawler.testing.case import ABSENT, WHERE_NAMED, load, names, reading, value_of
from pipelines.article import Article
from tests.pages.cases import PAGES
from tests.pages.freeze import explanation

FIELDS = [(name, field) for name in names(PAGES) for field in load(name, PAGES).stated]


@pytest.mark.parametrize(("name", "field"), FIELDS, ids=[f"{name}-{field}" for name, field in FIELDS])
def test_the_page_reads_as_frozen(name: str, field: str) -> None:
    """One field of one frozen page is what somebody once wrote down."""
    wanted, found = load(name, PAGES).wanted(field), value_of(reading(name, PAGES), field)
    assert found == wanted, explanation(name, field, wanted, found)


@pytest.mark.parametrize("name", names(PAGES))
def test_nothing_else_is_stated(name: str) -> None:
    """What the page does not state is null, empty or false; every field that is not is listed."""
    case, found = load(name, PAGES), reading(name, PAGES)
    unstated = [field for field in case.fields if field not in case.stated]
    stray = {field: value_of(found, field) for field in unstated}
    if isinstance(found, Article):
        assert {field: value for field, value in stray.items() if value != ABSENT[field]} == {}


@pytest.mark.parametrize("name", names(PAGES))
def test_an_expectation_names_only_what_is_tested(name: str) -> None:
    """A misspelt field would never fail, so there is none; a rejected page states nothing else."""
    stated = set(load(name, PAGES).expected)
    assert stated
    assert stated <= {*ABSENT, *WHERE_NAMED} or stated == {"rejected"}


def _forms() -> list[tuple[str, str]]:
    """(Form, case) of every row of the README's tables: "| `form` | case, case |"."""
    rows = re.findall(
        r"^\| `([^`]+)`.*?\| ([^|]+?) \|$", (PAGES / "README.md").read_text("utf-8"), re.MULTILINE
    )
    return [(form, name) for form, cases in rows for name in cases.split(", ")]


@pytest.mark.parametrize(("form", "name"), _forms())
def test_each_form_stands_where_the_readme_says(form: str, name: str) -> None:
    """The table of forms is true: the case's document holds the form, spelt like that."""
    documents = [
        path for path in (PAGES / name).iterdir() if path.suffix in (".html", ".json", ".xml", ".txt")
    ]
    text = " ".join(path.read_bytes().decode("utf-8", "replace") for path in documents)
    spellings = (text, unescape(text), re.sub(r"<[^>]+>", " ", text), re.sub(r"<[^>]+>", "", text))
    assert any(_folded(form) in _folded(spelling) for spelling in spellings)


def _folded(text: str) -> str:
    return " ".join(text.replace("\\|", "|").split())


def test_the_pages_cover_the_region() -> None:
    """There are enough cases, of enough outlets, and enough that must be refused."""
    assert len(names(PAGES)) >= 30
    assert len({name.split("/")[0] for name in names(PAGES)}) >= 10
    assert (
        len(
            {
                load(name, PAGES).expected["rejected"]
                for name in names(PAGES)
                if "rejected" in load(name, PAGES).expected
            }
        )
        >= 4
    )
