"""orjson behind the two functions that python-socketio and python-engineio expect of a JSON module."""

from typing import Any

import orjson


def dumps(value: Any, **_: Any) -> str:
    """Compact JSON; the keyword arguments of the standard module are accepted and mean nothing here."""
    return orjson.dumps(value).decode()


def loads(text: str | bytes, **_: Any) -> Any:
    """Parse strict JSON.

    Raises:
        ValueError: it is none.
    """
    return orjson.loads(text)
