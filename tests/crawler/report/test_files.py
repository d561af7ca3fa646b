"""What a run leaves behind, and that it harms nothing where it cannot."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from crawler.report.files import leave
from storage.data_dir import DataDir
from storage.publish import open_published
from tests.kit import prepared
from tests.kit.reported import report


def test_a_run_leaves_a_page_and_gauges(tmp_path: Path) -> None:
    """In the zone of the followed outlets, WIB where they share none; the next run replaces them."""
    data_dir = DataDir(Path(shutil.copytree(prepared.empty().root, tmp_path / "data")))
    with closing(open_published(data_dir)) as copy:
        for _ in range(2):
            assert leave(report(), copy, data_dir, "en") == []
    assert "made 29 Nov 2026 22:04 WIB" in data_dir.status.read_text(encoding="utf-8")
    assert 'kabar_articles{source="warta_pesisir"} 641\n' in data_dir.metrics.read_text(encoding="utf-8")
    assert not list(data_dir.root.glob("*.new"))


def test_what_cannot_be_written_is_a_line(tmp_path: Path) -> None:
    """The one costs the other nothing."""
    data_dir = DataDir(Path(shutil.copytree(prepared.empty().root, tmp_path / "data")))
    data_dir.status.mkdir()
    with closing(open_published(data_dir)) as copy:
        [line] = leave(report(), copy, data_dir, "en")
        assert line.startswith(f"{data_dir.status} cannot be written: ")
        assert data_dir.metrics.exists()
        data_dir.metrics.unlink()
        data_dir.metrics.mkdir()
        assert [line.partition(":")[0] for line in leave(report(), copy, data_dir, "en")] == [
            f"{data_dir.metrics} cannot be written",
            f"{data_dir.status} cannot be written",
        ]
