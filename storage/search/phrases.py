"""What questions to the index have in common, as SQL: what a word is, how articles are ranked, how a hit is shown."""

from __future__ import annotations

from pathlib import Path

from pipelines.words import SWALLOWED

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

_PREFIXES = (
    "di ke se ter te ber be bel per pe pel me mem men meng meny menge pem pen peng peny penge "
    "memper member pember diper diber teper keber keter seper berke berpe"
)
_ENDINGS = (
    "",
    "i",
    "an",
    "kan",
    "nya",
    "annya",
    "kannya",
    "inya",
    "lah",
    "kah",
    "pun",
    "ku",
    "mu",
    "wan",
    "wati",
)
_BARE = """list_transform(
        {cuts}, lambda p: list_transform({endings}, lambda e: CASE
            WHEN starts_with(a.word, p[1]) AND ends_with(a.word, e)
             AND length(a.word) >= length(p[1]) + length(e) + CASE p[1] || e WHEN '' THEN 0 WHEN p[1] THEN 4 WHEN e THEN 4 ELSE 3 END
            THEN p[2] || substring(a.word, length(p[1]) + 1, length(a.word) - length(p[1]) - length(e)) END))"""


def _stems() -> str:
    """What may be the stem of a word that no article has: all that is left of it without known affixes."""
    cuts = [("", ""), *((each, "") for each in _PREFIXES.split()), *SWALLOWED.items()]
    listed = ", ".join(f"['{cut}', '{root}']" for cut, root in cuts)
    endings = ", ".join(f"'{each}'" for each in _ENDINGS)
    return f"flatten({_BARE.replace('{cuts}', f'[{listed}]').replace('{endings}', f'[{endings}]')})"


def filled(text: str) -> str:
    """The text of a question with these pieces in place of their names; `{tables}` is left to the caller."""
    ranking = (VIEWS / "ranking.sql").read_text(encoding="utf-8")
    snippet = SNIPPET.replace("{at}", f"coalesce({_AT}, 0)")
    for name, piece in {
        "{ranking}": ranking,
        "{stems}": _stems(),
        "{snippet}": snippet,
        "{word}": WORD,
        "{title_weight}": TITLE_WEIGHT,
        "{before}": str(BEFORE),
        "{length}": str(LENGTH),
    }.items():
        text = text.replace(name, piece)
    return text
