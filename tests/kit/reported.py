"""A report of twelve invented outlets over sixty days, with everything in it that a page has to show."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

from crawler.report.model import Day, Incident, Kind, Report, SourceHealth

LAST = date(2026, 11, 29)
NOW = datetime(2026, 11, 29, 15, 4, tzinfo=UTC)
DAYS = 60
HOLIDAYS = {date(2026, 10, 28): "Hari Sumpah Pemuda", date(2026, 11, 10): "Hari Pahlawan"}

OUTLETS = (
    ("warta_pesisir", "Warta Pesisir", 14),
    ("kabar_teluk", "Kabar Teluk", 32),
    ("suara_mahakam", "Suara Mahakam", 9),
    ("pos_belayan", "Pos Belayan", 21),
    ("gerbang_etam", "Gerbang Etam", 5),
    ("kota_idaman", "Kota Idaman dan Sekitarnya Media Siber", 12),
    ("lensa_timur", "Lensa Timur", 18),
    ("nusa_utara", "Nusa Utara", 3),
    ("radar_hulu", "Radar Hulu", 40),
    ("tepian_raya", "Tepian Raya", 7),
    ("batas_negeri", "Batas Negeri", 11),
    ("teras_sangatta", "Teras Sangatta", 16),
)


def incident(
    source: str | None, kind: Kind, detail: str, hours: float = 30, closed_hours: float | None = None
) -> Incident:
    """Opened so many hours ago."""
    closed_at = None if closed_hours is None else NOW - timedelta(hours=closed_hours)
    opened_at = NOW - timedelta(hours=hours)
    return Incident(source, kind, opened_at, closed_at, detail, told_at=opened_at)


SILENT = incident("warta_pesisir", "silent", "0 articles since Friday; 9 to 18 a day are normal")
FEWER = incident("kabar_teluk", "fewer_articles", "3 articles on 28 Nov; 20 to 41 are normal", 6)
FIELD = incident("suara_mahakam", "field_gone", "an author in 4% of 52 articles; it was 96%", 200)
DISK = incident(None, "disk_filling", "1.2 GB are left, 3 days at today's pace", 2)
AGAIN = incident("radar_hulu", "certificate", "the certificate had ended on 25 Nov", 96, 1)


def report() -> Report:
    """Three outlets and the machine have something open; the same each time."""
    chance = random.Random(17)
    open_of = {each.source: (each,) for each in (SILENT, FEWER, FIELD)}
    sources = tuple(
        _health(chance, number, name, title, usual, open_of.get(name, ()))
        for number, (name, title, usual) in enumerate(OUTLETS)
    )
    return Report(
        first_day=LAST - timedelta(days=DAYS - 1),
        last_day=LAST,
        made_at=NOW,
        sources=sources,
        machine=(DISK,),
        opened=(SILENT, FEWER, DISK),
        closed=(AGAIN,),
    )


def _health(
    chance: random.Random, number: int, name: str, title: str, usual: int, incidents: tuple[Incident, ...]
) -> SourceHealth:
    days = tuple(_day(chance, number, usual, LAST - timedelta(days=back)) for back in range(DAYS - 1, -1, -1))
    if number == 11:  # never crawled with success
        return nothing_known(name, title, days)
    latency = timedelta(minutes=4 * 2.4**number % 4000 + 5)
    return SourceHealth(
        source=name,
        title=title,
        days=days,
        articles=sum(each.stored or 0 for each in days),
        share_with_date=1.0,
        share_with_author=0.04 if number == 2 else 0.996,
        share_with_dateline=chance.uniform(0.4, 1),
        share_rejected=chance.uniform(0, 0.1),
        share_failed=0.0,
        words=chance.uniform(180, 400),
        latency=latency,
        latency_90=latency * 5,
        last_success=NOW - timedelta(minutes=47 + number),
        open_incidents=incidents,
    )


def nothing_known(name: str, title: str, days: tuple[Day, ...] = ()) -> SourceHealth:
    """An outlet of which nothing is known: all that may be null is."""
    return SourceHealth(
        source=name,
        title=title,
        days=days,
        articles=0,
        share_with_date=None,
        share_with_author=None,
        share_with_dateline=None,
        share_rejected=None,
        share_failed=None,
        words=None,
        latency=None,
        latency_90=None,
        last_success=None,
        open_incidents=(),
    )


def _day(chance: random.Random, number: int, usual: int, day: date) -> Day:
    quiet = 0.4 if day.weekday() == 6 or day in HOLIDAYS else 1.0
    published = round(usual * quiet * chance.uniform(0.7, 1.3))
    stored = published if chance.random() < 0.8 else round(published * chance.uniform(0.3, 1))
    back = (LAST - day).days
    if (number == 0 and back < 3) or (number == 7 and back % 5 == 0):
        stored = 0
    if number == 1 and back == 1:
        stored = 3
    if number == 7 and back % 7 == 0:
        published = stored = 0
    looked = not (number == 4 and 20 <= back < 29) and not (number == 3 and back > 40) and number != 11
    return Day(
        day=day,
        looks=24 if looked else 0,
        published=published if looked and number not in (5, 8) else None,
        stored=stored if looked else None,
        expected=(usual * quiet * 0.6, usual * 1.5) if number != 8 else None,
        holiday=HOLIDAYS.get(day),
        is_backfilled=number == 6 and back > 50,
    )
