"""The registry, and the document made of it."""

import orjson
import pytest

from domain.catalogue import CATALOGUE
from domain.errors import Code
from realtime.closing import CATALOGUE as CLOSINGS
from realtime.closing import CloseCode
from realtime.limits import per_second
from realtime.local_events import LOCAL_EVENTS
from realtime.namespaces.live import live
from realtime.namespaces.notifications import notifications
from realtime.registry import RESERVED, Call, Namespace, everyone
from realtime.schema import Payload
from realtime.server import NAMESPACES, RealtimeOptions, describe

#: docs: the tables of client events.
EVENTS = {
    "/notifications": {
        "token_refresh", "notifications_ack", "notifications_read", "coach_status_set", "coach_status_watch",
        "coach_status_unwatch", "live_session_request", "live_session_accept", "live_session_decline",
        "live_session_cancel", "live_payment_confirmed",
    },
    "/live": {
        "token_refresh", "join-live-session-handshake", "live-signal", "live-media-state", "live-quality",
        "live-payment-method", "live-payment-confirmed", "live-session-end",
    },
}  # fmt: skip
SPECS = [(space, spec) for space in NAMESPACES for spec in space.events.values()]


class Empty(Payload):
    """Nothing."""


def handler_of(space: Namespace, name: str) -> object:
    @space.event(name, may=everyone, rate=per_second(1))
    async def handle(self: object, call: Call, ask: Empty) -> None:
        """Do nothing."""

    return handle


def test_tagging_alone_registers_nothing() -> None:
    space = Namespace("/x", "")

    handler_of(space, "event")

    assert space.events == {}


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_reserved_names_cannot_be_registered(name: str) -> None:
    space = Namespace("/x", "")

    with pytest.raises(ValueError, match="cannot be registered"):
        space.register([handler_of(space, name)])


def test_an_event_is_registered_once() -> None:
    space = Namespace("/x", "")

    with pytest.raises(ValueError, match="cannot be registered"):
        space.register([handler_of(space, "event"), handler_of(space, "event")])


def test_a_handler_that_was_not_tagged_is_no_event() -> None:
    async def handle(self: object, call: Call, ask: Empty) -> None: ...

    with pytest.raises(ValueError, match="not an event"):
        Namespace("/x", "").register([handle])


def test_the_published_events_are_exactly_those() -> None:
    assert {space.path: set(space.events) for space in (notifications, live)} == EVENTS


@pytest.mark.parametrize(("space", "spec"), SPECS, ids=lambda value: getattr(value, "name", ""))
def test_every_event_says_what_it_does_and_forbids_fields_it_does_not_know(
    space: Namespace, spec: object
) -> None:
    assert spec.description.endswith(".")
    assert spec.payload.model_config["extra"] == "forbid"
    assert spec.payload.model_config["frozen"]
    assert spec.payload.model_config["strict"]


def test_every_code_and_close_reason_and_event_is_in_the_document() -> None:
    document = describe(RealtimeOptions())

    sent = {
        (channel["address"], message["name"])
        for channel in document["channels"].values()
        for key, message in channel["messages"].items()
        if key.startswith("server.")
    }
    declared = {(event.namespace, event.name) for event in CATALOGUE} | {
        (path, event.name) for event in LOCAL_EVENTS for path in event.namespaces
    }
    assert sent == declared
    assert set(document["x-errors"]) == set(Code)
    assert set(document["x-closings"]) == set(CloseCode) == set(CLOSINGS)


def test_every_reference_in_the_document_points_somewhere() -> None:
    document = describe(RealtimeOptions())

    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [found for item in value.values() for found in references(item)]
        return [found for item in value for found in references(item)] if isinstance(value, list) else []

    for reference in references(document):
        place: object = document
        for step in reference.removeprefix("#/").split("/"):
            assert isinstance(place, dict)
            place = place[step]


def test_the_document_is_the_same_every_time() -> None:
    assert orjson.dumps(describe(RealtimeOptions())) == orjson.dumps(describe(RealtimeOptions()))
