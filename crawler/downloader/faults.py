"""What answers, and their absence, give away: who refuses, where the site went, a certificate that is no good.

Only notes; what follows from a refusal is decided by `crawler.downloader.access`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from scrapy.http import Response

from pipelines.address import host_of
from storage.crawls import Fault

SAYS_NO: Final = frozenset({401, 403, 429, 451})
"""Statuses by which a site, or what stands before it, keeps us out. A site that is down for a while (503) does not."""
IN_PLACE: Final = 3
"""So many answers of a service in the place of the site say that it keeps us out, even where entries are let through."""
_SIGNS: Final = (
    ("cf-mitigated", "Cloudflare"),
    ("x-datadome", "DataDome"),
    ("x-amzn-waf-action", "AWS WAF"),
    ("x-sucuri-block", "Sucuri"),
    ("x-iinfo", "Imperva"),
    ("x-px", "PerimeterX"),
    ("x-kpsdk-ct", "Kasada"),
)
"""Headers of services that stand before a site, and whose they are."""
_SERVERS: Final = (
    ("cloudflare", "Cloudflare"),
    ("akamaighost", "Akamai"),
    ("sucuri", "Sucuri"),
    ("imunify360", "Imunify360"),
    ("ddos-guard", "DDoS-Guard"),
    ("datadome", "DataDome"),
)
"""Beginnings of what such a service calls itself in `Server`: the site behind it may have refused as well."""
_CHALLENGES: Final = frozenset({"cf-mitigated", "x-amzn-waf-action"})
"""Headers that a service gives to its own page only: whatever the status, it is no answer of the site."""


def is_challenge(response: Response) -> bool:
    """Whether a service before the site answered in its place, whatever the status."""
    return any(name in response.headers for name in _CHALLENGES)


def refuser(response: Response) -> str:
    """Who refused, as far as the answer's headers say: the service and the header that names it; else the site itself."""
    for name, service in _SIGNS:
        if name in response.headers:
            return f"{service} ({name}: {_text(response, name)})"
    server = _text(response, "server")
    named = next((service for start, service in _SERVERS if server.lower().startswith(start)), None)
    return f"the site, or {named} before it (server: {server})" if named else "the site"


def _text(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")[:60]


def certificate_fault(response: Response, now: datetime) -> str | None:
    """What is wrong with the certificate that came with an answer: that it has ended. Null: nothing, or none came.

    Certificates are not verified: an outlet whose certificate ended goes on being recorded, and is named.
    """
    certificate = response.certificate
    if certificate is None:
        return None
    ends: bytes | None = certificate.original.get_notAfter()
    if ends is None:
        return None
    day = datetime.strptime(ends.decode("ascii"), "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    return f"the certificate of {host_of(response.url)} ended on {day:%Y-%m-%d}" if day < now else None


def is_of_tls(error: BaseException | None) -> bool:
    """Whether the two sides could not agree on an encrypted connection, which is why no answer came."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        reasons = getattr(error, "reasons", None) or ()
        if type(error).__module__.startswith("OpenSSL.") or any(
            is_of_tls(getattr(each, "value", None)) for each in reasons
        ):
            return True
        error = error.__cause__ or error.__context__
    return False


class Faults:
    """What one run has seen go wrong at its outlet's site."""

    def __init__(self) -> None:
        self.answers = 0
        """Answers of any status."""
        self.asked_in_vain = 0
        """Requests that got none, repetitions included."""
        self._refusal: str | None = None
        self._kept_out: str | None = None
        self._challenges = 0
        self._certificate: str | None = None
        self._moved_to: str | None = None
        self._other_page: str | None = None

    def answered(self, response: Response, now: datetime) -> None:
        """Note an answer, whatever it is."""
        self.answers += 1
        challenged = is_challenge(response)
        self._challenges += challenged
        if challenged or response.status in SAYS_NO:
            self._refusal = f"HTTP {response.status} at {response.url}, by {refuser(response)}"
        self._certificate = self._certificate or certificate_fault(response, now)

    def unanswered(self, host: str, error: BaseException) -> None:
        """Note that a request got no answer."""
        self.asked_in_vain += 1
        if is_of_tls(error):
            self._certificate = self._certificate or f"no encrypted connection with {host} ({error})"

    def led_away(self, host: str) -> None:
        """Note that a document of the site led to a host that is not the source's."""
        self._moved_to = self._moved_to or host

    def answered_otherwise(self, url: str) -> None:
        """Note that a page came in the place of a list of articles, as though all were well."""
        self._other_page = self._other_page or url

    def kept_out(self, refusal: str) -> None:
        """Note that nothing was asked for, since the site refused it before."""
        self._kept_out = refusal

    def fault(self, pause: str | None, is_read: bool) -> tuple[Fault | None, str | None]:
        """What stood in the run's way, the first that applies, and in words; null: nothing that was seen.

        `pause`: why the site is left alone, null where it is not. `is_read`: an entry led to articles.
        """
        if pause is not None:
            return "refused", f"{pause}: {self._refusal}" if self._refusal else pause
        if self._refusal and (self._challenges >= IN_PLACE or not is_read):
            return "refused", self._refusal
        if self._kept_out and not is_read:
            return "refused", self._kept_out
        if self._moved_to and not is_read:
            return "moved_host", f"the site leads to {self._moved_to}"
        if self._certificate:
            return "certificate", self._certificate
        if self._other_page and not is_read:
            return "other_page", f"{self._other_page} is no list of articles any more"
        if self.asked_in_vain and not self.answers:
            return "unanswered", "no request got an answer"
        return None, None
