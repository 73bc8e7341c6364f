"""Saved payment methods."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.ids import PaymentMethodId, UserId
from domain.ports import Tx


@dataclass(frozen=True, slots=True)
class Card:
    """A saved card. The gateway keeps the number; we keep what a person recognises it by."""

    id: PaymentMethodId
    user_id: UserId
    gateway_id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    #: ISO 3166 alpha-2 of the issuer, which decides the tax; None if the gateway does not say
    country: str | None
    is_default: bool
    created_at: datetime


class CardStore(Protocol):
    """Saved cards; a user with cards has exactly one default."""

    async def chosen(self, tx: Tx, user_id: UserId, card_id: PaymentMethodId | None) -> Card | None:
        """The user's card of that id, or the default for None; None if there is no such card."""
        ...
