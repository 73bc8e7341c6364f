"""What the timers of bookings do. All of it is idempotent: a timer may come late, twice, or be of a state long gone."""

from datetime import timedelta

from domain.booking.booking import Booking
from domain.booking.flow import STANDS, BookingFlow, BookingPorts
from domain.booking.groups import Groups
from domain.booking.lifecycle import Lifecycle, still_open
from domain.booking.outcomes import Outcomes
from domain.booking.rescheduling import Reschedules
from domain.booking.states import OVER, BookingMove, BookingState
from domain.ids import BookingId
from domain.ports import Tx


class Deadlines:
    """Expires, reminds, and passes on to who knows how a session went."""

    def __init__(
        self,
        ports: BookingPorts,
        flow: BookingFlow,
        lifecycle: Lifecycle,
        reschedules: Reschedules,
        groups: Groups,
        outcomes: Outcomes,
    ) -> None:
        self._ports = ports
        self._flow = flow
        self._lifecycle = lifecycle
        self._reschedules = reschedules
        self._groups = groups
        self.no_show_due = outcomes.no_show_due
        self.over = outcomes.over
        self.minimum_due = groups.minimum_due

    async def expired(self, booking_id: BookingId) -> None:
        """Nobody answered, chose or paid; or the group session of a place will not take place."""

        async def work(tx: Tx) -> None:
            booking = await self._ports.bookings.get(tx, booking_id)
            if booking.state in OVER or await self._groups.follow(tx, booking):
                return
            now, wish = self._flow.now(), booking.rescheduling
            if wish is not None and not still_open(wish.expires_at, now):
                await self._reschedules.decline(tx, booking, by="system")
            elif booking.unpaid and not still_open(booking.expires_at, now):
                await self._expire(tx, booking)

        await self._ports.transact(work)

    async def _expire(self, tx: Tx, booking: Booking) -> None:
        asked = booking.state is BookingState.REQUESTED
        await self._lifecycle.end(tx, booking, BookingMove.EXPIRE, by="system")
        await self._flow.tell_client(tx, booking, "booking_expired")
        if asked or (booking.group_id is None and not booking.firm):
            await self._flow.tell_coach(tx, booking, "booking_expired")

    async def remind(self, key: str) -> None:
        """``booking:hours``: it takes place in so many hours."""
        booking_id, _, hours = key.partition(":")

        async def work(tx: Tx) -> None:
            booking = await self._ports.bookings.get(tx, BookingId(booking_id))
            before, now = int(hours), self._flow.now()
            if booking.state not in STANDS or before in booking.reminded or booking.start <= now:
                return
            if now < booking.start - timedelta(hours=before):
                return  # This timer is of an earlier time of the booking.
            if any(
                now >= booking.start - timedelta(hours=one) for one in booking.reminder_hours if one < before
            ):
                return  # It comes so late that a later one is due, too, and says what is true by now.
            booking.reminded.append(before)
            await self._ports.bookings.save(tx, booking)
            await self._flow.tell_client(tx, booking, "booking_reminder", hours=hours)
            # The coach of a group session is reminded of the session, not of every place in it.
            if booking.group_id is None:
                await self._flow.tell_coach(tx, booking, "booking_reminder", hours=hours)

        await self._ports.transact(work)
