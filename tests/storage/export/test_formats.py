"""What stands in the files of an export: the rows of the views, in every format."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from storage.connection import Store
from storage.data_dir import DataDir
from storage.export import workbook
from storage.export.files import FORMATS, Format
from storage.export.folder import ExportRefused
from storage.export.run import Exported, ExportOptions, export
from storage.store import open_store
from tests.kit.exported import (
    as_csv,
    as_json,
    files,
    in_csv,
    in_database,
    in_jsonl,
    in_parquet,
    in_workbook,
    is_whole,
    manifest,
    resources,
)
from tests.kit.factories import MORNING
from tests.storage.export.record import TITLES, VERSION, exported

VIEWS = [
    "about",
    "article_versions",
    "articles",
    "copies",
    "coverage_daily",
    "crawls",
    "fetches",
    "rejections",
    "removals",
    "sources",
    "stories",
    "unique_articles",
]
"""Those that every database has."""


@pytest.fixture(scope="module")
def folders(record: DataDir, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An export of the record in each format."""
    root = tmp_path_factory.mktemp("formats")
    for form in FORMATS:
        assert exported(record, root / form, form)
    return {form: root / form for form in FORMATS}


@pytest.mark.parametrize("form", FORMATS)
def test_every_public_view_is_a_resource_and_every_file_is_named(
    form: Format, folders: dict[str, Path]
) -> None:
    """All but the dictionary, each with its rows, its bytes and its hash; nothing else lies there."""
    found = resources(folders[form])
    assert set(VIEWS) <= set(found)
    assert "dictionary" not in found
    assert is_whole(folders[form])
    tops = {path.name for path in folders[form].iterdir()}
    expected = {f"{name}.{form}" for name in found} | {"datapackage.json", "ro-crate-metadata.json"}
    if form == "parquet":
        expected = expected - {"articles.parquet"} | {"articles"}
    assert tops == expected


@pytest.mark.parametrize("form", FORMATS)
def test_the_rows_that_are_said_are_those_of_the_views(
    form: Format, folders: dict[str, Path], record: DataDir
) -> None:
    """But one, none of the views is empty, so that every comparison compares something."""
    for name, resource in resources(folders[form]).items():
        held = in_database(record, name).total()
        assert resource["rows"] == held, name
        assert held > 0 or name == "uncorrected_copies"
        assert sum(each["rows"] for each in files(resource)) == held


def test_parquet_has_the_rows_of_the_views(folders: dict[str, Path], record: DataDir) -> None:
    """Value for value; a span of time is a text, which every reader knows."""
    for name in resources(folders["parquet"]):
        assert in_parquet(folders["parquet"], name) == in_database(record, name), name


def test_articles_lie_by_outlet_and_month(folders: dict[str, Path]) -> None:
    """The month is that of the outlet's own day; those without one have a folder, and a host's colon is written as addresses have it."""
    found = sorted(
        each["path"].rpartition("/")[0] for each in resources(folders["parquet"])["articles"]["files"]
    )
    assert found[:2] == [
        "articles/source=host.example%3A8080/month=undated",
        "articles/source=kabar_teluk/month=2024-11",
    ]
    assert "articles/source=warta_pesisir/month=2024-11" in found
    assert len(found) == len(set(found)) == 2 + 2 + len(TITLES)


def test_csv_has_the_rows_of_the_views(folders: dict[str, Path], record: DataDir) -> None:
    """Lists are JSON, instants have their offset, null is empty; formulas alone differ from the database."""
    for name, resource in resources(folders["csv"]).items():
        columns = [field["name"] for field in resource["schema"]["fields"]]
        records = in_csv(folders["csv"], name)
        assert list(records[0]) == columns
        found = Counter(tuple(each.values()) for each in records)
        expected = Counter(
            tuple(_neutral(as_csv(value)) for value in row) for row in in_database(record, name)
        )
        assert found == expected, name


def _neutral(cell: str) -> str:
    return f"'{cell}" if cell in set(TITLES.values()) - {"-5", TITLES[6]} else cell


def test_no_text_is_a_formula_in_csv(folders: dict[str, Path]) -> None:
    """It has an apostrophe in front; a negative number is none. Excel knows UTF-8 by the first three bytes."""
    titles = {each["title"] for each in in_csv(folders["csv"], "articles")}
    assert {"-5", *(f"'{TITLES[at]}" for at in (1, 2, 4, 5, 7, 8)), TITLES[6]} <= titles
    for path in folders["csv"].glob("*.csv"):
        assert path.read_bytes()[:3] == b"\xef\xbb\xbf"


def test_json_lines_have_the_rows_of_the_views(folders: dict[str, Path], record: DataDir) -> None:
    """Types are JSON's own; an instant is ISO 8601 with its offset."""
    for name in resources(folders["jsonl"]):
        found = Counter(json.dumps(list(each.values())) for each in in_jsonl(folders["jsonl"], name))
        expected = Counter(
            json.dumps([as_json(value) for value in row]) for row in in_database(record, name).elements()
        )
        assert found == expected, name
    (first, *_) = (
        each["published_at"] for each in in_jsonl(folders["jsonl"], "articles") if each["published_at"]
    )
    assert datetime.fromisoformat(first).utcoffset() is not None


def test_a_workbook_has_the_rows_of_the_views_and_no_formula(
    folders: dict[str, Path], record: DataDir
) -> None:
    """Every text is a text and every number a number; a last sheet explains the columns and names the zone."""
    for name, resource in resources(folders["xlsx"]).items():
        sheet, meanings = in_workbook(folders["xlsx"] / f"{name}.xlsx")
        assert (sheet.name, meanings.name) == (name, "columns")
        assert len(sheet.rows) == resource["rows"] + 1
        assert not (sheet.has_formula or sheet.has_link)
        assert "Asia/Makassar" in meanings.rows[1]["C"][1]
    sheet, _ = in_workbook(folders["xlsx"] / "articles.xlsx")
    titles = {row["E"] for row in sheet.rows[1:] if "E" in row}
    assert {("inlineStr", title) for title in TITLES.values() if title != TITLES[5]} <= titles


def test_instants_of_a_workbook_are_of_the_zone_that_is_named(folders: dict[str, Path]) -> None:
    """45616.375 is 9.00 on 20 November 2024, which is the morning in Makassar."""
    sheet, _ = in_workbook(folders["xlsx"] / "articles.xlsx")
    columns = {text: letter for letter, (_, text) in sheet.rows[0].items()}
    found = {row[columns["published_at"]] for row in sheet.rows if columns["published_at"] in row}
    assert ("n", "45616.375") in found
    fields = {field["name"]: field for field in resources(folders["xlsx"])["articles"]["schema"]["fields"]}
    assert fields["published_at"]["description"].endswith("in the zone Asia/Makassar")


def test_a_text_that_no_cell_holds_is_cut_and_that_is_said(record: DataDir, tmp_path: Path) -> None:
    """To the character that Excel holds; the note stands in the manifest, too."""
    done = exported(record, tmp_path / "out", "xlsx")
    assert isinstance(done, Exported)
    sheet, _ = in_workbook(tmp_path / "out" / "articles.xlsx")
    assert max(len(text) for row in sheet.rows for _, text in row.values()) == 32_767
    assert any(note.startswith("articles: 1 text is cut after 32767") for note in done.notes)
    assert manifest(tmp_path / "out")["kabar"]["notes"] == done.notes


@pytest.mark.heavy
def test_a_full_sheet_is_followed_by_another(
    record: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with the names of its columns; no row is lost."""
    monkeypatch.setattr(workbook, "SHEET_ROWS", 6)
    exported(record, tmp_path / "out", "xlsx")
    *sheets, _ = in_workbook(tmp_path / "out" / "articles.xlsx")
    assert [each.name for each in sheets] == ["articles", "articles 2", "articles 3"]
    assert [len(each.rows) for each in sheets] == [6, 6, 4]
    assert all(each.rows[0]["A"] == ("inlineStr", "article_id") for each in sheets)


def test_the_manifest_has_types_and_meanings(folders: dict[str, Path], record: DataDir) -> None:
    """Each field has its type, and the meaning that its column has in the database."""
    for form in FORMATS:
        fields = {each["name"]: each for each in resources(folders[form])["articles"]["schema"]["fields"]}
        kinds = {name: fields[name]["type"] for name in ("title", "authors", "published_on", "version")}
        assert kinds == {"title": "string", "authors": "array", "published_on": "date", "version": "integer"}
        assert fields["word_count"]["description"] == "words of text"
        assert all(each["description"] for each in fields.values())


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_says_where_it_comes_from(form: Format, folders: dict[str, Path], record: DataDir) -> None:
    """Kabar's version, the schema's number, the newest instants, what was asked for; no licence and no contributor is invented."""
    found = manifest(folders[form])
    ((about,),) = [list(in_database(record, "about").elements())]
    assert found["kabar"]["version"] == VERSION
    assert found["kabar"]["schema"] == about[1]
    assert found["kabar"]["arguments"] == {
        "format": form,
        "since": None,
        "text": True,
        "heeds_notices": False,
        "zone": "Asia/Makassar",
    }
    last_seen = datetime.fromisoformat(found["kabar"]["newest"]["last_seen_at"])
    assert last_seen == datetime(2024, 11, 21, 9, tzinfo=ZoneInfo("Asia/Makassar"))
    assert {each["title"] for each in found["sources"]} == {
        "Kabar Teluk",
        "Warta Pesisir",
        "host.example:8080",
    }
    assert not {"licenses", "contributors"} & set(found)


@pytest.mark.parametrize("form", FORMATS)
def test_the_crate_describes_every_file(form: Format, folders: dict[str, Path]) -> None:
    """From the root every file is reached, each entity that is named is there, and what made it is named."""
    crate = json.loads((folders[form] / "ro-crate-metadata.json").read_text("utf-8"))
    entities: dict[str, dict[str, Any]] = {each["@id"]: each for each in crate["@graph"]}
    assert len(entities) == len(crate["@graph"])
    assert entities["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    assert {"name", "description", "datePublished"} <= set(entities["./"])
    parts = _parts(entities, "./")
    said = {each["path"] for resource in resources(folders[form]).values() for each in files(resource)}
    assert said | {"datapackage.json"} == {part for part in parts if entities[part]["@type"] == "File"}
    named = [value["@id"] for each in entities.values() for value in _references(each)]
    assert set(named) - set(entities) == {"https://w3id.org/ro/crate/1.2"}
    assert entities["#export"]["instrument"] == {"@id": "#kabar"}
    assert entities["#kabar"]["version"] == VERSION


def _parts(entities: dict[str, dict[str, Any]], folder: str) -> set[str]:
    parts = {each["@id"] for each in entities[folder].get("hasPart", [])}
    return parts.union(*(_parts(entities, part) for part in parts))


def _references(entity: dict[str, Any]) -> list[dict[str, str]]:
    values = [each for value in entity.values() for each in (value if isinstance(value, list) else [value])]
    return [value for value in values if isinstance(value, dict) and "@id" in value]


@pytest.mark.heavy
def test_a_view_that_comes_later_is_exported_too(own_record: DataDir, tmp_path: Path) -> None:
    """Views are those of the database, whatever the code knows of them."""
    with open_store(own_record, wait_s=5) as store:
        _add_view(store)
    for form in FORMATS:
        exported(own_record, tmp_path / form, form)
        assert resources(tmp_path / form)["later"]["rows"] == 2
    assert in_parquet(tmp_path / "parquet", "later") == in_database(own_record, "later")
    assert [each["spans"] for each in in_csv(tmp_path / "csv", "later")] == ['{"a":1}', ""]
    assert [each["share"] for each in in_jsonl(tmp_path / "jsonl", "later")] == [None, 0.5]


def _add_view(store: Store) -> None:
    with store.transaction() as connection:
        connection.execute(
            "CREATE VIEW main.later AS SELECT * FROM (VALUES ({'a': 1}, 'inf'::DOUBLE, INTERVAL 1 DAY), (NULL, 0.5, NULL)) t(spans, share, lag)"
        )


def test_reserved_articles_can_be_left_out(own_record: DataDir, tmp_path: Path) -> None:
    """From every view that has an article's rows; the manifest says that it was asked for."""
    with open_store(own_record, wait_s=5) as store, store.transaction() as connection:
        connection.execute("UPDATE kept.versions SET usage_notice = 'noarchive' WHERE title = 'Tanpa Hari'")
    options = ExportOptions("csv", heeds_notices=True)
    assert export(own_record, tmp_path / "out", options, VERSION, MORNING)
    found = resources(tmp_path / "out")
    assert found["articles"]["rows"] == in_database(own_record, "articles").total() - 1
    assert found["article_versions"]["rows"] == in_database(own_record, "article_versions").total() - 1
    assert manifest(tmp_path / "out")["kabar"]["arguments"]["heeds_notices"] is True
    added = ExportOptions("csv", since=MORNING.date())
    with pytest.raises(ExportRefused, match="holds an export without articles whose page reserves its use"):
        export(own_record, tmp_path / "out", added, VERSION, MORNING)
    assert export(own_record, tmp_path / "out", replace(added, heeds_notices=True), VERSION, MORNING)
    assert export(own_record, tmp_path / "out", ExportOptions("csv"), VERSION, MORNING)
    with pytest.raises(ExportRefused, match="holds an export with articles whose page reserves its use"):
        export(own_record, tmp_path / "out", replace(added, heeds_notices=True), VERSION, MORNING)
