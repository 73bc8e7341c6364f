"""The sides whose meter this process keeps running: proofs in memory, made durable with the heartbeat.

A proof every five seconds and side would be as many writes; in memory it is an assignment, and one bulk write every two seconds
makes all of them durable.
"""

from datetime import datetime, timedelta

from domain.calls.ports import ProofStore
from domain.calls.session import Side
from domain.clock import Clock
from domain.ids import SessionId
from signaling.proofs import ProofBook


class ProofKeeper:
    """A :class:`ProofBook` with a store behind it, and the socket that speaks for each side. Domain time."""

    def __init__(self, clock: Clock, store: ProofStore) -> None:
        self._clock = clock
        self._store = store
        self._book = ProofBook()
        self._sockets: dict[tuple[SessionId, Side], str] = {}

    def __len__(self) -> int:
        return len(self._sockets)

    def renew(self, session_id: SessionId, side: Side, sid: str) -> bool:
        """Note a proof of a side that counts already; False if it does not, or through another socket."""
        if self._sockets.get((session_id, side)) != sid:
            return False
        self._book.note(session_id, side, self._clock.now())
        return True

    def last(self, session_id: SessionId, side: Side) -> datetime | None:
        """The last proof of a side that counts here."""
        return self._book.last(session_id, side)

    async def begin(self, session_id: SessionId, side: Side, sid: str, at: datetime) -> None:
        """Start keeping a side. Its first proof is durable before anything counts on it."""
        await self._store.write({(session_id, side): at})
        self._sockets[session_id, side] = sid
        self._book.note(session_id, side, at)

    def drop(self, session_id: SessionId, side: Side | None = None, sid: str | None = None) -> None:
        """Stop keeping a side, or both: the call paused or ended, or the socket is gone.

        With ``sid`` only if that socket speaks for the side.
        """
        for one in Side if side is None else (side,):
            speaks = self._sockets.get((session_id, one))
            if speaks is not None and (sid is None or speaks == sid):
                del self._sockets[session_id, one]
                self._book.forget(session_id, one)

    def put_back(self, session_id: SessionId, side: Side, sid: str, last: datetime | None) -> None:
        """Watch a side again whose end could not be recorded, unless some socket speaks for it anew."""
        if last is not None and (session_id, side) not in self._sockets:
            self._sockets[session_id, side] = sid
            self._book.note(session_id, side, last)

    def kept(self) -> list[tuple[SessionId, Side, str]]:
        """Every side that this process keeps, with the socket that speaks for it."""
        return [(*key, sid) for key, sid in self._sockets.items()]

    def expired(self, timeout: timedelta) -> list[tuple[SessionId, Side, str]]:
        """Sides whose last proof is older than ``timeout`` (domain time), with the socket that speaks for them."""
        seen = self._book.expired(self._clock.now(), timeout)
        return [(one.session_id, one.side, self._sockets[one.session_id, one.side]) for one in seen]

    async def flush(self) -> None:
        """Make the proofs since the last flush durable."""
        changed = self._book.take_changed()
        if not changed:
            return
        try:
            await self._store.write(changed)
        except BaseException:
            self._book.put_back(changed)
            raise
