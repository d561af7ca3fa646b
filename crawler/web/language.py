"""The languages of the pages, and what each calls the months."""

from __future__ import annotations

from functools import cache
from typing import Final, Literal, get_args

Language = Literal["id", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)


@cache
def months(language: Language) -> tuple[str, ...]:
    """The months of a year, abbreviated as CLDR has them: what a clipping writes as a whole day, too."""
    from babel.dates import get_month_names  # most commands show no page

    names = get_month_names("abbreviated", "format", LOCALES[language])
    return tuple(names[number] for number in range(1, 13))


LOCALES: Final = {"id": "id", "en": "en_GB"}
"""Of babel: days before months."""
