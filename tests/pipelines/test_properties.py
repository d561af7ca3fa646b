"""What holds of reading whatever a page is: no fault, no hanging, and the same again where that is promised.

Each property runs in a few examples among the quick tests, and in many among the heavy ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement

from pipelines import dedupe, language
from pipelines.address import address_key, canonical, host_of
from pipelines.article import Document, Link, Page, Rejected
from pipelines.body import noise
from pipelines.body.clean import clean
from pipelines.lines import bylines, dateline, dates, junk
from pipelines.lines.outlet import recognise
from pipelines.page import parts
from pipelines.page.blocks import Block, blocks
from pipelines.page.index import Index
from pipelines.page.tree import decode, fold, parse, squeeze
from pipelines.read import read
from pipelines.rules import Rules
from pipelines.validate import problems
from tests.kit.strategies import (
    ADDRESSES,
    HEADERS,
    LENGTHS,
    MARKUP,
    SITES,
    TEXTS,
    as_json,
    documents,
    spoilt,
    wronged,
)
from tests.pipelines.expected import page

FROZEN = documents("pages/*/*/page.html", most=24)
POSTS: list[Any] = json.loads((SITES / "expresi.co/wp-json/posts.json").read_bytes())
RULES = (
    Rules(),
    Rules(source="contoh", timezone="Asia/Jayapura", clock="Asia/Makassar", brands=("Contoh.id",), body="div.entry-content, article"),
    Rules(hosts=("contoh.id",), remove=("div",), drop_lines=("^Baca",), published=".date", authors=".author", tags="a", whole="?page=all"),
)  # fmt: skip
ANY_RULES = st.sampled_from(RULES)
Length = Callable[..., settings]

at_length = pytest.mark.parametrize("length", LENGTHS)


def is_sound(a_page: Page, rules: Rules) -> None:
    """What a page gives is articles without problems, and rejections for a reason other than a fault of ours."""
    for outcome in read(a_page, rules):
        if isinstance(outcome, Rejected):
            assert outcome.reason != "parser_error", outcome.detail
        else:
            assert problems(outcome) == []
            assert outcome.text.splitlines() == [fold(line) for line in outcome.text.split("\n")]
            outcome.text.encode()
            outcome.title and outcome.title.encode()


# --- pages ----------------------------------------------------------------------------------------


@at_length
def test_no_spoilt_page_is_a_fault(length: Length) -> None:
    """Real pages, cut, doubled and spliced, under any header, are articles or rejections for a true reason."""

    @length()
    @given(spoilt(FROZEN), HEADERS, ANY_RULES)
    def holds(body: bytes, header: str, rules: Rules) -> None:
        is_sound(page(body, content_type=header), rules)

    holds()


@at_length
def test_no_order_of_pieces_is_a_fault(length: Length) -> None:
    """Bodies, boxes, pagers, JSON of wrong types: in whatever order, under whatever address."""

    @length()
    @given(MARKUP, ADDRESSES, ANY_RULES, st.lists(MARKUP, max_size=2))
    def holds(body: bytes, url: str, rules: Rules, rest: list[bytes]) -> None:
        further = tuple(page(each, url=f"https://contoh.id/a/{n}") for n, each in enumerate(rest, 2))
        is_sound(page(body, url=canonical(url) if host_of(url) else None, parts=further), rules)

    holds()


@at_length
def test_no_answer_of_wrong_types_is_a_fault(length: Length) -> None:
    """Any field of a REST answer may hold anything; each post of it is judged by itself."""

    @length()
    @given(wronged(POSTS[:2]), ANY_RULES)
    def holds(answer: Any, rules: Rules) -> None:
        is_sound(
            page(as_json(answer), document="rest", content_type="application/json"), replace(rules, hosts=())
        )

    holds()


@at_length
def test_no_spoilt_bytes_are_a_fault_of_any_document(length: Length) -> None:
    """Half an answer is none, and says so; a plain text may be anything."""
    posts = [as_json(POSTS[:2])]

    @length()
    @given(spoilt([*FROZEN[:3], *posts]), st.sampled_from(["rest", "feed", "text"]), HEADERS)
    def holds(body: bytes, document: Document, header: str) -> None:
        for outcome in read(page(body, document=document, content_type=header), Rules()):
            if isinstance(outcome, Rejected):
                assert outcome.reason != "parser_error" or (outcome.detail or "").startswith("not JSON")
            else:
                assert problems(outcome) == []

    holds()


@at_length
def test_no_page_is_dated_ahead_of_its_fetch_or_before_the_web(length: Length) -> None:
    """Whatever each witness says, in whatever zone: `problems` knows the bounds."""
    moments = st.one_of(
        DATE_LIKE,
        st.datetimes().map(datetime.isoformat),
        st.datetimes().map(lambda at: f"{at:%d/%m/%Y %H:%M} WIB"),
    )

    @length()
    @given(
        st.lists(moments, min_size=6, max_size=6),
        ANY_RULES,
        st.datetimes(datetime(1995, 1, 2), datetime(2100, 1, 1)),
    )
    def holds(said: list[str], rules: Rules, fetched_at: datetime) -> None:
        ld, changed, meta, time, hint, shown = said
        node = json.dumps({"@type": "NewsArticle", "datePublished": ld, "dateModified": changed})
        body = (
            f"<script type='application/ld+json'>{node}</script><h1>Gotong Royong Sambut Hujan di Desa</h1>".encode(
                "utf-8", "replace"
            )
            + f"<meta property='article:published_time' content=\"{meta}\"><time>{time}</time>".encode(
                "utf-8", "replace"
            )
            + f"<span class='date'>{shown}</span>".encode("utf-8", "replace")
            + b"<p>Warga bergotong royong membersihkan saluran air sebelum musim hujan tiba, kata lurah setempat.</p>"
            * 3
        )
        link = Link(url="https://contoh.id/a", source="contoh", entry="rss", published=hint)
        url = "https://contoh.id/read/2099/12/31/235959/gotong-royong"
        is_sound(replace(page(body, url=url, link=link), fetched_at=fetched_at.replace(tzinfo=UTC)), rules)

    holds()


# --- bytes, trees, blocks -------------------------------------------------------------------------


@at_length
def test_decoding_gives_clean_text_or_none(length: Length) -> None:
    """No character set, true or lying, brings in controls, half characters, or a codec that is none of the web's."""

    @length()
    @given(
        st.one_of(spoilt(FROZEN[:4]), st.binary(max_size=300)),
        HEADERS,
        st.sampled_from(["utf-8", "utf-16", "utf-16-le", "cp1252", "utf-32"]),
    )
    def holds(body: bytes, header: str, written: str) -> None:
        for raw in (body, body.decode("latin-1").encode(written, "replace")):
            if (text := decode(raw, header)) is not None:
                text.encode()
                assert "\x00" not in text

    holds()


@at_length
def test_what_leaves_a_tree_leaves_the_text_behind_it(length: Length) -> None:
    """Taken out at once, elements leave what they leave when they are taken out one by one."""

    @length()
    @given(st.one_of(MARKUP, spoilt(FROZEN[:3])), st.integers(2, 9))
    def holds(body: bytes, each: int) -> None:
        texts = []
        for take_out in (_one_by_one, noise._drop):
            tree = parse(decode(body, None) or "")
            if tree is None:
                return
            below = [at for at in tree.iterdescendants() if at.tag not in ("head", "body")]
            take_out(below[::each])
            texts.append(["".join(map(str, tree.itertext())), [str(at.tag) for at in tree.iter()]])
        assert texts[0] == texts[1]

    holds()


def _one_by_one(elements: list[HtmlElement]) -> None:
    for element in elements:
        element.drop_tree()


@at_length
def test_blocks_are_lines_of_the_tree(length: Length) -> None:
    """Folded, never empty, their links a share; a pager leads to a bounded number of parts of the same host."""

    @length()
    @given(st.one_of(MARKUP, spoilt(FROZEN[:6])), ADDRESSES)
    def holds(body: bytes, url: str) -> None:
        tree = parse(decode(body, None) or "")
        if tree is None:
            return
        for block in blocks(tree):
            assert block.text == fold(block.text) != ""
            assert 0 <= block.links <= 1
        address = canonical(url)
        if host_of(address):
            further = parts.further(Index.of(tree), address, "?page=all")
            assert len(further.rest) < parts.MAX_PARTS
            assert {host_of(each) for each in further.rest} <= {host_of(address)}
            assert 1 <= parts.announced(Index.of(tree), address) <= parts.MAX_PARTS
            parts.part_of(Index.of(tree), address)

    holds()


# --- lines ----------------------------------------------------------------------------------------


@at_length
def test_lines_of_any_kind_are_cleaned_and_never_grow(length: Length) -> None:
    """Cleaning takes away; cleaned once more, a story's inner lines stay as they are."""
    lines = st.one_of(TEXTS, st.sampled_from([line for raw in FROZEN[:3] for line in _lines(raw)]))

    @length()
    @given(
        st.lists(st.tuples(lines, st.floats(0, 1)), max_size=12),
        TEXTS,
        st.lists(TEXTS, max_size=3),
        ANY_RULES,
    )
    def holds(drawn: list[tuple[str, float]], title: str, tags: list[str], rules: Rules) -> None:
        given_ = [Block(fold(line), links=links) for line, links in drawn if fold(line)]
        once = clean(given_, rules, fold(title), asides=given_, names=tags, tags=tags)
        assert len(once.text) <= sum(len(block.text) + 1 for block in given_)
        assert all(once.paragraphs)
        twice = clean([Block(line) for line in once.paragraphs], rules, fold(title), names=tags, tags=tags)
        assert set(twice.paragraphs[1:-1]) <= set(once.paragraphs)

    holds()


def _lines(raw: bytes) -> list[str]:
    tree = parse(decode(raw, None) or "")
    assert tree is not None
    return [block.text for block in blocks(tree)]


@at_length
def test_what_is_said_of_a_line_is_said_of_any(length: Length) -> None:
    """Names are short, a dateline leaves a part of its paragraph, a share is a share; nothing is a fault."""

    @length()
    @given(TEXTS)
    def holds(raw: str) -> None:
        line = fold(raw)
        assert fold(line) == line
        assert squeeze(squeeze(raw)) == squeeze(raw)
        assert all(name and len(name) <= 61 for name in bylines.people(raw))
        credits = bylines.Credits()
        bylines.take(line, credits)
        assert line.startswith(bylines.cut_glued(line, credits))
        assert line.startswith(junk.cut_pointer(line))
        for brands in ((), ("Contoh.id", "")):
            opening = dateline.part(line, brands)
            assert line.endswith(opening.text)
        assert {junk.is_junk(line), junk.is_day(line), junk.is_caption(line), junk.is_headline(line)} <= {
            True,
            False,
        }
        assert {junk.points_away(line, 0.6), junk.points_below(line), junk.opens_furniture(line)} <= {
            True,
            False,
        }
        published, updated = dates.parted(line)
        assert published in line
        assert updated in line
        code, confidence = language.label(raw)
        assert (code is None) == (confidence is None)
        assert confidence is None or 0 <= confidence <= 1
        assert recognise(raw, {"Contoh": "contoh"}) in (None, "contoh")

    holds()


# --- dates ----------------------------------------------------------------------------------------

DATE_LIKE = st.one_of(
    TEXTS,
    st.lists(
        st.sampled_from(
            ["Senin, ", "20", "2024", "24", "0000", "9999", "1970", "13", "31", "00", "-", "/", ".", ":", " ", "T", "Z", "November ", "Peb", "10:00", " WIB", "WITA", " WIT", "+07:00", "-99:99", "+14", " PM", "kemarin", "hari ini", "3 jam lalu", "se", "Diperbarui: ", "|", "\u2212", "24:00"]
        ),
        max_size=9,
    ).map("".join),
)  # fmt: skip


@at_length
def test_a_date_is_an_instant_within_bounds_or_null(length: Length) -> None:
    """Whatever the string, the zone and the moment of the fetch; what is believed is possible where it is placed."""
    zones = st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "UTC", "Pacific/Kiritimati"])

    @length(200)
    @given(DATE_LIKE, zones, zones, st.datetimes(datetime(1995, 1, 2), datetime(9999, 12, 1)))
    def holds(raw: str, clock: str, place: str, moment: datetime) -> None:
        fetched_at = moment.replace(tzinfo=UTC)
        found = dates.parse(raw, clock, fetched_at)
        dates.is_line(raw)
        if found is None:
            return
        assert found.raw == " ".join(raw.split())
        assert found.at <= fetched_at + timedelta(days=2)
        at = dates.placed(found, place)
        assert at.tzinfo is not None
        if dates.is_believable(found, place, fetched_at):
            assert date(1995, 1, 1) <= at.date()
            assert at <= fetched_at + timedelta(hours=1)

    holds()


# --- identity -------------------------------------------------------------------------------------


@at_length
def test_an_address_is_spelt_once(length: Length) -> None:
    """The canonical address of a canonical address is itself, and so is the key of a key."""

    @length(200)
    @given(st.one_of(ADDRESSES, TEXTS))
    def holds(url: str) -> None:
        address = canonical(url)
        assert canonical(address) == address
        assert address_key(address) == address_key(url)
        assert address_key(address_key(url)) == address_key(url)
        if host := host_of(url):
            assert host_of(f"http://{host}") == host

    holds()


@at_length
def test_a_visitor_is_no_part_of_an_address(length: Length) -> None:
    """One article, one key, whoever came from wherever."""
    sessions = st.sampled_from(
        ["PHPSESSID", "phpsessid", "JSESSIONID", "ASPSESSIONIDABC", "utm_source", "fbclid", "_gl"]
    )

    @length()
    @given(sessions, st.from_regex(r"[A-Za-z0-9.,-]{0,40}", fullmatch=True), st.booleans())
    def holds(name: str, value: str, is_first: bool) -> None:
        assume(re.search(r"[a-z]{3}.*[.,-].*[a-z]{3}", value) is None)  # words: the name of a story
        said = (f"{name}={value}", "p=7")
        query = "&".join(said if is_first else reversed(said))
        assert address_key(f"https://contoh.id/a/?{query}") == "contoh.id/a?p=7"
        assert address_key(f"https://www.contoh.id/a;jsessionid={value}/?p=7") == "contoh.id/a?p=7"
        assert address_key(f"https://contoh.id/a/?p=7&sid={'0123456789abcdef' * 2}") == "contoh.id/a?p=7"

    holds()


@at_length
def test_words_are_words_of_their_own_words(length: Length) -> None:
    """Comparison sees a text and its words alike, so a fingerprint does not depend on how often it was folded."""

    @length()
    @given(TEXTS, TEXTS)
    def holds(one: str, other: str) -> None:
        text = " ".join(dedupe.words(one))
        assert dedupe.words(text) == dedupe.words(one)
        assert dedupe.fingerprint(text) == dedupe.fingerprint(one)
        assert len(dedupe.shingles(one)) <= max(1, len(dedupe.words(one)))
        assert dedupe.is_copy(one, other) == dedupe.is_copy(other, one)
        assert dedupe.is_copy(one, one) is bool(dedupe.words(one))
        dedupe.signature_bands(one)

    holds()
