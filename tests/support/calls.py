"""A call without a house: for rules that need no store."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from domain.calls.billable import Interval
from domain.calls.holds import Hold, HoldState
from domain.calls.session import LiveSession, Participant, Seat, SocketId
from domain.calls.states import CallState
from domain.ids import CoachId, OperationId, PaymentMethodId, SessionId, UserId, new_id
from domain.money import Money

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def a_live_call(
    caller: Sequence[Interval], callee: Sequence[Interval], *, ticked: int = 0, rate: int = 250
) -> LiveSession:
    """Live, with these intervals, and forty minutes authorized."""
    card = PaymentMethodId(new_id())
    hold = Hold(1, OperationId(new_id()), 40 * rate, 40 * 60, card, HoldState.AUTHORIZED)
    return LiveSession(
        id=SessionId(new_id()), client_request_id=new_id(), coach_id=CoachId(new_id()),
        caller=_participant("A client", caller), callee=_participant("A coach", callee),
        rate=Money(rate, "USD"), fee_percent=20, minimum_charge=0, block_minutes=40, payment_method=card,
        gateway_customer="cus_1", billing_country="US", created_at=START, expires_at=START + timedelta(hours=1),
        state=CallState.LIVE, holds=[hold], live_at=START, ticked_minute=ticked, version=1,
    )  # fmt: skip


def _participant(name: str, intervals: Sequence[Interval]) -> Participant:
    seat = Seat("device", "p1", SocketId(new_id()))
    return Participant(UserId(new_id()), name, seat=seat, intervals=list(intervals))
