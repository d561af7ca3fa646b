"""What questions to the index have in common, as SQL: what a word is, how articles are ranked, how a hit is shown."""

from __future__ import annotations

from pathlib import Path

VIEWS = Path(__file__).parents[1] / "views"

QUOTE = "''’‘ʼ`´"
"""Signs that may stand within a word (Mas'ud), inside a text of SQL."""
WORD = r"\p{L}+|\p{N}+(?:[.,]\p{N}+)*"
"""A pattern: a word of a question, letters or a figure with its signs."""
TOKEN = rf"\p{{L}}+(?:[{QUOTE}]\p{{L}}+)*|\p{{N}}+(?:[.,]\p{{N}}+)*"
"""A pattern: a word of an article, which may have quotes inside."""
TITLE_WEIGHT = "5.0"
"""Words of the text that one of the title counts for."""
BEFORE, LENGTH = 60, 200
"""Characters of a snippet: so many before the word that is shown, so many in all."""

SNIPPET = r"""regexp_replace(
    CASE WHEN {at} > {before} THEN '… ' || regexp_replace(substring(text, {at} - {before}, {length}), '^\S*\s+', '')
         ELSE substring(text, 1, {length}) END
    || CASE WHEN length(text) >= greatest({at} - {before}, 1) + {length} THEN '…' ELSE '' END, '\s+', ' ', 'g')"""
_AT = (
    r"strpos(' ' || regexp_replace(lower(strip_accents(text)), '[^\p{L}\p{N}]', ' ', 'g') || ' ',"
    r" ' ' || regexp_replace(shown, '[^\p{L}\p{N}]', ' ', 'g') || ' ')"
)


def filled(text: str) -> str:
    """The text of a question with these pieces in place of their names; `{tables}` is left to the caller."""
    ranking = (VIEWS / "ranking.sql").read_text(encoding="utf-8")
    snippet = SNIPPET.replace("{at}", f"coalesce({_AT}, 0)")
    for name, piece in {
        "{ranking}": ranking,
        "{snippet}": snippet,
        "{word}": WORD,
        "{title_weight}": TITLE_WEIGHT,
        "{before}": str(BEFORE),
        "{length}": str(LENGTH),
    }.items():
        text = text.replace(name, piece)
    return text
