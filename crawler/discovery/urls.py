"""Addresses in discovery documents: what they resolve to, whose they are, and whether an article's.

How addresses of one article become one is decided in `pipelines`; here they are only told apart from
menus, tags, other outlets and rubbish.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urldefrag, urljoin, urlsplit

from crawler.discovery import markup
from pipelines.address import unescaped

NOT_ARTICLES = frozenset({
    "about", "amp", "author", "category", "cetak", "contact", "feed", "foto", "galeri", "gallery", "index", "indeks",
    "kanal", "kategori", "kontak", "page", "penulis", "photo", "photos", "print", "privacy", "redaksi", "rss",
    "search", "tag", "tags", "tentang", "topic", "topik", "video", "videos", "wp-admin", "wp-content",
    "wp-json",
})  # fmt: skip
"""Path segments (whole ones: a substring test once lost an outlet) that no article's address has."""

_HOUSE_PAGE = re.compile(
    r"(?:tentang|hubungi)-kami|pedoman-(?:pemberitaan|media)(?:-[a-z]+)*|kebijakan-privasi|privacy-policy"
    r"|kode-etik(?:-(?:jurnalistik|wartawan|perusahaan|internal))*|(?:susunan-|box-|tim-)redaksi"
    r"|(?:syarat|ketentuan)-dan-(?:ketentuan|syarat)|disclaimer|(?:info|pasang|tarif)-iklan|sitemap"
)
_YEAR_AND_MONTH = re.compile(r"/20\d\d/(?:0[1-9]|1[0-2])(?:/|$)")
_PLAIN_PERMALINK = re.compile(r"(?:^|&)p=(\d+)(?:&|$)")
_ERRAND = re.compile(r"(?:^|&)(?:replytocom|share|print)=|(?:^|&)tmpl=component(?:&|$)", re.IGNORECASE)
"""What a reader can do with an article: answer a comment, share it, print it. Its own address stands beside."""
_FILES = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|zip|docx?|xlsx?|css|js|xml|ico)$", re.IGNORECASE)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_MIN_WORDS = 4


def split(url: str) -> SplitResult | None:
    """The parts of an http(s) address; null for anything else, however broken."""
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018  (raises where the port is no number)
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def absolute(href: str, page: str, from_root: bool = False) -> str | None:
    """The http(s) address an `href` on `page` means, without its fragment; null when it means none.

    One with half a character in it, as JSON can spell, means none: it can neither be asked for nor kept.
    One without its scheme, or with a broken one, means the host that it begins with where that is the page's own or
    a `www.`; of one that was escaped twice the `&` is meant.
    With `from_root` a relative one starts at the site's root, whatever the page: ANTARA prints
    `terkini/2` on /terkini/2 and means /terkini/2.
    """
    href = _with_scheme(unescaped(re.sub(r"[\t\r\n]", "", href.strip())), page)
    if not href or href.startswith("#") or markup.SURROGATES.search(href):
        return None
    if from_root and not _SCHEME.match(href) and href[0] not in "/?":
        href = f"/{href}"
    try:
        url = urldefrag(urljoin(page, href)).url.strip()
    except ValueError:
        return None
    return url if split(url) is not None else None


_HALF_SCHEME = re.compile(r"(?:(?P<scheme>https?)(?::/*|/{2,})|:?/{2,})?(?=[^/?#:])", re.IGNORECASE)


_MEANT_SO = re.compile(r"https?://(?!/)|/(?!//)|[#?]", re.IGNORECASE)
_WWW = re.compile(r"www\.[\w-]+(?:\.[\w-]+)+")


def _with_scheme(href: str, page: str) -> str:
    """`www.contoh.id/a`, `https:/www.contoh.id/a` and `http//www.contoh.id/a` as the addresses that are meant."""
    if _MEANT_SO.match(href):
        return href
    match, site = _HALF_SCHEME.match(href), split(page)
    if match is None or site is None:
        return href
    rest = href[match.end() :]
    host = re.split(r"[/?#:]", rest, maxsplit=1)[0].lower()
    bare = (site.hostname or "").removeprefix("www.")
    is_own = "." in bare and (host == bare or host.endswith(f".{bare}"))
    if not (is_own or _WWW.fullmatch(host)):
        return href
    return f"{(match['scheme'] or site.scheme).lower()}://{rest}"


def post_id(url: str) -> str | None:
    """The post's number in a WordPress plain permalink, `/?p=123`; null for any other address."""
    parts = split(url)
    match = _PLAIN_PERMALINK.search(parts.query) if parts is not None else None
    return match[1] if match is not None else None


def looks_like_article(url: str) -> bool:
    """Whether an address of an unknown site looks like an article's.

    It has a year and month in its path, or its last segment has four hyphenated words, or it is a
    plain permalink; and none of its segments is that of a list, a tag, a feed or a house page.
    """
    parts = split(url)
    if parts is None:
        return False
    segments = _segments(parts)
    if not segments:
        return _PLAIN_PERMALINK.search(parts.query) is not None
    if _is_house_page(segments):
        return False
    words = [word for word in re.sub(r"\.html?$", "", segments[-1]).split("-") if word]
    if len(words) >= _MIN_WORDS:
        return True
    # /2024/11/ and /2024/11/18/ are archives: an article has a name behind its date.
    return _YEAR_AND_MONTH.search(parts.path) is not None and not segments[-1].isdigit()


def is_listed_article(url: str) -> bool:
    """Whether an address that a feed or a sitemap lists can be an article's: anything but a house page.

    Laxer than `looks_like_article`, for a one-word slug in a feed is an article too. The bare front
    page is none (feeds were seen that gave it for every item).
    """
    parts = split(url)
    if parts is None:
        return False
    segments = _segments(parts)
    if not segments:
        return _PLAIN_PERMALINK.search(parts.query) is not None
    return not _is_house_page(segments)


def is_errand(url: str) -> bool:
    """Whether the address asks for something to be done with an article, not for the article."""
    parts = split(url)
    return parts is not None and _ERRAND.search(parts.query) is not None


def _segments(parts: SplitResult) -> list[str]:
    path = re.sub(r"/index\.(?:html|php)$", "", parts.path.lower())
    return [segment for segment in path.split("/") if segment]


def _is_house_page(segments: Sequence[str]) -> bool:
    last = segments[-1]
    return (
        not NOT_ARTICLES.isdisjoint(segments)
        or _FILES.search(last) is not None
        or _HOUSE_PAGE.fullmatch(last) is not None
    )
