"""``/live``: the isolated namespace of a call, each participant on a dedicated socket."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from domain.calls.session import Side
from domain.calls.views import CallSnapshot, JoinCall, SocketRef
from domain.errors import Code, Conflict, Forbidden
from domain.ids import PaymentMethodId, SessionId
from realtime.cluster.peers import Peers
from realtime.lifetime import Lifetime
from realtime.limits import per_minute, per_second
from realtime.namespaces.shared import (
    Authorization,
    IceServer,
    LiveSessionRef,
    OneSignal,
    TokenExpiry,
    TokenRefresh,
)
from realtime.ports import UseCases
from realtime.registry import Call, Namespace, Rest, everyone, participant
from realtime.schema import ClientToken, Id, Instant, MoneyReply, Payload, Reason, ReplyBody
from realtime.sockets import Socket
from signaling.relay import Signal
from signaling.seats import Seat, Seats

live = Namespace(
    "/live", "The two participants of a call, each on a dedicated socket: handshake, signals, proof of media."
)

_SEATED = (Code.NOT_JOINED,)


class JoinHandshake(Payload):
    """Take the seat. ``resume``: the peer connection survived, only the socket was lost."""

    session_id: Id
    device_id: ClientToken
    resume: bool = False


class PauseReply(ReplyBody):
    """Why the meter stands still, and until when the call waits for a return."""

    reason: str
    grace_ends_at: Instant


class Joined(ReplyBody):
    """A full snapshot of the call: nothing is replayed on this namespace."""

    session_id: str
    role: Literal["caller", "callee"]
    polite: bool
    state: str
    version: int
    ice_servers: list[IceServer]
    ice_note: str | None
    peer_present: bool
    peer_name: str
    epoch: int
    rate: MoneyReply
    authorized_seconds: int
    billable_seconds: int
    amount: MoneyReply
    ticked_minutes: int
    low_balance: bool
    paused: PauseReply | None
    proof_interval_ms: int
    clock_speed: float
    server_time: Instant


class LiveSignal(OneSignal):
    """Exactly one of an offer or answer, and a candidate."""

    session_id: Id


class MediaState(Payload):
    """``connected`` means that inbound RTP grew in the last two seconds; repeat it as proof every ``proofIntervalMs``."""

    session_id: Id
    epoch: int = Field(ge=0, le=2**31 - 1)
    state: Literal["connecting", "connected", "disconnected", "failed"]


Milliseconds = Annotated[float, Field(ge=0, le=600_000, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Quantity = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]


class QualitySample(Payload):
    """W3C WebRTC statistics of one side, as far as the client has them."""

    session_id: Id
    rtt_ms: Milliseconds | None = None
    jitter_ms: Milliseconds | None = None
    loss_pct: Percent | None = None
    bitrate_in: Quantity | None = Field(default=None, description="bits per second")
    bitrate_out: Quantity | None = Field(default=None, description="bits per second")
    fps_in: Quantity | None = None
    frames_dropped: Quantity | None = None
    audio_level: Quantity | None = None

    def sample(self) -> dict[str, float]:
        """What was given."""
        given = self.model_dump(exclude={"session_id"}, exclude_none=True, by_alias=True)
        return {key: float(value) for key, value in given.items()}


class LivePaymentMethod(Payload):
    """Another card for this call."""

    session_id: Id
    payment_method_id: Id


class LiveSessionEnd(Payload):
    """A call, and perhaps why it ends."""

    session_id: Id
    reason: Reason | None = None


class LiveNamespace:
    """Handlers. All but the handshake are for the socket that holds the seat."""

    def __init__(self, process: str, use: UseCases, seats: Seats, peers: Peers, lifetime: Lifetime) -> None:
        self._process = process
        self._use = use
        self._seats = seats
        self._peers = peers
        self._lifetime = lifetime

    @live.event("token_refresh", may=everyone, rate=per_minute(10), errors=[Code.TOKEN_EXPIRED])
    async def refresh_token(self, call: Call, ask: TokenRefresh) -> TokenExpiry:
        """Renew the token on the open socket."""
        return TokenExpiry(expires_at=self._lifetime.renew(call.socket, ask.token))

    @live.event(
        "join-live-session-handshake",
        may=participant,
        rate=per_minute(30),
        errors=[Code.NOT_FOUND, Code.GONE, Code.ILLEGAL_STATE],
    )
    async def join(self, call: Call, ask: JoinHandshake) -> Joined:
        """Take the seat and learn everything about the call; a second device of the same person takes over."""
        socket, session_id = call.socket, SessionId(ask.session_id)
        held = self._seats.of(socket.sid)
        if held is not None and held.session_id != session_id:
            raise Conflict("This socket is in another call; a call has its own socket.")
        wanted = JoinCall(session_id, ask.device_id, ask.resume)
        found = await self._use.handshakes.join(call.who, SocketRef(self._process, socket.sid), wanted)
        if held is None or held.epoch != found.epoch:
            self._sit(socket, session_id, found, resumed=ask.resume)
        return _joined(found)

    def _sit(self, socket: Socket, session_id: SessionId, found: CallSnapshot, *, resumed: bool) -> None:
        side = Side(found.role)
        seat = self._seats.take(
            session_id, side, socket.user_id, socket.sid, epoch=found.epoch, resumed=resumed
        )
        self._peers.seated(seat, found.peer)

    @live.event(
        "live-signal",
        may=participant,
        rate=per_second(50),
        errors=[*_SEATED, Code.STALE_EPOCH, Code.ILLEGAL_SIGNAL, Code.RATE_LIMITED],
    )
    def signal(self, call: Call, ask: LiveSignal) -> Rest:
        """Pass an offer, answer or candidate to the other participant; buffered while it reconnects."""
        signal, seat = ask.signal(), self._seat(call, ask.session_id)
        after = seat.judge(ask.epoch, signal)
        if after is not seat.negotiation and after.epoch > seat.epoch:
            return self._restart(call, ask, seat, signal, after.epoch)
        self._peers.send(seat, after, signal, call.raw)
        return None

    async def _restart(self, call: Call, ask: LiveSignal, seat: Seat, signal: Signal, epoch: int) -> None:
        """An offer begins the next ICE generation, which is written down first."""
        await self._use.handshakes.bump_epoch(seat.session_id, seat.user_id, seat.sid, epoch)
        # The other side may have spoken while we waited.
        seat = self._seat(call, ask.session_id)
        self._peers.send(seat, seat.judge(ask.epoch, signal), signal, call.raw)

    @live.event(
        "live-media-state",
        may=participant,
        rate=per_second(5),
        errors=[*_SEATED, Code.STALE_EPOCH, Code.GONE],
    )
    async def media_state(self, call: Call, ask: MediaState) -> None:
        """Report media; `connected` is the proof that the meter runs on."""
        seat = self._seat(call, ask.session_id)
        if ask.epoch != seat.epoch:
            raise Conflict(
                "The connection was restarted meanwhile.",
                code=Code.STALE_EPOCH,
                details={"epoch": seat.epoch},
            )
        await self._use.media.report(call.who, seat.sid, seat.session_id, seat.side, ask.epoch, ask.state)

    @live.event("live-quality", may=participant, rate=per_second(2), errors=_SEATED)
    async def quality(self, call: Call, ask: QualitySample) -> None:
        """Keep a sample of the connection's quality."""
        seat = self._seat(call, ask.session_id)
        await self._use.queries.record_quality(call.who, seat.sid, seat.session_id, seat.side, ask.sample())

    @live.event(
        "live-payment-method",
        may=participant,
        rate=per_minute(10, per="user"),
        errors=[*_SEATED, Code.GONE, Code.NO_PAYMENT_METHOD, Code.PAYMENT_REFUSED, Code.ILLEGAL_STATE],
    )
    async def payment_method(self, call: Call, ask: LivePaymentMethod) -> Authorization:
        """Go on with another card after a refusal."""
        seat = self._seat(call, ask.session_id)
        card = PaymentMethodId(ask.payment_method_id)
        return Authorization.of(await self._use.authorizations.change_card(call.who, seat.session_id, card))

    @live.event(
        "live-payment-confirmed",
        may=participant,
        rate=per_minute(20, per="user"),
        errors=[*_SEATED, Code.ILLEGAL_STATE],
    )
    async def payment_confirmed(self, call: Call, ask: LiveSessionRef) -> Authorization:
        """3-D Secure is done; the gateway is read again."""
        seat = self._seat(call, ask.session_id)
        return Authorization.of(await self._use.authorizations.confirm(call.who, seat.session_id))

    @live.event("live-session-end", may=participant, rate=per_minute(30), errors=[*_SEATED, Code.GONE])
    async def end(self, call: Call, ask: LiveSessionEnd) -> None:
        """End the call."""
        seat = self._seat(call, ask.session_id)
        await self._use.endings.end(call.who, seat.session_id, ask.reason)

    async def left(self, seat: Seat, at: datetime) -> None:
        """The socket of a seat was lost at ``at`` (domain time)."""
        await self._use.handshakes.left(seat.session_id, seat.user_id, seat.sid, at)

    def _seat(self, call: Call, session_id: str) -> Seat:
        seat = self._seats.of(call.socket.sid)
        if seat is None or seat.session_id != session_id:
            raise Forbidden("Join this call with this connection first.", code=Code.NOT_JOINED)
        return seat


def _joined(found: CallSnapshot) -> Joined:
    return Joined(
        session_id=found.session_id,
        role="caller" if found.role == Side.CALLER else "callee",
        polite=found.polite,
        state=found.state,
        version=found.version,
        ice_servers=[
            IceServer(urls=list(one.urls), username=one.username, credential=one.credential)
            for one in found.ice_servers
        ],
        ice_note=found.ice_note,
        peer_present=found.peer_present,
        peer_name=found.peer_name,
        epoch=found.epoch,
        rate=MoneyReply.of(found.rate),
        authorized_seconds=found.authorized_seconds,
        billable_seconds=found.billable_seconds,
        amount=MoneyReply.of(found.amount),
        ticked_minutes=found.ticked_minutes,
        low_balance=found.low_balance,
        paused=PauseReply(reason=found.paused.reason, grace_ends_at=found.paused.grace_ends_at)
        if found.paused
        else None,
        proof_interval_ms=found.proof_interval_ms,
        clock_speed=found.clock_speed,
        server_time=found.server_time,
    )


_HANDLERS = LiveNamespace
live.register(
    [
        _HANDLERS.refresh_token,
        _HANDLERS.join,
        _HANDLERS.signal,
        _HANDLERS.media_state,
        _HANDLERS.quality,
        _HANDLERS.payment_method,
        _HANDLERS.payment_confirmed,
        _HANDLERS.end,
    ]
)
