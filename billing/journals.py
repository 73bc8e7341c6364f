"""The journals of a payment: one per movement at the gateway, parts split so that they always add up."""

from datetime import datetime

from domain.ids import JournalId, new_id
from domain.money import split_cumulatively
from domain.payments.ledger import (
    GATEWAY_CLEARING,
    GATEWAY_FEE,
    PLATFORM_FEE,
    REFUNDS,
    WRITE_OFF,
    Journal,
    Posting,
    coach_payable,
    tax_payable,
)
from domain.payments.payment import Payment
from domain.payments.refunds import Parts, PaymentRefund


def capture_journals(payment: Payment, at: datetime) -> list[Journal]:
    """One journal per capture. Tax, fee and share are split cumulatively over the captures."""
    price = payment.snapshot
    if price is None or not payment.captures:
        return []
    amounts = [capture.amount for capture in payment.captures]
    taxes = split_cumulatively(price.tax, amounts)
    fees = split_cumulatively(price.platform_fee, amounts)
    return [
        Journal(
            id=JournalId(new_id()),
            movement=f"capture:{capture.intent_id}",
            at=at,
            currency=payment.currency,
            postings=_postings(
                (GATEWAY_CLEARING, capture.amount - capture.fee),
                (GATEWAY_FEE, capture.fee),
                (tax_payable(price.tax_country), -tax),
                (PLATFORM_FEE, -fee),
                (coach_payable(payment.coach_id), -(capture.amount - tax - fee)),
            ),
            payment_id=payment.id,
            session_id=payment.session_id,
        )
        for capture, tax, fee in zip(payment.captures, taxes, fees, strict=True)
    ]


def refund_journal(payment: Payment, refund: PaymentRefund, parts: Parts, at: datetime) -> Journal:
    """Money that went back: everybody gives up their part. The gateway keeps its fee, which stays ours to bear."""
    price = payment.snapshot
    if price is None or refund.gateway_id is None:
        raise ValueError(f"refund {refund.id} has not been given back")
    return Journal(
        id=JournalId(new_id()),
        movement=f"refund:{refund.gateway_id}",
        at=at,
        currency=payment.currency,
        postings=_postings(
            (GATEWAY_CLEARING, -parts.amount),
            (tax_payable(price.tax_country), parts.tax),
            (PLATFORM_FEE, parts.platform_fee),
            (coach_payable(payment.coach_id), parts.coach_share),
        ),
        payment_id=payment.id,
        session_id=payment.session_id,
    )


def returned_journal(payment: Payment, refund: PaymentRefund, at: datetime) -> Journal:
    """A bank sent a refund back: the gateway owes us the money again, and we the client. Nobody else gets anything."""
    return Journal(
        id=JournalId(new_id()),
        movement=f"refund_failure:{refund.gateway_id}",
        at=at,
        currency=payment.currency,
        postings=_postings((GATEWAY_CLEARING, refund.amount), (REFUNDS, -refund.amount)),
        payment_id=payment.id,
        session_id=payment.session_id,
    )


def write_off_journal(payment: Payment, at: datetime) -> list[Journal]:
    """What could not be captured: the platform forgoes its fee and bears the coach's share. No sale, so no tax."""
    price = payment.snapshot
    if price is None or not price.written_off_share:
        return []
    return [
        Journal(
            id=JournalId(new_id()),
            movement=f"write_off:{payment.id}",
            at=at,
            currency=payment.currency,
            postings=_postings(
                (WRITE_OFF, price.written_off_share),
                (coach_payable(payment.coach_id), -price.written_off_share),
            ),
            payment_id=payment.id,
            session_id=payment.session_id,
        )
    ]


def _postings(*lines: tuple[str, int]) -> tuple[Posting, ...]:
    return tuple(Posting(account, amount) for account, amount in lines if amount)
