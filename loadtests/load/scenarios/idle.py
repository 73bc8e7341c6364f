"""Open tabs: how many a server holds, and how fast they all come back."""

from collections.abc import Sequence
from typing import Any

from loadtests.load.crews.storm import Storm
from loadtests.load.crews.tabs import Tab, Tabs, TabsShare
from loadtests.load.generator import dealt
from loadtests.load.scenarios.base import Cast, Needs, Scenario, Wish, not_let_in, some
from loadtests.load.tally import Tally

#: Tabs of one person; a server takes twenty.
TABS_EACH = 10
#: How many connect at the same time, over all processes.
AT_ONCE = 40


class Idle(Scenario):
    """Tabs that are connected, authenticated, and told nothing."""

    name = "idle"
    summary = "tabs that just sit there: memory, pings, and what connecting costs"
    headline = "ready"
    counted = "stayed"
    sockets = 1_000
    crew = Tabs

    def needs(self, wish: Wish) -> Needs:
        """A person for every ten tabs."""
        return Needs(clients=-(-wish.sockets // TABS_EACH))

    def shares(self, wish: Wish, cast: Cast) -> Sequence[Any]:
        """Tabs in turn."""
        people = cast.clients
        tabs = [
            Tab(people[n % len(people)].token, wish.target.url, (), people[n % len(people)].source)
            for n in range(wish.sockets)
        ]
        return [
            TabsShare(share, at_once=max(1, AT_ONCE // wish.processes))
            for share in dealt(tabs, wish.processes)
        ]

    def faults(self, opened: Tally, found: Tally) -> list[str]:
        """Nobody is turned away or thrown out."""
        return not_let_in(opened) + some(found.count("gone"), "connections were lost")


class Herd(Idle):
    """Everybody is cut off at once, and comes back."""

    name = "storm"
    summary = "everybody is cut off at once and comes back; --rate spreads the return over time"
    rate_is = "returns a second; 0: all at once"
    headline = "back"
    counted = "back"
    crew = Storm

    def faults(self, opened: Tally, found: Tally) -> list[str]:
        """Everybody is back."""
        return not_let_in(opened) + not_let_in(found) + some(found.count("gone"), "did not come back")
