"""A WordPress REST collection: what is asked, and what the answer yields."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.catalogue.model import Entry, Source
from crawler.discovery import wordpress
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from pipelines import wordpress as posts
from pipelines.article import Article, Link, Page
from pipelines.rules import Rules

COLLECTION = "https://wartapesisir.example/wp-json/wp/v2/posts"
ENTRY = Entry("wordpress", COLLECTION)
Document = Callable[..., Page]


def post(number: int = 7, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "date": "2024-11-18T09:12:40",
        "date_gmt": "2024-11-18T01:12:40",
        "modified_gmt": "2024-11-18T02:00:00",
        "link": f"https://wartapesisir.example/kabar-{number}/",
        "title": {"rendered": "Pasar &#8220;Pagi&#8221; <em>dibuka</em>"},
    } | more


def read(document: Document, outlet: Source, always: Window, body: Any, **more: Any) -> Found | Unusable:
    text = body if isinstance(body, str) else json.dumps(body)
    return wordpress.read(document(text, **({"url": COLLECTION} | more)), outlet, ENTRY, always)


def test_a_post_becomes_a_link(document: Document, outlet: Source, always: Window) -> None:
    """Title, instants, number, tags and author are taken; times are UTC and say so."""
    embedded = {
        "author": [{"name": "Rina Saputri"}, {"code": "rest_user_invalid_id"}],
        "wp:term": [
            [{"taxonomy": "category", "name": "Daerah"}],
            [{"taxonomy": "post_tag", "name": "pasar"}, {"taxonomy": "post_tag", "name": "UMKM &amp; kios"}],
        ],
    }
    outcome = read(document, outlet, always, [post(_embedded=embedded)])
    assert isinstance(outcome, Found)
    assert outcome.links == (
        Link(
            url="https://wartapesisir.example/kabar-7/",
            source="warta_pesisir",
            entry="wordpress",
            title="Pasar “Pagi” dibuka",
            published="2024-11-18T01:12:40Z",
            modified="2024-11-18T02:00:00Z",
            platform_id="7",
            tags=("pasar", "UMKM & kios"),
            authors=("Rina Saputri",),
        ),
    )


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"date_gmt": "0000-00-00T00:00:00"}, "published", None),
        ({"date_gmt": None}, "published", None),
        ({"date_gmt": "2024-11-18T01:12:40+00:00"}, "published", "2024-11-18T01:12:40+00:00"),
        ({"date_gmt": 20241118}, "published", None),
        ({"title": "Tanpa rendered"}, "title", "Tanpa rendered"),
        ({"title": {"rendered": "\ud800"}}, "title", "\ufffd"),
        ({"title": []}, "title", None),
        ({"id": True}, "platform_id", None),
        ({"id": "7"}, "platform_id", None),
        ({"_embedded": {"author": "Rina"}}, "authors", ()),
        ({"_embedded": []}, "tags", ()),
    ],
)
def test_an_odd_field_is_null(
    document: Document, outlet: Source, always: Window, *, change: dict[str, Any], field: str, value: object
) -> None:
    """What a post says oddly is left out; the rest of the post is used."""
    outcome = read(document, outlet, always, [post(**change)])
    assert isinstance(outcome, Found)
    assert getattr(outcome.links[0], field) == value


@pytest.mark.parametrize(
    "link", ["https://lain.example/kabar/", "javascript:void(0)", "kabar-1/", "", None, 3]
)
def test_a_post_elsewhere_is_skipped(
    document: Document, outlet: Source, always: Window, link: object
) -> None:
    """A post whose address is not on the outlet's host is counted, not taken."""
    outcome = read(document, outlet, always, [post(1, link=link), post(2)])
    assert isinstance(outcome, Found)
    assert [each.platform_id for each in outcome.links] == ["2"]
    assert outcome.skipped == 1


@pytest.mark.parametrize(
    ("asked", "headers", "following"),
    [
        ("?per_page=2&page=1", {"X_WP_TotalPages": "2", "X_WP_Total": "3"}, "?per_page=2&page=2"),
        ("?per_page=2&page=2", {"X_WP_TotalPages": "2", "X_WP_Total": "3"}, None),
        ("?per_page=2", {}, "?per_page=2&page=2"),
        ("?per_page=3", {}, None),
        ("?rest_route=/wp/v2/posts&page=1", {"X_WP_TotalPages": "9"}, "?rest_route=/wp/v2/posts&page=2"),
        ("?per_page=2&page=x", {"X_WP_TotalPages": "many"}, "?per_page=2&page=2"),
    ],
)
def test_the_next_page(
    document: Document,
    outlet: Source,
    always: Window,
    *,
    asked: str,
    headers: dict[str, str],
    following: str | None,
) -> None:
    """The headers say how many pages there are; without them a full page has a successor."""
    outcome = read(document, outlet, always, [post(1), post(2)], url=COLLECTION + asked, **headers)
    assert isinstance(outcome, Found)
    assert outcome.more == ((COLLECTION + following,) if following else ())
    assert outcome.total == (3 if "X_WP_Total" in headers else None)


@pytest.mark.parametrize(
    ("pages", "total", "believed"), [("1", "1", None), ("1", "150", 150), ("1", "2", 2), ("1", "many", None)]
)
def test_headers_that_a_full_page_denies_end_nothing(
    document: Document, outlet: Source, always: Window, *, pages: str, total: str, believed: int | None
) -> None:
    """They are of another answer, as a cache gives them; a total below what one page holds is none."""
    headers = {"X_WP_TotalPages": pages, "X_WP_Total": total}
    outcome = read(document, outlet, always, [post(1), post(2)], url=COLLECTION + "?per_page=2", **headers)
    assert isinstance(outcome, Found)
    assert (bool(outcome.more), outcome.total) == (total in {"1", "150"}, believed)


@pytest.mark.parametrize(
    ("body", "status", "outcome"),
    [
        ("[]", 200, Found()),
        ({"code": "rest_post_invalid_page_number", "message": "…"}, 400, Found()),
        ({"code": "rest_disabled"}, 401, Unusable("HTTP 401, rest_disabled", is_closed=True)),
        ({"code": "rest_forbidden"}, 403, Unusable("HTTP 403, rest_forbidden", is_closed=True)),
        ({"code": "too_many_requests"}, 429, Unusable("HTTP 429, too_many_requests")),
        ({"code": "internal_server_error"}, 500, Unusable("HTTP 500, internal_server_error")),
        ({"code": 5}, 403, Unusable("HTTP 403")),
        ("<html>Forbidden</html>", 403, Unusable("HTTP 403, no JSON")),
        ("<!DOCTYPE html><title>Beranda</title>", 200, Unusable("HTTP 200, no JSON")),
        ({"name": "Warta"}, 200, Unusable("JSON, but no list of posts")),
        ([1, "dua", None], 200, Unusable("a JSON list, but not of posts")),
        ("[" * 100_000, 200, Unusable("HTTP 200, no JSON")),
    ],
)
def test_what_is_no_list_of_posts(
    document: Document, outlet: Source, always: Window, *, body: Any, status: int, outcome: Found | Unusable
) -> None:
    """An empty answer says that there is nothing new; anything but posts is unusable."""
    assert read(document, outlet, always, body, status=status) == outcome


def test_a_list_that_a_plugin_took_posts_out_of_is_read(
    document: Document, outlet: Source, always: Window
) -> None:
    """PHP writes it as an object by the posts' places; half of it is no whole one."""
    body = {"0": post(1), "2": post(3)}
    outcome = read(document, outlet, always, body)
    assert isinstance(outcome, Found)
    assert [link.platform_id for link in outcome.links] == ["1", "3"]
    cut = read(document, outlet, always, json.dumps(body)[:-20])
    assert cut == Unusable("JSON that is cut short or damaged", is_cut=True)


def test_a_page_that_is_no_more_says_how_many_are_left(
    document: Document, outlet: Source, always: Window
) -> None:
    """At most what the pages before it hold; the last of these may hold what moved up."""
    url = COLLECTION + "?per_page=100&page=3"
    body = {"code": "rest_post_invalid_page_number"}
    outcome = read(document, outlet, always, body, url=url, status=400)
    assert outcome == Found(total=200, back=COLLECTION + "?per_page=100&page=2")


def test_what_is_asked_of_a_window() -> None:
    """The window's local days are asked for in UTC, `after` exclusive, `before` a day wide."""
    window = Window(date(2024, 11, 11), date(2024, 11, 17), "Asia/Makassar")
    url = wordpress.first("https://a.example/?rest_route=/wp/v2/posts", window)
    asked = parse_qs(urlsplit(url).query)
    assert url.startswith("https://a.example/?rest_route=/wp/v2/posts&")
    assert asked["after"] == ["2024-11-10T15:59:59Z"]
    assert asked["before"] == ["2024-11-18T16:00:00Z"]
    assert asked["per_page"] == ["100"]
    assert {"content", "_links", "_embedded"} <= set(asked["_fields"][0].split(","))


def test_what_is_asked_of_changes() -> None:
    """Changed posts are asked for by instant, whenever they were published; their texts are not sent."""
    asked = parse_qs(urlsplit(wordpress.changed(COLLECTION, datetime(2024, 11, 20, 2, tzinfo=UTC))).query)
    assert "content" not in asked["_fields"][0]
    assert asked["modified_after"] == ["2024-11-20T02:00:00Z"]
    assert "after" not in asked and "before" not in asked


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_ends_of_the_calendar_can_be_asked(day: date) -> None:
    """No day is too early or too late to be asked for."""
    assert "after=" in wordpress.first(COLLECTION, Window(day, day, "Asia/Makassar"))


NOTICE = "<br />\n<b>Notice</b>: Undefined [index] {0} in <b>/home/u1/seo.php</b> on line <b>3</b><br />\n[2024] [\n"


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (NOTICE, ""),
        ("\ufeff\n", "\n"),
        ("[23-Nov-2024 08:00:00 UTC] PHP Deprecated: x\n", ""),
        ("", "\n<!-- Dynamic page generated in 0.9 seconds. [WP-Super-Cache] -->"),
        (NOTICE, "\n<!-- cached -->"),
    ],
)
def test_what_php_and_caches_print_around_an_answer_is_no_part_of_it(
    document: Document, outlet: Source, always: Window, before: str, behind: str
) -> None:
    """The posts are found, and read as articles."""
    whole = json.dumps([post(content={"rendered": f"<p>{'Pasar pagi dibuka kembali. ' * 9}</p>"})])
    outcome = read(document, outlet, always, before + whole + behind)
    assert isinstance(outcome, Found)
    assert [link.platform_id for link in outcome.links] == ["7"]
    answer = replace(document(before + whole + behind, url=COLLECTION), document="rest")
    assert [type(found) for found in posts.posts(answer, Rules())] == [Article]


def test_posts_that_share_a_number_are_each_read(document: Document) -> None:
    """A plugin's fault: what has one number and one address is one post, however often it stands there."""
    content = {"rendered": f"<p>{'Pasar pagi dibuka kembali. ' * 9}</p>"}
    other = "https://wartapesisir.example/dermaga/"
    shared = [post(content=content), post(content=content, link=other), post(content=content)]
    answer = replace(document(json.dumps(shared), url=COLLECTION), document="rest", take=("7",))
    found = [each for each in posts.posts(answer, Rules()) if isinstance(each, Article)]
    assert len({each.url for each in found}) == len(found) == 2


def test_an_answer_that_breaks_off_is_none(document: Document, outlet: Source, always: Window) -> None:
    """Half a collection would pass for the whole."""
    outcome = read(document, outlet, always, NOTICE + json.dumps([post(1), post(2)])[:-40])
    assert outcome == Unusable("HTTP 200, no JSON")


REFUSED = {"code": "rest_user_invalid_id", "message": "ID tidak sah.", "data": {"status": 404}}


@pytest.mark.parametrize(
    ("authors", "hidden"),
    [
        ([[REFUSED], [REFUSED]], "the authors of its posts are refused (rest_user_invalid_id)"),
        ([[{"code": "rest_forbidden"}], []], "the authors of its posts are refused (rest_forbidden)"),
        ([[{"name": "Rina Saputri"}], [REFUSED]], None),
        ([[], []], None),
        ([None, "x"], None),
    ],
)
def test_authors_that_are_refused_are_told_of(
    document: Document, outlet: Source, always: Window, *, authors: list[Any], hidden: str | None
) -> None:
    """Plugins do so for all posts; the user of one post may have been deleted."""
    posts = [post(id=7 + n, _embedded={"author": each}) for n, each in enumerate(authors)]
    outcome = read(document, outlet, always, posts)
    assert isinstance(outcome, Found)
    assert outcome.hidden == hidden
