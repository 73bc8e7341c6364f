"""Who is connected and in which rooms: python-socketio's manager with plain dictionaries under it.

Stock keeps a two-way dictionary for every room, one such room for every client, lists of those who come and go, and looks
through all rooms when one client leaves. Here a client is one :class:`Socket` that knows its session and its rooms.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import Enum, auto
from typing import Any

from socketio import AsyncManager

from realtime.engine.frames import Frame
from realtime.engine.inbox import Inbox
from realtime.engine.session import Session

Callback = Callable[..., Any]


class Phase(Enum):
    """Of a client in a namespace."""

    #: its connect handler has not decided; what is sent to it is held back, because CONNECT comes first
    ARRIVING = auto()
    CONNECTED = auto()
    #: its disconnect handler runs
    LEAVING = auto()
    GONE = auto()


class Socket:
    """One client in one namespace."""

    __slots__ = ("_ids", "callbacks", "held", "inbox", "namespace", "phase", "rooms", "session", "sid")

    def __init__(self, sid: str, namespace: str, session: Session) -> None:
        self.sid = sid
        self.namespace = namespace
        self.session = session
        self.phase = Phase.ARRIVING
        #: frames for after the CONNECT
        self.held: list[Frame] | None = None
        #: rooms beside its own; made when it enters one
        self.rooms: set[Any] | None = None
        #: acknowledgements we wait for; made with the first
        self.callbacks: dict[int, Callback] | None = None
        self.inbox: Inbox | None = None
        self._ids = 0

    def send(self, frame: Frame) -> None:
        """Send, or hold back until its CONNECT was sent."""
        if self.phase is Phase.CONNECTED:
            self.session.send(frame)
        elif self.phase is Phase.ARRIVING:
            if self.held is None:
                self.held = []
            self.held.append(frame)

    def expect(self, callback: Callback) -> int:
        """The id of an acknowledgement that ``callback`` waits for."""
        self._ids += 1
        if self.callbacks is None:
            self.callbacks = {}
        self.callbacks[self._ids] = callback
        return self._ids

    def acknowledged(self, ack_id: int) -> Callback | None:
        """Who waits for that; asked once."""
        return None if self.callbacks is None else self.callbacks.pop(ack_id, None)


Room = dict[str, Socket]


class Manager(AsyncManager):  # type: ignore[misc]  # the base class has no types
    """``rooms[namespace][room]`` is ``{sid: Socket}``; room None is everybody."""

    rooms: dict[str, dict[Any, Room]]

    # --- sockets ----------------------------------------------------------------------------------------------------------

    def add(self, session: Session, namespace: str) -> Socket | None:
        """A client asks for a namespace. None: it is there already."""
        if namespace in session.sockets:
            return None
        socket = Socket(self.server.eio.generate_id(), namespace, session)
        session.sockets[namespace] = socket
        self.rooms.setdefault(namespace, {}).setdefault(None, {})[socket.sid] = socket
        return socket

    def remove(self, socket: Socket) -> None:
        """Forget a client."""
        socket.phase = Phase.GONE
        socket.held = socket.callbacks = None
        self.callbacks.pop(socket.sid, None)
        if socket.session.sockets.get(socket.namespace) is socket:
            del socket.session.sockets[socket.namespace]
        for room in socket.rooms or ():
            self._leave(socket, room)
        socket.rooms = None
        self._leave(socket, None)

    def get(self, sid: str, namespace: str) -> Socket | None:
        """A client by its id."""
        everybody = self.rooms.get(namespace)
        return None if everybody is None else everybody[None].get(sid)

    def members(self, namespace: str, room: Any) -> Room:
        """The clients in a room, in one of several rooms, or, for None, in the namespace. Not to be changed."""
        rooms = self.rooms.get(namespace)
        if rooms is None:
            return {}
        if isinstance(room, list | tuple | set | frozenset):
            return {sid: socket for one in room for sid, socket in self.members(namespace, one).items()}
        found = rooms.get(room)
        if found is not None:
            return found
        socket = rooms[None].get(room)
        return {} if socket is None else {room: socket}

    def _leave(self, socket: Socket, room: Any) -> None:
        rooms = self.rooms.get(socket.namespace, {})
        members = rooms.get(room)
        if members is not None and members.pop(socket.sid, None) is not None and not members:
            del rooms[room]
            if not rooms:
                del self.rooms[socket.namespace]

    # --- out --------------------------------------------------------------------------------------------------------------

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        skip_sid: Any = None,
        callback: Callback | None = None,
        to: Any = None,
        **_: Any,
    ) -> None:
        """As :meth:`deliver`."""
        self.deliver(event, data, namespace, to or room, skip_sid, callback)

    def deliver(
        self, event: str, data: Any, namespace: str, room: Any, skip_sid: Any, callback: Callback | None
    ) -> None:
        """Send one event to a room: encoded once, written to each client in this very call."""
        members = self.members(namespace, room)
        if not members:
            return
        args = [event, *arguments(data)]
        receivers: Iterable[Socket] = members.values()
        if skip_sid is not None:
            skipped = skip_sid if isinstance(skip_sid, list | tuple | set | frozenset) else (skip_sid,)
            receivers = [socket for sid, socket in members.items() if sid not in skipped]
        if callback is None:
            frame = self.server.encode(namespace, args, None)
            there = []
            for socket in receivers:
                if socket.phase is Phase.CONNECTED:
                    there.append(socket.session)
                else:
                    socket.send(frame)
            Session.send_to_all(there, frame)
            return
        for socket in receivers:
            socket.send(self.server.encode(namespace, args, socket.expect(callback)))

    # --- stock's interface --------------------------------------------------------------------------------------------------

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        for sid, socket in list(self.members(namespace, room).items()):
            yield sid, socket.session.sid

    def is_connected(self, sid: str, namespace: str) -> bool:
        socket = self.get(sid, namespace)
        return socket is not None and socket.phase is Phase.CONNECTED

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        session = self.server.eio.sockets.get(eio_sid)
        socket = None if session is None else session.sockets.get(namespace)
        return None if socket is None else str(socket.sid)

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        socket = self.get(sid, namespace)
        return None if socket is None else socket.session.sid

    def is_sid_room(self, namespace: str, room: Any) -> bool:
        return self.get(room, namespace) is not None

    def get_rooms(self, sid: str, namespace: str) -> list[Any]:
        socket = self.get(sid, namespace)
        return [] if socket is None else [sid, *(socket.rooms or ())]

    def basic_enter_room(self, sid: str, namespace: str, room: Any, eio_sid: str | None = None) -> None:
        socket = self.get(sid, namespace)
        if socket is None:
            raise ValueError("sid is not connected to requested namespace")
        if room is None or sid == room:
            return  # where it is anyway, and stays
        if self.is_sid_room(namespace, room):
            raise ValueError("cannot enter a sid room")
        if socket.rooms is None:
            socket.rooms = set()
        socket.rooms.add(room)
        self.rooms[namespace].setdefault(room, {})[sid] = socket

    def basic_leave_room(self, sid: str, namespace: str, room: Any) -> None:
        socket = self.get(sid, namespace)
        if socket is not None and socket.rooms is not None and room in socket.rooms:
            socket.rooms.discard(room)
            self._leave(socket, room)

    async def disconnect(self, sid: str, namespace: str, **_: Any) -> None:
        socket = self.get(sid, namespace)
        if socket is not None:
            self.remove(socket)


def adopt(manager: Any) -> Any:
    """Give one of python-socketio's managers (``AsyncRedisManager``, …) our tables, under what it adds to stock."""
    if not isinstance(manager, Manager):
        kind = type(manager)
        manager.__class__ = type(kind.__name__, (kind, Manager), {})
    return manager


def arguments(data: Any) -> list[Any]:
    """What python-socketio makes of ``data``: a tuple is several arguments, None is none."""
    if data is None:
        return []
    return list(data) if isinstance(data, tuple) else [data]
