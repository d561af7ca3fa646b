"""Addresses of articles, as far as a digest may lead to them: pages of the web, and nothing that ends where it stands."""

from __future__ import annotations

import re
from typing import Final

_OUTSIDE: Final = re.compile(r"[^A-Za-z0-9/:.?&=#%~,;@!$+_\[\]-]")


def address(url: str | None) -> str | None:
    """The address with every other sign as %XX; null where it is none of the web."""
    if not url or not url.startswith(("http://", "https://")):
        return None
    return _OUTSIDE.sub(
        lambda sign: "".join(f"%{byte:02X}" for byte in sign[0].encode("utf-8", "replace")), url
    )
