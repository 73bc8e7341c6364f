"""A coach's business profile, and whether it can be called right now.

Three facts make up what watchers see:

* the *wish* (online/offline), set by the coach and kept,
* *presence*, proven by process heartbeats and kept as ``absent_since``,
* the *claim*: at most one call owns the coach, by one conditional write; a scheduled session in progress keeps calls away too.

A claim outranks presence; ``RESERVING`` (at most 10 s, while a client's card is being authorized) is not shown.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.errors import Code, Conflict, Invalid
from domain.events import CoachStatusChanged
from domain.ids import CoachId, SessionId, UserId
from domain.money import Money

MISSED_IN_A_ROW_LIMIT = 3
#: A socket may be gone for this long (real seconds) before watchers see the coach offline.
ABSENCE_SECONDS = 30.0


class Wish(StrEnum):
    """What the coach asked for."""

    ONLINE = "online"
    OFFLINE = "offline"


class Status(StrEnum):
    """What watchers see."""

    ONLINE = "online"
    BUSY = "busy"
    OFFLINE = "offline"


class ClaimState(StrEnum):
    """How far the call that owns the coach is."""

    RESERVING = "reserving"
    RINGING = "ringing"
    BUSY = "busy"
    COOLDOWN = "cooldown"


@dataclass(frozen=True, slots=True)
class Claim:
    """The one call that owns a coach."""

    state: ClaimState
    session_id: SessionId
    since: datetime


@dataclass(slots=True)
class Coach:
    """One coach. ``version`` rises with every write; transactions about a coach's availability increment it."""

    id: CoachId
    user_id: UserId
    rate_per_minute: Money
    verified: bool
    wish: Wish = Wish.OFFLINE
    #: None while a socket is proven; else since when there is none
    absent_since: datetime | None = None
    claim: Claim | None = None
    #: scheduled sessions in progress; a call that was there before them keeps its claim
    in_sessions: list[SessionId] = field(default_factory=list)
    missed_in_a_row: int = 0
    status_since: datetime | None = None
    headline: str = ""
    bio: str = ""
    expertise: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    years_of_experience: int | None = None
    rating_average: float | None = None
    rating_count: int = 0
    #: the platform's fee in per cent of net; None means the configured default
    fee_percent: int | None = None
    version: int = 0

    def reachable(self, now: datetime, absence: float) -> bool:
        """Whether somebody is there to hear a ring."""
        if self.wish is not Wish.ONLINE:
            return False
        return self.absent_since is None or (now - self.absent_since).total_seconds() < absence

    def status(self, now: datetime, absence: float) -> Status:
        """What watchers see at ``now``; ``absence`` is the tolerated absence in domain seconds."""
        if self.in_sessions or (self.claim is not None and self.claim.state is not ClaimState.RESERVING):
            return Status.BUSY
        return Status.ONLINE if self.reachable(now, absence) else Status.OFFLINE

    def reserve(self, session_id: SessionId, now: datetime, absence: float) -> None:
        """Claim the coach for a call, silently.

        Raises:
            Conflict: COACH_OFFLINE or COACH_BUSY.
        """
        if not self.verified or not self.reachable(now, absence):
            raise Conflict("This coach is not online right now.", code=Code.COACH_OFFLINE)
        if self.claim is not None:
            raise Conflict("This coach is in another call.", code=Code.COACH_BUSY)
        if self.in_sessions:
            raise Conflict("This coach is in a session.", code=Code.COACH_BUSY)
        self.claim = Claim(ClaimState.RESERVING, session_id, now)

    def move_claim(self, session_id: SessionId, state: ClaimState, now: datetime) -> bool:
        """Advance the claim that ``session_id`` holds; False if another call, or none, holds it."""
        if self.claim is None or self.claim.session_id != session_id:
            return False
        self.claim = Claim(state, session_id, now)
        return True

    def release(self, session_id: SessionId) -> bool:
        """Let go of the claim that ``session_id`` holds; False if another call, or none, holds it."""
        if self.claim is None or self.claim.session_id != session_id:
            return False
        self.claim = None
        return True

    def enter_session(self, session_id: SessionId) -> None:
        """A scheduled session is in progress: nobody can call. Twice is as once."""
        if session_id not in self.in_sessions:
            self.in_sessions.append(session_id)

    def leave_session(self, session_id: SessionId) -> bool:
        """It is over; False if it was not in progress."""
        if session_id not in self.in_sessions:
            return False
        self.in_sessions.remove(session_id)
        return True

    def missed_a_call(self) -> bool:
        """Count a ring that nobody answered; True when that was one too many and the wish went offline."""
        self.missed_in_a_row += 1
        if self.missed_in_a_row < MISSED_IN_A_ROW_LIMIT:
            return False
        self.missed_in_a_row = 0
        self.wish = Wish.OFFLINE
        return True

    def set_rate(self, rate: Money) -> None:
        """Ask another price, of calls that begin later. The currency stays: what was earned is booked in it.

        Raises:
            Invalid: a rate that is no price, or in another currency.
        """
        if rate.amount < 1:
            raise Invalid.at("ratePerMinute", "A rate is at least one minor unit per minute.")
        if rate.currency != self.rate_per_minute.currency:
            raise Invalid.at("ratePerMinute.currency", f"Your rate is in {self.rate_per_minute.currency}.")
        self.rate_per_minute = rate

    def status_event(self, now: datetime, absence: float) -> CoachStatusChanged:
        """The event that tells watchers the present status."""
        return CoachStatusChanged(
            coach_id=self.id,
            status=self.status(now, absence).value,
            rate_per_minute=self.rate_per_minute,
            since=self.status_since or now,
        )
