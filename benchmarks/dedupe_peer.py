"""datasketch's MinHashLSH over the texts of `benchmarks.dedupe`, in an environment of its own.

    .venv-peers/bin/python -m benchmarks.dedupe_peer ARTICLES BATCH

Its index is in memory and dies with the process, so it is built each time. Imports nothing of the project
but the invented texts. Prints one JSON object.
"""

from __future__ import annotations

import json
import re
import sys
import time
from typing import Any

from datasketch import MinHash, MinHashLSH

from benchmarks import invented

SHINGLE_WORDS = 5
BANDS, ROWS = 16, 4


def signed(text: str) -> Any:
    """The MinHash of a text's runs of five words."""
    words = re.findall(r"[^\W_]+", text.casefold())
    runs = {" ".join(words[at : at + SHINGLE_WORDS]) for at in range(len(words) - SHINGLE_WORDS + 1)}
    minhash = MinHash(num_perm=BANDS * ROWS)
    minhash.update_batch([run.encode() for run in runs])
    return minhash


def main() -> None:
    """Build the index, ask it for a batch, count what it finds of the planted."""
    among, size = map(int, sys.argv[1:])
    started = time.perf_counter()
    index = MinHashLSH(num_perm=BANDS * ROWS, params=(BANDS, ROWS))
    for number in range(among):
        index.insert(number, signed(invented.archived(number)))
    built = time.perf_counter() - started
    batch = list(invented.batch(size, among, 0))
    started = time.perf_counter()
    found = [set(index.query(signed(told.text))) for told in batch]
    asked = time.perf_counter() - started
    hits = [
        told.original in some for told, some in zip(batch, found, strict=True) if told.original is not None
    ]
    answer = {
        "build_s": built,
        "query_s": asked,
        "peak_mb": invented.peak_mb(),
        "recall": sum(hits) / len(hits),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
