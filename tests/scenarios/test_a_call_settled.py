"""A call from request to settled money, on real stores and the sandbox."""

from tests.support.house import House


async def test_ten_minutes_cost_ten_times_the_rate(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 600)
    await house.calls.endings.end(client.who, session, None)

    payment = await house.settle(session)

    assert payment.state == "captured"
    assert payment.amount == 2500
    (intent,) = await house.intents()
    assert (intent["amount"], intent["amount_received"], intent["status"]) == (3750, 2500, "succeeded")
    assert (await house.stores.ledger.check()).healthy
    assert len(house.published.named("live-session-tick")) == 10
