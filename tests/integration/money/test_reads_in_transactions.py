"""Inside a transaction everything is read by the transaction: a read beside it (majority) may be behind its snapshot."""

import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import monitoring

from adapters.mongo.client import MongoDatabase, open_client
from adapters.mongo.transactions import MongoTransactions
from bootstrap.embedded import StoreUris
from domain.errors import PaymentRefused
from tests.support.house import House, house_on
from tests.support.selling import open_shop

INSIDE = contextvars.ContextVar("inside", default=False)


class Beside(monitoring.CommandListener):
    """Notes commands that a transaction's callback sends without its transaction."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if INSIDE.get() and event.command.get("autocommit") is not False:
            self.sent.append(f"{event.command_name} {event.command.get(event.command_name)}")

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


@pytest.fixture
async def watched(
    mongo: MongoDatabase, store_uris: StoreUris, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[House, Beside]]:
    """A house whose every command is looked at."""
    beside = Beside()
    run = MongoTransactions.__call__

    async def marked(self: MongoTransactions, work: Callable[..., Awaitable[Any]]) -> Any:
        async def inside(tx: Any) -> Any:
            token = INSIDE.set(True)
            try:
                return await work(tx)
            finally:
                INSIDE.reset(token)

        return await run(self, inside)

    monkeypatch.setattr(MongoTransactions, "__call__", marked)
    monkeypatch.setattr(monitoring, "_LISTENERS", monitoring._Listeners([beside], [], [], [], []))
    client = open_client(store_uris.mongodb_uri)
    try:
        async with house_on(client, tmp_path) as house:
            yield house, beside
    finally:
        client.close()


async def test_from_booking_to_refund_nothing_is_read_beside_a_transaction(
    watched: tuple[House, Beside],
) -> None:
    house, beside = watched
    shop = await open_shop(house)
    client = await house.client(card="pm_card_chargeCustomerFail")
    good = await house.add_card(client, "pm_card_visa")
    booking = await shop.book(client)

    with pytest.raises(PaymentRefused):
        await shop.pay(client, booking)
    await shop.page(client, booking)
    await shop.page(client, booking)
    await shop.pay(client, booking, good)
    await house.booking.cases.changes.cancel(client.who, booking.id)
    await shop.quiet()
    moved = await shop.book(client)
    await shop.pay(client, moved, good)
    await house.booking.cases.reschedules.reschedule(client.who, moved.id, moved.start + timedelta(days=2))
    await shop.book(client)
    await house.pass_time(16 * 60)
    await shop.quiet()

    assert await shop.moved() == {"charge": 10_000, "refund": -5000}
    assert beside.sent == []


async def test_the_watch_sees_a_read_beside_a_transaction(watched: tuple[House, Beside]) -> None:
    house, beside = watched

    async def careless(_: Any) -> object:
        return await house.stores.db["payments"].find_one({})

    await house.stores.transact(careless)

    assert beside.sent == ["find payments"]
