"""What any text becomes in a TOML file of ours: itself, and nothing more."""

from __future__ import annotations

import tomllib
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from crawler.catalogue.write_toml import as_toml, comment, literal, toml_value

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXTS)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    """Quotes, backslashes, line ends and control characters included, in either spelling."""
    read = tomllib.loads(f"a = {toml_value(text)}\nb = {literal(text)}\n")
    assert read == {"a": text, "b": text}


@given(TEXTS)
def test_a_comment_ends_with_its_line(text: str) -> None:
    """Whatever it holds, it is a comment and no key."""
    assert tomllib.loads(f"a = 1  {comment(text)}\nb = 2\n") == {"a": 1, "b": 2}


@given(st.lists(TEXTS))
def test_a_list_comes_back_as_it_was(texts: list[str]) -> None:
    """On one line or on many."""
    assert tomllib.loads(as_toml({"a": texts})) == {"a": texts}


def test_null_is_left_out_and_a_day_is_a_day() -> None:
    """A key without a value is none; half a character is a replacement mark."""
    values = {"none": None, "day": date(2024, 11, 20), "many": 3, "true": True, "half": "\ud800"}
    read = tomllib.loads(as_toml(values))
    assert read == {"day": date(2024, 11, 20), "many": 3, "true": True, "half": "\ufffd"}
