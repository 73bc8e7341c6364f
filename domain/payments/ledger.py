"""Double entry: journals that balance, or do not exist.

A posting is positive for a debit and negative for a credit, in minor units. Corrections are new journals; nothing is changed.

Accounts: ``gateway_clearing`` (what the gateway owes us), ``gateway_fee`` (its cost, ours to bear), ``platform_fee``,
``tax_payable:<country>``, ``coach_payable:<coachId>``, ``write_off`` (what the platform bears), ``refunds`` (what clients are
owed because a bank sent it back), ``dispute``.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.ids import CoachId, JournalId, PaymentId, SessionId
from domain.ports import Tx

GATEWAY_CLEARING = "gateway_clearing"
GATEWAY_FEE = "gateway_fee"
PLATFORM_FEE = "platform_fee"
WRITE_OFF = "write_off"
COACH_PAYABLE = "coach_payable"
REFUNDS = "refunds"


def tax_payable(country: str) -> str:
    """The account of what is owed to a country."""
    return f"tax_payable:{country}"


def coach_payable(coach_id: CoachId) -> str:
    """The account of what is owed to a coach."""
    return f"{COACH_PAYABLE}:{coach_id}"


class Unbalanced(ValueError):
    """The postings of a journal do not add up to zero."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One line. Debit positive, credit negative."""

    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class Journal:
    """One balanced entry. ``movement`` names what happened at the gateway and is unique: nothing is booked twice."""

    id: JournalId
    movement: str
    at: datetime
    currency: str
    postings: tuple[Posting, ...]
    payment_id: PaymentId | None = None
    session_id: SessionId | None = None

    def __post_init__(self) -> None:
        total = sum(posting.amount for posting in self.postings)
        if total != 0:
            raise Unbalanced(f"{self.movement}: postings add up to {total}, not 0")


def balances(journals: Iterable[Journal]) -> dict[tuple[str, str], int]:
    """Account balances: (currency, account) → minor units."""
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for journal in journals:
        for posting in journal.postings:
            sums[journal.currency, posting.account] += posting.amount
    return dict(sums)


class LedgerStore(Protocol):
    """Append-only."""

    async def append(self, tx: Tx, journal: Journal) -> None:
        """Book a journal.

        Raises:
            Conflict: the movement is booked already.
        """
        ...
