"""What is broken, of an outlet and of the machine. Pure: rows in, findings out.

A finding is said of one kind of incident of one outlet: it is broken (in words), it is well, or nothing is known today,
and then an open incident stays as it is. The thresholds were chosen for 72 outlets, so that chance raises less than one
incident in some months (`tests/crawler/report/test_control.py`), and an outlet of 20 articles a day that falls to 3 is
found after that day. What was tried and dropped: the least of eight days alone (one day in nine is lower), a share of the
mean alone (an outlet of three a day has a day without any each month).
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby, takewhile
from statistics import fmean, median
from typing import Final
from zoneinfo import ZoneInfo

from crawler.report.model import Incident, Kind, Shortfall
from storage.health import Health, IncidentRow, JunkLine, LastRun, OutletDay, PagesRead, Sample
from storage.sources import Expected

CHANCE: Final = 1e-5
"""What has no greater chance than this is no chance."""
CHANCE_OF_WEEKS: Final = 1e-4
"""The same of seven days and more: over them an outlet's good and bad days balance."""
CHANCE_OF_BREAKDOWN: Final = 6e-3
"""The same of one day that brought BREAKDOWN of the usual or less, of an outlet of SOME articles a day: it is found after that day.

A day of three of twenty at a variance of 2.5 times the mean has the chance 7e-4; what is usual, and the variance, are guesses of
some weeks, so the limit is larger. What it finds and costs: `python -m benchmarks.watch`.
"""
CHANCE_OF_SLOW_DAY: Final = 1e-3
"""The same where the outlet's own list names no more than is here: nothing was missed, and a slow day is the likelier."""
BREAKDOWN: Final = 0.18
"""Three of twenty, and of the seventeen of a Sunday; four of twenty is a slow day, three times as frequent."""
LEVEL_DAYS: Final = 56
"""Days before it whose Mondays to Fridays tell what is usual of another: eight Mondays alone are off by a tenth to a sixth."""
LEAST_LEVEL_DAYS: Final = 20
WEEK_SPREAD: Final = 0.15
"""These weekdays differ so much (standard deviation, as a share of their mean): what is more may be chance."""
SOME: Final = 16
LONGEST: Final = 14
"""Days that are judged together at most: an outlet of one article a day is missed after ten days."""
VARIANCE: Final = 2.0
"""Variance of a day's articles as a multiple of their mean, of an outlet of which too little is known to say."""
KNOWN_DAYS: Final = 14
"""So many days tell an outlet's own variance."""
DAYS_OF_VARIANCE: Final = 50
"""VARIANCE weighs as much as so many days of the outlet's own, where one day is judged: three weeks tell it to within half."""
SAME_RUN: Final = timedelta(hours=3)
"""Runs that began so shortly before the newest are judged together: a harvest begins its outlets one after the other."""
SURE: Final = timedelta(hours=20)
"""A run that fails so long after the last good one is no slip: so is each of an outlet that is crawled once a day."""
LASTING: Final = timedelta(hours=20)
"""What comes back soon after it has closed is told once it has lasted for so long."""
DETAIL_CHARS: Final = 300

_OF_MACHINE: Final[tuple[Kind, ...]] = ("clock", "disk_filling", "store_stuck")
_OF_SITE: Final[tuple[Kind, ...]] = ("refused", "certificate", "moved_host")
"""Faults of a run that are incidents under the same name."""

_CAUSES: Final[tuple[Kind, ...]] = ("refused", "moved_host", "failed", "layout_changed")
"""Kinds from which missing articles follow."""

Findings = dict[tuple[str | None, Kind], str | None]
"""(Outlet, kind) → what is broken, in words; null: it is well. What is missing is not known."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What is wrong with this machine now, a line each. Null: nothing."""

    clock: str | None = None
    disk_filling: str | None = None
    store_stuck: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judgement changes, and what it leaves open."""

    opened: tuple[Incident, ...]
    closed: tuple[Incident, ...]
    """With the time of their end: mended."""
    dropped: tuple[Incident, ...]
    """Likewise, of outlets that nobody follows any more."""
    told: tuple[Incident, ...]
    """What there is to tell of what is open: what opened, but for what is back so soon; and of that, what has lasted."""
    open: tuple[Incident, ...]
    """Those opened included."""

    @property
    def changed(self) -> tuple[Incident, ...]:
        """The incidents that are not as they were."""
        lasted = tuple(each for each in self.told if each not in self.opened)
        return (*self.opened, *self.closed, *self.dropped, *lasted)


def judge(
    health: Health,
    machine: Machine,
    first: date,
    now: datetime,
    judged: Iterable[str],
    dropped: Iterable[str],
) -> Verdict:
    """Judge the days from `first` on of the outlets `judged`; what is open of those `dropped` is closed."""
    found = findings(health, machine, first, now, judged)
    left = set(dropped)
    before = [_incident(row) for row in health.open_incidents]
    unfollowed = tuple(replace(each, closed_at=now) for each in before if each.source in left)
    closed = tuple(
        replace(each, closed_at=now)
        for each in before
        if each.source not in left and found.get((each.source, each.kind), "") is None
    )
    ended = {(each.source, each.kind) for each in (*closed, *unfollowed)}
    there = {(each.source, each.kind) for each in before}
    recent = {(row.source, row.kind) for row in health.closed_incidents}
    opened = tuple(
        Incident(source, kind, now, None, detail, None if (source, kind) in recent else now)
        for (source, kind), detail in found.items()
        if detail is not None and (source, kind) not in there
    )
    stay = tuple(_told_if_lasting(each, now) for each in before if (each.source, each.kind) not in ended)
    told = tuple(each for each in (*stay, *opened) if each.told_at == now)
    return Verdict(opened, closed, unfollowed, told, stay + opened)


def _told_if_lasting(incident: Incident, now: datetime) -> Incident:
    """The same incident, told now where nobody was told and it has lasted."""
    is_due = incident.told_at is None and now - incident.opened_at >= LASTING
    return replace(incident, told_at=now) if is_due else incident


def findings(health: Health, machine: Machine, first: date, now: datetime, judged: Iterable[str]) -> Findings:
    """What is to be said today of the machine, and of each outlet."""
    found: Findings = {}
    runs = {run.source: run for run in health.runs}
    newest = max((run.started_at for run in health.runs), default=now)
    together = [run for run in health.runs if run.started_at > newest - SAME_RUN]
    _machine(found, machine, together)
    days = {source: [*rows] for source, rows in groupby(health.days, lambda row: row.source)}
    zones = {row.source: ZoneInfo(row.timezone or "Asia/Jakarta") for row in health.figures}
    samples = {(row.source, row.is_newest): row for row in health.samples}
    pages = {row.source: row for row in health.pages}
    junk = {source: [*rows] for source, rows in groupby(health.junk, lambda row: row.source)}
    is_cut_off = any(found.get((None, kind)) for kind in ("no_network", *_OF_MACHINE))
    for source in judged:
        run = runs.get(source)
        if run is not None and not (is_cut_off and run in together and run.outcome == "failed"):
            found |= {(source, kind): detail for kind, detail in _of_run(run).items()}
        today = now.astimezone(zones[source]).date() if source in zones else now.date()
        sample, before = samples.get((source, True)), samples.get((source, False))
        if sample is not None and sample.last_at.date() < first:
            sample = None  # nothing came in these days
        found |= {
            (source, kind): detail
            for kind, detail in _layout(pages.get(source), sample, before, junk.get(source, [])).items()
        }
        expected = health.expected.get(source, Expected())
        for detail in _fields(sample, before, expected):
            found[source, "field_gone"] = detail
        if not any(found.get((source, kind)) for kind in _causes(run)):
            past = [each for each in health.closed_incidents if each.source == source]
            volume = _volume(_unexplained(days.get(source, []), past), first, today)
            found |= {(source, kind): detail for kind, detail in volume.items()}
    return found


def _causes(run: LastRun | None) -> Sequence[Kind]:
    """Kinds from which missing articles follow: where one is known they are no incident of their own.

    A certificate that has ended is none while the outlet is read all the same.
    """
    return _CAUSES if run is None or run.outcome == "done" else (*_CAUSES, "certificate")


# --- the machine, and the last run ---------------------------------------------------------------------


def _machine(found: Findings, machine: Machine, together: Sequence[LastRun]) -> None:
    """What is said of the machine: one line, however many outlets suffer."""
    for kind in _OF_MACHINE:
        of_runs = next((run.detail for run in together if run.fault == kind), None)
        found[None, kind] = getattr(machine, kind) or of_runs
    # Who is left alone was not asked, and the network may fall in the middle of a harvest.
    asked = sorted(
        (run for run in together if run.fault != "refused" and run.fault not in _OF_MACHINE),
        key=lambda run: run.started_at,
    )
    last = [*takewhile(lambda run: run.fault == "unanswered", reversed(asked))]
    if len(last) >= 2 and (len(last) == len(asked) or (len(last) >= 3 and len(last) * 4 >= len(asked))):
        found[None, "no_network"] = f"none of {len(last)} outlets answered"
    elif len(last) < len(asked):
        found[None, "no_network"] = None


def _of_run(run: LastRun) -> dict[Kind, str | None]:
    """What the last run says of its outlet; kinds that it cannot know are missing."""
    found: dict[Kind, str | None] = dict.fromkeys((*_OF_SITE, "failed"))
    if run.fault == "unanswered":  # of the site's opinion nothing is known
        found = {"failed": _line(run.detail or "no answer", run.source)}
    elif seen := next((kind for kind in _OF_SITE if kind == run.fault), None):
        found[seen] = _line(run.detail or seen, run.source)
        if seen == "certificate" and run.outcome == "failed":
            found["failed"] = _line(run.message or "the log says why", run.source)
    elif run.fault is not None and run.fault != "other_page":
        return {}
    elif run.outcome == "failed":
        found["failed"] = _line(run.message or run.detail or "the log says why", run.source)
    if found.get("failed") and not _is_sure(run):
        del found["failed"]
    return found


def _is_sure(run: LastRun) -> bool:
    """Whether a run that failed is more than a slip, as any site has them."""
    is_long = run.last_done_at is None or run.started_at - run.last_done_at >= SURE
    return is_long or run.is_repeated or run.fault == "other_page"


# --- how much ------------------------------------------------------------------------------------------


def _volume(days: Sequence[OutletDay], first: date, today: date) -> dict[Kind, str | None]:
    """What its days say, of which the last that is whole decides. Backfilled and quiet days, and today, say nothing."""
    usable = _usable(days, today)
    if not usable or usable[-1].day < first:
        return {}
    last, now = usable[-1], next((each.stored for each in days if each.day == today), 0)
    detail = _told(last) if last.is_told else _unlikely(usable)
    if detail is None or now >= max(
        1.0, last.least if last.is_told and last.least else (last.typical or 0) / 2
    ):
        if detail is None and not last.is_told and last.stored * 2 <= (last.typical or 0):
            # No wonder by itself, as a slow Saturday is, and no usual day either: it ends nothing but silence.
            return {"silent": None} if last.stored or now else {}
        return {"silent": None, "fewer_articles": None}
    if last.stored:
        return {"silent": None, "fewer_articles": detail}
    return {"silent": None if now else detail}


def _unexplained(days: Sequence[OutletDay], closed: Sequence[IncidentRow]) -> list[OutletDay]:
    """The days but for those on which a cause was open that is closed since: with them a slow day after them is no surprise."""
    spans = [
        (each.opened_at.date() - timedelta(days=1), each.closed_at.date())
        for each in closed
        if each.kind in _CAUSES and each.closed_at is not None
    ]
    return [day for day in days if not any(since <= day.day <= until for since, until in spans)]


def shortfalls(days: Sequence[OutletDay], first: date, today: date) -> list[Shortfall]:
    """The days from `first` on that fell short, but for those up to the last whole one: that is judged as it stands."""
    usable = _usable(days, today)
    found: list[Shortfall] = []
    is_last_open = True
    for place in range(len(usable) - 1, -1, -1):
        day = usable[place]
        if day.day < first:
            break
        detail = _told(day) if day.is_told else _unlikely(usable[: place + 1])
        if detail is None:
            is_last_open = False
        elif not is_last_open:
            if found and found[-1].first == usable[place + 1].day:
                found[-1] = replace(found[-1], first=day.day)
            else:
                found.append(Shortfall(day.source, day.day, day.day, detail))
    return found[::-1]


def _usable(days: Sequence[OutletDay], today: date) -> list[OutletDay]:
    """The days that can be judged: whole ones, of which something is expected."""
    return [
        each
        for each in days
        if each.is_whole and each.day < today and not each.is_backfilled and each.least is not None
    ]


def _told(day: OutletDay) -> str | None:
    """What a day is short of what its source file says; null: nothing."""
    if day.least is None or day.stored >= day.least:
        return None
    return f"{_articles(day.stored)} on {day.day}{_of_listed(day)}, expected {day.least} to {day.most} (source file)"


def _unlikely(known: Sequence[OutletDay]) -> str | None:
    """The fewest days, up to the last, that brought so little that it is no chance; null: none did."""
    last = known[-1]
    if last.typical is None or last.stored * 2 > last.typical:
        return None
    for number in range(1, min(len(known), LONGEST) + 1):
        judged = known[-number:]
        stored, typical = sum(each.stored for each in judged), sum(each.typical or 0.0 for each in judged)
        spread = variance([each for each in known if each.day < judged[0].day])
        limit = CHANCE_OF_WEEKS if number >= 7 else CHANCE
        is_unlikely = stored * 2 <= typical and chance_of_so_few(stored / spread, typical / spread) < limit
        if is_unlikely or (number == 1 and _is_breakdown(last, known[:-1], spread)):
            since = f"on {last.day}" if number == 1 else f"from {judged[0].day} to {last.day}"
            listed = _of_listed(last) if number == 1 else ""
            return f"{_articles(stored)} {since}{listed}, where {typical:.0f} are usual"
    return None


def _is_breakdown(day: OutletDay, past: Sequence[OutletDay], spread: float) -> bool:
    """Whether a day brought next to nothing of what is usual, by chance or by the outlet's own list; `spread`: of the past."""
    tempered = (spread * len(past) + VARIANCE * DAYS_OF_VARIANCE) / (len(past) + DAYS_OF_VARIANCE)
    usual = usual_of(day, past, tempered)
    if usual < SOME or day.stored > BREAKDOWN * usual:
        return False
    if day.published is not None and day.published * 2 >= usual:
        return True  # the outlet was as busy as ever, and what it lists is not here
    is_all = day.published is not None and day.published <= day.stored
    limit = CHANCE_OF_SLOW_DAY if is_all else CHANCE_OF_BREAKDOWN
    return chance_of_a_day_so_bad(day.stored, usual, tempered) < limit


def usual_of(day: OutletDay, past: Sequence[OutletDay], spread: float) -> float:
    """What is usual of a day: its weekday's mean, from Monday to Friday drawn towards that of these days, as far as chance may err."""
    typical = day.typical or 0.0
    if day.day.weekday() >= _SATURDAY:
        return typical
    recent = sorted(each.stored for each in past[-LEVEL_DAYS:] if each.day.weekday() < _SATURDAY)
    cut = len(recent) // 8
    level = fmean(recent[cut:-cut]) if len(recent) >= LEAST_LEVEL_DAYS else 0.0
    if not level:
        return typical
    error = spread / (_TRIMMED * level)
    weight = WEEK_SPREAD**2 / (WEEK_SPREAD**2 + error)
    return level + (typical - level) * weight


_SATURDAY: Final = 5
_TRIMMED: Final = 6
"""Same weekdays that `typical` is the mean of."""


def variance(days: Sequence[OutletDay]) -> float:
    """The variance of a day's articles as a multiple of what is typical of it, at least 1; by the median, so outages do not count."""
    known = [(each.stored - each.typical) ** 2 / each.typical for each in days if each.typical]
    return max(1.0, median(known) / _HALF) if len(known) >= KNOWN_DAYS else VARIANCE


_HALF: Final = 0.455
"""Half of all squares of a normal variable of variance 1 are smaller."""


def chance_of_so_few(number: float, mean: float) -> float:
    """The chance of at most so many, where `mean` are to be expected and each comes by itself (Poisson)."""
    if mean <= 0:
        return 1.0
    terms = (n * math.log(mean) - mean - math.lgamma(n + 1) for n in range(math.floor(number) + 1))
    return min(1.0, sum(map(math.exp, terms)))


def chance_of_a_day_so_bad(number: int, mean: float, spread: float) -> float:
    """The chance of at most so many on days whose variance is `spread` times their mean (negative binomial; at 1 Poisson).

    `chance_of_so_few` of both divided by the variance, good enough for weeks, takes 3 of 22 at 2.5 for six times as likely.
    """
    if spread <= 1:
        return chance_of_so_few(number, mean)
    shape = mean / (spread - 1)
    terms = (
        math.lgamma(n + shape) - math.lgamma(shape) - math.lgamma(n + 1) + n * math.log(1 - 1 / spread)
        for n in range(number + 1)
    )
    return min(1.0, sum(math.exp(term - shape * math.log(spread)) for term in terms))


def _articles(number: int) -> str:
    return "no article" if not number else "1 article" if number == 1 else f"{number} articles"


def _of_listed(day: OutletDay) -> str:
    """What the outlet's own list names of a day, where it is more than is here."""
    return f" (its own list names {day.published})" if (day.published or 0) > day.stored else ""


# --- what stands in them ---------------------------------------------------------------------------------

LEAST_SAMPLE: Final = 5
"""Fewer articles tell nothing of an outlet's fields."""
LEAST_STORIES: Final = 15
"""Fewer newest stories tell nothing of what stands in all of them."""
LEAST_BEFORE: Final = 20
"""So many articles before tell how they were."""


def _fields(sample: Sample | None, before: Sample | None, expected: Expected) -> list[str | None]:
    """Which fields the newest articles lack, as one finding; a finding that all is well; none: nothing is known."""
    if sample is None or sample.articles < LEAST_SAMPLE:
        return []
    lines: list[str] = []
    is_known = False
    for field in ("date", "author", "dateline"):
        having: int = getattr(sample, f"with_{field}")
        told: float | None = getattr(expected, f"share_with_{field}")
        usual = _usual_share(before, field) if told is None else told
        if usual is None:
            continue
        is_known = True
        share = having / sample.articles
        # Of a date three of ten that lack it are a fault; an author may be left out now and then.
        is_less = share < usual if told is not None else share <= usual * (0.7 if field == "date" else 0.3)
        if is_less and _chance_of_so_few_of(having, sample.articles, min(usual, 0.98)) < CHANCE:
            whence = "expected (source file)" if told is not None else "before"
            lines.append(f"{having} of the {sample.articles} newest have a {field}, {usual:.0%} {whence}")
    return ["; ".join(lines) or None] if is_known else []


def _usual_share(before: Sample | None, field: str) -> float | None:
    """The share of articles that used to have a field; null: too few are known, or most never had it."""
    if before is None or before.articles < LEAST_BEFORE:
        return None
    share: float = getattr(before, f"with_{field}") / before.articles
    return share if share >= 0.8 else None


def _chance_of_so_few_of(having: int, articles: int, share: float) -> float:
    """The chance that at most so many of the articles have what this share of all have (binomial)."""
    return sum(math.comb(articles, n) * share**n * (1 - share) ** (articles - n) for n in range(having + 1))


def _chance_of_so_many_of(having: int, articles: int, share: float) -> float:
    """The chance that at least so many of the articles have what this share of all have (binomial)."""
    return _chance_of_so_few_of(articles - having, articles, 1 - share)


def _layout(
    pages: PagesRead | None, sample: Sample | None, before: Sample | None, junk: Sequence[JunkLine]
) -> dict[Kind, str | None]:
    """Whether its pages can still be read: rejections that jump, texts that fall away or swell, junk that nobody knew."""
    lines = [*_rejected(pages), *_length(sample, before), *(_strange(junk) if sample is not None else ())]
    if lines:
        return {"layout_changed": "; ".join(lines)}
    is_read = pages is not None and pages.articles >= 3
    is_whole = sample is not None and before is not None and _is_enough(sample, before)
    is_known = is_read or (is_whole and (pages is None or pages.rejected == 0))
    return {"layout_changed": None} if is_known else {}


def _rejected(pages: PagesRead | None) -> Iterable[str]:
    if pages is None or pages.rejected < 4:
        return
    share = pages.rejected / (pages.rejected + pages.articles)
    read_before = pages.rejected_before + pages.articles_before
    usual = pages.rejected_before / read_before if read_before >= LEAST_BEFORE else 0.2
    if share >= max(0.5, usual + 0.4):
        whence = f"{usual:.0%} before" if read_before >= LEAST_BEFORE else "few are usual"
        yield f"{pages.rejected} of {pages.rejected + pages.articles} pages of two days could not be read, {whence}"


def _length(sample: Sample | None, before: Sample | None) -> Iterable[str]:
    if sample is None or before is None or not _is_enough(sample, before):
        return
    odd = max((sample.short, before.short), (sample.long, before.long))
    share = min(max(odd[1] / before.articles, 0.02), 0.98)
    if odd[0] * 2 > sample.articles and _chance_of_so_many_of(odd[0], sample.articles, share) < CHANCE:
        yield f"the newest texts have {sample.words:.0f} words, {before.words:.0f} before (medians)"


def _strange(junk: Iterable[JunkLine]) -> Iterable[str]:
    """The line that most of the newest articles have and none had: what stands around a story is read with it."""
    for each in junk:
        is_enough = each.newest >= LEAST_STORIES and each.before >= LEAST_BEFORE
        if is_enough and each.with_newest * 10 >= each.newest * 7 and each.with_before * 20 <= each.before:
            line = textwrap.shorten(each.line, 60, placeholder="…")
            yield f"{each.with_newest} of the {each.newest} newest texts have the line “{line}”, {each.with_before} of {each.before} before"
            return


def _is_enough(sample: Sample, before: Sample) -> bool:
    """Whether the lengths of the newest texts and of those before can be compared."""
    return sample.articles >= 10 and before.articles >= LEAST_BEFORE


# --- small things ----------------------------------------------------------------------------------------


def _line(text: str, source: str) -> str:
    """One line of bounded length, without the outlet's name before it."""
    return " ".join(text.split()).removeprefix(f"{source}: ")[:DETAIL_CHARS]


def _incident(row: IncidentRow) -> Incident:
    kind: Kind = row.kind  # type: ignore[assignment]  # the table has no others
    return Incident(row.source, kind, row.opened_at, row.closed_at, row.detail, row.told_at)
