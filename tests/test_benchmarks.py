"""The figures of the pages: each has its command, and the command's figures take their place."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import benchmarks.__main__ as bench
from tests.kit.running import CHECKOUT


def commands() -> set[str]:
    """Every benchmark that a page has a command for."""
    told = "".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "docs").glob("*.md"))
    return set(re.findall(r"python -m benchmarks\.(\w+)", told))


def test_every_benchmark_is_on_a_page() -> None:
    """And no page names one that is not there."""
    programs = {
        path.stem
        for path in (CHECKOUT / "benchmarks").glob("*.py")
        if path.stem not in ("__main__", "peers", "dedupe_peer", "sampled", "toy")
        and any(
            isinstance(node, ast.FunctionDef) and node.name == "main"
            for node in ast.parse(path.read_text(encoding="utf-8")).body
        )
    }
    assert commands() == programs


@pytest.mark.heavy
@pytest.mark.parametrize(
    "words",
    [
        "growth --articles 200 400 --batch 10 --rounds 1",
        "questions --articles 300 --rounds 1",
        "search --articles 300 --titles 2 --asked 2",
        "names --articles 200",
    ],
)
def test_what_fills_the_tables_itself_fits_them(words: str) -> None:
    """A column more, and an archive that is made past the merge could not be made any more."""
    assert "|---" in bench.measured(f"python -m benchmarks.{words}", 300)


def page(folder: Path, work: str) -> Path:
    """A page with two benchmarks, the first of which does the work."""
    module = folder / "benchmarks"
    module.mkdir()
    (module / "__init__.py").touch()
    (module / "quick.py").write_text(work, encoding="utf-8")
    (module / "other.py").write_text("print('| new |')", encoding="utf-8")
    path = folder / "page.md"
    path.write_text(
        "Before.\n\n<!-- python -m benchmarks.quick --fast -->\n\n| old |\n\n<!-- end -->\n\nBetween.\n\n"
        "<!-- python -m benchmarks.other -->\n\n| old |\n\n<!-- end -->\n\nAfter.\n",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(
    ("work", "said"),
    [
        ("raise SystemExit(3)", "quick: ended with 3; its figures stay"),
        ("import time; time.sleep(60)", "quick: took longer than"),
        ("", "quick: printed nothing; its figures stay"),
    ],
)
def test_what_cannot_be_measured_keeps_its_figures(
    work: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named, the others are measured all the same, and the exit code says it."""
    written = page(tmp_path, work)
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bench, "PAGES", [written])
    assert bench.main(["--minutes", "0.02"]) == 1
    assert said in capsys.readouterr().err
    text = written.read_text(encoding="utf-8")
    assert (text.count("| old |"), text.count("| new |")) == (1, 1)


def test_figures_take_the_place_of_those_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what they were measured on; the words around them stay, however often it is done."""
    written = page(tmp_path, "import sys; print('| measured |', sys.argv[1:])")
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bench, "PAGES", [written])
    monkeypatch.setattr(bench, "machine", lambda: "*here*")
    assert bench.main(["quick"]) == bench.main(["quick"]) == 0
    assert written.read_text(encoding="utf-8") == (
        "Before.\n\n<!-- python -m benchmarks.quick --fast -->\n\n| measured | ['--fast']\n\n*here*\n\n<!-- end -->\n\n"
        "Between.\n\n<!-- python -m benchmarks.other -->\n\n| old |\n\n<!-- end -->\n\nAfter.\n"
    )
    assert bench.main(["nothing"]) == 2
