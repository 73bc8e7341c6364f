"""Perfect negotiation between two peer connections, over generations.

The W3C's pattern (https://w3c.github.io/webrtc-pc/#perfect-negotiation-example): when two offers cross, the impolite side
(the caller) ignores the other's, the polite one (the callee) gives its own up and answers. Two things differ, because aiortc
can neither roll back nor restart ICE: giving up an offer, and an ICE restart, both mean a fresh connection. A restart raises
the *epoch*; what belongs to an older one is void.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiortc import RTCIceCandidate, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import candidate_from_sdp

from bootstrap.call.errors import Refused
from bootstrap.call.wire import Candidate, Description

Send = Callable[[int, Description | Candidate], Awaitable[None]]
Connect = Callable[[], RTCPeerConnection]


class Negotiator:
    """One side. Every method may be called at any time; they take turns."""

    def __init__(self, *, polite: bool, epoch: int, connect: Connect, send: Send) -> None:
        self.polite = polite
        self.epoch = epoch
        self.connection: RTCPeerConnection | None = None
        self._connect = connect
        self._send = send
        self._turn = asyncio.Lock()
        self._offered = False
        self._ignoring = False
        self._early: list[Candidate] = []
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def unanswered(self) -> bool:
        """Whether an offer of ours waits for its answer."""
        return self.connection is not None and self.connection.signalingState == "have-local-offer"

    async def begin(self) -> None:
        """Both may offer; so that they need not cross, the impolite side does and the polite one waits."""
        async with self._turn:
            if not self.polite and not self._offered:
                await self._offer()

    async def offer(self) -> None:
        """Offer now."""
        async with self._turn:
            await self._offer()

    async def restart(self) -> None:
        """A fresh connection in the next generation."""
        async with self._turn:
            self._enter(self.epoch + 1)
            await self._offer()

    async def renew(self, epoch: int) -> None:
        """The other side sits down anew, in generation ``epoch``."""
        async with self._turn:
            if epoch > self.epoch:
                self._enter(epoch)
            if epoch == self.epoch and not self.polite and not self._offered and self.connection is None:
                await self._offer()

    async def repeat(self) -> None:
        """Send an offer again whose answer does not come: one of the two got lost."""
        async with self._turn:
            if self.unanswered:
                await self._say_local()

    async def receive(self, epoch: int, signal: Description | Candidate) -> None:
        """Take what the other side sent."""
        async with self._turn:
            if epoch < self.epoch:
                return
            if epoch > self.epoch:
                self._enter(epoch)
            if isinstance(signal, Candidate):
                await self._candidate(signal)
            elif signal.type == "offer":
                await self._offered_to(signal)
            elif signal.type == "answer" and self.connection is not None and self.unanswered:
                await self.connection.setRemoteDescription(RTCSessionDescription(signal.sdp, "answer"))
                await self._early_candidates()

    async def hang(self) -> None:
        """Let the connection go without a word, as when the network is gone."""
        async with self._turn:
            self._drop()

    async def close(self) -> None:
        """Give everything back."""
        async with self._turn:
            self._drop()
        await asyncio.gather(*self._closing, return_exceptions=True)

    # --- in turn ------------------------------------------------------------------------------------------------------

    async def _offer(self) -> None:
        self._offered = True
        connection = self._present()
        await connection.setLocalDescription(await connection.createOffer())
        try:
            await self._say_local()
        except Refused as refused:
            if refused.code != "STALE_EPOCH" or refused.epoch is None or refused.epoch < self.epoch:
                raise
            # The other side was first. Its offer, or the news that it sits down anew, is on the way.
            self._enter(refused.epoch)

    async def _offered_to(self, offer: Description) -> None:
        self._ignoring = self.unanswered and not self.polite
        if self._ignoring:
            return
        if self.unanswered:
            self._drop()
        connection = self._present()
        await connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        await self._early_candidates()
        await self._say_local()

    async def _say_local(self) -> None:
        local = self._present().localDescription
        await self._send(self.epoch, Description(type=local.type, sdp=local.sdp))

    async def _candidate(self, candidate: Candidate) -> None:
        if self._ignoring:
            return
        connection = self.connection
        if connection is None or connection.remoteDescription is None:
            self._early.append(candidate)
            return
        await connection.addIceCandidate(_parsed(candidate))

    async def _early_candidates(self) -> None:
        early, self._early = self._early, []
        for candidate in early:
            await self._candidate(candidate)

    def _present(self) -> RTCPeerConnection:
        if self.connection is None:
            self.connection = self._connect()
        return self.connection

    def _enter(self, epoch: int) -> None:
        self._drop()
        self.epoch, self._offered, self._ignoring = epoch, False, False

    def _drop(self) -> None:
        connection, self.connection = self.connection, None
        self._early = []
        if connection is not None:
            # aiortc takes up to a second to say goodbye; nobody waits for that.
            task = asyncio.create_task(connection.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


def _parsed(candidate: Candidate) -> RTCIceCandidate | None:
    """aiortc's form; None ends the list."""
    if not candidate.candidate:
        return None
    parsed = candidate_from_sdp(candidate.candidate.removeprefix("candidate:"))
    parsed.sdpMid, parsed.sdpMLineIndex = candidate.sdp_mid, candidate.sdp_m_line_index
    return parsed
