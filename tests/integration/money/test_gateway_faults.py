"""Whatever the gateway does to one request, a call ends captured once with its exact price, and nothing stays held."""

import pytest

from domain.calls.states import CallState
from domain.ids import SessionId
from tests.support.house import House, Party
from tests.support.sandbox import GATEWAY_PATIENCE

FAULTS = [
    "drop_after_success",
    "error_500_before",
    "error_500_after",
    "rate_limit",
    "conflict",
]
CLOSING = ["payment_intents.capture", "payment_intents.cancel", "tax.calculate"]


async def two_blocks_and_one_unused(house: House) -> tuple[Party, Party, SessionId]:
    """A call that is over: one hold to be captured, one to be released."""
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 725, step=145)
    await house.calls.endings.end(client.who, session, None)
    return coach, client, session


async def assert_converged(house: House, session: SessionId, amount: int) -> None:
    payment = await house.settle(session)
    assert payment.amount == amount
    moved = (await house.sandbox.view("movements"))["data"]
    assert [one["amount"] for one in moved] == [amount]
    await house.assert_books_agree(session)


@pytest.mark.parametrize("fault", FAULTS)
async def test_settlement_comes_through_when_it_strikes_every_step_once(house: House, fault: str) -> None:
    _, _, session = await two_blocks_and_one_unused(house)
    for operation in CLOSING:
        await house.sandbox.fault(fault, operation=operation)

    await assert_converged(house, session, 3021)

    faults = (await house.sandbox.view("faults"))["data"]
    assert [one["hits"] for one in faults] == [1, 1, 1]


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_authorization_of_a_next_block_comes_through(house: House, fault: str) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.sandbox.fault(fault, operation="payment_intents.create", seconds=3)
    await house.talk(session, 950, step=50)
    await house.calls.endings.end(client.who, session, None)

    payment = await house.settle(session)

    assert payment.amount == 3958
    assert [one["amount_received"] for one in await house.intents()] == [3750, 208]
    await house.assert_books_agree(session)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_first_block_without_a_clear_answer_disturbs_nobody_and_is_released(
    house: House, fault: str
) -> None:
    coach, client = await house.coach(), await house.client()
    await house.sandbox.fault(fault, operation="payment_intents.create", seconds=3)

    asked = await house.ask(client, coach)
    call = await house.over(asked.session_id)

    assert call.state is CallState.UNPAID
    assert house.published.statuses(coach) == ["online"]
    assert (await house.stored_coach(coach)).claim is None
    # A stored failure is not tried again under another key: nobody wants that hold any more.
    assert [one["status"] for one in await house.intents()] == ["canceled"] * (fault != "error_500_before")
    assert await house.dead_letters() == 0


async def test_an_answer_that_comes_after_we_gave_up_waiting_is_found_again(house: House) -> None:
    _, _, session = await two_blocks_and_one_unused(house)
    await house.sandbox.fault(
        "timeout_after_success", operation="payment_intents.capture", seconds=GATEWAY_PATIENCE + 1
    )

    await assert_converged(house, session, 3021)


async def test_the_release_of_an_unfinished_challenge_comes_through_a_stored_failure(house: House) -> None:
    coach, client = await house.coach(), await house.client(card="pm_card_authenticationRequired")
    asked = await house.ask(client, coach)
    await house.sandbox.fault("error_500_before", operation="payment_intents.cancel")
    await house.calls.answers.cancel(client.who, asked.session_id)

    call = await house.over(asked.session_id)

    assert [hold.state for hold in call.holds] == ["cancelled"]
    assert [one["status"] for one in await house.intents()] == ["canceled"]
    assert await house.dead_letters() == 0


async def test_three_failures_in_a_row_of_every_kind_come_through(house: House) -> None:
    _, _, session = await two_blocks_and_one_unused(house)
    for operation in CLOSING:
        await house.sandbox.fault("error_500_before", operation=operation, times=3)
        await house.sandbox.fault("drop_after_success", operation=operation, times=2)

    await assert_converged(house, session, 3021)


@pytest.mark.parametrize("seed", [1, 2])
async def test_chaos_on_every_request_comes_through(house: House, seed: int) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.sandbox.fault(
        "chaos", seed=seed, reads=True, dropAfterSuccess=0.15, error500=0.2, rateLimit=0.05, conflict=0.05
    )
    await house.talk(session, 880, step=20)
    await house.calls.endings.end(coach.who, session, None)

    payment = await house.settle(session)

    assert payment.amount == 3667
    await house.assert_books_agree(session)


async def test_a_gateway_that_forgot_its_keys_is_looked_up_before_anything_is_repeated(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.sandbox.fault("drop_after_success", operation="payment_intents.create")
    await house.talk(session, 722, step=60)
    await house.sandbox.control("idempotency_keys/forget", older_than=0)
    await house.sandbox.fault("drop_after_success", operation="payment_intents.capture")
    await house.talk(session, 30, step=15)
    await house.calls.endings.end(coach.who, session, None)
    await house.run_due()
    await house.sandbox.control("idempotency_keys/forget", older_than=0)

    payment = await house.settle(session)

    assert len(await house.intents()) == 2
    assert payment.amount == 3133
    await house.assert_books_agree(session)


async def test_another_amount_than_planned_is_never_taken_for_ours(house: House) -> None:
    _, _, session = await two_blocks_and_one_unused(house)
    first = (await house.intents())[0]["id"]
    await house.sandbox.client.v1.payment_intents.capture_async(first, {"amount_to_capture": 99})

    await house.run_due()
    house.clock.advance(60)
    await house.run_due()

    call = await house.call(session)
    assert call.state is CallState.ENDING
    assert await house.stores.ledger.balances() == {}
