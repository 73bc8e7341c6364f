"""A payment, its states as a table, and the snapshot of how its price came to be."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from domain.errors import Conflict
from domain.ids import CoachId, JournalId, PaymentId, SessionId, UserId
from domain.money import Money, round_half_up
from domain.ports import Tx


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
    (_S.CREATED, _M.FAIL): _S.FAILED,
    (_S.CREATED, _M.CANCEL): _S.CANCELLED,
    (_S.REQUIRES_ACTION, _M.PROCESS): _S.PROCESSING,
    (_S.REQUIRES_ACTION, _M.AUTHORIZE): _S.AUTHORIZED,
    (_S.REQUIRES_ACTION, _M.FAIL): _S.FAILED,
    (_S.REQUIRES_ACTION, _M.CANCEL): _S.CANCELLED,
    (_S.PROCESSING, _M.AUTHORIZE): _S.AUTHORIZED,
    (_S.PROCESSING, _M.FAIL): _S.FAILED,
    (_S.AUTHORIZED, _M.FREEZE): _S.CAPTURING,
    (_S.AUTHORIZED, _M.CANCEL): _S.CANCELLED,
    (_S.CAPTURING, _M.CAPTURE): _S.CAPTURED,
    (_S.CAPTURING, _M.CANCEL): _S.CANCELLED,
    (_S.CAPTURING, _M.WRITE_OFF): _S.WRITTEN_OFF,
    (_S.CAPTURED, _M.REFUND_PART): _S.PARTIALLY_REFUNDED,
    (_S.CAPTURED, _M.REFUND_ALL): _S.REFUNDED,
    (_S.PARTIALLY_REFUNDED, _M.REFUND_PART): _S.PARTIALLY_REFUNDED,
    (_S.PARTIALLY_REFUNDED, _M.REFUND_ALL): _S.REFUNDED,
}


@dataclass(frozen=True, slots=True)
class PriceSnapshot:
    """How the price came to be, frozen. ``gross = net + tax`` and ``net = platform_fee + coach_share``, minor units."""

    rate_per_minute: int
    billable_seconds: int
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

    @property
    def earned(self) -> int:
        """What the coach is paid, also for talk that could not be captured."""
        return self.coach_share + self.written_off_share

    def __post_init__(self) -> None:
        if self.gross != self.net + self.tax or self.net != self.platform_fee + self.coach_share:
            raise ValueError("the parts of a price must add up")


def snapshot(
    *,
    rate: Money,
    seconds: int,
    gross: int,
    tax: int,
    country: str,
    calculation: str | None,
    fee_percent: int,
    written_off: int,
) -> PriceSnapshot:
    """Split what was captured into tax, fee and share. The fee is a percentage of net; all amounts minor units."""
    net = gross - tax
    fee = round_half_up(Fraction(net * fee_percent, 100))
    forgone = round_half_up(Fraction(written_off * fee_percent, 100))
    return PriceSnapshot(
        rate_per_minute=rate.amount,
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
    )


@dataclass(frozen=True, slots=True)
class Capture:
    """One movement at the gateway. Minor units; ``fee`` is the gateway's own cost."""

    intent_id: str
    amount: int
    fee: int


@dataclass(slots=True)
class Payment:
    """What a client paid for one thing."""

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


@dataclass(frozen=True, slots=True)
class Earning:
    """What a coach is owed for one payment; paid out at most once. Minor units."""

    coach_id: CoachId
    payment_id: PaymentId
    session_id: SessionId | None
    amount: int
    currency: str
    at: datetime


class PaymentStore(Protocol):
    """Payments and the earnings that come of them."""

    async def of_session(self, tx: Tx, session_id: SessionId) -> Payment | None:
        """The payment of a call, read in the transaction."""
        ...

    async def insert(self, tx: Tx, payment: Payment) -> None:
        """Write a new payment; one per call."""
        ...

    async def save(self, tx: Tx, payment: Payment) -> None:
        """Write a payment."""
        ...

    async def earn(self, tx: Tx, earning: Earning) -> None:
        """Write down what a coach earned; one per payment."""
        ...

    async def by_sessions(self, session_ids: list[SessionId]) -> dict[SessionId, Payment]:
        """Payments of calls, outside any transaction."""
        ...

    async def history(self, user_id: UserId, before: PaymentId | None, limit: int) -> list[Payment]:
        """What a user paid, newest first."""
        ...
