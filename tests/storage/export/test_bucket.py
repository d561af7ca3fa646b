"""An export in an object store: two readers that are not ours find one state in it, whatever happens meanwhile."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars
import pytest
import s3fs

from storage.data_dir import DataDir
from storage.export.bucket import open_bucket
from storage.export.folder import ExportBusy, ExportRefused
from storage.export.run import Exported, ExportOptions, export
from tests.kit.exported import Row, in_database
from tests.storage.export.record import VERSION
from tests.storage.export.test_folder import changed  # noqa: F401  (a fixture)

pytestmark = pytest.mark.heavy
PLACE = "s3://arsip/kabar"
NOW = datetime(2024, 11, 26, tzinfo=UTC)


@pytest.fixture(scope="module")
def store_address() -> Iterator[str]:
    """A store on this machine."""
    from moto.server import ThreadedMotoServer  # takes a second of whoever collects the tests

    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def files(store_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of a store with one empty bucket; whoever asks the environment comes there."""
    for name, value in {
        "AWS_ENDPOINT_URL": store_address,
        "AWS_ACCESS_KEY_ID": "uji",
        "AWS_SECRET_ACCESS_KEY": "uji",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    client = s3fs.S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
    client.mkdir("arsip")
    yield client
    client.rm("arsip", recursive=True)


def written(data_dir: DataDir, since: str | None = None) -> Exported:
    """One export to PLACE."""
    day = datetime.fromisoformat(since).date() if since else None
    done = export(data_dir, PLACE, ExportOptions("parquet", day), VERSION, NOW)
    assert isinstance(done, Exported)
    return done


def break_off(monkeypatch: pytest.MonkeyPatch, data_dir: DataDir, at: str) -> None:
    """An export whose store goes away when the file of that name is put there."""
    put = s3fs.S3FileSystem.put_file

    def fails(self: Any, local: str, remote: str, **more: Any) -> Any:
        if remote.endswith(at):
            raise ConnectionError("the store went away")
        return put(self, local, remote, **more)

    with monkeypatch.context() as patched:
        patched.setattr(s3fs.S3FileSystem, "put_file", fails)
        with pytest.raises(ExportRefused, match="the store went away"):
            written(data_dir)


def named(files: Any, view: str = "articles") -> list[str]:
    """The addresses of a view's files, by the manifest as it is now."""
    package = json.loads(files.cat_file(f"{PLACE}/datapackage.json"))
    (resource,) = [each for each in package["resources"] if each["name"] == view]
    paths = resource["path"] if isinstance(resource["path"], list) else [resource["path"]]
    return [f"{PLACE}/{path}" for path in paths]


def by_duckdb(files: Any, addresses: list[str]) -> Counter[Row]:
    """The rows of these files, by a DuckDB that knows nothing of Kabar."""
    with closing(duckdb.connect()) as connection:
        connection.register_filesystem(files)
        connection.execute("SET TimeZone = 'Asia/Makassar'")
        rows = connection.execute(
            "SELECT article_id, source, title, text, published_at, tags FROM read_parquet(?, hive_partitioning = true)",
            [addresses],
        ).fetchall()
    return Counter((*row[:-1], tuple(row[-1])) for row in rows)


def by_polars(store: str, addresses: list[str]) -> set[tuple[str, str]]:
    """Articles and their titles, by another library altogether."""
    options = {
        "aws_endpoint_url": store,
        "aws_access_key_id": "uji",
        "aws_secret_access_key": "uji",
        "aws_region": "us-east-1",
        "aws_allow_http": "true",
    }
    frame = polars.scan_parquet(addresses, hive_partitioning=True, storage_options=options)
    return set(frame.select("article_id", "source").collect().rows())


def stored(data_dir: DataDir) -> Counter[Row]:
    """What both must find."""
    with closing(duckdb.connect(str(data_dir.published), read_only=True)) as connection:
        connection.execute("SET TimeZone = 'Asia/Makassar'")
        rows = connection.execute(
            "SELECT article_id, source, title, text, published_at, tags FROM articles"
        ).fetchall()
    return Counter((*row[:-1], tuple(row[-1])) for row in rows)


def test_two_engines_read_what_the_database_has(record: DataDir, files: Any, store_address: str) -> None:
    """Every row, with its types, by the files that the manifest names."""
    done = written(record)
    assert by_duckdb(files, named(files)) == stored(record)
    assert by_polars(store_address, named(files)) == {row[:2] for row in stored(record)}
    assert done.articles == in_database(record, "articles").total()
    assert len(files.find(PLACE)) == done.files + 2


@pytest.mark.soak
def test_a_late_change_comes_with_the_next_export(
    record: DataDir,
    changed: DataDir,  # noqa: F811
    files: Any,
) -> None:
    """Only what changed is put there; who still reads by the manifest before finds its files until the export after."""
    written(record)
    before, rows_before = named(files), stored(record)
    done = written(changed, since="2024-11-25")
    assert done.taken_over > 3
    assert by_duckdb(files, named(files)) == stored(changed)
    assert by_duckdb(files, before) == rows_before
    written(changed, since="2024-11-25")
    there = {f"s3://{path}" for path in files.find(f"{PLACE}/articles")}
    assert there == set(named(files))


@pytest.mark.soak
def test_of_what_was_erased_nothing_stays(
    record: DataDir,
    changed: DataDir,  # noqa: F811
    files: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not for a reader of the state before either."""
    written(record)
    monkeypatch.setattr("storage.export.run._is_erased", lambda *_: True)
    written(changed)
    assert {f"s3://{path}" for path in files.find(f"{PLACE}/articles")} == set(named(files))


def test_an_export_that_broke_off_changes_nothing(
    record: DataDir,
    changed: DataDir,  # noqa: F811
    files: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Readers go on with the state before; the next export brings the new one, and litter goes."""
    written(record)
    break_off(monkeypatch, changed, at="datapackage.json")
    assert by_duckdb(files, named(files)) == stored(record)
    written(changed)
    written(changed)
    assert by_duckdb(files, named(files)) == stored(changed)
    assert {f"s3://{path}" for path in files.find(f"{PLACE}/articles")} == set(named(files))
    assert not list(changed.scratch.glob("export-*/*"))


@pytest.mark.parametrize("name", ["catatan.txt", "penjualan.csv", "about.parquet"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_is_not_ours_stays_as_it_is(record: DataDir, files: Any, name: str, when: str) -> None:
    """A place that holds something else is refused, and named; a name of ours is ours where an export stands."""
    if when == "after":
        written(record)
    files.pipe_file(f"{PLACE}/{name}", b"milik orang lain")
    if (name, when) == ("about.parquet", "after"):
        written(record)
        return
    with pytest.raises(ExportRefused, match=rf"s3://arsip/kabar holds something else .*{name}"):
        written(record)
    assert files.cat_file(f"{PLACE}/{name}") == b"milik orang lain"


def test_a_first_export_that_broke_off_is_finished_by_the_next(
    record: DataDir, files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had put there is ours, though no export stood there before."""
    break_off(monkeypatch, record, at="crawls.parquet")
    written(record)
    assert by_duckdb(files, named(files)) == stored(record)


def test_what_cannot_be_reached_is_one_line(
    record: DataDir, files: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No bucket in the address, none of that name, another export under way, and no client of stores."""
    mine = DataDir(Path(shutil.copytree(record.root, tmp_path / "data")))
    options = ExportOptions("parquet", None)
    with pytest.raises(ExportRefused, match="names no bucket"):
        export(mine, "s3://", options, VERSION, NOW)
    with pytest.raises(ExportRefused, match=r"s3://tidak-ada/x: ") as refused:
        export(mine, "s3://tidak-ada/x", options, VERSION, NOW)
    assert "\n" not in str(refused.value)
    with open_bucket(PLACE, mine, ()), pytest.raises(ExportBusy, match="being written"):
        export(mine, PLACE, options, VERSION, NOW)
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(ExportRefused, match=r'pip install "kabar\[s3\]"'):
        export(mine, PLACE, options, VERSION, NOW)
