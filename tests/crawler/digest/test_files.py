"""The files of a digest: refused before anything is asked, and written all or none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crawler.digest.files import Made, Target, check, make, write
from crawler.digest.words import ID
from crawler.errors import ArgumentError
from tests.kit.clipping import DIGEST


def made(path: Path, text: str = "baru") -> Made:
    return Made(Target("html", str(path)), path, text)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ([("html", "{}")], "is a folder; name a file"),
        ([("html", "{}/tidak/ada.html")], "there is no folder {}/tidak"),
        ([("html", "{}/a"), ("md", "{}/../{name}/a")], "--html goes there, too"),
        ([("html", "-"), ("csv", "-")], "--html goes there, too"),
        ([("md", "")], "names no file"),
    ],
)
def test_what_cannot_be_written_is_refused(given: list[tuple[str, str]], fault: str, tmp_path: Path) -> None:
    """In one line that names the option."""
    targets = [Target(form, file.format(tmp_path, name=tmp_path.name)) for form, file in given]
    with pytest.raises(ArgumentError) as refused:
        check(targets)
    assert fault.format(tmp_path) in str(refused.value)


def test_a_feed_goes_to_a_file_or_a_folder(tmp_path: Path) -> None:
    """A folder has one of each topic, those without news included, so that a reader finds each address."""
    folder = f"{tmp_path}/umpan/"
    check([Target("atom", folder), Target("md", "-")])
    files = make([Target("atom", folder)], [DIGEST], ID, "istilah-1")
    write(files)
    assert sorted(path.name for path in (tmp_path / "umpan").iterdir()) == [
        "dermaga-0a1b2c.atom",
        "neni.atom",
        "sepi-0a1b2c.atom",
    ]
    (one,) = make([Target("atom", f"{tmp_path}/satu.atom")], [DIGEST], ID, "istilah-1")
    assert one.text.count("<entry>") == 7


def test_files_are_replaced_whole(tmp_path: Path) -> None:
    """By their names, through a link to what it leads to; nothing else stays in the folder."""
    (tmp_path / "a.html").write_text("lama")
    (tmp_path / "link.html").symlink_to("a.html")
    target = Target("html", str(tmp_path / "link.html"))
    (one,) = make([target], [DIGEST], ID, "istilah-1")
    write([one])
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "a.html").read_text() == one.text
    assert {path.name for path in tmp_path.iterdir()} == {"a.html", "link.html"}


def test_where_one_cannot_be_written_none_is_changed(tmp_path: Path) -> None:
    """What was written beside its place goes."""
    (tmp_path / "a.html").write_text("lama")
    (tmp_path / "b.html").mkdir()
    with pytest.raises(ArgumentError, match=r"--html .*b\.html.*: cannot be written: "):
        write([made(tmp_path / "a.html"), made(tmp_path / "b.html" / "tidak" / "ada" / "c.html")])
    assert (tmp_path / "a.html").read_text() == "lama"
    assert {path.name for path in tmp_path.iterdir()} == {"a.html", "b.html"}


def test_a_full_disk_stays_a_full_disk(tmp_path: Path) -> None:
    """Its exit code is not that of wrong use; what a kill left beside the place is no hindrance."""
    (tmp_path / ".a.html.new").write_text("torn")
    with pytest.raises(OSError, match="No space left"):
        write([made(tmp_path / "a.html"), made(Path("/dev/full"))])
    assert list(tmp_path.iterdir()) == []
    write([made(tmp_path / "a.html"), made(Path(os.devnull))])
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
