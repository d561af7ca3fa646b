"""Section and tags, by whoever names them first."""

from __future__ import annotations

import json

import pytest

from tests.pipelines.story import article, meta


def crumbs(*names: str) -> str:
    steps = [{"@type": "ListItem", "position": n, "name": name} for n, name in enumerate(names, 1)]
    data = {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": steps}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


@pytest.mark.parametrize(
    ("head", "section"),
    [
        (crumbs("Contoh.id", "Daerah", "Kutai Barat", "Jembatan Dua Desa Rampung"), "Kutai Barat"),
        (crumbs("Home", "Jembatan Dua Desa Rampung"), None),
        (crumbs("Contoh.id"), None),
        (crumbs("Home", "Daerah") + meta("article:section", "Infrastruktur"), "Infrastruktur"),
        ('<meta itemprop="articleSection" content="Daerah">', "Daerah"),
    ],
)
def test_a_breadcrumb_names_the_section_where_nothing_else_does(head: str, section: str | None) -> None:
    """The innermost, less the home page and the article itself."""
    assert article(head).section == section


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        ("<p>Tags : <a href='/tag/a'>#jembatan</a> <a href='/tag/b'>#desa</a></p>", ("jembatan", "desa")),
        ("<div>TAG: <a href='/tag/a'>JEMBATAN</a></div>", ("JEMBATAN",)),
        ("<p>Tagihan listrik: <a href='/x'>cara membayar</a></p>", ()),
    ],
)
def test_a_line_that_opens_with_tag_is_one_of_tags(line: str, tags: tuple[str, ...]) -> None:
    """Whatever the element is called; other words do not open it."""
    assert article(below=line).tags == tags
