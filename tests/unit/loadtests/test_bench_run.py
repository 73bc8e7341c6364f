"""What a run keeps of alternations in which something failed."""

from loadtests.bench.columns import FLOOR, RAPPORT
from loadtests.bench.run import Results
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
