"""Every way in which a call ends before anybody talks: nothing is charged, nothing stays held, the coach is free."""

import pytest

from domain.calls.session import LiveSession, Side
from domain.calls.states import CallState
from domain.coaching.coach import ClaimState
from domain.errors import Code, Conflict, PaymentRefused
from domain.ids import SessionId
from sandbox.cards import CARDS
from tests.support.house import House, Party

#: A card that may be saved and is then refused, as is any card that the fault makes refuse.
ATTACHABLE_REFUSED = "pm_card_chargeCustomerFail"
DECLINES = sorted({card.decline for card in CARDS.values() if card.decline})
THREE_DS = "pm_card_authenticationRequired"


async def assert_nothing_happened(house: House, call: LiveSession, coach: Party) -> None:
    assert not await house.open_holds()
    assert [intent["amount_received"] for intent in await house.intents() if intent["amount_received"]] == []
    assert await house.stores.payments.by_sessions([call.id]) == {}
    assert call.final is not None
    assert (call.final.billable_seconds, call.final.amount) == (0, 0)
    assert (await house.stored_coach(coach)).claim is None
    assert await house.timers_of(call.id) == set()


async def test_a_declined_call_costs_nothing(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = (await house.ask(client, coach)).session_id

    await house.calls.answers.decline(coach.who, session, "not now")
    call = await house.over(session)

    assert (call.state, call.end_reason) == (CallState.DECLINED, "declined")
    assert [entry.detail["text"] for entry in call.timeline if entry.what == "reason"] == ["not now"]
    assert house.published.statuses(coach) == ["online", "busy", "online"]
    await assert_nothing_happened(house, call, coach)


async def test_declining_twice_is_declining_once(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = (await house.ask(client, coach)).session_id
    await house.calls.answers.decline(coach.who, session, None)
    before = (await house.call(session)).version

    await house.calls.answers.decline(coach.who, session, None)

    assert (await house.call(session)).version == before


async def test_a_ringing_call_can_be_cancelled(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = (await house.ask(client, coach)).session_id

    await house.calls.answers.cancel(client.who, session)
    call = await house.over(session)

    assert call.state is CallState.CANCELLED
    assert house.published.heard_by(coach, "live_session_update")[-1]["state"] == "cancelled"
    await assert_nothing_happened(house, call, coach)


async def test_an_accepted_call_can_be_cancelled_before_talk(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.answered(client, coach)
    await house.join(client, session)

    await house.calls.answers.cancel(client.who, session)
    call = await house.over(session)

    assert call.state is CallState.CANCELLED
    assert house.published.named("live-session-ended")[-1]["amount"] == {"amount": 0, "currency": "USD"}
    await assert_nothing_happened(house, call, coach)


async def test_a_call_that_waits_for_the_bank_can_be_cancelled(house: House) -> None:
    coach, client = await house.coach(), await house.client(card=THREE_DS)
    session = (await house.ask(client, coach)).session_id

    await house.calls.answers.cancel(client.who, session)
    call = await house.over(session)

    assert call.state is CallState.CANCELLED
    assert [intent["status"] for intent in await house.intents()] == ["canceled"]
    assert house.published.statuses(coach) == ["online"]
    await assert_nothing_happened(house, call, coach)


async def test_a_live_call_cannot_be_cancelled(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)

    with pytest.raises(Conflict) as refused:
        await house.calls.answers.cancel(client.who, session)

    assert refused.value.code is Code.GONE


async def test_only_the_coach_answers_and_only_the_client_cancels(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = (await house.ask(client, coach)).session_id

    for wrong in (
        house.calls.answers.accept(client.who, session, client.device),
        house.calls.answers.decline(client.who, session, None),
        house.calls.answers.cancel(coach.who, session),
    ):
        with pytest.raises(Exception, match="Only the c") as refused:
            await wrong
        assert refused.value.code is Code.FORBIDDEN  # type: ignore[attr-defined]

    assert (await house.call(session)).state is CallState.RINGING


async def missed(house: House, client: Party, coach: Party) -> SessionId:
    session = (await house.ask(client, coach)).session_id
    await house.pass_time(30)
    await house.over(session)
    return session


async def test_a_ring_that_nobody_answers_is_a_missed_call_to_read_about_later(house: House) -> None:
    coach, client = await house.coach(), await house.client("Anna Example")
    session = (await house.ask(client, coach)).session_id
    await house.pass_time(29.9)
    still = (await house.call(session)).state

    await house.pass_time(0.1)
    call = await house.over(session)

    page = await house.calls.notifications.page(coach.who, before=None, unread_only=True, limit=10)
    assert (still, call.state, call.end_reason) == (CallState.RINGING, CallState.MISSED, "no_answer")
    assert [item.kind for item in page.items] == ["missed_call"]
    assert page.items[0].params == {"sessionId": session, "clientName": "Anna Example"}
    await assert_nothing_happened(house, call, coach)


async def test_three_missed_calls_in_a_row_take_the_coach_offline_and_say_so(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    for _ in range(3):
        await missed(house, client, coach)

    page = await house.calls.notifications.page(coach.who, before=None, unread_only=True, limit=10)
    assert house.published.statuses(coach)[-1] == "offline"
    assert sorted(item.kind for item in page.items) == ["missed_call"] * 3 + ["went_offline"]
    with pytest.raises(Conflict) as refused:
        await house.ask(client, coach)
    assert refused.value.code is Code.COACH_OFFLINE


async def test_an_answer_begins_the_count_of_missed_calls_anew(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    await missed(house, client, coach)
    await missed(house, client, coach)
    session = await house.answered(client, coach)
    await house.calls.answers.cancel(client.who, session)
    await house.over(session)

    await missed(house, client, coach)

    assert house.published.statuses(coach)[-1] == "online"


async def test_a_gateway_that_does_not_answer_ends_the_attempt_and_nothing_stays_held(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    await house.sandbox.fault("timeout_after_success", operation="payment_intents.create", seconds=5)

    asked = await house.ask(client, coach)
    call = await house.over(asked.session_id)

    assert (asked.state, call.end_reason) == ("unpaid", "authorization_timeout")
    assert [intent["status"] for intent in await house.intents()] == ["canceled"]
    assert not house.published.heard_by(coach, "live_session_ringing")
    assert house.published.statuses(coach) == ["online"]
    await assert_nothing_happened(house, call, coach)


#: Of the others, the client is told as much as the gateway says.
TOLD = dict.fromkeys(
    ("generic_decline", "lost_card", "stolen_card", "fraudulent", "pickup_card"), "card_declined"
)


@pytest.mark.parametrize("code", DECLINES)
async def test_a_refused_card_disturbs_nobody(house: House, code: str) -> None:
    coach, client = await house.coach(), await house.client()
    await house.sandbox.fault("decline", code=code)

    with pytest.raises(PaymentRefused) as refused:
        await house.ask(client, coach)
    call = (await house.stores.calls.history(client.who.user_id, None, 1))[0]
    call = await house.over(call.id)

    said = TOLD.get(code, code)
    assert refused.value.details == {"reason": said, "sessionId": call.id}
    assert (call.state, call.end_reason) == (CallState.UNPAID, "payment_refused")
    assert house.published.statuses(coach) == ["online"]
    assert not house.published.heard_by(coach, "live_session_ringing")
    assert not house.published.heard_by(coach, "live_session_update")
    await assert_nothing_happened(house, call, coach)


async def test_a_client_whose_card_was_refused_may_try_again_at_once(house: House) -> None:
    coach, client = await house.coach(), await house.client(card=ATTACHABLE_REFUSED)
    good = await house.add_card(client, "pm_card_visa")
    with pytest.raises(PaymentRefused):
        await house.ask(client, coach)

    asked = await house.ask(client, coach, card=good)

    assert asked.state == "ringing"


async def test_three_d_secure_done_lets_the_coach_ring(house: House) -> None:
    coach, client = await house.coach(), await house.client(card=THREE_DS)
    asked = await house.ask(client, coach)
    (intent,) = await house.intents()
    quiet = house.published.heard_by(coach, "live_session_ringing")
    await house.sandbox.answer_challenge(intent["id"], asked.authorization.client_secret, "complete")

    view = await house.calls.authorizations.confirm(client.who, asked.session_id)

    assert (asked.state, asked.authorization.status, quiet) == ("requires_action", "requires_action", [])
    assert (view.status, view.client_secret) == ("authorized", None)
    assert (await house.call(asked.session_id)).state is CallState.RINGING
    assert len(house.published.heard_by(coach, "live_session_ringing")) == 1


async def test_three_d_secure_failed_disturbs_nobody(house: House) -> None:
    coach, client = await house.coach(), await house.client(card=THREE_DS)
    asked = await house.ask(client, coach)
    (intent,) = await house.intents()
    await house.sandbox.answer_challenge(intent["id"], asked.authorization.client_secret, "fail")

    view = await house.calls.authorizations.confirm(client.who, asked.session_id)
    call = await house.over(asked.session_id)

    assert (view.status, call.state) == ("refused", CallState.UNPAID)
    assert house.published.statuses(coach) == ["online"]
    await assert_nothing_happened(house, call, coach)


async def test_saying_that_three_d_secure_is_done_does_not_make_it_so(house: House) -> None:
    coach, client = await house.coach(), await house.client(card=THREE_DS)
    asked = await house.ask(client, coach)

    view = await house.calls.authorizations.confirm(client.who, asked.session_id)

    assert view.status == "requires_action"
    assert (await house.call(asked.session_id)).state is CallState.REQUIRES_ACTION


async def test_three_d_secure_has_three_minutes(house: House) -> None:
    coach, client = await house.coach(), await house.client(card=THREE_DS)
    session = (await house.ask(client, coach)).session_id
    await house.pass_time(179)
    still = (await house.call(session)).state

    await house.pass_time(1)
    call = await house.over(session)

    assert (still, call.state) == (CallState.REQUIRES_ACTION, CallState.UNPAID)
    assert [intent["status"] for intent in await house.intents()] == ["canceled"]
    await assert_nothing_happened(house, call, coach)


@pytest.mark.parametrize("who_comes", ["nobody", "client", "coach"])
async def test_an_accepted_call_to_which_somebody_does_not_come_is_abandoned(
    house: House, who_comes: str
) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.answered(client, coach)
    for party in {"nobody": [], "client": [client], "coach": [coach]}[who_comes]:
        await house.join(party, session)
    await house.pass_time(59.9)
    still = (await house.call(session)).state

    await house.pass_time(0.1)
    call = await house.over(session)

    assert (still, call.state, call.end_reason) == (CallState.READY, CallState.ABANDONED, "not_joined")
    await assert_nothing_happened(house, call, coach)


async def test_media_that_is_never_proven_fails_the_call_sixty_seconds_after_both_came(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.answered(client, coach)
    await house.join(client, session)
    await house.pass_time(40)
    await house.join(coach, session)
    await house.pass_time(59)
    still = (await house.call(session)).state

    await house.pass_time(1)
    call = await house.over(session)

    assert (still, call.state, call.end_reason) == (CallState.READY, CallState.FAILED, "no_media")
    await assert_nothing_happened(house, call, coach)


async def test_a_side_that_denies_media_for_ten_seconds_pauses_the_call_and_grace_fails_it(
    house: House,
) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.answered(client, coach)
    await house.join(client, session)
    await house.join(coach, session)
    await house.proven(coach, session)
    await house.silence(session, 9, but=Side.CALLEE)
    still = (await house.call(session)).state
    await house.silence(session, 1, but=Side.CALLEE)
    paused = await house.call(session)

    await house.silence(session, 45, but=Side.CALLEE)
    call = await house.over(session)

    denials = [entry.by for entry in paused.timeline if entry.what == "media_denied"]
    assert (still, paused.state, denials) == (CallState.READY, CallState.PAUSED, ["caller"])
    assert (call.state, call.end_reason) == (CallState.FAILED, "media_denied")
    await assert_nothing_happened(house, call, coach)


async def test_a_side_that_was_slow_to_prove_may_still_begin_within_grace(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.answered(client, coach)
    await house.join(client, session)
    await house.join(coach, session)
    await house.proven(coach, session)
    await house.silence(session, 20, but=Side.CALLEE)

    await house.proven(client, session)
    await house.talk(session, 30)
    await house.calls.endings.end(client.who, session, None)
    payment = await house.settle(session)

    assert payment.amount == 125
    await house.assert_books_agree(session)


async def test_a_request_repeated_with_its_id_is_the_same_call(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    first = await house.ask(client, coach, request="one")

    second = await house.ask(client, coach, request="one")

    assert (second.session_id, second.state) == (first.session_id, "ringing")
    assert len(await house.intents()) == 1


async def test_a_client_has_one_open_call_at_a_time(house: House) -> None:
    coach, other, client = await house.coach(), await house.coach("Other"), await house.client()
    await house.ask(client, coach)

    with pytest.raises(Conflict) as refused:
        await house.ask(client, other)

    assert refused.value.code is Code.CALL_OPEN
    assert len(await house.intents()) == 1
    assert (await house.stored_coach(other)).claim is None


async def test_a_coach_in_a_call_is_busy_for_everybody_else(house: House) -> None:
    coach, client, other = await house.coach(), await house.client(), await house.client("Other")
    await house.ask(client, coach)

    with pytest.raises(Conflict) as refused:
        await house.ask(other, coach)

    claim = (await house.stored_coach(coach)).claim
    assert refused.value.code is Code.COACH_BUSY
    assert claim is not None
    assert claim.state is ClaimState.RINGING
    assert len(await house.intents()) == 1
