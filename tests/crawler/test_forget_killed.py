"""An erasure that is killed wherever it may be: the next command, whatever it is, finishes it."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.kit import dying, prepared
from tests.kit.dying import FORGETTING
from tests.kit.erased import TITLE, Outlet, left_of
from tests.kit.loopback import Loopback
from tests.kit.running import CHECKOUT, clean_environment, rows

QUICK = "segments are staged, and no row erased"
HEAVY = "rows are erased, and no file exchanged"
NEXT = ("query", "crawl", "ingest", "forget")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outlet]:
    """An outlet after a crawl, which nobody changes."""
    with Loopback() as server:
        outlet = Outlet.make(server, tmp_path_factory.mktemp("killed"), "listing", "rss")
        outlet.site.crawl().run().succeeded()
        yield outlet


def points() -> Iterator[object]:
    for number, point in enumerate(FORGETTING):
        then = NEXT[number % len(NEXT)]
        marks = {QUICK: (), HEAVY: (pytest.mark.heavy,)}.get(point, (pytest.mark.soak,))
        yield pytest.param(point, then, id=f"{point}: {then}", marks=marks)


@pytest.mark.parametrize(("point", "then"), list(points()))
def test_the_next_command_finishes_it(begun: Outlet, tmp_path: Path, point: str, then: str) -> None:
    """Nothing of the article is left, and every other row leads to its own page."""
    data_dir = Path(shutil.copytree(begun.site.data_dir, tmp_path / "data"))
    words = begun.site.command("forget", begun.url, "--reason", "x", DATA_DIR=data_dir).arguments
    died, _, err = prepared.run(words, CHECKOUT, clean_environment(), 120, partial(dying.main, point))
    assert died == -signal.SIGKILL, err
    assert (data_dir / "forgetting.json").exists()
    following = {
        "query": ("query", "SELECT count(*) FROM articles"),
        "crawl": ("crawl", begun.site.name),
        "ingest": ("ingest",),
        "forget": ("forget", "--list"),
    }[then]
    done = begun.site.command(*following, DATA_DIR=data_dir).run()
    assert done.is_traceback_free and done.code == 0, done.err
    assert not (data_dir / "forgetting.json").exists()
    assert left_of(data_dir) == []
    found = rows(data_dir, "SELECT article_id, title FROM articles")
    assert len(found) == 6 and TITLE not in {title for _, title in found}
    for article_id, title in found[:2]:
        assert title in begun.site.command("raw", article_id, DATA_DIR=data_dir).run().succeeded().out
