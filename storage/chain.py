"""The chain of segments in the database: the same lines as in `segments/chain.txt`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from storage.archive.chain import Link
from storage.connection import Store
from storage.rows import append


def note_chain(store: Store, chain: Sequence[Link]) -> None:
    """Add the lines that the database lacks; all anew where its last one is not in the file."""
    last = store.connection.execute(
        "SELECT number, sha256, segment FROM kept.chain ORDER BY number DESC LIMIT 1"
    ).fetchone()
    number = int(last[0]) if last else 0
    is_same = number == 0 or (
        number <= len(chain) and (chain[number - 1].sha256, chain[number - 1].segment) == (last or ())[1:]
    )
    lines = chain[number:] if is_same else chain
    if not lines and is_same:
        return
    with store.transaction(of_looks=True) as connection:
        if not is_same:
            connection.execute("DELETE FROM kept.chain")
        append(store, "chain", (asdict(link) for link in lines))
