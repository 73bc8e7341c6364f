"""Many people want the same at the same instant, at two processes: it is given away once, and everybody else is told so."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from itertools import cycle
from typing import Any

from domain.accounts.account import Identity, Role
from domain.accounts.blocks import Blocks
from domain.booking.bookings import NewBooking
from domain.booking.groups import Registration
from domain.booking.spans import Span
from domain.errors import Code, DomainError
from domain.ids import DiscountCodeId, UserId, new_id
from domain.pricing.codes import DiscountCode
from tests.support.booking import HOUR, Practice, open_practice
from tests.support.house import House, Party
from tests.support.selling import PRICE

MANY = 50
#: Each with a card of their own, and a payment to take, to give back and to audit.
PAYERS = 20


async def at_once(acts: Sequence[Awaitable[Any]]) -> tuple[list[Any], Counter[Code]]:
    """What was had, and how often what was refused, when all begin together."""
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, BaseException)]
    assert all(isinstance(one, DomainError) for one in refused), refused
    had = [one for one in outcomes if not isinstance(one, BaseException)]
    return had, Counter(one.code for one in refused if isinstance(one, DomainError))


async def crowd(house: House, count: int) -> list[Party]:
    """People without cards: copies of one account, because hashing fifty passwords says nothing about bookings."""
    first = await house.client(card=None)
    accounts = house.stores.db["accounts"]
    pattern = await accounts.find_one({"email": {"$exists": True}, "role": "client"})
    assert pattern is not None
    people = []
    for _ in range(count):
        unique = new_id()
        await accounts.insert_one(
            pattern | {"_id": type(pattern["_id"])(unique), "email": f"{unique}@demo.test"}
        )
        who = Identity(UserId(unique), None, Role.CLIENT, "family", first.who.expires_at)
        people.append(replace(first, who=who))
    return people


def asked(house: House, practice: Practice, client: Party, hours: int = 0) -> Awaitable[Any]:
    assert practice.coach.who.coach_id is not None
    ask = NewBooking(practice.coach.who.coach_id, practice.offer.id, practice.at(hours=hours), 60)
    return house.booking.cases.bookings.create(client.who, ask)


async def test_fifty_want_one_hour_and_one_has_it(house: House, neighbour: House) -> None:
    practice, people = await open_practice(house), await crowd(house, MANY)
    both = cycle((house, neighbour))

    had, refused = await at_once([asked(next(both), practice, client) for client in people])

    assert len(had) == 1
    assert refused == {Code.SLOT_TAKEN: MANY - 1}
    assert await house.stores.db["bookings"].count_documents({"is_availability": False}) == 1
    assert await house.stores.db["sessions"].count_documents({}) == 1


async def test_who_is_blocked_is_told_so_and_not_what_is_taken(house: House) -> None:
    practice, people = await open_practice(house), await crowd(house, 4)
    await Blocks(house.stores.transact, house.stores.accounts, house.stores.blocks, house.clock).block(
        practice.coach.who, people[-1].who.user_id
    )

    had, refused = await at_once([asked(house, practice, client) for client in people])

    assert len(had) == 1
    assert refused == {Code.SLOT_TAKEN: 2, Code.BLOCKED: 1}


async def test_hours_that_do_not_meet_are_all_had(house: House) -> None:
    practice, people = await open_practice(house), await crowd(house, 6)

    had, refused = await at_once(
        [asked(house, practice, client, hours=number) for number, client in enumerate(people)]
    )

    assert len(had) == 6
    assert not refused


async def test_one_client_wants_hours_of_ten_coaches_and_has_three(house: House, neighbour: House) -> None:
    practices, (client,) = [await open_practice(house) for _ in range(10)], await crowd(house, 1)
    both = cycle((house, neighbour))

    had, refused = await at_once([asked(next(both), practices[n % 10], client, 2 * n) for n in range(MANY)])

    assert len(had) == 3
    assert refused == {Code.TOO_MANY_UNPAID_BOOKINGS: MANY - 3}


async def test_a_request_is_accepted_once_however_often_it_is_clicked(house: House, neighbour: House) -> None:
    practice, (client,) = await open_practice(house, asked=True), await crowd(house, 1)
    booking, coach = await practice.ask(client), practice.coach.who
    both = cycle((house, neighbour))

    had, refused = await at_once(
        [next(both).booking.cases.requests.accept(coach, booking.id) for _ in range(MANY)]
    )

    assert len(had) == 1
    assert refused == {Code.ILLEGAL_STATE: MANY - 1}
    assert [entry.what for entry in (await practice.now(booking)).timeline] == ["create", "accept"]


async def test_one_suggested_hour_is_chosen_and_booked_at_once_and_one_has_it(
    house: House, neighbour: House
) -> None:
    practice, (client, *others) = await open_practice(house, asked=True), await crowd(house, 10)
    booking, hour = await practice.ask(client), Span(practice.at(days=5), practice.at(days=5) + HOUR)
    await house.booking.cases.requests.suggest(practice.coach.who, booking.id, [hour])
    both = cycle((house, neighbour))

    had, refused = await at_once(
        [
            house.booking.cases.requests.choose(client.who, booking.id, hour.start),
            *(asked(next(both), practice, other, 48) for other in others),
        ]
    )

    assert len(had) == 1
    assert refused == {Code.SLOT_TAKEN: 9}


async def test_fifty_move_to_one_hour_and_one_has_it(house: House, neighbour: House) -> None:
    practice, people = await open_practice(house, price=PRICE.with_amount(0)), await crowd(house, MANY)
    bookings = [await practice.ask(client, practice.at(hours=n)) for n, client in enumerate(people)]
    both, hour = cycle((house, neighbour)), practice.at(days=9)

    had, refused = await at_once(
        [
            next(both).booking.cases.reschedules.reschedule(client.who, booking.id, hour)
            for client, booking in zip(people, bookings, strict=True)
        ]
    )

    assert len(had) == 1
    assert refused == {Code.SLOT_TAKEN: MANY - 1}


async def test_fifty_take_the_last_place_that_costs_nothing_and_one_has_it(
    house: House, neighbour: House
) -> None:
    practice, people = await open_practice(house, price=PRICE.with_amount(0)), await crowd(house, MANY + 1)
    group = await practice.group(capacity=2, minimum=1)
    await practice.register(people.pop(), group)
    both = cycle((house, neighbour))

    had, refused = await at_once(
        [next(both).booking.cases.groups.register(client.who, group.id, Registration()) for client in people]
    )

    assert len(had) == 1
    assert refused == {Code.GROUP_FULL: MANY - 1}
    assert len((await practice.now(group)).attendees) == 2


async def test_fifty_book_with_the_last_use_of_a_code_and_one_has_it(house: House, neighbour: House) -> None:
    practice, people = await open_practice(house), await crowd(house, MANY)
    coach_id = practice.coach.who.coach_id
    assert coach_id is not None
    code = DiscountCode(DiscountCodeId(new_id()), coach_id, "WELCOME", percent=20, max_uses=3, uses=2)
    await house.stores.transact(lambda tx: house.stores.discount_codes.insert(tx, code))
    both = cycle((replace(practice, house=house), replace(practice, house=neighbour)))

    had, refused = await at_once(
        [
            next(both).ask(client, practice.at(hours=2 * n), discount_code="WELCOME")
            for n, client in enumerate(people)
        ]
    )

    assert [one.price.amount for one in had] == [PRICE.amount * 80 // 100]
    assert refused == {Code.CODE_USED_UP: MANY - 1}
    assert await house.stores.db["bookings"].count_documents({"is_availability": False}) == 1
    assert await house.stores.db["discount_uses"].count_documents({}) == 1


async def test_many_pay_for_the_last_place_and_all_but_one_have_their_money_back(
    house: House, neighbour: House
) -> None:
    practice = await open_practice(house)
    people = [await house.client(f"Client {number}") for number in range(PAYERS)]
    group = await practice.group(capacity=1 + 1, minimum=1)
    await practice.seated(await house.client("First"), group)
    places = [await practice.register(client, group) for client in people]
    beside = replace(practice, house=neighbour)
    both = cycle((practice, beside))

    await at_once([next(both).pay(client, place) for client, place in zip(people, places, strict=True)])
    await practice.quiet()

    stored = [await practice.now(place) for place in places]
    assert Counter(one.state.value for one in stored) == {"confirmed": 1, "expired": PAYERS - 1}
    back = [await practice.refunded(one) for one in stored]
    assert sorted(back) == [0, *[PRICE.amount] * (PAYERS - 1)]
    assert len((await practice.now(group)).attendees) == 2


async def test_a_group_called_off_while_people_take_places_keeps_nobody(
    house: House, neighbour: House
) -> None:
    practice, people = await open_practice(house), await crowd(house, 6)
    for trial in range(6):
        group = await practice.group(practice.at(days=4 + trial), capacity=10)
        acts: list[Awaitable[Any]] = [
            neighbour.booking.cases.groups.register(client.who, group.id, Registration()) for client in people
        ]
        acts.insert(trial, house.booking.cases.changes.cancel(practice.coach.who, group.id))

        await at_once(acts)
        await house.run_due()

        rows = house.stores.db["bookings"].find({"group_id": {"$ne": None}, "is_availability": False})
        assert {row["state"] async for row in rows} <= {"cancelled_by_coach"}
        assert (await practice.now(group)).state == "cancelled_by_coach"
