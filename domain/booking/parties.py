"""Who books, with whom, what, and who may do what with a booking: read and checked in the transaction."""

from enum import StrEnum

from domain.accounts.account import Account, Identity
from domain.booking.booking import Booking, Client
from domain.booking.flow import BookingPorts
from domain.booking.session_type import Format, SessionType
from domain.booking.shopfront import Shopfront
from domain.coaching.coach import Coach
from domain.errors import Code, Conflict, Forbidden, Invalid, NotFound
from domain.ids import BookingId, CoachId, SessionTypeId, UserId
from domain.ports import Tx

#: So many bookings of a client that are still to come may be unpaid.
UNPAID_LIMIT = 3


class Role(StrEnum):
    """On which side of a booking somebody is."""

    COACH = "coach"
    CLIENT = "client"


class Parties:
    """Reads and checks; writes nothing but the account, to make two transactions of one client conflict."""

    def __init__(self, ports: BookingPorts) -> None:
        self._ports = ports

    async def client(self, tx: Tx, who: Identity) -> Account:
        """The account of somebody who wants to book one more.

        Writes it: two bookings at once of one client take turns, so that the limit holds.

        Raises:
            Forbidden: ACCOUNT_SUSPENDED or ACCOUNT_UNVERIFIED.
            Conflict: TOO_MANY_UNPAID_BOOKINGS.
        """
        account = await self._ports.accounts.get(tx, who.user_id)
        account.require_may_pay()
        unpaid = await self._ports.bookings.count_unpaid(tx, who.user_id, self._ports.clock.now())
        if unpaid >= UNPAID_LIMIT:
            raise Conflict(
                f"You have {unpaid} bookings that are not paid yet. Pay or cancel one of them first.",
                code=Code.TOO_MANY_UNPAID_BOOKINGS,
                details={"limit": UNPAID_LIMIT},
            )
        await self._ports.accounts.save(tx, account)
        return account

    async def coach(self, tx: Tx, who: Identity, coach_id: CoachId) -> tuple[Coach, Account]:
        """A coach with whom ``who`` may book.

        Raises:
            NotFound: no such coach, or not one who may sell.
            Conflict: OWN_ACCOUNT.
            Forbidden: BLOCKED or CALENDAR_PRIVATE.
        """
        coach = await self._ports.coaches.get(tx, coach_id)
        if coach.user_id == who.user_id:
            raise _own_account()
        return coach, await self.require_open(tx, who, coach)

    async def shopfront(
        self, tx: Tx | None, who: Identity, coach_id: CoachId, session_type_id: SessionTypeId
    ) -> Shopfront:
        """A coach with whom ``who`` may book, and perhaps what; in one read, since most of those who book begin here.

        Raises:
            NotFound: no such coach, or not one who may sell.
            Conflict: OWN_ACCOUNT.
            Forbidden: BLOCKED or CALENDAR_PRIVATE.
        """
        front = await self._ports.shopfronts.of_coach(tx, coach_id, who.user_id, session_type_id)
        if front.coach.user_id == who.user_id:
            raise _own_account()
        front.require_open()
        return front

    async def require_open(self, tx: Tx, who: Identity, coach: Coach) -> Account:
        """The coach's account, if ``who`` may see what can be booked there.

        Raises:
            NotFound: not one who may sell.
            Forbidden: BLOCKED or CALENDAR_PRIVATE.
        """
        account = await self._ports.accounts.get(tx, coach.user_id)
        if not coach.verified or account.suspended_at is not None:
            raise NotFound("There is no such coach.")
        await self._ports.calendars.require_visible(tx, who.user_id, coach.id, coach.user_id)
        return account

    async def own_business(self, tx: Tx, who: Identity) -> tuple[Coach, Account]:
        """The asker as a coach who may sell.

        Raises:
            Forbidden: no coach, or not one who may sell.
        """
        coach = await self._ports.coaches.of_user(tx, who.user_id)
        if coach is None:
            raise Forbidden("Only a coach can do this.")
        account = await self._ports.accounts.get(tx, who.user_id)
        account.require_may_pay()
        if not coach.verified:
            raise Forbidden("You can offer sessions once you are verified.", code=Code.ACCOUNT_UNVERIFIED)
        return coach, account

    async def session_type(
        self, tx: Tx, coach: Coach, session_type_id: SessionTypeId, wanted: Format
    ) -> SessionType:
        """What a coach offers.

        Raises:
            NotFound: no such session type, another coach's, or not offered any more.
            Invalid: of the other format.
        """
        found = await self._ports.session_types.get(tx, session_type_id)
        if found.coach_id != coach.id or found.archived:
            raise NotFound("There is no such session type.")
        return of_format(found, wanted)

    async def part(self, tx: Tx, who: Identity, booking_id: BookingId) -> tuple[Booking, Role]:
        """A booking and the asker's side of it.

        Raises:
            NotFound: no such booking, or not the asker's.
        """
        booking = await self._ports.bookings.get(tx, booking_id)
        role = role_of(booking, who.user_id)
        if role is None:
            raise NotFound("There is no such booking.")
        return booking, role

    async def as_coach(self, tx: Tx, who: Identity, booking_id: BookingId) -> Booking:
        """A booking of the asker's, who is its coach.

        Raises:
            NotFound: no such booking, or not the asker's.
            Forbidden: the asker is its client.
        """
        booking, role = await self.part(tx, who, booking_id)
        if role is not Role.COACH:
            raise Forbidden("Only the coach can do this.")
        return booking

    async def as_client(self, tx: Tx, who: Identity, booking_id: BookingId) -> Booking:
        """A booking of the asker's, who is its client.

        Raises:
            NotFound: no such booking, or not the asker's.
            Forbidden: the asker is its coach.
        """
        booking, role = await self.part(tx, who, booking_id)
        if role is not Role.CLIENT:
            raise Forbidden("Only the client can do this.")
        return booking


def of_format(session_type: SessionType, wanted: Format) -> SessionType:
    """The same.

    Raises:
        Invalid: of the other format.
    """
    if session_type.format is not wanted:
        instead = "group sessions" if session_type.format is Format.GROUP else "one-to-one sessions"
        raise Invalid.at("sessionTypeId", f"This session type is for {instead}.")
    return session_type


def _own_account() -> Conflict:
    return Conflict("You cannot book a session with yourself.", code=Code.OWN_ACCOUNT)


def role_of(booking: Booking, user_id: UserId) -> Role | None:
    """On which side somebody is; None for everybody else."""
    if booking.coach_user_id == user_id:
        return Role.COACH
    if booking.client is not None and booking.client.user_id == user_id:
        return Role.CLIENT
    return None


def client_of(account: Account, time_zone: str | None) -> Client:
    """The account as the client of a booking."""
    return Client(account.id, account.name, time_zone or account.time_zone, account.locale)


def fee_of(coach: Coach, default: int) -> int:
    """The platform's fee, per cent of net."""
    return default if coach.fee_percent is None else coach.fee_percent
