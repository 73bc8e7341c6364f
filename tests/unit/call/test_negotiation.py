"""Two real peer connections, and between them the server's own rules about who may send what."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiortc import RTCConfiguration, RTCPeerConnection

from bootstrap.call.errors import Refused
from bootstrap.call.negotiation import Negotiator
from bootstrap.call.wire import Candidate, Description
from domain.errors import Conflict
from signaling import relay

Wire = Description | Candidate
DEADLINE = 30.0


class Relay:
    """What the server does with signals: judge, then deliver in order. A script may hold them back or lose some."""

    def __init__(self) -> None:
        self.epoch = 0
        self.sides: list[Negotiator] = []
        self.refused: list[str] = []
        self.sent: list[tuple[int, str]] = []
        self.lose: Callable[[Wire], bool] = lambda _: False
        self.rewrite: Callable[[Wire], list[Wire]] = lambda signal: [signal]
        self._rules = [relay.Negotiation(polite=False, epoch=0), relay.Negotiation(polite=True, epoch=0)]
        self._inboxes: list[asyncio.Queue[tuple[int, Wire]]] = [asyncio.Queue(), asyncio.Queue()]
        self._open = asyncio.Event()
        self._open.set()

    def hold(self) -> None:
        """Deliver nothing until :meth:`release`."""
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def sender(self, side: int) -> Callable[[int, Wire], Awaitable[None]]:
        async def send(epoch: int, signal: Wire) -> None:
            self.sent.append((side, "candidate" if isinstance(signal, Candidate) else signal.type))
            self._judge(side, epoch, signal)
            if not self.lose(signal):
                for part in self.rewrite(signal):
                    self._inboxes[1 - side].put_nowait((epoch, part))

        return send

    async def deliver(self, side: int) -> None:
        while True:
            await self._open.wait()
            epoch, signal = await self._inboxes[side].get()
            await self._open.wait()
            heard = self._rules[side].received(epoch, _judged(signal))
            self._rules[side] = heard or self._rules[side]
            await self.sides[side].receive(epoch, signal)

    def _judge(self, side: int, epoch: int, signal: Wire) -> None:
        try:
            after = self._rules[side].sent(epoch, _judged(signal))
            if after.epoch > self._rules[side].epoch:
                self._bump(after.epoch)
        except Conflict as conflict:
            self.refused.append(conflict.code)
            raise Refused(conflict.code, conflict.message, details=conflict.details) from conflict
        self._rules[side] = after

    def _bump(self, epoch: int) -> None:
        if epoch != self.epoch + 1:
            raise Conflict("The other was first.", code=relay.Code.STALE_EPOCH, details={"epoch": self.epoch})
        self.epoch = epoch


def _judged(signal: Wire) -> relay.Signal:
    if isinstance(signal, Candidate):
        return relay.Candidate(signal.candidate, signal.sdp_mid, signal.sdp_m_line_index)
    return relay.Description(relay.DescriptionType(signal.type), signal.sdp)


def _connection() -> RTCPeerConnection:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver("audio")
    return connection


@asynccontextmanager
async def pair() -> AsyncIterator[tuple[Relay, Negotiator, Negotiator]]:
    """Caller (impolite) and callee (polite), not negotiating yet."""
    between = Relay()
    between.sides = [
        Negotiator(polite=polite, epoch=0, connect=_connection, send=between.sender(side))
        for side, polite in enumerate((False, True))
    ]
    pumps = [asyncio.create_task(between.deliver(side)) for side in (0, 1)]
    try:
        yield between, *between.sides
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        await asyncio.gather(*(side.close() for side in between.sides))


async def until(true: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(DEADLINE):
        while not true():  # noqa: ASYNC110 - a connection's state has no event to wait for
            await asyncio.sleep(0.02)


def connected(*sides: Negotiator) -> bool:
    return all(
        side.connection is not None and side.connection.connectionState == "connected" for side in sides
    )


async def test_the_impolite_side_offers_and_both_connect() -> None:
    async with pair() as (between, caller, callee):
        await asyncio.gather(callee.begin(), caller.begin())

        await until(lambda: connected(caller, callee))

        assert between.sent == [(0, "offer"), (1, "answer")]


async def test_when_offers_cross_the_polite_side_gives_up_its_own() -> None:
    async with pair() as (between, caller, callee):
        between.hold()
        await asyncio.gather(caller.offer(), callee.offer())
        kept, given_up = caller.connection, callee.connection
        between.release()

        await until(lambda: connected(caller, callee))

        assert caller.connection is kept
        assert callee.connection is not given_up
        assert between.sent == [(0, "offer"), (1, "offer"), (1, "answer")]
        assert between.refused == []


async def test_a_lost_offer_is_sent_again() -> None:
    async with pair() as (between, caller, callee):
        between.lose = lambda _: True
        await caller.begin()
        between.lose = lambda _: False

        await caller.repeat()

        await until(lambda: connected(caller, callee))
        assert between.refused == []


async def test_a_lost_answer_is_given_again() -> None:
    async with pair() as (between, caller, callee):
        between.lose = lambda signal: isinstance(signal, Description) and signal.type == "answer"
        await caller.begin()
        await until(lambda: (1, "answer") in between.sent)
        between.lose = lambda _: False

        await caller.repeat()

        await until(lambda: connected(caller, callee))
        assert between.sent.count((1, "answer")) == 2
        assert between.refused == []


async def test_an_offer_that_was_answered_is_not_sent_again() -> None:
    async with pair() as (between, caller, callee):
        await caller.begin()
        await until(lambda: connected(caller, callee))

        await caller.repeat()
        await callee.repeat()

        assert between.sent == [(0, "offer"), (1, "answer")]


async def test_a_restart_connects_anew_in_the_next_generation() -> None:
    async with pair() as (between, caller, callee):
        await caller.begin()
        await until(lambda: connected(caller, callee))
        before = (caller.connection, callee.connection)

        await callee.restart()

        await until(lambda: caller.epoch == 1 and connected(caller, callee))
        assert (caller.epoch, callee.epoch, between.epoch) == (1, 1, 1)
        assert caller.connection is not before[0]
        assert callee.connection is not before[1]


async def test_when_both_restart_the_later_one_follows_the_earlier() -> None:
    async with pair() as (between, caller, callee):
        await caller.begin()
        await until(lambda: connected(caller, callee))
        between.hold()

        await asyncio.gather(callee.restart(), caller.restart())
        between.release()

        await until(lambda: connected(caller, callee))
        assert (caller.epoch, callee.epoch, between.epoch) == (1, 1, 1)
        assert between.refused == ["STALE_EPOCH"]


async def test_a_connection_that_went_without_a_word_comes_back_by_a_restart() -> None:
    async with pair() as (_, caller, callee):
        await caller.begin()
        await until(lambda: connected(caller, callee))
        await caller.hang()

        await caller.restart()

        await until(lambda: callee.epoch == 1 and connected(caller, callee))


async def test_the_caller_offers_again_when_the_callee_sits_down_anew() -> None:
    async with pair() as (between, caller, callee):
        await caller.begin()
        await until(lambda: connected(caller, callee))
        between.epoch = 1
        between._rules = [relay.Negotiation(polite=False, epoch=1), relay.Negotiation(polite=True, epoch=1)]

        await asyncio.gather(callee.renew(1), caller.renew(1))

        await until(lambda: callee.epoch == 1 and connected(caller, callee))
        assert between.sent == [(0, "offer"), (1, "answer")] * 2


async def test_what_belongs_to_a_past_generation_is_void() -> None:
    async with pair() as (_, caller, callee):
        await caller.begin()
        await until(lambda: connected(caller, callee))
        await caller.restart()
        await until(lambda: callee.epoch == 1 and connected(caller, callee))
        present = callee.connection

        await callee.receive(0, Description(type="offer", sdp="of yesterday"))

        assert callee.connection is present
        assert connected(caller, callee)


async def test_candidates_that_trickle_in_early_are_kept_for_the_offer() -> None:
    async with pair() as (between, caller, callee):
        between.rewrite = lambda signal: _candidates_first(signal)

        await caller.begin()

        await until(lambda: connected(caller, callee))


def _candidates_first(signal: Wire) -> list[Wire]:
    """The same description as a browser would trickle it, and badly ordered at that."""
    assert isinstance(signal, Description)
    lines = signal.sdp.splitlines(keepends=True)
    trickled: list[Wire] = [
        Candidate(candidate=line.strip().removeprefix("a="), sdp_mid="0", sdp_m_line_index=0)
        for line in lines
        if line.startswith("a=candidate:")
    ]
    rest = "".join(line for line in lines if not line.startswith(("a=candidate:", "a=end-of-candidates")))
    return [*trickled, Candidate(candidate="", sdp_mid="0"), Description(type=signal.type, sdp=rest)]
