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

MOST_WORDS = 1 << 20
"""More than the words of any question and of their families."""

_GAP = r"[\x00-/:-@\[-`{-\x{A9}\x{AB}-\x{B1}\x{B4}\x{B6}-\x{B8}\x{BB}\x{BF}\x{D7}\x{F7}\x{2000}-\x{206F}\x{20A0}-\x{20CF}\x{2190}-\x{245F}\x{2500}-\x{2BFF}\x{3000}-\x{3004}\x{3008}-\x{3020}\x{FFFD}\x{1F000}-\x{1FAFF}]"
r"""A pattern: a sign of folded text that is no letter and no figure. To compile `[^\p{L}\p{N}]` takes longer than to find ten hits."""
FOUND_AT = (
    f"coalesce(strpos(' ' || regexp_replace(lower(strip_accents(text)), '{_GAP}', ' ', 'g') || ' ',"
    f" ' ' || regexp_replace(word, '{_GAP}', ' ', 'g') || ' '), 0)"
)
"""Where the word that is shown stands in the text; 0: it does not."""
SNIPPET = r"""regexp_replace(
    CASE WHEN found_at > {before} THEN '… ' || regexp_replace(substring(text, found_at - {before}, {length}), '^\S*\s+', '')
         ELSE substring(text, 1, {length}) END
    || CASE WHEN length(text) >= greatest(found_at - {before}, 1) + {length} THEN '…' ELSE '' END, '\s+', ' ', 'g')"""

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
        list_filter(list_transform(string_split('{cuts}', ' '), lambda c: string_split(c, ':')), lambda p: starts_with(a.word, p[1])),
        lambda p: list_transform(
            list_filter(string_split('{endings}', ' '), lambda e: ends_with(a.word, e)
                AND length(a.word) >= length(p[1]) + length(e) + CASE p[1] || e WHEN '' THEN 0 WHEN p[1] THEN 4 WHEN e THEN 4 ELSE 3 END),
            lambda e: p[2] || substring(a.word, length(p[1]) + 1, length(a.word) - length(p[1]) - length(e))))"""


def _stems() -> str:
    """What may be the stem of a word that no article has: all that is left of it without known affixes."""
    cuts = [("", ""), *((each, "") for each in _PREFIXES.split()), *SWALLOWED.items()]
    listed = " ".join(f"{cut}:{root}" for cut, root in cuts)
    return f"flatten({_BARE.replace('{cuts}', listed).replace('{endings}', ' '.join(_ENDINGS))})"


def filled(text: str) -> str:
    """The text of a question with these pieces in place of their names; `{tables}` is left to the caller."""
    ranking = (VIEWS / "ranking.sql").read_text(encoding="utf-8")
    for name, piece in {
        "{ranking}": ranking,
        "{stems}": _stems(),
        "{found_at}": FOUND_AT,
        "{snippet}": SNIPPET,
        "{word}": WORD,
        "{title_weight}": TITLE_WEIGHT,
        "{most_words}": str(MOST_WORDS),
        "{before}": str(BEFORE),
        "{length}": str(LENGTH),
    }.items():
        text = text.replace(name, piece)
    return text
