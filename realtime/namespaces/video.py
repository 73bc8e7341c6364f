"""``/video``: scheduled sessions, each participant on a dedicated socket; and the overtime they add."""

from datetime import datetime

from domain.calls.views import SocketRef
from domain.clock import Clock
from domain.errors import Code, Conflict, Forbidden
from domain.ids import BookingId, PaymentMethodId
from realtime.cluster.peers import Peers
from realtime.lifetime import Lifetime
from realtime.limits import per_minute, per_second
from realtime.namespaces.shared import Authorization, TokenExpiry, TokenRefresh
from realtime.namespaces.video_shapes import (
    Asked,
    JoinAsk,
    JoinedSession,
    OvertimeAnswer,
    OvertimeAsk,
    OvertimeRef,
    SessionEnd,
    SessionMediaState,
    SessionRef,
    SessionSignal,
    joined_of,
)
from realtime.ports import UseCases
from realtime.registry import Call, Namespace, Rest, everyone, participant
from realtime.sockets import Socket
from signaling.relay import Signal
from signaling.seats import Seat, Seats
from signaling.video.views import JoinSession, SessionSnapshot

video = Namespace(
    "/video",
    "The two participants of a scheduled session, each on a dedicated socket: handshake, signals, overtime.",
)

_SEATED = (Code.NOT_JOINED,)
_ANSWERING = (*_SEATED, Code.GONE, Code.TOO_LATE, Code.ILLEGAL_STATE)


class VideoNamespace:
    """Handlers. All but the handshake are for the socket that holds the seat."""

    def __init__(
        self, process: str, clock: Clock, use: UseCases, seats: Seats, peers: Peers, lifetime: Lifetime
    ) -> None:
        self._process = process
        self._clock = clock
        self._use = use
        self._seats = seats
        self._peers = peers
        self._lifetime = lifetime
        #: until when nothing of a session is metered, by socket: until then a proof costs no look at the database
        self._booked_until: dict[str, datetime] = {}

    @video.event("token_refresh", may=everyone, rate=per_minute(10), errors=[Code.TOKEN_EXPIRED])
    async def refresh_token(self, call: Call, ask: TokenRefresh) -> TokenExpiry:
        """Renew the token on the open socket."""
        return TokenExpiry(expires_at=self._lifetime.renew(call.socket, ask.token))

    @video.event(
        "join-session",
        may=participant,
        rate=per_minute(30),
        errors=[Code.NOT_FOUND, Code.TOO_EARLY, Code.GONE, Code.ILLEGAL_STATE],
    )
    async def join(self, call: Call, ask: JoinAsk) -> JoinedSession:
        """Take the seat, from ten minutes before the start, and learn everything; a second device takes over."""
        socket, booking_id = call.socket, BookingId(ask.booking_id)
        held = self._seats.of(socket.sid)
        if held is not None and held.session_id != ask.booking_id:
            raise Conflict("This socket is in another session; a session has its own socket.")
        wanted = JoinSession(booking_id, ask.device_id, ask.resume)
        found = await self._use.session_seats.join(call.who, SocketRef(self._process, socket.sid), wanted)
        if held is None or held.epoch != found.session.epoch:
            self._sit(socket, found, resumed=ask.resume)
        return joined_of(found)

    def _sit(self, socket: Socket, found: SessionSnapshot, *, resumed: bool) -> None:
        session = found.session
        seat = self._seats.take(
            session.room, found.side, socket.user_id, socket.sid, epoch=session.epoch, resumed=resumed
        )
        self._booked_until[socket.sid] = session.end
        self._peers.seated(seat, found.peer)

    @video.event(
        "session-signal",
        may=participant,
        rate=per_second(50),
        errors=[*_SEATED, Code.STALE_EPOCH, Code.ILLEGAL_SIGNAL, Code.RATE_LIMITED],
    )
    def signal(self, call: Call, ask: SessionSignal) -> Rest:
        """Pass an offer, answer or candidate to the other participant; buffered while it reconnects."""
        signal, seat = ask.signal(), self._seat(call, ask.booking_id)
        after = seat.judge(ask.epoch, signal)
        if after is not seat.negotiation and after.epoch > seat.epoch:
            return self._restart(call, ask, seat, signal, after.epoch)
        self._peers.send(seat, after, signal, call.raw)
        return None

    async def _restart(self, call: Call, ask: SessionSignal, seat: Seat, signal: Signal, epoch: int) -> None:
        """An offer begins the next ICE generation, which is written down first."""
        await self._use.session_seats.bump_epoch(BookingId(seat.session_id), seat.user_id, seat.sid, epoch)
        # The other side may have spoken while we waited.
        seat = self._seat(call, ask.booking_id)
        self._peers.send(seat, seat.judge(ask.epoch, signal), signal, call.raw)

    @video.event(
        "session-media-state", may=participant, rate=per_second(5), errors=[*_SEATED, Code.STALE_EPOCH]
    )
    def media_state(self, call: Call, ask: SessionMediaState) -> Rest:
        """Report media; `connected` is the proof by which overtime is charged. Before overtime it counts for nothing."""
        seat = self._seat(call, ask.booking_id)
        if ask.epoch != seat.epoch:
            raise Conflict(
                "The connection was restarted meanwhile.",
                code=Code.STALE_EPOCH,
                details={"epoch": seat.epoch},
            )
        until = self._booked_until.get(seat.sid)
        if until is not None and self._clock.now() < until:
            return None
        return self._use.session_media.report(
            call.who, seat.sid, BookingId(seat.session_id), seat.side, ask.epoch, ask.state
        )

    @video.event("leave-session", may=participant, rate=per_minute(30), errors=_SEATED)
    async def leave(self, call: Call, ask: SessionRef) -> None:
        """Go, and perhaps come back; the session goes on until its end."""
        seat = self._seat(call, ask.booking_id)
        await self._use.session_seats.leave(call.who, BookingId(seat.session_id), seat.sid)
        seat.gone = True
        self._peers.left(seat)
        self._seats.leave(seat.sid)
        self._booked_until.pop(seat.sid, None)

    @video.event("session-end", may=participant, rate=per_minute(30), errors=[*_SEATED, Code.ILLEGAL_STATE])
    async def end(self, call: Call, ask: SessionEnd) -> None:
        """End the session for both, once both were there."""
        seat = self._seat(call, ask.booking_id)
        await self._use.session_endings.end(call.who, BookingId(seat.session_id), ask.reason)

    # --- overtime -----------------------------------------------------------------------------------------------------

    @video.event(
        "request-overtime",
        may=participant,
        rate=per_minute(10, per="user"),
        errors=[
            *_SEATED,
            Code.TOO_LATE,
            Code.SLOT_TAKEN,
            Code.NO_PAYMENT_METHOD,
            Code.ILLEGAL_STATE,
            Code.ACCOUNT_UNVERIFIED,
            Code.ACCOUNT_SUSPENDED,
        ],
    )
    async def request_overtime(self, call: Call, ask: OvertimeAsk) -> Asked:
        """Ask the other side for more minutes after the booked time; nothing is charged without the client's word."""
        seat = self._seat(call, ask.booking_id)
        card = PaymentMethodId(ask.payment_method_id) if ask.payment_method_id else None
        number = await self._use.overtime.request(call.who, BookingId(seat.session_id), ask.minutes, card)
        return Asked(number=number)

    @video.event(
        "confirm-overtime",
        may=participant,
        rate=per_minute(10, per="user"),
        errors=[
            *_ANSWERING,
            Code.SLOT_TAKEN,
            Code.NO_PAYMENT_METHOD,
            Code.CALL_OPEN,
            Code.ACCOUNT_UNVERIFIED,
            Code.ACCOUNT_SUSPENDED,
        ],
    )
    async def confirm_overtime(self, call: Call, ask: OvertimeAnswer) -> Authorization:
        """Agree to the other side's wish: the client's card is authorized for it, and only what is used is charged."""
        seat = self._seat(call, ask.booking_id)
        card = PaymentMethodId(ask.payment_method_id) if ask.payment_method_id else None
        return Authorization.of(
            await self._use.overtime.confirm(call.who, BookingId(seat.session_id), ask.number, card)
        )

    @video.event("decline-overtime", may=participant, rate=per_minute(20, per="user"), errors=_ANSWERING)
    async def decline_overtime(self, call: Call, ask: OvertimeRef) -> None:
        """Refuse the other side's wish, or withdraw one's own, also while the card is being asked."""
        seat = self._seat(call, ask.booking_id)
        await self._use.overtime.decline(call.who, BookingId(seat.session_id), ask.number)

    @video.event(
        "overtime-payment-confirmed",
        may=participant,
        rate=per_minute(20, per="user"),
        errors=[*_SEATED, Code.ILLEGAL_STATE],
    )
    async def payment_confirmed(self, call: Call, ask: SessionRef) -> Authorization:
        """3-D Secure is done; the gateway is read again."""
        seat = self._seat(call, ask.booking_id)
        return Authorization.of(
            await self._use.overtime.payment_confirmed(call.who, BookingId(seat.session_id))
        )

    # --- out ----------------------------------------------------------------------------------------------------------

    async def left(self, seat: Seat, at: datetime) -> None:
        """The socket of a seat was lost at ``at`` (domain time)."""
        self._booked_until.pop(seat.sid, None)
        await self._use.session_seats.left(BookingId(seat.session_id), seat.user_id, seat.sid, at)

    def _seat(self, call: Call, booking_id: str) -> Seat:
        seat = self._seats.of(call.socket.sid)
        if seat is None or seat.session_id != booking_id:
            raise Forbidden("Join this session with this connection first.", code=Code.NOT_JOINED)
        return seat


_HANDLERS = VideoNamespace
video.register(
    [
        _HANDLERS.refresh_token,
        _HANDLERS.join,
        _HANDLERS.signal,
        _HANDLERS.media_state,
        _HANDLERS.leave,
        _HANDLERS.end,
        _HANDLERS.request_overtime,
        _HANDLERS.confirm_overtime,
        _HANDLERS.decline_overtime,
        _HANDLERS.payment_confirmed,
    ]
)
