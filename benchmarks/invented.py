"""Invented articles for `benchmarks.dedupe`: an archive, and batches with planted copies. Standard library only.

Stories of the project's own seeds, recombined and edited by a fixed seed; a peer in an environment of its
own reads the same ones.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

SEEDS = Path(__file__).parents[1] / "tests" / "fixtures" / "seeds"
DAYS = 300
"""The archive's articles are spread over so many days, the batch's stand on the last."""
INVENTED = 100_000
"""So many articles are invented one by one; larger archives hold them several times."""
COPIES, REPRINTS, TEMPLATES = 100, 100, 100
"""So many of each batch are planted: copies of archived articles, reprints of them, prices of a day."""


@dataclass(frozen=True, slots=True)
class Told:
    """One article of a batch, and the number of the archived one that it was made of. Null: of none."""

    number: int
    text: str
    kind: Literal["copy", "reprint", "template", "news"]
    original: int | None = None


def peak_mb() -> float:
    """The most memory that this process has held, in MiB; `ru_maxrss` would count its parent's too."""
    (line,) = [
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    ]
    return int(line.split()[1]) / 1024


def archived(number: int) -> str:
    """The text of an archived article: every fiftieth is the gold price of a day."""
    return price_of(number) if number % 50 == 0 else text_of(number)


def batch(size: int, among: int, turn: int) -> Iterator[Told]:
    """A batch of the last day: copies and reprints of the days before, prices of other days, and news."""
    draw = random.Random(turn)
    recent = [number for number in range(min(among, INVENTED)) if number % DAYS > DAYS - 26 and number % 50]
    chosen = draw.sample(recent, COPIES + REPRINTS)
    for place in range(size):
        number = among + turn * size + place
        if place < COPIES:
            yield Told(number, edited(text_of(chosen[place]), number, 0.08), "copy", chosen[place])
        elif place < COPIES + REPRINTS:
            yield Told(number, reprinted(text_of(chosen[place]), place), "reprint", chosen[place])
        elif place < COPIES + REPRINTS + TEMPLATES:
            yield Told(number, price_of(number), "template")
        else:
            yield Told(number, text_of(number), "news")


@cache
def sentences() -> list[list[str]]:
    """The sentences of the seeds, as words."""
    texts = " ".join(path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt")))
    found = [sentence.split() for sentence in texts.replace("\n", " ").split(". ")]
    return [words for words in found if 6 <= len(words) <= 40]


def text_of(number: int) -> str:
    """A story of ten sentences, in each of which every third word is another: no two resemble each other."""
    draw = random.Random(number)
    told = []
    for words in draw.choices(sentences(), k=10):
        kept = [f"{draw.choice('bdgklmnprst')}{draw.randrange(1 << 20):x}a" if at % 3 == 2 else word
                for at, word in enumerate(words)]  # fmt: skip
        told.append(" ".join(kept))
    return ". ".join(told) + "."


def edited(text: str, seed: int, share: float) -> str:
    """The story with so many of its words, in one or two places, written otherwise."""
    draw, words = random.Random(seed), text.split()
    count = max(1, int(len(words) * share))
    first = draw.randrange(len(words) - count)
    return " ".join([*words[:first], *("diubah" for _ in range(count)), *words[first + count :]])


def reprinted(text: str, seed: int) -> str:
    """The story with three tenths added or cut."""
    words = text.split()
    part = int(len(words) * 0.3)
    if seed % 2:
        return " ".join(words[: len(words) - part])
    return f"{text} {' '.join(text_of(-1 - seed).split()[:part])}"


def price_of(day: int) -> str:
    """The gold price of a day: one template, other figures."""
    draw = random.Random(10_000_000 + day)
    figures = [f"{draw.randrange(1_000, 3_000)}.{draw.randrange(1000):03}" for _ in range(12)]
    rows = " ".join(f"Emas {weight} gram dijual Rp{price}." for weight, price in enumerate(figures, 1))
    return (
        f"Harga emas batangan di Pegadaian Bontang pada hari ke-{day} tercatat berubah dibanding hari sebelumnya. "
        f"{rows} Harga tersebut belum termasuk pajak sesuai ketentuan yang berlaku dan dapat berubah sewaktu-waktu "
        "mengikuti pergerakan pasar dunia, demikian keterangan resmi yang diterima redaksi pada pagi hari."
    )
