"""What a user follows: the words of the setting FOLLOW, read as sources of the catalogue.

A word is the name of a source, `region:` with the BPS code of a province or the place that a source file names, or
`network:` with the name of a network. Case counts for nothing. A source that is named is followed even where its
file switches it off; a region and a network stand for those of their sources that are enabled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from crawler.catalogue.model import Source
from crawler.catalogue.strict_toml import SourceError


def names_followed(sources: Collection[Source], words: Iterable[str]) -> frozenset[str]:
    """The names of the sources that the words stand for.

    Raises `SourceError`, one line, for the first word that names none.
    """
    known = _words(sources)
    names: set[str] = set()
    for word in words:
        named = known.get(_plain(word))
        if named is None:
            raise SourceError(f"FOLLOW: {word!r} is no source, region or network{_nearest(word, known)}")
        if not named:
            raise SourceError(f"FOLLOW: all sources of {word!r} are switched off (enabled = false)")
        names |= named
    return frozenset(names)


def _words(sources: Iterable[Source]) -> dict[str, set[str]]:
    """Every word that may stand in FOLLOW → the names of the sources that it follows."""
    known: dict[str, set[str]] = {}
    for source in sources:
        known[source.name] = {source.name}
        for kind, name in (
            ("region", source.province),
            ("region", source.region),
            ("network", source.network),
        ):
            if name is not None:
                known.setdefault(_plain(f"{kind}:{name}"), set()).update([source.name] * source.enabled)
    return known


def _plain(word: str) -> str:
    """A word without its case and the spaces around its parts."""
    kind, colon, name = word.casefold().partition(":")
    return f"{kind.strip()}{colon}{' '.join(name.split())}"


def _nearest(word: str, known: Iterable[str]) -> str:
    """What was probably meant: the same behind another kind, or without one, else what is spelt most like it."""
    plain, words = _plain(word), sorted(known)
    name = plain.rpartition(":")[2]
    near = [each for each in words if each.rpartition(":")[2] == name]
    near = near or get_close_matches(plain, words, n=1, cutoff=0)
    return f"; the nearest is {near[0]!r}" if near else ""
