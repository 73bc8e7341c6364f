"""More talk than one block pays for: authorized ahead of need, and a hard stop at the limit when it cannot be."""

from datetime import timedelta

import pytest

from domain.calls.holds import HoldState
from domain.calls.states import CallState
from domain.errors import Code, Conflict, Forbidden, Invalid
from domain.ids import PaymentMethodId, SessionId, new_id
from domain.timers import TimerKind
from tests.support.house import House, Party
from tests.support.money import talk_ms

BLOCK = 900
FULL = 3750
THREE_DS = "pm_card_authenticationRequired"


async def talking(house: House, seconds: float) -> tuple[Party, Party, SessionId]:
    """A live call with so much talk behind it."""
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, seconds, step=60)
    return coach, client, session


async def low(house: House, seconds: float = 730) -> tuple[Party, Party, SessionId]:
    """A live call whose second block was refused."""
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.sandbox.fault("decline", code="insufficient_funds")
    await house.talk(session, seconds, step=60)
    return coach, client, session


async def states(house: House, session: SessionId) -> list[HoldState]:
    return [hold.state for hold in (await house.call(session)).holds]


async def test_the_next_block_is_held_three_minutes_ahead(house: House) -> None:
    _, _, session = await talking(house, 710)
    before = await states(house, session)

    await house.talk(session, 20, step=60)

    assert before == [HoldState.AUTHORIZED]
    assert await states(house, session) == [HoldState.AUTHORIZED] * 2
    assert (await house.call(session)).authorized_seconds == 2 * BLOCK
    assert [intent["amount_capturable"] for intent in await house.intents()] == [FULL, FULL]


async def test_forty_minutes_are_taken_out_of_three_blocks(house: House) -> None:
    _, client, session = await talking(house, 2400)
    await house.calls.endings.end(client.who, session, None)

    payment = await house.settle(session)

    taken = [intent["amount_received"] for intent in await house.intents()]
    assert (payment.amount, taken) == (10_000, [FULL, FULL, 2500])
    assert await house.stores.db["call_ticks"].count_documents({}) == 40
    await house.assert_books_agree(session)


async def test_thirty_seven_sixty_is_taken_as_thirty_seven_ten_and_fifty_cents(house: House) -> None:
    _, client, session = await talking(house, 902.4)
    await house.calls.endings.end(client.who, session, None)

    payment = await house.settle(session)

    taken = [intent["amount_received"] for intent in await house.intents()]
    assert (payment.amount, taken) == (3758, [3708, 50])
    await house.assert_books_agree(session)


async def test_a_refused_block_warns_both_and_stops_the_call_exactly_at_the_limit(house: House) -> None:
    _, _, session = await low(house)
    warned = house.published.named("live-session-low-balance")
    await house.talk(session, 160, step=60)
    still = (await house.call(session)).state
    started = (await house.call(session)).live_at

    await house.talk(session, 30, step=60)
    payment = await house.settle(session)

    call = await house.call(session)
    assert [(one["authorizedSeconds"], one["reason"]) for one in warned] == [
        (900, "payment"),
        (900, "insufficient_funds"),
    ]
    assert started is not None
    assert (still, call.end_reason) == (CallState.LIVE, "authorization_exhausted")
    assert (call.ended_at, talk_ms(call)) == (started + timedelta(seconds=900), 900_000)
    assert payment.amount == FULL
    await house.assert_books_agree(session)


async def test_every_further_block_is_told_to_both_at_once(house: House) -> None:
    _, client, session = await talking(house, 730)
    asked_ahead = house.published.named("live-session-extended")
    await house.sandbox.fault("decline", code="insufficient_funds")
    await house.talk(session, 900, step=60)
    refused = house.published.named("live-session-extended")

    await house.calls.authorizations.change_card(
        client.who, session, await house.add_card(client, "pm_card_mastercard")
    )

    told = house.published.named("live-session-extended")
    assert asked_ahead == refused == [{"sessionId": session, "authorizedSeconds": 1800}]
    assert told[1:] == [{"sessionId": session, "authorizedSeconds": 2700}]


async def test_a_block_that_comes_after_the_end_is_not_told(house: House) -> None:
    _, client, session = await talking(house, 60)
    await house.calls.endings.end(client.who, session, None)

    await house.settle(session)

    assert house.published.named("live-session-extended") == []


async def test_a_card_of_a_thief_is_called_declined_and_only_the_operation_knows_why(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.sandbox.fault("decline", code="stolen_card")

    await house.talk(session, 730, step=60)

    call = await house.call(session)
    warned = house.published.named("live-session-low-balance")
    operations = house.stores.db["gateway_operations"].find({}, sort=[("_id", 1)])
    assert [one["reason"] for one in warned] == ["payment", "card_declined"]
    assert call.holds[1].refusal == "card_declined"
    assert [e.detail["reason"] for e in call.timeline if e.what == "low_balance"] == ["card_declined"]
    assert [one["error"] async for one in operations] == [None, "stolen_card"]


@pytest.mark.parametrize("minutes_late", [1, 7, 60])
async def test_a_limit_that_is_noticed_minutes_late_charges_nothing_beyond_what_was_authorized(
    house: House, minutes_late: int
) -> None:
    _, _, session = await low(house)
    started = (await house.call(session)).live_at
    for _ in range(3 + minutes_late):
        house.clock.advance(60)
        await house.keep_proving(session)

    payment = await house.settle(session)

    call = await house.call(session)
    assert started is not None
    assert (call.ended_at, talk_ms(call)) == (started + timedelta(seconds=900), 900_000)
    assert payment.amount == FULL


@pytest.mark.parametrize("by", ["client", "coach"])
async def test_whoever_hangs_up_beyond_the_limit_first_changes_nothing_either(house: House, by: str) -> None:
    coach, client, session = await low(house)
    for _ in range(10):
        house.clock.advance(60)
        await house.keep_proving(session)

    await house.calls.endings.end({"client": client, "coach": coach}[by].who, session, None)
    payment = await house.settle(session)

    call = await house.call(session)
    assert call.final is not None
    assert (call.final.billable_seconds, payment.amount) == (900, FULL)
    assert [intent["amount_received"] for intent in await house.intents()] == [FULL, 0]


async def test_another_card_rescues_the_call_and_pays_from_then_on(house: House) -> None:
    _, client, session = await low(house)
    other = await house.add_card(client, "pm_card_mastercard")

    view = await house.calls.authorizations.change_card(client.who, session, other)
    await house.talk(session, 1000, step=60)
    await house.calls.endings.end(client.who, session, None)
    payment = await house.settle(session)

    call = await house.call(session)
    assert view.status == "authorized"
    assert [hold.payment_method == other for hold in call.holds] == [False, False, True, True]
    assert payment.amount == 7208
    await house.assert_books_agree(session)


async def test_another_card_that_is_refused_too_leaves_the_limit_where_it_was(house: House) -> None:
    _, client, session = await low(house)
    broke = await house.add_card(client, "pm_card_chargeCustomerFail")

    view = await house.calls.authorizations.change_card(client.who, session, broke)
    await house.talk(session, 300, step=60)
    payment = await house.settle(session)

    assert (view.status, payment.amount) == ("refused", FULL)
    assert (await house.call(session)).end_reason == "authorization_exhausted"


async def low_at_the_bank(house: House) -> tuple[Party, Party, SessionId, dict[str, object]]:
    """A call whose next block waits for 3-D Secure, and what the client was told."""
    coach, client, session = await talking(house, 600)
    secure = await house.add_card(client, THREE_DS)
    await house.calls.authorizations.change_card(client.who, session, secure)
    await house.talk(session, 130, step=60)
    told = [one for one in house.published.named("live-session-low-balance") if one["clientSecret"]]
    return coach, client, session, told[-1]


async def test_three_d_secure_during_the_call_rescues_it(house: House) -> None:
    coach, client, session, told = await low_at_the_bank(house)
    waiting = next(one for one in await house.intents() if one["status"] == "requires_action")
    await house.sandbox.answer_challenge(waiting["id"], str(told["clientSecret"]), "complete")

    view = await house.calls.authorizations.confirm(client.who, session)
    await house.talk(session, 300, step=60)
    await house.calls.endings.end(coach.who, session, None)
    payment = await house.settle(session)

    assert (view.status, payment.amount) == ("authorized", 4292)
    await house.assert_books_agree(session)


async def test_only_the_client_learns_the_secret_of_a_challenge(house: House) -> None:
    await low_at_the_bank(house)

    told = [
        (to.only, data["clientSecret"] is not None)  # type: ignore[union-attr]
        for to, name, data in house.published.events
        if name == "live-session-low-balance"
    ]

    assert sorted(told) == [("callee", False), ("caller", True)]


async def test_a_challenge_that_nobody_answers_stops_the_call_at_the_limit_and_is_released(
    house: House,
) -> None:
    _, _, session, _ = await low_at_the_bank(house)
    await house.talk(session, 300, step=60)

    payment = await house.settle(session)

    assert payment.amount == FULL
    assert [one["status"] for one in await house.intents()] == ["succeeded", "canceled"]
    await house.assert_books_agree(session)


async def test_a_challenge_left_behind_for_another_card_does_not_stop_the_blocks_after_it(
    house: House,
) -> None:
    _, client, session, _ = await low_at_the_bank(house)
    good = await house.add_card(client, "pm_card_visa")
    await house.calls.authorizations.change_card(client.who, session, good)

    await house.talk(session, 1200, step=60)

    assert (await house.call(session)).state is CallState.LIVE
    assert await states(house, session) == [
        HoldState.AUTHORIZED, HoldState.REQUIRES_ACTION, HoldState.AUTHORIZED, HoldState.AUTHORIZED,
    ]  # fmt: skip


async def test_a_challenge_left_behind_that_fails_later_alarms_nobody(house: House) -> None:
    _, client, session, told = await low_at_the_bank(house)
    good = await house.add_card(client, "pm_card_visa")
    await house.calls.authorizations.change_card(client.who, session, good)
    warned = len(house.published.named("live-session-low-balance"))
    waiting = next(one for one in await house.intents() if one["status"] == "requires_action")
    await house.sandbox.answer_challenge(waiting["id"], str(told["clientSecret"]), "fail")

    await house.calls.authorizations.confirm(client.who, session)

    call = await house.call(session)
    assert [hold.state for hold in call.holds][1] is HoldState.REFUSED
    assert (call.low_balance, len(house.published.named("live-session-low-balance"))) == (False, warned)


async def test_changing_the_card_in_time_holds_nothing_more_than_is_needed(house: House) -> None:
    _, client, session = await talking(house, 60)
    other = await house.add_card(client, "pm_card_mastercard")

    views = [await house.calls.authorizations.change_card(client.who, session, other) for _ in range(5)]

    assert [view.status for view in views] == ["authorized"] * 5
    assert len(await house.intents()) == 1
    await house.talk(session, 700, step=60)
    assert [hold.payment_method == other for hold in (await house.call(session)).holds] == [False, True]


async def test_only_the_client_chooses_the_card_and_only_one_of_their_own(house: House) -> None:
    coach, client, session = await low(house)
    stranger = await house.client("Stranger")
    foreign = (await house.cards.list(stranger.who))[0].id

    with pytest.raises(Forbidden):
        await house.calls.authorizations.change_card(coach.who, session, foreign)
    with pytest.raises(Forbidden):
        await house.calls.authorizations.confirm(coach.who, session)
    with pytest.raises(Invalid) as unknown:
        await house.calls.authorizations.change_card(client.who, session, foreign)
    with pytest.raises(Invalid):
        await house.calls.authorizations.change_card(client.who, session, PaymentMethodId(new_id()))

    assert unknown.value.code is Code.NO_PAYMENT_METHOD
    assert len(await house.intents()) == 2


async def test_nothing_can_be_confirmed_that_does_not_wait(house: House) -> None:
    _, client, session = await talking(house, 10)

    with pytest.raises(Conflict):
        await house.calls.authorizations.confirm(client.who, session)


async def test_a_timer_that_comes_twice_holds_one_block(house: House) -> None:
    _, _, session = await talking(house, 730)

    await house.calls.authorizations.next_block(session)
    await house.calls.authorizations.next_block(session)

    assert len(await house.intents()) == 2


async def test_a_pause_holds_no_block_and_the_return_does(house: House) -> None:
    coach, client, session = await talking(house, 715)
    await house.leave(coach, session)
    await house.pass_time(30)
    paused = len(await house.intents())

    await house.join(coach, session, resume=True)
    await house.proven(coach, session)
    await house.proven(client, session)
    await house.talk(session, 20, step=5)

    assert (paused, len(await house.intents())) == (1, 2)


async def test_a_block_whose_answer_is_lost_is_looked_up_and_counts(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.sandbox.fault("drop_after_success", operation="payment_intents.create")
    await house.talk(session, 725, step=60)
    lost = await states(house, session)

    await house.talk(session, 30, step=60)

    assert lost == [HoldState.AUTHORIZED, HoldState.PENDING]
    assert await states(house, session) == [HoldState.AUTHORIZED] * 2
    assert len(await house.intents()) == 2


async def test_lost_doubled_and_late_ticks_change_nothing_in_the_price(house: House) -> None:
    _, client, session = await talking(house, 0)
    for turn in range(40):
        house.clock.advance(10)
        await house.keep_proving(session)
        await house.stores.db["timers"].delete_many({"kind": TimerKind.TICK.value})
        for _ in range(turn % 3):
            await house.calls.ticks.one(session)
    await house.calls.endings.end(client.who, session, None)

    payment = await house.settle(session)

    minutes = [tick["minute"] for tick in house.published.named("live-session-tick")]
    assert payment.amount == 1667
    assert minutes == sorted(set(minutes))
    await house.assert_books_agree(session)


async def test_a_hold_that_is_about_to_lapse_ends_the_call_in_time_to_capture_it(house: House) -> None:
    _, _, session = await talking(house, 100)
    hold = await house.stores.calls.find([session])
    lapses = house.clock.now() + timedelta(seconds=160)
    await house.stores.db["live_sessions"].update_one({}, {"$set": {"holds.0.expires_at": lapses}})
    await house.calls.endings.limit_reached(session)

    await house.talk(session, 200, step=60)

    call = await house.call(session)
    assert len(hold) == 1
    assert (call.end_reason, call.ended_at) == ("authorization_exhausted", lapses - timedelta(seconds=60))
    assert (await house.settle(session)).amount == 833
