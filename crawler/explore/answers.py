"""Answers as they leave: each with the policy that lets a browser run nothing and load nothing from elsewhere."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import cache
from http import HTTPStatus

from aiohttp import web

from crawler.explore.model import File
from crawler.web.templates import ROOT


@cache
def policy() -> str:
    """The pages' Content-Security-Policy: nothing but what comes from here, no script, and the frame's own styles by their sum."""
    frame = (ROOT / "web" / "base.html").read_text(encoding="utf-8")
    (style,) = re.findall(r"<style>(.*?)</style>", frame, re.DOTALL)
    sum_ = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'self' 'sha256-{sum_}'; img-src 'self' data:; frame-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def guarded(answer: web.StreamResponse) -> web.StreamResponse:
    """The answer with what every answer has, unless it has its own."""
    for name, value in {
        "Content-Security-Policy": policy(),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "browsing-topics=()",
        "X-DNS-Prefetch-Control": "off",
        "Cache-Control": "no-store",
    }.items():
        answer.headers.setdefault(name, value)
    return answer


def html(body: bytes, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """A page."""
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8")


def of_file(file: File) -> web.Response:
    """A file; what it is saved as, where it has a name."""
    headers = {"Content-Security-Policy": file.policy} if file.policy else {}
    if file.name:
        headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return web.Response(body=file.body, content_type=file.kind, charset="utf-8", headers=headers)


def plain(status: HTTPStatus, line: str) -> web.StreamResponse:
    """One line, guarded."""
    return guarded(web.Response(status=status, text=f"{line}\n"))
