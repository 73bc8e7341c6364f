"""Shutting an account out, and letting it in again."""

from dataclasses import dataclass
from typing import Protocol

from domain.accounts.account import Account, Identity, Role
from domain.accounts.ports import AccountStore, FamilyStore, RevocationFeed, RevocationStore
from domain.accounts.revocations import Revocation
from domain.clock import Clock, real_seconds
from domain.coaching.coach import ABSENCE_SECONDS, Wish
from domain.coaching.ports import CoachStore
from domain.errors import Code, Conflict, Forbidden
from domain.events import ToWatchers
from domain.ids import UserId
from domain.ports import Transactions, Tx


class AfterSuspension(Protocol):
    """Who wants to know that somebody was shut out, to end what they are in."""

    async def suspended(self, user_id: UserId) -> None:
        """Called after the commit; a process that dies before leaves it to the closed sockets."""
        ...


@dataclass(frozen=True, slots=True)
class SuspensionPorts:
    """What a suspension touches."""

    transact: Transactions
    accounts: AccountStore
    coaches: CoachStore
    families: FamilyStore
    revocations: RevocationStore
    feed: RevocationFeed
    clock: Clock
    after: tuple[AfterSuspension, ...] = ()


class Suspension:
    """Signs a person out everywhere, takes a coach offline, and keeps them out until it is lifted."""

    def __init__(self, ports: SuspensionPorts) -> None:
        self._ports = ports

    async def set(
        self, who: Identity, user_id: UserId, *, suspended: bool, reason: str | None = None
    ) -> Account:
        """Suspend or lift; saying the same twice changes nothing, but ends what a first time may have left.

        Raises:
            Forbidden: the asker is no admin.
            Conflict: OWN_ACCOUNT.
            NotFound: no such person.
        """
        if who.role is not Role.ADMIN:
            raise Forbidden("Only an admin may suspend.")
        if who.user_id == user_id:
            raise Conflict("You cannot suspend yourself.", code=Code.OWN_ACCOUNT)
        account, revocation = await self._ports.transact(
            lambda tx: self._work(tx, user_id, suspended, reason)
        )
        if revocation is not None:
            await self._ports.feed.announce(revocation)
        if suspended:
            for after in self._ports.after:
                await after.suspended(user_id)
        return account

    async def _work(
        self, tx: Tx, user_id: UserId, suspended: bool, reason: str | None
    ) -> tuple[Account, Revocation | None]:
        account = await self._ports.accounts.get(tx, user_id)
        if suspended == (account.suspended_at is not None):
            return account, None
        now = self._ports.clock.wall()
        account.suspended_at = now if suspended else None
        account.suspension_reason = reason if suspended else None
        await self._ports.accounts.save(tx, account)
        if not suspended:
            return account, None
        families = await self._ports.families.revoke_all(tx, user_id, now)
        await self._take_offline(tx, user_id)
        revocation = Revocation(user_id, tuple(families), now)
        await self._ports.revocations.add(tx, revocation)
        return account, revocation

    async def _take_offline(self, tx: Tx, user_id: UserId) -> None:
        coach = await self._ports.coaches.of_user(tx, user_id)
        if coach is None or coach.wish is Wish.OFFLINE:
            return
        now, clock = self._ports.clock.now(), self._ports.clock
        coach.wish, coach.status_since = Wish.OFFLINE, now
        await self._ports.coaches.save(tx, coach)
        tx.emit(
            ToWatchers(coach.id),
            coach.status_event(now, real_seconds(clock, ABSENCE_SECONDS).total_seconds()),
        )
