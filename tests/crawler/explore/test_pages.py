"""The pages: what they show of a record, in both languages, and what they answer to nonsense."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args
from urllib.parse import parse_qs, urlsplit

import aiohttp
import duckdb
import pytest

from crawler.explore.server import serving
from crawler.explore.words import MESSAGES
from crawler.report.model import KINDS
from crawler.web.names import INCIDENTS
from pipelines.article import Notice, Reason
from storage.batch import Batch
from storage.crawls import CrawlOutcome
from storage.data_dir import DataDir
from storage.explore.ask import run
from storage.explore.copy import Copies
from storage.merge import merge
from storage.search.question import FAULTS
from storage.store import open_store
from tests.crawler.explore.conftest import Get, getter
from tests.kit import prepared
from tests.kit.explored import HOSTILE, Ids
from tests.kit.factories import MORNING, article


async def test_the_first_page_asks_a_question(get: Get) -> None:
    """A GET form whose first named field is the question, in Indonesian, and what the record holds."""
    page = await get("/")
    assert page.status == 200 and page.html.get("lang") == "id"
    form = page.html.forms[0]
    assert form.method == "GET" and form.action == "/search"
    assert form.xpath(".//*[@name]")[0].get("name") == "q"
    assert "33 artikel, 32 berita, 2 media" in page.text
    assert "Berita 0 dari Bontang" in page.text


async def test_english_on_request_and_on_every_link(get: Get) -> None:
    """Whoever asks for English is led to no Indonesian page but by the link that says so."""
    page = await get("/?lang=en")
    assert page.html.get("lang") == "en" and "33 articles" in page.text
    inner = [link for link in page.html.xpath("//a[starts-with(@href, '/')]") if link.get("lang") != "id"]
    assert inner and all("lang=en" in link.get("href") for link in inner)


def test_every_message_has_both_languages_and_the_same_values() -> None:
    """A value that one language leaves out would be lost to its readers."""
    for key, (indonesian, english) in MESSAGES.items():
        assert indonesian and english, key
        assert set(re.findall(r"{(\w+)}", indonesian)) == set(re.findall(r"{(\w+)}", english)), key


def test_every_value_of_the_database_has_words() -> None:
    """No Indonesian page shows a word of the code: each kind, outcome, reason and notice is in the table."""
    for prefix, values in (
        ("incident_", KINDS),
        ("outcome_", get_args(CrawlOutcome)),
        ("rejected_", get_args(Reason)),
        ("notice_", get_args(Notice)),
    ):
        assert {f"{prefix}{value}" for value in values} <= MESSAGES.keys(), prefix
    assert INCIDENTS.keys() == {*KINDS}


@pytest.mark.parametrize(("lang", "words"), [("id", ("diam", "selesai")), ("en", ("silent", "done"))])
async def test_an_outlet_s_page_speaks_one_language(get: Get, lang: str, words: tuple[str, ...]) -> None:
    """Its incidents and how its runs ended are told in the language of the page."""
    page = await get(f"/outlet/kabar_teluk?lang={lang}")
    shown = [each.text_content() for each in page.html.xpath("//li/strong | //tbody//td")]
    assert {*words} <= {*shown}


async def test_what_a_page_reserves_of_its_use_is_shown(get: Get, known: Ids) -> None:
    """In the outlet's own words, beside the facts; an article without has no such line."""
    reserved = await get(f"/article/{known.copy}")
    assert "noarchive, <i>noai</i>" in reserved.text and "Larangan pakai" in reserved.text
    assert "Larangan pakai" not in (await get(f"/article/{known.edited}")).text


async def test_a_story_of_which_the_day_alone_is_known_has_no_time(tmp_path: Path) -> None:
    """As on its own page: midnight in its outlet's zone is no time of publication, and the evening before elsewhere."""
    data_dir, day = DataDir(tmp_path), MORNING - timedelta(hours=9)
    original = replace(article(published=day), published_precision="day", published_on=day.date())
    copy = article("https://kabarteluk.example/dermaga/", source="kabar_teluk", published=MORNING)
    with open_store(data_dir, 5) as store:
        merge(store, Batch(articles=(original, copy)))
    async with serving(data_dir, 0) as home, aiohttp.ClientSession() as client:
        page = await getter(client, home)("/stories")
    assert "Pertama: warta_pesisir , 19 Nov 2024 · Dimuat juga oleh kabar_teluk" in page.text


def test_every_fault_of_a_search_has_its_words() -> None:
    """In both languages; a new one would be an error of ours on the page."""
    assert {f"fault_{fault}" for fault in FAULTS} <= MESSAGES.keys()


async def test_a_search_finds_marks_and_counts(get: Get, known: Ids) -> None:
    """Hits with the words standing out, and the same articles counted by outlet, place, actor, month and mark."""
    page = await get("/search?q=hamzah+dermaga")
    assert "Hasil: 2 artikel" in page.text
    assert {"hamzah", "dermaga"} <= {each.text.lower() for each in page.html.xpath("//mark")}
    facets = {
        link.text_content(): link.getnext().text
        for link in page.html.xpath("//aside//li/a")
        if link.getnext() is not None
    }
    assert facets["Warta Pesisir"] == "1" and facets["Hamzah"] == "2" and facets["berbayar"] == "1"
    assert f"/article/{known.edited}" in page.html.xpath("//ol//a/@href")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("source=warta_pesisir", 25),
        ("paid=1", 1),
        ("edited=1", 1),
        ("removed=1", 1),
        ("actor=hamzah", 2),
        ("place=Bontang", 25),
        ("place=64.74&source=kabar_teluk", 0),
        ("since=2024-11-18&until=2024-11-18&source=warta_pesisir", 1),
        ("q=dermaga&paid=1", 1),
        ("q=%22perbaiki+dermaga%22", 1),
        ("q=hamzah+-menyambutnya", 1),
        ("q=hamz*", 2),
    ],
)
async def test_filters_narrow_a_search(get: Get, query: str, found: int) -> None:
    """By outlet, place, actor, day and mark, alone and together with words; the files hold the same articles."""
    rows = json.loads((await get(f"/search?{query}&format=json")).body)
    page = await get(f"/search?{query}")
    told = re.search(r"Hasil: (\d+) artikel", page.text)
    assert told is not None and (len(rows), int(told[1])) == (found, found)
    table = list(csv.DictReader(io.StringIO((await get(f"/search?{query}&format=csv")).body.decode())))
    assert [row["article_id"] for row in table] == [row["article_id"] for row in rows]


async def test_a_spreadsheet_gets_no_formula(get: Get) -> None:
    """A title that begins as formulas do is text in the CSV; in the JSON it is the very text."""
    told = (await get("/search?format=csv")).body.decode()
    assert not any(cell.startswith(("=", "+", "@")) for row in csv.reader(io.StringIO(told)) for cell in row)
    assert HOSTILE["script"] in {row["title"] for row in json.loads((await get("/search?format=json")).body)}


async def test_pages_of_a_search_hold_each_article_once(get: Get) -> None:
    """Forward to the last page, and no further."""
    found, path = [], "/search"
    while path:
        page = await get(path)
        found += page.html.xpath("//ol//h3/a/@href")
        path = next(iter(page.html.xpath("//a[@rel='next']/@href")), "")
    assert len(found) == len(set(found)) == 33
    assert (await get("/search?page=3")).status == 404


async def test_an_article_says_what_is_known_and_from_where(get: Get, known: Ids) -> None:
    """Text, facts with their witness, names that lead on, and the outlet's own address."""
    page = await get(f"/article/{known.edited}")
    assert "62 perahu" in page.text and "dari JSON-LD: “2024-11-19T23:00:00+00:00”" in page.text
    assert "20 Nov 2024 07.00 WITA" in page.text
    assert page.html.xpath("//section//a[@class='actor' and text()='Hamzah']/@href")[0] == "/actor/hamzah"
    (out,) = page.html.xpath("//a[contains(@rel, 'external')]")
    assert out.get("href") == "https://wartapesisir.example/dermaga/" and "noreferrer" in out.get("rel")


async def test_versions_stand_side_by_side(get: Get, known: Ids) -> None:
    """What the outlet changed is marked on both sides, and nothing else is."""
    page = await get(f"/article/{known.edited}")
    marked = [
        (each.tag, each.text_content())
        for each in page.html.xpath("//*[@class='pairs']//*[self::del or self::ins]")
    ]
    assert marked == [("del", "48 "), ("ins", "62 ")]


async def test_copies_stand_in_time(get: Get, known: Ids) -> None:
    """The original first, the copy with its delay and what it added."""
    page = await get(f"/story/{known.story}")
    rows = [" ".join(row.text_content().split()) for row in page.html.xpath("//table[1]/tbody/tr")[:2]]
    assert rows[0].startswith("Warta Pesisir asal") and "60 menit" in rows[1]
    assert "Warga menyambutnya." in [each.text_content() for each in page.html.xpath("//ins")]
    assert "Menyebut sumber: Warta Pesisir" in page.text


async def test_a_hole_looks_different_from_a_zero(get: Get) -> None:
    """Days without a look are hatched in the calendar, days without an article crossed."""
    page = await get("/outlet/warta_pesisir")
    shapes = page.html.xpath("//*[local-name()='svg']//*[local-name()='rect']/@class")
    assert {"unseen", "nothing", "whole"} <= set(shapes)
    titles = page.html.xpath("//*[local-name()='g']/*[local-name()='title']/text()")
    told = {text.partition(";")[0] for text in titles}  # the stages of the election follow
    assert {"11 Nov: tidak ada yang melihat", "19 Nov: 1 dari 2 artikel"} <= told


async def test_a_share_has_its_denominators(get: Get) -> None:
    """An actor's page says of how many articles, and on how many days somebody looked."""
    page = await get("/actor/hamzah")
    rows = [
        [cell.text_content().strip() for cell in row] for row in page.html.xpath("//table[1]/tbody/tr")[:2]
    ]
    assert [(row[0], row[4], row[5]) for row in rows] == [
        ("Kabar <i>Teluk</i>", "1", "6"),
        ("Warta Pesisir", "1", "23"),
    ]
    assert rows[0][7] == "26 / 29"


async def test_what_was_changed_and_withdrawn(get: Get) -> None:
    """Edits, corrections and withdrawals; paid content with who pays."""
    page = await get("/changes")
    assert "Diubah sesudah terbit: 1" in page.text and "Dicabut: 1" in page.text
    assert "Pasar 7 dari Bontang" in page.text and "angka" in page.text
    assert "Dinas <b>Perikanan</b>" in (await get("/paid")).text


async def test_the_query_behind_a_list_gives_the_list(get: Get, record: DataDir, known: Ids) -> None:
    """Every question that a page shows can be asked as it stands, and the box is filled in with it."""
    cursor = Copies(record, record.root).newest().cursor()
    asked = 0
    for path in (*known.paths()[:14], "/paid", "/changes", f"/article/{known.edited}"):
        page = await get(path)
        for block in page.html.xpath("//details[@class='sql']"):
            (shown,), (link,) = block.xpath(".//code/text()"), block.xpath(".//a/@href")
            (filled,) = parse_qs(urlsplit(link).query)["fill"]
            assert filled == shown
            run(cursor, shown)
            asked += 1
    assert asked > 40
    page = await get("/search?q=dermaga&paid=1")
    sql = page.html.xpath("//section//details[@class='sql']//code/text()")[0]
    assert [row["article_id"] for row in run(cursor, sql).rows] == [known.copy]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/article/nothing", 404, "Tidak ada artikel dengan nomor nothing."),
        ("/article/%3Cscript%3E", 404, "<script>"),
        ("/story/nothing", 404, "nothing"),
        ("/outlet/nothing", 404, "nothing"),
        ("/actor/nothing", 404, "nothing"),
        ("/article/a/b/c", 404, "Tidak ada halaman"),
        ("/nothing", 404, "Tidak ada halaman"),
        ("/article/nothing/archived", 404, "nothing"),
        ("/search?since=2024-13-01", 400, "2024-13-01: bukan tanggal"),
        ("/search?since=20241101", 400, "bukan tanggal"),
        ("/search?since=2024-11-02&until=2024-11-01", 400, "sesudah"),
        ("/paid?until=kemarin", 400, "bukan tanggal"),
        ("/search?page=0", 400, "bukan nomor halaman"),
        ("/search?page=-1", 400, "bukan nomor halaman"),
        ("/search?page=%D9%A3", 400, "bukan nomor halaman"),
        ("/search?page=99999999999999999999", 400, "bukan nomor halaman"),
        ("/stories?page=x", 400, "bukan nomor halaman"),
        ("/changes?page=4000", 404, "bukan nomor halaman"),
        ("/search?format=xml", 400, "bukan bentuk hasil"),
        ("/search?place=Atlantis", 400, "Atlantis"),
        ("/search?q=%22terbuka", 400, "tidak ditutup"),
        ("/search?q=%22terbuka&lang=en", 400, "not closed"),
        ("/search?q=-pilkada", 400, "dikecualikan"),
        ("/search?q=g*", 400, "sedikitnya 2"),
        ("/search?q=OR", 400, "OR"),
        ("/search?q=%00", 400, "tanda"),
        (f"/search?q={'kata+' * 200}", 400, "paling banyak 500 huruf"),
        ("/search?q=" + "-kata+" * 80 + "x", 200, "artikel"),
        ("/search?q=" + "%22ka+ta%22+OR+" * 20 + "x", 200, "artikel"),
        ("/search?q=%22ka+ta%22+OR+%22a+b%22+" * 10, 400, "terlalu banyak"),
        ("/search?source=%27%3B+DROP+TABLE+x%3B+--", 200, "0 artikel"),
        ("/search?lang=en&since=x", 400, "no day"),
    ],
)
async def test_nonsense_gets_one_clear_line(get: Get, path: str, status: int, words: str) -> None:
    """A page that says what is wrong, never a traceback."""
    page = await get(path)
    assert page.status == status and words in page.text and "Traceback" not in page.text


async def test_an_archived_page_does_nothing(get: Get, known: Ids) -> None:
    """It is read from its segment, and what would run, load or lead away is not in it; its policy forbids the rest."""
    page = await get(f"/article/{known.edited}/archived")
    assert page.status == 200 and "Isi halaman arsip." in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy and "allow-scripts" not in policy
    assert b"evil.example" not in page.body and b"script" not in page.body and b"onload" not in page.body
    assert page.html.xpath("//a/@href") == ["https://wartapesisir.example/lain/"]
    (frame,) = (await get(f"/article/{known.edited}")).html.xpath("//iframe")
    assert frame.get("sandbox") == "" and frame.get("src") == f"/article/{known.edited}/archived"


async def test_without_an_archive_there_is_no_link_to_it(get: Get, known: Ids) -> None:
    """An article whose page nobody archived says so."""
    page = await get(f"/article/{known.copy}")
    assert not page.html.xpath("//iframe") and "tidak diarsipkan" in page.text
    assert (await get(f"/article/{known.copy}/archived")).status == 404
    assert (await get(f"/article/{known.edited}/archived?version=9")).status == 404
    assert (await get(f"/article/{known.edited}/archived?version=x")).status == 400


async def test_an_empty_record_has_pages() -> None:
    """A database without a row says how to fill it, and no page falls."""
    async with serving(prepared.empty(), 0) as home, aiohttp.ClientSession() as client:
        get = getter(client, home)
        assert "belum memuat artikel" in (await get("/")).text
        for path in ("/search", "/search?q=kata", "/outlets", "/stories", "/actors", "/paid", "/changes"):
            assert (await get(path)).status == 200, path


async def test_a_new_publication_is_seen_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Without a restart; and a database that goes away leaves one clear page, until it is back."""
    data_dir = DataDir(tmp_path_factory.mktemp("followed") / "data")
    with open_store(data_dir, 5):
        pass
    async with serving(data_dir, 0) as home, aiohttp.ClientSession() as client:
        get = getter(client, home)
        assert "belum memuat artikel" in (await get("/")).text
        with open_store(data_dir, 5) as store:
            merge(store, Batch(articles=(article(),)))
        assert "1 artikel" in (await get("/")).text
        hidden = data_dir.published.rename(data_dir.root / "away")
        page = await get("/")
        assert page.status == 503 and "scrapy crawl" in page.text
        hidden.rename(data_dir.published)
        assert (await get("/")).status == 200


async def test_a_page_of_other_years_is_not_kept_for_the_next_publication(record: DataDir) -> None:
    """What was answered from one copy is never answered from the next; of the same it comes at once."""
    copies = Copies(record, record.root)
    copies.newest().keep("/", b"kept")
    assert copies.newest().answer("/") == b"kept" and Copies(record, record.root).newest().answer("/") is None
    copies.newest().keep("/large", b"x" * 1_000_000)
    assert copies.newest().answer("/large") is None


async def test_stages_of_an_election_are_shaded_and_one_click(record: DataDir, tmp_path: Path) -> None:
    """Where the database has a calendar: behind the charts of time, and as a filter that keeps the search."""
    data_dir = DataDir(tmp_path)
    shutil.copyfile(record.published, data_dir.published)
    with duckdb.connect(str(data_dir.published)) as connection:
        connection.execute(
            "CREATE OR REPLACE VIEW main.calendar AS SELECT 'masa <tenang>' AS stage, DATE '2024-11-17' AS first_day,"
            " DATE '2024-11-19' AS last_day, 'PKPU 2/2024' AS legal_source"
        )
    async with serving(data_dir, 0) as home, aiohttp.ClientSession() as client:
        get = getter(client, home)
        for path, shape in (
            ("/", "stage"),
            ("/actor/hamzah", "stage"),
            ("/outlet/warta_pesisir", "stage"),
        ):
            assert (await get(path)).html.xpath(f"//*[local-name()='rect'][@class='{shape}']"), path
        (link,) = (await get("/search?q=hamzah&paid=1")).html.xpath("//p[@class='chips']/a")
        assert link.text_content() == "masa <tenang>"
        assert link.get("href") == "/search?q=hamzah&since=2024-11-17&until=2024-11-19&paid=1"
        assert "Artikel: 1" in (await get("/paid?since=2024-11-17&until=2024-11-20")).text
