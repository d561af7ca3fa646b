"""An article that is erased while its page comes in by another command: whoever is first, nothing of it is left."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.errors import BUSY
from crawler.evidence.page import page_of
from crawler.ingest.batches import Batches
from crawler.ingest.run import Ingest
from crawler.processing.merger import Merger
from crawler.processing.workers import Read, Readers
from pipelines.article import Page
from storage.archive import SegmentWriter
from storage.data_dir import DatabaseBusy, DataDir, lock_holder
from storage.publish import open_published
from tests.crawler.processing.test_merger import a_page, url, write
from tests.kit.erased import left_of
from tests.kit.factories import MORNING, store_options
from tests.kit.running import Done, command

NEEDLE = "jembatan lengkung wiranegara"


def warc(folder: Path, number: int, words: str) -> Path:
    """Somebody's file with a later look at the article of that number, and one at another."""
    writer = SegmentWriter(folder, "asing", MORNING)
    for each in (number, 7):
        page = a_page(each)
        body = page.body.replace(b"<p>", f"<p>{words} {each}. ".encode(), 1)
        writer.append(replace(page, body=body, fetched_at=MORNING + timedelta(hours=5)))
    name = writer.close()
    assert name
    return folder / name


def test_what_comes_in_meanwhile_is_erased_too(
    tmp_path: Path, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure comes after the page was read, and before its segment is closed and merged: it waits for that."""
    kept = DataDir(tmp_path / "data")
    write(kept, a_page(1), a_page(2), a_page(3))
    merger = Merger(kept, load_catalogue(), readers, store_options(60, 0))
    merger.settle()
    done: list[Done] = []
    forget = command("forget", url(2), "--reason", "x", DATA_DIR=kept.root, LOCK_WAIT_S=60)
    erasure = threading.Thread(target=lambda: done.append(forget.run()))

    def add(self: Batches, page: Page, read: Read) -> None:
        archive(self, page, read)
        if page.url == url(2):
            erasure.start()
            while erasure.is_alive() and lock_holder(kept.locks / "archive.erasing") is None:
                time.sleep(0.01)

    archive = Batches.add
    monkeypatch.setattr(Batches, "add", add)
    Ingest(merger).run([warc(tmp_path / "asing", 2, NEEDLE.title())])
    erasure.join()
    assert done[0].code == 0, done[0].err
    assert left_of(kept.root, f"{NEEDLE} 2") == []
    assert left_of(kept.root, f"{NEEDLE} 7")
    with closing(open_published(kept)) as copy:
        found = copy.execute("SELECT article_id, title FROM articles ORDER BY title").fetchall()
        assert [title for _, title in found] == [f"Berita nomor {number}" for number in (1, 3, 7)]
        for article_id, title in found:
            assert title.encode() in page_of(copy, kept, article_id, None).response.block


@pytest.mark.heavy
def test_an_erasure_waits_no_longer_than_it_may(tmp_path: Path, readers: Readers) -> None:
    """Beside a command that adds pages and does not come to an end: nothing was erased, and that is said."""
    kept = DataDir(tmp_path / "data")
    write(kept, a_page(1))
    Merger(kept, load_catalogue(), readers, store_options(5, 0)).settle()
    with kept.adding_pages(1), kept.adding_pages(1):
        told = command("forget", url(1), "--reason", "x", DATA_DIR=kept.root, LOCK_WAIT_S=0.2).run()
        told.refused(BUSY, "was held by", str(kept.segments))
    with closing(open_published(kept)) as copy:
        assert copy.execute("SELECT count(*) FROM articles").fetchone() == (1,)
    with kept.erasing(1), pytest.raises(DatabaseBusy), kept.adding_pages(0.1):
        pass
