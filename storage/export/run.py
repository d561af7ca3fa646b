"""An export from the published copy into a folder: whole, or brought up to date.

A folder that holds an export is brought to what a whole export would write today, whatever happened to its articles
meanwhile. In Parquet only those partitions are written that have changed; a file of another kind has no part that
could be exchanged, and is written anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from storage.data_dir import DataDir
from storage.export.bucket import SCHEME, ExportBucket, open_bucket
from storage.export.files import FORMATS, Format, write_file
from storage.export.folder import (
    CRATE,
    MANIFEST,
    PARTITIONED,
    ExportFolder,
    ExportRefused,
    open_folder,
    places_of,
)
from storage.export.partitions import partitions, write_partitions
from storage.export.provenance import FileFacts, Origin, Resource, crate, datapackage, facts_in
from storage.export.views import View, fetched_since, heeding_notices, public_views, without_texts
from storage.publish import open_published
from storage.rows import named_rows
from storage.sources import WIB
from storage.store import MEMORY

Target = ExportFolder | ExportBucket


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is asked for."""

    format: Format
    since: date | None = None
    """First day of the versions that are asked for. Null: all."""
    with_text: bool = True
    heeds_notices: bool = False
    """Articles whose page reserves a use of it are left out."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What stands in the folder now."""

    resources: Sequence[Resource]
    taken_over: int
    """Files that stand there as they stood before."""

    @property
    def articles(self) -> int:
        return sum(
            file.rows for each in self.resources if each.view.name == PARTITIONED for file in each.files
        )

    @property
    def files(self) -> int:
        return sum(len(each.files) for each in self.resources)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for each in self.resources for file in each.files)

    @property
    def notes(self) -> list[str]:
        """What of it is otherwise than in the database, a sentence each."""
        return [f"{each.view.name}: {note}" for each in self.resources for note in each.notes]


def export(
    data_dir: DataDir, place: str | Path, options: ExportOptions, version: str, now: datetime
) -> Exported | None:
    """Write the public views into the folder, or to the place of an object store; null where nothing is new since that day, and nothing was there before.

    `version` is Kabar's. Raises `FileNotFoundError` before the first publish, `ExportRefused` for a folder that is not
    ours and for a database without articles, `ExportBusy`, `DiskFull`, `NoMemory`; then nothing has changed.
    """
    with (
        closing(open_published(data_dir)) as connection,
        _opened(data_dir, place, connection) as folder,
    ):
        since = _check(folder, options)
        if folder.manifest is None and not connection.execute("SELECT 1 FROM articles LIMIT 1").fetchall():
            raise ExportRefused(
                f"{data_dir.published} holds no article yet: scrapy crawl SOURCE brings the first"
            )
        folder.begin(is_parted=options.format == "parquet")
        _confine(connection, folder)
        zone = _zone(connection)
        connection.execute("SET TimeZone = ?", [zone])
        connection.begin()  # now() is one instant for all views
        views = public_views(connection)
        _refuse_strangers(folder, views, options.format)
        if since is not None:
            views, versions = fetched_since(connection, views, since)
            if not versions and folder.manifest is None:
                return None
        if options.heeds_notices:
            views = heeding_notices(views)
        if not options.with_text:
            views = without_texts(views)
        made = _Export(connection, folder, options, zone)
        resources = [made.resource(view) for view in views]
        articles = next(view for view in views if view.name == PARTITIONED)
        arguments = {
            "format": options.format,
            "since": since.isoformat() if since else None,
            "text": options.with_text,
            "heeds_notices": options.heeds_notices,
            "zone": zone,
        }
        origin = _origin(connection, articles, arguments, version, now)
        for name, content in ((MANIFEST, datapackage), (CRATE, crate)):
            text = json.dumps(content(origin, options.format, resources), ensure_ascii=False, indent=1)
            folder.new(name).write_text(text + "\n", encoding="utf-8")
        places = [MANIFEST, CRATE, *(file.place for each in resources for file in each.files)]
        obsolete = _tops(folder.manifest) - {_top(place) for place in places}
        folder.commit(places, obsolete, _is_erased(origin, folder.manifest))
        return Exported(resources, made.taken_over)


def _opened(
    data_dir: DataDir, place: str | Path, connection: duckdb.DuckDBPyConnection
) -> AbstractContextManager[Target]:
    if isinstance(place, str) and place.startswith(SCHEME):
        names = [f"{view.name}.{form}" for view in public_views(connection) for form in FORMATS]
        return open_bucket(place, data_dir, names)
    return open_folder(Path(place))


def _check(folder: Target, options: ExportOptions) -> date | None:
    """From which day on the folder has versions afterwards; null: all. `ExportRefused` where the two do not go together."""
    if folder.manifest is None:
        return options.since
    there: Mapping[str, Any] = folder.manifest["kabar"]["arguments"]
    if there.get("format") != options.format:
        raise ExportRefused(
            f"{folder.root} holds an export in {there.get('format')}: name another folder for {options.format}"
        )
    if options.since is None:
        return None
    if there.get("text") != options.with_text:
        has = "with the texts" if there.get("text") else "without the texts"
        raise ExportRefused(f"{folder.root} holds an export {has}: it can be added to only as it is")
    if there.get("heeds_notices", False) != options.heeds_notices:
        has = "without" if there.get("heeds_notices") else "with"
        raise ExportRefused(
            f"{folder.root} holds an export {has} articles whose page reserves its use: it can be added to only as it is"
        )
    since = there.get("since")
    return min(date.fromisoformat(since), options.since) if since else None


def _zone(connection: duckdb.DuckDBPyConnection) -> str:
    """The zone of the instants where a format has no instants of its own: that which the outlets share, else WIB."""
    zones = connection.execute(
        "SELECT DISTINCT timezone FROM sources WHERE source IN (SELECT source FROM articles)"
    ).fetchall()
    return str(zones[0][0]) if len(zones) == 1 else WIB


def _confine(connection: duckdb.DuckDBPyConnection, folder: Target) -> None:
    connection.execute(f"SET memory_limit = '{MEMORY}'")
    connection.execute("SET temp_directory = ?", [str(folder.spill)])


def _refuse_strangers(folder: Target, views: Sequence[View], form: Format) -> None:
    """Refuse to write over what is no part of the export that stands there."""
    ours = {MANIFEST, CRATE, *_tops(folder.manifest)}
    for view in views:
        name = PARTITIONED if _is_parted(view, form) else f"{view.name}.{form}"
        if name not in ours and folder.has(name):
            raise ExportRefused(f"{folder.root}/{name} is no part of the export there: move it elsewhere")


def _is_parted(view: View, form: Format) -> bool:
    return form == "parquet" and view.name == PARTITIONED


def _tops(manifest: Mapping[str, Any] | None) -> set[str]:
    """What of an export stands in the folder itself, less what every export has."""
    return {_top(place) for place in places_of(manifest)} if manifest else set()


def _top(place: str) -> str:
    return place.partition("/")[0]


def _is_erased(origin: Origin, manifest: Mapping[str, Any] | None) -> bool:
    """Whether an article was erased for good since the export that stands there."""
    known = {each["article_id"] for each in manifest["kabar"].get("forgotten", ())} if manifest else None
    return known is not None and any(each["article_id"] not in known for each in origin.forgotten)


class _Export:
    """One export on its way into a folder's stage."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, folder: Target, options: ExportOptions, zone: str
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._options = options
        self._zone = zone
        self.taken_over = 0

    def resource(self, view: View) -> Resource:
        """Write a view."""
        form = self._options.format
        if _is_parted(view, form):
            return self._partitions(view)
        place = f"{view.name}.{form}"
        notes: tuple[str, ...] = ()
        path = self._folder.new(place)
        if form == "xlsx":
            from storage.export.workbook import (
                write_workbook,  # its library is the heaviest that a command loads
            )

            written = write_workbook(self._connection, view, self._zone, path)
            rows, notes = written.rows, _notes_of_cut(written.cut)
        else:
            rows = write_file(self._connection, view, form, path)
        return Resource(view, (FileFacts.of(place, path, rows),), notes)

    def _partitions(self, articles: View) -> Resource:
        """Write the partitions that are new or have changed, and take over the rest."""
        before = facts_in(self._folder.manifest) if self._folder.manifest else {}
        found = partitions(self._connection, articles)
        kept = {
            part.place: before[part.place]
            for part in found
            if part.place in before and self._is_there(before[part.place])
        }
        fresh = [part for part in found if part.place not in kept]
        for place in kept:
            self._folder.keep(place)
        paths = {part.place: self._folder.new(part.place) for part in fresh}
        write_partitions(self._connection, articles, fresh, paths)
        self.taken_over = len(kept)
        made = {part.place: FileFacts.of(part.place, paths[part.place], part.rows) for part in fresh}
        return Resource(articles, tuple((kept | made)[part.place] for part in found))

    def _is_there(self, file: FileFacts) -> bool:
        """Whether a file stands where the manifest has it; a whole export looks into it, too."""
        return self._folder.is_intact(file.place, file.bytes, file.sha256, self._options.since is None)


def _notes_of_cut(cells: int) -> tuple[str, ...]:
    if not cells:
        return ()
    from storage.export.workbook import CELL_CHARS

    many = "1 text is" if cells == 1 else f"{cells} texts are"
    return (f"{many} cut after {CELL_CHARS} characters, which is all that a cell of Excel's holds",)


def _origin(
    connection: duckdb.DuckDBPyConnection,
    articles: View,
    arguments: Mapping[str, Any],
    version: str,
    now: datetime,
) -> Origin:
    (newest,) = named_rows(
        connection,
        "SELECT max(published_at) AS published_at, max(fetched_at) AS fetched_at, max(last_seen_at) AS last_seen_at FROM articles",
    )
    about = next(iter(named_rows(connection, "FROM about")), {})
    outlets = connection.execute(
        f"SELECT coalesce(s.title, a.source), s.home FROM (SELECT DISTINCT source FROM ({articles.query})) a"
        " LEFT JOIN sources s ON s.source = a.source ORDER BY a.source"
    ).fetchall()
    has_forgotten = connection.execute(
        "SELECT 1 FROM duckdb_views() WHERE view_name = 'forgotten'"
    ).fetchall()
    forgotten = (
        named_rows(connection, "FROM forgotten ORDER BY forgotten_at, article_id") if has_forgotten else []
    )
    return Origin(now, version, about.get("schema_version"), about, newest, arguments, forgotten, outlets)
