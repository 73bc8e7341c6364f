"""Booking over HTTP: looking for a free start in a year of a busy coach, and wanting the same one as others."""

from collections.abc import Sequence
from typing import Any, ClassVar

from loadtests.load.crew import Crew
from loadtests.load.crews.booking import Contenders, PracticeShare, Searches
from loadtests.load.generator import dealt
from loadtests.load.scenarios.base import Cast, Needs, Scenario, Wish, not_let_in, some
from loadtests.load.scenarios.signal import who
from loadtests.load.tally import Tally

#: Requests a second that a server takes from one person (300 a minute), less a little.
EACH = 4.5
#: What a coach has booked already, three a day.
BOOKINGS = 1_000
#: How many want one start.
AT_ONCE = 4


class Starts(Scenario):
    """Clients look for a start from some day on, to the end of the year."""

    name = "starts"
    summary = "clients search a year of a busy coach for free starts"
    sockets_are = "clients who search"
    rate_is = "searches a second"
    sockets, rate = 40, 100.0
    headline = "found"
    counted, offered = "found", "asked"
    crew: ClassVar[type[Crew]] = Searches

    #: Coaches are looked at or booked, not both: what one load books would change what the other finds.
    first_coach: ClassVar[int] = 0

    def needs(self, wish: Wish) -> Needs:
        """A coach for each process, and clients enough for the rate."""
        if wish.rate <= 0 or wish.sockets < wish.processes:
            raise ValueError(f"{self.name} takes a rate, and a client for each process.")
        if wish.rate > EACH * wish.sockets:
            raise ValueError(
                f"A server takes 300 requests a minute from one person: {wish.rate:g} a second need "
                f"--sockets {-(-int(wish.rate * 10) // int(EACH * 10))}."
            )
        return Needs(wish.sockets, 2 * wish.processes, trusted=True)

    def shares(self, wish: Wish, cast: Cast) -> Sequence[Any]:
        """A coach and their clients."""
        coaches = cast.coaches[self.first_coach * wish.processes :]
        return [
            PracticeShare(
                who(coach), tuple(who(one) for one in clients), wish.target.url, BOOKINGS, at_once=AT_ONCE
            )
            for coach, clients in zip(coaches, dealt(cast.clients, wish.processes), strict=False)
        ]

    def faults(self, opened: Tally, found: Tally) -> list[str]:
        """Everybody is answered, with something."""
        lost = found.count("asked") - found.count("found") - found.count("refused") - found.count("broken")
        return [
            *not_let_in(opened),
            *not_let_in(found, "not answered"),
            *some(lost, "searches came to nothing"),
            *some(found.count("found") if not found.count("starts") else 0, "searches found no start at all"),
        ]


class Book(Starts):
    """Of all who want a start, one gets it."""

    name = "book"
    summary = "groups of four clients want the same start at the same instant; one gets it"
    sockets_are = "clients who book"
    rate_is = "attempts to book a second, four for each start"
    headline = "booked"
    counted, offered = "booked", "asked"
    crew = Contenders
    first_coach = 1

    def faults(self, opened: Tally, found: Tally) -> list[str]:
        """Every start is booked, once; everybody else is told that it is taken."""
        more = found.count("booked") - found.count("starts")
        return [
            *not_let_in(opened),
            *not_let_in(found, "not answered"),
            *some(max(0, -more), "starts were booked by nobody"),
            *some(max(0, more), "starts were sold twice"),
            *some(found.count("nothing free"), "starts were wanted when the year was full"),
        ]
