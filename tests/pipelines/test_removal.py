"""Whether an article is there, by what looks at it saw."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.removal import Look, Removal, Saw, Standing, removals_of, standing_of
from tests.kit.factories import MORNING


def looks(story: str) -> list[Look]:
    """Looks told as `+0 -25 -50`: an article found at 0 hours, missed at 25 and 50; `!` missed, by one look's word."""
    saw: dict[str, Saw] = {"+": "article", "-": "missing", "!": "removed"}
    return [Look(MORNING + timedelta(hours=float(each[1:])), saw[each[0]]) for each in story.split()]


def spans(*hours: tuple[float, float | None]) -> tuple[Removal, ...]:
    def at(hour: float) -> object:
        return MORNING + timedelta(hours=hour)

    return tuple(Removal(at(start), None if end is None else at(end)) for start, end in hours)  # type: ignore[arg-type]


CASES: dict[str, tuple[str, Standing, tuple[Removal, ...]]] = {
    "never missed": ("+0 +6 +72", "there", ()),
    "one bad night": ("+0 -25 -26 -33 +34", "there", ()),
    "missed once": ("+0 -25", "missing", ()),
    "missed for most of a day": ("+0 -25 -48.9", "missing", ()),
    "missed a day later still": ("+0 -25 -49", "removed", spans((25, None))),
    "the first of the looks counts": ("+0 -25 -26 -50 -122", "removed", spans((25, None))),
    "found in between": ("+0 -25 +30 -49 -50", "missing", ()),
    "back": ("+0 -25 -50 +60 +90", "back", spans((25, 60))),
    "gone twice": ("+0 -25 -50 +60 -100 -130", "removed", spans((25, 60), (100, None))),
    "gone, back, missed": ("+0 -25 -50 +60 -100", "missing", spans((25, 60))),
    "missed before it was ever there": ("-0 -30 +40", "there", ()),
    "never there": ("-0 -30", "missing", ()),
    "one look's word of before": ("+0 !25", "removed", spans((25, None))),
    "one look's word of before, and back": ("+0 !25 +26", "back", spans((25, 26))),
    "found and missed at one moment": ("+0 -25 -50 +50", "back", spans((25, 50))),
    "no look": ("", "there", ()),
}


@pytest.mark.parametrize(("story", "standing", "removals"), CASES.values(), ids=CASES)
def test_two_looks_a_day_apart_make_a_removal(
    story: str, standing: Standing, removals: tuple[Removal, ...]
) -> None:
    """One look proves nothing, and what is found again is not removed."""
    assert (standing_of(looks(story)), removals_of(looks(story))) == (standing, removals)


@pytest.mark.parametrize("story", ["+0 -25 -50 +60", "+0 -25 +30 -55"])
def test_the_order_in_which_looks_are_told_does_not_matter(story: str) -> None:
    """Segments are merged in whatever order, and twice."""
    told = looks(story)
    assert {removals_of([*each, each[0]]) for each in permutations(told)} == {removals_of(told)}


@given(
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["article", "missing", "removed"])), max_size=12)
)
def test_removals_follow_one_another(told: list[tuple[int, Saw]]) -> None:
    """Each ends before the next begins, and only the last is open."""
    found = removals_of([Look(MORNING + timedelta(hours=hour), saw) for hour, saw in told])
    assert all(each.back_at is not None for each in found[:-1])
    ends = [at for each in found for at in (each.gone_from, each.back_at) if at is not None]
    assert ends == sorted(ends)
