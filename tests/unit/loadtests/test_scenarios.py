"""What scenarios ask for, and what they call a fault."""

from dataclasses import replace

import pytest

from loadtests.load.people import Person
from loadtests.load.run import most_of
from loadtests.load.scenarios import SCENARIOS
from loadtests.load.scenarios.base import Cast, Wish
from loadtests.load.tally import Tally
from loadtests.load.target import Target

TARGET = Target("http://127.0.0.1:8080", "1", 1.0, cooldown=1.0, sandbox=True)


def wish(name: str, **options: float) -> Wish:
    scenario = SCENARIOS[name]
    given = {"sockets": scenario.sockets, "rate": scenario.rate, "seconds": 5.0} | options
    return Wish(TARGET, int(given["sockets"]), given["rate"], given["seconds"])


def cast(name: str, asked: Wish) -> Cast:
    needs = SCENARIOS[name].needs(asked)
    return Cast(
        [Person(f"c{n}", "", "client", n, token=f"c{n}") for n in range(needs.clients)],
        [Person(f"d{n}", "", "coach", n, token=f"d{n}", coach_id=f"{n:024}") for n in range(needs.coaches)],
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_runs_as_it_is_with_a_share_for_each_process(name: str) -> None:
    scenario, asked = SCENARIOS[name], wish(name)

    shares = scenario.shares(asked, cast(name, asked))

    assert scenario.name == name
    assert len(shares) == asked.processes
    assert all(isinstance(share, scenario.crew.Share) for share in shares)
    assert scenario.faults(Tally(), Tally()) == []


@pytest.mark.parametrize("name", ["idle", "storm", "fanout", "slow"])
def test_every_socket_is_in_one_share_and_nobody_has_more_than_a_server_takes(name: str) -> None:
    asked = wish(name, sockets=501)

    shares = SCENARIOS[name].shares(asked, cast(name, asked))

    tokens = [tab.token for share in shares for tab in share.tabs]
    assert len(tokens) == 501
    assert max(tokens.count(token) for token in set(tokens)) <= 20


def test_a_tenth_reads_nothing_among_the_slow() -> None:
    asked = wish("slow", sockets=200)

    assert sum(share.slow for share in SCENARIOS["slow"].shares(asked, cast("slow", asked))) == 20


def test_more_signals_than_one_socket_may_send_need_more_sockets() -> None:
    with pytest.raises(ValueError, match="--sockets 24"):
        SCENARIOS["signal"].needs(wish("signal", sockets=10, rate=1_000))


def test_more_searches_than_one_person_may_make_need_more_people() -> None:
    with pytest.raises(ValueError, match="--sockets 23"):
        SCENARIOS["starts"].needs(wish("starts", sockets=10, rate=100))


def test_what_one_load_books_does_not_change_what_the_other_finds() -> None:
    coaches = [
        {share.coach.coach_id for share in SCENARIOS[name].shares(asked, cast(name, asked))}
        for name in ("starts", "book", "market")
        for asked in (wish(name),)
    ]

    assert len(set.union(*coaches)) == sum(len(some) for some in coaches)


def test_calls_that_would_find_nobody_free_are_refused_before_they_begin() -> None:
    with pytest.raises(ValueError, match="--sockets 320"):
        SCENARIOS["calls"].needs(wish("calls", sockets=40, rate=10))


def test_calls_as_they_are_fit_the_usual_rest_of_a_coach() -> None:
    asked = wish("calls")

    SCENARIOS["calls"].needs(replace(asked, target=replace(asked.target, cooldown=60.0)))


def test_calls_are_not_made_where_money_is_real() -> None:
    asked = replace(wish("calls"), target=replace(TARGET, sandbox=False))

    with pytest.raises(ValueError, match="real money"):
        SCENARIOS["calls"].needs(asked)


def test_a_search_stops_where_the_rules_do() -> None:
    assert most_of(SCENARIOS["signal"], wish("signal", sockets=20, rate=10)) == pytest.approx(900, rel=0.01)
    fanout = SCENARIOS["fanout"]
    assert most_of(fanout, fanout.widest(wish("fanout", rate=2))) == pytest.approx(32, rel=0.01)
    assert most_of(SCENARIOS["storm"], wish("storm", rate=10)) == float("inf")


@pytest.mark.parametrize(
    ("name", "counts", "fault"),
    [
        ("idle", {"gone": 1}, "1 connections were lost"),
        ("signal", {"sent": 10, "received": 9, "lost": 1}, "1 signals were lost"),
        ("signal", {"unanswered": 2}, "2 signals were never acknowledged"),
        ("signal", {"refused": 3}, "3 signals were refused"),
        ("signal", {"disordered": 4}, "4 signals came out of order"),
        ("fanout", {"changed": 3, "watching": 10, "received": 29}, "1 deliveries are missing"),
        (
            "calls",
            {"calls": 3, "ended": 2, "refused: COACH_BUSY": 1},
            "1 was cut short (refused: COACH_BUSY)",
        ),
        ("calls", {"waited": 2}, "2 calls found no couple free"),
        ("storm", {"gone": 5}, "5 did not come back"),
        ("starts", {"asked": 3, "found": 2, "starts": 9}, "1 searches came to nothing"),
        ("starts", {"asked": 3, "found": 3}, "3 searches found no start at all"),
        ("book", {"wanted": 2, "booked": 3}, "1 starts were sold twice"),
        ("book", {"wanted": 2, "booked": 1}, "1 starts were booked by nobody"),
        ("market", {"wanted": 2, "booked": 3}, "1 starts were sold twice"),
        (
            "market",
            {"asked": 9, "found": 4, "starts": 9, "booked": 1, "taken": 3},
            "1 searches came to nothing",
        ),
        ("book", {"refused: UNAVAILABLE": 1}, "1 was not answered (refused: UNAVAILABLE)"),
    ],
)
def test_what_is_missing_is_a_fault(name: str, counts: dict[str, int], fault: str) -> None:
    assert any(told.startswith(fault) for told in SCENARIOS[name].faults(Tally(), Tally(counts)))
