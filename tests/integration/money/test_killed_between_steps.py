"""A process that dies between any two steps of a settlement leaves nothing that the next run does not mend."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.mongo.client import MongoClient, MongoDatabase
from domain.calls.states import CallState
from domain.calls.terms import CallTerms
from domain.ids import SessionId
from domain.operations.figures import TimerCounts
from tests.support.house import House, Party, house_on
from tests.support.steps import Killed, Steps


@pytest.fixture
async def mortal(
    mongo: MongoDatabase, mongo_client: MongoClient, tmp_path: Path
) -> AsyncIterator[tuple[House, Steps]]:
    """A house that dies at the edge it is told."""
    steps = Steps()
    terms = CallTerms(block_minutes=1, reauthorize_below=20)
    async with house_on(mongo_client, tmp_path, steps=steps, terms=terms) as house:
        yield house, steps


async def ended(house: House) -> tuple[Party, SessionId]:
    """Talk of 1:02 out of two blocks, the second lifted to the minimum; the settlement has not begun."""
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 62.4, step=21)
    await house.calls.endings.end(client.who, session, None)
    return coach, session


async def edges_of_a_settlement(house: House, steps: Steps) -> int:
    _, session = await ended(house)
    steps.restart(0)
    await house.calls.settlement.settle(session)
    return steps.taken


async def killed_at(house: House, steps: Steps, edge: int) -> SessionId:
    _, session = await ended(house)
    steps.restart(edge)
    with pytest.raises(Killed):
        await house.calls.settlement.settle(session)
    steps.restart(0)
    return session


async def test_a_settlement_killed_at_any_edge_ends_like_one_that_was_not(
    mortal: tuple[House, Steps],
) -> None:
    house, steps = mortal
    edges = await edges_of_a_settlement(house, steps)

    for edge in range(1, edges + 1):
        session = await killed_at(house, steps, edge)
        await house.calls.settlement.settle(session)
        payment = await house.payment(session)
        call = await house.call(session)
        assert call.state is CallState.SETTLED
        assert (payment.state, [one.amount for one in payment.captures]) == ("captured", [208, 50])
        await house.assert_books_agree(session)

    assert edges >= 14
    assert await house.stores.db["earnings"].count_documents({}) == edges + 1
    assert await house.stores.db["ledger"].count_documents({}) == 2 * (edges + 1)


async def test_a_settlement_killed_twice_at_neighbouring_edges_still_ends_right(
    mortal: tuple[House, Steps],
) -> None:
    house, steps = mortal

    for edge in (3, 6, 9, 12):
        session = await killed_at(house, steps, edge)
        steps.restart(2)
        with pytest.raises(Killed):
            await house.calls.settlement.settle(session)
        steps.restart(0)
        await house.calls.settlement.settle(session)
        await house.assert_books_agree(session)


async def test_a_request_killed_at_any_edge_leaves_nothing_held_and_the_coach_free(
    mortal: tuple[House, Steps],
) -> None:
    house, steps = mortal
    coach = await house.coach()
    first = await house.client()
    steps.restart(0)
    asked = await house.ask(first, coach)
    edges = steps.taken
    await house.calls.answers.cancel(first.who, asked.session_id)

    for edge in range(1, edges + 1):
        client = await house.client()
        steps.restart(edge)
        with pytest.raises(Killed):
            await house.ask(client, coach)
        steps.restart(0)
        for _ in range(6):
            await house.pass_time(30)
        assert not await house.open_holds()
        assert (await house.stored_coach(coach)).claim is None
        assert await house.stores.calls.open_of(client.who.user_id) == []
        assert await house.stores.timers.counts() == TimerCounts()
        await house.calls.presence.set_status(coach.who, (await house.stored_coach(coach)).wish.ONLINE, None)

    assert edges >= 6
