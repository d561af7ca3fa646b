"""Comments that list values, held against the types that the code writes by."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Literal, Union, get_args, get_origin, get_type_hints

import pytest

from crawler.catalogue.model import Source
from crawler.ledger.model import Pause, State
from crawler.report.model import Incident, Kind
from pipelines.article import Article, Document, Reason, Rejected
from pipelines.edits import EditKind
from pipelines.names.actors import KINDS, Actor
from pipelines.names.gazetteer import Place, places
from storage.batch import Fetch
from storage.crawls import CrawlRow
from storage.data_dir import DataDir
from storage.publish import open_published
from storage.store import open_store
from storage.versions import VersionReason
from tests.kit.running import CHECKOUT

ROWS: dict[str, type] = {
    "articles": Article,
    "unique_articles": Article,
    "article_versions": Article,
    "rejections": Rejected,
    "fetches": Fetch,
    "crawls": CrawlRow,
    "incidents": Incident,
    "sources": Source,
    "actors": Actor,
    "places": Place,
}
"""What is written into the rows that a view shows. A field of a Literal type has these values and no others."""

OF_VIEWS: dict[tuple[str, str], tuple[str, ...]] = {("corrections", "kind"): ("notice", "edit", "withdrawal")}
"""Values that no row is written with: the text of a view makes them."""

TO_COME: set[str] = set()
"""Values that are promised and that nothing writes yet."""


def values_of(hint: object) -> tuple[str, ...]:
    """The values of a Literal, null left out; none for another type."""
    if get_origin(hint) is Literal:
        return tuple(str(value) for value in get_args(hint))
    if get_origin(hint) in (Union, UnionType):
        return tuple(value for part in get_args(hint) for value in values_of(part))
    return ()


def written() -> dict[tuple[str, str], tuple[str, ...]]:
    """The values of each (view, column) that has a closed list of them."""
    hints = {
        (view, name): values_of(hint)
        for view, row in ROWS.items()
        for name, hint in get_type_hints(row).items()
    }
    return {key: values for key, values in hints.items() if values} | {
        ("article_versions", "version_reason"): values_of(VersionReason),
        ("article_versions", "edit_kind"): values_of(EditKind),
        **OF_VIEWS,
    }


_VALUE = r"[a-z][a-z0-9_-]*(?: \([^)]*\))?"
_LIST = re.compile(rf"(?:[^:;]*: )?({_VALUE}(?:, {_VALUE})* or {_VALUE})(?:;.*)?")


def listed(comment: str) -> tuple[str, ...]:
    """The values that a comment lists: `where: a, b (what it is) or c; null: …`. None where it lists none."""
    found = _LIST.fullmatch(comment)
    return tuple(re.findall(r"[\w-]+", re.sub(r" \([^)]*\)|,| or ", " ", found[1]))) if found else ()


@pytest.fixture(scope="module")
def meanings(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """The meaning of every column of text, by view and name."""
    data_dir = DataDir(tmp_path_factory.mktemp("dictionary") / "data")
    with open_store(data_dir, wait_s=5):
        pass
    with open_published(data_dir) as connection:
        asked = "SELECT name, column_name, meaning FROM dictionary WHERE type = 'VARCHAR'"
        return {(view, column): meaning for view, column, meaning in connection.execute(asked).fetchall()}


@pytest.mark.parametrize(("view", "column"), written())
def test_a_column_lists_the_values_that_are_written(
    meanings: dict[tuple[str, str], str], view: str, column: str
) -> None:
    """Whoever filters by a value of the comment finds rows, and whoever groups finds no other value."""
    if (view, column) in meanings:  # a field may be kept from view
        assert sorted(listed(meanings[view, column])) == sorted(written()[view, column])


def test_a_comment_that_lists_values_is_held_against_a_type(meanings: dict[tuple[str, str], str]) -> None:
    """No list of values stands in a comment alone, to grow old there."""
    columns = {key for key, meaning in meanings.items() if listed(meaning)}
    assert columns <= written().keys()
    assert len(columns) > 8


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("second, minute or day; null when published_at is", ("second", "minute", "day")),
        ("where it stood: json-ld, rest or url", ("json-ld", "rest", "url")),
        ("published (the first, always) or edited (by the outlet)", ("published", "edited")),
        ("source name, e.g. antara_kaltim", ()),
        ("ISO 639-1, of Banjar and Minangkabau ISO 639-3 (bjn, min); null: no letters", ()),
    ],
)
def test_lists_of_values_are_told_from_sentences(comment: str, expected: tuple[str, ...]) -> None:
    """The form that comments of this project give to a list is read, and nothing else is taken for one."""
    assert listed(comment) == expected


def texts(path: Path) -> Iterator[str]:
    """The strings of a module, those left out that a Literal only names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {
        id(each)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal"
        for each in ast.walk(node.slice)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in named:
            yield node.value


def test_every_value_that_is_listed_is_one_that_something_writes() -> None:
    """A value of a type that no line of code has is a promise that nobody keeps."""
    ours = {
        text
        for package in ("crawler", "pipelines", "storage")
        for path in (CHECKOUT / package).rglob("*.py")
        for text in texts(path)
    }
    views = (CHECKOUT / "storage" / "views" / "public.sql").read_text(encoding="utf-8")
    made = "\n".join(line for line in views.splitlines() if not line.startswith("COMMENT"))
    ours |= set(re.findall(r"'(\w+)'", made))
    ours |= set(re.findall(r'^status += "(\w+)"', "\n".join(_source_files()), re.MULTILINE))
    ours |= {
        *KINDS,
        *(place.level for place in places()),
    }  # a user's list says the one, the gazetteer the other
    values = {value for values in written().values() for value in values}
    assert values - ours == TO_COME


def _source_files() -> Iterator[str]:
    return (path.read_text(encoding="utf-8") for path in (CHECKOUT / "crawler" / "sources").glob("*.toml"))


# --- the tables of our own ----------------------------------------------------------------------------

OF_TABLES: dict[tuple[str, str], object] = {
    ("kept.versions", "version_reason"): VersionReason,
    ("kept.versions", "document"): Document,
    ("kept.links", "state"): State,
    ("kept.incidents", "kind"): Kind,
    ("kept.actors", "kind"): get_type_hints(Actor)["kind"],
    ("kept.places", "level"): get_type_hints(Place)["level"],
    ("links", "state"): State,
    ("pauses", "kind"): get_type_hints(Pause)["kind"],
}
"""The type of each column whose values a table's text lists: `-- this | that`."""

_TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?([\w.]+) \((.*?)^\)", re.DOTALL | re.MULTILINE)
_COLUMN = re.compile(r"^ +(\w+) .*-- (\w+(?: \| \w+)+)$", re.MULTILINE)


def test_tables_of_our_own_list_the_values_that_are_written() -> None:
    """What the text of a table says of a column's values is the type of what is written there."""
    files = (*CHECKOUT.glob("storage/migrations/*.sql"), *CHECKOUT.glob("crawler/ledger/*.sql"))
    found = {
        (table, column): values.split(" | ")
        for path in files
        for table, body in _TABLE.findall(path.read_text(encoding="utf-8"))
        for column, values in _COLUMN.findall(body)
    }
    assert found == {key: list(values_of(hint)) for key, hint in OF_TABLES.items()}


def test_the_closed_list_of_reasons_is_a_type() -> None:
    """`rejections.reason` is held against the list itself."""
    assert written()["rejections", "reason"] == values_of(Reason)
