"""The first opening of a ledger, by many processes at once: it is made, or brought up to date, by one of them."""

from __future__ import annotations

import multiprocessing
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from crawler.ledger.connection import VERSION
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import LookResult, Mark, Pause
from pipelines.address import address_key
from storage.data_dir import DatabaseBusy, DataDir, DataDirError
from tests.kit.factories import MORNING
from tests.kit.holding import hold_ledger

BEFORE = Path(__file__).with_name("ledger_before.sql").read_text(encoding="utf-8")
"""The tables of the ledger of the version before."""
FEED, REST = "https://wartapesisir.example/feed/", "https://wartapesisir.example/wp-json/wp/v2/posts"
LINKS_BEFORE = f"""
INSERT INTO links (key, url, source, state, entry, discovered_at) VALUES
    ('{address_key("https://wartapesisir.example/a/")}', 'https://wartapesisir.example/a/', 'warta_pesisir',
     'pending', 'rss', '2024-11-20T01:00:00.000000+00:00');
INSERT INTO untold (source, key, day) SELECT source, key, '2024-11-20' FROM links;
INSERT INTO closed_entries VALUES
    ('warta_pesisir', '{FEED}', 'HTTP 403', '2024-11-25T01:00:00.000000+00:00'),
    ('warta_pesisir', '{REST}#look', 'HTTP 403', '2024-11-25T01:00:00.000000+00:00');
"""


def open_all(folders: list[Path], barrier: Barrier, faults: multiprocessing.SimpleQueue[str]) -> None:
    """Open the ledger of each folder at the same moment as the other processes."""
    for folder in folders:
        DataDir(folder).claim("live")
        barrier.wait(60)
        try:
            Ledger(DataDir(folder).ledger).close()
        except Exception as error:
            faults.put(f"{folder.name}: {type(error).__name__}: {error}")


def opened_at_once(folders: list[Path], number: int) -> list[str]:
    """Have so many processes open each folder together; what went wrong, a line each."""
    context = multiprocessing.get_context("spawn")
    barrier, faults = context.Barrier(number), context.SimpleQueue()
    processes = [context.Process(target=open_all, args=(folders, barrier, faults)) for _ in range(number)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * number
    found = []
    while not faults.empty():
        found.append(faults.get())
    return found


def fresh(folder: Path) -> None:
    """A DATA_DIR that is not there yet."""


def of_the_version_before(folder: Path) -> None:
    """A DATA_DIR whose ledger is of the version before."""
    DataDir(folder).claim("live")
    with closing(sqlite3.connect(DataDir(folder).ledger)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(BEFORE)


@pytest.mark.parametrize(
    "prepared",
    [fresh, pytest.param(of_the_version_before, marks=pytest.mark.heavy)],
    ids=lambda each: each.__name__,
)
@pytest.mark.parametrize(("folders", "processes"), [(5, 3), pytest.param(60, 6, marks=pytest.mark.soak)])
def test_no_first_opening_fails(
    prepared: Callable[[Path], None], folders: int, processes: int, tmp_path: Path
) -> None:
    """Whoever comes while another makes or migrates the ledger waits, and finds it whole."""
    made = [tmp_path / f"data-{number}" for number in range(folders)]
    for folder in made:
        prepared(folder)
    assert opened_at_once(made, processes) == []
    assert [version(folder) for folder in made] == [VERSION] * folders


def version(folder: Path) -> int:
    """The version of a DATA_DIR's ledger, by SQLite's own word."""
    with closing(sqlite3.connect(DataDir(folder).ledger)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def test_a_ledger_that_is_being_made_is_waited_for(tmp_path: Path) -> None:
    """A first opening that holds a file in the old journal mode neither fails nor harms the others."""
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as maker:
        maker.execute("BEGIN EXCLUSIVE")
        maker.execute("CREATE TABLE unfinished (n INTEGER)")
        release = threading.Timer(0.5, maker.execute, ["COMMIT"])
        release.start()
        with closing(Ledger(path)) as ledger:
            assert ledger.counts("warta_pesisir") == {}
        release.join()


def test_a_ledger_of_the_version_before_keeps_all_it_knew(tmp_path: Path) -> None:
    """Its links are still to be reported, and what an entry is closed to has a field of its own."""
    of_the_version_before(tmp_path)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as db:
        db.executescript(LINKS_BEFORE)
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        assert [(link.state, link.day) for link in ledger.reports.due("warta_pesisir", 9)] == [
            ("pending", "2024-11-20")
        ]
        closed = ledger.sites.closed_entries("warta_pesisir", MORNING)
        assert [(each.url, each.what) for each in closed] == [(FEED, "entry"), (REST, "look")]
        ledger.mark([Mark("https://wartapesisir.example/a/", "gone", MORNING)])
        assert [link.state for link in ledger.reports.due("warta_pesisir", 9)] == ["gone"]


def test_a_ledger_of_before_themes_keeps_all_it_knew(tmp_path: Path) -> None:
    """Nothing is reported anew, closed entries keep what they are closed to, and looks stay."""
    path = tmp_path / "ledger.sqlite"
    with closing(Ledger(path)) as ledger:
        ledger.sites.close_entry("warta_pesisir", REST, "HTTP 403", MORNING + timedelta(days=7), "look")
        ledger.sites.note_look("warta_pesisir", LookResult(MORNING, True, ("a",), "JNews"))
    with closing(sqlite3.connect(path)) as db:
        db.executescript("ALTER TABLE first_contacts DROP COLUMN theme; PRAGMA user_version = 2")
    with closing(Ledger(path)) as ledger:
        assert [each.what for each in ledger.sites.closed_entries("warta_pesisir", MORNING)] == ["look"]
        assert ledger.sites.looks() == {"warta_pesisir": LookResult(MORNING, True, ("a",))}
        assert ledger.reports.due("warta_pesisir", 9) == []


def test_a_ledger_of_before_asks_for_every_document_once_more(tmp_path: Path) -> None:
    """It kept the validators of documents that list nothing themselves, and knows no more which those were."""
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            "INSERT INTO documents VALUES ('warta_pesisir', 'https://wartapesisir.example/robots.txt', '\"a\"', NULL, '');"
            " PRAGMA user_version = 5"
        )
    with closing(Ledger(path)) as ledger:
        kept = ledger.validators("warta_pesisir", "https://wartapesisir.example/robots.txt")
        assert kept.headers() == {}


def test_a_ledger_of_before_looks_again_for_what_one_look_missed(tmp_path: Path) -> None:
    """Known articles only; in their place stood a 404, a notice or a list."""
    of_the_version_before(tmp_path)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as db:
        db.executescript(LINKS_BEFORE)
        db.executescript(
            "UPDATE links SET state = 'rejected', reason = 'soft_404', document = 'page', fetched_at = discovered_at"
        )
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        soon = datetime.now(UTC) + timedelta(minutes=1)
        assert len(ledger.revisits("warta_pesisir", soon, None, 9)) == 1
        assert ledger.counts("warta_pesisir") == {"gone": 1}


def test_a_ledger_of_before_reports_has_all_its_links_to_report(tmp_path: Path) -> None:
    """The database has heard of none of them."""
    of_the_version_before(tmp_path)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as db:
        db.executescript(LINKS_BEFORE + "DROP TRIGGER links_change; DROP TABLE untold;")
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        assert [link.day for link in ledger.reports.due("warta_pesisir", 9)] == ["2024-11-20"]


def test_a_ledger_of_a_newer_kabar_is_refused(tmp_path: Path) -> None:
    """One line says what to do, and the file stays as it is."""
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(DataDirError, match=r"newer Kabar.*upgrade"):
        Ledger(path)


def test_what_a_kill_left_of_a_first_opening_is_made_anew(tmp_path: Path) -> None:
    """Neither half a new file, nor the log of a ledger that is lost, becomes part of it."""
    path = tmp_path / "ledger.sqlite"
    lost = Ledger(path)
    lost.sites.pause("warta_pesisir", Pause("waiting", FEED, "HTTP 429", MORNING, 0, MORNING))
    log = (tmp_path / "ledger.sqlite-wal").read_bytes()
    assert log
    lost.close()
    path.unlink()
    (tmp_path / "ledger.sqlite-wal").write_bytes(log)
    (tmp_path / "ledger.sqlite.new").write_bytes(b"SQLite format 3")
    with closing(Ledger(path)) as ledger:
        assert ledger.sites.pauses() == {}
    assert not (tmp_path / "ledger.sqlite.new").exists()


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which has left a transaction open in a ledger."""
    Ledger(tmp_path / "ledger.sqlite").close()
    with hold_ledger(tmp_path / "ledger.sqlite") as process:
        yield process


def test_a_held_ledger_is_busy_and_not_damaged(tmp_path: Path, editor: subprocess.Popen[str]) -> None:
    """It opens, it can be read, and a write names the holder once the wait is over; the next write waits no more."""
    with closing(Ledger(tmp_path / "ledger.sqlite", wait_s=1)) as ledger:
        assert ledger.counts("warta_pesisir") == {}
        for waited in ("1", "1"):
            with pytest.raises(DatabaseBusy, match=rf"process {editor.pid} \(.+\) for {waited} s") as busy:
                ledger.walks.finish("warta_pesisir", MORNING.date())
            assert busy.value.holder == editor.pid


def test_a_ledger_that_is_let_go_in_time_is_written(tmp_path: Path, editor: subprocess.Popen[str]) -> None:
    """The write waits for it."""
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        assert editor.stdin is not None
        release = threading.Timer(0.3, editor.stdin.close)
        release.start()
        ledger.walks.finish("warta_pesisir", MORNING.date())
        release.join()
        assert ledger.walks.covered_until("warta_pesisir") == MORNING.date()
