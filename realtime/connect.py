"""CONNECT: who are you, on which device, and what do you know already. No call to the outside."""

from dataclasses import dataclass

from pydantic import Field, ValidationError

from domain.accounts.account import Identity
from domain.errors import Code, DomainError, RateLimited, Unauthenticated, Unavailable
from domain.notifications.feed import FeedPosition
from realtime.admission import Admission
from realtime.engine.application import ConnectRefused, ConnectRequest
from realtime.errors import crashed, invalid_payload
from realtime.lifetime import Lifetime
from realtime.limits import Limits
from realtime.metrics import Counts
from realtime.schema import ClientToken, Payload
from realtime.sockets import Socket, Sockets


class Since(Payload):
    """Where a tab stands in its feed."""

    epoch: str = Field(max_length=64)
    seq: int = Field(ge=0, le=2**53 - 1)


class Auth(Payload):
    """The ``auth`` of a CONNECT."""

    token: str = Field(min_length=1, max_length=4096)
    device_id: ClientToken
    since: Since | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """An accepted CONNECT."""

    identity: Identity
    auth: Auth


class Connects:
    """Judges CONNECTs and keeps their sockets until the last of their events is handled."""

    def __init__(
        self, lifetime: Lifetime, sockets: Sockets, admission: Admission, limits: Limits, counts: Counts
    ) -> None:
        self._lifetime = lifetime
        self._limits = limits
        self._sockets = sockets
        self._admission = admission
        self._counts = counts
        #: also those whose client is gone, while their events are still handled
        self._known: dict[str, Socket] = {}

    def judge(self, request: ConnectRequest) -> Grant:
        """Accept, or say why not.

        Raises:
            ConnectRefused: with a code.
        """
        try:
            grant = self._judge(request)
        except DomainError as error:
            self._counts.connects[_label(request.namespace), error.code.value] += 1
            raise ConnectRefused(error.message, {"code": error.code.value, **error.details}) from None
        except Exception as error:
            self._counts.connects[_label(request.namespace), Code.INTERNAL.value] += 1
            envelope = crashed(error, namespace=request.namespace, connection=request.connection)
            raise ConnectRefused("Something went wrong on our side.", _flat(envelope)) from error
        self._counts.connects[_label(request.namespace), "ok"] += 1
        return grant

    def socket(self, sid: str, request: ConnectRequest, grant: object) -> Socket:
        """The socket of an accepted CONNECT."""
        if not isinstance(grant, Grant):
            raise TypeError("not a grant")
        since = grant.auth.since
        socket = Socket(
            sid=sid,
            namespace=request.namespace,
            connection=request.connection,
            address=request.address,
            identity=grant.identity,
            device_id=grant.auth.device_id,
            since=None if since is None else FeedPosition(since.epoch, since.seq),
        )
        self._known[sid] = socket
        return socket

    def known(self, sid: str) -> Socket:
        """A socket, until :meth:`forget`."""
        return self._known[sid]

    def forget(self, sid: str) -> Socket | None:
        """The last event of the socket was handled."""
        return self._known.pop(sid, None)

    def not_connected(self, namespace: str) -> DomainError:
        """What an event for a namespace without a socket is answered; counted."""
        self._counts.events[_label(namespace), "unknown", Code.UNAUTHENTICATED.value] += 1
        return Unauthenticated(f"Connect to {_label(namespace)} first.")

    def _judge(self, request: ConnectRequest) -> Grant:
        if _label(request.namespace) == "unknown":
            raise Unauthenticated("There is no such namespace.", code=Code.NOT_FOUND)
        if self._admission.draining:
            raise Unavailable("This server is stopping; connect to another one.")
        try:
            auth = Auth.model_validate(request.auth)
        except ValidationError as error:
            raise invalid_payload(error) from None
        identity = self._lifetime.verify(auth.token)
        connections = self._sockets.connections_of(identity.user_id)
        if request.connection not in connections and len(connections) >= self._admission.rules.per_user:
            raise RateLimited("Too many connections of this account.", code=Code.TOO_MANY_CONNECTIONS)
        missing = self._limits.take_connect(identity.user_id)
        if missing:
            raise RateLimited("Too many connects.", details={"retryAfterMs": missing})
        return Grant(identity, auth)


def _label(namespace: str) -> str:
    return namespace if namespace in ("/notifications", "/live", "/video") else "unknown"


def _flat(envelope: dict[str, object]) -> dict[str, object]:
    body = envelope["error"]
    return body if isinstance(body, dict) else {}
