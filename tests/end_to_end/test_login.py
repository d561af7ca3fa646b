"""A source file whose addresses hold a name and a password: the site gets them, and nobody else."""

from __future__ import annotations

import gzip
from base64 import b64encode
from pathlib import Path

import pytest

from tests.kit.killing import Site
from tests.kit.loopback import Loopback
from tests.kit.running import column

SECRET = "s4ndi-rahasia"


@pytest.fixture
def site(server: Loopback, tmp_path: Path) -> Site:
    """Its home and its entry have the password, as somebody pastes them from a browser."""
    made = Site.make(server, tmp_path, "listing", count=4, seed=21)
    file = tmp_path / "sources" / f"{made.name}.toml"
    text = file.read_text().replace("http://", f"http://redaksi:{SECRET}%21@")
    file.write_text(
        text.replace('url = "/', f'url = "{server.home.replace("//", f"//redaksi:{SECRET}%21@")}')
    )
    return made


def test_a_password_goes_to_the_site_and_nowhere_else(site: Site) -> None:
    """Not into a log, an answer, a file of the DATA_DIR or the published database."""
    crawled = site.crawl(LOG_LEVEL="DEBUG").run().succeeded()
    login = b64encode(f"redaksi:{SECRET}!".encode()).decode()
    assert {asked.headers.get("authorization") for asked in site.server.asked} == {f"Basic {login}"}
    assert len(column(site.data_dir, "SELECT url FROM articles")) == 4
    shown = [site.command(*words).run() for words in (("sources", site.name), ("query", "from sources"))]
    said = "".join(done.out + done.err for done in (crawled, *shown))
    assert SECRET not in said
    assert login not in said
    for file in site.data_dir.rglob("*"):
        held = file.read_bytes() if file.is_file() else b""
        held += gzip.decompress(held) if file.suffix == ".gz" else b""
        assert SECRET.encode() not in held, file
        assert login.encode() not in held, file


def test_a_fault_in_the_file_names_no_password(site: Site) -> None:
    """The line quotes the address without it."""
    file = site.folder / "sources" / f"{site.name}.toml"
    file.write_text(file.read_text().replace('home = "http://', 'home = "gopher://'))
    done = site.crawl().run()
    done.refused(2, "'home' must be an http or https address")
    assert SECRET not in done.err
