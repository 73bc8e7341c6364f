"""Signals from one participant to the other, wherever its socket is: in this process directly, else through its inbox.

Signals travel as :mod:`realtime.cluster.frames`. Two more frames keep order between processes; both have the call ``s`` and the
side ``to`` they are for:

* ``here`` ``by, e, heard, for, answer``: the sender's socket ``[process, sid]``, and how much it heard from the socket ``for``;
  whoever receives it sends what is missing and, if asked, its own ``here``,
* ``nobody`` ``for, n``: no such socket here any more, signal ``n`` was not delivered.

Those of a scheduled session say so: ``v``.
"""

import logging
from collections.abc import Callable, Collection
from typing import Any

import orjson

from domain.bus import Bus, process_channel
from domain.calls.session import Side
from domain.calls.views import SocketRef
from domain.ids import SessionId
from realtime.cluster import frames
from realtime.cluster.feeds import Emit
from realtime.cluster.room import CALLS, Wording
from realtime.metrics import Counts
from realtime.schedule import Schedule
from signaling.relay import Description, Negotiation, Signal
from signaling.seats import Missed, Numbered, Seat, Seats

log = logging.getLogger(__name__)

#: Seconds between two ``here`` to a peer that has not answered.
ASK_AGAIN = 1.0


class Peers:
    """The seats of this process, linked to their peers."""

    def __init__(
        self,
        process: str,
        seats: Seats,
        bus: Bus,
        schedule: Schedule,
        emit: Emit,
        relay: Callable[[str, bytes], None],
        counts: Counts,
        wording: Wording = CALLS,
    ) -> None:
        """``relay`` sends a socket a signal that is encoded already; ``wording`` is that of the namespace."""
        self._wording = wording
        #: what tells these frames from those of the other namespace
        self._of = {"v": True} if wording.mark else {}
        self._relay = relay
        self._process = process
        self._seats = seats
        self._bus = bus
        self._schedule = schedule
        self._emit = emit
        self._counts = counts
        #: ``here`` for a seat whose join is committed but not taken here yet
        self._early: dict[tuple[SessionId, Side], dict[str, Any]] = {}
        #: who waits for a seat of this process whose join is committed but not taken yet, by the seat waited for
        self._awaited: dict[tuple[SessionId, Side], str] = {}
        self._unanswered: set[str] = set()
        self._asking = False

    def seated(self, seat: Seat, peer: SocketRef | None) -> None:
        """A socket took its seat; ``peer`` is where the other side sat at that moment."""
        other = self._seats.at(seat.session_id, seat.side.other)
        early = self._early.pop((seat.session_id, seat.side), None)
        awaited_by = self._awaited.pop((seat.session_id, seat.side), None)
        if other is not None and (peer is None or peer == self._ref(other) or awaited_by == other.sid):
            self._link(seat, other)
            self._link(other, seat)
        elif early is not None:
            self._here(seat, early)
        elif peer is None:
            return
        elif peer.process != self._process:
            seat.last_peer = peer
            self._ask(seat)
        else:
            # Two joins of one moment may be taken here in the other order: the first one's view of its peer is older.
            self._await(seat)

    def left(self, seat: Seat) -> None:
        """A socket of this process left its seat."""
        self._unanswered.discard(seat.sid)
        other = self._seats.at(seat.session_id, seat.side.other)
        if other is not None and other.peer == self._ref(seat):
            other.peer_is_away()

    def peer_joined(self, session_id: SessionId, side: Side, epoch: int) -> None:
        """The socket of ``side`` joined somewhere; it will say where."""
        seat = self._seats.at(session_id, side.other)
        if seat is not None:
            seat.begin_epoch(epoch)

    def peer_left(self, session_id: SessionId, side: Side) -> None:
        """The socket of ``side`` is gone. If that is old news, its successor answers when asked."""
        seat = self._seats.at(session_id, side.other)
        if seat is not None and (seat.peer is None or seat.peer.process != self._process):
            seat.peer_is_away()
            self._ask(seat)

    def send(self, seat: Seat, after: Negotiation, signal: Signal, raw: bytes | None) -> None:
        """Number a judged signal and deliver it; kept while the peer is away. ``raw`` is the event as it came."""
        other = seat.beside
        if other is not None and raw is not None and not other.gone:
            # Validated, with nothing in it but what the peer is to be told: there is no need to encode it again.
            self._counts.signals_local += 1
            if seat.hand_over(other, after, signal):
                self._relay(other.sid, raw)
            return
        numbered = seat.send(after, signal, raw)
        if numbered is not None:
            self.pass_on(seat, numbered)

    def pass_on(self, seat: Seat, signal: Numbered) -> None:
        """Deliver one numbered signal of a seat to its peer."""
        peer = seat.peer
        if peer is None:
            return
        if peer.process != self._process:
            self._counts.signals_remote += 1
            by = SocketRef(self._process, seat.sid)
            args = self._args(seat.session_id, signal)
            frame = frames.encode(
                seat.session_id, seat.side.other, by, peer.sid, signal, args, self._wording.mark
            )
            self._bus.send(process_channel(peer.process), frame)
            return
        other = self._seats.of(peer.sid)
        if other is None or other.gone:
            seat.peer_is_away(signal.n)
            return
        try:
            heard = other.hear(seat.sid, signal)
        except Missed as missed:
            log.warning("a signal was not passed on within this process: %s", missed)
            self._link(seat, other)
            return
        self._counts.signals_local += 1
        if not heard:
            return
        if signal.raw is not None:
            self._relay(other.sid, signal.raw)
        else:
            self._emit(other.sid, self._wording.signal, self._told(other.session_id, signal), False)

    def hear_signal(self, frame: frames.SignalFrame) -> None:
        """A signal from another process."""
        seat = self._seats.at(frame.session_id, frame.to)
        if seat is None or seat.sid != frame.sid:
            self._nobody(frame)
            return
        try:
            if seat.hear(frame.by.sid, frame.numbered):
                self._relay(seat.sid, frame.args)
        except Missed as missed:
            log.info("a signal got lost between processes: %s", missed)
            self._say_here(seat, frame.by, answer=True)

    def hear(self, frame: dict[str, Any]) -> None:
        """Where a peer of another process is, or is not."""
        session_id, side = SessionId(frame["s"]), Side(frame["to"])
        seat = self._seats.at(session_id, side)
        kind = frame["k"]
        if kind == "here":
            if seat is None:
                self._early[session_id, side] = frame
                self._schedule.after(10.0, lambda: self._forget_early(session_id, side, frame))
            else:
                self._here(seat, frame)
        elif kind == "nobody" and seat is not None and seat.peer == SocketRef(*frame["for"]):
            seat.peer_is_away(frame["n"])
            self._ask(seat)

    def missed(self) -> None:
        """This process was deaf: every remote peer is told what was heard, and says what it heard."""
        for seat in self._seats:
            if seat.last_peer is not None and seat.last_peer.process != self._process:
                self._ask(seat)

    def unsent(self, processes: Collection[str]) -> None:
        """Frames for ``processes`` did not get out: their peers are asked what they heard, as soon as the bus takes it."""
        for seat in self._seats:
            if seat.last_peer is not None and seat.last_peer.process in processes:
                # Not at once: what would be said now would be lost like what went before.
                self._unanswered.add(seat.sid)
        if self._unanswered:
            self._ask_later()

    # --- between processes ------------------------------------------------------------------------------------------

    def _nobody(self, frame: frames.SignalFrame) -> None:
        gone = {
            **self._of,
            "k": "nobody",
            "s": frame.session_id,
            "to": frame.to.other.value,
            "for": [self._process, frame.sid],
            "n": frame.numbered.n,
        }
        self._bus.send(process_channel(frame.by.process), orjson.dumps(gone))

    def _here(self, seat: Seat, frame: dict[str, Any]) -> None:
        peer = SocketRef(*frame["by"])
        self._unanswered.discard(seat.sid)
        seat.begin_epoch(frame["e"])
        heard = frame["heard"] if frame["for"] == [self._process, seat.sid] else 0
        for owed in seat.peer_is_at(peer, heard):
            self.pass_on(seat, owed)
        if frame["answer"]:
            self._say_here(seat, peer, answer=False)

    def _ask(self, seat: Seat) -> None:
        """Say where this seat is until the peer answers."""
        if seat.last_peer is None or seat.last_peer.process == self._process:
            return
        self._unanswered.add(seat.sid)
        self._say_here(seat, seat.last_peer, answer=True)
        self._ask_later()

    def _ask_later(self) -> None:
        if not self._asking:
            self._asking = True
            self._schedule.after(ASK_AGAIN, self._ask_again)

    def _ask_again(self) -> None:
        self._asking = False
        for sid in list(self._unanswered):
            seat = self._seats.of(sid)
            if seat is None:
                self._unanswered.discard(sid)
            else:
                self._ask(seat)

    def _say_here(self, seat: Seat, peer: SocketRef, *, answer: bool) -> None:
        frame = {
            **self._of,
            "k": "here",
            "s": seat.session_id,
            "to": seat.side.other.value,
            "by": [self._process, seat.sid],
            "for": [peer.process, peer.sid],
            "e": seat.epoch,
            "heard": seat.heard(peer.sid),
            "answer": answer,
        }
        self._bus.send(process_channel(peer.process), orjson.dumps(frame))

    def _await(self, seat: Seat) -> None:
        place = seat.session_id, seat.side.other
        self._awaited[place] = seat.sid
        self._schedule.after(10.0, lambda: self._await_no_more(place, seat.sid))

    def _await_no_more(self, place: tuple[SessionId, Side], sid: str) -> None:
        if self._awaited.get(place) == sid:
            del self._awaited[place]

    def _forget_early(self, session_id: SessionId, side: Side, frame: dict[str, Any]) -> None:
        if self._early.get((session_id, side)) is frame:
            del self._early[session_id, side]

    # --- in this process --------------------------------------------------------------------------------------------

    def _link(self, seat: Seat, other: Seat) -> None:
        owed = seat.peer_is_at(self._ref(other), other.heard(seat.sid))
        # What is not kept any more cannot be asked for: nobody else in this process has it.
        for n, signal in enumerate(owed):
            self.pass_on(seat, signal if n else signal._replace(before=0))
        seat.beside = other

    def _ref(self, seat: Seat) -> SocketRef:
        return SocketRef(self._process, seat.sid)

    # --- as browsers know it ----------------------------------------------------------------------------------------

    def _told(self, session_id: SessionId, signal: Numbered) -> dict[str, object]:
        return {self._wording.subject: session_id, "epoch": signal.epoch, **signal_wire(signal.signal)}

    def _args(self, session_id: SessionId, signal: Numbered) -> bytes:
        raw = signal.raw
        if raw is not None and b"\n" not in raw:
            return raw
        return orjson.dumps([self._wording.signal, self._told(session_id, signal)])


def signal_wire(signal: Signal) -> dict[str, object]:
    """A signal as browsers know it: ``description`` or ``candidate``, with absent fields left out."""
    if isinstance(signal, Description):
        return {"description": {"type": signal.type.value, "sdp": signal.sdp}}
    told = {
        "candidate": signal.candidate,
        "sdpMid": signal.sdp_mid,
        "sdpMLineIndex": signal.sdp_m_line_index,
        "usernameFragment": signal.username_fragment,
    }
    return {"candidate": {key: value for key, value in told.items() if value is not None}}
