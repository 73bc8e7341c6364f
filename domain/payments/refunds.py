"""Giving captured money back: reserved on the payment first, asked of the gateway afterwards, split so that parts add up."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import RefundId
from domain.money import split_cumulatively
from domain.payments.purchases import RefundReason


class RefundState(StrEnum):
    """Where a refund is."""

    PENDING = "pending"  # reserved on the payment; the gateway has not confirmed it
    SUCCEEDED = "succeeded"  # given back and booked
    RETURNED = (
        "returned"  # given back, and sent back by the bank: the client is owed it still, by another way
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """Of what an amount consists: ``tax + platform_fee + coach_share``, minor units."""

    tax: int
    platform_fee: int
    coach_share: int

    @property
    def amount(self) -> int:
        """The whole."""
        return self.tax + self.platform_fee + self.coach_share


@dataclass(slots=True)
class PaymentRefund:
    """Money that goes back of one capture. Its id is that of its gateway operation."""

    id: RefundId
    intent_id: str
    amount: int
    reason: RefundReason
    requested_at: datetime
    state: RefundState = RefundState.PENDING
    #: the gateway's id of the movement
    gateway_id: str | None = None
    #: who bears it, once it is given back
    parts: Parts | None = None
    finished_at: datetime | None = None


def next_parts(whole: Parts, refunded: int, amount: int) -> Parts:
    """The parts of the next ``amount`` of ``whole``, of which ``refunded`` has gone back already.

    Every part is the difference of two rounded running totals, the fee's within what is left after tax: so the parts of any
    partition add up to the whole, and none is negative.
    """
    rest = whole.amount - refunded - amount
    tax_before, tax, tax_rest = split_cumulatively(whole.tax, (refunded, amount, rest))
    net = (refunded - tax_before, amount - tax, rest - tax_rest)
    fee = split_cumulatively(whole.platform_fee, net)[1]
    return Parts(tax=tax, platform_fee=fee, coach_share=net[1] - fee)
