"""Paying for what was booked: with a saved card, or on the gateway's own page."""

from pydantic import Field

from billing.purchases import Purchases
from domain.errors import Code
from domain.ids import PaymentId, PaymentMethodId
from domain.payments.payment import Payment, PaymentState
from domain.payments.purchases import Subject, SubjectKind
from rest.endpoints.payment_views import PaymentView
from rest.payloads import Amount, Id, Instant, Payload, Reply
from rest.registry import Call, Rate, endpoint, member

_REFUSALS = (
    Code.NOT_FOUND,
    Code.ILLEGAL_STATE,
    Code.TOO_LATE,
    Code.ACCOUNT_UNVERIFIED,
    Code.ACCOUNT_SUSPENDED,
    Code.PAYMENT_REFUSED,
)


class IntentBody(Payload):
    """What is to be paid with which card. What it costs is not asked of you."""

    booking_id: Id
    payment_method_id: Id | None = Field(default=None, description="A saved card; default the default one.")


class IntentView(Reply):
    """A payment by card."""

    payment_id: str
    state: PaymentState = Field(
        description="`captured`: paid. `requires_action`: finish 3-D Secure, then confirm. `created`, `processing`: wait for "
        "`payment_update`, or confirm."
    )
    client_secret: str | None = Field(default=None, description="For 3-D Secure.")
    amount: Amount

    @classmethod
    def of(cls, payment: Payment) -> "IntentView":
        return cls(
            payment_id=payment.id,
            state=payment.state,
            client_secret=payment.client_secret if payment.undecided else None,
            amount=Amount(amount=payment.amount, currency=payment.currency),
        )


class CheckoutBody(Payload):
    """What is to be paid."""

    booking_id: Id


class CheckoutView(Reply):
    """A payment on the gateway's own page."""

    payment_id: str
    state: PaymentState
    url: str | None = Field(
        default=None, description="Send the client there; absent if it was paid meanwhile."
    )
    expires_at: Instant | None = Field(default=None, description="When the page closes.")
    amount: Amount

    @classmethod
    def of(cls, payment: Payment) -> "CheckoutView":
        page = payment.page if payment.undecided else None
        return cls(
            payment_id=payment.id,
            state=payment.state,
            url=page.url if page else None,
            expires_at=page.expires_at if page else None,
            amount=Amount(amount=payment.amount, currency=payment.currency),
        )


class ConfirmBody(Payload):
    """A payment that you believe is done."""

    payment_id: Id


class Checkout:
    """Paying for what was booked."""

    def __init__(self, purchases: Purchases) -> None:
        self._purchases = purchases

    @endpoint(
        "POST",
        "/api/payments/intents",
        may=member,
        rate=Rate.CARDS,
        body=IntentBody,
        reply=IntentView,
        status=201,
        errors=(*_REFUSALS, Code.NO_PAYMENT_METHOD),
        idempotent=True,
    )
    async def pay_by_card(self, call: Call[IntentBody, None]) -> IntentView:
        """Pay for a booking with a saved card.

        While a payment with this card is undecided, asking again answers that one. A refusal says why in `details.reason`.
        """
        card = call.body.payment_method_id
        payment = await self._purchases.pay_by_card(
            call.who, _booking(call.body.booking_id), PaymentMethodId(card) if card else None
        )
        return IntentView.of(payment)

    @endpoint(
        "POST",
        "/api/payments/checkout-session",
        may=member,
        rate=Rate.CARDS,
        body=CheckoutBody,
        reply=CheckoutView,
        status=201,
        errors=(*_REFUSALS, Code.UNAVAILABLE),
        idempotent=True,
    )
    async def open_checkout(self, call: Call[CheckoutBody, None]) -> CheckoutView:
        """Open the gateway's own page to pay for a booking at.

        It leads back to the booking in the console; coming back proves nothing, so confirm then. While a page is open, asking
        again answers that one.
        """
        return CheckoutView.of(await self._purchases.open_checkout(call.who, _booking(call.body.booking_id)))

    @endpoint(
        "POST",
        "/api/payments/confirm",
        may=member,
        body=ConfirmBody,
        reply=PaymentView,
        errors=(Code.NOT_FOUND,),
    )
    async def confirm_payment(self, call: Call[ConfirmBody, None]) -> PaymentView:
        """Say that a payment is done, after 3-D Secure or on the way back from the gateway's page.

        You are not believed: the gateway is read again, and the answer is what it says.
        """
        return PaymentView.of(await self._purchases.confirm(call.who, PaymentId(call.body.payment_id)))


def _booking(booking_id: str) -> Subject:
    return Subject(SubjectKind.BOOKING, booking_id)
