"""Addresses: one spelling of each, and one key for all the spellings of one article.

`canonical` is the address to show and to ask for; `address_key` is what two addresses of one article
have in common. What a redirect or a `<link rel=canonical>` says is `metadata`'s; this module sees
one string and knows nothing of the page behind it.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": "80", "https": "443"}

# What readers' clicks and share buttons add; none of them chooses another document.
_TRACKING = re.compile(
    r"(?:utm_\w*|fbclid|gclid|gbraid|wbraid|dclid|yclid|msclkid|igshid|igsh|mc_[ce]id|_ga|amp)$",
    re.IGNORECASE,
)
# `page=all` is the whole of the article whose address lacks it, so it is no other article.
_WHOLE_ARTICLE = {("page", "all"), ("showpage", "all"), ("outputtype", "amp")}

_HOST = re.compile(r"[\w.:%~-]+")
MAX_HOST_CHARS = 253
"""The domain name system has no longer names."""
_MOBILE_HOST = re.compile(r"^m\.(?=[^.]+\.[^.]*[a-z])")
_AMP_FIRST = re.compile(r"^/+amp(?=/|$)", re.IGNORECASE)
_AMP_LAST = re.compile(r"/amp(/?)$", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
# Browsers drop these three wherever they stand in an address.
_INVISIBLE = str.maketrans("", "", "\t\r\n")


def canonical(url: str) -> str:
    """The address without what does not choose a document: AMP, `m.`, `page=all`, tracking, fragment.

    Scheme, `www.`, the order of the query and a trailing slash stay as served. What is no web
    address is returned stripped. Idempotent; never raises.
    """
    parts = _split(url)
    if parts is None:
        return url.translate(_INVISIBLE).strip()
    host = _MOBILE_HOST.sub("", _netloc(parts))
    return urlunsplit((parts.scheme, host, _path(parts.path), _query(parts.query), ""))


def address_key(url: str) -> str:
    """What http, https, `www.`, slash, mobile and AMP spellings of one address share. Idempotent.

    Without scheme, `www.` and trailing slashes; a port other than 80 and 443 stays in the host.
    """
    clean = url.translate(_INVISIBLE).strip()
    parts = _split(canonical(clean if "://" in clean else f"http://{clean}"))
    if parts is None:
        return clean
    host = _bare_host(_netloc(parts))
    path = _ESCAPE.sub(lambda escape: escape[0].upper(), _path(parts.path)).rstrip("/")
    key = host + path + (f"?{parts.query}" if parts.query else "")
    return key or clean


def host_of(url: str) -> str:
    """The host as `Rules.hosts` spells it: lower case, without `www.`; a port only where it is unusual."""
    parts = _split(url.translate(_INVISIBLE).strip())
    return _bare_host(_netloc(parts)) if parts else ""


def _split(url: str) -> SplitResult | None:
    """The parts of a web address; null for anything else."""
    try:
        parts = urlsplit(url.translate(_INVISIBLE).strip())
        if parts.scheme not in _DEFAULT_PORTS or not _is_host(parts.hostname or ""):
            return None
        parts.port  # noqa: B018  (raises where the port is no number)
        return parts
    except ValueError:
        return None


def _is_host(name: str) -> bool:
    """Whether the name can be a host's: `..` is none, and would lead out of a folder named by it."""
    labels = name.removesuffix(".").split(".")
    return _HOST.fullmatch(name) is not None and all(labels) and len(name) <= MAX_HOST_CHARS


def _netloc(parts: SplitResult) -> str:
    """Host and unusual port, lower case; whoever's password stood before it is gone."""
    host = parts.netloc.rpartition("@")[2].lower()
    name, colon, port = host.rpartition(":")
    if colon and port in ("", _DEFAULT_PORTS[parts.scheme]):
        return name
    return host


def _bare_host(host: str) -> str:
    name, colon, port = host.rpartition(":")
    if colon and port in _DEFAULT_PORTS.values():
        host = name
    while host.startswith("www.") and host.count(".") > 1:
        host = host[len("www.") :]
    return _MOBILE_HOST.sub("", host) if host.startswith("m.") else host


def _path(path: str) -> str:
    """The path without AMP segments at either end; never empty."""
    path = quote(path, safe="/%:@!$&'()*+,;=~-._")
    while _AMP_FIRST.search(path):
        path = _AMP_FIRST.sub("", path, count=1)
    while _AMP_LAST.search(path):
        path = _AMP_LAST.sub(r"\1", path)
    return "/" + path.lstrip("/") if path.strip("/") else "/"


def _query(query: str) -> str:
    """The query without tracking, in its own order and spelling."""
    kept = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if pair and not _TRACKING.match(name) and (name.lower(), value.lower()) not in _WHOLE_ARTICLE:
            kept.append(quote(pair, safe="/%:@!$'()*+,;=~-._?[]"))
    return "&".join(kept)
