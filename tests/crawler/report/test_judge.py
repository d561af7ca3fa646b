"""What is broken, by planted rows: each kind is found, said once, and closed when it is mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.report.judge import (
    Machine,
    Verdict,
    chance_of_a_day_so_bad,
    chance_of_so_few,
    judge,
    shortfalls,
    usual_of,
    variance,
)
from crawler.report.model import Kind
from storage.health import Health, IncidentRow, JunkLine, PagesRead
from storage.sources import Expected
from tests.kit.outlets import DAY, NOON, SOURCE, TODAY, days, health, run, sample

STEADY = [20, 22, 18, 21, 19, 20, 17] * 10
"""Ten weeks of an outlet of twenty articles a day; the last day is a Sunday's."""
NIGHT = NOON - timedelta(hours=12)
HALF_AN_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)


def judged(known: Health, machine: Machine | None = None, sources: tuple[str, ...] = (SOURCE,)) -> Verdict:
    return judge(known, machine or Machine(), TODAY - 7 * DAY, NOON, sources, ())


def kinds(known: Health, machine: Machine | None = None) -> list[Kind]:
    return [each.kind for each in judged(known, machine).opened]


def opened(kind: str, source: str | None = SOURCE) -> tuple[IncidentRow, ...]:
    return (IncidentRow(source, kind, NIGHT, None, "before"),)


# --- how much ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (STEADY, []),
        ([*STEADY[:-1], 12], []),
        ([*STEADY[:-1], 3], ["fewer_articles"]),
        ([*STEADY[:-1], 0], ["silent"]),
        ([*STEADY[:-2], 0, 0], ["silent"]),
        ([*STEADY[:-2], 0, 20], []),
        ([*STEADY[:-3], 7, 7, 7], ["fewer_articles"]),
        ([1] * 69 + [0], []),
        ([1] * 60 + [0] * 10, ["silent"]),
        ([3] * 65 + [0] * 5, ["silent"]),
        ([3] * 69 + [0], []),
        ([20] * 20 + [0], []),
        ([0] * 70, []),
    ],
    ids=[
        "as always", "a slow day", "20 to 3", "a frozen feed", "frozen for two days", "frozen, and back",
        "a third, for three days", "one a day, none today", "one a day, none for ten days", "three a day, none for five",
        "three a day, none today", "too little past", "never any",
    ],
)  # fmt: skip
def test_articles_that_stay_away_are_missed(counts: list[int], expected: list[Kind]) -> None:
    """By the outlet's own past: at once where so few are no chance, never where they may be one."""
    assert kinds(health(days=days(counts))) == expected


def test_three_of_twenty_are_missed_whatever_chance_has_made_of_three_weeks() -> None:
    """Their variance, 2.6 times the mean, is no more than a guess; four are a slow day of an outlet that has such."""
    restless = [20, 20, 20, 20, 20, 20, 20] * 4 + [20, 15, 25, 14, 26, 26, 15] * 3
    assert 2.4 < variance(days(restless)) < 3
    assert kinds(health(days=days([*restless, 3]))) == ["fewer_articles"]
    assert kinds(health(days=days([*restless, 4]))) == []
    steady = [20, 20, 20, 20, 20, 20, 20] * 4 + [20, 25, 15, 25, 15, 25, 15] * 4
    assert 1.4 < variance(days(steady)) < 2
    assert kinds(health(days=days([*steady, 4]))) == []


BURSTY = [20, 20, 20, 20, 20, 20, 20] * 4 + [20, 12, 28, 13, 29, 27, 12] * 4
"""An outlet whose variance is four times its mean."""


def test_an_outlets_own_list_tells_a_loss_from_a_slow_day() -> None:
    """What it lists and what is not here is missed, whatever chance may do; where it lists no more than is here, nothing was."""
    assert 4 < variance(days(BURSTY)) < 5
    *past, last = days([*BURSTY, 3])
    assert kinds(health(days=(*past, replace(last, published=19)))) == ["fewer_articles"]
    assert kinds(health(days=(*past, replace(last, published=3)))) == []
    assert kinds(health(days=(*past, replace(last, published=5)))) == kinds(health(days=(*past, last)))
    *past, last = days([*BURSTY, 8])
    assert kinds(health(days=(*past, replace(last, published=20)))) == []  # a harvest may be behind


def test_what_is_usual_of_a_weekday_leans_on_the_others() -> None:
    """Eight Mondays may have been slow by chance: the days to Friday count, too; a weekend stands for itself."""
    *past, last = days([20, 20, 20, 20, 20, 5, 5] * 9, last=TODAY - 3 * DAY)  # a Sunday
    monday = replace(last, day=last.day + DAY, typical=20.0)
    assert usual_of(monday, [*past, last], 1.0) == 20
    assert 15 < usual_of(replace(monday, typical=14.0), [*past, last], 1.0) < 17
    assert 16 < usual_of(replace(monday, typical=14.0), [*past, last], 2.5) < 18
    assert usual_of(replace(monday, typical=14.0), past[-20:], 1.0) == 14  # too few days to lean on
    assert usual_of(replace(last, typical=8.0), past, 1.0) == 8


def test_a_source_file_says_what_is_expected() -> None:
    """Its range replaces the past: one article of twenty will do, and none will not, where it says so."""
    few, none = [*STEADY[:-1], 1], [*STEADY[:-1], 0]
    assert kinds(health(days=days(few, told=(1, 60)))) == []
    assert kinds(health(days=days(few, told=(5, 60)))) == ["fewer_articles"]
    assert kinds(health(days=days(none, told=(1, 60)))) == ["silent"]
    assert kinds(health(days=days([*STEADY[:-3], 0, 0, 0], told=(0, 60)))) == []


def test_days_that_nobody_judges_raise_nothing() -> None:
    """A holiday, a day first looked at later, a day looked at only before its end, and today."""
    none = days([*STEADY[:-1], 0])
    holiday = {TODAY - DAY: "Hari Raya Idul Fitri"}
    assert kinds(health(days=days([*STEADY[:-1], 0], holidays=holiday))) == []
    assert kinds(health(days=(*none[:-1], replace(none[-1], is_backfilled=True)))) == []
    assert kinds(health(days=(*none[:-1], replace(none[-1], is_whole=False)))) == []
    assert kinds(health(days=days([*STEADY, 0], last=TODAY))) == []


def test_holidays_are_no_example() -> None:
    """Quiet Mondays of a month of holidays do not make a quiet Monday usual."""
    counts = [*STEADY[:-1], 3]
    quiet = {TODAY - DAY - 7 * week * DAY: "libur" for week in (1, 2, 3)}
    for day in quiet:
        counts[-1 - (TODAY - DAY - day).days] = 0
    assert kinds(health(days=days(counts, holidays=quiet))) == ["fewer_articles"]


def test_silence_ends_with_the_first_article() -> None:
    """Today's, too; and what is known of its cause is no second incident."""
    silent = days([*STEADY[:-1], 0])
    before = opened("silent")
    verdict = judged(health(days=silent, open_incidents=before))
    assert (verdict.opened, verdict.closed, [each.detail for each in verdict.open]) == ((), (), ["before"])
    back = (*silent, replace(silent[-1], day=TODAY, stored=1, is_whole=False))
    verdict = judged(health(days=back, open_incidents=before))
    assert [(each.kind, each.opened_at, each.closed_at) for each in verdict.closed] == [
        ("silent", NIGHT, NOON)
    ]
    assert verdict.opened == verdict.open == ()
    refused = health(days=silent, runs=(run("failed", "refused", "HTTP 403"),))
    assert kinds(refused) == ["refused"]


def test_few_articles_end_with_a_usual_day() -> None:
    """A day of fewer than half is no wonder at a weekend, and does not end what is open; one of more than half does."""
    for last, closed in ((8, []), (9, ["fewer_articles"])):
        known = health(days=days([*STEADY[:-1], last]), open_incidents=opened("fewer_articles"))
        assert [each.kind for each in judged(known).closed] == closed


def test_days_of_an_outage_that_is_over_are_not_held_against_the_day_after() -> None:
    """It was refused for four days, let in again, and had a slow day: that is no incident of its own."""
    slow = days([*STEADY[:-5], 0, 0, 0, 0, 8])
    assert kinds(health(days=slow, runs=(run(),))) == ["fewer_articles"]
    over = (IncidentRow(SOURCE, "refused", NOON - 5 * DAY, NOON - 2 * DAY, "HTTP 403"),)
    assert kinds(health(days=slow, runs=(run(),), closed_incidents=over)) == []
    after = days([*STEADY[:-5], 0, 0, 0, 0, 3])
    assert kinds(health(days=after, runs=(run(),), closed_incidents=over)) == ["fewer_articles"]


def test_an_outlet_that_nobody_looked_at_stays_as_it_was() -> None:
    """Without a day that was looked at nothing opens, and nothing closes."""
    verdict = judged(health(open_incidents=opened("silent")))
    assert (verdict.opened, verdict.closed) == ((), ())
    assert len(verdict.open) == 1


def test_an_outlet_that_nobody_follows_any_more_is_closed() -> None:
    """Else its last incident would be open for ever."""
    known = health(open_incidents=opened("silent"))
    verdict = judge(known, Machine(), TODAY - 7 * DAY, NOON, (), (SOURCE,))
    assert (verdict.closed, [each.kind for each in verdict.dropped]) == ((), ["silent"])


# --- what stands in them -------------------------------------------------------------------------------


def test_a_field_that_vanishes_is_missed() -> None:
    """By what the source file expects, else by how it was; a field that most never had is not."""
    usual = sample(200, 200, is_newest=False)
    assert kinds(health(samples=(sample(20, 8), usual))) == ["field_gone"]
    assert kinds(health(samples=(sample(20, 19), usual))) == []
    assert kinds(health(samples=(sample(20, 8),))) == []
    assert kinds(health(samples=(sample(20, 8), sample(200, 90, is_newest=False)))) == []
    told = health(samples=(sample(20, 8),), expected=Expected(share_with_date=0.9))
    assert kinds(told) == ["field_gone"]
    assert judged(told).opened[0].detail == "8 of the 20 newest have a date, 90% expected (source file)"
    mended = judged(replace(told, samples=(sample(20, 18),), open_incidents=opened("field_gone")))
    assert [each.kind for each in mended.closed] == ["field_gone"]


def test_a_layout_that_changed_is_missed() -> None:
    """Pages that cannot be read, or texts that lose most of their words; a bad page among good ones is usual."""
    assert kinds(health(pages=(PagesRead(SOURCE, 1, 9, 300, 6),))) == ["layout_changed"]
    assert kinds(health(pages=(PagesRead(SOURCE, 9, 1, 300, 6),))) == []
    assert kinds(health(pages=(PagesRead(SOURCE, 0, 2, 300, 6),))) == []
    assert kinds(health(pages=(PagesRead(SOURCE, 5, 5, 100, 90),))) == []
    short = (sample(20, 20, words=60), sample(200, 200, is_newest=False))
    assert kinds(health(samples=short)) == ["layout_changed"]
    swollen = (sample(20, 20, words=900), sample(200, 200, is_newest=False))
    assert kinds(health(samples=swollen)) == ["layout_changed"]
    mended = health(pages=(PagesRead(SOURCE, 9, 1, 300, 6),), open_incidents=opened("layout_changed"))
    assert [each.kind for each in judged(mended).closed] == ["layout_changed"]


def test_an_outlet_of_captions_and_reports_has_no_usual_length() -> None:
    """Half of its texts are short: that most of the newest are is a matter of chance."""
    before = replace(sample(200, 200, is_newest=False), short=90)
    assert kinds(health(samples=(replace(sample(20, 20, words=60), short=14), before))) == []
    assert kinds(health(samples=(replace(sample(20, 20, words=60), short=14), replace(before, short=4)))) == [
        "layout_changed"
    ]


@pytest.mark.parametrize(
    ("junk", "expected"),
    [
        ((15, 20, 0, 40), ["layout_changed"]),
        ((12, 20, 0, 40), []),
        ((20, 20, 30, 40), []),
        ((9, 10, 0, 40), []),
        ((18, 20, 0, 12), []),
    ],
    ids=["sure", "too few have it", "a formula of the outlet", "few stories", "little past"],
)
def test_a_line_of_junk_that_nobody_knew_is_said(
    junk: tuple[int, int, int, int], expected: list[Kind]
) -> None:
    """Where most of the newest texts have it and none had: a box that is read with the story since."""
    lines = (JunkLine(SOURCE, "Ikuti kami di kanal WhatsApp", *junk),)
    newest = (sample(20, 20), sample(200, 200, is_newest=False))
    assert kinds(health(samples=newest, junk=lines)) == expected


# --- what is told --------------------------------------------------------------------------------------


def test_a_slip_is_no_incident() -> None:
    """One run that fails says nothing yet; a second one does, or one that comes a day after the last good one."""
    slip = replace(run("failed", "unanswered", "no answer"), last_done_at=NOON - 2 * HOUR)
    for known in (slip, replace(slip, fault=None)):
        assert kinds(health(runs=(known,))) == []
        assert kinds(health(runs=(replace(known, is_repeated=True),))) == ["failed"]
        assert kinds(health(runs=(replace(known, last_done_at=NOON - 24 * HOUR),))) == ["failed"]
        assert kinds(health(runs=(replace(known, last_done_at=None),))) == ["failed"]
    assert kinds(health(runs=(replace(slip, fault="other_page"),))) == ["failed"]
    still = judged(health(runs=(slip,), open_incidents=opened("failed")))
    assert (still.closed, len(still.open)) == ((), 1)


def test_what_comes_back_soon_is_told_once_it_lasts() -> None:
    """An outlet that flaps is told the first time; later only what has lasted for a day, and then once."""
    refused = run("failed", "refused", "HTTP 403")
    first = judged(health(runs=(refused,)))
    assert first.told == first.opened
    before = (IncidentRow(SOURCE, "refused", NIGHT - 2 * DAY, NIGHT - DAY, "HTTP 403", NIGHT - 2 * DAY),)
    again = judged(health(runs=(refused,), closed_incidents=before))
    assert ([each.kind for each in again.opened], again.told) == (["refused"], ())
    quiet = IncidentRow(SOURCE, "refused", NOON - 2 * HOUR, None, "HTTP 403")
    assert judged(health(runs=(refused,), open_incidents=(quiet,))).changed == ()
    lasting = judged(health(runs=(refused,), open_incidents=(replace(quiet, opened_at=NOON - DAY),)))
    assert (lasting.opened, [each.told_at for each in lasting.told]) == ((), [NOON])
    assert lasting.changed == lasting.told
    told = replace(quiet, opened_at=NOON - DAY, told_at=NOON - HOUR)
    assert judged(health(runs=(refused,), open_incidents=(told,))).changed == ()


# --- days that are over ----------------------------------------------------------------------------------


def test_days_that_fell_short_and_are_over_are_named() -> None:
    """By the same measure as the last whole one, which is judged as it stands; a lower bound of 0 permits silence."""
    counts = [*STEADY[:-6], 3, 0, 20, 19, 2, 0]
    found = shortfalls(days(counts), TODAY - 7 * DAY, TODAY)
    assert [(each.first, each.last) for each in found] == [(TODAY - 6 * DAY, TODAY - 5 * DAY)]
    assert found[0].detail.startswith("no article on 2024-11-15, where")
    assert shortfalls(days(counts), TODAY - 4 * DAY, TODAY) == []
    assert shortfalls(days(counts, told=(0, 60)), TODAY - 7 * DAY, TODAY) == []
    late = tuple(replace(each, is_backfilled=True) for each in days(counts))
    assert shortfalls(late, TODAY - 7 * DAY, TODAY) == []


# --- the run, and the machine --------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["refused", "certificate", "moved_host"])
def test_what_a_run_saw_of_its_site_is_said(fault: str) -> None:
    """Also where articles came all the same; the next run that does not see it closes it."""
    verdict = judged(health(runs=(run("done", fault, "warta_pesisir: by  Cloudflare\n"),)))
    assert [(each.kind, each.detail) for each in verdict.opened] == [(fault, "by Cloudflare")]
    mended = judged(health(runs=(run(),), open_incidents=opened(fault)))
    assert [each.kind for each in mended.closed] == [fault]


def test_an_ended_certificate_hides_nothing_else() -> None:
    """The outlet is read all the same: that it falls silent, or that a run fails for another reason, is said, too."""
    ended = run("done", "certificate", "it has ended")
    silent = health(days=days([*STEADY[:-1], 3]), runs=(ended,))
    assert sorted(kinds(silent)) == ["certificate", "fewer_articles"]
    failed = replace(run("failed", "certificate", "it has ended"), message="no entry led to articles")
    assert {(each.kind, each.detail) for each in judged(health(runs=(failed,))).opened} == {
        ("certificate", "it has ended"),
        ("failed", "no entry led to articles"),
    }


def test_a_layout_of_a_slow_outlet_is_mended() -> None:
    """One of an article a day has not three pages in two days; its texts say it."""
    whole = (sample(20, 20, words=200), sample(200, 200, is_newest=False))
    mended = health(samples=whole, open_incidents=opened("layout_changed"))
    assert [each.kind for each in judged(mended).closed] == ["layout_changed"]


def test_a_run_that_failed_is_said() -> None:
    """What it was is its own line: a maintenance page in the place of a feed, an entry that is gone."""
    known = health(runs=(run("failed", None, f"{SOURCE}: no entry led to articles"),))
    assert [(each.kind, each.detail) for each in judged(known).opened] == [
        ("failed", "no entry led to articles")
    ]


def test_no_network_is_one_line() -> None:
    """However many outlets did not answer; one alone is an outlet that does not answer."""
    names = [f"warta_{number}" for number in range(72)]
    runs = tuple(run("failed", "unanswered", source=name) for name in names)
    verdict = judged(health(runs=runs, sources=names), sources=tuple(names))
    assert [(each.source, each.kind) for each in verdict.opened] == [(None, "no_network")]
    some = (run(source="warta_0"), *runs[1:3])
    verdict = judged(health(runs=some, sources=names[:3]), sources=tuple(names[:3]))
    assert [(each.source, each.kind) for each in verdict.opened] == [
        ("warta_1", "failed"),
        ("warta_2", "failed"),
    ]
    fell = (
        *(run(source=name) for name in names[:20]),
        *(replace(each, started_at=each.started_at + HALF_AN_HOUR) for each in runs[20:]),
    )
    left_alone = replace(runs[0], fault="refused")
    for known in (fell, (left_alone, *runs[1:])):
        verdict = judged(health(runs=known, sources=names), sources=tuple(names))
        assert (None, "no_network") in {(each.source, each.kind) for each in verdict.opened}
        assert "failed" not in {each.kind for each in verdict.opened}
    back = judged(health(runs=(run(),), open_incidents=opened("no_network", None)))
    assert [each.kind for each in back.closed] == ["no_network"]


@pytest.mark.parametrize("kind", ["clock", "disk_filling", "store_stuck"])
def test_what_is_wrong_with_the_machine_is_one_line(kind: Kind) -> None:
    """Seen now, or by runs that it stopped; no outlet is blamed for it."""
    now = judged(health(runs=(run(),)), Machine(**{kind: "so"}))
    assert [(each.source, each.kind, each.detail) for each in now.opened] == [(None, kind, "so")]
    runs = tuple(run("failed", kind, "so", source=name) for name in ("a", "b"))
    stopped = judged(health(runs=runs, sources=("a", "b")), sources=("a", "b"))
    assert [(each.source, each.kind) for each in stopped.opened] == [(None, kind)]


# --- chance --------------------------------------------------------------------------------------------


def test_the_chance_of_few_is_that_of_poisson() -> None:
    """Held against known values; of nothing expected, nothing is no wonder."""
    assert chance_of_so_few(0, 1) == pytest.approx(0.36788, abs=1e-5)
    assert chance_of_so_few(3, 20) == pytest.approx(3.2e-6, rel=0.01)
    assert chance_of_so_few(2000, 1000) == pytest.approx(1)
    assert chance_of_so_few(0, 0) == 1.0


def test_the_chance_of_a_bad_day_is_that_of_its_variance() -> None:
    """Poisson's at a variance of the mean; at twice that nothing of twenty is as likely as twenty heads."""
    assert chance_of_a_day_so_bad(3, 20, 1) == chance_of_so_few(3, 20)
    assert chance_of_a_day_so_bad(0, 20, 2) == pytest.approx(2**-20)
    assert chance_of_a_day_so_bad(3, 20, 1.5) == pytest.approx(4.8e-5, rel=0.01)
    assert chance_of_a_day_so_bad(100, 20, 2) == pytest.approx(1)


def test_an_outage_does_not_make_an_outlet_restless() -> None:
    """The variance is told by the median: a week of nothing among ten changes little."""
    assert variance(days(STEADY)) == 1.0
    assert variance(days([*STEADY[:50], *[0] * 5, *STEADY[55:]])) < 1.5
