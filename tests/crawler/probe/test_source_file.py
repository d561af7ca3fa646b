"""The written source file: what it says, what it leaves out, and that it loads whatever a site is called."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.catalogue.load import load_platforms, parse_source
from crawler.probe.region import PROVINCES, Zone
from crawler.probe.source_file import Draft, Way, name_of, source_file

DAY = date(2024, 11, 20)
PLATFORMS = load_platforms()
BARE = Draft(title="Warta", home="https://warta.example/", platform="generic", platform_from="no sign")


def test_what_is_known_is_written_with_its_evidence() -> None:
    """Every key in its place, addresses as a person would write them."""
    draft = Draft(
        title="Warta", home="https://warta.example/", platform="generic", platform_from="no sign",
        region=(PROVINCES["kaltim"], "kaltim in its host"), timezone=Zone("Asia/Makassar", "Kalimantan Timur"),
        clock=Zone("Asia/Jakarta", "WIB beside the dates"), brands=("WARTA.example",), title_suffixes=("Teluk",),
        article=r"^/read/(?P<id>\d+)", missing=("an author",),
        ways=(Way("rss", "https://warta.example/umpan?a=1", "linked"),
              Way("listing", "https://warta.example/", "front", "https://warta.example/?hal={n}")),
    )  # fmt: skip
    assert source_file(draft, DAY).split("\n", 1)[1] == (
        "# Not found: an author\n"
        'title = "Warta"\nhome = "https://warta.example/"\n'
        'region = "Kalimantan Timur"  # kaltim in its host\nprovince = "64"\n'
        'timezone = "Asia/Makassar"  # Kalimantan Timur\nclock = "Asia/Jakarta"  # WIB beside the dates\n'
        'platform = "generic"  # no sign\nstatus = "inferred"\n'
        'brands = ["WARTA.example"]\ntitle_suffixes = ["Teluk"]\n'
        "article = '^/read/(?P<id>\\d+)'  # of the addresses seen\n"
        '\n[[entry]]  # linked\nkind = "rss"\nurl = "/umpan?a=1"\n'
        '\n[[entry]]  # front\nkind = "listing"\nurl = "/"\npages = "/?hal={n}"\n'
    )
    assert parse_source("warta", source_file(draft, DAY), PLATFORMS).clock == "Asia/Jakarta"


def test_a_zone_without_evidence_says_so() -> None:
    """It must stand there, and nobody must take it for known."""
    (line,) = [each for each in source_file(BARE, DAY).splitlines() if each.startswith("timezone")]
    assert line.startswith('timezone = "Asia/Jakarta"  # NOTHING')


@given(st.text(), st.text())
def test_no_text_of_a_site_adds_a_key(said: str, evidence: str) -> None:
    """Title, brands, suffixes and evidence are texts, whatever they hold."""
    draft = Draft(
        title=f"x{said}", home="https://warta.example/", platform="generic", platform_from=evidence,
        brands=(f"x{said}",), title_suffixes=(f"x{said}",), missing=(evidence,),
        ways=(Way("rss", "https://warta.example/umpan", evidence),),
    )  # fmt: skip
    written = tomllib.loads(source_file(draft, DAY))
    assert set(written) == {
        *("title", "home", "timezone", "platform", "status", "brands", "title_suffixes", "entry"),
    }
    source = parse_source("warta", source_file(draft, DAY), PLATFORMS)
    assert (source.platform, len(source.entries), source.rule_sets) == (
        "generic",
        1,
        PLATFORMS["generic"].rule_sets,
    )


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://kaltim.suara.com/read/x", "kaltim_suara"),
        ("https://www.mediakaltim.com/", "mediakaltim"),
        ("https://benuanta.co.id/", "benuanta"),
        ("https://warta-teluk.id", "warta_teluk"),
        ("http://127.0.0.1:8080/", "127_0_0_1_8080"),
        ("http://localhost/", "localhost"),
        ("https://co.id/", "co"),
    ],
)
def test_a_name_is_made_of_the_host(url: str, name: str) -> None:
    """Without www and what every host ends with."""
    assert name_of(url) == name
