"""The files of a digest: written beside their places first, all of them, and then put there, each whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crawler.console.text import STDOUT
from crawler.digest.atom import as_atom
from crawler.digest.markdown import as_markdown
from crawler.digest.model import Digest
from crawler.digest.page import as_html
from crawler.digest.sheet import as_csv
from crawler.digest.words import Speech, Words
from crawler.errors import ArgumentError
from storage.disk import sync

FORMATS: Final = ("html", "md", "csv", "atom")


@dataclass(frozen=True, slots=True)
class Target:
    """A format, and the file that it goes to as the user wrote it; `-` is stdout."""

    form: str
    file: str

    @property
    def option(self) -> str:
        return f"--{self.form} {self.file}"

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of feeds, one of each topic."""
        return self.form == "atom" and (self.file.endswith(os.sep) or Path(self.file).is_dir())


def check(targets: Sequence[Target]) -> None:
    """Refuse what cannot be written before anything is asked; `ArgumentError` names it."""
    places: dict[str, Target] = {}
    for target in targets:
        path = Path(target.file).expanduser()
        place = target.file if target.file == STDOUT else str(path.resolve())
        other = places.setdefault(place, target)
        if other is not target:
            raise ArgumentError(f"{target.option}: --{other.form} goes there, too")
        if target.file == STDOUT:
            continue
        if not target.file:
            raise ArgumentError(f"--{target.form}: names no file")
        if path.is_dir() and not target.is_folder:
            raise ArgumentError(f"{target.option}: is a folder; name a file")
        above = path.resolve().parent
        if not above.is_dir():
            raise ArgumentError(f"{target.option}: there is no folder {above}")


@dataclass(frozen=True, slots=True)
class Made:
    """A text, and the file that it is for; null: stdout."""

    target: Target
    path: Path | None
    text: str


def make(targets: Iterable[Target], digests: Sequence[Digest], words: Words, key: str) -> list[Made]:
    """The texts of all files. `digests`: of the list, the last one first; only a feed has more than that."""
    speech, made = Speech(digests[0], words), []
    for target in targets:
        path = None if target.file == STDOUT else Path(target.file).expanduser().resolve()
        match target.form:
            case "html":
                made.append(Made(target, path, as_html(digests[0], words)))
            case "md":
                made.append(Made(target, path, as_markdown(speech)))
            case "csv":
                made.append(Made(target, path, as_csv(speech)))
            case _ if path is not None and target.is_folder:
                made += [
                    Made(
                        target,
                        path / f"{topic.topic_id}.atom",
                        as_atom(digests, words, key, topic.topic_id),
                    )
                    for topic in digests[0].topics
                ]
            case _:
                made.append(Made(target, path, as_atom(digests, words, key)))
    return made


def write(made: Sequence[Made]) -> None:
    """Write all files, or none that stands is changed. `ArgumentError` names one that cannot be written.

    Raises `OSError` where the disk is full.
    """
    parts: list[tuple[Made, Path, Path]] = []
    try:
        for each in made:
            if each.path is not None:
                parts.append((each, _written(each, each.path), each.path))
        for each, part, path in parts:
            if part != path:
                with _named(each):
                    os.replace(part, path)
        for folder in {path.parent for _, part, path in parts if part != path}:
            with suppress(OSError):  # some file systems sync no folder
                sync(folder)
    finally:
        for _, part, path in parts:
            if part != path:
                part.unlink(missing_ok=True)


def _written(made: Made, path: Path) -> Path:
    """A finished file beside the place; of a device or a pipe, that itself."""
    with _named(made):
        if path.exists() and not path.is_file():
            path.write_text(made.text, encoding="utf-8", errors="replace", newline="")
            return path
        path.parent.mkdir(exist_ok=True)
        part = path.with_name(f".{path.name}.new")
        part.unlink(missing_ok=True)
        try:
            with part.open("x", encoding="utf-8", errors="replace", newline="") as file:
                file.write(made.text)
            sync(part)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return part


class _named:  # noqa: N801 - a context, read as a word
    """Turn what keeps a file from being written into a line that names its option; a full disk stays what it is."""

    def __init__(self, made: Made) -> None:
        self._made = made

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and error.errno not in _NO_ROOM:
            raise ArgumentError(f"{self._made.target.option}: cannot be written: {error.strerror}") from error


_NO_ROOM: Final = (28, 122)
"""ENOSPC, EDQUOT."""
