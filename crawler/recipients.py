"""The addresses of the setting NOTIFY: what each asks for, and how it is named where a secret would be read."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import Final, Literal
from urllib.parse import urlsplit

Way = Literal["command", "webhook", "mail", "apprise"]
_RECIPIENT: Final = re.compile(r"[^\s@<>,;:-][^\s@<>,;:]*(?:@[^\s@<>,;:]+)?")
_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*")


def addresses_of(value: str | Iterable[str]) -> list[str]:
    """The addresses of a list, or of a text: a comma parts them where the scheme of another follows.

    `ValueError` for the first that is none.
    """
    parted = re.split(r",\s*(?=[a-zA-Z][a-zA-Z0-9+.-]*:)", value) if isinstance(value, str) else value
    addresses = [address.strip() for address in parted if address.strip()]
    for address in addresses:
        way_of(address)
    return addresses


def way_of(address: str) -> Way:
    """How an address is told. `ValueError` where it is none."""
    scheme, colon, rest = address.partition(":")
    scheme = scheme.lower()
    if not colon or not _SCHEME.fullmatch(scheme) or not rest or not address.isprintable():
        raise ValueError("an address begins with command:, https://, mailto: or a scheme of Apprise")
    if scheme == "command":
        if not command_of(address):
            raise ValueError("no program is named")
        return "command"
    if scheme in ("http", "https"):
        if not urlsplit(address).hostname:
            raise ValueError("no host is named")
        return "webhook"
    if scheme == "mailto" and not rest.startswith("//"):  # mailto://USER:PASSWORD@HOST is Apprise's, by SMTP
        if not rest.isascii() or not _RECIPIENT.fullmatch(rest):
            raise ValueError("no mail address")
        return "mail"
    if not rest.startswith("//"):
        raise ValueError("an address of Apprise begins with SCHEME://")
    return "apprise"


def command_of(address: str) -> list[str]:
    """The program of a `command:` address and its arguments, by a shell's quotes and by nothing else of it."""
    return shlex.split(address.partition(":")[2])


def shown(address: str) -> str:
    """An address without what may be secret in it: tokens stand in paths, queries, users and arguments."""
    match way_of(address):
        case "command":
            return f"command {command_of(address)[0]}"
        case "webhook":
            return f"webhook {urlsplit(address).hostname}"
        case "mail":
            return address
        case "apprise":
            return f"{address.partition(':')[0].lower()}:// by Apprise"
