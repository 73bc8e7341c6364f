"""A payment, its states as a table, and the snapshot of how its price came to be."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from domain.errors import Conflict
from domain.ids import (
    CoachId,
    JournalId,
    OperationId,
    PaymentId,
    PaymentMethodId,
    RefundId,
    SessionId,
    UserId,
    new_id,
)
from domain.money import Money, round_half_up
from domain.payments.purchases import Purchase, RefundReason, Subject
from domain.payments.refunds import Parts, PaymentRefund, RefundState, next_parts
from domain.ports import Tx
from domain.pricing.quote import Quote


class PaymentState(StrEnum):
    """Where a payment is; never moves backwards."""

    CREATED = "created"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    CAPTURING = "capturing"
    CAPTURED = "captured"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    WRITTEN_OFF = "written_off"


class PaymentMove(StrEnum):
    """What can happen to a payment."""

    REQUIRE_ACTION = "require_action"
    PROCESS = "process"
    AUTHORIZE = "authorize"
    FREEZE = "freeze"  # amounts are frozen, captures begin
    CAPTURE = "capture"
    REFUND_PART = "refund_part"
    REFUND_ALL = "refund_all"
    FAIL = "fail"
    CANCEL = "cancel"
    WRITE_OFF = "write_off"


_S, _M = PaymentState, PaymentMove
PAYMENT_MOVES: dict[tuple[PaymentState, PaymentMove], PaymentState] = {
    (_S.CREATED, _M.REQUIRE_ACTION): _S.REQUIRES_ACTION,
    (_S.CREATED, _M.PROCESS): _S.PROCESSING,
    (_S.CREATED, _M.AUTHORIZE): _S.AUTHORIZED,
    (_S.CREATED, _M.CAPTURE): _S.CAPTURED,
    (_S.CREATED, _M.FAIL): _S.FAILED,
    (_S.CREATED, _M.CANCEL): _S.CANCELLED,
    (_S.REQUIRES_ACTION, _M.PROCESS): _S.PROCESSING,
    (_S.REQUIRES_ACTION, _M.AUTHORIZE): _S.AUTHORIZED,
    (_S.REQUIRES_ACTION, _M.CAPTURE): _S.CAPTURED,
    (_S.REQUIRES_ACTION, _M.FAIL): _S.FAILED,
    (_S.REQUIRES_ACTION, _M.CANCEL): _S.CANCELLED,
    (_S.PROCESSING, _M.AUTHORIZE): _S.AUTHORIZED,
    (_S.PROCESSING, _M.CAPTURE): _S.CAPTURED,
    (_S.PROCESSING, _M.FAIL): _S.FAILED,
    (_S.PROCESSING, _M.CANCEL): _S.CANCELLED,
    (_S.AUTHORIZED, _M.FREEZE): _S.CAPTURING,
    (_S.AUTHORIZED, _M.CANCEL): _S.CANCELLED,
    (_S.CAPTURING, _M.CAPTURE): _S.CAPTURED,
    (_S.CAPTURING, _M.CANCEL): _S.CANCELLED,
    (_S.CAPTURING, _M.WRITE_OFF): _S.WRITTEN_OFF,
    # Given up here, and paid at the gateway all the same: money that was taken is booked, whatever we believed.
    (_S.FAILED, _M.CAPTURE): _S.CAPTURED,
    (_S.CANCELLED, _M.CAPTURE): _S.CAPTURED,
    (_S.CAPTURED, _M.REFUND_PART): _S.PARTIALLY_REFUNDED,
    (_S.CAPTURED, _M.REFUND_ALL): _S.REFUNDED,
    (_S.PARTIALLY_REFUNDED, _M.REFUND_PART): _S.PARTIALLY_REFUNDED,
    (_S.PARTIALLY_REFUNDED, _M.REFUND_ALL): _S.REFUNDED,
}

#: The gateway has not said yet how these end.
UNDECIDED = frozenset({_S.CREATED, _S.REQUIRES_ACTION, _S.PROCESSING})
#: All that the payment of a purchase can be; the others are about holds.
OF_PURCHASES = (
    *(_S.CREATED, _S.REQUIRES_ACTION, _S.PROCESSING, _S.CAPTURED),
    *(_S.PARTIALLY_REFUNDED, _S.REFUNDED, _S.FAILED, _S.CANCELLED),
)


class Way(StrEnum):
    """How a purchase is paid."""

    CARD = "card"  # with a saved card
    CHECKOUT = "checkout"  # on the gateway's own page


@dataclass(frozen=True, slots=True)
class PriceSnapshot:
    """How the price came to be, frozen. ``gross = net + tax`` and ``net = platform_fee + coach_share``, minor units.

    Talk has a rate and seconds, everything else a quote.
    """

    rate_per_minute: int | None
    billable_seconds: int | None
    gross: int
    tax: int
    tax_country: str
    tax_calculation: str | None
    net: int
    fee_percent: int
    platform_fee: int
    coach_share: int
    #: what the coach is paid for talk that could not be captured; the platform bears it
    written_off: int
    written_off_share: int
    quote: Quote | None = None

    @property
    def parts(self) -> Parts:
        """Who gets what of what was captured."""
        return Parts(self.tax, self.platform_fee, self.coach_share)

    @property
    def earned(self) -> int:
        """What the coach is paid, also for talk that could not be captured."""
        return self.coach_share + self.written_off_share

    def __post_init__(self) -> None:
        if self.gross != self.net + self.tax or self.net != self.platform_fee + self.coach_share:
            raise ValueError("the parts of a price must add up")


def snapshot(
    *,
    rate: Money | None = None,
    seconds: int | None = None,
    quote: Quote | None = None,
    gross: int,
    tax: int,
    country: str,
    calculation: str | None,
    fee_percent: int,
    written_off: int = 0,
) -> PriceSnapshot:
    """Split what was captured into tax, fee and share. The fee is a percentage of net; all amounts minor units."""
    net = gross - tax
    fee = round_half_up(Fraction(net * fee_percent, 100))
    forgone = round_half_up(Fraction(written_off * fee_percent, 100))
    return PriceSnapshot(
        rate_per_minute=rate.amount if rate else None,
        billable_seconds=seconds,
        gross=gross,
        tax=tax,
        tax_country=country,
        tax_calculation=calculation,
        net=net,
        fee_percent=fee_percent,
        platform_fee=fee,
        coach_share=net - fee,
        written_off=written_off,
        written_off_share=written_off - forgone,
        quote=quote,
    )


@dataclass(frozen=True, slots=True)
class Capture:
    """One movement at the gateway. Minor units; ``fee`` is the gateway's own cost."""

    intent_id: str
    amount: int
    fee: int


@dataclass(frozen=True, slots=True)
class HostedPage:
    """Where a client pays, at the gateway."""

    session_id: str
    url: str
    #: when it closes by itself, as the gateway says (domain time)
    expires_at: datetime


@dataclass(slots=True)
class Payment:
    """What a client paid for one thing, or one try to: a purchase has a payment for every try."""

    id: PaymentId
    payer: UserId
    coach_id: CoachId
    session_id: SessionId | None
    currency: str
    created_at: datetime
    state: PaymentState = PaymentState.CREATED
    amount: int = 0
    captures: list[Capture] = field(default_factory=list)
    snapshot: PriceSnapshot | None = None
    journals: list[JournalId] = field(default_factory=list)
    settled_at: datetime | None = None
    #: what is bought, frozen when the payment began; None for a call, which is priced when it ends
    purchase: Purchase | None = None
    way: Way = Way.CARD
    #: the saved card that is charged; None on the gateway's page
    card: PaymentMethodId | None = None
    #: what asks the gateway for the money of a purchase
    operation_id: OperationId | None = None
    #: where tax is due when the card has no country
    billing_country: str = ""
    intent_id: str | None = None
    #: while the client's bank asks for 3-D Secure
    client_secret: str | None = None
    page: HostedPage | None = None
    #: why it failed, as its payer may read it
    failure: str | None = None
    #: since when nobody wants it any more; should it succeed all the same, it is refunded
    abandoned_at: datetime | None = None
    #: this is the payment for which the thing was handed over; there is never another
    delivered: bool = False
    refunds: list[PaymentRefund] = field(default_factory=list)
    fee_look_ups: int = 0
    tax_attempt: int = 1
    version: int = 0

    @property
    def undecided(self) -> bool:
        """Whether the gateway's word is still awaited."""
        return self.state in UNDECIDED

    @property
    def bought(self) -> Purchase:
        """What is bought.

        Raises:
            ValueError: this is the payment of a call.
        """
        if self.purchase is None:
            raise ValueError(f"payment {self.id} is not of a purchase")
        return self.purchase

    def move(self, move: PaymentMove) -> None:
        """Make a legal move.

        Raises:
            Conflict: ILLEGAL_STATE with both names.
        """
        try:
            self.state = PAYMENT_MOVES[self.state, move]
        except KeyError:
            raise Conflict(
                f"A payment that is {self.state.value} cannot {move.value.replace('_', ' ')}.",
                details={"state": self.state.value, "move": move.value},
            ) from None

    # --- money back ---------------------------------------------------------------------------------------------

    @property
    def captured(self) -> int:
        """What the gateway took, minor units."""
        return sum(capture.amount for capture in self.captures)

    @property
    def refunded(self) -> int:
        """What has gone back and stayed there, minor units."""
        return sum(one.amount for one in self.refunds if one.state is RefundState.SUCCEEDED)

    @property
    def shared_out(self) -> int:
        """What everybody has given up their part of already, minor units."""
        return sum(one.amount for one in self.refunds if one.parts)

    @property
    def refundable(self) -> int:
        """What was captured and neither went back nor is about to, nor is owed."""
        return self.captured - sum(one.amount for one in self.refunds)

    @property
    def kept_earning(self) -> int:
        """What the coach is owed after all refunds, minor units."""
        given_up = sum(one.parts.coach_share for one in self.refunds if one.parts)
        return (self.snapshot.earned if self.snapshot else 0) - given_up

    def refund(self, refund_id: RefundId) -> PaymentRefund:
        """One of its refunds.

        Raises:
            ValueError: it has no such refund.
        """
        for one in self.refunds:
            if one.id == refund_id:
                return one
        raise ValueError(f"payment {self.id} has no refund {refund_id}")

    def reserve(self, amount: int, reason: RefundReason, at: datetime) -> list[PaymentRefund]:
        """Set ``amount`` apart to be given back: one refund for each capture that it takes from, the newest first.

        Raises:
            Conflict: more than is left.
        """
        if amount > self.refundable:
            raise Conflict(
                "There is not so much left of this payment to give back.",
                details={"refundable": self.refundable, "wanted": amount},
            )
        made: list[PaymentRefund] = []
        for capture in reversed(self.captures):
            taken = sum(one.amount for one in self.refunds if one.intent_id == capture.intent_id)
            part = min(amount - sum(one.amount for one in made), capture.amount - taken)
            if part > 0:
                made.append(PaymentRefund(RefundId(new_id()), capture.intent_id, part, reason, at))
        self.refunds += made
        return made

    def give_back(self, refund: PaymentRefund, gateway_id: str, at: datetime) -> Parts:
        """The gateway gave it back: who bears which part, and the state that follows."""
        if self.snapshot is None:
            raise ValueError(f"payment {self.id} has no price")
        refund.parts = next_parts(self.snapshot.parts, self.shared_out, refund.amount)
        refund.state, refund.gateway_id, refund.finished_at = RefundState.SUCCEEDED, gateway_id, at
        everything = self.shared_out == self.captured
        self.move(PaymentMove.REFUND_ALL if everything else PaymentMove.REFUND_PART)
        return refund.parts


@dataclass(frozen=True, slots=True)
class Earning:
    """What a coach is owed for one payment; paid out at most once. Minor units, negative for what a refund takes back."""

    coach_id: CoachId
    payment_id: PaymentId
    session_id: SessionId | None
    amount: int
    currency: str
    at: datetime
    refund_id: RefundId | None = None


class PaymentStore(Protocol):
    """Payments and the earnings that come of them."""

    async def get(self, tx: Tx, payment_id: PaymentId) -> Payment:
        """A payment, read in the transaction.

        Raises:
            NotFound: no such payment.
        """
        ...

    async def find(self, payment_id: PaymentId) -> Payment | None:
        """A payment, outside any transaction."""
        ...

    async def of_session(self, tx: Tx, session_id: SessionId) -> Payment | None:
        """The payment of a call, read in the transaction."""
        ...

    async def of_subject(self, tx: Tx, subject: Subject) -> list[Payment]:
        """All tries to pay for something, the newest first, read in the transaction."""
        ...

    async def insert(self, tx: Tx, payment: Payment) -> None:
        """Write a new payment; one per call, one per try to pay for anything else."""
        ...

    async def save(self, tx: Tx, payment: Payment) -> None:
        """Write a payment that was read in this transaction, and increment its version."""
        ...

    async def earn(self, tx: Tx, earning: Earning) -> None:
        """Write down what a coach earned; one per payment, and one per refund of it."""
        ...

    async def by_sessions(self, session_ids: list[SessionId]) -> dict[SessionId, Payment]:
        """Payments of calls, outside any transaction."""
        ...

    async def history(self, user_id: UserId, before: PaymentId | None, limit: int) -> list[Payment]:
        """What a user paid or tried to pay, newest first."""
        ...
