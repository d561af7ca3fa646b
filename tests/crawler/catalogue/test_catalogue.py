"""Source files: what they may say, what a platform adds, and how a fault is told."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from crawler.catalogue.load import (
    BUNDLED,
    ENTRY_KEYS,
    EXPECT_KEYS,
    PLATFORM_KEYS,
    PLATFORMS,
    RULE_KEYS,
    SOURCE_KEYS,
    load_catalogue,
    load_platform,
    load_platforms,
    load_source,
)
from crawler.catalogue.model import Catalogue, Expect, Source
from crawler.catalogue.strict_toml import SourceError

DOCS = Path(__file__).parents[3] / "docs" / "sources.md"
HEAD = 'title = "Warta"\nhome = "https://warta.example/"\ntimezone = "Asia/Makassar"\n'


def written(folder: Path, text: str | bytes, name: str = "warta") -> Path:
    path = folder / f"{name}.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


ZONES = {"61": "Asia/Pontianak", "62": "Asia/Jakarta"}
"""Provinces whose clocks are not Central Indonesia's."""


def source(folder: Path, text: str, head: str = HEAD, name: str = "warta") -> Source:
    return load_source(written(folder, head + text, name), load_platforms())


# --- the bundled files -------------------------------------------------------------------------------


def test_the_bundled_sources_load() -> None:
    """At least forty outlets are there, the five of the seeds among them, each with entries, a place and its zone."""
    catalogue = load_catalogue()
    assert len(catalogue) >= 40
    seeds = {name for name, each in catalogue.items() if each.status == "seed"}
    assert seeds == {"antara_kaltim", "chanetujuh", "expresi", "portalborneo", "suarakaltim"}
    for each in catalogue.values():
        assert each.entries and each.enabled and each.region and each.verified is None, each.name
        assert each.timezone == ZONES.get(each.province or "", "Asia/Makassar"), each.name
        assert each.clock in (each.timezone, "Asia/Jakarta"), each.name


def test_no_two_bundled_sources_share_a_host_or_a_brand() -> None:
    """A page and a text belong to one of them."""
    catalogue = load_catalogue()
    hosts = [host for each in catalogue.values() for host in each.hosts]
    assert len(hosts) == len(set(hosts))
    brands = [brand for each in catalogue.values() for brand in {brand.casefold() for brand in each.brands}]
    assert sorted({brand for brand in brands if brands.count(brand) > 1}) == []


@pytest.mark.parametrize("path", sorted(BUNDLED.glob("*.toml")), ids=lambda path: path.stem)
def test_a_bundled_source_tells_its_certainty(path: Path) -> None:
    """Each file says in comments what is known and what is not, for nobody has seen the live site."""
    comments = "\n".join(line for line in path.read_text("utf-8").splitlines() if line.startswith("#"))
    assert "Known" in comments and "Not known" in comments


@pytest.mark.parametrize("name", sorted(path.stem for path in PLATFORMS.glob("*.toml")))
def test_a_platform_serves_an_outlet(tmp_path: Path, name: str) -> None:
    """Every platform gives an outlet of four lines absolute entries on its own host."""
    made = source(tmp_path, f'platform = "{name}"')
    assert made.entries
    assert all(each.url.startswith("https://warta.example/") for each in made.entries)
    assert all((each.pages or each.url).startswith("https://warta.example/") for each in made.entries)


@pytest.mark.parametrize(
    ("name", "article", "identity"),
    [
        ("antara", "berita/221904/presiden-jokowi-pesan-sinergi", "221904"),
        ("antara", "amp/berita/196143/cuaca", "196143"),
        ("antara", "foto/779149/pemungutan-suara-ulang-pilkada", None),
        ("antara", "rilis-pers/779149/pemungutan-suara-ulang", None),
        ("suara", "read/2024/08/20/163000/bakhtiar-wakkang-kecewa", ""),
        ("suara", "bola/2024/08/20/163000/bakhtiar-wakkang-kecewa?page=2", ""),
        ("suara", "tag/bakhtiar-wakkang-kecewa-dan-lain", None),
        ("tribun", "tribun-etam/1121817/populer-kaltim", "1121817"),
        ("tribun", "2020/07/28/kabar-dari-samarinda", ""),
        ("tribun", "news/2020/07/28/kabar-dari-samarinda", ""),
        ("tribun", "topic/1121817/populer-kaltim", None),
        ("jawapos", "balikpapan/2386892917/banjir-rob", "2386892917"),
        ("jawapos", "balikpapan/banjir-rob-di-pesisir-selatan", None),
        ("disway", "olahraga/read/63474/pesut-etam-menang", "63474"),
        ("disway", "read/63474/pesut-etam-menang", "63474"),
        ("disway", "kategori/olahraga-dan-kesehatan-hari-ini", None),
    ],
)
def test_a_platform_knows_its_articles(name: str, article: str, identity: str | None) -> None:
    """A platform's pattern tells articles from the rest, and reads the article's number."""
    pattern = load_platforms()[name].article
    assert pattern is not None
    match = re.search(pattern, f"/{article}")
    assert (match is not None) == (identity is not None)
    if match is not None:
        assert (match.groupdict().get("id") or "") == identity


# --- what a file may say -----------------------------------------------------------------------------


def test_four_lines_are_a_source(tmp_path: Path) -> None:
    """Title, home and zone are enough; the rest has defaults."""
    made = source(tmp_path, "")
    assert (made.name, made.platform, made.clock, made.status) == (
        "warta",
        "generic",
        "Asia/Makassar",
        "inferred",
    )
    assert made.hosts == ("warta.example",)
    assert made.expect == Expect()


def test_every_key_is_read(tmp_path: Path) -> None:
    """A file that uses every key loads, and what it says arrives."""
    made = source(
        tmp_path,
        """
        region = "Bontang"
        province = "64"
        clock = "Asia/Jakarta"
        platform = "wordpress"
        brands = ["WARTA.example"]
        title_suffixes = ["Warta Pesisir"]
        languages = ["id", "jv"]
        hosts = ["www.Kota.warta.example", "warta.example:8080"]
        network = "Jaringan"
        status = "documented"
        notice = "Tanya dulu."
        verified = 2024-11-20
        enabled = false
        delay_s = 5
        evidence = "page"
        article = '^/kabar/(?P<id>\\d+)'
        [[entry]]
        kind = "listing"
        url = "/indeks"
        pages = "/indeks/{n}"
        max_pages = 3
        item = "h2 a"
        next = "a.older"
        from_root = true
        [[entry]]
        kind = "rss"
        url = "https://umpan.example/warta"
        article = '^/lain'
        [[rules]]
        body = "div.isi"
        remove = [".iklan"]
        drop_lines = ["^Baca juga"]
        title = "h1"
        published = "time"
        authors = ".penulis"
        editors = ".editor"
        section = ".kanal"
        tags = ".tag a"
        whole = "?page=all"
        author_is_editor = true
        [expect]
        articles_per_day = [1, 60]
        share_with_date = 0.95
        share_with_author = 1
        share_with_dateline = 0
        """,
    )
    assert made.hosts == ("warta.example", "kota.warta.example", "warta.example:8080")
    assert made.status == "documented" and made.verified == date(2024, 11, 20) and not made.enabled
    assert (made.delay_s, made.evidence) == (5.0, "page")
    listing, feed = made.entries
    assert (listing.url, listing.pages) == (
        "https://warta.example/indeks",
        "https://warta.example/indeks/{n}",
    )
    assert (listing.max_pages, listing.item, listing.next, listing.from_root) == (3, "h2 a", "a.older", True)
    assert listing.article == r"^/kabar/(?P<id>\d+)"
    assert (feed.url, feed.article) == ("https://umpan.example/warta", "^/lain")
    assert made.expect == Expect((1, 60), 0.95, 1.0, 0.0)
    rules = made.rules_on(date(2024, 11, 20))
    assert (rules.source, rules.timezone, rules.clock) == ("warta", "Asia/Makassar", "Asia/Jakarta")
    assert (rules.brands, rules.title_suffixes, rules.languages) == (
        ("WARTA.example",),
        ("Warta Pesisir",),
        ("id", "jv"),
    )
    assert (rules.body, rules.title, rules.published, rules.authors) == ("div.isi", "h1", "time", ".penulis")
    assert rules.whole == "?page=all"
    assert (rules.editors, rules.section, rules.tags, rules.author_is_editor) == (
        ".editor",
        ".kanal",
        ".tag a",
        True,
    )
    assert rules.hosts == made.hosts


def test_the_keys_of_that_file_are_all_there_are() -> None:
    """The test above misses no key: a new one must be added to it."""
    text = Path(__file__).read_text("utf-8")
    sample = (
        text[text.index('region = "Bontang"') : text.index("share_with_dateline = 0")]
        + "share_with_dateline = 0"
    )
    data = tomllib.loads(HEAD + "\n".join(line.strip() for line in sample.splitlines()).replace("\\\\", "\\"))
    assert set(data) == set(SOURCE_KEYS)
    assert {key for entry in data["entry"] for key in entry} == set(ENTRY_KEYS)
    assert set(data["rules"][0]) == set(RULE_KEYS) - {"valid_until"}
    assert set(data["expect"]) == set(EXPECT_KEYS)


def test_entries_replace_the_platforms(tmp_path: Path) -> None:
    """A source's own entries are tried instead of its platform's, not beside them."""
    made = source(tmp_path, 'platform = "wordpress"\n[[entry]]\nkind = "rss"\nurl = "/umpan"')
    assert [each.url for each in made.entries] == ["https://warta.example/umpan"]


def test_the_sub_domain_of_a_network(tmp_path: Path) -> None:
    """A platform's address may hold the outlet's sub-domain."""
    made = source(tmp_path, 'platform = "suara"', HEAD.replace("https://warta.", "https://www.kaltim.warta."))
    assert made.entries[0].url == "https://www.kaltim.warta.example/static/news/kaltim-sitemap.xml"


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("", "Asia/Makassar"),
        ('clock = "Asia/Jayapura"', "Asia/Jayapura"),
        ('platform = "antara"', "Asia/Jakarta"),
        ('platform = "antara"\nclock = "Asia/Makassar"', "Asia/Makassar"),
    ],
)
def test_whose_clock_bare_times_follow(tmp_path: Path, text: str, clock: str) -> None:
    """The file's clock comes first, then the platform's, then the place's zone."""
    assert source(tmp_path, text).clock == clock


def test_rules_replace_or_add(tmp_path: Path) -> None:
    """`body` and its like replace the platform's, `remove` and `drop_lines` add to them."""
    made = source(
        tmp_path,
        'platform = "tribun"\n[[rules]]\nbody = ".isi"\nremove = [".lain"]\ndrop_lines = ["^Lain"]',
    ).rules_on(date(2024, 11, 20))
    platform = load_platforms()["tribun"].rule_sets[-1]
    assert made.body == ".isi"
    assert made.title == platform.title == "h1#arttitle"
    assert made.remove == (*platform.remove, ".lain")
    assert made.drop_lines == (*platform.drop_lines, "^Lain")


@pytest.mark.parametrize(
    ("day", "body"),
    [
        (date(2020, 1, 1), ".lama"),
        (date(2024, 6, 30), ".lama"),
        (date(2024, 7, 1), ".tengah"),
        (date(2025, 3, 1), ".tengah"),
        (date(2025, 3, 2), ".baru"),
    ],
)
def test_rules_by_the_day_of_the_fetch(tmp_path: Path, day: date, body: str) -> None:
    """A rule set holds up to its `valid_until`, that day included; the last holds on."""
    made = source(
        tmp_path,
        '[[rules]]\nbody = ".lama"\nvalid_until = 2024-06-30\n'
        '[[rules]]\nbody = ".tengah"\nvalid_until = 2025-03-01\n'
        '[[rules]]\nbody = ".baru"\n',
    )
    assert made.rules_on(day).body == body


def test_a_platforms_own_days_are_kept(tmp_path: Path) -> None:
    """Where source and platform both change, each change has its day."""
    old = written(tmp_path, 'title = "CMS"\n[[rules]]\nbody = ".a"\ntitle = "h1"\nvalid_until = 2024-06-30\n'
                            '[[rules]]\nbody = ".b"\n', "cms")  # fmt: skip
    path = written(
        tmp_path,
        f'{HEAD}platform = "cms"\n[[rules]]\nsection = ".x"\nvalid_until = 2024-12-31\n[[rules]]\nsection = ".y"\n',
    )
    made = load_source(path, {"cms": load_platform(old)})
    seen = [made.rules_on(date(year, 6, 30)) for year in (2024, 2025)] + [made.rules_on(date(2024, 7, 1))]
    assert [(each.body, each.title, each.section) for each in seen] == [
        (".a", "h1", ".x"),
        (".b", None, ".y"),
        (".b", None, ".x"),
    ]


@pytest.mark.parametrize(
    ("home", "url", "owns"),
    [
        ("https://warta.example/", "https://warta.example/kabar", True),
        ("https://warta.example/", "http://www.warta.example:80/kabar", True),
        ("https://www.warta.example/", "https://WARTA.example", True),
        ("https://warta.example/", "https://kota.warta.example/kabar", False),
        ("https://kota.warta.example/", "https://www.warta.example/kabar", False),
        ("https://warta.example/", "https://warta.example:8080/kabar", False),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/kabar", True),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8081/kabar", False),
        ("https://warta.example/", "bukan alamat", False),
        ("https://warta.example/", "", False),
    ],
)
def test_whose_an_address_is(tmp_path: Path, home: str, url: str, owns: bool) -> None:
    """An address belongs to a source by its host; `www.` and the usual port count for nothing."""
    made = source(tmp_path, "", HEAD.replace("https://warta.example/", home))
    assert made.owns(url) is owns
    assert Catalogue([made]).by_url(url) is (made if owns else None)


def test_only_a_brand_of_one_outlet_names_it(tmp_path: Path) -> None:
    """A brand that two outlets use, however spelt, recognises neither."""
    one = source(tmp_path, 'brands = ["Warta", "WARTA PESISIR"]')
    two = source(tmp_path, 'brands = ["warta"]', HEAD.replace("warta.example", "dua.example"), "dua")
    assert Catalogue([one, two]).brands() == {"WARTA PESISIR": "warta"}


# --- faults ------------------------------------------------------------------------------------------

FAULTS = [
    ('tittle = "x"', "unknown key 'tittle'; the nearest known key is 'title'"),
    ('[[rules]]\nboddy = "p"', "unknown key 'boddy' in [[rules]]; the nearest known key is 'body'"),
    ('[[rules]]\nbody = "p"\nbrands = ["x"]',
     "unknown key 'brands' in [[rules]]; it belongs at the top of the file, before the first [ or [["),
    ('body = "p"', "unknown key 'body'; it belongs in [[rules]]"),
    ('[expect]\nshare_with_dates = 1',
     "unknown key 'share_with_dates' in [expect]; the nearest known key is 'share_with_date'"),
    ('[[entry]]\nkind = "rss"\nurl = "/a"\n[[entry]]\nkind = "rss"\nurls = "/b"',
     "unknown key 'urls' in [[entry]] 2; the nearest known key is 'url'"),
    ("brands = 'x'", "'brands' must be a list of texts, not a text"),
    ("brands = ['x', 3]", "'brands' must be a text, not a number"),
    ("brands = ['x', ' ']", "'brands' is empty"),
    ("region = 64", "'region' must be a text, not a number"),
    ("province = '6'", "'province' must be a BPS code of two digits, not '6'"),
    ("languages = ['ind']", "'languages' must be ISO 639-1 codes of two letters, bjn or min, not 'ind'"),
    ("hosts = ['https://x.example/']", "'hosts' must be bare hosts like 'berita.example.id' or "
     "'example.id:8080', "
     "not 'https://x.example/'"),
    ("hosts = ['x.example:99999']", "'hosts' must be bare hosts like …, not 'x.example:99999'"),
    ("enabled = 'yes'", "'enabled' must be true or false, not a text"),
    ("delay_s = -1", "'delay_s' must be a number from 0 to 3600, not -1"),
    ("delay_s = true", "'delay_s' must be a number from 0 to 3600, not True"),
    ("verified = '2024-11-20'", "'verified' must be a day like 2025-03-01 (without quotes), not a text"),
    ("verified = 2024-11-20T10:00:00", "'verified' must be a day like 2025-03-01 (without quotes), "
     "not a date or time"),
    ("status = 'sed'", "'status' is 'sed'; did you mean 'seed'?; known are seed, documented, inferred"),
    ("clock = 'WITA'", "'clock' is no IANA time zone: 'WITA'; WIB is Asia/Jakarta, WITA Asia/Makassar, "
     "WIT Asia/Jayapura"),
    ("clock = 'Asia'", "'clock' is no IANA time zone: 'Asia'; WIB is …"),
    ("clock = '../etc/passwd'", "'clock' is no IANA time zone: '../etc/passwd'; WIB is …"),
    ("platform = 'wordpres'", "'platform' names no platform: 'wordpres'; did you mean 'wordpress'?"),
    ("article = '('", "'article' is no Python pattern: '(' (missing ), unterminated subpattern at "
     "position 0)"),
    ("entry = 3", "'entry' must be tables [[entry]], with two brackets"),
    ("[entry]\nkind = 'rss'", "'entry' must be tables [[entry]], with two brackets"),
    ("[[expect]]", "'expect' must be a table [expect], not a list"),
    ("[[entry]]\nurl = '/a'", "'kind' in [[entry]] is missing"),
    ("[[entry]]\nkind = 'rss'", "'url' in [[entry]] is missing"),
    ("[[entry]]\nkind = 'atom'\nurl = '/a'", "'kind' in [[entry]] is 'atom'; known are rss, sitemap, "
     "news_sitemap, "
     "wordpress, listing"),
    ("[[entry]]\nkind = 'sitemaps'\nurl = '/a'", "'kind' in [[entry]] is 'sitemaps'; did you mean "
     "'sitemap'?; "
     "known are rss, sitemap, news_sitemap, wordpress, listing"),
    ("[[entry]]\nkind = 'rss'\nurl = '/a{x}'", "'url' in [[entry]] is no address template: unknown "
     "field {x}; "
     "known are day, month, month_name, n, year"),
    ("[[entry]]\nkind = 'rss'\nurl = '/a'\npages = '/b'", "'pages' in [[entry]] must hold {n}, the "
     "number of the page"),
    ("[[entry]]\nkind = 'rss'\nurl = '/a'\nmax_pages = 0", "'max_pages' in [[entry]] must be a whole "
     "number from 1, "
     "not 0"),
    ("[[entry]]\nkind = 'rss'\nurl = 'ftp://x.example/'", "'url' in [[entry]] is no http or https address: "
     "'ftp://x.example/'"),
    ("[[rules]]\nbody = 'div['", "'body' in [[rules]] is no CSS selector: 'div[' (…)"),
    ("[[rules]]\nremove = ['p', 'a::text']", "'remove' in [[rules]] is no CSS selector: 'a::text' (…)"),
    ("[[rules]]\nbody = 'ns|p'", "'body' in [[rules]] is no CSS selector: 'ns|p' (Undefined namespace prefix)"),
    (f"[[rules]]\nbody = '{'p ' * 3_000}'", "'body' in [[rules]] is no CSS selector: 'p p …' (…)"),
    ("[[rules]]\ndrop_lines = ['[a']", "'drop_lines' in [[rules]] is no Python pattern: '[a' "
     "(unterminated character set at position 0)"),
    ("[[rules]]\nvalid_until = 2025-03-01", "'valid_until' in [[rules]] must not stand in the last "
     "[[rules]]: "
     "what holds afterwards?"),
    ("[[rules]]\nbody = 'p'\n[[rules]]\nbody = 'b'", "'valid_until' in [[rules]] 1 is missing: only the last "
     "[[rules]] may go without"),
    ("[[rules]]\nvalid_until = 2025-03-01\n[[rules]]\nvalid_until = 2025-03-01\n[[rules]]",
     "'valid_until' in [[rules]] 1 must be earlier than in the [[rules]] that follow"),
    ("[expect]\narticles_per_day = [60, 1]", "'articles_per_day' in [expect] must be two whole numbers, "
     "least and "
     "most, not [60, 1]"),
    ("[expect]\narticles_per_day = [false, true]", "'articles_per_day' in [expect] must be two whole "
     "numbers, least "
     "and most, not [False, True]"),
    ("[expect]\nshare_with_date = 95", "'share_with_date' in [expect] must be a number from 0 to 1, not 95"),
    ("title = 'dua'", "is no TOML: Cannot overwrite a value (at line 4)"),
    ("x = = 1", "is no TOML: Invalid value (at line 4, column 5)"),
    (f"x = {'9' * 5_000}", "is no TOML: Exceeds the limit (4300 digits)…"),
    (f"x = {'[' * 5_000}", "is no TOML: a list in a list without end"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fault"), FAULTS, ids=[fault[:60] for _, fault in FAULTS])
def test_a_fault_is_one_line(tmp_path: Path, text: str, fault: str) -> None:
    """The line names the file, the key and what would be right."""
    with pytest.raises(SourceError) as caught:
        source(tmp_path, text)
    start, told = str(tmp_path / "warta.toml") + ": ", str(caught.value)
    assert "\n" not in told
    assert told.startswith(start)
    assert re.fullmatch(re.escape(fault).replace("…", ".+"), told.removeprefix(start))


@pytest.mark.parametrize(
    ("head", "fault"),
    [
        (HEAD.replace("title", "#"), "'title' is missing"),
        (HEAD.replace("home", "#"), "'home' is missing"),
        (HEAD.replace("timezone", "#"), "'timezone' is missing"),
        (HEAD.replace("https://warta.example/", "warta.example"),
         "'home' must be an http or https address, not 'warta.example'"),
        (HEAD.replace("https", "ftp"), "'home' must be an http or https address, not 'ftp://warta.example/'"),
        (HEAD.replace("Makassar", "Bontang"), "'timezone' is no IANA time zone: 'Asia/Bontang'"),
        ("", "is empty"),
        (" \n", "is empty"),
    ],
)  # fmt: skip
def test_what_no_source_may_lack(tmp_path: Path, head: str, fault: str) -> None:
    """Title, home and zone are required."""
    with pytest.raises(SourceError) as caught:
        source(tmp_path, "", head)
    assert str(caught.value).startswith(f"{tmp_path / 'warta.toml'}: {fault}")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused with the place; a byte order mark is no fault."""
    path = written(tmp_path, HEAD.encode() + "region = 'é'".encode("cp1252"))
    with pytest.raises(SourceError, match=r"is not UTF-8 \(byte \d+\)"):
        load_source(path, load_platforms())
    assert load_source(written(tmp_path, b"\xef\xbb\xbf" + HEAD.encode()), load_platforms()).title == "Warta"


@pytest.mark.parametrize("name", ["Warta", "warta-pesisir", "warta.kota", "unknown"])
def test_a_file_name_that_is_no_source_name(tmp_path: Path, name: str) -> None:
    """A source's name goes into paths, rows and commands, so it is a-z, 0-9 and _."""
    with pytest.raises(SourceError, match="file name is a-z, 0-9 and _ only"):
        source(tmp_path, "", name=name)


# --- folders -----------------------------------------------------------------------------------------


def test_a_users_file_replaces_a_bundled_one(tmp_path: Path) -> None:
    """A later folder wins by name; names that are new are added; what is no TOML file is left alone."""
    first, second = tmp_path / "satu", tmp_path / "dua"
    for folder in (first, second):
        folder.mkdir()
    written(first, HEAD)
    written(first, HEAD.replace("warta.example", "expresi.co").replace("Warta", "Satu"), "expresi")
    written(second, HEAD.replace("warta.example", "expresi.co").replace("Warta", "Dua"), "expresi")
    (second / "catatan.txt").write_text("bukan sumber")
    (second / "arsip.toml").mkdir()
    catalogue = load_catalogue([first, second])
    assert len(catalogue) == len(load_catalogue()) + 1
    assert (catalogue["expresi"].title, catalogue["warta"].title) == ("Dua", "Warta")


def test_a_missing_folder(tmp_path: Path) -> None:
    """A folder that is not there is told by its name."""
    with pytest.raises(
        SourceError, match=re.escape(f"{tmp_path / 'tak_ada'}: no such folder of source files")
    ):
        load_catalogue([tmp_path / "tak_ada"])


def test_two_sources_of_one_host(tmp_path: Path) -> None:
    """Two names for one host would crawl it twice: the line names both."""
    written(tmp_path, HEAD.replace("warta.example", "www.expresi.co"), "expresi_lagi")
    with pytest.raises(
        SourceError, match=r"sources expresi and expresi_lagi both claim the host expresi\.co"
    ):
        load_catalogue([tmp_path])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("expressi", "no source is called 'expressi'; did you mean 'expresi'?"),
        ("", "no source is called ''"),
        ("xyzzy", "no source is called 'xyzzy'"),
    ],
)
def test_an_unknown_name(name: str, told: str) -> None:
    """An unknown source is named, with the nearest known one where there is one."""
    with pytest.raises(SourceError) as caught:
        load_catalogue().source(name)
    assert str(caught.value) == told


def test_a_known_name() -> None:
    """A known name gives its source."""
    assert load_catalogue().source("expresi").title == "Expresi"


# --- documentation -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("## Keys of a source", set(SOURCE_KEYS)),
        ("## Keys of an [[entry]]", set(ENTRY_KEYS)),
        ("## Keys of [[rules]]", set(RULE_KEYS)),
        ("## Keys of [expect]", set(EXPECT_KEYS)),
        ("## Platform files", set(PLATFORM_KEYS)),
    ],
)
def test_every_key_is_documented(heading: str, keys: set[str]) -> None:
    """The tables of docs/sources.md have a row for each known key, and for no other."""
    text = DOCS.read_text("utf-8")
    assert heading in text
    section = text.split(heading, 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| ((?:`\[*\w+\]*`(?:, )?)+) \|", section, re.MULTILINE)
    assert {key for row in rows for key in re.findall(r"\w+", row)} == keys


def test_the_documented_example_loads(tmp_path: Path) -> None:
    """The ten lines of docs/sources.md are a source."""
    examples = re.findall(r"```toml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert examples
    for n, example in enumerate(examples):
        made = source(tmp_path, example, head="", name=f"contoh_{n}")
        assert made.entries
