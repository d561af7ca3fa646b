"""`scrapy digest` as cron and a newsroom run it: told once, told again word for word, and lost by no kill and no full disk."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import IO, Any

import pytest

from storage.data_dir import DataDir, lock_holder
from tests.conftest import Crawled
from tests.kit.killing import wait_for
from tests.kit.running import CHECKOUT, RECORDED, SCRAPY, Done, clean_environment, command, scrapy, together

TERMS = "term,spellings\nperpustakaan,Perpustakaan\nasrama,Asrama\nGunung Kosong,\n"
FOLLOWED = ",".join(RECORDED)


@pytest.fixture
def folder(recorded: Crawled, tmp_path: Path) -> Path:
    """A folder with a crawled DATA_DIR and a file of terms."""
    recorded.copy(tmp_path / "data")
    (tmp_path / "istilah.csv").write_text(TERMS, encoding="utf-8")
    return tmp_path


def arguments(folder: Path, *more: str | Path) -> tuple[str | Path, ...]:
    return ("digest", "--terms", folder / "istilah.csv", *more)


def digest(folder: Path, *more: str | Path, follow: str = FOLLOWED) -> Done:
    return scrapy(*arguments(folder, *more), DATA_DIR=folder / "data", FOLLOW=follow)


def marks(folder: Path) -> list[Path]:
    return sorted((folder / "data" / "digests").glob("*.json"))


def told(text: str) -> list[tuple[str, str]]:
    """Kind and title of every row of a CSV."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    return [(row["kind"], row["title"]) for row in rows]


def test_a_clipping_every_morning(folder: Path, crawled_later: Crawled) -> None:
    """What is new is told once, and again on request; what was edited is told the day it is seen."""
    files = {form: folder / f"kliping.{form}" for form in ("html", "md", "csv", "atom")}
    options = [word for form, path in files.items() for word in (f"--{form}", path)]
    first = digest(folder, *options).succeeded()
    assert "3 dari 55 artikel baru menyebut nama dalam daftar (6 media)." in first.out
    title = "Komisi IV DPRD Kaltim Dorong Asrama Mahasiswa di Luar Daerah Direnovasi"
    for path in files.values():
        assert title in path.read_text(encoding="utf-8"), path
    written = {form: path.read_bytes() for form, path in files.items()}
    (mark,) = marks(folder)
    kept = mark.read_bytes()
    for path in files.values():
        path.unlink()
    digest(folder, "--again", *options).succeeded()
    assert {form: path.read_bytes() for form, path in files.items()} == written
    shown = digest(folder, "--again").succeeded().out
    assert title in " ".join(shown.split())
    assert "13 Nov 2024 16.05 WITA | ADVERTORIAL (dibayar DPRD Kaltim)" in shown
    assert all(len(line) <= 80 or "://" in line for line in shown.splitlines())
    assert (
        "13 Nov 2024 16:05 WITA | ADVERTORIAL (paid by DPRD Kaltim)"
        in digest(folder, "--again", "--lang", "en").out
    )
    # An ad hoc question moves no mark.
    assert title in " ".join(digest(folder, "--since", "2024-11-01").succeeded().out.split())
    assert mark.read_bytes() == kept
    assert {kind for kind, _ in told(digest(folder, "--csv", "-").succeeded().out)} <= {"not_collected"}
    # The next day's crawl, into the same DATA_DIR.
    tomorrow = crawled_later.copy(folder / "tomorrow")
    shutil.copytree(folder / "data" / "digests", tomorrow / "digests")
    (folder / "istilah.csv").write_text("term\nBontang\nKaltim\nSamarinda\n", encoding="utf-8")
    later = scrapy(*arguments(folder, "--csv", "-"), DATA_DIR=tomorrow, FOLLOW=FOLLOWED).succeeded()
    assert "edited" in {kind for kind, _ in told(later.out)}


@pytest.mark.heavy
def test_two_newsrooms_do_not_take_each_others_news(folder: Path) -> None:
    """Each list has a mark of its own: by its file, and by the outlets that are followed."""
    (folder / "lain.csv").write_text(TERMS, encoding="utf-8")
    other = ("digest", "--terms", folder / "lain.csv", "--csv", "-")
    given = [digest(folder, "--csv", "-").out, scrapy(*other, DATA_DIR=folder / "data", FOLLOW=FOLLOWED).out]
    given.append(digest(folder, "--csv", "-", follow="portalborneo").out)
    assert [len(told(each)) for each in given] == [3, 3, 1]
    assert len(marks(folder)) == 3


def test_everything_new_without_a_list(recorded: Crawled, tmp_path: Path) -> None:
    """And it says how to give one."""
    recorded.copy(tmp_path / "data")
    shown = scrapy("digest", DATA_DIR=tmp_path / "data", FOLLOW=FOLLOWED).succeeded().out
    assert "Tidak ada daftar tokoh atau istilah" in shown
    assert "55 artikel baru (6 media)." in shown
    assert "Semua artikel baru" in shown


# --- a kill, a full disk, two at once -------------------------------------------------------------------------


def started(
    folder: Path, *more: str | Path, out: IO[bytes] | int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    given = command(*arguments(folder, *more), DATA_DIR=folder / "data", FOLLOW=FOLLOWED)
    return subprocess.Popen(
        [*SCRAPY, *given.arguments], cwd=CHECKOUT, env=clean_environment(), stdout=out, stderr=subprocess.PIPE
    )


@pytest.mark.heavy
def test_a_kill_while_it_writes_loses_nothing(folder: Path) -> None:
    """The mark stays, no file is torn, and the next digest says the same; meanwhile no other can be made."""
    os.mkfifo(folder / "pipa.md")
    victim = started(folder, "--html", folder / "kliping.html", "--md", folder / "pipa.md")
    try:
        wait_for((folder / ".kliping.html.new").exists)  # it waits for somebody to read the pipe
        (lock,) = (folder / "data" / "locks").glob("digest-*.lock")
        assert lock_holder(lock) == victim.pid
        beside = digest(folder)
        beside.refused(1, "a digest of this list is being made already", f"process {victim.pid}")
        assert beside.out == ""
    finally:
        victim.send_signal(signal.SIGKILL)
        victim.communicate()
    assert not (folder / "kliping.html").exists()
    assert marks(folder) == []
    digest(folder, "--again").refused(2, "no digest of this list")
    after = digest(folder, "--html", folder / "kliping.html", "--csv", "-").succeeded()
    assert len(told(after.out)) == 3
    assert "Asrama" in (folder / "kliping.html").read_text(encoding="utf-8")
    assert not (folder / ".kliping.html.new").exists()


@pytest.mark.parametrize(
    "more",
    [
        pytest.param((), id="shown", marks=pytest.mark.heavy),
        pytest.param(("--csv", "-"), id="stdout", marks=pytest.mark.heavy),
        pytest.param(("--html", "/dev/full"), id="file"),
    ],
)
def test_a_full_disk_moves_no_mark(more: tuple[str, ...], folder: Path) -> None:
    """Neither where stdout takes nothing, nor where a file does not."""
    with Path("/dev/full").open("wb") as full:
        ended = started(folder, *more, out=full)
        _, err = ended.communicate(timeout=120)
    assert ended.returncode == 1, err
    assert b"No space left on device" in err
    assert b"Traceback" not in err
    assert marks(folder) == []


# --- wrong use ------------------------------------------------------------------------------------------------


def test_wrong_use_is_one_line(folder: Path) -> None:
    """With exit code 2, and nothing was told."""
    (folder / "buruk.csv").write_text("istilah\nbanjir\n", encoding="utf-8")
    (folder / "sama.csv").write_text("term,spellings\nbanjir,rob\nrob,\n", encoding="utf-8")
    (folder / "tutup").write_text("", encoding="utf-8")
    cases: dict[str, tuple[tuple[str | Path, ...], dict[str, Any], str]] = {
        "an empty DATA_DIR": (("digest",), {"DATA_DIR": folder / "kosong"}, "nothing is published yet"),
        "an unknown column": (("digest", "--terms", folder / "buruk.csv"), {}, "unknown column 'istilah'"),
        "a spelling of two": (
            ("digest", "--terms", folder / "sama.csv"),
            {},
            "is also that of 'banjir' (line 2)",
        ),
        "no such terms": (("digest", "--terms", folder / "tidak.csv"), {}, "no such file"),
        "a day that is none": (("digest", "--since", "kemarin"), {}, "--since kemarin: not a day"),
        "a day to come": (("digest", "--since", "2999-01-01"), {}, "a day to come"),
        "since and again": (("digest", "--since", "2024-11-01", "--again"), {}, "one of them"),
        "again before any": (("digest", "--again"), {}, "no digest of this list"),
        "a folder": (("digest", "--html", folder), {}, "is a folder; name a file"),
        "no folder": (("digest", "--md", folder / "a" / "b.md"), {}, "there is no folder"),
        "below a file": (("digest", "--csv", folder / "tutup" / "b.csv"), {}, "there is no folder"),
        "an argument": (("digest", "banjir"), {}, "takes no argument: banjir"),
        "twice stdout": (("digest", "--md", "-", "--csv", "-"), {}, "--md goes there, too"),
        "an unknown outlet": (("digest",), {"FOLLOW": "ekspresi"}, "FOLLOW: 'ekspresi' is no source"),
    }
    given: dict[str, Any] = {"DATA_DIR": folder / "data", "FOLLOW": FOLLOWED}
    done = together(
        {name: command(*words, **(given | settings)) for name, (words, settings, _) in cases.items()}
    )
    for name, (_, _, fault) in cases.items():
        done[name].refused(2, fault)
        assert done[name].out == "", name
    assert not (folder / "data" / "digests").exists()
    lang = scrapy("digest", "--lang", "jv", DATA_DIR=folder / "data")
    assert (lang.code, "jv" in lang.err) == (2, True)
    (DataDir(folder / "data").digests).mkdir()
    digest(folder).succeeded()
    marks(folder)[0].write_text("{", encoding="utf-8")
    digest(folder).refused(2, "cannot be read: remove it")
