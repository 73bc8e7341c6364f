"""The weekly schedule and its exceptions."""

from datetime import date
from typing import Annotated

from pydantic import Field

from domain.booking.calendar import (
    EXCEPTIONS,
    WEEKDAYS,
    WINDOWS_A_DAY,
    Calendar,
    DateException,
    Schedule,
)
from domain.booking.schedules import Schedules
from domain.booking.zones import WallWindow
from domain.errors import Code, Invalid
from rest.endpoints.windows import WindowBody, clock
from rest.payloads import Payload, Reply, TimeZone
from rest.registry import Call, coach, endpoint

Windows = Annotated[
    list[WindowBody], Field(default=[], max_length=WINDOWS_A_DAY, description="None: not at all.")
]


class WeekBody(Payload):
    """Windows by the day on which they begin."""

    mon: Windows
    tue: Windows
    wed: Windows
    thu: Windows
    fri: Windows
    sat: Windows
    sun: Windows


class ExceptionBody(Payload):
    """Other windows on one date; none means away."""

    date: date
    windows: Windows


class ScheduleBody(Payload):
    """A whole schedule."""

    time_zone: TimeZone
    weekly: WeekBody
    instant: bool = Field(
        default=True, description="Whether bookings are firm at once, if the session type allows."
    )
    exceptions: list[ExceptionBody] = Field(default=[], max_length=EXCEPTIONS)

    def schedule(self) -> Schedule:
        """As the domain knows it."""
        weekly = {day: _windows(getattr(self.weekly, day.value)) for day in WEEKDAYS}
        exceptions = [DateException(one.date, _windows(one.windows)) for one in self.exceptions]
        return Schedule(
            self.time_zone,
            {day: windows for day, windows in weekly.items() if windows},
            self.instant,
            tuple(sorted(exceptions, key=lambda one: one.date)),
        )


class WindowsBody(Payload):
    """The windows of one date."""

    windows: Windows


class WindowView(Reply):
    """A part of a day. One that ends at or before its beginning ends on the next day."""

    from_: str = Field(alias="from")
    to: str


class WeekView(Reply):
    """Windows by the day on which they begin."""

    mon: list[WindowView]
    tue: list[WindowView]
    wed: list[WindowView]
    thu: list[WindowView]
    fri: list[WindowView]
    sat: list[WindowView]
    sun: list[WindowView]


class ExceptionView(Reply):
    """Other windows on one date."""

    date: str
    windows: list[WindowView]


class ScheduleView(Reply):
    """When a coach can be booked, week by week."""

    time_zone: str
    weekly: WeekView
    instant: bool
    exceptions: list[ExceptionView]
    version: int

    @classmethod
    def of(cls, calendar: Calendar) -> "ScheduleView":
        schedule = calendar.schedule
        return cls(
            time_zone=schedule.time_zone,
            weekly=WeekView(**{day.value: _views(schedule.weekly.get(day, ())) for day in WEEKDAYS}),
            instant=schedule.instant,
            exceptions=[
                ExceptionView(date=one.date.isoformat(), windows=_views(one.windows))
                for one in schedule.exceptions
            ],
            version=calendar.schedule_version,
        )


class SchedulesOfCoaches:
    """A coach's own weekly schedule."""

    def __init__(self, schedules: Schedules) -> None:
        self._schedules = schedules

    @endpoint("GET", "/api/availability/schedule", may=coach, reply=ScheduleView, versioned=True)
    async def get_schedule(self, call: Call[None, None]) -> ScheduleView:
        """Read the caller's weekly schedule."""
        return ScheduleView.of(await self._schedules.read(call.who))

    @endpoint(
        "PUT",
        "/api/availability/schedule",
        may=coach,
        body=ScheduleBody,
        reply=ScheduleView,
        versioned=True,
    )
    async def change_schedule(self, call: Call[ScheduleBody, None]) -> ScheduleView:
        """Write the whole schedule.

        Times are by the clock on the wall in `timeZone`. A window belongs to the date on which it begins; an exception replaces
        all windows of its date. Bookings stay.
        """
        calendar = await self._schedules.replace(call.who, call.body.schedule(), call.expected)
        return ScheduleView.of(calendar)

    @endpoint("PUT", "/api/availability/exceptions/{date}", may=coach, body=WindowsBody, reply=ScheduleView)
    async def put_exception(self, call: Call[WindowsBody, None]) -> ScheduleView:
        """Set other windows for one date, or none: then the caller is away."""
        day, windows = _date(call.path["date"]), _windows(call.body.windows)
        return ScheduleView.of(await self._schedules.put_exception(call.who, day, windows))

    @endpoint(
        "DELETE", "/api/availability/exceptions/{date}", may=coach, status=204, errors=(Code.NOT_FOUND,)
    )
    async def remove_exception(self, call: Call[None, None]) -> None:
        """Have the windows of the week on that date again."""
        await self._schedules.drop_exception(call.who, _date(call.path["date"]))


def _windows(bodies: list[WindowBody]) -> tuple[WallWindow, ...]:
    return tuple(sorted(one.window() for one in bodies))


def _views(windows: tuple[WallWindow, ...]) -> list[WindowView]:
    return [WindowView(from_=clock(one.start), to=clock(one.end)) for one in windows]


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fields = [{"path": "date", "problem": "must be a date of the calendar"}]
        raise Invalid("There is no such date.", details={"fields": fields}) from None
