"""Whole calls, one after the other: ring, accept, handshake, media proven, signals, ticks, end."""

import math
from collections.abc import Sequence
from typing import Any

from loadtests.load.crews.calls import Calls, CouplesShare
from loadtests.load.generator import dealt
from loadtests.load.scenarios.base import Cast, Needs, Scenario, Wish, not_let_in, some
from loadtests.load.scenarios.signal import couples
from loadtests.load.tally import Tally

#: Seconds in which a call is set up and ended, at most, when a server is well.
AROUND = 2.0
#: Sockets of a couple in a call: a tab each, a dedicated socket each.
SOCKETS_EACH = 4


class WholeCalls(Scenario):
    """Calls are begun at a rate, whatever became of those before."""

    name = "calls"
    summary = "whole calls: ring, accept, handshake, signals, ticks, end"
    sockets_are = "connections, four for each call at a time"
    rate_is = "calls begun a second"
    #: what a coach's usual rest of a minute leaves room for
    sockets, rate = 80, 0.25
    headline = "setup"
    counted, offered = "ended", "calls"
    crew = Calls

    def needs(self, wish: Wish) -> Needs:
        """As many couples as there are sockets for; they must suffice for the rate."""
        if wish.rate <= 0:
            raise ValueError("calls takes a rate.")
        if not wish.target.sandbox:
            raise ValueError("This server takes real money: calls are loaded with the sandbox only.")
        there = wish.sockets // SOCKETS_EACH
        wanted = math.ceil(wish.rate * (wish.talk + wish.target.cooldown + AROUND))
        if there < wanted:
            raise ValueError(
                f"{wish.rate:g} calls a second of {wish.talk:g} s, each followed by the coach's rest of "
                f"{wish.target.cooldown:g} s, need --sockets {wanted * SOCKETS_EACH} (RAPPORT_CALL_COOLDOWN=0 on the "
                f"server, or a shorter --talk, needs fewer)."
            )
        return Needs(there, there, trusted=True)

    def shares(self, wish: Wish, cast: Cast) -> Sequence[Any]:
        """Couples in turn."""
        rest = wish.target.cooldown + 0.25 if wish.target.cooldown else 0.0
        return [
            CouplesShare(share, talk=wish.talk, rest=rest)
            for share in dealt(couples(wish, cast), wish.processes)
        ]

    def faults(self, opened: Tally, found: Tally) -> list[str]:
        """Every call begins and ends as it should, and every signal in it arrives."""
        lost = found.count("sent") - found.count("received") if not found.count("refused") else 0
        return [
            *not_let_in(opened),
            *not_let_in(found, "cut short"),
            *some(found.count("unfinished"), "calls did not end in time"),
            *some(found.count("calls") - found.count("ended"), "calls did not go as they should"),
            *some(lost, "signals were lost"),
            *some(found.count("waited"), "calls found no couple free: take more --sockets"),
        ]
