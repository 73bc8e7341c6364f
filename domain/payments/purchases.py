"""Buying something: what is sold stands on one side of these ports, how it is paid on the other.

Each kind of thing (a booking; later a program) implements :class:`Sellable`. ``billing`` charges, confirms by the gateway's own
state, books, refunds, and knows nothing of bookings.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.ids import CoachId, PaymentId, UserId
from domain.money import Money
from domain.ports import Tx
from domain.pricing.quote import Quote


class SubjectKind(StrEnum):
    """What a purchase is of."""

    BOOKING = "booking"


@dataclass(frozen=True, slots=True)
class Subject:
    """The one thing that is bought."""

    kind: SubjectKind
    id: str


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is to pay, by whom, for what: read in the transaction in which the payment begins. Never taken from a request."""

    subject: Subject
    payer: UserId
    coach_id: CoachId
    coach_user_id: UserId
    coach_name: str
    #: what the receipt says
    title: str
    price: Quote
    fee_percent: int
    #: when it takes place, for the receipt
    starts_at: datetime | None = None

    @property
    def amount(self) -> Money:
        """Minor units, tax included."""
        return self.price.money


class Sellable(Protocol):
    """A kind of thing that can be bought. All of it happens in the caller's transaction."""

    async def purchase(self, tx: Tx, payer: UserId, subject_id: str) -> Purchase:
        """What ``payer`` has to pay for it now.

        Raises:
            NotFound: no such thing, or not the payer's.
            Conflict: ILLEGAL_STATE or TOO_LATE: nothing to pay (any more).
        """
        ...

    async def begun(self, tx: Tx, subject_id: str, payment_id: PaymentId) -> None:
        """A payment for it begins; the subject remembers the newest."""
        ...

    async def paid(self, tx: Tx, subject_id: str, payment_id: PaymentId) -> bool:
        """The gateway took the money: hand over what was bought.

        False when it cannot be had any more (the time expired, the last place is gone): the caller gives all money back, in the
        same transaction.
        """
        ...

    async def refunded(self, tx: Tx, subject_id: str, payment_id: PaymentId, amount: int) -> None:
        """Money went back, minor units; for the subject's timeline."""
        ...


class RefundReason(StrEnum):
    """Why money goes back."""

    CANCELLED_BY_CLIENT = "cancelled_by_client"  # by the policy of the purchase
    CANCELLED_BY_COACH = "cancelled_by_coach"
    COACH_NO_SHOW = "coach_no_show"
    MINIMUM_NOT_REACHED = "minimum_not_reached"  # a group session that did not fill up
    UNAVAILABLE = "unavailable"  # it was paid for when it could not be had any more


class Till(Protocol):
    """What a subject asks of billing, inside its own transaction. The gateway is asked afterwards, by a timer."""

    async def abandon(self, tx: Tx, subject: Subject) -> None:
        """The subject cannot be paid any more: open payments of it are cancelled; what succeeds all the same is refunded."""
        ...

    async def refund(self, tx: Tx, payment_id: PaymentId, amount: int, reason: RefundReason) -> None:
        """Give back ``amount`` minor units; 0 does nothing. Reserved on the payment at once: never more than was captured.

        Raises:
            Conflict: more than is left.
        """
        ...

    async def refundable(self, tx: Tx, payment_id: PaymentId) -> int:
        """What was captured and neither refunded nor is being refunded, minor units."""
        ...
