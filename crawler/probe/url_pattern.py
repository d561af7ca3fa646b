"""What an article's address looks like on a site, learned from addresses of articles and of other pages.

Needed where the general rules of `crawler.discovery.urls` miss articles (short headlines), and worth having
where addresses carry the platform's number. A wrong id would make one article of two,
so the number must differ in every address, and must not be a day or a time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.discovery.article_url import path_of
from crawler.discovery.urls import NOT_ARTICLES, looks_like_article

LEAST = 3
"""A pattern is learned from at least so many addresses."""
LEAST_IN_SLUG = 4
"""The same for a number joined to words, which may be a year."""
MIN_GLUED_DIGITS = 4
MAX_SPREAD = 2
"""By how many digits the numbers of one series may differ."""
_ARTICLE_WORDS = frozenset({"read", "baca", "detail", "artikel", "article", "post"})
"""Segments that no section has: any other word that all addresses share may be the name of a section."""
_EXTENSION = re.compile(r"\.(?:html?|php|aspx?)$", re.IGNORECASE)
_QUERY_ID = re.compile(r"(?:^|&)(?P<name>id|p|news|artikel|berita)=(?P<number>\d+)(?:&|$)", re.IGNORECASE)
_GLUED_FIRST = re.compile(rf"(\d{{{MIN_GLUED_DIGITS},}})[-_][^/]*[a-z][^/]*", re.IGNORECASE)
_GLUED_LAST = re.compile(rf"[^/]*[a-z][^/]*[-_](\d{{{MIN_GLUED_DIGITS},}})", re.IGNORECASE)

YEAR, MONTH, DAY, TIME, NUMBER, FIRST, LAST, WORDS = "YMDTNFLW"
_REGEX = {YEAR: r"20\d\d", MONTH: r"\d\d?", DAY: r"\d\d?", TIME: r"\d{6}", WORDS: "[^/?]+"}


@dataclass(frozen=True, slots=True)
class _Shape:
    """An address taken apart."""

    lead: tuple[str, ...]
    """Segments of words before the first other one, or before the last."""
    kinds: tuple[str, ...]
    """What follows them, a kind for each segment."""
    extension: str
    query: str | None
    """The name of the query's number; null: the path alone says it."""
    numbers: tuple[str, ...]
    """What may be the article's number."""


def learn(listed: Iterable[str], others: Iterable[str]) -> str | None:
    """The pattern that every listed address matches and none of the others.

    Null where there is none, or where it matches no more than the general rules do.
    """
    articles = list(dict.fromkeys(listed))
    if len(articles) < LEAST:
        return None
    shapes = [_shape(url) for url in articles]
    if len({(shape.kinds, shape.extension, shape.query) for shape in shapes}) != 1:
        return None
    has_id = _are_ids(
        [shape.numbers for shape in shapes], glued=not {FIRST, LAST}.isdisjoint(shapes[0].kinds)
    )
    if not has_id and (shapes[0].numbers or all(map(looks_like_article, articles))):
        return None
    if not has_id and _constant(shapes, 0) is None:
        return None
    body = _regex_of(shapes, has_id)
    firsts = {shape.lead[0] for shape in shapes if shape.lead}
    wrong = [path_of(url) for url in others if re.search(f"^/{body}", path_of(url))]
    doors = sorted({path.split("/")[1] for path in wrong})
    if not firsts.isdisjoint(doors) or "" in doors:
        return None
    closed = f"(?!{'|'.join(f'{re.escape(door)}/' for door in doors)})" if doors else ""
    return f"^/{closed}{body}"


def common(urls: Iterable[str]) -> list[str]:
    """The addresses with the most common shape that holds a number: a house system's articles; none where they are few."""
    found = [(url, _shape(url)) for url in urls]
    groups = Counter((shape.kinds, shape.extension, shape.query) for _, shape in found if shape.numbers)
    if not groups:
        return []
    ((most, number),) = groups.most_common(1)
    fitting = [url for url, shape in found if (shape.kinds, shape.extension, shape.query) == most]
    return fitting if number >= LEAST else []


def _shape(url: str) -> _Shape:
    path, _, query = path_of(url).partition("?")
    ending = _EXTENSION.search(path)
    segments = [each for each in (path[: ending.start()] if ending else path).split("/") if each]
    kinds: list[str] = []
    numbers: list[str] = []
    for segment in segments:
        kind, number = _kind(segment, "".join(kinds))
        kinds.append(kind)
        numbers += [number] if number else []
    asked = _QUERY_ID.search(query)
    words = next((at for at, kind in enumerate(kinds) if kind != WORDS), max(0, len(kinds) - 1))
    if asked:
        words = len(kinds)
    return _Shape(
        lead=tuple(segments[:words]),
        kinds=tuple(kinds[words:]),
        extension=ending[0].lower() if ending else "",
        query=asked["name"] if asked else None,
        numbers=(asked["number"],) if asked else tuple(numbers),
    )


def _kind(segment: str, before: str) -> tuple[str, str | None]:
    """What a segment is, behind those before it; and its number, where that may be an id."""
    if segment.isascii() and segment.isdigit():
        if re.fullmatch(r"20\d\d", segment):
            return YEAR, None
        if before.endswith((YEAR, YEAR + MONTH)) and len(segment) <= 2:
            return (MONTH if before.endswith(YEAR) else DAY), None
        if before.endswith(YEAR + MONTH + DAY) and len(segment) == 6:
            return TIME, None
        return NUMBER, segment
    if match := _GLUED_FIRST.fullmatch(segment):
        return FIRST, match[1]
    if match := _GLUED_LAST.fullmatch(segment):
        return LAST, match[1]
    return WORDS, None


def _are_ids(numbers: Sequence[tuple[str, ...]], glued: bool) -> bool:
    """Whether each address has one number, and these are of one series, each of one article."""
    found = [each[0] for each in numbers if len(each) == 1]
    lengths = [len(number) for number in found]
    return (
        len(found) == len(numbers) >= (LEAST_IN_SLUG if glued else LEAST)
        and len(set(found)) == len(found)
        and max(lengths) - min(lengths) <= MAX_SPREAD
    )


def _constant(shapes: Sequence[_Shape], at: int) -> str | None:
    """The one word that all have at that place of their lead; null where they differ, or where it is a list's."""
    words = {shape.lead[at] if at < len(shape.lead) else "" for shape in shapes}
    (word, *more) = words
    return word if word and not more and word.lower() not in NOT_ARTICLES else None


def _regex_of(shapes: Sequence[_Shape], has_id: bool) -> str:
    """The pattern's path, behind its first slash, and query."""
    counts = {len(shape.lead) for shape in shapes}
    if len(counts) > 1:
        lead = f"(?:[^/?]+/){{{min(counts)},{max(counts)}}}"
    else:
        words = [_constant(shapes, at) for at in range(counts.pop())]
        is_kept = not has_id or shapes[0].query is not None
        kept = [word if is_kept or (word or "").lower() in _ARTICLE_WORDS else None for word in words]
        lead = "".join(f"{re.escape(word) if word else '[^/?]+'}/" for word in kept)
    model = shapes[0]
    digits = r"(?P<id>\d+)" if has_id else r"\d+"
    regexes = {**_REGEX, NUMBER: digits, FIRST: rf"{digits}[-_][^/?]+", LAST: rf"[^/?]+[-_]{digits}"}
    path = lead + "/".join(regexes[kind] for kind in model.kinds)
    ending = re.escape(model.extension)
    if model.query is not None:
        return rf"{path.rstrip('/')}{ending}\?(?:.*&)?{re.escape(model.query)}={digits}(?:&|$)"
    return path.rstrip("/") + (ending or (r"(?:[/?]|$)" if model.kinds[-1] in (NUMBER, LAST) else ""))
