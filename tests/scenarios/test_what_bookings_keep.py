"""What is settled when a booking is made and stays so: price, code, title, time; and who hears of it."""

from typing import Any

import pytest
from bson import ObjectId

from domain.booking.booking import Booking
from domain.errors import Code, Conflict, DomainError
from domain.events import ToWatchers
from domain.ids import DiscountCodeId, new_id
from domain.pricing.codes import DiscountCode
from tests.support.booking import HOUR, Practice, open_practice
from tests.support.house import House, Party
from tests.support.selling import PRICE


async def code(practice: Practice, text: str = "WELCOME", **terms: Any) -> None:
    """A code of the coach's, good for one use."""
    assert practice.coach.who.coach_id is not None
    made = DiscountCode(
        DiscountCodeId(new_id()), practice.coach.who.coach_id, text, **{"percent": 20, "max_uses": 1} | terms
    )
    await practice.house.stores.transact(lambda tx: practice.house.stores.discount_codes.insert(tx, made))


async def refused(act: object) -> DomainError:
    """What an act is refused with."""
    with pytest.raises(DomainError) as error:
        await act  # type: ignore[misc]
    return error.value


def changed(house: House, practice: Practice) -> list[tuple[str, str]]:
    """The ranges of free time that watchers of the coach were told to read again."""
    assert practice.coach.who.coach_id is not None
    to = ToWatchers(practice.coach.who.coach_id)
    return [
        (data["start"], data["end"])
        for address, name, data in house.published.events
        if address == to and name == "availability_update"
    ]


async def test_a_code_is_used_up_by_booking_and_given_back_by_what_is_never_paid(house: House) -> None:
    practice, client, other = await open_practice(house), await house.client(), await house.client("Other")
    await code(practice)

    first = await practice.ask(client, discount_code="welcome")
    assert (first.price.base, first.price.amount) == (PRICE.amount, PRICE.amount * 80 // 100)
    late = await refused(practice.ask(other, practice.at(days=5), discount_code="WELCOME"))
    assert late.code is Code.CODE_USED_UP
    await house.pass_time(15 * 60)

    second = await practice.ask(other, practice.at(days=5), discount_code="WELCOME")
    payment = await practice.pay(other, second)
    assert payment.amount == PRICE.amount * 80 // 100
    await house.booking.cases.changes.cancel(other.who, second.id)
    used = await refused(practice.ask(client, practice.at(days=6), discount_code="WELCOME"))
    assert used.code is Code.CODE_USED_UP
    assert await practice.refunded(second) == PRICE.amount * 80 // 100


@pytest.mark.parametrize("ended", ["decline", "cancel", "expire"])
async def test_however_an_unpaid_booking_ends_its_code_is_good_again(house: House, ended: str) -> None:
    practice, client = await open_practice(house, asked=True), await house.client()
    await code(practice)
    booking = await practice.ask(client, discount_code="WELCOME")

    ends = {
        "decline": lambda: house.booking.cases.requests.decline(practice.coach.who, booking.id),
        "cancel": lambda: house.booking.cases.changes.cancel(client.who, booking.id),
        "expire": lambda: house.pass_time(48 * 3600),
    }
    await ends[ended]()

    assert (await practice.ask(client, discount_code="WELCOME")).price.amount < PRICE.amount


async def test_a_place_in_a_group_uses_a_code_too(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    group = await practice.group()
    await code(practice)

    place = await practice.register(client, group, "WELCOME")

    assert place.price.amount == PRICE.amount * 80 // 100
    assert (await practice.now(group)).price.amount == PRICE.amount


async def test_the_price_of_a_booking_is_that_of_the_day_it_was_made(house: House) -> None:
    practice, client = await open_practice(house, asked=True), await house.client()
    booking = await practice.ask(client)
    dearer = await house.stores.transact(lambda tx: house.stores.session_types.get(tx, practice.offer.id))
    dearer.price = PRICE.with_amount(2 * PRICE.amount)
    await house.stores.transact(lambda tx: house.stores.session_types.save(tx, dearer))

    await house.booking.cases.requests.accept(practice.coach.who, booking.id)
    payment = await practice.pay(client, booking)

    assert payment.amount == PRICE.amount
    assert (await practice.ask(client, practice.at(days=5))).price.amount == 2 * PRICE.amount


async def test_a_fourth_unpaid_booking_is_refused_until_one_is_paid_cancelled_or_expired(
    house: House,
) -> None:
    practice, client = await open_practice(house), await house.client()
    three = [await practice.ask(client, practice.at(days=day)) for day in (3, 4, 5)]

    async def fourth() -> Booking:
        return await practice.ask(client, practice.at(days=6))

    assert (await refused(fourth())).code is Code.TOO_MANY_UNPAID_BOOKINGS
    assert (await refused(practice.register(client, await practice.group(practice.at(days=9))))).code is (
        Code.TOO_MANY_UNPAID_BOOKINGS
    )
    await practice.pay(client, three[0])
    made = await fourth()
    assert isinstance(await refused(practice.ask(client, practice.at(days=7))), Conflict)
    await house.booking.cases.changes.cancel(client.who, made.id)
    assert (await fourth()).state == "pending_payment"


async def test_a_placeholder_becomes_the_name_of_what_was_booked_in_the_clients_language(
    house: House,
) -> None:
    practice, client = await open_practice(house, names={"en": "Hour", "de": "Stunde"}), await house.client()
    german = await house.client()
    await house.stores.db["accounts"].update_one(
        {"_id": ObjectId(german.who.user_id)}, {"$set": {"locale": "de-AT"}}
    )

    placeholder = await practice.ask(client, title="Availability")
    chosen = await practice.ask(client, practice.at(days=5), title="Before my review")
    translated = await practice.ask(german, practice.at(days=7), title="Availability")

    assert (placeholder.title, chosen.title, translated.title) == ("Hour", "Before my review", "Stunde")


async def test_whoever_looks_at_the_calendar_is_told_when_time_is_taken_moved_and_given_back(
    house: House,
) -> None:
    practice, client = await open_practice(house, buffer_after_minutes=15), await house.client()
    booking, later = await practice.bought(client), practice.at(days=6)
    await house.booking.cases.reschedules.reschedule(client.who, booking.id, later)
    await house.booking.cases.changes.cancel(client.who, booking.id)

    def told(start: Any) -> tuple[str, str]:
        end = start + HOUR + HOUR / 4
        return (start.strftime("%Y-%m-%dT%H:%M:00.000Z"), end.strftime("%Y-%m-%dT%H:%M:00.000Z"))

    before, after = told(booking.start), told(later)
    assert changed(house, practice) == [before, before, after, after]
    assert practice.moves(client, booking)[:3] == ["create", "pay", "reschedule"]
    assert practice.moves(practice.coach, booking) == practice.moves(client, booking)


async def test_whoever_looks_at_a_coach_sees_a_group_fill_up_and_a_place_become_free(house: House) -> None:
    practice, (one, other) = await open_practice(house), [await house.client() for _ in range(2)]
    group = await practice.group(capacity=2)
    heard = [len(changed(house, practice))]

    first = await practice.seated(one, group)
    heard.append(len(changed(house, practice)))
    await practice.seated(other, group)
    heard.append(len(changed(house, practice)))
    await house.booking.cases.changes.cancel(one.who, first.id)
    heard.append(len(changed(house, practice)))

    assert heard[0] < heard[1] < heard[2] < heard[3]
    assert len((await practice.now(group)).attendees) == 1


async def test_nobody_else_hears_of_a_booking(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    stranger: Party = await house.client("Stranger")
    group = await practice.group(practice.at(days=5), minimum=1)
    place = await practice.seated(client, group)
    booking = await practice.bought(client)

    assert practice.moves(client, booking) == ["create", "pay"]
    assert practice.moves(practice.coach, place) == ["create", "pay"]
    assert not house.published.heard_by(stranger, "booking_update")
    assert not house.published.heard_by(stranger, "notification")
