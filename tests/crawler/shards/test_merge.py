"""Parts of a task, read apart and merged in any order: the rows are those of one run over all of it."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.ingest.run import Ingest
from crawler.limits import ORDINARY
from crawler.processing.merger import Merger
from crawler.processing.workers import Readers
from crawler.shards import joining, merge, read, spread
from crawler.shards.merge import MergedParts, Merging
from crawler.shards.read import ArchiveTask, FilesTask, Part
from crawler.shards.split import Shard
from storage.data_dir import DataDir
from storage.parts import Completion, PartBusy, PartsRefused, attempt, merging, sealed, tasks_in
from storage.publish import open_published
from storage.store import open_store
from tests.kit.archives import answer, archives, page_of, public_rows
from tests.kit.factories import prose, store_options
from tests.kit.foreign import by_record


class World:
    """The files, what one local run makes of them, and parts of them."""

    def __init__(self, folder: Path, readers: Readers) -> None:
        self.folder, self.readers = folder, readers
        self.files = archives(folder / "files")
        self.local = self.merger("local")
        self.ingested = Ingest(self.local).run(self.files)
        self.rows = public_rows(self.local.data_dir)

    def merger(self, name: str) -> Merger:
        """One with a DATA_DIR of its own."""
        data_dir = DataDir(self.folder / name)
        return Merger(data_dir, load_catalogue(), self.readers, store_options(5, publish_every_s=3600))

    def parts(self, of: int, folder: Path, files: Sequence[Path] | None = None) -> list[Part]:
        """All parts of the files, to be read into the folder."""
        nowhere = self.merger("nowhere")
        task = FilesTask(nowhere, folder, [*(files or self.files)], None, None, False, [])
        return task.parts([Shard(number, of) for number in range(1, of + 1)])

    def read(self, of: int) -> Path:
        """A folder with all parts, read once."""
        folder = self.folder / f"parts-{of}"
        if not folder.exists():
            for part in reversed(self.parts(of, folder)):
                part.read(self.merger("nowhere"))
        return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, readers: Readers) -> Iterator[World]:
    yield World(tmp_path_factory.mktemp("shards"), readers)


def merged(merger: Merger, folder: Path) -> MergedParts:
    """What one merge of a folder does."""
    with closing(Merging(merger, folder)) as merging:
        return merging.run()


@pytest.mark.heavy
def test_reading_a_part_needs_no_record(world: World) -> None:
    """Neither a DATA_DIR nor anything in it is made."""
    folder = world.read(3)
    assert len(list(folder.glob("*.json"))) == 3
    assert not (world.folder / "nowhere").exists()


@pytest.mark.parametrize(
    "of", [3, pytest.param(7, marks=pytest.mark.heavy), pytest.param(1, marks=pytest.mark.soak)]
)
def test_all_parts_make_the_rows_of_one_run(world: World, of: int) -> None:
    """Every row of every public view, and the figures that are told."""
    merger = world.merger(f"all-{of}")
    found = merged(merger, world.read(of))
    assert (found.waiting, found.refused, found.parts) == ([], [], of)
    assert public_rows(merger.data_dir) == world.rows
    told, local = found.ingested, world.ingested
    assert (told.documents, told.repeated, told.unchanged, told.skipped, told.refused) == (
        local.documents,
        local.repeated,
        local.unchanged,
        local.skipped,
        local.refused,
    )


@pytest.mark.heavy
def test_what_is_taken_as_it_comes_is_counted_once(world: World, tmp_path: Path) -> None:
    """An engine's parts are taken one by one, and at its end once more, while the published copy knows of none of it."""
    merger = world.merger("again")
    shutil.copytree(world.local.data_dir.root, merger.data_dir.root)
    with open_store(merger.data_dir, 5) as store, store.transaction() as connection:
        connection.execute("UPDATE kept.segments SET read_by = NULL")
        connection.execute("UPDATE kept.versions SET rules_version = 'x'")
        store.has_news = True
    folder = tmp_path / "parts"
    folder.mkdir()
    (part,) = ArchiveTask(merger, folder, []).parts([Shard(1, 1)])
    done = part.read(merger)
    with closing(Merging(merger, folder)) as merging_, merging(folder):
        merging_.take_part(done)
        once = {name: each.pages for name, each in merging_.found.reprocessed.items()}
        merging_.take(tasks_in(folder))
    assert sum(once.values()) > 0
    assert {name: each.pages for name, each in merging_.found.reprocessed.items()} == once
    assert (merging_.found.parts, merging_.found.refused) == (1, [])


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(1, marks=pytest.mark.heavy),
        *(pytest.param(seed, marks=pytest.mark.soak) for seed in (2, 3)),
    ],
)
def test_parts_are_merged_in_any_order_and_any_number_of_times(
    world: World, seed: int, tmp_path: Path
) -> None:
    """One after the other as they become complete, each merge over all that is there; a further merge adds nothing."""
    whole, folder, merger = world.read(7), tmp_path / "parts", world.merger(f"shuffled-{seed}")
    folder.mkdir()
    order = [*range(1, 8)]
    random.Random(seed).shuffle(order)
    for at, number in enumerate(order):
        for path in whole.glob(f"*-{number}-of-7*"):
            os.link(path, folder / path.name)
        found = merged(merger, folder)
        assert found.parts == 1
        assert bool(found.waiting) == (at < 6)
    assert public_rows(merger.data_dir) == world.rows
    segments = sorted(merger.data_dir.segments.rglob("*.warc.gz"))
    again = merged(merger, folder)
    assert (again.parts, again.ingested.documents, again.waiting) == (0, 0, [])
    assert sorted(merger.data_dir.segments.rglob("*.warc.gz")) == segments
    assert public_rows(merger.data_dir) == world.rows


def test_single_files_are_dated_alike_by_whoever_reads_them(world: World, tmp_path: Path) -> None:
    """By their own time: of copies that state none the same is the original, whichever part was read first."""
    files = []
    for name, written in (("a", 1_500_000_300), ("b", 1_500_000_100), ("c", 1_500_000_200)):
        files.append(tmp_path / f"{name}.txt")
        files[-1].write_text(f"{prose(90)}\n{prose(91)}\nCatatan {name}.", encoding="utf-8")
        os.utime(files[-1], (written, written))
    local, apart = world.merger("dated-local"), world.merger("dated-apart")
    Ingest(local).run(files)
    for part in reversed(world.parts(3, tmp_path / "parts", files)):
        part.read(world.merger("nowhere"))
    merged(apart, tmp_path / "parts")
    found = []
    for merger in (local, apart):
        with closing(open_published(merger.data_dir)) as copy:
            found.append(
                copy.execute(
                    "SELECT article_id, epoch(fetched_at), duplicate_of FROM articles ORDER BY 2"
                ).fetchall()
            )
    assert found[0] == found[1]
    assert [(written, of) for _, written, of in found[0]] == [
        (1_500_000_100, None),
        (1_500_000_200, found[0][0][0]),
        (1_500_000_300, found[0][0][0]),
    ]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_a_text_without_an_address_is_known_by_a_page_of_any_part(
    world: World, tmp_path: Path, order: tuple[int, int]
) -> None:
    """Its words are the page's, so it brings nothing, whatever is merged first and whichever file comes first by name."""
    text, page = tmp_path / "a.txt", tmp_path / "b.warc.gz"
    text.write_text(prose(95), encoding="utf-8")
    page.write_bytes(by_record([answer("https://expresi.co/berita-95/", page_of("Dermaga Baru", prose(95)))]))
    local, apart = world.merger("words-local"), world.merger(f"words-{order[0]}")
    source = local.catalogue["expresi"]
    Ingest(local, source).run([text, page])
    task = FilesTask(apart, tmp_path / "parts", [text, page], source, None, False, [])
    parts = task.parts([Shard(number, 2) for number in (1, 2)])
    for number in order:
        parts[number - 1].read(apart)
        merged(apart, tmp_path / "parts")
    assert public_rows(apart.data_dir) == public_rows(local.data_dir)
    with closing(open_published(apart.data_dir)) as copy:
        assert copy.execute("SELECT url, version FROM article_versions").fetchall() == [
            ("https://expresi.co/berita-95/", 1)
        ]


def test_parts_in_a_folder_that_is_read_are_none_of_its_documents(world: World, tmp_path: Path) -> None:
    """Or each part, once there, would make the task of the next reader another."""
    files = archives(tmp_path)
    shutil.copytree(world.read(3), tmp_path / "parts")
    ingest = Ingest(world.merger("holding"))
    assert ingest.files([tmp_path]) == sorted(files)
    assert ingest.result.passed_over == []


@pytest.mark.heavy
def test_articles_in_parts_wait_for_all_parts(world: World, tmp_path: Path) -> None:
    """Until then the record has no half of one, and the merge says how many pages wait."""
    whole, folder, merger = world.read(7), tmp_path / "parts", world.merger("waiting")
    shutil.copytree(whole, folder)
    missing = next(folder.glob("*-4-of-7.json"))
    missing.rename(tmp_path / missing.name)
    found = merged(merger, folder)
    assert len(found.waiting) == 1
    assert "6 of 7 parts are complete; waiting for 4 (" in found.waiting[0]
    with closing(open_published(merger.data_dir)) as copy:
        assert copy.execute("SELECT count(*) FROM articles WHERE url LIKE '%panjang%'").fetchone() == (0,)
    (tmp_path / missing.name).rename(missing)
    assert merged(merger, folder).waiting == []
    with closing(open_published(merger.data_dir)) as copy:
        found_long = copy.execute(
            "SELECT is_complete, len(string_split(text, '\n')) FROM articles WHERE url LIKE '%panjang%'"
        ).fetchall()
    assert found_long == [(True, 3)]
    assert public_rows(merger.data_dir) == world.rows


@pytest.mark.heavy
def test_a_local_ingest_of_merged_files_reads_nothing(world: World) -> None:
    """Each of them counts as ingested, and what a local run has brought is merged by no part."""
    merger = world.merger("then-local")
    merged(merger, world.read(3))
    later = Ingest(merger).run(world.files[:2])
    assert (later.before, later.documents) == (2, 0)
    other = world.merger("local-then")
    Ingest(other).run(world.files)
    found = merged(other, world.read(3))
    assert (found.ingested.merged.new, found.ingested.merged.known) == (0, 0)
    assert public_rows(other.data_dir) == world.rows


@pytest.mark.soak
def test_small_chunks_change_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A merge is many short ones; what each adds is known to the next before it is published."""
    monkeypatch.setattr(merge, "CHUNK_ARTICLES", 2)
    monkeypatch.setattr(joining, "GROUPS_AT_ONCE", 1)
    merger = world.merger("small-chunks")
    merged(merger, world.read(3))
    assert public_rows(merger.data_dir) == world.rows


@pytest.mark.soak
def test_a_merge_that_is_cut_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut before every chunk in turn, and begun again: no row is lost, and none comes twice."""
    monkeypatch.setattr(merge, "CHUNK_ARTICLES", 4)
    merger, whole = world.merger("cut"), Merger.merge
    done = False

    def cut(self: Merger, batches: object, **more: object) -> object:
        nonlocal done
        if done:
            raise InterruptedError
        done = True
        return whole(self, batches, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Merger, "merge", cut)
    for _ in range(40):
        done = False
        try:
            merged(merger, world.read(3))
        except InterruptedError:
            for path in merger.data_dir.segments.rglob("*.open"):
                path.unlink()  # a kill would leave its torn tail; what the next start mends is tested elsewhere
            for path in merger.data_dir.segments.rglob("*.warc.gz"):
                _drop_unmerged(merger, path)
            merger.publish()
        else:
            break
    else:
        pytest.fail("it never comes to its end")
    assert public_rows(merger.data_dir) == world.rows


def _drop_unmerged(merger: Merger, path: Path) -> None:
    merger.publish()
    with closing(open_published(merger.data_dir)) as copy:
        name = str(path.relative_to(merger.data_dir.segments))
        if copy.execute("SELECT 1 FROM kept.segments WHERE segment = ?", [name]).fetchone() is None:
            path.unlink()


# --- engines ------------------------------------------------------------------------------------------


def test_parts_that_lie_elsewhere_are_one_line(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine's workers have another folder of that name, on their own machines: nothing is merged."""
    there = {part.name.number: part for part in world.parts(3, world.read(3))}

    class Elsewhere(ThreadPoolExecutor):
        def submit(self, work: Any, part: Any, kit: Any) -> Any:  # type: ignore[override]
            return super().submit(there[part.name.number].read, world.merger("nowhere"))

    monkeypatch.setattr(spread, "executor_of", lambda named: Elsewhere(1))
    taken: list[Completion] = []
    kit = spread.Kit(DataDir(tmp_path), load_catalogue(), ORDINARY, store_options(5))
    with pytest.raises(
        spread.EngineFailed, match="cannot be read: No such file or directory: name a folder by --to"
    ):
        spread.read_all("dask:tcp://jauh:1", world.parts(3, tmp_path / "parts"), kit, taken.append)
    assert taken == []


def test_a_worker_that_reads_otherwise_reads_nothing(world: World, tmp_path: Path) -> None:
    """Its rows would stand as those of the rules here."""
    (part,) = world.parts(1, tmp_path / "parts")
    kit = spread.Kit(DataDir(tmp_path / "data"), load_catalogue(), ORDINARY, store_options(5))
    found = spread.read_part(replace(part, rules="0123456789ab"), kit)
    assert isinstance(found, spread.Trouble)
    assert "a worker has other code or libraries" in found.line
    assert not (tmp_path / "parts").exists()


# --- what is no part ----------------------------------------------------------------------------------


def test_a_complete_part_is_not_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless it was read by other rules, or lost a file; then it is read as if it were not there."""
    folder = world.read(3)
    part = world.parts(3, folder)[1]
    nowhere = world.merger("nowhere")
    before = part.complete(nowhere)
    assert before is not None
    assert part.read(nowhere) == before
    monkeypatch.setattr(read, "rules_of_all", lambda merger: "other")
    assert world.parts(3, folder)[1].complete(nowhere) is None


def test_what_a_killed_reader_left_counts_nothing(world: World, tmp_path: Path) -> None:
    """It is not complete, a merge takes none of it, and the next reading removes it."""
    (part,) = world.parts(1, tmp_path / "parts")
    with attempt(part.folder, part.name) as made:
        litter = made.path("warc.gz")
        litter.write_bytes(b"torn")
        made.is_complete = True  # as if the process were gone before it could tidy up
    merger = world.merger("killed")
    assert [task.missing for task in tasks_in(part.folder)] == [[1]]
    found = merged(merger, part.folder)
    assert (found.parts, found.waiting) == (0, ["0 of 1 parts are complete; waiting for 1"])
    part.read(world.merger("nowhere"))
    assert not litter.exists()
    assert sorted(path.suffix for path in part.folder.iterdir()) == [".gz", ".json", ".parquet"]


def test_two_readers_of_a_part_do_no_harm(world: World, tmp_path: Path) -> None:
    """The second is refused while the first reads."""
    (part,) = world.parts(1, tmp_path / "parts")
    with (
        attempt(part.folder, part.name),
        pytest.raises(PartBusy, match=f"being read by process {os.getpid()}"),
    ):
        part.read(world.merger("nowhere"))


def test_two_merges_of_a_folder_do_no_harm(world: World) -> None:
    """The second is refused while the first merges."""
    folder = world.read(3)
    with merging(folder), pytest.raises(PartBusy, match="is being merged"):
        merged(world.merger("busy"), folder)


def test_a_folder_of_something_else_is_refused(world: World, tmp_path: Path) -> None:
    """Nothing is written into it, and nothing merged."""
    (tmp_path / "catatan.txt").write_text("milik orang lain", encoding="utf-8")
    (part,) = world.parts(1, tmp_path)
    with pytest.raises(PartsRefused, match=r"holds something else than parts \(catatan.txt\)"):
        part.read(world.merger("nowhere"))
    with pytest.raises(PartsRefused, match="something else"):
        merged(world.merger("refused"), tmp_path)
    with pytest.raises(PartsRefused, match="No such file or directory"):
        merged(world.merger("refused"), tmp_path / "tidak-ada")
    assert [path.name for path in tmp_path.iterdir()] == ["catatan.txt"]


FAULTS = {
    "other rules": ({"rules": "0123456789ab"}, "other rules than today's here"),
    "another format": ({"format": 99, "kabar": "9.1"}, "Kabar 9.1, whose parts this one"),
}
CHANGES = {
    "counts": {"documents": "x"},
    "files": {},
    "inputs": [{}],
    "rules": "0123456789ab",
    "damaged": ["x"],
    "finished_at": "2024-11-20T00:00:00+00:00",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_part_of_another_kabar_is_not_merged(world: World, tmp_path: Path, fault: str) -> None:
    """It is said in a line; the others are merged."""
    folder = shutil.copytree(world.read(3), tmp_path / "parts")
    changes, words = FAULTS[fault]
    file = next(folder.glob("*-2-of-3.json"))
    said = json.loads(file.read_text("utf-8"))
    del said["sha256"]
    file.write_text(sealed(said | changes), encoding="utf-8")
    found = merged(world.merger(f"fault-{len(fault)}"), folder)
    assert found.parts == 2
    assert len(found.refused) == 1
    assert "part 2 of 3" in found.refused[0]
    assert words in found.refused[0]
    assert found.waiting[0].startswith("2 of 3 parts are complete; waiting for 2")


@pytest.mark.parametrize(
    "what",
    [
        "counts",
        "renamed",
        "cut",
        *(pytest.param(each, marks=pytest.mark.heavy) for each in CHANGES if each != "counts"),
    ],
)
def test_a_completion_file_that_was_changed_counts_nothing(world: World, tmp_path: Path, what: str) -> None:
    """Whatever of it, its number too: the part is named, is not merged, and is read again."""
    folder = shutil.copytree(world.read(3), tmp_path / "parts")
    file = next(folder.glob("*-2-of-3.json"))
    if what == "renamed":
        file.write_text(next(folder.glob("*-1-of-3.json")).read_text("utf-8"), encoding="utf-8")
    elif what == "cut":
        file.write_text(file.read_text("utf-8")[:100], encoding="utf-8")
    else:
        said = json.loads(file.read_text("utf-8"))
        file.write_text(json.dumps(said | {what: CHANGES[what]}), encoding="utf-8")
    merger = world.merger(f"changed-{what}")
    found = merged(merger, folder)
    assert (found.parts, len(found.refused)) == (2, 1)
    why = "completion file cannot be read" if what == "cut" else "completion file was changed"
    assert "part 2 of 3" in found.refused[0] and why in found.refused[0]
    part = world.parts(3, folder)[1]
    assert part.complete(merger) is None


@pytest.mark.parametrize("ending", ["parquet", "warc.gz"])
def test_a_damaged_part_is_not_merged(world: World, tmp_path: Path, ending: str) -> None:
    """A byte that changed on the way is found before anything of the part is taken."""
    folder = shutil.copytree(world.read(3), tmp_path / "parts")
    file = next(folder.glob(f"*-1-of-3-*.{ending}"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    found = merged(world.merger(f"damaged-{ending}"), folder)
    assert found.parts == 2
    assert f"{file.name} is not what was written" in found.refused[0]


@pytest.mark.heavy
def test_damage_of_the_files_is_told_once(world: World, tmp_path: Path) -> None:
    """By the merge, in the words of a local run; such a file does not count as ingested."""
    file = tmp_path / "rusak.warc.gz"
    whole = world.files[0].read_bytes()
    file.write_bytes(whole[: len(whole) * 2 // 3])
    local = world.merger("damage-local")
    told = Ingest(local).run([file]).damaged
    folder = tmp_path / "parts"
    for part in world.parts(3, folder, [file]):
        part.read(world.merger("nowhere"))
    merger = world.merger("damage-parts")
    assert merged(merger, folder).ingested.damaged == told
    assert len(told) == 1
    assert public_rows(merger.data_dir) == public_rows(local.data_dir)
    with closing(open_published(merger.data_dir)) as copy:
        noted = copy.execute(
            "SELECT count(*) FROM kept.ingested WHERE asked NOT IN ('part', 'task')"
        ).fetchone()
    assert noted == (0,)
