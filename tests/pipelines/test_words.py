"""Stems: which words a search takes for one family, and which names it leaves alone."""

from __future__ import annotations

import itertools

import pytest

from pipelines.words import root, stem
from tests.kit.running import FIXTURES

NONE: frozenset[str] = frozenset()
PLACES = frozenset({"bekasi", "berau", "penajam"})


def families() -> list[list[str]]:
    """The families of the list that was written before any stemmer was asked."""
    lines = (FIXTURES / "word_families.txt").read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if not line.startswith("#")]


def test_words_of_a_family_share_their_stem() -> None:
    """Of four hundred pairs at least 95 in a hundred."""
    pairs = [pair for words in families() for pair in itertools.pairwise(words)]
    apart = [pair for pair in pairs if root(pair[0]) != root(pair[1])]
    assert len(pairs) > 400
    assert len(apart) / len(pairs) <= 0.05, apart


def test_families_stay_apart() -> None:
    """What joined everything would pass the test before this one: few stems are shared by two families."""
    stems = [root(words[0]) for words in families()]
    assert len(set(stems)) >= 0.93 * len(stems)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("kerusakan", "rusak"),  # not rusa: -kan does not go with ke-
        ("penyidikan", "sidik"),
        ("perbankan", "bank"),
        ("bertani", "tani"),  # not tan: the fewest affixes
        ("mencemari", "cemar"),
        ("perubahan", "ubah"),
        ("mengubah", "ubah"),
        ("menandai", "tanda"),  # not andai: men- would not have left the a
        ("kekerasan", "keras"),
        ("pengesahan", "sah"),  # not kesah
        ("diadakan", "ada"),
        ("penandatanganan", "tandatangan"),
        ("menindaklanjuti", "tindaklanjut"),
        ("media", "media"),
        ("berita", "berita"),
        ("menteri", "menteri"),
        ("kementerian", "menteri"),
        ("pemilu", "pemilu"),
        ("di", "di"),
        ("2024", "2024"),
        ("1.000", "1.000"),
    ],
)
def test_a_root_is_what_the_fewest_affixes_leave(word: str, expected: str) -> None:
    """Hard cases of the press, each a kind."""
    assert root(word) == expected


@pytest.mark.parametrize("word", sorted(PLACES))
def test_a_known_name_is_never_taken_apart(word: str) -> None:
    """Not even in a text without capitals; the stemmer alone would."""
    assert root(word) != word
    assert stem(word, True, False, PLACES) == word


def test_a_word_met_only_as_a_name_is_one() -> None:
    """One capital within a sentence makes a name, a small letter anywhere makes a word of it again."""
    assert stem("pelita", False, True, NONE) == "pelita"
    assert stem("merapi", False, True, NONE) == "merapi"
    assert root("merapi") == "rapi"
    assert stem("mendukung", True, True, NONE) == "dukung"
    assert stem("mendukung", False, False, NONE) == "dukung"  # at the beginning of sentences, in titles


def test_a_name_with_a_circumfix_is_an_office() -> None:
    """Kementerian and Perhubungan are met in capitals often, and belong to menteri and hubungan."""
    assert stem("kementerian", False, True, NONE) == "menteri"
    assert stem("perhubungan", False, True, NONE) == "hubung"
    assert stem("pekalongan", False, True, frozenset({"pekalongan"})) == "pekalongan"
