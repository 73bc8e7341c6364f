"""A scheduled session without overtime: who may come when, who came, and whom it keeps the coach from."""

from datetime import timedelta

import pytest

from adapters.mongo.client import MongoDatabase
from domain.calls.session import Side
from domain.errors import Code
from domain.ids import new_id
from domain.ports import Tx
from domain.scheduled.session import SessionEnd
from domain.scheduled.states import OvertimeState, SessionState
from domain.timers import TimerKind
from tests.scenarios.test_interruptions import fall_silent, undertaker
from tests.support.house import House
from tests.support.sessions import BOOKED, Meeting, booked, in_progress, refusal
from tests.support.stores import assert_uses_index


async def test_it_opens_ten_minutes_before_its_start_for_its_two_participants(house: House) -> None:
    client, coach, stranger = await house.client(), await house.coach(), await house.client()
    meeting = await booked(house, client, coach)
    await meeting.pass_to(-10.1)
    early = await refusal(meeting.join(client))

    await meeting.pass_to(-10)
    opened = (await meeting.session()).state
    await meeting.both_join()
    unknown = await refusal(meeting.join(stranger))

    assert (early.code, opened) == (Code.TOO_EARLY, SessionState.OPEN)
    assert unknown.code is Code.NOT_FOUND
    assert (await meeting.session()).state is SessionState.IN_PROGRESS


async def test_a_worker_that_is_late_keeps_nobody_out(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await booked(house, client, coach)
    house.clock.advance(3600)  # no timer runs

    await meeting.both_join()

    assert (await meeting.session()).state is SessionState.IN_PROGRESS


async def test_a_session_that_is_not_paid_for_cannot_be_joined(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await booked(house, client, coach, confirmed=False)
    await meeting.pass_to(0)

    refused = await refusal(meeting.join(client))

    assert refused.code is Code.ILLEGAL_STATE


async def test_every_stay_is_a_visit_and_a_second_device_is_none(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    begun = house.clock.now()
    house.clock.advance(60)
    await meeting.lose(client)
    house.clock.advance(30)
    await meeting.join(client, resume=True)
    client.sid, client.device = "another socket", "another device"
    await meeting.join(client)

    await meeting.pass_to(BOOKED)

    session = await meeting.session()
    visits = [(one.joined_at, one.left_at) for one in session.guest(Side.CALLER).visits]
    assert visits == [
        (begun, begun + timedelta(seconds=60)),
        (begun + timedelta(seconds=90), session.end),
    ]
    assert [one.left_at for one in session.coach.visits] == [session.end]


async def test_nobody_calls_a_coach_in_a_session(house: House) -> None:
    client, coach, caller = await house.client(), await house.coach(), await house.client()
    meeting = await booked(house, client, coach)
    await meeting.pass_to(0)
    await meeting.join(coach)
    waiting = await house.ask(caller, coach)
    await house.calls.answers.cancel(caller.who, waiting.session_id)

    await meeting.join(client)
    refused = await refusal(house.ask(caller, coach))
    await meeting.end(coach)
    again = await house.ask(caller, coach)

    assert refused.code is Code.COACH_BUSY
    assert house.published.statuses(coach)[-2:] == ["online", "busy"]
    assert again.state == "ringing"


async def test_a_call_that_is_in_progress_when_a_session_begins_goes_on(house: House) -> None:
    client, coach, caller = await house.client(), await house.coach(), await house.client()
    meeting = await booked(house, client, coach)
    call = await house.live(caller, coach)
    await house.talk(call, 30)

    await meeting.pass_to(-9)
    await house.keep_proving(call)
    await meeting.both_join()
    await house.calls.endings.end(caller.who, call, None)
    await house.settle(call)
    await house.pass_time(61)
    refused = await refusal(house.ask(caller, coach))

    assert refused.code is Code.COACH_BUSY
    assert (await meeting.session()).state is SessionState.IN_PROGRESS


async def test_coaches_in_a_session_are_found_as_busy(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)

    during = await house.stores.directory.count_by_status(now_absent=30.0)
    await meeting.end(client)
    after = await house.stores.directory.count_by_status(now_absent=30.0)

    assert (during["busy"], during["online"]) == (1, 0)
    assert (after["busy"], after["online"]) == (0, 1)


async def test_it_ends_at_its_booked_end_whenever_that_is_noticed(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)

    await meeting.pass_to(BOOKED + 20)

    session = await meeting.session()
    assert (session.state, session.end_reason) == (SessionState.ENDED, SessionEnd.TIME_IS_UP)
    assert session.ended_at == session.end
    assert (await refusal(meeting.join(client))).code is Code.GONE


async def test_a_session_to_which_nobody_came_ends_too(house: House) -> None:
    meeting = await booked(house, await house.client(), await house.coach())

    await meeting.pass_to(BOOKED)

    session = await meeting.session()
    assert session.state in (SessionState.ENDED, SessionState.CANCELLED)
    assert not session.coach.came
    assert await house.timers_of(session.id) == set()


async def test_who_waits_alone_cannot_end_it_for_the_other(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await booked(house, client, coach)
    await meeting.pass_to(0)
    await meeting.join(client)

    refused = await refusal(meeting.end(client))

    assert refused.code is Code.ILLEGAL_STATE


async def test_what_a_dead_process_held_is_given_back(house: House, neighbour: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await booked(house, client, coach)
    await meeting.pass_to(0)
    await meeting.join(client)
    await meeting.at(neighbour).join(coach)
    seen, seats = house.clock.now(), neighbour.calls.sessions.seats
    house.clock.advance(10)

    held = await house.stores.scheduled.seated_at("p1")
    await seats.process_died(meeting.booking_id, "p1", seen)

    session = await meeting.session()
    assert held == [meeting.booking_id]
    assert [one.left_at for one in session.guest(Side.CALLER).visits] == [seen]
    assert session.coach.present
    assert session.processes() == {"p2"}
    assert await house.stores.scheduled.seated_at("p1") == []


async def test_a_worker_finds_the_seats_of_a_process_that_stopped_beating(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    await house.stores.processes.beat("p1", "server", {})
    meeting = await in_progress(house, client, coach)

    await fall_silent(house, 20)
    await undertaker(house).turn()

    session = await meeting.session()
    assert session.processes() == frozenset()
    assert [len(guest.visits) for _, guest in session.guests] == [1, 1]
    assert session.state is SessionState.IN_PROGRESS


async def test_overtime_of_a_dead_process_stops_at_the_last_proof(house: House, neighbour: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.agreed(10)
    await meeting.pass_to(BOOKED)
    await meeting.both_prove()
    await meeting.talk(60)
    house.clock.advance(30)

    await neighbour.calls.sessions.seats.process_died(
        meeting.booking_id, "p1", house.clock.now() - timedelta(seconds=20)
    )
    await house.pass_time(46)
    payment = await house.settle(meeting.room)

    assert payment.amount == 250
    await house.assert_books_agree(meeting.room)


async def test_a_suspension_ends_the_session_and_pays_what_was_used(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.agreed(10)
    await meeting.pass_to(BOOKED)
    await meeting.both_prove()
    await meeting.talk(60)

    for after in (house.calls.endings, house.calls.sessions.endings):
        await after.suspended(client.who.user_id)
    payment = await house.settle(meeting.room)

    session = await meeting.session()
    assert (session.state, session.end_reason) == (SessionState.ENDED, SessionEnd.SUSPENDED)
    assert payment.amount == 250
    assert (await house.stored_coach(coach)).in_sessions == []


async def test_a_suspension_before_overtime_ends_the_session_and_releases(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.agreed(10)

    for after in (house.calls.endings, house.calls.sessions.endings):
        await after.suspended(coach.who.user_id)
    await house.over(meeting.room)

    assert (await meeting.session()).end_reason is SessionEnd.SUSPENDED
    assert (await meeting.segment()).state is OvertimeState.EXPIRED
    assert await house.open_holds() == []


# --- what booking does to it ---------------------------------------------------------------------------------------------


async def reschedule(meeting: Meeting, later: timedelta) -> None:
    house = meeting.house

    async def work(tx: Tx) -> None:
        booking = await house.stores.bookings.get(tx, meeting.booking_id)
        booking.start, booking.end = booking.start + later, booking.end + later
        booking.busy_from, booking.busy_until = booking.start, booking.end
        await house.stores.bookings.save(tx, booking)
        await house.calls.sessions.meetings.reschedule(tx, booking.id)

    await house.stores.transact(work)


async def test_another_time_closes_the_room_until_then(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await booked(house, client, coach)
    await meeting.pass_to(-5)
    await meeting.join(client)

    await reschedule(meeting, timedelta(days=1))
    early = await refusal(meeting.join(client))
    waited = await meeting.session()
    await meeting.pass_to(0)
    await meeting.both_join()

    assert early.code is Code.TOO_EARLY
    assert [data["reason"] for data in meeting.heard("session-ended")] == ["rescheduled"]
    assert not waited.guest(Side.CALLER).came
    assert (await meeting.session()).state is SessionState.IN_PROGRESS


async def test_a_session_in_progress_cannot_be_moved(house: House) -> None:
    meeting = await in_progress(house, await house.client(), await house.coach())

    refused = await refusal(reschedule(meeting, timedelta(days=1)))

    assert refused.code is Code.ILLEGAL_STATE


async def test_calling_it_off_ends_it_releases_overtime_and_frees_the_coach(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.agreed(10)
    session = await meeting.session()

    for _ in range(2):
        await house.stores.transact(
            lambda tx: house.calls.sessions.meetings.cancel(tx, session.id, by="coach")
        )
    await house.over(meeting.room)

    session = await meeting.session()
    assert (session.state, session.end_reason) == (SessionState.CANCELLED, SessionEnd.CANCELLED)
    assert (await house.stored_coach(coach)).in_sessions == []
    assert await house.open_holds() == []
    assert await house.timers_of(session.id) == set()


async def test_calling_it_off_during_overtime_charges_what_was_used(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.agreed(10)
    await meeting.pass_to(BOOKED)
    await meeting.both_prove()
    await meeting.talk(60)
    session = await meeting.session()

    await house.stores.transact(lambda tx: house.calls.sessions.meetings.cancel(tx, session.id, by="coach"))
    payment = await house.settle(meeting.room)

    assert payment.amount == 250
    assert (await meeting.session()).state is SessionState.CANCELLED


async def test_confirming_twice_is_as_once(house: House) -> None:
    meeting = await booked(house, await house.client(), await house.coach())
    session = await meeting.session()

    await house.stores.transact(lambda tx: house.calls.sessions.meetings.confirmed(tx, session.id))

    assert (await meeting.session()).version == session.version
    waiting = {TimerKind.SESSION_OPEN, TimerKind.SESSION_ENDING_SOON, TimerKind.SESSION_END}
    assert await house.timers_of(session.id) == waiting


# --- the record ------------------------------------------------------------------------------------------------------------


async def test_notes_are_private_and_replaced_as_a_whole(house: House) -> None:
    client, coach, stranger = await house.client(), await house.coach(), await house.client()
    meeting = await booked(house, client, coach)
    records = house.calls.sessions.records

    await records.write_notes(client.who, meeting.booking_id, "What I want to ask")
    await records.write_notes(coach.who, meeting.booking_id, "Begin slowly")
    of_client = await records.one(client.who, meeting.booking_id)

    assert of_client.session.guest(of_client.side).notes == "What I want to ask"
    assert (await refusal(records.one(stranger.who, meeting.booking_id))).code is Code.NOT_FOUND
    assert (await refusal(records.write_notes(stranger.who, meeting.booking_id, "x"))).code is Code.NOT_FOUND


async def test_the_record_joins_the_session_with_the_charge_of_its_overtime(house: House) -> None:
    client, coach = await house.client(), await house.coach()
    meeting = await in_progress(house, client, coach)
    await meeting.agreed(10)
    await meeting.pass_to(BOOKED)
    await meeting.both_prove()
    await meeting.talk(60)
    await meeting.end(client)
    await house.settle(meeting.room)

    record = await house.calls.sessions.records.one(coach.who, meeting.booking_id)

    assert record.meter is not None
    assert record.call is not None
    assert (record.meter.billable_seconds, record.meter.amount.amount) == (60, 250)
    assert [one.state for one in record.segments] == [OvertimeState.FINALIZED]
    told = [entry.what for entry in record.session.timeline]
    assert told == [
        "schedule", "confirm", "open", "joined", "joined", "begin", "overtime_requested", "overtime_confirmed",
        "overtime_authorized", "overtime_begin", "end",
    ]  # fmt: skip
    assert [entry.what for entry in record.call.timeline][-1] == "settle"


@pytest.mark.parametrize(
    "query",
    [
        {"booking_id": new_id()},
        {"running": True, "seated_at": "p1"},
        {"running": True, "$or": [{"coach.user_id": new_id()}, {"client.user_id": new_id()}]},
    ],
)
async def test_every_query_of_sessions_uses_an_index(
    mongo: MongoDatabase, house: House, query: dict[str, object]
) -> None:
    await booked(house, await house.client(), await house.coach())

    await assert_uses_index(mongo, "sessions", query)
