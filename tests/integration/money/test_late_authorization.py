"""A block that is authorized in the moment in which its call ends: thirty times, and never an open hold."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import product
from typing import Any, Literal

import pytest

from billing.authorizations import StillUnknown
from domain.calls.holds import HoldState
from domain.ids import SessionId
from domain.operations.figures import TimerCounts
from domain.payments.gateway import Intent, PaymentGateway
from tests.support.house import House, Party

ROUNDS = 5
#: Seconds: about as long as the gateway takes for a hold.
PAUSES = (0.0, 0.03)
When = Literal["before", "beside", "after"]


class Meanwhile:
    """A gateway at whose next authorization something else happens: before it is asked, beside it, or before its answer is
    heard. ``PaymentGateway`` otherwise."""

    def __init__(self, gateway: PaymentGateway) -> None:
        self._gateway = gateway
        self._next: tuple[When, Callable[[], Awaitable[None]]] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def at_the_next(self, when: When, happens: Callable[[], Awaitable[None]]) -> None:
        self._next = when, happens

    async def authorize(self, **asked: Any) -> Intent:
        if self._next is None:
            return await self._gateway.authorize(**asked)
        # What happens may authorize, too: a settlement asks for what it does not find.
        (when, happens), self._next = self._next, None
        if when == "before":
            await happens()
        if when == "beside":
            intent, _ = await asyncio.gather(self._gateway.authorize(**asked), happens())
            return intent
        intent = await self._gateway.authorize(**asked)
        if when == "after":
            await happens()
        return intent


async def end(house: House, client: Party, session: SessionId, *, pause: float, settles: bool) -> None:
    await asyncio.sleep(pause)
    await house.calls.endings.end(client.who, session, None)
    if settles:
        # It may ask in the moment in which the gateway is at it; then its timer comes again.
        with suppress(StillUnknown):
            await house.calls.settlement.settle(session)


async def test_a_late_authorization_and_a_settlement_leave_no_open_hold(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(7)
    coach, client = await house.coach(), await house.client()
    card = (await house.cards.list(client.who))[0].id
    gateway = Meanwhile(house.calls.authorizations._gateway)
    monkeypatch.setattr(house.calls.authorizations, "_gateway", gateway)
    ways: list[tuple[int, When, bool]] = [
        *product(range(ROUNDS), ("before", "beside", "after"), (True, False))
    ]
    for _, when, settles in ways:
        session = await house.live(client, coach)
        await house.stores.db["live_sessions"].update_one({"open": True}, {"$set": {"low_balance": True}})
        await house.talk(session, 40, step=40)
        pause = dice.uniform(*PAUSES) if when == "beside" else 0.0
        gateway.at_the_next(
            when,
            lambda session=session, pause=pause, settles=settles: end(  # type: ignore[misc]
                house, client, session, pause=pause, settles=settles
            ),
        )
        await house.calls.authorizations.change_card(client.who, session, card)
        payment = await house.settle(session)
        call = await house.call(session)
        await house.pass_time(60)
        assert payment.amount == 167, (when, settles)
        assert [hold.state for hold in call.holds] == [HoldState.CAPTURED, HoldState.CANCELLED], (
            when,
            settles,
        )

    assert not await house.open_holds()
    assert (await house.stores.ledger.check()).healthy
    assert await house.stores.timers.counts() == TimerCounts()
