"""The result of a look at a source's site, and how it is printed. `crawler.verify.look` does the looking."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass, field
from datetime import datetime

from crawler.console.tables import write
from crawler.console.text import counted, say
from crawler.ledger.model import LookResult

logger = logging.getLogger(__name__)

COLUMNS = ("what", "the file says", "the site says", "agrees", "what is done")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of the table. `agrees` null: nothing to compare with, or not looked at."""

    what: str
    file_says: str
    site_says: str
    agrees: bool | None = None
    done: str | None = None
    """How a crawl copes with a difference. Null: it need do nothing, or nothing helps."""

    @property
    def difference(self) -> str | None:
        """A short sentence about the disagreement and what is done about it; null where nothing differs."""
        if self.agrees is not False:
            return None
        what = self.what.strip()
        if self.file_says.startswith("http"):  # an address says which one is meant
            sentence = f"{what} {self.file_says}: {self.site_says}"
        else:
            sentence = f"{what}: {self.site_says}"
            sentence += f", the file says {self.file_says}" if self.file_says else ""
        return f"{sentence}; {self.done}" if self.done else sentence


@dataclass(slots=True)
class Look:
    """One look at one source."""

    source: str
    comparisons: list[Comparison] = field(default_factory=list)
    requests: int = 0
    """Requests that reached the network, redirects and robots.txt among them."""
    answered: bool = False
    """The site answered something, if only a refusal. If not, nothing was learned."""
    works: bool = False
    """An entry led to an article that reads well, or to articles that are all known already."""
    theme: str | None = None
    """The theme that its pages show. Null: none was named, or no page was looked at."""

    def add(
        self, what: str, file_says: str, site_says: str, agrees: bool | None = None, done: str | None = None
    ) -> None:
        """Note one comparison."""
        self.comparisons.append(Comparison(what, file_says, site_says, agrees, done))

    @property
    def differences(self) -> tuple[str, ...]:
        """What does not agree with the source file, a sentence each."""
        return tuple(sentence for each in self.comparisons if (sentence := each.difference))

    def result(self, at: datetime) -> LookResult:
        """What the ledger keeps of the look, which was taken at that moment."""
        return LookResult(at, self.works, self.differences, self.theme)

    def rows(self) -> list[tuple[str, ...]]:
        """The table, under COLUMNS."""
        words = {True: "yes", False: "NO", None: ""}
        return [
            (each.what, each.file_says, each.site_says, words[each.agrees], each.done or "")
            for each in self.comparisons
        ]


def log_look(look: Look) -> None:
    """Write the table of a first look into the log, a line for each row."""
    logger.info("first look at %s: %d requests", look.source, look.requests)
    for row in look.rows():
        logger.info("look: %s", " | ".join(row))


def print_look(look: Look) -> None:
    """Print the table of a first look on stderr: stdout is a feed's."""
    say(f"first look at {look.source}, {counted(look.requests, 'request')}:", sys.stderr)
    write("table", COLUMNS, look.rows(), sys.stderr)
