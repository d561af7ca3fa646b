"""Kabar as a package: the wheel, installed into an environment of its own, run from an empty folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit.running import CHECKOUT, SITES, Command, clean_environment, column, command

PACKAGES = ("crawler", "pipelines", "storage")
pytestmark = pytest.mark.heavy


def pip(*arguments: str | Path) -> None:
    """pip of the environment that runs the tests, which asks no index."""
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)],
        env=clean_environment(),
        capture_output=True,
        check=True,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources, for building leaves files beside them."""
    sources = tmp_path_factory.mktemp("sources")
    for name in PACKAGES:
        shutil.copytree(CHECKOUT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, sources)
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", sources, "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", folder)
    return next(folder.glob("kabar-*.whl"))


@pytest.fixture(scope="module")
def kabar(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of an environment that holds the wheel; the libraries are those of the tests."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    libraries = environment / "lib" / version / "site-packages" / "libraries.pth"
    libraries.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    pip("--python", python, "install", "--no-deps", "--no-index", wheel)
    return environment / "bin" / "kabar"


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    """Sources, platforms and SQL included, and nothing else but what describes it."""
    ours = {
        str(path.relative_to(CHECKOUT))
        for name in PACKAGES
        for path in (CHECKOUT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in held if ".dist-info/" not in name} == ours


def test_it_crawls_and_answers_from_an_empty_folder(kabar: Path, tmp_path: Path) -> None:
    """DATA_DIR is ./data, a replay's ./data/replay; kabar.toml is read there."""

    def run(*arguments: str) -> Command:
        return replace(command(*arguments, cwd=tmp_path), program=(str(kabar),))

    assert run("--version").run().succeeded().out.startswith("kabar ")
    assert "expresi\n" in run("list").run().succeeded().out
    replay = tmp_path / "data" / "replay"
    replay.mkdir(parents=True)
    (replay / "kabar.toml").write_text("READ_WORKERS = 1\n", encoding="utf-8")
    run("crawl", "expresi", "-s", f"REPLAY={SITES}").run().succeeded()
    assert column(replay, "SELECT count(*) FROM articles") == [10]
    asked = run(
        "query", "--format", "csv", "select count(*) as n from articles", "-s", "DATA_DIR=data/replay"
    )
    assert asked.run().succeeded().out == "n\n10\n"
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
