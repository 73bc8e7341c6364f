"""Which signals are legal when: the tables, and what no table holds."""

import pytest

from domain.errors import Code, DomainError
from signaling.relay import (
    RECEIVED,
    SENT,
    Candidate,
    Description,
    DescriptionType,
    Negotiation,
    Signal,
    SignalingState,
)  # fmt: skip

S, D = SignalingState, DescriptionType
CANDIDATE = Candidate("candidate:1 1 udp 1 192.0.2.1 1 typ host")


def description(kind: DescriptionType) -> Description:
    return Description(kind, "v=0")


def code_of(negotiation: Negotiation, epoch: int, signal: Signal) -> Code:
    with pytest.raises(DomainError) as refused:
        negotiation.sent(epoch, signal)
    return refused.value.code


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("kind", [D.OFFER, D.ANSWER, D.PRANSWER])
def test_the_polite_side_may_send_exactly_what_the_table_holds(state: SignalingState, kind: D) -> None:
    here = Negotiation(True, 0, state)

    outcome: object
    try:
        outcome = here.sent(0, description(kind)).state
    except DomainError as error:
        outcome = error.code

    assert outcome == SENT.get((state, kind), Code.ILLEGAL_SIGNAL)


@pytest.mark.parametrize("kind", [D.ANSWER, D.PRANSWER])
def test_the_impolite_side_does_not_answer_in_glare(kind: D) -> None:
    assert code_of(Negotiation(False, 0, S.GLARE), 0, description(kind)) == Code.ILLEGAL_SIGNAL


@pytest.mark.parametrize("state", S)
def test_a_rollback_is_never_sent(state: SignalingState) -> None:
    assert code_of(Negotiation(True, 0, state), 0, description(D.ROLLBACK)) == Code.ILLEGAL_SIGNAL


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("kind", D)
def test_what_is_delivered_moves_the_state_as_the_table_says(state: SignalingState, kind: D) -> None:
    after = Negotiation(True, 0, state).received(0, description(kind))

    assert after is not None
    assert after.state == RECEIVED.get((state, kind), state)


@pytest.mark.parametrize("first", ["caller", "callee"])
def test_crossing_offers_end_stable_with_the_polite_side_answering(first: str) -> None:
    caller, callee = Negotiation(False, 0), Negotiation(True, 0)
    offer, answer = description(D.OFFER), description(D.ANSWER)

    caller, callee = caller.sent(0, offer), callee.sent(0, offer)
    delivered = {"caller": lambda: caller.received(0, offer), "callee": lambda: callee.received(0, offer)}
    results = {name: delivered[name]() for name in sorted(delivered, key=lambda name: name != first)}
    caller, callee = results["caller"], results["callee"]
    callee = callee.sent(0, answer)
    caller = caller.received(0, answer)

    assert caller.state == callee.state == S.STABLE


def test_candidates_need_a_description_of_their_own_side_before() -> None:
    fresh = Negotiation(False, 0)

    assert code_of(fresh, 0, CANDIDATE) == Code.ILLEGAL_SIGNAL
    assert fresh.sent(0, description(D.OFFER)).sent(0, CANDIDATE).state == S.HAVE_LOCAL_OFFER


def test_an_offer_of_the_next_epoch_begins_it_whatever_went_on() -> None:
    here = Negotiation(True, 3, S.GLARE, described=True)

    after = here.sent(4, description(D.OFFER))

    assert (after.epoch, after.state) == (4, S.HAVE_LOCAL_OFFER)


@pytest.mark.parametrize(
    ("epoch", "signal"),
    [
        (2, description(D.OFFER)),
        (2, CANDIDATE),
        (4, description(D.ANSWER)),
        (4, CANDIDATE),
        (5, description(D.OFFER)),
    ],
)
def test_every_other_epoch_is_stale(epoch: int, signal: Signal) -> None:
    assert code_of(Negotiation(True, 3, S.STABLE, described=True), epoch, signal) == Code.STALE_EPOCH


def test_a_delivered_signal_of_a_past_epoch_is_void_and_one_of_a_newer_begins_it() -> None:
    here = Negotiation(True, 3)

    newer = here.received(5, description(D.OFFER))

    assert here.received(2, description(D.OFFER)) is None
    assert newer == Negotiation(True, 5, S.HAVE_REMOTE_OFFER)


@pytest.mark.parametrize(
    "signal",
    [
        Description(D.OFFER, "v=0" + "x" * 32 * 1024),
        Description(D.OFFER, "v=0" + "ü" * 17 * 1024),
        Description(D.OFFER, ""),
        Candidate("candidate:" + "x" * 1024),
        Candidate("something else"),
        Candidate("", sdp_mid="x" * 65),
        Candidate("", username_fragment="x" * 257),
    ],
)
def test_what_no_peer_would_send_is_invalid(signal: Signal) -> None:
    assert code_of(Negotiation(True, 0, S.STABLE, described=True), 0, signal) == Code.INVALID_PAYLOAD
