"""The bus's listener: each channel's frames to whom they concern, and every gap counted and mended."""

import logging
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import orjson

from domain.accounts.revocations import Revocation
from domain.bus import REVOKED, Published, process_channel
from domain.calls.session import Side
from domain.events import LivePeerJoined, LivePeerLeft, LiveSeatTaken, LiveSessionTick
from domain.ids import CoachId, SessionId, UserId
from realtime.cluster import frames
from realtime.cluster.feeds import Emit, Feeds
from realtime.cluster.peers import Peers
from realtime.cluster.watchers import Watchers
from realtime.metrics import Counts
from signaling.seats import Seats

#: One event for several sockets, encoded once: (sids, event, data, droppable)
EmitTo = Callable[[Collection[str], str, object, bool], None]
log = logging.getLogger(__name__)


class Receiver:
    """Implements :class:`domain.bus.BusListener`."""

    def __init__(
        self,
        *,
        process: str,
        feeds: Feeds,
        watchers: Watchers,
        peers: Peers,
        seats: Seats,
        emit_live: Emit,
        emit_live_to: EmitTo,
        seat_taken: Callable[[str], None],
        revoked: Callable[[Revocation], object],
        counts: Counts,
    ) -> None:
        self._inbox = process_channel(process)
        self._feeds = feeds
        self._watchers = watchers
        self._peers = peers
        self._seats = seats
        self._emit_live = emit_live
        self._emit_live_to = emit_live_to
        self._seat_taken = seat_taken
        self._revoked = revoked
        self._counts = counts

    def frame(self, channel: str, frame: bytes) -> None:
        """Anybody who reaches the bus could write to it: what is no frame is counted, not believed."""
        try:
            if frames.is_signal(frame):
                self._peers.hear_signal(frames.decode(frame))
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
            self._peers.missed()

    def lost(self, channels: Collection[str]) -> None:
        # What was committed is published again by the sweep of the outbox; signals are in their seats' windows.
        self._peers.unsent({channel[2:] for channel in channels if channel.startswith("p:")})

    def _route(self, channel: str, frame: dict[str, Any]) -> None:
        if channel == REVOKED:
            at = datetime.fromisoformat(frame["at"])
            self._revoked(Revocation(UserId(frame["userId"]), tuple(frame["families"]), at))
            return
        kind = frame["k"]
        if kind in ("here", "nobody"):
            self._peers.hear(frame)
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
            self._call(SessionId(event.key), event)
        elif kind == "process":
            self._ticks(frame["data"]["ticks"])

    def _ticks(self, ticks: list[dict[str, Any]]) -> None:
        """One frame, and to each socket the tick of its call."""
        for tick in ticks:
            sids = [seat.sid for seat in self._seats.in_call(SessionId(tick["sessionId"]))]
            self._emit_live_to(sids, LiveSessionTick.name, tick, LiveSessionTick.droppable)

    def _call(self, session_id: SessionId, event: Published) -> None:
        data: Any = event.data
        if event.name == LiveSeatTaken.name:
            # For the socket that lost the seat alone; its successor may sit in this process too.
            self._emit_live(data["sid"], event.name, data, event.droppable)
            self._seat_taken(data["sid"])
            return
        if event.name == LivePeerJoined.name:
            self._peers.peer_joined(session_id, Side(data["role"]), data["epoch"])
        elif event.name == LivePeerLeft.name:
            self._peers.peer_left(session_id, Side(data["role"]))
        for seat in self._seats.in_call(session_id):
            about_itself = (
                event.name in (LivePeerJoined.name, LivePeerLeft.name) and data["role"] == seat.side.value
            )
            meant = event.only is None or event.only == seat.side.value
            if meant and not about_itself:
                self._emit_live(seat.sid, event.name, event.data, event.droppable)
