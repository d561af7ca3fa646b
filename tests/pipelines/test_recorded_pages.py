"""The recorded pages and REST answers of the recorded outlets, read with and without the outlets' rules."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipelines.article import Article, Page, Rejected
from pipelines.dedupe import fingerprint, is_copy
from pipelines.read import read
from pipelines.rules import Rules
from pipelines.validate import problems
from tests.pipelines.expected import SEED_BY_NAME, SEED_PAGES, page

SITES = Path(__file__).parents[1] / "fixtures" / "sites"
LATER = Path(__file__).parents[1] / "fixtures" / "sites-later"

_WORDPRESS = Rules(
    timezone="Asia/Makassar",
    clock="Asia/Makassar",
    body=".entry-content, .td-post-content, .jeg_inner_content .content-inner, .post-content",
    remove=("footer.entry-footer-single", ".gmr-cf-metacontent", ".page-links", ".comments-link", "#respond"),
)
RULES = {
    "expresi.co": replace(_WORDPRESS, source="expresi", brands=("EXPRESI.co",)),
    "portalborneo.id": replace(_WORDPRESS, source="portalborneo"),
    "chanetujuh.com": replace(_WORDPRESS, source="chanetujuh", brands=("ChaneTujuh.com",)),
    "kaltim.suara.com": Rules(
        source="suarakaltim",
        timezone="Asia/Makassar",
        brands=("SuaraKaltim.id",),
        body=".article-content, article.detail-content, .detail-content",
        remove=(".ten-second", ".article-read", "#next-article", ".article-tags", "p[class^=baca-juga]"),
    ),
    "kaltim.antaranews.com": Rules(
        source="antara_kaltim",
        timezone="Asia/Makassar",
        brands=("ANTARA News Kalimantan Timur",),
        body="div.post-content, div.post-wrapper, .single-post",
        remove=(".baca-juga", ".text-muted", ".related-news", ".tags-widget"),
        author_is_editor=True,
    ),
    "klikkaltim.com": Rules(
        source="klikkaltim",
        timezone="Asia/Makassar",
        clock="Asia/Makassar",
        brands=("KlikKaltim.com",),
        remove=(".comments", ".share"),
    ),
}
REST_HOSTS = ("expresi.co", "portalborneo.id")


@cache
def recorded(host: str, root: Path = SITES) -> dict[str, Page]:
    """The recorded HTML pages of a host by address."""
    answers: dict[str, list[str]] = {}
    recording = tomllib.loads((root / host / "recording.toml").read_text(encoding="utf-8"))
    for answer in recording.get("answer", ()):
        if "file" in answer:
            answers.setdefault(answer["file"], []).append(answer["path"])
    found = {}
    for path in sorted((root / host).rglob("*.html")):
        name = path.relative_to(root / host).as_posix()
        for address in answers.get(name, [f"/{name.removesuffix('index.html')}"]):
            url = f"https://{host}{address}"
            found[url] = page(path.read_bytes(), url=url, source=RULES[host].source)
    return found


def outcome(a_page: Page, rules: Rules) -> Article | Rejected:
    (found,) = read(a_page, rules)
    return found


@cache
def articles(host: str, root: Path = SITES) -> dict[str, Article]:
    """The articles of a host's recorded pages by the address they were recorded under."""
    found = {url: outcome(a_page, RULES[host]) for url, a_page in recorded(host, root).items()}
    return {url: article for url, article in found.items() if isinstance(article, Article)}


@cache
def posts(host: str, root: Path = SITES) -> dict[str, Article]:
    """The articles of a host's recorded REST collection by address."""
    body = (root / host / "wp-json" / "posts.json").read_bytes()
    url = f"https://{host}/wp-json/wp/v2/posts"
    answer = page(body, url=url, document="rest", content_type="application/json", source=RULES[host].source)
    found = [article for article in read(answer, RULES[host]) if isinstance(article, Article)]
    return {article.url: article for article in found if article.url}


def whole(host: str) -> dict[str, Article]:
    """The articles of a host's pages that are no part of a longer one."""
    return {
        url: article for url, article in articles(host).items() if "page=" not in url and article.is_complete
    }


every_host = pytest.mark.parametrize("host", RULES)
rest_hosts = pytest.mark.parametrize("host", REST_HOSTS)


def _quotes(text: str) -> str:
    """WordPress sets curly quotes and dashes where its editors typed straight ones."""
    return re.sub("[\u2018\u2019]", "'", re.sub("[\u201c\u201d]", '"', text)).replace("\u2013", "--")


@pytest.mark.parametrize("name", SEED_PAGES)
def test_a_seed_is_the_same_text_on_its_recorded_page(name: str) -> None:
    """The page gives the seed's own paragraphs, its title and its instant."""
    url, title, published = SEED_PAGES[name]
    article = articles(url.split("/")[2])[url]
    assert [_quotes(line) for line in article.text.split("\n")] == [
        _quotes(line) for line in SEED_BY_NAME[name].expected()
    ]
    assert article.title == title
    assert article.published_at == datetime.fromisoformat(published)
    assert article.fingerprint == fingerprint("\n".join(SEED_BY_NAME[name].expected()))


@pytest.mark.parametrize("name", SEED_PAGES)
@pytest.mark.parametrize("field", ["dateline", "credited_source", "is_advertorial"])
def test_a_seed_keeps_its_facts_on_its_recorded_page(name: str, field: str) -> None:
    """What the text says of itself is read off the page as off the plain text."""
    url = SEED_PAGES[name][0]
    default = False if field == "is_advertorial" else None
    assert getattr(articles(url.split("/")[2])[url], field) == SEED_BY_NAME[name].facts.get(field, default)


@pytest.mark.parametrize("name", ["expresi", "portalborneo"])
def test_a_seed_is_the_same_text_in_the_rest_answer(name: str) -> None:
    """The REST answer gives the same words, title and instant as the page."""
    url, title, published = SEED_PAGES[name]
    article = posts(url.split("/")[2])[url]
    assert article.fingerprint == fingerprint("\n".join(SEED_BY_NAME[name].expected()))
    assert (article.title, article.published_at) == (title, datetime.fromisoformat(published))


@every_host
def test_every_host_has_its_articles(host: str) -> None:
    """At least seven articles stand on every host's pages."""
    assert len(whole(host)) >= 7


JUNK = re.compile(
    r"^(?:baca|simak|lihat) juga|^(?:pewarta|penulis|editor|reporter|writer|sumber[\w ]*)\s*:|copyright|hak cipta|"
    r"tinggalkan (?:balasan|komentar)|alamat email|^(?:bagikan|komentar|share|x|iklan|advertisement)$|google news|"
    r"whatsapp|berita terkait|terpopuler|^tags?\s*:|^halaman|selanjutnya$|dilarang keras|baca 10 detik|"
    r"\((?:adv|adv/.*|\*|antara)\)|(?:expresi\.co|chanetujuh\.com|suarakaltim\.id)",
    re.IGNORECASE,
)


@every_host
def test_no_junk_line_is_left_on_any_recorded_page(host: str) -> None:
    """Menus, shares, related boxes, bylines, comment forms and rights are in no article's text."""
    left = [
        line for article in articles(host).values() for line in article.text.split("\n") if JUNK.search(line)
    ]
    assert left == []


@every_host
def test_the_generic_path_reads_the_same_text_as_the_rules(host: str) -> None:
    """Without any rule of the outlet the text of every recorded article is the same; so is its instant, or the day
    where a day is all that the page prints."""
    plain = Rules(source=RULES[host].source)
    for url, article in articles(host).items():
        unruled = outcome(recorded(host)[url], plain)
        assert isinstance(unruled, Article), (url, unruled)
        assert unruled.text.split("\n") == article.text.split("\n"), url
        printed = "published_on" if article.published_precision == "day" else "published_at"
        assert getattr(unruled, printed) == getattr(article, printed), url
        assert (unruled.title, unruled.published_precision) == (article.title, article.published_precision), (
            url
        )


@every_host
def test_every_article_is_sound(host: str) -> None:
    """No article has anything that `validate` objects to, and every one has a title and an instant."""
    for url, article in articles(host).items():
        assert problems(article) == [], url
        assert article.title, url
        assert article.published_at, url
        assert not article.published_conflict, url


@every_host
def test_listings_and_house_pages_are_no_articles(host: str) -> None:
    """Front page, sections, indexes, masthead and code of conduct are rejected, each with its reason."""
    for url, a_page in recorded(host).items():
        found = outcome(a_page, RULES[host])
        if isinstance(found, Rejected):
            assert found.reason in ("listing_page", "not_an_article"), (url, found)
        if re.search(
            r"^https://[^/]+/(?:$|\?paged=|\?cat=|page/|category/|indeks|terkini|redaksi|pedoman)", url
        ):
            assert isinstance(found, Rejected), url


@rest_hosts
def test_page_and_rest_answer_tell_the_same_story(host: str) -> None:
    """The page of a post and its REST answer have the same words, title, instant, section and keys."""
    both = posts(host).keys() & whole(host).keys()
    assert len(both) >= 7
    for url in both:
        from_rest, from_page = posts(host)[url], whole(host)[url]
        assert from_page.fingerprint == from_rest.fingerprint, url
        assert from_page.title == from_rest.title, url
        assert from_page.published_at == from_rest.published_at, url
        assert from_page.keys == from_rest.keys, url
        assert from_page.dateline == from_rest.dateline, url
        assert from_page.is_advertorial == from_rest.is_advertorial, url


@rest_hosts
def test_rest_instants_are_the_collections_own(host: str) -> None:
    """`date_gmt` is UTC, whatever zone the site stands in."""
    collection = json.loads((SITES / host / "wp-json" / "posts.json").read_text(encoding="utf-8"))
    stated = {post["link"]: datetime.fromisoformat(post["date_gmt"] + "+00:00") for post in collection}
    assert {url: article.published_at for url, article in posts(host).items()} == stated


def test_a_rest_answer_gives_only_the_posts_that_are_wanted() -> None:
    """`take` names platform ids; the others are neither read nor rejected."""
    body = (SITES / "expresi.co" / "wp-json" / "posts.json").read_bytes()
    wanted = tuple(str(post["id"]) for post in json.loads(body)[:2])
    answer = page(body, url="https://expresi.co/wp-json/wp/v2/posts", document="rest", take=wanted)
    found = list(read(answer, RULES["expresi.co"]))
    assert [key for article in found for key in article.keys if key.startswith("id:")] == [  # type: ignore[union-attr]
        f"id:expresi.co:{number}" for number in wanted
    ]


def test_a_story_of_the_agency_is_the_same_story_at_both_outlets_that_reprint_it() -> None:
    """Dateline, credit line and typography differ, the words do not."""
    agency, portal, expresi = (
        next(article for article in whole(host).values() if "BMKG" in (article.title or ""))
        for host in ("kaltim.antaranews.com", "portalborneo.id", "expresi.co")
    )
    assert agency.fingerprint == portal.fingerprint == expresi.fingerprint
    assert is_copy(agency.text, expresi.text)
    assert [article.credited_source for article in (agency, portal, expresi)] == [None, "ANTARA", "ANTARA"]
    assert {article.dateline for article in (agency, portal, expresi)} == {"Balikpapan"}
    assert (agency.authors, agency.editors) == (("Novi Abdi Lestari",), ("Imam Prasetyo",))


def test_the_story_that_suarakaltim_took_over_has_klik_kaltims_words() -> None:
    """The copy says whom it took it from; the other page says nothing of the kind, and prints the same day."""
    copy = articles("kaltim.suara.com")[SEED_PAGES["suarakaltim"][0]]
    (original,) = (a for a in whole("klikkaltim.com").values() if "NasDem" in (a.title or ""))
    assert is_copy(original.text, copy.text) and original.fingerprint != copy.fingerprint
    assert (original.credited_source, copy.credited_source) == (None, "KlikKaltim.com")
    assert original.published_on == copy.published_on
    assert (original.published_precision, original.dateline) == ("day", "Bontang")


def test_no_two_other_stories_are_taken_for_copies() -> None:
    """Different stories of the outlets stay different."""
    told_twice = re.compile("BMKG|NasDem")
    others = [a for host in RULES for a in whole(host).values() if not told_twice.search(a.title or "")]
    alike = [
        (a.title, b.title)
        for at, a in enumerate(others)
        for b in others[at + 1 :]
        if a.url != b.url and is_copy(a.text, b.text)
    ]
    assert alike == []


def test_an_advertorial_names_its_sponsor_where_the_mark_does() -> None:
    """ "(ADV/DPRD Kaltim)" is cut off, and says who paid."""
    (paid,) = (article for article in whole("portalborneo.id").values() if article.is_advertorial)
    assert (paid.advertorial_from, paid.advertorial_sponsor) == ("text", "DPRD Kaltim")


def test_only_the_edited_article_reads_differently_in_the_later_recording() -> None:
    """Everything else recorded a day later has the fingerprint of the day before."""
    before, after = posts("expresi.co"), posts("expresi.co", LATER)
    changed = [
        url for url in before.keys() & after.keys() if before[url].fingerprint != after[url].fingerprint
    ]
    assert changed == [
        "https://expresi.co/pemkot-bontang-targetkan-perbaikan-jalan-soekarno-hatta-rampung-desember/"
    ]


def test_the_parts_of_a_long_article_are_one_text() -> None:
    """Part one and part two joined are what `?page=all` shows; part one alone is incomplete."""
    pages = recorded("kaltim.suara.com")
    second = next(url for url in pages if "/read/" in url and url.endswith("?page=2"))
    first, everything = second.removesuffix("?page=2"), second.replace("page=2", "page=all")
    rules = RULES["kaltim.suara.com"]
    alone = outcome(pages[first], rules)
    joined = outcome(replace(pages[first], parts=(pages[second],)), rules)
    whole_page = outcome(pages[everything], rules)
    assert isinstance(alone, Article)
    assert isinstance(joined, Article)
    assert isinstance(whole_page, Article)
    assert (alone.is_complete, joined.is_complete, whole_page.is_complete) == (False, True, True)
    assert joined.text == whole_page.text
    assert joined.keys == whole_page.keys


def _dump(value: Any) -> str:
    return repr(value)


@every_host
def test_reading_is_deterministic(host: str) -> None:
    """The same bytes and rules give the same rows, read once more."""
    for url, a_page in list(recorded(host).items())[:4]:
        assert _dump(outcome(a_page, RULES[host])) == _dump(outcome(a_page, RULES[host])), url
