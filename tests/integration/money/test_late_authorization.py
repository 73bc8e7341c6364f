"""A block that is authorized in the moment in which its call ends: thirty times, and never an open hold."""

import asyncio
import random

from domain.calls.holds import HoldState
from domain.ids import SessionId
from domain.operations.figures import TimerCounts
from tests.support.house import House, Party

TRIALS = 30


async def end_and_settle(house: House, client: Party, session: SessionId, pause: float) -> None:
    await asyncio.sleep(pause)
    await house.calls.endings.end(client.who, session, None)
    await house.calls.settlement.settle(session)


async def test_a_late_authorization_and_a_settlement_leave_no_open_hold(house: House) -> None:
    dice = random.Random(7)
    coach, client = await house.coach(), await house.client()
    card = (await house.cards.list(client.who))[0].id
    late = 0
    for _ in range(TRIALS):
        session = await house.live(client, coach)
        await house.stores.db["live_sessions"].update_one({"open": True}, {"$set": {"low_balance": True}})
        await house.talk(session, 40, step=40)
        await asyncio.gather(
            house.calls.authorizations.change_card(client.who, session, card),
            end_and_settle(house, client, session, dice.uniform(0, 0.03)),
            return_exceptions=True,
        )
        payment = await house.settle(session)
        call = await house.call(session)
        late += len(call.holds) == 2
        await house.pass_time(60)
        assert payment.amount == 167
        assert {hold.state for hold in call.holds} <= {HoldState.CAPTURED, HoldState.CANCELLED}

    assert late > 0
    assert not await house.open_holds()
    assert (await house.stores.ledger.check()).healthy
    assert await house.stores.timers.counts() == TimerCounts()
