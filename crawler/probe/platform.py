"""Which publishing system a site runs, by what its own pages show; `generic` where nothing does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crawler.catalogue.model import DEFAULT_PLATFORM, Platform
from crawler.console.text import counted
from crawler.discovery.article_url import path_of
from crawler.probe.homepage import Named
from pipelines.address import host_of

LEAST = 3
"""Links of a page that must be articles by the pattern of a network before its markup is believed."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A platform and why."""

    platform: str
    evidence: str


@dataclass(frozen=True, slots=True)
class _Network:
    """How a network's sites are known: by their host, else by the host of their pictures and scripts."""

    platform: str
    domains: tuple[str, ...]
    assets: re.Pattern[str]


_NETWORKS = (
    _Network("antara", ("antaranews.com",), re.compile(r"//(?:img|static|bimg)\.antaranews\.com")),
    _Network("suara", ("suara.com",), re.compile(r"//(?:assets|media)\.suara\.com")),
    _Network("tribun", ("tribunnews.com", "tribunkaltim.co"), re.compile(r"//[\w.-]+\.tstatic\.net|//asset(?:-\d)?\.tribunnews\.com")),
    _Network("jawapos", ("jawapos.com", "prokal.co", "sapos.co.id"), re.compile(r"//cdn-assets\.jawapos\.com|//static\.promediateknologi\.id")),
    _Network("disway", ("disway.id",), re.compile(r"//[\w.-]+\.disway\.id/(?:upload|assets)")),
)  # fmt: skip
_WORDPRESS_FILES = re.compile(r"""["'(][^"'()\s]*/wp-(?:content|includes)/""")


def recognise(named: Named, text: str, url: str, platforms: Mapping[str, Platform]) -> Recognised:
    """The platform of the site whose front page, at `url`, is `text`."""
    if named.rest_root is not None:
        return Recognised("wordpress", "the page links its REST interface")
    by_generator = next((each for each in named.generators if each.lower().startswith("wordpress")), None)
    if by_generator is not None:
        return Recognised("wordpress", f"generator {by_generator}")
    host = host_of(url).partition(":")[0]
    for network in _NETWORKS:
        pattern = platforms[network.platform].article
        fitting = sum(re.search(pattern or "", path_of(each.url)) is not None for each in named.anchors)
        domain = next((each for each in network.domains if host == each or host.endswith(f".{each}")), None)
        if domain is not None and fitting:
            return Recognised(
                network.platform, f"host of {domain}, {counted(fitting, 'link')} with its addresses"
            )
        if network.assets.search(text) and fitting >= LEAST:
            return Recognised(
                network.platform, f"its network's files, {counted(fitting, 'link')} with its addresses"
            )
    files = len(_WORDPRESS_FILES.findall(text))
    if files >= LEAST:
        return Recognised("wordpress", f"{counted(files, 'file')} of wp-content and wp-includes")
    if any("blogger" in each.lower() for each in named.generators):
        return Recognised(DEFAULT_PLATFORM, "generator Blogger, which has no platform file")
    return Recognised(DEFAULT_PLATFORM, "no sign of a known system")
