"""Addresses that follow from others."""

from __future__ import annotations

import pytest

from crawler.probe.urls import collection_of, front_of, plain


@pytest.mark.parametrize(
    ("root", "posts"),
    [
        ("https://warta.example/wp-json/", "https://warta.example/wp-json/wp/v2/posts"),
        ("https://warta.example/blog/wp-json", "https://warta.example/blog/wp-json/wp/v2/posts"),
        (
            "https://warta.example/index.php?rest_route=/",
            "https://warta.example/index.php?rest_route=/wp/v2/posts",
        ),
    ],
)
def test_the_posts_stand_below_the_rest_root(root: str, posts: str) -> None:
    """With plain permalinks the root is a query."""
    assert collection_of(root) == posts


def test_a_front_page_names_nobodys_password() -> None:
    """What stood before the host is gone, the port stays."""
    assert front_of("http://aku:rahasia@warta.example:8080/read/1?x") == "http://warta.example:8080/"


def test_wordpress_answers_with_and_without_index_php() -> None:
    """Both are one address."""
    assert plain("https://warta.example/index.php?rest_route=/") == plain(
        "http://www.warta.example/?rest_route=/"
    )
