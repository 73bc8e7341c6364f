"""Booking, session, price and time are one write: whichever command of it is the last, all of it is there or nothing."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from adapters.mongo.client import MongoClient
from domain.booking.booking import Booking
from domain.ids import DiscountCodeId, new_id
from domain.money import Money
from domain.pricing.codes import DiscountCode
from tests.support.booking import HOUR, Practice, open_practice
from tests.support.house import House, Party

#: What a transaction sends to the database; reads of it are ``find`` and ``aggregate``.
WRITES = ["insert", "update", "delete", "findAndModify", "commitTransaction"]
#: Where a booking leaves something.
COLLECTIONS = (
    "bookings",
    "sessions",
    "discount_uses",
    "discount_codes",
    "session_types",
    "timers",
    "events",
    "mails",
    "notifications",
)
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


async def until_it_is_made(
    house: House, last_command: LastCommand, ask: Callable[[], Awaitable[Booking]]
) -> tuple[int, Booking]:
    """Refuse one write after the other, and after each there is nothing of it; how many were refused, and what came of it."""
    # What was published is noted as such a moment later.
    await house.stores.transact.close()
    before, refused = await kept(house), 0
    while True:
        await last_command.refuse(refused)
        booking = None
        with contextlib.suppress(OperationFailure):
            booking = await ask()
        await last_command.stop()
        if booking is not None:
            return refused, booking
        assert await kept(house) == before, f"write {refused} was the last"
        refused += 1


async def test_whichever_write_is_the_last_a_booking_is_whole_or_not_there(
    house: House, last_command: LastCommand
) -> None:
    practice, client = await practice_with_a_code(house)
    start = practice.at(hours=1)
    refused, booking = await until_it_is_made(
        house, last_command, lambda: practice.ask(client, start, discount_code="WELCOME")
    )

    # Slot, use of the code, booking, session, session type, timers, events, commit: none of them stands for itself.
    assert refused > 8
    session = await house.stores.transact(lambda tx: house.stores.scheduled.get(tx, booking.session_id))
    assert (session.booking_id, session.start) == (booking.id, start)
    assert await house.stores.db["discount_uses"].count_documents({}) == 1
    assert [(one.start, one.end) for one in await practice.slots()] == [
        (start - HOUR, start),
        (start + HOUR, start + 2 * HOUR),
    ]


async def test_a_booking_that_stands_at_once_is_whole_or_not_there_with_all_that_is_told_of_it(
    house: House, last_command: LastCommand
) -> None:
    practice, client = await open_practice(house, price=Money(0, "USD")), await house.client(card=None)
    refused, booking = await until_it_is_made(
        house, last_command, lambda: practice.ask(client, practice.at(hours=1))
    )

    assert (booking.state, refused > 8) == ("confirmed", True)
    assert await practice.notes(client) == await practice.notes(practice.coach) == ["booking_confirmed"]
    for name in ("mails", "notifications"):
        assert await house.stores.db[name].count_documents({}) == 2
