"""Payments and receipts as they cross the wire."""

from typing import Any

from pydantic import Field

from domain.calls.session import LiveSession
from domain.payments.payment import Payment, PaymentState, PriceSnapshot, Way
from domain.payments.purchases import RefundReason, SubjectKind
from domain.payments.refunds import RefundState
from domain.pricing.quote import PriceReason
from rest.payloads import Amount, Instant, Reply


class PaidPriceView(Reply):
    """How a price came to be; minor units, tax included in gross. Talk has a rate and seconds, a purchase a base price."""

    rate_per_minute: int | None = None
    billable_seconds: int | None = None
    base: int | None = Field(default=None, description="Before the discount.")
    reason: PriceReason | None = Field(default=None, description="Which rule gave the price.")
    label: str | None = Field(default=None, description="The coach's word for that rule, or the code.")
    gross: int
    tax: int
    tax_country: str | None = Field(
        default=None, description="Not for the coach: it may be that of the client's card."
    )
    net: int
    written_off: int

    @classmethod
    def of(cls, snapshot: PriceSnapshot, *, to_coach: bool) -> "PaidPriceView":
        quote = snapshot.quote
        return cls(
            rate_per_minute=snapshot.rate_per_minute,
            billable_seconds=snapshot.billable_seconds,
            base=quote.base if quote else None,
            reason=quote.reason if quote else None,
            label=quote.label if quote else None,
            gross=snapshot.gross,
            tax=snapshot.tax,
            tax_country=None if to_coach else snapshot.tax_country,
            net=snapshot.net,
            written_off=snapshot.written_off,
        )


class RefundView(Reply):
    """Money that goes back."""

    refund_id: str
    amount: int = Field(description="Minor units.")
    tax: int | None = Field(default=None, description="Of the amount; once it is booked.")
    reason: RefundReason
    state: RefundState
    requested_at: Instant
    finished_at: Instant | None = None


class PaymentView(Reply):
    """A payment: of a call, or one try to pay for what was bought."""

    payment_id: str
    session_id: str | None = None
    booking_id: str | None = Field(default=None, description="What was booked, or whose overtime this is.")
    title: str | None = Field(default=None, description="What was bought; absent for a call that rang.")
    coach_name: str | None = None
    way: Way
    state: PaymentState
    amount: Amount
    refunded: Amount | None = Field(default=None, description="What went back so far, if anything did.")
    refunds: list[RefundView]
    price: PaidPriceView | None = Field(default=None, description="Once the amount is final.")
    failure: str | None = Field(
        default=None, description="Why it failed: the gateway's code. For the payer alone."
    )
    client_secret: str | None = Field(
        default=None, description="While the payer's bank asks for 3-D Secure. For the payer alone."
    )
    checkout_url: str | None = Field(
        default=None, description="The gateway's page, while it can be paid there. For the payer alone."
    )
    checkout_expires_at: Instant | None = None
    created_at: Instant
    settled_at: Instant | None = None

    @classmethod
    def of(
        cls, payment: Payment, *, to_coach: bool = False, call: LiveSession | None = None
    ) -> "PaymentView":
        """``call`` is what a payment with a ``session_id`` paid for; without it, that stays nameless."""
        page = payment.page if payment.undecided and not to_coach else None
        return cls(
            payment_id=payment.id,
            session_id=payment.session_id,
            **_paid_for(payment, call),
            way=payment.way,
            state=payment.state,
            amount=Amount(amount=payment.amount, currency=payment.currency),
            refunded=Amount(amount=payment.refunded, currency=payment.currency) if payment.refunds else None,
            refunds=[_refund(payment, number) for number in range(len(payment.refunds))],
            price=PaidPriceView.of(payment.snapshot, to_coach=to_coach) if payment.snapshot else None,
            failure=None if to_coach else payment.failure,
            client_secret=payment.client_secret if payment.undecided and not to_coach else None,
            checkout_url=page.url if page else None,
            checkout_expires_at=page.expires_at if page else None,
            created_at=payment.created_at,
            settled_at=payment.settled_at,
        )


def _paid_for(payment: Payment, call: LiveSession | None) -> dict[str, Any]:
    """What names it: a purchase by what was sold, talk by the call."""
    bought = payment.purchase
    if bought is None:
        return {
            "booking_id": call.booking_id if call else None,
            "title": "Overtime" if call and call.overtime else None,
            "coach_name": call.callee.name if call else None,
        }
    return {
        "booking_id": bought.subject.id if bought.subject.kind is SubjectKind.BOOKING else None,
        "title": bought.title,
        "coach_name": bought.coach_name,
    }


def _refund(payment: Payment, number: int) -> RefundView:
    refund = payment.refunds[number]
    return RefundView(
        refund_id=refund.id,
        amount=refund.amount,
        tax=refund.parts.tax if refund.parts else None,
        reason=refund.reason,
        state=refund.state,
        requested_at=refund.requested_at,
        finished_at=refund.finished_at,
    )


class ReceiptSubject(Reply):
    """What was paid for."""

    kind: str = Field(description="`booking` or `live_session`.", examples=["booking"])
    id: str


class ReceiptLine(Reply):
    """One position; minor units, tax included."""

    description: str
    starts_at: Instant | None = None
    base: int = Field(description="Before the discount.")
    discount: int
    reason: PriceReason | None = Field(default=None, description="Which rule gave the price.")
    label: str | None = Field(default=None, description="The coach's word for that rule, or the code.")
    amount: int
    rate_per_minute: int | None = None
    billable_seconds: int | None = None


class ReceiptView(Reply):
    """A receipt, made of the price as it was frozen; minor units of the currency. `gross = net + tax`."""

    number: str = Field(description="The payment's id.")
    subject: ReceiptSubject
    coach: str
    currency: str
    state: PaymentState
    issued_at: Instant | None = None
    lines: list[ReceiptLine]
    gross: int
    tax: int
    tax_country: str
    net: int
    written_off: int
    refunded: int = Field(description="What went back so far.")
    refunds: list[RefundView]

    @classmethod
    def of(cls, receipt: dict[str, object]) -> "ReceiptView":
        return cls.model_validate(receipt)
