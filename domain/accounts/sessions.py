"""Logging in, staying logged in, logging out."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

from domain.accounts.account import Account
from domain.accounts.families import REFRESH_LIFETIME, TokenFamily, Verdict
from domain.accounts.ports import (
    AccessTokens,
    AccountStore,
    AttemptStore,
    FamilyStore,
    PasswordHasher,
    RefreshTokens,
    RevocationFeed,
    RevocationStore,
)
from domain.accounts.revocations import ACCESS_LIFETIME, Revocation
from domain.accounts.rules import normalised_email
from domain.clock import Clock
from domain.coaching.ports import CoachStore
from domain.errors import Code, Unauthenticated
from domain.ids import CoachId, new_id
from domain.ports import Transactions, Tx


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """What a log-in or a refresh gives. ``expires_at`` is the access token's, wall time."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    user: Account
    coach_id: CoachId | None


@dataclass(frozen=True, slots=True)
class SessionPorts:
    """What the use cases of this module share."""

    transact: Transactions
    accounts: AccountStore
    coaches: CoachStore
    families: FamilyStore
    revocations: RevocationStore
    feed: RevocationFeed
    access: AccessTokens
    refresh: RefreshTokens
    clock: Clock
    #: nobody with an address of these domains is let in: accounts whose passwords are public
    refused_domains: frozenset[str] = frozenset()

    def refuses(self, email: str) -> bool:
        """Whether the domain of a normalised address is refused."""
        return email.rpartition("@")[2] in self.refused_domains


class Login:
    """Checks a password and starts a token family."""

    def __init__(self, ports: SessionPorts, attempts: AttemptStore, passwords: PasswordHasher) -> None:
        self._ports = ports
        self._attempts = attempts
        self._passwords = passwords

    async def __call__(self, email: str, password: str) -> LoggedIn:
        """Log in.

        An unknown or refused address takes as long, and is locked as soon, as one that may log in.

        Raises:
            Unauthenticated: BAD_CREDENTIALS.
            Forbidden: ACCOUNT_LOCKED after ten failures, or ACCOUNT_SUSPENDED (said only to who knows the password).
        """
        address = normalised_email(email)
        key = sha256(address.encode()).hexdigest()
        account = await self._ports.transact(lambda tx: self._begin(tx, key, address))
        logged_in = None
        while logged_in is None:
            hashed = account.password_hash if account else None
            if not await self._passwords.matches(password, hashed) or account is None or hashed is None:
                raise Unauthenticated("E-mail address or password is wrong.", code=Code.BAD_CREDENTIALS)
            account.require_active()
            fresh = await self._passwords.hash(password) if self._passwords.outdated(hashed) else None
            found = await self._ports.transact(partial(self._succeed, key, account, fresh))
            # Changed while the old password was checked: what was typed has to match the new one.
            account, logged_in = (found, None) if isinstance(found, Account) else (account, found)
        return logged_in

    async def _begin(self, tx: Tx, key: str, address: str) -> Account | None:
        attempts = await self._attempts.get(tx, key)
        attempts.begin(self._ports.clock.wall())
        await self._attempts.save(tx, attempts)
        account = await self._ports.accounts.by_email(tx, address)
        return None if self._ports.refuses(address) else account

    async def _succeed(self, key: str, checked: Account, fresh: str | None, tx: Tx) -> LoggedIn | Account:
        """The log-in; the account as it is now when the password that was ``checked`` is not its own any more."""
        ports, now, user_id = self._ports, self._ports.clock.wall(), checked.id
        account = await ports.accounts.get(tx, user_id)
        account.require_active()
        if account.password_hash != checked.password_hash:
            return account
        account.password_hash = fresh or account.password_hash
        # Saving takes turns with a suspension, which otherwise could miss the family that begins here.
        await ports.accounts.save(tx, account)
        await self._attempts.forget(tx, key)
        token = ports.refresh.first(family := new_id())
        await ports.families.insert(
            tx, TokenFamily(family, user_id, ports.refresh.digest(token), now, now + REFRESH_LIFETIME)
        )
        return await _logged_in(ports, tx, account, family, token, now)


class TokenFamilies:
    """Refreshes and ends log-ins."""

    def __init__(self, ports: SessionPorts) -> None:
        self._ports = ports

    async def refresh(self, token: str) -> LoggedIn:
        """The next pair of tokens; the same one again for 30 s.

        Raises:
            Unauthenticated: UNAUTHENTICATED (forged, logged out), TOKEN_EXPIRED, or TOKEN_REUSED, which ends the family.
        """
        family_id = self._ports.refresh.family_of(token)
        if family_id is None:
            raise Unauthenticated("This refresh token is not valid.")
        outcome = await self._ports.transact(lambda tx: self._present(tx, family_id, token))
        if isinstance(outcome, Revocation):
            await self._ports.feed.announce(outcome)
            raise Unauthenticated(
                "This refresh token was used before. For your safety you were logged out.",
                code=Code.TOKEN_REUSED,
            )
        return outcome

    async def _present(self, tx: Tx, family_id: str, token: str) -> LoggedIn | Revocation:
        ports, now = self._ports, self._ports.clock.wall()
        family = await ports.families.get(tx, family_id)
        if family is None:
            raise Unauthenticated("This refresh token is not valid.")
        verdict = family.present(
            ports.refresh.digest(token), ports.refresh.digest(ports.refresh.successor(token)), now
        )
        if verdict is Verdict.DEAD:
            lapsed = family.revoked_at is None
            raise Unauthenticated("Please log in again.", code=Code.TOKEN_EXPIRED if lapsed else None)
        # Also when nothing changed: the answer then takes turns with a log-out or a suspension.
        await ports.families.save(tx, family)
        if verdict is Verdict.REUSED:
            return await self._revoked(tx, family, now)
        newest = family.newest_after(token, ports.refresh.successor, ports.refresh.digest)
        if newest is None:
            # Only a changed server secret makes a recent token lead elsewhere.
            raise Unauthenticated("Please log in again.")
        account = await ports.accounts.get(tx, family.user_id)
        if ports.refuses(account.email):
            raise Unauthenticated("Please log in again.")
        account.require_active()
        return await _logged_in(ports, tx, account, family.id, newest, now)

    async def log_out(self, family_id: str) -> None:
        """End a log-in and every token of it, at once; a second time changes nothing."""

        async def work(tx: Tx) -> Revocation | None:
            now = self._ports.clock.wall()
            family = await self._ports.families.get(tx, family_id)
            if family is None or not family.alive(now):
                return None
            family.revoke(now)
            await self._ports.families.save(tx, family)
            return await self._revoked(tx, family, now)

        revocation = await self._ports.transact(work)
        if revocation is not None:
            await self._ports.feed.announce(revocation)

    async def log_out_with(self, refresh_token: str) -> None:
        """End the log-in that a refresh token belongs to; a token that is not ours changes nothing."""
        family_id = self._ports.refresh.family_of(refresh_token)
        if family_id is not None:
            await self.log_out(family_id)

    async def _revoked(self, tx: Tx, family: TokenFamily, now: datetime) -> Revocation:
        revocation = Revocation(family.user_id, (family.id,), now)
        await self._ports.revocations.add(tx, revocation)
        return revocation


async def _logged_in(
    ports: SessionPorts, tx: Tx, account: Account, family: str, refresh_token: str, now: datetime
) -> LoggedIn:
    coach = await ports.coaches.of_user(tx, account.id)
    coach_id = coach.id if coach else None
    return LoggedIn(
        access_token=ports.access.issue(account, coach_id, family, now),
        refresh_token=refresh_token,
        expires_at=now + ACCESS_LIFETIME,
        user=account,
        coach_id=coach_id,
    )
