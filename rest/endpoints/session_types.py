"""What coaches offer."""

from typing import Annotated, Any

from pydantic import Field

from domain.booking.offering import (
    DURATION_UNIT,
    LONGEST_MINUTES,
    LONGEST_REMINDER_HOURS,
    MAX_BUFFER_MINUTES,
    MAX_CAPACITY,
    MAX_HOURS,
    MAX_NOTICE_MINUTES,
    MAX_REMINDERS,
    Offering,
)
from domain.booking.session_type import CancellationPolicy, Format, SessionType
from domain.booking.session_types import SessionTypes
from domain.currencies import CHARGE_MAXIMUM
from domain.errors import Code
from domain.ids import SessionTypeId, UserId
from domain.money import Money
from domain.pricing.base import overtime_rate
from rest.payloads import (
    RATE_MAX,
    Amount,
    Currency,
    Flag,
    Id,
    Language,
    Name,
    PageSize,
    Payload,
    Query,
    Reply,
    Whole,
)
from rest.registry import Call, coach, endpoint, member

LANGUAGES_MAX = 20

Minutes = Annotated[
    int, Field(ge=DURATION_UNIT, le=LONGEST_MINUTES, multiple_of=DURATION_UNIT, description="Minutes."), Whole
]
Buffer = Annotated[int, Field(ge=0, le=MAX_BUFFER_MINUTES, description="Minutes."), Whole]
Hours = Annotated[int, Field(ge=0, le=MAX_HOURS, description="Hours before the start."), Whole]
Text = Annotated[str, Field(max_length=4000)]


class SessionPrice(Payload):
    """A price, tax included."""

    amount: Annotated[
        int, Field(ge=0, le=CHARGE_MAXIMUM, description="Minor units (cents); 0 is free."), Whole
    ]
    currency: Currency

    def money(self) -> Money:
        """As the domain knows it."""
        return Money(self.amount, self.currency)


class MinutePrice(Payload):
    """A price of a minute, tax included."""

    amount: Annotated[int, Field(ge=1, le=RATE_MAX, description="Minor units (cents)."), Whole]
    currency: Currency

    def money(self) -> Money:
        """As the domain knows it."""
        return Money(self.amount, self.currency)


class PolicyBody(Payload):
    """What a client gets back who cancels. A coach who cancels, or does not come, gives back all of it."""

    full_refund_hours: Hours = 24
    partial_refund_hours: Hours = 2
    partial_refund_percent: Annotated[int, Field(ge=0, le=100), Whole] = 50
    reschedule_hours: Hours = 24

    def policy(self) -> CancellationPolicy:
        """As the domain knows it."""
        return CancellationPolicy(
            self.full_refund_hours,
            self.partial_refund_hours,
            self.partial_refund_percent,
            self.reschedule_hours,
        )


class SessionTypeBody(Payload):
    """What a coach says of a session type. Whatever is left out has its default, also in an update."""

    names: Annotated[dict[Language, Name], Field(min_length=1, max_length=LANGUAGES_MAX)] = Field(
        description="Language to name.", examples=[{"en": "First conversation"}]
    )
    descriptions: Annotated[dict[Language, Text], Field(max_length=LANGUAGES_MAX)] = Field(
        default_factory=dict, description="Language to description; only languages that have a name."
    )
    price: SessionPrice = Field(description="Of the usual duration; other durations are prorated.")
    duration_min: Minutes
    duration_default: Minutes = Field(description="The usual duration.")
    duration_max: Minutes
    instant: bool = Field(default=True, description="Firm at once where the availability allows it too.")
    notice_minutes: Annotated[int, Field(ge=0, le=MAX_NOTICE_MINUTES), Whole] = 60
    buffer_before_minutes: Buffer = 0
    buffer_after_minutes: Buffer = 0
    capacity: Annotated[int, Field(ge=2, le=MAX_CAPACITY), Whole] | None = Field(
        default=None, description="Groups only, which need it."
    )
    min_attendees: Annotated[int, Field(ge=1, le=MAX_CAPACITY), Whole] | None = Field(
        default=None, description="Groups only, which need it."
    )
    overtime_rate: MinutePrice | None = Field(
        default=None, description="Of a minute of overtime; absent: what a booked minute costs."
    )
    policy: PolicyBody = PolicyBody()
    reminder_hours: Annotated[
        list[Annotated[int, Field(ge=1, le=LONGEST_REMINDER_HOURS), Whole]], Field(max_length=MAX_REMINDERS)
    ] = Field(default_factory=lambda: [24, 1], description="Hours before the start, each once.")

    def offering(self) -> Offering:
        """As the use case wants it."""
        return Offering(
            names=dict(self.names),
            descriptions=dict(self.descriptions),
            price=self.price.money(),
            duration_min=self.duration_min,
            duration_max=self.duration_max,
            duration_default=self.duration_default,
            instant=self.instant,
            notice_minutes=self.notice_minutes,
            buffer_before_minutes=self.buffer_before_minutes,
            buffer_after_minutes=self.buffer_after_minutes,
            capacity=self.capacity,
            min_attendees=self.min_attendees,
            overtime_rate=None if self.overtime_rate is None else self.overtime_rate.money(),
            policy=self.policy.policy(),
            reminder_hours=list(self.reminder_hours),
        )


class NewSessionTypeBody(SessionTypeBody):
    """A new session type. Its format never changes."""

    format: Annotated[Format, Field(strict=False)] = Format.ONE_TO_ONE


class PolicyView(Reply):
    """What a client gets back who cancels: hours before the start, per cents."""

    full_refund_hours: int
    partial_refund_hours: int
    partial_refund_percent: int
    reschedule_hours: int

    @classmethod
    def of(cls, policy: CancellationPolicy) -> "PolicyView":
        return cls(
            full_refund_hours=policy.full_refund_hours,
            partial_refund_hours=policy.partial_refund_hours,
            partial_refund_percent=policy.partial_refund_percent,
            reschedule_hours=policy.reschedule_hours,
        )


class SessionTypeView(Reply):
    """What a coach offers."""

    session_type_id: str
    coach_id: str
    names: dict[str, str] = Field(description="Language to name; at least one.")
    descriptions: dict[str, str]
    format: Format
    price: Amount = Field(description="Of the usual duration, tax included; other durations are prorated.")
    duration_min: int
    duration_default: int
    duration_max: int
    durations: list[int] = Field(description="All that can be booked, in order.")
    instant: bool
    notice_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    capacity: int | None = None
    min_attendees: int | None = None
    overtime_rate: Amount = Field(description="Of a minute of overtime.")
    overtime_rate_own: bool = Field(
        description="Whether the coach set it; else it is that of a booked minute."
    )
    policy: PolicyView
    reminder_hours: list[int]
    archived: bool
    used: bool = Field(description="Whether it was ever booked: then it is archived instead of deleted.")
    version: int

    @classmethod
    def of(cls, one: SessionType) -> "SessionTypeView":
        return cls(
            session_type_id=one.id,
            coach_id=one.coach_id,
            names=one.names,
            descriptions=one.descriptions,
            format=one.format,
            price=Amount.of(one.price),
            duration_min=one.duration_min,
            duration_default=one.duration_default,
            duration_max=one.duration_max,
            durations=one.durations,
            instant=one.instant,
            notice_minutes=one.notice_minutes,
            buffer_before_minutes=one.buffer_before_minutes,
            buffer_after_minutes=one.buffer_after_minutes,
            capacity=one.capacity,
            min_attendees=one.min_attendees,
            overtime_rate=Amount.of(overtime_rate(one)),
            overtime_rate_own=one.overtime_rate is not None,
            policy=PolicyView.of(one.policy),
            reminder_hours=one.reminder_hours,
            archived=one.archived,
            used=one.used,
            version=one.version,
        )


class SessionTypeQuery(Query):
    """Which, and place in the list."""

    archived: Flag = Field(default=False, description="Those that are offered no longer, instead.")
    cursor: Id | None = Field(default=None, description="`nextCursor` of the page before.")
    limit: PageSize = 50


class SessionTypePage(Reply):
    """One page, oldest first."""

    items: list[SessionTypeView]
    next_cursor: str | None = Field(default=None, description="Absent on the last page.")


class SessionTypeList(Reply):
    """Everything that a coach offers."""

    items: list[SessionTypeView]


class SessionTypesOfCoaches:
    """Session types: offered by coaches, chosen by clients."""

    def __init__(self, session_types: SessionTypes) -> None:
        self._types = session_types

    @endpoint("GET", "/api/session-types", may=coach, query=SessionTypeQuery, reply=SessionTypePage)
    async def list_session_types(self, call: Call[None, SessionTypeQuery]) -> SessionTypePage:
        """List the caller's own session types."""
        query = call.query
        after = SessionTypeId(query.cursor) if query.cursor else None
        found = await self._types.own(call.who, archived=query.archived, after=after, limit=query.limit + 1)
        cursor = found[query.limit - 1].id if len(found) > query.limit else None
        items = [SessionTypeView.of(one) for one in found[: query.limit]]
        return SessionTypePage(items=items, next_cursor=cursor)

    @endpoint(
        "POST",
        "/api/session-types",
        may=coach,
        body=NewSessionTypeBody,
        reply=SessionTypeView,
        status=201,
        idempotent=True,
        versioned=True,
        errors=(Code.ILLEGAL_STATE,),
    )
    async def create_session_type(self, call: Call[NewSessionTypeBody, None]) -> SessionTypeView:
        """Offer something new.

        Prices are in the currency of the coach's rate. The shortest session costs nothing, or as much as can be charged.
        """
        body = call.body
        return SessionTypeView.of(await self._types.create(call.who, body.format, body.offering()))

    @endpoint(
        "GET",
        "/api/session-types/{sessionTypeId}",
        may=coach,
        reply=SessionTypeView,
        versioned=True,
        errors=(Code.NOT_FOUND,),
    )
    async def get_session_type(self, call: Call[None, None]) -> SessionTypeView:
        """Read one of the caller's own session types."""
        return SessionTypeView.of(await self._types.get(call.who, _id(call)))

    @endpoint(
        "PUT",
        "/api/session-types/{sessionTypeId}",
        may=coach,
        body=SessionTypeBody,
        reply=SessionTypeView,
        versioned=True,
        errors=(Code.NOT_FOUND,),
    )
    async def change_session_type(self, call: Call[SessionTypeBody, None]) -> SessionTypeView:
        """Offer it differently. What is booked stays as it was booked."""
        changed = await self._types.change(call.who, _id(call), call.expected, call.body.offering())
        return SessionTypeView.of(changed)

    @endpoint("DELETE", "/api/session-types/{sessionTypeId}", may=coach, status=204, errors=(Code.NOT_FOUND,))
    async def remove_session_type(self, call: Call[None, None]) -> None:
        """Offer it no longer. It is archived if it was ever booked, else deleted."""
        await self._types.remove(call.who, _id(call))

    @endpoint(
        "POST",
        "/api/session-types/{sessionTypeId}/restore",
        may=coach,
        reply=SessionTypeView,
        versioned=True,
        errors=(Code.NOT_FOUND, Code.ILLEGAL_STATE),
    )
    async def restore_session_type(self, call: Call[None, None]) -> SessionTypeView:
        """Offer an archived one again."""
        return SessionTypeView.of(await self._types.restore(call.who, _id(call)))

    @endpoint(
        "GET",
        "/api/coaches/{userId}/session-types",
        may=member,
        reply=SessionTypeList,
        errors=(Code.NOT_FOUND,),
    )
    async def list_offers(self, call: Call[None, None]) -> SessionTypeList:
        """List what a coach offers, oldest first."""
        found = await self._types.offered_by(call.who, UserId(call.path["userId"]))
        return SessionTypeList(items=[SessionTypeView.of(one) for one in found])


def _id(call: Call[Any, Any]) -> SessionTypeId:
    return SessionTypeId(call.path["sessionTypeId"])
