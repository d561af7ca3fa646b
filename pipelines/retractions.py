"""What an edit took back: the words of the former reading that said, in substance, something else.

Whoever copied the former text still says them, until it corrects them, too. Substance is a figure, a name, a
quotation or a title; `pipelines.edits` says what these are. None is

- a *typo*: one letter of a word changed, left out, set twice or changed places with its neighbour (two letters of
  a word of ten and more), words set apart or together, a word that stood twice, a missing `yang` or `di`, signs of
  punctuation, case, a figure that is only written otherwise (`12`, `dua belas`). Another figure or numeral is never
  one, nor are other letters in an abbreviation (`KPU`, `KPK`) or a name of three (`Ali`, `Adi`), nor a first letter
  that makes a short name another (`Budi`, `Rudi`);
- what only left or only came, a paragraph more or less, unless that is all that differs.

What was taken back is given as phrases: three words of the former text, the changed one among them. Whoever carries
it may set it otherwise, so they are without punctuation. View `uncorrected_copies` looks for them in texts parted alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from pipelines.edits import (
    NUMERALS,
    QUOTATION,
    WORD,
    Content,
    Edit,
    EditKind,
    edit_between,
    folded,
    name_of,
    names_within,
)
from pipelines.figures import value_of

OF_SUBSTANCE: frozenset[EditKind] = frozenset({"figure", "name", "quote", "title"})
"""Kinds of edits that may take something back."""
WORDS = 3
"""Of a phrase. Two stand in many texts by chance; four miss a copy that set its own word beside the changed one."""
MOST_PHRASES = 200
"""Of one edit: a text that was written anew is told by far fewer."""
_LONG_WORD = 10
_SHORT_NAME = 5
_SHORT_WORD = 3
_LONG_TEXT = 2000
"""Words; from here on the comparison passes over those that stand everywhere, for it takes their number squared."""
_SMALL_WORDS = (
    "yang di ke dari dan ini itu pada untuk dengan adalah akan telah sudah juga pun oleh dalam sebagai para"
)
_FILLERS = frozenset(_SMALL_WORDS.split())
"""Words whose coming or going changes nothing that anybody said."""
_CURRENCIES = frozenset(["rp", "us", "usd", "idr", "rm"])
_OPPOSITES = frozenset({"legal"})
"""Words that one letter in front turns round: legal, ilegal."""

_PART = re.compile(
    r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[%\u2030\u00b0+\u00b1$\u20ac\u00a3\u00a5]|-(?=\d)"
)
"""A word, a figure, or a sign that means something: %, $, the minus before a figure. Punctuation is none."""


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    key: str
    is_figure: bool
    is_name: bool
    is_quoted: bool


@dataclass(frozen=True, slots=True)
class _Change:
    """Parts of the old text, from `first` to before `end`, that gave way to `came`. Either may be empty."""

    first: int
    end: int
    left: Sequence[_Part]
    came: Sequence[_Part]


def edit_in_full(before: Content, after: Content) -> Edit | None:
    """What `edit_between` says, with what the edit took back."""
    edit = edit_between(before, after)
    if edit is None or edit.kind not in OF_SUBSTANCE:
        return edit
    return replace(edit, retracted=retracted(before, after))


def retracted(before: Content, after: Content) -> tuple[str, ...] | None:
    """Phrases that only the former reading has, in lower case; null where nothing of substance was taken back.

    Empty: something was, but no three words tell the two texts apart.
    """
    if before.text is None or after.text is None:
        return None
    old, new = folded(before.text), folded(after.text)
    names = names_within(old) | names_within(new)
    in_text = _of_substance(*(_parts(text, names) for text in (old, new)))
    titles = [_parts(folded(title), set()) for title in (before.title or "", after.title or "")]
    in_title = [] if not all(titles) else _changes(*titles)
    if not in_text and not in_title:
        return None
    found = [
        *_phrases(_parts(old, names), _parts(new, names), in_text),
        *_phrases(titles[0], titles[1], in_title),
    ]
    return tuple(dict.fromkeys(found))[:MOST_PHRASES]


def _parts(text: str, names: set[str]) -> list[_Part]:
    quoted = [found.span() for found in QUOTATION.finditer(text)]
    return [_part(found, names, quoted) for found in _PART.finditer(text)]


def _part(found: re.Match[str], names: set[str], quoted: Sequence[tuple[int, int]]) -> _Part:
    text = found[0]
    key = text.casefold()
    is_word = WORD.fullmatch(text) is not None
    return _Part(
        text,
        "%" if key == "persen" else key,
        is_figure=not is_word or key in NUMERALS or key in _CURRENCIES or key == "persen",
        is_name=is_word and name_of(text) in names,
        is_quoted=any(first <= found.start() < end for first, end in quoted),
    )


# --- changes of substance -------------------------------------------------------------------------------

_KINDS: tuple[Callable[[_Part], bool], ...] = (
    lambda part: part.is_figure,
    lambda part: part.is_name,
    lambda part: part.is_quoted,
)


def _of_substance(old: Sequence[_Part], new: Sequence[_Part]) -> list[_Change]:
    """The changes of figures, names and quotations: where one gave way to another, or all that differs is such."""
    changes = _changes(old, new)
    found: list[_Change] = []
    for is_such in _KINDS:
        left = [part for change in changes for part in change.left if is_such(part)]
        came = [part for change in changes for part in change.came if is_such(part)]
        parts = [part for change in changes for part in (*change.left, *change.came)]
        if (left and came) or (parts and all(map(is_such, parts))):
            found += _telling(changes, is_such)
    return [change for change in changes if change in found]


def _telling(changes: Sequence[_Change], is_such: Callable[[_Part], bool]) -> list[_Change]:
    """Where such gave way to such; else where such left; else where it came."""
    left = [change for change in changes if any(map(is_such, change.left))]
    came = [change for change in changes if any(map(is_such, change.came))]
    return [change for change in left if change in came] or left or came


def _changes(old: Sequence[_Part], new: Sequence[_Part]) -> list[_Change]:
    """What differs between two texts, typos left out."""
    first, end = _alike_ends([part.key for part in old], [part.key for part in new])
    mine, theirs = old[first : len(old) - end], new[first : len(new) - end]
    a, b = ([part.key for part in parts] for parts in (mine, theirs))
    matcher = SequenceMatcher(None, a, b, autojunk=len(theirs) > _LONG_TEXT)
    found = []
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind != "equal":
            for change in _parted(first + i, mine[i:j], theirs[k:m]):
                if not _is_typo(old, change):
                    found.append(change)
    return found


def _alike_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many parts two texts begin with alike, and how many of the rest they end with alike."""
    shorter = min(len(old), len(new))
    first = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    rest = shorter - first
    end = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    return first, end


def _parted(first: int, left: Sequence[_Part], came: Sequence[_Part]) -> Iterator[_Change]:
    """A change of as many parts on both sides is one of each pair."""
    if len(left) != len(came):
        yield _Change(first, first + len(left), left, came)
        return
    for at, (one, other) in enumerate(zip(left, came, strict=True), first):
        if one.key != other.key:
            yield _Change(at, at + 1, [one], [other])


# --- typos ------------------------------------------------------------------------------------------------


def _is_typo(old: Sequence[_Part], change: _Change) -> bool:
    left, came = change.left, change.came
    if all(part.key in _FILLERS for part in (*left, *came)):
        return True
    values = [value_of([part.key for part in parts]) for parts in (left, came)]
    if values[0] is not None and values[0] == values[1]:
        return True
    if len(left) == len(came) == 1:
        return is_typo(left[0].text, came[0].text)
    if any(part.is_figure for part in (*left, *came)):
        return False
    one, other = ("".join(part.key for part in parts) for parts in (left, came))
    if left and came:
        return one == other  # set apart, or together
    keys = [part.key for part in left or came]
    before = [part.key for part in old[max(0, change.first - len(keys)) : change.first]]
    after = [part.key for part in old[change.end : change.end + len(keys)]]
    return keys in (before, after)


def is_typo(one: str, other: str) -> bool:
    """Whether two words are one word, misspelt once. Pure spelling: what else they may mean nobody asks."""
    a, b = one.casefold(), other.casefold()
    shorter, longer = sorted((a, b), key=len)
    if not (a.isalpha() or "'" in a) or not (b.isalpha() or "'" in b) or (a in NUMERALS and b in NUMERALS):
        return False
    is_name = one[0].isupper() and other[0].isupper()
    is_abbreviation = one.isupper() and other.isupper() and len(longer) <= _SHORT_NAME
    if shorter in _OPPOSITES and longer.endswith(shorter):
        return False
    if is_name and sorted(a) != sorted(b):  # else letters changed places
        is_doubled = len(shorter) > _SHORT_WORD and longer in _doubled(shorter)
        is_short = len(longer) <= _SHORT_WORD
        is_other_name = len(longer) <= _SHORT_NAME and a[0] != b[0]
        if is_short or is_other_name or (is_abbreviation and not is_doubled):
            return False
    is_long = len(longer) >= _LONG_WORD and (a[0], a[-1]) == (b[0], b[-1])
    return _distance(a, b) <= (2 if is_long else 1)


def _doubled(word: str) -> set[str]:
    """The word with each of its letters set twice."""
    return {word[:at] + word[at - 1 :] for at in range(1, len(word) + 1)}


def _distance(a: str, b: str) -> int:
    """Letters to change, leave out or set in, or neighbours to swap, until one is the other."""
    if abs(len(a) - len(b)) > 2:
        return abs(len(a) - len(b))
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, other in enumerate(b, 1):
            costs = [before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other)]
            if i > 1 and j > 1 and (letter, a[i - 2]) == (b[j - 2], other):
                costs.append(last[j - 2] + 1)
            row.append(min(costs))
    return row[-1]


# --- phrases ----------------------------------------------------------------------------------------------


def _phrases(old: Sequence[_Part], new: Sequence[_Part], changes: Sequence[_Change]) -> Iterator[str]:
    """Each run of WORDS parts that touches a change and stands in the old text alone."""
    theirs = set(_runs(new))
    for change in changes:
        last = change.end if change.left else change.first + 1
        for at in range(max(0, change.first - WORDS + 1), min(last, max(1, len(old) - WORDS + 1))):
            run = _phrase(old[at : at + WORDS])
            if run and run not in theirs:
                yield run


def _runs(parts: Sequence[_Part]) -> Iterator[str]:
    yield from (_phrase(parts[at : at + WORDS]) for at in range(max(1, len(parts) - WORDS + 1)))


def _phrase(run: Sequence[_Part]) -> str:
    return " ".join(part.key for part in run)
