"""What an outlet has changed between two readings of an article, and how much of the text that is.

An edit is found by what a reader would read otherwise. *Typography* is folded: forms of quotation marks and
dashes, white space, case, ligatures, what has no width. Every other sign counts: `-5` is not `5`, `$` not `€`,
`3-5` not `3,5`, `bersalah?` not `bersalah.`. (Copies are found by `pipelines.dedupe`, which folds all signs.)

What a reading lacks proves nothing: a title, a byline or a date that was not read this time is no edit, one that
was not there before is. Instants are compared where one witness states both. `modified_at` alone says nothing.

The kinds, of which an edit has the first that applies:

- `figure`, `name`, `quote`: in the text, one such gave way to another, or the texts are equal but for those.
  A figure has its sign, currency and percent, and may be a word (`lima`, `juta`, `ketiga`, `puluhan`). A name is a word that is
  capitalised within a sentence; what begins a sentence is one where it is one elsewhere. A quotation stands
  between two marks of one paragraph, and has changed too where only marks were set or taken off.
- `title`, `date` (of publication), `byline` (authors, editors).
- `wording`: anything else. Words that only changed their places are a wording with a share of 0.

Which of two readings may be compared at all is decided by `pipelines.dedupe`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from pipelines.article import Article
from pipelines.lines import dates

EditKind = Literal["figure", "name", "quote", "title", "date", "byline", "wording"]
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit is. `share`: of the words, figures and signs of both texts, those that only one has; 0 to 1."""

    kind: EditKind
    share: float
    retracted: tuple[str, ...] | None = None
    """Phrases that it took back, by `pipelines.retractions`. Null: nothing of substance, or nobody looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a reading found, as far as a change of it is an edit."""

    title: str | None
    fingerprint: str
    """Of the words alone."""
    wording: str | None = None
    """Of words, figures and signs. Null: it was not noted, and the fingerprint must do."""
    text: str | None = field(default=None, compare=False, repr=False)
    """Null: it is not at hand."""
    authors: tuple[str, ...] | None = None
    """Null: they were not noted, nor were editors and date."""
    editors: tuple[str, ...] | None = None
    published_at: datetime | None = None
    published_precision: str | None = None
    published_from: str | None = None


def content_of(article: Article) -> Content:
    """What an article says. The date of an entry's hint is not the document's, and left out."""
    is_hint = article.document != "feed" and article.published_from in ("feed", "sitemap")
    is_about = article.published_raw is not None and dates.counts_back(article.published_raw)
    return Content(
        title=article.title,
        fingerprint=article.fingerprint,
        wording=wording(article.text),
        text=article.text,
        authors=article.authors,
        editors=article.editors,
        published_at=None if is_hint else article.published_at,
        published_precision="day" if is_about else article.published_precision,
        published_from=None if is_hint else article.published_from,
    )


def is_edited(before: Content, after: Content) -> bool:
    """Whether the article says something else than before."""
    return _is_reworded(before, after) or any(changed(before, after) for _, changed in _OF_FACTS)


def edit_between(before: Content, after: Content) -> Edit | None:
    """What was changed. Null: the text was, and the one before is not at hand."""
    kinds: list[EditKind] = []
    share = 0.0
    if _is_reworded(before, after):
        if before.text is None or after.text is None:
            return None
        old, new = folded(before.text), folded(after.text)
        kinds += [kind for kind, changed in _OF_TEXT if changed(old, new)]
        share = _share(tokens(old), tokens(new))
    kinds += [kind for kind, changed in _OF_FACTS if changed(before, after)]
    return Edit(kinds[0] if kinds else "wording", share)


# --- what a text says -----------------------------------------------------------------------------

_RARE = re.compile(r"[^\x00-\x7f]")
_SINGLE_QUOTES = frozenset(
    "\u2018\u2019\u201a\u201b\u2032\u2035\u02b9\u02bb\u02bc\u02bd\u00b4\u2039\u203a\uff07"
)
_DOUBLE_QUOTES = frozenset("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u2036\u301d\u301e\u301f\uff02")
_DASHES = frozenset("\u2212\u2043\uff0d")
_SELECTORS = frozenset("\ufe0e\ufe0f")
_MEANT_FORMS = ("<super>", "<sub>", "<fraction>", "<circle>")
"""10\u00b2 is not 102: these forms are kept, while ligatures and wide letters are only set otherwise."""
_QUOTE = re.compile(r"''|(?<![^\W\d_])'|'(?![^\W\d_])")
"""A single mark that is no apostrophe within a word."""
_FOLDED = (
    ("'", _QUOTE, '"'),
    ("--", re.compile(r"-{2,}"), "-"),
    ("..", re.compile(r"\.{2,}"), "..."),
)
"""A sign that a text has, what is found with it, and what it is folded to."""
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")
"""What is not one plain space yet."""
_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|\.{3}|\S")


@lru_cache(maxsize=2_048)
def wording(text: str) -> str:
    """32 hex digits, equal for texts that differ in typography only."""
    return sha256(" ".join(tokens(folded(text))).encode("utf-8", "replace")).hexdigest()[:32]


def tokens(text: str) -> list[str]:
    """The words, figures and signs of a folded text. A figure with its points and commas is one."""
    return _TOKEN.findall(text.casefold())


def folded(text: str) -> str:
    """The text in one typography; case and paragraphs stay."""
    if not text.isascii():
        text = _RARE.sub(lambda rare: _spelling(rare[0]), unicodedata.normalize("NFC", text))
    text = text.replace("`", "'")
    for sign, said, so in _FOLDED:
        if sign in text:  # mostly it is not, and that is found out sooner
            text = said.sub(so, text)
    return _SPACES.sub(" ", text)


@lru_cache(maxsize=4096)
def _spelling(sign: str) -> str:
    category = unicodedata.category(sign)
    if sign in _SINGLE_QUOTES:
        return "'"
    if sign in _DOUBLE_QUOTES:
        return '"'
    if sign in _DASHES or category == "Pd":
        return "-"
    if sign in _SELECTORS or category == "Cf":
        return ""
    if category.startswith("Z"):
        return " "
    is_meant = unicodedata.decomposition(sign).startswith(_MEANT_FORMS)
    return sign if is_meant else unicodedata.normalize("NFKC", sign)


def _is_reworded(before: Content, after: Content) -> bool:
    if before.wording is None or after.wording is None:
        return before.fingerprint != after.fingerprint
    return before.wording != after.wording


def _share(old: Sequence[str], new: Sequence[str]) -> float:
    left, came = _difference(old, new)
    total = len(old) + len(new)
    return (left.total() + came.total()) / total if total else 0.0


def _difference(old: Collection[str], new: Collection[str]) -> tuple[Counter[str], Counter[str]]:
    """What only the old has, and what only the new has, each as often as it stands there."""
    before, after = Counter(old), Counter(new)
    return before - after, after - before


# --- figures, names and quotations ----------------------------------------------------------------

_NUMERALS = (
    "nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas belas puluh seratus ratus seribu ribu "
    "sejuta juta miliar milyar triliun setengah seperempat sepertiga "
    "pertama kedua ketiga keempat kelima keenam ketujuh kedelapan kesembilan kesepuluh "
    "belasan puluhan ratusan ribuan jutaan miliaran triliunan"
)
NUMERALS = frozenset(_NUMERALS.split())
_SIGN = r"(?:(?<!\w)[-+]|[^\w\s\"'(),.;:!?/+-])"
_FIGURE = re.compile(
    rf"(?:(?<!\w)(?:rp|us|usd|idr|rm)\.? ?)?{_SIGN}{{0,3}}\d+(?:[-.,:/]\d+)*(?: ?[%\u2030\u00b0]| persen(?!\w))?"
    rf"|(?<!\w)(?:{'|'.join(_NUMERALS.split())})(?!\w)",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_WITHIN = re.compile(r"(?:[\w,;&] |[(/]|\w-)\Z")
"""What stands before a word within a sentence."""
QUOTATION = re.compile(r'"[^"\n]*"')


def _figures(text: str) -> list[str]:
    return [each.casefold().replace(" ", "").replace("persen", "%") for each in _FIGURE.findall(text)]


def _quotations(text: str) -> list[str]:
    return [" ".join(tokens(each)) for each in QUOTATION.findall(text)]


def _is_another_figure(old: str, new: str) -> bool:
    return _gave_way(_figures(old), _figures(new)) or _alike(old, new, lambda text: _FIGURE.sub(" ", text))


def _is_another_name(old: str, new: str) -> bool:
    known = names_within(old) | names_within(new)
    names = [[word for word in map(name_of, WORD.findall(text)) if word in known] for text in (old, new)]
    return _gave_way(*names) or _alike(
        old, new, lambda text: WORD.sub(lambda word: " " if name_of(word[0]) in known else word[0], text)
    )


def names_within(text: str) -> set[str]:
    return {
        name_of(word[0])
        for word in WORD.finditer(text)
        if word[0][0].isupper() and _WITHIN.search(text, max(0, word.start() - 2), word.start())
    }


def name_of(word: str) -> str:
    """A capitalised word without its case; of any other nothing, for no name is like it."""
    return word.casefold() if word[:1].isupper() else ""


def _is_another_quotation(old: str, new: str) -> bool:
    return (
        _gave_way(_quotations(old), _quotations(new))
        or _alike(old, new, lambda text: QUOTATION.sub(" ", text))
        or _alike(old, new, lambda text: text.replace('"', " "))
    )


def _gave_way(old: Collection[str], new: Collection[str]) -> bool:
    """Whether one left and another came: a paragraph more, or less, changes none."""
    left, came = _difference(old, new)
    return bool(left and came)


def _alike(old: str, new: str, without: Callable[[str], str]) -> bool:
    return tokens(without(old)) == tokens(without(new))


_OF_TEXT: tuple[tuple[EditKind, Callable[[str, str], bool]], ...] = (
    ("figure", _is_another_figure),
    ("name", _is_another_name),
    ("quote", _is_another_quotation),
)


# --- title, date and byline -----------------------------------------------------------------------


def _is_another_title(before: Content, after: Content) -> bool:
    if after.title is None:
        return False
    return before.title is None or tokens(folded(before.title)) != tokens(folded(after.title))


def _is_another_date(before: Content, after: Content) -> bool:
    if before.published_at is None or after.published_at is None:
        return before.published_at is None and before.authors is not None and after.published_at is not None
    if before.published_from != after.published_from:
        return False
    precisions = {before.published_precision, after.published_precision}
    apart = abs(after.published_at - before.published_at)
    if "day" in precisions:
        return apart >= DAY
    return apart >= timedelta(minutes=1) if "minute" in precisions else apart > timedelta()


def _is_another_byline(before: Content, after: Content) -> bool:
    pairs = ((before.authors, after.authors), (before.editors, after.editors))
    return any(old is not None and new and _people(old) != _people(new) for old, new in pairs)


def _people(names: Sequence[str]) -> set[str]:
    return {" ".join(tokens(folded(name))) for name in names}


_OF_FACTS: tuple[tuple[EditKind, Callable[[Content, Content], bool]], ...] = (
    ("title", _is_another_title),
    ("date", _is_another_date),
    ("byline", _is_another_byline),
)
