"""A coach's calendar: a weekly schedule with exceptions, in the coach's zone.

A window belongs to the date on which it begins, also when it crosses midnight; an exception replaces all windows of its date.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from domain.accounts.rules import time_zones
from domain.booking.months import Month
from domain.booking.spans import Span, merged
from domain.booking.zones import DAY, MINUTES_A_DAY, WallWindow, dates_of, overlapping, zone_named
from domain.errors import Invalid
from domain.ids import CoachId

WINDOWS_A_DAY = 12
EXCEPTIONS = 366
#: How far ahead anything may be planned: two years.
HORIZON = timedelta(days=731)
#: Exceptions that are so long past are forgotten.
REMEMBERED = timedelta(days=62)


class Weekday(StrEnum):
    """The days of a week, as the wire names them; in the order of :meth:`datetime.date.weekday`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


WEEKDAYS = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class DateException:
    """Other windows on one local date; without any, the coach is away."""

    date: date
    windows: tuple[WallWindow, ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a coach can be booked, week by week. ``instant``: whether bookings are firm at once, if the session type allows."""

    time_zone: str
    weekly: dict[Weekday, tuple[WallWindow, ...]] = field(default_factory=dict)
    instant: bool = True
    exceptions: tuple[DateException, ...] = ()

    def on(self, day: date) -> tuple[WallWindow, ...]:
        """The windows that begin on a date."""
        for exception in self.exceptions:
            if exception.date == day:
                return exception.windows
        return self.weekly.get(WEEKDAYS[day.weekday()], ())

    def expanded(self, window: Span) -> list[Span]:
        """What it comes to in UTC inside ``window``, in normal form."""
        return merged(part for span in self._spans(window) if (part := span.within(window)) is not None)

    def _spans(self, window: Span) -> Iterator[Span]:
        zone = zone_named(self.time_zone)
        changed = {exception.date: exception.windows for exception in self.exceptions}
        for day in dates_of(window, zone):
            for one in changed.get(day, self.weekly.get(WEEKDAYS[day.weekday()], ())):
                span = one.on(day, zone)
                if span is not None:
                    yield span

    def with_exception(self, exception: DateException) -> "Schedule":
        """The same with other windows on that date."""
        others = [one for one in self.exceptions if one.date != exception.date]
        return Schedule(self.time_zone, self.weekly, self.instant, _by_date([*others, exception]))

    def without_exception(self, day: date) -> "Schedule":
        """The same with the windows of the week on that date."""
        others = [one for one in self.exceptions if one.date != day]
        return Schedule(self.time_zone, self.weekly, self.instant, _by_date(others))

    def since(self, day: date) -> "Schedule":
        """The same without exceptions that are long past."""
        kept = [one for one in self.exceptions if one.date >= day]
        return Schedule(self.time_zone, self.weekly, self.instant, _by_date(kept))


@dataclass(slots=True)
class Calendar:
    """One per coach.

    ``version`` rises with every transaction about the coach's time, so that two of them conflict. ``schedule_version`` rises
    with the schedule alone and is its entity tag: somebody who books must not make the coach's own edit fail.

    ``changed`` is the last version that may concern any time, ``months`` the last one that concerns a month (``2026-03``).
    """

    id: CoachId
    schedule: Schedule
    schedule_version: int = 0
    version: int = 0
    changed: int = 0
    months: dict[str, int] = field(default_factory=dict)

    def changed_in(self, month: Month) -> int:
        """The last version that may concern a month."""
        return max(self.changed, self.months.get(str(month), 0))


def check_schedule(schedule: Schedule, today: date) -> None:
    """Raise unless it makes sense: a known zone, windows that do not overlap, exceptions that are not too many or far away.

    Raises:
        Invalid: with the field that is wrong.
    """
    if schedule.time_zone not in time_zones():
        raise _wrong("timeZone", "This time zone is not in the IANA database.")
    for day, windows in schedule.weekly.items():
        _check_windows(f"weekly.{day.value}", windows)
    week = [(WEEKDAYS.index(day), one) for day, windows in schedule.weekly.items() for one in windows]
    if overlapping(week, 7):
        raise _wrong("weekly", "A window that crosses midnight overlaps one of the next day.")
    if len(schedule.exceptions) > EXCEPTIONS:
        raise _wrong("exceptions", f"There are at most {EXCEPTIONS} exceptions.")
    if any(one.date == later.date for one, later in pairwise(_by_date(schedule.exceptions))):
        raise _wrong("exceptions", "A date has two exceptions.")
    for exception in schedule.exceptions:
        check_exception(schedule, exception, today)


def check_exception(schedule: Schedule, exception: DateException, today: date) -> None:
    """Raise unless an exception makes sense beside the windows of the days around it.

    Raises:
        Invalid: with the field that is wrong.
    """
    path = f"exceptions.{exception.date.isoformat()}"
    if not today - REMEMBERED <= exception.date <= today + HORIZON:
        raise _wrong(path, "An exception is for a date from two months ago up to two years ahead.")
    _check_windows(path, exception.windows)
    around = schedule.with_exception(exception)
    days = [exception.date - DAY, exception.date, exception.date + DAY]
    windows = [(place, one) for place, day in enumerate(days) for one in around.on(day)]
    if overlapping(windows, len(days) + 1):
        raise _wrong(path, "A window that crosses midnight overlaps one of the next day.")


def _check_windows(path: str, windows: Sequence[WallWindow]) -> None:
    if len(windows) > WINDOWS_A_DAY:
        raise _wrong(path, f"A day has at most {WINDOWS_A_DAY} windows.")
    for one in windows:
        if not (0 <= one.start < MINUTES_A_DAY and 0 < one.end <= MINUTES_A_DAY):
            raise _wrong(path, "A window begins from 00:00 to 23:59 and ends from 00:01 to 24:00.")
        if one.start == one.end:
            raise _wrong(path, "A window ends after it begins; the whole day is 00:00 to 24:00.")
    if overlapping([(0, one) for one in windows], 2):
        raise _wrong(path, "The windows of a day overlap.")


def _by_date(exceptions: Sequence[DateException]) -> tuple[DateException, ...]:
    return tuple(sorted(exceptions, key=lambda one: one.date))


def _wrong(path: str, problem: str) -> Invalid:
    return Invalid(problem, details={"fields": [{"path": path, "problem": problem}]})
