"""The list of actors in force: it is replaced as a whole, and found anew in every article, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import duckdb

from pipelines.names.actors import Actor
from storage import facts
from storage.connection import Store
from storage.indexes import build
from storage.names import ACTORS
from storage.rows import Row, append
from storage.search.index import set_names

_FACT = "actors file"
"""What the file that ACTORS names held when it was last taken, or when another list was given in its place."""
_DOUBT = "doubtful actors file"
"""Why that file was not taken, as it was told last."""


def put(store: Store, listed: Sequence[Actor], digest: str | None) -> None:
    """Replace the list in force. `digest` is of the file that ACTORS names, as `last_digest` gives it back."""
    with store.transaction() as connection:
        connection.execute("DELETE FROM kept.actors")
        append(store, "actors", (_row(position, actor) for position, actor in enumerate(listed)))
        build(store, ACTORS)
        set_names(store, [spelling for actor in listed for spelling in (actor.name, *actor.spellings)])
        facts.note(connection, _FACT, digest)
        facts.note(connection, _DOUBT, None)


def last_digest(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Of the file that ACTORS names, when the list in force was taken; null: there was none."""
    return facts.noted(connection, _FACT)


def note_doubt(store: Store, line: str | None) -> bool:
    """Note why the file is not taken (null: nothing is wrong with it); whether that is not what was noted before."""
    if facts.noted(store.connection, _DOUBT) == line:
        return False
    with store.transaction(of_looks=True) as connection:
        facts.note(connection, _DOUBT, line)
    return True


def _row(position: int, actor: Actor) -> Row:
    row = asdict(actor)
    del row["line"]
    return {"position": position, **row}
