"""Where calendars and slots are kept, and what is read of bookings to know a coach's free time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.booking.calendar import Calendar
from domain.booking.slots import Slot, SlotChanges
from domain.booking.spans import Span
from domain.booking.starts import Busy
from domain.ids import CoachId, SlotId
from domain.ports import Tx


class CalendarStore(Protocol):
    """One calendar per coach. A coach without one has an empty schedule, in the zone of their account."""

    async def touch(self, tx: Tx, coach_id: CoachId, spans: Sequence[Span] = ()) -> Calendar:
        """Increment its version, which makes it conflict with every other transaction about the coach's time; and read it.

        Only sessions at ``spans`` come or go in this transaction; without any, everything may be different after it.

        Raises:
            NotFound: no such coach.
        """
        ...

    async def get(self, tx: Tx, coach_id: CoachId) -> Calendar:
        """Read in the transaction.

        Raises:
            NotFound: no such coach.
        """
        ...

    async def save_schedule(self, tx: Tx, calendar: Calendar) -> None:
        """Write the schedule and increment both versions, of a calendar that was touched in this transaction."""
        ...

    async def peek(self, coach_id: CoachId) -> Calendar:
        """Read outside any transaction.

        Raises:
            NotFound: no such coach.
        """
        ...


class SlotStore(Protocol):
    """Slots of availability, and the time that bookings keep."""

    async def get(self, tx: Tx, coach_id: CoachId, slot_id: SlotId) -> Slot:
        """A coach's own slot.

        Raises:
            NotFound: none of this coach's.
        """
        ...

    async def touching(self, tx: Tx, coach_id: CoachId, window: Span) -> Sequence[Slot]:
        """One-off slots that overlap or touch ``window``, and patterns of which an occurrence may; read in the transaction."""
        ...

    async def inside(self, coach_id: CoachId, window: Span) -> Sequence[Slot]:
        """The same, outside any transaction."""
        ...

    async def count(self, tx: Tx, coach_id: CoachId, now: datetime) -> int:
        """How many slots end after ``now``."""
        ...

    async def count_series(self, tx: Tx, coach_id: CoachId, now: datetime) -> int:
        """How many of them are series."""
        ...

    async def apply(self, tx: Tx, changes: SlotChanges) -> None:
        """Write what became of slots, and increment the versions of those that remain.

        Raises:
            Unavailable: somebody else wrote one of them meanwhile.
        """
        ...

    async def busy(self, coach_id: CoachId, window: Span) -> Sequence[Busy]:
        """What bookings keep inside ``window``, buffers and wished-for times included; outside any transaction."""
        ...
