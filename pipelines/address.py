"""Addresses: one spelling of each, and one key for all the spellings of one article.

`canonical` is the address to show and to ask for; `address_key` is what two addresses of one article
have in common. What a redirect or a `<link rel=canonical>` says is `facts.gather`'s; this module sees
one string and knows nothing of the page behind it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": "80", "https": "443"}

# What readers' clicks and share buttons add, and what systems without cookies know a visitor by; none of them
# chooses another document.
_TRACKING = re.compile(
    r"(?:utm_\w*|fbclid|gclid|gclsrc|gad_\w+|gbraid|wbraid|dclid|yclid|msclkid|ttclid|twclid|srsltid|igshid|igsh|mc_[ce]id"
    r"|mkt_tok|_hsenc|_hsmi|_gl|_ga|_ga_\w+|__twitter_impression)$",
    re.IGNORECASE,
)
# A session has the name of one, and a value without words: outlets name stories in parameters of every name. So has `amp`.
_SESSION = re.compile(
    r"(?:phpsessid|jsessionid|aspsessionid\w*|asp\.net_sessionid|cfid|cftoken|sessionid|session_id|sessid"
    r"|ci_session\w*|oscsid|xtcsid|zenid|amp)$",
    re.IGNORECASE,
)
# PHP-Nuke's `sid` is the story's number, `s` what is searched for, others' the session's: that is long, and no number.
_MAYBE_SESSION = frozenset({"s", "sid", "sess", "session"})
_TOKEN = re.compile(r"(?=[0-9]*[a-z])(?=.*[0-9])[a-z0-9,-]{22,}", re.IGNORECASE)
_WORD = re.compile(r"(?=[a-z]*[aiueo])(?=[a-z]*[^aiueo])[a-z]+", re.IGNORECASE)
_MIN_WORD_CHARS = 3
_MIN_STEM_CHARS = 5
"""Of a word that figures stand beside, as in `banjir2024`: random signs have shorter runs, or change often."""
_MOST_RUNS = 5
_HEX = re.compile(r"[0-9a-f]+", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sessionid|sid)=([^/;]*)|/\(S\([a-z0-9]{24}\)\)(?=/)", re.IGNORECASE
)
# `page=all` is the whole of the article whose address lacks it, so it is no other article.
_WHOLE_ARTICLE = {("page", "all"), ("showpage", "all"), ("outputtype", "amp")}

_HOST = re.compile(r"[\w.:%~-]+")
MAX_HOST_CHARS = 253
"""The domain name system has no longer names."""
_MOBILE = r"m\.(?=[^.]+\.[^.]*[a-z])"
_MOBILE_HOST = re.compile(rf"^(?:{_MOBILE})+")
_ANY_FRONT = re.compile(rf"^(?:www\.(?=[^.]*\.)|{_MOBILE})+")
_AMP_FIRST = re.compile(r"^(?:/+amp(?=/|$))+", re.IGNORECASE)
_AMP = "/amp"
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
# Browsers drop these three wherever they stand in an address.
_INVISIBLE = str.maketrans("", "", "\t\r\n")


@lru_cache(maxsize=1024)
def canonical(url: str) -> str:
    """The address without what does not choose a document: AMP, `m.`, `page=all`, tracking, sessions, fragment.

    Scheme, `www.`, the order of the query and a trailing slash stay as served. What is no web
    address is returned stripped. Idempotent; never raises.
    """
    parts = _split(url)
    if parts is None:
        return url.translate(_INVISIBLE).strip()
    host = _MOBILE_HOST.sub("", _netloc(parts))
    return urlunsplit((parts.scheme, host, _path(parts.path), _query(parts.query), ""))


@lru_cache(maxsize=1024)
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


_AMPERSAND = re.compile(r"&(?:(?:amp|#0*38|#x0*26);)+", re.IGNORECASE)


def unescaped(url: str) -> str:
    """The address with `&` for `&amp;` and `&#038;`, which stay in it where a system escapes twice."""
    return _AMPERSAND.sub("&", url) if "&" in url else url


def joined(base: str | None, href: str) -> str:
    """The address that a page's `href` means; empty where it means none, however broken it is."""
    try:
        return urljoin(base or "", href.strip())
    except ValueError:
        return ""


@lru_cache(maxsize=1024)
def host_of(url: str) -> str:
    """The host as `Rules.hosts` spells it: lower case, without `www.`; a port only where it is unusual."""
    parts = _split(url.translate(_INVISIBLE).strip())
    return _bare_host(_netloc(parts)) if parts else ""


def is_front(url: str) -> bool:
    """Whether the address is a host's front page."""
    parts = urlsplit(canonical(url))
    return parts.path in ("", "/", "/index.php", "/index.html") and not parts.query


def _split(url: str) -> SplitResult | None:
    """The parts of a web address; null for anything else."""
    try:
        parts = urlsplit(unescaped(url.translate(_INVISIBLE).strip()))
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
    if not colon or not port.isdigit():
        name, port = (name, "") if colon and not port else (host, "")
    name = _ascii(name).removesuffix(".")
    return f"{name}:{port}" if port and port != _DEFAULT_PORTS[parts.scheme] else name


def _ascii(host: str) -> str:
    """A host as it is asked for: letters beyond ASCII in the spelling of the domain name system."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _bare_host(host: str) -> str:
    name, colon, port = host.rpartition(":")
    if colon and port in _DEFAULT_PORTS.values():
        host = name
    return _ANY_FRONT.sub("", host)


def _path(path: str) -> str:
    """The path without a visitor's session, and without AMP segments at either end; never empty."""
    path = quote(path, safe="/%:@!$&'()*+,;=~-._", errors="replace")
    path = _SESSION_IN_PATH.sub(lambda found: found[0] if _is_slug(found[1] or "") else "", path)
    path = _AMP_FIRST.sub("", path)
    bare = path.removesuffix("/")
    end = len(bare)
    while bare[max(0, end - len(_AMP)) : end].lower() == _AMP:
        end -= len(_AMP)
    path = bare[:end] + path[len(bare) :]
    return "/" + path.lstrip("/") if path.strip("/") else "/"


def _query(query: str) -> str:
    """The query without tracking and sessions, in its own order and spelling."""
    kept = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if pair and not _names_visitor(name, value) and (name.lower(), value.lower()) not in _WHOLE_ARTICLE:
            kept.append(quote(pair, safe="/%:@!$'()*+,;=~-._?[]", errors="replace"))
    return "&".join(kept)


def _names_visitor(name: str, value: str) -> bool:
    """Whether a parameter says who asks, or where from, and not for what."""
    if _TRACKING.match(name):
        return True
    if _SESSION.match(name):
        return not _is_slug(value)
    return name.lower() in _MAYBE_SESSION and _TOKEN.fullmatch(value) is not None and not _has_words(value)


def _has_words(value: str) -> bool:
    """Whether somebody can read in a value: `harga-beras-naik`, `banjir2024`; not `o4kv9uqfh3rnm1c1`."""
    return not _UUID.fullmatch(value) and any(map(_is_word, _pieces(value)))


def _is_slug(value: str) -> bool:
    """Whether a value is the name of a story: words, small or with a capital, with something between them."""
    pieces = _pieces(value)
    is_small = all(piece in (piece.lower(), piece.capitalize()) for piece in pieces)
    return is_small and not _UUID.fullmatch(value) and sum(map(_is_word, pieces)) > 1


def _pieces(value: str) -> list[str]:
    return re.split(r"%[0-9a-f]{2}|[^a-z0-9]", value, flags=re.IGNORECASE)


def _is_word(piece: str) -> bool:
    if piece.isalpha():
        return len(piece) >= _MIN_WORD_CHARS and _WORD.fullmatch(piece) is not None
    runs = re.findall(r"[a-z]+|[0-9]+", piece, re.IGNORECASE)
    if len(runs) > _MOST_RUNS or _HEX.fullmatch(piece):
        return False
    return any(len(run) >= _MIN_STEM_CHARS and _WORD.fullmatch(run) for run in runs)
