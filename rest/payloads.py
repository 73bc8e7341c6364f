"""The base of everything that crosses the wire, and the types that many payloads share.

Requests are strict: wrong types, missing and unknown fields are refused, never coerced. Names are camelCase outside.
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)
from pydantic.alias_generators import to_camel

from domain.accounts.rules import COUNTRIES, NAME_MAX, time_zones
from domain.clock import to_milliseconds
from domain.currencies import CHARGE_MINIMUM
from domain.events import rfc3339
from domain.ids import ID_PATTERN
from domain.money import Money

RATE_MAX = 1_000_000


class Payload(BaseModel):
    """A request body."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, alias_generator=to_camel)


class Query(BaseModel):
    """Query parameters. They arrive as text, so numbers and words are read from it, exactly."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)


class Reply(BaseModel):
    """A response body. What is None is left out."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True
    )


def _digits(value: object) -> object:
    """Only plain digits are a number: not ``1e2``, ``+1``, ``1_0`` or `` 1``."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise ValueError("must be a whole number")
    return value


def _truth(value: object) -> object:
    """Only ``true`` and ``false``: not ``1``, ``yes`` or ``True``."""
    if value not in ("true", "false", True, False):
        raise ValueError("must be true or false")
    return value


def _utc(instant: datetime) -> datetime:
    """Near the first and the last year that a calendar has, zones and durations would lead out of it."""
    if not 2000 <= instant.year < 9000:
        raise ValueError("must be in the years 2000 to 8999")
    return to_milliseconds(instant.astimezone(UTC))


def _integral(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _known_zone(zone: str) -> str:
    if zone not in time_zones():
        raise ValueError("must be an IANA time zone")
    return zone


def _known_country(country: str) -> str:
    if country not in COUNTRIES:
        raise ValueError("must be an ISO 3166-1 alpha-2 country")
    return country


def _known_currency(currency: str) -> str:
    if currency not in CHARGE_MINIMUM:
        raise ValueError("must be a supported ISO 4217 currency")
    return currency


#: One visible line that does not begin with a blank, without control characters: neither those of a terminal nor those of
#: Unicode that turn around the text after them (UAX #9), which stands in sentences with our own words.
LINE = (
    r"^[^\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
    r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*$"
)

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Instant = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]
#: An instant in a request: RFC 3339 with an offset; UTC and whole milliseconds inside.
Moment = Annotated[
    AwareDatetime,
    AfterValidator(_utc),
    Field(examples=["2027-01-04T16:00:00Z"], json_schema_extra={"pattern": "^[2-8][0-9]{3}-"}),
]
#: For flags in a query, which is text.
Flag = Annotated[bool, BeforeValidator(_truth)]
#: JSON has no integers: to JSON Schema 2.0 is one, so it is to us.
Whole = BeforeValidator(_integral)
#: For numbers in a query, which is text.
Digits = BeforeValidator(_digits)
PageSize = Annotated[int, Field(ge=1, le=100, description="How many at most."), Digits]
Cursor = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=300),
    Field(description="`nextCursor` of the page before."),
]
Name = Annotated[str, StringConstraints(pattern=LINE, min_length=1, max_length=NAME_MAX)]
Email = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$", max_length=254),
    Field(examples=["client@demo.test"]),
]
HttpsUrl = Annotated[
    str,
    StringConstraints(pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[!-~]*)?$", max_length=2000),
    Field(examples=["https://images.example.com/me.jpg"]),
]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$"), Field(examples=["+4930123456"])]
Locale = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$"), Field(examples=["en", "de-AT"])
]
Topic = Annotated[str, StringConstraints(pattern=LINE, min_length=1, max_length=60)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$"), Field(examples=["en"])]
TimeZone = Annotated[
    str,
    BeforeValidator(lambda zone: _known_zone(zone) if isinstance(zone, str) else zone),
    Field(json_schema_extra=lambda schema: schema.update(enum=sorted(time_zones()))),
]
Country = Annotated[
    str,
    BeforeValidator(lambda country: _known_country(country) if isinstance(country, str) else country),
    Field(json_schema_extra={"enum": sorted(COUNTRIES)}),
]
Currency = Annotated[
    str,
    BeforeValidator(lambda currency: _known_currency(currency) if isinstance(currency, str) else currency),
    Field(json_schema_extra={"enum": sorted(CHARGE_MINIMUM)}, description="ISO 4217"),
]


class Price(Payload):
    """An amount to pay per minute."""

    amount: Annotated[int, Field(ge=1, le=RATE_MAX, description="Minor units (cents)."), Whole]
    currency: Currency

    def money(self) -> Money:
        """As the domain knows it."""
        return Money(self.amount, self.currency)


class Amount(Reply):
    """Money."""

    amount: int = Field(description="Minor units (cents).")
    currency: str = Field(description="ISO 4217")

    @classmethod
    def of(cls, money: Money) -> "Amount":
        return cls(amount=money.amount, currency=money.currency)


class Problem(Reply):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="Where this code is explained.")
    title: str
    status: int
    detail: str = Field(description="One sentence for a person.")
    code: str = Field(description="Stable; what a program should look at.")
    request_id: str = Field(description="Quote it when you ask for help.")
    retryable: bool = Field(description="Whether the very same request may succeed later.")
    retry_after_ms: int | None = None
    details: dict[str, object] | None = None
