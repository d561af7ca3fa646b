"""Words and their stems: which words a search takes for one family.

PySastrawi knows the roots and affixes of Indonesian. Where it goes further than need be (*bertani* is *tani*, not *tan*)
the root that is left by the fewest affixes stands. Names it would take apart (Bekasi is no *bekas*, Berau no *rau*), so
they pass as they are. What a word is, and how it is folded, says the text that indexes it.

Tried and dropped: always the longest root. It mends *perawat* (rawat, not awat) and breaks *perubahan* (ubah, not rubah),
*peralatan* (alat, not ralat) and *mengubah* (ubah, not kubah), which are more.
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
"""Letters of the shortest word that may have an affix."""
_LEAST_OF_COMPOUND = 4
"""Letters of each word that a compound is made of."""
_AFFIXED = re.compile(r"(?:di|ke|se|te|be|me|pe)[a-z]+|[a-z]+(?:kan|an|i|nya|[lkt]ah|pun|[km]u|wan|wati)")
_PREFIXES = ("", "di", "ke", "se", "ter", "ber", "be", "per", "pe", "me", "mem", "men", "meng", "meny", "pem", "pen", "peng", "peny")  # fmt: skip
SWALLOWED = {
    "pem": "p",
    "pen": "t",
    "peng": "k",
    "peny": "s",
    "mem": "p",
    "men": "t",
    "meng": "k",
    "meny": "s",
}
"""The first consonant of a root that the prefix has swallowed."""
_KEPT = {
    "mem": "bfv",
    "pem": "bfv",
    "men": "cdjtzs",
    "pen": "cdjtzs",
    "meng": "aeioughk",
    "peng": "aeioughk",
    "meny": "",
    "peny": "",
}
"""The first consonants that these prefixes leave. Of *menandai* what is left is tanda, not andai."""
_ENDINGS = ("", "kan", "an", "i")
_PARTICLES = re.compile(r"(?:nya|lah|kah|pun|ku|mu)$")
_CIRCUMFIXED = re.compile(r"(?:ke|pe)[a-z]+an")
_SHORT = re.compile(r"(?:me|pe)nge(bom|bor|cat|cek|cor|las|lem|pos|rem|sah|tes)(?:kan|an|i)?")
"""Roots of one syllable, whose prefix has an e more."""
_NEW = [
    "pemilu",
    "pemilukada",
    "perwali",
    "perpres",
    "perseroda",
    "kejati",
    "kejari",
    "kejagung",
    "distan",
    "politisi",
]
"""Words of the press that look affixed and that the dictionary is older than."""
_OBSOLETE = {"awat": "rawat", "unjung": "kunjung", "madam": "padam", "kes": "kesan", "pek": "pekan"}
"""Roots of the dictionary that no text of today has, and the root whose words are taken for theirs."""


def stem(word: str, is_lower: bool, is_name: bool, names: Container[str]) -> str:
    """What the words of a family share; the word itself where it is a name.

    `word` is folded. `is_lower`: it was met in lower case; `is_name`: capitalised within a sentence. One that was met
    so alone is a name, unless a circumfix around a known root says otherwise (Kementerian, Perhubungan). `names` are
    words of names that are known.
    """
    if word in names or (is_name and not is_lower and not _is_circumfixed(word)):
        return word
    return root(word)


def root(word: str) -> str:
    """The root of a word in lower case; the word itself where none is known."""
    if len(word) < _LEAST or not _AFFIXED.fullmatch(word):
        return word
    if short := _SHORT.fullmatch(_PARTICLES.sub("", word)):
        return short[1]
    found = str(_stemmer().stem_word(word))
    if not _is_root(word):
        least, roots = _barest(word)
        if roots and found not in roots:
            best = max(roots, key=len)
            found = found if best.endswith((f"{found}an", f"{found}kan")) else best
        elif found == word and not least:
            found = next(_compounds(word), word)
    return _OBSOLETE.get(found, found)


def _barest(word: str) -> tuple[int, list[str]]:
    """The known roots that the fewest affixes leave, and how many these are; 0 and none."""
    analyses = list(_analyses(word))
    least = min((affixes for affixes, _ in analyses), default=0)
    return least, [left for affixes, left in analyses if affixes == least and _is_root(left)]


def _analyses(word: str) -> Iterator[tuple[int, str]]:
    """(Affixes, known root) for a word taken apart into one prefix, root, ending and particle."""
    for affixes, left in _cut(word):
        if _is_root(left):
            yield affixes, left


def _cut(word: str) -> Iterator[tuple[int, str]]:
    """(Affixes, what they leave). Between ke- or pe- and -an stands no -k-: *kerusakan* is *rusak*, not *rusa*."""
    bare = _PARTICLES.sub("", word)
    for whole in {word: None, bare: None}:
        for prefix in _PREFIXES:
            for ending in _ENDINGS:
                inner = whole[len(prefix) : len(whole) - len(ending)]
                is_cut = whole.startswith(prefix) and whole.endswith(ending) and len(inner) > 2
                if not is_cut or (ending == "kan" and _CIRCUMFIXED.fullmatch(whole)):
                    continue
                is_circumfix = ending == "an" and prefix[:2] in ("ke", "pe")
                affixes = bool(prefix) + bool(ending) - is_circumfix + (whole != word)
                if inner[0] in _KEPT.get(prefix, inner[0]):
                    yield affixes, inner
                if prefix in SWALLOWED:
                    yield affixes, SWALLOWED[prefix] + inner


def _compounds(word: str) -> Iterator[str]:
    """Two known roots that affixes hold together, written as one: *penandatanganan* is *tandatangan*."""
    for _, left in _cut(word):
        for cut in range(_LEAST_OF_COMPOUND, len(left) - _LEAST_OF_COMPOUND + 1):
            if _is_root(left[:cut]) and _is_root(left[cut:]):
                yield left


def _is_circumfixed(word: str) -> bool:
    """Whether a word stands between ke- or pe- and -an, as no name of a person does."""
    bare = _PARTICLES.sub("", word)
    return _CIRCUMFIXED.fullmatch(bare) is not None and root(bare) != bare


def _is_root(word: str) -> bool:
    return bool(_stemmer().get_dictionary().contains(word))


@cache
def _stemmer() -> Stemmer:
    """PySastrawi's, with its dictionary of some 30,000 roots and those above; without its cache, which has no bound."""
    stemmer = StemmerFactory().create_stemmer().delegatedStemmer
    stemmer.get_dictionary().add_words(_NEW)
    return stemmer
