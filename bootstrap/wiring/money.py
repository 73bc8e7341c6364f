"""Payments of purchases and the way of money back, wired to stores, gateway and clock."""

from dataclasses import dataclass

from billing.charges import Charges
from billing.checkout_pages import CheckoutPages
from billing.purchases import Purchases
from billing.refunds import Refunds
from billing.sales import SalePorts, Sales
from billing.till import PaymentTill
from bootstrap.wiring.stores import Stores
from domain.clock import Clock
from domain.payments.gateway import PaymentGateway
from domain.payments.purchases import Sellable, SubjectKind


@dataclass(frozen=True)
class MoneyHouse:
    """Everything about payments that are not of a call. ``sellables`` is filled in by whoever sells."""

    till: PaymentTill
    sellables: dict[SubjectKind, Sellable]
    purchases: Purchases
    charges: Charges
    refunds: Refunds


def build_money(stores: Stores, clock: Clock, gateway: PaymentGateway, console_url: str) -> MoneyHouse:
    """One per process."""
    s = stores
    till = PaymentTill(s.payments, s.operations, clock)
    sellables: dict[SubjectKind, Sellable] = {}
    ports = SalePorts(
        transact=s.transact,
        clock=clock,
        payments=s.payments,
        operations=s.operations,
        ledger=s.ledger,
        till=till,
        sellables=sellables,
    )
    charges = Charges(ports, Sales(ports), gateway, CheckoutPages(console_url))
    return MoneyHouse(
        till=till,
        sellables=sellables,
        purchases=Purchases(ports, charges, gateway, s.accounts, s.cards),
        charges=charges,
        refunds=Refunds(ports, gateway),
    )
