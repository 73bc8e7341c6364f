"""Booking, session, price and time are one write: whichever command of it is the last, all of it is there or nothing."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from adapters.mongo.client import MongoClient
from domain.ids import DiscountCodeId, new_id
from domain.pricing.codes import DiscountCode
from tests.support.booking import HOUR, Practice, open_practice
from tests.support.house import House, Party

#: What a transaction sends to the database; reads of it are ``find`` and ``aggregate``.
WRITES = ["insert", "update", "delete", "findAndModify", "commitTransaction"]
#: Where a booking leaves something.
COLLECTIONS = ("bookings", "sessions", "discount_uses", "discount_codes", "session_types", "timers", "events")
#: ``Unauthorized``: an error after which nobody tries again, so that the transaction ends there.
FINAL = 13


class LastCommand:
    """Lets the database refuse the n-th write from now on (the fail point ``failCommand``)."""

    def __init__(self, client: MongoClient) -> None:
        self._client = client

    async def refuse(self, number: int) -> None:
        await self._set(
            {"skip": number} if number else "alwaysOn", {"failCommands": WRITES, "errorCode": FINAL}
        )

    async def stop(self) -> None:
        await self._set("off", {})

    async def _set(self, mode: Any, data: dict[str, Any]) -> None:
        await self._client.admin.command({"configureFailPoint": "failCommand", "mode": mode, "data": data})


@pytest.fixture
async def last_command(mongo_client: MongoClient, embedded_only: None) -> AsyncIterator[LastCommand]:
    last = LastCommand(mongo_client)
    yield last
    await last.stop()


async def kept(house: House) -> dict[str, list[str]]:
    """All documents that a booking is made of, and those that it changes."""
    db = house.stores.db
    return {name: sorted([repr(row) async for row in db[name].find()]) for name in COLLECTIONS}


async def practice_with_a_code(house: House) -> tuple[Practice, Party]:
    practice = await open_practice(house)
    await practice.slot(practice.at(), practice.at(hours=3))
    coach_id = practice.coach.who.coach_id
    assert coach_id is not None
    code = DiscountCode(DiscountCodeId(new_id()), coach_id, "WELCOME", percent=20, max_uses=1)
    await house.stores.transact(lambda tx: house.stores.discount_codes.insert(tx, code))
    return practice, await house.client()


async def test_whichever_write_is_the_last_a_booking_is_whole_or_not_there(
    house: House, last_command: LastCommand
) -> None:
    practice, client = await practice_with_a_code(house)
    before, start = await kept(house), practice.at(hours=1)

    refused, booking = 0, None
    while booking is None:
        await last_command.refuse(refused)
        with contextlib.suppress(OperationFailure):
            booking = await practice.ask(client, start, discount_code="WELCOME")
        await last_command.stop()
        if booking is None:
            assert await kept(house) == before, f"write {refused} was the last"
            refused += 1

    # Slot, use of the code, booking, session, session type, timers, events, commit: none of them stands for itself.
    assert refused > 8
    session = await house.stores.transact(lambda tx: house.stores.scheduled.get(tx, booking.session_id))
    assert (session.booking_id, session.start) == (booking.id, start)
    assert await house.stores.db["discount_uses"].count_documents({}) == 1
    assert [(one.start, one.end) for one in await practice.slots()] == [
        (start - HOUR, start),
        (start + HOUR, start + 2 * HOUR),
    ]
