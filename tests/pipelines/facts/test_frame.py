"""What stands beside the headline: date lines, people, sections and labels of the page's own frame."""

from __future__ import annotations

import pytest

from tests.pipelines.expected import only_article, page
from tests.pipelines.story import PARAGRAPHS, WITA, article


@pytest.mark.parametrize(
    "line",
    [
        "<p>{}</p>",
        "<h6>{}</h6>",
        "<ul><li>{}</li></ul>",
        "<a href='/2024/11/18/'>{}</a>",
        "<em>{}</em>",
        "<b>{}</b>",
        "<i>{}</i>",
        "{}<br>",
        "<table><tr><td>{}</td></tr></table>",
        "<dl><dd>{}</dd></dl>",
        "<label>{}</label>",
        "<address>{}</address>",
        "<p><i class='fa'></i> Siti Aminah &nbsp; <i class='fa'></i> {} &nbsp; <i class='fa'></i> 120</p>",
        "<p class='lead'>" + "Ringkasan yang panjang sekali. " * 5 + "</p><p>{}</p>",
    ],
)
def test_a_date_line_is_found_in_any_element(line: str) -> None:
    """Above the first prose, whatever it is called."""
    found = article(above=line.format("Senin, 18 November 2024 09:12 WITA"))
    assert found.published_at is not None
    assert (found.published_at.isoformat(), found.published_from) == ("2024-11-18T09:12:00+08:00", "time")


def test_a_date_line_two_containers_away_is_found() -> None:
    """Headline and date in boxes of their own, side by side."""
    html = (
        "<html><head><meta property='og:type' content='article'></head><body>"
        "<div class='topbar'>Kamis, 21 November 2024</div><div class='kartu'><div><h1>Jembatan Dua Desa Rampung</h1></div></div>"
        f"<div class='isi'><div><p>Senin, 18 November 2024</p></div><div>{PARAGRAPHS}</div></div></body></html>"
    )
    found = only_article(page(html), WITA)
    assert found.published_on is not None
    assert found.published_on.isoformat() == "2024-11-18"


@pytest.mark.parametrize(
    "line",
    [
        "<p>Pilkada digelar 27 Oktober 2024</p>",
        "<figure><figcaption>Warga di balai, 12 Oktober 2024</figcaption></figure>",
        f"{PARAGRAPHS}<p>Sabtu, 16 November 2024</p>",
        "<p>Terakhir diperbarui 18 November 2024</p>",
        "<ul class='related'><li>Jalan Rusak - 12 November 2024</li></ul>",
    ],
)
def test_a_day_that_is_not_the_publications_is_no_date_line(line: str) -> None:
    """Sentences, captions, subheads below prose, updates and teasers."""
    assert article(above=line).published_at is None


@pytest.mark.parametrize(
    "frame", ["<div class='site-header'>{}</div>", "<header>{}</header>", "<div id='jam'>{}</div>"]
)
def test_todays_date_in_the_sites_frame_is_no_date_line(frame: str) -> None:
    """Above the headline, in what holds no headline."""
    html = (
        "<html><head><meta property='og:type' content='article'></head><body><div id='wrapper'>"
        f"{frame.format('<span>Jumat, 22 November 2024</span>')}<div><h1>Jembatan Dua Desa Rampung</h1></div>"
        f"<div>{PARAGRAPHS}</div></div></body></html>"
    )
    assert only_article(page(html), WITA).published_on is None


FRAMES = {
    "a label and a line": (
        "<div class='info'><span>Penulis: Siti Aminah</span> <span>18 November 2024</span></div>",
        ("Siti Aminah",),
        (),
        None,
    ),
    "two labels, spaced": (
        "<div><span>Reporter : Siti Aminah</span><br><span>Editor : Rahman</span></div>",
        ("Siti Aminah",),
        ("Rahman",),
        None,
    ),
    "section and name": (
        "<ol class='breadcrumb'><li><a href='/'>Beranda</a></li><li><a href='/daerah'>Daerah</a></li></ol>"
        "<div>Daerah - Siti Aminah</div>",
        ("Siti Aminah",),
        (),
        "Daerah",
    ),
    "a dash that is no byline": ("<div>Daerah - Siti Aminah</div>", (), (), None),
    "the deepest crumb, not the title": (
        "<div class='crumbs'><a href='/'>Home</a> / <a href='/a'>Kaltim</a> / <a href='/a/b'>Bontang</a>"
        " / <a href='/a/b/c'>Jembatan Dua Desa Rampung</a></div>",
        (),
        (),
        "Bontang",
    ),
    "a menu is no section": (
        "<nav class='menu-kategori'><a href='/kategori/olahraga'>Olahraga</a></nav>",
        (),
        (),
        None,
    ),
    "a name in a list of other stories": (
        "<ul class='terkait'><li><span>Penulis: Orang Lain</span></li></ul>",
        (),
        (),
        None,
    ),
    "a block theme": (
        "<div class='taxonomy-category wp-block-post-terms'><a rel='tag' href='/category/kota/'>Kota</a></div>"
        "<p class='wp-block-post-author__name'>Siti Aminah</p>",
        ("Siti Aminah",),
        (),
        "Kota",
    ),
    "tagDiv": (
        "<ul class='td-category'><li><a href='/category/kota/'>Kota</a></li></ul>"
        "<div class='td-post-author-name'>Oleh <a href='/author/siti/'>Siti Aminah</a></div>",
        ("Siti Aminah",),
        (),
        "Kota",
    ),
}


@pytest.mark.parametrize(("above", "authors", "editors", "section"), FRAMES.values(), ids=FRAMES)
def test_the_frame_of_a_headline_names_people_and_section(
    above: str, authors: tuple[str, ...], editors: tuple[str, ...], section: str | None
) -> None:
    """Labels, crumbs and the classes of known themes, where structured data is silent."""
    found = article(above=above)
    assert (found.authors, found.editors, found.section, found.tags) == (authors, editors, section, ())


@pytest.mark.parametrize(
    ("label", "is_paid"),
    [("Kerja sama", True), ("ADVERTORIAL", True), ("Advertisement", False), ("Kerja sama dua desa", False)],
)
def test_a_label_above_the_headline_marks_an_advertorial(label: str, is_paid: bool) -> None:
    """The label alone on its line; an ad's own label says nothing of the story."""
    html = (
        "<html><head><meta property='og:type' content='article'></head><body><article>"
        f"<div class='pita'>{label}</div><header><h1>Jembatan Dua Desa Rampung</h1></header>"
        f"<div class='entry-content'>{PARAGRAPHS}</div></article></body></html>"
    )
    found = only_article(page(html), WITA)
    assert (found.is_advertorial, found.advertorial_from) == (is_paid, "label" if is_paid else None)


DATE = "Senin, 18 November 2024 09:12 WITA"
TITLED = "<html><head><meta property='og:type' content='article'><meta property='og:title' content='Jembatan Dua Desa Rampung'></head>"


@pytest.mark.parametrize(
    "body",
    [
        "<div class='kop'><div>Rabu, 20 November 2024</div><h1>Daerah</h1></div><div><h2>{title}</h2><div>{date}</div>{text}</div>",
        "<div class='judul'>{title}</div><div>{date}</div>{text}",
        "<div><span class='huruf'>{title}</span></div><div>{date}</div>{text}",
        "<div class='isi'><h1>{title}</h1><aside><b>Terbit</b> {date}</aside>{text}</div>",
        "<table><tr><td><h1>{title}</h1></td></tr><tr><td>{date}</td></tr><tr><td>{text}</td></tr></table>",
        "<div class='layout-sidebar'><div><h1>{title}</h1><p>{date}</p>{text}</div></div>",
        "<h1><small>{date}</small>{title}</h1>{text}",
        "<div><h1>{title}</h1>{text}<div>Diterbitkan: {date}</div></div>",
    ],
)
def test_the_date_is_that_beside_the_headline_wherever_it_stands(body: str) -> None:
    """A headline of any rank or of none, in a table, beside a box of facts, in a box called after a list."""
    html = TITLED + "<body>" + body.format(title="Jembatan Dua Desa Rampung", date=DATE, text=PARAGRAPHS)
    found = only_article(page(html), WITA)
    assert found.published_at is not None
    assert found.published_at.isoformat() == "2024-11-18T09:12:00+08:00"


def test_the_printed_form_of_a_machine_is_a_date() -> None:
    """As Java and Unix print it."""
    found = article(above="<div>Mon Nov 18 09:12:40 WITA 2024</div>")
    assert found.published_at is not None
    assert found.published_at.isoformat() == "2024-11-18T09:12:40+08:00"


@pytest.mark.parametrize(
    "body",
    [
        "<div id='atas'><div><span>Jumat, 22 November 2024</span></div><div class='ruang'><div><h1>{title}</h1>{text}</div></div></div>",
        "<div><h1>Daerah</h1><div>Rabu, 20 November 2024</div></div><div>{text}</div>",
        "<div><div>Rabu, 20 November 2024</div><nav><a href='/a'>Daerah</a></nav><h1>{title}</h1>{text}</div>",
        "<div><h1>{title}</h1><div class='picText'>Pasar lama, 24 Januari 2024</div>{text}</div>",
        "<div><h1>{title}</h1><div>Genangan di depan pasar lama itu, 24 Januari 2024</div>{text}</div>",
        "<div><h1>{title}</h1><div>Berlaku sejak: 24 Januari 2024</div>{text}</div>",
        "<div><h1>{title}</h1>{text}<div><b>Acara</b> 24 Januari 2024</div></div>",
    ],
)
def test_the_mastheads_today_and_a_pictures_day_are_no_publication(body: str) -> None:
    """Today above the headline, beside a channel's name, above the menu; the day of a picture or of an event."""
    html = TITLED + "<body>" + body.format(title="Jembatan Dua Desa Rampung", text=PARAGRAPHS)
    assert only_article(page(html), WITA).published_on is None
