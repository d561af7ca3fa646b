"""Exit codes, and the errors that end a command or a request.

Errors of the store and the DATA_DIR are defined in `storage`."""

from __future__ import annotations

from collections.abc import Sequence

from scrapy.exceptions import IgnoreRequest

DONE, ATTENTION, WRONG_USE, BUSY = range(4)
"""Exit codes, as docs/commands.md has them."""


class ArgumentError(ValueError):
    """An argument is wrong; the message is one line that names it. `more`: lines that help to mend it."""

    def __init__(self, message: str, more: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.more = more


class Paused(IgnoreRequest):
    """The site is left alone for now; the link stays pending."""


class OffSite(IgnoreRequest):
    """An address led to a host that is not the source's."""

    def __init__(self, host: str, source: str) -> None:
        super().__init__(f"{host} is not a host of {source}")
        self.host = host


class PrivateHost(IgnoreRequest):
    """An address names this machine or its network, and ALLOW_PRIVATE_HOSTS does not."""


class TooLarge(IgnoreRequest):
    """The answer is larger than DOWNLOAD_MAXSIZE, as it came or unpacked. Asking again would not help."""


class Garbled(IgnoreRequest):
    """The answer cannot be unpacked."""


def reason_of(error: BaseException | None) -> str:
    """Why a request got no answer, in a few words, so that reasons can be counted."""
    return (str(error) if isinstance(error, IgnoreRequest) else "") or type(error).__name__
