"""What WACZ 1.1.1 asks of a bundle, held against one."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

from storage.archive.wacz import surt

_OUTSIDE = {"datapackage.json", "datapackage-digest.json", "SHA256SUMS"}


def assert_is_wacz(file: Path) -> None:
    """Its parts are where readers look, stored as they are, and its index leads to the record of each page."""
    with zipfile.ZipFile(file) as packed:
        assert {each.compress_type for each in packed.infolist()} == {zipfile.ZIP_STORED}
        parts = {name: packed.read(name) for name in packed.namelist()}
    _check_package(parts)
    index = [line.split(" ", 2) for line in parts["indexes/index.cdxj"].decode().splitlines()]
    assert index == sorted(index)
    answers = {}
    for key, moment, text in index:
        facts: dict[str, Any] = json.loads(text)
        assert key == surt(facts["url"]) and re.fullmatch(r"\d{14}", moment)
        warc, begin = parts[f"archive/{facts['filename']}"], int(facts["offset"])
        member = zlib.decompressobj(wbits=31)
        record = member.decompress(warc[begin : begin + int(facts["length"])])
        assert member.eof and not member.unused_data  # a gzip member a record, and the whole of it
        assert b"\r\nWARC-Type: response\r\n" in record and facts["url"].encode() in record
        answers[facts["url"], moment] = facts
    header, *pages = map(json.loads, parts["pages/pages.jsonl"].decode().splitlines())
    assert header["format"] == "json-pages-1.0"
    assert pages
    for page in pages:
        assert (page["url"], re.sub(r"\D", "", page["ts"])) in answers


def _check_package(parts: dict[str, bytes]) -> None:
    package = json.loads(parts["datapackage.json"])
    assert (package["profile"], package["wacz_version"]) == ("data-package", "1.1.1")
    assert {each["path"] for each in package["resources"]} == parts.keys() - _OUTSIDE
    names = [each["name"] for each in package["resources"]]
    assert len({*names}) == len(names) and all(re.fullmatch(r"[a-z0-9._-]+", name) for name in names)
    for each in package["resources"]:
        data = parts[each["path"]]
        assert (each["hash"], each["bytes"]) == (f"sha256:{hashlib.sha256(data).hexdigest()}", len(data))
    digest = json.loads(parts["datapackage-digest.json"])
    assert digest == {
        "path": "datapackage.json",
        "hash": f"sha256:{hashlib.sha256(parts['datapackage.json']).hexdigest()}",
    }
