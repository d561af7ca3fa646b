"""What charts say, in Indonesian and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from crawler.web.language import Language, months


@dataclass(frozen=True, slots=True)
class ChartWords:
    """What charts say, in one language. In braces stand the values."""

    language: Language
    of: str
    """How many of how many."""
    alone: str
    on: str
    """One of the two, on so many days."""
    without_list: str
    unseen: str
    one_day: str
    days: str
    stage: str
    """A stage and its days."""
    scale: str
    """Of delays, and its marks."""
    marks: tuple[str, str, str]
    """Ten minutes, two hours and a day."""
    stage_names: Mapping[str, str]
    """What stages of view `calendar` are called; one that is not here is called as it is there."""

    def stage_name(self, stage: str) -> str:
        """What a stage is called."""
        return self.stage_names.get(stage, stage)

    def short_month(self, day: date) -> str:
        """`Nov`."""
        return months(self.language)[day.month - 1]

    def month(self, day: date) -> str:
        """`Nov 2026`."""
        return f"{self.short_month(day)} {day.year}"

    def day(self, day: date) -> str:
        """`29 Nov 2026`."""
        return f"{day.day} {self.month(day)}"

    def number_of_days(self, number: int) -> str:
        """`1 day`, `2 days`."""
        return self.one_day if number == 1 else self.days.format(days=number)


ENGLISH: Final = ChartWords(
    language="en",
    of="{collected} of {published} articles",
    alone="{collected} articles",
    on="{what} on {days}",
    without_list="{what} without a count of its own",
    unseen="nobody looked",
    one_day="1 day",
    days="{days} days",
    stage="{stage}, {first} to {last}",
    scale="scale, a tenfold as wide as the next: {marks}",
    marks=("10 min", "2 h", "1 day"),
    stage_names={},
)
INDONESIAN: Final = ChartWords(
    language="id",
    of="{collected} dari {published} artikel",
    alone="{collected} artikel",
    on="{what} pada {days}",
    without_list="{what} tanpa daftar pembanding",
    unseen="tidak ada yang melihat",
    one_day="1 hari",
    days="{days} hari",
    stage="{stage}, {first} sampai {last}",
    scale="skala, tiap sepuluh kali lipat sama lebarnya: {marks}",
    marks=("10 mnt", "2 jam", "1 hari"),
    stage_names={
        "announcement of the registration": "pengumuman pendaftaran",
        "registration of candidates": "pendaftaran pasangan calon",
        "examination of candidates": "penelitian persyaratan calon",
        "determination of candidates": "penetapan pasangan calon",
        "campaign": "kampanye",
        "campaign advertising in the media": "iklan kampanye di media massa",
        "quiet days": "masa tenang",
        "vote": "pemungutan suara",
        "counting and recapitulation": "penghitungan dan rekapitulasi suara",
    },
)
CHART_WORDS: Final[Mapping[Language, ChartWords]] = {"id": INDONESIAN, "en": ENGLISH}
