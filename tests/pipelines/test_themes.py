"""Themes: told by what a page shows, used where the page has their container exactly once."""

from __future__ import annotations

import cssselect
import pytest
from lxml.html import HtmlElement

from pipelines import themes
from pipelines.page.index import Index
from pipelines.page.tree import parse
from pipelines.rules import Rules

SHEET = '<link rel="stylesheet" href="https://warta.example/wp-content/themes/{}/style.css?ver=1.2">'
STORY = "<p>Hujan deras mengguyur Kota Bontang sejak Kamis dini hari. Sejumlah ruas jalan tergenang.</p>" * 3


def tree(head: str = "", body: str = "", classes: str = "") -> HtmlElement:
    found = parse(f'<html><head>{head}</head><body class="{classes}">{body}</body></html>')
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("head", "classes", "name"),
    [
        (SHEET.format("newkarma"), "", "gmr"),
        (SHEET.format("wpberita-child"), "", "gmr"),
        (SHEET.format("Newspaper"), "", "tagdiv"),
        (SHEET.format("JNews-premium"), "", "jnews"),
        ("", "single jnews jeg_toggle_light", "jnews"),
        ("", "post-template-default gmr-theme idtheme", "gmr"),
        ('<meta name="generator" content="Joomla! - Open Source Content Management">', "", "joomla"),
        ('<meta content="blogger" name="generator">', "", "blogger"),
        (SHEET.format("lentera"), "elementor-page", "elementor"),
        (SHEET.format("lentera"), "", None),
        ("", "", None),
    ],
)
def test_a_theme_is_told_by_its_page(head: str, classes: str, name: str | None) -> None:
    """By its folder, a child's or a copy's too; else by a class of the body, or the generator."""
    found = themes.theme_of(tree(head, classes=classes))
    assert (found.name if found else None) == name


def test_the_folder_goes_before_the_builder_that_is_used_too() -> None:
    """Elementor draws single pages of any theme."""
    found = themes.theme_of(tree(SHEET.format("jnews"), classes="elementor-page"))
    assert found is not None
    assert found.name == "jnews"


def test_a_themes_container_is_used_where_a_page_has_it_once() -> None:
    """Two are teasers, an empty one is a leftover; the next selector is tried then."""
    once = tree(SHEET.format("newkarma"), f'<div class="entry-content">{STORY}</div>')
    assert themes.under(Rules(), Index.of(once)).body == ".entry-content"
    twice = tree(SHEET.format("newkarma"), f'<div class="entry-content">{STORY}</div>' * 2)
    assert themes.under(Rules(), Index.of(twice)).body is None
    empty = f'<div class="entry-content-single"></div><div class="entry-content">{STORY}</div>'
    assert themes.under(Rules(), Index.of(tree(SHEET.format("newkarma"), empty))).body == ".entry-content"


def test_a_sources_own_rules_go_before() -> None:
    """What a theme removes is added; a page of no theme changes nothing."""
    page = tree(SHEET.format("jnews"), f'<div class="content-inner">{STORY}</div>')
    own = Rules(body=".isi", remove=(".iklan",))
    found = themes.under(own, Index.of(page))
    assert (found.body, found.remove[0]) == (".isi", ".iklan")
    assert ".jeg_share_button" in found.remove
    assert themes.under(own, Index.of(tree(body=STORY))) is own


@pytest.mark.parametrize("theme", themes.known(), ids=lambda theme: theme.name)
def test_every_theme_is_told_by_something_and_has_sound_selectors(theme: themes.Theme) -> None:
    """And no folder is of two."""
    assert theme.folders or theme.classes or theme.generators
    assert theme.title
    assert theme.body
    for css in (theme.body, *theme.remove):
        cssselect.parse(css)
    others = {name for other in themes.known() if other is not theme for name in other.folders}
    assert not theme.folders & others
