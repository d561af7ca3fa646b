"""What is erased is gone from every byte, stays away, and leaves everything else as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.kit.disks import fill, small_disk
from tests.kit.erased import NEEDLES, TITLE, Outlet, copy_of, left_of
from tests.kit.loopback import Loopback
from tests.kit.running import column, rows, scrapy

REASON = "permintaan narasumber"
OTHERS = (
    "SELECT article_id, version, title, text, fetched_at FROM article_versions WHERE title <> ? ORDER BY ALL"
)


@pytest.fixture(params=["listing rss", pytest.param("wordpress", marks=pytest.mark.soak)])
def outlet(request: pytest.FixtureRequest, server: Loopback, tmp_path: Path) -> Outlet:
    """An outlet that was crawled twice; between the two its article was edited."""
    made = Outlet.make(server, tmp_path, *str(request.param).split())
    made.site.crawl().run().succeeded()
    made.edit()
    made.site.crawl("-a", "recheck=2024-01-01").run().succeeded()
    logs = made.site.data_dir / "logs"
    logs.mkdir()
    (logs / "harvest.log").write_text(f"INFO: {made.url} was edited\nINFO: {TITLE}\nINFO: done\n", "utf-8")
    (made.site.data_dir / "status.html").write_text(f"<a href='{made.url}'>{TITLE}</a>", "utf-8")
    (made.site.data_dir / "store.duckdb.before-7").write_bytes(b"Wiranegara")
    return made


def forgotten(outlet: Outlet, *more: str) -> str:
    return outlet.site.command("forget", outlet.url, "--reason", REASON, *more).run().succeeded().out


@pytest.mark.heavy
def test_nothing_is_left_whatever_comes(outlet: Outlet, tmp_path: Path) -> None:
    """No byte has it after forget, crawl, recheck, reprocess, ingest of its page and a rebuild of everything."""
    site, data_dir = outlet.site, outlet.site.data_dir
    assert {each.rpartition(": ")[2] for each in left_of(data_dir)} >= {*NEEDLES}
    page = tmp_path / "page.wacz"
    site.command("raw", outlet.url, "--wacz", page).run().succeeded()
    others = rows(data_dir, OTHERS, TITLE)
    shown = forgotten(outlet, "--dry-run")
    assert shown.startswith("would forget") and "2 versions" in shown
    assert left_of(data_dir)
    assert "2 versions" in forgotten(outlet)
    assert left_of(data_dir) == []
    assert (data_dir / "logs" / "harvest.log").read_text("utf-8").endswith("\nINFO: done\n")
    for words in (
        ("crawl", site.name),
        ("crawl", site.name, "-a", "recheck=2024-01-01"),
        ("crawl", site.name, "-a", "since=2024-01-01"),
        ("reprocess",),
        ("ingest", str(page)),
        ("doctor", "--rebuild-ledger"),
        ("crawl", site.name),
    ):
        done = site.command(*words).run()
        assert done.is_traceback_free, done.err
        assert left_of(data_dir) == [], words
    for name in ("store.duckdb", "news.duckdb"):
        (data_dir / name).unlink()
    site.command("doctor", "--mend").run()
    assert left_of(data_dir) == []
    assert [row[2:4] for row in rows(data_dir, OTHERS, TITLE)] == [row[2:4] for row in others]
    assert rows(data_dir, "SELECT source, reason FROM forgotten") == [(site.name, REASON)]


@pytest.mark.heavy
def test_segments_of_before_bring_nothing_back(outlet: Outlet, tmp_path: Path) -> None:
    """Files of a backup that still have the page are read without it, also where everything is made again from them."""
    data_dir = outlet.site.data_dir
    shutil.copytree(data_dir / "segments", tmp_path / "backup")
    forgotten(outlet)
    shutil.rmtree(data_dir / "segments")
    shutil.copytree(tmp_path / "backup", data_dir / "segments")
    for name in ("store.duckdb", "news.duckdb", "ledger.sqlite"):
        (data_dir / name).unlink()
    outlet.site.command("doctor", "--mend").run()
    outlet.site.command("doctor", "--rebuild-ledger").run()
    assert [line for line in left_of(data_dir) if not line.startswith("segments/")] == []
    assert column(data_dir, "SELECT count(*) FROM articles") == [6]


@pytest.mark.heavy
def test_the_pages_of_others_are_where_their_rows_say(outlet: Outlet) -> None:
    """A segment that was written anew holds every other page, and each row leads to its own."""
    data_dir = outlet.site.data_dir
    forgotten(outlet)
    found = rows(data_dir, "SELECT article_id, title FROM articles")
    assert len(found) == 6
    for article_id, title in found:
        page = outlet.site.command("raw", article_id).run().succeeded().out
        assert title in page and "uwarasan" not in page
    told = outlet.site.command("doctor", "--segments").run()
    assert [line for line in told.out.splitlines()[1:] if not line.startswith("ok")] == []


@pytest.mark.heavy
def test_the_page_that_comes_again_is_refused_by_name(outlet: Outlet, tmp_path: Path) -> None:
    """An ingest of it is a rejection `forgotten` without an address; so is a copy of its file under another name."""
    page = tmp_path / "page.html"
    page.write_text(outlet.site.server.pages[outlet.victim.path].bytes().decode(), "utf-8")  # type: ignore[union-attr]
    forgotten(outlet)
    done = outlet.site.command("ingest", page, "--url", outlet.url).run()
    assert "1 rejected" in done.out and "forgotten" in done.out + done.err
    amp = f"{outlet.url}?utm_source=x"
    outlet.site.command("ingest", page, "--url", amp).run()
    found = rows(outlet.site.data_dir, "SELECT url, reason FROM rejections WHERE reason = 'forgotten'")
    assert len(found) >= 2 and {url for url, _ in found} == {None}
    assert left_of(outlet.site.data_dir) == []


@pytest.mark.heavy
def test_a_file_that_says_no_address_is_refused_as_well(outlet: Outlet, tmp_path: Path) -> None:
    """A saved page is known by the address that it gives itself, and a text by its very words."""
    served = outlet.site.server.pages[outlet.victim.path].bytes().decode()  # type: ignore[union-attr]
    saved, text = tmp_path / "halaman.html", tmp_path / "teks.txt"
    saved.write_text(
        served.replace("</head>", f'<link rel="canonical" href="{outlet.url}"></head>').replace(
            "Warga", "Rakyat"
        ),
        "utf-8",
    )
    (words,) = column(outlet.site.data_dir, "SELECT text FROM articles WHERE title = ?", TITLE)
    text.write_text(f"{TITLE}\n\n{words}", "utf-8")
    forgotten(outlet)
    done = outlet.site.command("ingest", saved, text).run()
    assert "2 rejected" in done.out and "forgotten" in done.err
    parts = outlet.site.data_dir / "bagian"
    outlet.site.command("ingest", "--shard", "1/1", "--to", parts, saved, text).run().succeeded()
    assert left_of(outlet.site.data_dir) == []
    done = outlet.site.command("merge", parts).run()
    assert "2 rejected" in done.out and "forgotten" in done.err
    assert left_of(outlet.site.data_dir) == []


@pytest.mark.heavy
def test_a_crawl_that_meets_it_says_so(outlet: Outlet) -> None:
    """Where a list still names it: one rejection `forgotten` a run, without an address; nothing is asked for."""
    forgotten(outlet)
    asked = len(outlet.site.server.asked)
    outlet.site.crawl("-a", "since=2024-01-01").run().succeeded()
    paths = [each.path for each in outlet.site.server.asked[asked:]]
    assert outlet.victim.path not in paths
    assert rows(
        outlet.site.data_dir, "SELECT url, count(*) FROM rejections WHERE reason = 'forgotten' GROUP BY 1"
    ) == [(None, 1)]


@pytest.mark.heavy
def test_what_was_forgotten_is_named(outlet: Outlet) -> None:
    """By its id, as by its address; twice is once; the list says which files elsewhere still have it."""
    site = outlet.site
    (article_id,) = column(site.data_dir, "SELECT article_id FROM articles WHERE title = ?", TITLE)
    site.command("forget", "--list").run().succeeded()
    forgotten(outlet)
    for asked in (article_id, outlet.url):
        for words in (("forget", asked, "--reason", "x"), ("raw", asked)):
            site.command(*words).run().refused(2, "was forgotten on", REASON)
    listed = site.command("forget", "--list").run().succeeded().out
    assert article_id in listed and REASON in listed and f"{site.name}/" in listed


def test_bad_input_is_one_line(outlet: Outlet) -> None:
    """No reason, no article, an unknown one, a segment that is damaged: nothing is erased."""
    site = outlet.site
    before = column(site.data_dir, "SELECT article_id FROM articles ORDER BY 1")
    site.command("forget", outlet.url).run().refused(2, "--reason")
    site.command("forget", "--reason", "x").run().refused(2, "one address or article_id")
    site.command("forget", "0123456789abcdef", "--reason", "x").run().refused(2, "no article has this id")
    path = next((site.data_dir / "segments" / site.name).glob("*.warc.gz"))
    data = path.read_bytes()
    path.write_bytes(data[:-40])
    site.command("forget", outlet.url, "--reason", "x").run().refused(2, path.name, "cut off")
    assert column(site.data_dir, "SELECT article_id FROM articles ORDER BY 1") == before
    assert not (site.data_dir / "forgetting.json").exists()


@pytest.mark.heavy
def test_a_disk_without_room_is_one_line(crawled: Path, tmp_path: Path) -> None:
    """Nothing is half done: with room again the same command erases."""
    with small_disk(tmp_path / "disk", "64m") as disk:
        data_dir = Path(shutil.copytree(crawled, disk / "data"))
        (article_id,) = column(data_dir, "SELECT min(article_id) FROM articles")
        filler = fill(disk, 12 << 20)
        scrapy("forget", article_id, "--reason", "x", DATA_DIR=data_dir).refused(
            1, "make room", "nothing was erased"
        )
        assert article_id in column(data_dir, "SELECT article_id FROM articles")
        filler.unlink()
        scrapy("forget", article_id, "--reason", "x", DATA_DIR=data_dir).succeeded()
        assert article_id not in column(data_dir, "SELECT article_id FROM articles")


def test_copies_in_other_outlets_stay(crawled: Path, tmp_path: Path) -> None:
    """They are other articles, and are named; the story is settled anew without the erased one."""
    data_dir = copy_of(crawled, tmp_path / "data")
    pair = "SELECT original_id, copy_id FROM copies ORDER BY ALL LIMIT 1"
    if not (found := rows(data_dir, pair)):
        pytest.fail("the recordings hold no copy")
    ((original, copy),) = found
    out = scrapy("forget", original, "--reason", "x", DATA_DIR=data_dir).succeeded().out
    assert "remain" in out and copy in out
    assert rows(data_dir, "SELECT story_id, duplicate_of FROM articles WHERE article_id = ?", copy) == [
        (copy, None)
    ]
    assert column(data_dir, "SELECT count(*) FROM copies WHERE ? IN (original_id, copy_id)", original) == [0]
