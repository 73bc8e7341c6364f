"""``web/client/types.d.ts``: what sockets and HTTP carry, read out of both API documents."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from domain.errors import Code
from realtime.asyncapi import COMMON_ERRORS
from realtime.server import RealtimeOptions, describe
from rest.openapi import openapi_document
from rest.registry import JSON, Endpoint, endpoints_of
from tools.reference.typescript import WIDTH, Fields, Interfaces, comment, key
from tools.reference.wire import GROUPS

Json = Mapping[str, Any]
_ERROR_CODES = sorted(code.value for code in Code)
_KNOWN = {frozenset(_ERROR_CODES): "ErrorCode"}
_REFERRED = re.compile(r'"#/components/schemas/(\w+)"')

_HEAD = """\
// Made by `make docs` out of asyncapi.json and openapi.json; a test fails when it and the code differ.
//
// Instants are RFC 3339 strings in UTC, money is in minor units, identifiers are 24 hexadecimal digits.
"""


def types() -> str:
    """The whole file."""
    return "\n".join([_HEAD, *_codes(), *_sockets(), *_http()])


def _codes() -> list[str]:
    document = describe(RealtimeOptions())
    return [
        "/** Why something was refused. */",
        _alias("ErrorCode", _ERROR_CODES),
        "/** Why the server closes a socket. */",
        _alias("ClosingCode", document["x-closings"]),
    ]


def _sockets() -> list[str]:
    document = describe(RealtimeOptions())
    kinds, schemas = Interfaces(known=_KNOWN), document["components"]["schemas"]
    maps = [line for channel in document["channels"].values() for line in _channel(channel, kinds)]
    kinds.name("Auth", schemas["Auth"])
    kinds.name("SocketError", schemas["ErrorAck"]["properties"]["error"])
    return [*(text for _, text in sorted(kinds.made.items())), *maps]


def _channel(channel: Json, kinds: Interfaces) -> list[str]:
    """Both maps of a namespace; the objects they speak of are added to ``kinds``."""
    sent = replace(kinds, suffix="Request")
    answered = replace(kinds, fields=Fields.ALL, suffix="Reply")
    received = replace(kinds, suffix="Event")
    name = channel["address"].strip("/").capitalize()
    requests, events = [], []
    for direction, message in ((one.partition(".")[0], two) for one, two in channel["messages"].items()):
        if direction == "client":
            reply = message["x-ack"]["oneOf"][0]["properties"]["data"]
            payload = f"payload: {sent.type_of(message['payload'])}"
            requests += comment(_said(message), "  ")
            requests.append(f"  {key(message['name'])}: {{ {payload}; reply: {answered.type_of(reply)} }};")
        else:
            events += comment(message["payload"].get("description", ""), "  ")
            events.append(f"  {key(message['name'])}: {received.type_of(message['payload'])};")
    return [
        f"/** What a client asks on `{channel['address']}`, and what the acknowledgement brings as `data`. */",
        _block(f"{name}Requests", requests),
        f"/** What the server tells on `{channel['address']}`. */",
        _block(f"{name}Events", events),
    ]


def _said(message: Json) -> str:
    common = {code.value for code in COMMON_ERRORS}
    own = [code for code in message["x-error-codes"] if code not in common]
    return str(message["summary"]) + (f" Errors of its own: {', '.join(own)}." if own else "")


def _http() -> list[str]:
    """A namespace of its own: both documents use the same words for their own shapes."""
    registry = [endpoint for group in GROUPS for endpoint, _ in endpoints_of(group)]
    schemas = openapi_document(registry, "")["components"]["schemas"]
    sent = _reachable(
        {model.__name__ for one in registry for model in (one.body, one.query) if model}, schemas
    )
    lines = []
    for name, schema in schemas.items():
        kinds = Interfaces(Fields.AS_REQUIRED if name in sent else Fields.NEVER_NULL, known=_KNOWN)
        if schema.get("properties"):
            lines.append(kinds.made[kinds.name(name, schema)])
        else:
            lines += [*comment(schema.get("description", "")), _alias(name, schema["enum"])]
    lines.append("/** Every endpoint: what it takes and what it answers; `null` where it answers nothing. */")
    lines.append(_block("Endpoints", [line for one in registry for line in _endpoint(one)]))
    inner = "\n".join(lines).rstrip().splitlines()
    return ["export namespace Http {", *(f"  {line}".rstrip() for line in inner), "}", ""]


def _reachable(names: Iterable[str], schemas: Json) -> set[str]:
    """These components and those they refer to."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(_REFERRED.findall(json.dumps(schemas[name]))) - found
    return found


def _endpoint(one: Endpoint) -> list[str]:
    takes = [
        f"{part}: {model.__name__}" for part, model in (("query", one.query), ("body", one.body)) if model
    ]
    if one.reply is not None:
        answer = one.reply.__name__
    else:
        answer = "null" if one.status == 204 else "unknown" if one.produces == JSON else "string"
    parts = "; ".join([*takes, f"reply: {answer}"])
    return [*comment(one.summary, "  "), f"  {key(f'{one.method} {one.path}')}: {{ {parts} }};"]


def _block(name: str, lines: Iterable[str]) -> str:
    return "\n".join([f"export interface {name} {{", *lines, "}\n"])


def _alias(name: str, values: Iterable[str]) -> str:
    line = f"export type {name} = " + " | ".join(json.dumps(value) for value in values) + ";\n"
    return line if len(line) <= WIDTH else line.replace("= ", "=\n  | ").replace('" | "', '"\n  | "')
