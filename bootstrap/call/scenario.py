"""The roads a call can take, each shown from log-in to settled money and then looked at from outside."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from bootstrap.call import checks
from bootstrap.call.drop import Drop
from bootstrap.call.errors import Astray, CallError, Refused
from bootstrap.call.seat import LiveSeat
from bootstrap.call.stage import SETTLE_TIMEOUT, Stage
from bootstrap.call.story import Check, Mark, Road
from bootstrap.call.talk import Talk, approach, seats_for, sit_down
from bootstrap.call.wire import Ended, PaymentUpdate, Receipt
from bootstrap.call.words import money

#: Stripe's test card that can be saved, and is refused when it is charged
#: (https://docs.stripe.com/testing#declined-payments).
CARD_REFUSED_WHEN_CHARGED = "pm_card_chargeCustomerFail"
#: A payment moves no more.
FINAL = frozenset({"captured", "written_off", "cancelled"})
DECLINE_REASON = "in a session right now"


async def talk(stage: Stage) -> None:
    """Ring, accept, talk, hang up, settle."""
    await _talk(stage, drop=False)


async def drop_media(stage: Stage) -> None:
    """The same, with media gone in the middle."""
    await _talk(stage, drop=True)


async def decline(stage: Stage) -> None:
    """The coach declines: nothing is charged, what was held is released, the coach is free at once."""
    requested = await stage.call()
    await stage.ring()
    await stage.coach.decline(requested.session_id, DECLINE_REASON)
    stage.story.tell("coach", f"declines: {DECLINE_REASON}", Mark.END)
    await stage.reaches(stage.client, "declined")
    stage.story.tell("client", "is told at once", Mark.END)
    session = await stage.document("declined")
    stage.result.checks = [
        checks.ended_as(session, "declined", "declined"),
        Check("nothing is charged", session.amount.amount == 0, money(0, session.amount.currency)),
        *await _gateway(stage, 0, session.amount.currency),
        await _free_again(stage),
    ]


async def card_declined(stage: Stage) -> None:
    """The card is refused when the first block is authorized: a sentence for the client, silence for the coach."""
    card = await stage.client.rest.add_card(CARD_REFUSED_WHEN_CHARGED)
    stage.story.tell("client", f"saves a card that will be refused: {card.brand} ···· {card.last4}")
    try:
        refused = await _refused_call(stage, card.id)
    finally:
        await stage.client.rest.remove_card(card.id)
    stage.story.tell("client", f"is told: “{refused.message}”", Mark.END)
    session = await stage.document("unpaid")
    stage.result.checks = [
        Check(
            "refused in a sentence", refused.code == "PAYMENT_REFUSED", f"{refused.code}: {refused.message}"
        ),
        checks.ended_as(session, "unpaid", "payment_refused"),
        checks.never_rang(stage, session),
        *await _gateway(stage, 0, session.amount.currency),
        await _free_again(stage),
    ]


async def _refused_call(stage: Stage, card_id: str) -> Refused:
    try:
        await stage.call(card_id)
    except Refused as refused:
        stage.session_id = stage.result.session_id = str(refused.details.get("sessionId", "")) or None
        return refused
    raise Astray("The card was not refused.")


ROADS: dict[Road, Callable[[Stage], Awaitable[None]]] = {
    Road.TALK: talk,
    Road.DECLINE: decline,
    Road.DROP_MEDIA: drop_media,
    Road.CARD_DECLINED: card_declined,
}


# --- talk -------------------------------------------------------------------------------------------------------------


async def _talk(stage: Stage, *, drop: bool) -> None:
    requested = await stage.call()
    coach, client = seats_for(stage)
    try:
        await asyncio.gather(stage.ring(), approach(stage.coach, stage.client))
        await stage.coach.accept(requested.session_id)
        stage.story.tell("coach", "accepts")
        talking = await sit_down(stage, coach, client)
        await talking.started()
        plan = Drop.at(talking.joined.clock_speed) if drop else None
        await _converse(stage, talking, plan)
        ended = await talking.hang_up()
        await asyncio.gather(*(seat.leave() for seat in talking.seats))
    except BaseException:
        await _hang_up_anyhow(client)
        await asyncio.gather(client.leave(), coach.leave())
        raise
    await _settled(stage, talking, ended, plan)


async def _hang_up_anyhow(seat: LiveSeat) -> None:
    """After an interruption: if it does not work from here, the server's grace ends the call."""
    with suppress(CallError, TimeoutError):
        async with asyncio.timeout(3):
            await seat.end()


async def _converse(stage: Stage, talking: Talk, plan: Drop | None) -> None:
    wanted = stage.options.minutes * 60
    if plan is None:
        await talking.meter.reach(wanted)
        return
    await talking.meter.reach(wanted / 2)
    stage.story.tell("client", plan.explain(talking.joined.clock_speed), Mark.NOTE)
    await talking.drop(plan)
    # What the silence cost may exceed what was asked for: they talk on for a while nevertheless.
    rest = max(wanted, talking.meter.seconds + wanted / 4)
    await talking.meter.reach(rest if plan.comes_back else float("inf"))


async def _settled(stage: Stage, talking: Talk, ended: Ended, plan: Drop | None) -> None:
    receipt = await _receipt(stage)
    result, speed = stage.result, talking.joined.clock_speed
    result.receipt = receipt
    session = await stage.document("settled")
    for who, seat in (("coach", talking.coach), ("client", talking.client)):
        result.received[who], result.packets[who] = seat.audience.received, seat.packets
    reason = "ended_by_client" if plan is None or plan.comes_back else "connection_lost"
    result.checks = [
        checks.media_arrived("coach", result.received["coach"], result.packets["coach"]),
        checks.media_arrived("client", result.received["client"], result.packets["client"]),
        checks.ended_as(session, "settled", reason),
        *([checks.dropped(session, plan)] if plan else []),
        checks.meter_is_ours(ended.billable_seconds, talking.counted, speed),
        checks.ticks_in_order(talking.ticks, ended.billable_seconds, speed),
        checks.receipt_is_price(receipt),
        checks.receipt_adds_up(receipt),
        checks.receipt_is_document(receipt, ended, session),
        *await _gateway(stage, receipt.gross, receipt.currency),
    ]


async def _receipt(stage: Stage) -> Receipt:
    """Both are told what it came to: the client by a receipt, the coach by an earning."""

    def final(data: Any) -> bool:
        return data.get("sessionId") == stage.session_id and data.get("state") in FINAL

    heard = await stage.client.notifications.expect("payment_update", where=final, timeout=SETTLE_TIMEOUT)
    update = PaymentUpdate.read(heard.data)
    if update.receipt is None:
        raise Astray(f"The payment is {update.state}, and there is no receipt.")
    stage.story.tell("client", f"the receipt is here: {money(update.amount.amount, update.amount.currency)}")
    heard = await stage.coach.notifications.expect("payment_update", where=final, timeout=SETTLE_TIMEOUT)
    earned = PaymentUpdate.read(heard.data).amount
    stage.result.coach_earns = earned.amount
    stage.story.tell("coach", f"earns {money(earned.amount, earned.currency)} of it")
    return update.receipt


# --- looking on -------------------------------------------------------------------------------------------------------


async def _gateway(stage: Stage, captured: int, currency: str) -> list[Check]:
    found = await checks.gateway_agrees(stage, captured, currency)
    if found is None:
        stage.story.tell("client", "the gateway's books are not looked at: no sandbox is known", Mark.NOTE)
    return [found] if found else []


async def _free_again(stage: Stage) -> Check:
    """Watchers see the coach online."""
    deadline = asyncio.get_running_loop().time() + SETTLE_TIMEOUT
    while True:
        status = await stage.client.watch(stage.coach_id)
        shown = status.status if status else "offline"
        if shown == "online" or asyncio.get_running_loop().time() > deadline:
            return Check("coach can be called again", shown == "online", f"shown as {shown}")
        await asyncio.sleep(0.3)
