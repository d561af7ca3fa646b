"""Debian's Chromium on one page, as a reader has it: how wide it is, what is cut off, and its colours."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.kit.loopback import Answer, Loopback

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
_LOOK = """<!doctype html><iframe id="it" src="/page" style="border:0;width:{width}px;height:9000px"></iframe><script>
addEventListener("load", () => {{
  const it = document.getElementById("it").contentDocument, look = each => it.defaultView.getComputedStyle(each);
  const cut = [...it.querySelectorAll("{parts}")].filter(each => each.getBoundingClientRect().right > {width}).length;
  document.body.innerHTML = `<pre>${{it.documentElement.scrollWidth}} ${{cut}} ${{look(it.body).backgroundColor}} ${{look(it.querySelector("{inked}")).color}}</pre>`;
}})</script>"""


@dataclass(frozen=True)
class Look:
    """What a browser shows. `paper` and `ink`: how light, 0 to 255."""

    width: int
    """Of all that can be scrolled to, in pixels."""
    cut: int
    """Parts that reach beyond the window."""
    paper: int
    ink: int
    asked: frozenset[str]
    """Every path that was asked for."""


def look_at(
    server: Loopback,
    folder: Path,
    page: str,
    scheme: Literal["light", "dark"],
    width: int,
    parts: str,
    inked: str = "body",
) -> Look:
    """The page in a window of this width; `parts`: what must fit into it, `inked`: whose colour is looked at (CSS)."""
    server.pages["/page"] = Answer(page)
    server.pages["/look"] = Answer(_LOOK.format(width=width, parts=parts, inked=inked))
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless=new",
            "--no-sandbox",
            f"--user-data-dir={folder}",
            f"--blink-settings=preferredColorScheme={int(scheme == 'light')}",
            "--dump-dom",
            server.url("look"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r"<pre>(\d+) (\d+) rgb\((\d+)[^)]*\) rgb\((\d+)[^)]*\)</pre>", done.stdout)
    assert found is not None, done.stdout
    scrolled, cut, paper, ink = map(int, found.groups())
    return Look(scrolled, cut, paper, ink, frozenset(asked.path for asked in server.asked))
