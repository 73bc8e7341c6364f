"""What holds for every declared endpoint, taken from the registry: no endpoint is forgotten."""

from typing import Any

import pytest

from domain.accounts.revocations import ACCESS_LIFETIME
from domain.ids import new_id
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
from rest.endpoints.system import System
from rest.endpoints.users import Users
from rest.registry import Endpoint, endpoints_of
from tests.support.door import Caller, Door

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
    Notifications,
    Connections,
    Admin,
    About,
    System,
)
ENDPOINTS = [endpoint for group in GROUPS for endpoint, _ in endpoints_of(group)]
CLOSED = [endpoint for endpoint in ENDPOINTS if endpoint.may.roles is not None]
BODIES = [endpoint for endpoint in ENDPOINTS if endpoint.body is not None]
QUERIES = [endpoint for endpoint in ENDPOINTS if endpoint.query is not None]
IDS = [endpoint for endpoint in ENDPOINTS if endpoint.parameters]

OFFER = {
    "names": {"en": "Hour"},
    "price": {"amount": 9000, "currency": "USD"},
    "durationMin": 60,
    "durationDefault": 60,
    "durationMax": 60,
}
RULE = {"label": "Evening", "percent": 20, "timeRate": {"days": ["mon"], "from": "18:00", "to": "22:00"}}
#: A good body for each endpoint that takes one.
GOOD: dict[str, dict[str, Any]] = {
    "create_availability": {"start": "2026-01-05T16:00:00Z", "end": "2026-01-05T18:00:00Z"},
    "change_availability": {"start": "2026-01-05T16:00:00Z", "end": "2026-01-05T18:00:00Z"},
    "change_schedule": {"timeZone": "Europe/Berlin", "weekly": {"mon": [{"from": "09:00", "to": "17:00"}]}},
    "put_exception": {"windows": [{"from": "10:00", "to": "12:00"}]},
    "create_session_type": OFFER | {"format": "one_to_one"},
    "change_session_type": OFFER,
    "calculate_price": {
        "coachId": "0" * 24,
        "sessionTypeId": "0" * 24,
        "start": "2026-01-05T16:00:00Z",
        "minutes": 60,
    },
    "create_price_rule": RULE,
    "change_price_rule": RULE,
    "create_discount_code": {"code": "WELCOME", "percent": 20},
    "change_discount_code": {"percent": 20},
    "create_booking": {
        "coachId": "0" * 24,
        "sessionTypeId": "0" * 24,
        "start": "2026-01-05T16:00:00Z",
        "minutes": 60,
        "goals": "To speak in front of people.",
    },
    "decline_booking": {"reason": "I am away."},
    "suggest_times": {
        "times": [{"start": "2026-01-05T16:00:00Z", "end": "2026-01-05T17:00:00Z"}],
        "message": "What about the evening?",
    },
    "choose_time": {"start": "2026-01-05T16:00:00Z"},
    "reschedule_booking": {"start": "2026-01-05T16:00:00Z"},
    "cancel_booking": {"reopen": True, "reason": "I am ill."},
    "set_status": {"status": "completed"},
    "create_group": {
        "sessionTypeId": "0" * 24,
        "start": "2026-01-05T16:00:00Z",
        "minutes": 60,
        "meetingUrl": "https://meet.example.com/room",
    },
    "register_for_group": {"discountCode": "WELCOME", "timeZone": "Europe/Berlin"},
    "register": {"email": "a@demo.test", "password": "long enough", "name": "A", "role": "client"},
    "log_in": {"email": "client@demo.test", "password": "rapport-demo"},
    "refresh_token": {"refreshToken": "x"},
    "log_out": {"refreshToken": "x"},
    "verify_email": {"token": "x"},
    "forgot_password": {"email": "a@demo.test"},
    "reset_password": {"token": "x", "password": "long enough"},
    "connect": {"userId": "0" * 24, "message": "We met on Monday."},
    "set_privacy": {"privacy": "connected"},
    "set_preferences": {"bookings": {"email": False}},
    "change_me": {"name": "Name"},
    "suspend_user": {"suspended": False},
    "add_card": {"paymentMethodToken": "pm_card_visa"},
    "pay_by_card": {"bookingId": "0" * 24},
    "open_checkout": {"bookingId": "0" * 24},
    "confirm_payment": {"paymentId": "0" * 24},
    "read_notifications": {"all": True},
}
UPDATES = [endpoint for endpoint in ENDPOINTS if endpoint.updates]
#: Good path parameters that are no identifiers.
NAMED = {"date": "2026-01-05", "secret": "s" * 43}
WRONG = {str: 1, bool: "yes", int: "1", dict: [], list: {}}


def named(endpoints: list[Endpoint]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("endpoint", endpoints, ids=[endpoint.name for endpoint in endpoints])


def path_of(endpoint: Endpoint) -> str:
    path = endpoint.path
    for name in endpoint.parameters:
        path = path.replace("{" + name + "}", NAMED.get(name) or new_id())
    return path


async def somebody_for(door: Door, endpoint: Endpoint) -> Caller:
    """A person whom the endpoint lets in."""
    return await door.person(f"{'coach' if endpoint.may.name == 'coach' else 'admin'}@demo.test")


async def test_the_registry_and_this_list_agree(empty_door: Door) -> None:
    served = {endpoint.name for endpoint, _ in empty_door.door.endpoints}
    assert served == {endpoint.name for endpoint in ENDPOINTS}
    assert set(GOOD) == {endpoint.name for endpoint in BODIES}


@named(CLOSED)
async def test_nobody_gets_in_without_a_token(empty_door: Door, endpoint: Endpoint) -> None:
    answer = await empty_door.stranger().call(endpoint.method, path_of(endpoint), GOOD.get(endpoint.name))

    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")


async def test_no_closed_endpoint_takes_an_expired_forged_or_foreign_token(door: Door) -> None:
    client = await door.person("client@demo.test")
    assert client.token is not None
    door.house.clock.advance(ACCESS_LIFETIME.total_seconds())
    forged = client.token[:-4] + "AAAA"
    tokens = {
        f"Bearer {client.token}": "TOKEN_EXPIRED",
        f"Bearer {forged}": "UNAUTHENTICATED",
        f"Basic {client.token}": "UNAUTHENTICATED",
        "Bearer": "UNAUTHENTICATED",
        f"Bearer {client.refresh}": "UNAUTHENTICATED",
    }

    for endpoint in CLOSED:
        for header, code in tokens.items():
            stranger = door.stranger()
            answer = await stranger.call(
                endpoint.method, path_of(endpoint), headers={"Authorization": header}
            )
            assert (answer.status, answer.code) == (401, code), endpoint.name


async def test_admins_endpoints_are_for_admins(client: Caller, coach: Caller) -> None:
    admins = [endpoint for endpoint in ENDPOINTS if endpoint.may.name == "admin"]
    answers = [
        await caller.call(endpoint.method, path_of(endpoint), GOOD.get(endpoint.name))
        for caller in (client, coach)
        for endpoint in admins
    ]

    assert {(answer.status, answer.code) for answer in answers} == {(403, "FORBIDDEN")}


async def test_a_malformed_identifier_is_refused_everywhere(admin: Caller, coach: Caller) -> None:
    for endpoint in IDS:
        caller = coach if endpoint.may.name == "coach" else admin
        for odd in ("x", "0" * 23, "0" * 25, "G" * 24, "A" * 24, "%00" * 24, "0" * 24 + "%0A"):
            path = endpoint.path
            for name in endpoint.parameters:
                path = path.replace("{" + name + "}", odd)
            answer = await caller.call(endpoint.method, path, GOOD.get(endpoint.name))
            assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD"), (endpoint.name, odd)


@named(BODIES)
async def test_a_wrong_body_is_refused_with_the_fields_that_are_wrong(door: Door, endpoint: Endpoint) -> None:
    caller, good, path = await somebody_for(door, endpoint), GOOD[endpoint.name], path_of(endpoint)
    bodies: list[Any] = [[], "text", 1, {**good, "unknownField": 1}]
    bodies += [{**good, name: WRONG[type(value)]} for name, value in good.items()]

    for body in bodies:
        answer = await caller.call(
            endpoint.method, path, body, headers={"X-Forwarded-For": door.stranger().address}
        )
        assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD"), body
        assert answer.json["details"]["fields"], body


@named(BODIES)
async def test_a_missing_field_is_refused(door: Door, endpoint: Endpoint) -> None:
    assert endpoint.body is not None
    caller, good, path = await somebody_for(door, endpoint), GOOD[endpoint.name], path_of(endpoint)
    required = [field.alias for field in endpoint.body.model_fields.values() if field.is_required()]

    for name in required:
        answer = await caller.call(
            endpoint.method,
            path,
            {key: value for key, value in good.items() if key != name},
            headers={"X-Forwarded-For": door.stranger().address},
        )
        assert answer.code == "INVALID_PAYLOAD", name
        assert answer.json["details"]["fields"][0]["path"] == name


@named(BODIES)
async def test_what_is_no_json_or_too_large_is_refused(door: Door, endpoint: Endpoint) -> None:
    caller, path = await somebody_for(door, endpoint), path_of(endpoint)

    async def sent(data: bytes, content_type: str = "application/json") -> tuple[int, str]:
        headers = {"X-Forwarded-For": door.stranger().address, "Content-Type": content_type}
        answer = await caller.call(endpoint.method, path, data=data, headers=headers)
        return answer.status, answer.code

    assert await sent(b"{") == (400, "INVALID_PAYLOAD")
    assert await sent(b'{"\xff": 1}') == (400, "INVALID_PAYLOAD")
    assert await sent(b'{"email": "\\ud800"}') == (400, "INVALID_PAYLOAD")
    assert await sent(b"[" * 5_000) == (400, "INVALID_PAYLOAD")
    assert await sent(b"{}", "text/plain") == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert await sent(b" " * (64 * 1024 + 1)) == (413, "PAYLOAD_TOO_LARGE")


@named(QUERIES)
async def test_unknown_and_doubled_parameters_are_refused(door: Door, endpoint: Endpoint) -> None:
    caller, path = await somebody_for(door, endpoint), path_of(endpoint)

    for query in ("unknown=1", "limit=1&limit=2", "limit=-1", "limit=", "cursor="):
        answer = await caller.call(endpoint.method, f"{path}?{query}", GOOD.get(endpoint.name))
        assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD"), query


async def test_an_update_says_which_version_it_changes(admin: Caller, coach: Caller) -> None:
    tags = {
        None: (428, "VERSION_REQUIRED"),
        "*": (400, "INVALID_PAYLOAD"),
        "7": (400, "INVALID_PAYLOAD"),
        '"7", "8"': (400, "INVALID_PAYLOAD"),
        'W/"7"': (412, "VERSION_MISMATCH"),
        '"of-another-server"': (412, "VERSION_MISMATCH"),
    }
    for endpoint in UPDATES:
        caller = coach if endpoint.may.name == "coach" else admin
        for tag, refusal in tags.items():
            headers = {} if tag is None else {"If-Match": tag}
            answer = await caller.call(
                endpoint.method, path_of(endpoint), GOOD.get(endpoint.name), headers=headers
            )
            assert (answer.status, answer.code) == refusal, (endpoint.name, tag)


async def test_every_open_page_answers(empty_door: Door) -> None:
    pages = [endpoint for endpoint in ENDPOINTS if endpoint.tag == "System"]
    for endpoint in pages:
        answer = await empty_door.stranger().get(endpoint.path)
        assert answer.status == 200
        assert answer.headers["Content-Type"].split(";")[0] == endpoint.produces
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
