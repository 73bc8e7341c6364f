"""What somebody would try who wants to talk for free, be charged twice, or leave a coach stuck."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.mongo.client import MongoClient, MongoDatabase
from domain.accounts.account import Role
from domain.accounts.revocations import Revocation
from domain.accounts.suspension import Suspension, SuspensionPorts
from domain.calls.holds import HoldState
from domain.calls.session import Side
from domain.calls.states import CallState
from domain.calls.terms import CallTerms
from domain.coaching.coach import ABSENCE_SECONDS, Wish
from domain.errors import Code, Conflict, RateLimited
from domain.ids import SessionId, UserId, new_id
from domain.timers import TimerKind
from tests.support.house import House, Party, house_on

THREE_DS = "pm_card_authenticationRequired"


async def ready(house: House) -> tuple[Party, Party, SessionId]:
    """Accepted, and both are seated."""
    coach, client = await house.coach(), await house.client()
    session = await house.answered(client, coach)
    await house.join(client, session)
    await house.join(coach, session)
    return coach, client, session


async def assert_free(house: House, coach: Party) -> None:
    assert (await house.stored_coach(coach)).claim is None
    assert not await house.open_holds()


async def test_joining_again_and_again_does_not_keep_a_coach_for_ever(house: House) -> None:
    coach, client, session = await ready(house)
    for _ in range(11):
        await house.pass_time(10)
        with suppress(Conflict):
            await house.join(replace(client, sid=f"socket-{new_id()}"), session)

    call = await house.call(session)

    assert (call.state, call.end_reason) == (CallState.FAILED, "no_media")
    await assert_free(house, coach)


async def test_a_pause_before_any_talk_cannot_be_cancelled_but_ended_and_costs_nothing(house: House) -> None:
    coach, client, session = await ready(house)
    await house.proven(coach, session)
    await house.silence(session, 11, but=Side.CALLEE)
    with pytest.raises(Conflict) as refused:
        await house.calls.answers.cancel(client.who, session)

    await house.calls.endings.end(client.who, session, None)
    call = await house.over(session)

    assert (refused.value.code, call.state) == (Code.GONE, CallState.FAILED)
    await assert_free(house, coach)


async def test_a_paused_call_after_talk_can_be_ended_but_not_cancelled_away(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 120, step=30)
    await house.leave(client, session)

    with pytest.raises(Conflict):
        await house.calls.answers.cancel(client.who, session)
    await house.calls.endings.end(client.who, session, None)
    payment = await house.settle(session)

    assert payment.amount == 500
    await house.assert_books_agree(session)


async def test_the_coach_ends_before_talk_while_the_answer_of_a_card_is_still_out(house: House) -> None:
    coach, client, session = await ready(house)
    await house.stores.db["live_sessions"].update_one({}, {"$set": {"low_balance": True}})
    await house.sandbox.fault("drop_after_success", operation="payment_intents.create")
    other = await house.add_card(client, "pm_card_mastercard")
    view = await house.calls.authorizations.change_card(client.who, session, other)

    await house.calls.endings.end(coach.who, session, None)
    call = await house.over(session)

    assert (view.status, call.state, call.end_reason) == ("pending", CallState.CANCELLED, "ended_by_coach")
    assert [intent["status"] for intent in await house.intents()] == ["canceled", "canceled"]
    await assert_free(house, coach)


async def test_trying_cards_while_one_is_being_tried_is_refused(house: House) -> None:
    _, client, session = await ready(house)
    await house.stores.db["live_sessions"].update_one({}, {"$set": {"low_balance": True}})
    await house.sandbox.fault("drop_after_success", operation="payment_intents.create")
    other = await house.add_card(client, "pm_card_mastercard")
    await house.calls.authorizations.change_card(client.who, session, other)

    for _ in range(5):
        with pytest.raises(Conflict):
            await house.calls.authorizations.change_card(client.who, session, other)

    assert len(await house.intents()) == 2


async def test_a_coach_who_goes_offline_while_it_rings_may_still_answer_and_is_offline_after(
    house: House,
) -> None:
    coach, client = await house.coach(), await house.client()
    session = (await house.ask(client, coach)).session_id
    await house.calls.presence.set_status(coach.who, Wish.OFFLINE, None)
    shown = (await house.calls.presence.statuses([coach.who.coach_id]))[0].status  # type: ignore[list-item]

    await house.pass_time(30)
    call = await house.over(session)

    assert (shown, call.state) == ("busy", CallState.MISSED)
    assert house.published.statuses(coach)[-1] == "offline"
    await assert_free(house, coach)


@pytest.mark.parametrize("who", ["client", "coach"])
async def test_a_suspension_while_it_rings_ends_the_ring(house: House, who: str) -> None:
    coach, client = await house.coach(), await house.client()
    session = (await house.ask(client, coach)).session_id

    await house.calls.endings.suspended({"client": client, "coach": coach}[who].who.user_id)
    call = await house.over(session)

    assert (call.state, call.end_reason) == (CallState.CANCELLED, "suspended")
    await assert_free(house, coach)


async def test_watchers_hear_of_an_absence_that_lasts_into_a_reservation(house: House) -> None:
    coach, client = await house.coach(), await house.client(card=THREE_DS)
    await house.calls.presence.left(coach.who.user_id)
    await house.pass_time(ABSENCE_SECONDS - 5)
    session = (await house.ask(client, coach)).session_id
    await house.pass_time(10)

    await house.calls.answers.cancel(client.who, session)
    await house.over(session)

    assert house.published.statuses(coach) == ["online", "offline"]


async def test_a_grace_timer_of_an_earlier_pause_does_not_end_a_later_one(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 30, step=10)
    await house.leave(client, session)
    await house.silence(session, 40, but=Side.CALLEE)
    client = replace(client, sid=f"socket-{new_id()}")
    await house.join(client, session, resume=True)
    await house.proven(client, session)
    await house.talk(session, 10)
    await house.leave(client, session)

    await house.calls.endings.grace_over(session)
    still = (await house.call(session)).state
    await house.silence(session, 45, but=Side.CALLEE)

    assert (still, (await house.call(session)).state) == (CallState.PAUSED, CallState.SETTLED)
    assert coach.who.coach_id is not None


async def test_a_cooldown_timer_of_an_earlier_call_does_not_cut_a_later_cooldown(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 30, step=10)
    await house.calls.endings.end(client.who, session, None)
    await house.pass_time(30)

    await house.calls.presence.cooled_down(coach.who.coach_id)  # type: ignore[arg-type]
    still = house.published.statuses(coach)[-1]
    await house.pass_time(30)

    assert (still, house.published.statuses(coach)[-1]) == ("busy", "online")


async def test_a_denial_timer_that_comes_early_pauses_nothing(house: House) -> None:
    coach, _, session = await ready(house)
    await house.proven(coach, session)

    await house.calls.media.denied(session)

    assert (await house.call(session)).state is CallState.READY
    assert TimerKind.MEDIA_DENIED.value in await house.timers_of(session)


async def test_a_join_timer_that_comes_early_abandons_nothing(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.answered(client, coach)

    await house.calls.endings.join_timed_out(session)

    assert (await house.call(session)).state is CallState.READY


async def test_a_hold_made_good_behind_our_back_after_its_refusal_is_released(house: House) -> None:
    coach, client = await house.coach(), await house.client(card=THREE_DS)
    asked = await house.ask(client, coach)
    (intent,) = await house.intents()
    await house.sandbox.answer_challenge(intent["id"], asked.authorization.client_secret, "fail")
    await house.calls.authorizations.confirm(client.who, asked.session_id)
    await house.over(asked.session_id)

    await house.add_card(client, "pm_card_visa")
    stored = await house.stores.db["cards"].find_one({"last4": "4242"})
    assert stored is not None
    await house.sandbox.client.v1.payment_intents.confirm_async(
        intent["id"], {"payment_method": stored["gateway_id"]}
    )
    open_before = len(await house.open_holds())
    for event in await house.gateway_events():
        await house.gateway_tells(event)
    await house.run_due()

    assert open_before == 1
    assert not await house.open_holds()
    assert (await house.call(asked.session_id)).state is CallState.UNPAID


async def test_a_block_refused_in_the_same_moment_as_the_call_ends_leaves_nothing_open(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.sandbox.fault("drop_after_success", operation="payment_intents.create")
    await house.talk(session, 725, step=25)
    pending = [hold.state for hold in (await house.call(session)).holds]
    await house.calls.endings.end(client.who, session, None)

    payment = await house.settle(session)

    call = await house.call(session)
    assert pending == [HoldState.AUTHORIZED, HoldState.PENDING]
    assert [hold.state for hold in call.holds] == [HoldState.CAPTURED, HoldState.CANCELLED]
    assert payment.amount == 3021
    await house.assert_books_agree(session)


async def test_a_card_removed_during_the_call_warns_and_stops_at_the_limit(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.cards.remove(client.who, (await house.cards.list(client.who))[0].id)

    await house.talk(session, 960, step=30)
    payment = await house.settle(session)

    warned = house.published.named("live-session-low-balance")
    # The client is told why; the coach only that it is about money.
    assert {one["reason"] for one in warned} == {"no_payment_method", "payment"}
    assert payment.amount == 3750
    await house.assert_books_agree(session)


async def test_a_return_after_the_grace_does_not_bring_the_call_back_however_late_its_timer_is(
    house: House,
) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 60, step=10)
    await house.leave(client, session)
    house.clock.advance(46)
    await house.keep_proving(session, Side.CALLEE)

    back = replace(client, sid=f"socket-{new_id()}")
    await house.join(back, session, resume=True)
    await house.proven(back, session)
    still = (await house.call(session)).state
    house.clock.advance(30)
    payment = await house.settle(session)

    call = await house.call(session)
    assert (still, call.end_reason, payment.amount) == (CallState.PAUSED, "connection_lost", 250)


async def test_pausing_again_and_again_for_an_instant_ends_the_call_too(
    mongo: MongoDatabase, mongo_client: MongoClient, tmp_path: Path
) -> None:
    terms = CallTerms(pause_limit=20)
    async with house_on(mongo_client, tmp_path, terms=terms) as house:
        coach, client = await house.coach(), await house.client()
        session = await house.live(client, coach)
        for _ in range(terms.pause_limit + 5):
            with suppress(Conflict):
                await house.media(client, session, "disconnected")
                await house.proven(client, session)

        payment = await house.settle(session)

        call = await house.call(session)
        assert (call.end_reason, payment.amount) == ("connection_lost", 0)
        assert sum(entry.what == "lost" for entry in call.timeline) <= terms.pause_limit + 1


async def test_a_challenge_that_was_passed_counts_although_nobody_tells_us(house: House) -> None:
    coach, client = await house.coach(), await house.client(card=THREE_DS)
    asked = await house.ask(client, coach)
    await house.pass_time(20)
    (intent,) = await house.intents()
    await house.sandbox.answer_challenge(intent["id"], asked.authorization.client_secret, "complete")

    for _ in range(4):
        await house.pass_time(10)

    assert len(house.published.heard_by(coach, "live_session_ringing")) == 1


async def test_ice_cannot_be_restarted_faster_than_it_works(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    user = client.who.user_id
    await house.calls.handshakes.bump_epoch(session, user, client.sid, 1)

    with pytest.raises(RateLimited):
        await house.calls.handshakes.bump_epoch(session, user, client.sid, 2)
    await house.talk(session, 1)
    await house.calls.handshakes.bump_epoch(session, user, client.sid, 2)

    assert (await house.call(session)).epoch == 2


class NobodyListens:
    """A feed of revocations without sockets behind it."""

    async def announce(self, revocation: Revocation) -> None:
        """Nobody to close."""


async def test_suspending_again_ends_the_call_that_a_process_died_before_ending(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = (await house.ask(client, coach)).session_id
    s, admin = house.stores, replace(client.who, user_id=UserId(new_id()), role=Role.ADMIN)
    died = SuspensionPorts(
        s.transact, s.accounts, s.coaches, s.families, s.revocations, NobodyListens(), house.clock
    )
    await Suspension(died).set(admin, coach.who.user_id, suspended=True)
    still = (await house.call(session)).state

    whole = replace(died, after=(house.calls.endings,))
    await Suspension(whole).set(admin, coach.who.user_id, suspended=True)
    call = await house.over(session)

    assert (still, call.end_reason) == (CallState.RINGING, "suspended")
    await assert_free(house, coach)
