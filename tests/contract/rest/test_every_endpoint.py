"""What holds for every declared endpoint, taken from the registry that the reference is made of: no endpoint is forgotten."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bootstrap.demo import seed_demo
from domain.accounts.revocations import ACCESS_LIFETIME
from domain.ids import new_id
from rest.registry import Endpoint, Rate, endpoints_of
from tests.support.door import SETTINGS, Caller, Door, demo_ports, open_door
from tests.support.house import House
from tools.reference.wire import GROUPS

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
    "write_notes": {"notes": "She wants to speak slower."},
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
    "accept_booking": {"start": "2026-01-05T16:00:00Z"},
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
#: Updates without ``If-Match``, and why nothing of somebody else's is lost by them.
LAST_ONE_COUNTS = {
    "change_me": "what is left out stays, and only its person writes it",
    "suspend_user": "one switch",
    "put_exception": "one date of the one coach who writes it",
    "set_status": "a move: the table of states refuses the second one",
    "choose_card": "one choice of one's own",
    "write_notes": "one's own notes; nobody else writes them",
    "set_preferences": "what is left out stays, and only its person writes it",
    "set_privacy": "one choice of one's own",
}
#: Good path parameters that are no identifiers.
NAMED = {"date": "2026-01-05", "secret": "s" * 43}
UNHURRIED = replace(
    SETTINGS, user_limit=10**6, card_limit=10**6, auth_limit=10**6, refresh_limit=10**6, address_limit=10**6
)
WRONG = {str: 1, bool: "yes", int: "1", dict: [], list: {}}


def path_of(endpoint: Endpoint) -> str:
    path = endpoint.path
    for name in endpoint.parameters:
        path = path.replace("{" + name + "}", NAMED.get(name) or new_id())
    return path


@dataclass
class People:
    """Behind a door that does not count how often it is knocked at."""

    stranger: Caller
    admin: Caller
    coach: Caller

    def for_(self, endpoint: Endpoint) -> Caller:
        """A person whom the endpoint lets in."""
        return self.coach if endpoint.may.name == "coach" else self.admin


@pytest.fixture
async def people(house: House) -> AsyncIterator[People]:
    """One door for all endpoints: opening one for each would take longer than all that is asked."""
    async for door in open_door(house, UNHURRIED):
        await seed_demo(demo_ports(door))
        admin, coach = await door.person("admin@demo.test"), await door.person("coach@demo.test")
        yield People(door.stranger(), admin, coach)


async def test_the_registry_and_this_list_agree(empty_door: Door) -> None:
    served = {endpoint.name for endpoint, _ in empty_door.door.endpoints}
    assert served == {endpoint.name for endpoint in ENDPOINTS}
    assert set(GOOD) == {endpoint.name for endpoint in BODIES}


async def test_nobody_gets_in_without_a_token(people: People) -> None:
    for endpoint in CLOSED:
        answer = await people.stranger.call(endpoint.method, path_of(endpoint), GOOD.get(endpoint.name))
        assert (answer.status, answer.code) == (401, "UNAUTHENTICATED"), endpoint.name


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


async def test_a_malformed_identifier_is_refused_everywhere(people: People) -> None:
    for endpoint in IDS:
        for odd in ("x", "0" * 23, "0" * 25, "G" * 24, "A" * 24, "%00" * 24, "0" * 24 + "%0A"):
            path = endpoint.path
            for name in endpoint.parameters:
                path = path.replace("{" + name + "}", odd)
            answer = await people.for_(endpoint).call(endpoint.method, path, GOOD.get(endpoint.name))
            assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD"), (endpoint.name, odd)


async def test_a_wrong_body_is_refused_with_the_fields_that_are_wrong(people: People) -> None:
    for endpoint in BODIES:
        good, path = GOOD[endpoint.name], path_of(endpoint)
        bodies: list[Any] = [[], "text", 1, {**good, "unknownField": 1}]
        bodies += [{**good, name: WRONG[type(value)]} for name, value in good.items()]
        for body in bodies:
            answer = await people.for_(endpoint).call(endpoint.method, path, body)
            assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD"), (endpoint.name, body)
            assert answer.json["details"]["fields"], (endpoint.name, body)


async def test_a_missing_field_is_refused(people: People) -> None:
    for endpoint in BODIES:
        assert endpoint.body is not None
        good, path = GOOD[endpoint.name], path_of(endpoint)
        required = [field.alias for field in endpoint.body.model_fields.values() if field.is_required()]
        for name in required:
            body = {key: value for key, value in good.items() if key != name}
            answer = await people.for_(endpoint).call(endpoint.method, path, body)
            assert answer.code == "INVALID_PAYLOAD", (endpoint.name, name)
            assert answer.json["details"]["fields"][0]["path"] == name, endpoint.name


@pytest.mark.parametrize(
    ("data", "content_type", "refusal"),
    [
        (b"{", "application/json", (400, "INVALID_PAYLOAD")),
        (b'{"\xff": 1}', "application/json", (400, "INVALID_PAYLOAD")),
        (b'{"email": "\\ud800"}', "application/json", (400, "INVALID_PAYLOAD")),
        (b"[" * 5_000, "application/json", (400, "INVALID_PAYLOAD")),
        (b"{}", "text/plain", (415, "UNSUPPORTED_MEDIA_TYPE")),
        (b" " * (64 * 1024 + 1), "application/json", (413, "PAYLOAD_TOO_LARGE")),
    ],
    ids=["cut off", "not UTF-8", "a lone surrogate", "too deep", "text", "too large"],
)
async def test_what_is_no_json_or_too_large_is_refused(
    people: People, data: bytes, content_type: str, refusal: tuple[int, str]
) -> None:
    for endpoint in BODIES:
        answer = await people.for_(endpoint).call(
            endpoint.method, path_of(endpoint), data=data, headers={"Content-Type": content_type}
        )
        assert (answer.status, answer.code) == refusal, endpoint.name


async def test_unknown_and_doubled_parameters_are_refused(people: People) -> None:
    for endpoint in QUERIES:
        for query in ("unknown=1", "limit=1&limit=2", "limit=-1", "limit=", "cursor="):
            address = f"{path_of(endpoint)}?{query}"
            answer = await people.for_(endpoint).call(endpoint.method, address, GOOD.get(endpoint.name))
            assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD"), (endpoint.name, query)


async def test_an_update_says_which_version_it_changes(people: People) -> None:
    tags = {
        None: (428, "VERSION_REQUIRED"),
        "*": (400, "INVALID_PAYLOAD"),
        "7": (400, "INVALID_PAYLOAD"),
        '"7", "8"': (400, "INVALID_PAYLOAD"),
        'W/"7"': (412, "VERSION_MISMATCH"),
        '"of-another-server"': (412, "VERSION_MISMATCH"),
    }
    for endpoint in UPDATES:
        for tag, refusal in tags.items():
            headers = {} if tag is None else {"If-Match": tag}
            answer = await people.for_(endpoint).call(
                endpoint.method, path_of(endpoint), GOOD.get(endpoint.name), headers=headers
            )
            assert (answer.status, answer.code) == refusal, (endpoint.name, tag)


async def test_what_creates_can_be_repeated_by_its_key() -> None:
    creating = {one.name for one in ENDPOINTS if one.method == "POST" and one.status == 201}

    # A second account of the same address is refused; its answer holds tokens, which are kept nowhere.
    assert creating - {one.name for one in ENDPOINTS if one.idempotent} == {"register"}


async def test_every_update_names_a_version_or_it_is_known_why_not() -> None:
    updates = {one.name for one in ENDPOINTS if one.method in ("PUT", "PATCH")}

    assert updates - {one.name for one in UPDATES} == set(LAST_ONE_COUNTS)


async def test_every_answer_says_what_is_left_of_a_limit(people: People) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.rate is Rate.UNLIMITED:
            continue
        caller = people.for_(endpoint) if endpoint in CLOSED else people.stranger
        answer = await caller.call(endpoint.method, path_of(endpoint), GOOD.get(endpoint.name))
        assert answer.headers["RateLimit-Policy"].startswith(f'"{endpoint.rate.value}";q='), endpoint.name
        assert ";r=" in answer.headers["RateLimit"], endpoint.name


async def test_every_open_page_answers(empty_door: Door) -> None:
    pages = [endpoint for endpoint in ENDPOINTS if endpoint.tag == "System"]
    for endpoint in pages:
        answer = await empty_door.stranger().get(endpoint.path)
        assert answer.status == 200
        assert answer.headers["Content-Type"].split(";")[0] == endpoint.produces
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
