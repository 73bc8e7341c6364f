"""The sockets of this process: who they are, and where to find them."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from domain.accounts.account import Identity
from domain.ids import UserId
from domain.notifications.feed import FeedPosition
from realtime.limits import Buckets
from realtime.schedule import Appointment


@dataclass(slots=True)
class Socket:
    """One authenticated client in one namespace."""

    sid: str
    namespace: str
    connection: str
    address: str
    identity: Identity
    device_id: str
    since: FeedPosition | None
    buckets: Buckets = field(default_factory=Buckets)
    #: token lifetime
    warning: Appointment | None = None
    expiry: Appointment | None = None
    #: set once the client is gone: what still runs for it must not register anything
    gone: bool = False
    #: set once what a tab holds (feed, presence) was taken, so that it is given back once
    opened: bool = False

    @property
    def user_id(self) -> UserId:
        """Whose socket it is."""
        return self.identity.user_id

    def renew(self, identity: Identity) -> None:
        """The same person, by a newer token."""
        self.identity = replace(identity)


class Sockets:
    """By socket, and by person."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Socket] = {}
        self._connections: dict[UserId, dict[str, int]] = {}
        self._per_namespace: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Socket]:
        return iter(list(self._by_sid.values()))

    def __len__(self) -> int:
        return len(self._by_sid)

    def add(self, socket: Socket) -> None:
        """Register an authenticated socket."""
        self._by_sid[socket.sid] = socket
        self._per_namespace[socket.namespace] += 1
        carried = self._connections.setdefault(socket.user_id, {})
        carried[socket.connection] = carried.get(socket.connection, 0) + 1

    def remove(self, sid: str) -> Socket | None:
        """Forget a socket; what it was."""
        socket = self._by_sid.pop(sid, None)
        if socket is None:
            return None
        socket.gone = True
        self._per_namespace[socket.namespace] -= 1
        carried = self._connections[socket.user_id]
        carried[socket.connection] -= 1
        if not carried[socket.connection]:
            _remove(self._connections, socket.user_id, socket.connection)
        return socket

    def get(self, sid: str) -> Socket | None:
        """The socket, while it is there."""
        return self._by_sid.get(sid)

    def anywhere(self, user_id: UserId) -> bool:
        """Whether the person has any socket here."""
        return user_id in self._connections

    def connections_of(self, user_id: UserId) -> set[str]:
        """The connections that carry sockets of a person."""
        return set(self._connections.get(user_id, ()))

    def matching(self, wanted: Callable[[Identity], bool]) -> list[Socket]:
        """All sockets whose identity is ``wanted``."""
        return [socket for socket in self if wanted(socket.identity)]

    def per_namespace(self) -> dict[str, int]:
        """How many, for the metrics."""
        return {namespace: count for namespace, count in list(self._per_namespace.items()) if count}


def _remove(table: dict, key: object, item: str) -> None:  # type: ignore[type-arg]
    inner = table[key]
    inner.pop(item, None)
    if not inner:
        del table[key]
