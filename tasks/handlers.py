"""What each kind of timer does when its time comes. Handlers are idempotent and know nothing of timers.

How a kind is run is said in :func:`handlers`, and nowhere else:

* a plain handler runs timers **one by one**: claimed with a lease, handed to any worker, completed or postponed by the runner;
* :class:`Apart` runs a few at a time, in slots of its own: what waits for somebody else's server holds nothing up, and the
  few share their round trips to the database;
* :class:`Recurring` does its work once for all that are due, and says when it wants to come again;
* :class:`Batched` has facts with its timers (``Tx.arm_together``) and runs a whole lane of them in one commit, which
  also moves them on. What it sets aside, or what has no facts, goes one by one.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from billing.authorizations import Authorizations
from billing.charges import Charges
from billing.overtime import OvertimeRequests
from billing.refunds import Refunds
from billing.settlement import Settlement
from billing.ticks import Batch, Ticks
from billing.webhooks import WebhookInbox
from domain.booking.deadlines import Deadlines
from domain.ids import BookingId, CoachId, MailId, OperationId, PaymentId, RefundId, SessionId, UserId
from domain.mail.sending import Sending
from domain.timers import TimerKind
from signaling.answers import Answers
from signaling.endings import Endings
from signaling.media import Media
from signaling.presence import CoachPresence
from signaling.video.endings import SessionEndings

#: Mails that go together, and how many times so many a worker sends at the same time: few of one, so that one that hangs keeps
#: few; and several of the other, because at a quiet hour each goes alone.
MAILS_TOGETHER, MAILS_SLOTS = 4, 8
OneByOne = Callable[[str], Awaitable[None]]
AFew = Callable[[Sequence[str]], Awaitable[Mapping[str, Exception]]]


@dataclass(frozen=True, slots=True)
class Apart:
    """Keys in batches of ``size``; the answer is those that failed, with their errors. At most ``slots`` batches run at the
    same time in a process, and none in everybody's slots. A bug that a whole batch meets is met again one by one."""

    together: AFew
    size: int
    slots: int


@dataclass(frozen=True, slots=True)
class Recurring:
    """Returns when to come again (domain time)."""

    run: Callable[[], Awaitable[datetime]]


@dataclass(frozen=True, slots=True)
class Batched:
    """``together`` runs what is due in a lane, or became due after an instant, ``alone`` one timer by its key."""

    together: Callable[[int, datetime | None], Awaitable[Batch]]
    alone: OneByOne


Handler = OneByOne | Apart | Recurring | Batched


class LedgerAudit(Protocol):
    """Checks the invariants of the ledger and raises the alarm."""

    async def run(self) -> datetime:
        """Check now; when to check again (domain time)."""
        ...


@dataclass(frozen=True, slots=True)
class UseCases:
    """Everything that timers drive."""

    answers: Answers
    endings: Endings
    media: Media
    presence: CoachPresence
    authorizations: Authorizations
    settlement: Settlement
    webhooks: WebhookInbox
    charges: Charges
    refunds: Refunds
    ticks: Ticks
    sending: Sending
    audit: LedgerAudit
    bookings: Deadlines
    sessions: SessionEndings
    overtime: OvertimeRequests


def handlers(use: UseCases) -> Mapping[TimerKind, Handler]:
    """One handler per kind, by the timer's key."""
    return {
        TimerKind.RESERVATION_TIMEOUT: lambda key: use.answers.reservation_timed_out(SessionId(key)),
        TimerKind.RING_TIMEOUT: lambda key: use.answers.ring_timed_out(SessionId(key)),
        TimerKind.JOIN_TIMEOUT: lambda key: use.endings.join_timed_out(SessionId(key)),
        TimerKind.MEDIA_DENIED: lambda key: use.media.denied(SessionId(key)),
        TimerKind.GRACE: lambda key: use.endings.grace_over(SessionId(key)),
        TimerKind.AUTHORIZE: lambda key: use.authorizations.next_block(SessionId(key)),
        TimerKind.LIMIT: lambda key: use.endings.limit_reached(SessionId(key)),
        TimerKind.SETTLE: lambda key: use.settlement.settle(SessionId(key)),
        TimerKind.COOLDOWN: lambda key: use.presence.cooled_down(CoachId(key)),
        TimerKind.COACH_ABSENT: lambda key: use.presence.absent(UserId(key)),
        TimerKind.GATEWAY_OPERATION: lambda key: use.authorizations.look_up(OperationId(key)),
        TimerKind.WEBHOOK: lambda key: use.webhooks.process(key),
        TimerKind.PURCHASE: lambda key: use.charges.look_up(PaymentId(key)),
        TimerKind.REFUND: lambda key: use.refunds.carry_out(RefundId(key)),
        TimerKind.BOOKING_EXPIRY: lambda key: use.bookings.expired(BookingId(key)),
        TimerKind.BOOKING_REMINDER: lambda key: use.bookings.remind(key),
        TimerKind.BOOKING_NO_SHOW: lambda key: use.bookings.no_show_due(BookingId(key)),
        TimerKind.BOOKING_COMPLETE: lambda key: use.bookings.over(BookingId(key)),
        TimerKind.GROUP_MINIMUM: lambda key: use.bookings.minimum_due(BookingId(key)),
        TimerKind.MAIL: Apart(lambda keys: _mails(use.sending, keys), MAILS_TOGETHER, MAILS_SLOTS),
        TimerKind.SESSION_OPEN: lambda key: use.sessions.opened(SessionId(key)),
        TimerKind.SESSION_ENDING_SOON: lambda key: use.sessions.ending_soon(SessionId(key)),
        TimerKind.SESSION_END: lambda key: use.sessions.time_is_up(SessionId(key)),
        TimerKind.OVERTIME_CONFIRMATION: lambda key: use.overtime.unanswered(SessionId(key)),
        TimerKind.TICK: Batched(use.ticks.batch, lambda key: _tick_alone(use, SessionId(key))),
        TimerKind.LEDGER_CHECK: Recurring(use.audit.run),
    }


async def _tick_alone(use: UseCases, session_id: SessionId) -> None:
    if await use.ticks.one(session_id):
        await use.media.stale(session_id)


async def _mails(sending: Sending, keys: Sequence[str]) -> Mapping[str, Exception]:
    failed = await sending.send_all([MailId(key) for key in keys])
    return {str(mail_id): error for mail_id, error in failed.items()}
