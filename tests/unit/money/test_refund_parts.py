"""However a payment is given back, its parts add up: tax, fee and share of all refunds are those of the price."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.journals import capture_journals, refund_journal
from domain.errors import Conflict
from domain.ids import CoachId, PaymentId, UserId, new_id
from domain.payments.ledger import balances
from domain.payments.payment import Capture, Payment, PaymentMove, PaymentState, snapshot
from domain.payments.purchases import RefundReason
from domain.payments.refunds import Parts, RefundState, next_parts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COACH = CoachId(new_id())
ANY = RefundReason.CANCELLED_BY_CLIENT


def paid(captures: list[int], tax: int, percent: int = 20) -> Payment:
    """A captured payment; tax in minor units."""
    gross = sum(captures)
    payment = Payment(PaymentId(new_id()), UserId(new_id()), COACH, None, "EUR", NOW)
    payment.captures = [Capture(f"pi_{number}", amount, 30) for number, amount in enumerate(captures)]
    payment.amount = gross
    payment.snapshot = snapshot(
        gross=gross, tax=tax, country="DE", calculation="taxcalc_1", fee_percent=percent
    )
    payment.move(PaymentMove.CAPTURE)
    return payment


@st.composite
def partitions(draw: st.DrawFn) -> tuple[Payment, list[int]]:
    """A payment of one to three captures, and amounts that give all of it back."""
    captures = draw(st.lists(st.integers(1, 20_000), min_size=1, max_size=3))
    gross = sum(captures)
    cuts = sorted(draw(st.sets(st.integers(1, gross), max_size=6)) | {0, gross})
    payment = paid(captures, draw(st.integers(0, gross)), draw(st.integers(0, 100)))
    return payment, [after - before for before, after in pairwise(cuts)]


@given(partitions())
def test_any_partition_of_refunds_gives_back_exactly_every_part(example: tuple[Payment, list[int]]) -> None:
    payment, amounts = example
    assert payment.snapshot is not None
    whole, given_back = payment.snapshot.parts, []

    for amount in amounts:
        for refund in payment.reserve(amount, ANY, NOW):
            given_back.append(payment.give_back(refund, f"re_{refund.id}", NOW))

    assert (
        Parts(
            sum(parts.tax for parts in given_back),
            sum(parts.platform_fee for parts in given_back),
            sum(parts.coach_share for parts in given_back),
        )
        == whole
    )
    assert (payment.state, payment.refunded, payment.refundable) == (
        PaymentState.REFUNDED,
        payment.captured,
        0,
    )
    assert payment.kept_earning == 0


@given(partitions())
def test_no_part_of_a_refund_is_negative_and_they_make_it_up(example: tuple[Payment, list[int]]) -> None:
    payment, amounts = example
    assert payment.snapshot is not None
    before = 0

    for amount in amounts:
        parts = next_parts(payment.snapshot.parts, before, amount)
        before += amount
        assert parts.amount == amount
        assert min(parts.tax, parts.platform_fee, parts.coach_share) >= 0


@given(partitions())
def test_after_all_refunds_the_books_know_only_the_gateways_fee(example: tuple[Payment, list[int]]) -> None:
    payment, amounts = example
    journals = capture_journals(payment, NOW)

    for amount in amounts:
        for refund in payment.reserve(amount, ANY, NOW):
            parts = payment.give_back(refund, f"re_{refund.id}", NOW)
            journals.append(refund_journal(payment, refund, parts, NOW))

    fees = sum(capture.fee for capture in payment.captures)
    left = {account: amount for (_, account), amount in balances(journals).items() if amount}
    assert left == {"gateway_clearing": -fees, "gateway_fee": fees}


@given(partitions(), st.integers(1, 10_000))
def test_never_more_than_was_captured_is_reserved(example: tuple[Payment, list[int]], more: int) -> None:
    payment, amounts = example
    for amount in amounts[:-1]:
        payment.reserve(amount, ANY, NOW)
    left, reserved = payment.refundable, list(payment.refunds)

    with pytest.raises(Conflict) as refused:
        payment.reserve(left + more, ANY, NOW)

    assert refused.value.details == {"refundable": left, "wanted": left + more}
    assert payment.refunds == reserved


@given(partitions())
def test_no_capture_gives_back_more_than_it_took(example: tuple[Payment, list[int]]) -> None:
    payment, amounts = example

    for amount in amounts:
        payment.reserve(amount, ANY, NOW)

    taken = {capture.intent_id: capture.amount for capture in payment.captures}
    for intent, amount in taken.items():
        assert sum(one.amount for one in payment.refunds if one.intent_id == intent) == amount


def test_two_equal_partial_refunds_are_two() -> None:
    payment = paid([1000], 160)

    first, second = payment.reserve(300, ANY, NOW)[0], payment.reserve(300, ANY, NOW)[0]
    payment.give_back(first, "re_1", NOW)

    assert first.id != second.id
    assert (first.state, second.state) == (RefundState.SUCCEEDED, RefundState.PENDING)
    assert (payment.state, payment.refunded, payment.refundable) == (
        PaymentState.PARTIALLY_REFUNDED,
        300,
        400,
    )


def test_thirds_of_a_price_lose_no_cent() -> None:
    payment = paid([1000], 150, percent=0)

    parts = [payment.give_back(payment.reserve(amount, ANY, NOW)[0], "re", NOW) for amount in (333, 333, 334)]

    assert [one.coach_share for one in parts] == [283, 283, 284]
    assert [one.tax for one in parts] == [50, 50, 50]
