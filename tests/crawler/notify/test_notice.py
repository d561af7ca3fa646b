"""What a notice says, and that it stays text."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from crawler.notify.notice import DETAIL_CHARS, MOST, Notice, as_json, from_json, spelt
from tests.kit.reported import AGAIN, DISK, FEWER, NOW, SILENT, incident, report


def test_a_report_is_told_in_one_message() -> None:
    """What opened and what closed, a line each; what stays open is not told again."""
    notice = Notice.of(report())
    assert notice.subject == "Kabar: 3 broken, 1 works again"
    assert notice.text.splitlines() == [
        "Broken:",
        "- warta_pesisir: silent since 2026-11-28 09:04 UTC: 0 articles since Friday; 9 to 18 a day are normal",
        "- kabar_teluk: fewer articles since 2026-11-29 09:04 UTC: 3 articles on 28 Nov; 20 to 41 are normal",
        "- this machine: disk filling since 2026-11-29 13:04 UTC: 1.2 GB are left, 3 days at today's pace",
        "Works again:",
        "- radar_hulu: certificate from 2026-11-25 15:04 to 2026-11-29 14:04 UTC: "
        "the certificate had ended on 25 Nov",
    ]


def test_nothing_opened_and_nothing_closed_is_nothing_to_tell() -> None:
    """Whatever is still open."""
    quiet = replace(report(), opened=(), closed=())
    assert quiet.is_breached
    assert not Notice.of(quiet)


def test_a_program_gets_the_incidents_by_their_fields() -> None:
    """One JSON object; instants in UTC."""
    told = json.loads(spelt(Notice((SILENT,), (AGAIN,))))
    assert (told["subject"], told["text"].count("\n")) == ("Kabar: 1 broken, 1 works again", 3)
    assert told["opened"] == [
        {
            "source": "warta_pesisir",
            "kind": "silent",
            "opened_at": "2026-11-28T09:04:00+00:00",
            "closed_at": None,
            "detail": "0 articles since Friday; 9 to 18 a day are normal",
        }
    ]
    assert told["closed"][0]["closed_at"] == "2026-11-29T14:04:00+00:00"


def test_an_incident_survives_its_file() -> None:
    """What waits for the next run is what was to be told."""
    for each in (SILENT, DISK, AGAIN):
        assert from_json(as_json(each)) == replace(each, told_at=None)


def test_what_broke_and_works_again_before_it_was_told_is_told_once() -> None:
    """As working again; the same incident twice is one."""
    earlier = Notice((SILENT, FEWER))
    closed = replace(SILENT, closed_at=NOW)
    assert Notice((FEWER,), (closed,)).after(earlier) == Notice((FEWER,), (closed,))


def test_a_notice_has_an_end() -> None:
    """A detail is cut, and of very many incidents the latest are told."""
    long = incident("a", "failed", "x" * 2000)
    assert len(Notice((long,)).text.splitlines()[1]) < DETAIL_CHARS + 60
    many = [replace(SILENT, opened_at=NOW - timedelta(minutes=500 - each)) for each in range(500)]
    told = Notice(tuple(many)).after(Notice())
    assert told.opened == tuple(many[-MOST:])


def test_hostile_words_begin_no_line_and_steer_no_terminal() -> None:
    """A detail that holds line ends, escapes or a turned direction is one line."""
    notice = Notice((incident("a", "failed", "x\r\nBcc: a@b.example\x1b[2J\u202e"),))
    assert notice.text.splitlines()[1].endswith(r"x\r\nBcc: a@b.example\x1b[2J\u202e")
