"""Cursors of lists that are ordered by an instant and an identifier, newest first."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

import orjson

from domain.errors import Invalid

_EPOCH = datetime.fromtimestamp(0, UTC)


def after(field: str, cursor: str | None) -> dict[str, Any]:
    """What follows the last row of the page before, as a query; everything without a cursor.

    Raises:
        Invalid: a cursor that :func:`cursor_of` did not make.
    """
    if cursor is None:
        return {}
    at, last = _parsed(cursor)
    return {"$or": [{field: {"$lt": at}}, {field: at, "_id": {"$lt": last}}]}


def cursor_of(at: datetime, identifier: str) -> str:
    """Names a row. Instants have whole milliseconds, as the database keeps them."""
    milliseconds = (at - _EPOCH).total_seconds() * 1000
    return base64.urlsafe_b64encode(orjson.dumps([round(milliseconds), identifier])).decode().rstrip("=")


def _parsed(cursor: str) -> tuple[datetime, str]:
    try:
        milliseconds, identifier = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if type(milliseconds) is not int or not isinstance(identifier, str):
            raise ValueError("not a place in this list")
        return datetime.fromtimestamp(milliseconds / 1000, UTC), identifier
    except (binascii.Error, ValueError, TypeError, OverflowError, OSError) as error:
        raise Invalid("This cursor does not belong to this list.", details={"field": "cursor"}) from error
