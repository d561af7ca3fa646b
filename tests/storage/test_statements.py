"""SQL of our own, as every DuckDB that is allowed understands it."""

from __future__ import annotations

import re

from tests.kit.running import CHECKOUT

_UNTYPED = re.compile(r"unnest\((?:\?|\$\w+)\)")


def test_a_list_given_to_a_statement_says_its_type() -> None:
    """DuckDB 1.5 takes an empty list of no type for one of integers, and no article_id for one."""
    found = [
        f"{path.relative_to(CHECKOUT)}: {each}"
        for package in ("crawler", "storage")
        for path in (CHECKOUT / package).rglob("*.py")
        for each in _UNTYPED.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []
