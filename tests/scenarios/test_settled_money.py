"""Settled money: once, exactly, in the books, and readable afterwards."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.mongo.client import MongoClient, MongoDatabase
from billing.settlement import FEE_LOOK_UPS
from domain.calls.states import CallState
from domain.calls.terms import CallTerms
from domain.errors import NotFound
from domain.ids import SessionId
from domain.money import Money
from domain.payments.payment import PaymentState
from tests.support.house import House, Party, house_on


async def talked(
    house: House, seconds: float, *, rate: int = 250, card: str = "pm_card_visa"
) -> tuple[Party, Party, SessionId]:
    """A call that is over and not settled yet."""
    coach, client = await house.coach(rate=Money(rate, "USD")), await house.client(card=card)
    session = await house.live(client, coach)
    if seconds:
        await house.talk(session, seconds, step=60)
    await house.calls.endings.end(client.who, session, None)
    return coach, client, session


async def test_a_total_below_the_minimum_is_written_off_and_the_coach_is_paid(house: House) -> None:
    coach, _, session = await talked(house, 10)

    payment = await house.settle(session)

    assert (payment.state, payment.amount) == (PaymentState.WRITTEN_OFF, 0)
    assert payment.snapshot is not None
    assert (payment.snapshot.written_off, payment.snapshot.written_off_share) == (42, 34)
    assert await house.stores.ledger.balances() == {
        ("USD", "write_off"): 34,
        ("USD", f"coach_payable:{coach.who.coach_id}"): -34,
    }
    assert [intent["status"] for intent in await house.intents()] == ["canceled"]
    await house.assert_books_agree(session)


async def test_a_call_of_no_second_is_settled_without_a_charge(house: House) -> None:
    _, _, session = await talked(house, 0)

    payment = await house.settle(session)

    assert (payment.state, payment.amount) == (PaymentState.CANCELLED, 0)
    assert await house.stores.ledger.balances() == {}
    assert await house.stores.db["earnings"].count_documents({}) == 0
    await house.assert_books_agree(session)


async def test_a_rate_so_low_that_the_block_is_the_gateways_minimum(house: House) -> None:
    _, _, session = await talked(house, 600, rate=1)

    payment = await house.settle(session)

    assert (await house.intents())[0]["amount"] == 50
    assert (payment.state, payment.snapshot.written_off) == (PaymentState.WRITTEN_OFF, 10)  # type: ignore[union-attr]


async def test_a_hold_that_lapsed_at_the_gateway_is_written_off_and_the_coach_is_paid(house: House) -> None:
    coach, _, session = await talked(house, 600)
    await house.sandbox.control("holds/expire")

    payment = await house.settle(session)

    call = await house.call(session)
    assert (payment.state, call.holds[0].state) == (PaymentState.WRITTEN_OFF, "lapsed")
    assert (await house.stores.ledger.balances())["USD", f"coach_payable:{coach.who.coach_id}"] == -2000
    await house.assert_books_agree(session)


async def test_one_of_two_holds_lapsed_and_the_other_is_captured(house: House) -> None:
    _, _, session = await talked(house, 1200)
    first = (await house.intents())[0]["id"]
    await house.sandbox.control("holds/expire", payment_intent=first)

    payment = await house.settle(session)

    assert payment.snapshot is not None
    assert (payment.state, payment.amount, payment.snapshot.written_off) == ("captured", 1250, 3750)
    await house.assert_books_agree(session)


async def test_a_fee_that_the_gateway_learns_late_is_waited_for(house: House) -> None:
    _, _, session = await talked(house, 600)
    await house.sandbox.fault("fee_pending", operation="payment_intents.capture")
    await house.sandbox.fault("fee_pending", operation="payment_intents.retrieve", times=2)

    await house.run_due()
    waiting = await house.call(session)
    payment = await house.settle(session)

    assert (waiting.state, waiting.holds[0].fee_look_ups) == (CallState.ENDING, 1)
    assert [one.fee for one in payment.captures] == [103]
    assert (await house.stores.ledger.balances())["USD", "gateway_fee"] == 103
    assert len((await house.sandbox.view("movements"))["data"]) == 1
    await house.assert_books_agree(session)


async def test_a_fee_that_never_comes_is_booked_as_nothing_and_said(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    _, _, session = await talked(house, 600)
    await house.sandbox.fault("fee_pending", operation="payment_intents.capture", times=None)
    await house.sandbox.fault("fee_pending", operation="payment_intents.retrieve", times=None)

    payment = await house.settle(session)

    assert (await house.call(session)).holds[0].fee_look_ups == FEE_LOOK_UPS
    assert [(one.amount, one.fee) for one in payment.captures] == [(2500, 0)]
    assert "is unknown and booked as 0" in caplog.text
    await house.assert_books_agree(session)


async def test_a_tax_that_the_gateway_cannot_tell_never_blocks_a_settlement(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    _, _, session = await talked(house, 600, card="pm_card_noPostalCode")

    payment = await house.settle(session)

    price, call = payment.snapshot, await house.call(session)
    assert price is not None
    assert (price.gross, price.tax, price.tax_country, price.tax_calculation) == (2500, 0, "US", None)
    (unknown,) = [entry for entry in call.timeline if entry.what == "tax_unknown"]
    assert unknown.detail == {"country": "US", "code": "customer_tax_location_invalid"}
    assert "is settled without tax for US" in caplog.text
    await house.assert_books_agree(session)


async def test_the_tax_of_an_american_card_is_asked_with_its_postal_code(house: House) -> None:
    _, _, session = await talked(house, 600)

    payment = await house.settle(session)

    call = await house.call(session)
    assert call.holds[0].card_postal_code == "94103"
    assert payment.snapshot is not None
    assert (payment.snapshot.tax, payment.snapshot.tax_country) == (0, "US")
    assert (payment.snapshot.tax_calculation or "").startswith("taxcalc_")
    assert "tax_unknown" not in [entry.what for entry in call.timeline]


async def test_a_price_splits_into_tax_fee_and_share_by_the_country_of_the_card(house: House) -> None:
    coach, _, session = await talked(house, 600, card="pm_card_de")

    payment = await house.settle(session)

    price, books = payment.snapshot, await house.stores.ledger.balances()
    assert price is not None
    assert (price.gross, price.tax_country, price.tax) == (2500, "DE", 399)
    assert (price.net, price.platform_fee, price.coach_share) == (2101, 420, 1681)
    assert books["USD", "tax_payable:DE"] == -399
    assert books["USD", "platform_fee"] == -420
    assert books["USD", f"coach_payable:{coach.who.coach_id}"] == -1681
    assert books["USD", "gateway_clearing"] + books["USD", "gateway_fee"] == 2500


async def test_what_the_gateway_moved_is_what_the_books_say(house: House) -> None:
    _, _, session = await talked(house, 1200)
    await house.settle(session)

    moved = (await house.sandbox.view("movements"))["data"]
    books = await house.stores.ledger.balances()

    assert sum(one["amount"] for one in moved) == 5000
    assert sum(one["net"] for one in moved) == books["USD", "gateway_clearing"]
    assert sum(one["fee"] for one in moved) == books["USD", "gateway_fee"]


async def test_settling_again_changes_nothing(house: House) -> None:
    _, _, session = await talked(house, 600)
    await house.settle(session)
    before = (await house.call(session), await house.payment(session), await house.stores.ledger.balances())

    await house.calls.settlement.settle(session)

    after = (await house.call(session), await house.payment(session), await house.stores.ledger.balances())
    assert after == before
    assert len(await house.intents()) == 1


async def test_a_settlement_that_runs_five_times_at_once_charges_once(house: House) -> None:
    _, _, session = await talked(house, 1200)

    await asyncio.gather(*(house.calls.settlement.settle(session) for _ in range(5)), return_exceptions=True)
    payment = await house.settle(session)

    assert (payment.amount, len(payment.journals)) == (5000, 2)
    assert await house.stores.db["payments"].count_documents({}) == 1
    assert await house.stores.db["earnings"].count_documents({}) == 1
    await house.assert_books_agree(session)


async def test_a_minimum_charge_is_the_least_that_talk_costs(
    mongo: MongoDatabase, mongo_client: MongoClient, tmp_path: Path
) -> None:
    async with house_on(mongo_client, tmp_path, terms=CallTerms(minimum_charge=300)) as house:
        _, _, session = await talked(house, 10)

        payment = await house.settle(session)

        assert payment.amount == 300
        await house.assert_books_agree(session)


async def test_the_client_gets_a_receipt_and_the_coach_what_was_earned(house: House) -> None:
    coach, client, session = await talked(house, 1200)

    payment = await house.settle(session)

    (receipt,) = house.published.heard_by(client, "payment_update")
    (earned,) = house.published.heard_by(coach, "payment_update")
    assert payment.snapshot is not None
    assert receipt["amount"] == {"amount": 5000, "currency": "USD"}
    assert (receipt["receipt"]["billableSeconds"], receipt["receipt"]["gross"]) == (1200, 5000)
    assert [hold["captured"] for hold in receipt["receipt"]["holds"]] == [3750, 1250]
    assert earned["amount"] == {"amount": payment.snapshot.coach_share, "currency": "USD"}
    assert earned["receipt"] is None


async def test_a_receipt_is_shown_to_those_whom_it_concerns(house: House) -> None:
    coach, client, session = await talked(house, 600)
    stranger = await house.client("Stranger")
    await house.settle(session)

    history = await house.calls.receipts.of_user(client.who, None, 10)

    assert [payment.session_id for payment in history] == [session]
    assert await house.calls.receipts.of_call(coach.who, session) is not None
    with pytest.raises(NotFound):
        await house.calls.receipts.of_call(stranger.who, session)


async def test_the_timeline_tells_the_whole_call_in_order(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 800, step=40)
    await house.media(client, session, "failed")
    house.clock.advance(3)
    await house.keep_proving(session)
    await house.proven(client, session)
    await house.talk(session, 60, step=30)
    await house.calls.endings.end(coach.who, session, "time is up")
    await house.settle(session)

    call = await house.call(session)

    told = [entry.what for entry in call.timeline]
    assert told == [
        "requested", "authorizing", "authorized_block", "authorized", "accept", "joined", "joined",
        "media_connected", "proven", "media_connected", "authorizing", "authorized_block", "lost", "media_failed",
        "proven", "media_connected", "reason", "end", "capturing", "captured", "cancelled", "settle",
    ]  # fmt: skip
    assert [entry.at for entry in call.timeline] == sorted(entry.at for entry in call.timeline)
    assert {entry.process for entry in call.timeline} == {"p1"}
    assert call.state is CallState.SETTLED


async def test_every_save_of_a_call_raises_its_version_by_one_and_tells_so(house: House) -> None:
    _, client, session = await talked(house, 60)
    await house.settle(session)

    versions = [update["version"] for update in house.published.heard_by(client, "live_session_update")]

    assert versions == sorted(set(versions))
    assert versions[-1] == (await house.call(session)).version


async def test_the_coachs_share_follows_the_coachs_own_fee(house: House) -> None:
    coach = await house.coach()
    client = await house.client()
    stored = await house.stored_coach(coach)
    await house.stores.transact(lambda tx: house.stores.coaches.save(tx, replace(stored, fee_percent=5)))
    session = await house.live(client, coach)
    await house.talk(session, 600, step=60)
    await house.calls.endings.end(client.who, session, None)

    payment = await house.settle(session)

    assert payment.snapshot is not None
    assert payment.snapshot.platform_fee == 125
