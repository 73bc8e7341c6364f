"""Calls tick in batches; one that is broken costs no other its minutes."""

import pytest
from bson import ObjectId

from domain.ids import SessionId
from domain.timers import TimerKind
from tests.support.house import House


async def _live(house: House) -> SessionId:
    return await house.live(await house.client(), await house.coach())


def _ticked(house: House) -> list[tuple[str, int]]:
    return [(one["sessionId"], one["minute"]) for one in house.published.named("live-session-tick")]


async def test_a_call_that_cannot_be_read_keeps_no_other_from_its_tick(house: House) -> None:
    broken, well = await _live(house), await _live(house)
    calls = house.stores.db["live_sessions"]
    await calls.update_one({"_id": ObjectId(broken)}, {"$set": {"state": "nonsense"}})
    house.clock.advance(60)
    await house.keep_proving(well)

    await house.run_due()

    timer = await house.stores.db["timers"].find_one({"_id": f"{TimerKind.TICK.value}:{broken}"})
    assert (_ticked(house), timer is not None) == ([(well, 1)], True)
    assert house.runner.outcomes[TimerKind.TICK.value, "failed"] == 1


async def test_a_call_that_cannot_be_paused_keeps_no_other_from_its_tick(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = await _live(house), await _live(house)
    asked: list[SessionId] = []

    async def refuse(session_id: SessionId) -> None:
        asked.append(session_id)
        raise ValueError("cannot be paused")

    monkeypatch.setattr(house.calls.media, "stale", refuse)
    await house.pass_time(60)

    timers = house.stores.db["timers"]
    left = [await timers.find_one({"_id": f"{TimerKind.TICK.value}:{key}"}) for key in (one, other)]
    assert sorted(set(asked)) == sorted([one, other])
    assert [timer and timer["claimed_until"] for timer in left] == [None, None]
    assert [timer is not None for timer in left] == [True, True]
