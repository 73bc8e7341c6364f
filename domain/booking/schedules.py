"""The weekly schedule and its exceptions, as their coach edits them."""

from datetime import date, timedelta

from domain.accounts.account import Identity
from domain.booking.availability_ports import CalendarStore
from domain.booking.calendar import (
    REMEMBERED,
    Calendar,
    DateException,
    Schedule,
    check_exception,
    check_schedule,
)
from domain.booking.free_time import BOOKABLE_AHEAD
from domain.booking.spans import Span
from domain.booking.zones import DAY, WallWindow, wall_of, zone_named
from domain.clock import Clock
from domain.coaching.own import business_of
from domain.errors import NotFound
from domain.events import AvailabilityUpdated, ToUser, ToWatchers
from domain.ids import CoachId, UserId
from domain.ports import Transactions, Tx
from domain.versions import require_version


def tell_of_availability(tx: Tx, user_id: UserId, coach_id: CoachId, span: Span) -> None:
    """Say that a coach's free time changed: to the coach, and to everybody who watches the coach."""
    event = AvailabilityUpdated(coach_id, span.start, span.end)
    # Whoever was away reads everything anew; nobody needs to be told of what is past.
    tx.emit(ToUser(user_id), event, expires_at=span.end)
    tx.emit(ToWatchers(coach_id), event)


class Schedules:
    """A coach's own schedule."""

    def __init__(self, transact: Transactions, calendars: CalendarStore, clock: Clock) -> None:
        self._transact = transact
        self._calendars = calendars
        self._clock = clock

    async def read(self, who: Identity) -> Calendar:
        """The asker's calendar.

        Raises:
            Forbidden: no coach.
        """
        return await self._calendars.peek(business_of(who))

    async def replace(self, who: Identity, schedule: Schedule, expected: int) -> Calendar:
        """Write a whole schedule, made from version ``expected`` of it.

        Raises:
            Forbidden: no coach.
            Invalid: a schedule that makes no sense, with the field that is wrong.
            Conflict: VERSION_MISMATCH.
        """
        coach_id = business_of(who)

        async def work(tx: Tx) -> Calendar:
            calendar = await self._calendars.touch(tx, coach_id)
            require_version(expected, calendar.schedule_version)
            today = self._today(schedule.time_zone)
            # Whoever changes hours sends all exceptions back as they were read: what is long past must not stand in the way.
            kept = schedule.since(today - REMEMBERED)
            check_schedule(kept, today)
            now = self._clock.now()
            await self._write(tx, calendar, kept)
            tell_of_availability(tx, who.user_id, coach_id, Span(now, now + BOOKABLE_AHEAD))
            return calendar

        return await self._transact(work)

    async def put_exception(self, who: Identity, day: date, windows: tuple[WallWindow, ...]) -> Calendar:
        """Other windows on one date, or none at all; whatever was there for the date is replaced.

        Raises:
            Forbidden: no coach.
            Invalid: windows that make no sense, too many exceptions, or a date that is too far away.
        """
        coach_id = business_of(who)

        async def work(tx: Tx) -> Calendar:
            calendar = await self._calendars.touch(tx, coach_id)
            exception = DateException(day, windows)
            changed = calendar.schedule.with_exception(exception)
            today = self._today(changed.time_zone)
            check_exception(calendar.schedule, exception, today)
            check_schedule(changed.since(today - REMEMBERED), today)
            await self._write(tx, calendar, changed)
            tell_of_availability(tx, who.user_id, coach_id, _around(day, changed))
            return calendar

        return await self._transact(work)

    async def drop_exception(self, who: Identity, day: date) -> None:
        """The week's windows again on that date.

        Raises:
            Forbidden: no coach.
            NotFound: there is no exception for it.
            Invalid: the week's windows would overlap an exception of the day before or after.
        """
        coach_id = business_of(who)

        async def work(tx: Tx) -> None:
            calendar = await self._calendars.touch(tx, coach_id)
            if all(one.date != day for one in calendar.schedule.exceptions):
                raise NotFound("There is no exception for this date.")
            changed = calendar.schedule.without_exception(day)
            today = self._today(changed.time_zone)
            check_schedule(changed.since(today - REMEMBERED), today)
            await self._write(tx, calendar, changed)
            tell_of_availability(tx, who.user_id, coach_id, _around(day, changed))

        await self._transact(work)

    async def _write(self, tx: Tx, calendar: Calendar, schedule: Schedule) -> None:
        calendar.schedule = schedule.since(self._today(schedule.time_zone) - REMEMBERED)
        await self._calendars.save_schedule(tx, calendar)

    def _today(self, time_zone: str) -> date:
        return wall_of(self._clock.now(), zone_named(time_zone)).date()


def _around(day: date, schedule: Schedule) -> Span:
    """A date where the coach lives, with what crosses its end."""
    whole = WallWindow(0, 1440).on(day, zone_named(schedule.time_zone))
    assert whole is not None
    return whole.widened(timedelta(), DAY)
