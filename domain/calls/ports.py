"""Where calls and what belongs to them are kept."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from domain.calls.meter import RunningMeter
from domain.calls.session import LiveSession, Side
from domain.ids import SessionId, UserId
from domain.ports import Tx


class CallStore(Protocol):
    """Live sessions."""

    async def insert(self, tx: Tx, call: LiveSession) -> None:
        """Write a new call.

        Raises:
            Conflict: CALL_OPEN, the client has an open call already.
        """
        ...

    async def get(self, tx: Tx, session_id: SessionId) -> LiveSession:
        """The call, read in the transaction. While its meter runs, ``ticked_minute`` is what the timer of its ticks says.

        Raises:
            NotFound: no such call.
        """
        ...

    async def save(self, tx: Tx, call: LiveSession) -> None:
        """Write the call and increment its version."""
        ...

    async def by_request(self, tx: Tx, client: UserId, client_request_id: str) -> LiveSession | None:
        """The call that this client's request made before, if any."""
        ...

    async def find(self, session_ids: Sequence[SessionId]) -> list[LiveSession]:
        """Those of ``session_ids`` that exist, outside any transaction."""
        ...

    async def open_of(self, user_id: UserId) -> list[LiveSession]:
        """The open calls in which this person takes part, at either end."""
        ...

    async def history(self, user_id: UserId, before: SessionId | None, limit: int) -> list[LiveSession]:
        """The person's calls at either end, newest first, those older than ``before``; without their timelines.

        A coach does not find calls that never rang.
        """
        ...

    async def seated_at(self, process: str) -> list[SessionId]:
        """Open calls with a seat whose socket was held by ``process``."""
        ...

    async def counting(self, session_ids: Sequence[SessionId]) -> set[tuple[SessionId, Side, str]]:
        """Which sides of these calls count, and the socket that holds each of them."""
        ...


class DueTick(NamedTuple):
    """A minute that should be full by now. ``meter`` is None when what is kept with the timer cannot be read."""

    session_id: SessionId
    meter: RunningMeter | None


class MeterStore(Protocol):
    """Running meters, by the batch. All in the caller's transaction, which fails when one of these timers moves meanwhile."""

    async def due(
        self,
        tx: Tx,
        lane: int,
        limit: int,
        *,
        since: datetime | None = None,
        among: Collection[SessionId] | None = None,
    ) -> list[DueTick]:
        """Ticks of one lane that are due; only those that became due after ``since``, or those of ``among``, if given."""
        ...

    async def advance(self, tx: Tx, minutes: Sequence[tuple[SessionId, int, int]]) -> None:
        """Note (call, minute that was due, minute that is full), and set each timer to the minute after it.

        Raises:
            Contended: one of these minutes was noted already.
        """
        ...

    async def set_aside(self, tx: Tx, sessions: Collection[SessionId]) -> None:
        """Let the ticks of these calls be run one by one."""
        ...

    async def note(self, tx: Tx, session_id: SessionId, minute: int) -> bool:
        """Note one full minute; False if it was noted before."""
        ...


class ProofStore(Protocol):
    """The last proof of media of each side, written by the process that holds the socket, every two seconds."""

    async def read(self, session_ids: Sequence[SessionId]) -> dict[SessionId, dict[Side, datetime]]:
        """The last proofs of these calls."""
        ...

    async def fresh(self, session_ids: Sequence[SessionId], since: datetime) -> set[SessionId]:
        """Those of these calls of which both sides were proven at ``since`` or later."""
        ...

    async def write(self, proofs: Mapping[tuple[SessionId, Side], datetime]) -> None:
        """Advance the last proofs; never moves one back."""
        ...
