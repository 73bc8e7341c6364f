"""A session, its overtime and its meter, as one side may read them."""

from datetime import datetime

from domain.calls.flow import CallFlow
from domain.calls.session import LiveSession, Proofs, Side
from domain.payments.refusals import TOLD_TO_COACH
from domain.scheduled.session import ROLES, OvertimeSegment, ScheduledSession
from signaling.video.views import MeterView, SegmentView


def segment_view(
    session: ScheduledSession, segment: OvertimeSegment, side: Side, call: LiveSession | None
) -> SegmentView:
    """A wish for overtime. The coach learns nothing of the card but that it was the payment."""
    client = side is Side.CALLER
    refusal = segment.refusal
    return SegmentView(
        number=segment.number,
        minutes=segment.minutes,
        state=segment.state.value,
        requested_by=ROLES[session.side_of(segment.requested_by)],
        requested_at=segment.requested_at,
        expires_at=segment.expires_at,
        confirmed=segment.confirmed_at is not None,
        price=session.price_of(segment),
        reason=refusal if client or refusal is None else TOLD_TO_COACH,
        client_secret=_secret(segment, call) if client else None,
        finalized_at=segment.finalized_at,
    )


def _secret(segment: OvertimeSegment, call: LiveSession | None) -> str | None:
    if call is None or segment.operation_id is None or not segment.pending:
        return None
    return call.hold(segment.operation_id).client_secret


def meter_view(flow: CallFlow, call: LiveSession | None, proofs: Proofs, now: datetime) -> MeterView | None:
    """The meter of overtime; None before it begins."""
    if call is None or call.accepted_at is None:
        return None
    pause = flow.pause_of(call)
    seconds = call.billable_seconds(now, proofs)
    amount = call.final.amount if call.final else call.price_of(seconds)
    return MeterView(
        running=call.counting(),
        authorized_seconds=call.authorized_seconds,
        billable_seconds=seconds,
        amount=call.rate.with_amount(amount),
        ticked_minutes=call.ticked_minute,
        reason=pause.reason if pause else None,
        grace_ends_at=pause.grace_ends_at if pause else None,
    )
