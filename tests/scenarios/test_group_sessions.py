"""A group session: it fills up, stands, shrinks, and is called off; money for what cannot be had goes back."""

import pytest

from domain.booking.booking import Booking
from domain.booking.outcomes import Asserted
from domain.errors import Code, DomainError, Invalid, NotFound
from tests.support.booking import HOUR, ROOM, Practice, open_practice
from tests.support.house import House, Party
from tests.support.selling import PRICE


async def refused(act: object) -> DomainError:
    """What an act is refused with."""
    with pytest.raises(DomainError) as error:
        await act  # type: ignore[misc]
    return error.value


async def people(house: House, count: int) -> list[Party]:
    return [await house.client(f"Client {number}") for number in range(count)]


async def states(practice: Practice, *bookings: Booking) -> list[str]:
    return [(await practice.now(one)).state.value for one in bookings]


async def test_a_group_stands_once_enough_have_paid_and_takes_place(house: House) -> None:
    practice, (one, other) = await open_practice(house), await people(house, 2)
    group = await practice.group(capacity=3, minimum=2)

    assert (group.state, group.meeting_url) == ("pending_minimum_attendees", ROOM)
    first = await practice.seated(one, group)
    assert await states(practice, group, first) == ["pending_minimum_attendees", "confirmed"]
    second = await practice.seated(other, group)
    assert await states(practice, group, second) == ["scheduled", "confirmed"]
    assert [each.booking_id for each in (await practice.now(group)).attendees] == [first.id, second.id]
    assert practice.moves(practice.coach, group) == ["create", "registered", "reach_minimum"]
    for hours in (24, 1):
        await practice.until(group.start - HOUR * hours)
    await practice.until(group.end)

    assert await states(practice, group, first, second) == ["completed"] * 3
    assert await practice.notes(one) == ["booking_confirmed", "booking_reminder", "booking_reminder"]
    assert (await practice.notes(practice.coach)).count("group_registered") == 2
    assert await practice.refunded(first) == 0


async def test_a_group_takes_its_coach_time_and_no_place_does(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    group = await practice.group()
    await practice.seated(client, group)

    assert not await practice.free(group.start)
    assert (await refused(practice.group(group.start))).code is Code.SLOT_TAKEN
    await house.booking.cases.changes.cancel(practice.coach.who, group.id, reopen=True)
    assert await practice.free(group.start)


async def test_a_group_needs_a_session_type_for_groups_and_a_time_to_come(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    group = await practice.group()
    practice.offer.id = group.session_type_id

    assert isinstance(await refused(practice.ask(client, practice.at(days=5))), Invalid)
    assert isinstance(await refused(practice.group(practice.at(days=-1))), Invalid)


async def test_money_for_a_place_that_is_gone_goes_back_by_itself(house: House) -> None:
    practice, (one, other, third) = await open_practice(house), await people(house, 3)
    group = await practice.group(capacity=2, minimum=1)
    await practice.seated(one, group)
    late, fast = await practice.register(third, group), await practice.register(other, group)
    await practice.pay(other, fast)

    await practice.pay(third, late)

    assert await states(practice, fast, late) == ["confirmed", "expired"]
    assert await practice.refunded(late) == PRICE.amount
    assert "group_full_refunded" in await practice.notes(third)
    assert len((await practice.now(group)).attendees) == 2
    assert (await refused(practice.register(third, group))).code is Code.GROUP_FULL


async def test_nobody_has_two_places(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    group = await practice.group()
    await practice.register(client, group)

    assert (await refused(practice.register(client, group))).code is Code.ALREADY_REGISTERED
    assert (await refused(practice.register(practice.coach, group))).code is Code.OWN_ACCOUNT


async def test_a_place_that_nobody_pays_expires(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    group = await practice.group()
    place = await practice.register(client, group)

    await house.pass_time(15 * 60)

    assert await states(practice, group, place) == ["pending_minimum_attendees", "expired"]
    assert (await practice.register(client, group)).state == "pending_payment"


async def test_a_group_that_is_too_small_a_day_before_is_called_off_and_everybody_gets_all_money_back(
    house: House,
) -> None:
    practice, client = await open_practice(house), await house.client()
    group = await practice.group(minimum=2)
    place = await practice.seated(client, group)

    await practice.until(group.start - 24 * HOUR)

    assert await states(practice, group, place) == ["expired", "expired"]
    assert await practice.refunded(place) == PRICE.amount
    assert (await practice.notes(client))[-2:] == ["group_cancelled_minimum", "payment_refunded"]
    assert "group_cancelled_minimum" in await practice.notes(practice.coach)
    assert await practice.free(group.start)


async def test_who_leaves_in_time_makes_a_group_too_small_again(house: House) -> None:
    practice, (one, other) = await open_practice(house), await people(house, 2)
    group = await practice.group(minimum=2)
    first, second = await practice.seated(one, group), await practice.seated(other, group)

    await house.booking.cases.changes.cancel(other.who, second.id)

    assert await states(practice, group, first, second) == [
        "pending_minimum_attendees",
        "confirmed",
        "cancelled_by_client",
    ]
    assert await practice.refunded(second) == PRICE.amount
    assert (await practice.seated(other, group)).state == "confirmed"
    assert await states(practice, group) == ["scheduled"]


async def test_who_leaves_a_group_that_stood_when_it_was_counted_changes_nothing(house: House) -> None:
    practice, (one, other) = await open_practice(house), await people(house, 2)
    group = await practice.group(minimum=2)
    _, second = await practice.seated(one, group), await practice.seated(other, group)
    await practice.until(group.start - 20 * HOUR)

    await house.booking.cases.changes.cancel(other.who, second.id)

    assert await states(practice, group) == ["scheduled"]
    assert len((await practice.now(group)).attendees) == 1
    assert await practice.refunded(second) == PRICE.amount // 2


async def test_a_coach_who_calls_a_group_off_gives_everybody_all_money_back(house: House) -> None:
    practice, (one, other) = await open_practice(house), await people(house, 2)
    group = await practice.group()
    first, pending = await practice.seated(one, group), await practice.register(other, group)

    shown = await house.booking.cases.changes.preview(practice.coach.who, group.id)
    await house.booking.cases.changes.cancel(practice.coach.who, group.id)
    await house.run_due()

    assert shown.refund.amount == PRICE.amount
    assert await states(practice, group, first, pending) == ["cancelled_by_coach"] * 3
    assert await practice.refunded(first) == PRICE.amount
    assert "booking_cancelled" in await practice.notes(one)
    assert (await refused(practice.register(other, group))).code is Code.ILLEGAL_STATE


async def test_the_place_of_somebody_who_did_not_come_is_for_the_coach_to_say(house: House) -> None:
    practice, (one, other) = await open_practice(house), await people(house, 2)
    group = await practice.group(minimum=1)
    first, second = await practice.seated(one, group), await practice.seated(other, group)
    await practice.until(group.start + HOUR / 4)

    missed = await house.booking.cases.outcomes.assert_status(practice.coach.who, first.id, Asserted.NO_SHOW)
    await practice.until(group.end)

    assert (missed.state, missed.missed_by) == ("no_show", "client")
    assert await states(practice, group, second) == ["completed", "completed"]
    assert await practice.refunded(first) == 0


async def test_a_place_cannot_have_another_time(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    place = await practice.seated(client, await practice.group())

    moved = house.booking.cases.reschedules.reschedule(client.who, place.id, practice.at(days=9))

    assert (await refused(moved)).code is Code.ILLEGAL_STATE


async def test_the_meeting_link_is_for_those_who_paid_and_the_list_of_them_for_the_coach(
    house: House,
) -> None:
    practice, (one, other) = await open_practice(house), await people(house, 2)
    group, queries = await practice.group(), house.booking.cases.queries
    seated, waiting = await practice.seated(one, group), await practice.register(other, group)

    assert (await queries.one(one.who, seated.id)).meeting_url == ROOM
    assert (await queries.one(practice.coach.who, group.id)).meeting_url == ROOM
    assert (await queries.one(other.who, waiting.id)).meeting_url is None
    looked = await queries.one(one.who, group.id)
    assert (looked.meeting_url, looked.involved, looked.place_id) == (None, False, seated.id)


async def test_who_is_blocked_learns_of_no_group(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    group = await practice.group()
    await house.stores.transact(
        lambda tx: house.stores.blocks.add(
            tx, practice.coach.who.user_id, client.who.user_id, house.clock.wall()
        )
    )

    assert isinstance(await refused(practice.register(client, group)), NotFound)
    assert isinstance(await refused(house.booking.cases.queries.one(client.who, group.id)), NotFound)


async def test_what_costs_nothing_is_seated_at_once(house: House) -> None:
    practice, (one, other) = await open_practice(house, price=PRICE.with_amount(0)), await people(house, 2)
    group = await practice.group(capacity=2, minimum=1)

    assert (await practice.register(one, group)).state == "confirmed"
    assert (await practice.register(other, group)).state == "confirmed"
    assert await states(practice, group) == ["scheduled"]


async def test_a_refund_booked_as_the_coach_calls_a_group_off_does_not_keep_a_place_in_it(
    house: House,
) -> None:
    practice, client = await open_practice(house), await house.client()
    group = await practice.group(minimum=1)
    place = await practice.seated(client, group)
    payment_id, sales = place.payment_id, house.booking.cases.sales
    assert payment_id is not None

    await house.booking.cases.changes.cancel(practice.coach.who, group.id)
    # Another try to pay for the same place, say, went back just now.
    await house.stores.transact(lambda tx: sales.refunded(tx, place.id, payment_id, 1))
    await house.run_due()

    assert await states(practice, place) == ["cancelled_by_coach"]
    assert await practice.refunded(place) == PRICE.amount


async def test_who_leaves_a_group_that_was_just_called_off_gets_all_money_back(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    group = await practice.group(minimum=1)
    place = await practice.seated(client, group)
    await practice.until(group.start - HOUR)

    await house.booking.cases.changes.cancel(practice.coach.who, group.id)
    left = await house.booking.cases.changes.cancel(client.who, place.id)

    assert left.state == "cancelled_by_coach"
    assert await practice.refunded(place) == PRICE.amount


async def test_a_place_is_not_completed_in_a_group_that_was_called_off(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    group = await practice.group(minimum=1)
    place = await practice.seated(client, group)
    await house.booking.cases.changes.cancel(practice.coach.who, group.id)

    # Timers come late, and in any order.
    house.clock.advance((group.end - house.clock.now()).total_seconds())
    await house.booking.cases.deadlines.over(place.id)
    await house.run_due()

    assert await states(practice, place) == ["cancelled_by_coach"]
    assert await practice.refunded(place) == PRICE.amount
