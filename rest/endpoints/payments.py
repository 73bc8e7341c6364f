"""Saved cards, payment history, and what the gateway tells us."""

from aiohttp import web
from pydantic import Field

from billing.payment_methods import PaymentMethods
from billing.receipts import Receipts
from billing.webhooks import WebhookInbox
from domain.errors import Code, Invalid
from domain.ids import PaymentId, PaymentMethodId
from domain.payments.cards import Card
from domain.payments.gateway import BadSignature
from rest.endpoints.payment_views import PaymentView, ReceiptView
from rest.metrics import WebhookMetrics
from rest.payloads import Id, Instant, PageSize, Payload, Query, Reply
from rest.registry import JSON, Call, Rate, anyone, endpoint, member


class NewCardBody(Payload):
    """A card, tokenised by the gateway's own form: its number never reaches this server."""

    payment_method_token: str = Field(
        min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_]+$", examples=["pm_card_visa"]
    )
    make_default: bool = False


class CardView(Reply):
    """A saved card."""

    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    country: str | None = None
    is_default: bool
    created_at: Instant

    @classmethod
    def of(cls, card: Card) -> "CardView":
        return cls(
            id=card.id,
            brand=card.brand,
            last4=card.last4,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            country=card.country,
            is_default=card.is_default,
            created_at=card.created_at,
        )


class CardList(Reply):
    """All saved cards; exactly one is the default."""

    items: list[CardView]


class PaymentQuery(Query):
    """Place in the history."""

    cursor: Id | None = Field(default=None, description="`nextCursor` of the page before.")
    limit: PageSize = 20


class PaymentPage(Reply):
    """One page of payments."""

    items: list[PaymentView]
    next_cursor: str | None = Field(default=None, description="Absent on the last page.")


class Payments:
    """Money."""

    def __init__(
        self, methods: PaymentMethods, receipts: Receipts, inbox: WebhookInbox, counts: WebhookMetrics
    ) -> None:
        self._methods = methods
        self._receipts = receipts
        self._inbox = inbox
        self._counts = counts

    @endpoint("GET", "/api/payment-methods", may=member, reply=CardList)
    async def list_cards(self, call: Call[None, None]) -> CardList:
        """List the own saved cards, the newest first."""
        return CardList(items=[CardView.of(card) for card in await self._methods.list(call.who)])

    @endpoint(
        "POST",
        "/api/payment-methods",
        may=member,
        rate=Rate.CARDS,
        body=NewCardBody,
        reply=CardView,
        status=201,
        errors=(
            Code.ACCOUNT_UNVERIFIED,
            Code.ACCOUNT_SUSPENDED,
            Code.PAYMENT_REFUSED,
            Code.ILLEGAL_STATE,
            Code.NOT_FOUND,
        ),
        idempotent=True,
    )
    async def add_card(self, call: Call[NewCardBody, None]) -> CardView:
        """Save a card. The first one becomes the default."""
        body = call.body
        return CardView.of(
            await self._methods.add(call.who, body.payment_method_token, make_default=body.make_default)
        )

    @endpoint(
        "PUT",
        "/api/payment-methods/{paymentMethodId}/default",
        may=member,
        reply=CardView,
        errors=(Code.NOT_FOUND,),
    )
    async def choose_card(self, call: Call[None, None]) -> CardView:
        """Make a card the default."""
        chosen = PaymentMethodId(call.path["paymentMethodId"])
        return CardView.of(await self._methods.make_default(call.who, chosen))

    @endpoint(
        "DELETE",
        "/api/payment-methods/{paymentMethodId}",
        may=member,
        status=204,
        errors=(Code.NOT_FOUND,),
    )
    async def remove_card(self, call: Call[None, None]) -> None:
        """Forget a card. Of the others, the newest becomes the default if this one was."""
        await self._methods.remove(call.who, PaymentMethodId(call.path["paymentMethodId"]))

    @endpoint("GET", "/api/payments/me", may=member, query=PaymentQuery, reply=PaymentPage)
    async def list_payments(self, call: Call[None, PaymentQuery]) -> PaymentPage:
        """List what the caller paid or tried to, newest first."""
        limit = call.query.limit
        before = PaymentId(call.query.cursor) if call.query.cursor else None
        found = await self._receipts.of_user(call.who, before, limit + 1)
        cursor = found[limit - 1].id if len(found) > limit else None
        calls = await self._receipts.calls_of(found[:limit])
        return PaymentPage(
            items=[PaymentView.of(one, call=calls.get(one.session_id)) for one in found[:limit]],
            next_cursor=cursor,
        )

    @endpoint("GET", "/api/payments/{paymentId}", may=member, reply=PaymentView, errors=(Code.NOT_FOUND,))
    async def get_payment(self, call: Call[None, None]) -> PaymentView:
        """Read a payment, as whoever paid it, as its coach or as an admin."""
        payment = await self._receipts.payment(call.who, PaymentId(call.path["paymentId"]))
        talk = (await self._receipts.calls_of([payment])).get(payment.session_id)
        return PaymentView.of(payment, to_coach=call.who.user_id != payment.payer, call=talk)

    @endpoint(
        "GET", "/api/payments/{paymentId}/receipt", may=member, reply=ReceiptView, errors=(Code.NOT_FOUND,)
    )
    async def get_receipt(self, call: Call[None, None]) -> ReceiptView:
        """Read the receipt of a payment, as whoever paid it or as an admin: lines, discount, tax, refunds."""
        return ReceiptView.of(await self._receipts.receipt(call.who, PaymentId(call.path["paymentId"])))

    @endpoint(
        "POST",
        "/api/payments/webhook/stripe",
        may=anyone,
        rate=Rate.UNLIMITED,
        raw_body=True,
        headers={"Stripe-Signature": "Stripe's signature over the raw body."},
        produces=JSON,
    )
    async def receive_stripe(self, call: Call[None, None]) -> web.Response:
        """Take in an event of Stripe.

        It is stored and answered at once, and processed by reading the object again: nothing in the body is believed.
        """
        try:
            fresh = await self._inbox.receive(call.raw, call.request.headers["Stripe-Signature"])
        except BadSignature:
            self._counts.count("bad_signature")
            raise Invalid("The signature does not match the body, or is too old.") from None
        self._counts.count("stored" if fresh else "duplicate")
        return web.json_response({"received": True})
