"""When a scheduled session ends, which minutes of overtime are in use, and who was there."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calls.session import Seat, Side, SocketId
from domain.errors import Code, DomainError, NotFound
from domain.ids import BookingId, CoachId, SessionId, UserId, new_id
from domain.money import Money
from domain.scheduled.session import Guest, OvertimeSegment, ScheduledSession
from domain.scheduled.states import PAID_FOR, OvertimeState

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BOOKED = timedelta(minutes=30)

segments = st.lists(st.tuples(st.integers(5, 60), st.sampled_from(list(OvertimeState))), max_size=6)
instants = st.integers(-3600, 6 * 3600).map(lambda seconds: NOON + timedelta(seconds=seconds))


def session(*wishes: tuple[int, OvertimeState]) -> ScheduledSession:
    coach, client = Guest(UserId(new_id()), "Coach"), Guest(UserId(new_id()), "Client")
    made = ScheduledSession(
        id=SessionId(new_id()),
        booking_id=BookingId(new_id()),
        coach_id=CoachId(new_id()),
        coach=coach,
        client=client,
        start=NOON,
        end=NOON + BOOKED,
        title="A session",
        overtime_rate=Money(250, "USD"),
        fee_percent=20,
    )
    for number, (minutes, state) in enumerate(wishes, start=1):
        made.overtime_segments.append(OvertimeSegment(number, minutes, coach.user_id, NOON, made.end, state))
    return made


def seat(sid: str = "s") -> Seat:
    return Seat("device", "p1", SocketId(sid))


@given(segments)
def test_it_ends_with_the_booked_time_and_what_is_paid_for_after_it(
    wishes: list[tuple[int, OvertimeState]],
) -> None:
    paid = sum(minutes for minutes, state in wishes if state in PAID_FOR)

    assert session(*wishes).ends_at == NOON + BOOKED + timedelta(minutes=paid)


@given(segments, instants)
def test_the_next_boundary_is_never_past_until_all_is_over(
    wishes: list[tuple[int, OvertimeState]], now: datetime
) -> None:
    meeting = session(*wishes)

    boundary = meeting.boundary_after(now)

    assert meeting.end <= boundary <= meeting.ends_at
    assert boundary > now or (boundary == meeting.ends_at and now >= meeting.ends_at)


@given(segments, instants, instants)
def test_minutes_are_in_use_in_their_order_and_stay_so(
    wishes: list[tuple[int, OvertimeState]], one: datetime, other: datetime
) -> None:
    step_by_step, at_once = session(*wishes), session(*wishes)

    for now in sorted((one, other)):
        step_by_step.activate(now)
    at_once.activate(max(one, other))

    states = [segment.state for segment in at_once.overtime_segments]
    assert states == [segment.state for segment in step_by_step.overtime_segments]
    paid = [segment for segment in at_once.overtime_segments if segment.state in PAID_FOR]
    begins = accumulate((segment.minutes for segment in paid), initial=30)
    begun = [
        segment
        for segment, minutes in zip(paid, begins, strict=False)
        if NOON + timedelta(minutes=minutes) <= max(one, other)
    ]
    assert OvertimeState.AUTHORIZED not in {segment.state for segment in begun}


@given(segments)
def test_there_is_one_newest_and_the_price_holds_all_its_minutes(
    wishes: list[tuple[int, OvertimeState]],
) -> None:
    meeting = session(*wishes)

    for segment in meeting.overtime_segments:
        assert meeting.price_of(segment) == Money(250 * segment.minutes, "USD")
    assert (meeting.newest is None) == (not wishes)


def test_a_stay_is_one_visit_however_many_devices_it_had() -> None:
    guest = Guest(UserId(new_id()), "Client")

    guest.arrive(seat("laptop"), NOON)
    guest.arrive(seat("phone"), NOON + timedelta(minutes=5))
    guest.depart(NOON + timedelta(minutes=10))
    guest.depart(NOON + timedelta(minutes=11))
    guest.arrive(seat("laptop"), NOON + timedelta(minutes=12))

    assert [(visit.joined_at.minute, visit.left_at and visit.left_at.minute) for visit in guest.visits] == [
        (0, 10),
        (12, None),
    ]
    assert guest.present


def test_nobody_leaves_before_they_came() -> None:
    guest = Guest(UserId(new_id()), "Client")
    guest.arrive(seat(), NOON)

    guest.depart(NOON - timedelta(minutes=1))

    assert guest.visits[0].left_at == NOON


def test_a_stranger_learns_nothing_and_another_socket_does_not_speak() -> None:
    meeting = session()
    meeting.coach.arrive(seat("mine"), NOON)

    with pytest.raises(NotFound):
        meeting.side_of(UserId(new_id()))
    with pytest.raises(DomainError) as refused:
        meeting.require_socket(Side.CALLEE, SocketId("another"))

    assert refused.value.code is Code.NOT_JOINED
    assert meeting.processes() == {"p1"}


def test_a_group_session_has_nobody_at_the_other_end() -> None:
    meeting = session()
    meeting.client = None

    assert [side for side, _ in meeting.guests] == [Side.CALLEE]
    with pytest.raises(NotFound):
        meeting.guest(Side.CALLER)
