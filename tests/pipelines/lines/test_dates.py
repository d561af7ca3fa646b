"""Dates: every form that Indonesian pages and machines write, and what must not be read as one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.lines.dates import MAX_RAW_CHARS, is_believable, is_line, parse, parted

FETCHED_AT = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)  # 11:00 in Makassar
WITA = "Asia/Makassar"

FORMS = {
    "Senin, 4 Mei 2020 04:25 WIB": ("2020-05-04T04:25:00+07:00", "minute", "word"),
    "Senin, 24 November 2025 10:15 WITA": ("2025-11-24T10:15:00+08:00", "minute", "word"),
    "Jum'at, 24 Juli 2026 | 07:08 WIB": ("2026-07-24T07:08:00+07:00", "minute", "word"),
    "Jum’at, 24 Juli 2026 | 07:08 WIB": ("2026-07-24T07:08:00+07:00", "minute", "word"),
    "Rabu 24-03-2021,09:45 WIB": ("2021-03-24T09:45:00+07:00", "minute", "word"),
    "Senin, 2 Desember 2024 | 10:15 WIB": ("2024-12-02T10:15:00+07:00", "minute", "word"),
    "Rabu, 2 Juli 2025 - 14:50:23 PM": ("2025-07-02T14:50:23+08:00", "second", "clock"),
    "26. Januar 2022": ("2022-01-26T00:00:00+08:00", "day", "clock"),
    "le 07 Mai 2020": ("2020-05-07T00:00:00+08:00", "day", "clock"),
    "23 de mayo de 2019, 10:15": ("2019-05-23T10:15:00+08:00", "minute", "clock"),
    "15 августа 2016, 13:43": ("2016-08-15T13:43:00+08:00", "minute", "clock"),
    "2016年8月15日 13:43": ("2016-08-15T13:43:00+08:00", "minute", "clock"),
    "Veröffentlicht am 13. Mai 2026 um 15:44": ("2026-05-13T15:44:00+08:00", "minute", "clock"),
    "31.10.23": ("2023-10-31T00:00:00+08:00", "day", "clock"),
    "20. 11. 2024": ("2024-11-20T00:00:00+08:00", "day", "clock"),
    "11 April 2025": ("2025-04-11T00:00:00+08:00", "day", "clock"),
    "Senin, 9 Februari 2026 16:02": ("2026-02-09T16:02:00+08:00", "minute", "clock"),
    "Kompas.com - 12/05/2024, 07:06 WIB": ("2024-05-12T07:06:00+07:00", "minute", "word"),
    "16 Jan 2022": ("2022-01-16T00:00:00+08:00", "day", "clock"),
    "Sabtu, 3 Agt 2024 10.15 WIT": ("2024-08-03T10:15:00+09:00", "minute", "word"),
    "Ahad, 3 Nop 2024 pukul 16.30 WITA": ("2024-11-03T16:30:00+08:00", "minute", "word"),
    "Ahad, 3 Nop 2024 pukul 8.15 malam WIB": ("2024-11-03T20:15:00+07:00", "minute", "word"),
    "3 Nop 2024 pukul 04.15 sore": ("2024-11-03T16:15:00+08:00", "minute", "clock"),
    "3 Nop 2024 pukul 11.30 siang": ("2024-11-03T11:30:00+08:00", "minute", "clock"),
    "3 Nop 2024 pukul 1.30 siang": ("2024-11-03T13:30:00+08:00", "minute", "clock"),
    "3 Nop 2024 pukul 08.15 pagi": ("2024-11-03T08:15:00+08:00", "minute", "clock"),
    "3 Nop 2024 pukul 20.15 malam": ("2024-11-03T20:15:00+08:00", "minute", "clock"),
    "3 Nop 2024 pukul 12.00 malam": ("2024-11-03T00:00:00+08:00", "day", "clock"),
    "3 Nop 2024 10.15 W.I.B.": ("2024-11-03T10:15:00+07:00", "minute", "word"),
    "3 Nop 2024 10.15 W.I.T.A": ("2024-11-03T10:15:00+08:00", "minute", "word"),
    "3 Nop 2024 10.15 Waktu Arab Saudi": ("2024-11-03T10:15:00+03:00", "minute", "word"),
    "2024-11-20T10:15:30&#43;07:00": ("2024-11-20T10:15:30+07:00", "second", "offset"),
    "24/07/2025": ("2025-07-24T00:00:00+08:00", "day", "clock"),
    "2024-11-20T10:15:30+08:00": ("2024-11-20T10:15:30+08:00", "second", "offset"),
    "2024-11-20T10:15:30.250+0700": ("2024-11-20T10:15:30+07:00", "second", "offset"),
    "2024-11-20T02:15:30Z": ("2024-11-20T02:15:30+00:00", "second", "word"),
    "2024-11-20 10:15:30": ("2024-11-20T10:15:30+08:00", "second", "clock"),
    "2024-11-20T10:15": ("2024-11-20T10:15:00+08:00", "minute", "clock"),
    "20241120T021530Z": ("2024-11-20T02:15:30+00:00", "second", "offset"),
    "20241120T101530+0800": ("2024-11-20T10:15:30+08:00", "second", "offset"),
    "20241120T1015-03": ("2024-11-20T10:15:00-03:00", "minute", "offset"),
    "Thu, 05 Nov 2015 14:56:43 +0700": ("2015-11-05T14:56:43+07:00", "second", "offset"),
    "Tue, 22 Jul 2025 10:00:00 GMT": ("2025-07-22T10:00:00+00:00", "second", "word"),
    "November 20, 2024 3:05 pm": ("2024-11-20T15:05:00+08:00", "minute", "clock"),
    "20 November 2024 12:05 am": ("2024-11-20T00:05:00+08:00", "minute", "clock"),
    "10:15 WIB, 20 November 2024": ("2024-11-20T10:15:00+07:00", "minute", "word"),
    "Tayang: Jumat, 24 Juli 2026 12:40 WIB | 300 kali dibaca": (
        "2026-07-24T12:40:00+07:00",
        "minute",
        "word",
    ),
    "5 menit yang lalu": ("2026-09-01T10:55:00+08:00", "minute", "clock"),
    "3 jam lalu": ("2026-09-01T00:00:00+08:00", "day", "clock"),
    "2 hari lalu": ("2026-08-30T00:00:00+08:00", "day", "clock"),
    "kemarin": ("2026-08-31T00:00:00+08:00", "day", "clock"),
    "Kemarin, 21:15 WITA": ("2026-08-31T21:15:00+08:00", "minute", "word"),
    "hari ini 08:00": ("2026-09-01T08:00:00+08:00", "minute", "clock"),
    "10/3/26": ("2026-03-10T00:00:00+08:00", "day", "clock"),
    "10 Mar 25": ("2025-03-10T00:00:00+08:00", "day", "clock"),
    "Kam, 13 Mar '25": ("2025-03-13T00:00:00+08:00", "day", "clock"),
    "Kamis, 13/03/25": ("2025-03-13T00:00:00+08:00", "day", "clock"),
    "5 Agst 2024": ("2024-08-05T00:00:00+08:00", "day", "clock"),
    "Senin,10 Maret 2025 / 10:00": ("2025-03-10T10:00:00+08:00", "minute", "clock"),
    "Kamis (06/03/2025) 10:00": ("2025-03-06T10:00:00+08:00", "minute", "clock"),
    "10 Maret 2025 24:00": ("2025-03-10T00:00:00+08:00", "day", "clock"),
    "Wed, 03/05/2025 - 14:02": ("2025-03-05T14:02:00+08:00", "minute", "clock"),
    "Wed, 03/26/2025": ("2025-03-26T00:00:00+08:00", "day", "clock"),
    "Rabu, 12/03/2025": ("2025-03-12T00:00:00+08:00", "day", "clock"),
    "Senin, 03/05/2025": ("2025-05-03T00:00:00+08:00", "day", "clock"),
    # zones by name
    "20 November 2024 10:00 Waktu Indonesia Barat": ("2024-11-20T10:00:00+07:00", "minute", "word"),
    "20 November 2024 10:00 Waktu Indonesia Bagian Timur": ("2024-11-20T10:00:00+09:00", "minute", "word"),
    "2024-11-20 10:00:00 Asia/Jakarta": ("2024-11-20T10:00:00+07:00", "second", "word"),
    "20 November 2024 10:00 (Asia/Jayapura)": ("2024-11-20T10:00:00+09:00", "minute", "word"),
    "2024-11-20 10:00 Western Indonesia Time": ("2024-11-20T10:00:00+07:00", "minute", "word"),
    "2024-11-20 10:00 Asia/Pasifik": ("2024-11-20T10:00:00+08:00", "minute", "clock"),  # a section
    "20 November 2024 10:00, WIB": ("2024-11-20T10:00:00+07:00", "minute", "word"),
    "20 November 2024 | 10:00 | WIT": ("2024-11-20T10:00:00+09:00", "minute", "word"),
    "Wed Nov 20 10:00:00 WIB 2024": ("2024-11-20T10:00:00+07:00", "second", "word"),
    "Wed Nov 20 10:00:00 Asia/Jakarta 2024": ("2024-11-20T10:00:00+07:00", "second", "word"),
    "Wed Nov 20 2024 10:00:00 GMT+0700 (Western Indonesia Time)": (
        "2024-11-20T10:00:00+07:00",
        "second",
        "offset",
    ),
    # zones of other countries
    "Wed, 20 Nov 2024 10:00:00 EST": ("2024-11-20T10:00:00-05:00", "second", "word"),
    "Wed, 20 Nov 2024 10:00:00 PDT": ("2024-11-20T10:00:00-07:00", "second", "word"),
    "Wed, 20 Nov 2024 10:00:00 UT": ("2024-11-20T10:00:00+00:00", "second", "word"),
    "2024-11-20 10:00 SGT": ("2024-11-20T10:00:00+08:00", "minute", "word"),
    "20 November 2024 10:00 est": (
        "2024-11-20T10:00:00+08:00",
        "minute",
        "clock",
    ),  # no zone in small letters
    # a zone of several places leaves the day
    "Wed, 20 Nov 2024 10:00:00 IST": ("2024-11-20T00:00:00+08:00", "day", "clock"),
    "04:25:06 PM IST Nov 20, 2024": ("2024-11-20T00:00:00+08:00", "day", "clock"),
    "20 November 2024 10:00 BST": ("2024-11-20T00:00:00+08:00", "day", "clock"),
    # the time first
    "10:15:30 WIB Rabu, 20 November 2024": ("2024-11-20T10:15:30+07:00", "second", "word"),
    "Pukul 10.15 WITA, hari Rabu 20 November 2024": ("2024-11-20T10:15:00+08:00", "minute", "word"),
    "10:15, Wed 11/20/2024": ("2024-11-20T10:15:00+08:00", "minute", "clock"),
    # a plus that was lost on its way
    "2024-11-20T10:00:00 07:00": ("2024-11-20T10:00:00+07:00", "second", "offset"),
    "2024-11-20T10:00 09:00": ("2024-11-20T10:00:00+09:00", "minute", "offset"),
    "Wed, 20 Nov 2024 10:00:00 0700": ("2024-11-20T10:00:00+07:00", "second", "offset"),
    "2024-11-20T10:00:00%2B07:00": ("2024-11-20T10:00:00+07:00", "second", "offset"),
    "2024-11-20 10:00:00 + 07:00": ("2024-11-20T10:00:00+07:00", "second", "offset"),
    "20 November 2024 10:00:00 1130 kali dibaca": ("2024-11-20T10:00:00+08:00", "second", "clock"),
    # days and hours back
    "2 jam 15 menit lalu": ("2026-09-01T08:45:00+08:00", "minute", "clock"),
    "1 hari, 3 jam yang lalu": ("2026-08-31T00:00:00+08:00", "day", "clock"),
    "2 hours and 5 minutes ago": ("2026-09-01T08:55:00+08:00", "minute", "clock"),
    "sejam yg lalu": ("2026-09-01T00:00:00+08:00", "day", "clock"),
    "kemarin lusa": ("2026-08-30T00:00:00+08:00", "day", "clock"),
    "Kemarin dulu, 10:15 WIB": ("2026-08-30T10:15:00+07:00", "minute", "word"),
    "the day before yesterday": ("2026-08-30T00:00:00+08:00", "day", "clock"),
    "Senin, kemarin": ("2026-08-31T00:00:00+08:00", "day", "clock"),
}


@pytest.mark.parametrize(("raw", "expected"), FORMS.items())
def test_a_form_is_read_with_its_zone_and_its_precision(raw: str, expected: tuple[str, str, str]) -> None:
    """Instant, precision and the way the zone was decided are those of the string."""
    found = parse(raw, WITA, FETCHED_AT)
    assert found is not None
    assert (found.at.isoformat(), found.precision, found.zone_from) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        None,
        "Mei 2024",
        "Minggu (6/10)",
        "31 Februari 2024",
        "11/25/2024",
        "0000-00-00 00:00:00",
        "20/11/24",
        "1 minggu lalu",
        "Senin, 20/11/24",
        "pukul 10.15 WIB",
        "2029-01-01",
        "1985-05-05",
        "Maret ceria",
        "12 marga 2024",
        "10 jam lalu " * 30,
        "20 November 2024 10:00 07:00",  # a plus that was lost, or two times of the day
        "1 minggu 2 hari lalu",
        "1 bulan, 3 hari yang lalu",
        "2 hari 11 jam lalu",
        "2 jam 3 jam lalu",
        "2-3 jam lalu",
        "1,5 jam lalu",
        "Selasa kemarin",
        "minggu kemarin",
        "pekan kemarin",
        "tahun kemarin",
        "lusa",
    ],
)
def test_what_names_no_day_is_null(raw: str | None) -> None:
    """Half dates, impossible days, what may mean two things, weeks ago, the far future and prose."""
    assert parse(raw, WITA, FETCHED_AT) is None


def test_an_explicit_offset_wins_over_a_zone_word_and_both_over_the_clock() -> None:
    """The same wall time is read in three zones, as the string says."""
    at = [
        parse(raw, "Asia/Jayapura", FETCHED_AT)
        for raw in ("2024-11-20 10:00 +07:00", "20 November 2024 10:00 WITA", "20 November 2024 10:00")
    ]
    offsets = [instant.at.utcoffset() for instant in at if instant]
    assert offsets == [timedelta(hours=7), timedelta(hours=8), timedelta(hours=9)]


def test_hours_ago_across_midnight_name_no_day() -> None:
    """ "11 jam lalu" at eleven o'clock may be today or yesterday: null beats a wrong day."""
    assert parse("11 jam lalu", WITA, FETCHED_AT) is None


def test_a_date_slightly_ahead_of_the_fetch_is_read() -> None:
    """Zones are mislabelled, which others put right: a day ahead is a date, a week ahead is none."""
    assert parse("2026-09-02T09:00:00+08:00", WITA, FETCHED_AT) is not None
    assert parse("2026-09-08T09:00:00+08:00", WITA, FETCHED_AT) is None


NO_DATES = (
    *(
        "0000-00-00",
        "0000-00-00T00:00:00",
        "0001-01-01T00:00:00+00:00",
        "1970-01-01",
        "1970-01-01T08:00:00+08:00",
    ),
    *(
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "1994-12-31",
        "31-12-1994",
    ),
    *("1 Januari 1970", "1000000000000000", "19700101000000", "2026-13-01", "2026-02-30", "30 Februari 2026"),
    *(
        "2026-08-31T10:00:00+15:00",
        "2026-08-31T10:00:00+99:99",
        "99999999-01-01",
        "0",
        "-1",
    ),
)


@pytest.mark.parametrize("raw", NO_DATES)
def test_a_systems_zero_and_its_infinity_are_no_dates(raw: str) -> None:
    """What a database prints for nothing, what a calendar does not have, and zones of no place."""
    assert parse(raw, WITA, FETCHED_AT) is None


BELIEVED = {
    "2026-09-01T12:00:00+08:00": True,  # an hour after the fetch: clocks differ
    "2026-09-01T12:00:01+08:00": False,
    "2026-09-01T11:00:00Z": False,  # local time that is marked as UTC
    "2026-09-01": True,
    "1 September 2026": True,
    "2026-09-02": False,  # no outlet's day yet
    "kemarin": True,
    "hari ini 18:00": False,
    "1995-01-01": True,
    "1995-01-01 01:00 +14:00": False,  # 1994 in Makassar
}


@pytest.mark.parametrize(("raw", "expected"), BELIEVED.items())
def test_nothing_is_believed_that_lies_ahead_of_its_fetch(raw: str, expected: bool) -> None:
    """By more than an hour: of a bare day its first moment counts."""
    found = parse(raw, WITA, FETCHED_AT)
    assert found is not None
    assert is_believable(found, WITA, FETCHED_AT) is expected


@pytest.mark.parametrize("hour", range(24))
def test_today_is_believed_at_every_hour_and_tomorrow_from_eleven_at_night(hour: int) -> None:
    """In the outlet's zone, whatever day it is in UTC then."""
    fetched_at = datetime(2026, 9, 1, hour, 30, tzinfo=ZoneInfo(WITA))
    today, tomorrow = (parse(raw, "Asia/Jakarta", fetched_at) for raw in ("1 September 2026", "2026-09-02"))
    assert today is not None
    assert tomorrow is not None
    assert is_believable(today, WITA, fetched_at)
    assert is_believable(tomorrow, WITA, fetched_at) is (hour == 23)


LINES = {
    "Senin, 10 Maret 2025 10:00 WITA": True,
    "Selasa, 11 Maret 2025 | 13:20 WITA | Yohana": True,
    "Kompas.com - 12/05/2024, 07:06 WIB": True,
    "Dikirim oleh humas pada Wed, 03/05/2025 - 14:02": True,
    "Rudi - Kemarin": True,
    "3 jam lalu": True,
    "Pukul 10.15 WITA, hari Rabu 20 November 2024": True,
    "20/11/2024 - 04:30 - Sumber: Warta Pesisir Nusantara - Foto: Hamdan Yusuf": True,
    "First published on Nov 20, 2024 04:25 pm": True,
    "Pilkada digelar 27 November 2024": False,
    "Warga antre pada Senin, 10 Maret 2025": False,
    "Jumat, 10 Maret 2025, warga berkumpul di balai.": False,
    "Jembatan Dua Desa Rampung": False,
}


@pytest.mark.parametrize(("line", "expected"), LINES.items())
def test_a_date_line_is_a_date_and_little_else(line: str, expected: bool) -> None:
    """A name may stand beside it, set apart; a sentence with a date in it is none."""
    assert is_line(line) is expected


PARTED = {
    "Diperbarui: 16 Maret 2025, 09:00 Terbit: 14 Maret 2025, 17:45": (
        "14 Maret 2025, 17:45",
        "16 Maret 2025, 09:00",
    ),
    "Published 3 March 2025 Updated 4 March 2025": ("3 March 2025", "4 March 2025"),
    "Senin, 3 Maret 2025 (diperbarui 4 Maret 2025)": ("Senin, 3 Maret 2025 (", "4 Maret 2025)"),
    "Terakhir diperbarui 11 Maret 2025": ("", "11 Maret 2025"),
    "Tayang: Jumat, 24 Juli 2026 12:40": ("Jumat, 24 Juli 2026 12:40", ""),
    "Senin, 3 Maret 2025": ("Senin, 3 Maret 2025", ""),
    "Redaksi": ("", ""),
}


@pytest.mark.parametrize(("line", "expected"), PARTED.items())
def test_the_labels_of_a_line_part_publication_and_update(line: str, expected: tuple[str, str]) -> None:
    """Whichever stands first; what has no label is the publication."""
    assert parted(line) == expected


SIGNS = "0123456789-/:., +TZ WIBAjamlu'lkeri\u00a0Mei"
WORDS = ("Asia/Jakarta", " EST", "1 jam ", "lalu", "10:00:00", " 07:00", "kemarin", "2024-11-20T")


@given(st.lists(st.sampled_from([*SIGNS, *WORDS]), max_size=MAX_RAW_CHARS + 5).map("".join))
def test_no_string_raises(raw: str) -> None:
    """Whatever stands where a date should be, the answer is an aware instant or null."""
    found = parse(raw, WITA, FETCHED_AT)
    assert found is None or found.at.tzinfo is not None
