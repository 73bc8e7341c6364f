"""Discount codes are used up exactly, whoever else buys at the same time, through two processes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest

from domain.booking.session_type import Format, SessionType
from domain.errors import Code, Conflict
from domain.ids import DiscountCodeId, SessionTypeId, UserId, new_id
from domain.money import Money
from domain.ports import Tx
from domain.pricing.codes import DiscountCode
from domain.pricing.quote import PriceReason, Quote
from tests.support.house import House, Party

BUYERS = 12


class Shop:
    """A coach's hour for 90 dollars, and one code for it."""

    def __init__(self, house: House, coach: Party, **terms: object) -> None:
        assert coach.who.coach_id is not None
        self.house = house
        self.code = DiscountCode(DiscountCodeId(new_id()), coach.who.coach_id, "WELCOME", **terms)  # type: ignore[arg-type]
        self.hour = SessionType(
            id=SessionTypeId(new_id()),
            coach_id=coach.who.coach_id,
            names={"en": "Hour"},
            descriptions={},
            format=Format.ONE_TO_ONE,
            price=Money(9000, "USD"),
            duration_min=60,
            duration_max=60,
            duration_default=60,
        )

    async def open(self) -> "Shop":
        await self.house.stores.transact(lambda tx: self.house.stores.discount_codes.insert(tx, self.code))
        return self

    async def buy(self, at: House, buyer: UserId, order: str) -> Quote:
        """Quote and use up in one transaction, as an order does."""

        async def work(tx: Tx) -> Quote:
            quote = await self.quote(at, tx, buyer)
            await at.booking.prices.consume(tx, quote, buyer, order)
            return quote

        return await at.stores.transact(work)

    async def quote(self, at: House, tx: Tx, buyer: UserId) -> Quote:
        start = at.clock.now() + timedelta(days=1)
        return await at.booking.prices.quote(
            tx, buyer=buyer, session_type=self.hour, start=start, minutes=60, code="welcome"
        )

    async def give_back(self, at: House, quote: Quote, buyer: UserId, order: str) -> None:
        await at.stores.transact(lambda tx: at.booking.prices.release(tx, quote, buyer, order))

    async def stored(self) -> DiscountCode:
        return await self.house.stores.transact(
            lambda tx: self.house.stores.discount_codes.get(tx, self.code.id)
        )

    async def uses(self) -> int:
        return await self.house.stores.db["discount_uses"].count_documents({})


@pytest.fixture
async def open_shop(house: House) -> Callable[..., Awaitable[Shop]]:
    """Opens a shop with a code of given terms."""

    async def opened(**terms: object) -> Shop:
        return await Shop(house, await house.coach(online=False), **terms).open()

    return opened


async def race(work: Sequence[Awaitable[Quote]]) -> tuple[list[Quote], list[Code]]:
    """Who got it, and with what the others were refused."""
    results = await asyncio.gather(*work, return_exceptions=True)
    refused = [one for one in results if isinstance(one, Conflict)]
    won = [one for one in results if isinstance(one, Quote)]
    assert len(won) + len(refused) == len(results), results
    return won, [one.code for one in refused]


async def test_of_many_buyers_exactly_one_gets_the_last_use(
    house: House, neighbour: House, open_shop: Callable[..., Awaitable[Shop]]
) -> None:
    shop = await open_shop(percent=20, max_uses=3, uses=2)

    won, refused = await race(
        [shop.buy((house, neighbour)[n % 2], UserId(new_id()), new_id()) for n in range(BUYERS)]
    )

    assert [(one.amount, one.label) for one in won] == [(7200, "WELCOME")]
    assert refused == [Code.CODE_USED_UP] * (BUYERS - 1)
    assert (await shop.stored()).uses == 3
    assert await shop.uses() == 1


async def test_one_person_in_many_windows_uses_it_once(
    house: House, neighbour: House, open_shop: Callable[..., Awaitable[Shop]]
) -> None:
    shop, buyer = await open_shop(percent=20, max_uses_per_person=1), UserId(new_id())

    won, refused = await race([shop.buy((house, neighbour)[n % 2], buyer, new_id()) for n in range(BUYERS)])

    assert len(won) == 1
    assert refused == [Code.CODE_USED_UP] * (BUYERS - 1)
    assert (await shop.stored()).uses == 1


async def test_a_budget_is_given_out_to_the_cent_and_not_beyond(
    house: House, neighbour: House, open_shop: Callable[..., Awaitable[Shop]]
) -> None:
    shop = await open_shop(percent=20, budget=Money(5000, "USD"))

    won, refused = await race(
        [shop.buy((house, neighbour)[n % 2], UserId(new_id()), new_id()) for n in range(6)]
    )

    assert sorted(one.base - one.amount for one in won) == [1400, 1800, 1800]
    assert refused == [Code.CODE_USED_UP] * 3
    assert (await shop.stored()).discounted == 5000


async def test_what_an_order_used_comes_back_once_when_it_comes_to_nothing(
    house: House, open_shop: Callable[..., Awaitable[Shop]]
) -> None:
    shop, buyer, order = await open_shop(percent=20, max_uses=1), UserId(new_id()), new_id()
    quote = await shop.buy(house, buyer, order)

    await asyncio.gather(*(shop.give_back(house, quote, buyer, order) for _ in range(4)))

    stored = await shop.stored()
    assert (stored.uses, stored.discounted, await shop.uses()) == (0, 0, 0)
    assert (await shop.buy(house, UserId(new_id()), new_id())).amount == 7200


async def test_an_order_that_is_written_twice_uses_one_up(
    house: House, open_shop: Callable[..., Awaitable[Shop]]
) -> None:
    shop, buyer, order = await open_shop(percent=20, max_uses=5), UserId(new_id()), new_id()

    await shop.buy(house, buyer, order)
    await shop.buy(house, buyer, order)

    assert (await shop.stored()).uses == 1


async def test_a_price_that_rests_on_a_budget_somebody_else_used_is_refused(
    house: House, open_shop: Callable[..., Awaitable[Shop]]
) -> None:
    shop, first, second = await open_shop(percent=20, budget=Money(2000, "USD")), new_id(), new_id()
    old = await house.stores.transact(lambda tx: shop.quote(house, tx, UserId(second)))
    await shop.buy(house, UserId(first), new_id())

    with pytest.raises(Conflict) as refused:
        await house.stores.transact(
            lambda tx: house.booking.prices.consume(tx, old, UserId(second), new_id())
        )

    assert (old.amount, refused.value.code) == (7200, Code.CODE_USED_UP)
    assert (await shop.stored()).discounted == 1800


async def test_looking_at_a_price_uses_nothing_up(
    house: House, open_shop: Callable[..., Awaitable[Shop]]
) -> None:
    shop = await open_shop(percent=20, max_uses=1)

    quotes = [
        await house.stores.transact(lambda tx: shop.quote(house, tx, UserId(new_id()))) for _ in range(3)
    ]

    assert {one.reason for one in quotes} == {PriceReason.CODE}
    assert (await shop.stored()).uses == 0


async def test_a_coach_who_edits_while_a_code_is_used_loses_neither(
    house: House, neighbour: House, open_shop: Callable[..., Awaitable[Shop]]
) -> None:
    shop = await open_shop(percent=20)

    async def edit() -> None:
        async def work(tx: Tx) -> None:
            code = await neighbour.stores.discount_codes.get(tx, shop.code.id)
            code.max_uses = 100
            await neighbour.stores.discount_codes.save(tx, code)

        await neighbour.stores.transact(work)

    await asyncio.gather(edit(), *(shop.buy(house, UserId(new_id()), new_id()) for _ in range(5)))

    stored = await shop.stored()
    assert (stored.max_uses, stored.uses, stored.version) == (100, 5, 2)
