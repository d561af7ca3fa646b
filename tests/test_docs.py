"""The documentation under test: its commands are run, its SQL is asked, its tables are held against the code."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

import pytest
import trafilatura
from _pytest.mark.structures import ParameterSet
from scrapy.settings import default_settings

from crawler import __version__, settings
from crawler.catalogue.load import load_catalogue
from crawler.crawl.arguments import CrawlArguments
from crawler.demo import QUESTIONS, is_ours_to_empty, show
from crawler.known_settings import SETTINGS
from crawler.user_settings import NO_SETTINGS
from pipelines.article import Reason
from tests.kit import prepared
from tests.kit.hostile import BEHAVIOURS
from tests.kit.running import CHECKOUT, SITES, Done, clean_environment, rows
from tests.kit.shell import CLIENTS, Client, ask_library, ask_shell, questions_to

DOCS = CHECKOUT / "docs"
README = CHECKOUT / "README.md"
MULAI = DOCS / "mulai.md"
PAGES = {
    str(path.relative_to(CHECKOUT)): path.read_text(encoding="utf-8")
    for path in (README, CHECKOUT / "CHANGELOG.md", *sorted(DOCS.glob("*.md")))
}
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n(?:\n((?:^\|[^\n]*\n)+))?", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in that language."""
    return [body for name, body, _ in _BLOCK.findall(PAGES[page]) if name == language]


@dataclass(frozen=True)
class Shown:
    """A command as a page shows it, and the lines of output shown below it."""

    command: str
    output: str


def shown_commands(page: str) -> list[Shown]:
    """The commands of a page, in its order."""
    found = []
    for body in blocks(page, "console"):
        for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append(Shown(command, output))
    return found


def cron_lines(page: str) -> list[str]:
    """The crontab lines of a page."""
    return [line for body in blocks(page, "crontab") for line in body.splitlines()]


def agrees(shown: str, true: str) -> bool:
    """Whether an output is the one shown: … stands for any lines, or the rest of one; seconds differ."""

    def lines(text: str) -> list[str]:
        return [re.sub(r"\b\d+ seconds", "N seconds", line.rstrip()) for line in text.strip().splitlines()]

    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in lines(shown)
    )
    return re.fullmatch(pattern, "\n".join(lines(true)) + "\n") is not None


# --- running what the pages show -------------------------------------------------------------------


@dataclass(frozen=True)
class Demo:
    """One run of the demo."""

    folder: Path
    done: Done


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """`make demo`, less the set-up, in a folder of its own."""
    return run_demo(tmp_path_factory.mktemp("documented") / "demo", as_typed=False)


def run_demo(folder: Path, as_typed: bool) -> Demo:
    """The demo; `as_typed`: each of its commands begins a Python of its own, which takes most of the time."""
    environment = clean_environment() | {"KABAR_DEMO_DIR": str(folder)}
    if as_typed:
        done = run([sys.executable, "-m", "crawler.demo"], environment)
    else:
        done = Done(*prepared.run((), CHECKOUT, environment, 300, prepared.demo))
    out = done.out.replace(f"{Path(sys.executable).parent}/", ".venv/bin/")
    return Demo(folder, replace(done, out=out.replace(str(folder), "data/demo")))


def run(words: list[str], environment: dict[str, str]) -> Done:
    """A program with these arguments."""
    found = subprocess.run(
        words,
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Done(found.returncode, found.stdout, found.stderr)


def run_as_shown(command: str, data: Path, as_typed: bool) -> Done:
    """Run a command of a page with `data/` elsewhere; what would go out to a live site goes to the recording.

    Not `as_typed`, what reads pages begins with the libraries in it.
    """
    words = [
        re.sub(r"(?:(?<==)|^)data/", f"{data}/", word).replace(".venv/bin", str(Path(sys.executable).parent))
        for word in shlex.split(command)
    ]
    goes_out = words[1] in ("crawl", "harvest") or "--verify" in words
    if goes_out and "REPLAY=" not in command:
        words += ["-s", f"REPLAY={SITES}"]
        words += ["expresi"] if words[1] == "harvest" else []  # one outlet is enough
    if words[1] in ("crawl", "harvest", "ingest"):
        words += ["-s", "READ_WORKERS=1"]  # several pages' commands run at once
    environment = clean_environment() | {"KABAR_DATA_DIR": str(data / "replay")}
    if goes_out and not as_typed:
        return Done(*prepared.run(words[1:], CHECKOUT, environment, 180))
    return run(words, environment)


RUN = [page for page in PAGES if page != "docs/mulai.md"]
"""The Indonesian page shows the commands of the README, which are run there."""


def to_run(page: str) -> list[str]:
    """The commands of a page that are run, its cron lines' among them."""
    from_cron = [line.partition("&& ")[2] for line in cron_lines(page)]
    return [each.command for each in shown_commands(page) if not each.command.startswith("make ")] + from_cron


Outputs = Callable[[str], Mapping[str, list[Done]]]
MARKS: dict[str, list[pytest.MarkDecorator]] = {"README.md": []}


@pytest.fixture(scope="session")
def outputs(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    """What every command of a page did, one after the other, each page once; those of the README see below."""

    @cache
    def run_page(page: str) -> Mapping[str, list[Done]]:
        data = tmp_path_factory.mktemp("page")
        shutil.copytree(demo.folder, data / "demo")
        found: dict[str, list[Done]] = {}
        for each in to_run(page):
            found.setdefault(each, []).append(run_as_shown(each, data, page != "README.md"))
        return found

    return run_page


def of_page(page: str, *values: object) -> ParameterSet:
    """A case of that page: those of the README run in every test run, the rest in a soak."""
    return pytest.param(page, *values, marks=MARKS.get(page, [pytest.mark.soak]))


@pytest.mark.parametrize(
    ("page", "command"), [of_page(page, command) for page in RUN for command in to_run(page)]
)
def test_a_command_shown_works(page: str, command: str, outputs: Outputs) -> None:
    """Every command that a page shows ends well."""
    for done in outputs(page)[command]:
        done.succeeded()


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        of_page(page, each)
        for page in PAGES
        for each in shown_commands(page)
        if each.output and not each.command.startswith("make ")
    ],
)
def test_an_output_shown_is_the_true_one(page: str, shown: Shown, outputs: Outputs) -> None:
    """What a page shows below a command is what the command prints."""
    ran_on = page if page in RUN else "README.md"
    true = [done.out for done in outputs(ran_on)[shown.command]]
    assert any(agrees(shown.output, each) for each in true), true


@pytest.mark.heavy
def test_the_first_page_works_as_it_is_typed(tmp_path: Path) -> None:
    """Its demo and its commands are what the other tests see, also where each begins a Python of its own."""
    typed = run_demo(tmp_path / "demo", as_typed=True)
    typed.done.succeeded()
    shown = {each.command: each.output for each in shown_commands("README.md")}
    assert agrees(shown["make demo"], typed.done.out), typed.done.out
    for command in to_run("README.md"):
        done = run_as_shown(command, tmp_path, as_typed=True).succeeded()
        assert not shown.get(command) or agrees(shown[command], done.out), done.out


@pytest.mark.parametrize("page", ["README.md", "docs/mulai.md"])
def test_the_demo_prints_what_is_shown(page: str, demo: Demo) -> None:
    """The demo's output on both first pages is the demo's output."""
    demo.done.succeeded()
    shown = next(each for each in shown_commands(page) if each.command == "make demo")
    assert agrees(shown.output, demo.done.out), demo.done.out


def test_the_demo_fits_80_columns(demo: Demo) -> None:
    """A line a row; the copy, the original and the credit stand whole, titles are cut."""
    lines = demo.done.out.splitlines()
    assert [line for line in lines if len(line) > 80 and not line.startswith("Go on:")] == []
    assert len(lines) < 50
    assert any(re.match(r"suarakaltim +klikkaltim +KlikKaltim.com +Merasa", line) for line in lines)


def test_a_wide_demo_cuts_nothing(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    """`make demo WIDE=1`: titles as long as they are."""
    question, sql = QUESTIONS[0]
    found = ask_library(demo.folder / "news.duckdb", sql)
    show(question, ([*found.columns], [*found.rows]), is_wide=True)
    assert "BW Pilih Menangkan Basri-Chusnul" in capsys.readouterr().out


def test_make_test_runs_what_its_output_comes_from() -> None:
    """`make test` runs ruff twice, mypy and pytest, in the order of the lines that the README shows."""
    found = subprocess.run(
        ["make", "--dry-run", "test"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert re.search(r"ruff check.*ruff format --check.*mypy.*pytest", found.stdout, re.DOTALL)


@pytest.mark.parametrize(
    ("shown", "true", "expected"),
    [
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("a\n…\nd\n", "a\nd\n", True),
        ("a\nd\n", "a\nb\nd\n", False),
        ("a b …\n", "a b c\n", True),
        ("It took 25 seconds.\n", "It took 8 seconds.\n", True),
        ("second run: 1 articles\n", "second run: 2 articles\n", False),
    ],
)
def test_elisions_hide_no_difference(shown: str, true: str, expected: bool) -> None:
    """Only what … stands for, and seconds, may differ from what is shown."""
    assert agrees(shown, true) is expected


@pytest.mark.parametrize(
    ("born", "expected"), [(None, True), ("replay\n", True), ("live\n", False), ("", False)]
)
def test_the_demo_empties_no_real_record(tmp_path: Path, born: str | None, expected: bool) -> None:
    """The demo empties its folder only where a replay filled it."""
    if born is not None:
        (tmp_path / "news.duckdb").write_bytes(b"")
    if born:
        (tmp_path / "born").write_text(born, encoding="ascii")
    assert is_ours_to_empty(tmp_path) is expected


# --- SQL ------------------------------------------------------------------------------------------


def cell(value: object) -> str:
    """A value as the answer tables spell it."""
    match value:
        case None:
            return "–"
        case bool():
            return str(value).lower()
        case list():
            return ", ".join(map(cell, value))
        case _:
            return str(value)


def table(columns: list[str], found: list[tuple[object, ...]]) -> str:
    """An answer as a Markdown table."""
    lines = [columns, ["---"] * len(columns), *([*map(cell, row)] for row in found)]
    return "".join("|" + "|".join(line) + "|\n" for line in lines)


def folded(markdown: str) -> str:
    """A Markdown table without the spaces around its bars."""
    return re.sub(r" *\| *", "|", markdown)


SQL = [
    (page, body, answer)
    for page in PAGES
    for name, body, answer in _BLOCK.findall(PAGES[page])
    if name == "sql"
]
TYPED = sorted(
    {
        words[index]
        for page in PAGES
        for each in shown_commands(page)
        for words in [shlex.split(each.command)]
        if words[1:2] == ["query"]
        for index in range(2, len(words))
        if words[index].lower().startswith(("select ", "from ", "with "))
    }
)
"""The SQL that the pages give to `scrapy query`."""


@pytest.mark.parametrize("ask", CLIENTS.values(), ids=CLIENTS)
@pytest.mark.parametrize(("page", "sql", "answer"), SQL)
def test_a_query_shown_gives_the_answer_shown(
    page: str, sql: str, answer: str, ask: Client, demo: Demo
) -> None:
    """Every SQL block runs on the demo's database and gives the table below it, in every client."""
    found = ask(demo.folder / "news.duckdb", sql)
    assert folded(answer) == table(found.columns, found.rows)


def test_the_sql_of_commands_is_found() -> None:
    """As many questions are taken from the commands as there are commands with one."""
    shown = {
        each.command for page in PAGES for each in shown_commands(page) if "scrapy query" in each.command
    }
    assert len(TYPED) == len({sql for sql in TYPED for command in shown if sql in command}) > 0
    assert [command for command in shown if not any(sql in command for sql in TYPED)] == []


@pytest.mark.parametrize("sql", TYPED)
def test_what_is_typed_at_scrapy_query_can_be_asked_anywhere(sql: str, demo: Demo) -> None:
    """It is DuckDB's own SQL: the shell gives the same answer."""
    database = demo.folder / "news.duckdb"
    assert ask_shell(database, sql) == ask_library(database, sql)


@pytest.mark.soak
def test_every_view_and_macro_answers_alike_in_every_client(demo: Demo) -> None:
    """On the record of the demo the shell finds what the library finds."""
    database = demo.folder / "news.duckdb"
    address = "(SELECT url FROM articles WHERE version > 1)"
    story = "(SELECT min(story_id) FROM stories WHERE copies > 0)"
    days = {"since": "DATE '2024-11-12'", "until": "DATE '2024-11-21'"}
    words = {"words": "'Basri Rase'", "best": "5"}
    asked = questions_to(
        database,
        {
            "instant": "TIMESTAMPTZ '2024-12-01 00:00:00Z'",
            "article": address,
            "story": story,
            "outlet": "'expresi'",
            "least": "2",
            "kind": "'person'",
        }
        | days
        | words,
    )
    for name, sql in asked.items():
        assert ask_shell(database, sql) == ask_library(database, sql), name


def test_the_readme_asks_the_questions_of_the_demo() -> None:
    """The four questions of the README are those of the demo, word for word."""
    asked = [" ".join(sql.split()) for sql in blocks("README.md", "sql")]
    for question, sql in QUESTIONS:
        assert f"**{question}**" in PAGES["README.md"]
        assert " ".join(sql.split()) in asked


def test_there_are_twenty_four_questions() -> None:
    """The page of questions has as many as it says, each with an answer."""
    assert len(re.findall(r"^## \d+\. .*\?$", PAGES["docs/sql.md"], re.MULTILINE)) == 24
    assert len([answer for page, _, answer in SQL if page == "docs/sql.md" and answer]) == 24


# --- before and after -------------------------------------------------------------------------------

SUARA = SITES / "kaltim.suara.com" / "read"


@pytest.mark.parametrize("page", ["README.md", "docs/mulai.md"])
def test_before_and_after_are_true(page: str, demo: Demo) -> None:
    """Lines marked - are what trafilatura leaves and Kabar does not store, + what it stores instead."""
    (shown,) = blocks(page, "diff")
    (html,) = SUARA.rglob("*bakhtiar-wakkang*")
    before = (trafilatura.extract(html.read_text(encoding="utf-8")) or "").splitlines()
    ((text,),) = rows(demo.folder, "SELECT text FROM articles WHERE url LIKE '%bakhtiar-wakkang%'")
    after = str(text).splitlines()
    for line in shown.splitlines():
        if (said := line[2:]) != "…":
            pattern = re.compile(re.escape(said).replace("…", ".*"))
            is_in = tuple(any(pattern.fullmatch(each) for each in lines) for lines in (before, after))
            assert is_in == {"-": (True, False), "+": (False, True), " ": (True, True)}[line[0]], line


# --- the two languages -----------------------------------------------------------------------------


def test_both_languages_show_the_same_commands() -> None:
    """README and docs/mulai.md show the same commands, cron lines and queries' questions."""
    english, indonesian = shown_commands("README.md"), shown_commands("docs/mulai.md")
    assert sorted(each.command for each in indonesian) == sorted(each.command for each in english)
    assert cron_lines("docs/mulai.md") == cron_lines("README.md") != []
    assert set(blocks("docs/mulai.md", "sql")) <= set(blocks("README.md", "sql"))


def test_the_readme_keeps_its_order() -> None:
    """The README's sections stand in the order in which a reader needs them."""
    assert re.findall(r"^## (.*)$", PAGES["README.md"], re.MULTILINE) == [
        "Two commands",
        "One article, before and after",
        "Four questions",
        "One cron line",
        "Without a checkout",
        "What has never been tried on a live site",
        "Rights",
    ]


# --- the pages against the code ----------------------------------------------------------------------


def table_keys(page: str, heading: str = "") -> list[str]:
    """The names in backticks of a page's first table columns; `heading` limits it to one section."""
    text = PAGES[page]
    if heading:
        text = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
    return [name for each in cells for name in re.findall(r"`([^`]+)`", each)]


COMMANDS = sorted(path for path in (CHECKOUT / "crawler" / "commands").glob("[a-z]*.py"))


def test_every_command_has_its_section_and_no_other_does() -> None:
    """docs/commands.md has a section for each module of crawler/commands."""
    sections = re.findall(r"^## `scrapy (\w+)", PAGES["docs/commands.md"], re.MULTILINE)
    assert sorted(sections) == [path.stem for path in COMMANDS]


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_every_option_of_a_command_is_documented(path: Path) -> None:
    """A command's section names each of its options."""
    section = PAGES["docs/commands.md"].partition(f"## `scrapy {path.stem}")[2].partition("\n## ")[0]
    texts = [
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    options = [text for text in texts if re.fullmatch(r"--[a-z-]+", text)]
    if path.stem == "crawl":
        options = [f"-a {name}=" for name in CrawlArguments.__slots__]
    assert [option for option in options if option not in section] == []


# --- docs/safety.md --------------------------------------------------------------------------------


def promised_by() -> list[tuple[str, str, str | None]]:
    """Every test that docs/safety.md names: its file, its function, its case if it names one."""
    found = []
    for file, name, case in re.findall(
        r"`(?:([\w/]+\.py)::(\w+))?(?:\[([^\]`]+)\])?`", PAGES["docs/safety.md"]
    ):
        if name:
            last = (file, name)
        if name or case:
            found.append((*last, case or None))
    return found


@pytest.mark.parametrize(("file", "name", "case"), promised_by())
def test_a_promise_is_held_by_a_test(file: str, name: str, case: str | None) -> None:
    """It is there, and the case that is named is one of its cases."""
    source = (CHECKOUT / "tests" / file).read_text("utf-8")
    assert re.search(rf"^(?:async )?def {name}\(", source, re.MULTILINE), f"{file} has no {name}"
    is_a_case = case is None or case in BEHAVIOURS or re.search(rf"\b{re.escape(case)}\b", source)
    assert is_a_case, f"{name} has no case {case}"


OWN = {name for name in dir(settings) if name.isupper() and name not in dir(default_settings)} - {"_HEADERS"}


def test_every_own_setting_is_documented_with_its_default() -> None:
    """docs/settings.md lists Kabar's own settings and no others; figures are the code's."""
    bounds = {name for name in table_keys("docs/settings.md", "Bounds") if name.isupper()}
    assert bounds <= set(vars(settings))
    ours = [*table_keys("docs/settings.md", "Kabar's own"), *(bounds - set(dir(default_settings)))]
    assert sorted(ours) == sorted(OWN)
    for name in OWN:
        value = getattr(settings, name)
        if isinstance(value, int) or (isinstance(value, list) and value):
            spelt = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            assert f"| `{name}` | {spelt} |" in PAGES["docs/settings.md"]


def test_scrapys_settings_on_the_page_are_set() -> None:
    """A setting of Scrapy's that the page says is ours differs from Scrapy's own."""
    from crawler.addon import user_agent

    for name in table_keys("docs/settings.md", "Scrapy's, where ours differ"):
        if name.isupper() and name != "USER_AGENT":
            assert name in vars(settings), name
    assert user_agent("CONTACT") == f"Mozilla/5.0 (compatible; Kabar/{__version__}; +CONTACT)"
    assert "Mozilla/5.0 (compatible; Kabar/VERSION; +CONTACT)" in PAGES["docs/settings.md"]


def test_every_variable_of_the_environment_is_documented() -> None:
    """docs/settings.md lists each KABAR_… variable that the code reads, and the one that stands for any setting."""
    read = {
        name
        for path in (CHECKOUT / "crawler").rglob("*.py")
        for name in re.findall(r"environ\.get\(\"(KABAR_\w+)\"", path.read_text(encoding="utf-8"))
    }
    text = PAGES["docs/settings.md"].partition("## Environment\n")[2]
    assert {"KABAR_NAME", *NO_SETTINGS} == set(re.findall(r"^\| `(KABAR_\w+)`", text, re.MULTILINE))
    assert read == NO_SETTINGS


def test_settings_mean_what_the_page_says() -> None:
    """docs/settings.md has the meaning, the kind's bound and the name of each setting that the code knows."""
    page = PAGES["docs/settings.md"]
    for setting in SETTINGS.values():
        assert f"`{setting.name}`" in page, setting.name
        assert not setting.meaning or re.search(
            rf"^\| `{setting.name}` \|.*\| {re.escape(setting.meaning)}", page, re.MULTILINE
        ), setting.name


def test_every_column_of_articles_is_documented(demo: Demo) -> None:
    """docs/fields.md has a row for each column of `articles`, and for nothing else."""
    columns = [name for name, *_ in rows(demo.folder, "DESCRIBE articles")]
    of_articles = [
        *("What the article is", "Who and where", "When", "Paid content and notices"),
        *("Versions and sightings", "Copies", "Where it came from"),
    ]
    documented = [key for section in of_articles for key in table_keys("docs/fields.md", section)]
    assert sorted(documented) == sorted(columns)


def test_every_reason_for_rejection_is_documented() -> None:
    """docs/design.md explains the closed list of reasons."""
    assert sorted(table_keys("docs/design.md", "Why a page is rejected")) == sorted(get_args(Reason))


def test_every_view_is_in_the_changelog(demo: Demo) -> None:
    """The CHANGELOG names the views that analysts may rely on."""
    for (view,) in rows(demo.folder, "SELECT DISTINCT name FROM dictionary WHERE type = 'view'"):
        assert f"`{view}`" in PAGES["CHANGELOG.md"]


def test_the_changelog_begins_with_what_is_unreleased_and_this_version() -> None:
    """Every version has its day, and the newest is that of the code."""
    headings = re.findall(r"^## (.*)", PAGES["CHANGELOG.md"], re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    dated = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d", heading) for heading in headings[1:]]
    assert all(dated), headings
    assert dated[0] is not None
    assert dated[0][1] == __version__


# --- links ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_links_within_the_project_lead_somewhere(page: str) -> None:
    """Every relative link of a page leads to a file or folder."""
    links = re.findall(r"\]\(([^)#\s]+)", PAGES[page])
    here = (CHECKOUT / page).parent
    assert [link for link in links if "://" not in link and not (here / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_files_named_exist(page: str) -> None:
    """A path of the code that a page names is there."""
    named = re.findall(r"`((?:crawler|pipelines|storage|tests)/[\w./-]*)`", PAGES[page])
    assert [path for path in named if not (CHECKOUT / path).exists()] == []


def test_the_index_lists_every_page() -> None:
    """docs/README.md links to each page beside it."""
    linked = set(re.findall(r"\]\((\w+\.md)\)", PAGES["docs/README.md"]))
    assert linked == {path.name for path in DOCS.glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("page", PAGES)
def test_addresses_are_those_of_outlets_or_examples(page: str) -> None:
    """A page names no hosts but the outlets', reserved ones, and the two that say how a changelog is kept."""
    known = {host for source in load_catalogue().values() for host in source.hosts}
    known |= {"keepachangelog.com", "semver.org"} if page == "CHANGELOG.md" else set()
    hosts = {urlsplit(url).hostname or "" for url in re.findall(r"https?://[^\s`)\"'|]+", PAGES[page])}
    assert {host for host in hosts if host not in known and not host.endswith(".example")} == set()
