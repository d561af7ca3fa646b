"""A recorded WordPress collection answers REST's parameters as WordPress does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

JSON_TYPE = "application/json; charset=UTF-8"
WordPressAnswer = tuple[int, dict[str, str], bytes]
"""(Status, headers, body)."""
PAGING = frozenset({"after", "before", "modified_after", "include", "page", "per_page", "_embed", "_fields",
                     "orderby", "order"})  # fmt: skip


def page_of(posts: list[dict[str, Any]], query: Mapping[str, str]) -> WordPressAnswer:
    """What WordPress answers for these parameters, newest post first."""
    try:
        wanted = [post for post in posts if _within(post, query)]
    except ValueError:  # a bound that is no date, such as one whose + was not escaped
        return _refused("rest_invalid_param")
    wanted.sort(key=lambda post: str(post["date"]), reverse=True)
    if "include" in query:
        ids = set(query["include"].split(","))
        wanted = [post for post in wanted if str(post["id"]) in ids]
    size, number = _whole(query.get("per_page"), 10), _whole(query.get("page"), 1)
    pages = -(-len(wanted) // size)
    headers = {
        "Content-Type": JSON_TYPE,
        "X-WP-Total": str(len(wanted)),
        "X-WP-TotalPages": str(pages),
    }
    if number > max(1, pages):
        return _refused("rest_post_invalid_page_number")
    shown = wanted[(number - 1) * size : number * size]
    if "_fields" in query:
        names = set(query["_fields"].split(","))
        shown = [{name: value for name, value in post.items() if name in names} for post in shown]
    return 200, headers, json.dumps(shown, ensure_ascii=False).encode()


def _refused(code: str) -> WordPressAnswer:
    error = {"code": code, "message": "", "data": {"status": 400}}
    return 400, {"Content-Type": JSON_TYPE}, json.dumps(error).encode()


def _within(post: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    """WordPress compares with the site's local time; a bound with a zone is compared as an instant."""
    for name, column in (("after", "date"), ("before", "date"), ("modified_after", "modified")):
        bound = query.get(name)
        if bound is None:
            continue
        theirs = datetime.fromisoformat(bound)
        stamp = f"{post[column + '_gmt']}+00:00" if theirs.tzinfo else str(post[column])
        ours = datetime.fromisoformat(stamp)
        if (ours >= theirs) if name == "before" else (ours <= theirs):
            return False
    return True


def _whole(text: str | None, default: int) -> int:
    return max(1, min(100, int(text))) if text and text.isdigit() else default
