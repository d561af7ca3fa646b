"""A digest as one HTML page that can be mailed: its style stands on its elements, for mail programs drop what stands apart.

No script, no address but those of the articles. What a `<style>` adds is the dark, where a reader asks for it.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

from crawler.digest.address import address
from crawler.digest.model import Digest
from crawler.digest.words import Speech, Words
from crawler.web.templates import render

_INK, _QUIET, _LINE, _PAPER = "#1b1f24", "#57606a", "#d0d7de", "#ffffff"
_BAD, _LINK = "#a63603", "#0b5394"
_STYLES: Final = {
    "body": f"margin:0;padding:0;background:{_PAPER};color:{_INK};",
    "page": f"max-width:42rem;margin:0 auto;padding:16px;font:16px/1.5 system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,Helvetica,Arial,sans-serif;"
    f"color:{_INK};background:{_PAPER};overflow-wrap:break-word;word-wrap:break-word;",
    "h1": f"margin:0 0 4px;font-size:26px;line-height:1.2;font-weight:700;color:{_INK};",
    "h2": f"margin:32px 0 4px;padding:0 0 6px;border-bottom:2px solid {_INK};font-size:20px;line-height:1.3;font-weight:700;color:{_INK};",
    "h3": f"margin:18px 0 0;font-size:14px;line-height:1.4;font-weight:700;letter-spacing:.02em;color:{_QUIET};",
    "p": f"margin:4px 0;color:{_INK};",
    "quiet": f"margin:4px 0;font-size:14px;color:{_QUIET};",
    "hole": f"margin:14px 0 0;padding:8px 12px;border-left:4px solid {_BAD};color:{_INK};",
    "whole": f"margin:14px 0 0;padding:8px 12px;border-left:4px solid #0b6b50;color:{_INK};",
    "item": f"margin:0;padding:10px 0;border-bottom:1px solid {_LINE};",
    "title": "margin:0;font-size:17px;line-height:1.35;font-weight:600;",
    "link": f"color:{_LINK};text-decoration:underline;",
    "meta": f"margin:2px 0;font-size:13px;color:{_QUIET};",
    "mark": f"font-weight:700;color:{_BAD};",
    "text": f"margin:4px 0;color:{_INK};",
    "name": f"font-weight:700;background:#fff3c4;color:{_INK};",
    "del": f"color:{_BAD};text-decoration:line-through;",
    "ins": "color:#0b6b50;text-decoration:underline;font-weight:600;",
    "list": f"margin:8px 0;padding:0 0 0 20px;color:{_INK};",
    "point": "margin:6px 0;",
}
"""The style of each kind of element, in the light. The dark is in the template, under the same names."""


def as_html(digest: Digest, words: Words) -> str:
    """The page."""
    return render(
        "digest/page.html",
        {
            "digest": digest,
            "speech": Speech(digest, words),
            "words": words,
            "told": [topic for topic in digest.topics if not topic.is_empty],
            "silent": [topic for topic in digest.topics if topic.is_empty and topic.kind != "all"],
            "by_outlet": lambda items: [
                (source, list(group)) for source, group in groupby(items, key=lambda each: each.source)
            ],
            "address": address,
            "style": _STYLES,
        },
    )
