"""A coach's calendar as others see it."""

from typing import Annotated

from pydantic import Field

from domain.booking.booking import Booking
from domain.booking.open_times import FoundStarts, OpenTimes, SeenCalendar, StartSearch
from domain.booking.states import BookingState
from domain.errors import Code
from domain.ids import SessionTypeId, UserId
from rest.endpoints.windows import WindowQuery, window_of
from rest.payloads import Digits, Id, Instant, Reply
from rest.registry import Call, endpoint, member

#: Nobody can book further ahead.
SEARCH_DAYS = 366
SEEN_DAYS = 100
STARTS_MAX = 3000


class StartQuery(WindowQuery):
    """What is looked for, and where."""

    session_type_id: Id
    minutes: Annotated[int, Field(ge=1, le=1440), Digits] | None = Field(
        default=None, description="One of the type's durations; its default without."
    )
    limit: Annotated[int, Field(ge=1, le=STARTS_MAX), Digits] = Field(
        default=1000, description="How many at most."
    )


class StartView(Reply):
    """A start that can be booked."""

    start: Instant
    end: Instant
    instant: bool = Field(description="Whether the coach need not be asked, if the session type allows.")


class StartsReply(Reply):
    """Starts, in order."""

    items: list[StartView]
    minutes: int
    time_zone: str = Field(description="The coach's.")
    next_from: Instant | None = Field(default=None, description="`from` of the next page, if there is more.")

    @classmethod
    def of(cls, found: FoundStarts) -> "StartsReply":
        return cls(
            items=[
                StartView(start=one.span.start, end=one.span.end, instant=one.instant) for one in found.items
            ],
            minutes=found.minutes,
            time_zone=found.time_zone,
            next_from=found.next_from,
        )


class FreeView(Reply):
    """Free time."""

    start: Instant
    end: Instant
    instant: bool
    session_type_ids: list[str] = Field(description="What can be booked in it; none here means all.")


class BusyView(Reply):
    """Booked time."""

    start: Instant
    end: Instant


class OwnBookingView(Reply):
    """A booking of the caller's with this coach."""

    booking_id: str
    start: Instant
    end: Instant
    state: BookingState
    title: str

    @classmethod
    def of(cls, booking: Booking) -> "OwnBookingView":
        return cls(
            booking_id=booking.id,
            start=booking.start,
            end=booking.end,
            state=booking.state,
            title=booking.title,
        )


class CalendarReply(Reply):
    """What the caller may see of a calendar."""

    coach_id: str
    time_zone: str = Field(description="The coach's.")
    free: list[FreeView]
    busy: list[BusyView]
    own: list[OwnBookingView]

    @classmethod
    def of(cls, seen: SeenCalendar) -> "CalendarReply":
        return cls(
            coach_id=seen.coach_id,
            time_zone=seen.time_zone,
            free=[
                FreeView(
                    start=one.span.start,
                    end=one.span.end,
                    instant=one.kind.instant,
                    session_type_ids=list(one.kind.session_type_ids),
                )
                for one in seen.free
            ],
            busy=[BusyView(start=span.start, end=span.end) for span in seen.busy],
            own=[OwnBookingView.of(booking) for booking in seen.own],
        )


class CalendarsOfCoaches:
    """Calendars, as far as their privacy and blocks allow."""

    def __init__(self, open_times: OpenTimes) -> None:
        self._open_times = open_times

    @endpoint(
        "GET",
        "/api/coaches/{userId}/starts",
        may=member,
        query=StartQuery,
        reply=StartsReply,
        errors=(Code.NOT_FOUND, Code.CALENDAR_PRIVATE, Code.BLOCKED),
    )
    async def find_starts(self, call: Call[None, StartQuery]) -> StartsReply:
        """Find starts at which a session of this type can be booked.

        Every quarter hour at which the session fits: inside what the coach offers, with notice, clear of everything booked and
        of the buffers around it. At most a year; a long list comes in pages.
        """
        query = call.query
        search = StartSearch(
            SessionTypeId(query.session_type_id), query.minutes, window_of(query, SEARCH_DAYS), query.limit
        )
        return StartsReply.of(await self._open_times.starts(call.who, UserId(call.path["userId"]), search))

    @endpoint(
        "GET",
        "/api/coaches/{userId}/calendar",
        may=member,
        query=WindowQuery,
        reply=CalendarReply,
        errors=(Code.NOT_FOUND, Code.CALENDAR_PRIVATE, Code.BLOCKED),
    )
    async def get_calendar(self, call: Call[None, WindowQuery]) -> CalendarReply:
        """Read what is free and what is booked, and the caller's own bookings there. At most 100 days."""
        window = window_of(call.query, SEEN_DAYS)
        user_id = UserId(call.path["userId"])
        return CalendarReply.of(await self._open_times.calendar(call.who, user_id, window))
