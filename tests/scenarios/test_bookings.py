"""A session between two, from the first wish to its end, by each road."""

from datetime import timedelta

import pytest

from domain.booking.outcomes import Asserted
from domain.booking.spans import Span
from domain.errors import Code, Conflict, DomainError, Forbidden, Invalid, NotFound
from tests.support.booking import HOUR, open_practice
from tests.support.house import House
from tests.support.selling import PRICE


def quarter(count: float = 1) -> timedelta:
    return timedelta(minutes=15) * count


async def refused(act: object) -> DomainError:
    """What an act is refused with."""
    with pytest.raises(DomainError) as error:
        await act  # type: ignore[misc]
    return error.value


# --- firm -------------------------------------------------------------------------------------------------------


async def test_a_firm_booking_is_paid_reminded_of_and_takes_place(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.ask(client, goals="To say no.")

    assert (booking.state, booking.firm) == ("pending_payment", True)
    assert booking.expires_at == house.clock.now() + quarter()
    await practice.pay(client, booking)
    assert (await practice.now(booking)).state == "confirmed"
    await practice.attend(booking)
    for hours in (24, 1):
        await practice.until(booking.start - HOUR * hours)
    await practice.until(booking.end)

    over = await practice.now(booking)
    assert over.state == "completed"
    assert [entry.what for entry in over.timeline] == ["create", "pay", "complete"]
    assert practice.moves(client, booking) == practice.moves(practice.coach, booking)
    assert await practice.notes(client) == ["booking_confirmed", "booking_reminder", "booking_reminder"]
    assert await practice.refunded(booking) == 0


async def test_a_firm_booking_that_nobody_pays_gives_its_time_back_after_fifteen_minutes(
    house: House,
) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.ask(client)

    assert not await practice.free(booking.start)
    await house.pass_time(15 * 60 - 1)
    assert (await practice.now(booking)).state == "pending_payment"
    await house.pass_time(1)

    assert (await practice.now(booking)).state == "expired"
    assert await practice.free(booking.start)
    assert "booking_expired" in await practice.notes(client)


async def test_what_costs_nothing_is_confirmed_without_payment(house: House) -> None:
    practice = await open_practice(house, price=PRICE.with_amount(0))
    client = await house.client(card=None)

    booking = await practice.ask(client)

    assert (booking.state, booking.payment_id) == ("confirmed", None)
    cancelled = await house.booking.cases.changes.cancel(client.who, booking.id)
    assert cancelled.state == "cancelled_by_client"


async def test_a_booking_out_of_a_slot_leaves_what_is_before_and_after_it_and_expiring_restores_it(
    house: House,
) -> None:
    practice, client = await open_practice(house), await house.client()
    noon = practice.at()
    await practice.slot(noon - HOUR, noon + 3 * HOUR)

    await practice.ask(client, noon)
    assert await practice.slots() == [Span(noon - HOUR, noon), Span(noon + HOUR, noon + 3 * HOUR)]
    await house.pass_time(15 * 60)

    assert await practice.slots() == [Span(noon - HOUR, noon + 3 * HOUR)]


async def test_a_booking_needs_a_person_who_may_pay_and_another_one_than_the_coach(house: House) -> None:
    practice = await open_practice(house)

    own = await refused(practice.ask(practice.coach))

    assert own.code is Code.OWN_ACCOUNT


async def test_a_session_type_of_somebody_else_or_no_more_offered_is_not_found(house: House) -> None:
    practice, other, client = await open_practice(house), await open_practice(house), await house.client()
    practice.offer, kept = other.offer, practice.offer
    foreign = await refused(practice.ask(client))
    kept.archived = True
    await house.stores.transact(lambda tx: house.stores.session_types.save(tx, kept))
    practice.offer = kept

    assert isinstance(foreign, NotFound)
    assert isinstance(await refused(practice.ask(client)), NotFound)


async def test_a_start_off_the_quarter_hour_or_within_the_notice_is_refused(house: House) -> None:
    practice, client = await open_practice(house, notice_minutes=120), await house.client()

    odd = await refused(practice.ask(client, practice.at() + timedelta(minutes=7)))
    late = await refused(practice.ask(client, practice.at(days=0, hours=1)))

    assert isinstance(odd, Invalid)
    assert late.code is Code.TOO_LATE


# --- asked ------------------------------------------------------------------------------------------------------


async def test_a_request_that_the_coach_accepts_is_to_be_paid_within_a_day(house: House) -> None:
    practice, client = await open_practice(house, asked=True), await house.client()
    booking = await practice.ask(client)

    assert (booking.state, booking.firm) == ("requested", False)
    assert await practice.notes(practice.coach) == ["booking_requested"]
    accepted = await house.booking.cases.requests.accept(practice.coach.who, booking.id)
    assert accepted.state == "pending_payment"
    assert accepted.expires_at == house.clock.now() + 24 * HOUR
    assert await practice.notes(client) == ["booking_accepted"]

    await practice.pay(client, booking)
    assert (await practice.now(booking)).state == "confirmed"


async def test_a_request_that_the_coach_declines_gives_its_time_back(house: House) -> None:
    practice, client = await open_practice(house, asked=True), await house.client()
    booking = await practice.ask(client)

    assert not await practice.free(booking.start)
    declined = await house.booking.cases.requests.decline(practice.coach.who, booking.id, "I am away.")

    assert declined.state == "declined"
    assert declined.timeline[-1].detail == {"reason": "I am away."}
    assert await practice.free(booking.start)
    assert await practice.notes(client) == ["booking_declined"]


async def test_a_request_that_nobody_answers_expires_after_two_days(house: House) -> None:
    practice, client = await open_practice(house, asked=True), await house.client()
    booking = await practice.ask(client)

    await house.pass_time(48 * 3600)

    assert (await practice.now(booking)).state == "expired"
    assert await practice.notes(practice.coach) == ["booking_requested", "booking_expired"]
    assert await practice.free(booking.start)


async def test_an_answer_that_comes_too_late_is_refused_though_no_timer_ran_yet(house: House) -> None:
    practice, client = await open_practice(house, asked=True), await house.client()
    booking = await practice.ask(client)
    house.clock.advance(48 * 3600)

    late = await refused(house.booking.cases.requests.accept(practice.coach.who, booking.id))

    assert late.code is Code.TOO_LATE


async def test_the_coach_suggests_other_times_the_client_takes_one_and_nothing_is_held_meanwhile(
    house: House,
) -> None:
    practice, client = await open_practice(house, asked=True), await house.client()
    booking, requests = await practice.ask(client), house.booking.cases.requests
    times = [Span(practice.at(days=days), practice.at(days=days) + HOUR) for days in (4, 5)]

    suggested = await requests.suggest(practice.coach.who, booking.id, times, "How about these?")
    assert (suggested.state, suggested.suggestions) == ("time_suggested", tuple(times))
    assert await practice.free(booking.start)
    assert await practice.free(times[0].start)
    chosen = await requests.choose(client.who, booking.id, times[1].start)

    assert (chosen.state, chosen.span, chosen.suggestions) == ("pending_payment", times[1], ())
    assert not await practice.free(times[1].start)
    meeting = await house.stores.transact(lambda tx: house.stores.scheduled.get(tx, booking.session_id))
    assert (meeting.start, meeting.end) == (times[1].start, times[1].end)


async def test_a_suggested_time_that_somebody_else_took_is_gone_and_another_one_can_be_had(
    house: House,
) -> None:
    practice, client = await open_practice(house, asked=True), await house.client()
    booking, requests = await practice.ask(client), house.booking.cases.requests
    times = [Span(practice.at(days=days), practice.at(days=days) + HOUR) for days in (4, 5)]
    await requests.suggest(practice.coach.who, booking.id, times)
    await practice.ask(await house.client("Faster"), times[0].start)

    gone = await refused(requests.choose(client.who, booking.id, times[0].start))
    never = await refused(requests.choose(client.who, booking.id, practice.at(days=9)))

    assert gone.code is Code.SLOT_TAKEN
    assert isinstance(never, NotFound)
    assert (await requests.choose(client.who, booking.id, times[1].start)).state == "pending_payment"


async def test_a_client_declines_all_suggested_times(house: House) -> None:
    practice, client = await open_practice(house, asked=True), await house.client()
    booking, requests = await practice.ask(client), house.booking.cases.requests
    await requests.suggest(
        practice.coach.who, booking.id, [Span(practice.at(days=4), practice.at(days=4) + HOUR)]
    )

    assert isinstance(await refused(requests.decline(practice.coach.who, booking.id)), Forbidden)
    assert (await requests.decline(client.who, booking.id)).state == "declined"
    assert await practice.notes(practice.coach) == ["booking_requested", "booking_declined"]


async def test_suggestions_are_in_the_future_and_as_long_as_was_asked_for(house: House) -> None:
    practice, client = await open_practice(house, asked=True), await house.client()
    booking, requests, coach = await practice.ask(client), house.booking.cases.requests, practice.coach.who
    soon = practice.at(days=4)

    for times in (
        [],
        [Span(soon, soon + 2 * HOUR)],
        [Span(practice.at(days=-1), practice.at(days=-1) + HOUR)],
    ):
        assert isinstance(await refused(requests.suggest(coach, booking.id, times)), Invalid)


# --- who comes --------------------------------------------------------------------------------------------------


async def test_a_coach_who_does_not_come_gives_all_money_back(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.bought(client)
    await practice.attend(booking, coach=False)

    await practice.until(booking.start + quarter())

    missed = await practice.now(booking)
    assert (missed.state, missed.missed_by) == ("no_show", "coach")
    assert await practice.refunded(booking) == PRICE.amount
    assert "booking_no_show" in await practice.notes(client)


async def test_a_client_who_does_not_come_has_paid_all_the_same(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.bought(client)
    await practice.attend(booking, client=False)

    await practice.until(booking.start + quarter())

    assert (await practice.now(booking)).missed_by == "client"
    assert await practice.refunded(booking) == 0


async def test_when_nobody_comes_the_client_does_not_pay_also_if_the_timers_come_late(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.bought(client)

    await practice.until(booking.end + 5 * HOUR)

    assert (await practice.now(booking)).missed_by == "both"
    assert await practice.refunded(booking) == PRICE.amount


async def test_a_coach_says_what_the_platform_did_not_see_and_is_not_believed_against_what_it_saw(
    house: House,
) -> None:
    practice, client = await open_practice(house), await house.client()
    booking, say = await practice.bought(client), house.booking.cases.outcomes.assert_status
    coach = practice.coach.who

    early = await refused(say(coach, booking.id, Asserted.COMPLETED))
    await practice.attend(booking)
    house.clock.advance((booking.start - house.clock.now()).total_seconds())
    hasty = await refused(say(coach, booking.id, Asserted.NO_SHOW))
    house.clock.advance(900)
    wrong = await refused(say(coach, booking.id, Asserted.NO_SHOW))

    assert (early.code, hasty.code) == (Code.TOO_EARLY, Code.TOO_EARLY)
    assert wrong.code is Code.ILLEGAL_STATE
    assert isinstance(await refused(say(client.who, booking.id, Asserted.COMPLETED)), Forbidden)
    assert (await say(coach, booking.id, Asserted.COMPLETED)).state == "completed"


async def test_an_illegal_move_says_both_states(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.bought(client)

    illegal = await refused(house.booking.cases.requests.accept(practice.coach.who, booking.id))

    assert isinstance(illegal, Conflict)
    assert illegal.details == {"state": "confirmed", "wanted": ["pending_payment"]}


async def test_strangers_find_nothing(house: House) -> None:
    practice, client, stranger = (
        await open_practice(house),
        await house.client(),
        await house.client("Stranger"),
    )
    booking, cases = await practice.bought(client), house.booking.cases
    acts = [
        cases.queries.one(stranger.who, booking.id),
        cases.requests.accept(stranger.who, booking.id),
        cases.requests.decline(stranger.who, booking.id),
        cases.requests.suggest(stranger.who, booking.id, [booking.span]),
        cases.requests.choose(stranger.who, booking.id, booking.start),
        cases.reschedules.reschedule(stranger.who, booking.id, practice.at(days=5)),
        cases.changes.preview(stranger.who, booking.id),
        cases.changes.cancel(stranger.who, booking.id),
        cases.changes.reopen(stranger.who, booking.id),
        cases.outcomes.assert_status(stranger.who, booking.id, Asserted.COMPLETED),
        practice.pay(stranger, booking),
    ]

    assert {type(await refused(act)) for act in acts} == {NotFound}
    assert (await practice.now(booking)).version == booking.version
