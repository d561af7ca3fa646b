"""One harvest over every outlet of `tests.kit.hostile`: it ends, in bounded time and memory, with the right rows for each."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit.hostile import BEHAVIOURS, TIMEOUT_S, Behaviour, Made, Outlet, source_file
from tests.kit.loopback import Loopback
from tests.kit.running import CHECKOUT, Done, clean_environment, rows
from tests.kit.watching import most_memory

ENOUGH_S = 300
"""A harvest that takes longer has met what it cannot get out of."""
ENOUGH_BYTES = 1_500 << 20
GOOD = "warta_baik"
"""An ordinary outlet, harvested with all the others."""

SETTINGS: dict[str, object] = {
    "CONTACT": "redaksi@contoh.example",
    "AUTOTHROTTLE_ENABLED": False,
    "DOWNLOAD_TIMEOUT": TIMEOUT_S,
    "RETRY_TIMES": 1,
    "RETRY_BACKOFF_S": 0.05,
    "HARVEST_AT_ONCE": 24,
    "HARVEST_BUDGET_S": 90,
    "READ_WORKERS": 2,
    "READ_TIMEOUT_S": 10,
    "MAX_LINKS_PER_PAGE": 100,
    "RECHECK_HOURS": "",
    "LOG_LEVEL": "WARNING",
}


pytestmark = pytest.mark.heavy
"""The half that is no soak's is looked at by the heavy tests."""


@dataclass(frozen=True)
class Harvested:
    """What one harvest left."""

    done: Done
    log: str
    seconds: float
    most_bytes: int
    """Memory of its processes together, at the most."""
    links: Mapping[str, Mapping[str, int]]
    """By source: its links by state and reason."""
    articles: Mapping[str, int]
    messages: Mapping[str, str | None]
    rejections: Mapping[str, Mapping[str, int]]
    asked: Mapping[str, int]
    """Requests that each server has had in this harvest."""


@dataclass(frozen=True)
class Web:
    """All outlets, the two servers that are nobody's, and what the harvests made of them."""

    outlets: Mapping[str, Outlet]
    data_dir: Path
    first: Harvested
    second: Harvested


_ONE_OF_A_KIND = (
    *("drips_its_body", "hangs_before_headers", "bomb_gzip", "feed_of_laughs", "endless_news", "half_sent"),
    *("hostile_title", "kills_its_reader", "odd_addresses", "redirect_inside", "refuses_all", "session_ids"),
    *("retry_after_seconds", "robots_forbids_us", "rest_lies", "year_9999", "closed_rss_403"),
)
QUICK = {name: BEHAVIOURS[name] for name in _ONE_OF_A_KIND}
REST = {name: each for name, each in BEHAVIOURS.items() if name not in QUICK}


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The hostile web as far as the quick tests go."""
    with crawled(QUICK, tmp_path_factory.mktemp("quick")) as web:
        yield web


@pytest.fixture(scope="module")
def rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The rest of it."""
    with crawled(REST, tmp_path_factory.mktemp("rest")) as web:
        yield web


@contextmanager
def crawled(behaviours: Mapping[str, Behaviour], folder: Path) -> Iterator[Web]:
    """These outlets and an ordinary one, harvested; and once more those of which something is to be remembered."""
    sources = folder / "sources"
    sources.mkdir()
    with ExitStack() as running:
        elsewhere, inside = (running.enter_context(Loopback()) for _ in range(2))
        outlets = {
            name: Outlet.make(seed, running.enter_context(Loopback()), elsewhere, inside)
            for seed, name in enumerate([*behaviours, GOOD], 1)
        }
        for name, behaviour in behaviours.items():
            behaviour.put(outlets[name])
            text = source_file(outlets[name], behaviour.kinds, behaviour.source)
            (sources / f"{name}.toml").write_text(text)
        (sources / f"{GOOD}.toml").write_text(source_file(outlets[GOOD], ("rss",), "delay_s = 0"))
        allowed = ",".join(each.host for each in (elsewhere, *(outlet.server for outlet in outlets.values())))
        settings = SETTINGS | {
            "SOURCE_DIRS": sources,
            "ALLOW_PRIVATE_HOSTS": allowed,
            "DATA_DIR": folder / "data",
        }
        first = harvest(outlets, folder, settings, list(outlets))
        again = [GOOD, *(name for name, each in behaviours.items() if each.again)]
        yield Web(outlets, folder / "data", first, harvest(outlets, folder, settings, again))


def harvest(
    outlets: Mapping[str, Outlet], folder: Path, settings: Mapping[str, object], names: list[str]
) -> Harvested:
    """`scrapy harvest NAME …`, watched."""
    before = {name: len(outlet.server.asked) for name, outlet in outlets.items()}
    given = [text for name, value in settings.items() for text in ("-s", f"{name}={value}")]
    began = time.monotonic()
    with (folder / "out").open("w+b") as out, (folder / "err").open("w+b") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.kit.hurting", "harvest", *names, *given],
            cwd=CHECKOUT,
            env=clean_environment(),
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            most_bytes = most_memory(process, ENOUGH_S)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    seconds = time.monotonic() - began
    done = Done(process.returncode, (folder / "out").read_text(), (folder / "err").read_text())
    data_dir = folder / "data"
    return Harvested(
        done,
        (data_dir / "logs" / "harvest.log").read_text(),
        seconds,
        most_bytes,
        ledger_states(data_dir),
        dict(rows(data_dir, "SELECT source, count(*) FROM articles GROUP BY 1")),
        dict(rows(data_dir, "SELECT source, arg_max(message, started_at) FROM crawls GROUP BY 1")),
        _by_source(rows(data_dir, "SELECT source, reason, count(*) FROM rejections GROUP BY ALL")),
        {name: len(outlet.server.asked) - before[name] for name, outlet in outlets.items()},
    )


def ledger_states(data_dir: Path) -> Mapping[str, Mapping[str, int]]:
    """By source: its links by state and reason, long numbers as #."""
    with closing(sqlite3.connect(data_dir / "ledger.sqlite")) as ledger:
        found = ledger.execute(
            "SELECT source, state || coalesce(': ' || reason, ''), count(*) FROM links GROUP BY 1, 2"
        )
        return _by_source((source, re.sub(r"\d{4,}", "#", state), number) for source, state, number in found)


def _by_source(
    counted: Iterator[tuple[str, str, int]] | list[tuple[str, str, int]],
) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for source, what, number in counted:
        of_source = found.setdefault(source, {})
        of_source[what] = of_source.get(what, 0) + number
    return found


# --- the whole -----------------------------------------------------------------------------------------


@pytest.fixture(params=["quick", pytest.param("rest", marks=pytest.mark.soak)])
def web(request: pytest.FixtureRequest) -> Web:
    """One half of the web after the other."""
    found: Web = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("which", ["first", "second"])
def test_a_harvest_of_the_hostile_web_ends(web: Web, which: str) -> None:
    """By itself, with a line for each outlet that needs attention, and no fault of our own."""
    found: Harvested = getattr(web, which)
    assert found.done.code in (0, 1)
    assert not found.done.err
    assert all(re.match(r"\w+: ", line) for line in found.done.out.splitlines())
    assert "fault" not in found.done.out
    assert " INFO: " not in found.log


@pytest.mark.parametrize(
    "half",
    ["quick", pytest.param("rest", marks=pytest.mark.soak)],
)
def test_no_behaviour_brings_up_a_traceback(request: pytest.FixtureRequest, half: str) -> None:
    """Neither on the screen nor in the log."""
    web: Web = request.getfixturevalue(half)
    for found in (web.first, web.second):
        assert found.done.is_traceback_free
        assert "Traceback" not in found.log


@pytest.mark.parametrize("which", ["first", "second"])
def test_it_takes_bounded_time_and_memory(web: Web, which: str) -> None:
    """However much it is sent; how much that was is printed (`pytest -s`)."""
    found: Harvested = getattr(web, which)
    print(f"{which}: {found.seconds:.1f} s, {found.most_bytes / (1 << 20):.0f} MB")
    assert found.seconds < ENOUGH_S
    assert found.most_bytes < ENOUGH_BYTES


def test_an_ordinary_outlet_loses_nothing(web: Web) -> None:
    """Beside all the bad ones it has its articles, word for word, and nothing to say."""
    outlet = web.outlets[GOOD]
    stored = rows(web.data_dir, "SELECT url, text FROM articles WHERE source = ?", GOOD)
    assert dict(stored) == {outlet.server.url(post.path): post.text for post in outlet.posts}
    assert web.first.messages[GOOD] is None
    assert web.second.messages[GOOD] is None


def test_nobody_else_is_asked_anything(web: Web) -> None:
    """Neither a host that crawls may reach, nor one of the private network."""
    outlet = web.outlets[GOOD]
    assert not [each.path for each in outlet.elsewhere.asked + outlet.inside.asked]


def test_no_article_has_a_date_that_cannot_be(web: Web) -> None:
    """Later than it was fetched, or before there were such sites."""
    assert not rows(
        web.data_dir,
        "SELECT source, published_at FROM articles"
        " WHERE published_at > fetched_at + INTERVAL 1 HOUR OR published_at < '1995-01-01'"
        " OR modified_at > fetched_at + INTERVAL 1 HOUR OR modified_at < '1995-01-01'",
    )


# --- each behaviour ------------------------------------------------------------------------------------


def _cases() -> list[object]:
    return [
        pytest.param(each, id=name, marks=() if name in QUICK else pytest.mark.soak)
        for name, each in BEHAVIOURS.items()
    ]


@pytest.mark.parametrize("behaviour", _cases())
def test_the_crawl_makes_the_right_rows_of_it(request: pytest.FixtureRequest, behaviour: Behaviour) -> None:
    """Each link ends in the right state, each article is there, and the line of the run says what is wrong."""
    web: Web = request.getfixturevalue("quick" if behaviour.name in QUICK else "rest")
    as_expected(behaviour.made, web.first, behaviour.name)
    assert web.first.asked[behaviour.name] <= behaviour.most
    outlet = web.outlets[behaviour.name]
    assert not [each.path for each in outlet.server.asked if each.path.startswith(behaviour.never or ("-",))]
    assert behaviour.holds(outlet)
    if behaviour.again is not None:
        as_expected(behaviour.again, web.second, behaviour.name)
        assert web.second.asked[behaviour.name] <= behaviour.most_again


def as_expected(made: Made, found: Harvested, name: str) -> None:
    """What is in the ledger and in the database is what must be."""
    links, line = found.links.get(name, {}), found.messages.get(name)
    assert links.keys() == made.states.keys(), (links, line)
    assert all(_fits(links[state], wanted) for state, wanted in made.states.items()), (links, line)
    assert _fits(found.articles.get(name, 0), made.articles), line
    assert (line is None) == (made.says is None), line
    assert made.says is None or re.search(made.says, line or ""), line
    rejections = found.rejections.get(name, {})
    rejected = {state.partition(": ")[2]: n for state, n in links.items() if state.startswith("rejected")}
    assert {reason: rejections.get(reason) for reason in rejected} == rejected


def _fits(number: int, wanted: int | range) -> bool:
    return number in wanted if isinstance(wanted, range) else number == wanted
