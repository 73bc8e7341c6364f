"""Door 1, assembled: what the engine asks, what ``bootstrap`` starts, drains and stops."""

import asyncio
import logging
import math
import random
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

from aiohttp import web

from domain.bus import REVOKED, Bus, process_channel
from domain.clock import Clock
from domain.errors import Unavailable
from domain.events import Event, to_wire
from realtime import asyncapi
from realtime.admission import Admission, AdmissionRules
from realtime.closing import CloseCode, Closing
from realtime.cluster.feeds import Feeds
from realtime.cluster.peers import Peers
from realtime.cluster.receiver import Receiver, Room
from realtime.cluster.room import CALLS, SESSIONS
from realtime.cluster.subscriptions import Subscriptions
from realtime.cluster.watchers import Watchers
from realtime.connect import Connects
from realtime.dispatch import DONE, Dispatch
from realtime.engine.application import ConnectRequest, Refusal, Reply
from realtime.engine.door import Engine, EngineOptions
from realtime.engine.manager import Socket as EngineSocket
from realtime.errors import refused
from realtime.lifetime import Lifetime
from realtime.limits import Limits
from realtime.metrics import Counts, RealtimeCollector
from realtime.namespaces.live import LiveNamespace, live
from realtime.namespaces.notifications import NotificationsNamespace, notifications
from realtime.namespaces.video import VideoNamespace, video
from realtime.ports import Revocations, TokenVerifier, UseCases
from realtime.presence import PresenceReporter
from realtime.refusals import Refusals
from realtime.schedule import Schedule
from realtime.sockets import Socket, Sockets
from signaling.seats import Seat, Seats

log = logging.getLogger(__name__)

NAMESPACES = (notifications, live, video)
#: The two events that are counted where they are relayed.
_SIGNAL = (live.path, CALLS.signal)
_SESSION_SIGNAL = (video.path, SESSIONS.signal)
#: Seconds between two batches of a drain, and the longest that those of one batch are told to wait, in milliseconds.
_DRAIN_PAUSE = 0.05
_COME_BACK_MS = 250
#: A seat whose loss cannot be written is tried again so often, so many seconds apart: longer than a database takes to restart.
_LEAVE_TRIES = 30
_LEAVE_AGAIN = 1.0


@dataclass(frozen=True, slots=True)
class RealtimeOptions:
    """Settings of this door."""

    engine: EngineOptions = field(default_factory=EngineOptions)
    admission: AdmissionRules = field(default_factory=AdmissionRules)


def describe(options: RealtimeOptions) -> dict[str, Any]:
    """The AsyncAPI document."""
    limits = {
        "maxPayloadBytes": options.engine.max_payload,
        "connectionsPerUser": options.admission.per_user,
        "connectionsPerAddress": options.admission.per_address,
        "namespaceDeadlineSeconds": options.engine.namespace_deadline,
        "outgoingEvents": options.engine.buffer.events,
        "outgoingBytes": options.engine.buffer.bytes,
        "unhandledEvents": options.engine.inbox,
    }
    return asyncapi.document(NAMESPACES, limits)


class RealtimeServer:
    """All sockets of one process. Implements :class:`realtime.engine.application.Application`."""

    def __init__(
        self,
        *,
        process: str,
        clock: Clock,
        bus: Bus,
        verify: TokenVerifier,
        revoked: Revocations,
        use: UseCases,
        options: RealtimeOptions | None = None,
    ) -> None:
        """``process`` names this process among all; ``verify`` raises ``Unauthenticated`` and asks nobody."""
        self._options = options or RealtimeOptions()
        self._process, self._clock, self._bus, self._use = process, clock, bus, use
        self._revoked = revoked
        self.counts = Counts()
        self._schedule = Schedule(clock)
        self._sockets, self._seats = Sockets(), Seats()
        self._limits = Limits(monotonic)
        self._admission = Admission(self._options.admission, self.counts)
        self._engine = Engine(self, self._options.engine, self._schedule)
        self._lifetime = Lifetime(
            clock=clock,
            schedule=self._schedule,
            verify=verify,
            revoked=revoked,
            sockets=self._sockets,
            emit=lambda socket, name, data: self._emit(socket.namespace, socket.sid, name, data, False),
            close=self._close,
        )
        self._refusals = Refusals(
            self._limits,
            lambda connection: self._engine.close_connection(
                connection, Closing(CloseCode.TOO_MANY_REFUSALS)
            ),
        )
        self._connects = Connects(self._lifetime, self._sockets, self._admission, self._limits, self.counts)
        self._presence = PresenceReporter(use.presence)
        self._wire_cluster()
        sessions = self._rooms[video.path]
        self._live = LiveNamespace(process, use, self._seats, self._peers, self._lifetime)
        self._video = VideoNamespace(process, clock, use, sessions.seats, sessions.peers, self._lifetime)
        tables = {
            notifications.path: notifications.bind(
                NotificationsNamespace(use, self._watchers, self._lifetime)
            ),
            live.path: live.bind(self._live),
            video.path: video.bind(self._video),
        }
        self._dispatch = Dispatch(tables, self._limits, self.counts)
        self._lost_at: dict[str, datetime] = {}

    def _wire_cluster(self) -> None:
        self._subscriptions = Subscriptions(self._bus)
        self._feeds = Feeds(self._use.feed, self._subscriptions, self._to_tab, self.counts)
        self._watchers = Watchers(
            self._use.presence,
            self._subscriptions,
            self._to_tab,
            self._to_tabs,
            lambda sid: self._engine.find(notifications.path, sid),
        )
        to_live = partial(self._emit, live.path)
        self._peers = Peers(
            self._process, self._seats, self._bus, self._schedule, to_live, self._relay, self.counts
        )
        calls = Room(CALLS, self._seats, self._peers, to_live, partial(self._to_many, live.path))
        sessions = self._room_of_sessions()
        self._rooms = {live.path: calls, video.path: sessions}
        self._bus.listen(
            Receiver(
                process=self._process,
                feeds=self._feeds,
                watchers=self._watchers,
                calls=calls,
                sessions=sessions,
                seat_taken=self._seat_taken,
                revoked=self._revoked.add,
                counts=self.counts,
            )
        )

    def _room_of_sessions(self) -> Room:
        seats, emit = Seats(), partial(self._emit, video.path)
        peers = Peers(
            self._process,
            seats,
            self._bus,
            self._schedule,
            emit,
            self._relay_in_session,
            self.counts,
            SESSIONS,
        )
        return Room(SESSIONS, seats, peers, emit, partial(self._to_many, video.path))

    # --- for bootstrap ----------------------------------------------------------------------------------------------

    def mount(self, app: web.Application) -> None:
        """Answer on ``/socket.io/`` of this application."""
        self._engine.mount(app)

    async def start(self) -> None:
        """Hear this process's inbox, and revocations. The bus must have been started."""
        await self._subscriptions.hold([process_channel(self._process), REVOKED])

    async def drain(self, reconnect_window_ms: int) -> None:
        """Take no new connections, and send the present ones elsewhere, spread over ``reconnect_window_ms``.

        The closing itself is spread, and who is closed comes back soon: a call is without a socket for its own reconnect
        only, and the losses of seats are not all written in the same moment.
        """
        self._admission.draining = True
        sockets = list(self._sockets)
        random.shuffle(sockets)
        batch = max(1, math.ceil(len(sockets) * _DRAIN_PAUSE * 1000 / max(1, reconnect_window_ms)))
        for start in range(0, len(sockets), batch):
            if start:
                await asyncio.sleep(_DRAIN_PAUSE)
            for socket in sockets[start : start + batch]:
                wait = random.randrange(min(_COME_BACK_MS, reconnect_window_ms) + 1)
                self._emit(socket.namespace, socket.sid, "server_draining", {"reconnectInMs": wait}, False)
                self._close(socket, Closing(CloseCode.DRAINING, wait))

    async def stop(self, patience: float = 10.0) -> None:
        """Close what is left and let handlers finish for ``patience`` seconds. Nothing is sent afterwards."""
        self._admission.draining = True
        await self._engine.stop(patience)
        await self._presence.stop()
        await self._feeds.stop()
        await self._watchers.stop()
        self._schedule.stop()

    def sockets(self) -> Mapping[str, int]:
        """Authenticated sockets per namespace."""
        return self._sockets.per_namespace()

    def collector(self) -> RealtimeCollector:
        """The metrics of this door, for a Prometheus registry."""
        return RealtimeCollector(
            self.counts, self._sockets.per_namespace, lambda: len(self._admission), self._seats_held
        )

    def _seats_held(self) -> int:
        return sum(len(room.seats) for room in self._rooms.values())

    @property
    def schedule(self) -> Schedule:
        """Wall-clock appointments of this process; a test that moves the clock runs what is due."""
        return self._schedule

    # --- for the engine -----------------------------------------------------------------------------------------------

    @property
    def namespaces(self) -> Collection[str]:
        return [namespace.path for namespace in NAMESPACES]

    def admit(self, request: web.Request, *, fresh: bool) -> Refusal | None:
        return self._admission.judge(request, fresh=fresh)

    def connection_opened(self, connection: str, request: web.Request) -> str:
        return self._admission.opened(connection, request)

    def connection_closed(self, connection: str) -> None:
        self._admission.closed(connection)
        self._refusals.forget(connection)

    def authenticate(self, request: ConnectRequest) -> object:
        return self._connects.judge(request)

    def attached(self, sid: str, request: ConnectRequest, grant: object) -> None:
        socket = self._connects.socket(sid, request, grant)
        self._sockets.add(socket)
        self._limits.returned(socket.user_id)
        self._lifetime.begin(socket)

    async def opened(self, sid: str) -> None:
        socket = self._connects.known(sid)
        if socket.gone or socket.namespace != notifications.path:
            return
        socket.opened = True
        if socket.identity.coach_id is not None:
            self._presence.arrived(socket.user_id)
        try:
            await self._feeds.open(socket)
            for event in await self._use.queries.open_snapshot(socket.identity):
                self._snapshot(sid, event)
        except Exception as error:
            log.error("a tab could not be brought up to date", exc_info=error, extra={"sid": sid})
            self._close(socket, Closing(CloseCode.UNAVAILABLE, random.randrange(1000, 3000)))

    def handle(self, sid: str, event: bytes | list[Any]) -> Reply | Coroutine[Any, Any, Reply]:
        socket = self._connects.known(sid)
        outcome = self._dispatch(socket, event)
        if outcome is DONE:
            return DONE
        if not isinstance(outcome, Reply):
            return self._later(socket, outcome)
        return outcome if outcome.envelope["ok"] else self._judged(socket, outcome)

    async def _later(self, socket: Socket, outcome: Coroutine[Any, Any, Reply]) -> Reply:
        return self._judged(socket, await outcome)

    def _judged(self, socket: Socket, reply: Reply) -> Reply:
        return reply if socket.gone else self._refusals.judge(socket.connection, reply)

    def overflow(self, sid: str) -> Reply:
        socket = self._connects.known(sid)
        return self._refusals.judge(socket.connection, self._dispatch.overflow(socket))

    def not_connected(self, connection: str, namespace: str) -> Reply:
        return self._refusals.judge(connection, Reply(refused(self._connects.not_connected(namespace))))

    def detached(self, sid: str) -> None:
        socket = self._sockets.remove(sid)
        if socket is None:
            return
        self._lifetime.end(socket)
        if not self._sockets.anywhere(socket.user_id):
            self._limits.left(socket.user_id)
        self._lost_at[sid] = self._clock.now()
        room = self._rooms.get(socket.namespace)
        seat = room.seats.of(sid) if room else None
        if room is not None and seat is not None:
            seat.gone = True
            room.peers.left(seat)

    async def closed(self, sid: str) -> None:
        socket, lost_at = self._connects.forget(sid), self._lost_at.pop(sid, None)
        if socket is None or lost_at is None:
            return
        if socket.opened:
            self._watchers.close(sid)
            self._feeds.close(socket)
            if socket.identity.coach_id is not None:
                self._presence.left(socket.user_id)
            return
        room = self._rooms.get(socket.namespace)
        seat = room.seats.leave(sid) if room else None
        if room is not None and seat is not None:
            room.peers.left(seat)
            await self._left(seat, lost_at, self._live.left if room.wording is CALLS else self._video.left)

    def closing(self, connection: str, closing: Closing) -> None:
        self.counts.closings[closing.code.value] += 1
        if closing.code is CloseCode.SLOW_CONSUMER:
            self.counts.slow_consumers += 1
        log.info("closing a connection: %s", closing.code.value, extra={"connection": connection})

    def shed(self, count: int) -> None:
        self.counts.shed += count

    # --- out to sockets ---------------------------------------------------------------------------------------------

    async def _left(
        self, seat: Seat, at: datetime, write: Callable[[Seat, datetime], Awaitable[None]]
    ) -> None:
        told = {"session_id": seat.session_id}
        for _ in range(_LEAVE_TRIES):
            try:
                await write(seat, at)
                return
            except Unavailable as outage:
                # Our heart goes on beating, so nobody else would ever close this seat.
                log.warning("a lost seat cannot be written, trying again: %s", outage, extra=told)
                await asyncio.sleep(_LEAVE_AGAIN)
            except Exception as error:
                log.error("a lost seat could not be written", exc_info=error, extra=told)
                return
        log.error("a lost seat could not be written in time; its call ends by its timers", extra=told)

    def _emit(self, namespace: str, sid: str, name: str, data: object, droppable: bool) -> None:
        self.counts.delivered[namespace, name] += 1
        self._engine.emit_one(namespace, sid, name, data, droppable)

    def _relay(self, sid: str, signal: bytes) -> None:
        self.counts.delivered[_SIGNAL] += 1
        self._engine.emit_encoded(live.path, sid, signal)

    def _to_tab(self, sid: str, name: str, data: object, droppable: bool) -> None:
        self._emit(notifications.path, sid, name, data, droppable)

    def _relay_in_session(self, sid: str, signal: bytes) -> None:
        self.counts.delivered[_SESSION_SIGNAL] += 1
        self._engine.emit_encoded(video.path, sid, signal)

    def _to_many(
        self, namespace: str, sids: Collection[str], name: str, data: object, droppable: bool
    ) -> None:
        self.counts.delivered[namespace, name] += len(sids)
        self._engine.emit_to(namespace, sids, name, data, droppable=droppable)

    def _to_tabs(self, sockets: Collection[EngineSocket], name: str, data: object, droppable: bool) -> None:
        self.counts.delivered[notifications.path, name] += len(sockets)
        self._engine.emit_to_found(notifications.path, sockets, name, data, droppable=droppable)

    def _snapshot(self, sid: str, event: Event) -> None:
        if event.namespace == notifications.path:
            self._to_tab(sid, event.name, to_wire(event), event.droppable)

    def _seat_taken(self, sid: str) -> None:
        socket = self._sockets.get(sid)
        if socket is not None:
            self._close(socket, Closing(CloseCode.SEAT_TAKEN))

    def _close(self, socket: Socket, closing: Closing) -> None:
        if socket.gone:
            return
        self.counts.closings[closing.code.value] += 1
        self._engine.close_socket(socket.namespace, socket.sid, closing)
