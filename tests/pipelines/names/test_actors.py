"""Actors in texts: whole words, all spellings, each place once, and what is doubtful in a list."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.names.actors import Actor, ActorMention, Roll, doubts

RUDY = Actor("rudy", "Rudy Mas'ud", "person", ("Rudy",))
GOLKAR = Actor("golkar", "Partai Golkar", "party", ("Golkar",))
DPD = Actor("dpd", "DPD Golkar Kaltim", "organisation")
PAN = Actor("pan", "Partai Amanat Nasional", "party", ("PAN",))


def mentions(text: str, *actors: Actor, title: str | None = None, day: date | None = None) -> dict[str, int]:
    """Actor → places that name it."""
    return {each.actor_id: each.mentions for each in Roll(actors).find(title, text, day)}


@pytest.mark.parametrize(
    "name",
    [
        "Rudy Mas'ud",
        "Rudy Mas’ud",
        "Rudy Mas‘ud",
        "RUDY MAS'UD",
        "rudy  mas’ud",
        "Rudy\u00a0Mas'ud",
        "H. Rudy Mas'ud,",
    ],
)
def test_a_long_name_is_found_however_it_is_typed(name: str) -> None:
    """Apostrophes, spaces and case of a name of several words tell nothing; nor does what stands before it."""
    assert mentions(f"Kata {name} kemarin.", RUDY) == {"rudy": 1}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("PAN menang", 1),
        ("pan panas", 0),
        ("PANAS", 0),
        ("PAN-PKB", 1),
        ("'PAN'", 1),
        ("(PAN)", 1),
        ("PAN's", 0),
        ("Pan", 0),
        ("PAN_2", 0),
    ],
)
def test_a_name_of_one_word_is_a_whole_word_as_it_is_written(text: str, number: int) -> None:
    """A party's letters are no frying pan, and no part of a longer word."""
    assert mentions(text, PAN).get("pan", 0) == number


def test_several_spellings_at_one_place_count_once() -> None:
    """The longest stands for the place; the short one elsewhere is another mention of the same person."""
    assert mentions("Rudy Mas'ud bicara. Rudy pulang.", RUDY) == {"rudy": 2}


def test_a_shorter_actor_inside_a_longer_one_is_not_named() -> None:
    """ "Golkar" inside an office's name is the office's, not the party's."""
    assert mentions("DPD Golkar Kaltim rapat.", GOLKAR, DPD) == {"dpd": 1}
    assert mentions("DPD Golkar Kaltim rapat, Golkar diam.", GOLKAR, DPD) == {"dpd": 1, "golkar": 1}


def test_what_an_article_says_of_an_actor_is_counted_by_paragraph() -> None:
    """Title and lead apart; the words of the paragraphs that name it, and their share of the text's."""
    text = "Partai Golkar rapat hari ini.\nTidak ada apa-apa di sini.\nGolkar dan Golkar lagi."
    assert Roll([GOLKAR]).find("Golkar Rapat", text) == [ActorMention("golkar", True, True, 4, 2, 9, 9 / 14)]
    assert Roll([GOLKAR]).find("Golkar Rapat", "Tidak ada.") == [
        ActorMention("golkar", True, False, 1, 0, 0, 0.0)
    ]
    assert Roll([GOLKAR]).find(None, "Tidak.\nGolkar.") == [
        ActorMention("golkar", False, False, 1, 1, 1, 0.5)
    ]


@pytest.mark.parametrize(
    ("day", "is_counted"),
    [
        (date(2024, 1, 1), True),
        (date(2024, 12, 31), True),
        (date(2023, 12, 31), False),
        (date(2025, 1, 1), False),
        (None, True),
    ],
)
def test_an_actor_counts_on_its_days(day: date | None, is_counted: bool) -> None:
    """Both ends are inside; an article whose day nobody knows counts."""
    actor = Actor("a", "Andi Harun", "person", valid_from=date(2024, 1, 1), valid_until=date(2024, 12, 31))
    assert bool(mentions("Andi Harun hadir.", actor, day=day)) is is_counted


MAYOR = Actor("harun", "Andi Harun", "person", ("Andi",), context=("wali kota", "Samarinda"), line=2)
SINGER = Actor("sofyan", "Andi Sofyan", "person", ("Andi",), context=("konser",), line=3)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Wali Kota hadir. Andi tersenyum.", {"harun": 1}),
        ("Konser malam ini. Andi menyanyi.", {"sofyan": 1}),
        ("Andi pulang.", {}),
        ("Andi Harun pulang.", {"harun": 1}),
        ("Konserten Andi.", {}),
    ],
)
def test_a_shared_spelling_is_whose_context_stands_in_the_article(text: str, found: dict[str, int]) -> None:
    """One of its words, whole, in any case; the spellings that nobody shares need none."""
    assert mentions(text, MAYOR, SINGER) == found


def test_a_name_that_is_a_word_may_ask_for_a_context() -> None:
    """An actor who shares no spelling has its context asked for with all of them."""
    actor = Actor("damai", "Damai", "party", context=("partai",))
    assert mentions("Damai itu indah.", actor) == {}
    assert mentions("Partai itu bernama Damai.", actor) == {"damai": 1}


def test_a_shared_spelling_without_context_is_doubtful() -> None:
    """It is named with both lines; a context of one of them alone does not help."""
    bare = Actor("lain", "Andi", "person", line=7)
    [fault] = doubts([MAYOR, bare])
    assert (fault.line, "'Andi'" in fault.message, "line 2" in fault.message) == (7, True, True)
    assert doubts([MAYOR, SINGER]) == []
    long, short = Actor("a", "Budi  Santoso", "person"), Actor("b", "budi santoso", "person")
    assert len(doubts([long, short])) == 1
    assert doubts([PAN, Actor("pan2", "Pan", "person")]) == []
