"""Which column is measured when, and what a run keeps of alternations in which something failed."""

from loadtests.bench.columns import ALL, FLOOR, RAPPORT
from loadtests.bench.machine import share_out
from loadtests.bench.measures import Sizes
from loadtests.bench.run import Plan, Results
from loadtests.bench.targets import judge


def test_a_figure_that_failed_leaves_its_place_empty() -> None:
    found = Results()
    found.add("relay", FLOOR, 1.0)
    found.add("relay", RAPPORT, 3.0)
    found.close(1)
    found.add("relay", FLOOR, 10.0)  # ours broke down
    found.close(2)
    found.add("relay", FLOOR, 100.0)
    found.add("relay", RAPPORT, 200.0)
    found.close(3)
    assert found.figures["relay"] == {"floor": [1.0, 10.0, 100.0], "rapport": [3.0, None, 200.0]}
    ratio = next(one.found for one in judge(found.figures) if one.target.peer == "floor" and one.found)
    assert (ratio.low, ratio.high) == (2.0, 3.0)


def test_a_reader_is_told_of_a_generator_at_its_limit() -> None:
    found = Results()
    found.add("p99", RAPPORT, 0.1, strained=True)
    found.add("p99", RAPPORT, 0.1, strained=False)
    found.add("p99", FLOOR, 0.1, strained=False)
    assert found.warnings() == ["p99, Rapport: the generator was at its limit in 1 of 2 alternations"]


def test_a_fault_is_told_first() -> None:
    found = Results(faults=["alternation 1/2  Rapport: it fell over"])
    found.add("p99", RAPPORT, 0.1, strained=True)
    assert found.warnings()[0] == "alternation 1/2  Rapport: it fell over"


def test_columns_that_a_target_concerns_take_part_in_every_alternation() -> None:
    plan = Plan(ALL, Sizes(), 5, share_out({0, 1}))
    turns = {one.name: sum(plan.takes_part(one, number) for number in range(5)) for one in ALL}
    assert turns == {"floor": 5, "node": 5, "stock": 3, "engine": 3, "rapport": 5}


def test_a_quick_run_lets_thousands_arrive_once() -> None:
    plan = Plan(ALL, Sizes(), 2, share_out({0, 1}), arrivals=1)
    assert ["connect" in plan.groups_of(number) for number in range(2)] == [True, False]
    assert "relay" in plan.groups_of(1)
