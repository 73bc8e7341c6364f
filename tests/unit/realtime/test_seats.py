"""Seats: a peer gets every signal once and in order, whatever came between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calls.session import Side
from domain.calls.views import SocketRef
from domain.errors import RateLimited
from domain.ids import SessionId, UserId
from signaling.relay import Candidate, Description, DescriptionType, Negotiation, SignalingState
from signaling.seats import SOCKETS_HEARD, Missed, Numbered, Seat, Seats

SESSION, USER = SessionId("a" * 24), UserId("b" * 24)
CANDIDATE = Candidate("candidate:1 1 udp 1 192.0.2.1 1 typ host")
OFFER = Description(DescriptionType.OFFER, "v=0")
PEER, NEXT_PEER = SocketRef("p2", "peer"), SocketRef("p3", "next")


def seat(side: Side = Side.CALLER, epoch: int = 0) -> Seat:
    state = Negotiation(side is Side.CALLEE, epoch, SignalingState.UNKNOWN, described=True)
    return Seat(SESSION, side, USER, f"{side.value}-socket", state)


def say(one: Seat, count: int = 1) -> list[Numbered]:
    said = [one.send(one.judge(one.epoch, CANDIDATE), CANDIDATE) for _ in range(count)]
    return [numbered for numbered in said if numbered is not None]


def test_signals_for_a_peer_who_is_away_wait_and_are_handed_over_once() -> None:
    one = seat()
    assert say(one, 3) == []

    owed = one.peer_is_at(PEER, heard=0)

    assert [numbered.n for numbered in owed] == [1, 2, 3]
    assert one.peer_is_at(PEER, heard=3) == []


def test_a_peer_on_a_new_socket_gets_what_the_old_one_did_not() -> None:
    one = seat()
    one.peer_is_at(PEER, heard=0)
    say(one, 2)
    one.peer_is_away()
    say(one, 2)

    owed = one.peer_is_at(NEXT_PEER, heard=0)

    assert [numbered.n for numbered in owed] == [3, 4]
    assert owed[0].before == 0


def test_what_found_nobody_is_kept_for_the_next_socket() -> None:
    one = seat()
    one.peer_is_at(PEER, heard=0)
    say(one, 3)

    one.peer_is_away(lost=2)

    assert [numbered.n for numbered in one.peer_is_at(NEXT_PEER, heard=0)] == [2, 3]


def test_no_more_than_sixty_four_signals_wait() -> None:
    one = seat()
    say(one, 64)

    with pytest.raises(RateLimited):
        one.judge(one.epoch, CANDIDATE)
    assert one.judge(one.epoch + 1, OFFER).epoch == 1


def test_what_was_handed_over_is_not_sent_again() -> None:
    one, other = seat(), seat(Side.CALLEE)
    beside, elsewhere = SocketRef("p1", other.sid), SocketRef("p2", "next")
    one.peer_is_at(beside, heard=0)
    for _ in range(3):
        assert one.hand_over(other, one.judge(one.epoch, CANDIDATE), CANDIDATE)
    assert other.heard(one.sid) == 3

    # The same socket took its seat anew and remembers nothing; then it moves.
    assert one.peer_is_at(beside, heard=0) == []
    assert [numbered.before for numbered in say(one, 2)] == [0, 4]
    one.peer_is_away(lost=5)
    assert [(owed.n, owed.before) for owed in one.peer_is_at(elsewhere, heard=0)] == [(5, 0)]


def test_a_new_generation_voids_what_waited() -> None:
    one = seat()
    say(one, 5)

    one.send(one.judge(1, OFFER), OFFER)

    assert [(kept.n, kept.epoch) for kept in one.peer_is_at(PEER, heard=0)] == [(6, 1)]


def test_a_hole_is_noticed_and_a_repetition_dropped() -> None:
    sender, receiver = seat(), seat(Side.CALLEE)
    sender.peer_is_at(PEER, heard=0)
    first, second, third = say(sender, 3)

    assert receiver.hear("s", first)
    with pytest.raises(Missed):
        receiver.hear("s", third)
    assert receiver.hear("s", second)
    assert not receiver.hear("s", second)
    assert receiver.heard("s") == 2


@given(st.lists(st.sampled_from(["say", "lose", "duplicate", "ask"]), max_size=60))
def test_whatever_is_lost_or_doubled_the_peer_hears_each_once_and_in_order(script: list[str]) -> None:
    sender, receiver, heard = seat(), seat(Side.CALLEE), []
    sender.peer_is_at(PEER, heard=0)

    def deliver(frames: list[Numbered]) -> None:
        for frame in frames:
            try:
                heard.extend([frame.n] * receiver.hear(sender.sid, frame))
            except Missed:
                deliver(sender.peer_is_at(PEER, receiver.heard(sender.sid)))

    steps = {
        "say": lambda: deliver(say(sender)),
        "lose": lambda: say(sender),
        "duplicate": lambda: deliver(say(sender) * 2),
        "ask": lambda: deliver(sender.peer_is_at(PEER, receiver.heard(sender.sid))),
    }
    for step in script:
        steps[step]()
    steps["ask"]()

    assert heard == list(range(1, sender._next))


def test_the_seat_of_a_lost_socket_speaks_and_hears_no_more() -> None:
    seats = Seats()
    taken = seats.take(SESSION, Side.CALLER, USER, "sid", epoch=0, resumed=False)

    taken.gone = True

    assert seats.of("sid") is taken
    assert seats.at(SESSION, Side.CALLER) is None
    assert seats.in_call(SESSION) == []


def test_leaving_late_does_not_unseat_the_successor() -> None:
    seats = Seats()
    seats.take(SESSION, Side.CALLER, USER, "old", epoch=0, resumed=False)
    new = seats.take(SESSION, Side.CALLER, USER, "new", epoch=1, resumed=False)

    seats.leave("old")

    assert seats.at(SESSION, Side.CALLER) is new


def test_who_takes_its_seat_anew_hears_with_the_new_one_alone() -> None:
    seats = Seats()
    old = seats.take(SESSION, Side.CALLER, USER, "sid", epoch=0, resumed=False)

    new = seats.take(SESSION, Side.CALLER, USER, "sid", epoch=1, resumed=False)

    assert (old.gone, new.gone) == (True, False)
    assert seats.in_call(SESSION) == [new]


def test_only_the_last_sockets_of_the_other_side_are_remembered() -> None:
    one, other = seat(), seat(Side.CALLEE)
    other.peer_is_at(PEER, heard=0)
    for n in range(2 * SOCKETS_HEARD):
        one.peer_is_at(SocketRef("p2", f"{n}"), heard=0)
        assert one.hear(f"{n}", say(other)[0]._replace(before=0))
    one.peer_is_at(PEER, heard=0)

    remembered = [n for n in range(2 * SOCKETS_HEARD) if one.heard(f"{n}")]

    assert remembered == list(range(SOCKETS_HEARD, 2 * SOCKETS_HEARD))
