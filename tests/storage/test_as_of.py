"""A state that was named once is had again, whatever was fetched, found gone, read anew or forgotten since."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.kit.running import LATER, SITES, column, crawl_replayed, rows, scrapy

pytestmark = pytest.mark.heavy  # six commands, one after another
SINCE = ("-a", "since=2024-11-01")
SAME = "SELECT * FROM articles_as_of(?) ORDER BY article_id"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a first crawl left; it is crawled again below."""
    data_dir = tmp_path_factory.mktemp("as-of") / "data"
    crawl_replayed("expresi", data_dir, SITES, *SINCE).run().succeeded()
    return data_dir


def test_the_same_instant_gives_the_same_rows(kept: Path, tmp_path: Path) -> None:
    """After edits, removals, a reading by better rules and an erasure, which is named."""
    ((as_of, number),) = rows(kept, "SELECT as_of, articles FROM about")
    before = rows(kept, SAME, as_of)
    assert len(before) == number > 5
    facts = "SELECT article_id, title, text, fetched_at FROM"
    assert rows(kept, f"{facts} articles ORDER BY 1") == rows(kept, f"{facts} ({SAME}) ORDER BY 1", as_of)
    crawl_replayed("expresi", kept, LATER, "-a", "recheck=2024-11-01").run().succeeded()
    assert column(kept, "SELECT count(*) FROM article_versions WHERE version_reason = 'edited'")[0] > 0
    assert rows(kept, SAME, as_of) == before
    assert column(kept, "SELECT as_of FROM about") > [as_of]

    sources = tmp_path / "sources"
    sources.mkdir()
    text = Path("crawler/sources/expresi.toml").read_text("utf-8")
    (sources / "expresi.toml").write_text(
        text + '\n[[rules]]\ndrop_lines = ["^BMKG akan memperbarui"]\n', "utf-8"
    )
    scrapy("reprocess", SOURCE_DIRS=sources, DATA_DIR=kept)
    assert column(kept, "SELECT count(*) FROM article_versions WHERE version_reason = 'reprocessed'")[0] > 0
    assert rows(kept, SAME, as_of) == before

    gone = before[0][0]
    scrapy("forget", gone, "--reason", "uji", DATA_DIR=kept).succeeded()
    assert rows(kept, SAME, as_of) == before[1:]
    assert column(kept, "SELECT article_id FROM forgotten") == [gone]

    scrapy("export", tmp_path / "out", DATA_DIR=kept).succeeded()
    told = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))
    assert told["kabar"]["about"]["as_of"] and "articles_as_of('" in told["description"]
    assert [each["article_id"] for each in told["kabar"]["forgotten"]] == [gone]
    assert "articles_as_of('" in (tmp_path / "out" / "ro-crate-metadata.json").read_text("utf-8")


def test_it_works_through_the_init_file(kept: Path) -> None:
    """In a database of one's own that attaches the published one."""
    with duckdb.connect() as own:
        own.execute((kept / "kabar.sql").read_text("utf-8"))
        ((as_of,),) = own.execute("SELECT as_of FROM kabar.about").fetchall()
        ((number,),) = own.execute("SELECT count(*) FROM articles_as_of(?)", [as_of]).fetchall()
        assert number > 0
        assert own.execute("SELECT count(*) FROM articles_as_of('1999-01-01')").fetchall() == [(0,)]
