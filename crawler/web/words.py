"""Messages of a page in one language, out of a table with both."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.web.chart_words import CHART_WORDS
from crawler.web.language import Language

Messages = Mapping[str, tuple[str, str]]
"""Key → the message in Indonesian and in English; in braces stand the values."""


class Words:
    """The messages in one language: `words("found", n=3)`."""

    def __init__(self, messages: Messages, lang: Language) -> None:
        self.lang = lang
        self.charts = CHART_WORDS[lang]
        self._messages = messages
        self._place = 0 if lang == "id" else 1

    def __call__(self, key: str, **values: object) -> str:
        """The message of that key, with these values in it. A key without a message is an error."""
        return self._messages[key][self._place].format(**values)

    def has(self, key: str) -> bool:
        """Whether there is such a message."""
        return key in self._messages

    def or_plain(self, prefix: str, value: str) -> str:
        """The message for a value of the database; where there is none, the value, with spaces."""
        key = f"{prefix}{value}"
        return self(key) if self.has(key) else value.replace("_", " ")
