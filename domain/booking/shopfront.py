"""What somebody sees of a coach with whom they would book. Every search and every booking begins with it."""

from dataclasses import dataclass
from typing import Protocol

from domain.accounts.account import Account
from domain.booking.calendar import Calendar
from domain.booking.session_type import SessionType
from domain.coaching.coach import Coach
from domain.connections.privacy import Privacy
from domain.connections.visibility import require_shown
from domain.errors import NotFound
from domain.ids import CoachId, SessionTypeId, UserId
from domain.ports import Tx


@dataclass(frozen=True, slots=True)
class Shopfront:
    """A coach, one thing that was asked for, and how the coach stands to ``viewer``."""

    viewer: UserId
    coach: Coach
    account: Account
    calendar: Calendar
    privacy: Privacy
    #: one of the two blocked the other
    apart: bool
    #: both agreed to be connected
    connected: bool
    #: None: no such session type; it may be archived, or another coach's
    wanted: SessionType | None

    def require_open(self) -> None:
        """Raise unless the viewer may see what can be booked; coaches always see their own.

        Raises:
            NotFound: not a coach who may sell.
            Forbidden: BLOCKED or CALENDAR_PRIVATE.
        """
        if self.coach.user_id == self.viewer:
            return
        if not self.coach.verified or self.account.suspended_at is not None:
            raise NotFound("There is no such coach.")
        require_shown(self.privacy, apart=self.apart, connected=self.connected)

    def offered(self) -> SessionType:
        """What was asked for.

        Raises:
            NotFound: no such session type, another coach's, or not offered any more.
        """
        if self.wanted is None or self.wanted.coach_id != self.coach.id or self.wanted.archived:
            raise NotFound("There is no such session type.")
        return self.wanted


class Shopfronts(Protocol):
    """All of it in one read. As of one moment in a transaction, else as of several, of which the calendar's is the first."""

    async def of_coach(
        self, tx: Tx | None, coach_id: CoachId, viewer: UserId, wanted: SessionTypeId
    ) -> Shopfront:
        """By the coach.

        Raises:
            NotFound: no such coach.
        """
        ...

    async def of_user(
        self, tx: Tx | None, user_id: UserId, viewer: UserId, wanted: SessionTypeId
    ) -> Shopfront:
        """By the coach's account.

        Raises:
            NotFound: no such coach.
        """
        ...
