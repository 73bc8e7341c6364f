"""The contract as this client reads it. Fields that it does not know are ignored: a server may say more tomorrow."""

from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from bootstrap.call.errors import Unreachable

M = TypeVar("M", bound="Wire")


class Wire(BaseModel):
    """Base: camelCase outside."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True
    )

    @classmethod
    def read(cls: type[M], data: Any) -> M:
        """Parse what came.

        Raises:
            Unreachable: whoever answered does not speak our contract.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            where = ", ".join(".".join(map(str, fault["loc"])) or "body" for fault in error.errors()[:3])
            raise Unreachable(
                f"The server's answer is not what the contract says ({cls.__name__}: {where})."
            ) from error


class Money(Wire):
    """Minor units of an ISO 4217 currency."""

    amount: int
    currency: str


# --- REST ---------------------------------------------------------------------------------------------------------


class User(Wire):
    user_id: str
    coach_id: str | None = None
    role: str
    name: str


class Tokens(Wire):
    access_token: str
    refresh_token: str
    expires_at: datetime
    user: User


class SavedCard(Wire):
    id: str
    brand: str
    last4: str
    is_default: bool = False


class TimelineEntry(Wire):
    at: datetime
    what: str
    by: str


class Price(Wire):
    rate_per_minute: int
    billable_seconds: int
    gross: int
    tax: int
    tax_country: str
    net: int
    written_off: int


class SettledPayment(Wire):
    payment_id: str
    state: str
    amount: Money
    price: Price | None = None


class Session(Wire):
    """``GET /api/live-sessions/{sessionId}``."""

    session_id: str
    state: str
    billable_seconds: int
    amount: Money
    authorized_seconds: int
    end_reason: str | None = None
    timeline: list[TimelineEntry]
    payment: SettledPayment | None = None


# --- /notifications -----------------------------------------------------------------------------------------------


class CoachStatus(Wire):
    coach_id: str
    status: str
    rate_per_minute: Money


class CoachStatuses(Wire):
    statuses: list[CoachStatus]


class Authorization(Wire):
    status: str
    client_secret: str | None = None


class Requested(Wire):
    session_id: str
    state: str
    expires_at: datetime
    rate_per_minute: Money
    authorization: Authorization


class RingingClient(Wire):
    user_id: str
    name: str


class Ringing(Wire):
    session_id: str
    client: RingingClient
    rate_per_minute: Money
    expires_at: datetime


class Updated(Wire):
    session_id: str
    state: str
    version: int
    reason: str | None = None


class Hold(Wire):
    number: int
    authorized: int
    captured: int
    state: str


class Receipt(Wire):
    """What the client gets for the money; amounts in minor units of ``currency``."""

    number: str
    coach: str
    currency: str
    rate_per_minute: int
    billable_seconds: int
    gross: int
    tax: int
    tax_country: str
    net: int
    written_off: int
    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None
    holds: list[Hold]


class PaymentUpdate(Wire):
    payment_id: str
    session_id: str | None = None
    state: str
    amount: Money
    receipt: Receipt | None = None


class Closing(Wire):
    """The last thing a socket hears."""

    code: str
    may_reconnect: bool = False


# --- /live --------------------------------------------------------------------------------------------------------


class IceServer(Wire):
    urls: list[str]
    username: str | None = None
    credential: str | None = None


class Joined(Wire):
    """The snapshot that ``join-live-session-handshake`` answers with."""

    session_id: str
    role: str
    polite: bool
    state: str
    version: int
    ice_servers: list[IceServer]
    ice_note: str | None = None
    peer_present: bool
    peer_name: str = ""
    epoch: int
    rate: Money
    authorized_seconds: int
    billable_seconds: int
    proof_interval_ms: int = 5000
    clock_speed: float = 1.0
    server_time: datetime


class Description(Wire):
    """W3C RTCSessionDescriptionInit."""

    type: str
    sdp: str


class Candidate(Wire):
    """W3C RTCIceCandidateInit; an empty ``candidate`` ends the list."""

    candidate: str
    sdp_mid: str | None = None
    sdp_m_line_index: int | None = None


class Signal(Wire):
    session_id: str
    epoch: int
    description: Description | None = None
    candidate: Candidate | None = None


class PeerJoined(Wire):
    role: str
    epoch: int


class PeerLeft(Wire):
    role: str
    grace_seconds: float


class Tick(Wire):
    minute: int
    billable_seconds: int
    amount: Money
    authorized_seconds: int


class LowBalance(Wire):
    authorized_seconds: int
    reason: str = ""


class Paused(Wire):
    reason: str
    billable_seconds: int
    grace_ends_at: datetime


class Resumed(Wire):
    billable_seconds: int


class Ended(Wire):
    reason: str
    billable_seconds: int
    amount: Money


# --- the sandbox --------------------------------------------------------------------------------------------------


class SandboxIntent(BaseModel):
    """One PaymentIntent as the offline Stripe keeps it (snake_case, as Stripe writes)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    status: str
    amount: int
    amount_received: int
    amount_capturable: int
    currency: str
    metadata: dict[str, str]


class SandboxIntents(BaseModel):
    """``GET /_sandbox/payment_intents``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    data: list[SandboxIntent]
