"""Overtime from the wish to settled money: only what both agreed to and both used is charged."""

from domain.calls.states import CallState
from domain.errors import Code
from domain.money import Money
from domain.scheduled.session import SessionEnd
from domain.scheduled.states import OvertimeState, SessionState
from tests.support.house import House
from tests.support.sessions import BOOKED, MINUTE, booked, in_progress, refusal


async def test_what_was_used_of_overtime_is_captured_and_the_rest_released(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.pass_to(BOOKED - 4)

    await meeting.ask(coach, 10)
    answer = await meeting.agree(client)
    await meeting.pass_to(BOOKED)
    await meeting.both_prove()
    await meeting.talk(90)
    await meeting.end(client)
    payment = await house.settle(meeting.room)

    assert answer.status == "authorized"
    assert payment.amount == 375
    (intent,) = await house.intents()
    assert (intent["amount"], intent["amount_received"]) == (10 * MINUTE, 375)
    session, call = await meeting.session(), await meeting.call()
    assert (session.state, session.end_reason) == (SessionState.ENDED, SessionEnd.ENDED_BY_CLIENT)
    assert session.overtime_segments[0].state is OvertimeState.FINALIZED
    assert call.state is CallState.SETTLED
    await house.assert_books_agree(meeting.room)


async def test_the_client_asks_the_coach_agrees_and_it_stops_at_the_authorized_end(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.pass_to(BOOKED - 4)

    await meeting.ask(client, 5)
    answer = await meeting.agree(coach)
    await meeting.pass_to(BOOKED)
    await meeting.both_prove()
    await meeting.talk(400)
    payment = await house.settle(meeting.room)

    assert (answer.status, answer.client_secret) == ("pending", None)
    assert payment.amount == 5 * MINUTE
    session = await meeting.session()
    assert session.end_reason is SessionEnd.TIME_IS_UP
    assert session.ended_at == session.ends_at
    assert [tick["minute"] for tick in meeting.heard("live-session-tick")] == [1, 2, 3, 4, 5]
    await house.assert_books_agree(meeting.room)


async def test_overtime_is_extended_and_both_holds_are_captured_in_order(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.pass_to(BOOKED - 4)
    await meeting.agreed(5)
    await meeting.pass_to(BOOKED)
    await meeting.both_prove()
    await meeting.talk(180)

    await meeting.agreed(5, number=2)
    await meeting.talk(240)
    await meeting.end(coach)
    payment = await house.settle(meeting.room)

    assert payment.amount == 7 * MINUTE
    assert [intent["amount_received"] for intent in await house.intents()] == [5 * MINUTE, 2 * MINUTE]
    states = [one.state for one in (await meeting.session()).overtime_segments]
    assert states == [OvertimeState.FINALIZED, OvertimeState.FINALIZED]
    await house.assert_books_agree(meeting.room)


async def test_the_second_segment_is_active_when_its_minutes_begin(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.pass_to(BOOKED - 4)
    await meeting.agreed(5)
    await meeting.agreed(5, number=2)
    await meeting.pass_to(BOOKED)
    await meeting.both_prove()
    before = [one.state for one in (await meeting.session()).overtime_segments]

    await meeting.talk(301)

    assert before == [OvertimeState.ACTIVE, OvertimeState.AUTHORIZED]
    states = [one.state for one in (await meeting.session()).overtime_segments]
    assert states == [OvertimeState.ACTIVE, OvertimeState.ACTIVE]


async def test_a_declined_card_is_told_to_the_client_and_only_as_payment_to_the_coach(house: House) -> None:
    client, coach = await house.client(card="pm_card_chargeCustomerFail"), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.pass_to(BOOKED - 4)

    await meeting.ask(coach, 10)
    answer = await meeting.agree(client)

    failed = [data for data in meeting.heard("overtime-update") if data["state"] == "failed"]
    assert answer.status == "refused"
    assert [data["reason"] for data in failed] == ["payment", "card_declined"]
    assert (await meeting.segment()).state is OvertimeState.FAILED
    (told,) = house.published.heard_by(client, "notification")
    assert told["kind"] == "overtime_failed"
    assert house.published.heard_by(coach, "notification") == []
    await meeting.pass_to(BOOKED)
    assert (await meeting.session()).end_reason is SessionEnd.TIME_IS_UP


async def test_after_a_declined_card_another_one_pays(house: House) -> None:
    client, coach = await house.client(card="pm_card_chargeCustomerFail"), await house.coach()
    good = await house.add_card(client, "pm_card_visa")
    meeting = await in_progress(house, client, coach)
    await meeting.pass_to(BOOKED - 4)
    await meeting.ask(coach, 10)
    await meeting.agree(client)

    await meeting.ask(client, 10, good)
    await meeting.agree(coach, 2)
    await meeting.pass_to(BOOKED)
    await meeting.both_prove()
    await meeting.talk(60)
    await meeting.end(client)
    payment = await house.settle(meeting.room)

    assert payment.amount == MINUTE
    await house.assert_books_agree(meeting.room)


async def test_three_d_secure_is_asked_of_the_client_alone_and_believed_of_the_gateway_alone(
    house: House,
) -> None:
    client, coach = await house.client(card="pm_card_authenticationRequired"), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.pass_to(BOOKED - 4)
    overtime = house.calls.sessions.overtime
    await meeting.ask(coach, 10)

    answer = await meeting.agree(client)
    early = await overtime.payment_confirmed(client.who, meeting.booking_id)
    (intent,) = await house.intents()
    await house.sandbox.answer_challenge(intent["id"], answer.client_secret, "complete")
    done = await overtime.payment_confirmed(client.who, meeting.booking_id)

    assert (answer.status, bool(answer.client_secret)) == ("requires_action", True)
    assert early.status == "requires_action"
    assert done.status == "authorized"
    secrets = [data["clientSecret"] for data in meeting.heard("overtime-update")]
    assert [bool(secret) for secret in secrets].count(True) == 1
    assert (await meeting.segment()).state is OvertimeState.AUTHORIZED


async def test_a_wish_that_nobody_answered_expires_and_the_session_ends_at_its_booked_end(
    house: House,
) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.pass_to(BOOKED - 1)

    await meeting.ask(coach, 10)
    await meeting.pass_to(BOOKED)

    session = await meeting.session()
    assert (await meeting.segment()).state is OvertimeState.EXPIRED
    assert (session.end_reason, session.ended_at) == (SessionEnd.TIME_IS_UP, session.end)
    assert await house.intents() == []


async def test_a_declined_wish_costs_nothing(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.pass_to(BOOKED - 2)

    await meeting.ask(coach, 10)
    await meeting.decline(client)
    refused = await refusal(meeting.agree(client))

    assert refused.code is Code.GONE
    assert (await meeting.segment()).state is OvertimeState.DECLINED
    assert await house.intents() == []


async def test_nobody_agrees_to_their_own_wish(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)

    await meeting.ask(coach, 10)
    refused = await refusal(meeting.agree(coach))

    assert refused.code is Code.FORBIDDEN
    assert await house.intents() == []


async def test_agreeing_twice_holds_the_money_once(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)

    await meeting.ask(coach, 10)
    first = await meeting.agree(client)
    again = await meeting.agree(client)

    assert first == again
    assert len(await house.intents()) == 1


async def test_overtime_never_runs_into_the_next_booking(house: House) -> None:
    client, coach, other = await house.client(), await house.coach(), await house.client()
    meeting = await booked(house, client, coach)
    await booked(house, other, coach, starts_in=3600 + (BOOKED + 7) * 60)
    await meeting.pass_to(0)
    await meeting.both_join()

    refused = await refusal(meeting.ask(client, 10))
    number = await meeting.ask(client, 7)

    assert refused.code is Code.SLOT_TAKEN
    assert number == 1


async def test_the_time_of_agreed_overtime_is_kept_from_others(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)

    await meeting.agreed(10)

    (booking,) = await house.stores.bookings.find([meeting.booking_id])
    assert booking.busy_until == (await meeting.session()).ends_at


async def test_overtime_that_was_not_begun_is_released_when_the_session_ends_early(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.agreed(10)

    await meeting.end(client)
    call = await house.over(meeting.room)

    assert call.state is CallState.CANCELLED
    assert (await meeting.segment()).state is OvertimeState.EXPIRED
    assert await house.open_holds() == []


async def test_overtime_in_which_media_was_never_proven_costs_nothing(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.agreed(10)
    await meeting.pass_to(BOOKED)

    await house.pass_time(61)
    call = await house.over(meeting.room)

    assert call.state is CallState.FAILED
    assert (await meeting.session()).state is SessionState.ENDED
    assert (await meeting.segment()).state is OvertimeState.FINALIZED


async def test_only_proven_overlap_counts_and_a_pause_is_free(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.agreed(10)
    await meeting.pass_to(BOOKED)
    await meeting.both_prove()
    await meeting.talk(60)

    await meeting.lose(client)
    house.clock.advance(20)
    await meeting.join(client, resume=True)
    await meeting.media(client)
    await meeting.talk(60)
    await meeting.end(coach)
    payment = await house.settle(meeting.room)

    assert payment.amount == 2 * MINUTE
    running = [data["running"] for data in meeting.heard("overtime-meter")]
    assert running == [True, False, True]
    await house.assert_books_agree(meeting.room)


async def test_who_does_not_come_back_ends_the_session_at_the_last_proven_instant(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.agreed(10)
    await meeting.pass_to(BOOKED)
    await meeting.both_prove()
    await meeting.talk(60)

    await meeting.lose(client)
    await house.pass_time(46)
    payment = await house.settle(meeting.room)

    assert payment.amount == MINUTE
    assert (await meeting.session()).end_reason is SessionEnd.CONNECTION_LOST


async def test_a_worker_that_comes_late_changes_nothing_in_what_is_charged(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.pass_to(BOOKED - 4)
    await meeting.agreed(5)
    seconds = ((await meeting.session()).end - house.clock.now()).total_seconds()
    house.clock.advance(seconds)  # no timer runs

    await meeting.both_prove()
    for _ in range(12):
        house.clock.advance(5)
        await house.keep_proving(meeting.room)
    await meeting.end(client)
    payment = await house.settle(meeting.room)

    assert payment.amount == MINUTE


async def test_a_client_in_another_call_has_to_end_that_first(house: House) -> None:
    client, coach, other = await house.client(), await house.coach(), await house.coach("Other")
    meeting = await in_progress(house, client, coach)
    await house.live(client, other)

    await meeting.ask(coach, 10)
    refused = await refusal(meeting.agree(client))

    assert refused.code is Code.CALL_OPEN
    assert (await meeting.segment()).pending


async def test_a_client_without_a_card_is_told_so_and_may_add_one(house: House) -> None:
    client, coach = await house.client(card=None), await house.coach()
    meeting = await in_progress(house, client, coach)

    refused = await refusal(meeting.ask(client, 10))
    await meeting.ask(coach, 10)
    told = await refusal(meeting.agree(client))
    await house.add_card(client, "pm_card_visa")
    answer = await meeting.agree(client)

    assert (refused.code, told.code) == (Code.NO_PAYMENT_METHOD, Code.NO_PAYMENT_METHOD)
    assert answer.status == "authorized"


async def test_a_card_that_is_gone_when_the_coach_agrees_makes_the_wish_fail(house: House) -> None:
    client, coach = await house.client(card=None), await house.coach()
    card = await house.add_card(client, "pm_card_visa")
    meeting = await in_progress(house, client, coach)
    await meeting.ask(client, 10)
    await house.cards.remove(client.who, card)

    await meeting.agree(coach)

    failed = [data["reason"] for data in meeting.heard("overtime-update") if data["state"] == "failed"]
    assert failed == ["payment", "no_payment_method"]
    assert await house.intents() == []


async def test_the_rate_is_the_session_types_own_or_that_of_a_booked_minute(house: House) -> None:
    client, coach = await house.client(), await house.coach()

    own = await booked(house, client, coach, overtime_rate=Money(400, "USD"))
    derived = await booked(house, client, coach, minutes=45, price=10_001, starts_in=90_000)
    free = await booked(house, client, coach, price=0, starts_in=180_000)

    assert (await own.session()).overtime_rate == Money(400, "USD")
    assert (await derived.session()).overtime_rate == Money(222, "USD")
    assert (await free.session()).overtime_rate.amount == 0


async def test_a_free_session_is_sold_without_overtime(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach, price=0)

    refused = await refusal(meeting.ask(client, 10))

    assert refused.code is Code.ILLEGAL_STATE
