"""Articles in several parts: asked for at once where the site can, else part by part, else known to be incomplete."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit.killing import Site
from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import Post, article_page
from tests.kit.running import rows

PAGER = '<div class="pagination"><a href="{path}?page=2">2</a><a href="{path}?page=3">3</a></div></div>'


def part(post: Post, paragraphs: tuple[str, ...]) -> Answer:
    """One part of an article, with the pager that every part has."""
    page = article_page(replace(post, paragraphs=paragraphs))
    return Answer(page.replace("</div></article>", f"{PAGER.format(path=post.path)}</article>"))


def serve(server: Loopback, post: Post, whole: bool, last: bool) -> None:
    """The article in three parts. `whole`: `?page=all` gives all of it, else its first page."""
    first, *rest = (part(post, paragraphs) for paragraphs in thirds(post))
    server.pages[post.path] = first
    server.pages[f"{post.path}?page=2"] = rest[0]
    server.pages[f"{post.path}?page=3"] = rest[1] if last else Answer(status=503)
    server.pages[f"{post.path}?page=all"] = part(post, post.paragraphs) if whole else first


def thirds(post: Post) -> tuple[tuple[str, ...], ...]:
    size = -(-len(post.paragraphs) // 3)
    return tuple(post.paragraphs[at : at + size] for at in range(0, 3 * size, size))


PART_BY_PART = {("", "?page=all", "?page=2", "?page=3"), ("", "?page=2", "?page=3")}
"""What may be asked for where the site does not give the article whole."""


@pytest.mark.parametrize(
    ("whole", "last", "asked", "complete"),
    [
        (True, True, {("", "?page=all")}, True),
        pytest.param(False, True, PART_BY_PART, True, marks=pytest.mark.heavy),
        pytest.param(False, False, PART_BY_PART, False, marks=pytest.mark.soak),
    ],
)
def test_an_article_in_parts(
    server: Loopback,
    tmp_path: Path,
    whole: bool,
    last: bool,
    asked: set[tuple[str, ...]],
    complete: bool,
) -> None:
    """A site that answers `?page=all` with its first page is not asked so again once that is known."""
    site = Site.make(server, tmp_path, "listing", count=3, seed=11)
    source = tmp_path / "sources" / f"{site.name}.toml"
    source.write_text(source.read_text("utf-8") + '[[rules]]\nwhole = "?page=all"\n', encoding="utf-8")
    for post in site.posts:
        assert len(post.paragraphs) >= 3
        serve(server, post, whole, last)
    site.crawl(CONCURRENT_REQUESTS_PER_DOMAIN=1, RETRY_TIMES=0).run().succeeded()
    found = rows(site.data_dir, "SELECT url, text, is_complete FROM articles ORDER BY url")
    expected = [
        (
            server.url(post.path),
            post.text if complete else "\n".join(sum(thirds(post)[:2], ())),
            complete,
        )
        for post in sorted(site.posts, key=lambda post: post.path)
    ]
    assert found == expected
    for post in site.posts:
        of_it = [each.path for each in server.asked if each.path.partition("?")[0] == post.path]
        assert tuple(path.removeprefix(post.path) for path in of_it) in asked


@pytest.mark.parametrize("last", [True, pytest.param(False, marks=pytest.mark.soak)])
def test_a_pager_that_leads_to_the_next_part_only_is_followed(
    server: Loopback, tmp_path: Path, last: bool
) -> None:
    """Each part says where the next is; one that cannot be had leaves the article incomplete."""
    site = Site.make(server, tmp_path, "listing", count=1, seed=11)
    (post,) = site.posts
    for number, paragraphs in enumerate(thirds(post), 1):
        pager = f'<div class=pagination><a href="?page={number + 1}">Selanjutnya</a></div></div></article>'
        page = article_page(replace(post, paragraphs=paragraphs))
        tail = "" if number == 1 else f"?page={number}"
        server.pages[post.path + tail] = Answer(
            page.replace("</div></article>", pager) if number < 3 else page
        )
    if not last:
        server.pages[f"{post.path}?page=3"] = Answer(status=503)
    site.crawl(RETRY_TIMES=0).run().succeeded()
    text = post.text if last else "\n".join(sum(thirds(post)[:2], ()))
    assert rows(site.data_dir, "SELECT text, is_complete FROM articles") == [(text, last)]
    of_it = [each.path for each in server.asked if each.path.partition("?")[0] == post.path]
    assert tuple(path.removeprefix(post.path) for path in of_it) == ("", "?page=2", "?page=3")
