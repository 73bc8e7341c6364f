"""Events as clients read them."""

import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest

from domain.catalogue import BETWEEN_PROCESSES, CATALOGUE
from domain.events import (
    CoachStatusChanged,
    Event,
    LiveSessionLowBalance,
    LiveSessionRinging,
    LiveSessionTick,
    RingingClient,
    camel,
    rfc3339,
    to_wire,
)
from domain.ids import CoachId, SessionId, UserId
from domain.money import Money

NOON = datetime(2026, 1, 1, 12, 0, 0, 5000, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Nested:
    some_value: object


def test_a_tick_is_camel_case_with_money_as_amount_and_currency() -> None:
    tick = LiveSessionTick(SessionId("a" * 24), 3, 184, Money(767, "USD"), 900)

    assert to_wire(tick) == {
        "sessionId": "a" * 24,
        "minute": 3,
        "billableSeconds": 184,
        "amount": {"amount": 767, "currency": "USD"},
        "authorizedSeconds": 900,
    }


def test_a_ring_carries_who_calls_and_until_when() -> None:
    ring = LiveSessionRinging(
        SessionId("a" * 24), RingingClient(UserId("b" * 24), "Client", None), Money(250, "EUR"), NOON
    )

    assert to_wire(ring) == {
        "sessionId": "a" * 24,
        "client": {"userId": "b" * 24, "name": "Client", "avatarUrl": None},
        "ratePerMinute": {"amount": 250, "currency": "EUR"},
        "expiresAt": "2026-01-01T12:00:00.005Z",
    }


def test_a_client_secret_is_there_only_for_whom_it_is_meant() -> None:
    told = LiveSessionLowBalance(SessionId("a" * 24), 900, "card_declined")

    assert to_wire(told) == {
        "sessionId": "a" * 24,
        "authorizedSeconds": 900,
        "reason": "card_declined",
        "clientSecret": None,
    }


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (NOON, "2026-01-01T12:00:00.005Z"),
        (NOON.astimezone(timezone(timedelta(hours=5, minutes=30))), "2026-01-01T12:00:00.005Z"),
        (Colour.RED, "red"),
        ([Nested(1), Nested(Colour.RED)], [{"someValue": 1}, {"someValue": "red"}]),
        ((1, 2), [1, 2]),
        ({"kept_as_it_is": NOON}, {"kept_as_it_is": "2026-01-01T12:00:00.005Z"}),
        (None, None),
    ],
)
def test_values_inside_an_event_take_their_wire_form(value: object, wire: object) -> None:
    assert to_wire(Nested(value)) == {"someValue": wire}


def test_a_status_event_is_json_throughout() -> None:
    event = CoachStatusChanged(CoachId("c" * 24), "online", Money(250, "USD"), NOON)

    assert json.loads(json.dumps(to_wire(event)))["since"] == rfc3339(NOON)


@pytest.mark.parametrize("event", CATALOGUE, ids=lambda event: event.name)
def test_every_event_has_a_name_in_the_style_of_its_namespace(event: type[Event]) -> None:
    foreign = {"/live": "_", "/video": "_", "/notifications": "-"}[event.namespace]

    assert foreign not in event.name
    assert all(camel(field.name).isalnum() for field in fields(event))  # type: ignore[arg-type]


def test_no_two_events_share_a_name() -> None:
    assert len({event.name for event in CATALOGUE}) == len(CATALOGUE)


def test_every_event_that_is_declared_is_in_the_catalogue() -> None:
    # By name: a dataclass with slots is a second class of the same name.
    declared = {event.__name__ for event in Event.__subclasses__() if event.__module__.startswith("domain.")}

    assert declared == {event.__name__ for event in CATALOGUE + BETWEEN_PROCESSES}
