"""Targets are held against the median ratio, in the direction the plan words them."""

import pytest

from loadtests.bench.targets import MEASURES, OURS, TARGETS, Target, Verdict, judge


def verdict(measure: str, peer: str, ours: list[float | None], theirs: list[float | None]) -> Verdict:
    found = judge({measure: {OURS: ours, peer: theirs}})
    return next(one for one in found if one.target.measure == measure and one.target.peer == peer)


def test_messages_per_core_are_the_peers_cost_over_ours() -> None:
    found = verdict("relay", "node", [20e-6], [30e-6])
    assert found.found is not None
    assert found.found.median == pytest.approx(1.5)
    assert found.met is True


@pytest.mark.parametrize(("cost", "met"), [(20e-6, True), (24e-6, False)])
def test_a_target_of_at_least_is_met_from_its_limit_on(cost: float, met: bool) -> None:
    assert verdict("relay", "node", [cost], [26.1e-6]).met is met


@pytest.mark.parametrize(("cost", "met"), [(15e-6, True), (15.1e-6, False)])
def test_a_target_of_within_is_met_up_to_its_limit(cost: float, met: bool) -> None:
    assert verdict("relay", "floor", [cost], [10e-6]).met is met


def test_the_median_of_the_alternations_decides() -> None:
    found = verdict("fanout", "floor", [1.0, 1.2, 9.0], [1.0, 1.0, 1.0])
    assert found.found is not None
    assert (found.found.median, found.found.high) == (1.2, 9.0)
    assert found.met is True


def test_without_the_peer_nothing_is_said() -> None:
    found = judge({"relay": {OURS: [20e-6]}})
    assert {one.met for one in found} == {None}


def test_an_alternation_that_failed_does_not_decide() -> None:
    assert verdict("p99", "node", [None, 0.002], [0.001, 0.004]).met is True


def test_every_target_is_about_a_measure_of_the_table() -> None:
    assert {target.measure for target in TARGETS} == {measure.name for measure in MEASURES}


def test_no_target_is_given_twice() -> None:
    def key(target: Target) -> tuple[str, str]:
        return target.measure, target.peer

    assert len({key(target) for target in TARGETS}) == len(TARGETS)
