"""Every currency that a coach may price in, all the way at the gateway: held, partly captured, charged, taxed, given back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.payments.stripe import StripeGateway, StripeSettings
from domain.currencies import CHARGE_MINIMUM, Movement, movable
from domain.money import Money, charge_minimum
from domain.payments.gateway import Authorization, Charge, GatewayRefused
from tests.support.sandbox import SECRET_KEY, WEBHOOK_SECRET, running_sandbox


class Till:
    """A gateway and somebody with a good card."""

    def __init__(self, gateway: StripeGateway, customer: str, card: str) -> None:
        self.gateway = gateway
        self._customer = customer
        self._card = card

    def hold(self, amount: Money) -> Authorization:
        return Authorization(
            amount=amount,
            customer=self._customer,
            payment_method=self._card,
            on_session=True,
            description="Live call",
            metadata={},
        )

    def charge(self, amount: Money) -> Charge:
        return Charge(
            amount=amount,
            customer=self._customer,
            payment_method=self._card,
            description="Session",
            metadata={},
        )


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Till]:
    async with running_sandbox(tmp_path) as sandbox:
        settings = StripeSettings(SECRET_KEY, WEBHOOK_SECRET, address=sandbox.url, timeout=8.0)
        gateway = StripeGateway(settings)
        try:
            customer = await gateway.create_customer(
                key="customer:u1:1", email="client@demo.test", name="Client", user_id="u1"
            )
            card = await gateway.attach_card(key="attach:1", customer=customer, payment_method="pm_card_de")
            yield Till(gateway, customer, card.id)
        finally:
            await gateway.close()


async def test_every_currency_is_charged_and_given_back_in_parts_to_the_last_unit(till: Till) -> None:
    for currency in sorted(CHARGE_MINIMUM):
        least = charge_minimum(currency)
        paid = Money(3 * least, currency)
        part = paid.with_amount(movable(paid.amount // 3 + 7, currency, Movement.REFUND))

        charged = await till.gateway.charge(key=f"charge:{currency}:1", charge=till.charge(paid))
        backs = [
            await till.gateway.refund(
                key=f"refund:{currency}:{n}", intent=charged.id, amount=amount, metadata={}
            )
            for n, amount in enumerate((part, paid - part))
        ]

        assert (charged.amount, charged.captured) == (paid, paid.amount), currency
        assert [one.amount for one in backs] == [part, paid - part], currency


async def test_every_currency_is_held_and_captured_in_part(till: Till) -> None:
    for currency in sorted(CHARGE_MINIMUM):
        held = Money(4 * charge_minimum(currency), currency)
        part = held.with_amount(charge_minimum(currency))

        hold = await till.gateway.authorize(key=f"hold:{currency}:1", authorization=till.hold(held))
        taken = await till.gateway.capture(
            key=f"capture:{currency}:1", intent=hold.id, amount=part, metadata={}
        )

        assert (hold.amount, hold.capturable) == (held, held.amount), currency
        assert (taken.captured, taken.capturable) == (part.amount, 0), currency


async def test_tax_is_inside_the_price_in_every_currency(till: Till) -> None:
    for currency in sorted(CHARGE_MINIMUM):
        gross = Money(119 * charge_minimum(currency), currency)

        answer = await till.gateway.tax(
            key=f"tax:{currency}:1", gross=gross, country="DE", postal_code=None, reference="p1"
        )

        assert (answer.gross, answer.tax) == (gross, 19 * charge_minimum(currency)), currency


@pytest.mark.parametrize(
    "below", [Money(69, "ISK"), Money(1899, "UGX"), Money(150, "KWD"), Money(165, "KWD")]
)
async def test_what_a_currency_does_not_have_is_refused_by_the_gateway(till: Till, below: Money) -> None:
    with pytest.raises(GatewayRefused):
        await till.gateway.charge(key="charge:below:1", charge=till.charge(below))


async def test_a_refund_keeps_to_the_steps_of_its_currency(till: Till) -> None:
    charged = await till.gateway.charge(key="charge:1", charge=till.charge(Money(1000, "KWD")))

    with pytest.raises(GatewayRefused):
        await till.gateway.refund(key="refund:1", intent=charged.id, amount=Money(505, "KWD"), metadata={})
