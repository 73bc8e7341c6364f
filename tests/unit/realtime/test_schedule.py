"""Appointments by the injected clock, and proofs kept in memory."""

import asyncio
from datetime import timedelta

from domain.calls.session import Side
from domain.clock import ClockOrigin, SystemClock, VirtualClock
from domain.ids import SessionId
from realtime.schedule import Schedule
from signaling.proofs import ProofBook, Seen

SESSION = SessionId("a" * 24)


async def test_what_is_due_is_done_in_the_order_of_its_time() -> None:
    clock = VirtualClock()
    schedule, done = Schedule(clock), []
    for seconds in (3, 1, 2, 9):
        schedule.after(seconds, lambda seconds=seconds: done.append(seconds))

    clock.advance(5)
    schedule.run_due()
    schedule.stop()

    assert done == [1, 2, 3]


async def test_a_cancelled_appointment_is_not_kept() -> None:
    clock = VirtualClock()
    schedule, done = Schedule(clock), []
    schedule.after(1, lambda: done.append(1)).cancel()

    clock.advance(5)
    schedule.run_due()

    assert done == []


async def test_cancelled_appointments_far_ahead_do_not_pile_up() -> None:
    clock = VirtualClock()
    schedule, done = Schedule(clock), []
    schedule.after(1, lambda: done.append(1))
    for _ in range(10_000):
        schedule.after(900, done.clear).cancel()

    assert len(schedule) == 1
    assert len(schedule._heap) < 200
    clock.advance(5)
    schedule.run_due()
    schedule.stop()

    assert done == [1]


async def test_cancelling_twice_or_late_counts_once() -> None:
    clock = VirtualClock()
    schedule = Schedule(clock)
    early, late = schedule.after(1, list), schedule.after(9, list)

    clock.advance(5)
    schedule.run_due()
    early.cancel()
    late.cancel()
    late.cancel()

    assert len(schedule) == 0
    schedule.stop()


async def test_an_action_that_fails_does_not_keep_the_others_from_being_done() -> None:
    clock = VirtualClock()
    schedule, done = Schedule(clock), []
    schedule.after(1, lambda: 1 / 0)
    schedule.after(2, lambda: done.append(2))

    clock.advance(5)
    schedule.run_due()

    assert done == [2]


async def test_real_time_does_it_by_itself() -> None:
    now = VirtualClock().wall()
    schedule, done = Schedule(SystemClock(ClockOrigin(now, now, 1.0))), asyncio.Event()

    schedule.after(0.02, done.set)

    await asyncio.wait_for(done.wait(), 20)


def test_a_proof_never_moves_back_and_is_flushed_once() -> None:
    now, book = VirtualClock().now(), ProofBook()
    book.note(SESSION, Side.CALLER, now)
    book.note(SESSION, Side.CALLER, now - timedelta(seconds=5))

    first, second = book.take_changed(), book.take_changed()

    assert (first, second) == ({(SESSION, Side.CALLER): now}, {})


def test_proofs_that_could_not_be_written_are_flushed_again() -> None:
    now, book = VirtualClock().now(), ProofBook()
    book.note(SESSION, Side.CALLER, now)

    book.put_back(book.take_changed())

    assert book.take_changed() == {(SESSION, Side.CALLER): now}


def test_a_proof_is_fresh_up_to_its_timeout_and_expired_after_it() -> None:
    now, book, timeout = VirtualClock().now(), ProofBook(), timedelta(seconds=8)
    book.note(SESSION, Side.CALLER, now)

    seen = Seen(SESSION, Side.CALLER, now)

    late = now + timeout + timedelta(milliseconds=1)
    assert (book.expired(now + timeout, timeout), book.expired(late, timeout)) == ([], [seen])
