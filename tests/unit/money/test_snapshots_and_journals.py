"""The parts of a price add up, and every journal made of them balances."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.journals import capture_journals, write_off_journal
from domain.calls.pricing import plan_capture
from domain.ids import CoachId, JournalId, PaymentId, SessionId, UserId, new_id
from domain.money import Money
from domain.payments.ledger import Journal, Posting, Unbalanced, balances
from domain.payments.payment import Capture, Payment, PriceSnapshot, snapshot

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COACH = CoachId(new_id())
#: Per mille of net: every rate that a country of the card table knows, and the extremes.
TAX_RATES = (0, 26, 50, 70, 81, 100, 150, 170, 180, 190, 200, 210, 220, 230, 240, 250, 255, 270, 1000)


def priced(gross: int, tax: int, fee_percent: int = 20, written_off: int = 0) -> PriceSnapshot:
    return snapshot(
        rate=Money(250, "EUR"), seconds=60, gross=gross, tax=tax, country="DE", calculation="tax_1",
        fee_percent=fee_percent, written_off=written_off,
    )  # fmt: skip


def paid(captures: list[tuple[int, int]], price: PriceSnapshot) -> Payment:
    return Payment(
        id=PaymentId(new_id()),
        payer=UserId(new_id()),
        coach_id=COACH,
        session_id=SessionId(new_id()),
        currency="EUR",
        created_at=NOW,
        captures=[Capture(f"pi_{n}", amount, fee) for n, (amount, fee) in enumerate(captures)],
        snapshot=price,
    )


def inside(gross: int, per_mille: int) -> int:
    """Tax inside a gross amount: net = gross / (1 + rate), half up, in integers."""
    net = (gross * 2000 + 1000 + per_mille) // (2 * (1000 + per_mille))
    return gross - net


@pytest.mark.parametrize("per_mille", TAX_RATES)
def test_the_parts_add_up_for_every_rate_and_amount(per_mille: int) -> None:
    for gross in [*range(2000), *range(2000, 100_000, 97)]:
        price = priced(gross, inside(gross, per_mille))
        assert price.net + price.tax == gross
        assert price.platform_fee + price.coach_share == price.net
        assert 0 <= price.platform_fee <= price.net


@given(st.integers(0, 10**7), st.integers(0, 100), st.integers(0, 10**5))
def test_a_fee_never_exceeds_what_it_is_taken_from(net: int, percent: int, written_off: int) -> None:
    price = priced(net, 0, percent, written_off)

    assert 0 <= price.coach_share <= net
    assert 0 <= price.written_off_share <= written_off


@pytest.mark.parametrize("wrong", ["gross", "tax", "net", "platform_fee", "coach_share"])
def test_a_snapshot_whose_parts_do_not_add_up_cannot_exist(wrong: str) -> None:
    price = priced(1190, 190)
    parts = {name: getattr(price, name) for name in PriceSnapshot.__slots__}

    with pytest.raises(ValueError, match="must add up"):
        PriceSnapshot(**parts | {wrong: parts[wrong] + 1})


@given(
    st.integers(50, 20_000),
    st.sampled_from(TAX_RATES),
    st.integers(0, 100),
    st.integers(0, 3),
    st.integers(0, 500),
)
def test_journals_balance_and_carry_every_part_of_the_price(
    total: int, per_mille: int, percent: int, more_holds: int, gateway_fee: int
) -> None:
    holds = [(number, 3750) for number in range(1, 2 + more_holds)]
    plan = plan_capture(total, holds, 50)
    taken = [take.amount for take in plan.takes if take.amount]
    price = priced(plan.captured, inside(plan.captured, per_mille), percent, plan.written_off)
    payment = paid([(amount, min(gateway_fee, amount)) for amount in taken], price)

    booked = balances([*capture_journals(payment, NOW), *write_off_journal(payment, NOW)])

    def balance(account: str) -> int:
        return booked.get(("EUR", account), 0)

    assert sum(booked.values()) == 0
    assert balance("gateway_clearing") + balance("gateway_fee") == plan.captured
    assert balance("tax_payable:DE") == -price.tax
    assert balance("platform_fee") == -price.platform_fee
    assert balance(f"coach_payable:{COACH}") == -(price.coach_share + price.written_off_share)
    assert balance("write_off") == price.written_off_share


def test_each_capture_is_one_journal_named_by_its_movement() -> None:
    payment = paid([(3710, 138), (50, 31)], priced(3760, 600))

    journals = capture_journals(payment, NOW)

    assert [journal.movement for journal in journals] == ["capture:pi_0", "capture:pi_1"]
    assert [
        sum(p.amount for p in journal.postings if p.account.startswith("gateway")) for journal in journals
    ] == [3710, 50]


def test_nothing_captured_and_nothing_written_off_books_nothing() -> None:
    payment = paid([], priced(0, 0))

    assert [*capture_journals(payment, NOW), *write_off_journal(payment, NOW)] == []


@given(st.lists(st.integers(-(10**6), 10**6), max_size=6))
def test_a_journal_exists_only_if_it_balances(amounts: list[int]) -> None:
    lines = [Posting(f"account_{n}", amount) for n, amount in enumerate(amounts)]
    balancing = (*lines, Posting("rest", -sum(amounts)))

    assert Journal(JournalId(new_id()), "test", NOW, "EUR", balancing).postings == balancing
    with pytest.raises(Unbalanced):
        Journal(JournalId(new_id()), "test", NOW, "EUR", (*balancing, Posting("too much", 1)))
