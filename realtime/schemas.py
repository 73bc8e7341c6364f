"""JSON schemas of the domain's events, read from their dataclasses: the wire form of :func:`domain.events.to_wire`."""

import inspect
import types
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from domain.events import Event, camel
from domain.ids import ID_PATTERN

_PLAIN: dict[object, dict[str, object]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    type(None): {"type": "null"},
    object: {},
}


def event_schema(event: type[Event], *, numbered: bool) -> dict[str, object]:
    """The schema of an event's data; ``numbered``: with the place in the receiver's feed."""
    schema = _of_dataclass(event)
    if numbered:
        schema["properties"] = {
            **_properties(schema),
            "seq": {"type": "integer", "description": "place in this user's feed; absent in a snapshot"},
            "epoch": {"type": "string", "description": "generation of the feed; absent in a snapshot"},
        }
    return schema


def _properties(schema: dict[str, object]) -> dict[str, object]:
    found = schema["properties"]
    return found if isinstance(found, dict) else {}


def _of(hint: Any) -> dict[str, object]:
    supertype = getattr(hint, "__supertype__", None)
    if supertype is not None:
        return {"type": "string", "pattern": ID_PATTERN}
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_of(arg) for arg in args]}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(args[1])}
    if origin in (list, tuple):
        return {"type": "array", "items": _of(args[0])}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"type": "string", "enum": [member.value for member in hint]}
    if is_dataclass(hint) and isinstance(hint, type):
        return _of_dataclass(hint)
    raise TypeError(f"no schema for {hint!r}")


def _of_dataclass(cls: type) -> dict[str, object]:
    hints = get_type_hints(cls)
    return {
        "type": "object",
        "title": cls.__name__,
        "description": inspect.cleandoc(cls.__doc__ or "").replace("\n", " "),
        "properties": {camel(f.name): _of(hints[f.name]) for f in fields(cls)},
        "required": [camel(f.name) for f in fields(cls)],
        "additionalProperties": False,
    }


def addressed_to_user(event: type[Event]) -> bool:
    """Whether an event travels in a feed: everything on ``/notifications`` but what watchers get."""
    return event.namespace == "/notifications" and event.name != "coach_status"
