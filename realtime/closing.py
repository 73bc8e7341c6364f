"""Why the server closes a socket, and whether the client may come back.

A Socket.IO disconnect carries no reason, so a ``closing {code, mayReconnect, reconnectInMs?}`` event goes first, best effort. A
client that may reconnect sees its transport close, upon which stock clients reconnect by themselves; one that may not gets a
Socket.IO DISCONNECT, upon which they do not.
"""

from dataclasses import dataclass
from enum import StrEnum


class CloseCode(StrEnum):
    """Public contract, like error codes."""

    TOKEN_EXPIRED = "token_expired"
    REVOKED = "revoked"
    SLOW_CONSUMER = "slow_consumer"
    NO_NAMESPACE = "no_namespace"
    SEAT_TAKEN = "seat_taken"
    DRAINING = "draining"
    PROTOCOL_ERROR = "protocol_error"
    UNAVAILABLE = "unavailable"
    TOO_MANY_REFUSALS = "too_many_refusals"


@dataclass(frozen=True, slots=True)
class CloseReason:
    """``may_reconnect``: the same client, with the same token, may simply connect again."""

    code: CloseCode
    may_reconnect: bool
    meaning: str


CATALOGUE = {
    reason.code: reason
    for reason in (
        CloseReason(
            CloseCode.TOKEN_EXPIRED, False, "The token ran out. Get a new one, then connect with it."
        ),
        CloseReason(CloseCode.REVOKED, False, "Logged out, or suspended. Log in again."),
        CloseReason(
            CloseCode.SLOW_CONSUMER, True, "The client did not read fast enough; it recovers by `since`."
        ),
        CloseReason(CloseCode.NO_NAMESPACE, False, "No namespace was accepted in time."),
        CloseReason(CloseCode.SEAT_TAKEN, False, "Another device of the same person took over the call."),
        CloseReason(
            CloseCode.DRAINING, True, "The server stops; another one takes over. Wait `reconnectInMs`."
        ),
        CloseReason(CloseCode.UNAVAILABLE, True, "The database does not answer. Wait `reconnectInMs`."),
        CloseReason(
            CloseCode.TOO_MANY_REFUSALS,
            False,
            "Hundreds of events were refused within seconds. Something repeats them: stop that first.",
        ),
        CloseReason(CloseCode.PROTOCOL_ERROR, False, "What came was not Socket.IO."),
    )
}


@dataclass(frozen=True, slots=True)
class Closing:
    """One close, as the client is told. ``reconnect_in_ms`` spreads the clients of a draining server."""

    code: CloseCode
    reconnect_in_ms: int | None = None

    @property
    def may_reconnect(self) -> bool:
        """Whether the client may simply connect again."""
        return CATALOGUE[self.code].may_reconnect

    def wire(self) -> dict[str, object]:
        """The data of the ``closing`` event."""
        told: dict[str, object] = {"code": self.code.value, "mayReconnect": self.may_reconnect}
        if self.reconnect_in_ms is not None:
            told["reconnectInMs"] = self.reconnect_in_ms
        return told
