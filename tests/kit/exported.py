"""What stands in the files of an export, read by other means than wrote them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb

from storage.data_dir import DataDir
from storage.publish import open_published

Row = tuple[Any, ...]


def manifest(folder: Path) -> dict[str, Any]:
    """`datapackage.json`."""
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return found


def resources(folder: Path) -> dict[str, dict[str, Any]]:
    """The resources of an export, by name."""
    return {each["name"]: each for each in manifest(folder)["resources"]}


def files(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A resource's files: path, rows, bytes, hash."""
    yield from resource.get("files") or [resource]


def is_whole(folder: Path) -> bool:
    """Whether every file is there as the manifest has it, and none besides."""
    said = {
        each["path"]: (each["bytes"], each["hash"])
        for resource in manifest(folder)["resources"]
        for each in files(resource)
    }
    there = {
        path.relative_to(folder).as_posix(): (
            path.stat().st_size,
            f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}",
        )
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("datapackage.json", "ro-crate-metadata.json")
    }
    return said == there


def in_database(data_dir: DataDir, view: str, zone: str = "Asia/Makassar") -> Counter[Row]:
    """The rows of a view, spans of time as texts."""
    with closing(open_published(data_dir, zone)) as connection:
        return _rows(connection, f'main."{view}"')


def in_parquet(folder: Path, view: str, zone: str = "Asia/Makassar") -> Counter[Row]:
    """The rows of a view in the Parquet files, its columns in the view's order."""
    names = [
        field["name"] for field in resources(folder)[view]["schema"]["fields"] if field["name"] != "month"
    ]
    pattern = "articles/*/*/*.parquet" if view == "articles" else f"{view}.parquet"
    columns = ", ".join(f'"{name}"' for name in names)
    with closing(duckdb.connect()) as connection:
        connection.execute(f"SET TimeZone = '{zone}'")
        return _rows(connection, f"(SELECT {columns} FROM read_parquet('{folder}/{pattern}'))")


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> Counter[Row]:
    found = connection.execute(f"FROM {table}").fetchall()
    return Counter(
        tuple(spelt(value) if isinstance(value, timedelta) else _hashable(value) for value in row)
        for row in found
    )


def _hashable(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(sorted(value.items()))
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def spelt(span: timedelta) -> str:
    """A span of time as DuckDB spells it."""
    sign = "-" if span < timedelta(0) else ""
    span = abs(span)
    days = f"{sign}{span.days} day{'s' if span.days != 1 else ''}" if span.days else ""
    hours, rest = divmod(span.seconds, 3600)
    time = f"{sign if span.seconds else ''}{hours:02}:{rest // 60:02}:{rest % 60:02}"
    return " ".join(part for part in (days, time if span.seconds or not days else "") if part)


def as_json(value: Any) -> Any:
    """A value as JSON lines have it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return list(map(as_json, value)) if isinstance(value, tuple) else value


def as_csv(value: Any) -> str:
    """A value as CSV has it, but for the formulas."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case tuple():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        case _:
            return str(as_json(value))


def in_csv(folder: Path, view: str) -> list[dict[str, str]]:
    """The records of a CSV file."""
    with (folder / f"{view}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def in_jsonl(folder: Path, view: str) -> list[dict[str, Any]]:
    """The records of a file of JSON lines."""
    return [json.loads(line) for line in (folder / f"{view}.jsonl").read_text("utf-8").splitlines()]


_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its cells by row, each with its kind (`inlineStr`, `n`, `b`) and its text."""

    name: str
    rows: list[dict[str, tuple[str, str]]]
    has_formula: bool
    has_link: bool


def in_workbook(path: Path) -> list[Sheet]:
    """The sheets of a workbook, read from its XML."""
    with zipfile.ZipFile(path) as book:
        names = [
            each.attrib["name"]
            for each in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_SHEET}sheet")
        ]
        return [
            _sheet(name, ElementTree.fromstring(book.read(f"xl/worksheets/sheet{at}.xml")))
            for at, name in enumerate(names, 1)
        ]


def _sheet(name: str, root: ElementTree.Element) -> Sheet:
    rows = [
        {re.sub(r"\d", "", cell.attrib["r"]): _cell(cell) for cell in row.iter(f"{_SHEET}c")}
        for row in root.iter(f"{_SHEET}row")
    ]
    return Sheet(
        name,
        rows,
        has_formula=next(root.iter(f"{_SHEET}f"), None) is not None,
        has_link=next(root.iter(f"{_SHEET}hyperlink"), None) is not None,
    )


def _cell(cell: ElementTree.Element) -> tuple[str, str]:
    texts = (each.text or "" for each in (*cell.iter(f"{_SHEET}t"), *cell.iter(f"{_SHEET}v")))
    return cell.attrib.get("t", "n"), "".join(texts)
