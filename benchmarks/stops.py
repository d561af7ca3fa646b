"""Whether signals end a crawl: hundreds, at random moments, of crawls that bring pages or mend what a kill left.

    python -m benchmarks.stops [COUNT] [SEED]

Prints how many crawls there were of each kind, how they ended, and each that did not end, or not well.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.tables import show
from tests.kit.killing import Site
from tests.kit.loopback import Loopback
from tests.kit.stopping import Stopped, stops


def main(count: int = 200, seed: int = 1) -> int:
    """Send so many signals; the exit code is 1 where one did not end its crawl well."""
    ended: Counter[tuple[str, str, str, str]] = Counter()
    bad: list[Stopped] = []
    with tempfile.TemporaryDirectory() as folder, Loopback() as server:
        site = Site.make(server, Path(folder), "listing", count=40, seed=seed)
        for each in stops(site, seed, count):
            work = "mends" if each.is_mending else "crawls"
            to = "group" if each.whole_group else "alone"
            how = "hangs" if each.code is None else str(each.code)
            ended[work, each.number.name, to, how] += 1
            if not each.is_good:
                bad.append(each)
                print(
                    f"{each.after_s:.3f} s, {work}, {each.number.name}, {to}: {how}\n{each.log}", flush=True
                )
    show(
        ["work", "signal", "sent to", "exit code", "crawls"],
        [[*key, n] for key, n in sorted(ended.items())],
    )
    print(f"{count} signals, {len(bad)} that did not end a crawl well")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
