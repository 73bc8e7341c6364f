"""Pages of lists that are ordered by an instant and an identifier, newest first."""

import base64
import binascii
from datetime import datetime

import orjson
from motor.motor_asyncio import AsyncIOMotorCollection

from adapters.mongo.documents import Document, instant, milliseconds
from domain.errors import Invalid


async def page(
    rows: AsyncIOMotorCollection[Document], query: Document, field: str, limit: int, cursor: str | None
) -> tuple[list[Document], str | None]:
    """The next ``limit`` rows of a query after ``cursor``, by the instant in ``field``; and the cursor after them.

    Needs an index on ``field`` and ``_id``, both descending.

    Raises:
        Invalid: a cursor that no page of this kind gave.
    """
    found = rows.find({**query, **_after(field, cursor)}).sort([(field, -1), ("_id", -1)])
    some = await found.limit(limit + 1).to_list(limit + 1)
    last = some[limit - 1] if len(some) > limit else None
    return some[:limit], cursor_of(last[field], last["_id"]) if last else None


def _after(field: str, cursor: str | None) -> Document:
    """What follows the last row of the page before, as a query; everything without a cursor."""
    if cursor is None:
        return {}
    at, last = _parsed(cursor)
    return {"$or": [{field: {"$lt": at}}, {field: at, "_id": {"$lt": last}}]}


def cursor_of(at: datetime, identifier: str) -> str:
    """Names a row. Instants have whole milliseconds, as the database keeps them."""
    return base64.urlsafe_b64encode(orjson.dumps([milliseconds(at), identifier])).decode().rstrip("=")


def _parsed(cursor: str) -> tuple[datetime, str]:
    try:
        passed, identifier = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if type(passed) is not int or not isinstance(identifier, str):
            raise ValueError("not a place in this list")
        return instant(passed), identifier
    except (binascii.Error, ValueError, TypeError, OverflowError) as error:
        raise Invalid("This cursor does not belong to this list.", details={"field": "cursor"}) from error
