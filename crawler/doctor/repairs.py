"""What `scrapy doctor --mend` does: each thing that is safe without asking, and nothing that is lost for good.

A damaged file is kept beside as `NAME.damaged-STAMP`. Every step can be killed and done once more.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.catalogue.model import Entry, Source
from crawler.config import StoreOptions
from crawler.console.text import counted
from crawler.discovery.entry import ORDINARY
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from crawler.doctor.checks import Repair
from crawler.doctor.rebuild_ledger import rebuild_ledger
from crawler.doctor.subject import Subject
from crawler.limits import Bounds
from crawler.processing.merger import Merger
from crawler.processing.workers import Readers
from pipelines.article import Page
from pipelines.dedupe import keys_to_ask
from storage import integrity, settled, tombstones
from storage.data_dir import DataDir, told_if_unwritable
from storage.disk import put_in_place, remove
from storage.parting import keys_of, part, united_wrongly
from storage.publish import open_published
from storage.salvage import take_over, take_over_missing
from storage.store import StoreDamaged, open_store, settle_publication


@dataclass(frozen=True)
class Mender:
    """What mending needs: the subject, and the reading processes (none is started unless a page is read)."""

    subject: Subject
    readers: Readers
    options: StoreOptions
    bounds: Bounds = ORDINARY

    @property
    def data_dir(self) -> DataDir:
        return self.subject.data_dir

    @property
    def merger(self) -> Merger:
        """What brings segments into the store of the subject."""
        return self.merger_of(self.data_dir)

    def document(self, page: Page, source: Source, entry: Entry, window: Window) -> Found | Unusable:
        """What an archived discovery document yields, within the bounds of a crawl."""
        return self.readers.listed(page, source, entry, window, self.bounds)

    def merger_of(self, data_dir: DataDir) -> Merger:
        merger = Merger(data_dir, self.subject.catalogue, self.readers, self.options)
        return merger.publishing_every(0)  # else what is examined afterwards is the copy from before


def mend(mender: Mender, repairs: list[Repair]) -> Iterator[str]:
    """Do what was found, in the order of REPAIRS; a line for each thing done."""
    done_by_it = {"log", "copy", "segments"} if "store" in repairs else set()
    with told_if_unwritable(mender.data_dir.root):
        for name, step in REPAIRS.items():
            if name in repairs and name not in done_by_it:
                yield from step(mender)


def scratch(mender: Mender) -> Iterator[str]:
    """Remove what killed runs left: under the store's lock nobody's merge or publish needs it."""
    with mender.data_dir.exclusive_store(mender.options.wait_s):
        left = mender.subject.scratch_left
        for path in left:
            remove(path)
    yield f"removed {counted(len(left), 'file')} of runs that were killed"


def log(mender: Mender) -> Iterator[str]:
    """Bring in what a kill left in the store's log; a damaged log is set aside, the store then is as it was checkpointed."""
    kept, beside = mender.data_dir, integrity.log_of(mender.data_dir.store)
    try:
        with open_store(kept, mender.options.wait_s, coalesce=False) as store:
            store.connection.execute("CHECKPOINT")
    except StoreDamaged as error:
        if "WAL" not in str(error):
            raise
    if not beside.exists():
        yield f"brought in what a kill had left in {beside.name}"
        return
    with kept.exclusive_store(mender.options.wait_s):
        aside = integrity.set_logs_aside(kept.store)
    yield f"set {beside.name} aside as {aside.name}.wal; what was only in it is merged again from the segments"
    yield from segments(mender)


def store(mender: Mender) -> Iterator[str]:
    """Make the store again: from the published copy where that is whole, else from every segment."""
    kept = mender.data_dir
    kept.create()
    with _workshop(kept) as shop:
        if integrity.is_good_copy(kept):
            shutil.copyfile(kept.published, shop.store)
            made = f"made {kept.store.name} again from {kept.published.name}"
            beside = _saved_beside(mender, shop)
        else:
            number, beside = _merge_all(mender, shop), None
            made = f"made {kept.store.name} again from {counted(number, 'segment')}; {_saved(mender, shop)}"
        with kept.exclusive_store(mender.options.wait_s):
            aside = integrity.set_aside(kept.store)
            put_in_place(shop.store, kept.store)
    yield f"{made}{f' (the damaged one is {aside.name})' if aside else ''}"
    if beside:
        yield beside
    yield from copy(mender)
    yield from segments(mender)


@contextmanager
def _workshop(kept: DataDir) -> Iterator[DataDir]:
    """A DATA_DIR in the scratch folder, with the same segments, where a store is made at leisure."""
    root = kept.scratch / tempfile.mkdtemp(prefix="rebuild-", dir=kept.scratch)
    (root / "segments").symlink_to(kept.segments.resolve(), target_is_directory=True)
    for name in (tombstones.FILE, tombstones.KEY):  # what is erased stays so
        if (kept.root / name).exists():
            (root / name).symlink_to((kept.root / name).resolve())
    try:
        yield DataDir(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _merge_all(mender: Mender, shop: DataDir) -> int:
    """Read and merge every closed segment, in the order in which they were begun. The same segments give the same store."""
    merger = mender.merger_of(shop)
    segments = sorted(shop.segments.glob("*/*.warc.gz"), key=lambda path: (path.name, path.parent.name))
    merger.merge(merger.batch(path)[0] for path in segments)
    return len(segments)


def _saved(mender: Mender, shop: DataDir) -> str:
    """Take over what no segment holds, from whichever old file can still be read; what to say of it."""
    kept = mender.data_dir
    with open_store(shop, mender.options.wait_s) as made:
        number = take_over(made, [kept.published, kept.store])
    return (
        f"took over {counted(number, 'row')} that no segment holds"
        if number
        else "what no segment holds is lost"
    )


def _saved_beside(mender: Mender, shop: DataDir) -> str | None:
    """Take over the runs that the copy lacks, from the damaged store where that can still be read; what to say of it, if anything."""
    kept = mender.data_dir
    since = datetime.fromtimestamp(kept.publication.stat().st_mtime, UTC)
    with open_store(shop, mender.options.wait_s) as made:
        number = take_over_missing(made, kept.store) if kept.store.exists() else None
    if number is None:
        return (
            f"rows of crawls since {since:%Y-%m-%d %H:%M} UTC, of runs that brought nothing new, may be lost"
        )
    return f"took over {counted(number, 'row')} of runs since the last publish" if number else None


def copy(mender: Mender) -> Iterator[str]:
    """Publish, whatever the note of the last publish says."""
    kept = mender.data_dir
    kept.publication.unlink(missing_ok=True)
    settle_publication(kept, mender.options.wait_s)
    yield f"published {kept.published.name} anew"


def ledger(mender: Mender) -> Iterator[str]:
    """Set the ledger aside, and make it again."""
    yield from rebuild_ledger(mender.data_dir, mender.subject.catalogue, mender.document, mender.options)
    yield from segments(mender)


def segments(mender: Mender) -> Iterator[str]:
    """Recover what was left open, merge what waits, publish."""
    leftovers = len(mender.subject.leftovers)
    settled.forget(mender.data_dir)
    merged = mender.merger.settle()
    if still := leftovers - len(mender.subject.leftovers):
        yield f"recovered {counted(still, 'segment')} left open"
    if merged.new or merged.edited or merged.known or merged.rejected:
        yield f"merged what waited: {merged.new} new articles, {merged.edited} edited, {merged.known} known"


def united(mender: Mender) -> Iterator[str]:
    """Part what was united wrongly: the pages that led to it are read again, from all segments of its sources."""
    kept, merger = mender.data_dir, mender.merger
    settle_publication(
        kept, mender.options.wait_s
    )  # a copy of before the tables of witnesses is brought up to date
    with closing(open_published(kept)) as copy:
        found = list(united_wrongly(copy, kept.segments))
        asked = keys_of(copy, (each.article_id for each in found))
    again = [
        article
        for folder in sorted({folder for each in found for folder in each.folders})
        for path in sorted((kept.segments / folder).glob("*.warc.gz"))
        for article in merger.batch(path)[0].articles
        if not asked.isdisjoint(keys_to_ask(article.keys))
    ]
    with open_store(kept, mender.options.wait_s) as store:
        number, merged = part(store, found, again, mender.options.copy_window)
    yield f"parted {counted(number, 'article')} united wrongly, with the texts of {counted(merged.new, 'article')}"
    if left := len(found) - number:
        yield f"left {left} as they are: not every page of theirs can be read again"


REPAIRS: Mapping[Repair, Callable[[Mender], Iterator[str]]] = {
    "log": log,
    "store": store,
    "copy": copy,
    "ledger": ledger,
    "scratch": scratch,
    "segments": segments,
    "united": united,
}
