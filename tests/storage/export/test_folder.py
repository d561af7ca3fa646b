"""The folder of an export: whose it is, how it is brought up to date, and what a reader, a kill or a full disk finds in it."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from storage import disk
from storage.batch import Batch, Fetch
from storage.data_dir import DataDir, DiskFull
from storage.export import folder as folders
from storage.export.files import Format
from storage.export.folder import ExportBusy, ExportFolder, ExportRefused, open_folder
from storage.export.run import Exported
from storage.merge import merge
from storage.store import open_store
from tests.kit.disks import fill as fill_disk
from tests.kit.disks import small_disk
from tests.kit.exported import (
    files,
    in_csv,
    in_database,
    in_parquet,
    in_workbook,
    is_whole,
    manifest,
    resources,
)
from tests.kit.factories import MORNING, article, prose
from tests.storage.export.record import DAY, PIER, TITLES, exported, numbered

LATER = MORNING + 5 * DAY
SINCE = "2024-11-25"
"""The outlet's own day of LATER."""


def change(data_dir: DataDir) -> None:
    """Five days later: a new article, an edit, one at another address, one in another month, one that is gone, one erased."""
    moved = article(
        numbered(90), prose(3), title=TITLES[3], led_from=numbered(3), published=MORNING - 90 * DAY, at=LATER
    )
    other_month = article(numbered(4), prose(4), title=TITLES[4], published=MORNING - 400 * DAY, at=LATER)
    edited = article(
        numbered(2), prose(2) + " Jembatan dibuka.", title=TITLES[2], published=MORNING - 60 * DAY, at=LATER
    )
    new = article(
        "https://kabarteluk.example/baru/", prose(60), source="kabar_teluk", published=LATER, at=LATER
    )
    gone = [Fetch(numbered(1), "warta_pesisir", MORNING + days * DAY, 404, 0, "gone") for days in (3, 5)]
    with open_store(data_dir, wait_s=5) as store:
        merge(store, Batch("warta_pesisir/9.warc.gz", (moved, other_month, edited, new), fetches=tuple(gone)))
        with store.transaction() as connection:
            connection.execute(
                "DELETE FROM kept.versions WHERE article_id IN (SELECT article_id FROM kept.versions WHERE url = ?)",
                [numbered(8)],
            )


@pytest.fixture(scope="module")
def changed(record: DataDir, tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """The record, and what happened to it afterwards."""
    data_dir = DataDir(Path(shutil.copytree(record.root, tmp_path_factory.mktemp("changed") / "data")))
    change(data_dir)
    return data_dir


def states(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file with its inode and its content."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


# --- brought up to date --------------------------------------------------------------------------------


def test_the_record_has_changed_in_every_way(record: DataDir, changed: DataDir) -> None:
    """Or the comparisons below would compare nothing."""
    with closing(duckdb.connect(str(changed.published), read_only=True)) as connection:
        connection.execute(f"ATTACH '{record.published}' AS before (READ_ONLY)")
        ((new, left, renamed, removed, edited, in_another_month),) = connection.execute(
            "SELECT count(*) FILTER (b.article_id IS NULL), count(*) FILTER (a.article_id IS NULL),"
            " count(*) FILTER (a.url <> b.url), count(*) FILTER (a.removed_at IS DISTINCT FROM b.removed_at),"
            " count(*) FILTER (a.fingerprint <> b.fingerprint), count(*) FILTER (a.published_on <> b.published_on)"
            " FROM articles a FULL JOIN before.articles b USING (article_id)"
        ).fetchall()
    assert new and left and renamed and removed and edited and in_another_month


@pytest.mark.parametrize(
    "since",
    [
        SINCE,
        *(pytest.param(day, marks=pytest.mark.soak) for day in ("2031-01-01", "2024-11-01")),
        pytest.param(None, marks=pytest.mark.heavy),
    ],
)
def test_an_export_brought_up_to_date_is_a_whole_one(
    since: str | None, record: DataDir, changed: DataDir, tmp_path: Path
) -> None:
    """Whatever happened meanwhile, and from whichever day: no row is missing, doubled or of yesterday."""
    exported(record, tmp_path / "out")
    before = states(tmp_path / "out")
    done = exported(changed, tmp_path / "out", since=since)
    assert isinstance(done, Exported)
    assert is_whole(tmp_path / "out")
    for name in resources(tmp_path / "out"):
        assert in_parquet(tmp_path / "out", name) == in_database(changed, name), name
    exported(changed, tmp_path / "whole")
    assert {each["path"] for each in files(resources(tmp_path / "out")["articles"])} == {
        each["path"] for each in files(resources(tmp_path / "whole")["articles"])
    }
    after = states(tmp_path / "out")
    untouched = [name for name in after if name.startswith("articles/") and after[name] == before.get(name)]
    assert len(untouched) == done.taken_over > 3
    assert manifest(tmp_path / "out")["kabar"]["arguments"]["since"] is None


def test_the_same_day_twice_doubles_nothing(changed: DataDir, tmp_path: Path) -> None:
    """What has not changed stays the file that it was."""
    exported(changed, tmp_path / "out")
    for _ in range(2):
        done = exported(changed, tmp_path / "out", since=SINCE)
        assert isinstance(done, Exported)
        assert done.taken_over == len(list((tmp_path / "out" / "articles").rglob("*.parquet")))
        assert in_parquet(tmp_path / "out", "articles") == in_database(changed, "articles")


@pytest.mark.parametrize(
    "form",
    [
        pytest.param("csv", marks=pytest.mark.heavy),
        *(pytest.param(form, marks=pytest.mark.soak) for form in ("jsonl", "xlsx")),
    ],
)
@pytest.mark.soak
def test_other_formats_are_brought_up_to_date_too(
    form: Format, record: DataDir, changed: DataDir, tmp_path: Path
) -> None:
    """Their files are written anew: the same as a whole export's."""
    exported(record, tmp_path / "out", form)
    exported(changed, tmp_path / "out", form, since=SINCE)
    exported(changed, tmp_path / "whole", form)
    held = {name: resource["rows"] for name, resource in resources(tmp_path / "out").items()}
    assert held == {name: in_database(changed, name).total() for name in held}
    for name in [] if form == "xlsx" else held:
        lines = [
            sorted((tmp_path / each / f"{name}.{form}").read_bytes().splitlines())
            for each in ("out", "whole")
        ]
        assert lines[0] == lines[1], name


@pytest.mark.heavy
def test_into_an_empty_folder_come_the_versions_since_that_day(changed: DataDir, tmp_path: Path) -> None:
    """Those first fetched then, with their articles as they are now; of views without articles all rows. Earlier days can be added."""
    out = tmp_path / "out"
    exported(changed, out, since=SINCE)
    versions = in_parquet(out, "article_versions")
    fetched_at = [field["name"] for field in resources(out)["article_versions"]["schema"]["fields"]].index(
        "fetched_at"
    )
    new = {row for row in in_database(changed, "article_versions") if row[fetched_at] >= LATER}
    assert len(new) >= 3
    assert set(versions) == new
    assert {row[0] for row in in_parquet(out, "articles")} == {row[0] for row in new}
    assert in_parquet(out, "sources") == in_database(changed, "sources")
    assert manifest(out)["kabar"]["arguments"]["since"] == SINCE
    exported(changed, out, since="2024-11-21")
    assert len(in_parquet(out, "article_versions")) == len(new) + 1
    exported(changed, out, since=SINCE)
    assert manifest(out)["kabar"]["arguments"]["since"] == "2024-11-21"
    exported(changed, out)
    assert in_parquet(out, "articles") == in_database(changed, "articles")


def test_a_day_is_the_outlets_own(own_record: DataDir, tmp_path: Path) -> None:
    """16.00 UTC is the next day in Makassar; of a host without a source, days are WIB's."""
    late = MORNING.replace(hour=16)
    articles = [
        article("https://wartapesisir.example/malam/", prose(70), at=late),
        article("https://host.example/malam/", prose(71), source="host.example", at=late),
        article(
            "https://host.example/larut/", prose(72), source="host.example", at=late + timedelta(hours=1)
        ),
    ]
    with open_store(own_record, wait_s=5) as store:
        merge(store, Batch("warta_pesisir/8.warc.gz", tuple(articles)))
    exported(own_record, tmp_path / "out", "csv", since="2024-11-21")
    found = {each["url"] for each in in_csv(tmp_path / "out", "articles")}
    edited_then = {PIER}
    assert found == edited_then | {"https://wartapesisir.example/malam/", "https://host.example/larut/"}


def test_nothing_since_that_day_writes_nothing(record: DataDir, tmp_path: Path) -> None:
    """No folder either."""
    assert exported(record, tmp_path / "deep" / "out", since="2031-01-01") is None
    assert list(tmp_path.iterdir()) == []


def test_a_whole_export_mends_what_was_damaged(record: DataDir, tmp_path: Path) -> None:
    """It looks into what it takes over."""
    exported(record, tmp_path / "out")
    victim = next((tmp_path / "out" / "articles").rglob("*.parquet"))
    victim.write_bytes(bytes(victim.stat().st_size))
    exported(record, tmp_path / "out")
    assert is_whole(tmp_path / "out")
    assert in_parquet(tmp_path / "out", "articles") == in_database(record, "articles")


def test_a_view_that_is_gone_leaves_the_export(own_record: DataDir, tmp_path: Path) -> None:
    """So the folder never holds what the manifest does not name."""
    with open_store(own_record, wait_s=5) as store, store.transaction() as connection:
        connection.execute("CREATE VIEW main.later AS SELECT 1 AS one")
    exported(own_record, tmp_path / "out")
    with open_store(own_record, wait_s=5) as store, store.transaction() as connection:
        connection.execute("DROP VIEW main.later")
    exported(own_record, tmp_path / "out")
    assert not (tmp_path / "out" / "later.parquet").exists()
    assert is_whole(tmp_path / "out")


# --- whose it is -----------------------------------------------------------------------------------------


def _a_file(out: Path) -> None:
    out.write_text("catatan")


def _a_note(out: Path) -> None:
    out.mkdir()
    (out / "catatan.txt").write_text("catatan")


def _a_foreign_package(out: Path) -> None:
    out.mkdir()
    (out / "datapackage.json").write_text('{"name": "theirs", "resources": []}')


def _a_broken_package(out: Path) -> None:
    out.mkdir()
    (out / "datapackage.json").write_text('{"kabar": ')


@pytest.mark.parametrize("make", [_a_file, _a_note, _a_foreign_package, _a_broken_package])
def test_what_is_not_ours_is_refused_and_stays(
    make: Callable[[Path], None], record: DataDir, tmp_path: Path
) -> None:
    """One line that names it; not a byte is written."""
    make(tmp_path / "out")
    before = states(tmp_path)
    with pytest.raises(ExportRefused, match=str(tmp_path / "out")) as refused:
        exported(record, tmp_path / "out")
    assert "\n" not in str(refused.value)
    assert states(tmp_path) == before


def test_another_format_or_other_columns_are_refused(record: DataDir, tmp_path: Path) -> None:
    """The export there stays as it is; written anew it may be without texts."""
    out = tmp_path / "out"
    exported(record, out)
    before = states(out)
    with pytest.raises(ExportRefused, match="holds an export in parquet"):
        exported(record, out, "csv")
    with pytest.raises(ExportRefused, match="with the texts"):
        exported(record, out, since=SINCE, with_text=False)
    assert states(out) == before
    exported(record, out, with_text=False)
    assert "text" not in {field["name"] for field in resources(out)["articles"]["schema"]["fields"]}


def test_what_lies_beside_an_export_stays(record: DataDir, tmp_path: Path) -> None:
    """A note beside the files is nobody's business; one in the place of a file, or among the partitions, is refused."""
    out = tmp_path / "out"
    exported(record, out)
    (out / "catatan.txt").write_text("catatan")
    exported(record, out, since=SINCE)
    assert (out / "catatan.txt").read_text() == "catatan"
    stray = out / "articles" / "source=kabar_teluk" / "tambahan.parquet"
    stray.write_text("catatan")
    with pytest.raises(ExportRefused, match=r"tambahan\.parquet is no part of the export"):
        exported(record, out)
    assert stray.read_text() == "catatan"


def test_a_view_never_overwrites_a_file_of_others(own_record: DataDir, tmp_path: Path) -> None:
    """Where a later view has its name, too."""
    out = tmp_path / "out"
    exported(own_record, out)
    (out / "later.parquet").write_text("catatan")
    with open_store(own_record, wait_s=5) as store, store.transaction() as connection:
        connection.execute("CREATE VIEW main.later AS SELECT 1 AS one")
    with pytest.raises(ExportRefused, match=r"later\.parquet is no part"):
        exported(own_record, out)
    assert (out / "later.parquet").read_text() == "catatan"


def test_an_empty_database_is_refused(data_dir: DataDir, tmp_path: Path) -> None:
    """One line; no folder is made."""
    with open_store(data_dir, wait_s=5):
        pass
    with pytest.raises(ExportRefused, match="no article yet"):
        exported(data_dir, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_two_exports_into_one_folder_are_told_apart(record: DataDir, tmp_path: Path) -> None:
    """The second is refused, and takes nothing away from the first."""
    with open_folder(tmp_path / "out") as first:
        first.begin(is_parted=False)
        with pytest.raises(ExportBusy, match="another export"):
            exported(record, tmp_path / "out")
        assert first.new("datapackage.json").parent.exists()


def test_a_folder_may_be_reached_by_a_link(record: DataDir, tmp_path: Path) -> None:
    """The link stays one."""
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    exported(record, tmp_path / "out")
    exported(record, tmp_path / "out", since=SINCE)
    assert (tmp_path / "out").is_symlink()
    assert is_whole(tmp_path / "real")


# --- in the middle ---------------------------------------------------------------------------------------


class Killed(BaseException):
    """Nothing is cleared away, as after kill -9."""


@contextmanager
def killed_at(step: int) -> Iterator[list[str]]:
    """Die before the step of that number; gives the names of the steps that were come to."""
    come_to: list[str] = []

    def before(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def stand_in(*given: Any, **more: Any) -> Any:
            come_to.append(name)
            if len(come_to) == step:
                raise Killed
            return real(*given, **more)

        return stand_in

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExportFolder, "drop", lambda _: None)
        patch.setattr(ExportFolder, "new", before("make", ExportFolder.new))
        patch.setattr(folders, "put_text", before("ready", disk.put_text))
        patch.setattr(folders, "_exchange", before("exchange", folders._exchange))
        patch.setattr(folders, "remove", before("remove", disk.remove))
        patch.setattr(os, "replace", before("replace", os.replace))
        patch.setattr(Path, "rename", before("rename", Path.rename))
        yield come_to


def steps_of(record: DataDir, changed: DataDir, out: Path) -> list[int]:
    """Of each kind of step that brings an export up to date the first, and the last of all that move a file."""
    exported(record, out)
    with killed_at(-1) as come_to:
        exported(changed, out, since=SINCE)
    assert {"make", "ready", "exchange", "replace", "remove", "rename"} == set(come_to)
    of_kind = {name: [at for at, each in enumerate(come_to, 1) if each == name] for name in come_to}
    moves = [of_kind[name][at] for name in ("replace", "rename") for at in (1, -1)]
    return sorted({*moves, *(steps[0] for steps in of_kind.values()), of_kind["remove"][-1]})


@pytest.mark.soak
def test_a_kill_at_any_step_leaves_what_the_next_export_completes(
    record: DataDir, changed: DataDir, tmp_path: Path
) -> None:
    """Until everything is made the old export is whole; afterwards the next one finishes, whatever it is asked for."""
    exported(record, tmp_path / "before")
    for step in steps_of(record, changed, tmp_path / "count"):
        out = tmp_path / str(step)
        shutil.copytree(tmp_path / "before", out)
        with killed_at(step) as come_to, pytest.raises(Killed):
            exported(changed, out, since=SINCE)
        if "ready" not in come_to[:-1]:
            assert _is_as(out, tmp_path / "before")
        exported(changed, out, since=SINCE)
        assert is_whole(out), come_to
        assert in_parquet(out, "articles") == in_database(changed, "articles"), come_to


def _is_as(out: Path, other: Path) -> bool:
    contents = [
        {name: content for name, (_, content) in _without_stage(states(each)).items()}
        for each in (out, other)
    ]
    return contents[0] == contents[1]


def _without_stage(found: dict[str, tuple[int, bytes]]) -> dict[str, tuple[int, bytes]]:
    return {name: state for name, state in found.items() if not name.startswith(".kabar-export/")}


def test_an_error_on_the_way_to_its_place_loses_nothing(
    record: DataDir, changed: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is complete is not cleared away with the error: the next export puts the rest in its place."""
    out = tmp_path / "out"
    exported(record, out)
    with monkeypatch.context() as patch:
        patch.setattr(folders, "_exchange", _fails)
        with pytest.raises(OSError, match="Input/output"):
            exported(changed, out, since=SINCE)
    with open_folder(out) as folder:
        assert folder.manifest == manifest(out)
    assert is_whole(out)
    assert in_parquet(out, "articles") == in_database(changed, "articles")


def _fails(*_: object) -> None:
    raise OSError(errno.EIO, "Input/output error")


@pytest.mark.heavy
def test_a_killed_first_export_is_known_as_ours(record: DataDir, tmp_path: Path) -> None:
    """A folder with nothing but what was being made is no other's."""
    for step in (1, 20):
        with killed_at(step), pytest.raises(Killed):
            exported(record, tmp_path / str(step))
        exported(record, tmp_path / str(step))
        assert is_whole(tmp_path / str(step))


@pytest.mark.heavy
def test_a_reader_finds_the_state_before_or_the_one_after(
    record: DataDir, changed: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every step the articles are all of one export; every other file is whole."""
    out = tmp_path / "out"
    exported(record, out)
    both = [in_database(each, "articles") for each in (record, changed)]
    seen: list[int] = []

    def look() -> None:
        seen.append(both.index(in_parquet(out, "articles")))
        for name in ("sources", "copies"):
            in_parquet(out, name)

    for module, name in ((os, "replace"), (folders, "_exchange"), (folders, "remove")):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, _looking(real, look))
    exported(changed, out, since=SINCE)
    look()
    assert set(seen) == {0, 1}
    assert seen == sorted(seen)


def _looking(real: Callable[..., Any], look: Callable[[], None]) -> Callable[..., Any]:
    def stand_in(*given: Any) -> Any:
        look()
        return real(*given)

    return stand_in


def test_without_the_exchange_of_the_system_it_comes_to_the_same(
    record: DataDir, changed: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And without links between files, which not every file system has."""

    def no_link(*_: object) -> None:
        raise PermissionError

    exported(record, tmp_path / "out")
    monkeypatch.setattr(folders, "_EXCHANGE", 1 << 20)  # a flag that no system knows
    monkeypatch.setattr(os, "link", no_link)
    exported(changed, tmp_path / "out", since=SINCE)
    assert is_whole(tmp_path / "out")
    assert in_parquet(tmp_path / "out", "articles") == in_database(changed, "articles")


@pytest.mark.parametrize(
    "form", ["csv", *(pytest.param(each, marks=pytest.mark.heavy) for each in ("parquet", "xlsx"))]
)
def test_a_full_disk_costs_nothing(form: Format, record: DataDir, changed: DataDir, tmp_path: Path) -> None:
    """One line that names the folder; the old export is whole, nothing half made is left, and with room it goes on."""
    with small_disk(tmp_path / "disk", "6m") as mounted:
        out = mounted / "out"
        exported(record, out, form)
        filler = fill_disk(mounted, 20 << 10)
        with pytest.raises(DiskFull, match=f"the disk of {out} is full") as full:
            exported(changed, out, form, since=SINCE)
        assert "\n" not in str(full.value)
        assert is_whole(out)
        assert not (out / ".kabar-export").exists()
        filler.unlink()
        exported(changed, out, form, since=SINCE)
        assert is_whole(out)


# --- without texts ---------------------------------------------------------------------------------------


def test_without_texts_no_cell_has_one(own_record: DataDir, tmp_path: Path) -> None:
    """Of no text or description more than 200 characters stand in any view, later ones included, and the extract ends with a word."""
    summary = replace(
        article("https://wartapesisir.example/ringkas/", prose(80, 200), title="Ringkas", at=LATER),
        description=prose(81, 60),
    )
    with open_store(own_record, wait_s=5) as store:
        merge(store, Batch("warta_pesisir/7.warc.gz", (summary,)))
    out = tmp_path / "out"
    exported(own_record, out, "jsonl", with_text=False)
    assert "paragraphs" not in resources(out)
    secrets = _pieces(own_record)
    for name in resources(out):
        cells = (out / f"{name}.jsonl").read_text("utf-8")
        assert not [piece for piece in secrets if piece in cells], name
    for name in ("articles", "article_versions", "unique_articles"):
        for line in (out / f"{name}.jsonl").read_text("utf-8").splitlines():
            extract = json.loads(line)["extract"]
            assert 0 < len(extract) <= 200
            assert extract.endswith("…") or extract.count(" ")
            assert not {"text", "description"} & set(json.loads(line))


def _pieces(data_dir: DataDir) -> list[str]:
    """Of every text what follows its first 200 characters, and every description."""
    with closing(duckdb.connect(str(data_dir.published), read_only=True)) as connection:
        found = connection.execute(
            "SELECT substr(text, 201, 60) FROM article_versions WHERE length(text) > 260"
            " UNION SELECT description FROM article_versions WHERE description IS NOT NULL"
        ).fetchall()
    assert len(found) > len(TITLES)
    return [json.dumps(text, ensure_ascii=False)[1:-1] for (text,) in found]


def test_the_extract_is_cut_at_a_word(record: DataDir, tmp_path: Path) -> None:
    """Up to 199 characters that end with a word, then the sign that there is more; lines are joined."""
    exported(record, tmp_path / "out", "csv", with_text=False)
    found = {each["url"]: each["extract"] for each in in_csv(tmp_path / "out", "articles")}
    whole = "Warga Kampung Tanjung Limau mulai memperbaiki dermaga kayu yang rusak diterjang gelombang pekan lalu. "
    assert (
        found[PIER]
        == whole
        + "Ketua kelompok nelayan, Hamzah, mengatakan sebanyak 84 perahu untuk sementara ditambatkan di…"
    )
    (sheet, _) = in_workbook(_in_excel(record, tmp_path))
    assert "extract" in {text for _, text in sheet.rows[0].values()}


def _in_excel(record: DataDir, tmp_path: Path) -> Path:
    exported(record, tmp_path / "excel", "xlsx", with_text=False)
    return tmp_path / "excel" / "articles.xlsx"
