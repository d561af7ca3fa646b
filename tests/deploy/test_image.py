"""The image, built and run where there is a builder (Debian: apt-get install buildah mmdebstrap).

It is built as its recipe says. Where no registry answers, a base of Debian's own packages stands for the one that the
recipe names: Python 3.11 and pip on Debian. No container runtime is needed: it runs in a chroot.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit.running import CHECKOUT, FIXTURES

BASE = "docker.io/library/python:3.11-slim"
PACKAGES = "python3,python3-pip,python3-venv,ca-certificates"
AS_THE_BASE = """\
FROM scratch
ADD base.tar /
RUN ln -s python3 /usr/bin/python && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED
"""
"""Its `python` and `pip` install into the system, as those of the image that it stands for do."""
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
"""This machine's: whatever stands between it and the package index, pip reaches it here as in the checkout."""

pytestmark = [
    pytest.mark.soak,  # minutes, and packages from their indexes
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        shutil.which("buildah") is None or os.getuid() != 0, reason="no builder: buildah, as root"
    ),
]


@dataclass(frozen=True)
class Image:
    """The image in a builder's store of its own, and a folder that is mounted as its volume."""

    builder: list[str]
    data: Path
    container: str

    def config(self) -> dict[str, object]:
        """What a runtime is told of it."""
        done = _done([*self.builder, "inspect", "--type", "image", "kabar"])
        found: dict[str, object] = json.loads(done.stdout)["Docker"]["config"]
        return found

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command line in it, as who it names, with the volume and the seed documents."""
        mounts = ["-v", f"{self.data}:/data", "-v", f"{FIXTURES / 'seeds'}:/seeds:ro"]
        line = [*self.builder, "run", "--isolation", "chroot", *mounts, self.container, "--", *words]
        return _tried(line)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """The image, built once; its store goes with the tests."""
    folder = tmp_path_factory.mktemp("image")
    builder = [
        "buildah",
        "--root",
        str(folder / "store"),
        "--runroot",
        str(folder / "run"),
        "--storage-driver",
        "vfs",
    ]
    try:
        _base(builder, folder)
        (folder / "pip.conf").write_text(f"[global]\ncert = {CERTIFICATES}\n", encoding="utf-8")
        trust = [
            "-v",
            f"{folder / 'pip.conf'}:/etc/pip.conf:ro",
            "-v",
            f"{CERTIFICATES.parent}:{CERTIFICATES.parent}:ro",
        ]
        recipe = ["--format", "docker", "-f", str(CHECKOUT / "deploy" / "Containerfile"), "-t", "kabar"]
        _done([*builder, "build", "--isolation", "chroot", "--pull-never", *trust, *recipe, str(CHECKOUT)])
        data = folder / "data"
        data.mkdir()
        os.chown(data, 10001, 10001)
        for above in (folder, *folder.parents):
            if above.is_relative_to(tmp_path_factory.getbasetemp().parent):
                above.chmod(0o755)  # pytest's folders are the tester's alone
        container = _done([*builder, "from", "--pull-never", "kabar"]).stdout.strip()
        yield Image(builder, data, container)
    finally:
        _done([*builder, "rm", "--all"])
        shutil.rmtree(folder)


def _base(builder: list[str], folder: Path) -> None:
    """Have the base in the builder's store; skips where there is none to be had."""
    if _tried([*builder, "pull", BASE]).returncode == 0:
        return
    if shutil.which("mmdebstrap") is None:
        pytest.skip(f"no registry has {BASE}, and there is no mmdebstrap to make one that stands for it")
    made = ["mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(folder / "base.tar")]
    if _tried(made).returncode:
        pytest.skip("neither a registry nor Debian's packages can be had")
    (folder / "Base").write_text(AS_THE_BASE, encoding="utf-8")
    _done([*builder, "build", "--isolation", "chroot", "-f", str(folder / "Base"), "-t", BASE, str(folder)])
    (folder / "base.tar").unlink()


def _tried(line: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, check=False, capture_output=True, text=True, timeout=600)


def _done(line: list[str]) -> subprocess.CompletedProcess[str]:
    done = _tried(line)
    assert done.returncode == 0, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done


def test_it_says_what_it_runs_and_as_whom(image: Image) -> None:
    """A user without rights, a volume, a command of ours, and the check of its health, which only this format keeps."""
    found = image.config()
    assert (found["User"], found["Volumes"], found["WorkingDir"]) == ("10001", {"/data": {}}, "/data")
    assert (found["Entrypoint"], found["Cmd"]) == (["kabar"], ["harvest"])
    assert found["Healthcheck"] == {
        "Test": ["CMD", "kabar", "doctor"],
        "Interval": 3_600_000_000_000,
        "Timeout": 600_000_000_000,
    }


def test_it_works_on_its_volume_as_nobody(image: Image) -> None:
    """Documents become a record there, which its user owns; a harvest asks for a contact; the check of health passes."""
    assert image.run("id", "-u").stdout == "10001\n"
    assert image.run("kabar", "list").stdout.split() == sorted(
        path.stem for path in (CHECKOUT / "crawler" / "sources").glob("*.toml")
    )
    done = image.run("kabar", "ingest", "/seeds")
    assert (done.returncode, done.stdout.split(",")[0]) == (0, "5 documents: 5 new articles"), done.stderr
    assert {path.stat().st_uid for path in image.data.rglob("*")} == {10001}
    harvest = image.run("kabar", "harvest")
    assert (harvest.returncode, "CONTACT is empty" in harvest.stderr) == (2, True), harvest
    health = image.run("kabar", "doctor")
    assert (health.returncode, health.stderr) == (0, ""), health
    assert image.run("touch", "/usr/bin/x").returncode
