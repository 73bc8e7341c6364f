"""Another time, and calling it off: what becomes of the time, the meeting and the money."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.booking.calendar import Schedule
from domain.booking.policy import Refund
from domain.booking.spans import Span
from domain.errors import Code, DomainError, Forbidden, Invalid
from domain.ports import Tx
from tests.support.booking import HOUR, Practice, open_practice
from tests.support.house import House
from tests.support.selling import PRICE

HALF = timedelta(minutes=30)


async def refused(act: object) -> DomainError:
    """What an act is refused with."""
    with pytest.raises(DomainError) as error:
        await act  # type: ignore[misc]
    return error.value


async def ask_from_now_on(practice: Practice) -> None:
    """The coach's hours are not bookable at once any more."""
    coach_id = practice.coach.who.coach_id
    assert coach_id is not None

    async def work(tx: Tx) -> None:
        calendar = await practice.house.stores.calendars.touch(tx, coach_id)
        before = calendar.schedule
        calendar.schedule = Schedule(before.time_zone, before.weekly, instant=False)
        await practice.house.stores.calendars.save_schedule(tx, calendar)

    await practice.house.stores.transact(work)


# --- another time -----------------------------------------------------------------------------------------------


async def test_a_firm_booking_moves_at_once_with_its_price_payment_and_history(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking, later = await practice.bought(client), practice.at(days=6)

    moved = await house.booking.cases.reschedules.reschedule(client.who, booking.id, later)

    assert (moved.state, moved.span) == ("confirmed", Span(later, later + HOUR))
    assert (moved.price, moved.payment_id) == (booking.price, booking.payment_id)
    assert [entry.what for entry in moved.timeline] == ["create", "pay", "reschedule"]
    assert await practice.free(booking.start)
    assert not await practice.free(later)
    assert "booking_rescheduled" in await practice.notes(practice.coach)
    meeting = await house.stores.transact(lambda tx: house.stores.scheduled.get(tx, booking.session_id))
    assert meeting.start == later
    await practice.attend(moved)
    await practice.until(later + HOUR)
    assert (await practice.now(booking)).state == "completed"


async def test_an_hour_may_move_by_half_of_itself_and_the_slot_loses_nothing(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    noon = practice.at()
    await practice.slot(noon - HOUR, noon + 2 * HOUR)
    booking = await practice.bought(client, noon)

    await house.booking.cases.reschedules.reschedule(client.who, booking.id, noon + HALF)
    assert await practice.slots() == [
        Span(noon - HOUR, noon + HALF),
        Span(noon + HALF + HOUR, noon + 2 * HOUR),
    ]
    await house.booking.cases.changes.cancel(client.who, booking.id)

    assert await practice.slots() == [Span(noon - HOUR, noon + 2 * HOUR)]


async def test_where_the_coach_is_asked_both_times_are_held_until_the_coach_agrees(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking, later = await practice.bought(client), practice.at(days=6)
    await ask_from_now_on(practice)

    wished = await house.booking.cases.reschedules.reschedule(client.who, booking.id, later)
    assert (wished.span, wished.rescheduling and wished.rescheduling.start) == (booking.span, later)
    assert not await practice.free(booking.start)
    assert not await practice.free(later)
    agreed = await house.booking.cases.requests.accept(practice.coach.who, booking.id)

    assert (agreed.state, agreed.start, agreed.rescheduling) == ("confirmed", later, None)
    assert await practice.free(booking.start)
    assert "booking_rescheduled" in await practice.notes(client)


async def test_a_wish_that_is_declined_or_forgotten_leaves_the_booking_where_it_was(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.bought(client)
    await ask_from_now_on(practice)
    reschedule = house.booking.cases.reschedules.reschedule

    await reschedule(client.who, booking.id, practice.at(days=6))
    await house.booking.cases.requests.decline(practice.coach.who, booking.id)
    assert await practice.free(practice.at(days=6))
    await reschedule(client.who, booking.id, practice.at(days=7))
    await house.pass_time(48 * 3600)

    now = await practice.now(booking)
    assert (now.state, now.span, now.rescheduling) == ("confirmed", booking.span, None)
    assert await practice.free(practice.at(days=5))
    assert (await practice.notes(client)).count("reschedule_declined") == 2


async def test_a_second_wish_replaces_the_first(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.bought(client)
    await ask_from_now_on(practice)
    reschedule = house.booking.cases.reschedules.reschedule

    await reschedule(client.who, booking.id, practice.at(days=6))
    await reschedule(client.who, booking.id, practice.at(days=6) + HALF)

    assert await practice.free(practice.at(days=6) - HALF)
    assert not await practice.free(practice.at(days=6) + HALF)


async def test_a_request_can_be_moved_and_stays_a_request(house: House) -> None:
    practice, client = await open_practice(house, asked=True), await house.client()
    booking = await practice.ask(client)

    moved = await house.booking.cases.reschedules.reschedule(client.who, booking.id, practice.at(days=6))

    assert (moved.state, moved.start) == ("requested", practice.at(days=6))
    assert await practice.free(booking.start)


async def test_a_coach_agrees_to_no_other_time_than_the_one_that_was_read(house: House) -> None:
    practice, client = await open_practice(house, asked=True), await house.client()
    booking, cases = await practice.ask(client), house.booking.cases
    await cases.reschedules.reschedule(client.who, booking.id, practice.at(days=5))

    stale = cases.requests.accept(practice.coach.who, booking.id, start=booking.start)
    assert (await refused(stale)).code is Code.VERSION_MISMATCH
    agreed = await cases.requests.accept(practice.coach.who, booking.id, start=practice.at(days=5))

    assert (agreed.state, agreed.start) == ("pending_payment", practice.at(days=5))
    await practice.pay(client, agreed)
    await cases.reschedules.reschedule(client.who, booking.id, practice.at(days=6))
    await cases.reschedules.reschedule(client.who, booking.id, practice.at(days=7))
    stale = cases.requests.accept(practice.coach.who, booking.id, start=practice.at(days=6))
    assert (await refused(stale)).code is Code.VERSION_MISMATCH
    assert (await practice.now(booking)).start == practice.at(days=5)


async def test_what_is_not_paid_too_late_or_taken_cannot_be_moved(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    reschedule = house.booking.cases.reschedules.reschedule
    soon, booking = practice.at(days=1, hours=1), await practice.bought(client)
    unpaid = await practice.ask(client, soon)
    taken = await practice.bought(await house.client("Other"), practice.at(days=8))

    illegal = await refused(reschedule(client.who, unpaid.id, practice.at(days=6)))
    gone = await refused(reschedule(client.who, booking.id, taken.start))
    coach = await refused(reschedule(practice.coach.who, booking.id, practice.at(days=6)))
    house.clock.advance((booking.start - house.clock.now()).total_seconds() - 24 * 3600 + 1)
    late = await refused(reschedule(client.who, booking.id, practice.at(days=6)))

    assert illegal.details == {"state": "pending_payment", "wanted": ["confirmed", "requested"]}
    assert (gone.code, late.code) == (Code.SLOT_TAKEN, Code.TOO_LATE)
    assert isinstance(coach, Forbidden)
    assert (await practice.now(booking)).span == booking.span


# --- called off -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "percent"), [(72, 100), (24, 100), (23, 50), (2, 50), (1, 0)])
async def test_a_client_who_cancels_gets_back_what_was_shown_before(
    house: House, hours: int, percent: int
) -> None:
    practice, client = await open_practice(house), await house.client()
    booking, changes = await practice.bought(client, practice.at(days=4)), house.booking.cases.changes
    house.clock.advance((booking.start - house.clock.now()).total_seconds() - hours * 3600)

    shown = await changes.preview(client.who, booking.id)
    cancelled = await changes.cancel(client.who, booking.id, reason="I am ill.")

    assert shown.allowed
    assert shown.refund == Refund(percent, PRICE.amount * percent // 100)
    assert cancelled.state == "cancelled_by_client"
    assert await practice.refunded(booking) == shown.refund.amount
    assert await practice.notes(practice.coach) == ["booking_confirmed", "booking_cancelled"]


async def test_a_cancelled_session_is_no_more_and_its_time_is_free(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.bought(client)

    await house.booking.cases.changes.cancel(client.who, booking.id)
    meeting = await house.stores.transact(lambda tx: house.stores.scheduled.get(tx, booking.session_id))

    assert meeting.state == "cancelled"
    assert await practice.free(booking.start)
    waiting = house.stores.db["timers"].find({"key": {"$regex": f"^{booking.id}"}})
    assert [row["kind"] async for row in waiting] == []


async def test_a_coach_who_cancels_gives_all_of_it_back_and_keeps_the_time_until_it_is_reopened(
    house: House,
) -> None:
    practice, client = await open_practice(house), await house.client()
    booking, changes = await practice.bought(client), house.booking.cases.changes
    house.clock.advance((booking.start - house.clock.now()).total_seconds() - 60)

    cancelled = await changes.cancel(practice.coach.who, booking.id)
    again = practice.at(days=2)

    assert (cancelled.state, cancelled.occupies) == ("cancelled_by_coach", True)
    assert await practice.refunded(booking) == PRICE.amount
    assert "booking_cancelled" in await practice.notes(client)
    other = await practice.bought(client, again)
    await changes.cancel(practice.coach.who, other.id)
    assert not await practice.free(again)
    assert not (await changes.reopen(practice.coach.who, other.id)).occupies
    assert await practice.free(again)
    assert (await refused(changes.reopen(practice.coach.who, other.id))).code is Code.ILLEGAL_STATE


async def test_a_coach_may_reopen_the_time_at_once_a_client_may_not(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking, changes = await practice.bought(client), house.booking.cases.changes

    assert isinstance(await refused(changes.cancel(client.who, booking.id, reopen=True)), Invalid)
    await changes.cancel(practice.coach.who, booking.id, reopen=True)

    assert await practice.free(booking.start)


async def test_cancelling_gives_up_a_wish_for_another_time_too(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking, later = await practice.bought(client), practice.at(days=6)
    await ask_from_now_on(practice)
    await house.booking.cases.reschedules.reschedule(client.who, booking.id, later)

    cancelled = await house.booking.cases.changes.cancel(practice.coach.who, booking.id)

    assert cancelled.rescheduling is None
    assert await practice.free(later)
    assert not await practice.free(booking.start)


async def test_nothing_is_called_off_once_it_began(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking, changes = await practice.bought(client), house.booking.cases.changes
    house.clock.advance((booking.start - house.clock.now()).total_seconds())

    assert (await refused(changes.cancel(client.who, booking.id))).code is Code.TOO_LATE
    assert (await refused(changes.cancel(practice.coach.who, booking.id))).code is Code.TOO_LATE


async def test_a_payment_that_succeeds_after_the_cancellation_is_given_back(house: House) -> None:
    practice = await open_practice(house)
    client = await house.client(card="pm_card_authenticationRequired")
    booking = await practice.ask(client)
    payment = await practice.pay(client, booking)

    await house.booking.cases.changes.cancel(client.who, booking.id)
    await practice.quiet()

    assert (await practice.now(booking)).state == "cancelled_by_client"
    moved = await practice.moved()
    assert moved["charge"] + moved["refund"] == 0
    assert (await practice.payment(payment.id)).state in ("cancelled", "refunded")


async def test_the_policy_is_that_of_the_day_of_booking(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.bought(client)
    offer = await house.stores.transact(lambda tx: house.stores.session_types.get(tx, practice.offer.id))
    offer.policy = replace(offer.policy, full_refund_hours=720, partial_refund_percent=0)
    await house.stores.transact(lambda tx: house.stores.session_types.save(tx, offer))

    shown = await house.booking.cases.changes.preview(client.who, booking.id)

    assert shown.refund == Refund(100, PRICE.amount)
