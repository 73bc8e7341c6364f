"""Overtime whose card answers late, whose processes die, and whose two sides act in the same moment."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.mongo.client import MongoClient, MongoDatabase
from domain.calls.holds import HoldState
from domain.calls.states import CallState
from domain.errors import Code, DomainError
from domain.operations.figures import TimerCounts
from domain.scheduled.session import SessionEnd
from domain.scheduled.states import OvertimeState, SessionState
from tests.integration.money.test_late_authorization import Meanwhile
from tests.support.house import House, house_on
from tests.support.sessions import BOOKED, MINUTE, Meeting, in_progress, refusal
from tests.support.steps import Killed, Steps


@pytest.fixture
async def mortal(
    mongo: MongoDatabase, mongo_client: MongoClient, tmp_path: Path
) -> AsyncIterator[tuple[House, Steps]]:
    """A house that dies at the edge it is told."""
    steps = Steps()
    async with house_on(mongo_client, tmp_path, steps=steps) as house:
        yield house, steps


async def wished(house: House) -> Meeting:
    """Two minutes before the end, the coach asks for more."""
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.pass_to(BOOKED - 2)
    await meeting.ask(coach, 5)
    return meeting


async def run_out(meeting: Meeting) -> int:
    """Let look-ups and the end of the booked time come; talk for a minute if overtime runs. What was captured."""
    house = meeting.house
    for _ in range(3):
        await house.pass_time(20)
    await meeting.pass_to(BOOKED)
    if (await meeting.session()).state is SessionState.ENDED:
        return 0
    await meeting.both_prove()
    await meeting.talk(60)
    await meeting.end(meeting.client)
    payment = await house.settle(meeting.room)
    await house.assert_books_agree(meeting.room)
    return payment.amount


async def test_an_agreement_killed_at_any_edge_is_either_kept_or_was_never_made(
    mortal: tuple[House, Steps],
) -> None:
    house, steps = mortal
    meeting = await wished(house)
    steps.restart(0)
    await meeting.agree(meeting.client)
    edges = steps.taken
    assert await run_out(meeting) == MINUTE

    captured = []
    for edge in range(1, edges + 1):
        meeting = await wished(house)
        steps.restart(edge)
        with pytest.raises(Killed):
            await meeting.agree(meeting.client)
        steps.restart(0)
        captured.append(await run_out(meeting))
        assert not await house.open_holds()
        assert (await meeting.session()).state is SessionState.ENDED

    # Before the first commit nothing was agreed; from then on it is kept, whoever died.
    assert captured == [0, *[MINUTE] * (edges - 1)]
    assert edges >= 6
    assert await house.stores.timers.counts() == TimerCounts()


async def test_an_end_killed_at_any_edge_settles_what_was_used(mortal: tuple[House, Steps]) -> None:
    house, steps = mortal

    for edge in (1, 2):
        meeting = await wished(house)
        await meeting.agree(meeting.client)
        await meeting.pass_to(BOOKED)
        await meeting.both_prove()
        await meeting.talk(60)
        steps.restart(edge)
        with pytest.raises(Killed):
            await meeting.end(meeting.client)
        steps.restart(0)
        await meeting.end(meeting.client)
        assert (await house.settle(meeting.room)).amount == MINUTE
        await house.assert_books_agree(meeting.room)


async def test_a_card_that_answers_a_moment_after_the_booked_end_still_counts(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await wished(house)
    gateway = Meanwhile(house.calls.authorizations._gateway)
    monkeypatch.setattr(house.calls.authorizations, "_gateway", gateway)

    gateway.at_the_next("after", lambda: meeting.pass_to(BOOKED + 0.1))
    await meeting.agree(meeting.client)
    waited = await meeting.session()
    await meeting.both_prove()
    await meeting.talk(60)
    await meeting.end(meeting.coach)
    payment = await house.settle(meeting.room)

    assert waited.state is SessionState.IN_PROGRESS
    assert waited.overtime_segments[0].state is OvertimeState.ACTIVE
    assert payment.amount == MINUTE
    await house.assert_books_agree(meeting.room)


async def test_a_card_that_answers_long_after_the_booked_end_is_let_go(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await wished(house)
    gateway = Meanwhile(house.calls.authorizations._gateway)
    monkeypatch.setattr(house.calls.authorizations, "_gateway", gateway)

    async def a_minute_too_late() -> None:
        house.clock.advance((BOOKED + 1) * 60)
        await house.calls.sessions.endings.time_is_up((await meeting.session()).id)

    gateway.at_the_next("before", a_minute_too_late)
    await meeting.agree(meeting.client)
    await house.over(meeting.room)

    session = await meeting.session()
    assert (session.end_reason, session.ended_at) == (SessionEnd.TIME_IS_UP, session.end)
    assert session.overtime_segments[0].state is OvertimeState.EXPIRED
    assert not await house.open_holds()


async def test_a_bank_that_is_not_answered_ends_the_session_and_holds_nothing(house: House) -> None:
    client, coach = await house.client(card="pm_card_authenticationRequired"), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.pass_to(BOOKED - 1)
    await meeting.ask(coach, 10)
    await meeting.agree(client)

    await meeting.pass_to(BOOKED)
    waits = (await meeting.session()).state
    await house.pass_time(21)
    call = await house.over(meeting.room)

    assert waits is SessionState.IN_PROGRESS
    assert (await meeting.session()).end_reason is SessionEnd.TIME_IS_UP
    assert call.state is CallState.CANCELLED
    assert [intent["status"] for intent in await house.intents()] == ["canceled"]


async def test_withdrawing_while_the_bank_waits_lets_the_card_go_and_the_next_wish_is_free(
    house: House,
) -> None:
    client, coach = await house.client(card="pm_card_authenticationRequired"), await house.coach()
    good = await house.add_card(client, "pm_card_visa")
    meeting = await in_progress(house, client, coach)
    await meeting.ask(coach, 10)
    await meeting.agree(client)

    await meeting.decline(client)
    await meeting.ask(coach, 10)
    answer = await meeting.agree(client, 2, good)

    assert answer.status == "authorized"
    assert [intent["status"] for intent in await house.intents()] == ["canceled", "requires_capture"]
    states = [one.state for one in (await meeting.session()).overtime_segments]
    assert states == [OvertimeState.DECLINED, OvertimeState.AUTHORIZED]


async def test_a_card_that_was_let_go_of_before_it_answered_is_never_charged(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await wished(house)
    other = await house.add_card(meeting.client, "pm_card_mastercard")
    gateway = Meanwhile(house.calls.authorizations._gateway)
    monkeypatch.setattr(house.calls.authorizations, "_gateway", gateway)

    gateway.at_the_next("before", lambda: meeting.decline(meeting.client))
    await meeting.agree(meeting.client)
    await meeting.ask(meeting.coach, 5)
    await meeting.agree(meeting.client, 2, other)
    await meeting.pass_to(BOOKED)
    await meeting.both_prove()
    await meeting.talk(60)
    await meeting.end(meeting.client)
    payment = await house.settle(meeting.room)

    call = await meeting.call()
    assert call.authorized_seconds == 300
    assert [hold.state for hold in call.holds] == [HoldState.CANCELLED, HoldState.CAPTURED]
    assert payment.amount == MINUTE
    await house.assert_books_agree(meeting.room)


async def test_a_wish_is_not_open_longer_than_it_says_however_late_its_timer(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.ask(coach, 5)
    house.clock.advance(181)

    refused = await refusal(meeting.agree(client))

    assert refused.code is Code.GONE
    assert await house.intents() == []


# --- two processes ------------------------------------------------------------------------------------------------------


async def test_of_two_wishes_in_one_moment_one_is_asked(house: House, neighbour: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    there = meeting.at(neighbour)

    asked = await asyncio.gather(
        meeting.ask(client), there.ask(coach), meeting.ask(client), there.ask(coach), return_exceptions=True
    )

    assert [one for one in asked if not isinstance(one, DomainError)] == [1]
    assert len((await meeting.session()).overtime_segments) == 1


@pytest.mark.parametrize("turn", range(4))
async def test_agreeing_and_refusing_in_one_moment_comes_to_one_of_them(
    house: House, neighbour: House, turn: int
) -> None:
    meeting = await wished(house)
    there = meeting.at(neighbour)

    both = (meeting.agree(meeting.client), there.decline(meeting.coach))
    await asyncio.gather(*(both if turn % 2 else reversed(both)), return_exceptions=True)
    amount = await run_out(meeting)

    states = {one.state for one in (await meeting.session()).overtime_segments}
    assert (states, amount) in (
        ({OvertimeState.DECLINED}, 0),
        ({OvertimeState.FINALIZED}, MINUTE),
    )
    assert not await house.open_holds()


async def test_the_end_of_the_booked_time_seen_by_two_processes_begins_overtime_once(
    house: House, neighbour: House
) -> None:
    meeting = await wished(house)
    await meeting.agree(meeting.client)
    there = meeting.at(neighbour)
    session = await meeting.session()
    house.clock.advance((session.end - house.clock.now()).total_seconds())

    await asyncio.gather(
        *(one.house.calls.sessions.endings.time_is_up(session.id) for one in (meeting, there)),
        *(one.house.calls.sessions.endings.overtime_due(meeting.booking_id) for one in (meeting, there)),
        return_exceptions=True,
    )

    begun = [entry.what for entry in (await meeting.call()).timeline if entry.what == "begin"]
    assert begun == ["begin"]
