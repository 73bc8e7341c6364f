"""Saved payment methods: list, add, remove."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.accounts.account import Account, Identity
from domain.accounts.ports import AccountStore
from domain.clock import Clock
from domain.errors import Conflict, NotFound, PaymentRefused, Unavailable
from domain.ids import OperationId, PaymentMethodId, UserId, new_id
from domain.payments.cards import Card
from domain.payments.gateway import GatewayRefused, GatewayUnknown, PaymentGateway, SavedCard
from domain.payments.refusals import told_to_client
from domain.payments.setups import CardSetup, CardSetups, CardShelf
from domain.ports import Transactions, Tx

#: More cards than anybody has; without a limit, trying stolen ones would be free.
CARDS_MAX = 10
#: A removal that the gateway has not confirmed by then is repeated.
REMOVAL_REPEATED_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class CardPorts:
    """What the use cases of this module share."""

    transact: Transactions
    accounts: AccountStore
    cards: CardShelf
    setups: CardSetups
    gateway: PaymentGateway
    clock: Clock


class PaymentMethods:
    """A user's cards. A user with cards has exactly one default."""

    def __init__(self, ports: CardPorts) -> None:
        self._ports = ports

    async def list(self, who: Identity) -> Sequence[Card]:
        """The asker's cards, the newest first."""
        return await self._ports.transact(lambda tx: self._ports.cards.list(tx, who.user_id))

    async def add(self, who: Identity, token: str, *, make_default: bool = False) -> Card:
        """Save a tokenised card. The first one becomes the default.

        The intent is stored before the gateway is asked; the same token again takes up an unfinished setup with the
        same idempotency keys.

        Raises:
            Forbidden: ACCOUNT_UNVERIFIED or ACCOUNT_SUSPENDED.
            Conflict: too many cards.
            PaymentRefused: the gateway does not want this card; ``details.reason`` is its code.
            Unavailable: the gateway did not answer; repeating the request is safe.
        """
        setup, account = await self._ports.transact(lambda tx: self._begin(tx, who.user_id, token))
        try:
            customer = account.gateway_customer or await self._customer(setup, account)
            saved = await self._ports.gateway.attach_card(
                key=f"attach_card:{setup.id}:1", customer=customer, payment_method=token
            )
        except GatewayRefused as refusal:
            await self._ports.transact(lambda tx: self._ports.setups.finish(tx, setup))
            raise PaymentRefused(
                refusal.message, details={"reason": told_to_client(refusal.code)}
            ) from refusal
        except GatewayUnknown as error:
            if error.replayed_error:
                # These keys will never give another answer: the next try is a new setup with new ones.
                await self._ports.transact(lambda tx: self._ports.setups.finish(tx, setup))
            raise Unavailable("The payment gateway did not answer; please try again.") from error
        card, kept = await self._ports.transact(lambda tx: self._finish(tx, setup, saved, make_default))
        if not kept:
            await self._detach(card)
            raise _too_many()
        return card

    async def make_default(self, who: Identity, card_id: PaymentMethodId) -> Card:
        """Choose the default.

        Raises:
            NotFound: no such card of the asker.
        """

        async def work(tx: Tx) -> Card:
            await self._serialise(tx, who.user_id)
            await self._ports.cards.make_default(tx, who.user_id, card_id)
            return await self._own(tx, who.user_id, card_id)

        return await self._ports.transact(work)

    async def remove(self, who: Identity, card_id: PaymentMethodId) -> None:
        """Forget a card, at once for its owner, then at the gateway. The newest of the rest becomes the default.

        A gateway that does not answer is asked again by :meth:`finish_removals`.

        Raises:
            NotFound: no such card of the asker.
        """
        card = await self._ports.transact(lambda tx: self._hide(tx, who.user_id, card_id))
        await self._detach(card)

    async def finish_removals(self, limit: int = 50) -> int:
        """Repeat what the gateway did not confirm; how many are done now. For a periodic task."""
        before = self._ports.clock.wall() - REMOVAL_REPEATED_AFTER
        return sum([await self._detach(card) for card in await self._ports.cards.hidden(before, limit)])

    async def _begin(self, tx: Tx, user_id: UserId, token: str) -> tuple[CardSetup, Account]:
        account = await self._ports.accounts.get(tx, user_id)
        account.require_may_pay()
        if len(await self._ports.cards.list(tx, user_id)) >= CARDS_MAX:
            raise _too_many()
        setup = CardSetup(OperationId(new_id()), user_id, token, self._ports.clock.wall())
        return await self._ports.setups.begin(tx, setup), account

    async def _customer(self, setup: CardSetup, account: Account) -> str:
        created = await self._ports.gateway.create_customer(
            key=f"create_customer:{setup.id}:1",
            email=account.email,
            name=account.name,
            user_id=account.id,
        )

        async def keep(tx: Tx) -> str:
            # Of two first cards at once, the customer that is stored first counts; the other stays empty.
            fresh = await self._ports.accounts.get(tx, account.id)
            fresh.gateway_customer = fresh.gateway_customer or created
            await self._ports.accounts.save(tx, fresh)
            return fresh.gateway_customer

        return await self._ports.transact(keep)

    async def _finish(
        self, tx: Tx, setup: CardSetup, saved: SavedCard, make_default: bool
    ) -> tuple[Card, bool]:
        """The card, and whether it is kept: others may have taken the last place while the gateway was asked."""
        await self._serialise(tx, setup.user_id)
        await self._ports.setups.finish(tx, setup)
        known = await self._ports.cards.by_gateway(tx, setup.user_id, saved.id)
        if known is not None:
            return known, True
        others = await self._ports.cards.list(tx, setup.user_id)
        card = _card(setup.user_id, saved, self._ports.clock.wall())
        if len(others) >= CARDS_MAX:
            await self._ports.cards.insert_hidden(tx, card, card.created_at)
            return card, False
        await self._ports.cards.insert(tx, card)
        if make_default or not others:
            await self._ports.cards.make_default(tx, setup.user_id, card.id)
        return await self._own(tx, setup.user_id, card.id), True

    async def _hide(self, tx: Tx, user_id: UserId, card_id: PaymentMethodId) -> Card:
        await self._serialise(tx, user_id)
        card = await self._own(tx, user_id, card_id)
        await self._ports.cards.hide(tx, card, self._ports.clock.wall())
        rest = await self._ports.cards.list(tx, user_id)
        if card.is_default and rest:
            await self._ports.cards.make_default(tx, user_id, rest[0].id)
        return card

    async def _detach(self, card: Card) -> bool:
        # Forgetting twice is the same as once, so every try has a key of its own: a stored error is never replayed.
        attempt = int(self._ports.clock.wall().timestamp())
        try:
            await self._ports.gateway.detach_card(
                key=f"detach_card:{card.id}:{attempt}", payment_method=card.gateway_id
            )
        except GatewayUnknown:
            return False
        except GatewayRefused:
            # The gateway does not know the card (any more): there is nothing left to forget.
            pass
        await self._ports.cards.forget(card)
        return True

    async def _own(self, tx: Tx, user_id: UserId, card_id: PaymentMethodId) -> Card:
        for card in await self._ports.cards.list(tx, user_id):
            if card.id == card_id:
                return card
        raise NotFound("There is no such payment method.")

    async def _serialise(self, tx: Tx, user_id: UserId) -> None:
        """Writing the account makes two changes of one person's cards take turns."""
        await self._ports.accounts.save(tx, await self._ports.accounts.get(tx, user_id))


def _card(user_id: UserId, saved: SavedCard, now: datetime) -> Card:
    return Card(
        id=PaymentMethodId(new_id()),
        user_id=user_id,
        gateway_id=saved.id,
        brand=saved.brand,
        last4=saved.last4,
        exp_month=saved.exp_month,
        exp_year=saved.exp_year,
        country=saved.country,
        is_default=False,
        created_at=now,
    )


def _too_many() -> Conflict:
    return Conflict(f"You can save up to {CARDS_MAX} cards. Please remove one first.")
