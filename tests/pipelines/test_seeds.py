"""The five seed documents as plain texts: what must come out of each is written out here, line by line."""

from __future__ import annotations

import time

import pytest

from pipelines.article import Article
from pipelines.lines.outlet import recognise
from tests.pipelines.expected import BRANDS, SEED_BY_NAME, Seed, only_article, page

seeds = pytest.mark.parametrize("seed", SEED_BY_NAME.values(), ids=SEED_BY_NAME)


def read_text(text: str) -> Article:
    return only_article(page(text, url=None, source="unknown", document="text", content_type="text/plain"))


@seeds
def test_every_paragraph_stays_and_every_junk_line_leaves(seed: Seed) -> None:
    """The text is the seed's own, paragraph for paragraph, less its junk."""
    assert read_text(seed.raw()).text.split("\n") == seed.expected()


@seeds
@pytest.mark.parametrize(
    "name",
    ["title", "authors", "editors", "dateline", "credited_source", "is_advertorial", "advertorial_from"],
)
def test_what_the_lines_say_is_kept_and_nothing_is_invented(seed: Seed, name: str) -> None:
    """A fact that a seed states is a field, every other field is empty."""
    nothing = {"authors": (), "editors": (), "is_advertorial": False}
    assert getattr(read_text(seed.raw()), name) == seed.facts.get(name, nothing.get(name))


@seeds
def test_a_day_in_the_text_is_no_publication_date(seed: Seed) -> None:
    """A plain text has no publication date, whatever days it speaks of."""
    article = read_text(seed.raw())
    assert (article.published_at, article.published_on, article.published_from) == (None, None, None)


@seeds
def test_all_five_are_indonesian(seed: Seed) -> None:
    """The language is `id`, and surely so."""
    article = read_text(seed.raw())
    assert article.language == "id"
    assert article.language_confidence is not None
    assert article.language_confidence > 0.9


@seeds
def test_the_outlet_is_recognised_by_how_it_signs(seed: Seed) -> None:
    """Brand or copyright line name the source of four; the fifth names none."""
    assert recognise(seed.raw(), BRANDS) == seed.source


def test_a_brand_that_a_text_merely_mentions_is_not_its_source() -> None:
    """SuaraKaltim's text quotes KlikKaltim.com by name, and is SuaraKaltim's."""
    raw = SEED_BY_NAME["suarakaltim"].raw()
    assert "KlikKaltim.com" in raw
    assert recognise(raw, {"KlikKaltim.com": "klikkaltim"}) is None


def test_a_text_signed_a_million_times_takes_little_time() -> None:
    """Files are looked at in the command's own process."""
    brands = {f"Warta {number}": "warta" for number in range(100)}
    began = time.process_time()
    assert recognise("© semua\n" * 100_000, brands) is None
    assert time.process_time() - began < 3


@seeds
def test_a_text_without_an_address_is_known_by_its_words(seed: Seed) -> None:
    """Its only key is made of its source and its fingerprint."""
    article = read_text(seed.raw())
    assert article.keys == (f"text:unknown:{article.fingerprint}",)
