"""The house: imports run one way, between the packages, between the rooms of each, and down its floors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from pkgutil import resolve_name

import pytest

ROOT = Path(__file__).parents[1]

CLOSED = {
    "pipelines": {
        "storage",
        "crawler",
        "tests",
        "scrapy",
        "duckdb",
        "twisted",
        "sqlite3",
        "fastwarc",
        "requests",
    },
    "storage": {"crawler", "tests", "scrapy", "twisted", "trafilatura"},
    "crawler": {"tests"},
}
"""What each package may not import. `pipelines` is pure: no network, no database, no files of its own."""

NO_DOOR_OUT = {
    "socket",
    "urllib.request",
    "http.client",
    "subprocess",
    "asyncio",
    "threading",
    "multiprocessing",
}
"""Of the standard library, what a pure package has no use for."""


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Everything that a module's text consists of."""
    return _nodes(path.read_text("utf-8"))


@cache
def _nodes(text: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(text)))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """(Line, module) of every import statement, those inside functions included."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import hides where it leads"
            assert node.module is not None
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def breaches(path: Path, closed: set[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for line, name in imported(path)
        if any(name == each or name.startswith(each + ".") for each in closed)
    ]


@pytest.mark.parametrize("package", CLOSED)
def test_imports_run_one_way(package: str) -> None:
    """Nothing that means something knows who keeps it, and nothing that keeps knows who fetches."""
    assert modules(package)
    assert [breach for path in modules(package) for breach in breaches(path, CLOSED[package])] == []


def test_what_a_page_means_needs_no_door_out() -> None:
    """Reading is a function of the page and the rules, so it can run in any process on any machine."""
    assert [breach for path in modules("pipelines") for breach in breaches(path, NO_DOOR_OUT)] == []


def test_what_a_page_means_does_not_ask_the_clock() -> None:
    """The same bytes and the same rules give the same rows, today and next year."""
    asked = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules("pipelines")
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today", "time_ns", "monotonic")
    ]
    assert asked == []


FLOORS = (
    {"console", "csv_lists", "errors", "limits", "recipients"},
    {"settings", "interruption", "web"},
    {"catalogue"},
    {"ledger", "discovery", "config", "known_settings", "actors"},
    {"user_settings"},
    {"addon", "testing", "exporters", "digest"},
    {"forget"},
    {"downloader", "processing"},
    {"crawl"},
    {"backup", "ingest", "prune", "reprocess", "doctor", "middlewares", "pipelines"},
    {"verify", "probe", "shards"},
    {"spiders", "report", "explore"},
    {"harvest"},
    {"evidence"},
    {"command"},
    {"apart", "notify", "in_parts"},
    {"commands", "demo", "__main__"},
    {"late_commands"},
)
"""The rooms of `crawler`, from the ground up: each imports from itself and from those below it."""

LAYERS = (
    {"article", "rules", "address", "sentences", "words", "figures"},
    {"page"},
    {"themes", "lines", "names"},
    {"facts"},
    {"body", "edits"},
    {"retractions"},
    {"dedupe"},
    {"withhold"},
    {"refuse", "draft", "language", "removal", "usage", "validate"},
    {"wordpress"},
    {"read", "layout"},
)
"""The rooms of `pipelines`: the vocabulary, bytes to blocks, what a theme, a line and a name say, facts, the body, what decides of two texts, of whole pages, the chain."""


def room_of(path: Path) -> str:
    """The folder, or the module, that a file of a package stands in."""
    return path.relative_to(ROOT).with_suffix("").parts[1]


def climbs(package: str, floors: tuple[set[str], ...]) -> list[str]:
    """Imports that lead to a room on the same floor, or on a higher one."""
    height = {room: floor for floor, rooms in enumerate(floors) for room in rooms}
    return [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(package)
        if (room := room_of(path)) != "__init__"
        for line, name in imported(path)
        if name.startswith(f"{package}.") and (other := name.split(".")[1]) in height
        if other != room and height[other] >= height[room]
    ]


@pytest.mark.parametrize(("package", "floors"), [("crawler", FLOORS), ("pipelines", LAYERS)])
def test_no_room_imports_from_above(package: str, floors: tuple[set[str], ...]) -> None:
    """Who reads from the ground up meets nothing that stands higher; a new room needs its floor first."""
    assert {room_of(path) for path in modules(package)} - {"__init__"} == set().union(*floors)
    assert climbs(package, floors) == []


def test_what_is_private_to_scrapy_stands_in_one_room() -> None:
    """At an upgrade there is one place to look: `crawler.downloader`."""
    seen = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules("crawler")
        if room_of(path) != "downloader"
        for line, name in imported(path)
        if name.startswith(("scrapy.", "twisted.")) and "._" in name
    ]
    assert seen == []


MAX_CLASS_LINES = 300
LONG_FOR_A_REASON = {"_Merge"}
"""One algorithm over one state: taken apart, its steps would hand the same ten values around."""


def test_no_class_is_longer_than_a_reader_bears() -> None:
    """Under 300 lines, but for one algorithm with one state, whose reason stands in its docstring."""
    longer = {
        node.name
        for package in CLOSED
        for path in modules(package)
        for node in nodes(path)
        if isinstance(node, ast.ClassDef) and (node.end_lineno or 0) - node.lineno + 1 > MAX_CLASS_LINES
    }
    assert longer <= LONG_FOR_A_REASON, longer


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    """(Line, text) of every docstring of a module, those of values included."""
    for node in nodes(path):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.lineno, node.value.value


def module_names() -> set[str]:
    """The dotted names of all packages and modules of ours."""
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for package in CLOSED
        for path in modules(package)
    }
    return {name.removesuffix(".__init__") for name in names}


def is_there(name: str, ours: set[str]) -> bool:
    """Whether a dotted name leads to a module of ours or to something in one; it may begin at any room."""
    room, _, rest = name.partition(".")
    for module in ours:
        if module.rpartition(".")[2] == room:
            try:
                resolve_name(f"{module}.{rest}")
            except (ImportError, AttributeError):
                continue
            return True
    return False


FILES = (".toml", ".gz", ".jsonl", ".key")
DOTTED = re.compile(r"`([A-Za-z_]\w*(?:\.\w+)+)`")


def dead_names(path: Path, ours: set[str]) -> list[str]:
    """What the docstrings of a module name between backticks as ours and is not there."""
    rooms = {part for name in ours for part in name.split(".")}
    return [
        f"{path.name}:{line} names {name}"
        for line, text in docstrings(path)
        for name in DOTTED.findall(text)
        if name.split(".")[0] in rooms and not name.endswith(FILES) and not is_there(name, ours)
    ]


def test_what_a_docstring_names_is_there() -> None:
    """Whoever moves a module, or renames what stands in it, meets every docstring that names it."""
    ours = module_names()
    assert [dead for package in CLOSED for path in modules(package) for dead in dead_names(path, ours)] == []


def test_a_docstring_that_names_what_is_gone_is_seen(tmp_path: Path) -> None:
    """By its whole name or from its room on; what is no module's is nobody's."""
    path = tmp_path / "module.py"
    path.write_text(
        '"""As `crawler.place`, `read.WALK`, `pipelines.read.STEPS`, `read.STEPS` and `news.duckdb` do."""'
    )
    assert dead_names(path, module_names()) == [
        "module.py:1 names crawler.place",
        "module.py:1 names read.WALK",
    ]


A_SHELL = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}


def test_no_command_of_ours_asks_a_shell() -> None:
    """What is run is run with its words apart, so no word can be a command."""
    asked = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in (*CLOSED, "benchmarks")
        for path in modules(package)
        for node in nodes(path)
        if (isinstance(node, ast.keyword) and node.arg == "shell")
        or (isinstance(node, ast.Attribute) and ast.unparse(node) in A_SHELL)
    ]
    assert asked == []


def test_the_test_of_the_house_sees_a_breach(tmp_path: Path) -> None:
    """However an import is written, it is found."""
    for statement in (
        "import scrapy",
        "import scrapy.http as web",
        "from scrapy.http import Request",
        "from storage import merge",
        "def late() -> None:\n    from scrapy import Request",
    ):
        path = tmp_path / "module.py"
        path.write_text(statement)
        names = {name for _, name in imported(path)}
        assert any(name.split(".")[0] in ("scrapy", "storage") for name in names), statement
    path.write_text("from urllib import request")
    assert "urllib.request" in {name for _, name in imported(path)}


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """(Line, text) of every piece of text in a module; where a value is put in, `{}` stands for it."""
    inner: set[ast.AST] = set()
    for node in nodes(path):
        if isinstance(node, ast.JoinedStr):
            inner.update(node.values)
            parts = (str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inner:
            yield node.lineno, node.value


def namings(path: Path) -> list[int]:
    """The lines of a module in which one of the store's own tables is named."""
    return [line for line, text in texts(path) if re.search(r"\bkept\.(\w|\{\})", text)]


@pytest.mark.parametrize("package", ["crawler", "benchmarks", "pipelines"])
def test_only_the_storage_names_its_tables(package: str) -> None:
    """Everybody else asks a function of `storage`, or the public views."""
    found = {str(path.relative_to(ROOT)): namings(path) for path in modules(package)}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_test_of_tables_sees_one(tmp_path: Path) -> None:
    """Also where the table's name is put in; a variable called so is none."""
    path = tmp_path / "module.py"
    for statement, lines in (
        ("ask('SELECT 1 FROM kept.keys')", [1]),
        ("ask(f'FROM kept.{table}')", [1]),
        ("ask(\n    'SELECT 1 '\n    f'FROM kept.keys LIMIT {number}'\n)", [2]),
        ("kept.keys, f'{kept.store} is kept.'", []),
    ):
        path.write_text(statement)
        assert namings(path) == lines, statement
