"""The same article, an edited article, a copied story: what each is, and how it is told.

Purpose. Three notions that must never be mixed:

- *the same article again*: the same address, and it says what it said. Nothing happens.
- *the same article, edited*: the same address, and it says something else (`pipelines.edits`: text, title, byline,
  date of publication) than the last reading **of the same kind of document by the same rules**. A new version. Our own
  better rules and a change of entry (REST today, the page yesterday) change the reading and not the article, so they
  are never an edit.
- *the same story at another address*: MinHash bands find candidates, exact Jaccard and containment
  decide. Both articles stay; nothing is deleted because it resembles something.

Which address is whose. The address that served an article is its name. All else that a page says of itself
(its platform's number, a canonical address, another's redirect) is a *witness*: templates print one canonical
address on every page, and a restored backup gives every number to another post. A witness joins two addresses
where the texts agree, and a redirect also where the new address is nobody's yet; what articles of unlike texts
claim in one run is believed no more. Two articles with addresses and unlike texts are never united.

Limits. The bands find 0.9998 of pairs at Jaccard 0.8, 0.988 at 0.7, 0.83 at 0.5: below 0.5 a copy is
missed. A story rewritten in other words is no copy. Texts of under 40 words are copies only when
their fingerprints are equal: so few shingles say nothing.

Thresholds, and where they come from (1,244 Indonesian texts, 14,927 pairs; computed, not labelled):

- Syndicated copies at another host stand at Jaccard 0.75 to 1.0, shortened ones at containment 0.9.
- Daily template stories (gold prices) stand at 0.5 to 0.82: the same sentences around other figures.
  No threshold parts the two, the figures do. A copy's figures are those of its original, less what
  was cut: of 90 real copies three have one figure of their own, none has two. Of the traps above
  0.7 every one has two or more on either side (one has one, at 0.76). So Jaccard 0.8 allows one
  contradiction, everything below none.
- Templates without figures (a schedule, an inauguration) differ in their names. Of 29 cased copies one has
  one capitalised word of its own on either side, none has two; so more than two are another story.
- When in doubt, two articles: a missed copy is a row too many, a false merge is a story lost.

Tried and dropped: the share of common figures (a price table of another day agrees in 94%), and the
day names in the texts (`Sabtu` in one, `Ahad` in a true copy of it).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from hashlib import blake2b, sha256
from struct import pack
from typing import Self

from rensa import RMinHash

from pipelines.address import address_key
from pipelines.article import Article
from pipelines.edits import Content, content_of, is_edited

SHINGLE_WORDS = 5
BANDS = 16
ROWS = 4
SEED = 42
COPIES_VERSION = f"2: rensa 0.5.0, {BANDS} x {ROWS}, seed {SEED}"
"""How copies and their originals are found, its number raised with every change of it: kept in the store,
so that those found otherwise are found again."""
MIN_COPY_WORDS = 40
MIN_CONTAINED_WORDS = 60
SURE_JACCARD = 0.8
COPY_JACCARD = 0.75
COPY_CONTAINMENT = 0.9
CONTAINED_JACCARD = 0.5
MAX_OTHER_NAMES = 2
MIN_NAME_CHARS = 4
MAX_VERSIONS = 20
"""So many versions of an article are kept: the first and the newest. One with more is churning: a counter or an
advert is read as its text, or it is a live report."""

_BY_NAME, _BY_TEXT, _BY_NUMBER, _BY_CLAIM, _BY_LINK, _BY_LED = (
    "url:",
    "text:",
    "id:",
    "claim:",
    "link:",
    "led:",
)
"""What a key begins with. Stored for years."""
_OF_ADDRESSES = (_BY_CLAIM, _BY_LINK, _BY_LED)
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_NAME = re.compile(r"(?<=[\w,] )[A-Z][^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_WORDS = re.compile(r"[^\W_]+")
_SILENT = str.maketrans("", "", "'\u2018\u2019\u02bc`\u00b4\u200b\u200c\u200d\u2060\ufeff\u00ad")
"""Apostrophes, and what has no width: they part no word."""


class Verdict(Enum):
    """What a new reading is to what is stored."""

    NEW = "new"
    SAME = "same"
    EDITED = "edited"
    REREAD = "reread"
    """The same article by other rules: what we read has changed, not what was published."""
    CHURNING = "churning"
    """Edited again, and edited so often that its history is cut: for each new version an older one goes."""
    PARTIAL = "partial"
    """A part that the last reading had could not be had this time: seen, and not compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Content):
    """What the last reading of one kind of document found."""

    rules_version: str
    is_complete: bool = True
    segment: str | None = None
    record_offset: int | None = None
    """Where the page that was read is archived. Null: in no segment, or nobody asked."""

    @classmethod
    def of(cls, article: Article) -> Self:
        """What is remembered of an article as it was read."""
        content = content_of(article)
        return cls(
            **{each.name: getattr(content, each.name) for each in fields(content)},
            rules_version=article.rules_version,
            is_complete=article.is_complete,
            segment=article.segment,
            record_offset=article.record_offset,
        )

    def after(self, last: Reading | None) -> Reading:
        """This reading, with what it lacks of the last by the same rules: it was not seen to change."""
        if last is None or last.rules_version != self.rules_version:
            return self
        dated = self if self.published_at else last
        return replace(
            self,
            title=self.title or last.title,
            authors=self.authors or last.authors or (),
            editors=self.editors or last.editors or (),
            published_at=dated.published_at,
            published_precision=dated.published_precision,
            published_from=dated.published_from,
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store knows of an article, as far as a new reading is judged by it."""

    article_id: str
    version: int
    readings: Mapping[str, Reading]
    """The last reading of each kind of document: `page`, `rest`, `feed`, `text`."""


def decide(old: Stored | None, new: Article) -> Verdict:
    """What `new` is to the stored article of its keys. Pure: storage executes it.

    A kind of document that was never read before is a baseline and no edit, whatever it says.
    """
    if old is None:
        return Verdict.NEW
    last = old.readings.get(new.document)
    if last is None or not is_edited(last, content_of(new)):
        return Verdict.SAME
    if last.is_complete and not new.is_complete:
        return Verdict.PARTIAL
    if last.rules_version != new.rules_version or last.is_complete != new.is_complete:
        return Verdict.REREAD
    return Verdict.EDITED if old.version < MAX_VERSIONS else Verdict.CHURNING


def is_by_other_rules(old: Stored | None, new: Article) -> bool:
    """Whether `new` differs from a reading by other rules: nobody knows yet whose change that is, the outlet's or ours.

    The archived page of that reading, read by today's rules, tells: `may_stand_for` lets it take the reading's place.
    """
    last = old.readings.get(new.document) if old else None
    return last is not None and last.rules_version != new.rules_version and decide(old, new) is Verdict.REREAD


def may_stand_for(again: Article, old: Stored, new: Article) -> bool:
    """Whether `again` is the archived page of the last reading, which a look by other rules is to be compared with."""
    last = old.readings.get(new.document)
    if last is None or last.segment is None or not is_by_other_rules(old, new):
        return False
    return (again.document, again.segment, again.record_offset) == (
        new.document,
        last.segment,
        last.record_offset,
    )


def words(text: str) -> list[str]:
    """The words of a text as the search for copies sees them: no case, no quotes, no punctuation.

    An apostrophe inside a word is dropped, so that `Mas'ud`, `Mas’ud` and `Masud` are one word.
    """
    return _WORDS.findall(unicodedata.normalize("NFKC", text.translate(_SILENT)).casefold())


def fingerprint(text: str) -> str:
    """32 hex digits, equal for texts that differ in case, quotes, punctuation and white space only."""
    return sha256(" ".join(words(text)).encode()).hexdigest()[:32]


# --- identity ---------------------------------------------------------------------------------------


def keys_of(source: str, url: str | None, witnesses: Sequence[str], text_fingerprint: str) -> tuple[str, ...]:
    """What identifies an article: its name, which is the address that served it, else its text; then its witnesses."""
    name = name_key(url) if url else text_key(source, text_fingerprint)
    own = {f"{kind}{address_of(name)}" for kind in _OF_ADDRESSES}
    return (name, *(key for key in dict.fromkeys(witnesses) if key not in own))


def name_key(url: str) -> str:
    """The key of the address that served an article: it names one article, whatever is served there."""
    return f"{_BY_NAME}{address_key(url)}"


def text_key(source: str, text_fingerprint: str) -> str:
    """The key of a text without an address: the outlet's words themselves."""
    return f"{_BY_TEXT}{source}:{text_fingerprint}"


def number_key(host: str, number: str) -> str:
    """The witness of a platform's own number for an article: each host counts for itself."""
    return f"{_BY_NUMBER}{host}:{number}"


def claim_key(url: str) -> str:
    """The witness of an address that an article gives itself, and that is not the one that served it."""
    return f"{_BY_CLAIM}{address_key(url)}"


def link_key(url: str) -> str:
    """The witness of the address that a post of a list gives as its link, and that other posts give as well."""
    return f"{_BY_LINK}{address_key(url)}"


def led_key(url: str) -> str:
    """The witness of an address that redirected to the one that served the article."""
    return f"{_BY_LED}{address_key(url)}"


def is_name(key: str) -> bool:
    """Whether the key is an address that served its article."""
    return key.startswith(_BY_NAME)


def is_witness(key: str) -> bool:
    """Whether the key only hints at an article: it joins nothing without the texts, but for a redirect."""
    return key.startswith((_BY_NUMBER, _BY_CLAIM, _BY_LINK, _BY_LED))


def is_redirect(key: str) -> bool:
    """Whether the key is an address that led to the one that served the article."""
    return key.startswith(_BY_LED)


def address_of(key: str) -> str:
    """The address key within a name, a claim or a redirect; of any other key what follows its kind."""
    return key.partition(":")[2]


def name_within(witness: str) -> str | None:
    """The name that a witness is about: that of its address. Null: it is a number."""
    return f"{_BY_NAME}{address_of(witness)}" if witness.startswith(_OF_ADDRESSES) else None


def keys_to_ask(keys: Iterable[str]) -> set[str]:
    """The keys under which an article of these may be known: another may claim what is the name of this one."""
    asked: set[str] = set()
    for key in keys:
        asked.add(key)
        if is_name(key):
            asked |= {f"{kind}{address_of(key)}" for kind in _OF_ADDRESSES}
        elif named := name_within(key):
            asked.add(named)
    return asked


def spoken(witness: str) -> str:
    """A witness as a user may read it."""
    host, _, number = address_of(witness).rpartition(":")
    is_number = witness.startswith(_BY_NUMBER)
    return f"the number {number} of {host}" if is_number else f"the address {address_of(witness)}"


def article_id(keys: Sequence[str]) -> str:
    """16 hex digits of the first key."""
    return sha256(keys[0].encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Holder:
    """A stored article that shares a key with a reading, as far as it decides whether they are one."""

    article_id: str
    first_seen_at: datetime
    is_named: bool = False
    """The address that served the reading is its own."""
    led: bool = False
    """One's own address was asked for and led to the other's, which was nobody's until then."""
    agrees: bool = False
    """The texts are the same, or one is a copy of the other."""


def same_article(holders: Iterable[Holder]) -> tuple[str, ...]:
    """The articles that a reading shows to be one, the earliest seen first; empty: it is another. Pure.

    The address is an article's name. A witness joins where the texts agree; an address that nobody has
    yet is the new one of an article whose own redirects there, whatever became of the text.
    """
    in_order = sorted(holders, key=lambda holder: (holder.first_seen_at, holder.article_id))
    one = [holder for holder in in_order if holder.is_named or holder.agrees]
    one = one or [holder for holder in in_order if holder.led][:1]
    return tuple(holder.article_id for holder in one)


def known_by_number(article: Article) -> Article | None:
    """A post of a list under the address of its number, `HOST/?p=ID`: its link is not its own. Null: it has no number."""
    number = next((address_of(key) for key in article.keys if key.startswith(_BY_NUMBER)), None)
    if number is None or article.served_at is None:
        return None
    host, _, post = number.rpartition(":")
    url = f"{article.served_at.partition('://')[0]}://{host}/?p={post}"
    witnesses = [link_key(article.served_at), *article.keys[1:]]
    keys = keys_of(article.source, url, witnesses, article.fingerprint)
    return replace(article, url=url, served_at=url, keys=keys, article_id=article_id(keys))


def texts_agree(one: Article, other: Article) -> bool:
    """Whether two readings can be of one article at two addresses. Symmetric."""
    return one.fingerprint == other.fingerprint or is_copy(one.text, other.text)


ONE_RUN = timedelta(days=1)
"""Readings of one batch that are further apart are not of one run: a number may be another's since."""


def discredited(readings: Sequence[Article], known: Mapping[str, str]) -> dict[str, int]:
    """The witnesses that articles of unlike texts claim in one run → how many articles claim each. Pure.

    `known`: name → the article that has it, so that two addresses of one article count once. An article
    whose address others claim is one of those that claim it.
    """
    claims: dict[str, dict[str, Article]] = {}
    for article in readings:
        name = article.keys[0]
        claimed = [key for key in article.keys if is_witness(key) and not is_redirect(key)]
        claimed.append(f"{_BY_LINK if article.document == 'rest' else _BY_CLAIM}{address_of(name)}")
        for key in claimed if is_name(name) else ():
            claims.setdefault(key, {}).setdefault(known.get(name, name), article)
    return {
        key: len(by_article) for key, by_article in claims.items() if _is_contested([*by_article.values()])
    }


def shared_destinations(readings: Sequence[Article], known: Mapping[str, str]) -> set[str]:
    """The names to which the addresses of several articles led in one run. Pure.

    A notice of maintenance, a holiday's greeting, whatever a plugin sends all readers to: no article's new address.
    """
    led: dict[str, set[str]] = {}
    for article in readings:
        name = article.keys[0]
        owners = {known.get(name_within(key) or "") for key in article.keys if is_redirect(key)}
        led.setdefault(name, set()).update(owner for owner in owners if owner and owner != known.get(name))
    return {name for name, owners in led.items() if len(owners) > 1}


def _is_contested(claimants: Sequence[Article]) -> bool:
    first, *others = claimants
    return any(
        abs(other.fetched_at - first.fetched_at) <= ONE_RUN and not texts_agree(first, other)
        for other in others
    )


# --- similarity -----------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def shingles(text: str) -> frozenset[str]:
    """The runs of five words of a text; of a shorter text the whole."""
    found = words(text)
    if not found:
        return frozenset()
    last = max(1, len(found) - SHINGLE_WORDS + 1)
    return frozenset(" ".join(found[at : at + SHINGLE_WORDS]) for at in range(last))


def jaccard(a: str, b: str) -> float:
    """The share of the shingles of two texts that both have, 0 to 1. Symmetric."""
    x, y = shingles(a), shingles(b)
    union = len(x | y)
    return len(x & y) / union if union else 0.0


def containment(a: str, b: str) -> float:
    """The share of the shorter text's shingles that the other has too, 0 to 1. Symmetric."""
    x, y = shingles(a), shingles(b)
    smaller = min(len(x), len(y))
    return len(x & y) / smaller if smaller else 0.0


def figures(text: str) -> frozenset[str]:
    """The numbers that stand in a text, as they are written."""
    return frozenset(_FIGURE.findall(text))


def names(text: str) -> frozenset[str]:
    """The words of a text that are capitalised within a sentence: people, places, days, months."""
    return frozenset(word for found in _NAME.findall(text) for word in words(found))


def contradictions(a: str, b: str, facts: Callable[[str], frozenset[str]] = figures) -> int:
    """How many figures, or other `facts`, each of two texts has that the other lacks, the smaller count.

    Symmetric. 0 where one has all of the other: it was shortened, not changed.
    """
    x, y = facts(a), facts(b)
    return min(len(x - y), len(y - x))


def names_outlet(credit: str, names: Sequence[str | None]) -> bool:
    """Whether a credit ("KlikKaltim.com", "ANTARA") names the outlet that is called so, in any spelling."""
    spellings = _spellings(credit)
    return any(name is not None and spellings & _spellings(name) for name in names)


def _spellings(name: str) -> set[str]:
    """A name without spaces and marks, and so without the last label of a host."""
    bare = name.casefold().removeprefix("www.")
    found = ("".join(words(each)) for each in (bare, bare.rpartition(".")[0]))
    return {each for each in found if len(each) >= MIN_NAME_CHARS}


def is_copy(a: str, b: str) -> bool:
    """Whether two texts are one story told twice. Symmetric."""
    shorter = min(len(words(a)), len(words(b)))
    if shorter < MIN_COPY_WORDS:
        return shorter > 0 and words(a) == words(b)
    alike = jaccard(a, b)
    if alike < CONTAINED_JACCARD or contradictions(a, b, names) > MAX_OTHER_NAMES:
        return False
    if alike >= SURE_JACCARD:
        return contradictions(a, b) <= 1
    is_contained = (
        alike >= CONTAINED_JACCARD
        and shorter >= MIN_CONTAINED_WORDS
        and containment(a, b) >= COPY_CONTAINMENT
    )
    return (alike >= COPY_JACCARD or is_contained) and contradictions(a, b) == 0


def signature_bands(text: str) -> tuple[int, ...]:
    """16 signed 64-bit numbers; two texts that share one at the same place are candidates for a copy.

    Empty where the text has no words. Stored for years: what is made otherwise needs another COPIES_VERSION.
    """
    grams = shingles(text)
    if not grams:
        return ()
    minhash = RMinHash(num_perm=BANDS * ROWS, seed=SEED)
    minhash.update(list(grams))
    lowest = minhash.digest()
    rows = (pack(f">{ROWS}L", *lowest[at : at + ROWS]) for at in range(0, BANDS * ROWS, ROWS))
    return tuple(
        int.from_bytes(blake2b(row, digest_size=8, salt=bytes([band])).digest(), "big", signed=True)
        for band, row in enumerate(rows)
    )
