"""What can go wrong, as one tree. A door maps it to the wire: HTTP problems in ``rest``, acks in ``realtime``.

DomainError
├── Invalid                 the request itself is wrong
├── Unauthenticated         nobody, or somebody whose token no longer counts
├── Forbidden               somebody, but not for this
├── NotFound                no such thing, or not yours to know of
├── Conflict                right once, not in the present state
├── PaymentRefused          the gateway said no, for good
├── RateLimited             too fast
└── Unavailable             try again: something we depend on did not answer

``code`` is public contract (SCREAMING_SNAKE, never renamed); ``message`` is for people; ``retryable`` tells a
client whether the very same request may succeed later. :data:`CODES` lists every code that may leave the server.
"""

from collections.abc import Mapping
from enum import StrEnum

Details = Mapping[str, object]


class Code(StrEnum):
    """Every error code a client may see."""

    # the request
    INVALID_PAYLOAD = "INVALID_PAYLOAD"
    UNKNOWN_EVENT = "UNKNOWN_EVENT"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    RATE_LIMITED = "RATE_LIMITED"
    # who is asking
    UNAUTHENTICATED = "UNAUTHENTICATED"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"
    TOKEN_REUSED = "TOKEN_REUSED"
    BAD_CREDENTIALS = "BAD_CREDENTIALS"
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    ACCOUNT_SUSPENDED = "ACCOUNT_SUSPENDED"
    ACCOUNT_UNVERIFIED = "ACCOUNT_UNVERIFIED"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    LINK_INVALID = "LINK_INVALID"
    FORBIDDEN = "FORBIDDEN"
    ORIGIN_REFUSED = "ORIGIN_REFUSED"
    TOO_MANY_CONNECTIONS = "TOO_MANY_CONNECTIONS"
    # calls
    COACH_OFFLINE = "COACH_OFFLINE"
    COACH_BUSY = "COACH_BUSY"
    CALL_OPEN = "CALL_OPEN"
    BLOCKED = "BLOCKED"
    OWN_ACCOUNT = "OWN_ACCOUNT"
    ANSWERED_ELSEWHERE = "ANSWERED_ELSEWHERE"
    GONE = "GONE"
    NOT_JOINED = "NOT_JOINED"
    STALE_EPOCH = "STALE_EPOCH"
    ILLEGAL_SIGNAL = "ILLEGAL_SIGNAL"
    ILLEGAL_STATE = "ILLEGAL_STATE"
    # bookings
    SLOT_TAKEN = "SLOT_TAKEN"
    TOO_MANY_UNPAID_BOOKINGS = "TOO_MANY_UNPAID_BOOKINGS"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    GROUP_FULL = "GROUP_FULL"
    ALREADY_REGISTERED = "ALREADY_REGISTERED"
    CALENDAR_PRIVATE = "CALENDAR_PRIVATE"
    CODE_INVALID = "CODE_INVALID"
    CODE_USED_UP = "CODE_USED_UP"
    VERSION_MISMATCH = "VERSION_MISMATCH"
    VERSION_REQUIRED = "VERSION_REQUIRED"
    # money
    PAYMENT_REFUSED = "PAYMENT_REFUSED"
    NO_PAYMENT_METHOD = "NO_PAYMENT_METHOD"
    # us
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


class DomainError(Exception):
    """Base of everything a use case raises on purpose.

    Args:
        message: one sentence for a person.
        code: overrides the class's code with a more exact one.
        details: further facts for the client, JSON-compatible, never secret.
        retry_after_ms: how long to wait before the same request makes sense.
    """

    code = Code.INTERNAL
    retryable = False

    def __init__(
        self,
        message: str,
        *,
        code: Code | None = None,
        details: Details | None = None,
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.details = dict(details or {})
        self.retry_after_ms = retry_after_ms


class Invalid(DomainError):
    """The request is malformed or breaks a rule that does not depend on any state."""

    code = Code.INVALID_PAYLOAD

    @classmethod
    def at(cls, path: str, problem: str) -> "Invalid":
        """One field is wrong; ``path`` is its name on the wire. Clients show ``problem`` beside it."""
        return cls(problem, details={"fields": [{"path": path, "problem": problem}]})


class Unauthenticated(DomainError):
    """No valid credentials."""

    code = Code.UNAUTHENTICATED


class Forbidden(DomainError):
    """Known, and not allowed."""

    code = Code.FORBIDDEN


class NotFound(DomainError):
    """Does not exist, or the caller must not learn that it does."""

    code = Code.NOT_FOUND


class Conflict(DomainError):
    """Not possible in the present state of things."""

    code = Code.ILLEGAL_STATE


class PaymentRefused(DomainError):
    """The gateway refused, definitively; ``details.reason`` carries its decline code."""

    code = Code.PAYMENT_REFUSED


class RateLimited(DomainError):
    """Too many requests; ``retry_after_ms`` says when the next one is welcome."""

    code = Code.RATE_LIMITED
    retryable = True


class Unavailable(DomainError):
    """Something we depend on did not answer in time."""

    code = Code.UNAVAILABLE
    retryable = True


class Contended(Unavailable):
    """Somebody else is writing the same documents, and goes on doing so."""


#: Codes for which the very same request may succeed later.
RETRYABLE = frozenset({Code.RATE_LIMITED, Code.UNAVAILABLE, Code.COACH_BUSY, Code.TOO_MANY_CONNECTIONS})


def is_retryable(error: DomainError) -> bool:
    """Whether repeating the very same request later may help."""
    return error.retryable or error.code in RETRYABLE
