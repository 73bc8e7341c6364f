"""Slots of availability, as their coach puts them into the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.accounts.account import Identity
from domain.booking.availability_ports import CalendarStore, SlotStore
from domain.booking.calendar import HORIZON
from domain.booking.patterns import Series
from domain.booking.ports import SessionTypeStore
from domain.booking.schedules import tell_of_availability
from domain.booking.series import Scope, SlotWish, changed, new_slot, removed
from domain.booking.slots import Slot, SlotChanges
from domain.booking.spans import Span
from domain.clock import Clock
from domain.coaching.own import business_of
from domain.errors import Code, Conflict, Invalid, NotFound
from domain.ids import CoachId, SessionTypeId, SlotId
from domain.ports import Transactions, Tx
from domain.versions import require_version

#: A one-off slot; patterns have less than a day.
LONGEST_SLOT = timedelta(days=7)
SHORTEST_SLOT = timedelta(minutes=5)
#: Of one coach, not counting what is over.
MAX_SLOTS = 2000
#: Series of one coach, not counting those that are over. Whoever looks at the calendar expands all of them, at some
#: milliseconds of the processor each, and a process stands still meanwhile.
MAX_SERIES = 50
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Offered:
    """Something of a coach's own availability. ``slot`` is None for a window of the weekly schedule."""

    span: Span
    instant: bool
    session_type_ids: tuple[SessionTypeId, ...] = ()
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class AvailabilityPorts:
    """What editing slots needs."""

    transact: Transactions
    calendars: CalendarStore
    slots: SlotStore
    session_types: SessionTypeStore
    series: Series
    clock: Clock


class Availability:
    """A coach's own slots."""

    def __init__(self, ports: AvailabilityPorts) -> None:
        self._ports = ports

    async def own(self, who: Identity, window: Span) -> tuple[str, Sequence[Offered]]:
        """The zone of the schedule, and everything that is offered inside ``window``, booked or not; by start.

        Raises:
            Forbidden: no coach.
        """
        coach_id = business_of(who)
        calendar = await self._ports.calendars.peek(coach_id)
        schedule = calendar.schedule
        found = [Offered(part, schedule.instant) for part in schedule.expanded(window)]
        for slot in await self._ports.slots.inside(coach_id, window):
            for span in self._spans(slot, window):
                found.append(Offered(span, slot.instant, slot.session_type_ids, slot))
        return schedule.time_zone, sorted(found, key=lambda one: one.span)

    def first_of(self, slot: Slot) -> Span:
        """The slot itself, or the first occurrence of a series."""
        return slot.span if slot.pattern is None else self._ports.series.occurrences(slot.pattern)[0].span

    async def create(self, who: Identity, wish: SlotWish) -> Slot:
        """Offer a slot, or a series of them.

        Raises:
            Forbidden: no coach.
            Invalid: a span or a rule that cannot be kept, or a session type that is not the coach's.
            Conflict: SLOT_TAKEN, it overlaps another slot; ILLEGAL_STATE, there are too many.
        """
        coach_id = business_of(who)

        async def work(tx: Tx) -> Slot:
            await self._ports.calendars.touch(tx, coach_id)
            await self._check(tx, coach_id, wish)
            slot = new_slot(self._ports.series, coach_id, wish)
            if slot.end <= self._ports.clock.now():
                raise _wrong("end", "This time is past.")
            await self._write(tx, who, coach_id, SlotChanges(inserted=[slot]), slot.span)
            return slot

        return await self._ports.transact(work)

    async def change(
        self,
        who: Identity,
        slot_id: SlotId,
        wish: SlotWish,
        *,
        expected: int,
        scope: Scope,
        occurrence: datetime | None,
    ) -> Slot:
        """Make a slot, or so much of a series, like ``wish``; the slot that is.

        Raises:
            Forbidden: no coach.
            NotFound: no such slot of theirs, or no such occurrence.
            Invalid: as in :meth:`create`; or a scope of something that does not repeat.
            Conflict: VERSION_MISMATCH; SLOT_TAKEN, it overlaps another slot.
        """
        coach_id, series = business_of(who), self._ports.series

        async def work(tx: Tx) -> Slot:
            await self._ports.calendars.touch(tx, coach_id)
            slot = await self._ports.slots.get(tx, coach_id, slot_id)
            require_version(expected, slot.version)
            await self._check(tx, coach_id, wish)
            if slot.pattern is None:
                _refuse_scope(scope, occurrence)
                result = replace(new_slot(series, coach_id, wish), id=slot.id, version=slot.version)
                changes = SlotChanges(saved=[result])
            else:
                result, changes = changed(series, slot, wish, scope, occurrence)
            await self._write(tx, who, coach_id, changes, _both(slot.span, result.span))
            return result

        return await self._ports.transact(work)

    async def remove(
        self, who: Identity, slot_id: SlotId, *, scope: Scope, occurrence: datetime | None
    ) -> None:
        """Offer it no longer, or so much of a series; bookings in it stay.

        Raises:
            Forbidden: no coach.
            NotFound: no such slot of theirs, or no such occurrence.
            Invalid: a scope of something that does not repeat.
        """
        coach_id = business_of(who)

        async def work(tx: Tx) -> None:
            await self._ports.calendars.touch(tx, coach_id)
            slot = await self._ports.slots.get(tx, coach_id, slot_id)
            if slot.pattern is None:
                _refuse_scope(scope, occurrence)
                changes = SlotChanges(deleted=[slot])
            else:
                changes = removed(self._ports.series, slot, scope, occurrence)
            await self._write(tx, who, coach_id, changes, slot.span)

        await self._ports.transact(work)

    async def _check(self, tx: Tx, coach_id: CoachId, wish: SlotWish) -> None:
        check_span(wish.span, self._ports.clock.now(), repeats=wish.repeat is not None)
        for session_type_id in wish.kind.session_type_ids:
            try:
                session_type = await self._ports.session_types.get(tx, session_type_id)
            except NotFound:
                raise _wrong("sessionTypeIds", "There is no such session type.") from None
            if session_type.coach_id != coach_id or session_type.archived:
                raise _wrong("sessionTypeIds", "There is no such session type.")

    async def _write(
        self, tx: Tx, who: Identity, coach_id: CoachId, changes: SlotChanges, told: Span
    ) -> None:
        slots = self._ports.slots
        now = self._ports.clock.now()
        for slot in changes.inserted + changes.saved:
            if slot.pattern is None:
                await self._refuse_overlap(tx, coach_id, slot)
        if changes.inserted and await slots.count(tx, coach_id, now) >= MAX_SLOTS:
            raise Conflict(
                f"There are {MAX_SLOTS} slots; a weekly schedule needs none.", details={"limit": MAX_SLOTS}
            )
        await slots.apply(tx, changes)
        repeats = any(slot.pattern is not None for slot in changes.inserted + changes.saved)
        if repeats and await slots.count_series(tx, coach_id, now) > MAX_SERIES:
            raise Conflict(
                f"There are {MAX_SERIES} series; a weekly schedule needs none.", details={"limit": MAX_SERIES}
            )
        tell_of_availability(tx, who.user_id, coach_id, told)

    async def _refuse_overlap(self, tx: Tx, coach_id: CoachId, slot: Slot) -> None:
        """One-off slots never overlap: bookings cut them, and what is cut out is given back to one of them."""
        for other in await self._ports.slots.touching(tx, coach_id, slot.span):
            if other.pattern is None and other.id != slot.id and other.span.overlaps(slot.span):
                raise Conflict(
                    "You offer a slot at this time already.",
                    code=Code.SLOT_TAKEN,
                    details={"slotId": other.id},
                )

    def _spans(self, slot: Slot, window: Span) -> list[Span]:
        if slot.pattern is None:
            return [slot.span] if slot.span.overlaps(window) else []
        return [one.span for one in self._ports.series.inside(slot.pattern, window)]


def check_span(span: Span, now: datetime, *, repeats: bool) -> None:
    """Raise unless a slot may be so.

    Raises:
        Invalid: with the field that is wrong.
    """
    for name, edge in (("start", span.start), ("end", span.end)):
        if edge.second or edge.microsecond:
            raise _wrong(name, "Slots begin and end at whole minutes.")
    if span.length < SHORTEST_SLOT:
        raise _wrong("end", f"A slot has at least {SHORTEST_SLOT // _MINUTE} minutes.")
    if span.length > LONGEST_SLOT:
        raise _wrong("end", f"A slot has at most {LONGEST_SLOT.days} days; a weekly schedule has no end.")
    if span.end <= now and not repeats:
        raise _wrong("end", "This time is past.")
    if not now - HORIZON <= span.start <= now + HORIZON:
        raise _wrong("start", f"Slots are at most {HORIZON.days} days away.")


def _refuse_scope(scope: Scope, occurrence: datetime | None) -> None:
    if scope is not Scope.ALL or occurrence is not None:
        raise _wrong("scope", "This slot does not repeat.")


def _both(one: Span, other: Span) -> Span:
    return Span(min(one.start, other.start), max(one.end, other.end))


def _wrong(path: str, problem: str) -> Invalid:
    return Invalid(problem, details={"fields": [{"path": path, "problem": problem}]})
