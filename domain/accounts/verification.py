"""Taking as proven what a person says of themselves."""

from dataclasses import dataclass

from domain.accounts.account import Account
from domain.accounts.ports import AccountStore
from domain.accounts.rules import normalised_email
from domain.coaching.coach import Coach
from domain.coaching.ports import CoachStore
from domain.errors import NotFound
from domain.ports import Transactions, Tx


@dataclass(frozen=True, slots=True)
class Verified:
    """Who is verified now; ``coach`` is None for who is none."""

    account: Account
    coach: Coach | None


class Verification:
    """Lets an account pay and, if it is a coach's, go online. For operators, who know the person by other means."""

    def __init__(self, transact: Transactions, accounts: AccountStore, coaches: CoachStore) -> None:
        self._transact = transact
        self._accounts = accounts
        self._coaches = coaches

    async def __call__(self, email: str) -> Verified:
        """Mark the e-mail address, and a coach's profile, as verified; again changes nothing.

        Raises:
            NotFound: no account has this address.
        """
        address = normalised_email(email)
        return await self._transact(lambda tx: self._verify(tx, address))

    async def _verify(self, tx: Tx, address: str) -> Verified:
        account = await self._accounts.by_email(tx, address)
        if account is None:
            raise NotFound(f"There is no account with the address {address}.")
        if not account.email_verified:
            account.email_verified = True
            await self._accounts.save(tx, account)
        coach = await self._coaches.of_user(tx, account.id)
        if coach is not None and not coach.verified:
            coach.verified = True
            await self._coaches.save(tx, coach)
        return Verified(account, coach)
