"""The peers of `benchmarks.extraction`, in an environment of their own: what they pin does not suit ours.

    python benchmarks/peers.py newspaper4k|news-please < PAGES > ANSWERS

PAGES is a JSON object a line, with `url` and `html` (base64); ANSWERS as many lines, each null or an object
with `text`, `title`, `authors` and `date` (ISO 8601, with its offset where the peer keeps one). Imports
nothing of the project.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

Answer = dict[str, Any]


def newspaper4k(url: str, html: str) -> Answer:
    """newspaper4k, told that the language is Indonesian."""
    from newspaper import Article

    found = Article(url, language="id")
    found.download(input_html=html)
    found.parse()
    return {"text": found.text, "title": found.title, "authors": found.authors, "date": found.publish_date}


def news_please(url: str, html: str) -> Answer:
    """news-please, as it is."""
    from newsplease import NewsPlease

    found = NewsPlease.from_html(html, url=url)
    return {
        "text": found.maintext,
        "title": found.title,
        "authors": found.authors,
        "date": found.date_publish,
    }


PEERS: dict[str, Callable[[str, str], Answer]] = {"newspaper4k": newspaper4k, "news-please": news_please}


def main() -> None:
    """Answer page by page; a page that a peer fails on is null."""
    peer = PEERS[sys.argv[1]]
    answers, sys.stdout = sys.stdout, sys.stderr  # what a peer prints is not an answer
    for line in sys.stdin:
        page = json.loads(line)
        try:
            answer = peer(page["url"], base64.b64decode(page["html"]).decode("utf-8", "replace"))
        except Exception as error:
            print(f"{page['url']}: {type(error).__name__}: {error}")
            answer = None
        print(json.dumps(answer, default=_spell), file=answers, flush=True)


def _spell(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


if __name__ == "__main__":
    main()
