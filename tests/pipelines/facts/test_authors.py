"""Authors and editors: people that the page names, in data or in print."""

from __future__ import annotations

import pytest

from pipelines.rules import Rules
from tests.pipelines.story import WITA, article, ld, meta

AUTHORS = {
    "one person": (ld(author={"@type": "Person", "name": "Siti Aminah"}), Rules(), ("Siti Aminah",), ()),
    "two people": (
        ld(author=[{"name": "Siti Aminah"}, {"name": "Budi"}]),
        Rules(),
        ("Siti Aminah", "Budi"),
        (),
    ),
    "by reference": (
        '<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "author": {"@id": "#a"}}, '
        '{"@type": "Person", "@id": "#a", "name": "Siti Aminah"}]}</script>',
        Rules(),
        ("Siti Aminah",),
        (),
    ),
    "an editor apart": (
        ld(author="Siti Aminah", editor={"name": "Rahman"}),
        Rules(),
        ("Siti Aminah",),
        ("Rahman",),
    ),
    "the agency's swap": (
        ld(author="Rahman", creator="Siti Aminah"),
        Rules(author_is_editor=True),
        ("Siti Aminah",),
        ("Rahman",),
    ),
    "a name in two halves": (
        ld(author={"givenName": "Siti", "familyName": "Aminah"}),
        Rules(),
        ("Siti Aminah",),
        (),
    ),
    "initials behind a name": (ld(author="Siti Aminah (sta)"), Rules(), ("Siti Aminah",), ()),
    "the outlet before a person": (
        ld(author={"@type": "Organization", "name": "Contoh.id"}) + meta("author", "Siti Aminah"),
        WITA,
        ("Siti Aminah",),
        (),
    ),
    "a firm before a person": (
        ld(author={"@type": "Organization", "name": "PT Media Pesisir"}) + meta("author", "Siti Aminah"),
        Rules(),
        ("Siti Aminah",),
        (),
    ),
    "an agency alone": (ld(author={"@type": "Organization", "name": "ANTARA"}), Rules(), ("ANTARA",), ()),
    "an editor in meta": (
        meta("content_author", "Siti Aminah") + meta("content_editor", "Rahman Hakim"),
        Rules(),
        ("Siti Aminah",),
        ("Rahman Hakim",),
    ),
    "the outlet beside a person": (meta("author", "Siti Aminah - Contoh.id"), WITA, ("Siti Aminah",), ()),
    "the outlet in front of a person": (meta("author", "Contoh | Siti Aminah"), WITA, ("Siti Aminah",), ()),
    "markup in a name": (ld(author="<a href='/penulis'>Siti Aminah</a>"), Rules(), ("Siti Aminah",), ()),
    "an account": (ld(author="admin"), Rules(), (), ()),
    "the outlet itself": (ld(author={"@type": "Organization", "name": "Contoh.id"}), WITA, (), ()),
    "an address": (meta("article:author", "https://facebook.com/contoh"), Rules(), (), ()),
    "nobody": ("", Rules(), (), ()),
}


@pytest.mark.parametrize(("head", "rules", "authors", "editors"), AUTHORS.values(), ids=AUTHORS)
def test_authors_and_editors_are_people_that_the_page_names(
    head: str, rules: Rules, authors: tuple[str, ...], editors: tuple[str, ...]
) -> None:
    """Accounts, addresses and the outlet are none."""
    found = article(head, rules=rules)
    assert (found.authors, found.editors) == (authors, editors)


PRINTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "an icon": (
        "<p><i class='fa fa-user'></i> Siti Aminah <i class='fa fa-eye'></i> 120</p>",
        ("Siti Aminah",),
    ),
    "a cell behind the date": (
        "<div>Selasa, 4-3-2025 | 13:05 Wita | Penulis: Siti Aminah</div>",
        ("Siti Aminah",),
    ),
    "Detik's desk": (
        "<div class='detail__author'>Siti Aminah - <span>contohKota</span></div>",
        ("Siti Aminah",),
    ),
    "Jawa Pos": ("<div class='read__info__author'><a href='/a'>Siti Aminah</a></div>", ("Siti Aminah",)),
    "Joomla's account": ("<span class='author vcard'><a href='/a'>Super User</a></span>", ()),
    "a line called after the author": ("<div class='author'>Siti Aminah</div>", ("Siti Aminah",)),
    "a line called so that says something else": ("<div class='author'>Tentang penulis ini</div>", ()),
    "a card": (
        "<address class='author vcard'><span class='fn'>Siti Aminah</span></address>",
        ("Siti Aminah",),
    ),
    "without a colon": ("<span>By Siti Aminah</span>", ("Siti Aminah",)),
    "a name that is linked before the day": (
        "<div>Ditulis oleh <a href='/a'>Siti Aminah</a> pada 20 November 2024</div>",
        ("Siti Aminah",),
    ),
    "a label and an element of its own for the name": (
        "<div class='info'>Penulis: <span>Siti Aminah</span> | Editor: <span>Rahman Hakim</span></div>",
        ("Siti Aminah",),
    ),
    "the site's account": ("<span class='author vcard'><a href='/a'>contoh</a></span>", ()),
    "Suara's editor first": (
        "<script>dataLayer.push({'articleEditor':'Rahman Hakim'})</script>"
        "<h3 class='author-trigger'><a href='/a'>Rahman Hakim</a></h3>"
        "<h3 class='author-trigger'><a href='/b'>Siti Aminah</a></h3>",
        ("Siti Aminah",),
    ),
}


@pytest.mark.parametrize(("above", "authors"), PRINTED.values(), ids=PRINTED)
def test_the_author_is_found_where_platforms_print_it(above: str, authors: tuple[str, ...]) -> None:
    """Behind icons, dates and labels; an account of the site or of its software is nobody."""
    assert article(above=above).authors == authors
