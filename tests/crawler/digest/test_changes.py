"""What an edit did to the words."""

from __future__ import annotations

from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.digest.changes import MOST, pieces
from crawler.digest.model import Piece

BEFORE = "Ketua kelompok nelayan mengatakan sebanyak 48 perahu untuk sementara ditambatkan.\nIa pulang."


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (BEFORE, []),
        (BEFORE.replace("48", "50"), ["kelompok nelayan mengatakan sebanyak [-48-] [+50+] perahu untuk sementara ditambatkan."]),
        (BEFORE.replace("Ia", "Hamzah"), ["perahu untuk sementara ditambatkan. [-Ia-] [+Hamzah+] pulang."]),
        (f"Ralat:\n{BEFORE}", ["[+Ralat:+] Ketua kelompok nelayan mengatakan"]),
        (BEFORE.replace(" untuk sementara", ""), ["mengatakan sebanyak 48 perahu [-untuk sementara-] ditambatkan. Ia pulang."]),
        (BEFORE.replace("48 perahu untuk sementara", "50 kapal untuk selamanya"),
         ["kelompok nelayan mengatakan sebanyak [-48 perahu untuk sementara-] [+50 kapal untuk selamanya+] ditambatkan. Ia pulang."]),
        ("", [f"[-{' '.join(BEFORE.split())}-]"]),
    ],
)  # fmt: skip
def test_words_that_gave_way_to_others(after: str, found: list[str]) -> None:
    """With four words around them; changes that lie close together are one."""
    shown, more = pieces("Judul", BEFORE, "Judul", after)
    assert [each.marked for each in shown] == found
    assert more == 0


def test_a_title_comes_first() -> None:
    """Whole, the old one and the new one."""
    shown, _ = pieces("Judul Lama", BEFORE, "Judul Baru", BEFORE)
    assert shown == (Piece("", "Judul Lama", "Judul Baru", ""),)


def test_nothing_is_known_of_a_version_that_is_not_kept() -> None:
    assert pieces(None, None, "Judul", BEFORE) == ((), 0)


def test_more_changes_than_are_shown_are_counted() -> None:
    """And a long text is compared in no time."""
    old = [f"kata{n}" for n in range(3000)]
    new = [f"lain{n}" if n % 100 == 50 else word for n, word in enumerate(old)]
    begun = monotonic()
    shown, more = pieces("J", " ".join(old), "J", " ".join(new))
    assert (len(shown), more) == (MOST, 25)
    pieces("J", "a b " * 50_000, "J", "b a " * 50_000)
    assert monotonic() - begun < 20


WORDS = st.lists(st.sampled_from(["a", "b", "c", "\n"]), max_size=12).map(" ".join)


@given(WORDS, WORDS)
def test_what_is_said_to_have_gone_stood_there(before: str, after: str) -> None:
    """And what is said to have come stands there now."""
    shown, more = pieces("J", before, "J", after)
    assert bool(shown) == (before.split() != after.split())
    for each in shown:
        assert each.removed in " ".join(before.split())
        assert each.added in " ".join(after.split())
    assert more >= 0
