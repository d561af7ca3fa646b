"""Writes a case: a page as it was answered, and today's reading of it, to be corrected by hand.

It writes what the chain reads today, right or wrong: a person then corrects it by hand. `crawler.testing.case`
says what a case is, and how one is read.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from crawler.catalogue.write_toml import as_toml
from crawler.testing.case import ABSENT, DOCUMENTS, catalogue, forget, reading, value_of
from pipelines.article import OK, Page, Rejected


class CannotFreeze(Exception):
    """The page is not in the archive, or the case exists; the message is one line."""


def freeze(page: Page, name: str, root: Path, dirs: Sequence[Path] = ()) -> Path:
    """Writes the page as a case and returns its folder; `dirs` are users' own folders of source files."""
    folder = root / name
    if folder.exists():
        raise CannotFreeze(f"{folder} exists; --again writes its expectation anew")
    file = next((file for file, document in DOCUMENTS.items() if document == page.document), None)
    if file is None:
        raise CannotFreeze(f"{page.url} is a {page.document}, which holds no single article")
    bring_source(page.source, root, dirs)
    folder.mkdir(parents=True)
    try:
        _write(page, file, folder, name, root)
    except BaseException as fault:
        shutil.rmtree(folder)
        if isinstance(fault, ValueError):
            raise CannotFreeze(f"{page.url} does not hold one article: {fault}") from fault
        raise
    return folder


def bring_source(name: str, root: Path, dirs: Sequence[Path]) -> None:
    """Copy a user's own source file beside the cases that it reads; the user's folders win over a copy."""
    own = next(
        (folder / f"{name}.toml" for folder in reversed(dirs) if (folder / f"{name}.toml").exists()), None
    )
    if not name or own is None:
        return
    copy = root / "sources" / f"{name}.toml"
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(own.read_bytes())
    forget()


def _write(page: Page, file: str, folder: Path, name: str, root: Path) -> None:
    (folder / file).write_bytes(page.body)
    meta = {
        "url": page.url,
        "fetched_at": page.fetched_at.replace(microsecond=0),
        "source": page.source if page.source in catalogue(root) else None,
        "content_type": page.header("Content-Type"),
        "status": page.status if page.status != OK else None,
    }
    tables = [("[link]", _link(page))] if page.link else []
    for number, part in enumerate(page.parts, 2):
        (folder / f"page-{number}.html").write_bytes(part.body)
        tables.append(("[[part]]", {"file": f"page-{number}.html", "url": part.url}))
    lines = [as_toml(meta), *(f"\n{head}\n{as_toml(values)}" for head, values in tables)]
    (folder / "page.toml").write_text("".join(lines), "utf-8")
    write_expectation(name, root)


def write_expectation(name: str, root: Path) -> None:
    """Writes today's reading of the case: every field that is not null, empty or false. Its head comment stays."""
    found = reading.__wrapped__(name, root)
    if isinstance(found, Rejected):
        stated: dict[str, Any] = {"rejected": found.reason}
    else:
        values = {field: value_of(found, field) for field in ABSENT}
        stated = {field: value for field, value in values.items() if value != ABSENT[field]}
    path = root / name / "expected.toml"
    old = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
    comment = "".join(takewhile(lambda line: line.startswith("#"), old))
    path.write_text(comment + as_toml(stated), "utf-8")
    forget()  # it was read without its expectation


def _link(page: Page) -> dict[str, Any]:
    assert page.link
    hints = {key: getattr(page.link, key) for key in page.link.__slots__ if key not in ("url", "source")}
    return {key: value for key, value in hints.items() if value}
