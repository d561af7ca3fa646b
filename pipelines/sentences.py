"""Where a sentence of Indonesian prose ends, and the two sentences around a name.

A full stop ends a sentence where a space and a capital, a figure or an opening mark follow, and where it belongs to no
abbreviation, title, degree or initial (H., Dr., S.H., No., Rp.). A doubtful stop ends nothing: a sentence too long reads
better than one that is cut within a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Span = tuple[int, int]
"""Of a text: its first sign, and the one behind its last."""

_STOP = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s+[\"'“‘«(\[]*[A-Z0-9À-ÖØ-Þ])")
_WORD_BEFORE = re.compile(r"[^\s(\[\"'“‘«/]*$")
_TITLES = (
    "h hj kh tgk tn ny nn sdr sdri bpk bp dr drs dra drg drh ir prof lc ust pdt mgr rm st sto pr pj pjs plt plh "
    "jend letjen mayjen brigjen kol letkol kapt lettu letda serka serma sertu serda kopda laksda laksma marsda marsma "
    "pol komjen irjen kombes akbp kompol akp iptu ipda aiptu aipda bripka"
)
_OF_THINGS = (
    "no rp jl jln gg kab kec kel kep prov ds dsn rt rw telp hp pt cv ud pd tbk hlm vol ed ps psl tgl "
    "jan feb apr jun jul agt agu ags sept sep okt nov des vs cq dkk spt yth ttd"
)
_ABBREVIATIONS = frozenset(f"{_TITLES} {_OF_THINGS}".split())
"""Words that a full stop follows within a sentence, in lower case. Not dll., dsb. and dst., which mostly end one, nor what
is a word besides (hal, km)."""
_INITIALS = re.compile(r"(?:[^\W\d_]{1,3}\.)*[^\W\d_]")
"""`M`, `A.H`, `S.H`, `Ph.D`: what stands before the last stop of initials and degrees."""
_DEGREE = re.compile(r"[^\W\d_]{1,3}(?:\.[^\W\d_]{1,5})+")
"""`M.Si`, `S.Pd`, `Sp.OG`, `a.n`."""
_NUMBER = re.compile(r"\d{1,3}")


def sentences(text: str) -> list[Span]:
    """The sentences of a text, in its order; a line ends one. What lies between them is white space."""
    return list(_sentences(text))


def _sentences(text: str) -> Iterator[Span]:
    start = 0
    for line in text.split("\n"):
        begin, end = start, start + len(line)
        for found in _STOP.finditer(text, start, end):
            if _ends(text, begin, found):
                yield from _stripped(text, begin, found.end())
                begin = found.end()
        yield from _stripped(text, begin, end)
        start = end + 1


def _stripped(text: str, begin: int, end: int) -> Iterator[Span]:
    inside = text[begin:end]
    if inside.strip():
        yield begin + len(inside) - len(inside.lstrip()), begin + len(inside.rstrip())


def _ends(text: str, begin: int, found: re.Match[str]) -> bool:
    """Whether a stop ends the sentence that begins there."""
    if not found[0].startswith(".") or found[0].startswith(".."):
        return True
    if found[0] != ".":  # a mark is closed behind it: "Kami siap." Ia
        return True
    before = _WORD_BEFORE.search(text, begin, found.start())
    word = before[0] if before else ""
    if _INITIALS.fullmatch(word) or _DEGREE.fullmatch(word) or word.lower() in _ABBREVIATIONS:
        return False
    # The number of a list's point, at its beginning, belongs to what follows.
    return not (_NUMBER.fullmatch(word) and not text[begin : found.start() - len(word)].strip())


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a text, on one line, and where the name stands in it."""

    text: str
    names: tuple[Span, ...] = ()
    """Ascending, apart from each other; empty: it does not name it."""

    def parts(self) -> list[tuple[str, bool]]:
        """The text in pieces, and of each whether it is a name."""
        found, at = [], 0
        for begin, end in self.names:
            found += [(self.text[at:begin], False), (self.text[begin:end], True)]
            at = end
        found.append((self.text[at:], False))
        return [each for each in found if each[0]]


MAX_CHARS = 480
"""Of an excerpt: two long sentences."""


def excerpt(text: str, places: Sequence[Span]) -> Excerpt:
    """The sentence with the first of these places and the one after it, else the one before; without any the first two.

    What is longer than MAX_CHARS is cut between words, with …, and the name stays in it.
    """
    found = sentences(text)
    if not found:
        return Excerpt("")
    first = next((number for number, (_, end) in enumerate(found) if places and places[0][0] < end), 0)
    neighbour = first + 1 if first + 1 < len(found) else max(first - 1, 0)
    begin = min(found[first][0], found[neighbour][0])
    end = max(found[first][1], found[neighbour][1])
    name = places[0] if places else (begin, begin)
    return _cut(text, (begin, end), name, places)


def _cut(text: str, whole: Span, name: Span, places: Sequence[Span]) -> Excerpt:
    begin, end = whole
    if end - begin > MAX_CHARS:
        begin = max(begin, min(name[0] - MAX_CHARS // 3, end - MAX_CHARS))
        if begin > whole[0]:
            space = text.find(" ", begin, name[0])
            begin = space + 1 if space >= 0 else begin
        end = min(end, max(begin + MAX_CHARS, name[1]))
        if end < whole[1]:
            space = text.rfind(" ", name[1], end)
            end = space if space > 0 else end
    before, after = ("… " if begin > whole[0] else ""), (" …" if end < whole[1] else "")
    shift = len(before) - begin
    inside = text[begin:end].replace("\n", " ")
    names = tuple((a + shift, b + shift) for a, b in places if begin <= a and b <= end)
    return Excerpt(f"{before}{inside}{after}", names)
