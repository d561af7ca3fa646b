"""Answers from a recording: what a path, a note, a collection, an earlier recording and a WARC say."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response
from scrapy.utils.test import get_crawler

from crawler.downloader.recording import (
    FETCHED_AT_HEADER,
    RecordedAnswer,
    Recording,
    RecordingError,
    open_recording,
)
from crawler.downloader.replay import ReplayHandler
from pipelines.article import Link, Page
from storage.archive import SegmentWriter
from tests.kit.factories import MORNING, page
from tests.kit.foreign import by_record, http, record

HOST = "wartapesisir.example"
SITE = f"https://{HOST}"
RECORDED_AT = datetime(2024, 11, 20, 2, 0, tzinfo=UTC)
LATER = RECORDED_AT + timedelta(days=1)


def recorded(root: Path, files: Mapping[str, str], note: str = "", at: datetime = RECORDED_AT) -> Path:
    """A recording of one host."""
    for name, content in files.items():
        file = root / HOST / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    (root / HOST).mkdir(parents=True, exist_ok=True)
    (root / HOST / "recording.toml").write_text(f"recorded_at = {at.isoformat()}\n{note}", "utf-8")
    return root


def body(recording: Recording, url: str) -> str | None:
    answer = recording.answer(url)
    return answer.body.decode() if answer else None


def only(answer: RecordedAnswer | None) -> RecordedAnswer:
    assert answer is not None
    return answer


# --- paths and files ----------------------------------------------------------------------------------

FILES = {
    "index.html": "home",
    "robots.txt": "robots",
    "feed/index.xml": "feed",
    "wp-json/index.json": "json",
    "berita/221904/gelombang": "no ending",
    "berita/dermaga/index.html": "article",
    "sitemap.xml": "sitemap",
    "sélamat datang.html": "name",
}
ADDRESSES = {
    f"{SITE}/": "home",
    SITE: "home",
    f"http://www.{HOST}/": "home",
    f"{SITE}:443/robots.txt": "robots",
    f"{SITE}/feed/": "feed",
    f"{SITE}/wp-json/": "json",
    f"{SITE}/berita/221904/gelombang": "no ending",
    f"{SITE}/berita/dermaga/": "article",
    f"{SITE}/{quote('sélamat datang.html')}": "name",
    f"{SITE}/berita/dermaga": None,
    f"{SITE}/berita/": None,
    f"{SITE}/robots.txt?x=1": None,
    f"{SITE}/recording.toml": None,
    f"{SITE}/../other.example/index.html": None,
    f"{SITE}/%2e%2e/other.example/index.html": None,
    f"{SITE}/..%2f..%2f..%2fetc/passwd": None,
    f"{SITE}//etc/passwd": None,
    f"{SITE}/index.html%00.png": None,
    f"{SITE}/{'a' * 10_000}": None,
    f"{SITE}/{'a/' * 5_000}": None,
    "https://../index.html": None,
    "https://../../etc/passwd": None,
    "https://other.example/secret": None,
    "https://nobody.example/": None,
}


@pytest.mark.parametrize(("url", "expected"), ADDRESSES.items())
def test_the_path_of_an_address_is_the_path_of_a_file(tmp_path: Path, url: str, expected: str | None) -> None:
    """A folder is its index; with a query, off the host or out of its folder there is nothing."""
    root = recorded(tmp_path, FILES)
    (root / "other.example").mkdir()
    (root / "other.example" / "index.html").write_text("other")
    assert body(open_recording(root), url) == expected


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.html", "text/html"),
        ("b.xml", "application/xml"),
        ("c.json", "application/json"),
        ("d", "text/html"),
    ],
)
def test_a_file_says_what_it_is_by_its_ending(tmp_path: Path, name: str, kind: str) -> None:
    """What has no ending is a page."""
    answer = only(open_recording(recorded(tmp_path, {name: "x"})).answer(f"{SITE}/{name}"))
    assert answer.headers["Content-Type"].startswith(kind)
    assert (answer.status, answer.recorded_at) == (200, RECORDED_AT)


# --- what a path cannot say ---------------------------------------------------------------------------

NOTE = """
[[answer]]
path = "/?p=22812"
file = "posts/22812.html"

[[answer]]
path = "/pindah/"
status = 301
location = "https://wartapesisir.example/?p=22812"

[[answer]]
path = "/hilang/"
status = 404

[[answer]]
path = "/gangguan/"
status = 503
file = "sibuk.html"

[[answer]]
path = "/tua.html"
file = "posts/22812.html"
content_type = "text/html; charset=windows-1252"
"""
NOTED = {
    "posts/22812.html": "post",
    "sibuk.html": "busy",
    "hilang/index.html": "still there",
    "tua.html": "plain",
}


def test_a_note_answers_what_a_path_cannot_say(tmp_path: Path) -> None:
    """Queries, redirects, errors and odd types; a note wins over a file of that path."""
    recording = open_recording(recorded(tmp_path, NOTED, NOTE))
    assert body(recording, f"{SITE}/?p=22812") == "post"
    moved = only(recording.answer(f"{SITE}/pindah/"))
    assert (moved.status, moved.headers["Location"]) == (301, f"{SITE}/?p=22812")
    assert only(recording.answer(f"{SITE}/hilang/")).status == 404
    busy = only(recording.answer(f"{SITE}/gangguan/"))
    assert (busy.status, busy.body) == (503, b"busy")
    old = only(recording.answer(f"{SITE}/tua.html"))
    assert (old.body, old.headers["Content-Type"]) == (b"post", "text/html; charset=windows-1252")


@pytest.mark.parametrize("query", ["p=22812&x=1", "p=2281", "P=22812", ""])
def test_a_noted_query_is_matched_exactly(tmp_path: Path, query: str) -> None:
    """Another query is another document."""
    assert open_recording(recorded(tmp_path, NOTED, NOTE)).answer(f"{SITE}/?{query}") is None


BAD_NOTES = {
    "recorded_at = 2024-11-20T10:00:00\n": "with its zone",
    "recorded_at = 'yesterday'\n": "with its zone",
    "recorded_at = \n": "recording.toml",
    "[[answer]]\nstatus = 404\n": "has no path",
    "[[answer]]\npath = '/'\nfile = 'mana.html'\n": "mana.html, which is no file",
    "[[answer]]\npath = '/'\nfile = '../../../../../../../../etc/passwd'\n": "passwd, which is no file",
    "[[answer]]\npath = '/'\nfile = '/etc/passwd'\n": "passwd, which is no file",
}


@pytest.mark.parametrize(("note", "told"), BAD_NOTES.items())
def test_a_faulty_note_is_told_in_one_line(tmp_path: Path, note: str, told: str) -> None:
    """It names the file and what is wrong with it."""
    root = recorded(tmp_path, {})
    (root / HOST / "recording.toml").write_text(note)
    with pytest.raises(RecordingError, match=told) as error:
        open_recording(root)
    assert str(error.value).startswith(str(root / HOST)) and "\n" not in str(error.value)


def test_where_there_is_no_recording_it_is_told(tmp_path: Path) -> None:
    """Neither a missing path nor an empty folder nor a file of another kind is taken for a quiet site."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "kind.txt").write_text("not an archive")
    for name in ("missing", "empty", "kind.txt"):
        with pytest.raises(RecordingError, match=f"REPLAY=.*{name}"):
            open_recording(tmp_path / name).answer(SITE)


# --- a later recording --------------------------------------------------------------------------------


@pytest.fixture
def later(tmp_path: Path) -> Recording:
    """A second look at the site of the notes: one page edited, one withdrawn, one new, all else unchanged."""
    recorded(tmp_path / "first", {**NOTED, "a/index.html": "a, first", "b/index.html": "b, first"}, NOTE)
    note = f'base = "../../first/{HOST}"\n[[answer]]\npath = "/b/"\nstatus = 404\n'
    files = {"a/index.html": "a, edited", "c/index.html": "c, new"}
    return open_recording(recorded(tmp_path / "second", files, note, LATER))


def test_what_a_later_recording_lacks_is_as_it_was(later: Recording) -> None:
    """Only what differs is recorded; notes of the first recording hold too."""
    assert body(later, f"{SITE}/a/") == "a, edited"
    assert body(later, f"{SITE}/c/") == "c, new"
    assert only(later.answer(f"{SITE}/b/")).status == 404
    assert body(later, f"{SITE}/?p=22812") == "post"
    assert only(later.answer(f"{SITE}/pindah/")).status == 301
    assert later.answer(f"{SITE}/d/") is None


def test_all_of_a_later_recording_was_seen_later(later: Recording) -> None:
    """An unchanged page was there at the second look, not only at the first."""
    for path in ("/a/", "/b/", "/c/", "/?p=22812"):
        assert only(later.answer(SITE + path)).recorded_at == LATER
    assert later.moment(HOST) == LATER


# --- a WordPress collection ---------------------------------------------------------------------------


def post(number: int, hour: int, changed: int | None = None) -> dict[str, Any]:
    """A post of that hour of 20 November, WITA."""
    said = {"date": hour, "modified": hour if changed is None else changed}
    times = {name: f"2024-11-20T{at:02}:00:00" for name, at in said.items()}
    gmt = {f"{name}_gmt": f"2024-11-{19 + (at >= 8)}T{(at - 8) % 24:02}:00:00" for name, at in said.items()}
    return {"id": number, "title": {"rendered": f"Berita {number}"}, **times, **gmt}


POSTS = [post(1, 6), post(2, 9, changed=15), post(3, 12), post(4, 3), post(5, 10)]
COLLECTION = """
[[answer]]
path = "/wp-json/wp/v2/posts"
file = "posts.json"
collection = true

[[answer]]
path = "/?rest_route=/wp/v2/posts"
file = "posts.json"
collection = true
"""


@pytest.fixture
def wordpress(tmp_path: Path) -> Recording:
    return open_recording(recorded(tmp_path, {"posts.json": json.dumps(POSTS)}, COLLECTION))


def ids(answer: RecordedAnswer | None) -> list[int]:
    return [each["id"] for each in json.loads(only(answer).body)]


PARAMETERS: dict[str, Sequence[int]] = {
    "": (3, 5, 2, 1, 4),
    "per_page=2": (3, 5),
    "per_page=2&page=2": (2, 1),
    "per_page=2&page=3": (4,),
    "after=2024-11-20T09:00:00": (3, 5),
    "before=2024-11-20T09:00:00": (1, 4),
    "after=2024-11-20T05:00:00&before=2024-11-20T10:00:00": (2, 1),
    "after=2024-11-20T01:00:00Z": (3, 5),
    f"after={quote('2024-11-20T09:00:00+08:00')}": (3, 5),
    "after=2024-11-19T20:00:00-05:00": (3, 5),
    "modified_after=2024-11-20T11:00:00": (3, 2),
    "include=4,2": (2, 4),
    "include=4,2&per_page=1": (2,),
    "include=99": (),
    "orderby=date&order=desc&_embed=1&per_page=100": (3, 5, 2, 1, 4),
    "after=2024-11-21T00:00:00": (),
}


@pytest.mark.parametrize("address", ["/wp-json/wp/v2/posts?", "/?rest_route=/wp/v2/posts&"])
@pytest.mark.parametrize(("query", "expected"), PARAMETERS.items())
def test_a_collection_is_asked_as_wordpress_is(
    wordpress: Recording, address: str, query: str, expected: Sequence[int]
) -> None:
    """Parameters choose among the recorded posts, the newest first; bare times are the site's own."""
    assert ids(wordpress.answer(SITE + address + query)) == list(expected)


def test_a_collection_says_how_much_there_is(wordpress: Recording) -> None:
    """The totals are those of the choice, not of the page."""
    answer = only(wordpress.answer(f"{SITE}/wp-json/wp/v2/posts?per_page=2&after=2024-11-20T05:00:00"))
    assert (answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ("4", "2")


def test_fields_are_left_out_when_they_are_not_asked_for(wordpress: Recording) -> None:
    """A recheck of a hundred posts asks for two fields of each."""
    answer = only(wordpress.answer(f"{SITE}/wp-json/wp/v2/posts?include=2&_fields=id,modified_gmt"))
    assert json.loads(answer.body) == [{"id": 2, "modified_gmt": "2024-11-20T07:00:00"}]


REFUSED = {
    "per_page=2&page=4": "rest_post_invalid_page_number",
    "after=kemarin": "rest_invalid_param",
    "after=2024-11-20T09:00:00+08:00": "rest_invalid_param",  # a bare + is a space
}


@pytest.mark.parametrize(("query", "code"), REFUSED.items())
def test_a_collection_refuses_as_wordpress_does(wordpress: Recording, query: str, code: str) -> None:
    """The page after the last, and a bound that is no date, are errors with WordPress's own codes."""
    answer = only(wordpress.answer(f"{SITE}/wp-json/wp/v2/posts?{query}"))
    assert (answer.status, json.loads(answer.body)["code"]) == (400, code)


@pytest.mark.parametrize(
    "path", ["/wp-json/wp/v2/pages", "/?rest_route=/wp/v2/pages", "/wp-json/wp/v2/posts?author=3"]
)
def test_another_collection_is_not_recorded(wordpress: Recording, path: str) -> None:
    """Fixed parameters are part of the address."""
    assert wordpress.answer(SITE + path) is None


# --- a WARC -------------------------------------------------------------------------------------------


def archived(folder: Path, *pages: Page) -> Recording:
    writer = SegmentWriter(folder, "warta_pesisir", MORNING)
    for each in pages:
        writer.append(each)
    name = writer.close()
    assert name
    return open_recording(folder / name)


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "identity"])
def test_a_foreign_answer_is_not_decoded_twice(tmp_path: Path, coding: str) -> None:
    """Other tools archive what came over the wire: decoded here, it no longer says how it was coded."""
    body = b"<html><p>Dermaga diperbaiki.</p></html>"
    sent = gzip.compress(body) if coding.lower() == "gzip" else body
    answer = http(sent, f"Content-Encoding: {coding}", f"Content-Length: {len(sent)}", "X-Peladen: satu")
    file = tmp_path / "asing.warc.gz"
    file.write_bytes(by_record([record(answer, f"{SITE}/")]))
    found = only(open_recording(file).answer(f"{SITE}/"))
    assert found.body == body
    assert found.headers == {"Content-Type": "text/html", "X-Peladen": "satu"}


def test_a_crawl_is_replayed_from_its_own_segment(tmp_path: Path) -> None:
    """Status, headers, body and moment are those of the answer; what was not asked then is not there."""
    first = page(f"{SITE}/", b"old home", at=MORNING)
    recording = archived(
        tmp_path,
        first,
        page(f"{SITE}/mati/", b"", status=410, headers=(("Retry-After", "60"),)),
        page(f"{SITE}/", b"new home", at=MORNING + timedelta(hours=1)),
        page(None, b"a text"),
    )
    home = only(recording.answer(f"{SITE}/"))
    assert (home.body, home.recorded_at) == (b"new home", MORNING + timedelta(hours=1))
    dead = only(recording.answer(f"{SITE}/mati/"))
    assert (dead.status, dead.headers["Retry-After"]) == (410, "60")
    assert recording.answer(f"{SITE}/lain/") is None
    assert recording.moment(HOST) == MORNING + timedelta(hours=1)
    assert recording.moment("other.example") is None


def test_the_parts_of_an_article_are_replayed(tmp_path: Path) -> None:
    """They stand in the group of their article, and are asked for by their own addresses."""
    parts = [page(f"{SITE}/dermaga/?page={n}", f"part {n}".encode()) for n in (2, 3)]
    recording = archived(tmp_path, page(f"{SITE}/dermaga/", b"part 1", parts=parts))
    assert [body(recording, f"{SITE}/dermaga/{query}") for query in ("", "?page=2", "?page=3")] == [
        "part 1",
        "part 2",
        "part 3",
    ]


def test_an_address_that_led_elsewhere_leads_there_again(tmp_path: Path) -> None:
    """The archive has the page under its final address; the link that was followed still works."""
    link = Link(f"{SITE}/?p=22812", "warta_pesisir", "rss")
    recording = archived(tmp_path, page(f"{SITE}/dermaga/", b"post", link=link))
    led = only(recording.answer(link.url))
    assert (led.status, led.headers["Location"]) == (301, f"{SITE}/dermaga/")
    assert body(recording, f"{SITE}/dermaga/") == "post"


def test_not_modified_leaves_the_answer_before_it(tmp_path: Path) -> None:
    """It says that the page is as it was, and a first visit needs the page."""
    recording = archived(
        tmp_path,
        page(f"{SITE}/", b"home"),
        page(f"{SITE}/", b"", status=304, at=MORNING + timedelta(days=1)),
    )
    assert body(recording, f"{SITE}/") == "home"
    assert recording.moment(HOST) == MORNING + timedelta(days=1)


def test_a_cut_archive_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    """Its whole records answer."""
    writer = SegmentWriter(tmp_path, "warta_pesisir", MORNING)
    writer.append(page(f"{SITE}/a/", b"a"))
    end = writer.size
    writer.append(page(f"{SITE}/b/", b"b"))
    name = writer.close()
    assert name
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[: end + 100])
    recording = open_recording(tmp_path / name)
    assert (body(recording, f"{SITE}/a/"), body(recording, f"{SITE}/b/")) == ("a", None)


# --- the download handler -----------------------------------------------------------------------------


async def download(recording: Path, url: str, **headers: str) -> Response:
    handler = ReplayHandler(get_crawler(settings_dict={"REPLAY": str(recording)}))
    return await handler.download_request(Request(url, headers=headers))


async def test_a_recorded_page_comes_as_scrapy_knows_it(tmp_path: Path) -> None:
    """With its type, its address and the recording's own moment."""
    response = await download(recorded(tmp_path, FILES), f"{SITE}/berita/dermaga/")
    assert isinstance(response, HtmlResponse)
    assert (response.status, response.text, response.url) == (200, "article", f"{SITE}/berita/dermaga/")
    assert response.headers[FETCHED_AT_HEADER] == RECORDED_AT.isoformat().encode()


async def test_what_is_not_recorded_is_a_404(tmp_path: Path) -> None:
    """Never a request: also for a host that nobody recorded."""
    root = recorded(tmp_path, FILES)
    for url in (f"{SITE}/lain/", "https://nobody.example/"):
        response = await download(root, url)
        assert (response.status, response.body) == (404, b"")


async def test_a_recorded_page_can_be_asked_for_conditionally(tmp_path: Path) -> None:
    """The same body is not sent twice; another one is."""
    root = recorded(tmp_path, FILES)
    tag = (await download(root, f"{SITE}/")).headers["ETag"]
    assert tag is not None
    again = await download(root, f"{SITE}/", **{"If-None-Match": tag.decode()})
    assert (again.status, again.body) == (304, b"")
    recorded(tmp_path, {"index.html": "changed"})
    assert (await download(root, f"{SITE}/", **{"If-None-Match": tag.decode()})).text == "changed"
