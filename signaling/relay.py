"""What may be relayed in a call: legal messages per signaling state, sizes, and ICE generations. Pure.

The states are those of RFC 8829 (JSEP) section 3.2 and the W3C's ``RTCSignalingState``, seen from one seat by the server
between the two peers: *local* is what this seat sent, *remote* what was delivered to it. They differ from a browser's in two
ways. The server sees a description before the browser applies it, so two offers can cross: ``GLARE`` is its own
state here, both are let through, and the polite side (the callee) rolls its own back and answers (perfect negotiation,
https://w3c.github.io/webrtc-pc/#perfect-negotiation-example). And after a socket came back the server may not know what
went on before: ``UNKNOWN`` lets every type through once.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from domain.errors import Code, Conflict, Invalid

#: A call has one audio and one video section; browsers' offers for that measure 5 to 8 kB.
MAX_SDP_BYTES = 32 * 1024
#: RFC 8839's candidate attribute is one line; the longest seen, with TURN over TLS and extensions, stay under 400 bytes.
MAX_CANDIDATE_BYTES = 1024
MAX_MID_BYTES = 64
#: RFC 8839 section 5.4: at most 256 characters.
MAX_UFRAG_BYTES = 256
#: Signals kept for a peer who is away.
MAX_BUFFERED = 64


class DescriptionType(StrEnum):
    """W3C ``RTCSdpType``."""

    OFFER = "offer"
    ANSWER = "answer"
    PRANSWER = "pranswer"
    ROLLBACK = "rollback"


class SignalingState(StrEnum):
    """How far one seat's negotiation is."""

    UNKNOWN = "unknown"
    STABLE = "stable"
    HAVE_LOCAL_OFFER = "have-local-offer"
    HAVE_REMOTE_OFFER = "have-remote-offer"
    HAVE_LOCAL_PRANSWER = "have-local-pranswer"
    HAVE_REMOTE_PRANSWER = "have-remote-pranswer"
    GLARE = "glare"


class Description(NamedTuple):
    """W3C ``RTCSessionDescriptionInit``."""

    type: DescriptionType
    sdp: str


class Candidate(NamedTuple):
    """W3C ``RTCIceCandidateInit``; an empty ``candidate`` says that there are no more."""

    candidate: str
    sdp_mid: str | None = None
    sdp_m_line_index: int | None = None
    username_fragment: str | None = None


Signal = Description | Candidate

S, D = SignalingState, DescriptionType

#: What a seat may send in each state, and the state after it. What is not here is refused.
SENT: dict[tuple[SignalingState, DescriptionType], SignalingState] = {
    (S.UNKNOWN, D.OFFER): S.HAVE_LOCAL_OFFER,
    (S.UNKNOWN, D.ANSWER): S.STABLE,
    (S.UNKNOWN, D.PRANSWER): S.HAVE_LOCAL_PRANSWER,
    (S.STABLE, D.OFFER): S.HAVE_LOCAL_OFFER,
    (S.HAVE_LOCAL_OFFER, D.OFFER): S.HAVE_LOCAL_OFFER,
    # It was sent before the other's offer arrived there.
    (S.HAVE_REMOTE_OFFER, D.OFFER): S.GLARE,
    (S.HAVE_REMOTE_OFFER, D.ANSWER): S.STABLE,
    (S.HAVE_REMOTE_OFFER, D.PRANSWER): S.HAVE_LOCAL_PRANSWER,
    (S.HAVE_LOCAL_PRANSWER, D.PRANSWER): S.HAVE_LOCAL_PRANSWER,
    (S.HAVE_LOCAL_PRANSWER, D.ANSWER): S.STABLE,
    (S.HAVE_REMOTE_PRANSWER, D.OFFER): S.HAVE_LOCAL_OFFER,
    (S.GLARE, D.OFFER): S.GLARE,
    # Only the polite side: see may_send.
    (S.GLARE, D.ANSWER): S.STABLE,
    (S.GLARE, D.PRANSWER): S.HAVE_LOCAL_PRANSWER,
}

#: The state after something was delivered to a seat. What is not here changes nothing: the sender's side judged it.
RECEIVED: dict[tuple[SignalingState, DescriptionType], SignalingState] = {
    (S.UNKNOWN, D.OFFER): S.HAVE_REMOTE_OFFER,
    (S.UNKNOWN, D.ANSWER): S.STABLE,
    (S.UNKNOWN, D.PRANSWER): S.HAVE_REMOTE_PRANSWER,
    (S.STABLE, D.OFFER): S.HAVE_REMOTE_OFFER,
    (S.HAVE_LOCAL_OFFER, D.OFFER): S.GLARE,
    (S.HAVE_LOCAL_OFFER, D.ANSWER): S.STABLE,
    (S.HAVE_LOCAL_OFFER, D.PRANSWER): S.HAVE_REMOTE_PRANSWER,
    (S.HAVE_REMOTE_PRANSWER, D.ANSWER): S.STABLE,
    (S.HAVE_REMOTE_PRANSWER, D.OFFER): S.GLARE,
    # The polite side rolled back and answered ours.
    (S.GLARE, D.ANSWER): S.STABLE,
    (S.GLARE, D.PRANSWER): S.HAVE_REMOTE_PRANSWER,
}


@dataclass(frozen=True, slots=True)
class Negotiation:
    """One seat's negotiation in one ICE generation."""

    polite: bool
    epoch: int
    state: SignalingState = SignalingState.STABLE
    #: this seat sent a description in this generation, so its candidates belong to something
    described: bool = False

    def sent(self, epoch: int, signal: Signal) -> "Negotiation":
        """The negotiation after this seat sent ``signal``.

        An offer of the next generation begins it, whatever was going on.

        Raises:
            Conflict: STALE_EPOCH or ILLEGAL_SIGNAL.
            Invalid: too large, or not what it says it is.
        """
        require_well_formed(signal)
        if isinstance(signal, Candidate):
            if epoch != self.epoch:
                raise self._stale()
            if not self.described:
                raise _illegal("A candidate before any offer or answer belongs to nothing.", self.state)
            return self
        here = self.at(epoch, signal)
        after = SENT.get((here.state, signal.type))
        if after is None or (here.state is S.GLARE and signal.type is not D.OFFER and not self.polite):
            raise _illegal(f"{signal.type.value} is not legal in {here.state.value}.", here.state)
        return replace(here, state=after, described=True)

    def received(self, epoch: int, signal: Signal) -> "Negotiation | None":
        """The negotiation after ``signal`` was delivered to this seat; None when it is of a past generation."""
        if epoch < self.epoch:
            return None
        here = self if epoch == self.epoch else Negotiation(self.polite, epoch)
        if isinstance(signal, Candidate):
            return here
        return replace(here, state=RECEIVED.get((here.state, signal.type), here.state))

    def at(self, epoch: int, signal: Signal) -> "Negotiation":
        """The generation that ``signal`` belongs to: this one, or the next if it is an offer.

        Raises:
            Conflict: STALE_EPOCH, with the present one in the details.
        """
        if epoch == self.epoch:
            return self
        if epoch == self.epoch + 1 and isinstance(signal, Description) and signal.type is D.OFFER:
            return Negotiation(self.polite, epoch)
        raise self._stale()

    def _stale(self) -> Conflict:
        return Conflict(
            "This signal belongs to another generation of the connection.",
            code=Code.STALE_EPOCH,
            details={"epoch": self.epoch},
        )


def require_well_formed(signal: Signal) -> None:
    """Refuse what no peer would send.

    Raises:
        Invalid: with the field at fault.
    """
    if isinstance(signal, Description):
        if signal.type is D.ROLLBACK:
            raise Conflict("A rollback is local; it is not sent.", code=Code.ILLEGAL_SIGNAL)
        _require_size("description.sdp", signal.sdp, MAX_SDP_BYTES)
        if not signal.sdp.startswith("v=0"):  # RFC 8866 section 5.1
            raise _invalid("description.sdp", "is not a session description")
        return
    text, mid, fragment = signal.candidate, signal.sdp_mid, signal.username_fragment
    _require_size("candidate.candidate", text, MAX_CANDIDATE_BYTES)
    if mid is not None:
        _require_size("candidate.sdpMid", mid, MAX_MID_BYTES)
    if fragment is not None:
        _require_size("candidate.usernameFragment", fragment, MAX_UFRAG_BYTES)
    if text and not text.startswith(("candidate:", "a=candidate:")):
        raise _invalid("candidate.candidate", "is not a candidate attribute")


def _require_size(field: str, text: str, limit: int) -> None:
    if (len(text) if text.isascii() else len(text.encode())) > limit:
        raise _invalid(field, f"is longer than {limit} bytes")


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(f"{field} {message}.", details={"fields": [{"path": field, "message": message}]})


def _illegal(message: str, state: SignalingState) -> Conflict:
    return Conflict(message, code=Code.ILLEGAL_SIGNAL, details={"signalingState": state.value})
