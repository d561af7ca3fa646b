"""What stands beside the headline: the lines, labels and crumbs that name a story's authors, section and date.

A page's own frame, told apart from its lists of other stories. Knows names of classes and forms of
lines, but no site; `gather` asks here where the structured data says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice, takewhile

from lxml.html import HtmlElement

from pipelines.lines import bylines, dates
from pipelines.lines.bylines import Credits, people
from pipelines.page.blocks import SKIPPED, blocks
from pipelines.page.index import Index
from pipelines.page.tree import fold, letters, names_of, text_of, text_within

_TEASER_NAMES = re.compile(
    r"related|widget|sidebar|popular|recent|latest|terkait|comment|baca-?juga", re.IGNORECASE
)

# Builders call every box a widget, and a page's main column after the sidebar beside it.
_LAYOUT_NAMES = re.compile(
    r"\b(?:(?:is|has|with|no|sticky)-sidebar[\w-]*|elementor-widget(?!-(?:posts|archive|loop|wp|sidebar))[\w-]*)"
)

# WordPress writes an article's own tags into its classes ("tag-latest"); Blogger's main column is a "widget Blog".
_MAIN_NAMES = frozenset({"hentry", "Blog"})


def in_teaser(element: HtmlElement, within: HtmlElement | None = None) -> bool:
    """Whether an element stands in a list of other stories, or in the page's furniture.

    What is `within` a box that holds the headline is judged by what stands between: the box is the story's own.
    """
    for ancestor in element.iterancestors():
        if ancestor is within or ancestor.tag in ("html", "body"):
            break
        if (
            ancestor.tag in ("li", "nav", "blockquote")  # an embedded post has a day of its own
            or (ancestor.tag == "aside" and not _is_info(ancestor))
            or (ancestor.tag == "footer" and not _ends_story(ancestor))
            or is_list(ancestor)
        ):
            return True
    return False


MAX_INFO_CHARS = 300
MAX_LABEL_CHARS = 30


def _is_info(aside: HtmlElement) -> bool:
    """Whether an aside is a story's own box of facts: few words, and no link of a headline's length."""
    return text_within(aside, MAX_INFO_CHARS) is not None and not any(
        text_within(link, MAX_LABEL_CHARS) is None for link in aside.iter("a")
    )


def is_list(element: HtmlElement) -> bool:
    """Whether an element is called after a list of other stories."""
    return _names_list(element.get("class") or "")


@lru_cache(maxsize=4096)
def _names_list(classes: str) -> bool:
    named = _LAYOUT_NAMES.sub("", classes)
    return _MAIN_NAMES.isdisjoint(named.split()) and _TEASER_NAMES.search(named) is not None


def _ends_story(footer: HtmlElement) -> bool:
    """Whether a footer is that of the story under the headline: classic themes put date and author there."""
    named = (footer.get("class") or "").split()
    if "node__meta" in named:  # Drupal's, above the body and beside a headline that stands elsewhere
        return True
    story = next(footer.iterancestors("article"), None)
    return not _STORY_FOOTERS.isdisjoint(named) and story is not None and story.find(".//h1") is not None


_STORY_FOOTERS = frozenset({"entry-footer", "post-footer", "article-footer"})


# --- the headline ---------------------------------------------------------------------------------

_TITLE_NAMES = ("entry-title", "post-title")


def headline(index: Index, title: str | None) -> HtmlElement | None:
    """The element that prints the title, of whatever rank; else the only `h1` that may be another wording of it.

    On a page whose `h1` is the name of the channel, or that has no headings, the title stands elsewhere.
    """
    wanted = letters(title or "")
    headings = index.tagged("h1")
    is_known = len(headings) == 1 and _may_say(headings[0], title)
    candidates: tuple[tuple[Callable[[], Iterable[HtmlElement]], Callable[[HtmlElement], bool]], ...] = (
        (lambda: index.tagged("h1", called=_TITLE_NAMES), lambda element: element.tag == "a"),
        (lambda: index.tagged("h2", "h3", "h4", "h5", "h6"), lambda element: False),
        (lambda: [] if is_known else index.tagged(*_NO_HEADINGS), _in_crumb),
    )
    for found, is_none in candidates if wanted else ():
        for element in found():
            if _says(element, wanted) and not is_none(element) and not in_teaser(element):
                return element
    for element in headings if wanted else ():
        if wanted in letters(text_of(element)) and len(wanted) > MIN_TITLE_SHARE * len(
            letters(text_of(element))
        ):
            return element  # with a day or a section in it, or in a box called after a list
    return headings[0] if is_known else None


def _says(element: HtmlElement, wanted: str) -> bool:
    """Whether an element's text is the title, letter by letter. Its first words say of most that it is not."""
    first = next(filter(None, (letters(fold(piece)) for piece in element.itertext())), "")
    if not first or not wanted.startswith(first):
        return False
    text = text_within(element, 3 * len(wanted) + MAX_LABEL_CHARS)
    return text is not None and letters(text) == wanted


MIN_TITLE_SHARE = 0.4
MIN_TITLE_WORDS = 4


def _may_say(heading: HtmlElement, title: str | None) -> bool:
    """Whether a heading may be the headline in other words than the title's: the name of a channel is shorter."""
    text = text_of(heading)
    own, wanted = letters(text), letters(title or "")
    return not wanted or len(text.split()) >= MIN_TITLE_WORDS or (bool(own) and wanted.startswith(own))


_NO_HEADINGS = ("div", "p", "span", "td", "th", "strong", "b", "font", "center", "big", "dt")
"""The elements that may hold a headline that is marked as none."""


def _in_crumb(element: HtmlElement) -> bool:
    """Whether an element is a link or a crumb, or stands in one: a menu's entry repeats the title, and is no headline."""
    return any(up.tag == "a" or _is_named(up, _CRUMB_NAMES) for up in (element, *element.iterancestors()))


LEVELS = 3
"""So many elements up from the headline are searched for lines beside it; one that holds nothing else does not count."""

NEIGHBOURS = 4
"""So many elements on either side of it are searched."""


def _before(head: HtmlElement) -> Iterator[HtmlElement]:
    for element in _upwards(head):
        yield from list(element.itersiblings(preceding=True))[:NEIGHBOURS]


def _around(head: HtmlElement) -> Iterator[HtmlElement]:
    for element in _upwards(head):
        yield from list(element.itersiblings())[:NEIGHBOURS]
        yield from list(element.itersiblings(preceding=True))[:NEIGHBOURS]


def _upwards(head: HtmlElement) -> Iterator[HtmlElement]:
    element: HtmlElement | None = head
    for _ in range(LEVELS):
        if element is None or element.tag in ("body", "html", "main"):
            return
        yield element
        element = element.getparent()


# --- when -----------------------------------------------------------------------------------------

_DATE_NAMES = re.compile(
    r"(?:.*[-_])?(?:date|dates|datetime|time|tanggal|tgl|waktu|published?|posted|posted-on|pubdate)(?:[-_].*)?"
    r"|post-?meta|entry-?meta|article-?(?:info|meta|date)|[\w-]*(?-i:[a-z](?:Date|Datum|Tanggal))",
    re.IGNORECASE,
)
_NO_DATE_LINE = frozenset(
    {"script", "style", "a", "p", "h1", "h2", "h3", "h4", "li", "article", "section", "main"}
)


def date_lines(index: Index, head: HtmlElement | None, is_now: Callable[[str], bool]) -> Iterator[str]:
    """The date lines beside the headline, up to the first that says when the story came out.

    Of a page whose headline is not found: the only line that is called a date.

    Lines that name only an update are among them. Nearest first; on one level what is called a date
    before a line that is one in any element, and that before a text that merely names a day. `is_now`: whether
    a line names the moment of the fetch, as mastheads do: above the headline and not right beside it, such
    a line says nothing of the story.
    """
    if head is None:
        yield from _lone_date(index, is_now)
        return
    for level, near in enumerate(_boxes(head)):
        below, above = _sides(near, head)
        upper = list(takewhile(lambda e: not _is_frame(e, head), reversed(above)))
        if near.tag == "body":
            found = _plain_dates(chain(head.iterdescendants(), _until_prose(below)), near)
        else:
            opening = list(_until_prose(below))
            found = chain(
                _named_dates([*reversed(upper), *head.iterdescendants(), *below], near),
                _plain_dates(opening, near),
                _plain_dates(upper, near),
                _loose_dates([*reversed(upper), *head.iterdescendants(), *opening], near),
                _plain_dates(filter(_is_labelled, below[len(opening) :]), near),
            )
        masthead = {*upper} if level else set()
        for element, line in found:
            if element in masthead and is_now(line):
                continue
            yield line
            if dates.parted(line)[0]:
                return


def _lone_date(index: Index, is_now: Callable[[str], bool]) -> Iterator[str]:
    """The line of the page that is called a date and stands in no frame; nothing where there are several."""
    body = index.root.find("body")
    named = _named_dates(body.iterdescendants(), body) if body is not None else ()
    lines = {line for element, line in named if not _is_frame(element, None)}
    if len(lines) == 1:
        yield from (line for line in lines if not is_now(line))


def _boxes(head: HtmlElement) -> Iterator[HtmlElement]:
    """The elements that hold the headline, from the nearest on, as far as lines beside it are searched."""
    level = 0
    near = head.getparent()
    while near is not None and near.tag != "html" and level < LEVELS:
        yield near
        if near.tag == "body":
            return
        level += len(near) > 1 and near.tag not in _TABLE_PARTS
        near = near.getparent()


_TABLE_PARTS = frozenset({"td", "th", "tr", "tbody"})


MAX_DATE_CHARS = 80
MAX_DATES_CHARS = 160
"""Of a line with labels, which may name two days."""


def is_update(element: HtmlElement) -> bool:
    """Whether an element states a change, and no publication.

    An article that was never changed has its publication marked as a change by gmr's themes.
    """
    if not _PUBLISHED_NAMES.isdisjoint(element.classes) or element.get("itemprop") == "datePublished":
        return False
    names = " ".join(element.classes).lower()
    return element.get("itemprop") == "dateModified" or "updated" in names or "modified" in names


_PUBLISHED_NAMES = frozenset({"published", "entry-date"})


_DateLine = tuple[HtmlElement, str]


@lru_cache(maxsize=4096)
def _name_date(named: tuple[str, ...]) -> bool:
    return any(map(_DATE_NAMES.fullmatch, named))


def _named_dates(elements: Iterable[HtmlElement], near: HtmlElement) -> Iterator[_DateLine]:
    for element in elements:
        if not isinstance(element.tag, str) or element.tag in _NO_DATE_LINE or in_teaser(element, near):
            continue
        if element.tag == "time" and is_update(element):
            continue
        if element.tag in ("time", "date") or _name_date(names_of(element)):
            line = _short_text(element)
            if element.tag == "time" and (moment := fold(element.get("datetime") or "")):
                line = moment if not dates.has_label(line) else line
            if re.search(r"\d", line) and dates.names_day(line):
                yield element, line


def _plain_dates(elements: Iterable[HtmlElement], near: HtmlElement) -> Iterator[_DateLine]:
    for element in elements:
        if in_teaser(element, near) or (element.tag == "footer" and not _ends_story(element)):
            continue
        pieces = [fold(element.tail or "")]
        if element.tag not in _NO_DATES and not is_list(element):
            pieces = [_short_text(element), fold(element.text or ""), *pieces]
        for piece in dict.fromkeys(pieces):
            if (
                len(piece) >= 6
                and dates.is_line(piece)
                and not _is_caption(element)
                and not _in_prose(element)
            ):
                yield element, piece


def _loose_dates(elements: Iterable[HtmlElement], near: HtmlElement) -> Iterator[_DateLine]:
    for element in elements:
        line = _short_text(element) if element.tag in ("span", "small", "div") else ""
        if not re.search(r"\b20\d\d\b", line) or not dates.stands_alone(line):
            continue
        if not in_teaser(element, near) and not _is_caption(element):
            yield element, line


def _is_labelled(element: HtmlElement) -> bool:
    """Whether an element begins with a date's label: below the story only such a line is believed."""
    first = next(iter(element), None)
    return dates.has_label(f"{element.text or ''} {'' if first is None else first.text or ''}")


def _in_prose(element: HtmlElement) -> bool:
    """Whether an element is a few words of a sentence."""
    parent = element.getparent()
    return (
        element.tag in _INLINE and parent is not None and parent.tag == "p" and _is_prose(_own_text(parent))
    )


def _is_caption(element: HtmlElement) -> bool:
    """Whether an element, or what holds it, is called after the words below a picture: their day is the picture's."""
    parent = element.getparent()
    return any(
        up is not None and _CAPTION_NAMES.search(up.get("class") or "") is not None
        for up in (element, parent)
    )


_CAPTION_NAMES = re.compile(
    r"caption|pic(?:ture)?(?:[-_]?te?xt|box)|(?:foto|photo|image|img|gambar)[-_]?(?:text|desc|ket|info)",
    re.IGNORECASE,
)


def _short_text(element: HtmlElement) -> str:
    """The text under an element; empty where it is too long, or too short, for a date line."""
    line = text_within(element, MAX_DATES_CHARS) or ""
    return line if 6 <= len(line) <= (MAX_DATES_CHARS if dates.has_label(line) else MAX_DATE_CHARS) else ""


def _sides(near: HtmlElement, head: HtmlElement) -> tuple[list[HtmlElement], list[HtmlElement]]:
    """The elements under `near` from the headline on, and those before it."""
    inside = {*head.iter()}
    holding = {*head.iterancestors()}
    above: list[HtmlElement] = []
    below = [head]
    side = above
    for element in near.iterdescendants():
        if element is head:
            side = below
        elif isinstance(element.tag, str) and element not in inside and element not in holding:
            side.append(element)
    return below, above


def _until_prose(elements: Iterable[HtmlElement]) -> Iterator[HtmlElement]:
    """The elements up to the first paragraph of prose; a deck between headline and date is none."""
    for element in elements:
        if element.tag not in _NO_DATES and _is_prose(_own_text(element)) and not _is_deck(element):
            return
        yield element
        if _is_prose(fold(element.tail or "")):
            return


def _is_prose(text: str) -> bool:
    return len(text) > PROSE_CHARS or (len(text) > PROSE_CHARS / 2 and text.endswith((".", "!", "?")))


def _own_text(element: HtmlElement) -> str:
    """The element's own text, without the blocks in it."""
    pieces = [element.text]
    for child in element:
        pieces += [text_of(child) if child.tag in _INLINE else None, child.tail]
    return fold(" ".join(filter(None, pieces)))


def _is_deck(element: HtmlElement) -> bool:
    parent = element.getparent()
    return any(up is not None and _DECK_NAMES.search(up.get("class") or "") for up in (element, parent))


PROSE_CHARS = 100
_DECK_NAMES = re.compile(
    r"lead|deck|summary|excerpt|sub-?(?:title|judul)|ringkasan|desc|caption", re.IGNORECASE
)
_NO_DATES = frozenset(
    {"script", "style", "figcaption", "figure", "h1", "h2", "nav", "aside", "option", "time"}
)
_FRAME_NAMES = re.compile(
    r"(?:.*[-_])?(?:today|clock|jam|ticker|hari-?ini|top-?bar|topbar|top|navbar|nav|menu|masthead|header)(?:[-_].*)?",
    re.IGNORECASE,
)


def _is_frame(element: HtmlElement, head: HtmlElement | None) -> bool:
    """Whether an element is of the site's own frame, which holds no headline: many print today's date there."""
    holding = {*head.iterancestors()} if head is not None else set()
    for up in (element, *element.iterancestors()):
        if up in holding:
            return False
        if up.tag in ("nav", "header") or any(map(_FRAME_NAMES.fullmatch, names_of(up))):
            return True
    return False


# --- who ------------------------------------------------------------------------------------------

_INLINE = frozenset({"a", "b", "strong", "i", "em", "br", "img", "svg", "u", "font"})
MAX_LINE_CHARS = 90


def credits(head: HtmlElement | None, section: str | None) -> Credits:
    """The people that the lines around the headline name: "Penulis: …", "Editor : …", or "{section} - {name}"."""
    found = Credits()
    signed: tuple[str, ...] = ()
    for line in _lines(_around(head)) if head is not None else ():
        if not bylines.take(line, found):
            for cell in line.split("|")[1:]:  # behind a date: "Selasa, 4 Maret 2025 | 13:05 | Penulis: Rudi"
                bylines.take(cell.strip(), found)
        opening, dash, name = line.partition(" - ")
        if not signed and section and dash and letters(opening) == letters(section):
            signed = people(name)
    if not found.authors:
        found.authors = list(signed or (_beside_icon(head) if head is not None else ()))
    return found


def signature(index: Index) -> Credits:
    """The people in a byline below the body, in an element named after their role."""
    found = Credits()
    for element in map(index.elements.__getitem__, index.called(*_SIGNATURE_NAMES)):
        named = (element.get("class") or "").split() if element.tag in ("div", "p", "span", "section") else ()
        if not _SIGNATURE_NAMES.isdisjoint(named) and not in_teaser(element):
            line = text_of(element)
            if len(line) <= MAX_LINE_CHARS and bylines.take(line, found):
                return found
    return found


_SIGNATURE_NAMES = frozenset({"author", "penulis", "reporter", "editor", "redaksi", "byline", "writer"})

_PERSON_ICON = re.compile(r"(?:.*-)?(?:user|person|author)(?:-(?:o|alt|circle|edit|pen|fill))*")


def _beside_icon(head: HtmlElement) -> tuple[str, ...]:
    """The name behind the little person that themes draw before the author."""
    for sibling in _around(head):
        if not isinstance(sibling.tag, str):
            continue
        for icon in sibling.iter("i", "svg"):
            if not any(map(_PERSON_ICON.fullmatch, names_of(icon))) or in_teaser(icon):
                continue
            following = icon.getnext()
            text = fold(icon.tail or "") or (text_of(following) if following is not None else "")
            if names := people(re.split(r"[|\u2022\u00b7]", text)[0].strip()):
                return names
    return ()


def _lines(elements: Iterable[HtmlElement]) -> Iterator[str]:
    """The short lines under the elements, each from the innermost element that holds it whole."""
    for sibling in elements:
        if not isinstance(sibling.tag, str):
            continue
        for element in sibling.iter():
            if element.tag in ("script", "style", "a"):
                continue
            if any(child.tag not in _INLINE for child in element if isinstance(child.tag, str)):
                continue
            if in_teaser(element) or is_list(element):
                continue
            if len(element):
                yield from (block.text for block in blocks(element) if len(block.text) <= MAX_LINE_CHARS)
            elif element.tag not in SKIPPED and 0 < len(line := fold(element.text or "")) <= MAX_LINE_CHARS:
                yield line


# --- what -----------------------------------------------------------------------------------------

_CRUMB_NAMES = re.compile(
    r"(?:.*[-_])?(?:bread)?crumbs?(?:[-_](?:wrap|container|list|nav|trail))?", re.IGNORECASE
)
_SECTION_NAMES = re.compile(
    r"(?:.*[-_])?(?:kanal|kategori|categor(?:y|ies)|rubrik|cat-links?|cat-label)(?:[-_](?:name|label|link|wrap))?",
    re.IGNORECASE,
)
MAX_SECTION_CHARS = 40


def sections(index: Index, head: HtmlElement | None, title: str | None) -> list[str]:
    """Sections as the page's frame prints them: labels beside the headline, then the deepest crumb."""
    labels = (
        text_of(link)
        for sibling in (_around(head) if head is not None else ())
        if isinstance(sibling.tag, str)
        for element in sibling.iter("div", "span", "ul", "p", "a", "h4", "h5")
        if _is_named(element, _SECTION_NAMES)
        for link in ([element] if element.tag == "a" else element.iter("a"))
        if not any(_is_named(up, _CRUMB_NAMES) or _is_menu(up) for up in (element, *element.iterancestors()))
    )
    return [
        name
        for name in (*islice(labels, 1), *_crumbs(index, title)[-1:])
        if name and len(name) <= MAX_SECTION_CHARS
    ]


def _is_menu(element: HtmlElement) -> bool:
    return element.tag in ("nav", "aside") or "menu" in (element.get("class") or "")


def _is_named(element: HtmlElement, names: re.Pattern[str]) -> bool:
    return _are_named(names_of(element), names)


@lru_cache(maxsize=4096)
def _are_named(own: tuple[str, ...], names: re.Pattern[str]) -> bool:
    return "hentry" not in own and any(map(names.fullmatch, own))


def _crumbs(index: Index, title: str | None) -> list[str]:
    """The crumbs below the front page, without the title, of the first trail that has some."""
    for trail in index.tagged("div", "ol", "ul", "nav", "p", "span") if index.has_name("crumb") else ():
        if not _is_named(trail, _CRUMB_NAMES):
            continue
        found = []
        for link in trail.iter("a"):
            path = re.sub(r"^https?://[^/]+", "", (link.get("href") or "").strip())
            name = text_of(link)
            if path.strip("/#") and name and letters(name) != letters(title or ""):
                found.append(name)
        if found:
            return found
    return []


_PAID_LABEL = re.compile(
    r"\W*(?:adv|advertorial|advetorial|pariwara|infotorial|kerja\s?sama|(?:konten|artikel) (?:kerja\s?sama|bersponsor)"
    r"|sponsored (?:content|post|article)|paid (?:content|post)|rilis pers|siaran pers|press release)\W*",
    re.IGNORECASE,
)


def has_paid_label(head: HtmlElement | None) -> bool:
    """Whether a label above the headline says that the story was paid for. An ad's own label is none."""
    return head is not None and any(
        _PAID_LABEL.fullmatch(text_of(sibling)) is not None
        for sibling in _before(head)
        if isinstance(sibling.tag, str) and sibling.tag not in ("nav", "aside", "script", "style", "a")
    )
