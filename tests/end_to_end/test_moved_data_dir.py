"""A DATA_DIR that somebody moves, deletes or clears while it is in use."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit.killing import Site, each_once, texts
from tests.kit.loopback import Loopback


def move(data_dir: Path) -> None:
    data_dir.rename(data_dir.with_name("moved"))


def delete(data_dir: Path) -> None:
    shutil.rmtree(data_dir)


def clear_segments(data_dir: Path) -> None:
    shutil.rmtree(data_dir / "segments")


@pytest.mark.parametrize(
    "act",
    [
        move,
        pytest.param(delete, marks=pytest.mark.heavy),
        pytest.param(clear_segments, marks=pytest.mark.heavy),
    ],
    ids=lambda act: act.__name__,
)
@pytest.mark.heavy
def test_a_data_dir_that_goes_in_a_crawl_is_one_line(
    server: Loopback, tmp_path: Path, act: Callable[[Path], None]
) -> None:
    """Exit code 1, and no second DATA_DIR is made where it was; back in its place it is gone on with.

    What was lost with a segment is asked for again.
    """
    site = Site.make(server, tmp_path, "listing", count=20, seed=31)
    server.at_request(len(server.asked) + 8, lambda: act(site.data_dir))
    site.crawl().run().refused(1, str(site.data_dir), "moved or deleted")
    assert site.data_dir.exists() is (act is clear_segments)
    if act is move:
        site.data_dir.with_name("moved").rename(site.data_dir)
    site.crawl().run().succeeded()
    each_once(site.data_dir, texts(server, site.posts))
