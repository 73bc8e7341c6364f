"""The AsyncAPI 3.0 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0), generated from the registry.

A Socket.IO namespace is a channel; each event is a message. What AsyncAPI has no word for is in ``x-`` fields:
acknowledgement, permission, rate limit, error codes.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.catalogue import CATALOGUE
from domain.errors import RETRYABLE, Code
from realtime.closing import CATALOGUE as CLOSINGS
from realtime.engine.packets import RESERVED
from realtime.limits import ALL_OF_A_SOCKET, ALL_OF_A_USER, Rate
from realtime.local_events import LOCAL_EVENTS
from realtime.registry import EventSpec, Namespace
from realtime.schemas import addressed_to_user, event_schema

#: Every event may be answered with these.
COMMON_ERRORS = (
    Code.INVALID_PAYLOAD,
    Code.UNAUTHENTICATED,
    Code.FORBIDDEN,
    Code.RATE_LIMITED,
    Code.UNAVAILABLE,
    Code.INTERNAL,
)

_ERROR = {
    "type": "object",
    "required": ["ok", "error"],
    "additionalProperties": False,
    "properties": {
        "ok": {"const": False},
        "error": {
            "type": "object",
            "required": ["code", "message", "retryable"],
            "additionalProperties": False,
            "properties": {
                "code": {"enum": sorted(code.value for code in Code)},
                "message": {"type": "string"},
                "retryable": {"type": "boolean"},
                "details": {"type": "object"},
                "retryAfterMs": {"type": "integer"},
                "requestId": {"type": "string"},
            },
        },
    },
}
_AUTH = {
    "type": "object",
    "required": ["token", "deviceId"],
    "additionalProperties": False,
    "properties": {
        "token": {"type": "string", "description": "access token"},
        "deviceId": {"type": "string", "description": "made by the client, kept by the device"},
        "since": {
            "type": "object",
            "required": ["epoch", "seq"],
            "additionalProperties": False,
            "properties": {"epoch": {"type": "string"}, "seq": {"type": "integer", "minimum": 0}},
            "description": "/notifications only: where this tab stands in the feed",
        },
    },
}


def document(namespaces: Iterable[Namespace], limits: Mapping[str, int | float]) -> dict[str, Any]:
    """The whole document: the same input gives the same output, byte for byte once encoded with sorted keys."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for namespace in namespaces:
        key = namespace.path.strip("/")
        incoming = {spec.name: _incoming(spec) for spec in namespace.events.values()}
        outgoing = _outgoing(namespace.path)
        channels[key] = {
            "address": namespace.path,
            "description": namespace.description,
            "messages": {
                **{f"client.{name}": message for name, message in sorted(incoming.items())},
                **{f"server.{name}": message for name, message in sorted(outgoing.items())},
            },
        }
        operations |= _operations(key, namespace.events.values(), outgoing)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Rapport realtime",
            "version": "1",
            "description": "Socket.IO v5 protocol over Engine.IO v4, at /socket.io/. "
            "CONNECT carries `auth`; every client event is acknowledged with {ok, data} or {ok, error}.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"schemas": {"Auth": _AUTH, "ErrorAck": _ERROR}},
        "x-connect": _connect(),
        "x-errors": {code.value: {"retryable": code in RETRYABLE} for code in sorted(Code)},
        "x-closings": {
            reason.code.value: {"mayReconnect": reason.may_reconnect, "meaning": reason.meaning}
            for reason in CLOSINGS.values()
        },
        "x-reserved-events": sorted(RESERVED),
        "x-limits": {
            **limits,
            "socketEvents": _rate(ALL_OF_A_SOCKET),
            "userEvents": _rate(ALL_OF_A_USER),
        },
    }


def _connect() -> dict[str, Any]:
    return {
        "auth": {"$ref": "#/components/schemas/Auth"},
        "refusal": "CONNECT_ERROR {message, data: {code, fields?}}",
        "codes": sorted(
            code.value
            for code in (
                Code.INVALID_PAYLOAD, Code.UNAUTHENTICATED, Code.TOKEN_EXPIRED, Code.NOT_FOUND,
                Code.TOO_MANY_CONNECTIONS, Code.ILLEGAL_STATE, Code.UNAVAILABLE,
            )
        ),
    }  # fmt: skip


def _incoming(spec: EventSpec) -> dict[str, Any]:
    data: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
    if spec.reply is not None:
        data = _inline(spec.reply.model_json_schema(by_alias=True, mode="serialization"))
    return {
        "name": spec.name,
        "summary": spec.description,
        "payload": _inline(spec.payload.model_json_schema(by_alias=True)),
        "x-ack": {
            "oneOf": [
                {
                    "type": "object",
                    "required": ["ok", "data"],
                    "additionalProperties": False,
                    "properties": {"ok": {"const": True}, "data": data},
                },
                {"$ref": "#/components/schemas/ErrorAck"},
            ]
        },
        "x-may": {"name": spec.may.name, "description": spec.may.description},
        "x-rate": _rate(spec.rate),
        "x-error-codes": sorted({code.value for code in (*COMMON_ERRORS, *spec.errors)}),
    }


def _outgoing(path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for event in CATALOGUE:
        if event.namespace == path:
            schema = event_schema(event, numbered=addressed_to_user(event))
            found[event.name] = _message(event.name, schema, event.droppable)
    for local in LOCAL_EVENTS:
        if path in local.namespaces:
            schema = _inline(local.body.model_json_schema(by_alias=True, mode="serialization"))
            found[local.name] = _message(local.name, schema, droppable=False)
    return found


def _message(name: str, schema: dict[str, Any], droppable: bool) -> dict[str, Any]:
    summary = str(schema.get("description", name)).split(". ")[0]
    return {"name": name, "summary": summary, "payload": schema, "x-droppable": droppable}


def _operations(key: str, incoming: Iterable[EventSpec], outgoing: Iterable[str]) -> dict[str, Any]:
    def ref(message: str) -> list[dict[str, str]]:
        return [{"$ref": f"#/channels/{key}/messages/{message}"}]

    channel = {"$ref": f"#/channels/{key}"}
    made: dict[str, Any] = {}
    for spec in sorted(incoming, key=lambda one: one.name):
        made[f"{key}.receive.{spec.name}"] = {
            "action": "receive", "channel": channel, "messages": ref(f"client.{spec.name}"), "summary": spec.description,
        }  # fmt: skip
    for name in sorted(outgoing):
        made[f"{key}.send.{name}"] = {"action": "send", "channel": channel, "messages": ref(f"server.{name}")}
    return made


def _rate(rate: Rate) -> dict[str, object]:
    return {"perSecond": round(rate.per_second, 4), "burst": rate.burst, "per": rate.per}


def _inline(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with pydantic's ``$defs`` in place: references into a part of the document would point nowhere."""
    definitions = schema.pop("$defs", {})

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            reference = value.get("$ref")
            if isinstance(reference, str) and reference.startswith("#/$defs/"):
                rest = {key: walk(item) for key, item in value.items() if key != "$ref"}
                return {**walk(definitions[reference.removeprefix("#/$defs/")]), **rest}
            return {key: walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list) else value

    inlined: dict[str, Any] = walk(schema)
    return inlined
