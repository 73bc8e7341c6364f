"""Where two people meet: a namespace with its seats and its signals. Calls and scheduled sessions each have one."""

from dataclasses import dataclass

from realtime.cluster import frames


@dataclass(frozen=True, slots=True)
class Wording:
    """What a namespace calls what all rooms have."""

    #: relays an offer, an answer or a candidate
    signal: str
    #: the field by which a client names the room
    subject: str
    #: a socket lost its seat
    seat_taken: str
    #: the other side came, or went
    joined: str
    left: str
    #: how its frames between processes begin
    mark: bytes = b""


CALLS = Wording(
    signal="live-signal",
    subject="sessionId",
    seat_taken="live-seat-taken",
    joined="live-peer-joined",
    left="live-peer-left",
)
SESSIONS = Wording(
    signal="session-signal",
    subject="bookingId",
    mark=frames.OF_A_SESSION,
    seat_taken="session-seat-taken",
    joined="session-peer-joined",
    left="session-peer-left",
)
