"""The source file of a site that was looked at, with the evidence for each line, and its default name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit, urlunsplit

from crawler.catalogue.model import EntryKind
from crawler.catalogue.write_toml import comment, literal, toml_value
from crawler.probe.region import WIB, Region, Zone
from pipelines.address import host_of

_SECOND_LEVEL = frozenset({"ac", "biz", "co", "com", "desa", "go", "my", "net", "or", "sch", "web"})


@dataclass(frozen=True, slots=True)
class Way:
    """An entry that works. `pages`: the template of its numbered pages; null: its documents link the next."""

    kind: EntryKind
    url: str
    evidence: str
    pages: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The content of a source file. Null or empty: nothing supports the value, and it is not written."""

    title: str
    home: str
    platform: str
    platform_from: str
    region: tuple[Region, str] | None = None
    timezone: Zone | None = None
    clock: Zone | None = None
    """Only where it differs from what platform and `timezone` give."""
    brands: tuple[str, ...] = ()
    title_suffixes: tuple[str, ...] = ()
    article: str | None = None
    ways: tuple[Way, ...] = ()
    """Null entries: the platform's serve."""
    missing: tuple[str, ...] = ()
    """What could not be found."""


def name_of(url: str) -> str:
    """A source's name made of a host: `kaltim_suara` of kaltim.suara.com, `mediakaltim` of mediakaltim.co.id."""
    labels = [each for each in re.split(r"[.:]", host_of(url)) if each]
    if len(labels) > 1 and not labels[-1].isdigit():
        labels.pop()
        if len(labels) > 1 and labels[-1] in _SECOND_LEVEL:
            labels.pop()
    return re.sub(r"[^a-z0-9]+", "_", "_".join(labels)).strip("_")


def source_file(draft: Draft, day: date) -> str:
    """The file as text. A site's words cannot leave their string or comment."""
    zone = draft.timezone or Zone(WIB, "NOTHING on the site says so: check it, it decides the outlet's day")
    lines = [
        comment(
            f"Written by scrapy probe, {day.isoformat()}. Every line is what the site seemed to say: check it."
        ),
        *(comment(f"Not found: {each}") for each in draft.missing),
        f"title = {toml_value(draft.title)}",
        f"home = {toml_value(draft.home)}",
    ]
    if draft.region is not None:
        region, evidence = draft.region
        lines += [_line("region", toml_value(region.name), evidence)]
        lines += [f"province = {toml_value(region.province)}"] if region.province else []
    lines += [_line("timezone", toml_value(zone.name), zone.evidence)]
    lines += [_line("clock", toml_value(draft.clock.name), draft.clock.evidence)] if draft.clock else []
    lines += [_line("platform", toml_value(draft.platform), draft.platform_from), 'status = "inferred"']
    lines += [f"brands = {toml_value(draft.brands)}"] if draft.brands else []
    lines += [f"title_suffixes = {toml_value(draft.title_suffixes)}"] if draft.title_suffixes else []
    lines += [_line("article", literal(draft.article), "of the addresses seen")] if draft.article else []
    for way in draft.ways:
        lines += ["", f"[[entry]]  {comment(way.evidence)}", f"kind = {toml_value(way.kind)}"]
        lines += [f"url = {toml_value(_at(draft.home, way.url))}"]
        lines += [f"pages = {toml_value(_at(draft.home, way.pages))}"] if way.pages else []
    return "\n".join(lines) + "\n"


def _line(key: str, value: str, evidence: str) -> str:
    return f"{key} = {value}  {comment(evidence)}"


def _at(home: str, url: str) -> str:
    """An address as a source file has it: relative to the site's root where it is on its host."""
    parts, here = urlsplit(url), urlsplit(home)
    if (parts.scheme, parts.netloc) != (here.scheme, here.netloc):
        return url
    return urlunsplit(parts._replace(scheme="", netloc="")) or "/"
