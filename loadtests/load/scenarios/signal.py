"""Signaling in calls: two participants each, who send ICE candidates of 800 bytes and are acknowledged each."""

from collections.abc import Sequence
from typing import Any

from loadtests.load.crew import Window
from loadtests.load.crews.call import Couple, Who
from loadtests.load.crews.calls import CouplesShare, Signals
from loadtests.load.generator import dealt
from loadtests.load.people import Person
from loadtests.load.scenarios.base import Cast, Needs, Scenario, Wish, not_let_in, some
from loadtests.load.tally import Tally

#: Signals a second that a server takes from one socket, less a little.
EACH = 45


class Signal(Scenario):
    """Pairs in real calls: rung, accepted, proven, metered; and then signals."""

    name = "signal"
    summary = "pairs in calls that send each other ICE candidates, each acknowledged"
    sockets_are = "connections on /live, two for each call"
    rate_is = "signals a second, of all together"
    sockets, rate = 40, 400.0
    headline = "delivery"
    counted, offered = "received", "sent"
    crew = Signals

    def needs(self, wish: Wish) -> Needs:
        """A client and a coach for each pair."""
        if wish.sockets < 2 or wish.rate <= 0:
            raise ValueError("signal takes at least two sockets and a rate.")
        if wish.rate > EACH * wish.sockets:
            fit = -(-int(wish.rate) // EACH)
            raise ValueError(
                f"A server takes 50 signals a second from one socket: {wish.rate:g} a second need --sockets {fit + fit % 2}."
            )
        return Needs(wish.sockets // 2, wish.sockets // 2, trusted=True)

    def shares(self, wish: Wish, cast: Cast) -> Sequence[Any]:
        """Couples in turn."""
        return [CouplesShare(share) for share in dealt(couples(wish, cast), wish.processes)]

    def window(self, wish: Wish) -> Window:
        """With acknowledgements, as clients ask for."""
        return Window(wish.seconds, rate=wish.rate, acks=True)

    def faults(self, opened: Tally, found: Tally) -> list[str]:
        """Everything arrives, once and in order, and is answered."""
        return [
            *not_let_in(opened, "not brought into a call"),
            *some(found.count("lost"), "signals were lost"),
            *some(found.count("unanswered"), "signals were never acknowledged"),
            *some(found.count("refused"), "signals were refused"),
            *some(found.count("disordered"), "signals came out of order"),
            *some(found.count("gone"), "connections were lost"),
        ]


def couples(wish: Wish, cast: Cast) -> list[Couple]:
    """Client and coach, side by side."""
    pairs = zip(cast.clients, cast.coaches, strict=True)
    return [Couple(who(client), who(coach), wish.target.url) for client, coach in pairs]


def who(person: Person) -> Who:
    """What a generator process needs of somebody."""
    return Who(person.token, person.source, person.coach_id)
