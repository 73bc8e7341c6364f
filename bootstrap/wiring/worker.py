"""The worker: timers, ticks, sweeps."""

import logging
from datetime import datetime

from adapters.mongo.ledger import MongoLedger
from bootstrap.wiring.booking import BookingHouse
from bootstrap.wiring.calls import CallHouse
from bootstrap.wiring.stores import Stores
from domain.clock import Clock, real_seconds
from domain.mail.sending import Sending
from domain.payments.audit import LedgerReport
from domain.timers import TimerKind
from tasks.handlers import UseCases, handlers
from tasks.runner import TimerRunner

log = logging.getLogger(__name__)

#: Real seconds between two checks of the ledger.
LEDGER_PERIOD = 300.0


class ScheduledAudit:
    """Checks the ledger and keeps the report, here and in the database, for the metrics."""

    def __init__(self, ledger: MongoLedger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self.last: LedgerReport | None = None

    async def run(self) -> datetime:
        self.last = await self._ledger.check()
        await self._ledger.keep(self.last, self._clock.wall())
        if not self.last.healthy:
            log.error("the ledger is wrong: %s", self.last)
        return self._clock.now() + real_seconds(self._clock, LEDGER_PERIOD)


async def arm_schedules(stores: Stores, clock: Clock) -> None:
    """Make the timers that are always there; one that exists keeps its time."""
    await stores.timers.arm_if_missing(TimerKind.LEDGER_CHECK, "ledger", clock.now())


def build_runner(
    stores: Stores,
    calls: CallHouse,
    booking: BookingHouse,
    clock: Clock,
    audit: ScheduledAudit | None = None,
    *,
    sending: Sending,
) -> TimerRunner:
    """What runs the timers that a worker claims."""
    use = UseCases(
        answers=calls.answers,
        endings=calls.endings,
        media=calls.media,
        presence=calls.presence,
        authorizations=calls.authorizations,
        settlement=calls.settlement,
        webhooks=calls.webhooks,
        charges=calls.money.charges,
        refunds=calls.money.refunds,
        ticks=calls.ticks,
        sending=sending,
        audit=audit or ScheduledAudit(stores.ledger, clock),
        bookings=booking.cases.deadlines,
        sessions=calls.sessions.endings,
        overtime=calls.sessions.overtime,
    )
    return TimerRunner(stores.timers, handlers(use))
