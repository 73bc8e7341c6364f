"""What the ledger must always say, and whether it does."""

from dataclasses import dataclass, field
from datetime import datetime

#: Invariant → what it demands.
MEANINGS = {
    "unbalanced_currencies": "Every currency's postings add up to zero.",
    "unbalanced_journals": "Every journal's postings add up to zero.",
    "unbooked_payments": "Every capture has exactly one journal, with its amount.",
    "overcaptured_payments": "No payment took more than the holds of its call, or the price of what was bought.",
    "unbooked_refunds": "Every refund that was given has exactly one journal, with its amount, and no journal gives back more.",
    "overrefunded_payments": "No payment gave back, or is about to, more than was captured.",
    "torn_snapshots": "Every price is gross = net + tax, and net = fee + share; so is every refund.",
    "unequal_earnings": "Every coach earned what the journals owe them.",
}


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something the ledger must always say: what it demands, and what breaks it."""

    name: str
    meaning: str
    violations: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether nothing breaks it."""
        return not self.violations


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What the invariants say: every list names what breaks one, and is empty when all is well."""

    unbalanced_currencies: list[str] = field(default_factory=list)
    #: movements
    unbalanced_journals: list[str] = field(default_factory=list)
    #: intents that were captured and are not booked, or not with their amount
    unbooked_payments: list[str] = field(default_factory=list)
    #: payments
    overcaptured_payments: list[str] = field(default_factory=list)
    #: refunds, by the movement at the gateway
    unbooked_refunds: list[str] = field(default_factory=list)
    #: payments
    overrefunded_payments: list[str] = field(default_factory=list)
    #: payments
    torn_snapshots: list[str] = field(default_factory=list)
    #: payments of which the coach earned something else than was booked as payable
    unequal_earnings: list[str] = field(default_factory=list)

    @property
    def invariants(self) -> tuple[Invariant, ...]:
        """All of them; each has the name of the list here that says what breaks it."""
        return tuple(
            Invariant(name, meaning, tuple(getattr(self, name))) for name, meaning in MEANINGS.items()
        )

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return all(invariant.held for invariant in self.invariants)


@dataclass(frozen=True, slots=True)
class LedgerAudit:
    """The last report that was kept. ``at`` is wall time; None if it was kept before instants were."""

    report: LedgerReport
    at: datetime | None
