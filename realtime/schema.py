"""Base of all payloads and replies, and the field types they share.

Strict: ``"1"`` is no number and ``1`` no text. A field that is not declared is an error, not a detail to ignore.
"""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel

from domain.currencies import CHARGE_MINIMUM
from domain.events import rfc3339
from domain.ids import ID_PATTERN
from domain.money import Money

_STRICT = ConfigDict(
    extra="forbid",
    frozen=True,
    strict=True,
    alias_generator=to_camel,
    validate_by_alias=True,
    validate_by_name=False,
    # A refused value may be a secret; it goes neither to a log nor back.
    hide_input_in_errors=True,
)


class Payload(BaseModel):
    """What a client sends with an event."""

    model_config = _STRICT


class ReplyBody(BaseModel):
    """What a client gets back as ``data``. Built by field name, sent in camelCase."""

    model_config = ConfigDict(**{**_STRICT, "validate_by_name": True})

    def wire(self) -> dict[str, object]:
        """JSON-compatible."""
        return self.model_dump(mode="json", by_alias=True)


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
#: Names a device or a request; made by the client.
ClientToken = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Instant = Annotated[
    datetime,
    PlainSerializer(rfc3339, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class MoneyBody(Payload):
    """Money in minor units (cents)."""

    amount: int = Field(ge=0, le=10_000_000)
    currency: str = Field(pattern=f"^({'|'.join(sorted(CHARGE_MINIMUM))})$")


class MoneyReply(ReplyBody):
    """Money in minor units (cents)."""

    amount: int
    currency: str

    @classmethod
    def of(cls, money: Money) -> "MoneyReply":
        """The wire form."""
        return cls(amount=money.amount, currency=money.currency)
