"""Tabs that watch coaches. Subscribed before reading; after a gap everything watched is read again."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable

from domain.bus import Published, watchers_channel
from domain.errors import Invalid
from domain.events import CoachStatusChanged, to_wire
from domain.ids import CoachId
from realtime.cluster.feeds import Emit
from realtime.cluster.subscriptions import Subscriptions
from realtime.engine.manager import Socket
from realtime.ports import CoachPresence
from realtime.registry import Call

log = logging.getLogger(__name__)

#: Sends ``(sockets, name, data, droppable)`` to sockets of this process, as the engine has them.
EmitToAll = Callable[[Collection[Socket], str, object, bool], None]

#: One page of a directory shows fewer.
MAX_WATCHED = 200


class Watchers:
    """Who watches whom on this process."""

    def __init__(
        self,
        presence: CoachPresence,
        subscriptions: Subscriptions,
        emit: Emit,
        emit_to_all: EmitToAll,
        find: Callable[[str], Socket],
    ) -> None:
        """``emit`` sends to one socket, ``emit_to_all`` the same to many, encoded once; ``find`` gives the engine's socket."""
        self._emit_to_all = emit_to_all
        self._find = find
        self._presence = presence
        self._subscriptions = subscriptions
        self._emit = emit
        #: by sid: a change goes to thousands, and looking each up would cost as much as all else we do for it
        self._by_coach: dict[CoachId, dict[str, Socket]] = {}
        self._by_sid: dict[str, set[CoachId]] = {}
        #: status changes that arrived while the first states are read, to be sent after them
        self._held: dict[str, list[tuple[CoachId, Published]]] = {}
        self._reading: set[asyncio.Task[None]] = set()

    async def watch(self, call: Call, coach_ids: list[CoachId]) -> list[CoachStatusChanged]:
        """Watch these too; their present states. Nothing is heard of unknown ones, nor of those
        whom a block keeps apart.

        Raises:
            Invalid: more than :data:`MAX_WATCHED` in all.
        """
        sid = call.socket.sid
        if call.socket.gone:
            return []
        socket = self._find(sid)
        watched = self._by_sid.setdefault(sid, set())
        if len(watched.union(coach_ids)) > MAX_WATCHED:
            raise Invalid(f"At most {MAX_WATCHED} coaches can be watched.")
        self._held[sid] = []
        call.after_reply(lambda: self._release(sid))
        fresh = [coach for coach in set(coach_ids) if sid not in self._by_coach.get(coach, ())]
        watched.update(coach_ids)
        for coach in fresh:
            self._by_coach.setdefault(coach, {})[sid] = socket
        await self._subscriptions.hold([watchers_channel(coach) for coach in fresh])
        try:
            shown = await self._presence.shown_to(call.who, coach_ids)
        except BaseException:
            # What was watched before stays watched.
            watched.difference_update(fresh)
            self._silence(sid, fresh)
            raise
        self._silence(sid, set(coach_ids) - {CoachId(state.coach_id) for state in shown})
        return shown

    def unwatch(self, sid: str, coach_ids: Iterable[CoachId] | None) -> None:
        """Stop watching these, or all for None."""
        watched = self._by_sid.get(sid, set())
        gone = list(watched) if coach_ids is None else [coach for coach in set(coach_ids) if coach in watched]
        watched.difference_update(gone)
        self._silence(sid, gone)

    def close(self, sid: str) -> None:
        """The socket is gone, and nothing more of it is handled."""
        self.unwatch(sid, None)
        self._by_sid.pop(sid, None)
        self._held.pop(sid, None)

    def hear(self, coach_id: CoachId, event: Published) -> None:
        """A published change."""
        watching = self._by_coach.get(coach_id, {})
        if self._held:
            for sid in self._held.keys() & watching.keys():
                self._held[sid].append((coach_id, event))
            watching = {sid: socket for sid, socket in watching.items() if sid not in self._held}
        if watching:
            self._emit_to_all(watching.values(), event.name, event.data, event.droppable)

    def missed(self, coach_ids: list[CoachId]) -> None:
        """The bus was deaf for a while: read again what these are."""
        watched = [coach for coach in coach_ids if coach in self._by_coach]
        if watched:
            task = asyncio.create_task(self._read_again(watched))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    async def stop(self) -> None:
        """Read nothing any more."""
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)

    async def _read_again(self, coach_ids: list[CoachId]) -> None:
        try:
            states = await self._presence.statuses(coach_ids)
        except Exception:
            log.exception("coaches' states could not be read after a gap")
            return
        for state in states:
            watching = self._by_coach.get(state.coach_id)
            if watching:
                self._emit_to_all(watching.values(), state.name, to_wire(state), state.droppable)

    def _silence(self, sid: str, coach_ids: Iterable[CoachId]) -> None:
        heard = [coach for coach in coach_ids if sid in self._by_coach.get(coach, ())]
        for coach in heard:
            del self._by_coach[coach][sid]
            if not self._by_coach[coach]:
                del self._by_coach[coach]
        self._subscriptions.release([watchers_channel(coach) for coach in heard])

    def _release(self, sid: str) -> None:
        for coach_id, event in self._held.pop(sid, ()):
            if sid in self._by_coach.get(coach_id, ()):
                self._emit(sid, event.name, event.data, event.droppable)
