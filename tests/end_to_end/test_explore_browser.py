"""The pages in a real browser: every link is followed, nothing leaves the machine, nothing of a stranger's does anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from storage.data_dir import DataDir
from tests.conftest import Crawled
from tests.kit.explored import HOSTILE, Ids, explored, fill, ids

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
]

PHONE = ViewportSize(width=390, height=800)
DESK = ViewportSize(width=1100, height=800)
AT_MOST = 150
"""Pages that are followed: a search can be narrowed without end."""
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """The published copy and the archive alone, as an analyst may have them: the outlets stay as strangers described them."""
    made, given = (DataDir(tmp_path_factory.mktemp("explored") / name) for name in ("made", "given"))
    made.create()
    fill(made)
    given.root.mkdir()
    made.published.rename(given.published)
    made.segments.rename(given.segments)
    return given


@pytest.fixture(scope="module")
def known(record: DataDir) -> Ids:
    return ids(record)


@pytest.fixture(scope="module")
def home(record: DataDir) -> Iterator[str]:
    """The pages of the record, served as a user would."""
    with explored(record.root) as (address, _):
        yield address.rstrip("/")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


class Watched:
    """A page of the browser, and what it asked for and said while it was watched."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.faults: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("dialog", lambda dialog: self.faults.append(dialog.message))
        page.on("popup", lambda popup: self.faults.append(popup.url))

    def outside(self, home: str) -> list[str]:
        """Addresses elsewhere that something asked for."""
        return [url for url in self.asked if not url.startswith((f"{home}/", "data:"))]


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")
    yield Watched(context.new_page())
    context.close()


def links(page: Page) -> list[str]:
    """Where the links of a page lead, without their fragments."""
    found: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href.split('#')[0])")
    return found


def test_every_link_answers_and_nothing_leaves(watched: Watched, home: str) -> None:
    """From the first page on, in the order in which they are met; each kind of page and each list at least once."""
    todo, seen = [f"{home}/"], {f"{home}/"}
    for _ in range(AT_MOST):
        address = todo.pop(0)
        answer = watched.page.goto(address)
        assert answer is not None and answer.status == 200, address
        assert watched.page.title() != "owned", address
        fresh = [
            each for each in dict.fromkeys(links(watched.page)) if each.startswith(home) and each not in seen
        ]
        # Of searches that are narrowed ever further a few will do, and files are asked for elsewhere.
        fresh = [each for each in fresh if each.count("=") < 3 and "format=" not in each]
        seen.update(fresh)
        todo += fresh
    kinds = {urlsplit(each).path.split("/")[1] for each in seen}
    assert kinds == {
        "",
        "search",
        "article",
        "outlets",
        "outlet",
        "stories",
        "story",
        "actors",
        "actor",
        "paid",
        "changes",
        "sql",
        "dictionary",
    }
    assert watched.outside(home) == [] and watched.faults == []


def test_a_search_is_typed_and_leads_on(watched: Watched, home: str) -> None:
    """By keyboard alone: the question, its hits, an article."""
    page = watched.page
    page.goto(f"{home}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("hamzah dermaga")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    assert page.locator("mark").count() > 1
    page.locator("ol h3 a").first.click()
    page.wait_for_url("**/article/**")
    assert "Hamzah" in page.inner_text("main")
    page.goto(f"{home}/search?q=hamzah")
    page.get_by_text("Persempit").click()
    page.locator("input[name=paid]").check()
    page.locator("form button").click()
    page.wait_for_url("**paid=1**")
    assert "1 artikel" in page.inner_text("#results")


def test_sql_is_typed_and_answered(watched: Watched, home: str) -> None:
    """And its fault is read out."""
    page = watched.page
    page.goto(f"{home}/sql")
    page.fill("textarea", "SELECT count(*) AS n FROM articles")
    page.get_by_role("button", name="Jalankan").click()
    page.wait_for_selector("table.result")
    assert page.inner_text("table.result td") == "33"
    page.fill("textarea", "SELEC")
    page.get_by_role("button", name="Jalankan").click()
    page.wait_for_selector("[role=alert]")
    assert "syntax error" in page.inner_text("[role=alert]")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.soak] if number > 1 else [])
        for number, name in enumerate(HOSTILE)
    ],
)
def test_strangers_words_do_nothing(watched: Watched, home: str, known: Ids, name: str) -> None:
    """Scripts, styles, drawings, turned directions, endless words: they are text, and the page keeps its layout."""
    page = watched.page
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        for path in (
            f"/article/{known.hostile[name]}",
            "/",
            "/search?q=kampung+OR+perahu+OR+pasar",
            "/outlet/kabar_teluk",
        ):
            page.goto(home + path)
            assert page.title() != "owned"
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, size)
            assert page.evaluate("getComputedStyle(document.body).display") == "block"
            assert (
                page.locator(
                    "main script, main style, main link, main img, main object, main iframe[src^=http]"
                ).count()
                == 0
            )
            assert page.eval_on_selector_all("main svg image", "all => all.length") == 0
            bad = [each for each in links(page) if not each.startswith(("http://", "https://"))]
            assert bad == [], path
    assert "\u202e" not in page.content() and watched.outside(home) == [] and watched.faults == []


def test_an_archived_page_stays_in_its_frame(watched: Watched, home: str, known: Ids) -> None:
    """It is seen, runs nothing, asks nobody, and leads nowhere by itself; opened alone, too."""
    page = watched.page
    page.goto(f"{home}/article/{known.edited}")
    page.locator("details:has(iframe) summary").click()
    frame = page.frame_locator("iframe")
    frame.get_by_text("Isi halaman arsip.").wait_for()
    assert frame.locator("body").evaluate("() => location.origin === 'null' || self.origin === 'null'")
    page.goto(f"{home}/article/{known.edited}/archived")
    page.get_by_text("Isi halaman arsip.").wait_for()
    assert page.title() == "Dermaga" and watched.outside(home) == [] and watched.faults == []


def test_nothing_serious_by_axe(watched: Watched, home: str, known: Ids) -> None:
    """Every kind of page by the rules of axe-core, in the light and in the dark, wide and on a phone."""
    page, axe, found = watched.page, Axe(), []
    ordinary = [path for path in known.paths() if "/article/" not in path or known.edited in path]
    strange = [f"/article/{known.hostile[name]}" for name in ("turned", "long")]
    looks: tuple[tuple[Literal["light", "dark"], ViewportSize, list[str]], ...] = (
        ("light", DESK, [*ordinary, *strange]),
        ("dark", PHONE, ordinary),
    )
    for scheme, size, paths in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        for path in paths:
            page.goto(home + path)
            for each in axe.run(page).response["violations"]:
                if each["impact"] in SERIOUS:
                    found.append((scheme, path, each["id"], each["nodes"][0]["html"][:200]))
    assert found == []


def test_paper_has_what_the_page_says(watched: Watched, home: str, known: Ids) -> None:
    """In print the ways to go elsewhere are left out, and the text stays."""
    page = watched.page
    page.goto(f"{home}/article/{known.edited}")
    page.emulate_media(media="print")
    assert not page.locator("nav").first.is_visible() and page.locator("section.text p").first.is_visible()


@pytest.mark.soak
def test_the_recorded_outlets_have_pages(browser: Browser, recorded: Crawled) -> None:
    """A record that real spiders made: each of its lists and its newest articles, with their archived pages."""
    with explored(recorded.data_dir) as (address, _):
        home = address.rstrip("/")
        context = browser.new_context(viewport=DESK)
        watched = Watched(context.new_page())
        watched.page.goto(f"{home}/")
        articles = watched.page.eval_on_selector_all(".hits h3 a", "all => all.map(a => a.href)")
        assert len(articles) == 20
        for article in articles[:5]:
            watched.page.goto(article)
            watched.page.locator("details:has(iframe) summary").click()
            watched.page.frame_locator("iframe").locator("body").wait_for()
        assert watched.outside(home) == [] and watched.faults == []
        context.close()
