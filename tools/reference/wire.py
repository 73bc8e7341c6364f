"""What clients see: events, endpoints, errors, close reasons."""

from dataclasses import fields

from domain.catalogue import CATALOGUE
from domain.errors import RETRYABLE
from domain.events import Event, camel
from realtime.closing import CATALOGUE as CLOSINGS
from realtime.limits import ALL_OF_A_SOCKET, ALL_OF_A_USER, Rate
from realtime.local_events import LOCAL_EVENTS
from realtime.namespaces.live import live
from realtime.namespaces.notifications import notifications
from realtime.namespaces.video import video
from realtime.registry import EventSpec
from realtime.schemas import addressed_to_user
from rest.endpoints.about import About
from rest.endpoints.admin import Admin
from rest.endpoints.auth import Auth
from rest.endpoints.availability import AvailabilityOfCoaches
from rest.endpoints.booking_moves import BookingMoves
from rest.endpoints.bookings import Bookings
from rest.endpoints.calendar_feed import CalendarFeed
from rest.endpoints.calls import LiveSessions
from rest.endpoints.checkout import Checkout
from rest.endpoints.coaches import Coaches
from rest.endpoints.connections import Connections
from rest.endpoints.discounts import DiscountCodesOfCoaches
from rest.endpoints.earnings import Earnings
from rest.endpoints.groups import GroupSessions
from rest.endpoints.notifications import Notifications
from rest.endpoints.open_calendars import CalendarsOfCoaches
from rest.endpoints.payments import Payments
from rest.endpoints.prices import PricesOfCoaches
from rest.endpoints.schedule import SchedulesOfCoaches
from rest.endpoints.session_types import SessionTypesOfCoaches
from rest.endpoints.sessions import ScheduledSessions
from rest.endpoints.system import System
from rest.endpoints.users import Users
from rest.errors import STATUS
from rest.registry import Endpoint, endpoints_of
from tools.reference.markdown import code, codes, sentence, table
from tools.reference.words import ERRORS

NAMESPACES = (notifications, live, video)
GROUPS = (
    Auth,
    Users,
    Coaches,
    AvailabilityOfCoaches,
    SchedulesOfCoaches,
    CalendarsOfCoaches,
    CalendarFeed,
    SessionTypesOfCoaches,
    PricesOfCoaches,
    DiscountCodesOfCoaches,
    Bookings,
    BookingMoves,
    GroupSessions,
    Payments,
    Checkout,
    Earnings,
    LiveSessions,
    ScheduledSessions,
    Notifications,
    Connections,
    Admin,
    About,
    System,
)


def client_events(path: str) -> str:
    """What a client may send on a namespace."""
    namespace = next(one for one in NAMESPACES if one.path == path)
    head = ("event", "fields", "reply", "who", "at most", "own errors")
    return table(head, (_event(spec) for spec in namespace.events.values()))


def server_events(path: str) -> str:
    """What a client may receive on a namespace."""
    rows = [
        (code(event.name), _said(event), _traits(event.droppable, addressed_to_user(event)))
        for event in CATALOGUE
        if event.namespace == path
    ]
    rows += [
        (code(local.name), sentence(local.body.__doc__), "one socket")
        for local in LOCAL_EVENTS
        if path in local.namespaces
    ]
    return table(("event", "what it says", "note"), rows)


def general_limits() -> str:
    """The limits on all events together."""
    return f"All events together: {_rate(ALL_OF_A_SOCKET)}, and {_rate(ALL_OF_A_USER)}."


def endpoints() -> str:
    """The HTTP door."""
    rows = []
    for group in GROUPS:
        rows += [_endpoint(endpoint) for endpoint, _ in endpoints_of(group)]
    return table(("endpoint", "what it does", "who", "limit by"), rows)


def errors() -> str:
    """Every error code."""
    rows = (
        (code(one.value), str(status), "yes" if one in RETRYABLE else "no", ERRORS[one.value])
        for one, status in STATUS.items()
    )
    return table(("code", "HTTP", "retryable", "meaning"), rows)


def closings() -> str:
    """Why the server closes a socket."""
    rows = (
        (code(reason.code.value), "yes" if reason.may_reconnect else "no", reason.meaning)
        for reason in CLOSINGS.values()
    )
    return table(("code", "may reconnect", "meaning"), rows)


def _event(spec: EventSpec) -> tuple[str, ...]:
    asked = spec.payload.model_fields
    given = [(field.alias or name) + ("" if field.is_required() else "?") for name, field in asked.items()]
    reply = (
        [] if spec.reply is None else [field.alias or name for name, field in spec.reply.model_fields.items()]
    )
    return (
        f"{code(spec.name)}<br>{spec.description}",
        codes(given),
        codes(reply),
        spec.may.name,
        _rate(spec.rate),
        codes(dict.fromkeys(one.value for one in spec.errors)),
    )


def _rate(rate: Rate) -> str:
    often = f"{rate.per_second:g} a second" if rate.per_second >= 1 else f"{rate.per_second * 60:g} a minute"
    burst = "" if rate.burst in (rate.per_second, round(rate.per_second * 60)) else f" ({rate.burst} at once)"
    return f"{often}{burst} per {rate.per}"


def _said(event: type[Event]) -> str:
    """What the event's class says, with its fields as they are on the wire."""
    said = sentence(event.__doc__)
    for field in fields(event):  # type: ignore[arg-type]  # every event is a dataclass, its base is none
        said = said.replace(f"`{field.name}`", f"`{camel(field.name)}`")
    return said


def _traits(droppable: bool, numbered: bool) -> str:
    traits = (("numbered, replayed", numbered), ("droppable", droppable))
    return ", ".join(text for text, applies in traits if applies)


def _endpoint(endpoint: Endpoint) -> tuple[str, ...]:
    who = {"member": "anybody logged in"}.get(endpoint.may.name, endpoint.may.name)
    once = "; honours `Idempotency-Key`" if endpoint.idempotent else ""
    summary = endpoint.summary.rstrip(".") + once
    return code(f"{endpoint.method} {endpoint.path}"), summary, who, endpoint.rate.value
