"""Which links fall into the days a crawl is for, as far as their hints tell."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.discovery.window import Window
from pipelines.article import Link

WEEK = Window(date(2024, 11, 11), date(2024, 11, 17), "Asia/Makassar", "Asia/Jakarta")


def link(published: str | None = None, modified: str | None = None, path: str = "berita") -> Link:
    return Link(f"https://a.example/{path}", "a", "rss", published=published, modified=modified)


@pytest.mark.parametrize(
    ("hints", "holds"),
    [
        (link("2024-11-14T08:00:00+08:00"), True),
        (link("2024-11-10T16:00:00Z"), True),  # midnight in Makassar
        (link("2024-11-10T15:59:59Z"), False),
        (link("Sun, 17 Nov 2024 23:59:59 +0800"), True),
        (link("Sun, 17 Nov 2024 16:00:00 +0000"), False),
        (link("2024-11-17"), True),
        (link("2024-11-18"), False),
        (link("2024-11-17 22:59:00"), True),  # bare, so WIB: 23:59 in Makassar
        (link("2024-11-17 23:01:00"), False),
        (link("Kamis, 14 November 2024 | 07:08 WIB"), True),
        (link("2024-11"), None),
        (link("2024-12"), False),
        (link("3 jam lalu"), None),
        (link("kemarin"), None),
        (link("segera"), None),
        (link("9999-12-31T23:59:59Z"), None),
        (link(""), None),
        (link(None), None),
        (link(modified="2024-11-10T08:00:00+08:00"), False),
        (link(modified="2024-11-14T08:00:00+08:00"), None),
        (link(path="read/2024/11/14/163000/judul"), True),
        (link(path="read/2024/11/11/000100/judul"), None),  # whose clock is it?
        (link(path="read/2024/11/10/233000/judul"), None),
        (link(path="read/2024/11/09/163000/judul"), False),
        (link(path="2024/11/judul"), None),
        (link(path="2024/09/judul"), False),
        (link(path="2024/02/31/judul"), None),
        (link("2024-11-14T08:00:00+08:00", path="2020/01/01/judul"), True),
    ],
)
def test_whether_a_link_falls_into_the_window(hints: Link, holds: bool | None) -> None:
    """The hints decide where they are sure; else the page will."""
    assert WEEK.holds(hints) is holds


@pytest.mark.parametrize("hints", [link(), link("2001-01-01"), link("2099-01-01")])
def test_an_open_window_holds_everything(hints: Link) -> None:
    """Without bounds nothing needs a date."""
    assert Window(None, None, "Asia/Makassar").holds(hints) is True


@pytest.mark.parametrize(
    ("hints", "before"),
    [
        (link("2024-11-10"), True),
        (link("2024-11-11"), False),
        (link("2024-11-30"), False),
        (link(modified="2024-11-01"), True),
        (link(), False),
    ],
)
def test_what_is_surely_older(hints: Link, before: bool) -> None:
    """Only a date that is certain makes a link older than the window."""
    assert WEEK.is_before(hints) is before
