"""The published contract of the sockets, to hold everything against that goes over the wire in a test."""

from functools import cache
from typing import Any

import jsonschema_rs

from realtime.server import RealtimeOptions, describe


@cache
def _document() -> dict[str, Any]:
    return describe(RealtimeOptions())


@cache
def _message(namespace: str, key: str) -> dict[str, Any] | None:
    messages: dict[str, dict[str, Any]] = _document()["channels"][namespace.strip("/")]["messages"]
    return messages.get(key)


@cache
def _validator(namespace: str, key: str, part: str) -> Any:
    message = _message(namespace, key)
    assert message is not None, f"{key} is not published for {namespace}"
    return jsonschema_rs.validator_for({**message[part], "components": _document()["components"]})


def require_published_event(namespace: str, name: str, data: Any) -> None:
    """Fail unless the server may send this."""
    _validator(namespace, f"server.{name}", "payload").validate(data)


def require_published_ack(namespace: str, name: Any, ack: Any) -> None:
    """Fail unless this is how an event may be answered; an error's code must be listed for it."""
    known = isinstance(name, str) and _message(namespace, f"client.{name}") is not None
    if known:
        _validator(namespace, f"client.{name}", "x-ack").validate(ack)
    if ack["ok"]:
        assert known, f"{name!r} was accepted"
        return
    message = _message(namespace, f"client.{name}") if known else None
    allowed = message["x-error-codes"] if message else ["UNKNOWN_EVENT", "RATE_LIMITED"]
    assert ack["error"]["code"] in allowed, f"{name}: {ack['error']} is not among {allowed}"
