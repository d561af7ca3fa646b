"""A control month with Lebaran in it: nothing is broken, and nothing is raised."""

from __future__ import annotations

import pytest

from tests.kit.control import raised


def test_a_month_with_lebaran_raises_nothing() -> None:
    """Two dozen outlets, a report a day."""
    assert raised(seed=1, outlets=24) == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 8))
def test_a_month_of_all_outlets_raises_nothing(seed: int) -> None:
    """Six such months of 72 outlets each."""
    assert raised(seed, outlets=72) == []
