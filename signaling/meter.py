"""The meter of a call: what starts it, what stops it, and who is told.

Every method works inside the caller's transaction, on a call that the caller loaded and will save.
"""

from datetime import datetime

from domain.calls.billable import close_interval, open_interval
from domain.calls.flow import CallFlow
from domain.calls.meter import arm_meter
from domain.calls.session import LiveSession, Proofs, Side
from domain.calls.states import CallState, Move
from domain.events import LiveSessionPaused, LiveSessionResumed, LiveSessionStarted
from domain.ports import Tx
from domain.timers import TimerKind


class Meter:
    """Opens and closes proven intervals, and makes a call live or paused by them."""

    def __init__(self, flow: CallFlow) -> None:
        self._flow = flow

    def proven(self, tx: Tx, call: LiveSession, side: Side, *, at: datetime, proofs: Proofs) -> None:
        """Media is proven at ``side`` from ``at`` on. Whoever returns after the grace changes nothing any more."""
        if self._grace_is_over(call, at):
            return
        me = call.participant(side)
        me.intervals, me.media = open_interval(me.intervals, at), "connected"
        if call.caller.counting and call.callee.counting:
            self._both_proven(tx, call, at, proofs)
            arm_meter(tx, call, self._flow.clock, proofs, self._flow.terms)
        elif call.denied_since is None and call.participant(side.other).present:
            self._watch_denial(tx, call, at)

    def _grace_is_over(self, call: LiveSession, now: datetime) -> bool:
        """Whether the call ended with its pause already, and only the timer that says so is still on its way."""
        until = call.pause_ends_at(self._flow.terms.grace, self._flow.terms.pause_limit)
        return call.state is CallState.PAUSED and until is not None and until <= now

    def _both_proven(self, tx: Tx, call: LiveSession, at: datetime, proofs: Proofs) -> None:
        flow = self._flow
        call.denied_since = None
        tx.disarm(TimerKind.MEDIA_DENIED, call.id)
        first = call.live_at is None
        if call.state in (CallState.READY, CallState.PAUSED):
            call.end_pause(at)
            call.move(Move.PROVEN, at=at, by="system", process=flow.process)
            tx.disarm(TimerKind.JOIN_TIMEOUT, call.id)
            tx.disarm(TimerKind.GRACE, call.id)
            version = call.version + 1
            if first:
                call.live_at = at
                flow.to_call(tx, call, LiveSessionStarted(call.id, version, at))
            else:
                seconds = call.billable_seconds(at, proofs)
                flow.to_call(tx, call, LiveSessionResumed(call.id, version, seconds))

    def lost(
        self, tx: Tx, call: LiveSession, side: Side, reason: str, *, at: datetime, proofs: Proofs
    ) -> None:
        """Media is not proven at ``side`` any more since ``at``; nothing happens if it was not before."""
        me = call.participant(side)
        me.media = "disconnected"
        if not me.counting:
            self._settle_denial(tx, call, at)
            return
        # An open interval never reaches beyond its last proof, whenever we learn of the loss.
        proof = proofs.get(side)
        ended = min(at, proof.believed_until(at)) if proof else at
        me.intervals = close_interval(me.intervals, ended)
        if call.state is CallState.LIVE:
            self.pause(tx, call, reason, at=ended, proofs=proofs)
            for kind in (TimerKind.TICK, TimerKind.AUTHORIZE, TimerKind.LIMIT):
                tx.disarm(kind, call.id)
        self._settle_denial(tx, call, self._flow.clock.now())

    def pause(self, tx: Tx, call: LiveSession, reason: str, *, at: datetime, proofs: Proofs) -> None:
        """Stand still, for the grace that is left: unbilled pause is limited per call."""
        flow = self._flow
        call.begin_pause(reason, at=at, process=flow.process)
        until = call.pause_ends_at(flow.terms.grace, flow.terms.pause_limit) or at
        tx.arm(TimerKind.GRACE, call.id, until)
        seconds = call.billable_seconds(at, proofs)
        flow.to_call(tx, call, LiveSessionPaused(call.id, call.version + 1, reason, seconds, until))

    def _settle_denial(self, tx: Tx, call: LiveSession, now: datetime) -> None:
        one_sided = call.caller.counting != call.callee.counting
        both_there = call.caller.present and call.callee.present
        if one_sided and both_there and call.denied_since is None:
            self._watch_denial(tx, call, now)
        elif not (one_sided and both_there) and call.denied_since is not None:
            call.denied_since = None
            tx.disarm(TimerKind.MEDIA_DENIED, call.id)

    def _watch_denial(self, tx: Tx, call: LiveSession, now: datetime) -> None:
        call.denied_since = now
        tx.arm(TimerKind.MEDIA_DENIED, call.id, now + self._flow.real(self._flow.terms.denial))
