"""Places in a group session: who gets one, and what that means for the group.

Every transaction about a place that is paid writes the group too, whose version makes two of them conflict: capacity holds.
"""

from domain.booking.booking import Attendee, Booking
from domain.booking.expiry import minimum_at
from domain.booking.flow import LEFT, REGISTERED, BookingFlow, BookingPorts
from domain.booking.states import BookingMove, BookingState
from domain.ports import Tx
from domain.timers import TimerKind

#: A group session that may be registered for.
OPEN = frozenset({BookingState.PENDING_MINIMUM_ATTENDEES, BookingState.SCHEDULED})
#: One that does not take place.
CALLED_OFF = frozenset({BookingState.EXPIRED, BookingState.CANCELLED_BY_COACH})


class Places:
    """Enters and leaves, in the transaction of the place."""

    def __init__(self, ports: BookingPorts, flow: BookingFlow) -> None:
        self._ports = ports
        self._flow = flow

    async def enter(self, tx: Tx, place: Booking) -> bool:
        """Give a paid place its seat; False when the group is full, over, or has begun."""
        group = await self._group(tx, place)
        if group.state not in OPEN or len(group.attendees) >= (group.capacity or 0):
            return False
        if place.client is None or group.start <= self._flow.now():
            return False
        group.attendees.append(Attendee(place.client.user_id, place.client.name, place.id, self._flow.now()))
        reached = group.state is BookingState.PENDING_MINIMUM_ATTENDEES and len(group.attendees) >= (
            group.min_attendees or 1
        )
        if reached:
            self._flow.move(group, BookingMove.REACH_MINIMUM, by="system", attendees=len(group.attendees))
        what = BookingMove.REACH_MINIMUM.value if reached else REGISTERED
        await self._changed(tx, group, what)
        if reached:
            await self._ports.meetings.confirmed(tx, group.session_id)
        return True

    async def leave(self, tx: Tx, place: Booking) -> None:
        """Free the seat of a place that was paid; a group that is over stays as it was."""
        group = await self._group(tx, place)
        if group.state not in OPEN:
            return
        group.attendees = [one for one in group.attendees if one.booking_id != place.id]
        # A group that was large enough when it had to be takes place.
        undecided = self._flow.now() < minimum_at(group.created_at, group.start)
        small = len(group.attendees) < (group.min_attendees or 1)
        lost = undecided and small and group.state is BookingState.SCHEDULED
        if lost:
            self._flow.move(group, BookingMove.LOSE_MINIMUM, by="system", attendees=len(group.attendees))
        await self._changed(tx, group, BookingMove.LOSE_MINIMUM.value if lost else LEFT)

    async def call_off(self, tx: Tx, group: Booking) -> None:
        """The group is over: each place ends by its own timer, so that one transaction never ends hundreds."""
        for place in await self._ports.bookings.places(tx, group.id):
            tx.arm(TimerKind.BOOKING_EXPIRY, place.id, self._flow.now())

    async def _group(self, tx: Tx, place: Booking) -> Booking:
        if place.group_id is None:
            raise ValueError("not a place in a group session")
        return await self._ports.bookings.get(tx, place.group_id)

    async def _changed(self, tx: Tx, group: Booking, what: str) -> None:
        await self._flow.moved(tx, group, what)
        # Whoever looks at the coach's group sessions sees it fill up.
        self._flow.time_changed(tx, group, group.span)
