"""The bus's listener: each channel's frames to whom they concern, and every gap counted and mended."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from domain.accounts.revocations import Revocation
from domain.bus import REVOKED, Published, process_channel
from domain.calls.session import Side
from domain.events import LiveSessionTick
from domain.ids import CoachId, SessionId, UserId
from domain.session_events import OvertimeTick
from realtime.cluster import frames
from realtime.cluster.feeds import Emit, Feeds
from realtime.cluster.peers import Peers
from realtime.cluster.room import Wording
from realtime.cluster.watchers import Watchers
from realtime.metrics import Counts
from signaling.seats import Seats

#: One event for several sockets, encoded once: (sids, event, data, droppable)
EmitTo = Callable[[Collection[str], str, object, bool], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Room:
    """The seats of one namespace, and how to reach their sockets."""

    wording: Wording
    seats: Seats
    peers: Peers
    emit: Emit
    emit_to: EmitTo


#: The sides of a session by what they are called there, and those of a call.
_SIDES = {**{side.value: side for side in Side}, "client": Side.CALLER, "coach": Side.CALLEE}


class Receiver:
    """Implements :class:`domain.bus.BusListener`."""

    def __init__(
        self,
        *,
        process: str,
        feeds: Feeds,
        watchers: Watchers,
        calls: Room,
        sessions: Room,
        seat_taken: Callable[[str], None],
        revoked: Callable[[Revocation], object],
        counts: Counts,
    ) -> None:
        self._inbox = process_channel(process)
        self._feeds = feeds
        self._watchers = watchers
        self._calls = calls
        self._sessions = sessions
        self._seat_taken = seat_taken
        self._revoked = revoked
        self._counts = counts

    def frame(self, channel: str, frame: bytes) -> None:
        """Anybody who reaches the bus could write to it: what is no frame is counted, not believed."""
        try:
            if frames.is_signal(frame):
                self._calls.peers.hear_signal(frames.decode(frame))
            elif frames.is_of_a_session(frame):
                self._sessions.peers.hear_signal(frames.decode(frame))
            else:
                self._route(channel, orjson.loads(frame))
        except (ValueError, KeyError, TypeError) as error:
            self._counts.bus_frames_refused += 1
            log.warning("a frame on %s that is none: %s", channel, type(error).__name__)

    def gap(self, channels: Collection[str]) -> None:
        self._counts.bus_gaps += 1
        log.warning("the bus may have lost something on %d channels; reading again", len(channels))
        for channel in channels:
            if channel.startswith("u:"):
                self._feeds.missed(UserId(channel[2:]))
        self._watchers.missed([CoachId(channel[2:]) for channel in channels if channel.startswith("w:")])
        if self._inbox in channels:
            self._calls.peers.missed()
            self._sessions.peers.missed()

    def lost(self, channels: Collection[str]) -> None:
        # What was committed is published again by the sweep of the outbox; signals are in their seats' windows.
        processes = {channel[2:] for channel in channels if channel.startswith("p:")}
        self._calls.peers.unsent(processes)
        self._sessions.peers.unsent(processes)

    def _route(self, channel: str, frame: dict[str, Any]) -> None:
        if channel == REVOKED:
            at = datetime.fromisoformat(frame["at"])
            self._revoked(Revocation(UserId(frame["userId"]), tuple(frame["families"]), at))
            return
        kind = frame["k"]
        if kind in ("here", "nobody"):
            (self._sessions if "v" in frame else self._calls).peers.hear(frame)
            return
        event = Published(
            kind,
            frame["id"],
            frame["ns"],
            frame["name"],
            frame["data"],
            frame["drop"],
            frame["seq"],
            frame["epoch"],
            frame["only"],
        )
        if kind == "user":
            self._feeds.hear(UserId(event.key), event)
        elif kind == "watchers":
            self._watchers.hear(CoachId(event.key), event)
        elif kind == "call":
            of_a_session = event.namespace == "/video"
            self._tell(self._sessions if of_a_session else self._calls, SessionId(event.key), event)
        elif kind == "process":
            self._ticks(frame["data"]["ticks"])

    def _ticks(self, ticks: list[dict[str, Any]]) -> None:
        """One frame, and to each socket the tick of its call, or of its session's overtime, which is known by the booking."""
        for tick in ticks:
            session_id = SessionId(tick["sessionId"])
            seats = self._calls.seats.in_call(session_id)
            if seats:
                sids = [seat.sid for seat in seats]
                self._calls.emit_to(sids, LiveSessionTick.name, tick, LiveSessionTick.droppable)
                continue
            sids = [seat.sid for seat in self._sessions.seats.in_call(session_id)]
            if sids:
                told = {"bookingId": tick.pop("sessionId"), **tick}
                self._sessions.emit_to(sids, OvertimeTick.name, told, OvertimeTick.droppable)

    def _tell(self, room: Room, session_id: SessionId, event: Published) -> None:
        data: Any = event.data
        name, wording = event.name, room.wording
        if name == wording.seat_taken:
            # For the socket that lost the seat alone; its successor may sit in this process too.
            room.emit(data["sid"], name, data, event.droppable)
            self._seat_taken(data["sid"])
            return
        about = _SIDES[data["role"]] if name in (wording.joined, wording.left) else None
        if about is not None and name == wording.joined:
            room.peers.peer_joined(session_id, about, data["epoch"])
        elif about is not None:
            room.peers.peer_left(session_id, about)
        for seat in room.seats.in_call(session_id):
            meant = event.only is None or event.only == seat.side.value
            if meant and seat.side is not about:
                room.emit(seat.sid, name, event.data, event.droppable)
