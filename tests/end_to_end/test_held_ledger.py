"""Somebody's SQLite editor has a transaction open in the ledger: it is waited for, and then one line says who holds it."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.kit.holding import hold_ledger
from tests.kit.killing import Site, all_fetched
from tests.kit.loopback import Loopback
from tests.kit.running import column

HELD_S = 6
"""Longer than a busy machine keeps a reactor from its turn."""


@pytest.fixture
def site(server: Loopback, tmp_path: Path) -> Site:
    """A site whose older articles were crawled, and that has newer ones now."""
    found = Site.make(server, tmp_path, "listing", 12, 61)
    found.serve(newer=6)
    found.crawl().run().succeeded()
    found.serve()
    return found


def holding(site: Site, held: ExitStack, editors: list[subprocess.Popen[str]]) -> Callable[[], None]:
    """What has the ledger held from now on."""
    return lambda: editors.append(held.enter_context(hold_ledger(site.data_dir / "ledger.sqlite")))


def let_go(editor: subprocess.Popen[str]) -> None:
    """Have the editor end its transaction."""
    assert editor.stdin is not None
    editor.stdin.close()


@pytest.mark.heavy
def test_a_crawl_of_a_held_ledger_says_who_holds_it(site: Site) -> None:
    """Exit code 3 and one line; nothing is asked for, and afterwards a crawl brings all."""
    asked = len(site.server.asked)
    with hold_ledger(site.data_dir / "ledger.sqlite") as editor:
        done = site.crawl(LOCK_WAIT_S=1).run()
    done.refused(3, "ledger.sqlite", f"process {editor.pid} (")
    assert len(site.server.asked) == asked
    site.crawl().run().succeeded()
    all_fetched(site)


@pytest.mark.heavy
def test_a_ledger_that_is_held_in_mid_crawl_ends_it(site: Site) -> None:
    """One line and exit code 3 again; what was not asked for is asked for by the next crawl."""
    editors: list[subprocess.Popen[str]] = []
    with ExitStack() as held:
        site.server.at_request(len(site.server.asked) + 2, holding(site, held, editors))
        done = site.crawl(LOCK_WAIT_S=1).run()
    done.refused(3, "ledger.sqlite", f"process {editors[0].pid} (")
    site.crawl().run().succeeded()
    all_fetched(site)
    assert column(site.data_dir, "SELECT outcome FROM crawls ORDER BY started_at") == [
        "done",
        "failed",
        "done",
    ]


@pytest.mark.soak
def test_the_reactor_goes_on_while_the_ledger_is_held(site: Site, tmp_path: Path) -> None:
    """A crawl whose ledger is let go in time ends well, and stood still at no time."""
    editors: list[subprocess.Popen[str]] = []
    with ExitStack() as held:

        def hold_for_a_while() -> None:
            holding(site, held, editors)()
            release.start()

        release = threading.Timer(HELD_S, lambda: let_go(editors[0]))
        site.server.at_request(len(site.server.asked) + 2, hold_for_a_while)
        extension = json.dumps({"tests.kit.holding.Heartbeat": 1})
        site.crawl(EXTENSIONS=extension, HEARTBEAT=tmp_path / "beat").run().succeeded()
        release.join()
    assert float((tmp_path / "beat").read_text()) < HELD_S / 2
    all_fetched(site)


@pytest.mark.heavy
def test_commands_that_only_ask_answer_all_the_same(site: Site) -> None:
    """The ledger can be read while another writes; doctor does not call it damaged."""
    with hold_ledger(site.data_dir / "ledger.sqlite"):
        for arguments in (("sources",), ("query", "SELECT 1"), ("doctor",)):
            site.command(*arguments, LOCK_WAIT_S=1).run().succeeded()
