"""What is said of an export: `datapackage.json` (Frictionless) and `ro-crate-metadata.json` (RO-Crate), for people and tools.

Only what is known stands there: no licence, for the texts are their publishers', and no contributor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from storage.export.files import Format
from storage.export.folder import CRATE, MANIFEST, PARTITIONED
from storage.export.partitions import UNDATED
from storage.export.views import View

RIGHTS: Final = (
    "Every text belongs to its publisher. Kabar gives a record to read and count; to publish or pass on texts needs "
    "the publisher's permission."
)
_MEDIA: Final[Mapping[Format, str]] = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_AS_TEXT: Final = ("csv", "jsonl")
_TYPES: Final = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DOUBLE": "number",
    "FLOAT": "number",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "datetime",
    "TIMESTAMP WITH TIME ZONE": "datetime",
    "INTERVAL": "string",
} | dict.fromkeys(
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
    "integer",
)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file of an export."""

    place: str
    """Seen from the folder of the export."""
    rows: int
    bytes: int
    sha256: str

    @classmethod
    def of(cls, place: str, path: Path, rows: int) -> FileFacts:
        """The facts of the file that will stand at that place."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(place, rows, path.stat().st_size, digest)


@dataclass(frozen=True, slots=True)
class Resource:
    """A view as it was exported."""

    view: View
    files: tuple[FileFacts, ...]
    notes: tuple[str, ...] = ()
    """What of it is otherwise than in the database, in sentences."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an export comes from and what was asked for."""

    created: datetime
    version: str
    """Of Kabar."""
    schema: int | None
    """Number of the newest migration of the database. Null: the database does not say."""
    about: Mapping[str, Any]
    """The one row of view `about`."""
    newest: Mapping[str, Any]
    """The newest instants of the database: `published_at`, `fetched_at`, `last_seen_at`. Null: none."""
    arguments: Mapping[str, Any]
    forgotten: Sequence[Mapping[str, Any]]
    """The rows of view `forgotten`: what an earlier export of the same state has and this one lacks."""
    outlets: Sequence[tuple[str, str | None]]
    """Title and front page of the outlets of which articles are in it. Null: no source names the host."""


def datapackage(origin: Origin, form: Format, resources: Sequence[Resource]) -> dict[str, Any]:
    """`datapackage.json`, which is also the manifest by which the next export knows this one."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "kabar-export",
        "title": _title(origin),
        "description": " ".join(filter(None, [_sentence(origin), _state(origin), RIGHTS])),
        "created": _instant(origin.created),
        "sources": [{"title": title, **({"path": home} if home else {})} for title, home in origin.outlets],
        "kabar": {
            "version": origin.version,
            "schema": origin.schema,
            "arguments": dict(origin.arguments),
            "newest": {name: _plain(value) for name, value in origin.newest.items()},
            "about": {name: _plain(value) for name, value in origin.about.items()},
            "forgotten": [{name: _plain(value) for name, value in each.items()} for each in origin.forgotten],
            "notes": [f"{each.view.name}: {note}" for each in resources for note in each.notes],
        },
        "resources": [_resource(each, form, origin) for each in resources],
    }


def crate(origin: Origin, form: Format, resources: Sequence[Resource]) -> dict[str, Any]:
    """`ro-crate-metadata.json`: the same for those who keep and cite research data."""
    files = [(each, file) for each in resources for file in each.files]
    parted = [file for _, file in files if file.place.startswith(f"{PARTITIONED}/")]
    alone = [file.place for _, file in files if file not in parted]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": _title(origin),
        "description": " ".join(filter(None, [_sentence(origin), _state(origin)])),
        "copyrightNotice": RIGHTS,
        "datePublished": _instant(origin.created),
        "hasPart": [{"@id": place} for place in (MANIFEST, *([f"{PARTITIONED}/"] if parted else []), *alone)],
        "mentions": {"@id": "#export"},
    }
    folder = {
        "@id": f"{PARTITIONED}/",
        "@type": "Dataset",
        "name": PARTITIONED,
        "description": "The newest version of every article, a folder for each outlet and month.",
        "hasPart": [{"@id": file.place} for file in parted],
    }
    return {
        "@context": "https://w3id.org/ro/crate/1.2/context",
        "@graph": [
            {
                "@id": CRATE,
                "@type": "CreativeWork",
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"},
                "about": {"@id": "./"},
            },
            root,
            *([folder] if parted else []),
            {
                "@id": MANIFEST,
                "@type": "File",
                "name": MANIFEST,
                "encodingFormat": "application/json",
                "description": "The columns of every file, with their meanings, and what was exported when.",
            },
            *(
                {
                    "@id": file.place,
                    "@type": "File",
                    "name": each.view.name,
                    "description": each.view.meaning or each.view.name,
                    "encodingFormat": _MEDIA[form],
                    "contentSize": str(file.bytes),
                    "sha256": file.sha256,
                }
                for each, file in files
            ),
            {
                "@id": "#export",
                "@type": "CreateAction",
                "name": "scrapy export",
                "description": ", ".join(f"{name}: {value}" for name, value in origin.arguments.items()),
                "endTime": _instant(origin.created),
                "instrument": {"@id": "#kabar"},
                "result": {"@id": "./"},
            },
            {
                "@id": "#kabar",
                "@type": "SoftwareApplication",
                "name": "Kabar",
                "version": origin.version,
                "description": "Keeps a clean, deduplicated, queryable record of what Indonesia's regional press publishes.",
            },
        ],
    }


def _title(origin: Origin) -> str:
    return f"Kabar: articles of {len(origin.outlets)} outlets"


def _state(origin: Origin) -> str | None:
    """How to have the same articles again from the database; null: it holds none."""
    as_of = origin.about.get("as_of")
    if as_of is None:
        return None
    again = f"The same articles later: FROM articles_as_of('{as_of.isoformat()}')."
    number = len(origin.forgotten)
    return again + (f" Forgotten so far: {number} article{'s' if number > 1 else ''}." if number else "")


def _sentence(origin: Origin) -> str:
    since = origin.arguments.get("since")
    what = f"What was first fetched since {since}" if since else "All public views"
    return f"{what} of a database of Kabar {origin.version}, as they were on {_instant(origin.created)}."


def _resource(each: Resource, form: Format, origin: Origin) -> dict[str, Any]:
    is_parted = form == "parquet" and each.view.name == PARTITIONED
    of_one = {} if is_parted else {"hash": f"sha256:{each.files[0].sha256}"}
    return {
        "name": each.view.name,
        "type": "table",
        "path": [file.place for file in each.files] if is_parted else each.files[0].place,
        "title": each.view.name,
        "description": each.view.meaning or each.view.name,
        "format": form,
        "mediatype": _MEDIA[form],
        **({"encoding": "utf-8"} if form in _AS_TEXT else {}),
        "bytes": sum(file.bytes for file in each.files),
        "rows": sum(file.rows for file in each.files),
        **of_one,
        "schema": {"fields": _fields(each.view, _spellings(form, origin), is_parted)},
        **({"notes": list(each.notes)} if each.notes else {}),
        **({"files": [_file(file) for file in each.files]} if is_parted else {}),
    }


def _file(file: FileFacts) -> dict[str, Any]:
    return {"path": file.place, "rows": file.rows, "bytes": file.bytes, "hash": f"sha256:{file.sha256}"}


def facts_in(manifest: Mapping[str, Any]) -> dict[str, FileFacts]:
    """The files of the articles that a manifest names, by their place."""
    return {
        each["path"]: FileFacts(
            each["path"], each["rows"], each["bytes"], each["hash"].removeprefix("sha256:")
        )
        for resource in manifest["resources"]
        for each in resource.get("files", [])
    }


def _spellings(form: Format, origin: Origin) -> dict[str, str]:
    """What is to be known of a type in files of that format."""
    of_instants = {"TIMESTAMP WITH TIME ZONE": f"in the zone {origin.arguments['zone']}"}
    return {"INTERVAL": "as 1 day 05:15:00"} | (of_instants if form == "xlsx" else {})


def _fields(view: View, spellings: Mapping[str, str], is_parted: bool) -> list[dict[str, Any]]:
    fields = [
        {
            "name": column.name,
            "type": _TYPES.get(column.type, "array" if column.type.endswith("]") else "any"),
            "description": "; ".join(
                part for part in (column.meaning, spellings.get(column.type)) if part is not None
            ),
        }
        for column in view.columns
    ]
    if is_parted:
        meaning = f"month of published_on, or {UNDATED}; like source it stands in the path, not in the file"
        fields.append({"name": "month", "type": "string", "description": meaning})
    return fields


def _instant(value: datetime) -> str:
    return value.isoformat(timespec="seconds")


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, bool | int | float | str | None) else _spelt(value)


def _spelt(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
