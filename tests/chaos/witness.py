"""What the scripted people themselves know: the judge of what the servers say.

A side can have been connected, at most, from the instant at which it sent a proof until what it did next: the next proof, a
word that its media is gone, the loss of its socket. If nothing followed while a proof lasts, it counts for that instant alone.

That is so while all is well. When the server of its socket or the database died just then, the knowledge of what followed may
have died with it; the last proof is all there is then, and it is believed for ``proof_fresh_for``: the product's tolerance.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from domain.calls.terms import CallTerms
from domain.clock import Clock, real_seconds

#: Real seconds between something a side did and the server's note of it, on a machine that is busy.
SLACK = 1.5
#: Real seconds between two looks of a server at proofs that are missing.
LOOKS = 1.0
#: Real seconds between sending a proof and the instant that the server takes for it; answered or not.
ON_THE_WAY = 0.1
#: Codes that a correct client may meet while everything is being killed.
EXPECTED = frozenset(
    {
        "UNAVAILABLE", "RATE_LIMITED", "COACH_OFFLINE", "COACH_BUSY", "CALL_OPEN", "PAYMENT_REFUSED", "GONE",
        "ANSWERED_ELSEWHERE", "NOT_JOINED", "STALE_EPOCH", "ILLEGAL_SIGNAL", "ILLEGAL_STATE",
        "TOO_LATE", "SLOT_TAKEN", "TOO_MANY_UNPAID_BOOKINGS",
    }
)  # fmt: skip

Kind = Literal["joined", "proof", "denial", "gone"]


@dataclass(slots=True)
class Seen:
    """One thing a side did, domain time: between ``sent`` and ``known`` a server took note of it, if it did."""

    kind: Kind
    sent: datetime
    known: datetime
    acknowledged: bool
    #: the server that held the socket
    server: str

    @property
    def closes(self) -> bool:
        """Whether what was proven before certainly ended by then."""
        return self.acknowledged and self.kind in ("denial", "joined")


@dataclass(slots=True)
class Outage:
    """Somebody was dead from one instant to another, or still is."""

    who: str
    died: datetime
    back: datetime | None = None


@dataclass
class Witness:
    """Everything that was seen from outside."""

    clock: Clock
    terms: CallTerms
    seen: defaultdict[tuple[str, str], list[Seen]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)
    #: what no correct server does, in words
    violations: list[str] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    outages: list[Outage] = field(default_factory=list)

    def note(
        self, session_id: str, role: str, kind: Kind, sent: datetime, *, acknowledged: bool, server: str
    ) -> None:
        """Write down what a side did at which server and when it knew the answer (now)."""
        self.seen[session_id, role].append(Seen(kind, sent, self.clock.now(), acknowledged, server))

    def refused(self, event: str, code: str) -> None:
        """Count a refusal; one that is nobody's fault but the server's is a violation."""
        self.counts[f"refused {code}"] += 1
        if code not in EXPECTED:
            self.violations.append(f"{event} was refused with {code}")

    def possible(self, session_id: str, role: str, ended: datetime) -> list[tuple[datetime, datetime]]:
        """When a side can have been proven connected, at most, in a call that ended at ``ended``."""
        seen = self.seen.get((session_id, role), [])
        return [
            (one.sent, min(self._until(one, seen[index + 1 :], ended), ended))
            for index, one in enumerate(seen)
            if one.kind == "proof"
        ]

    def _until(self, proof: Seen, later: list[Seen], ended: datetime) -> datetime:
        believed = proof.known + self._real(self.terms.proof_fresh_for)
        if not self.calm(proof.sent, believed, proof.server, "mongod"):
            return min([believed, *(one.known for one in later if one.closes)])
        lasts = proof.known + self._real(self.terms.proof_timeout + LOOKS + SLACK)
        following = later[0] if later else None
        if following is not None and following.sent <= lasts:
            return following.known + self._real(SLACK if following.kind == "gone" else 0)
        return ended if ended <= lasts else proof.known + self._real(ON_THE_WAY)

    def _real(self, seconds: float) -> timedelta:
        return real_seconds(self.clock, seconds)

    def calm(self, since: datetime, until: datetime, *who: str) -> bool:
        """Whether all of these lived, from a little before until a little after."""
        slack = self._real(SLACK)
        return not any(
            one.died - slack <= until and (one.back is None or since <= one.back + slack)
            for one in self.outages
            if one.who in who
        )


def uncovered(
    start: datetime, end: datetime, possible: list[tuple[datetime, datetime]], tolerance: timedelta
) -> timedelta:
    """How much of an interval is explained by nothing that the side did; under ``tolerance`` counts as nothing."""
    missing, at = timedelta(), min(start, end)
    for since, until in sorted(span for span in possible if span[0] < span[1]):
        if since > at:
            missing += max(min(since, end) - at, timedelta())
        at = max(at, until)
        if at >= end:
            break
    missing += max(end - at, timedelta())
    return missing if missing > tolerance else timedelta()
