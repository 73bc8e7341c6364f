"""What the database knows of the whole house in numbers: for the metrics, and for the admin's live view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from domain.calls.states import OPEN, CallState
from domain.payments.audit import LedgerAudit


@dataclass(frozen=True, slots=True)
class TimerCounts:
    """Timers. ``due`` are those whose time has come and that nobody has finished yet."""

    #: waiting, by kind
    by_kind: Mapping[str, int] = field(default_factory=dict)
    dead: int = 0
    due: int = 0
    #: domain seconds that the most overdue one is late
    overdue_seconds: float = 0.0

    @property
    def waiting(self) -> int:
        """How many are set."""
        return sum(self.by_kind.values())


@dataclass(frozen=True, slots=True)
class RefundFigures:
    """Money that clients are owed."""

    #: not confirmed by the gateway yet
    waiting: int = 0
    #: domain seconds that the oldest of those has waited
    waiting_seconds: float = 0.0
    #: sent back by a bank: somebody has to find another way
    returned: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """One reading."""

    #: calls of the last day by state, and all that are still ending
    calls: Mapping[str, int] = field(default_factory=dict)
    timers: TimerCounts = TimerCounts()
    #: committed events that are not published yet
    unpublished: int = 0
    #: how long the oldest unprocessed webhook has waited
    webhook_waiting_seconds: float = 0.0
    #: payments of purchases begun in the last day, by state
    payments: Mapping[str, int] = field(default_factory=dict)
    refunds: RefundFigures = RefundFigures()
    #: mails of the last day, by state
    mails: Mapping[str, int] = field(default_factory=dict)
    ledger: LedgerAudit | None = None

    @property
    def open_calls(self) -> int:
        """Calls that are not over."""
        return sum(self.calls.get(state.value, 0) for state in OPEN)


class CallCounts(Protocol):
    """Calls, counted."""

    async def per_state(self, states: Sequence[str]) -> dict[str, int]:
        """How many of the last day are in each state, and all that are still ending."""
        ...


class TimerCounter(Protocol):
    """Timers, counted."""

    async def counts(self) -> TimerCounts: ...


class OutboxCounter(Protocol):
    """Events that nobody published yet, counted."""

    async def count_unpublished(self) -> int: ...


class WebhookWait(Protocol):
    """How long webhooks wait."""

    async def oldest_waiting_seconds(self) -> float: ...


class PaymentCounts(Protocol):
    """Payments of purchases, and refunds, counted."""

    async def purchases_per_state(self) -> dict[str, int]:
        """How many that were begun in the last day are in each state."""
        ...

    async def open_refunds(self) -> RefundFigures:
        """What clients are owed."""
        ...


class MailCounts(Protocol):
    """Mails, counted."""

    async def mails_per_state(self) -> dict[str, int]:
        """How many of the last day are in each state."""
        ...


class Audits(Protocol):
    """Reports about the ledger."""

    async def last_audit(self) -> LedgerAudit | None:
        """What was kept last; None before the first audit."""
        ...


class CountedStores(Protocol):
    """Where the numbers come from."""

    @property
    def calls(self) -> CallCounts: ...
    @property
    def timers(self) -> TimerCounter: ...
    @property
    def outbox(self) -> OutboxCounter: ...
    @property
    def webhooks(self) -> WebhookWait: ...
    @property
    def payments(self) -> PaymentCounts: ...
    @property
    def mails(self) -> MailCounts: ...
    @property
    def ledger(self) -> Audits: ...


async def read_figures(stores: CountedStores) -> Figures:
    """Read all of it: some ten queries, each with an index."""
    return Figures(
        calls=await stores.calls.per_state([state.value for state in CallState]),
        timers=await stores.timers.counts(),
        unpublished=await stores.outbox.count_unpublished(),
        webhook_waiting_seconds=await stores.webhooks.oldest_waiting_seconds(),
        payments=await stores.payments.purchases_per_state(),
        refunds=await stores.payments.open_refunds(),
        mails=await stores.mails.mails_per_state(),
        ledger=await stores.ledger.last_audit(),
    )
