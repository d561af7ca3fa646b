"""An outlet whose every word attacks: SQL, shell, formats, escapes, formulas, markup. It stays data, all the way."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pytest

from crawler.console.text import printable
from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import Post, now, posts, serve_pages, source_file
from tests.kit.running import Done, command, rows, together

CLEAN = {
    "sql": "Warga'); DROP TABLE kept.articles; --\" OR 1=1",
    "shell": "Pasar $(touch /tmp/kabar-was-here) `id` | rm -rf ~ && echo ; #",
    "format": "Diskon 100% %s %(x)d %n {0} {title} {__class__.__mro__} ${HOME} \\g<0>",
    "formula": '=HYPERLINK("http://evil.example";"klik di sini")',
    "markup": "<script>alert(1)</script> [bold red]Warga[/bold red] [/] </td>",
    "path": "../../../../etc/passwd file:///etc/passwd \\\\evil\\share",
}
"""Titles that the database holds to the letter."""
STEERING = "Bontang\x1b]0;milikku\x07\x1b[2J\x9b31m\u202egnp\u2066\r\x08 Banjir"
FORGED = "2024-11-18 09:00:00 [kabar] CRITICAL: palsu"
BELOW = "/rahasia-%1b%5b2J%0a2024%0d%00-%e2%80%ae-..%2f..%2fetc/"
QUERY = "select title, authors, tags, section, image_url, published_raw, text from articles order by url"


def steering(text: str) -> list[str]:
    """The lines of a text that hold a hidden sign; tabs part columns."""
    return [line for line in text.replace("\t", " ").split("\n") if printable(line) != line]


@dataclass(frozen=True)
class Attacked:
    """What was served, and how the commands ended."""

    posts: tuple[Post, ...]
    folder: Path
    data_dir: Path
    crawled: Done
    log: str
    asked: dict[str, Done]


def attacking(post: Post, title: str) -> str:
    """Its own page, with the words in every place that a page has for words."""
    said = {
        "@type": "NewsArticle",
        "headline": title,
        "description": f"{title}\n{FORGED}",
        "author": {"@type": "Person", "name": f"Rahmat Hidayat'; --{STEERING}"},
        "keywords": [title, STEERING, "\x00"],
        "articleSection": f"{title}\n",
        "image": f"https://evil.example/\x1b[2J'{title}.jpg",
        "datePublished": post.published.isoformat(),
    }
    body = "".join(f"<p>{escape(each)} {escape(title)} \x1b[31m{STEERING}</p>" for each in post.paragraphs)
    return (
        f"<html><head><title>{escape(title)}</title><script type='application/ld+json'>{json.dumps(said).replace('</', '<x/')}"
        f"</script></head><body><article><h1>{escape(title)}</h1><div class='entry-content'>{body}</div></article></body></html>"
    )


def feed(shown: tuple[Post, ...], titles: list[str], server: Loopback, more: list[str]) -> str:
    """Its feed; what XML cannot hold is left out of it."""
    items = "".join(
        f"<item><title>{escape(printable(title))}</title><link>{server.url(post.path)}</link></item>"
        for post, title in zip(shown, titles, strict=True)
    ) + "".join(f"<item><title>{FORGED}</title><link>{server.url(path)}</link></item>" for path in more)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Warta</title>{items}</channel></rss>'


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    """One crawl with a talkative log, and one question in three formats; the DATA_DIR's own name attacks, too."""
    folder = tmp_path_factory.mktemp("words")
    data_dir = folder / "o'brien; -- $(id) %s {0}"
    titles = [*CLEAN.values(), STEERING]
    shown = posts(now(), count=len(titles))
    headers = {
        "X-Evil": STEERING.encode("utf-8").decode("latin-1").replace("\r", ""),
        "Server": "\x1b[2J'; --",
    }
    with Loopback() as server:
        serve_pages(server, shown)
        for post, title in zip(shown, titles, strict=True):
            server.pages[post.path] = Answer(
                attacking(post, title),
                content_type="text/html; charset=\x1b[2J%s{0}'",
                headers=headers,
                etag='"\x1b[2J\'; DROP TABLE links; --"',
                reason="OK \x1b[31m %s {0}",
            )
        broken = ["/dialihkan/", "/tidak-ada/", "/galat/", BELOW]
        server.pages["/dialihkan/"] = Answer(
            status=302, headers={"Location": "http://\x1b[2J'; --/%0a{0}%s"}, reason="\x1b]0;x\x07"
        )
        server.pages["/galat/"] = Answer(STEERING, 500, reason=f"\x1b[2J %s {FORGED}")
        server.pages["/robots.txt"] = Answer(
            f"User-agent: *\nDisallow:\nSitemap: \x1b[2J{FORGED}\n\x1b[2J", content_type="text/plain"
        )
        server.pages["/feed/"] = Answer(
            feed(shown, titles, server, broken), content_type="application/rss+xml"
        )
        (folder / "sources").mkdir()
        (folder / "sources" / "warta_teluk.toml").write_text(source_file(server, ["rss"]), "utf-8")
        crawled = command(
            *("crawl", "warta_teluk", "-O", folder / "out.csv", "-O", folder / "out.jsonl"),
            SOURCE_DIRS=folder / "sources",
            DATA_DIR=data_dir,
            ALLOW_PRIVATE_HOSTS=server.host,
            DOWNLOAD_DELAY=0,
            READ_WORKERS=1,
            RETRY_TIMES=0,
            CONTACT="redaksi@contoh.example",
            LOG_LEVEL="DEBUG",
            LOG_FILE=folder / "crawl.log",
        ).run()
    asked = together(
        {
            form: command("query", "--format", form, QUERY, DATA_DIR=data_dir, SOURCE_DIRS=folder / "sources")
            for form in ("table", "csv", "json")
        }
    )
    log = (folder / "crawl.log").read_bytes().decode("utf-8")
    return Attacked(shown, folder, data_dir, crawled, log, asked)


def test_the_database_holds_the_very_words(attacked: Attacked) -> None:
    """Every title to the letter, but for what steers a terminal; and every table is still there."""
    titles = {title for (title,) in rows(attacked.data_dir, "SELECT title FROM articles")}
    assert {title for title in CLEAN.values() if not title.startswith("<")} < titles, attacked.crawled.err
    assert len(titles) == len(attacked.posts)
    assert any("Banjir" in title and "[2J" in title for title in titles - set(CLEAN.values()))


def test_nothing_in_the_database_steers_a_terminal(attacked: Attacked) -> None:
    """Not a field of an article, and not a reason or an address beside it."""
    for row in rows(attacked.data_dir, QUERY.replace("text", "replace(text, chr(10), ' ')")):
        for value in row:
            for text in value if isinstance(value, list) else [value or ""]:
                assert printable(text) == text


def test_no_format_steers_a_terminal_or_breaks(attacked: Attacked) -> None:
    """A row of plain lines is a line; JSON and CSV are read back by others."""
    for form, done in attacked.asked.items():
        shown = done.succeeded().out
        assert done.err == ""
        assert steering(shown) == []
        if form == "table":
            assert len(shown.splitlines()) == 1 + len(attacked.posts)
    in_json = json.loads(attacked.asked["json"].out)
    assert CLEAN["formula"] in {row["title"] for row in in_json}
    in_csv = list(csv.DictReader(io.StringIO(attacked.asked["csv"].out, newline="")))
    assert [row["title"].removeprefix("'") for row in in_csv] == [row["title"] for row in in_json]


def test_no_cell_is_a_formula(attacked: Attacked) -> None:
    """Neither in the answer nor in Scrapy's own feed; a feed in JSON lines is exact."""
    feed = (attacked.folder / "out.csv").read_text("utf-8")
    for text in (attacked.asked["csv"].out, feed):
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert f"'{CLEAN['formula']}" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]
    lines = (attacked.folder / "out.jsonl").read_text("utf-8").splitlines()
    assert CLEAN["formula"] in {json.loads(line)["title"] for line in lines}


def test_the_log_is_lines_of_ours(attacked: Attacked) -> None:
    """Each begins as a record does or is set in; none can be forged, and none steers a terminal."""
    for text in (attacked.log, attacked.crawled.err, attacked.crawled.out):
        assert steering(text) == []
    assert "tidak-ada" in attacked.log
    begun = [line for line in attacked.log.split("\n") if line and not line.startswith("    ")]
    assert begun
    assert [line for line in begun if line[:1] != "2" or FORGED in line[:60]] == []
    assert "--- Logging error ---" not in attacked.log + attacked.crawled.err
    assert attacked.crawled.is_traceback_free


def test_every_file_is_named_by_us(attacked: Attacked) -> None:
    """Whatever an address or a title says; and no shell was asked."""
    names = {
        str(path.relative_to(attacked.data_dir)) for path in attacked.data_dir.rglob("*") if path.is_file()
    }
    assert names
    for name in names:
        assert name.replace("-", "").replace("/", "").replace("_", "").replace(".", "").isalnum(), name
    assert {path.name for path in attacked.folder.iterdir()} == {
        *("sources", "out.csv", "out.jsonl", "crawl.log", attacked.data_dir.name),
    }
    assert not Path("/tmp/kabar-was-here").exists()


def test_the_init_file_of_a_folder_with_an_apostrophe_is_sql(attacked: Attacked) -> None:
    """Its ATTACH names the published copy, and nothing behind the apostrophe is a statement."""
    text = (attacked.data_dir / "kabar.sql").read_text("utf-8")
    published = str(attacked.data_dir.resolve() / "news.duckdb").replace("'", "''")
    assert f"ATTACH IF NOT EXISTS '{published}' AS kabar (READ_ONLY);" in text
    assert rows(attacked.data_dir, "SELECT count(*) FROM articles") == [(len(attacked.posts),)]
