"""One Engine.IO session: a transport, or two while it is upgraded, and what waits for it.

An upgraded session writes to its transport once in each turn of the event loop, everything of that turn together: an
acknowledgement and the peer's next signal are one system call. Only while the transport cannot take more, or while there is
none to write to (between two polls), frames wait in an :class:`~realtime.engine.outgoing.Outgoing`.
"""

import asyncio
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol

from realtime.engine.frames import CLOSE, NOOP, PROBED, SEPARATOR, BinaryFrame, Frame
from realtime.engine.outgoing import BufferLimits, Outgoing

if TYPE_CHECKING:
    from realtime.engine.manager import Socket
    from realtime.engine.packets import Packet
    from realtime.engine.websocket import WebSocket


_MESSAGE = ord("4")
#: Frames that are gathered at most: a program that sends thousands in one turn has to meet the transport's limits.
_MAX_BATCH = 32


class State(Enum):
    """Of a session, seen from the server."""

    OPEN = auto()
    #: we said goodbye; what still comes in is for nobody
    CLOSING = auto()
    CLOSED = auto()


class Owner(Protocol):
    """The server of a session. No method may block."""

    buffer_limits: BufferLimits
    #: sessions with something to write at the end of this turn
    dirty: "list[Session]"
    #: a text message, with Engine.IO's type in front
    message: "Callable[[Session, bytes], None]"

    def flush_soon(self) -> None:
        """Call :meth:`Session.flush` of all that are dirty, at the end of this turn."""
        ...

    def ponged(self, session: "Session") -> None:
        """The client answered our ping."""
        ...

    def binary(self, session: "Session", data: bytes) -> None:
        """A binary message."""
        ...

    def overflowed(self, session: "Session") -> None:
        """Its buffer is full; called once, in a later turn of the event loop."""
        ...

    def shed(self, count: int) -> None:
        """So many droppable events were not sent."""
        ...

    def ended(self, session: "Session", reason: str) -> None:
        """It is open no more; called once."""
        ...


class Session:
    """Reads packets that a transport hands in, and finds a way out for frames."""

    __slots__ = (
        "_batch",
        "_candidate",
        "_outgoing",
        "_poll",
        "_probe",
        "_websocket",
        "_write",
        "extra",
        "owner",
        "parts",
        "posting",
        "sid",
        "sockets",
        "state",
        "user_session",
    )

    def __init__(self, owner: Owner, sid: str) -> None:
        self.owner = owner
        self.sid = sid
        self.state = State.OPEN
        #: Socket.IO's sockets on it, by namespace
        self.sockets: dict[str, Socket] = {}
        #: a BINARY packet whose attachments are still to come, and those that came
        self.parts: tuple[Packet, list[bytes]] | None = None
        #: the body of a POST is still coming
        self.posting = False
        #: what a program remembers of it by ``save_session``; made when it is asked for
        self.user_session: dict[str, Any] | None = None
        #: what the server keeps of it
        self.extra: Any = None
        #: frames of this turn; None while nothing can be written
        self._batch: list[Frame] | None = None
        self._outgoing: Outgoing | None = None
        self._websocket: WebSocket | None = None
        #: the one WebSocket that may become its transport, from its handshake on
        self._candidate: WebSocket | None = None
        #: the same, once it asked to take over
        self._probe: WebSocket | None = None
        self._write: Callable[[bytes], None] | None = None
        #: resolved when there is something for the poll that waits
        self._poll: asyncio.Future[None] | None = None

    # --- as engineio.AsyncSocket has them -----------------------------------------------------------------------

    @property
    def upgraded(self) -> bool:
        """Whether it has a WebSocket."""
        return self._websocket is not None

    @property
    def carrier(self) -> "WebSocket | None":
        """Its WebSocket."""
        return self._websocket

    @property
    def closed(self) -> bool:
        """Whether it is over."""
        return self.state is not State.OPEN

    @property
    def session(self) -> dict[str, Any]:
        """The program's own notes."""
        if self.user_session is None:
            self.user_session = {}
        return self.user_session

    @session.setter
    def session(self, value: dict[str, Any]) -> None:
        self.user_session = value

    # --- out ------------------------------------------------------------------------------------------------------

    def send(self, frame: Frame) -> None:
        """Send, or keep until it can be sent. Never waits."""
        batch = self._batch
        if batch is None:
            if self.state is State.OPEN:
                self._keep(frame)
            return
        if not batch:
            owner = self.owner
            if not owner.dirty:
                owner.flush_soon()
            owner.dirty.append(self)
        elif len(batch) >= _MAX_BATCH:
            self.flush()
            if self._batch is None:
                self._keep(
                    frame
                )  # the transport takes no more, so what was gathered waits now, and this goes after it
                return
        batch.append(frame)

    @staticmethod
    def send_to_all(sessions: "Iterable[Session]", frame: Frame) -> None:
        """As :meth:`send`, written at once: many receivers rarely get a second frame in the same turn. A loop without calls."""
        wire = frame.wire
        for session in sessions:
            batch, write, websocket = session._batch, session._write, session._websocket
            if batch or batch is None or write is None or websocket is None or websocket.paused:
                session.send(frame)
            else:
                write(wire)

    def flush(self) -> None:
        """Write what this turn brought."""
        batch, write, websocket = self._batch, self._write, self._websocket
        if not batch or write is None or websocket is None:
            return
        if websocket.paused:
            self._batch = None
            for frame in batch:
                self._keep(frame)
        else:
            write(batch[0].wire if len(batch) == 1 else b"".join([frame.wire for frame in batch]))
            batch.clear()

    @property
    def waiting(self) -> int:
        """How many frames wait."""
        return 0 if self._outgoing is None else len(self._outgoing)

    def _keep(self, frame: Frame) -> None:
        outgoing = self._outgoing
        if outgoing is None:
            outgoing = self._outgoing = Outgoing(self.owner.buffer_limits)
        if not outgoing.put(frame):
            asyncio.get_running_loop().call_soon(self.owner.overflowed, self)
        if outgoing.shed:
            self.owner.shed(outgoing.take_shed())
        if self._poll is not None:
            self._wake_poll()

    def _flush_waiting(self) -> None:
        """Write what waits, as far as the transport takes it; the rest when it takes more."""
        outgoing, write, websocket = self._outgoing, self._write, self._websocket
        if outgoing is None or write is None or websocket is None:
            return
        while len(outgoing):
            if websocket.paused:
                return
            write(outgoing.pop().wire)
        if not outgoing.full:
            self._outgoing = None
            self._batch = []

    # --- in -------------------------------------------------------------------------------------------------------

    def receive_text(self, data: bytes) -> bool:
        """One packet. False: it is none, and whoever sent it is to be closed."""
        if data and data[0] == _MESSAGE:
            if self.state is State.OPEN:
                self.owner.message(self, data)
            return True
        if data == b"3":
            self.owner.ponged(self)
        elif data == b"1":
            self.end("client disconnect", waiting_poll=NOOP)
        else:
            # Upgrades are the transport's affair, and a stray NOOP or upgrade harms nobody.
            return data in (b"2probe", b"5", b"6")
        return True

    def receive_binary(self, data: bytes) -> None:
        """One binary message."""
        if self.state is State.OPEN:
            self.owner.binary(self, data)

    # --- polling --------------------------------------------------------------------------------------------------

    @property
    def polling(self) -> bool:
        """Whether a poll waits."""
        return self._poll is not None

    async def poll(self) -> bytes:
        """The body of the next poll; waits for something to send."""
        if self._probe is not None and self.state is State.OPEN:
            return NOOP.text
        if not self.waiting and self.state is State.OPEN:
            self._poll = asyncio.get_running_loop().create_future()
            try:
                await self._poll
            finally:
                self._poll = None
        return self._body()

    def _body(self) -> bytes:
        outgoing = self._outgoing
        frames = [] if outgoing is None else outgoing.drain()
        if outgoing is not None and not outgoing.full:
            self._outgoing = None
        if not frames:
            frames = [NOOP if self.state is State.OPEN else CLOSE]
        return SEPARATOR.join([frame.polled() for frame in frames])

    def _wake_poll(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    # --- WebSocket ------------------------------------------------------------------------------------------------

    def carry(self, websocket: "WebSocket") -> None:
        """Use this WebSocket from now on; what waited goes first."""
        self._websocket, self._probe, self._candidate = websocket, None, None
        if not websocket.open:
            return  # lost already; it says so itself
        self._write, websocket.writable = websocket.write, self._flush_waiting
        if self._outgoing is None:
            self._batch = []
        else:
            self._flush_waiting()

    def accept_candidate(self, websocket: "WebSocket") -> bool:
        """Let a WebSocket try to take over. False: it is too late for that, or another one is trying.

        Only one: a second that came to the same point would stay open when the first was chosen, and be nobody's.
        """
        if self.upgraded or self._candidate is not None or self.state is not State.OPEN:
            return False
        self._candidate = websocket
        return True

    def tries(self, websocket: "WebSocket") -> bool:
        """Whether this is the candidate, and the session still has a use for it."""
        return self._candidate is websocket and self.state is State.OPEN

    def probe(self, websocket: "WebSocket") -> None:
        """The candidate asks to take over: answer, and let the poll that waits go, so that the client can stop polling."""
        self._probe = websocket
        websocket.push(PROBED.wire)
        if self._poll is not None:
            self._keep(NOOP)

    def candidate_gone(self, websocket: "WebSocket") -> None:
        """It is lost; go on polling."""
        if self._candidate is websocket:
            self._candidate = self._probe = None

    # --- the end --------------------------------------------------------------------------------------------------

    def end(self, reason: str, *, waiting_poll: Frame | None = CLOSE) -> None:
        """Close: what waits is still offered to the client, then it hears of the end. Idempotent."""
        if self.state is not State.OPEN:
            return
        self.state = State.CLOSING
        if self._websocket is not None:
            self._farewell(self._websocket, reason)
        elif waiting_poll is CLOSE or (waiting_poll is not None and self.polling):
            self._outgoing_or_new().put(waiting_poll)
            self._wake_poll()
        if self._candidate is not None:
            self._candidate.hang_up()
        self.owner.ended(self, reason)

    def _farewell(self, websocket: "WebSocket", reason: str) -> None:
        self.flush()
        if self._outgoing is not None and self._outgoing.full:
            # Given up as slow: only the few words of farewell wait, and the transport is cut off soon.
            for frame in self._outgoing.drain():
                websocket.push(frame.wire)
        self._flush_waiting()  # what the transport still takes
        if reason != "client disconnect":
            websocket.push(CLOSE.wire)
        self._write = self._batch = None
        websocket.hang_up()

    def lost(self, reason: str) -> None:
        """The transport is gone: nothing can be said any more. Idempotent."""
        if self.state is State.OPEN:
            self.state = State.CLOSED
            self._write = self._batch = None
            self.owner.ended(self, reason)
        self.forget()

    def forget(self) -> None:
        """Let go of everything."""
        self.state = State.CLOSED
        self._write = self._batch = self._outgoing = self._websocket = None
        self._wake_poll()

    def drop_waiting(self) -> None:
        """Forget what waits: the client is too slow to hear it."""
        if self._batch is not None:
            self._batch = None
        self._outgoing_or_new().clear()

    def _outgoing_or_new(self) -> Outgoing:
        if self._outgoing is None:
            self._outgoing = Outgoing(self.owner.buffer_limits)
        return self._outgoing


def binary_frame(data: bytes | bytearray) -> BinaryFrame:
    """A binary message of a program that speaks Engine.IO alone."""
    return BinaryFrame(bytes(data))
