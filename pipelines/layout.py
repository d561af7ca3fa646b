"""Where a page has its body, for whoever looks why it reads otherwise than pages before it."""

from __future__ import annotations

from pipelines import themes
from pipelines.article import Page
from pipelines.page.index import Index
from pipelines.page.tree import alternatives, decode, is_endless, parse, text_of
from pipelines.rules import Rules


def container(page: Page, rules: Rules) -> str | None:
    """The selector that finds the page's body: of the rules, else of the theme that the page shows.

    Null: none finds an element with a text, and the body is a guess.
    """
    text = decode(page.body, page.header("content-type"))
    tree = parse(text) if text and "<" in text else None
    if tree is None or is_endless(tree):
        return None
    index = Index.of(tree)
    body = themes.under(rules, index).body
    for css in alternatives(body) if body else ():
        if any(text_of(element) for element in index.outermost(css)):
            return css
    return None
