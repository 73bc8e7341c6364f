"""Webhooks say which object to read again: doubled, in any order, early or late, the end is the same."""

import asyncio
import random
from typing import Any

import pytest

from domain.calls.holds import HoldState
from domain.calls.states import CallState
from domain.ids import SessionId
from domain.payments.gateway import BadSignature
from tests.support.house import House, Party

THREE_DS = "pm_card_authenticationRequired"


async def challenged(house: House, outcome: str) -> tuple[Party, SessionId, list[dict[str, Any]]]:
    """A request whose 3-D Secure ended, of which only webhooks will tell; and those webhooks."""
    coach, client = await house.coach(), await house.client(card=THREE_DS)
    asked = await house.ask(client, coach)
    (intent,) = await house.intents()
    await house.sandbox.answer_challenge(intent["id"], asked.authorization.client_secret, outcome)
    return coach, asked.session_id, await house.gateway_events()


@pytest.mark.parametrize(("outcome", "state"), [("complete", CallState.RINGING), ("fail", CallState.UNPAID)])
@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_number_of_webhooks_ends_the_same(
    house: House, outcome: str, state: CallState, seed: int
) -> None:
    coach, session, events = await challenged(house, outcome)
    dice = random.Random(seed)
    told = events * 3
    dice.shuffle(told)

    for event in told:
        await house.gateway_tells(event)
        await house.run_due()

    assert (await house.call(session)).state is state
    assert len(house.published.heard_by(coach, "live_session_ringing")) == int(state is CallState.RINGING)
    assert await house.stores.db["webhook_events"].count_documents({}) == len(events)
    assert await house.stores.db["webhook_events"].count_documents({"outcome": None}) == 0


async def test_one_event_delivered_many_times_at_once_is_stored_and_processed_once(house: House) -> None:
    coach, session, events = await challenged(house, "complete")

    await asyncio.gather(*(house.gateway_tells(events[-1]) for _ in range(20)))
    await house.run_due()

    assert await house.stores.db["webhook_events"].count_documents({}) == 1
    assert (await house.call(session)).state is CallState.RINGING
    assert len(house.published.heard_by(coach, "live_session_ringing")) == 1


async def test_webhook_confirmation_and_timer_at_once_let_it_ring_once(house: House) -> None:
    coach, session, events = await challenged(house, "complete")
    for event in events:
        await house.gateway_tells(event)
    operation = (await house.call(session)).holds[0].operation_id

    await asyncio.gather(house.run_due(), *(house.calls.authorizations.look_up(operation) for _ in range(3)))

    call = await house.call(session)
    assert [entry.what for entry in call.timeline].count("authorized_block") == 1
    assert len(house.published.heard_by(coach, "live_session_ringing")) == 1


@pytest.mark.parametrize("signature", ["", "t=1,v1=00", "nonsense"])
async def test_a_webhook_that_nobody_signed_is_refused_and_not_kept(house: House, signature: str) -> None:
    with pytest.raises(BadSignature):
        await house.calls.webhooks.receive(b'{"id": "evt_1"}', signature)

    assert await house.stores.db["webhook_events"].count_documents({}) == 0


async def test_a_webhook_signed_with_another_secret_is_refused(house: House) -> None:
    _, session, events = await challenged(house, "complete")

    with pytest.raises(BadSignature):
        await house.gateway_tells(events[-1], secret="whsec_forged")

    assert (await house.call(session)).state is CallState.REQUIRES_ACTION


async def test_a_signed_lie_about_an_intent_is_not_believed(house: House) -> None:
    coach, client = await house.coach(), await house.client(card=THREE_DS)
    session = (await house.ask(client, coach)).session_id
    (intent,) = await house.intents()

    lie = {
        "id": "evt_lie",
        "type": "payment_intent.amount_capturable_updated",
        "created": 1,
        "object": intent["id"],
    }
    await house.gateway_tells(lie)
    await house.run_due()

    assert (await house.call(session)).state is CallState.REQUIRES_ACTION


async def test_an_event_about_something_else_is_kept_and_ignored(house: House) -> None:
    await house.gateway_tells({"id": "evt_1", "type": "customer.created", "created": 1, "object": "cus_1"})

    await house.run_due()

    stored = await house.stores.db["webhook_events"].find_one({"_id": "evt_1"})
    assert stored is not None
    assert stored["outcome"] == "ignored"


@pytest.mark.parametrize("operation", ["order-1", "", "F" * 24, "a" * 23, "a" * 24 + "\n"])
async def test_an_intent_of_another_program_on_the_same_account_is_not_ours(
    house: House, operation: str
) -> None:
    foreign = await house.sandbox.client.v1.payment_intents.create_async(
        {"amount": 500, "currency": "usd", "metadata": {"operation": operation}}
    )
    about = {"id": "evt_f", "type": "payment_intent.created", "created": 1, "object": foreign.id}
    await house.gateway_tells(about)

    await house.run_due()

    stored = await house.stores.db["webhook_events"].find_one({"_id": "evt_f"})
    assert stored is not None
    assert stored["outcome"] == "not ours"
    assert await house.stores.db["timers"].count_documents({"key": "evt_f"}) == 0


async def test_a_webhook_that_the_gateway_does_not_explain_comes_again_later(house: House) -> None:
    _, session, events = await challenged(house, "complete")
    await house.sandbox.fault("rate_limit", operation="payment_intents.retrieve", times=2)
    await house.gateway_tells(events[-1])
    await house.run_due()
    waiting = (await house.call(session)).state

    await house.pass_time(1)
    await house.pass_time(2)

    assert (waiting, (await house.call(session)).state) == (CallState.REQUIRES_ACTION, CallState.RINGING)


async def test_late_news_of_a_settled_call_change_nothing(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 60, step=30)
    await house.calls.endings.end(client.who, session, None)
    await house.settle(session)
    before = await house.call(session)

    for event in reversed(await house.gateway_events()):
        await house.gateway_tells(event)
    await house.run_due()

    assert await house.call(session) == before
    assert before.holds[0].state is HoldState.CAPTURED
