"""Proving an e-mail address by a link in a mail to it."""

from dataclasses import dataclass

from domain.accounts.account import Account, Identity
from domain.accounts.one_time import LIFETIME, OneTimeTokens, OneTimeTokenStore, Purpose, link_invalid
from domain.accounts.ports import AccountStore
from domain.accounts.requests import MailRequestStore, key_of
from domain.clock import Clock
from domain.errors import NotFound
from domain.mail.outbox import Outbox
from domain.ports import Transactions, Tx


@dataclass(frozen=True, slots=True)
class LinkPorts:
    """What the flows by mail share."""

    transact: Transactions
    accounts: AccountStore
    tokens: OneTimeTokens
    kept: OneTimeTokenStore
    requests: MailRequestStore
    outbox: Outbox
    clock: Clock
    #: nobody with an address of these domains is let in
    refused_domains: frozenset[str] = frozenset()

    def refuses(self, email: str) -> bool:
        """Whether the domain of a normalised address is refused."""
        return email.rpartition("@")[2] in self.refused_domains


async def send_proof(tx: Tx, outbox: Outbox, account: Account) -> None:
    """Write the mail down that proves a new account's address."""
    await outbox.to_person(tx, account.id, Purpose.VERIFY_EMAIL, keep=LIFETIME[Purpose.VERIFY_EMAIL])


class AddressProof:
    """Takes links back, and sends them again."""

    def __init__(self, ports: LinkPorts) -> None:
        self._ports = ports

    async def resend(self, who: Identity) -> None:
        """Send another link; nothing is sent to who is verified already.

        Raises:
            RateLimited: too many for this address within an hour.
        """

        async def work(tx: Tx) -> None:
            ports = self._ports
            account = await ports.accounts.get(tx, who.user_id)
            if account.email_verified:
                return
            requests = await ports.requests.get(tx, key_of(Purpose.VERIFY_EMAIL, account.email))
            requests.take(ports.clock.wall())
            await ports.requests.save(tx, requests)
            await send_proof(tx, ports.outbox, account)

        await self._ports.transact(work)

    async def verify(self, token: str) -> Account:
        """The address is proven; the same link once more changes nothing.

        Raises:
            Conflict: LINK_INVALID.
        """
        token_id = self._ports.tokens.id_of(token, Purpose.VERIFY_EMAIL)
        if token_id is None:
            raise link_invalid()
        return await self._ports.transact(lambda tx: self._verify(tx, token_id, token))

    async def _verify(self, tx: Tx, token_id: str, token: str) -> Account:
        ports, now = self._ports, self._ports.clock.wall()
        kept = await ports.kept.get(tx, token_id)
        if kept is None or ports.refuses(kept.email):
            raise link_invalid()
        try:
            account = await ports.accounts.get(tx, kept.user_id)
        except NotFound:
            raise link_invalid() from None
        if account.email != kept.email:
            raise link_invalid()
        if account.email_verified and kept.used_at is not None:
            return account
        kept.require_good(Purpose.VERIFY_EMAIL, ports.tokens.digest(token), now)
        kept.used_at = now
        await ports.kept.save(tx, kept)
        account.email_verified = True
        await ports.accounts.save(tx, account)
        return account
