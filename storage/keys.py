"""Which article a key leads to, as far as one merge needs to know: names, witnesses, and those that are none any more.

What a key means is decided by `pipelines.dedupe`; this module looks keys up and writes them down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5
from typing import Literal

import duckdb

from pipelines.article import Article
from pipelines.dedupe import (
    address_of,
    claim_key,
    is_name,
    is_redirect,
    is_witness,
    keys_to_ask,
    led_key,
    name_key,
    name_within,
    text_key,
)
from storage.connection import Store
from storage.rows import Row, append, at_places, places


@dataclass(frozen=True, slots=True)
class Discredited:
    """A witness that so many articles of unlike texts claimed in one run."""

    key: str
    source: str
    articles: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Reached:
    """The articles that the keys of a reading lead to."""

    named: str | None
    """The one of its name."""
    led: frozenset[str]
    """Those whose own address was asked for, and led to the reading's."""
    witnessed: frozenset[str]
    """Those that a witness leads to, the redirected ones included and the named one not."""
    moved: Mapping[str, datetime] = field(default_factory=dict)
    """Article → when the address of the reading was first seen to lead to it."""


@dataclass(slots=True)
class Keys:
    """The keys of the articles of one merge, of the store and of the merge itself."""

    names: dict[str, str] = field(default_factory=dict)
    """Name → article."""
    claims: dict[str, set[str]] = field(default_factory=dict)
    """Witness → the articles that claim it."""
    led_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """(Redirect, article) → when it was first seen, as far as it was noted."""
    discredited: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    """Names that the addresses of several articles lead to in this run: that says nothing of any."""
    addressed: set[str] = field(default_factory=set)
    """Articles that an address has served."""
    disputed: dict[str, set[str]] = field(default_factory=dict)
    """Address key → articles that give themselves that address, and it turned out not to be theirs."""
    _new_names: dict[str, str] = field(default_factory=dict)
    _new_claims: dict[tuple[str, str], None] = field(default_factory=dict)
    _seen_earlier: set[tuple[str, str]] = field(default_factory=set)
    """Redirects of the store that turn out to have been there before."""
    _fallen: list[Discredited] = field(default_factory=list)

    @classmethod
    def of(cls, store: Store, articles: Iterable[Article]) -> Keys:
        """What the store knows of the keys of these articles."""
        asked = sorted(keys_to_ask(key for article in articles for key in all_keys(article)))
        found = cls()
        names = [key for key in asked if not is_witness(key)]
        witnesses = [key for key in asked if is_witness(key)]
        found.names.update(owners(store.connection, "keys", names))
        for key, article_id in owners(store.connection, "claims", witnesses):
            found.claims.setdefault(key, set()).add(article_id)
        if claimants := sorted(set().union(*found.claims.values())):
            of_redirects = (
                "SELECT key, article_id, led_at FROM kept.claims"
                " WHERE led_at IS NOT NULL AND article_id IN (SELECT unnest(?::VARCHAR[]))"
            )
            for key, article_id, led_at in store.connection.execute(of_redirects, [claimants]).fetchall():
                found.led_at[key, article_id] = led_at
        fallen = store.connection.execute(
            "SELECT key FROM kept.discredited WHERE key IN (SELECT unnest(?::VARCHAR[]))", [witnesses]
        ).fetchall()
        found.discredited.update(key for (key,) in fallen)
        found.addressed = found._addressed_of(store)
        return found

    def _addressed_of(self, store: Store) -> set[str]:
        served = {id for key, id in self.names.items() if is_name(key)}
        return served | first_names(store, self.articles - served).keys()

    @property
    def articles(self) -> set[str]:
        """All that any of the keys leads to."""
        return {*self.names.values()}.union(*self.claims.values())

    def reached(self, article: Article) -> Reached:
        """The articles that the reading's keys lead to, by those that are believed."""
        name = article.keys[0]
        named = self.names.get(name)
        led: set[str] = set()
        witnessed: set[str] = set()
        for key in keys_to_ask(article.keys):
            if is_witness(key) and key not in self.discredited:
                witnessed |= self.claims.get(key, set())
        for key in article.keys:
            owner = self.names.get(name_within(key) or "")
            if owner is not None and key not in self.discredited:
                witnessed.add(owner)
                led |= {owner} if is_redirect(key) and name not in self.shared else set()
        own = {named} if named is not None else set()
        redirect = _led_from(name)
        moved = {
            id: at for (key, id), at in self.led_at.items() if key == redirect and self._is_alone(key, id)
        }
        return Reached(named, frozenset(led - own), frozenset(witnessed - own), moved)

    def _is_alone(self, redirect: str, article_id: str) -> bool:
        """Whether one address alone was seen to lead to the article: several may be several articles'."""
        return not any(id == article_id and key != redirect for key, id in self.led_at)

    def address(self, article: Article, article_id: str | None) -> str | None:
        """The address to show of a reading: its own word for it, unless that is another's, or a template's fault."""
        if article.url is None or claim_key(article.url) not in article.keys:
            return article.url
        owner = self.names.get(name_key(article.url), article_id)
        is_believed = claim_key(article.url) not in self.discredited and owner == article_id
        return article.url if is_believed else article.served_at

    def note(self, article: Article) -> None:
        """Let the article's keys lead to it; a name that is another's stays so."""
        for key in all_keys(article):
            if is_witness(key):
                self._claim(key, article.article_id, article.fetched_at if is_redirect(key) else None)
            elif key not in self.names:
                self._take(key, article.article_id)

    def note_name(self, article: Article) -> None:
        """Let the article's name alone lead to it: of a document that nobody served the rest is hearsay."""
        if article.keys[0] not in self.names:
            self._take(article.keys[0], article.article_id)

    def _take(self, key: str, article_id: str) -> None:
        self.names[key] = self._new_names[key] = article_id
        if is_name(key):
            self.addressed.add(article_id)
            self._dispute(claim_key(address_of(key)), but=article_id)

    def _claim(self, key: str, article_id: str, led_at: datetime | None) -> None:
        claimants = self.claims.setdefault(key, set())
        is_own = self.names.get(name_within(key) or "") == article_id
        if key not in self.discredited and article_id not in claimants and not is_own:
            claimants.add(article_id)
            self._new_claims[key, article_id] = None
            if led_at is not None:
                self.led_at[key, article_id] = led_at
        elif led_at is not None and led_at < self.led_at.get((key, article_id), led_at):
            self.led_at[key, article_id] = led_at
            self._seen_earlier.add((key, article_id))

    def _dispute(self, claim: str, but: str | None = None) -> None:
        if others := self.claims.get(claim, set()) - {but}:
            self.disputed.setdefault(address_of(claim), set()).update(others)

    def discredit(self, fallen: Sequence[Discredited]) -> None:
        """Believe these witnesses no more."""
        for each in fallen:
            self._dispute(each.key)
            self.claims.pop(each.key, None)
            self.discredited.add(each.key)
        self._fallen += fallen

    def unite(self, store: Store, stays: str, goes: str) -> None:
        """What led to the one leads to the other."""
        for table in ("keys", "claims"):
            store.connection.execute(
                f"UPDATE kept.{table} SET article_id = ? WHERE article_id = ?", [stays, goes]
            )
        for names in (self.names, self._new_names):
            names.update({key: stays for key, named in names.items() if named == goes})
        self._new_claims = {(key, stays if one == goes else one): None for key, one in self._new_claims}
        self._seen_earlier = {(key, stays if one == goes else one) for key, one in self._seen_earlier}
        for (key, one), at in list(self.led_at.items()):
            if one == goes:
                self.led_at[key, stays] = min(at, self.led_at.get((key, stays), at))
        for claimants in (*self.claims.values(), *self.disputed.values()):
            if goes in claimants:
                claimants.discard(goes)
                claimants.add(stays)
        if goes in self.addressed:
            self.addressed.add(stays)

    def write(self, store: Store) -> None:
        """Bring what is new into the open transaction."""
        append(store, "keys", (row_of(key, one) for key, one in self._new_names.items()))
        append(
            store,
            "claims",
            ({**row_of(key, one), "led_at": self.led_at.get((key, one))} for key, one in self._new_claims),
        )
        for key, one in self._seen_earlier:
            store.connection.execute(
                "UPDATE kept.claims SET led_at = ? WHERE key = ? AND article_id = ?",
                [self.led_at[key, one], key, one],
            )
        if self._fallen:
            store.connection.execute(
                "DELETE FROM kept.claims WHERE key IN (SELECT unnest(?::VARCHAR[]))",
                [[each.key for each in self._fallen]],
            )
            append(
                store,
                "discredited",
                ({name: getattr(each, name) for name in each.__slots__} for each in self._fallen),
            )


def row_of(key: str, article_id: str) -> Row:
    """The row of `kept.keys` or `kept.claims`."""
    return {"key": key, "article_id": article_id, "number": number_of(key)}


def number_of(key: str) -> int:
    """What DuckDB's md5_number_lower gives: lookups compare it before they compare keys."""
    return int.from_bytes(md5(key.encode(), usedforsecurity=False).digest()[8:], "little")


def owners(
    connection: duckdb.DuckDBPyConnection, table: Literal["keys", "claims"], keys: Sequence[str]
) -> list[tuple[str, str]]:
    """(Key, article) of those of these keys that the table has."""
    if not keys:
        return []
    there = connection.execute(
        f"SELECT rowid FROM kept.{table} WHERE number IN (SELECT unnest(?::UBIGINT[]))",
        [[number_of(key) for key in keys]],
    ).fetchall()
    if not there:
        return []
    found = connection.execute(
        f"SELECT key, article_id FROM kept.{table} WHERE {at_places(place for (place,) in there)}"
    ).fetchall()
    wanted = {*keys}
    return [(key, article_id) for key, article_id in found if key in wanted]


def _led_from(name: str) -> str | None:
    """The key of a redirect from the address that is a name; null: the name is a text's words."""
    return led_key(address_of(name)) if is_name(name) else None


def all_keys(article: Article) -> tuple[str, ...]:
    """What an article is found by: its keys, and the outlet's words themselves."""
    return (*article.keys, text_key(article.source, article.fingerprint))


def first_names(store: Store, ids: Iterable[str]) -> Mapping[str, str]:
    """Article → the key of an address that has served it, as far as one has."""
    found: dict[str, str] = {}
    if there := places(store.connection, "keys", {*ids}):
        keys = store.connection.execute(
            f"SELECT article_id, key FROM kept.keys WHERE {at_places(there)} ORDER BY key"
        )
        for article_id, key in keys.fetchall():
            if is_name(key):
                found.setdefault(article_id, address_of(key))
    return found
