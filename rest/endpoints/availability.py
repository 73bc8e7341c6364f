"""Slots of availability, and all that a coach offers."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from domain.booking.availability import Availability, Offered
from domain.booking.series import Repeat, Scope, SlotWish
from domain.booking.slots import Kind, Slot
from domain.booking.spans import Span
from domain.errors import Code
from domain.ids import SessionTypeId, SlotId
from rest.endpoints.windows import WindowQuery, window_of
from rest.payloads import Id, Instant, Moment, Payload, Query, Reply, TimeZone
from rest.registry import Call, coach, endpoint

#: A coach looks at a quarter at most.
OWN_DAYS = 100
TYPES_MAX = 20


class Recurrence(Payload):
    """A rule of RFC 5545, with an end, and the zone in whose wall time it repeats."""

    rule: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Z0-9=;,:+-]+$", min_length=6, max_length=300),
        Field(
            description=(
                "RRULE: FREQ DAILY, WEEKLY or MONTHLY; INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, WKST; "
                "and COUNT or UNTIL."
            ),
            examples=["FREQ=WEEKLY;BYDAY=MO,TH;COUNT=20"],
        ),
    ]
    time_zone: TimeZone


class SlotBody(Payload):
    """A slot. Of a series, ``start`` and ``end`` are the first occurrence, or the one that is changed."""

    start: Moment
    end: Moment
    instant: bool = Field(
        default=True, description="Whether a booking in it is firm at once, if the type allows."
    )
    session_type_ids: list[Id] = Field(
        default=[], max_length=TYPES_MAX, description="What can be booked in it; nothing here means all."
    )
    recurrence: Recurrence | None = None

    @model_validator(mode="after")
    def _forwards(self) -> "SlotBody":
        if self.end <= self.start:
            raise ValueError("end must be after start")
        return self

    def wish(self) -> SlotWish:
        """As the domain knows it."""
        types = tuple(dict.fromkeys(SessionTypeId(one) for one in self.session_type_ids))
        repeat = Repeat(self.recurrence.rule, self.recurrence.time_zone) if self.recurrence else None
        return SlotWish(Span(self.start, self.end), Kind(self.instant, types), repeat)


class RecurrenceView(Reply):
    """How a slot repeats."""

    rule: str
    time_zone: str
    excluded: list[str] = Field(description="Local dates that are left out.")


class SlotView(Reply):
    """A slot. Of a series, ``start`` and ``end`` are those of the first occurrence, and ``until`` ends the last one."""

    slot_id: str
    start: Instant
    end: Instant
    until: Instant
    instant: bool
    session_type_ids: list[str]
    recurrence: RecurrenceView | None = None
    version: int

    @classmethod
    def of(cls, slot: Slot, first: Span) -> "SlotView":
        return cls(
            slot_id=slot.id,
            start=first.start,
            end=first.end,
            until=slot.end,
            instant=slot.instant,
            session_type_ids=list(slot.session_type_ids),
            recurrence=_recurrence(slot),
            version=slot.version,
        )


class Source(StrEnum):
    """Where availability comes from."""

    SLOT = "slot"
    OCCURRENCE = "occurrence"
    SCHEDULE = "schedule"


class OfferedView(Reply):
    """A piece of availability: a slot, an occurrence of a series, or a window of the weekly schedule."""

    source: Source
    start: Instant
    end: Instant
    instant: bool
    session_type_ids: list[str]
    slot_id: str | None = None
    recurrence: RecurrenceView | None = None
    version: int | None = None

    @classmethod
    def of(cls, one: Offered) -> "OfferedView":
        slot = one.slot
        source = Source.SCHEDULE
        if slot is not None:
            source = Source.OCCURRENCE if slot.pattern else Source.SLOT
        return cls(
            source=source,
            start=one.span.start,
            end=one.span.end,
            instant=one.instant,
            session_type_ids=list(one.session_type_ids),
            slot_id=slot.id if slot else None,
            recurrence=_recurrence(slot) if slot else None,
            version=slot.version if slot else None,
        )


class AvailabilityReply(Reply):
    """All that a coach offers in a range, booked or not."""

    time_zone: str = Field(description="Of the weekly schedule.")
    items: list[OfferedView]


class ScopeQuery(Query):
    """How much of a series is meant. A slot that does not repeat takes neither."""

    scope: Scope = Scope.ALL
    occurrence: Moment | None = Field(default=None, description="The start of the occurrence that is meant.")


class AvailabilityOfCoaches:
    """A coach's own slots."""

    def __init__(self, availability: Availability) -> None:
        self._availability = availability

    @endpoint("GET", "/api/bookings/availability", may=coach, query=WindowQuery, reply=AvailabilityReply)
    async def list_availability(self, call: Call[None, WindowQuery]) -> AvailabilityReply:
        """List all that the caller offers: slots, occurrences of series, windows of the weekly schedule.

        At most 100 days. Whether something is booked there is another question.
        """
        zone, found = await self._availability.own(call.who, window_of(call.query, OWN_DAYS))
        return AvailabilityReply(time_zone=zone, items=[OfferedView.of(one) for one in found])

    @endpoint(
        "POST",
        "/api/bookings/availability",
        may=coach,
        body=SlotBody,
        reply=SlotView,
        status=201,
        idempotent=True,
        versioned=True,
        errors=(Code.SLOT_TAKEN, Code.ILLEGAL_STATE),
    )
    async def create_availability(self, call: Call[SlotBody, None]) -> SlotView:
        """Offer a slot, or a series of them.

        Wall time repeats: a series at nine stays at nine when the clocks change. An occurrence whose start clocks skip is
        left out and not counted (RFC 5545).
        """
        slot = await self._availability.create(call.who, call.body.wish())
        return SlotView.of(slot, self._availability.first_of(slot))

    @endpoint(
        "PUT",
        "/api/bookings/availability/{availabilityId}",
        may=coach,
        body=SlotBody,
        query=ScopeQuery,
        reply=SlotView,
        versioned=True,
        errors=(Code.NOT_FOUND, Code.SLOT_TAKEN, Code.ILLEGAL_STATE),
    )
    async def change_availability(self, call: Call[SlotBody, ScopeQuery]) -> SlotView:
        """Change a slot, or an occurrence of a series, or it and those that follow, or all of them.

        The reply is the slot that now is as asked for: a new one when an occurrence leaves its series or the series is cut.
        Without `recurrence` a series keeps its rule. Bookings stay where they are.
        """
        slot = await self._availability.change(
            call.who,
            SlotId(call.path["availabilityId"]),
            call.body.wish(),
            expected=call.expected,
            scope=call.query.scope,
            occurrence=call.query.occurrence,
        )
        return SlotView.of(slot, self._availability.first_of(slot))

    @endpoint(
        "DELETE",
        "/api/bookings/availability/{availabilityId}",
        may=coach,
        query=ScopeQuery,
        status=204,
        errors=(Code.NOT_FOUND,),
    )
    async def remove_availability(self, call: Call[None, ScopeQuery]) -> None:
        """Offer a slot no longer, or so much of a series. Bookings stay."""
        await self._availability.remove(
            call.who,
            SlotId(call.path["availabilityId"]),
            scope=call.query.scope,
            occurrence=call.query.occurrence,
        )


def _recurrence(slot: Slot) -> RecurrenceView | None:
    pattern = slot.pattern
    if pattern is None:
        return None
    return RecurrenceView(
        rule=pattern.rule,
        time_zone=pattern.time_zone,
        excluded=[day.isoformat() for day in pattern.excluded],
    )
