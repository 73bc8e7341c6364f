"""Pairs of a call on ``/live`` that send each other ICE candidates, and time each from the instant it was due."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from loadtests.load.crew import Crew, Window, all_in, all_out, paced, settled, until
from loadtests.load.tally import Recorder
from loadtests.load.wire import PATIENCE, Client, Lost, ignore

#: Bytes of a whole signal frame without the number of an acknowledgement.
SIZE = 800
NAMESPACE = "/live"
#: In every candidate: the microsecond (monotonic clock) at which it was due, and its number on this way.
_DUE, _NUMBER = b"~t", b"~n"
_MARKS = b"~t%016d~n%010d"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two participants of a call: their access tokens, and where each connects (``http://host:port``)."""

    session_id: str
    caller: str
    callee: str
    url: str
    callee_url: str = ""
    #: local addresses to come from
    sources: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class RelayShare:
    """``described`` sends an offer and an answer first: a server that follows the negotiation wants them before candidates."""

    pairs: tuple[Pair, ...]
    at_once: int = 50
    described: bool = False


class Relaying(Crew):
    """Pairs that are in a call already. Counts ``sent``, ``received``, ``acked``, ``refused`` (an acknowledgement that says
    so), ``disordered``, ``lost``, ``unanswered``, ``gone`` (connections); times ``delivery`` and ``ack``."""

    #: two of a pair are never neighbours
    ends: "Sequence[End]" = ()

    async def run(self, window: Window) -> None:
        """Open loop with a rate; else closed loop with so many on their way in each direction of a pair."""
        for end in self.ends:
            end.begin(self.record, window)
        if not self.ends:
            await until(window.end)
        elif window.rate:
            await paced(self, window, self._send)
        else:
            await until(window.start)
            for _ in range(window.in_flight):
                for end in self.ends:
                    end.refilled()
            await until(window.end)
            for end in self.ends:
                end.refills = False
        await settled(self._missing)
        self._conclude(window)

    def seated(self, pairs: "Iterable[tuple[End, End]]") -> None:
        """These are there."""
        there = [pair for pair in pairs if all(end.client.open for end in pair)]
        self.ends = [one for one, _ in there] + [other for _, other in there]

    def _send(self, n: int, due: int) -> None:
        ends = self.ends
        ends[n % len(ends)].send(due)

    def _missing(self) -> int:
        counts = self.record.counts
        acks = counts["acked"] + counts["refused"]
        asked = counts["sent"] if self.ends and self.ends[0].asks else 0
        # A refused signal is not relayed.
        return max(0, counts["sent"] - counts["refused"] - counts["received"]) + max(0, asked - acks)

    def _conclude(self, window: Window) -> None:
        counts = self.record.counts
        counts["lost"] = max(0, counts["sent"] - counts["refused"] - counts["received"])
        if window.acks:
            counts["unanswered"] = counts["sent"] - counts["acked"] - counts["refused"]
        counts["gone"] = sum(not end.client.open for end in self.ends)


class Relay(Relaying):
    """Pairs of calls that the server believes in without having seen them rung."""

    Share = RelayShare
    share: RelayShare

    def __init__(self, share: RelayShare) -> None:
        super().__init__(share)
        self._pairs = [paired(End(pair.session_id), End(pair.session_id)) for pair in share.pairs]

    async def open(self) -> None:
        """Both connect, authenticate and join; then the next pair."""
        arrivals = []
        for pair, ends in zip(self.share.pairs, self._pairs, strict=True):
            urls = pair.url, pair.callee_url or pair.url
            for end, url, token, device, source in zip(
                ends, urls, (pair.caller, pair.callee), "ab", pair.sources or (None, None), strict=True
            ):
                arrivals.append(partial(end.join, url, token, device, source, resume=True))
        await all_in(self, arrivals, self.share.at_once)
        self.seated(self._pairs)
        if self.share.described:
            for caller, callee in self._pairs:
                with contextlib.suppress(Lost):  # it shows in ``gone``
                    await describe(caller, callee)

    async def close(self) -> None:
        """Politely."""
        await all_out([end.client for pair in self._pairs for end in pair])


def paired(one: "End", other: "End") -> "tuple[End, End]":
    """Two that hear each other."""
    one.peer, other.peer = other, one
    return one, other


class End:
    """One participant's socket."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.client = Client(NAMESPACE)
        self.client.heard, self.client.acked = self._heard, self._acked
        self.peer = self
        #: gets the frames of all other events
        self.otherwise: Callable[[bytes], None] = ignore
        self.asks = self.refills = False
        self.epoch = 0
        self._sent = self._got = self._since = 0
        self._due: dict[int, int] = {}
        self.begin(Recorder(), Window(0))

    async def join(self, url: str, token: str, device: str, source: str | None, *, resume: bool) -> None:
        """Connect and take the seat; ``resume`` says that the call goes on, and candidates need no new description.

        Raises:
            Refused, Lost: see :class:`~loadtests.load.wire.Client`.
            Failed: the handshake was.
        """
        await self.client.connect(url, {"token": token, "deviceId": device}, source=source)
        ask = {"sessionId": self.session_id, "deviceId": device, "resume": resume}
        joined = await self.client.call("join-live-session-handshake", ask)
        self.epoch = int(joined.get("epoch", 0))

    def begin(self, record: Recorder, window: Window) -> None:
        """Count into a new window; what is of an earlier one is ignored."""
        self._counts = record.counts
        self._deliveries, self._acks = record.series("delivery"), record.series("ack")
        self.asks, self.refills = window.acks, window.rate == 0
        self._since = window.start // 1000
        self._due.clear()
        self._got = self.peer._sent
        self._template = _template(self.session_id, self.epoch, b"%d" if window.acks else b"")

    def refilled(self) -> None:
        """Closed loop: send the next one now."""
        self.send(time.monotonic_ns())

    def send(self, due: int) -> None:
        """One signal that was due at a nanosecond of the monotonic clock."""
        microsecond = due // 1000
        self._sent = number = self._sent + 1
        self._counts["sent"] += 1
        if self.asks:
            self._due[number] = microsecond
            self.client.send(self._template % (number, microsecond, number))
        else:
            self.client.send(self._template % (microsecond, number))

    def _heard(self, payload: bytes) -> None:
        at = payload.find(_DUE)
        if at < 0:
            self.otherwise(payload)
            return
        due = int(payload[at + 2 : at + 18])
        if due < self._since:
            return
        self._deliveries.now[time.monotonic_ns() // 1000 - due] += 1
        self._counts["received"] += 1
        number = int(payload[at + 20 : at + 30])
        if number <= self._got:  # a gap is no disorder: it is of signals that were lost or refused
            self._counts["disordered"] += 1
        self._got = number
        if self.peer.refills:
            self.peer.refilled()

    def _acked(self, number: int, payload: bytes) -> None:
        due = self._due.pop(number, 0)
        if not due:
            return
        self._acks.now[time.monotonic_ns() // 1000 - due] += 1
        self._counts["acked" if b'"ok":true' in payload else "refused"] += 1


def _template(session_id: str, epoch: int, ack: bytes) -> bytes:
    """A signal frame of :data:`SIZE` bytes, for ``%``: acknowledgement (if any), microsecond, number."""
    text = "candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host "
    candidate: dict[str, Any] = {"candidate": text, "sdpMid": "0", "sdpMLineIndex": 0}
    body = orjson.dumps(["live-signal", {"sessionId": session_id, "epoch": epoch, "candidate": candidate}])
    frame = f"42{NAMESPACE},".encode() + ack + body
    marks = len(_MARKS % (0, 0))
    padding = b"x" * max(0, SIZE - len(frame) + len(ack) - marks)
    return frame.replace(b"typ host ", b"typ host " + _MARKS + padding)


async def describe(caller: End, callee: End) -> None:
    """An offer, and an answer to it, so that candidates belong to something.

    The offer may still be on its way when it is acknowledged, to another process; an answer to nothing is illegal.

    Raises:
        Failed: the server found one illegal.
        Lost: a connection ended, or the offer did not come.
    """
    offered, otherwise = asyncio.Event(), callee.otherwise

    def take(payload: bytes) -> None:
        otherwise(payload)
        if payload.find(b'["live-signal"') >= 0:
            offered.set()

    callee.otherwise = take
    try:
        await _describe(caller, "offer")
        async with asyncio.timeout(PATIENCE):
            await offered.wait()
    except TimeoutError as error:
        raise Lost(f"no offer in {PATIENCE:g} s") from error
    finally:
        callee.otherwise = otherwise
    await _describe(callee, "answer")


async def _describe(end: End, kind: str) -> None:
    description = {"type": kind, "sdp": "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"}
    ask = {"sessionId": end.session_id, "epoch": 0, "description": description}
    await end.client.call("live-signal", ask)
