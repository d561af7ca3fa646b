"""`scrapy ingest`: files become the same clean rows as crawled pages."""

from __future__ import annotations

import gzip
import io
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import WarcRecord, WarcRecordType

from tests.conftest import Crawled
from tests.kit.outlet import article_page, posts
from tests.kit.running import SEEDS, Done, column, command, rows, together
from tests.pipelines.expected import SEED_BY_NAME

MORNING = datetime(2024, 11, 20, 1, tzinfo=UTC)
FOREIGN = posts(MORNING, count=3)
PORTALBORNEO = SEEDS / SEED_BY_NAME["portalborneo"].file


def foreign_warc(path: Path, pages: Sequence[tuple[str, bytes, str]]) -> Path:
    """A WARC as another crawler writes it: chunked and compressed bodies left in, pictures among them."""
    with path.open("wb") as file:
        for url, body, kind in pages:
            packed = gzip.compress(body)
            chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
            record = WarcRecord()
            record.init_headers(WarcRecordType.response)
            record.headers["WARC-Target-URI"] = url
            record.headers["WARC-Date"] = "2024-11-21T03:04:05Z"
            record.headers["Content-Type"] = "application/http; msgtype=response"
            head = (
                f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Encoding: gzip\r\n"
                "Transfer-Encoding: chunked\r\n\r\n"
            )
            record.set_bytes_content(head.encode() + chunked)
            raw = io.BytesIO()
            record.write(raw)
            file.write(gzip.compress(raw.getvalue()))
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ingest")


@pytest.fixture(scope="module")
def done(recorded: Crawled, place: Path) -> dict[str, Done]:
    """Every ingest of this module, two at a time, each into a DATA_DIR of its own."""
    page = place / "disimpan.html"
    page.write_text(article_page(FOREIGN[0]), encoding="utf-8")
    warc = foreign_warc(
        place / "asing.warc.gz",
        [
            ("https://www.wartateluk.example/satu/", article_page(FOREIGN[0]).encode(), "text/html"),
            ("https://expresi.co/dua-kata-lagi-saja/", article_page(FOREIGN[1]).encode(), "text/html"),
            ("https://www.wartateluk.example/gambar.jpg", b"\xff\xd8\xff\xe0" * 100, "image/jpeg"),
        ],
    )
    waiting = shutil.copytree(recorded.data_dir / "segments", place / "waiting" / "segments").parent
    one: dict[str, Any] = {"READ_WORKERS": 1}
    first = together(
        {
            "seeds": command("ingest", SEEDS, DATA_DIR=place / "seeds", **one),
            "seed with its source": command(
                "ingest", PORTALBORNEO, "--source", "portalborneo", DATA_DIR=place / "source", **one
            ),
            "page with its address": command(
                "ingest", page, "--url", "https://expresi.co/warga-loktuan/", DATA_DIR=place / "url", **one
            ),
            "foreign": command("ingest", warc, DATA_DIR=place / "foreign", **one),
            "known hosts": command("ingest", "--known-hosts", warc, DATA_DIR=place / "known", **one),
            "waiting": command("ingest", DATA_DIR=waiting),
            "unknown source": command(
                "ingest", PORTALBORNEO, "--source", "portalborne", DATA_DIR=place / "none"
            ),
        }
    )
    return first | together(
        {
            "seeds again": command("ingest", SEEDS, DATA_DIR=place / "seeds", **one),
            "foreign again": command("ingest", warc, DATA_DIR=place / "foreign", **one),
        }
    )


def seed_row(place: Path, name: str, columns: str) -> Any:
    text = SEED_BY_NAME[name].expected()[1]
    (row,) = rows(place / "seeds", f"SELECT {columns} FROM articles WHERE contains(text, ?)", text)
    return row if len(row) > 1 else row[0]


# --- texts -----------------------------------------------------------------------------------------


def test_five_files_are_five_rows(done: dict[str, Done], place: Path) -> None:
    """Four are recognised by brand or copyright line, the fifth is `unknown`."""
    done["seeds"].succeeded()
    assert column(place / "seeds", "SELECT source FROM articles ORDER BY 1") == [
        "antara_kaltim",
        "chanetujuh",
        "expresi",
        "suarakaltim",
        "unknown",
    ]


@pytest.mark.parametrize("name", SEED_BY_NAME)
def test_a_text_is_stored_paragraph_for_paragraph(done: dict[str, Done], place: Path, name: str) -> None:
    """The database has the seed's own lines less its junk, and the facts they state."""
    assert done["seeds"].code == 0
    assert seed_row(place, name, "text").split("\n") == SEED_BY_NAME[name].expected()
    facts = SEED_BY_NAME[name].facts
    assert seed_row(place, name, "title, dateline, credited_source, is_advertorial, authors, editors") == (
        facts.get("title"),
        facts.get("dateline"),
        facts.get("credited_source"),
        facts.get("is_advertorial", False),
        list(facts.get("authors", ())),
        list(facts.get("editors", ())),
    )


@pytest.mark.parametrize("name", SEED_BY_NAME)
def test_a_text_has_no_address_and_no_date(done: dict[str, Done], place: Path, name: str) -> None:
    """Null beats a wrong value: the days that a text speaks of are not its publication."""
    assert done["seeds"].code == 0
    assert seed_row(place, name, "url, host, published_at, published_on, language") == (None,) * 4 + ("id",)


def test_a_source_may_be_given(done: dict[str, Done], place: Path) -> None:
    """`--source` says whose a text is that names no outlet."""
    done["seed with its source"].succeeded()
    assert column(place / "source", "SELECT source FROM articles") == ["portalborneo"]


def test_the_same_files_again_change_nothing(done: dict[str, Done], place: Path) -> None:
    """A second ingest brings nothing, says so, and archives nothing twice."""
    assert "0 new articles" in done["seeds again"].succeeded().out
    assert "5 brought before" in done["seeds again"].out
    assert column(place / "seeds", "SELECT count(*) FROM article_versions") == [5]
    assert len(list((place / "seeds" / "segments").glob("*/*.warc.gz"))) == 5


# --- pages -----------------------------------------------------------------------------------------


def test_a_page_may_be_given_its_address(done: dict[str, Done], place: Path) -> None:
    """`--url` decides the source, the host and the id."""
    done["page with its address"].succeeded()
    found = rows(place / "url", "SELECT source, host, url, title, text, published_at FROM articles")
    url = "https://expresi.co/warga-loktuan/"
    post = FOREIGN[0]
    assert found == [("expresi", "expresi.co", url, post.title, post.text, post.published)]


# --- WARC ------------------------------------------------------------------------------------------


def test_a_foreign_warc_is_read_and_copied(done: dict[str, Done], place: Path) -> None:
    """Its pages are rows under their hosts, fetched when the WARC says, and stand in our own segments."""
    done["foreign"].succeeded()
    found = rows(
        place / "foreign", "SELECT source, title, text, fetched_at, segment FROM articles ORDER BY 1"
    )
    assert [row[:4] for row in found] == [
        ("expresi", FOREIGN[1].title, FOREIGN[1].text, datetime(2024, 11, 21, 3, 4, 5, tzinfo=UTC)),
        (
            "wartateluk.example",
            FOREIGN[0].title,
            FOREIGN[0].text,
            datetime(2024, 11, 21, 3, 4, 5, tzinfo=UTC),
        ),
    ]
    for *_, segment in found:
        assert (place / "foreign" / "segments" / segment).exists()


def test_pictures_are_no_documents(done: dict[str, Done]) -> None:
    """They are skipped, counted, and not rejected."""
    assert "2 documents: 2 new articles" in done["foreign"].out
    assert "0 rejected, 1 records skipped" in done["foreign"].out


def test_a_warc_again_changes_nothing(done: dict[str, Done], place: Path) -> None:
    """It was read to its end, and says so."""
    again = done["foreign again"].succeeded().out
    assert again.startswith("0 documents: 0 new articles, ")
    assert again.endswith("1 files ingested before\n")
    assert column(place / "foreign", "SELECT count(*) FROM fetches") == [2]


def test_known_hosts_alone_may_be_asked_for(done: dict[str, Done], place: Path) -> None:
    """`--known-hosts` keeps the pages of sources and leaves the rest."""
    done["known hosts"].succeeded()
    assert column(place / "known", "SELECT source FROM articles") == ["expresi"]
    assert done["known hosts"].out.startswith("1 documents: 1 new articles, ")
    assert done["known hosts"].out.endswith("0 records skipped, 2 of unknown hosts\n")


# --- what waits ------------------------------------------------------------------------------------


def test_without_a_path_every_waiting_segment_is_merged(
    recorded: Crawled, done: dict[str, Done], place: Path
) -> None:
    """A database built again from the segments alone has the same articles, word for word."""
    done["waiting"].succeeded()
    same = (
        "SELECT article_id, source, url, title, text, published_at, fetched_at, story_id, duplicate_of, "
        "segment, record_offset FROM articles ORDER BY 1"
    )
    assert rows(place / "waiting", same) == rows(recorded.data_dir, same)


def test_an_unknown_source_is_wrong_use(done: dict[str, Done]) -> None:
    """One line names the nearest known one."""
    done["unknown source"].refused(2, "portalborne", "portalborneo")
