"""The life of a connection, and of a message on its way, as tables."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.connections.connection import ASK_AGAIN, Answer, Connection, ConnectionState, pair_of
from domain.errors import Conflict, NotFound
from domain.ids import ConnectionId, MailId, UserId
from domain.mail.outgoing import OUTGOING_MOVES, Outgoing, OutgoingState, Way
from domain.notifications.kinds import KINDS, Category
from domain.notifications.notification import Delivery
from domain.notifications.preferences import DEFAULTS

ANN, BO, EVE = UserId("a" * 24), UserId("b" * 24), UserId("e" * 24)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def between(state: ConnectionState = ConnectionState.PENDING) -> Connection:
    """Ann asked Bo."""
    return Connection(
        id=ConnectionId("c" * 24),
        requester=ANN,
        addressee=BO,
        pair=pair_of(ANN, BO),
        people=(ANN, BO),
        created_at=NOW,
        state=state,
        answered_at=None if state is ConnectionState.PENDING else NOW,
    )


@pytest.mark.parametrize(
    ("state", "answer", "after"),
    [
        (ConnectionState.PENDING, Answer.ACCEPT, ConnectionState.ACCEPTED),
        (ConnectionState.PENDING, Answer.DECLINE, ConnectionState.DECLINED),
        (ConnectionState.DECLINED, Answer.ACCEPT, ConnectionState.ACCEPTED),
        (ConnectionState.ACCEPTED, Answer.ACCEPT, None),
        (ConnectionState.DECLINED, Answer.DECLINE, None),
    ],
)
def test_the_person_who_was_asked_answers(
    state: ConnectionState, answer: Answer, after: ConnectionState | None
) -> None:
    connection = between(state)

    assert connection.answer(BO, answer, NOW) is (after is not None)
    assert connection.state is (after or state)


def test_what_was_accepted_is_not_declined() -> None:
    with pytest.raises(Conflict):
        between(ConnectionState.ACCEPTED).answer(BO, Answer.DECLINE, NOW)


def test_nobody_else_answers() -> None:
    with pytest.raises(Conflict):
        between().answer(ANN, Answer.ACCEPT, NOW)
    with pytest.raises(NotFound):
        between().answer(EVE, Answer.ACCEPT, NOW)


@given(st.lists(st.tuples(st.sampled_from([ANN, BO]), st.sampled_from(["ask", *Answer]), st.integers(0, 40))))
def test_only_both_wills_connect_two_people(story: list[tuple[UserId, str, int]]) -> None:
    """Whatever the two do in whatever order: they are connected only if each of them said yes."""
    connection, now = between(), NOW
    said_yes = {ANN}
    for who, what, days in story:
        now += timedelta(days=days)
        before = connection.state
        try:
            if what == "ask":
                connection.ask_again(who, "", now)
            else:
                connection.answer(who, Answer(what), now)
        except Conflict:
            assert connection.state is before
            continue
        if what != Answer.DECLINE:
            said_yes.add(who)
    assert connection.state is not ConnectionState.ACCEPTED or said_yes == {ANN, BO}
    assert {connection.requester, connection.addressee} == {ANN, BO}


def test_who_was_declined_asks_again_after_a_while() -> None:
    connection = between(ConnectionState.DECLINED)

    with pytest.raises(Conflict) as refused:
        connection.ask_again(ANN, "", NOW + ASK_AGAIN - timedelta(milliseconds=1))
    assert refused.value.details["again_at"] == (NOW + ASK_AGAIN).isoformat()
    assert connection.ask_again(ANN, "Please", NOW + ASK_AGAIN)
    assert (connection.state, connection.message) == (ConnectionState.PENDING, "Please")


def test_a_pair_is_the_same_from_both_sides() -> None:
    assert pair_of(ANN, BO) == pair_of(BO, ANN)
    assert between().other(ANN) == BO
    assert between().other(BO) == ANN


@pytest.mark.parametrize("state", [state for state in OutgoingState if state is not OutgoingState.PENDING])
def test_a_message_ends_once_and_forgets_the_address(state: OutgoingState) -> None:
    message = Outgoing(MailId("f" * 24), Way.EMAIL, "k", NOW, NOW, address="nobody@demo.test")

    message.end(state, NOW)

    assert (message.state, message.ended_at, message.address) == (state, NOW, None)
    for other in OutgoingState:
        with pytest.raises(Conflict):
            message.end(other, NOW)


def test_whatever_becomes_of_a_message_can_be_told_at_its_notification() -> None:
    assert {state.value for state in OUTGOING_MOVES} <= {state.value for state in Delivery}


def test_every_category_has_its_ways_and_its_kinds() -> None:
    assert set(DEFAULTS) == set(Category) == {kind.category for kind in KINDS.values()}
    assert not any(ways.sms for ways in DEFAULTS.values())
