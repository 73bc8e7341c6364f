"""What a client sends on ``/video``, and what it is answered."""

from typing import Literal

from pydantic import Field

from domain.scheduled.session import ROLES
from realtime.namespaces.shared import IceServer, OneSignal
from realtime.schema import ClientToken, Id, Instant, MoneyReply, Payload, Reason, ReplyBody
from signaling.video.views import MeterView, SegmentView, SessionSnapshot


class SessionRef(Payload):
    """A session, by its booking."""

    booking_id: Id


class JoinAsk(SessionRef):
    """Take the seat. ``resume``: the peer connection survived, only the socket was lost."""

    device_id: ClientToken
    resume: bool = False


class SessionSignal(OneSignal, SessionRef):
    """Exactly one of an offer or answer, and a candidate."""


class SessionMediaState(SessionRef):
    """``connected`` means that inbound RTP grew in the last two seconds; repeat it as proof every ``proofIntervalMs``."""

    epoch: int = Field(ge=0, le=2**31 - 1)
    state: Literal["connecting", "connected", "disconnected", "failed"]


class SessionEnd(SessionRef):
    """A session, and perhaps why it ends."""

    reason: Reason | None = None


class OvertimeAsk(SessionRef):
    """More minutes. A client may choose the card; else it is the default one."""

    minutes: int = Field(ge=5, le=60)
    payment_method_id: Id | None = None


class OvertimeRef(SessionRef):
    """A wish for overtime, by its number."""

    number: int = Field(ge=1, le=1000)


class OvertimeAnswer(OvertimeRef):
    """Agree. A client may choose the card; else it is the default one."""

    payment_method_id: Id | None = None


class Asked(ReplyBody):
    """The number of a wish for overtime."""

    number: int


class OvertimeReply(ReplyBody):
    """The newest wish for overtime."""

    number: int
    minutes: int
    state: str
    requested_by: Literal["client", "coach"]
    expires_at: Instant
    confirmed: bool
    price: MoneyReply
    reason: str | None
    client_secret: str | None

    @classmethod
    def of(cls, view: SegmentView) -> "OvertimeReply":
        """The wire form."""
        return cls(
            number=view.number,
            minutes=view.minutes,
            state=view.state,
            requested_by="client" if view.requested_by == "client" else "coach",
            expires_at=view.expires_at,
            confirmed=view.confirmed,
            price=MoneyReply.of(view.price),
            reason=view.reason,
            client_secret=view.client_secret,
        )


class MeterReply(ReplyBody):
    """All overtime together. While it stands still: why, and until when the session waits for a return."""

    running: bool
    authorized_seconds: int
    billable_seconds: int
    amount: MoneyReply
    ticked_minutes: int
    reason: str | None
    grace_ends_at: Instant | None

    @classmethod
    def of(cls, view: MeterView) -> "MeterReply":
        """The wire form."""
        return cls(
            running=view.running,
            authorized_seconds=view.authorized_seconds,
            billable_seconds=view.billable_seconds,
            amount=MoneyReply.of(view.amount),
            ticked_minutes=view.ticked_minutes,
            reason=view.reason,
            grace_ends_at=view.grace_ends_at,
        )


class JoinedSession(ReplyBody):
    """A full snapshot of the session: nothing is replayed on this namespace."""

    booking_id: str
    role: Literal["client", "coach"]
    polite: bool
    state: str
    version: int
    title: str
    ice_servers: list[IceServer]
    ice_note: str | None
    peer_present: bool
    peer_name: str
    epoch: int
    start: Instant
    end: Instant = Field(description="of the booked time")
    ends_at: Instant = Field(description="with the overtime that is paid for")
    overtime_rate: MoneyReply = Field(description="per minute; an amount of 0 means that none is sold")
    overtime: OvertimeReply | None
    meter: MeterReply | None = Field(description="once overtime runs")
    proof_interval_ms: int
    clock_speed: float
    server_time: Instant


def joined_of(found: SessionSnapshot) -> JoinedSession:
    """The wire form of a snapshot."""
    session = found.session
    return JoinedSession(
        booking_id=session.booking_id,
        role="client" if ROLES[found.side] == "client" else "coach",
        polite=ROLES[found.side] == "coach",
        state=session.state.value,
        version=session.version,
        title=session.title,
        ice_servers=[
            IceServer(urls=list(one.urls), username=one.username, credential=one.credential)
            for one in found.ice_servers
        ],
        ice_note=found.ice_note,
        peer_present=found.peer_present,
        peer_name=found.peer_name,
        epoch=session.epoch,
        start=session.start,
        end=session.end,
        ends_at=session.ends_at,
        overtime_rate=MoneyReply.of(session.overtime_rate),
        overtime=OvertimeReply.of(found.overtime) if found.overtime else None,
        meter=MeterReply.of(found.meter) if found.meter else None,
        proof_interval_ms=found.proof_interval_ms,
        clock_speed=found.clock_speed,
        server_time=found.server_time,
    )
