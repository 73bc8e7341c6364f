"""What coaches earned, added up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.ids import CoachId
from domain.money import Money


@dataclass(frozen=True, slots=True)
class Earned:
    """Settled calls of one currency: what the coach is owed for them, how many, and how long was talked."""

    net: Money
    calls: int
    billable_seconds: int


class EarningStore(Protocol):
    """Earnings, read."""

    async def earned_since(self, coach_id: CoachId, since: datetime) -> Sequence[Earned]:
        """Sums of what was earned at or after ``since`` (domain time), one per currency."""
        ...
