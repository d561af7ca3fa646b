"""Whether a site lets us in: what it refuses, how long it asks us to wait, when it falls silent, and what follows.

A refusal is an answer. An entry that is refused is closed for a week; where robots.txt, the home page or
three articles in a row are refused, the source is *restricted*: it is left alone, and asked again with
one request after six hours, a day, then every week. Nothing here asks for anything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler

from crawler.catalogue.model import Entry, Source
from crawler.downloader.faults import Faults
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import Closed, ClosedEntry, Pause
from pipelines.address import address_key, host_of
from storage.crawls import Fault

logger = logging.getLogger(__name__)
REFUSED = frozenset({401, 403, 451})
"""Statuses that say no."""
OVERLOADED = frozenset({429, 503})
"""Statuses that say: not now."""
AGAIN_AFTER = (timedelta(hours=6), timedelta(days=1), timedelta(weeks=1))
"""When a restricted source is asked again; the last holds for good."""
CLOSED_FOR = timedelta(weeks=1)
"""How long an entry that was refused, or is not there, is not asked for."""
IN_A_ROW = 3
"""Articles that are refused one after the other before the whole source counts as restricted."""
OVERLOADED_FOR = timedelta(hours=1)
"""How long a site is left alone that answers articles in a row with OVERLOADED and names no time."""
MAX_WAIT = timedelta(days=1)
"""A longer Retry-After is taken for a slip: a source must not be lost to it."""
GUESSES_A_DAY = 2
"""Addresses of a host that are tried without being named anywhere: some hosts stop answering clients that guess."""
TOO_MANY_GUESSES = f"a guess, and {GUESSES_A_DAY} were made today"
TRIAL = "kabar_trial"
"""Marks, in a request's meta, the one request that a restricted source is asked."""
ARTICLE = "kabar_article"
"""Marks, in a request's meta, one for an article's page."""


class Access:
    """What one crawl may still ask of its source's site.

    `now`: the crawl's clock. `silence_s`: how long a site may leave requests without any answer.
    `on_stop` is called with one line when nothing more is asked in this run.
    """

    def __init__(
        self,
        source: Source,
        ledger: Ledger,
        now: Callable[[], datetime],
        silence_s: float,
        on_stop: Callable[[str], None],
    ) -> None:
        self.source = source
        self._ledger = ledger
        self._now = now
        self._silence_s = silence_s
        self._on_stop = on_stop
        self.faults = Faults()
        """What goes wrong at the site in this run."""
        self._pause_held: Pause | None = None
        """Why the site itself keeps us out. Null: it does not."""
        self.why: str | None = None
        """Why nothing more is asked in this run. Null: the site may be asked."""
        self._articles = (0, 0)
        """The kind of refusal of the last articles (1 refused, 2 overloaded), and how many there were in a row."""
        self._heard = monotonic()
        self._asked_in_vain = 0
        self._guessed: set[str] = set()

    # --- the whole site -----------------------------------------------------------------------------

    def begin(self) -> str | None:
        """Begin the run: the address of the one request that is due for a restricted source.

        Null: the site may be asked, unless `why` says otherwise.
        """
        pause = self._ledger.sites.pause_of(self.source.name)
        if pause is None:
            return None
        if not holds(pause, self.source, self._now()):
            self._ledger.sites.resume(self.source.name)
            return None
        if _is_ahead(pause, self._now()):
            self._stop(pause)
            return None
        return pause.url

    def tried(self, status: int | None) -> None:
        """Note the answer to that one request; null: no answer came, so nothing is known of the site's opinion."""
        pause = self._ledger.sites.pause_of(self.source.name)
        if pause is None:
            return
        is_clear = status is not None and status < 500 and status not in OVERLOADED
        if is_clear and status not in REFUSED:
            self._ledger.sites.resume(self.source.name)
            logger.info("%s: not restricted any more", self.source.name)
            return
        asked = pause.asked + (1 if is_clear else 0)
        after = AGAIN_AFTER[min(asked, len(AGAIN_AFTER) - 1)]
        self._pause(replace(pause, asked=asked, until=self._now() + after))

    def answered(self, url: str, status: int) -> None:
        """Note the site's answer to a request for this address, after all redirects and repetitions."""
        self._heard, self._asked_in_vain = monotonic(), 0
        if status in REFUSED and host_of(url) == host_of(self.source.home):
            if url.endswith("/robots.txt"):
                self._restrict(url, f"robots.txt: HTTP {status}")
            elif address_key(url) == address_key(self.source.home):
                self._restrict(url, f"front page: HTTP {status}")

    def article_answered(self, url: str, status: int) -> None:
        """Note the answer to an article's address, repetitions included."""
        if 300 <= status < 400:
            return  # what it leads to is the answer; and "not modified" is none to a question of ours
        kind = 1 if status in REFUSED else 2 if status in OVERLOADED else 0
        last, number = self._articles
        self._articles = (kind, number + 1 if kind == last else 1)
        if not kind or self._articles[1] < IN_A_ROW:
            return
        why = f"{IN_A_ROW} articles in a row: HTTP {status}"
        if kind == 1:
            self._restrict(url, why)
        else:
            self.wait(url, OVERLOADED_FOR.total_seconds(), why)

    def unanswered(self, host: str, asked_at: float) -> None:
        """Note that a request, begun at this monotonic second, got no answer, repetitions included."""
        self._heard = max(self._heard, asked_at) if not self._asked_in_vain else self._heard
        self._asked_in_vain += 1
        silent_s = monotonic() - self._heard
        if self._asked_in_vain > 1 and silent_s >= self._silence_s:
            self.stop(
                f"{self.source.name}: {host} has not answered for {silent_s:.0f} s; the rest stays pending"
            )

    def wait(self, url: str, seconds: float, why: str) -> None:
        """Leave the site alone for so long, as it asks."""
        now = self._now()
        until = now + min(timedelta(seconds=min(seconds, MAX_WAIT.total_seconds())), MAX_WAIT)
        if self.why is None:
            self._pause(Pause("waiting", url, why, now, 0, until))

    def stop(self, line: str) -> None:
        """Ask nothing more in this run; the next one begins as usual."""
        if self.why is None:
            self.why = line
            self._on_stop(line)

    def _restrict(self, url: str, why: str) -> None:
        if self.why is None:
            now = self._now()
            self._pause(Pause("restricted", url, why, now, 0, now + AGAIN_AFTER[0]))

    def _pause(self, pause: Pause) -> None:
        self._ledger.sites.pause(self.source.name, pause)
        self._stop(pause)

    def _stop(self, pause: Pause) -> None:
        name, self._pause_held = self.source.name, pause
        line = f"{name}: {sentence_of(pause)}"
        self.stop(f"{line}; scrapy sources {name} --retry asks sooner")

    def fault(self, is_read: bool) -> tuple[Fault | None, str | None]:
        """What stood in the way of this run, and in words. `is_read`: an entry led to articles."""
        return self.faults.fault(sentence_of(self._pause_held) if self._pause_held else None, is_read)

    # --- its entries ----------------------------------------------------------------------------------

    def refused(self, entry: Entry, status: int, what: Closed = "entry") -> None:
        """Close an entry that answered with REFUSED, or only the kind of question (`what`)."""
        self._close(entry, f"HTTP {status}", what)

    def absent(self, entry: Entry, reason: str) -> None:
        """Close an entry that is not there, while another led to articles."""
        self._close(entry, reason)

    def kept_out(self) -> None:
        """Note that this run could ask for no entry: where the site refused one before, it refuses still."""
        closed = self._ledger.sites.closed_entries(self.source.name, self._now())
        refusals = {f"HTTP {status}" for status in REFUSED}
        refused = next((each for each in closed if each.what == "entry" and each.reason in refusals), None)
        if refused is not None:
            self.faults.kept_out(
                f"{refused.reason} at {refused.url}, not asked again before {refused.until:%Y-%m-%d}"
            )

    def found(self, entry: Entry) -> None:
        """Note that an entry led to articles: it is no guess any more."""
        if entry.is_guess:
            self._ledger.sites.confirm_guess(host_of(entry.url), entry.url)

    def closed(self, entry: Entry, what: Closed = "entry") -> ClosedEntry | None:
        """Why, and until when, an entry is closed to all questions, or to one kind of them; null: it is not."""
        closed = self._ledger.sites.closed_entries(self.source.name, self._now())
        return next((each for each in closed if (each.url, each.what) == (entry.url, what)), None)

    def admit(self, entry: Entry, on_demand: bool = False) -> str | None:
        """Let this run ask for an entry, and count it where it is a guess; else why not. Null: it is let.

        `on_demand`: closed entries are let, too.
        """
        if not on_demand and (found := self.closed(entry)) is not None:
            return f"{found.reason}, not asked again before {found.until:%Y-%m-%d}"
        if not entry.is_guess or entry.url in self._guessed:
            return None
        if not self._ledger.sites.take_guess(
            host_of(entry.url), entry.url, self._now().date(), GUESSES_A_DAY
        ):
            return TOO_MANY_GUESSES
        self._guessed.add(entry.url)
        return None

    def _close(self, entry: Entry, reason: str, what: Closed = "entry") -> None:
        until = self._now() + CLOSED_FOR
        self._ledger.sites.close_entry(self.source.name, entry.url, reason, until, what)
        logger.info("%s: %s, not asked again before %s", entry, reason, until.date())


_accesses: WeakKeyDictionary[Crawler, Access] = WeakKeyDictionary()


def register_access(crawler: Crawler, access: Access) -> None:
    """From now on the crawler's downloader asks no more than `access` lets it."""
    _accesses[crawler] = access


def access_of(crawler: Crawler) -> Access | None:
    """What the crawler may ask of its source's site. Null: nothing holds it back, as in a replay."""
    return _accesses.get(crawler)


def is_ending(crawler: Crawler) -> bool:
    """Whether the run is coming to its end."""
    engine = crawler.engine
    return engine is not None and engine._slot is not None and engine._slot.closing is not None


def holds(pause: Pause, source: Source, now: datetime) -> bool:
    """Whether the source is still left alone: a wait ends by itself, a restriction by an answer to a trial.

    An answer of another host does not count for a source that has moved since.
    """
    return source.owns(pause.url) and (pause.kind == "restricted" or _is_ahead(pause, now))


def _is_ahead(pause: Pause, now: datetime) -> bool:
    """Whether its end lies ahead; an end too far ahead comes from a clock that was put back since."""
    longest = MAX_WAIT if pause.kind == "waiting" else AGAIN_AFTER[-1]
    return now < pause.until <= now + 2 * longest


def sentence_of(pause: Pause) -> str:
    """A pause in words, for the user."""
    until = f"{pause.until:%Y-%m-%d %H:%M} UTC"
    if pause.kind == "waiting":
        return f"asked to wait ({pause.reason}), until {until}"
    return f"restricted since {pause.since:%Y-%m-%d} ({pause.reason}), asked again after {until}"
