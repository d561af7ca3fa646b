"""The recorded outlets, crawled by the real spiders: what then stands in `news.duckdb`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.dedupe import fingerprint
from tests.conftest import Crawled
from tests.kit.running import RECORDED, SEEDS, SITES, column, crawl_replayed, rows, scrapy
from tests.pipelines.expected import SEED_BY_NAME, SEED_PAGES

HELD = {
    "expresi": 10,
    "suarakaltim": 8,
    "portalborneo": 9,
    "chanetujuh": 9,
    "antara_kaltim": 10,
    "klikkaltim": 9,
}
EDITED = "https://expresi.co/pemkot-bontang-targetkan-perbaikan-jalan-soekarno-hatta-rampung-desember/"
WITHDRAWN = "chanetujuh"

every_source = pytest.mark.parametrize("source", RECORDED)
every_seed = pytest.mark.parametrize("source", SEED_PAGES)


def seed(crawled: Crawled, name: str, columns: str) -> Any:
    """The columns of a seed's row; the only value where there is one."""
    (row,) = rows(crawled.data_dir, f"SELECT {columns} FROM articles WHERE url = ?", SEED_PAGES[name][0])
    return row if len(row) > 1 else row[0]


def straight(text: str) -> str:
    """Quotes and dashes as an editor types them: WordPress curls them."""
    return re.sub("[\u2018\u2019]", "'", re.sub("[\u201c\u201d]", '"', text)).replace("\u2013", "--")


# --- the first crawl -------------------------------------------------------------------------------


@every_source
def test_a_crawl_ends_well_and_in_silence(recorded: Crawled, source: str) -> None:
    """Exit code 0, no traceback, nothing for the user to see to, no error in the log."""
    done = recorded.done[source].succeeded()
    assert " ERROR: " not in done.err
    assert " WARNING: " not in done.err


@every_source
def test_everything_a_recorded_site_holds_is_stored(recorded: Crawled, source: str) -> None:
    """Every article, once."""
    found = rows(
        recorded.data_dir,
        "SELECT count(*), count(DISTINCT article_id), count(DISTINCT url) FROM articles WHERE source = ?",
        source,
    )
    assert found == [(HELD[source],) * 3]


def test_every_version_is_the_first(recorded: Crawled) -> None:
    """Nothing was edited yet, and nothing was rejected."""
    assert rows(recorded.data_dir, "SELECT DISTINCT version, version_reason FROM article_versions") == [
        (1, "published")
    ]
    assert rows(recorded.data_dir, "SELECT * FROM rejections") == []


@every_seed
def test_a_seed_is_stored_paragraph_for_paragraph(recorded: Crawled, source: str) -> None:
    """The text is the seed file's own, less its junk."""
    text = seed(recorded, source, "text")
    expected = SEED_BY_NAME[source].expected()
    assert [straight(line) for line in text.split("\n")] == [straight(line) for line in expected]
    assert seed(recorded, source, "fingerprint") == fingerprint("\n".join(expected))


def test_curly_quotes_stay(recorded: Crawled) -> None:
    """Expresi's text has typographic quotes in the seed and in the database."""
    assert (
        seed(recorded, "expresi", "text").count("\u201c") == SEED_BY_NAME["expresi"].raw().count("\u201c") > 0
    )


@every_seed
def test_a_seed_has_its_title_and_instant(recorded: Crawled, source: str) -> None:
    """Title and publication are those of the outlet, to the second."""
    _, title, published = SEED_PAGES[source]
    assert seed(recorded, source, "title") == title
    assert seed(recorded, source, "published_at") == datetime.fromisoformat(published)
    assert seed(recorded, source, "published_on").isoformat() == published[:10]


@pytest.mark.parametrize(
    ("source", "dateline", "credited", "is_advertorial"),
    [
        ("expresi", "Bontang", None, False),
        ("suarakaltim", None, "KlikKaltim.com", False),
        ("portalborneo", "Samarinda", None, False),
        ("chanetujuh", None, None, True),
        ("antara_kaltim", None, None, False),
    ],
)
def test_a_seed_has_its_facts(
    recorded: Crawled, source: str, dateline: str | None, credited: str | None, is_advertorial: bool
) -> None:
    """Dateline, credited source and advertorial mark are what the text says, and null where it does not."""
    found = seed(recorded, source, "dateline, credited_source, is_advertorial, language")
    assert found == (dateline, credited, is_advertorial, "id")


def test_the_byline_block_becomes_authors_and_editors(recorded: Crawled) -> None:
    """ANTARA's Pewarta and Editor."""
    assert seed(recorded, "antara_kaltim", "authors, editors") == (["Ahmad Rifandi"], ["Rahmad"])


def test_fetched_at_is_the_recordings_own_moment(recorded: Crawled) -> None:
    """A replay's clock is the recording's."""
    assert column(recorded.data_dir, "SELECT DISTINCT fetched_at FROM articles") == [
        datetime(2024, 11, 20, 2, tzinfo=UTC)
    ]


def test_a_reprint_points_to_the_agencys_article(recorded: Crawled) -> None:
    """Both reprints of ANTARA's story are linked to it, and share its story."""
    story = rows(
        recorded.data_dir,
        "SELECT article_id, source, duplicate_of, story_id FROM articles WHERE title LIKE 'BMKG%' ORDER BY published_at",
    )
    assert [source for _, source, _, _ in story] == ["antara_kaltim", "portalborneo", "expresi"]
    original = story[0][0]
    assert [duplicate for _, _, duplicate, _ in story] == [None, original, original]
    assert {group for *_, group in story} == {min(article for article, *_ in story)}


def test_a_story_that_was_taken_over_points_to_whom_it_credits(recorded: Crawled) -> None:
    """SuaraKaltim credits Klik Kaltim, has its words, and the page of the same day is the original."""
    (found,) = rows(
        recorded.data_dir,
        "SELECT original_source, copy_source, jaccard > 0.9, lag, direction_certain, c.credited_source, o.credited_source,"
        " o.published_on, o.published_precision, s.outlets, s.copies, s.original_id = o.article_id "
        "FROM copies JOIN articles o ON o.article_id = original_id JOIN articles c ON c.article_id = copy_id "
        "JOIN stories s ON s.story_id = c.story_id WHERE c.url = ?",
        SEED_PAGES["suarakaltim"][0],
    )
    from_the_days_beginning = timedelta(hours=17, minutes=30)
    assert found == (
        *("klikkaltim", "suarakaltim", True, from_the_days_beginning, False, "KlikKaltim.com", None),
        *(date(2024, 8, 20), "day", ["klikkaltim", "suarakaltim"], 1, True),
    )


def test_nothing_else_is_a_copy(recorded: Crawled) -> None:
    """Of all that the outlets hold only the two reprints and the story taken over are not unique."""
    assert column(recorded.data_dir, "SELECT count(*) FROM unique_articles") == [sum(HELD.values()) - 3]


def test_paid_content_is_marked(recorded: Crawled) -> None:
    """The seed, Portal Borneo's own advertorial and Klik Kaltim's by its section, and nothing else."""
    found = rows(
        recorded.data_dir,
        "SELECT source, advertorial_from, advertorial_sponsor FROM articles WHERE is_advertorial ORDER BY source",
    )
    assert found == [
        ("chanetujuh", "text", None),
        ("klikkaltim", "section", None),
        ("portalborneo", "text", "DPRD Kaltim"),
    ]


def test_every_article_has_what_its_outlet_states(recorded: Crawled) -> None:
    """Title and date are never null on the recorded pages, and no article is a fragment."""
    lacking = (
        "SELECT url FROM articles "
        "WHERE title IS NULL OR published_at IS NULL OR NOT is_complete OR published_conflict"
    )
    assert rows(recorded.data_dir, lacking) == []


def test_every_article_is_indonesian(recorded: Crawled) -> None:
    """Short local news is told from Malay and Sundanese."""
    assert rows(recorded.data_dir, "SELECT url, language FROM articles WHERE language <> 'id'") == []


@every_source
def test_the_run_is_counted(recorded: Crawled, source: str) -> None:
    """`crawls` has one row, whose figures close."""
    found = rows(
        recorded.data_dir,
        "SELECT outcome, discovered, fetched, stored, known, rejected, failed, pending, message FROM crawls "
        "WHERE source = ?",
        source,
    )
    held = HELD[source]
    assert found == [("done", held, held, held, 0, 0, 0, 0, None)]


def test_a_page_is_archived_where_its_row_says(recorded: Crawled) -> None:
    """Every row names a segment that exists, and a place in it."""
    for segment, offset in rows(recorded.data_dir, "SELECT segment, record_offset FROM articles"):
        assert (recorded.data_dir / "segments" / segment).stat().st_size > offset > 0


# --- the same recording once more ------------------------------------------------------------------


def contents(crawled: Crawled, view: str) -> list[tuple[Any, ...]]:
    return rows(crawled.data_dir, f"SELECT * FROM {view} ORDER BY ALL")


@pytest.mark.parametrize("view", ["articles", "article_versions", "rejections"])
def test_a_second_crawl_changes_no_row(recorded: Crawled, crawled_again: Crawled, view: str) -> None:
    """Crawling the same recording again leaves every column as it was."""
    assert contents(crawled_again, view) == contents(recorded, view)


@every_source
def test_a_second_crawl_fetches_no_article(recorded: Crawled, crawled_again: Crawled, source: str) -> None:
    """Only discovery documents are asked for."""
    crawled_again.done[source].succeeded()
    answered = "SELECT count(*) FROM fetches WHERE source = ? AND outcome NOT IN ('discovery', 'unchanged')"
    assert column(crawled_again.data_dir, answered, source) == column(recorded.data_dir, answered, source)
    second = rows(
        crawled_again.data_dir,
        "SELECT discovered, fetched, stored, known FROM crawls WHERE source = ? ORDER BY started_at DESC LIMIT 1",
        source,
    )
    assert second == [(0, 0, 0, 0)]


@every_source
def test_a_second_crawl_yields_no_item(crawled_again: Crawled, source: str) -> None:
    """Its feed is empty."""
    assert (crawled_again.feeds / f"{source}.jsonl").read_text(encoding="utf-8").strip() == ""


# --- the later recording ---------------------------------------------------------------------------


def test_the_later_recording_brings_one_new_version(recorded: Crawled, crawled_later: Crawled) -> None:
    """The edited article has a second version, with the outlet's own time of change; nothing else is new."""
    assert rows(
        crawled_later.data_dir, "SELECT url, version, version_reason FROM article_versions WHERE version > 1"
    ) == [(EDITED, 2, "edited")]
    versions = "SELECT count(*) FROM article_versions"
    assert column(crawled_later.data_dir, versions)[0] == column(recorded.data_dir, versions)[0] + 1
    assert column(crawled_later.data_dir, "SELECT count(*) FROM articles") == [sum(HELD.values())]


def test_the_newest_version_is_the_one_shown(recorded: Crawled, crawled_later: Crawled) -> None:
    """`articles` has the edited text, one paragraph longer, under the same id; its first sight stays."""
    asked = "SELECT article_id, first_seen_at, len(string_split(text, chr(10))), version FROM articles WHERE url = ?"
    (before,), (after,) = (rows(each.data_dir, asked, EDITED) for each in (recorded, crawled_later))
    assert after == (before[0], before[1], before[2] + 1, 2)


def test_only_the_edited_article_is_fetched(recorded: Crawled, crawled_later: Crawled) -> None:
    """`crawls` counts one article fetched over all outlets."""
    counted = column(crawled_later.data_dir, "SELECT sum(fetched) FROM crawls")[0]
    assert counted - column(recorded.data_dir, "SELECT sum(fetched) FROM crawls")[0] == 1


def test_a_withdrawn_article_stays(crawled_later: Crawled) -> None:
    """What the outlet withdrew is still a row."""
    assert column(crawled_later.data_dir, "SELECT count(*) FROM articles WHERE source = ?", WITHDRAWN) == [
        HELD[WITHDRAWN]
    ]


@every_source
def test_every_later_crawl_ends_well(crawled_later: Crawled, source: str) -> None:
    """No gap, no fault, no exit code."""
    crawled_later.done[source].succeeded()


# --- seeds on top, and a replay of our own recording ------------------------------------------------


@pytest.mark.heavy
def test_the_seeds_add_no_unique_article(recorded: Crawled, tmp_path: Path) -> None:
    """Ingested after the crawl, the seed texts are the crawled articles, or copies of them."""
    data_dir = recorded.copy(tmp_path / "data")
    scrapy("ingest", SEEDS, DATA_DIR=data_dir).succeeded()
    unique = "SELECT article_id, url, title, text, published_at FROM unique_articles ORDER BY 1"
    assert rows(data_dir, unique) == rows(recorded.data_dir, unique)


@pytest.mark.heavy
def test_a_crawl_can_be_repeated_from_its_own_segment(recorded: Crawled, tmp_path: Path) -> None:
    """REPLAY takes a WARC too: the segment of the first crawl gives the same articles."""
    (segment,) = (recorded.data_dir / "segments" / "expresi").glob("*.warc.gz")
    crawl_replayed("expresi", tmp_path / "data", segment).run().succeeded()
    same = (
        "SELECT article_id, url, title, text, published_at, fingerprint, fetched_at FROM articles "
        "WHERE source = 'expresi' ORDER BY 1"
    )
    assert rows(tmp_path / "data", same) == rows(recorded.data_dir, same)


def test_the_recording_is_the_only_thing_asked(tmp_path: Path) -> None:
    """A source that is not recorded gets 404s, and the crawl says that it found nothing."""
    done = scrapy("crawl", "presisi", REPLAY=SITES, DATA_DIR=tmp_path / "data")
    done.refused(1, "presisi", "HTTP 404")
