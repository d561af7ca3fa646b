"""A WordPress REST collection of posts (`/wp-json/wp/v2/posts`): one JSON array a page, newest first.

The same document holds the whole articles; reading those is `pipelines.read`'s, which is told by
`Page.take` which of them are wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from crawler.catalogue.model import Entry, Source
from crawler.discovery import markup, urls
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from pipelines import wordpress
from pipelines.article import Link, Page

PER_PAGE = 100
"""The most that WordPress gives."""
EMBED = "author,wp:term,wp:featuredmedia"
FIELDS = (
    "id,date,date_gmt,modified_gmt,slug,status,type,link,title,content,excerpt,author,categories,tags,"
    "featured_media,_links,_embedded"
)
"""All that reading needs: without it Yoast and its like more than double every answer."""
LOOK_FIELDS = "id,link,date_gmt,modified_gmt"
_CLOSED = frozenset({401, 403})
_PAST_THE_END = "rest_post_invalid_page_number"
_POSTS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[|\{\s*\"\d+\"\s*:)\s*\{")
_WHOLE = re.compile(r"\s*https?://", re.IGNORECASE)
_GMT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?")


def first(url: str, window: Window) -> str:
    """The address of the first page of the posts of a window."""
    asked: dict[str, str] = {"per_page": str(PER_PAGE), "page": "1"}
    if window.since is not None:
        # `after` excludes the instant itself.
        asked["after"] = _utc(window.since, window.timezone, timedelta(seconds=-1))
    if window.until is not None:
        # A day more than asked: old cores compare the UTC text with the site's own time.
        asked["before"] = _utc(window.until, window.timezone, timedelta(days=2))
    return _with_query(url, asked | {"_embed": EMBED, "_fields": FIELDS})


def changed(url: str, since: datetime) -> str:
    """The address that names the posts changed since an instant, whenever they were published.

    WordPress before 5.7 does not know the question and names the newest.
    """
    instant = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    asked = {"per_page": str(PER_PAGE), "page": "1", "modified_after": instant, "orderby": "modified"}
    return _with_query(url, asked | {"_fields": LOOK_FIELDS})


def look(url: str, ids: Sequence[str]) -> str:
    """The address that says when these posts were last changed, a hundred at most; gone ones are absent."""
    return _of_ids(url, ids, {"_fields": LOOK_FIELDS})


def whole(url: str, ids: Sequence[str]) -> str:
    """The address of these posts as a whole, a hundred at most."""
    return _of_ids(url, ids, {"_embed": EMBED, "_fields": FIELDS})


def _of_ids(url: str, ids: Sequence[str], asked: dict[str, str]) -> str:
    return _with_query(url, {"include": ",".join(ids), "per_page": str(PER_PAGE)} | asked)


def read(page: Page, source: Source, entry: Entry, window: Window) -> Found | Unusable:
    """The posts of one page of the collection, and the address of the next."""
    try:
        data = wordpress.answer(page.body)
    except (ValueError, RecursionError) as error:
        if page.status < 400 and isinstance(error, ValueError) and _POSTS.match(page.body):
            return Unusable("JSON that is cut short or damaged", is_cut=True)
        return Unusable(f"HTTP {page.status}, no JSON")
    url = page.url or entry.url
    number, size = _asked_number(url, "page", 1), _asked_number(url, "per_page", 10)
    back = _with_query(url, {"page": str(number - 1)}) if number > 1 else None
    code = data.get("code") if isinstance(data, dict) else None
    if code == _PAST_THE_END:
        return Found(total=(number - 1) * size if back else None, back=back)
    if page.status >= 400:
        said = markup.plain(code) if isinstance(code, str) else None
        # A firewall's refusal may pass, but it is no JSON with a code of WordPress's.
        is_closed = said is not None and page.status in _CLOSED
        return Unusable(f"HTTP {page.status}" + (f", {said}" if said else ""), is_closed)
    if not isinstance(data, list):
        return Unusable("JSON, but no list of posts")
    posts = [each for each in data if isinstance(each, dict) and isinstance(each.get("link"), str)]
    if data and not posts:
        return Unusable("a JSON list, but not of posts")
    shared = wordpress.shared_links(posts)
    named = [link for post in posts for link in _links(post, page, source, entry, shared)]
    links = tuple(dict.fromkeys(named))
    last, total = _count(page, "X-WP-TotalPages"), _count(page, "X-WP-Total")
    # Where a proxy has taken the headers away, or they are another answer's (a cache's), a full page means
    # that there may be another.
    full = len(data) >= size
    is_denied = full and total is not None and not len(data) <= total <= number * size
    goes_on = full if last is None or is_denied else number < last
    return Found(
        links=links,
        more=(_with_query(url, {"page": str(number + 1)}),) if goes_on else (),
        skipped=len(data) - len(links),
        total=total if total is None or total >= len(data) else None,
        back=back,
        hidden=_refused_authors(posts),
        items=len(named),
    )


def _refused_authors(posts: Sequence[dict[str, Any]]) -> str | None:
    """That the site names no author of any post and gives an error in their place, as its plugins have it do."""
    embedded = [each["_embedded"] for each in posts if isinstance(each.get("_embedded"), dict)]
    authors = [each for group in embedded for each in (group.get("author") or ()) if isinstance(each, dict)]
    codes = [each["code"] for each in authors if isinstance(each.get("code"), str)]
    if not codes or any(each.get("name") for each in authors):
        return None
    return f"the authors of its posts are refused ({markup.plain(codes[0])})"


def _links(
    post: dict[str, Any], page: Page, source: Source, entry: Entry, shared: Set[str]
) -> Iterator[Link]:
    """The link of one post, where it is on the source's own host. WordPress prints it whole."""
    number = wordpress.number_of(post) if isinstance(post.get("id"), int) else None
    link = wordpress.address_of_post(post["link"], number, shared) or post["link"]
    url = urls.absolute(link, page.url or entry.url)
    if url is None or not source.owns(url) or not _WHOLE.match(link):
        return
    yield Link(
        url=url,
        source=source.name,
        entry=entry.kind,
        title=markup.plain(_rendered(post.get("title"))),
        published=_gmt(post.get("date_gmt")),
        modified=_gmt(post.get("modified_gmt")),
        platform_id=number,
        tags=_names(post, "wp:term", "post_tag"),
        authors=_names(post, "author", None),
    )


def _gmt(value: object) -> str | None:
    """WordPress writes UTC without saying so. A year 0 stands for a draft's missing date."""
    match = _GMT.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[1].startswith("0000"):
        return None
    return match[1] + (match[2] or "Z")


def _rendered(value: object) -> str | None:
    text = value.get("rendered") if isinstance(value, dict) else value
    return text if isinstance(text, str) else None


def _names(post: dict[str, Any], relation: str, taxonomy: str | None) -> tuple[str, ...]:
    """The names of what is embedded in a post: its authors, or its terms of one taxonomy."""
    embedded = post.get("_embedded")
    groups = embedded.get(relation) if isinstance(embedded, dict) else None
    if not isinstance(groups, list):
        return ()
    things = [each for group in groups for each in (group if isinstance(group, list) else [group])]
    names = [
        markup.plain(each["name"])
        for each in things
        if isinstance(each, dict) and isinstance(each.get("name"), str) and each.get("taxonomy") == taxonomy
    ]
    return tuple(dict.fromkeys(name for name in names if name is not None))


def _count(page: Page, header: str) -> int | None:
    value = (page.header(header) or "").strip()
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None


def _asked_number(url: str, name: str, default: int) -> int:
    value = dict(parse_qsl(urlsplit(url).query)).get(name, "")
    return int(value) if re.fullmatch(r"[1-9][0-9]{0,6}", value) else default


def _with_query(url: str, asked: dict[str, str]) -> str:
    parts = urlsplit(url)
    now = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in now if name not in asked]
    query = urlencode([*kept, *asked.items()], safe="/:,", quote_via=quote)
    return urlunsplit(parts._replace(query=query, fragment=""))


def _utc(day: date, zone: str, later: timedelta) -> str:
    local = datetime.combine(day, time(), ZoneInfo(zone))
    try:
        return (local.astimezone(UTC) + later).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return "9999-12-31T23:59:59Z" if later > timedelta() else "0001-01-01T00:00:00Z"
