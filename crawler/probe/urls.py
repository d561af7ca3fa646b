"""Addresses that follow from others: the front page of a host, the posts of a REST interface."""

from __future__ import annotations

from urllib.parse import parse_qs, urljoin, urlsplit

from pipelines.address import address_key


def front_of(url: str) -> str:
    """The front page of an address's host; a password in it is nobody's business."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"


def collection_of(root: str) -> str:
    """The address of the posts below a REST root, whether its links are plain or not."""
    if "rest_route" in parse_qs(urlsplit(root).query):
        return f"{root.rstrip('/')}/wp/v2/posts"
    return urljoin(root if root.endswith("/") else f"{root}/", "wp/v2/posts")


def plain(url: str) -> str:
    """An address less what makes no other document of it on WordPress."""
    return address_key(url.replace("/index.php?", "/?"))
