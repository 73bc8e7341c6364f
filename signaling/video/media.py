"""``session-media-state``: what a peer says of its media counts in overtime, and only there."""

from domain.accounts.account import Identity
from domain.calls.session import Side
from domain.clock import Clock
from domain.errors import Code, Conflict, NotFound
from domain.ids import BookingId, SessionId
from signaling.keeper import ProofKeeper
from signaling.media import Media
from signaling.video.endings import SessionEndings


class SessionMedia:
    """During the booked time nothing is metered, so a report costs nothing; from its end on it goes the way of a call's."""

    def __init__(self, clock: Clock, keeper: ProofKeeper, media: Media, endings: SessionEndings) -> None:
        self._clock = clock
        self._keeper = keeper
        self._media = media
        self._endings = endings

    async def report(
        self, who: Identity, sid: str, booking_id: BookingId, side: Side, epoch: int, state: str
    ) -> None:
        """Take a report of a session whose booked time is over; the door has checked seat and epoch.

        Raises:
            Forbidden: NOT_JOINED.
            Conflict: STALE_EPOCH.
        """
        room = SessionId(booking_id)
        if state == "connected" and self._keeper.renew(room, side, sid):
            return
        if not await self._endings.overtime_due(booking_id):
            return
        try:
            await self._media.report(who, sid, room, side, epoch, state)
        except NotFound:
            return
        except Conflict as conflict:
            if conflict.code is not Code.GONE:
                raise
