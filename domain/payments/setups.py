"""Saving a card: written down before the gateway is asked, so that a lost reply is taken up where it was left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.ids import OperationId, PaymentMethodId, UserId
from domain.payments.cards import Card
from domain.ports import Tx


@dataclass(frozen=True, slots=True)
class CardSetup:
    """An intent to save a card. There is at most one per user and token that is not finished."""

    id: OperationId
    user_id: UserId
    token: str
    created_at: datetime


class CardSetups(Protocol):
    """Unfinished setups."""

    async def begin(self, tx: Tx, setup: CardSetup) -> CardSetup:
        """Write the intent; the unfinished one of the same user and token if there is one."""
        ...

    async def finish(self, tx: Tx, setup: CardSetup) -> None:
        """Remove it: the gateway's answer is known."""
        ...


class CardShelf(Protocol):
    """Saved cards, for those who add and remove them. Removed ones stay, unseen, until the gateway forgot them too."""

    async def list(self, tx: Tx, user_id: UserId) -> Sequence[Card]:
        """The user's cards, the newest first."""
        ...

    async def by_gateway(self, tx: Tx, user_id: UserId, gateway_id: str) -> Card | None:
        """The user's card that the gateway knows by this id."""
        ...

    async def insert(self, tx: Tx, card: Card) -> None:
        """Write a new card."""
        ...

    async def insert_hidden(self, tx: Tx, card: Card, at: datetime) -> None:
        """Write a new card that is out of sight from the start; nothing happens if its gateway id is known already."""
        ...

    async def make_default(self, tx: Tx, user_id: UserId, card_id: PaymentMethodId) -> None:
        """Make this the default, and no other."""
        ...

    async def hide(self, tx: Tx, card: Card, at: datetime) -> None:
        """Take it out of sight; it is the default no more."""
        ...

    async def hidden(self, before: datetime, limit: int) -> Sequence[Card]:
        """Cards hidden before an instant (wall time) that the gateway may still keep."""
        ...

    async def forget(self, card: Card) -> None:
        """Remove a hidden card for good."""
        ...
