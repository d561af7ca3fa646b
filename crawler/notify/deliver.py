"""The ways to an address: a program, a webhook, the mailer of this machine, Apprise.

Each raises `Undelivered` with a few words that hold no part of the address. None waits longer than `PATIENCE_S` for
one address, but Apprise, which has its own limits.
"""

from __future__ import annotations

import base64
import logging
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from crawler import __version__
from crawler.notify.notice import Notice, spelt
from crawler.recipients import Way, command_of

PATIENCE_S: Final = 30
INSTALL: Final = 'this address needs Apprise: pip install "kabar[notify]"'
_MAILERS: Final = "/usr/sbin:/usr/lib:/usr/local/sbin"
"""Where sendmail is, besides PATH, which cron makes short."""


class Undelivered(Exception):
    """A notice reached nobody; the message says why."""


def by_command(notice: Notice, address: str) -> None:
    """Run the program with the notice as JSON on stdin; it has to end with 0."""
    _run(command_of(address), spelt(notice))


def by_mail(notice: Notice, address: str) -> None:
    """Hand a mail to sendmail, which every mailer of a Unix machine has."""
    program = shutil.which("sendmail", path=f"{os.environ.get('PATH', '')}:{_MAILERS}")
    if program is None:
        raise Undelivered("this machine has no sendmail")
    recipient = address.partition(":")[2]
    message = EmailMessage()
    message["Subject"] = notice.subject
    message["To"] = recipient
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday note answers it
    message.set_content(notice.text + "\n", cte="quoted-printable")
    _run([program, "-i", "--", recipient], bytes(message))


def _run(words: Sequence[str], given: bytes) -> None:
    """Run a program. What it prints is nobody's: it may repeat what is secret."""
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise Undelivered(
            f"it cannot be run: {getattr(error, 'strerror', None) or 'no such name'}"
        ) from error
    try:
        process.communicate(given, PATIENCE_S)
    except subprocess.TimeoutExpired as error:
        raise Undelivered(f"it had not ended after {PATIENCE_S} s") from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode:
        raise Undelivered(f"it ended with {process.returncode}")


class _NoRedirect(HTTPRedirectHandler):
    """A redirected POST would come as a GET, at an address that nobody gave."""

    def redirect_request(self, *_: object) -> None:
        return None


def by_webhook(notice: Notice, address: str) -> None:
    """POST the notice as JSON; the answer has to be a 2xx."""
    parts = urlsplit(address)
    headers = {"Content-Type": "application/json", "User-Agent": f"Kabar/{__version__}"}
    user, at, host = parts.netloc.rpartition("@")
    if at:
        headers["Authorization"] = f"Basic {base64.b64encode(unquote(user).encode()).decode('ascii')}"
    try:
        request = Request(
            parts._replace(netloc=host, fragment="").geturl(), spelt(notice), headers, method="POST"
        )
        with build_opener(_NoRedirect).open(request, timeout=PATIENCE_S):
            pass
    except HTTPError as error:
        error.close()
        raise Undelivered(f"it answered {error.code}") from error
    except URLError as error:
        raise Undelivered(_why(error.reason)) from error
    except (OSError, HTTPException, ValueError) as error:
        raise Undelivered(_why(error)) from error


def _why(error: object) -> str:
    """What an error says where that is the system's words; else its kind, for others repeat the address."""
    if isinstance(error, TimeoutError):
        return f"no answer within {PATIENCE_S} s"
    words = getattr(error, "strerror", None) if isinstance(error, OSError) else None
    return str(words or type(error).__name__)


def by_apprise(notice: Notice, address: str) -> None:
    """Tell it as Apprise tells that address."""
    try:
        import apprise
    except ImportError as error:
        raise Undelivered(INSTALL) from error
    with _hushed("apprise", "urllib3", "requests"):
        messenger = apprise.Apprise()
        if not messenger.add(address):
            raise Undelivered("Apprise knows no such address")
        try:
            was_told = messenger.notify(
                title=notice.subject, body=notice.text, body_format=apprise.NotifyFormat.TEXT
            )
        except Exception as error:  # of one of its hundred services, in whose words the address may stand
            raise Undelivered(f"Apprise failed: {type(error).__name__}") from error
        if not was_told:
            raise Undelivered("Apprise could not deliver it")


@contextmanager
def _hushed(*names: str) -> Iterator[None]:
    """Keep what these log out of our log: addresses stand in it."""
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.setLevel(level)
            logger.propagate = propagate


WAYS: Final[Mapping[Way, Callable[[Notice, str], None]]] = {
    "command": by_command,
    "webhook": by_webhook,
    "mail": by_mail,
    "apprise": by_apprise,
}
