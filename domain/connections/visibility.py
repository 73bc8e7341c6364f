"""Who may see, and so book, a coach's calendar: the server's answer, whatever a page shows."""

from domain.accounts.account import Identity
from domain.accounts.ports import BlockStore
from domain.coaching.ports import CoachStore
from domain.connections.connection import ConnectionState
from domain.connections.ports import ConnectionStore, PrivacyStore
from domain.connections.privacy import Privacy
from domain.errors import Code, Forbidden
from domain.ids import CoachId, UserId
from domain.ports import Transactions, Tx


class CalendarVisibility:
    """Implements :class:`~domain.booking.ports.Calendars`."""

    def __init__(
        self, coaches: CoachStore, blocks: BlockStore, connections: ConnectionStore, privacy: PrivacyStore
    ) -> None:
        self._coaches = coaches
        self._blocks = blocks
        self._connections = connections
        self._privacy = privacy

    async def require_visible(
        self, tx: Tx, viewer: UserId, coach_id: CoachId, coach: UserId | None = None
    ) -> None:
        """Raise unless ``viewer`` may see it: public, or connected, or their own; and neither blocked the other.

        Raises:
            Forbidden: CALENDAR_PRIVATE or BLOCKED.
            NotFound: no such coach.
        """
        if coach is None:
            coach = (await self._coaches.get(tx, coach_id)).user_id
        if coach == viewer:
            return
        apart, privacy = await self._blocks.between(tx, viewer, coach), await self._privacy.get(tx, coach_id)
        connected = privacy is Privacy.CONNECTED and await self._connected(tx, viewer, coach)
        require_shown(privacy, apart=apart, connected=connected)

    async def _connected(self, tx: Tx, one: UserId, other: UserId) -> bool:
        found = await self._connections.between(tx, one, other)
        return found is not None and found.state is ConnectionState.ACCEPTED


def require_shown(privacy: Privacy, *, apart: bool, connected: bool) -> None:
    """Raise unless a calendar is shown to somebody else who is ``connected`` or not; ``apart``: one blocked the other.

    Raises:
        Forbidden: CALENDAR_PRIVATE or BLOCKED.
    """
    if apart:
        raise Forbidden("This calendar is not shown to you.", code=Code.BLOCKED)
    if privacy is Privacy.PUBLIC or (privacy is Privacy.CONNECTED and connected):
        return
    raise Forbidden(
        "This coach shows the calendar to nobody."
        if privacy is Privacy.PRIVATE
        else "This coach shows the calendar to connections only.",
        code=Code.CALENDAR_PRIVATE,
        details={"privacy": privacy.value},
    )


class CalendarPrivacy:
    """What a coach says of the own calendar."""

    def __init__(self, transact: Transactions, privacy: PrivacyStore) -> None:
        self._transact = transact
        self._privacy = privacy

    async def get(self, who: Identity) -> Privacy:
        """The present choice.

        Raises:
            Forbidden: no coach.
        """
        coach_id = _coach(who)
        return await self._transact(lambda tx: self._privacy.get(tx, coach_id))

    async def set(self, who: Identity, privacy: Privacy) -> Privacy:
        """Choose; bookings that exist stay.

        Raises:
            Forbidden: no coach.
        """
        coach_id = _coach(who)
        await self._transact(lambda tx: self._privacy.set(tx, coach_id, privacy))
        return privacy


def _coach(who: Identity) -> CoachId:
    if who.coach_id is None:
        raise Forbidden("Only a coach has a calendar to show.")
    return who.coach_id
