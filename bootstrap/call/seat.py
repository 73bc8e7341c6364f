"""One side of a call on its dedicated socket: negotiation, media, proofs, and silence while the call is paused."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection

from bootstrap.call.errors import CallError
from bootstrap.call.media import Audience, Studio
from bootstrap.call.negotiation import Negotiator
from bootstrap.call.peer import Peer
from bootstrap.call.proof import Prover
from bootstrap.call.socket import Socket
from bootstrap.call.wire import Candidate, Description, Joined, PeerJoined, Signal

#: Real seconds after which an offer without an answer is sent again.
ANSWER_TIMEOUT = 3.0
#: A connection that fails is made anew so often.
MAX_RESTARTS = 3


class LiveSeat:
    """From :meth:`take` to :meth:`leave`."""

    def __init__(self, peer: Peer, studio: Studio, audience: Audience) -> None:
        self.peer = peer
        self.studio = studio
        self.audience = audience
        self._work: asyncio.Queue[Coroutine[Any, Any, None]] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._socket: Socket | None = None
        self._joined: Joined | None = None
        self._negotiator: Negotiator | None = None
        self._prover: Prover | None = None
        self._restarts = 0

    @property
    def socket(self) -> Socket:
        """The dedicated socket."""
        if self._socket is None:
            raise CallError("Nobody sits here yet.")
        return self._socket

    @property
    def joined(self) -> Joined:
        """The snapshot of the join."""
        if self._joined is None:
            raise CallError("Nobody sits here yet.")
        return self._joined

    @property
    def negotiator(self) -> Negotiator:
        """This side's negotiation."""
        if self._negotiator is None:
            raise CallError("Nobody sits here yet.")
        return self._negotiator

    @property
    def packets(self) -> int:
        """RTP packets that arrived."""
        return self._prover.packets if self._prover else 0

    async def take(self, session_id: str) -> Joined:
        """Join, begin to negotiate, and report media from now on."""
        self._socket = socket = await self.peer.approach()
        # What the other side sends may arrive before the answer to our join is read: it waits in the queue.
        socket.listen(self._on_event)
        self._joined = joined = await self.peer.join(session_id)
        self._negotiator = Negotiator(
            polite=joined.polite, epoch=joined.epoch, connect=self._connect, send=self._send
        )
        self._prover = Prover(
            lambda: (self.negotiator.epoch, self.negotiator.connection),
            self._report,
            joined.proof_interval_ms / 1000,
        )
        self._work.put_nowait(self.negotiator.begin())
        self._tasks = [asyncio.create_task(self._run(run)) for run in (self._negotiate(), self._prover.run())]
        return joined

    async def end(self) -> None:
        """Hang up, for both."""
        await self.socket.ask("live-session-end", {"sessionId": self.joined.session_id})

    async def lose_connection(self) -> None:
        """The network is gone, without a goodbye to anybody."""
        await self.negotiator.hang()

    async def restart(self) -> None:
        """The network is back: ICE restart, in the next generation."""
        await self.negotiator.restart()

    async def leave(self) -> None:
        """Stop everything of this side and close the socket."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self._work.empty():
            self._work.get_nowait().close()
        if self._negotiator is not None:
            await self._negotiator.close()
        await self.audience.leave()
        await self.peer.rise()

    # --- what the socket says -----------------------------------------------------------------------------------------

    def _on_event(self, name: str, data: Any) -> None:
        try:
            self._hear(name, data)
        except CallError as error:
            self.socket.fail(error)

    def _hear(self, name: str, data: Any) -> None:
        if name == "live-signal":
            signal = Signal.read(data)
            what = signal.description or signal.candidate
            if what is not None:
                self._work.put_nowait(self._receive(signal.epoch, what))
        elif name == "live-peer-joined":
            self._work.put_nowait(self._peer_joined(PeerJoined.read(data)))
        elif name in ("live-session-paused", "live-session-ended"):
            self.studio.covered = True
        elif name == "live-session-resumed":
            self.studio.covered = False

    async def _receive(self, epoch: int, signal: Description | Candidate) -> None:
        await self.negotiator.receive(epoch, signal)

    async def _peer_joined(self, joined: PeerJoined) -> None:
        if joined.role != self.joined.role:
            await self.negotiator.renew(joined.epoch)

    async def _negotiate(self) -> None:
        while True:
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT):
                    step = await self._work.get()
            except TimeoutError:
                step = self.negotiator.repeat()
            await step

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except CallError as error:
            self.socket.fail(error)
        except Exception as error:
            self.socket.fail(CallError(f"{self.peer.whose}'s media failed: {error!r}"))

    # --- what this side says ------------------------------------------------------------------------------------------

    async def _send(self, epoch: int, signal: Description | Candidate) -> None:
        key = "description" if isinstance(signal, Description) else "candidate"
        payload = {"sessionId": self.joined.session_id, "epoch": epoch, key: signal.model_dump()}
        await self.socket.ask("live-signal", payload)

    async def _report(self, epoch: int, state: str) -> None:
        payload = {"sessionId": self.joined.session_id, "epoch": epoch, "state": state}
        await self.socket.ask("live-media-state", payload)

    # --- the connection -----------------------------------------------------------------------------------------------

    def _connect(self) -> RTCPeerConnection:
        servers = [
            RTCIceServer(urls=one.urls, username=one.username, credential=one.credential)
            for one in self.joined.ice_servers
        ]
        # An explicit list, also when it is empty: aiortc's default asks a public STUN server.
        connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        for track in self.studio.tracks():
            connection.addTrack(track)
        connection.on("track", self.audience.attend)
        connection.on("connectionstatechange", lambda: self._on_state(connection))
        return connection

    def _on_state(self, connection: RTCPeerConnection) -> None:
        lost = connection.connectionState == "failed" and connection is self.negotiator.connection
        if lost and self._restarts < MAX_RESTARTS:
            self._restarts += 1
            self._work.put_nowait(self.negotiator.restart())
