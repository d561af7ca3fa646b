"""What is declared in pyproject.toml: everything that is imported, in locks that agree with it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions

import duckdb
import pytest

from tests.kit.running import CHECKOUT
from tests.test_house import CLOSED, imported, modules

PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def named(requirement: str) -> str:
    """The distribution of a requirement, as the index spells it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement, maxsplit=1)[0]).lower()


@cache
def installed() -> Mapping[str, list[str]]:
    """The distributions that an import's first word may come from."""
    return packages_distributions()


DECLARED = {named(each) for each in PROJECT["dependencies"]}
EXTRAS = {
    named(each)
    for extra, wanted in PROJECT["optional-dependencies"].items()
    for each in wanted
    if extra != "dev"
}
"""What users may add, and what is imported only where they did."""
LOCKS = ("requirements.txt", "requirements-dev.txt")


def locked(name: str) -> dict[str, str]:
    """The versions of a lock, by distribution."""
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    return {named(found): at for found, at in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)}


@pytest.mark.parametrize("package", CLOSED)
def test_everything_imported_is_declared(package: str) -> None:
    """What comes along with another dependency today may stay away tomorrow."""
    distributions = installed()
    undeclared = {
        top
        for path in modules(package)
        for _, name in imported(path)
        if (top := name.partition(".")[0])
        not in {*sys.stdlib_module_names, "_typeshed", *CLOSED}  # mypy alone knows that
        and not {named(each) for each in distributions.get(top, [])} & (DECLARED | EXTRAS)
    }
    assert undeclared == set()


def test_what_an_extra_brings_is_imported_where_it_is_used() -> None:
    """Whoever has not installed it can do all the rest."""
    at_once = [
        f"{path}: {ast.unparse(statement)}"
        for package in CLOSED
        for path in modules(package)
        for statement in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(statement, ast.Import | ast.ImportFrom)
        if re.split(r"[ .]", ast.unparse(statement))[1] in EXTRAS
    ]
    assert at_once == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_everything_that_is_declared(lock: str) -> None:
    """Its comments say for whom each stands there: a new dependency is in the lock as one of ours."""
    text = (CHECKOUT / lock).read_text(encoding="utf-8")
    ours = {
        named(entry)
        for entry in re.split(r"^(?=\S)", text, flags=re.MULTILINE)
        if "kabar (pyproject.toml)" in entry
    }
    developing = {named(each) for each in PROJECT["optional-dependencies"]["dev"]}
    assert ours == DECLARED | (developing if lock == "requirements-dev.txt" else set())


def test_the_locks_agree() -> None:
    """What the tests run on is what users install."""
    used, tested = map(locked, LOCKS)
    assert used.items() <= tested.items()


@pytest.mark.parametrize("lock", (*LOCKS, "requirements-build.txt", "tests/storage/oldest.txt"))
def test_a_lock_names_no_host(lock: str) -> None:
    """It is installed from whatever index the machine has."""
    assert (
        re.findall(r"://|--(?:extra-)?index|--find-links", (CHECKOUT / lock).read_text(encoding="utf-8"))
        == []
    )


OLDEST = "tests/storage/oldest.txt"


def test_the_oldest_duckdb_is_the_lower_end_of_what_is_declared() -> None:
    """What `make oldest` installs is the least that a user may have."""
    [declared] = (each for each in PROJECT["dependencies"] if named(each) == "duckdb")
    assert locked(OLDEST) == {"duckdb": re.findall(r">=([\d.]+)", declared)[0]}


def test_the_tests_run_on_a_duckdb_of_ours() -> None:
    """The locked one, or with `make oldest` the other: neither is taken for what it is not."""
    file = OLDEST if ".venv-oldest" in duckdb.__file__ else LOCKS[0]
    assert duckdb.__version__ == locked(file)["duckdb"]
