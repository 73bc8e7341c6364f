"""What the engine asks of the program above it, in values of our own."""

from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from aiohttp import web

from realtime.closing import Closing

#: Runs after the reply to an event was queued.
AfterReply = Callable[[], None]


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """A client asks for a namespace. Nothing here is trusted."""

    connection: str
    namespace: str
    address: str
    auth: object


class ConnectRefused(Exception):
    """The answer is CONNECT_ERROR ``{message, data: {code, …}}``."""

    def __init__(self, message: str, data: dict[str, object]) -> None:
        super().__init__(message)
        self.message = message
        self.data = data


class Reply(NamedTuple):
    """The acknowledgement of one event."""

    envelope: dict[str, object]
    after: Sequence[AfterReply] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP answer to a request that never becomes a connection."""

    status: int
    code: str
    message: str


class Application(Protocol):
    """The program above the engine. Methods that are not ``async`` must not block."""

    @property
    def namespaces(self) -> Collection[str]:
        """The namespaces a client may ask for."""
        ...

    def admit(self, request: web.Request, *, fresh: bool) -> Refusal | None:
        """Judge an HTTP request before anything is kept for it; ``fresh``: it would open a connection."""
        ...

    def connection_opened(self, connection: str, request: web.Request) -> str:
        """A connection exists. Returns the client's address."""
        ...

    def connection_closed(self, connection: str) -> None:
        """It does no more; its sockets were detached before."""
        ...

    def authenticate(self, request: ConnectRequest) -> object:
        """Judge a CONNECT without any call to the outside. The result is handed to :meth:`attached`.

        Raises:
            ConnectRefused: nothing was registered.
        """
        ...

    def attached(self, sid: str, request: ConnectRequest, grant: object) -> None:
        """The socket ``sid`` exists now; its CONNECT reply is sent right after."""
        ...

    async def opened(self, sid: str) -> None:
        """First in the socket's order of events: whatever a new socket needs from the outside."""
        ...

    def handle(self, sid: str, event: bytes | list[Any]) -> Reply | Coroutine[Any, Any, Reply]:
        """One event of a client, in order: the reply, or, when something has to be waited for, what gives it.

        ``event`` is ``["name",…]`` as it came and not read yet; read, if attachments came with it.

        Raises:
            realtime.engine.packets.Malformed: it is no JSON. What gives the reply only raises
                :class:`asyncio.CancelledError`.
        """
        ...

    def overflow(self, sid: str) -> Reply:
        """One event too many: the socket's queue of unhandled events is full."""
        ...

    def not_connected(self, connection: str, namespace: str) -> Reply:
        """An event for a namespace that the connection did not connect to."""
        ...

    def detached(self, sid: str) -> None:
        """The socket is gone: nothing can be sent to it from here on."""
        ...

    async def closed(self, sid: str) -> None:
        """Last in the socket's order of events, after every event that came before."""
        ...

    def closing(self, connection: str, closing: Closing) -> None:
        """The engine closes a whole connection: slow, silent, or not Socket.IO."""
        ...

    def shed(self, count: int) -> None:
        """So many droppable events were not sent to a slow connection."""
        ...
