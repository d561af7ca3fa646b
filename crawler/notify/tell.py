"""Tells every address of NOTIFY what opened and closed, once; what does not arrive waits for the next run.

What waits stands in `DATA_DIR/untold.json`, for each address apart, so an address that fails costs the others
nothing and makes none hear a thing twice. It stands there before anything is sent: who is killed in between tells
again rather than never. The file names an address by its digest alone, for a token may stand in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from crawler.notify.deliver import WAYS, Undelivered
from crawler.notify.notice import Notice, as_json, from_json
from crawler.recipients import shown, way_of
from storage.data_dir import DatabaseBusy, DataDir, DataDirError, DiskFull, NoMemory, exclusive
from storage.disk import put_text

_WAIT_S: Final = 300
"""Another run may be telling: so long that only one that hangs is not waited for."""


def tell(notice: Notice, addresses: Sequence[str], data_dir: DataDir) -> list[str]:
    """Tell each address this notice and what it has not heard of earlier ones; a line for each that could not be told.

    Call it after every report, also with an empty notice: only so is told what waits. Whatever goes wrong is a line.
    """
    if not addresses:
        return []
    try:
        with suppress(OSError):
            data_dir.locks.mkdir(parents=True, exist_ok=True)
        with exclusive(data_dir.locks / "untold.lock", data_dir.untold, _WAIT_S):
            return _tell(notice, addresses, data_dir.untold)
    except DiskFull:  # no room for the lock: of all that there is to tell, this is
        return _tell(notice, addresses, data_dir.untold)
    except (DatabaseBusy, DataDirError, NoMemory) as error:
        return [f"notices could not be told: {error}"]


def _tell(notice: Notice, addresses: Sequence[str], file: Path) -> list[str]:
    lines: list[str] = []
    waiting = _read(file, lines)
    due = {address: notice.after(waiting.get(_digest(address), Notice())) for address in addresses}
    due = {address: each for address, each in due.items() if each}
    _write(file, due, lines)
    for address, each in list(due.items()):
        try:
            WAYS[way_of(address)](each, address)
        except Undelivered as error:
            lines.append(f"{shown(address)} could not be told, the next run tries again: {error}")
        else:
            del due[address]
            _write(file, due, lines)
    return list(dict.fromkeys(lines))


def _digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def _write(file: Path, due: Mapping[str, Notice], lines: list[str]) -> None:
    """Keep what is due; a full disk, of which there may be a notice, keeps nobody from telling it."""
    try:
        if due:
            put_text(
                file, json.dumps({_digest(address): _spelt(each) for address, each in due.items()}, indent=1)
            )
        else:
            file.unlink(missing_ok=True)
    except OSError as error:
        lines.append(f"{file} cannot be written: {error.strerror}; what could not be told is not told later")


def _spelt(notice: Notice) -> dict[str, list[dict[str, str | None]]]:
    return {"opened": list(map(as_json, notice.opened)), "closed": list(map(as_json, notice.closed))}


def _read(file: Path, lines: list[str]) -> dict[str, Notice]:
    """What waits, by the digest of its address."""
    try:
        waiting = json.loads(file.read_text(encoding="utf-8"))
        return {
            digest: Notice(tuple(map(from_json, each["opened"])), tuple(map(from_json, each["closed"])))
            for digest, each in waiting.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        lines.append(f"{file} cannot be read, what waited there is not told: {type(error).__name__}")
        return {}
