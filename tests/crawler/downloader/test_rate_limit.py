"""Whose turn it is: among tasks and processes that share a folder of locks."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest

from crawler.downloader.rate_limit import MAX_PAUSE_S, Held, Network


async def test_one_at_a_time_and_a_delay_between(tmp_path: Path) -> None:
    network = [Network(tmp_path, "Warta Grup") for _ in range(3)]
    began: list[float] = []
    inside = 0

    async def ask(each: Network) -> None:
        nonlocal inside
        async with each.turn(0.2):
            inside += 1
            assert inside == 1
            began.append(monotonic())
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*map(ask, network))
    assert all(later - earlier >= 0.19 for earlier, later in pairwise(began))


async def test_a_turn_that_is_not_wanted_any_more_is_not_waited_for(tmp_path: Path) -> None:
    """Neither behind whoever has the network, nor for a delay or a pause."""

    class Over(Exception):
        pass

    def over() -> None:
        raise Over

    network = Network(tmp_path, "Warta Grup")
    async with network.turn(0):
        with pytest.raises(Over):
            async with network.turn(0, over):
                pytest.fail("another has it")
    network.hold(60)
    for delay_s in (0, 60):
        began = monotonic()
        with pytest.raises(Over):
            async with network.turn(delay_s, over):
                pytest.fail("it waits")
        assert monotonic() - began < 30
        network.release()


async def test_other_networks_are_others(tmp_path: Path) -> None:
    async with Network(tmp_path, "Warta Grup").turn(0), Network(tmp_path, "Kabar Grup").turn(0):
        assert len(list(tmp_path.iterdir())) == 2


async def test_a_long_hold_is_told_and_can_be_lifted(tmp_path: Path) -> None:
    """Whoever of the network was asked to wait, all wait."""
    Network(tmp_path, "Warta Grup").hold(3600)
    with pytest.raises(Held) as held:
        async with Network(tmp_path, "Warta Grup").turn(0):
            pytest.fail("it is held")
    assert MAX_PAUSE_S < held.value.seconds < 3601
    Network(tmp_path, "Warta Grup").hold(5)  # asked for later, and for less
    with pytest.raises(Held):
        async with Network(tmp_path, "Warta Grup").turn(0):
            pytest.fail("it is held")
    Network(tmp_path, "Warta Grup").release()
    async with Network(tmp_path, "Warta Grup").turn(0):
        pass


async def test_a_short_hold_is_waited_for(tmp_path: Path) -> None:
    Network(tmp_path, "Warta Grup").hold(0.3)
    began = monotonic()
    async with Network(tmp_path, "Warta Grup").turn(0):
        assert monotonic() - began >= 0.25


async def test_a_clock_that_was_put_back_holds_nobody_for_long(tmp_path: Path) -> None:
    """The last turn seems to lie ahead: no more than a delay is waited for it."""
    network = Network(tmp_path, "Warta Grup")
    async with network.turn(0):
        pass
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"%032.3f" % 9e9)
    began = monotonic()
    async with network.turn(0.1):
        assert monotonic() - began < 60


async def test_a_hold_of_a_clock_that_was_put_back_holds_nobody(tmp_path: Path) -> None:
    """It seems to last for years; the next one counts from now."""
    network = Network(tmp_path, "Warta Grup")
    network.hold(0)
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"%032.3f" % 0 + b"%032.3f" % 9e9)
    async with network.turn(0):
        pass
    network.hold(3600)
    with pytest.raises(Held) as held:
        async with network.turn(0):
            pytest.fail("it is held")
    assert held.value.seconds < 3601


async def test_whoever_asks_several_times_at_once_waits_too(tmp_path: Path) -> None:
    """Without a turn of their own, and beside one who has it."""
    network = Network(tmp_path, "Warta Grup")
    async with network.turn(0):
        await network.held()
    network.hold(0.3)
    began = monotonic()
    await network.held()
    assert monotonic() - began >= 0.25
    network.hold(3600)
    with pytest.raises(Held):
        await network.held()


async def test_where_there_are_no_locks_nobody_shares(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    async with Network(missing, "Warta Grup").turn(5), Network(missing, "Warta Grup").turn(5):
        assert not missing.exists()


async def test_rubbish_in_a_lock_file_is_no_fault(tmp_path: Path) -> None:
    network = Network(tmp_path, "Warta Grup")
    network.hold(0)
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"\xff" * 64)
    async with network.turn(0):
        pass
