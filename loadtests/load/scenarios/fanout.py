"""Presence: coaches change their rate, everybody who watches them is told."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from loadtests.load.crews.statuses import Statuses, StatusesShare
from loadtests.load.crews.tabs import Tab
from loadtests.load.generator import dealt
from loadtests.load.scenarios.base import Cast, Needs, Scenario, Wish, not_let_in, some
from loadtests.load.scenarios.idle import TABS_EACH
from loadtests.load.scenarios.signal import who
from loadtests.load.tally import Tally

#: Changes a second that a server takes from one coach (30 a minute), less a little.
EACH = 0.4
#: How many coaches one tab watches, at most.
MOST = 200
AT_ONCE = 40
#: A search goes so far beyond its first rate.
WIDER = 16


class FanOut(Scenario):
    """Every tab watches every coach."""

    name = "fanout"
    summary = "coaches change, and every tab that watches them is told"
    sockets_are = "tabs that watch"
    rate_is = "changes a second, of all coaches together; each is told to every tab"
    sockets, rate = 500, 4.0
    headline = "delivery"
    counted = "received"
    crew = Statuses

    def needs(self, wish: Wish) -> Needs:
        """Coaches enough for the rate, and a person for every ten tabs."""
        if wish.rate <= 0 or wish.rate > MOST * EACH:
            raise ValueError(
                f"{self.name} takes a rate above 0, and of at most {MOST * EACH:g} changes a second."
            )
        return Needs(-(-wish.sockets // TABS_EACH), math.ceil(wish.rate / EACH), trusted=True)

    def widest(self, wish: Wish) -> Wish:
        """Coaches for several doublings of the rate."""
        return replace(wish, rate=min(MOST * EACH, wish.rate * WIDER))

    def slow(self, tabs: int) -> int:
        """How many of them stop reading."""
        return 0

    def shares(self, wish: Wish, cast: Cast) -> Sequence[Any]:
        """Tabs and coaches in turn."""
        ids, people = tuple(coach.coach_id for coach in cast.coaches), cast.clients
        tabs = [
            Tab(people[n % len(people)].token, wish.target.url, ids, people[n % len(people)].source)
            for n in range(wish.sockets)
        ]
        processes = min(wish.processes, len(tabs), len(cast.coaches))
        deals = zip(dealt(tabs, processes), dealt(cast.coaches, processes), strict=True)
        return [
            StatusesShare(
                its, tuple(who(coach) for coach in coaches), wish.target.url,
                max(1, AT_ONCE // processes), self.slow(len(its)),
            )
            for its, coaches in deals
        ]  # fmt: skip

    def faults(self, opened: Tally, found: Tally) -> list[str]:
        """Every change reaches every reader."""
        lost = found.count("changed") * found.count("watching") - found.count("received")
        return [
            *not_let_in(opened),
            *not_let_in(found),
            *some(max(0, lost), "deliveries are missing"),
            *some(found.count("gone"), "readers lost their connection"),
        ]


class SlowReaders(FanOut):
    """A tenth of the tabs stop reading, half-way; the others should not notice."""

    name = "slow"
    summary = "as fanout, while from half-way on a tenth of the tabs reads nothing"
    rate = 8.0

    def slow(self, tabs: int) -> int:
        """A tenth, one at least."""
        return max(1, tabs // 10)
