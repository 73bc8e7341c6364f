"""Domain dataclasses to documents and back, by cattrs.

Identifiers are ObjectIds in the database and strings outside; a dataclass's ``id`` is the document's ``_id``; durations are
whole milliseconds.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from bson import ObjectId
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.preconf.bson import BsonConverter, make_converter

from domain import ids

T = TypeVar("T")
Document = dict[str, Any]

_EPOCH = datetime.fromtimestamp(0, UTC)
_MILLISECOND = timedelta(milliseconds=1)

_ID_TYPES = (
    ids.UserId,
    ids.CoachId,
    ids.SessionId,
    ids.PaymentId,
    ids.PaymentMethodId,
    ids.OperationId,
    ids.JournalId,
    ids.NotificationId,
    ids.BookingId,
    ids.SlotId,
    ids.SessionTypeId,
    ids.PriceRuleId,
    ids.DiscountCodeId,
    ids.RefundId,
    ids.ConnectionId,
    ids.MailId,
)


def _converter() -> BsonConverter:
    converter = make_converter()
    for id_type in _ID_TYPES:
        converter.register_unstructure_hook(id_type, lambda value: ObjectId(value))
        converter.register_structure_hook(id_type, lambda value, _: str(value))
    converter.register_unstructure_hook(timedelta, lambda value: round(value.total_seconds() * 1000))
    converter.register_structure_hook(timedelta, lambda value, _: timedelta(milliseconds=value))
    return converter


CONVERTER = _converter()


def entity(cls: type[T]) -> type[T]:
    """Teach the converter that ``cls.id`` is stored as ``_id``. Call once per stored class, beside its store."""
    CONVERTER.register_unstructure_hook(
        cls, make_dict_unstructure_fn(cls, CONVERTER, id=override(rename="_id"))
    )
    CONVERTER.register_structure_hook(cls, make_dict_structure_fn(cls, CONVERTER, id=override(rename="_id")))
    return cls


def to_document(value: object) -> Document:
    """The document of a dataclass."""
    return cast(Document, CONVERTER.unstructure(value))


def from_document(document: Document, cls: type[T]) -> T:
    """The dataclass of a document."""
    return CONVERTER.structure(document, cls)


def oid(value: str) -> ObjectId:
    """The ObjectId of a domain identifier."""
    return ObjectId(value)


def milliseconds(instant: datetime) -> int:
    """Whole ones since 1970, as the database keeps instants."""
    return (instant - _EPOCH) // _MILLISECOND


def instant(milliseconds: int) -> datetime:
    """The inverse of :func:`milliseconds`.

    Raises:
        OverflowError: beyond the years that there are.
    """
    return _EPOCH + timedelta(milliseconds=milliseconds)


def a_day_ago() -> ObjectId:
    """The least identifier that was made in the last 24 hours of real time."""
    return ObjectId.from_datetime(datetime.now(UTC) - timedelta(days=1))
