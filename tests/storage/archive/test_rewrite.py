"""A segment written anew: the erased article's records are gone, the others' bytes are as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pipelines.address import address_key
from pipelines.article import Link, Page
from pipelines.withhold import Words
from storage.archive import SegmentWriter
from storage.archive.members import groups
from storage.archive.reader import read_segment
from storage.archive.rewrite import Erasure, put_staged, stage
from tests.kit.factories import MORNING, STORY, prose

HOME = "https://wartapesisir.example"
TITLE = "Dermaga Kayu Tanjung Limau Diperbaiki Warga"
GONE = f"{HOME}/dermaga/"


def page(url: str, body: str, **more: object) -> Page:
    link = Link(url, "warta_pesisir", "rss")
    made = Page(
        url, "warta_pesisir", MORNING, 200, (("Content-Type", "text/html"),), body.encode(), link=link
    )
    return replace(made, **more)  # type: ignore[arg-type]


def erasure(**more: object) -> Erasure:
    words = Words.of([TITLE], [STORY])
    return replace(Erasure(frozenset({address_key(GONE)}), frozenset(), words, frozenset()), **more)  # type: ignore[arg-type]


def written(folder: Path, *pages: Page) -> Path:
    writer = SegmentWriter(folder, "warta_pesisir", MORNING)
    for each in pages:
        writer.append(each)
    name = writer.close()
    assert name
    return folder / name


def left(path: Path, how: Erasure) -> list[Page]:
    """The pages that stay, after the file was exchanged."""
    name = f"warta_pesisir/{path.name}"
    done = stage(path, name, how)
    assert done is not None
    put_staged([path.parent])
    assert done.size == path.stat().st_size
    return [record.page for record in read_segment(path)]


def test_all_that_is_of_the_article_goes(tmp_path: Path) -> None:
    """Its page with its parts, a look that found it unchanged, a part that came alone, what redirected, and its text elsewhere."""
    other = page(f"{HOME}/lain/", f"<p>{prose(7)}</p>")
    whole = page(GONE, f"<p>{STORY}</p>", parts=(page(f"{GONE}?page=2", "<p>Bagian dua</p>"),))
    path = written(
        tmp_path,
        whole,
        replace(whole, status=304, body=b"", parts=(), fetched_at=MORNING + timedelta(hours=1)),
        page(f"{GONE}?page=2", "<p>Bagian dua sendiri</p>"),
        page(f"{HOME}/baru/", "<p>Dipindah</p>", link=Link(GONE, "warta_pesisir", "rss")),
        page(f"{HOME}/cetak/99", f"<div>{STORY}</div>"),
        other,
    )
    assert [each.url for each in left(path, erasure())] == [other.url]


def test_the_bytes_of_others_stay(tmp_path: Path) -> None:
    """A page that does not name it keeps its very record, in another place; so does another article with its words."""
    other, copy = page(f"{HOME}/lain/", f"<p>{prose(7)}</p>"), page(f"{HOME}/salinan/", f"<p>{STORY}</p>")
    path = written(tmp_path, page(GONE, f"<p>{STORY}</p>"), other, copy)
    before = {group[-1].data for group in groups(path)}
    names = frozenset({address_key(f"{HOME}/salinan/")})
    found = left(path, erasure(names=names, theirs=lambda served: [STORY] if served == names else []))
    assert [each.url for each in found] == [other.url, copy.url]
    assert {group[-1].data for group in groups(path)} < before


def test_a_page_that_links_to_it_loses_the_link(tmp_path: Path) -> None:
    """And its title where a list of links has it; a sentence keeps its words; lengths and digests are those of what is left."""
    body = (
        f'<p>{prose(7)} seperti <a href="{GONE}">diberitakan sebelumnya</a> oleh kami.</p>'
        f'<ul><li><a href="/dermaga/?utm_source=x"><b>{TITLE}</b></a></li><li><a href="/b/">B</a></li></ul>'
    )
    path = written(tmp_path, page(f"{HOME}/lain/", body))
    (found,) = left(path, erasure())
    assert found.body.decode() == (
        f'<p>{prose(7)} seperti diberitakan sebelumnya oleh kami.</p><ul><li><a href="/b/">B</a></li></ul>'
    )
    assert found.header("Content-Length") in (None, str(len(found.body)))


def test_what_another_page_shows_of_it_goes(tmp_path: Path) -> None:
    """Its first words, wherever they stand; but for what the page's own article says as well."""
    shared = " ".join(STORY.split()[:12])
    rest = STORY.removeprefix(shared)
    body = f'<article><h1>Lain</h1><p>{prose(7)}</p><p>{shared}</p></article>Terkait<div data-next="{rest}">{rest}</div>'
    path = written(tmp_path, page(f"{HOME}/lain/", body))
    names = frozenset({address_key(f"{HOME}/lain/")})
    (found,) = left(path, erasure(names=names, theirs=lambda served: [f"{prose(7)} {shared}"]))
    said = found.body.decode()
    assert said.startswith(f"<article><h1>Lain</h1><p>{prose(7)}</p><p>{shared}</p></article>")
    assert len(said) < len(body) - 1.8 * len(rest)


def test_nothing_to_do_is_nothing_done(tmp_path: Path) -> None:
    """A segment that does not name it is not written."""
    path = written(tmp_path, page(f"{HOME}/lain/", f"<p>{prose(7)}</p>"))
    assert stage(path, "x", erasure()) is None
    assert list(path.parent.iterdir()) == [path]
