"""Some weeks in a real store with failures planted in them: each is said within a day, and of the other outlets nothing. By seed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.crawl.outcome import Outcome
from crawler.report.model import Incident, Report
from crawler.report.run import Asked, take
from storage.connection import Store
from storage.data_dir import DataDir, DiskFull
from storage.publish import open_published
from storage.rows import append
from storage.store import open_store
from tests.kit import prepared
from tests.kit.factories import run_row
from tests.kit.outlets import DAY, drawn
from tests.kit.planted import OUTLET, article_row

FIRST = date(2024, 6, 10)
"""Of the past, in which are Idul Adha and the Islamic new year; Independence Day is in the month."""
PAST, MONTH, LASTS = 49, 20, 5
"""Days of the past, of the weeks that are watched, and of each failure."""
OUTLETS = 24
HOURS = (8, 18)
"""Hours (UTC) at which a run looks: the last is the first of the outlets' next day."""
OF_DAYS = ("frozen", "few", "layout", "short", "junk", "dates")
OF_RUNS = ("maintenance", "refused", "moved", "certificate", "gone")
KINDS = {
    "frozen": "silent",
    "few": "fewer_articles",
    "layout": "layout_changed",
    "short": "layout_changed",
    "junk": "layout_changed",
    "dates": "field_gone",
    "maintenance": "failed",
    "refused": "refused",
    "moved": "moved_host",
    "certificate": "certificate",
    "gone": "failed",
}
ALSO = {"frozen": {"fewer_articles"}, "layout": {"silent", "fewer_articles"}}
"""What may be said beside it: of the day on which it began."""
FAULTS = {
    "maintenance": "other_page",
    "refused": "refused",
    "moved": "moved_host",
    "certificate": "certificate",
    "gone": "unanswered",
}
SOURCES = tuple(each.name for each in load_catalogue().followed if each.timezone == "Asia/Makassar")
CATALOGUE = load_catalogue(follow=SOURCES)


@dataclass
class Month:
    """Outlets, each with its articles a day; some have a failure that begins on a day of the month and lasts LASTS."""

    seed: int
    failures: Sequence[str]
    data_dir: DataDir
    outlets: tuple[str, ...] = ()
    broken: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Outlet → (failure, day of the month on which it begins)."""
    said: list[tuple[datetime, Report]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.outlets = tuple(self.chance.sample(SOURCES, OUTLETS))
        self.broken = {
            source: (failure, self.chance.randrange(2, MONTH - LASTS - 6))
            for source, failure in zip(self.outlets, self.failures, strict=False)
        }
        number = PAST + MONTH + 1
        # What is broken is an outlet of which a day tells something; the others are as they are.
        means = [
            self.chance.choice((22, 30, 45) if each in self.broken else (0.5, 1, 3, 8, 20, 45))
            for each in self.outlets
        ]
        self.counts = {
            source: drawn(self.chance, number, mean, self.chance.choice((1, 1, 1.5)), FIRST)
            for source, mean in zip(self.outlets, means, strict=True)
        }

    def run(self) -> None:
        """The past at once, then each day with its runs, and a report after each."""
        with open_store(self.data_dir, 5) as store, store.transaction():
            append(store, "sources", [OUTLET | {"source": source} for source in self.outlets])
            past = ((day, hour) for day in range(PAST) for hour in HOURS)
            self.plant(store, [(-1, HOURS[-1]), *past])  # the first day is a whole one
        for day in range(PAST, PAST + MONTH):
            for hour in HOURS:
                with open_store(self.data_dir, 5) as store, store.transaction():
                    self.plant(store, [(day, hour)])
                now = at(day, hour) + timedelta(minutes=30)
                with closing(open_published(self.data_dir)) as copy:
                    report = take(copy, self.data_dir, CATALOGUE, 5, now, Asked())
                self.said.append((now, report))

    def failure(self, source: str, day: int) -> str | None:
        """What is broken of an outlet on a day; null: nothing."""
        failure, begins = self.broken.get(source, ("", MONTH))
        return failure if begins <= day - PAST < begins + LASTS else None

    def plant(self, store: Store, looks: Iterable[tuple[int, int]]) -> None:
        """What the runs of these days and hours bring."""
        rows: dict[str, list[dict[str, object]]] = {
            table: [] for table in ("versions", "rejections", "fetches", "crawls")
        }
        for day, hour in looks:
            for source in self.outlets:
                self._look(rows, source, day, hour)
        for table, its in rows.items():
            append(store, table, its)

    def _look(self, rows: dict[str, list[dict[str, object]]], source: str, day: int, hour: int) -> None:
        """What one run of an outlet brings."""
        local, moment = local_day(day, hour), at(day, hour)
        failure = self.failure(source, local)
        for each in range(self._share(source, local, hour, failure)):
            url = f"https://{source}.example/{day}/{hour}/{each}"
            page = {"url": url, "source": source, "fetched_at": moment}
            is_read = failure != "layout"
            rows["fetches"].append(
                page | {"status": 200, "bytes": 9, "outcome": "article" if is_read else "rejected"}
            )
            if not is_read:
                rows["rejections"].append(page | {"reason": "too_short", "retry": False})
                continue
            rows["versions"].append(
                article_row(
                    source,
                    moment,
                    each,
                    words=30 if failure == "short" else self.chance.randrange(120, 400),
                    is_dated=failure != "dates",
                    junk="Ikuti kanal kami di sini" if failure == "junk" else "",
                )
            )
        covered = FIRST + local * DAY
        run = run_row(max(covered - 2 * DAY, FIRST), covered) | {
            "crawl_id": f"{source} {moment}",
            "source": source,
            "started_at": moment,
            "finished_at": moment,
        }
        if failure in FAULTS:
            run |= {"fault": FAULTS[failure], "fault_detail": failure}
        if is_down(failure):
            run |= {"outcome": "failed", "covered_from": None, "covered_to": None, "message": failure}
        rows["crawls"].append(run)

    def _share(self, source: str, day: int, hour: int, failure: str | None) -> int:
        """The articles that a run brings: the day's, over its hours."""
        whole = self.counts[source][day]
        if failure == "frozen" or is_down(failure):
            whole = 0
        if failure == "few":
            whole = min(whole, 3)
        place = (HOURS.index(hour) + 1) % len(HOURS)  # the last hour begins the outlets' day
        return whole * (place + 1) // len(HOURS) - whole * place // len(HOURS)

    def opened(self) -> list[Incident]:
        return [each for _, report in self.said for each in report.opened]


def at(day: int, hour: int) -> datetime:
    """An hour (UTC) of a day, counted from FIRST."""
    return datetime.combine(FIRST + day * DAY, time(hour), UTC)


def local_day(day: int, hour: int) -> int:
    """The outlets' day, in Bontang, at an hour of UTC."""
    return day + (hour >= 16)


def is_down(failure: str | None) -> bool:
    """Whether a run can read nothing of the outlet."""
    return failure in FAULTS and failure != "certificate"


def check(seed: int, tmp_path: Path, failures: Sequence[str]) -> None:
    """What is planted is said by its kind within a day, and closes; nothing else is said of any outlet."""
    data_dir = DataDir(Path(shutil.copytree(prepared.empty().root, tmp_path / f"data-{seed}")))
    month = Month(seed, failures, data_dir)
    month.run()
    for source, (failure, begins) in month.broken.items():
        found = [each for each in month.opened() if each.source == source]
        assert {each.kind for each in found} - ALSO.get(failure, set()) == {KINDS[failure]}, (
            source,
            failure,
            found,
        )
        assert len(found) == len({each.kind for each in found}), (source, failure, found)
        late = found[0].opened_at - at(PAST + begins - 1, 16)
        # A day is judged once it is over: a run, else the first report of the day after.
        assert late <= timedelta(hours=27 if failure in OF_DAYS else 17), (source, failure, late)
        closed = [each for _, report in month.said for each in report.closed if each.source == source]
        assert {each.kind for each in closed} == {each.kind for each in found}, (source, failure, closed)
        after = closed[-1].closed_at
        assert after is not None
        assert after - at(PAST + begins + LASTS - 1, 16) <= timedelta(days=4), (source, failure, after)
    assert [each for each in month.opened() if each.source not in month.broken] == []


@pytest.fixture(autouse=True)
def large_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has left."""
    monkeypatch.setattr("crawler.report.run.room", lambda *_: (2 << 30, 1 << 30))


@pytest.mark.soak
def test_what_is_planted_in_a_month_is_said_within_a_day(tmp_path: Path) -> None:
    """A feed that freezes, a template that changes, dates that vanish, three articles for twenty, a site that is down."""
    check(1, tmp_path, (*OF_DAYS, *OF_RUNS))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 6))
def test_further_months(seed: int, tmp_path: Path) -> None:
    """The same by other numbers."""
    check(seed, tmp_path, (*OF_DAYS, *OF_RUNS))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(6, 9))
def test_a_control_month_says_nothing(seed: int, tmp_path: Path) -> None:
    """Two dozen outlets, the Independence Day in it, two reports a day."""
    data_dir = DataDir(Path(shutil.copytree(prepared.empty().root, tmp_path / "data")))
    month = Month(seed, (), data_dir)
    month.run()
    assert month.opened() == []


@pytest.mark.heavy
def test_what_stops_the_machine_is_one_line(tmp_path: Path) -> None:
    """No network, then a full disk: one line each, however many outlets; both close when they are over."""
    data_dir = DataDir(Path(shutil.copytree(prepared.empty().root, tmp_path / "data")))
    month = Month(1, (), data_dir)
    names = month.outlets
    with open_store(data_dir, 5) as store, store.transaction():
        append(store, "sources", [OUTLET | {"source": source} for source in names])
        month.plant(store, ((day, hour) for day in range(2) for hour in HOURS))

    def said(day: int, outcomes: dict[str, Outcome]) -> Report:
        with closing(open_published(data_dir)) as copy:
            return take(copy, data_dir, CATALOGUE, 5, at(day, 12), Asked(outcomes=outcomes))

    silent, full = Outcome(), Outcome()
    silent.worse(1, "no answer", "unanswered")
    full.not_begun(DiskFull("the disk is full"))
    lines = [said(day, dict.fromkeys(names, each)) for day, each in ((2, silent), (3, full))]
    assert [[each.kind for each in report.opened] for report in lines] == [["no_network"], ["disk_filling"]]
    after = said(4, {})
    assert {each.kind for each in after.closed} <= {"no_network", "disk_filling"}
