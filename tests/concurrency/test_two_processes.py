"""Two processes, one database, one gateway: whatever happens in the same instant happens once."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest

from adapters.mongo.lanes import LANE_COUNT
from domain.calls.states import CallState
from domain.errors import Code, Conflict, DomainError
from domain.events import ToCall
from domain.ids import SessionId, new_id
from tests.support.house import House, Party


async def at_once(*acts: Awaitable[Any]) -> list[Any]:
    """What each of the acts came to, when all begin together."""
    return list(await asyncio.gather(*acts, return_exceptions=True))


def codes(outcomes: list[Any]) -> list[str]:
    """The error codes among outcomes; anything else than a domain error fails the test."""
    failed = [one for one in outcomes if isinstance(one, BaseException)]
    assert all(isinstance(one, DomainError) for one in failed), failed
    return sorted(one.code.value for one in failed)


async def live_in_two(house: House, neighbour: House) -> tuple[Party, Party, SessionId]:
    """A live call whose sides sit at different processes."""
    coach, client = await house.coach(), await house.client()
    session = await house.answered(client, coach)
    await house.join(client, session)
    await neighbour.join(coach, session)
    await house.proven(client, session)
    await neighbour.proven(coach, session)
    return coach, client, session


async def talk(house: House, neighbour: House, session: SessionId, seconds: int) -> None:
    for _ in range(seconds // 60):
        house.clock.advance(60)
        await house.keep_proving(session)
        await neighbour.keep_proving(session)
        await house.run_due()


async def test_two_clients_call_one_coach_thirty_times_and_one_rings_each_time(
    house: House, neighbour: House
) -> None:
    coach = await house.coach()
    clients = [await house.client("One"), await house.client("Other")]
    for trial in range(30):
        outcomes = await at_once(house.ask(clients[0], coach), neighbour.ask(clients[1], coach))
        rung = [one for one in outcomes if not isinstance(one, BaseException)]
        assert codes(outcomes) == [Code.COACH_BUSY.value]
        assert [one.state for one in rung] == ["ringing"]
        assert len(await house.intents()) == trial + 1
        assert len(house.published.heard_by(coach, "live_session_ringing")) == trial + 1
        await house.calls.answers.decline(coach.who, rung[0].session_id, None)
        await house.over(rung[0].session_id)

    assert not await house.open_holds()
    assert (await house.stored_coach(coach)).claim is None


async def test_a_client_who_calls_two_coaches_at_once_has_one_call(house: House, neighbour: House) -> None:
    one, other, client = await house.coach(), await house.coach("Other"), await house.client()
    for _ in range(5):
        outcomes = await at_once(house.ask(client, one), neighbour.ask(client, other))
        asked = next(result for result in outcomes if not isinstance(result, BaseException))
        assert codes(outcomes) == [Code.CALL_OPEN.value]
        await house.calls.answers.cancel(client.who, asked.session_id)
        await house.over(asked.session_id)
        claims = [(await house.stored_coach(coach)).claim for coach in (one, other)]
        assert claims == [None, None]


async def test_one_request_sent_twice_at_once_is_one_call(house: House, neighbour: House) -> None:
    coach, client = await house.coach(), await house.client()

    first, second = await at_once(
        house.ask(client, coach, request="same"), neighbour.ask(client, coach, request="same")
    )

    assert first.session_id == second.session_id
    assert len(await house.intents()) == 1


async def test_three_devices_accept_at_once_and_one_wins(house: House, neighbour: House) -> None:
    coach, client = await house.coach(), await house.client()
    for _ in range(10):
        session = (await house.ask(client, coach)).session_id
        devices = [f"device-{new_id()}" for _ in range(3)]
        outcomes = await at_once(
            *(
                at.calls.answers.accept(coach.who, session, device)
                for at, device in zip((house, neighbour, house), devices, strict=True)
            )
        )
        call = await house.call(session)
        assert codes(outcomes) == [Code.ANSWERED_ELSEWHERE.value] * 2
        assert call.accepted_by == devices[outcomes.index(None)]
        told = house.published.heard_by(coach, "live_session_update")[-1]
        assert (told["state"], told["acceptedDeviceId"]) == ("ready", call.accepted_by)
        await house.calls.answers.cancel(client.who, session)
        await house.over(session)


async def test_a_repeated_accept_of_the_winner_is_no_error(house: House, neighbour: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = (await house.ask(client, coach)).session_id

    outcomes = await at_once(
        house.calls.answers.accept(coach.who, session, coach.device),
        neighbour.calls.answers.accept(coach.who, session, coach.device),
    )

    assert outcomes == [None, None]
    assert [entry.what for entry in (await house.call(session)).timeline].count("accept") == 1


@pytest.mark.parametrize("rival", ["ring timeout", "cancel", "decline", "suspension"])
async def test_an_accept_and_its_rival_at_once_leave_one_of_two_whole_outcomes(
    house: House, neighbour: House, rival: str
) -> None:
    coach, client = await house.coach(), await house.client()
    ends = {"ring timeout": "missed", "cancel": "cancelled", "decline": "declined", "suspension": "cancelled"}
    for _ in range(8):
        await house.calls.presence.set_status(coach.who, (await house.stored_coach(coach)).wish.ONLINE, None)
        session = (await house.ask(client, coach)).session_id
        house.clock.advance(30)
        rivals = {
            "ring timeout": lambda one: neighbour.calls.answers.ring_timed_out(one),
            "cancel": lambda one: neighbour.calls.answers.cancel(client.who, one),
            "decline": lambda one: neighbour.calls.answers.decline(coach.who, one, None),
            "suspension": lambda _: neighbour.calls.endings.suspended(client.who.user_id),
        }
        outcomes = await at_once(
            house.calls.answers.accept(coach.who, session, coach.device), rivals[rival](session)
        )
        call, claim = await house.call(session), (await house.stored_coach(coach)).claim
        assert set(codes(outcomes)) <= {Code.GONE.value, Code.ANSWERED_ELSEWHERE.value}
        assert call.state.value in ("ready", ends[rival])
        assert (claim is not None) == (call.state is CallState.READY)
        await house.calls.endings.suspended(client.who.user_id)
        await house.over(session)
    assert (await house.stored_coach(coach)).claim is None


async def test_both_hang_up_at_once_and_the_call_ends_once(house: House, neighbour: House) -> None:
    for _ in range(5):
        coach, client, session = await live_in_two(house, neighbour)
        await talk(house, neighbour, session, 60)
        first, second = await at_once(
            house.calls.endings.end(client.who, session, None),
            neighbour.calls.endings.end(coach.who, session, None),
        )
        payment = await house.settle(session)
        call = await house.call(session)
        assert first.final == second.final == call.final
        assert [entry.what for entry in call.timeline].count("end") == 1
        assert payment.amount == 250
        await house.assert_books_agree(session)


async def test_a_tick_and_an_end_at_once_change_nothing_in_the_price(house: House, neighbour: House) -> None:
    for _ in range(5):
        coach, client, session = await live_in_two(house, neighbour)
        for _ in range(6):
            house.clock.advance(20)
            await house.keep_proving(session)
            await neighbour.keep_proving(session)
        outcomes = await at_once(
            house.calls.ticks.one(session),
            *(neighbour.calls.ticks.batch(lane) for lane in range(LANE_COUNT)),
            neighbour.calls.endings.end(coach.who, session, None),
        )
        assert codes(outcomes) == []
        assert (await house.settle(session)).amount == 500
        assert client.who.user_id == (await house.call(session)).caller.user_id


async def test_an_end_and_the_limit_at_once_charge_what_was_authorized(
    house: House, neighbour: House
) -> None:
    coach, client, session = await live_in_two(house, neighbour)
    await house.stores.db["live_sessions"].update_one({"open": True}, {"$set": {"low_balance": True}})
    for _ in range(17):
        house.clock.advance(60)
        await house.keep_proving(session)
        await neighbour.keep_proving(session)

    outcomes = await at_once(
        house.calls.endings.limit_reached(session),
        neighbour.calls.endings.end(client.who, session, None),
        house.calls.endings.grace_over(session),
    )

    assert codes(outcomes) == []
    assert (await house.settle(session)).amount == 3750
    assert (await house.stored_coach(coach)).claim is not None
    await house.assert_books_agree(session)


async def test_two_processes_settle_at_once_and_charge_once(house: House, neighbour: House) -> None:
    for trial in range(3):
        coach, client, session = await live_in_two(house, neighbour)
        await talk(house, neighbour, session, 780)
        await house.calls.endings.end(client.who, session, None)
        await at_once(*(at.calls.settlement.settle(session) for at in (house, neighbour, house, neighbour)))
        payment = await house.settle(session)
        assert payment.amount == 3250
        assert await house.stores.db["earnings"].count_documents({}) == trial + 1
        assert await house.stores.db["ledger"].count_documents({}) == trial + 1
        assert coach.who.coach_id == payment.coach_id
        await house.assert_books_agree(session)


async def test_two_devices_take_the_same_seat_at_once_and_one_holds_it(
    house: House, neighbour: House
) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.answered(client, coach)
    tablet = replace(client, device=f"device-{new_id()}", sid=f"socket-{new_id()}")

    outcomes = await at_once(house.join(client, session), neighbour.join(tablet, session))

    call = await house.call(session)
    (taken,) = house.published.named("live-seat-taken")
    assert codes(outcomes) == []
    assert call.caller.seat is not None
    assert {call.caller.seat.sid, taken["sid"]} == {client.sid, tablet.sid}
    assert call.epoch == 1


async def test_both_sides_prove_at_once_and_the_meter_starts_once(house: House, neighbour: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.answered(client, coach)
    await at_once(house.join(client, session), neighbour.join(coach, session))

    outcomes = await at_once(house.proven(client, session), neighbour.proven(coach, session))

    call = await house.call(session)
    started = [to for to, name, _ in house.published.events if name == "live-session-started"]
    assert codes(outcomes) == []
    assert (call.state, call.live_at) == (CallState.LIVE, house.clock.now())
    assert started == [ToCall(session, frozenset({"p1", "p2"}))]


async def test_two_cards_at_once_hold_one_block(house: House, neighbour: House) -> None:
    _, client, session = await live_in_two(house, neighbour)
    await house.stores.db["live_sessions"].update_one({"open": True}, {"$set": {"low_balance": True}})
    card = (await house.cards.list(client.who))[0].id

    outcomes = await at_once(
        *(at.calls.authorizations.change_card(client.who, session, card) for at in (house, neighbour))
    )

    assert all(isinstance(one, Conflict) for one in outcomes if isinstance(one, BaseException))
    assert len(await house.intents()) == 2
