"""The way of one event, and the counters it leaves behind."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from domain.accounts.account import Identity, Role
from domain.clock import VirtualClock
from domain.errors import (
    Code,
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    PaymentRefused,
    RateLimited,
    Unauthenticated,
    Unavailable,
)  # fmt: skip
from domain.ids import UserId
from realtime.dispatch import Dispatch
from realtime.engine.application import Reply
from realtime.engine.packets import Malformed, event_args
from realtime.limits import Limits, per_second
from realtime.metrics import Counts, RealtimeCollector
from realtime.registry import Call, Namespace, Rest, everyone
from realtime.schema import Payload
from realtime.sockets import Socket

space = Namespace("/notifications", "")


class Nothing(Payload):
    """No fields."""


class Thrower:
    """Raises what the test says."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    @space.event("throw", may=everyone, rate=per_second(10))
    async def throw(self, call: Call, ask: Nothing) -> None:
        """Raise."""
        call.after_reply(lambda: None)
        raise self.error


space.register([Thrower.throw])


notes = Namespace("/live", "")


class Note(Payload):
    """A field."""

    text: str


class Notes:
    """Takes notes."""

    @notes.event("note", may=everyone, rate=per_second(10))
    def note(self, call: Call, ask: Note) -> Rest:
        """Answer with what came."""
        raise Conflict(ask.text)


notes.register([Notes.note])


def socket() -> Socket:
    clock = VirtualClock()
    who = Identity(UserId("a" * 24), None, Role.CLIENT, "family", clock.wall() + timedelta(minutes=5))
    return Socket("sid", "/notifications", "connection", "address", who, "device", None)


async def answered(outcome: Reply | Coroutine[Any, Any, Reply]) -> Reply:
    return outcome if isinstance(outcome, Reply) else await outcome


def dispatch(error: BaseException, counts: Counts | None = None) -> Dispatch:
    tables = {"/notifications": space.bind(Thrower(error))}
    return Dispatch(tables, Limits(lambda: 0.0), counts or Counts())


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (Invalid("m"), "INVALID_PAYLOAD", False),
        (Unauthenticated("m"), "UNAUTHENTICATED", False),
        (Forbidden("m"), "FORBIDDEN", False),
        (NotFound("m"), "NOT_FOUND", False),
        (Conflict("m"), "ILLEGAL_STATE", False),
        (Conflict("m", code=Code.COACH_BUSY), "COACH_BUSY", True),
        (PaymentRefused("m"), "PAYMENT_REFUSED", False),
        (RateLimited("m"), "RATE_LIMITED", True),
        (Unavailable("m"), "UNAVAILABLE", True),
    ],
)
async def test_what_a_handler_raises_is_answered_by_the_table(
    error: DomainError, code: str, retryable: bool
) -> None:
    reply = await answered(dispatch(error)(socket(), ["throw"]))

    expected = {"code": code, "message": "m", "retryable": retryable}
    assert reply.envelope == {"ok": False, "error": expected}


async def test_details_and_the_time_to_wait_go_along() -> None:
    error = RateLimited("m", details={"a": 1}, retry_after_ms=7)

    reply = await answered(dispatch(error)(socket(), ["throw", {}]))

    told: Any = reply.envelope["error"]
    assert (told["details"], told["retryAfterMs"]) == ({"a": 1}, 7)


async def test_a_cancelled_handler_stays_cancelled() -> None:
    with pytest.raises(asyncio.CancelledError):
        await answered(dispatch(asyncio.CancelledError())(socket(), ["throw", {}]))


@pytest.mark.parametrize(
    "raw",
    [
        b'["note",{"text":"a"}]',
        b'["note",{"text":"\\u00e9"}]',
        b' [ "note" , {"text":"a"} ] ',
        b'["n\\u006fte",{"text":"a"}]',
        b'["note",{"text":"a"},1]',
        b'["note"]',
        b'["note",]',
        b'["note",{"text":1}]',
        b'["note",{"text":"a","text":"b"}]',
        b'["note",{"text":"a","more":NaN}]',
        b'["note",{"text":"\\ud800"}]',
        b'["note",{"text":"\xff"}]',
        b'["note",{"text":"a"}}',
        b'["note",{"text":"a"',
        b'["other",{"text":"a"}]',
        b'["other,",{}]',
        b"[1,{}]",
        b"[]",
    ],
)
async def test_an_event_that_is_not_read_yet_is_handled_as_one_that_is(raw: bytes) -> None:
    def outcome(event: bytes | list[Any]) -> object:
        return Dispatch({"/live": notes.bind(Notes())}, Limits(lambda: 0.0), Counts())(
            replace(socket(), namespace="/live"), event
        )

    try:
        read = event_args(raw)
    except Malformed:
        with pytest.raises(Malformed):
            outcome(raw)
    else:
        assert outcome(raw) == outcome(read)


@pytest.mark.parametrize("event", [["note"], ["note", {}, 1], ["note", {}]])
async def test_whatever_is_wrong_with_a_payload_is_told_in_one_shape(event: list[Any]) -> None:
    handle = Dispatch({"/live": notes.bind(Notes())}, Limits(lambda: 0.0), Counts())

    reply = await answered(handle(replace(socket(), namespace="/live"), event))

    told: Any = reply.envelope["error"]
    assert [sorted(field) for field in told["details"]["fields"]] == [["path", "problem"]]


async def test_every_outcome_is_counted_and_no_client_chooses_a_label() -> None:
    counts = Counts()
    handle = dispatch(Forbidden("m"), counts)

    await answered(handle(socket(), ["throw", {}]))
    await answered(handle(socket(), ["made up by a client", {}]))
    registry = CollectorRegistry()
    registry.register(RealtimeCollector(counts, lambda: {"/live": 3}, lambda: 2, lambda: 1))
    text = generate_latest(registry).decode()

    assert 'rapport_events_total{event="throw",namespace="/notifications",outcome="FORBIDDEN"} 1.0' in text
    assert (
        'rapport_events_total{event="unknown",namespace="/notifications",outcome="UNKNOWN_EVENT"} 1.0' in text
    )
    assert "made up" not in text
    assert 'rapport_sockets{namespace="/live"} 3.0' in text
    assert "rapport_bus_gaps_total 0.0" in text
