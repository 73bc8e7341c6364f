"""Offering sessions: what coaches say of their session types, and who sees them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from domain.accounts.account import Identity
from domain.accounts.profiles import Profiles
from domain.booking.offering import Offering, check_offering
from domain.booking.ports import SessionTypeStore
from domain.booking.session_type import Format, SessionType
from domain.booking.telling import tell_change
from domain.clock import Clock
from domain.coaching.own import business_of
from domain.coaching.ports import CoachStore
from domain.errors import Conflict, NotFound
from domain.ids import CoachId, SessionTypeId, UserId, new_id
from domain.ports import Transactions, Tx
from domain.versions import require_version

#: Of one coach, without archived ones.
MAX_OFFERED = 50


@dataclass(frozen=True, slots=True)
class OfferPorts:
    """What session types need."""

    transact: Transactions
    session_types: SessionTypeStore
    coaches: CoachStore
    profiles: Profiles
    clock: Clock


class SessionTypes:
    """A coach's own session types, and those that a client may choose from."""

    def __init__(self, ports: OfferPorts) -> None:
        self._ports = ports

    async def own(
        self, who: Identity, *, archived: bool, after: SessionTypeId | None, limit: int
    ) -> Sequence[SessionType]:
        """The asker's, oldest first.

        Raises:
            Forbidden: no coach.
        """
        return await self._ports.session_types.page(
            business_of(who), archived=archived, after=after, limit=limit
        )

    async def offered_by(self, who: Identity, user_id: UserId) -> Sequence[SessionType]:
        """Everything that a coach offers, oldest first.

        Raises:
            NotFound: no such coach for the asker (blocked, suspended, unverified).
        """
        card = await self._ports.profiles.of_coach(who, user_id)
        return await self._ports.session_types.page(
            card.coach.id, archived=False, after=None, limit=MAX_OFFERED
        )

    async def get(self, who: Identity, session_type_id: SessionTypeId) -> SessionType:
        """One of the asker's.

        Raises:
            Forbidden: no coach.
            NotFound: no such session type of theirs.
        """
        return await self._ports.transact(lambda tx: self._own(tx, business_of(who), session_type_id))

    async def create(self, who: Identity, format_: Format, offering: Offering) -> SessionType:
        """Offer something new.

        Raises:
            Forbidden: no coach.
            Invalid: what cannot be sold, see :func:`check_offering`.
            Conflict: ILLEGAL_STATE, :data:`MAX_OFFERED` are offered already.
        """
        coach_id, fresh = business_of(who), SessionTypeId(new_id())

        async def work(tx: Tx) -> SessionType:
            await self._check(tx, coach_id, format_, offering)
            await self._require_room(tx, coach_id)
            made = SessionType(id=fresh, coach_id=coach_id, format=format_, **_values(offering))
            await self._ports.session_types.insert(tx, made)
            tell_change(tx, who, coach_id, self._ports.clock.now())
            return made

        return await self._ports.transact(work)

    async def change(
        self, who: Identity, session_type_id: SessionTypeId, expected: int, offering: Offering
    ) -> SessionType:
        """Offer it differently; what is booked stays as it was booked. The format never changes.

        Raises:
            Forbidden: no coach.
            NotFound: no such session type of theirs.
            Conflict: VERSION_MISMATCH.
            Invalid: what cannot be sold.
        """
        coach_id = business_of(who)

        async def work(tx: Tx) -> SessionType:
            session_type = await self._own(tx, coach_id, session_type_id)
            require_version(expected, session_type.version)
            await self._check(tx, coach_id, session_type.format, offering)
            for name, value in _values(offering).items():
                setattr(session_type, name, value)
            await self._ports.session_types.save(tx, session_type)
            tell_change(tx, who, coach_id, self._ports.clock.now())
            return session_type

        return await self._ports.transact(work)

    async def remove(self, who: Identity, session_type_id: SessionTypeId) -> None:
        """Offer it no longer: it is deleted, or archived if anything was ever booked of it. Twice is as once.

        Raises:
            Forbidden: no coach.
            NotFound: no such session type of theirs.
        """
        coach_id = business_of(who)

        async def work(tx: Tx) -> None:
            session_type = await self._own(tx, coach_id, session_type_id)
            if session_type.archived:
                return
            if session_type.used:
                session_type.archived = True
                await self._ports.session_types.save(tx, session_type)
            else:
                await self._ports.session_types.delete(tx, session_type)
            tell_change(tx, who, coach_id, self._ports.clock.now())

        await self._ports.transact(work)

    async def restore(self, who: Identity, session_type_id: SessionTypeId) -> SessionType:
        """Offer an archived one again. Twice is as once.

        Raises:
            Forbidden: no coach.
            NotFound: no such session type of theirs.
            Conflict: ILLEGAL_STATE, :data:`MAX_OFFERED` are offered already.
        """
        coach_id = business_of(who)

        async def work(tx: Tx) -> SessionType:
            session_type = await self._own(tx, coach_id, session_type_id)
            if session_type.archived:
                await self._require_room(tx, coach_id)
                session_type.archived = False
                await self._ports.session_types.save(tx, session_type)
                tell_change(tx, who, coach_id, self._ports.clock.now())
            return session_type

        return await self._ports.transact(work)

    async def _own(self, tx: Tx, coach_id: CoachId, session_type_id: SessionTypeId) -> SessionType:
        found = await self._ports.session_types.get(tx, session_type_id)
        if found.coach_id != coach_id:
            raise NotFound("There is no such session type.")
        return found

    async def _check(self, tx: Tx, coach_id: CoachId, format_: Format, offering: Offering) -> None:
        coach = await self._ports.coaches.get(tx, coach_id)
        check_offering(format_, offering, coach.rate_per_minute.currency)

    async def _require_room(self, tx: Tx, coach_id: CoachId) -> None:
        if await self._ports.session_types.count_offered(tx, coach_id) >= MAX_OFFERED:
            raise Conflict(
                f"You offer {MAX_OFFERED} session types; archive one first.", details={"limit": MAX_OFFERED}
            )


def _values(offering: Offering) -> dict[str, Any]:
    return {field.name: getattr(offering, field.name) for field in fields(offering)}
