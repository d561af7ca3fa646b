"""metrics.prom: held against the rules of Prometheus' text format."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from crawler.report import gauges
from crawler.report.model import Report
from tests.kit.reported import NOW, nothing_known, report

SAMPLE = re.compile(
    r'(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{source="(?P<source>(?:[^"\\\n]|\\[\\"n])*)"\})? (?P<value>\S+)'
)


def samples(text: str) -> dict[tuple[str, str | None], float]:
    """(Name, source) → value, of a text that keeps every rule of the format; else an AssertionError."""
    assert text.endswith("\n")
    found: dict[tuple[str, str | None], float] = {}
    helped: set[str] = set()
    typed: set[str] = set()
    current = ""
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# "):
            _, word, name, rest = line.split(" ", 3)
            assert rest
            seen = {"HELP": helped, "TYPE": typed}[word]
            assert name not in seen, "one HELP and one TYPE a name"
            seen.add(name)
            assert word == "HELP" or rest == "gauge"
            current = name
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample is not None, line
        assert sample["name"] == current, "all samples of a name stand in one group, below its TYPE"
        key = (sample["name"], sample["source"])
        assert key not in found
        found[key] = float(sample["value"])
    assert helped == typed >= {name for name, _ in found}
    return found


def of(given: Report, folder: Path) -> dict[tuple[str, str | None], float]:
    path = folder / "metrics.prom"
    gauges.write(given, path)
    return samples(path.read_text(encoding="utf-8"))


def test_a_source_has_ten_gauges(tmp_path: Path) -> None:
    """All known, all begin with our name and end with their unit."""
    found = of(report(), tmp_path)
    names = [name for name, source in found if source == "warta_pesisir"]
    assert len(names) == 10
    assert all(name.startswith("kabar_") for name in names)
    assert found["kabar_open_incidents", "warta_pesisir"] == 1
    assert found["kabar_latency_seconds", "warta_pesisir"] == 9 * 60
    assert found["kabar_last_success_timestamp_seconds", "warta_pesisir"] == (
        (NOW - timedelta(minutes=47)).timestamp()
    )
    assert 0.8 < found["kabar_coverage_ratio", "warta_pesisir"] < 0.9
    assert found["kabar_report_timestamp_seconds", None] == NOW.timestamp()
    assert found["kabar_machine_open_incidents", None] == 1


def test_what_is_not_known_has_no_sample(tmp_path: Path) -> None:
    """Null is no zero."""
    found = of(replace(report(), sources=(nothing_known("teras_sangatta", "Teras"),)), tmp_path)
    assert {name: value for (name, source), value in found.items() if source} == {
        "kabar_articles": 0,
        "kabar_open_incidents": 0,
    }


def test_any_name_is_a_label(tmp_path: Path) -> None:
    """Quotes, backslashes and line ends are escaped."""
    found = of(replace(report(), sources=(nothing_known('a"b\\c\nd', ""),)), tmp_path)
    assert ("kabar_articles", 'a\\"b\\\\c\\nd') in found
