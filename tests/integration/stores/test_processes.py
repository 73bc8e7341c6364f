"""Heartbeats and leases: judged by the database's clock, whatever the machines' own clocks say."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adapters.mongo.client import MongoDatabase
from adapters.mongo.processes import MongoLeases, MongoProcesses
from domain.clock import VirtualClock

HOUR = timedelta(hours=1)
SILENCE = timedelta(seconds=7)


def at_a_machine(mongo: MongoDatabase, skew: timedelta) -> MongoProcesses:
    return MongoProcesses(mongo, VirtualClock(datetime.now(UTC) + skew))


@pytest.mark.parametrize("skew", [-HOUR, HOUR])
async def test_a_machine_whose_clock_is_wrong_is_not_dead(mongo: MongoDatabase, skew: timedelta) -> None:
    here, there = at_a_machine(mongo, timedelta()), at_a_machine(mongo, skew)

    await here.beat("here", "server")
    await there.beat("there", "server")

    assert (await here.dead(SILENCE), await there.dead(SILENCE)) == ([], [])


async def test_who_has_been_silent_for_longer_is_dead_and_the_others_are_not(mongo: MongoDatabase) -> None:
    processes = at_a_machine(mongo, timedelta())
    await processes.beat("silent", "server")
    await processes.beat("alive", "server")
    silence = {"wall": {"$subtract": ["$wall", 7_001]}}
    await mongo["processes"].update_one({"_id": "silent"}, [{"$set": silence}])

    dead = await processes.dead(SILENCE)
    await processes.forget("silent")

    assert [process for process, _ in dead] == ["silent"]
    assert await processes.alive() == ["alive"]


async def test_of_many_who_want_a_lease_at_once_one_holds_it(mongo: MongoDatabase) -> None:
    leases = MongoLeases(mongo)

    held = await asyncio.gather(*(leases.hold("sweep", f"$worker-{n}", HOUR) for n in range(8)))

    assert sum(held) == 1


async def test_a_lease_is_renewed_by_its_holder_and_taken_by_others_once_it_is_over(
    mongo: MongoDatabase,
) -> None:
    leases = MongoLeases(mongo)
    taken = [await leases.hold("sweep", who, HOUR) for who in ("one", "other", "one")]

    await mongo["leases"].update_one({"_id": "sweep"}, [{"$set": {"until": "$$NOW"}}])
    over = [await leases.hold("sweep", who, HOUR) for who in ("other", "one")]

    assert (taken, over) == ([True, False, True], [True, False])
