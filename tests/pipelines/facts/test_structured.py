"""What a page states for machines: which of its nodes is its own article's."""

from __future__ import annotations

import json

import pytest

from tests.pipelines.expected import only_article, page
from tests.pipelines.story import PARAGRAPHS, WITA, article, ld

OWN = {"headline": "Jembatan Dua Desa Rampung", "datePublished": "2024-11-18T09:00:00+08:00"}


OTHER = {"headline": "Pasar Lama Dibuka Kembali", "datePublished": "2024-11-15T07:00:00+08:00"}


@pytest.mark.parametrize(
    ("nodes", "day"),
    [
        ([OTHER, OWN], 18),
        ([OWN, OTHER], 18),
        ([{**OTHER, "url": "https://contoh.id/a/"}, OWN | {"headline": "Lain"}], 15),  # by its address
        ([OTHER, {"headline": OWN["headline"]}], None),  # its own states no day: the other's is not its day
        ([OTHER], 15),  # alone it is the page's, whatever it is called
    ],
)
def test_another_storys_node_is_not_believed(nodes: list[dict[str, str]], day: int | None) -> None:
    """Pages carry the data of related stories too."""
    found = article("".join(ld(**node) for node in nodes), url="https://contoh.id/a/")
    assert (found.published_on.day if found.published_on else None) == day


def test_a_page_that_is_drawn_by_a_script_states_its_facts_in_json() -> None:
    """Date, people, section, tags and picture are read where the body is; teasers beside it say nothing."""
    stated = {
        "title": "Jembatan Dua Desa Rampung",
        "content": PARAGRAPHS,
        "published_at": "2024-11-18 09:12:40",
        "authors": [{"name": "Siti Aminah"}],
        "editor": {"name": "Rahman"},
        "category": {"name": "Daerah"},
        "tags": [{"name": "jembatan"}],
        "cover": "https://contoh.id/a.webp",
    }
    teaser = {
        "title": "Yang Lain",
        "content": "Ringkas.",
        "published_at": "2023-01-01",
        "author": "Orang Lain",
    }
    data = json.dumps({"props": {"pageProps": {"article": stated, "related": [teaser]}}})
    html = (
        "<html><body><h1>Jembatan Dua Desa Rampung</h1>"
        f"<script id='__NEXT_DATA__' type='application/json'>{data}</script></body></html>"
    )
    found = only_article(page(html), WITA)
    assert (found.authors, found.editors, found.section, found.tags, found.image_url) == (
        ("Siti Aminah",),
        ("Rahman",),
        "Daerah",
        ("jembatan",),
        "https://contoh.id/a.webp",
    )
    assert found.published_at is not None
    assert (found.published_at.isoformat(), found.published_from) == ("2024-11-18T09:12:40+08:00", "json-ld")


TYPES = (
    "https://schema.org/NewsArticle/",
    "http://schema.org#NewsArticle",
    "schema:NewsArticle",
    " News Article ",
    ["CreativeWork", "schema:Article"],
)


@pytest.mark.parametrize("spelling", TYPES)
def test_a_type_is_known_however_it_is_spelt(spelling: str | list[str]) -> None:
    """As an address, with a prefix, in a list."""
    found = article(ld(**OWN | {"@type": spelling}))
    assert found.published_on is not None
    assert found.published_on.day == 18


def test_a_faulty_block_dates_the_story_and_names_its_author() -> None:
    """Where nothing else on the page does."""
    block = ld(**OWN, author={"@type": "Person", "name": "Siti Aminah"})
    found = article(block.replace("</script>", ";</script>").replace('{"@type"', '{/* penulis */"@type"'))
    assert found.published_at is not None
    assert (found.published_at.isoformat(), found.authors) == (OWN["datePublished"], ("Siti Aminah",))


def test_two_dates_of_one_block_are_two_witnesses() -> None:
    """A name that comes twice with other values is a conflict, and no silent choice."""
    block = ld(**OWN).replace(
        '"datePublished"', '"datePublished": "2024-11-12T09:00:00+08:00", "datePublished"'
    )
    found = article(block)
    assert found.published_conflict
    assert found.published_from == "json-ld"
    assert not article(ld(**OWN)).published_conflict
