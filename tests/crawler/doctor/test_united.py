"""`scrapy doctor` on a store that one shared mark made one article of many in: found, and parted from the archive."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.doctor.checks import examine, repairs_of
from crawler.doctor.repairs import Mender, mend
from crawler.doctor.subject import Subject
from crawler.processing.merger import Merger
from crawler.processing.workers import Readers
from pipelines.article import Link
from storage import heads
from storage.archive import SegmentWriter
from storage.batch import Batch, Fetch, Sighting
from storage.data_dir import DataDir
from storage.keys import row_of
from storage.merge import merge
from storage.rows import append
from storage.store import open_store
from tests.kit.factories import MORNING, page, prose, store_options
from tests.kit.running import rows

WAIT_S = 5.0
OPTIONS = store_options(WAIT_S)
HOST = "https://wartapesisir.example"
CLAIM = f"<link rel='canonical' href='{HOST}/berita/'>"


def merged(folder: Path, readers: Readers, texts: list[str], slugs: list[str], head: str = "") -> DataDir:
    """A DATA_DIR with a segment of these pages, fetched an hour apart."""
    kept = DataDir(folder)
    kept.create()
    writer = SegmentWriter(kept.segments, "warta_pesisir", MORNING)
    for n, (text, slug) in enumerate(zip(texts, slugs, strict=True)):
        url = f"{HOST}/{slug}/"
        body = (
            f"<html><head>{head}<meta property='og:type' content='article'></head><body><article>"
            f"<h1>Judul {text[:40]}</h1><p>{text}.</p></article></body></html>"
        )
        link = Link(url, "warta_pesisir", "rss")
        writer.append(page(url, body.encode(), at=MORNING + n * timedelta(hours=1), link=link))
    writer.close()
    Merger(kept, Subject(kept).catalogue, readers, OPTIONS).settle()
    return kept


def unite(kept: DataDir, loses: int) -> None:
    """Make the articles one, as stores before this check did: the first stays, versions beyond a cap are gone."""
    with open_store(kept, WAIT_S) as store, store.transaction() as connection:
        [(first,)] = connection.execute(
            "SELECT arg_min(article_id, first_seen_at) FROM kept.articles"
        ).fetchall()
        [whole] = heads.read(connection, [first])
        connection.execute("UPDATE kept.versions SET article_id = $1, version = n, version_reason ="
                           " if(n = 1, 'published', 'edited'), is_newest = false FROM (SELECT rowid AS r, row_number() OVER (ORDER BY fetched_at)"
                           " AS n FROM kept.versions) WHERE rowid = r", [first])  # fmt: skip
        connection.execute(
            "DELETE FROM kept.versions WHERE version > (SELECT count(*) - ? FROM kept.versions)", [loses]
        )
        for table in ("readings", "bands", "pairs", "copies", "claims", "discredited"):
            column = "article_a" if table == "pairs" else "copy_id" if table == "copies" else "article_id"
            condition = "" if table == "discredited" else f" WHERE {column} <> '{first}'"
            connection.execute(f"DELETE FROM kept.{table}{condition}")
        connection.execute("UPDATE kept.removals SET article_id = ?", [first])
        heads.write(connection, [{**whole, "article_id": first}])
        connection.execute(
            "UPDATE kept.versions SET removed_at = (SELECT max(gone_from) FROM kept.removals) WHERE is_newest"
        )
        connection.execute("UPDATE kept.keys SET article_id = ?", [first])
        append(store, "keys", [row_of("url:wartapesisir.example/berita", first)])


def of_identity(kept: DataDir) -> list[str]:
    return [each.state for each in examine(Subject(kept, wait_s=0.1)) if each.check == "identity"]


def mended(kept: DataDir, readers: Readers) -> list[str]:
    subject = Subject(kept)
    return list(mend(Mender(subject, readers, OPTIONS), repairs_of(examine(subject))))


@pytest.mark.heavy
def test_what_was_united_wrongly_is_parted(tmp_path: Path, readers: Readers) -> None:
    """All texts come back, those that the store had dropped as well, each under its own address."""
    texts = [prose(n) for n in range(6)]
    slugs = [f"berita-{n}" for n in range(6)]
    kept = merged(tmp_path, readers, texts, slugs, CLAIM)
    sound = rows(tmp_path, "SELECT article_id, url, text, version FROM articles ORDER BY url")
    assert (len(sound), of_identity(kept)) == (6, ["ok"])
    unite(kept, loses=2)
    assert rows(tmp_path, "SELECT count(*), max(version) FROM articles") == [(1, 4)]
    assert of_identity(kept) == ["attention"]
    assert mended(kept, readers) == ["parted 1 article united wrongly, with the texts of 6 articles"]
    assert rows(tmp_path, "SELECT article_id, url, text, version FROM articles ORDER BY url") == sound
    assert of_identity(kept) == ["ok"]
    assert rows(tmp_path, "SELECT count(*) FROM kept.keys ANTI JOIN kept.articles USING (article_id)") == [
        (0,)
    ]


@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.soak
def test_a_removal_stays_with_the_article_whose_address_was_asked(
    tmp_path: Path, readers: Readers, is_old: bool
) -> None:
    """So does when it was seen last; of a store that noted neither looks nor addresses the fetch tells."""
    kept = merged(tmp_path, readers, [prose(n) for n in range(3)], ["satu", "dua", "tiga"], CLAIM)
    missed = [MORNING + days * timedelta(days=1) for days in (3, 5)]
    fetches = tuple(Fetch(f"{HOST}/dua/", "warta_pesisir", at, 404, 0, "gone") for at in missed)
    seen = Sighting(f"{HOST}/tiga/", MORNING + timedelta(days=4))
    with open_store(kept, WAIT_S) as store:
        merge(store, Batch(fetches=fetches, sightings=(seen,)))
    question = "SELECT url, removed_at, last_seen_at FROM articles ORDER BY url"
    sound = rows(tmp_path, question)
    assert [at for _, at, _ in sound] == [missed[0], None, None]
    unite(kept, loses=0)
    if is_old:
        with open_store(kept, WAIT_S) as store, store.transaction():
            store.connection.execute(
                "DELETE FROM kept.absences WHERE looked_at > (SELECT min(looked_at) FROM kept.absences);"
                "UPDATE kept.absences SET reason = 'removed', key = 'url:wartapesisir.example/berita', url = ''"
            )
    assert mended(kept, readers) == ["parted 1 article united wrongly, with the texts of 3 articles"]
    assert rows(tmp_path, question) == sound
    assert rows(tmp_path, "SELECT gone_from, back_at FROM removals") == [(missed[0], None)]


@pytest.mark.heavy
def test_a_story_written_anew_at_its_address_is_left_alone(tmp_path: Path, readers: Readers) -> None:
    """Its texts have nothing in common, and one address served them all."""
    kept = merged(tmp_path, readers, [prose(1), prose(2)], ["dermaga", "dermaga"])
    assert rows(tmp_path, "SELECT version FROM articles") == [(2,)]
    assert of_identity(kept) == ["ok"]


@pytest.mark.heavy
def test_what_the_archive_has_lost_is_left_as_it_is(tmp_path: Path, readers: Readers) -> None:
    """A text that cannot be read again is not put at risk."""
    kept = merged(tmp_path, readers, [prose(1), prose(2)], ["satu", "dua"], CLAIM)
    unite(kept, loses=0)
    for segment in kept.segments.glob("*/*.gz"):
        segment.unlink()
    assert of_identity(kept) == ["ok"]
    assert rows(tmp_path, "SELECT count(*) FROM article_versions") == [(2,)]
