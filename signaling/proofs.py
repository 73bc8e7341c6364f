"""The last proofs of media that this process saw, in memory: flushed with the heartbeat, not written one by one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.calls.session import Side
from domain.ids import SessionId


@dataclass(frozen=True, slots=True)
class Seen:
    """One side of one call, and when its media was proven last."""

    session_id: SessionId
    side: Side
    at: datetime


class ProofBook:
    """Proofs of the sockets of this process. Instants are whatever time the caller keeps; they never run back."""

    def __init__(self) -> None:
        self._last: dict[tuple[SessionId, Side], datetime] = {}
        self._changed: set[tuple[SessionId, Side]] = set()

    def note(self, session_id: SessionId, side: Side, at: datetime) -> None:
        """Media of ``side`` was proven at ``at``; an older instant than the known one changes nothing."""
        key = (session_id, side)
        known = self._last.get(key)
        if known is None or at > known:
            self._last[key] = at
            self._changed.add(key)

    def last(self, session_id: SessionId, side: Side) -> datetime | None:
        """The last proof of one side, if this process saw any."""
        return self._last.get((session_id, side))

    def expired(self, now: datetime, timeout: timedelta) -> list[Seen]:
        """Those whose proof is older than ``timeout``: they have to be told, and then forgotten."""
        return [Seen(*key, at) for key, at in self._last.items() if now - at > timeout]

    def forget(self, session_id: SessionId, side: Side) -> None:
        """Stop watching one side; what was not flushed yet still will be lost, so flush before."""
        self._last.pop((session_id, side), None)
        self._changed.discard((session_id, side))

    def take_changed(self) -> dict[tuple[SessionId, Side], datetime]:
        """What was noted since the last call, for one write to the store."""
        taken = {key: self._last[key] for key in self._changed}
        self._changed.clear()
        return taken

    def put_back(self, proofs: dict[tuple[SessionId, Side], datetime]) -> None:
        """Flush these again next time: writing them failed. Sides forgotten meanwhile stay forgotten."""
        self._changed.update(key for key in proofs if key in self._last)
