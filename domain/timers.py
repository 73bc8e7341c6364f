"""Durable timers: what Rapport does later, and which timer stands for it.

A timer is unique by ``(kind, key)``, set or moved in the transaction that makes it necessary, and run by a task that
is idempotent. All due instants are domain time.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TimerKind(StrEnum):
    """What to do when the time comes. The key names the aggregate."""

    RESERVATION_TIMEOUT = (
        "reservation_timeout"  # session: authorization took too long, or 3-D Secure was not finished
    )
    RING_TIMEOUT = "ring_timeout"  # session: nobody answered
    JOIN_TIMEOUT = "join_timeout"  # session: accepted, but somebody did not come, or media was never proven
    MEDIA_DENIED = "media_denied"  # session: one side receives, the other says it does not
    GRACE = "grace"  # session: paused for too long
    TICK = "tick"  # session: the next billable minute is full
    AUTHORIZE = "authorize"  # session: another block is needed
    LIMIT = "limit"  # session: the authorized limit, or the end of a hold, is reached
    SETTLE = "settle"  # session: price, capture, book
    COOLDOWN = "cooldown"  # coach: bookable again
    COACH_ABSENT = "coach_absent"  # coach: no socket for a while
    GATEWAY_OPERATION = "gateway_operation"  # operation: outcome unknown, look it up
    WEBHOOK = "webhook"  # gateway event: process it
    LEDGER_CHECK = "ledger_check"  # the invariants, on a schedule
    BOOKING_EXPIRY = "booking_expiry"  # booking: nobody answered, chose or paid in time
    BOOKING_REMINDER = "booking_reminder"  # booking:hours before its start
    BOOKING_NO_SHOW = "booking_no_show"  # booking: it began, and somebody did not come
    BOOKING_COMPLETE = "booking_complete"  # booking: it is over
    GROUP_MINIMUM = "group_minimum"  # booking: a group has to be large enough now
    SESSION_OPEN = "session_open"  # scheduled session: it may be joined from now on
    SESSION_ENDING_SOON = "session_ending_soon"  # scheduled session: five minutes are left
    SESSION_END = "session_end"  # scheduled session: the booked time is over
    OVERTIME_CONFIRMATION = (
        "overtime_confirmation"  # scheduled session: nobody answered the wish for overtime
    )
    PURCHASE = "purchase"  # payment: its outcome at the gateway is unknown, look it up
    REFUND = "refund"  # refund: ask the gateway for it
    MAIL = "mail"  # mail: send it


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer that a worker holds by lease.

    ``version`` rises whenever the timer is set or moved and ``claim`` names the holder: completing filters on both, so
    that a late holder never removes a timer that was set anew.
    """

    kind: TimerKind
    key: str
    due_at: datetime
    version: int
    claim: str
    attempts: int
