"""What each kind of timer does when its time comes. Handlers are idempotent and know nothing of timers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from billing.authorizations import Authorizations
from billing.settlement import Settlement
from billing.ticks import Ticks
from billing.webhooks import WebhookInbox
from domain.ids import CoachId, OperationId, SessionId, UserId
from domain.timers import TimerKind
from signaling.answers import Answers
from signaling.endings import Endings
from signaling.media import Media
from signaling.presence import CoachPresence

Handler = Callable[[str], Awaitable[None]]


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
    ticks: Ticks


def handlers(use: UseCases) -> Mapping[TimerKind, Handler]:
    """One handler per kind, by the timer's key. TICK and LEDGER_CHECK are batches and live in :mod:`tasks.runner`."""
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
    }
