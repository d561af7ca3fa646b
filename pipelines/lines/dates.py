"""Dates as Indonesian pages and machines write them: one table of forms, read to an instant.

Decides what one string says, how exactly, and in which zone: an explicit offset wins over a zone
word (WIB, WITA, WIT), which wins over the clock of the page. `pipelines.facts.publication` decides which
string is the witness of a publication. A string that says two things, or nothing, is null.

A general date parser was tried and dropped: it fails on "Jum'at" and on text around the date, reads
03/04 as 4 March unless configured otherwise, and is 300 times slower than this table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from pipelines.article import Precision
from pipelines.lines.months import in_english
from pipelines.page.tree import fold, unescaped

ZoneFrom = Literal["offset", "word", "clock"]
Parts = dict[str, str | None]
"""What a match says, by the names of its groups; null or missing: it does not say."""

MAX_RAW_CHARS = 200
"""A longer string is prose, and a date in prose is not the page's date."""

EARLIEST_YEAR = 1995
"""No outlet of the region was on the web before: an earlier date is a system's zero."""
READ_AHEAD = timedelta(days=2)
"""A date may lie so far after `fetched_at` and still be read: a mislabelled zone is corrected later."""
BELIEVED_AHEAD = timedelta(hours=1)
"""A date may lie so far after `fetched_at` and still be believed: clocks differ."""


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment that a string names."""

    at: datetime
    """Zone-aware. With precision `day`: midnight in the zone."""
    precision: Precision
    zone_from: ZoneFrom
    """How the zone was decided."""
    raw: str
    """The string, white space folded."""


_MONTH_NAMES = (
    "januari january jan",
    "februari february pebruari feb peb",
    "maret march mar mrt",
    "april apr",
    "mei may",
    "juni june jun",
    "juli july jul",
    "agustus august agust agst agu ags agt aug",
    "september sept sep",
    "oktober october okt oct",
    "november nopember nov nop",
    "desember december des dec",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_ZONE_WORDS = {
    "wib": 7,
    "waktu indonesia barat": 7,
    "waktu indonesia bagian barat": 7,
    "waktu jakarta": 7,
    "wita": 8,
    "waktu indonesia tengah": 8,
    "waktu indonesia bagian tengah": 8,
    "waktu makassar": 8,
    "wit": 9,
    "waktu indonesia timur": 9,
    "waktu indonesia bagian timur": 9,
    "waktu jayapura": 9,
    **dict.fromkeys(("waktu arab saudi", "waktu makkah", "waktu mekkah", "waktu mekah", "waktu madinah"), 3),
    **dict.fromkeys(("waktu malaysia", "waktu singapura", "waktu brunei"), 8),
    "western indonesia time": 7,
    "western indonesian time": 7,
    "west indonesia time": 7,
    "central indonesia time": 8,
    "central indonesian time": 8,
    "eastern indonesia time": 9,
    "eastern indonesian time": 9,
    "east indonesia time": 9,
    "western indonesia standard time": 7,
    "se asia standard time": 7,
    "singapore standard time": 8,
    "utc": 0,
    "gmt": 0,
    "z": 0,
    "coordinated universal time": 0,
    "greenwich mean time": 0,
    "waktu universal terkoordinasi": 0,
}
"""Hours ahead of UTC, by what Indonesia's pages and the systems behind them call a zone."""
_FOREIGN_ZONES = {
    "UT": 0,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "ICT": 7,
    "SGT": 8,
    "MYT": 8,
    "HKT": 8,
    "PHT": 8,
    "AWST": 8,
    "JST": 9,
    "KST": 9,
    "AEST": 10,
    "AEDT": 11,
    "WET": 0,
    "WEST": 1,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
    "MSK": 3,
    "IST": None,
    "BST": None,
}
"""Zones of RFC 822 and of countries that host servers, in capitals only. Null: several countries use the name, and a
time in it says no more than its day.
"""

_MONTH = rf"(?P<month_name>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_CLOCK = (
    r"(?P<hour>[01]?\d|2[0-4])(?P<sep>[:.])(?P<minute>[0-5]\d)(?:(?P=sep)(?P<second>[0-5]\d|60)(?:[.,]\d+)?)?(?![\d:])"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?|\s(?P<part>pagi|siang|sore|petang|malam)\b)?"
)
_OFFSET = r"(?P<sign>\+(?:\s(?=\d\d))?|%2b|[-\u2212])(?P<off_h>\d{1,2})(?:[:.]?(?P<off_m>\d{2}))?(?!\d)"
# A plus that a form or an address has turned into the space it stands for there.
_LOST_PLUS = r"\s(?P<lost_h>0\d|1[0-4])(?::(?P<lost_m>[03]0|45)|(?<=0[0789])00)(?!\d|[:.]\d)"
_NAMED_ZONE = (
    rf"(?:(?P<word>{'|'.join(sorted(_ZONE_WORDS, key=len, reverse=True))})"
    rf"|(?-i:(?P<foreign>{'|'.join(_FOREIGN_ZONES)})|(?P<iana>[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?)))\b"
)
_ZONE = rf"(?:\s*[\[(]?(?:utc|gmt)?\s*{_OFFSET}|{_LOST_PLUS}|\s*[\[(,|]?\s*{_NAMED_ZONE})?"
# What stands between a day and its time: "| ", " - ", ", ", " pukul ", "T", or nothing but a space.
_GAP = r"(?:\s*(?:[|,/)\]\u2013\u2014\u2022\u00b7@-]|pukul|jam|at|um|alle|a las|klo|kl\.?|\u00e0|om|t(?=\d))\s*){0,3}\s*"
_TIME = rf"(?:{_GAP}{_CLOCK}{_ZONE})?"
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "senin sen monday mon",
            "selasa sel tuesday tue",
            "rabu rab wednesday wed",
            "kamis kam thursday thu",
            "jumat jum'at jum friday fri",
            "sabtu sab saturday sat",
            "minggu min ahad sunday sun",
        )
    )
    for name in names.split()
}
_WEEKDAY_NAMES = "|".join(sorted(_WEEKDAYS, key=len, reverse=True))
_TIME_FIRST = rf"(?:\b(?:pukul|jam)\s+)?{_CLOCK}{_ZONE}\s*[,|\-\u2013]?\s*(?:pada\s+)?(?:(?:hari\s+)?(?:{_WEEKDAY_NAMES})\b\.?[\s,]*)?"

_DAY_FORMS = (
    # 2024-11-20, 2024/11/20
    r"(?<!\d)(?P<year>\d{4})(?P<dsep>[-/.])(?P<month>\d{1,2})(?P=dsep)(?P<day>\d{1,2})(?!\d)",
    # 20 November 2024, 20-Nov-2024, 20 Nov, 2024
    rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s\-/.,]*{_MONTH}[\s\-/.,]*(?P<year>\d{{4}})(?!\d)",
    # November 20, 2024
    rf"\b{_MONTH}\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s*(?P<year>\d{{4}})(?!\d)",
    # 20/11/2024, 20-11-2024, 20.11.2024: day first, as everywhere in Indonesia
    r"(?<!\d)(?P<day>\d{1,2})(?P<dsep>[-/.]|\. | [/|] )(?P<month>\d{1,2})(?P=dsep)(?P<year>\d{4})(?!\d)",
    # 20 Nov 24, 20 Nov '24; 20/11/24 only as far as `_century` believes it
    rf"(?<!\d)(?P<day>\d{{1,2}})[\s\-/.,]*{_MONTH}[\s\-/.,]*['\u2019\u2018]?(?P<year>\d{{2}})(?![\d:.'])",
    r"(?<![\d/.])(?P<day>\d{1,2})(?P<dsep>[/.])(?P<month>\d{1,2})(?P=dsep)(?P<year>\d{2})(?![\d/:])",
)
# Nov 20 10:00:00 WIB 2024: Unix, and Java's and PHP's copies of it
_UNIX = rf"\b{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+{_CLOCK}{_ZONE}\)?\s+(?P<year>\d{{4}})(?!\d)"
_FORMS = (
    *(re.compile(form, re.IGNORECASE) for day in _DAY_FORMS for form in (day + _TIME, _TIME_FIRST + day)),
    re.compile(_UNIX, re.IGNORECASE),
)
# What stands right before a day and says which day of the week it is.
_WEEKDAY = re.compile(rf"\b(?P<name>{_WEEKDAY_NAMES})\b\.?[\s,]*[(\[]?\s*$", re.IGNORECASE)
_COMPACT = re.compile(
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:t?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?"
    r"(?:(?P<zulu>z)|(?P<sign>[+-])(?P<off_h>\d{2}):?(?P<off_m>\d{2})?)?)?$",
    re.IGNORECASE,
)
# 2024-11-20T10:00:00+08:00, as most machines print it: all other forms say the same of it, in thirty times the time.
_MACHINE = re.compile(
    r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])[T ]"
    r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d)(?:(?P<sign>[+-])(?P<off_h>\d\d):?(?P<off_m>\d\d))?"
)
_EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")

_UNIT = (
    r"detik|menit|jam|hari|minggu|pekan|bulan|tahun"
    r"|seconds?|secs?|minutes?|mins?|hours?|days?|weeks?|months?|years?"
)
_UNIT_S = {
    **dict.fromkeys(("detik", "second", "sec"), 1),
    **dict.fromkeys(("menit", "minute", "min"), 60),
    **dict.fromkeys(("jam", "hour"), 3600),
    **dict.fromkeys(("hari", "day"), 86_400),
}
"""Null: "a week ago" and longer units leave the day open."""
_COUNT = re.compile(rf"(\d{{1,3}}|\bse)\s*({_UNIT})\b", re.IGNORECASE)
# "1 hari, 3 jam yang lalu"; neither "2-3 jam lalu" nor "1,5 jam lalu".
_AGO = re.compile(
    rf"(?<!\d[.,/\u2013-])(?<!\d [\u2013-] )\b(?P<counts>(?:\d{{1,3}}|se)\s*(?:{_UNIT})"
    rf"(?:[\s,]*(?:(?:dan|and|&)\s+)?\d{{1,3}}\s*(?:{_UNIT})){{0,5}})\s*(?:(?:yang|yg)\s+)?(?:lalu|ago)\b",
    re.IGNORECASE,
)
_DAYS_BACK = {
    "hari ini": 0,
    "today": 0,
    "kemarin": 1,
    "yesterday": 1,
    "kemarin lusa": 2,
    "kemarin dulu": 2,
    "the day before yesterday": 2,
    "day before yesterday": 2,
}
_DAY_WORD = re.compile(
    rf"(?<!pekan )(?<!bulan )(?<!tahun )\b(?P<word_day>{'|'.join(sorted(_DAYS_BACK, key=len, reverse=True))})\b{_TIME}",
    re.IGNORECASE,
)
_JUST_NOW = re.compile(r"^(?:baru saja|just now)$", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def parse(raw: str | None, clock: str, fetched_at: datetime) -> Instant | None:
    """The instant a string names, read on a page fetched at `fetched_at`; null where none is clear.

    `clock` is the IANA zone of bare times. Dates more than two days ahead of the fetch, or before
    1995, are not read. `is_believable` says whether the result can be true. Never raises.
    """
    text = fold(unescaped(raw or ""))
    if not text or len(text) > MAX_RAW_CHARS:
        return None
    try:
        found = _absolute(text, clock, fetched_at) or _relative(text, clock, fetched_at)
        if found is None or found.at.year < EARLIEST_YEAR or found.at > fetched_at + READ_AHEAD:
            return None
        return found
    except (ValueError, OverflowError):  # 31 February, year 0
        return None


def month_first(found: Instant) -> Instant | None:
    """The instant with day and month the other way round; null where its string writes no `11/01/2023`, or one day both ways."""
    if not _EITHER_WAY.search(found.raw) or not 1 <= found.at.day <= 12 or found.at.day == found.at.month:
        return None
    return replace(found, at=found.at.replace(month=found.at.day, day=found.at.month))


_EITHER_WAY = re.compile(r"(?<![\d/])\d{1,2}/\d{1,2}/\d{4}(?!\d)")


def placed(found: Instant, timezone: str | None) -> datetime:
    """The instant in the zone of the outlet's place; of a bare day, that day's midnight there.

    Where the place is not known, the instant as it is written: its day is the day that the page states.
    """
    if timezone is None:
        return found.at
    if found.precision == "day":
        return found.at.replace(tzinfo=zone(timezone))
    return found.at.astimezone(zone(timezone))


def is_believable(found: Instant, timezone: str | None, fetched_at: datetime) -> bool:
    """Whether an instant `is_possible` in the outlet's `timezone`.

    A bare day is judged by its midnight there, so that today is believed at any hour.
    """
    return is_possible(placed(found, timezone), fetched_at)


def is_possible(at: datetime, fetched_at: datetime) -> bool:
    """Whether a page fetched at `fetched_at` can report that moment: not before 1995, at most an hour ahead."""
    return at.year >= EARLIEST_YEAR and at <= fetched_at + BELIEVED_AHEAD


def zone(name: str) -> tzinfo:
    """The zone of that IANA name."""
    return ZoneInfo(name)


def _absolute(text: str, clock: str, fetched_at: datetime) -> Instant | None:
    if _EPOCH.match(text):
        seconds = int(text[:10])
        return Instant(datetime.fromtimestamp(seconds, UTC), "second", "offset", text)
    if machine := _MACHINE.fullmatch(text):
        return _instant(
            text, date(*map(int, machine.group("year", "month", "day"))), machine.groupdict(), clock
        )
    if compact := _COMPACT.match(text):
        parts: Parts = compact.groupdict()
        parts |= {"sign": "+", "off_h": "0"} if parts["zulu"] else {}
        day = date(*(int(parts[name] or 0) for name in ("year", "month", "day")))
        return _instant(text, day, parts, clock)
    spelled = _spelled(text)
    best = _best(spelled)
    if best is None:
        return None
    parts = best.groupdict()
    weekday = _weekday_before(spelled, best.start("day"))
    found = _day_of(parts, best.start("day") < best.start("year"), weekday, fetched_at.date())
    return _instant(text, found, parts, clock) if found is not None else None


_DIGIT = re.compile(r"\d")


@lru_cache(maxsize=1024)
def _best(text: str) -> re.Match[str] | None:
    """The form that reads most of the string: day and time over the day alone; of equals the first."""
    best: re.Match[str] | None = None
    for form in _FORMS if _DIGIT.search(text) else ():
        match = form.search(text)
        if match and (
            best is None or (_exactness(match), -match.start()) > (_exactness(best), -best.start())
        ):
            best = match
    return best


def _weekday_before(text: str, end: int) -> int | None:
    """The day of the week that is named right before; null for none."""
    named = _WEEKDAY.search(text, 0, end)
    return _WEEKDAYS[named["name"].lower().replace("\u2019", "'")] if named else None


def _day_of(parts: Parts, day_first: bool, weekday: int | None, fetched: date) -> date | None:
    """The day that a match names; null where a short year leaves it open."""
    first, year = int(parts["day"] or 0), int(parts["year"] or 0)
    if parts.get("month_name"):
        year += 2000 if year < 100 else 0
        return date(year, _MONTHS[str(parts["month_name"]).lower()], first)
    second = int(parts["month"] or 0)
    if year < 100 and day_first:
        # "20/11/24" may begin with its year: believed where its weekday fits, or where it is of this year.
        found = date(2000 + year, second, first)
        is_fresh = timedelta() <= fetched - found + READ_AHEAD <= timedelta(days=366)
        is_clear = found.weekday() == weekday or (
            weekday is None and (is_fresh or not _may_be(first, second, year, fetched))
        )
        return found if is_clear else None
    if day_first and weekday is not None and first <= 12:
        # "Wed, 03/05/2025" is 5 March: English Drupal and Joomla write the month first, and say the day.
        swapped = date(year, first, second)
        if swapped.weekday() == weekday and (second > 12 or date(year, second, first).weekday() != weekday):
            return swapped
    return date(year, second, first)


def _may_be(year: int, month: int, day: int, fetched: date) -> bool:
    """Whether a short year may stand first: "31.10.23" would be of a year to come."""
    try:
        return date(2000 + year, month, day) <= fetched + READ_AHEAD
    except ValueError:
        return False


def is_line(line: str) -> bool:
    """Whether a line is a date and little else: "Senin, 10 Maret 2025 | 10:00 WITA", "Rudi - Kemarin".

    The words beside the date are few and set apart from it; a sentence that contains a date is no date line.
    """
    line = _spelled(line)
    found = _found(line) if len(line) <= MAX_RAW_CHARS else None
    if found is None or re.search(r"\w{3}[.!?]$", line) or _is_prose(line, found):
        return False
    before = _WEEKDAY.sub("", line[: found.start()])
    return bool(_LINE_BEFORE.fullmatch(before) and _LINE_AFTER.fullmatch(line[found.end() :]))


def is_bare(line: str) -> bool:
    """Whether a line is a day, with or without its time, and nothing else."""
    line = _spelled(line).strip()
    found = _best(line)
    return found is not None and not _WEEKDAY.sub("", line[: found.start()]) and found.end() == len(line)


def opening(line: str) -> str | None:
    """The day of a dateline that opens a text: "Samarinda, 20 November 2024 – ", "(20/11/2024) "; null for none.

    A day in a sentence, even in brackets, is that of what it tells.
    """
    line = _spelled(line)
    if (found := _best(line)) is None:
        return None
    before, after = _WEEKDAY.sub("", line[: found.start()]).strip(), line[found.end() :]
    if before in ("(", "["):
        return found[0] if re.match(r"[)\]]\W*[A-Z]", after) else None
    is_dateline = re.fullmatch(r"[A-Z][\w.']*(?:[ /-][A-Z][\w.']*){0,3}\s*[,/]?\s*[(\[]?", before)
    return found[0] if is_dateline and re.match(r"\s*[)\]]?\s*[.:|\u2013\u2014-]", after) else None


def stands_alone(line: str) -> bool:
    """Whether a line names a day beside labels and names: more words make it a sentence, or a picture's caption."""
    line = _spelled(line)
    found = _found(line)
    return found is not None and not _is_prose(line, found)


MAX_WORDS_BESIDE = 2


def _is_prose(line: str, found: re.Match[str]) -> bool:
    """Whether the words beside a date are more than a name and a label: small words make sentences.

    A label that is none of a publication or a change labels the day of something else: "Berlaku sejak:".
    """
    if _OTHER_LABEL.search(_LABEL.sub(" ", line[: found.start()])):
        return True
    beside = _LABEL.sub(" ", f"{line[: found.start()]} | {line[found.end() :]}")
    return len([word for word in _SMALL_WORD.findall(beside) if word not in _LABEL_WORDS]) > MAX_WORDS_BESIDE


_OTHER_LABEL = re.compile(r"(?:\b(?!tanggal|date|hari)[^\W\d_]+)\s*:\s*(?:\w+\s*,\s*)?$", re.IGNORECASE)
_SMALL_WORD = re.compile(r"\b[^\W\d_A-Z][^\W\d_]+\b")
_LABELS = """
    oleh by pada on at pukul jam waktu kali dibaca dilihat views view read reads min mins minutes menit baca komentar
    comments comment tanggal penulis editor reporter wib wita wit
"""
_LABEL_WORDS = frozenset(_LABELS.split())


def parted(line: str) -> tuple[str, str]:
    """A date line taken apart at its labels: what it says of the publication, and what of an update."""
    labels = list(_LABEL.finditer(line))
    published: list[str] = [line[: labels[0].start() if labels else len(line)]]
    updated: list[str] = []
    for label, end in zip(labels, [*(label.start() for label in labels[1:]), len(line)], strict=False):
        piece = line[label.end() : end]
        (updated if label["update"] else published).append(piece)
    return _says(published), _says(updated)


def _says(pieces: list[str]) -> str:
    """The last piece that names a day: a labelled date is better than one before the labels."""
    return next((piece.strip() for piece in reversed(pieces) if names_day(piece.strip())), "")


def names_day(line: str) -> bool:
    """Whether a day is named somewhere in a line."""
    return _found(_spelled(line)) is not None


def counts_back(raw: str) -> bool:
    """Whether a string names its moment by how long ago it was: "5 menit lalu" is only about so long."""
    # The rare forms first: this is asked of every article.
    return bool(_AGO.search(raw) or _JUST_NOW.match(raw)) and _best(raw) is None


def _spelled(line: str) -> str:
    """The line with its days spelled in English, where they are in a language that the forms do not know."""
    return in_english(_DOTTED.sub(lambda zone: re.sub(r"[. ]", "", zone[0]), line), _MONTHS.keys())


_DOTTED = re.compile(r"\bw\. ?i\. ?(?:t\. ?a|[bt])\b\.?", re.IGNORECASE)
"""W.I.B., W.I.T.A."""


def _found(line: str) -> re.Match[str] | None:
    return _best(line) or _DAY_WORD.search(line) or _AGO.search(line) or _JUST_NOW.match(line)


def has_label(line: str) -> bool:
    """Whether a line labels a date with what happened then: "Terbit", "Diperbarui"."""
    return _LABEL.search(line) is not None


_UPDATED = (
    r"(?:terakhir\s+|last\s+)?(?:di)?(?:perbar(?:ui|uhi|harui)|perbaharui|updated?|modified|diubah|mutakhirkan)"
    r"|(?:zuletzt )?(?:aktualisiert|ge\u00e4ndert)|mis(?:e)? \u00e0 jour|actualizado|atualizado|aggiornato|bijgewerkt"
)
_PUBLISHED = (
    r"(?:di)?(?:terbit(?:kan)?|tayang(?:kan)?|publikasikan|publish|posting)|(?:first |originally )?(?:published|posted)|dikirim"
    r"|ver\u00f6ffentlicht|erstellt|stand|publi\u00e9e?|publicado|pubblicato|gepubliceerd|publicerad|mise? en ligne"
)
_LABEL = re.compile(
    rf"\b(?:(?P<update>{_UPDATED})|(?:{_PUBLISHED}))\b(?:\s+(?:pada|on|at|am|le|el|il|op|em))?\s*:?\s*",
    re.IGNORECASE,
)
_LINE_BEFORE = re.compile(
    rf"\W*(?:[^\W\d_]{{1,3}}\W+)?"  # "am 25.08.2015", "le 7 mai 2020"
    rf"|.{{0,40}}(?:[|,/:\u2013\u2014\u2022\u00b7\u00bb-]|\b(?:{_PUBLISHED}|{_UPDATED}|tanggal))\s*[(\[]?\s*"
    rf"|\W*(?:(?:{_PUBLISHED}|{_UPDATED})\b.{{0,40}}|(?:oleh|by)\b.{{0,30}})\b(?:pada|on)\s*",
    re.IGNORECASE,
)
_LINE_AFTER = re.compile(r"\W*|\s*(?:Uhr|uur|h|hrs)\b\W*|\s*[|,/(\u2013\u2014\u2022\u00b7-].{0,60}")


def _exactness(match: re.Match[str]) -> int:
    """How exact a match is: how many of hour, second and zone it names beside the day."""
    parts = match.groupdict()
    return sum(bool(parts.get(name)) for name in ("hour", "second", *_ZONE_GROUPS))


_ZONE_GROUPS = ("sign", "lost_h", "word", "foreign", "iana")


def _relative(text: str, clock: str, fetched_at: datetime) -> Instant | None:
    here = fetched_at.astimezone(zone(clock))
    if _JUST_NOW.match(text):
        return Instant(here.replace(second=0, microsecond=0), "minute", "clock", text)
    if match := _DAY_WORD.search(text):
        parts = match.groupdict()
        day = here.date() - timedelta(days=_DAYS_BACK[str(parts["word_day"]).lower()])
        weekday = _weekday_before(text, match.start())
        if weekday not in (None, day.weekday()):
            return None  # "Selasa kemarin" on a Friday; "minggu kemarin" may be a week
        return _instant(text, day, parts, clock)
    match = _AGO.search(text)
    return _ago(text, _COUNT.findall(match["counts"]), here, clock) if match else None


def _ago(text: str, counts: list[tuple[str, str]], here: datetime, clock: str) -> Instant | None:
    """The moment so many units before `here`, as exactly as the smallest unit says it; null where that is no day."""
    units = [_UNIT_S.get(unit.lower().removesuffix("s")) for _, unit in counts]
    numbers = [1 if number.lower() == "se" else int(number) for number, _ in counts]
    known = [unit for unit in units if unit]
    if len(known) < len(units) or sorted(set(known), reverse=True) != known:
        return None
    ago = timedelta(seconds=sum(number * unit for number, unit in zip(numbers, known, strict=True)))
    if known == [86_400]:
        return _instant(text, (here - ago).date(), {}, clock)
    if known[-1] >= 3600:
        # "3 jam lalu" is said from three hours until four: the day is known where both ends share it.
        latest, earliest = here - ago, here - ago - timedelta(seconds=known[-1])
        return _instant(text, latest.date(), {}, clock) if latest.date() == earliest.date() else None
    return Instant((here - ago).replace(second=0, microsecond=0), "minute", "clock", text)


def _zone_of(raw: str, parts: Parts, clock: str) -> tuple[tzinfo, ZoneFrom]:
    """The zone that a match names, else that of the clock; and how it was decided. Raises `ValueError` for an offset that is none."""
    if parts.get("sign"):
        hours, minutes = int(parts.get("off_h") or 0), int(parts.get("off_m") or 0)
        if hours > 14 or minutes > 59:
            raise ValueError("no such offset")
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if parts["sign"] in ("-", "\u2212") else offset), "offset"
    if hours_lost := parts.get("lost_h"):
        if not parts.get("second") and not _MACHINE_TIME.search(raw):
            raise ValueError("two times of the day")
        return timezone(timedelta(hours=int(hours_lost), minutes=int(parts.get("lost_m") or 0))), "offset"
    if word := parts.get("word"):
        return timezone(timedelta(hours=_ZONE_WORDS[_SPACE.sub(" ", word).lower()])), "word"
    if (word := parts.get("foreign")) and (ahead := _FOREIGN_ZONES[word]) is not None:
        return timezone(timedelta(hours=ahead)), "word"
    if (word := parts.get("iana")) and (named := _zone_named(word)):
        return named, "word"
    return zone(clock), "clock"


_MACHINE_TIME = re.compile(r"\dT\d")


def _zone_named(name: str) -> tzinfo | None:
    """The zone of that IANA name; null where there is none: "Asia/Pasifik" is a section."""
    try:
        return zone(name)
    except (ValueError, KeyError, OSError):
        return None


def _hour_of(hour: int, part: str) -> int:
    """The hour of 24 that a clock of twelve means in that part of the day; 24 where it leaves the day open."""
    if hour > 12 or not part:
        return hour
    if part == "pagi":
        return hour % 12
    if part == "malam":
        return hour + 12 if 6 <= hour < 12 else 24  # "12 malam" is midnight, of either day
    return hour if part == "siang" and hour >= 10 else hour % 12 + 12


def _instant(raw: str, day: date, parts: Parts, clock: str) -> Instant:
    """The instant of that day whose time and zone a match names; the day alone where it names no time, or a zone of several places."""
    where, zone_from = _zone_of(raw, parts, clock)
    is_anywhere = (word := parts.get("foreign")) is not None and _FOREIGN_ZONES[word] is None
    hour = 24 if is_anywhere else _hour_of(int(parts.get("hour") or 24), (parts.get("part") or "").lower())
    if hour == 24:  # "24:00" may be the day's beginning or its end: the day is what stands there
        return Instant(datetime(day.year, day.month, day.day, tzinfo=where), "day", zone_from, raw)
    # "14:50:23 PM" is written by clocks that add the half to a 24-hour time: the half says nothing.
    if (half := parts.get("half")) and hour <= 12:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    minute, second = int(parts.get("minute") or 0), parts.get("second")
    at = datetime(day.year, day.month, day.day, hour, minute, min(int(second or 0), 59), tzinfo=where)
    return Instant(at, "second" if second else "minute", zone_from, raw)
