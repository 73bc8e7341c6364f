"""A new password for who forgot the old one, by a link in a mail."""

from dataclasses import dataclass
from hashlib import sha256

from domain.accounts.account import Account
from domain.accounts.address_proof import LinkPorts
from domain.accounts.one_time import LIFETIME, OneTimeToken, Purpose, link_invalid
from domain.accounts.ports import AttemptStore, FamilyStore, PasswordHasher, RevocationFeed, RevocationStore
from domain.accounts.requests import key_of
from domain.accounts.revocations import Revocation
from domain.accounts.rules import check_password, normalised_email
from domain.errors import NotFound
from domain.ports import Tx

#: The mail that says that it happened, in case it was somebody else.
CHANGED = "password_changed"


@dataclass(frozen=True, slots=True)
class ResetPorts:
    """What a reset ends, beside what all links need."""

    links: LinkPorts
    families: FamilyStore
    revocations: RevocationStore
    feed: RevocationFeed
    attempts: AttemptStore
    passwords: PasswordHasher


class PasswordReset:
    """Sends links, and takes them back with a new password."""

    def __init__(self, ports: ResetPorts) -> None:
        self._ports = ports

    async def ask(self, email: str) -> None:
        """Have a link sent to this address, if an account has it. Whether one has is found out when the mail is written,
        elsewhere and later: neither the answer nor how long it takes tells.

        Raises:
            RateLimited: too many for this address within an hour, whether an account has it or not.
        """
        links, address = self._ports.links, normalised_email(email)

        async def work(tx: Tx) -> None:
            requests = await links.requests.get(tx, key_of(Purpose.RESET_PASSWORD, address))
            requests.take(links.clock.wall())
            await links.requests.save(tx, requests)
            await links.outbox.to_address(
                tx, address, Purpose.RESET_PASSWORD, keep=LIFETIME[Purpose.RESET_PASSWORD]
            )

        await links.transact(work)

    async def reset(self, token: str, password: str) -> None:
        """Set a new password and end every log-in, on all devices, at once. The link is used up, and all others with it.

        Whoever read the mail has the mailbox: the address is proven.

        Raises:
            Invalid: a password against the rules.
            Conflict: LINK_INVALID.
            Forbidden: ACCOUNT_SUSPENDED.
        """
        ports, links = self._ports, self._ports.links
        check_password(password)
        token_id = links.tokens.id_of(token, Purpose.RESET_PASSWORD)
        if token_id is None:
            raise link_invalid()
        # Before the slow hash, which whoever guesses should not get.
        await links.transact(lambda tx: self._judge(tx, token_id, token))
        hashed = await ports.passwords.hash(password)
        revocation = await links.transact(lambda tx: self._set(tx, token_id, token, hashed))
        await ports.feed.announce(revocation)

    async def _judge(self, tx: Tx, token_id: str, token: str) -> tuple[OneTimeToken, Account]:
        links = self._ports.links
        kept = await links.kept.get(tx, token_id)
        if kept is None or links.refuses(kept.email):
            raise link_invalid()
        kept.require_good(Purpose.RESET_PASSWORD, links.tokens.digest(token), links.clock.wall())
        try:
            account = await links.accounts.get(tx, kept.user_id)
        except NotFound:
            raise link_invalid() from None
        if account.email != kept.email:
            raise link_invalid()
        account.require_active()
        return kept, account

    async def _set(self, tx: Tx, token_id: str, token: str, hashed: str) -> Revocation:
        ports, links = self._ports, self._ports.links
        kept, account = await self._judge(tx, token_id, token)
        now = links.clock.wall()
        kept.used_at = now
        await links.kept.save(tx, kept)
        await links.kept.use_up(tx, account.id, Purpose.RESET_PASSWORD, now)
        account.password_hash, account.email_verified = hashed, True
        # Saving takes turns with a log-in by the old password, which otherwise could miss being ended here.
        await links.accounts.save(tx, account)
        await ports.attempts.forget(tx, sha256(account.email.encode()).hexdigest())
        revocation = Revocation(account.id, tuple(await ports.families.revoke_all(tx, account.id, now)), now)
        await ports.revocations.add(tx, revocation)
        await links.outbox.to_person(tx, account.id, CHANGED)
        return revocation
