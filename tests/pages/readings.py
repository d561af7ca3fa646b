"""Guards the version of the reading code: what every frozen page reads like is written down in `pipelines/readings.toml`.

    python -m tests.pages.readings      (make readings)

writes it down anew. A page has two digests: of all that it is read by and from (its bytes and hints, the
rules, the libraries), and of its reading. Where the first is the same and the second is not, our code reads
otherwise than before, and CODE_VERSION must tell the two apart: else the next crawl takes our change for
the outlet's edit, and `scrapy reprocess` finds nothing to do. So readings of a version that was released
are never written down otherwise; which versions were, CHANGELOG.md says. A new page, another rule and
another library need no other version: the first two are no change of the code, and of rules and libraries
`rules_version` knows itself.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.catalogue.model import Catalogue
from crawler.testing.case import catalogue, load, names
from pipelines import rules
from pipelines.article import Article, Document, Page, Rejected
from pipelines.read import read
from pipelines.rules import Rules, digest, installed_libraries
from storage.reprocess import FACTS
from tests.pages.cases import PAGES

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "pipelines" / "readings.toml"
CHANGELOG = ROOT / "CHANGELOG.md"
SITES = ROOT / "tests" / "fixtures" / "sites"
RECORDED_AT = datetime(2024, 11, 20, 2, 0, tzinfo=UTC)

_HEAD = """\
# What the frozen pages read like by this version of the code: a digest of what each is read by and from, and one
# of its reading. Written by `make readings`; the test tests/pages/test_readings.py holds it against the code.

"""
_RELEASED = re.compile(r"^## \[[^\]]+\] - \d{4}-\d\d-\d\d$")
_READING_VERSION = re.compile(r"^Reading version (\w+)[.:]", re.MULTILINE)
_UNRELEASED = "## [Unreleased]\n"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Readings:
    """The pages by one version of the code."""

    version: str
    pages: dict[str, str]
    """Page → two digests: of what it is read by and from, of its reading."""

    def changed(self, other: Readings) -> list[str]:
        """The pages that read otherwise, although all that they are read by is the same."""
        both = {
            name: (self.pages[name].split(), other.pages[name].split())
            for name in self.pages
            if name in other.pages
        }
        return [
            name for name, (ours, theirs) in both.items() if ours[0] == theirs[0] and ours[1] != theirs[1]
        ]


# --- what is the case -----------------------------------------------------------------------------


def todays(root: Path = PAGES, sites: Path = SITES) -> Readings:
    """What every frozen and every recorded page reads like now."""
    cases = {name: _digests([(load(name, root).page, load(name, root).rules)]) for name in names(root)}
    hosts = {
        f"sites/{folder.name}": _digests(_recorded(folder, catalogue(root)))
        for folder in sorted(sites.glob("*/"))
    }
    return Readings(rules.CODE_VERSION, {**cases, **hosts})


def kept(path: Path = KEPT) -> Readings:
    """What is written down; nothing of no version where there is no file."""
    found = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    return Readings(found.get("version", ""), found.get("pages", {}))


def versions_of(changelog: str) -> tuple[frozenset[str], frozenset[str]]:
    """(The reading versions that were released, those that are yet to be), as the parts of a CHANGELOG name them."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for part in re.split(r"^(?=## )", changelog, flags=re.MULTILINE):
        found[_RELEASED.match(part.partition("\n")[0]) is not None] |= set(_READING_VERSION.findall(part))
    return frozenset(found[True]), frozenset(found[False] - found[True])


def _digests(pages: list[tuple[Page, Rules]]) -> str:
    asked = [[_stated(asdict(page)), asdict(by), installed_libraries()] for page, by in pages]
    found = [[_said(result) for result in read(page, by)] for page, by in pages]
    return f"{digest(asked)} {digest(found)}"


def _stated(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a page states: a field that it leaves empty may as well not exist yet."""
    return {
        name: _stated(value) if isinstance(value, dict) else value for name, value in values.items() if value
    }


def _said(result: Article | Rejected) -> list[object]:
    """What would be another row if it were otherwise; by which rules it was read, and words for people, are no part of it."""
    if isinstance(result, Rejected):
        return [result.url, result.reason, result.retry, result.day, result.status]
    return [result.fingerprint, *(getattr(result, name) for name in FACTS)]


def _recorded(folder: Path, sources: Catalogue) -> list[tuple[Page, Rules]]:
    """The pages and REST answers of a recorded host, by its source's rules."""
    source = sources.by_url(f"https://{folder.name}/")
    by = source.rules_on(RECORDED_AT.date()) if source else Rules(source=folder.name)
    return [(page, by) for page in _pages(folder, by.source)]


def _pages(folder: Path, source: str) -> Iterator[Page]:
    kinds: dict[str, tuple[Document, str]] = {
        ".html": ("page", "text/html"),
        ".json": ("rest", "application/json"),
    }
    for path in sorted(folder.rglob("*")):
        if path.suffix in kinds:
            document, kind = kinds[path.suffix]
            url = f"https://{folder.name}/{path.relative_to(folder).as_posix().removesuffix('index.html')}"
            headers = (("Content-Type", f"{kind}; charset=UTF-8"),)
            yield Page(url, source, RECORDED_AT, 200, headers, path.read_bytes(), document)


# --- what is to be done ---------------------------------------------------------------------------


def why_not_written(before: Readings, now: Readings, released: frozenset[str]) -> str | None:
    """Why these readings may not be written down in the place of those before. Null: they may."""
    changed = before.changed(now)
    if not changed or before.version != now.version or now.version not in released:
        return None
    more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
    return (
        f"{', '.join(changed[:_SHOWN])}{more} read otherwise than by version {now.version}, which is released.\n"
        f'Write in pipelines/rules.py: CODE_VERSION = "{_next(now.version)}"\n'
        f"Then: make readings"
    )


def objection(before: Readings, now: Readings, changelog: str) -> str | None:
    """What must be done before these readings are good. Null: nothing."""
    released, unreleased = versions_of(changelog)
    if why := why_not_written(before, now, released):
        return why
    if before != now:
        return (
            f"pipelines/readings.toml is not what the pages read like by version {now.version} with "
            f"{', '.join(' '.join(each) for each in installed_libraries().items())}.\nWrite it anew: make readings"
        )
    if now.version not in released | unreleased:
        return f"CHANGELOG.md does not name reading version {now.version}.\nLet it be written there: make readings"
    return None


def named(changelog: str, version: str) -> str:
    """The CHANGELOG with the version in its unreleased part, unless it stands in it already."""
    if version in frozenset().union(*versions_of(changelog)):
        return changelog
    line = f"Reading version {version}: some pages are read otherwise; `scrapy reprocess` brings what is stored up to date.\n"
    return re.sub(
        re.escape(_UNRELEASED) + r"(?:\nReading version [^\n]*\n)?",
        f"{_UNRELEASED}\n{line}",
        changelog,
        count=1,
    )


def as_text(readings: Readings) -> str:
    """The file that holds them."""
    lines = [f'"{name}" = "{digests}"\n' for name, digests in readings.pages.items()]
    return f'{_HEAD}version = "{readings.version}"\n\n[pages]\n{"".join(lines)}'


def _next(version: str) -> str:
    return str(int(version) + 1) if version.isdigit() else f"{version}+1"


def main(path: Path = KEPT, changelog: Path = CHANGELOG, now: Readings | None = None) -> int:
    """Write today's readings down; 1 where a released version's would be written otherwise."""
    now = now or todays()
    before, text = kept(path), changelog.read_text("utf-8")
    if why := why_not_written(before, now, versions_of(text)[0]):
        print(why, file=sys.stderr)
        return 1
    path.write_text(as_text(now), "utf-8")
    changelog.write_text(named(text, now.version), "utf-8")
    print(f"{path}: {len(now.pages)} pages by version {now.version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
