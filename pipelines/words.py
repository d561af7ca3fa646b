"""Words and their stems: which words a search takes for one family.

PySastrawi knows the roots and affixes of Indonesian; names it would take apart (Bekasi is no *bekas*, Berau no *rau*), so
they pass as they are. What a word is, and how it is folded, says the text that indexes it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from functools import cache

from Sastrawi.Stemmer.Stemmer import Stemmer
from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

VERSION = 1
"""Of the stems that this module finds, beside PySastrawi's own."""

_LEAST = 4
"""Letters of the shortest word that may have an affix: a root of two, with one of two."""
_AFFIXED = re.compile(
    r"^(?:di|ke|se|te|be|me|pe)[a-z]+|[a-z]+(?:kan|an|i|nya|lah|kah|tah|pun|ku|mu|wan|wati)$"
)
_ENDING = re.compile(r"(?:nya|lah|kah|tah|pun|ku|mu)$")
_CIRCUMFIX = re.compile(r"(?:ke|per?|pe[mn]|pen[gy])[a-z]+an")
_NASALS = {"pem": "p", "pen": "t", "peng": "k", "peny": "s", "mem": "p", "men": "t", "meng": "k", "meny": "s"}
"""The prefix that has swallowed a root's first consonant."""


def stem(word: str, is_lower: bool, is_name: bool, names: Container[str]) -> str:
    """What the words of a family share; the word itself where it is a name.

    `word` is folded. `is_lower`: it was met in lower case; `is_name`: capitalised within a sentence. One that was met
    so alone is a name, unless a circumfix around a known root says otherwise (Kementerian, Perhubungan). `names` are
    words of names that are known.
    """
    if word in names:
        return word
    if is_name and not is_lower:
        return next(_within_circumfix(word), word)
    return root(word)


def root(word: str) -> str:
    """The root of a word in lower case; the word itself where none is known."""
    if len(word) < _LEAST or not _AFFIXED.match(word) and not _AFFIXED.search(word):
        return word
    roots = list(_within_circumfix(word))
    found = str(_stemmer().stem_word(word))
    return found if not roots or found in roots else max(roots, key=len)


def _within_circumfix(word: str) -> Iterator[str]:
    """Known roots between ke- or pe- and -an: of *kerusakan* that is *rusak*, for no -kan goes with these."""
    roots = _stemmer().get_dictionary()
    bare = _ENDING.sub("", word)
    for whole in {word: None, bare: None}:
        if roots.contains(whole) or not _CIRCUMFIX.fullmatch(whole):
            continue
        for prefix in ("ke", "per", "pe", *(each for each in _NASALS if each.startswith("p"))):
            if whole.startswith(prefix):
                inner = whole.removeprefix(prefix)[:-2]
                for each in (inner, _NASALS.get(prefix, "") + inner):
                    if len(each) > 2 and roots.contains(each):
                        yield each


@cache
def _stemmer() -> Stemmer:
    """PySastrawi's, with its dictionary of some 30,000 roots; without its cache, which has no bound."""
    return StemmerFactory().create_stemmer().delegatedStemmer
