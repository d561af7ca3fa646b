"""What holds of what users and sites write: source files, arguments, robots.txt. The documented error, or a value."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protego import Protego

from crawler.catalogue.load import BUNDLED, load_platforms, parse_source
from crawler.catalogue.model import Source
from crawler.catalogue.strict_toml import SourceError
from crawler.catalogue.write_toml import as_toml
from crawler.crawl.arguments import CrawlArguments
from crawler.errors import ArgumentError
from tests.kit.strategies import ADDRESSES, LENGTHS, TEXTS, documents, spoilt

PLATFORMS = load_platforms()
SOURCES = [path.read_bytes() for path in sorted(BUNDLED.glob("*.toml"))[::9]]
VALUES = (
    *("0", "-1", "1e999", "nan", "true", '""', '"x"', "[]", "{}", "[[]]", "2024-11-20", "1979-05-27T07:32:00Z", '"("', '"//["', '"{n"'),
    *('"https://[x/"', '"Mars/Phobos"', '"../../etc/localtime"', '"/etc/passwd"', '"\\u0000"', '[1, "a"]', '"%"', "'\\'", '"h1:::x"'),
)  # fmt: skip

at_length = pytest.mark.parametrize("length", LENGTHS)
Length = Callable[..., settings]


def is_a_source_or_an_error(text: str) -> None:
    """One line that names what is wrong, or a source that can be used."""
    try:
        source = parse_source("warta", text, PLATFORMS)
    except SourceError as error:
        assert str(error)
        assert "\n" not in str(error)
    else:
        assert isinstance(source, Source)
        assert source.entries


@at_length
def test_a_spoilt_source_file_is_a_source_error(length: Length) -> None:
    """Whatever an editor, a disk or a user makes of one."""

    @length()
    @given(spoilt(SOURCES))
    def holds(raw: bytes) -> None:
        is_a_source_or_an_error(raw.decode("utf-8", "replace"))

    holds()


@at_length
def test_a_key_of_any_value_is_a_source_error(length: Length) -> None:
    """Types, zones, patterns, selectors and addresses are looked at before anything is crawled."""
    files = [raw.decode() for raw in SOURCES]

    @length(150)
    @given(
        st.sampled_from(files),
        st.data(),
        st.one_of(st.sampled_from(VALUES), TEXTS.map(lambda text: as_toml({"x": text})[4:].strip())),
    )
    def holds(text: str, data: st.DataObject, value: str) -> None:
        lines = text.splitlines()
        keys = [at for at, line in enumerate(lines) if " = " in line]
        at = data.draw(st.sampled_from(keys))
        lines[at] = f"{lines[at].partition('=')[0]}= {value}"
        is_a_source_or_an_error("\n".join(lines))

    holds()


@at_length
def test_arguments_are_days_and_counts_or_an_error(length: Length) -> None:
    """One line that names the argument."""
    values = st.one_of(
        TEXTS,
        st.sampled_from(["2024-11-20", "20241120", "2024-W01-1", "\u00b2", "\u0663", "0", "007", "9" * 5000]),
    )

    @length(100)
    @given(
        st.dictionaries(
            st.one_of(st.sampled_from(["since", "until", "limit", "recheck"]), TEXTS), values, max_size=4
        )
    )
    def holds(given_: dict[str, str]) -> None:
        try:
            parsed = CrawlArguments.parse(given_)
        except ArgumentError as error:
            assert str(error).startswith("-a ")
        else:
            assert parsed.limit is None or parsed.limit > 0
            assert not (parsed.since and parsed.until) or parsed.since <= parsed.until

    holds()


ROBOTS_LINES = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["User-agent: ", "USER-AGENT:", "Crawl-delay: ", "crawl-delay:", "Disallow: ", "Allow: ", "Sitemap: ", "Request-rate: ", "", "#"]),
        st.one_of(
            st.sampled_from(["*", "Kabar", "1", "0.5", "-1", "nan", "inf", "1e999", "9" * 400, "\u00b2", "1,5", "/", "/*" * 200 + "$", "1/0", "1/5m"]),
            TEXTS, ADDRESSES,
        ),
        st.sampled_from(["\n", "\r", "\r\n", "\x00", ""]),
    ),
    max_size=12,
).map(lambda lines: "".join(lines).encode("utf-8", "ignore").decode())  # fmt: skip


@at_length
def test_no_robots_txt_is_a_fault(length: Length) -> None:
    """Its delay is a number of seconds from zero up, or none; its answer is yes or no."""
    recorded = documents("fixtures/sites/*/robots.txt")

    @length(100)
    @given(
        st.one_of(ROBOTS_LINES, spoilt(recorded).map(lambda raw: raw.decode("utf-8", "ignore"))), ADDRESSES
    )
    def holds(text: str, url: str) -> None:
        robots = Protego.parse(text)
        delay = robots.crawl_delay("Kabar")
        assert delay is None or delay >= 0
        assert robots.can_fetch("https://contoh.id/a", "Kabar") in (True, False)
        list(robots.sitemaps)

    holds()
