"""Booking over HTTP: looking for a free start in a year of a busy coach, wanting the same one as others, and both mixed."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from loadtests.load.crew import Crew
from loadtests.load.crews.booking import Contenders, Market, PracticeShare, Searches
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
#: Starts that the console asks for at once.
PAGE = 1_000
#: Milliseconds in which 99 of 100 are to be answered.
READ, BOOKING = 50.0, 200.0


class Starts(Scenario):
    """Clients look for a start from some day on, to the end of the year."""

    name = "starts"
    summary = "clients search a year of a busy coach for free starts"
    sockets_are = "clients who search"
    rate_is = "searches a second"
    sockets, rate = 40, 100.0
    headline = "found"
    counted, offered = "found", "asked"
    targets: ClassVar[Mapping[str, float]] = {"found": READ}
    crew: ClassVar[type[Crew]] = Searches

    #: Each load has coaches of its own: what one books would change what another finds.
    first_coach: ClassVar[int] = 0
    #: Starts that a search asks for.
    limit: ClassVar[int] = 100

    def needs(self, wish: Wish) -> Needs:
        """A coach for each process, and clients enough for the rate."""
        if wish.rate <= 0 or wish.sockets < wish.processes:
            raise ValueError(f"{self.name} takes a rate, and a client for each process.")
        if wish.rate > EACH * wish.sockets:
            raise ValueError(
                f"A server takes 300 requests a minute from one person: {wish.rate:g} a second need "
                f"--sockets {-(-int(wish.rate * 10) // int(EACH * 10))}."
            )
        return Needs(wish.sockets, (self.first_coach + 1) * wish.processes, trusted=True)

    def shares(self, wish: Wish, cast: Cast) -> Sequence[Any]:
        """A coach and their clients."""
        coaches = cast.coaches[self.first_coach * wish.processes :]
        return [
            PracticeShare(
                who(coach), tuple(who(one) for one in clients), wish.target.url, BOOKINGS, self.limit, AT_ONCE
            )
            for coach, clients in zip(coaches, dealt(cast.clients, wish.processes), strict=False)
        ]

    def faults(self, opened: Tally, found: Tally) -> list[str]:
        """Everybody is answered, with something."""
        answers = ("found", "booked", "taken", "refused", "broken")
        lost = found.count("asked") - sum(found.count(answer) for answer in answers)
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
    targets: ClassVar[Mapping[str, float]] = {"booked": BOOKING}
    crew = Contenders
    first_coach = 1

    def faults(self, opened: Tally, found: Tally) -> list[str]:
        """Every start is booked, once; everybody else is told that it is taken."""
        return [*not_let_in(opened), *not_let_in(found, "not answered"), *_sold(found)]


class Mixed(Starts):
    """What people do: most look, some book, and two do not book the same."""

    name = "market"
    summary = (
        "nine clients search weeks and months of a busy coach while one of four gets the start they all want"
    )
    sockets_are = "clients who search and book"
    rate_is = "requests a second, one in ten to book"
    targets: ClassVar[Mapping[str, float]] = {"found": READ, "booked": BOOKING, "taken": BOOKING}
    crew = Market
    first_coach = 2
    limit = PAGE

    def faults(self, opened: Tally, found: Tally) -> list[str]:
        """All that is expected of searches and of bookings."""
        return [*super().faults(opened, found), *_sold(found)]


def _sold(found: Tally) -> list[str]:
    """What should not have become of starts that several wanted."""
    more = found.count("booked") - found.count("wanted")
    return [
        *some(max(0, -more), "starts were booked by nobody"),
        *some(max(0, more), "starts were sold twice"),
        *some(found.count("nothing free"), "starts were wanted when the year was full"),
    ]
