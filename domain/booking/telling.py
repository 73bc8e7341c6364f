"""Telling everybody who looks at a coach's offers that they changed: other times, other prices."""

from datetime import datetime

from domain.accounts.account import Identity
from domain.booking.calendar import HORIZON
from domain.events import AvailabilityUpdated, ToUser, ToWatchers
from domain.ids import CoachId
from domain.ports import Tx


def tell_change(tx: Tx, who: Identity, coach_id: CoachId, now: datetime) -> None:
    """Tell the coach's own windows, and whoever watches the coach: anything from now on may be different."""
    event = AvailabilityUpdated(coach_id=coach_id, start=now, end=now + HORIZON)
    tx.emit(ToUser(who.user_id), event, expires_at=now)
    tx.emit(ToWatchers(coach_id), event)
