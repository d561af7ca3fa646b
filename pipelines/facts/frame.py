"""What stands beside the headline: the lines, labels and crumbs that name a story's authors, section and date.

A page's own frame, told apart from its lists of other stories. Knows names of classes and forms of
lines, but no site; `gather` asks here where the structured data says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from itertools import chain, islice, takewhile

from lxml.html import HtmlElement

from pipelines.lines import bylines, dates
from pipelines.lines.bylines import Credits, people
from pipelines.page.blocks import SKIPPED, blocks
from pipelines.page.index import NONE, Index
from pipelines.page.tree import MAX_KNOWN, fold, letters, names_of, text_of

_TEASER_NAMES = re.compile(r"related|popular|recent|latest|terkait|comment|baca-?juga", re.IGNORECASE)
# Names of a place on the page, not of what stands in it.
_PLACE_NAMES = re.compile(r"widget|sidebar", re.IGNORECASE)

# Builders call every box a widget, and a page's main column after the sidebar beside it, or after what it has.
_LAYOUT_NAMES = re.compile(
    r"\b(?:(?:is|sticky)-sidebar[\w-]*|(?:has|with|without|no)-[\w-]+|elementor-widget(?!-(?:posts|archive|loop|wp|sidebar))[\w-]*)"
)

# WordPress writes an article's own tags into its classes ("tag-latest"); Blogger's main column is a "widget Blog".
_MAIN_NAMES = frozenset({"hentry", "Blog"})


def in_teaser(index: Index, at: int, within: int = NONE) -> bool:
    """Whether an element stands in a list of other stories, or in the page's furniture.

    What is `within` a box that holds the headline is judged by what stands between: the box is the story's own.
    """
    return index.nearest(_lists_others)[at] > within


def _lists_others(index: Index, at: int) -> bool:
    tag = index.tags[at]
    return (
        tag in ("nav", "blockquote")  # an embedded post has a day of its own
        or (tag == "li" and not _is_dated(index, at))
        or is_list(index, at)
        or (tag == "aside" and not _is_info(index, at))
        or (tag == "footer" and not _ends_story(index, at))
    )


MAX_INFO_CHARS = 300
MAX_LABEL_CHARS = 30


def _is_info(index: Index, aside: int) -> bool:
    """Whether an aside is a story's own box of facts: few words, and no link of a headline's length."""
    return index.text_within(aside, MAX_INFO_CHARS) is not None and not _leads_on(index, aside)


def _leads_on(index: Index, at: int) -> bool:
    """Whether an element holds a link of a headline's length."""
    return any(index.text_within(link, MAX_LABEL_CHARS) is None for link in index.under([at], "a"))


def _is_dated(index: Index, item: int) -> bool:
    """Whether a list's item is a fact of the story: its day behind a label, and nothing else."""
    line = index.text_within(item, MAX_DATE_CHARS)
    return (
        line is not None
        and _DIGITS.search(line) is not None
        and dates.has_label(line)
        and dates.is_line(line)
        and not index.under([item], "a")
    )


_DIGITS = re.compile(r"\d")


def _is_story_column(index: Index, at: int) -> bool:
    """Whether a box called after a place at the side is the story's own: it holds most of the prose, or leads to no other story."""
    return 2 * index.prose_chars(at) > index.prose_chars(0) or not _leads_on(index, at)


def is_list(index: Index, at: int) -> bool:
    """Whether an element is called after a list of other stories."""
    return _names_list(index.classes[at]) or (
        _names_place(index.classes[at]) and not _is_story_column(index, at)
    )


@lru_cache(maxsize=MAX_KNOWN)
def _names_list(classes: str) -> bool:
    return _is_called(classes, _TEASER_NAMES)


@lru_cache(maxsize=MAX_KNOWN)
def _names_place(classes: str) -> bool:
    return _is_called(classes, _PLACE_NAMES)


def _is_called(classes: str, names: re.Pattern[str]) -> bool:
    named = _LAYOUT_NAMES.sub("", classes)
    return _MAIN_NAMES.isdisjoint(named.split()) and names.search(named) is not None


def _ends_story(index: Index, footer: int) -> bool:
    """Whether a footer is that of the story under the headline: classic themes put date and author there."""
    named = index.classes[footer].split()
    if "node__meta" in named:  # Drupal's, above the body and beside a headline that stands elsewhere
        return True
    if _STORY_FOOTERS.isdisjoint(named):
        return False
    story = next((up for up in index.around(footer) if index.tags[up] == "article"), None)
    return story is not None and bool(index.under([story], "h1"))


_STORY_FOOTERS = frozenset({"entry-footer", "post-footer", "article-footer"})


# --- the headline ---------------------------------------------------------------------------------

_TITLE_NAMES = ("entry-title", "post-title")


def headline(index: Index, title: str | None) -> HtmlElement | None:
    """The element that prints the title, of whatever rank; else the only `h1` that may be another wording of it.

    On a page whose `h1` is the name of the channel, or that has no headings, the title stands elsewhere.
    """
    at = headline_at(index, title)
    return None if at is None else index.elements[at]


def headline_at(index: Index, title: str | None) -> int | None:
    """The number of that element."""
    wanted = letters(title or "")
    headings = index.of_tag.get("h1", [])
    is_known = len(headings) == 1 and _may_say(index.text(headings[0]), title)
    candidates: tuple[tuple[Callable[[], Iterable[int]], Callable[[int], bool]], ...] = (
        (lambda: index.numbered("h1", called=_TITLE_NAMES), lambda at: index.tags[at] == "a"),
        (lambda: index.numbered("h2", "h3", "h4", "h5", "h6"), lambda at: False),
        (lambda: [] if is_known else index.numbered(*_NO_HEADINGS), lambda at: _in_crumb(index, at)),
    )
    for found, is_none in candidates if wanted else ():
        for at in found():
            if _says(index, at, wanted) and not is_none(at) and not in_teaser(index, at):
                return at
    for at in headings if wanted else ():
        own = letters(index.text(at))
        if wanted in own and len(wanted) > MIN_TITLE_SHARE * len(own):
            return at  # with a day or a section in it, or in a box called after a list
    return headings[0] if is_known else None


def _says(index: Index, at: int, wanted: str) -> bool:
    """Whether an element's text is the title, letter by letter. Its first words say of most that it is not."""
    pieces = index.pieces
    texts = (pieces.folded[number] for number in range(pieces.begin[at], pieces.end[at]))
    first = next(filter(None, map(letters, filter(None, texts))), "")
    if not first or not wanted.startswith(first):
        return False
    text = index.text_within(at, 3 * len(wanted) + MAX_LABEL_CHARS)
    return text is not None and letters(text) == wanted


MIN_TITLE_SHARE = 0.4
MIN_TITLE_WORDS = 4


def _may_say(text: str, title: str | None) -> bool:
    """Whether a heading may be the headline in other words than the title's: the name of a channel is shorter."""
    own, wanted = letters(text), letters(title or "")
    return not wanted or len(text.split()) >= MIN_TITLE_WORDS or (bool(own) and wanted.startswith(own))


_NO_HEADINGS = ("div", "p", "span", "td", "th", "strong", "b", "font", "center", "big", "dt")
"""The elements that may hold a headline that is marked as none."""


def _in_crumb(index: Index, at: int) -> bool:
    """Whether an element is a link or a crumb, or stands in one: a menu's entry repeats the title, and is no headline."""
    return any(
        index.tags[up] == "a" or _are_named(index.names[up], _CRUMB_NAMES) for up in (at, *index.around(at))
    )


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
    a line names the moment of the fetch, as mastheads do: above the headline and not right beside it, or in a
    box at the side, such a line says nothing of the story.
    """
    if head is None:
        yield from _lone_date(index, is_now)
        return
    page = _Dates(index, index.numbers[head])
    for level, near in enumerate(_boxes(index, page.head)):
        below, above = page.sides(near)
        upper = list(takewhile(lambda at: not page.is_frame(at), reversed(above)))
        inside = range(page.head + 1, index.ends[page.head])
        if index.tags[near] == "body":
            found = page.plain(chain(inside, page.until_prose(below)), near)
        else:
            opening = list(page.until_prose(below))
            found = chain(
                page.named([*reversed(upper), *inside, *below], near),
                page.plain(opening, near),
                page.plain(upper, near),
                page.loose([*reversed(upper), *inside, *opening], near),
                page.plain(page.labelled(below[len(opening) :], near), near),
            )
        masthead = {*upper} if level else set()
        for at, line in found:
            if (at in masthead or is_at_side(index, at)) and is_now(line):
                continue
            yield line
            if dates.parted(line)[0]:
                return


def _lone_date(index: Index, is_now: Callable[[str], bool]) -> Iterator[str]:
    """The line of the page that is called a date and stands in no frame; nothing where there are several."""
    page, body = _Dates(index, None), _body(index)
    lines = {
        line for at, line in page.named(range(body + 1, index.ends[body]), body) if not page.is_frame(at)
    }
    if len(lines) == 1:
        yield from (line for line in lines if not is_now(line))


def _body(index: Index) -> int:
    """The page's body, else the whole page."""
    return next((at for at in index.of_tag.get("body", ()) if index.parents[at] == 0), 0)


def distant_dates(index: Index, head: HtmlElement) -> Iterator[str]:
    """The date lines of a page on which none is found beside the headline: those below it that have a label."""
    page, body = _Dates(index, index.numbers[head]), _body(index)
    below = range(page.head + 1, index.ends[body])
    yield from (line for _, line in page.plain(page.labelled(below, body), body))


def opening(index: Index, head: HtmlElement) -> str:
    """The first words of the prose below the headline, which may name place and day; empty where there is none."""
    page = _Dates(index, index.numbers[head])
    return next(_openings(page, range(index.ends[page.head], index.ends[_body(index)])), "")


def openings(index: Index) -> Iterator[str]:
    """The first words of each paragraph of prose, outside of lists of other stories: for a page whose headline is not found."""
    body = _body(index)
    return _openings(_Dates(index, None), range(body + 1, index.ends[body]))


def _openings(page: _Dates, numbers: Iterable[int]) -> Iterator[str]:
    """The first words of each paragraph of prose among these elements, outside of lists of other stories."""
    for at in numbers:
        if page.index.tags[at] not in _NO_DATES and page.is_prose(at) and not in_teaser(page.index, at):
            yield page.index.text(at)[:MAX_DATE_CHARS]


def bare_days(index: Index, head: HtmlElement | None) -> Iterator[str]:
    """The lines below the headline that are a day and nothing else, wherever they stand but in a frame or a list of other stories.

    Not those that a label in an element beside them says to be another day than that of the publication. Of a
    page whose headline is not found: all such lines.
    """
    body = _body(index)
    page = _Dates(index, None if head is None else index.numbers[head])
    for at, line in page.plain(range(max(page.head, body) + 1, index.ends[body]), body):
        is_own = line in map(fold, filter(None, (index.texts[at], index.tails[at])))
        # A paragraph that is a day is a subhead: of a chronicle, of a programme.
        is_outside = index.tags[at] in _NO_DATE_LINE or page.is_frame(at) or _lists_others(index, at)
        if is_own and dates.is_bare(line) and not is_outside and not _is_labelled_other(index, at):
            yield line


def _is_labelled_other(index: Index, at: int) -> bool:
    """Whether short words beside an element, or right before it, say that its day is not the publication's."""
    line = index.text_within(index.parents[at], MAX_DATES_CHARS)
    if line is not None and not dates.is_bare(line):
        return not (dates.has_label(line) and dates.parted(line)[0])
    label = index.text_within(next(iter(index.before(at)), 0), MAX_LABEL_CHARS) or ""
    return label.endswith(":") or (dates.has_label(label) and not dates.names_day(label))


def is_at_side(index: Index, at: int) -> bool:
    """Whether an element stands in a box called after a place at the side, where clocks and calendars stand too."""
    return index.nearest(_is_at_side)[at] != NONE


def _is_at_side(index: Index, at: int) -> bool:
    return _names_place(index.classes[at])


def is_masthead(index: Index, head: HtmlElement | None, at: int) -> bool:
    """Whether an element stands above the headline, in the site's frame or not beside it: a clock of today stands there.

    Of a page whose headline is not found: in the frame.
    """
    page = _Dates(index, None if head is None else index.numbers[head])
    if head is None or at > page.head:
        return head is None and page.is_frame(at)
    around = [near for near in _boxes(index, page.head) if near < at]
    is_next_to = index.parents[page.head] in around and index.tags[index.parents[page.head]] != "body"
    return not is_next_to and (not around or page.is_frame(at))


def _boxes(index: Index, head: int) -> Iterator[int]:
    """The elements that hold the headline, from the nearest on, as far as lines beside it are searched."""
    level = 0
    for near in index.around(head):
        if index.tags[near] == "html" or level >= LEVELS:
            return
        yield near
        if index.tags[near] == "body":
            return
        level += len(index.elements[near]) > 1 and index.tags[near] not in _TABLE_PARTS


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


_DateLine = tuple[int, str]


@lru_cache(maxsize=MAX_KNOWN)
def _name_date(named: tuple[str, ...]) -> bool:
    return any(map(_DATE_NAMES.fullmatch, named))


class _Dates:
    """What may be a date line on a page, and what stands around it; each element is looked at once, however many boxes hold it."""

    def __init__(self, index: Index, head: int | None) -> None:
        self.index = index
        self.head: int = NONE if head is None else head
        self.holding = {*index.around(self.head)} if head is not None else set()
        self.short = cache(self._short)
        self.is_prose = cache(self._is_prose)
        self.is_line = cache(dates.is_line)

    def named(self, numbers: Iterable[int], near: int) -> Iterator[_DateLine]:
        """The elements that are called a date, and their lines."""
        index = self.index
        for at in numbers:
            tag = index.tags[at]
            is_time = tag == "time"
            if not (is_time or tag == "date" or (index.names[at] and _name_date(index.names[at]))):
                continue
            if not tag or tag in _NO_DATE_LINE or in_teaser(index, at, near):
                continue
            if is_time and is_update(index.elements[at]):
                continue
            line = self.short(at)
            if is_time and (moment := fold(index.elements[at].get("datetime") or "")):
                line = moment if not dates.has_label(line) else line
            if re.search(r"\d", line) and dates.names_day(line):
                yield at, line

    def plain(self, numbers: Iterable[int], near: int) -> Iterator[_DateLine]:
        """The texts that are a date and little else, in whatever element."""
        index = self.index
        for at in numbers:
            tag = index.tags[at]
            if in_teaser(index, at, near) or (tag == "footer" and not _ends_story(index, at)):
                continue
            pieces = [index.tails[at]]
            if tag not in _NO_DATES and not is_list(index, at):
                pieces = [self.short(at), index.texts[at], *pieces]
            for piece in dict.fromkeys(fold(piece) for piece in pieces if piece):
                if (
                    len(piece) >= 6
                    and self.is_line(piece)
                    and not self.is_caption(at)
                    and not self.in_prose(at)
                ):
                    yield at, piece

    def loose(self, numbers: Iterable[int], near: int) -> Iterator[_DateLine]:
        """The small elements whose text names a day beside names and labels."""
        for at in numbers:
            line = self.short(at) if self.index.tags[at] in ("span", "small", "div") else ""
            if not re.search(r"\b20\d\d\b", line) or not dates.stands_alone(line):
                continue
            if not (in_teaser(self.index, at, near) or is_list(self.index, at) or self.is_caption(at)):
                yield at, line

    def labelled(self, numbers: Iterable[int], near: int) -> Iterator[int]:
        """The elements that begin with a date's label: below the story only such a line is believed."""
        index = self.index
        for at in numbers:
            if in_teaser(index, at, near):
                continue
            first = (index.texts[at + 1] or "") if at + 1 < index.ends[at] else ""
            text = f"{index.texts[at] or ''} {first}"
            if not text.isspace() and dates.has_label(text):
                yield at

    def in_prose(self, at: int) -> bool:
        """Whether an element is a few words of a sentence."""
        up = self.index.parents[at]
        return self.index.tags[at] in _INLINE and up >= 0 and self.index.tags[up] == "p" and self.is_prose(up)

    def is_caption(self, at: int) -> bool:
        """Whether an element, or what holds it, is called after the words below a picture: their day is the picture's."""
        return self._is_called(at, _CAPTION_NAMES)

    def _is_called(self, at: int, names: re.Pattern[str]) -> bool:
        around = (at, self.index.parents[at])
        return any(up >= 0 and names.search(self.index.classes[up]) is not None for up in around)

    def _short(self, at: int) -> str:
        """The text under an element; empty where it is too long, or too short, for a date line."""
        line = self.index.text_within(at, MAX_DATES_CHARS) or ""
        is_short = len(line) <= MAX_DATE_CHARS or dates.has_label(line)
        return line if len(line) >= 6 and is_short else ""

    def sides(self, near: int) -> tuple[list[int], list[int]]:
        """The elements under `near` from the headline on, and those before it."""
        index, head = self.index, self.head
        below = [head, *(at for at in range(index.ends[head], index.ends[near]) if index.tags[at])]
        return below, [at for at in range(near + 1, head) if index.tags[at] and at not in self.holding]

    def until_prose(self, numbers: Iterable[int]) -> Iterator[int]:
        """The elements up to the first paragraph of prose; a deck between headline and date is none."""
        for at in numbers:
            if (
                self.index.tags[at] not in _NO_DATES
                and self.is_prose(at)
                and not self._is_called(at, _DECK_NAMES)
            ):
                return
            yield at
            is_told = (tail := self.index.tails[at]) and _is_prose(fold(tail))
            if is_told and not self._is_picture_box(self.index.parents[at]):
                return

    def _is_picture_box(self, at: int) -> bool:
        """Whether an element is a box around a picture and its caption, whatever it is called."""
        tags = self.index.tags
        return tags[at] == "div" and tags[at + 1 : at + 2] == ["img"]

    def _is_prose(self, at: int) -> bool:
        """Whether the element's own text, without the blocks in it, is prose."""
        index = self.index
        if self._is_picture_box(at):
            return False
        pieces = [index.texts[at]]
        child, end = at + 1, index.ends[at]
        while child < end:
            pieces += [index.text(child) if index.tags[child] in _INLINE else None, index.tails[child]]
            child = index.ends[child]
        return _is_prose(fold(" ".join(filter(None, pieces))))

    def is_frame(self, at: int) -> bool:
        """Whether an element is of the site's own frame, which holds no headline: many print today's date there."""
        for up in (at, *self.index.around(at)):
            if up in self.holding:
                return False
            if self.index.tags[up] in ("nav", "header") or _are_frame(self.index.names[up]):
                return True
        return False


def _is_prose(text: str) -> bool:
    return len(text) > PROSE_CHARS or (len(text) > PROSE_CHARS / 2 and text.endswith((".", "!", "?")))


_CAPTION_NAMES = re.compile(
    r"caption|pic(?:ture)?(?:[-_]?te?xt|box)|(?:foto|photo|image|img|gambar)[-_]?(?:text|desc|ket|info)",
    re.IGNORECASE,
)
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


@lru_cache(maxsize=MAX_KNOWN)
def _are_frame(named: tuple[str, ...]) -> bool:
    return any(map(_FRAME_NAMES.fullmatch, named))


# --- who ------------------------------------------------------------------------------------------

_INLINE = frozenset({"a", "b", "strong", "i", "em", "br", "img", "svg", "u", "font"})
MAX_LINE_CHARS = 90


def credits(index: Index, head: HtmlElement | None, section: str | None) -> Credits:
    """The people that the lines around the headline name: "Penulis: …", "Editor : …", or "{section} - {name}"."""
    found = Credits()
    signed: tuple[str, ...] = ()
    for line in (*_lines(index, _around(head)), *_labelled(index, _around(head))) if head is not None else ():
        if not bylines.take(line, found):
            for cell in line.split("|")[1:]:  # behind a date: "Selasa, 4 Maret 2025 | 13:05 | Penulis: Rudi"
                bylines.take(cell.strip(), found)
        opening, dash, name = line.partition(" - ")
        if not signed and section and dash and letters(opening) == letters(section):
            signed = people(name)
    if not found.authors:
        found.authors = list(
            signed or (_beside_icon(index, head) or _called_author(index, head) if head is not None else ())
        )
    return found


_AUTHOR_NAMES = frozenset({"author", "author-name", "penulis", "writer", "byline"})


def _called_author(index: Index, head: HtmlElement) -> tuple[str, ...]:
    """The person whom a line beside the headline names that is called after the author and says nothing else."""
    for sibling in map(index.numbers.__getitem__, _around(head)):
        for at in range(sibling, index.ends[sibling]):
            is_named = not _AUTHOR_NAMES.isdisjoint(index.classes[at].split())
            if is_named and _is_line(index, at) and not in_teaser(index, at):
                line = index.text(at)
                if (
                    len(line) <= MAX_LINE_CHARS
                    and (names := people(line))
                    and all(map(_WHOLE_NAME.fullmatch, names))
                ):
                    return names
    return ()


_WHOLE_NAME = re.compile(r"[A-Z][\w.'\u2019-]*(?: [A-Z][\w.'\u2019-]*){1,3}")


def signature(index: Index) -> Credits:
    """The people in a byline below the body, in an element named after their role."""
    found = Credits()
    for at in index.called(*_SIGNATURE_NAMES):
        named = index.classes[at].split() if index.tags[at] in ("div", "p", "span", "section") else ()
        if not _SIGNATURE_NAMES.isdisjoint(named) and not in_teaser(index, at):
            line = index.text(at)
            if len(line) <= MAX_LINE_CHARS and bylines.take(line, found):
                return found
    return found


_SIGNATURE_NAMES = frozenset({"author", "penulis", "reporter", "editor", "redaksi", "byline", "writer"})

_PERSON_ICON = re.compile(r"(?:.*-)?(?:user|person|author)(?:-(?:o|alt|circle|edit|pen|fill))*")


def _beside_icon(index: Index, head: HtmlElement) -> tuple[str, ...]:
    """The name behind the little person that themes draw before the author."""
    for sibling in _around(head):
        if not isinstance(sibling.tag, str):
            continue
        for icon in sibling.iter("i", "svg"):
            if not any(map(_PERSON_ICON.fullmatch, names_of(icon))) or in_teaser(index, index.numbers[icon]):
                continue
            following = icon.getnext()
            text = fold(icon.tail or "") or (text_of(following) if following is not None else "")
            if names := people(re.split(r"[|\u2022\u00b7]", text)[0].strip()):
                return names
    return ()


def _lines(index: Index, elements: Iterable[HtmlElement]) -> Iterator[str]:
    """The short lines under the elements, each from the innermost element that holds it whole."""
    tags, ends = index.tags, index.ends
    for sibling in map(index.numbers.__getitem__, elements):
        for at in range(sibling, ends[sibling]) if tags[sibling] else ():
            if not tags[at] or tags[at] in ("script", "style", "a") or not _is_line(index, at):
                continue
            if is_list(index, at) or in_teaser(index, at):
                continue
            if ends[at] > at + 1:
                yield from (block.text for block in blocks(index, at) if len(block.text) <= MAX_LINE_CHARS)
            elif tags[at] not in SKIPPED and 0 < len(line := fold(index.texts[at] or "")) <= MAX_LINE_CHARS:
                yield line


def _labelled(index: Index, elements: Iterable[HtmlElement]) -> Iterator[str]:
    """The short lines under the elements that open with a label whose value has an element of its own."""
    for sibling in map(index.numbers.__getitem__, elements):
        for at in range(sibling, index.ends[sibling]) if index.tags[sibling] else ():
            opens = (index.texts[at] or "").rstrip().endswith(":") and index.tags[at] not in SKIPPED
            if not opens or _is_line(index, at) or in_teaser(index, at):
                continue
            if (line := index.text_within(at, MAX_LINE_CHARS)) and bylines.is_byline(line):
                yield line


def _is_line(index: Index, at: int) -> bool:
    """Whether an element holds no other but such as stand within a line."""
    child, end = at + 1, index.ends[at]
    while child < end:
        if index.tags[child] and index.tags[child] not in _INLINE:
            return False
        child = index.ends[child]
    return True


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
        index.text(link)
        for sibling in (map(index.numbers.__getitem__, _around(head)) if head is not None else ())
        for at in range(sibling, index.ends[sibling])
        if index.tags[at] in _LABELS and index.names[at] and _are_named(index.names[at], _SECTION_NAMES)
        for link in ([at] if index.tags[at] == "a" else index.under([at], "a"))
        if not any(_is_menu(index, up) for up in (at, *index.around(at)))
    )
    return [
        name
        for name in (*islice(labels, 1), *_crumbs(index, title)[-1:])
        if name and len(name) <= MAX_SECTION_CHARS
    ]


_LABELS = frozenset({"div", "span", "ul", "p", "a", "h4", "h5"})


def _is_menu(index: Index, at: int) -> bool:
    """Whether an element is a menu, or a trail of crumbs."""
    is_menu = index.tags[at] in ("nav", "aside") or "menu" in index.classes[at]
    return is_menu or _are_named(index.names[at], _CRUMB_NAMES)


@lru_cache(maxsize=MAX_KNOWN)
def _are_named(own: tuple[str, ...], names: re.Pattern[str]) -> bool:
    return "hentry" not in own and any(map(names.fullmatch, own))


def _crumbs(index: Index, title: str | None) -> list[str]:
    """The crumbs below the front page, without the title, of the first trail that has some."""
    for trail, named in enumerate(index.names) if index.has_name("crumb") else ():
        if not named or index.tags[trail] not in _TRAILS or not _are_named(named, _CRUMB_NAMES):
            continue
        found = []
        for link in index.under([trail], "a"):
            path = re.sub(r"^https?://[^/]+", "", (index.elements[link].get("href") or "").strip())
            name = index.text(link)
            if path.strip("/#") and name and letters(name) != letters(title or ""):
                found.append(name)
        if found:
            return found
    return []


_TRAILS = frozenset({"div", "ol", "ul", "nav", "p", "span"})


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
