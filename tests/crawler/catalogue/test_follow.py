"""What a user follows: sources, regions and networks, and words that are none of these."""

from __future__ import annotations

import pytest
from scrapy.settings import BaseSettings

from crawler.catalogue.follow import names_followed
from crawler.catalogue.load import load_catalogue
from crawler.catalogue.model import Catalogue, Source
from crawler.catalogue.strict_toml import SourceError
from crawler.config import catalogue_of, follow_words


def outlet(name: str, *, enabled: bool = True, **facts: str) -> Source:
    """An invented source."""
    return Source(
        name=name,
        title=name,
        home=f"https://{name.replace('_', '')}.example/",
        hosts=(f"{name.replace('_', '')}.example",),
        timezone="Asia/Makassar",
        clock="Asia/Makassar",
        enabled=enabled,
        **facts,  # type: ignore[arg-type]
    )


OUTLETS = (
    outlet("warta_pesisir", province="64", region="Bontang", network="Jejaring Pesisir"),
    outlet("kabar_teluk", province="64", region="Kalimantan Timur"),
    outlet("suara_rawa", province="63", region="Kalimantan Selatan", network="Jejaring Pesisir"),
    outlet("berita_lama", province="63", network="Grup Lama", enabled=False),
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["kabar_teluk"], {"kabar_teluk"}),
        (["region:64"], {"warta_pesisir", "kabar_teluk"}),
        (["region:63"], {"suara_rawa"}),
        (["Region: bontang"], {"warta_pesisir"}),
        (["region:kalimantan  timur"], {"kabar_teluk"}),
        (["network:jejaring pesisir"], {"warta_pesisir", "suara_rawa"}),
        (["berita_lama"], {"berita_lama"}),
        (["kabar_teluk", "region:Bontang", "kabar_teluk"], {"kabar_teluk", "warta_pesisir"}),
    ],
)
def test_a_word_names_sources(words: list[str], expected: set[str]) -> None:
    """A source by its name, also one that is switched off; of a region and a network those that are enabled."""
    assert names_followed(OUTLETS, words) == expected


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("kabar_telok", "FOLLOW: 'kabar_telok' is no source, region or network; the nearest is 'kabar_teluk'"),
        ("64", "FOLLOW: '64' is no source, region or network; the nearest is 'region:64'"),
        ("Bontang", "FOLLOW: 'Bontang' is no source, region or network; the nearest is 'region:bontang'"),
        ("source:kabar_teluk", "FOLLOW: 'source:kabar_teluk' is no source, region or network; the nearest is 'kabar_teluk'"),
        ("region:65", "FOLLOW: 'region:65' is no source, region or network; the nearest is 'region:64'"),
        ("network:Grup Lama", "FOLLOW: all sources of 'network:Grup Lama' are switched off (enabled = false)"),
    ],
)  # fmt: skip
def test_a_word_that_names_none_is_one_line(word: str, line: str) -> None:
    """It names the nearest word; whose kind was forgotten or wrong is found by its name."""
    with pytest.raises(SourceError) as refused:
        names_followed(OUTLETS, ["kabar_teluk", word])
    assert str(refused.value) == line


def test_without_a_word_every_enabled_source_is_followed() -> None:
    """And what is switched off is still known."""
    catalogue = Catalogue(OUTLETS)
    assert [each.name for each in catalogue.followed] == ["kabar_teluk", "suara_rawa", "warta_pesisir"]
    assert "berita_lama" in catalogue


@pytest.mark.parametrize("value", ["expresi, region:74,", ["expresi", "region:74"]])
def test_a_list_and_a_text_say_the_same(value: str | list[str]) -> None:
    """On the command line parted by commas, in kabar.toml a list; the catalogue knows all, and follows those."""
    settings = BaseSettings({"FOLLOW": value})
    assert follow_words(settings) == ["expresi", "region:74"]
    catalogue = catalogue_of(settings)
    in_the_southeast = {each.name for each in catalogue.values() if each.province == "74"}
    assert {each.name for each in catalogue.followed} == {"expresi"} | in_the_southeast
    assert list(catalogue) == list(load_catalogue())


def test_a_name_with_a_comma_stands_in_a_list() -> None:
    """The name of a network may have one."""
    assert follow_words(BaseSettings({"FOLLOW": ["network:Satu, Dua"]})) == ["network:Satu, Dua"]
